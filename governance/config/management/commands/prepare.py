"""``manage.py prepare``: make the database ready for the other processes; run before each start."""

from django.core.management.base import BaseCommand

from governance.config.preparation import prepare


class Command(BaseCommand):
    help = "Create or update the tables, load reference data and, once, the fictional demo city."
    requires_system_checks = ()
    requires_migrations_checks = False

    def add_arguments(self, parser):
        parser.add_argument("--share", type=float, default=1.0, help="part of the demo history to write, above 0 to 1")

    def handle(self, *, share, **options):
        prepare(say=self.stdout.write, share=share)
