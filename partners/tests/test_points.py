"""Earning, spending, giving, setting aside, reversing, expiring, adjusting: who may, and what each comes to."""

from datetime import timedelta
from unittest.mock import patch

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from governance.errors import Conflict, Invalid, NotPermitted
from governance.models import Event, Timer, User
from governance.timers import fire_due
from partners.ledger import posting
from partners.ledger.accounts import account_open, account_set_in_use, balance_of
from partners.ledger.adjustments import adjustment_approve, adjustment_decline, adjustment_propose
from partners.ledger.audit import invariants_broken
from partners.ledger.expiry import lot_expire, lots_expire
from partners.ledger.holds import hold_place, hold_post, hold_time_out, hold_void
from partners.ledger.points import points_earn, points_give, points_settle, points_spend, unsettled
from partners.ledger.reversals import transfer_reverse
from partners.ledger.statement import liability, statement_of
from partners.models import Account, Adjustment, Entry, Hold, Transfer
from partners.tests.bank import EVIDENCE

pytestmark = pytest.mark.django_db


def soon(days: int = 1):
    return timezone.localdate() + timedelta(days=days)


def counted() -> tuple[int, ...]:
    """Everything a refusal must leave alone."""
    balances = tuple(Account.objects.order_by("id").values_list("id", "available", "held", "owed"))
    return (Transfer.objects.count(), Entry.objects.count(), Hold.objects.count(), Event.objects.count(), balances)


def spend(bank, amount, **given):
    given = {"actor": bank.user("lawyer"), "key": bank.key(), "reason": "room"} | given
    return points_spend(bank.account("lawyer"), amount=amount, **given)


def place(bank, amount, **given):
    until = timezone.now() + timedelta(hours=1)
    given = {"actor": bank.user("lawyer"), "key": bank.key(), "reason": "coupon", "until": until} | given
    return hold_place(bank.account("lawyer"), amount=amount, **given)


def has(bank, name="lawyer"):
    found = balance_of(bank.account(name))
    return found.available, found.held, found.owed


def test_points_are_used_earliest_first_and_each_line_names_its_reason(bank):
    # given three lots, the second of them the first to end
    for days in (5, 2, 9):
        bank.earn("lawyer", 10, expires_on=soon(days))
    # when 15 are spent at the shop
    made = spend(bank, 15, to=bank.account("shop"), evidence=("partners.redemption", 7))
    # then the lots that end first were used
    left = bank.account("lawyer").lots.order_by("expires_on").values_list("remaining", flat=True)
    assert list(left) == [0, 5, 10]
    assert has(bank) == (15, 0, 0) and unsettled(bank.account("shop")) == 15
    # and the statement says what for, page by page
    first, cursor = statement_of(bank.account("lawyer"), size=3)
    rest, end = statement_of(bank.account("lawyer"), size=3, after=cursor)
    assert [(line.amount, line.transfer.reason) for line in first + rest] == [
        (-15, "room"), (10, "consultation"), (10, "consultation"), (10, "consultation")]  # fmt: skip
    assert end is None and first[0].transfer.evidence_id == 7
    # and one event tells it in figures
    event = Event.objects.get(subject_type="partners.transfer", subject_id=made.pk)
    assert (event.name, event.actor, event.payload["amount"]) == ("points.spent", bank.user("lawyer"), 15)
    assert event.area_id == made.area_id
    # and the shop is settled with for what it has, no more
    settle = {"actor": bank.staff, "reason": "settlement", "evidence": ("partners.settlement", 1)}
    with pytest.raises(Conflict):
        points_settle(bank.account("shop"), amount=16, key="s1", **settle)
    points_settle(bank.account("shop"), amount=15, key="s2", **settle)
    assert unsettled(bank.account("shop")) == 0
    found = liability(bank.account("lawyer").area, timezone.now())
    assert (found.outstanding, found.issued, found.redeemed, found.expired, found.owed) == (15, 30, 15, 0, 0)
    before = liability(bank.account("lawyer").area, made.recorded_at - timedelta(days=1))
    assert before.issued == before.outstanding == 0
    assert invariants_broken() == []


def test_a_key_has_one_effect(bank):
    made = bank.earn("lawyer", 10, key="once")
    assert bank.earn("lawyer", 10, key="once") == made
    before = counted()
    for other in ({"amount": 11}, {"reason": "donation"}, {"evidence": ("property.servicerecord", 2)},
                  {"expires_on": soon()}):  # fmt: skip
        with pytest.raises(Conflict) as refusal:
            bank.earn("lawyer", **{"amount": 10, "key": "once"} | other)
        assert refusal.value.code == "key_reused"
    assert counted() == before
    held = place(bank, 4, key="hold", until=(until := timezone.now() + timedelta(hours=1)))
    assert place(bank, 4, key="hold", until=until) == held and has(bank) == (6, 4, 0)


