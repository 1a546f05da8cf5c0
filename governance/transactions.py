"""One transaction for what belongs together, however deep the services call each other."""

from collections.abc import Callable
from contextlib import contextmanager

from django.db import OperationalError, connection, transaction

HELD = "55P03"  # SQLSTATE lock_not_available


def atomically() -> transaction.Atomic:
    """Return ``transaction.atomic()`` for services: begins a transaction, or joins the caller's without a savepoint.

    A savepoint for every nested service would cost two statements each and hide mistakes: a refusal inside a larger
    piece of work undoes all of it. Whoever wants to go on after a refusal says so with a ``transaction.atomic()`` of
    its own around the call. Inside a test's own transaction it sets a savepoint, so that tests can look at what a
    refusal left behind.
    """
    of_caller = connection.atomic_blocks and not connection.atomic_blocks[-1]._from_testcase
    return transaction.atomic(savepoint=not of_caller)


@contextmanager
def lock_wait(longest: str):
    """Wait inside for each lock ``longest`` ("300ms") at most: OperationalError then. Inside a transaction only."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('lock_timeout')")
        (before,) = cursor.fetchone()
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [longest])
        yield
        # A statement that failed takes the setting back with its savepoint, or with all of the transaction.
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [before])


def is_free(lock: Callable[[], object]) -> bool:
    """Call what locks rows with ``nowait`` or within ``lock_wait``; tell whether it could: False where somebody holds
    them, and none is locked then. Inside a transaction only."""
    try:
        with transaction.atomic():
            lock()
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", None) != HELD:
            raise
        return False
    return True
