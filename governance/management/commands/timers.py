"""Fire due timers until told to stop."""

from django.core.management.base import BaseCommand

from governance import timers
from governance.memory import settle


class Command(BaseCommand):
    help = "Fire durable deadlines as they fall due; runs until SIGTERM."

    def handle(self, *args, **options):
        settle()
        timers.run_forever()
