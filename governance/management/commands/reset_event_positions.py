"""After a restore into another server: make old events older than everything that happens from now on."""

from django.core.management.base import BaseCommand
from django.db import connection, transaction


class Command(BaseCommand):
    help = "After restoring a dump into a new server, before starting: reset the transaction ids kept on events."

    def handle(self, *args, **options):
        with transaction.atomic(), connection.cursor() as cursor:
            # The one place where events are touched: only their position for the live relay, never what they say.
            # The table stays locked until the trigger is back.
            cursor.execute("ALTER TABLE governance_event DISABLE TRIGGER event_append_only")
            cursor.execute("UPDATE governance_event SET tx = '3'::xid8 WHERE tx >= pg_current_xact_id()")
            changed = cursor.rowcount
            cursor.execute("ALTER TABLE governance_event ENABLE TRIGGER event_append_only")
        self.stdout.write(f"{changed} events moved before the present")
