"""Fire due timers until told to stop."""

from django.core.management.base import BaseCommand

from governance import timers


class Command(BaseCommand):
    help = "Fire durable deadlines as they fall due; runs until SIGTERM."

    def handle(self, *args, **options):
        timers.run_forever()
