"""``manage.py import_practice FILE --as USERNAME [--check]``: make another place's practice hold here."""

from collections import Counter
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from governance.errors import Refused
from governance.models import User
from governance.practice import package as practice


class Command(BaseCommand):
    help = "Show what a practice package would change here (--check), or change it: whole or not at all."

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path)
        parser.add_argument("--as", dest="username", required=True, help="an administrator of the whole city")
        parser.add_argument("--check", action="store_true", help="only show the differences")

    def handle(self, *, file, username, check, **_options):
        actor = User.objects.filter(username=username, is_system=False).first()
        if actor is None:
            raise CommandError(f"there is nobody called {username}")
        try:
            package = practice.read(file.read_bytes())
            found = (practice.differences if check else practice.apply)(package, actor=actor)
        except OSError as error:
            raise CommandError(f"{file}: {error.strerror}") from error
        except Refused as error:
            raise CommandError(str(error.detail)) from error
        for one in found:
            if one.action != "same":
                print(f"{one.action:6} {one.part} {one.title}")
                for name, before, after in one.fields:
                    print(f"       {name}: {before} → {after}")
        counts = Counter(one.action for one in found)
        print(
            f"add {counts['add']}, change {counts['change']}, same {counts['same']}"
            + (" (checked only)" if check else "")
        )
