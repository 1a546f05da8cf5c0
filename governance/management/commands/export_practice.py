"""``manage.py export_practice FILE --as USERNAME``: what this place has configured, without personal data."""

import json
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from governance.errors import Refused
from governance.models import User
from governance.practice.package import written
from governance.practice.registry import parts


class Command(BaseCommand):
    help = "Write a practice package (standards, profiles, formulas ...) that another place can import."

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path)
        parser.add_argument("--as", dest="username", required=True, help="an administrator of the whole city")
        parser.add_argument("--title", default="")
        parser.add_argument("--part", action="append", default=[], help="only this part; may be repeated")

    def handle(self, *, file, username, title, part, **_options):
        actor = User.objects.filter(username=username, is_system=False).first()
        if actor is None:
            raise CommandError(f"there is nobody called {username}")
        try:
            package = written(actor=actor, title=title, only=part)
        except Refused as error:
            raise CommandError(str(error.detail)) from error
        file.write_text(json.dumps(package, ensure_ascii=False, indent=1) + "\n")
        for one in parts():
            if one.key in package["parts"]:
                print(f"{one.label}: {len(package['parts'][one.key])}")
