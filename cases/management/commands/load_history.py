"""``manage.py load_history``: some weeks of cases for an empty demo city."""

from django.core.management.base import BaseCommand, CommandError

from cases.demo_history import load_history


class Command(BaseCommand):
    help = "Write some weeks of invented cases. Only for a database of the demo city that has no cases yet."

    def add_arguments(self, parser):
        parser.add_argument("--seed", type=int, default=990100, help="another number gives another history")
        parser.add_argument("--share", type=float, default=1.0, help="0.2 makes about a fifth of the cases")

    def handle(self, *, seed, share, **options):
        try:
            number = load_history(seed=seed, share=share)
        except RuntimeError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{number} cases")
