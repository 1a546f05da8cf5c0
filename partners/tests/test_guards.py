"""The database keeps the invariants itself, against anybody with SQL in hand."""

from datetime import timedelta

import pytest
from django.db import Error, connection, transaction
from django.utils import timezone

from partners.ledger.audit import invariants_broken
from partners.ledger.holds import hold_place
from partners.ledger.points import points_spend
from partners.ledger.reversals import transfer_reverse

pytestmark = pytest.mark.django_db
TRANSFER = """
INSERT INTO partners_transfer (kind, key, fingerprint, account_id, area_id, amount, actor_id, reason, evidence_type,
    occurred_at, reverses_id)
SELECT '{kind}', '{key}', repeat('0', 64), account_id, area_id, {amount}, actor_id, 'raw', '', now(), {reverses}
FROM partners_transfer WHERE id = {first} RETURNING id
"""


INTO = """
INSERT INTO partners_entry (transfer_id, account_id, part, amount) SELECT max(id), {}, '{}', {} FROM partners_transfer
"""


def sql(*statements: str) -> None:
    """Run statements and look at what is looked at when a transaction commits."""
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


@pytest.fixture
def booked(bank):
    """Ten points earned, two spent, three set aside, and the spending reversed."""
    made = {"earned": bank.earn("lawyer", 10, expires_on=timezone.localdate())}
    lawyer = bank.account("lawyer")
    wish = {"actor": bank.user("lawyer"), "reason": "room"}
    made["spent"] = points_spend(lawyer, amount=2, key="spend", **wish)
    made["hold"] = hold_place(lawyer, amount=3, key="hold", until=timezone.now() + timedelta(days=1), **wish)
    made["reversed"] = transfer_reverse(made["spent"], actor=bank.staff, reason="returned")
    sql()
    return made


def test_what_was_booked_is_neither_changed_nor_deleted_nor_written_by_hand(bank, booked):
    first, lawyer = booked["earned"].pk, bank.account("lawyer").pk
    pool = booked["earned"].entries.get(amount__lt=0).account_id
    raw = TRANSFER.format(kind="{kind}", key="raw", amount="{amount}", first=first, reverses="{reverses}")
    spend = raw.format(kind="spend", amount=1, reverses="NULL")
    into = INTO.format
    tables = ("transfer", "entry", "draw", "account", "lot", "hold", "adjustment")
    refused = [
        *([f"DELETE FROM partners_{table}"] for table in tables if table != "adjustment"),
        ["UPDATE partners_transfer SET amount = amount + 1"],
        ["UPDATE partners_transfer SET reason = 'other'"],
        ["UPDATE partners_entry SET amount = amount * 2"],
        ["UPDATE partners_draw SET amount = amount * 2"],
        [f"UPDATE partners_account SET available = available + 1 WHERE id = {lawyer}"],
        [f"UPDATE partners_account SET user_id = {bank.staff.pk} WHERE id = {lawyer}"],
        ["UPDATE partners_lot SET remaining = remaining - 1"],
        ["UPDATE partners_lot SET expires_on = expires_on + 30"],
        ["UPDATE partners_hold SET amount = 1"],
        [f"UPDATE partners_hold SET stage = 'voided', ended_id = {booked['spent'].pk}",
         "UPDATE partners_hold SET stage = 'open', ended_id = NULL"],
        # one leg only; legs that differ; more than there is; another community; nothing drawn; no such hold
        [spend],
        [spend, into(lawyer, "available", -1)],
        [spend, into(lawyer, "available", -1), into(pool, "available", 2)],
        [spend, into(lawyer, "available", -9), into(pool, "available", 9)],
        [spend, into(lawyer, "available", -1), into(bank.account("stranger").pk, "available", 1)],
        [spend, into(lawyer, "available", -1), into(pool, "available", 1)],
        [raw.format(kind="post", amount=3, reverses="NULL"), into(lawyer, "held", -3), into(pool, "available", 3)],
        # a second reversal, a key twice, an account filled by hand
        [raw.format(kind="reverse", amount=2, reverses=booked["spent"].pk)],
        [spend, spend],
        ["INSERT INTO partners_account (kind, area_id, user_id, available, held, owed, is_active)"
         f" SELECT 'member', area_id, {bank.staff.pk}, 5, 0, 0, true FROM partners_account WHERE id = {lawyer}"],
    ]  # fmt: skip
    for statements in refused:
        with pytest.raises(Error):
            sql(*statements)
    assert invariants_broken() == []


def test_truncate_is_refused_outside_a_test_database(booked):
    for table in ("transfer", "entry", "draw", "account", "lot", "hold", "adjustment"):
        with pytest.raises(Error) as refusal:
            sql("SET LOCAL jiceng.test_database = 'no'", f"TRUNCATE partners_{table} CASCADE")
        assert "only appends" in str(refusal.value)


def test_without_the_guards_the_audit_says_what_is_broken(bank, booked):
    """Take a guard away, do what it refuses, and look: each time the audit names that invariant."""
    lawyer, first = bank.account("lawyer").pk, booked["earned"].pk
    off = "ALTER TABLE partners_{} DISABLE TRIGGER USER".format
    overdraw = f"UPDATE partners_account SET available = -2 WHERE id = {lawyer}"
    second = TRANSFER.format(kind="reverse", key="raw", amount=2, first=first, reverses=booked["spent"].pk)
    cases = {
        "1 ": [off("entry"), f"UPDATE partners_entry SET amount = 99 WHERE transfer_id = {first} AND amount > 0"],
        "2 ": ["ALTER TABLE partners_account DROP CONSTRAINT account_never_overdrawn", off("account"), overdraw],
        "3 balance": [off("account"), f"UPDATE partners_account SET available = 99 WHERE id = {lawyer}"],
        "3 available": [off("lot"), "UPDATE partners_lot SET remaining = remaining - 1"],
        "3 set": [off("hold"), "UPDATE partners_hold SET amount = 1"],
        "4 draws": [off("draw"), f"DELETE FROM partners_draw WHERE transfer_id = {booked['spent'].pk}"],
        "4 lots": ["ALTER TABLE partners_lot DROP CONSTRAINT lot_within_granted", off("lot"),
                   "UPDATE partners_lot SET remaining = granted + 1"],
        "6 ": [off("transfer")],
        "7 ": ["ALTER TABLE partners_transfer DROP CONSTRAINT partners_transfer_reverses_id_key", off("transfer"),
               second],
        "8 ": [off("account"), f"UPDATE partners_account SET owed = 1 WHERE id = {lawyer}"],
    }  # fmt: skip
    for name, statements in cases.items():
        assert invariants_broken() == []
        with transaction.atomic(), connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
            assert any(line.startswith(name) for line in invariants_broken()), (name, invariants_broken())
            transaction.set_rollback(True)
