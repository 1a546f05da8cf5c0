"""``manage.py issue_device_key``: a key with which a device or gateway sends readings."""

from datetime import timedelta

from django.core.management.base import BaseCommand, CommandError

from devices.keys import OVERLAP, key_issue
from devices.models import Device, Gateway
from governance.errors import Refused
from governance.models import User


class Command(BaseCommand):
    help = "Makes a key for a device (or gateway) and prints it once; only its hash is kept. Older keys run out."

    def add_arguments(self, parser):
        parser.add_argument("code", help="code of the device, such as MC-001")
        parser.add_argument("--gateway", action="store_true", help="the code is a gateway's")
        parser.add_argument(
            "--overlap",
            type=float,
            default=OVERLAP / timedelta(hours=1),
            metavar="HOURS",
            help="hours for which older keys stay valid (default %(default)g; 0: they end now)",
        )

    def handle(self, *args, code, gateway, overlap, **options):
        owner = (Gateway if gateway else Device).objects.filter(code=code).first()
        if owner is None:
            raise CommandError(f"there is no {'gateway' if gateway else 'device'} “{code}”")
        try:
            span = timedelta(hours=overlap)
        except (OverflowError, ValueError) as error:
            raise CommandError("--overlap must be a number of hours") from error
        try:
            _key, secret = key_issue(owner, actor=User.objects.system("devices"), overlap=span)
        except Refused as error:
            raise CommandError(error.detail) from error
        self.stdout.write(secret)
