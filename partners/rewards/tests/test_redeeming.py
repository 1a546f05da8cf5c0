"""Redeeming, handing over, cancelling, timing out, taking back; what the ledger, stock and rooms say of it."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from governance.bookings import booking_cancel, booking_move
from governance.errors import Conflict, Invalid, NotPermitted
from governance.models import Booking, Event, Notice
from governance.timers import fire_due
from partners.ledger.accounts import balance_of
from partners.ledger.audit import invariants_broken
from partners.ledger.points import unsettled
from partners.ledger.reasons import title_of
from partners.models import Account, Coupon, Redemption, Reward, StockEntry
from partners.rewards.codes import LETTERS, code_of, fits, grouped, normalised
from partners.rewards.offering import reward_draft
from partners.rewards.redeeming import redeem
from partners.rewards.tests.shop import RICE, load_notices

pytestmark = pytest.mark.django_db


def points(shop, name="lawyer") -> tuple[int, int]:
    balance = balance_of(shop.bank.account(name))
    return balance.available, balance.held


def stock(shop, name) -> tuple[int, int]:
    row = shop.reward(name)
    return row.stocked, row.taken


def test_goods_are_set_aside_made_ready_and_handed_over_by_their_code(shop):
    # when a member redeems
    made = shop.redeem("rice")
    # then points are set aside, a piece is reserved, and it has a code that nobody else reads
    assert points(shop) == (80, 20) and stock(shop, "rice") == (5, 1)
    assert made.state == "held" and made.cost == 20 and made.until - made.redeemed_at == timedelta(days=7)
    code = code_of(made)
    assert len(code) == 12 and set(code) <= set(LETTERS)
    row = Coupon.objects.get(redemption=made)
    assert code not in row.digest.upper() and code.encode() not in bytes(row.sealed)
    # when it is ready and handed over to who shows the code, typed or scanned
    shop.step(made, "prepare")
    with pytest.raises(Conflict):
        shop.step(made, "prepare")
    link = f"https://x/r/coupons/{grouped(code).lower()}/"
    done = shop.step(made, "fulfil", code=link)
    # then the points went to the community
    assert done.state == "fulfilled" and points(shop) == (80, 0) and stock(shop, "rice") == (5, 1)
    assert shop.hold(made).stage == "posted"
    event = Event.objects.get(name="redemption.fulfilled")
    assert event.payload["by_code"] is True and event.actor == shop.manager
    assert title_of(shop.hold(made).placed) == "兑换：实物"
    assert normalised(link) == code and not fits(made, "ABCD")
    assert invariants_broken() == []


def test_a_coupon_is_taken_by_its_merchant_alone_and_once(shop):
    made = shop.redeem("ten")
    assert stock(shop, "ten") == (5, 1)
    # neither the community nor another merchant takes it, nor anybody without the code
    for who in ("manager", "community_staff", "bookseller", "lawyer", "stranger", "administrator"):
        with pytest.raises(NotPermitted):
            shop.step(made, "fulfil", who, code=code_of(made))
    for code, field in (("", "code"), ("ABCD-ABCD-ABCD", "code")):
        with pytest.raises(Invalid) as refusal:
            shop.step(made, "fulfil", "shopkeeper", code=code, reason="熟客")
        assert refusal.value.field == field
    assert shop.fresh(made).state == "held"
    # when the merchant does
    shop.fulfilled(made)
    # then the points are the merchant's, and the code is good no more
    assert unsettled(shop.bank.account("shop")) == 10 and points(shop) == (90, 0)
    with pytest.raises(Conflict) as refusal:
        shop.fulfilled(made)
    assert refusal.value.code == "used" and "已于" in str(refusal.value.detail)
    assert unsettled(shop.bank.account("shop")) == 10
    assert invariants_broken() == []


def test_a_service_books_the_room_and_gives_it_back_when_cancelled(shop):
    made = shop.redeem("room")
    booking = Booking.objects.get()
    assert (booking.venue, booking.starts_at) == (shop.venue, shop.hour())
    assert booking.ends_at == shop.hour(hour=11) and booking.purpose_id == made.pk and booking.booked_by.is_system
    assert made.until == booking.ends_at + timedelta(days=7) and stock(shop, "room") == (0, 0)
    # another member cannot have the hour
    with pytest.raises(Conflict) as refusal:
        shop.redeem("room", "baker", starts_at=shop.hour(hour=10))
    assert refusal.value.code == "overlap" and points(shop, "bakery") == (100, 0)
    # when it is cancelled, it is free again and the points are back
    done = shop.step(made, "cancel", "lawyer")
    assert done.state == "cancelled" and points(shop) == (100, 0)
    assert Booking.objects.get().state == "cancelled"
    again = shop.redeem("room", "baker", starts_at=shop.hour(hour=10))
    # it is not used before it begins
    with pytest.raises(Conflict) as refusal:
        shop.fulfilled(again)
    assert refusal.value.code == "early"
    with time_machine.travel(shop.hour(hour=10), tick=False):
        assert shop.fulfilled(again).state == "fulfilled"
        assert Booking.objects.get(pk=again.booking_id).state == "booked"
    assert invariants_broken() == []


def test_hours_that_are_taken_back_or_moved_come_back_as_points(shop):
    load_notices()
    for change in ("cancel", "move"):
        made = shop.redeem("room")
        staff = shop.user("community_staff")
        if change == "cancel":
            booking_cancel(made.booking, actor=staff, reason="漏水抢修")
        else:
            booking_move(made.booking, actor=staff, reason="换时间", starts_at=shop.hour(3), ends_at=shop.hour(3, 11))
        assert shop.fresh(made).state == "held"
        fire_due()
        row = shop.fresh(made)
        assert row.state == "cancelled" and row.words and points(shop) == (100, 0)
        assert Booking.objects.get(pk=made.booking_id).state == "cancelled"
        assert Notice.objects.filter(person=shop.user("lawyer"), body__contains=row.words).exists()
    assert invariants_broken() == []


def test_what_nobody_fetches_times_out_once_with_the_timer_of_the_ledger(shop):
    made, coupon, room = shop.redeem("rice"), shop.redeem("ten"), shop.redeem("room")
    with time_machine.travel(made.until + timedelta(seconds=1), tick=False):
        # too late for the merchant, also before the timer fires
        with pytest.raises(Conflict) as refusal:
            shop.fulfilled(coupon)
        assert refusal.value.code == "expired" and "有效期至" in str(refusal.value.detail)
        fire_due()
        fire_due()
    assert shop.fresh(made).state == shop.fresh(coupon).state == "timed_out" and shop.fresh(room).state == "held"
    with time_machine.travel(room.until + timedelta(seconds=1), tick=False):
        fire_due()
    assert shop.fresh(room).state == "timed_out"
    assert points(shop) == (100, 0) and stock(shop, "rice") == stock(shop, "ten") == (5, 0)
    assert Event.objects.filter(name="redemption.timed_out").count() == 3
    with pytest.raises(Conflict) as refusal:
        shop.fulfilled(coupon)
    assert refusal.value.code == "expired"
    assert invariants_broken() == []


@pytest.mark.parametrize("restock", [True, False])
def test_what_was_handed_over_comes_back_by_a_reversal_of_its_own(shop, restock):
    made = shop.redeem("ten")
    with pytest.raises(Conflict):
        shop.step(made, "return", reason="没有到店")
    shop.fulfilled(made)
    with pytest.raises(Invalid):
        shop.step(made, "return", reason=" ")
    row = shop.step(made, "return", reason="商户缺货", restock=restock)
    assert row.state == "returned" and row.reversal.reverses_id == shop.hold(made).ended_id
    assert points(shop) == (100, 0) and unsettled(shop.bank.account("shop")) == 0
    assert stock(shop, "ten") == (5, 0 if restock else 1)
    with pytest.raises(Conflict) as refusal:
        shop.step(made, "return", reason="再来一次")
    assert refusal.value.code == "returned"
    assert invariants_broken() == []


def test_one_key_has_one_effect(shop):
    first = shop.redeem("rice", key="k")
    assert shop.redeem("rice", key="k").pk == first.pk
    assert Redemption.objects.count() == 1 and points(shop) == (80, 20) and stock(shop, "rice") == (5, 1)
    with pytest.raises(Conflict) as refusal:
        shop.redeem("ten", key="k")
    assert refusal.value.code == "key_reused"
    room = shop.redeem("room", key="r")
    assert shop.redeem("room", key="r").pk == room.pk
    with pytest.raises(Conflict):
        shop.redeem("room", key="r", starts_at=shop.hour(2))
    # another member's key is another one
    assert shop.redeem("rice", "baker", key="k").pk != first.pk
    # also after it has ended
    shop.step(first, "cancel", "lawyer")
    assert shop.redeem("rice", key="k").state == "cancelled" and stock(shop, "rice") == (5, 1)


def test_what_cannot_be_redeemed_leaves_nothing_behind(shop):
    rice, lawyer, account = shop.reward("rice"), shop.user("lawyer"), shop.bank.account("lawyer")

    def refused(kind, code, **given):
        given = {"actor": lawyer, "account": account, "key": shop.bank.key()} | given
        with pytest.raises(kind) as refusal:
            redeem(shop.reward(given.pop("what", "rice")), **given)
        assert code in (refusal.value.code, refusal.value.field)

    refused(NotPermitted, "permission_denied", actor=shop.user("baker"))
    refused(NotPermitted, "permission_denied", account=shop.bank.account("bakery"))
    refused(Invalid, "account", actor=shop.user("stranger"), account=shop.bank.account("stranger"))
    refused(Invalid, "key", key="")
    refused(Invalid, "key", key="x" * 121)
    refused(Invalid, "key", key="a\0")
    refused(Conflict, "changed", cost=19)
    refused(Invalid, "starts_at", what="room")
    refused(Invalid, "starts_at", what="room", starts_at=timezone.now() + timedelta(days=200))
    refused(Invalid, "starts_at", what="room", starts_at=timezone.now() - timedelta(days=1))
    refused(Invalid, "starts_at", what="room", starts_at=shop.hour(1, 23))
    # limits
    Reward.objects.filter(pk=rice.pk).update(most=1, per="month")
    shop.redeem("rice")
    refused(Conflict, "limit")
    Reward.objects.filter(pk=rice.pk).update(most=None, audience="units")
    refused(Conflict, "not_for_you")
    Reward.objects.filter(pk=rice.pk).update(audience="all", offered_to=timezone.localdate() - timedelta(days=1))
    refused(Conflict, "not_offered")
    Reward.objects.filter(pk=rice.pk).update(offered_to=None)
    # stock
    shop.step(rice, "correct", amount=-4, reason="盘亏")
    refused(Conflict, "out_of_stock")
    # points
    Reward.objects.filter(pk=shop.reward("ten").pk).update(cost=81)
    refused(Conflict, "insufficient", what="ten")
    shop.step(shop.reward("ten"), "pause")
    refused(Conflict, "not_offered", what="ten")
    assert Redemption.objects.count() == 1 and points(shop) == (80, 20) and stock(shop, "rice") == (1, 1)
    Account.objects.filter(pk=account.pk).update(is_active=False)
    shop.step(shop.reward("ten"), "offer")
    refused(Conflict, "inactive", what="room", starts_at=shop.hour())
    assert Booking.objects.count() == 0 and invariants_broken() == []


def test_the_stock_book_takes_receipts_and_corrections_and_nothing_below_what_is_taken(shop):
    shop.redeem("rice")
    shop.step(shop.reward("rice"), "receive", amount=3, note="第二批")
    shop.step(shop.reward("rice"), "correct", amount=-7, reason="破损")
    with pytest.raises(Conflict) as refusal:
        shop.step(shop.reward("rice"), "correct", amount=-1, reason="破损")
    assert refusal.value.code == "out_of_stock"
    for name, given in (("receive", {"amount": 0}), ("correct", {"amount": 0, "reason": "x"})):
        with pytest.raises(Invalid):
            shop.step(shop.reward("rice"), name, **given)
    with pytest.raises(Invalid):
        shop.step(shop.reward("rice"), "correct", amount=-1, reason="")
    with pytest.raises(Conflict):
        shop.step(shop.reward("room"), "receive", amount=1)
    assert stock(shop, "rice") == (1, 1)
    rows = StockEntry.objects.filter(reward=shop.reward("rice")).order_by("id")
    assert [(row.kind, row.amount, row.note) for row in rows] == [
        ("receipt", 5, ""), ("receipt", 3, "第二批"), ("correction", -7, "破损"),
    ]  # fmt: skip
    assert invariants_broken() == []


def test_of_two_drafts_of_one_code_at_the_same_moment_the_later_is_told_so(shop, monkeypatch):
    """What both have read is that the code is free: the database alone knows better."""
    monkeypatch.setattr("partners.rewards.offering.check_row", lambda row: None)
    with pytest.raises(Invalid) as refusal:
        reward_draft(actor=shop.manager, area=shop.bank.city.area("community"), **RICE)
    assert refusal.value.field == "code" and Reward.objects.filter(code="rice").count() == 1


def test_the_price_stays_what_it_was_and_a_paused_reward_is_still_handed_over(shop):
    made = shop.redeem("rice")
    shop.step(made.reward, "pause")
    changed = shop.step(made.reward, "plan", cost=30, title="大米10公斤", pickup_place="粮站")
    assert (changed.cost, changed.title) == (30, "大米10公斤")
    shop.step(made.reward, "end", reason="换供应商")
    row = shop.fulfilled(made)
    assert (row.cost, row.title, row.state) == (20, "大米5公斤", "fulfilled") and points(shop) == (80, 0)


def test_the_community_hands_over_without_the_code_only_with_a_reason(shop):
    made = shop.redeem("rice")
    with pytest.raises(Invalid) as refusal:
        shop.step(made, "fulfil")
    assert refusal.value.field == "reason"
    shop.step(made, "fulfil", reason="老人没带手机，凭身份证核对")
    event = Event.objects.get(name="redemption.fulfilled")
    assert event.payload["by_code"] is False and event.remark.text.startswith("老人")


def test_members_are_told_what_becomes_of_it(shop):
    load_notices()
    made = shop.redeem("rice")
    shop.step(made, "prepare")
    with time_machine.travel(made.until - timedelta(hours=23), tick=False):
        fire_due()
    shop.step(made, "call_off", reason="大米受潮，请改换其他奖品")
    other = shop.redeem("ten", "baker")
    with time_machine.travel(other.until + timedelta(seconds=1), tick=False):
        fire_due()
    told = {who: [notice.title for notice in Notice.objects.filter(person=shop.user(who)).order_by("pk")]
            for who in ("lawyer", "baker")}  # fmt: skip
    assert len(told["lawyer"]) == 4 and len(told["baker"]) == 3
    assert "受潮" in Notice.objects.filter(person=shop.user("lawyer")).latest("pk").body
    assert not Notice.objects.exclude(person__in=[shop.user("lawyer"), shop.user("baker")]).exists()
