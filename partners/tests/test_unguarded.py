"""What the guards of a balance are for: take them away, and two who spend the same points at once both have them.

The two guards: ``partners_take`` locks the account before it reads the lots; the check constraints refuse to go below 0
whoever writes. Spending is slowed down here between taking the points and commit, so that two surely meet.
"""

import threading
from importlib import import_module

import pytest
from django.db import IntegrityError, connection

from conftest import build_city
from governance.errors import Conflict
from partners.ledger.audit import invariants_broken
from partners.ledger.points import points_spend
from partners.models import Account
from partners.tests.bank import build_bank

pytestmark = pytest.mark.django_db(transaction=True)
TAKE = import_module("partners.migrations.0002_taking").TAKE.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")
CONSTRAINTS = {"partners_account": "account_never_overdrawn", "partners_lot": "lot_within_granted"}
ENTRIES = "    IF wanted_kind = 'hold' THEN\n        INSERT INTO partners_entry"
LOCK = " FOR NO KEY UPDATE"


def run(*statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def definition(name: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = %s", [name])
        return cursor.fetchone()[0]


@pytest.fixture
def guards():
    """Return how to take guards away; they are put back at the end, when no row is left that they would refuse."""
    kept = {(table, name): definition(name) for table, name in CONSTRAINTS.items()}
    assert TAKE.count(ENTRIES) == TAKE.count(LOCK) == 1

    def only(lock: bool, constraints: bool) -> None:
        slow = TAKE.replace(ENTRIES, f"    PERFORM pg_sleep(0.5);\n{ENTRIES}")
        run(slow if lock else slow.replace(LOCK, ""))
        if not constraints:
            run(*(f"ALTER TABLE {table} DROP CONSTRAINT {name}" for table, name in kept))

    yield only
    run("TRUNCATE partners_account CASCADE", TAKE)
    for (table, name), said in kept.items():
        run(f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {name}",
            f"ALTER TABLE {table} ADD CONSTRAINT {name} {said}")  # fmt: skip


def both_spend_all_there_is() -> tuple[list[str], int]:
    """Let two processes' worth of connections spend the same five points; return what they heard, and what is left."""
    bank = build_bank(build_city())
    bank.earn("lawyer", 5)
    account, actor, heard = bank.account("lawyer"), bank.user("lawyer"), []

    def spend(key: str) -> None:
        try:
            points_spend(account, actor=actor, amount=5, key=key, reason="room")
            heard.append("done")
        except (Conflict, IntegrityError) as refusal:
            heard.append(getattr(refusal, "code", "IntegrityError"))
        finally:
            connection.close()

    threads = [threading.Thread(target=spend, args=(key,)) for key in ("one", "two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return sorted(heard), Account.objects.get(pk=account.pk).available


def test_with_both_guards_one_is_told_that_there_are_not_enough(guards):
    guards(lock=True, constraints=True)
    assert both_spend_all_there_is() == (["done", "insufficient"], 0)
    assert invariants_broken() == []


def test_without_the_lock_the_constraints_still_refuse_but_nobody_is_told_why(guards):
    guards(lock=False, constraints=True)
    assert both_spend_all_there_is() == (["IntegrityError", "done"], 0)
    assert invariants_broken() == []


def test_without_either_the_points_are_spent_twice_and_the_check_says_so(guards):
    guards(lock=False, constraints=False)
    assert both_spend_all_there_is() == (["done", "done"], -5)
    assert any(line.startswith("2 nothing below 0") for line in invariants_broken())