def test_what_is_wrong_is_refused_and_nothing_is_stored(bank):
    bank.earn("lawyer", 10)
    shop, stranger = bank.account("shop"), bank.account("stranger")
    before = counted()
    wrong = [
        (Invalid, "amount", lambda: spend(bank, 0)), (Invalid, "amount", lambda: spend(bank, -1)),
        (Invalid, "amount", lambda: spend(bank, True)), (Invalid, "amount", lambda: spend(bank, 1_000_001)),
        (Invalid, "key", lambda: spend(bank, 1, key="")), (Invalid, "reason", lambda: spend(bank, 1, reason="")),
        (Invalid, "to", lambda: spend(bank, 1, to=bank.account("bakery"))),
        (Conflict, "amount", lambda: spend(bank, 11)),
        (Invalid, "evidence", lambda: bank.earn("lawyer", 1, evidence=None)),
        (Invalid, "expires_on", lambda: bank.earn("lawyer", 1, expires_on=soon(-1))),
        (Invalid, "account", lambda: bank.earn("shop", 1)),
        (Invalid, "until", lambda: place(bank, 1, until=timezone.now())),
        (Invalid, "account", lambda: points_settle(bank.account("lawyer"), actor=bank.staff, amount=1, key="k",
                                                   reason="r", evidence=EVIDENCE)),
        (Invalid, "to", lambda: points_give(bank.account("lawyer"), actor=bank.user("lawyer"), to=stranger, amount=1,
                                            key="k", reason="gift")),
        (Invalid, "to", lambda: points_give(bank.account("lawyer"), actor=bank.user("lawyer"), amount=1, key="k",
                                            to=bank.account("lawyer"), reason="gift")),
        (Invalid, "area", lambda: account_open(bank.city.area("grid"), actor=bank.staff, user=bank.staff)),
        (Invalid, "owner", lambda: account_open(shop.area, actor=bank.staff)),
        (Invalid, "reason", lambda: adjustment_propose(bank.account("lawyer"), actor=bank.staff, amount=1, reason=" ")),
        (Invalid, "amount", lambda: adjustment_propose(bank.account("lawyer"), actor=bank.staff, amount=0, reason="x")),
    ]  # fmt: skip
    for error, field, act in wrong:
        with pytest.raises(error) as refusal:
            act()
        assert refusal.value.field == field
    # and an account out of use neither earns nor spends
    account_set_in_use(bank.account("lawyer"), actor=bank.staff, is_active=False, reason="转出本社区")
    for act in (lambda: spend(bank, 1), lambda: bank.earn("lawyer", 1), lambda: place(bank, 1)):
        with pytest.raises(Conflict) as refusal:
            act()
        assert refusal.value.code == "inactive"
    assert counted()[:3] + counted()[4:] == before[:3] + before[4:]


def test_each_service_asks_who_acts(bank):
    # given points, a hold and a proposed adjustment in the community
    lawyer, made = bank.account("lawyer"), bank.earn("lawyer", 10)
    hold = Hold.objects.with_rows().get(pk=place(bank, 3).pk)
    row = adjustment_propose(lawyer, actor=bank.staff, amount=2, reason="补记")
    wish = {"amount": 1, "key": "k", "reason": "r"}
    clock, later = User.objects.system("timers"), timezone.now() + timedelta(hours=1)
    acts = {
        "earn": lambda who: points_earn(lawyer, actor=who, evidence=EVIDENCE, **wish),
        "spend": lambda who: points_spend(lawyer, actor=who, **wish),
        "give": lambda who: points_give(lawyer, actor=who, to=bank.account("bakery"), **wish),
        "place": lambda who: hold_place(lawyer, actor=who, until=later, **wish),
        "post": lambda who: hold_post(hold, actor=who),
        "void": lambda who: hold_void(hold, actor=who),
        "time_out": lambda who: hold_time_out(hold, actor=who),
        "reverse": lambda who: transfer_reverse(made, actor=who, reason="mistake"),
        "propose": lambda who: adjustment_propose(lawyer, actor=who, amount=1, reason="补记"),
        "approve": lambda who: adjustment_approve(row, actor=who),
        "decline": lambda who: adjustment_decline(row, actor=who, reason="不符"),
        "settle": lambda who: points_settle(bank.account("shop"), actor=who, evidence=EVIDENCE, **wish),
        "open": lambda who: account_open(lawyer.area, actor=who, user=bank.people["shopkeeper"]),
        "expire": lambda who: lot_expire(made.lots.get(), actor=who),
        "set_in_use": lambda who: account_set_in_use(lawyer, actor=who, is_active=False, reason="转出"),
    }
    keeper = {"earn", "post", "void", "reverse", "propose", "approve", "decline", "settle", "open", "set_in_use"}
    owner = {"spend", "give", "place", "void"}
    may = {
        bank.user("lawyer"): owner, bank.user("baker"): set(), bank.user("stranger"): set(),
        bank.city.user("administrator"): keeper, bank.staff: keeper - {"approve", "decline"},
        bank.city.outsider("community_staff"): set(), bank.city.user("handler"): set(),
        bank.city.user("grid_worker"): set(),
        clock: keeper - {"propose", "approve", "decline"} | owner | {"time_out", "expire"},
    }  # fmt: skip
    for who, allowed in may.items():
        for name in acts.keys() - allowed:
            before = counted()
            with pytest.raises(NotPermitted):
                acts[name](who)
            assert counted() == before, (name, who)
    # a unit's points are spent by whoever works for it, and nobody else
    bank.earn("bakery", 5)
    assert points_spend(bank.account("bakery"), actor=bank.user("baker"), **wish).amount == 1
    with pytest.raises(NotPermitted):
        points_spend(bank.account("bakery"), actor=bank.user("lawyer"), **wish)
    # and each account is seen by its owner and the staff of the area
    seen = {name: set(Account.objects.visible_to(bank.user(name)).values_list("id", flat=True)) for name in bank.people}
    owned = {"lawyer": "lawyer", "baker": "bakery", "shopkeeper": "shop", "stranger": "stranger"}
    assert seen == {name: {bank.account(account).pk} for name, account in owned.items()}
    assert Account.objects.visible_to(bank.staff).count() == 3 + 4
    assert Transfer.objects.visible_to(bank.user("lawyer")).filter(account=lawyer).count() == 2
    assert not Transfer.objects.visible_to(bank.user("stranger")).exists()


