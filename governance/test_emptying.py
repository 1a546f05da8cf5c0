"""Emptying the test database after tests that commit: only the tables that hold rows.

Django truncates every table of every app (a second of the server's time, each time), makes its content types and
permissions again, and would do so more than a hundred times. Here rows are deleted where there are any. The result is
the same: nothing but content types and permissions, which belong to the tables and stay.
"""

from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction
from django.test import TransactionTestCase

KEPT = {ContentType._meta.db_table, Permission._meta.db_table}
_flush = TransactionTestCase._fixture_teardown


def filled() -> set[str]:
    """Return the tables of our models, and of the libraries', that hold rows; one statement."""
    tables = connection.introspection.django_table_names(only_existing=True, include_views=False)
    name = connection.ops.quote_name
    asked = " UNION ALL ".join(f"SELECT '{table}' WHERE EXISTS (SELECT FROM {name(table)})" for table in tables)
    with connection.cursor() as cursor:
        cursor.execute(asked)
        return {row[0] for row in cursor.fetchall()}


def guarded() -> set[str]:
    """Return the tables with a trigger of ours on deletion: it refuses, or writes down what to count anew."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT relname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid"
            " WHERE NOT tgisinternal AND tgtype & 8 <> 0"  # bit 3 of tgtype: ON DELETE
        )
        return {row[0] for row in cursor.fetchall()}


def empty() -> None:
    """Delete all rows but those that belong to the tables themselves; triggers on deletion are asleep meanwhile."""
    tables = filled() - KEPT
    sleeping = tables & guarded()
    name = connection.ops.quote_name
    with transaction.atomic(), connection.cursor() as cursor:
        for table in sleeping:
            cursor.execute(f"ALTER TABLE {name(table)} DISABLE TRIGGER USER")
        # Foreign keys are checked at the end, so the order is all the same.
        for table in tables:
            cursor.execute(f"DELETE FROM {name(table)}")
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in sleeping:
            cursor.execute(f"ALTER TABLE {name(table)} ENABLE TRIGGER USER")


def _emptied(test: TransactionTestCase) -> None:
    """Stand in for Django's own emptying, except where a test asks for something special."""
    special = test.available_apps is not None or test.reset_sequences or test.serialized_rollback
    if special:
        _flush(test)
    else:
        empty()


def replace_flush() -> None:
    """Let all tests that commit be emptied after in this way."""
    TransactionTestCase._fixture_teardown = _emptied
