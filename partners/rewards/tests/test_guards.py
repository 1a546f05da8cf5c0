"""What the database refuses whoever writes, and what the audit finds where its guards are taken away."""

import pytest
from django.core.management import CommandError, call_command
from django.db import Error, connection, transaction

from partners.ledger.audit import invariants_broken
from partners.ledger.holds import hold_post, hold_void
from partners.ledger.reversals import transfer_reverse
from partners.models import Hold, Transfer

pytestmark = pytest.mark.django_db


def run(*statements) -> None:
    """Run statements as anybody with the database's password would, and let the deferred triggers look."""
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE partners_reward SET stocked = stocked + 100",
        "UPDATE partners_reward SET taken = 0",
        "UPDATE partners_reward SET kind = 'goods', merchant_id = NULL, pickup_place = 'x' WHERE code = 'ten'",
        "DELETE FROM partners_reward",
        "DELETE FROM partners_redemption",
        "UPDATE partners_redemption SET cost = 1",
        "UPDATE partners_redemption SET takes = false",
        "UPDATE partners_redemption SET state = 'fulfilled', ended_at = now()",
        "UPDATE partners_redemption SET state = 'timed_out', takes = false, ended_at = now()",
        "UPDATE partners_redemption SET until = until + interval '1 year'",
        "UPDATE partners_stockentry SET amount = 1000",
        "DELETE FROM partners_stockentry",
        "UPDATE partners_coupon SET digest = 'x'",
        "DELETE FROM partners_coupon",
        "INSERT INTO partners_stockentry (reward_id, area_id, kind, amount, note, entered_by_id)"
        " SELECT id, area_id, 'correction', -5, 'x', 1 FROM partners_reward WHERE code = 'ten'",
        "INSERT INTO partners_stockentry (reward_id, area_id, kind, amount, note, entered_by_id)"
        " SELECT id, area_id, 'receipt', 5, '', 1 FROM partners_reward WHERE code = 'room'",
    ],
)
def test_raw_sql_changes_no_stock_and_no_redemption(shop, statement):
    shop.redeem("ten")
    with pytest.raises(Error):
        run(statement)
    assert shop.reward("ten").free == 4 and invariants_broken() == []


COPY = """
INSERT INTO partners_redemption (version, reward_id, area_id, account_id, merchant_id, kind, title, worth, cost, key,
    takes, hold_id, redeemed_by_id, redeemed_at, until, words, state)
SELECT 0, reward_id, area_id, account_id, merchant_id, kind, title, worth, {cost}, 'forged', true, hold_id,
    redeemed_by_id, redeemed_at, until, '', '{state}' FROM partners_redemption LIMIT 1
"""


@pytest.mark.parametrize("given", [{"cost": "cost", "state": "held"}, {"cost": "1", "state": "held"},
                                   {"cost": "cost", "state": "fulfilled"}])  # fmt: skip
def test_no_redemption_is_forged(shop, given):
    shop.redeem("ten")
    with pytest.raises(Error):
        run(COPY.format(**given))
    assert invariants_broken() == []


def test_the_ledger_ends_nothing_behind_a_redemptions_back(shop):
    """Posting, releasing or reversing the points alone is refused when the transaction commits."""
    made, other = shop.redeem("ten"), shop.redeem("rice")
    done = shop.fulfilled(other)
    staff = shop.user("community_staff")
    posted = Transfer.objects.select_related("account__area", "counterpart").get(pk=shop.hold(done).ended_id)
    hold = Hold.objects.with_rows().get(pk=made.hold_id)
    for work in (
        lambda: hold_post(hold, actor=staff), lambda: hold_void(hold, actor=staff),
        lambda: transfer_reverse(posted, actor=staff, reason="mistake"),
    ):  # fmt: skip
        with pytest.raises(Error) as refusal, transaction.atomic():
            work()
            run()
        assert "do not agree" in str(refusal.value)
    assert shop.fresh(made).state == "held" and invariants_broken() == []


def test_without_the_guard_too_many_would_be_sold_and_the_audit_says_so(shop):
    shop.redeem("ten")
    assert call_command("check_ledger") is None
    run()
    run("ALTER TABLE partners_reward DISABLE TRIGGER reward_guard")
    try:
        run("UPDATE partners_reward SET stocked = 1, taken = 0 WHERE code = 'ten'")
        shop.redeem("ten")
        broken = invariants_broken()
        assert any(line.startswith("9 coupons issued") for line in broken)
        assert any(line.startswith("9 stock is kept") for line in broken)
        with pytest.raises(CommandError):
            call_command("check_ledger")
    finally:
        run()
        run("ALTER TABLE partners_reward ENABLE TRIGGER reward_guard")
