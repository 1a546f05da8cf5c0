"""``manage.py issue_api_token``: a token with which a machine signs in to the API."""

from datetime import timedelta

from django.core.management.base import BaseCommand, CommandError
from knox.models import get_token_model

from governance.models import User


class Command(BaseCommand):
    help = "Makes a token for the API and prints it once; only its hash is kept. The roles are the user's appointments."

    def add_arguments(self, parser):
        parser.add_argument("username", help="user the token signs in as")
        parser.add_argument("--days", type=int, help="days until it expires; without this it does not")

    def handle(self, *args, username, days, **options):
        user = User.objects.filter(username=username).first()
        if user is None:
            raise CommandError(f"there is no user “{username}”")
        if user.is_system or not user.is_active:
            raise CommandError(f"“{username}” cannot sign in (system actor or not active)")
        if days is not None and days < 1:
            raise CommandError("--days must be 1 or more")
        _row, token = get_token_model().objects.create(user, expiry=timedelta(days=days) if days else None)
        self.stdout.write(token)
