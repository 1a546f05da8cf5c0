"""``manage.py check_ledger``: compute the invariants of the points bank anew; exit code 1 where one is broken."""

from django.core.management.base import BaseCommand, CommandError

from partners.ledger.audit import CHECKS, invariants_broken


class Command(BaseCommand):
    help = "Compute the invariants of the points bank anew from its rows."

    def handle(self, *args, **options):
        broken = invariants_broken()
        if broken:
            raise CommandError("\n".join(broken), returncode=1)
        self.stdout.write(f"{len(CHECKS)} checks, all hold.")