def test_points_set_aside_end_once(bank):
    bank.earn("lawyer", 10, expires_on=soon())
    for end, after in ((hold_post, (6, 0, 0)), (hold_void, (6, 0, 0))):
        hold = Hold.objects.with_rows().get(pk=place(bank, 4, to=bank.account("shop")).pk)
        assert Timer.objects.get(subject_id=hold.pk, kind="points.hold_due").cancelled_at is None
        first = end(hold, actor=bank.staff)
        # again is the same answer, another way a conflict, and the clock finds nothing to do
        assert end(hold, actor=bank.staff) == first
        other = hold_void if end is hold_post else hold_post
        with pytest.raises(Conflict) as refusal:
            other(hold, actor=bank.staff)
        assert refusal.value.code == "ended"
        assert Timer.objects.get(subject_id=hold.pk, kind="points.hold_due").cancelled_at is not None
        assert has(bank) == after
    assert unsettled(bank.account("shop")) == 4
    assert invariants_broken() == []


def test_time_is_up_once_also_when_the_worker_died(bank, time_machine):
    bank.earn("lawyer", 10, expires_on=soon())
    hold = place(bank, 4)
    with pytest.raises(Conflict):
        hold_time_out(Hold.objects.with_rows().get(pk=hold.pk), actor=User.objects.system("timers"))
    # given a first firing that dies before it is stored
    time_machine.move_to(hold.until + timedelta(minutes=1), tick=False)
    with patch("partners.ledger.holds.finish", side_effect=RuntimeError("killed")):
        fire_due()
    assert has(bank) == (6, 4, 0)
    # then the next one releases the points, and one more does nothing
    time_machine.move_to(hold.until + timedelta(minutes=5), tick=False)
    fire_due()
    Timer.objects.filter(subject_id=hold.pk, kind="points.hold_due").update(fired_at=None)
    fire_due()
    assert has(bank) == (10, 0, 0)
    assert list(Transfer.objects.filter(kind="time_out").values_list("key", flat=True)) == [f"hold:{hold.pk}:time_out"]
    hold.refresh_from_db()
    assert (hold.stage, hold.ended.actor) == ("timed_out", User.objects.system("timers"))


def test_a_reversal_restores_the_lots_or_is_owed(bank):
    # given 10 points earned, 7 of them spent
    earned = bank.earn("lawyer", 10, expires_on=soon())
    spent = spend(bank, 7)
    # when the earning is reversed, the 3 left go and 7 are owed; a later earning pays them first
    transfer_reverse(earned, actor=bank.staff, reason="mistake")
    assert has(bank) == (0, 0, 7)
    bank.earn("lawyer", 5)
    assert has(bank) == (0, 0, 2)
    # when the spending is reversed too, the rest is paid and the same lot has what is left
    transfer_reverse(spent, actor=bank.staff, reason="returned")
    assert has(bank) == (5, 0, 0)
    assert earned.lots.get().remaining == 5
    again = transfer_reverse(spent, actor=bank.staff, reason="returned")
    assert Transfer.objects.filter(reverses=spent).get() == again
    with pytest.raises(Conflict):
        transfer_reverse(again, actor=bank.staff, reason="twice")
    assert invariants_broken() == []


