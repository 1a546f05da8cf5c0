"""Obligations: performed, partly, overdue, urged, told of litigation; who may."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from governance.errors import Conflict, Invalid
from governance.models import Event, Notice, NoticeTemplate, Timer
from governance.timers import fire_due
from governance.workflow import act
from mediation.agreements.tests.deals import drafted, effective, owed_money
from mediation.models import Obligation, ObligationState
from mediation.tests.county import NOW

pytestmark = pytest.mark.django_db
O = ObligationState  # noqa: E741
GIVEN = {"perform_part": {"paid": Decimal(1000)}, "correct": {"reason": "记错了"}}


def in_state(county, clock, state):
    row = owed_money(effective(county))
    if state in (O.OVERDUE, O.URGED, O.TOLD_OF_LITIGATION):
        clock.move_to(NOW + timedelta(days=29))
        fire_due()
        row.refresh_from_db()
    for step in {O.PERFORMED: ["perform_whole"], O.PART: ["perform_part"], O.URGED: ["urge"],
                 O.TOLD_OF_LITIGATION: ["urge", "tell_of_litigation"]}.get(state, []):  # fmt: skip
        row = act(row, step, actor=county.mediator, **GIVEN.get(step, {}))
    assert row.state == state
    return row


def test_nothing_is_owed_before_the_agreement_holds(county):
    row = owed_money(drafted(county))
    with pytest.raises(Conflict) as refusal:
        act(row, "perform_whole", actor=county.mediator)
    assert refusal.value.code == "not_effective" and Obligation.objects.get(pk=row.pk).state == O.DUE


def test_performed_in_time_stops_the_clock(county, clock):
    # given both obligations performed
    agreement = effective(county)
    for row in agreement.obligations.all():
        act(row, "perform_whole", actor=county.mediator)

    # when their days are over
    clock.move_to(NOW + timedelta(days=60))
    fire_due()

    # then nobody is late, and the sum is paid
    assert set(Obligation.objects.values_list("state", flat=True)) == {O.PERFORMED}
    assert owed_money(agreement).paid == 3000


def test_the_day_after_the_last_it_is_overdue_and_the_mediator_is_told(county, clock):
    NoticeTemplate.objects.create(key="obligation_overdue", language="zh-hans", context="mediation.obligation",
                                  title="未履行 {{ dispute }}", body="{{ due }}")  # fmt: skip
    row = owed_money(effective(county))
    clock.move_to(NOW.replace(day=30, hour=23))
    fire_due()
    assert Obligation.objects.get(pk=row.pk).state == O.DUE
    clock.move_to(NOW.replace(month=7, day=1, hour=0, minute=1))
    fire_due()
    assert Obligation.objects.get(pk=row.pk).state == O.OVERDUE
    notice = Notice.objects.filter(body="2026-06-30").get()
    assert notice.person == county.mediator and "何秀英" not in notice.title


def test_part_by_part_until_all_is_paid(county):
    row = owed_money(effective(county))
    row = act(row, "perform_part", actor=county.mediator, paid=Decimal(1000))
    assert row.state == O.PART and row.amount - row.paid == 2000
    for paid in (Decimal(500), Decimal(3000), None, Decimal(0)):
        with pytest.raises(Invalid) as refusal:
            act(row, "perform_part", actor=county.mediator, paid=paid)
        assert refusal.value.field == "paid"
    row = act(row, "perform_whole", actor=county.mediator)
    assert row.paid == 3000 and row.performed_on == NOW.date()


def test_what_is_not_about_money_takes_none(county):
    row = effective(county).obligations.get(amount=None)
    with pytest.raises(Invalid):
        act(row, "perform_part", actor=county.mediator, paid=Decimal(1))
    assert act(row, "perform_part", actor=county.mediator).state == O.PART


@pytest.mark.parametrize("on", [date(2026, 6, 3), date(2026, 6, 1)])
def test_performed_neither_ahead_nor_before_the_agreement(county, on):
    row = owed_money(effective(county))
    with pytest.raises(Invalid) as refusal:
        act(row, "perform_whole", actor=county.mediator, on=on)
    assert refusal.value.field == "on"


def test_nobody_is_urged_before_the_last_day_is_over(county):
    row = act(owed_money(effective(county)), "perform_part", actor=county.mediator, paid=Decimal(10))
    with pytest.raises(Conflict) as refusal:
        act(row, "urge", actor=county.mediator)
    assert refusal.value.code == "not_due"


def test_a_mistake_is_corrected_and_a_day_that_is_over_counts_anew(county, clock):
    # given what was recorded as performed in time by mistake, and its last day is over
    row = act(owed_money(effective(county)), "perform_whole", actor=county.mediator)
    clock.move_to(NOW + timedelta(days=29))
    fire_due()
    row = act(row, "correct", actor=county.mediator, reason="记错了")
    assert (row.state, row.paid, row.performed_on) == (O.DUE, 0, None)
    fire_due()
    assert Obligation.objects.get(pk=row.pk).state == O.OVERDUE


def test_a_mistake_goes_back_by_one_step_and_what_was_recorded_before_stays(county, clock):
    # given 1000 yuan paid, urged, the rest by mistake, told of the way to court
    row = act(owed_money(effective(county)), "perform_part", actor=county.mediator, paid=Decimal(1000))
    clock.move_to(NOW + timedelta(days=29))
    fire_due()
    row = act(Obligation.objects.with_rows().get(pk=row.pk), "urge", actor=county.mediator)
    urged_at = row.urged_at
    clock.shift(timedelta(hours=1))
    row = act(row, "perform_whole", actor=county.mediator)

    def back(state, paid, urged, told=False):
        fresh = act(row, "correct", actor=county.mediator, reason="记错了")
        assert (fresh.state, fresh.paid, fresh.urged_at, fresh.performed_on) == (state, paid, urged, None)
        assert bool(fresh.told_at) == told
        return fresh

    # when that is taken back, then it is urged as it was, and so on back to nothing
    row = back(O.URGED, 1000, urged_at)
    row = act(row, "tell_of_litigation", actor=county.mediator)
    row = act(row, "perform_part", actor=county.mediator, paid=Decimal(2000))
    row = back(O.TOLD_OF_LITIGATION, 1000, urged_at, told=True)
    row = back(O.URGED, 1000, urged_at)
    row = back(O.OVERDUE, 1000, None)
    fire_due()
    assert Event.objects.filter(name="obligation.overdue").count() == 2  # each of the two, once
    with pytest.raises(Conflict):
        act(row, "correct", actor=county.mediator, reason="记错了")


def test_paid_in_part_before_the_slip_it_is_paid_in_part_after_it(county):
    row = act(owed_money(effective(county)), "perform_part", actor=county.mediator, paid=Decimal(1000))
    row = act(row, "perform_whole", actor=county.mediator)
    row = act(row, "correct", actor=county.mediator, reason="记错了")
    assert (row.state, row.paid) == (O.PART, 1000)
    row = act(row, "correct", actor=county.mediator, reason="记错了")
    assert (row.state, row.paid) == (O.DUE, 0)
    # and its day is watched again
    assert Timer.objects.filter(kind="mediation.obligation_due", subject_id=row.pk, fired_at=None,
                                cancelled_at=None).exists()  # fmt: skip
