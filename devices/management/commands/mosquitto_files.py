"""``manage.py mosquitto_files``: the files by which a Mosquitto without a plugin lets devices in."""

import sys
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from devices.mqtt.mosquitto import files_write
from governance.errors import Invalid


class Command(BaseCommand):
    help = "Writes “passwords” and “acl” for Mosquitto (docs/mqtt.md); tell it to read them anew by SIGHUP."

    def add_arguments(self, parser):
        parser.add_argument("folder", type=Path, help="where the files are, such as /etc/mosquitto/jiceng")
        parser.add_argument(
            "--keys",
            action="store_true",
            help="add the keys on the standard input, one a line, as issue_device_key prints",
        )

    def handle(self, *args, folder: Path, keys, **options):
        if not folder.is_dir():
            raise CommandError(f"there is no folder {folder}")
        secrets = [line.strip() for line in sys.stdin if line.strip()] if keys else []
        try:
            written = files_write(folder, secrets)
        except Invalid as error:
            raise CommandError(f"{error.field}: {error.detail}") from error
        for name in written.removed:
            self.stdout.write(f"{name}: its key is not in force any more")
        self.stdout.write(f"{written.names} names")