def test_lots_whose_day_is_over_are_not_spent_and_expire_once(bank, time_machine):
    earned = bank.earn("lawyer", 10, expires_on=soon())
    bank.earn("lawyer", 3)
    hold = place(bank, 4)
    # when the day is over and the nightly job is late: the lot is not spent
    time_machine.move_to(timezone.now() + timedelta(days=2), tick=False)
    with pytest.raises(Conflict):
        spend(bank, 4)
    found = balance_of(bank.account("lawyer"))
    assert (found.available, found.over, found.spendable) == (9, 6, 3)
    # when the job runs, twice: the free points expire, those set aside do not
    assert (lots_expire(), lots_expire()) == (1, 0)
    assert has(bank) == (3, 4, 0)
    assert Transfer.objects.get(kind="expire").key == f"expire:{earned.lots.get().pk}"
    # what is released comes back to its lot, and expires with the next run
    hold_void(Hold.objects.with_rows().get(pk=hold.pk), actor=bank.staff)
    assert (lots_expire(), has(bank)) == (1, (3, 0, 0))
    # and a reversal of the earning does not make owed what nobody used
    transfer_reverse(earned, actor=bank.staff, reason="mistake")
    assert has(bank) == (3, 0, 0)
    assert invariants_broken() == []


def test_an_adjustment_takes_two_people(bank):
    lawyer, administrator = bank.account("lawyer"), bank.city.user("administrator")
    row = adjustment_propose(lawyer, actor=bank.staff, amount=6, reason="漏记一次义诊")
    assert has(bank) == (0, 0, 0)
    with pytest.raises(NotPermitted) as refusal:
        adjustment_approve(row, actor=bank.staff)
    assert refusal.value.code == "same_person"
    made = adjustment_approve(row, actor=administrator)
    assert adjustment_approve(row, actor=administrator) == made and has(bank) == (6, 0, 0)
    # away with more than there is: refused, still to be decided
    row = adjustment_propose(lawyer, actor=administrator, amount=-7, reason="重复登记")
    with pytest.raises(Conflict):
        adjustment_approve(row, actor=bank.staff)
    adjustment_decline(row, actor=bank.staff, reason="金额不符")
    with pytest.raises(Conflict):
        adjustment_approve(Adjustment.objects.with_rows().get(pk=row.pk), actor=bank.staff)
    adjustment_approve(adjustment_propose(lawyer, actor=administrator, amount=-2, reason="重复登记"), actor=bank.staff)
    assert has(bank) == (4, 0, 0)
    # no reason in words is in an event's figures
    assert not Event.objects.filter(payload__icontains="义诊").exists()
    assert invariants_broken() == []


def test_a_spending_is_one_exchange_whatever_the_history(bank, django_assert_num_queries):
    for _ in range(3):
        bank.earn("lawyer", 2, expires_on=soon())
    actor = bank.user("lawyer")
    spend(bank, 1, actor=actor)
    ran = []

    def counting(raw, statements):
        ran.append(len(statements))
        return together(raw, statements)

    together = posting.run_together
    with patch.object(posting, "run_together", counting), django_assert_num_queries(2):  # the test's savepoint
        points_spend(bank.account("lawyer"), actor=actor, amount=3, key="counted", reason="room")
    assert ran == [1]
    with django_assert_num_queries(1):
        statement_of(bank.account("lawyer"))


@pytest.mark.django_db(transaction=True)
def test_a_spending_by_itself_is_its_own_transaction_and_a_refused_one_leaves_nothing(bank):
    # given a member with five points, and no transaction around what follows
    bank.earn("lawyer", 5)
    account, actor = bank.account("lawyer"), bank.user("lawyer")
    # when more is spent than there is, then nothing is left of it, not even its key
    with pytest.raises(Conflict, match="5"):
        points_spend(account, actor=actor, amount=6, key="wish", reason="room")
    assert not Transfer.objects.filter(key="wish").exists()
    # and when four are, they are gone for everybody at once
    made = points_spend(account, actor=actor, amount=4, key="wish", reason="room")
    assert not connection.in_atomic_block
    assert Event.objects.get(name="points.spent").subject_id == made.pk
    assert balance_of(account).available == 1 and invariants_broken() == []


def test_the_command_says_what_holds(bank, capsys):
    bank.earn("lawyer", 2)
    call_command("check_ledger")
    assert "all hold" in capsys.readouterr().out
    with (
        patch("partners.management.commands.check_ledger.invariants_broken", return_value=["2: 1"]),
        pytest.raises(CommandError) as error,
    ):
        call_command("check_ledger")
    assert error.value.returncode == 1
