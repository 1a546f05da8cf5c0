"""Time beside the usual way: signing, extension, suspension, returns judged, warnings and escalations."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.utils.translation import gettext

from cases.models import Case, CaseRequest, CaseReturn, CaseState, Dispatch, StageClock, StageLimit
from cases.pages.mobile.tasks import cases_on_the_spot
from cases.review.querysets import waiting_for
from cases.tests.api import in_state
from governance import timers
from governance.clock import SHANGHAI
from governance.configuration import configuration_save
from governance.errors import Conflict, Invalid
from governance.models import Event, OrgUnit, Timer
from governance.testing import snapshot
from governance.workflow import act

pytestmark = pytest.mark.django_db
# Tomorrow, when everybody is in office; the standard gives 2 urgent hours.
START = datetime.now(SHANGHAI).replace(hour=9, minute=0, second=0, microsecond=0) + timedelta(days=1)


def hours(number) -> timedelta:
    return timedelta(hours=number)


@pytest.fixture
def handled(city):
    """A case being handled since five past nine, due at eleven."""
    case = city.open(occurred_at=START)
    return act(case, "start", actor=city.user("handler"), occurred_at=START + timedelta(minutes=5))


def names(case) -> list[str]:
    return list(
        Event.objects.filter(subject_type="cases.case", subject_id=case.pk)
        .order_by("id")
        .values_list("name", flat=True)
    )


def test_signing_is_once_and_beginning_signs_too(city):
    # given a case dispatched to municipal
    case = city.open(occurred_at=START)
    handler = city.user("handler")
    # when it signs, then the moment is kept and the clock runs on from the dispatch
    signed = act(case, "sign", actor=handler, occurred_at=START + hours(0.25))
    assert signed.signed_at == START + hours(0.25) and signed.due_at == case.due_at
    with pytest.raises(Conflict):
        act(signed, "sign", actor=handler)
    begun = act(signed, "start", actor=handler, occurred_at=START + hours(0.5))
    assert begun.signed_at == START + hours(0.25)
    other = act(city.open(occurred_at=START), "start", actor=handler, occurred_at=START + hours(1))
    assert other.signed_at == START + hours(1)


def test_an_extension_moves_the_end_at_most_twice(city, handled):
    # given a unit that asks for an hour more, twice
    handler, dispatcher = city.user("handler"), city.user("dispatcher")
    case = handled
    for round_ in (1, 2):
        case = act(case, "ask_extension", actor=handler, amount=Decimal(1), counted_in="urgent_hour", reason="下雨",
                   occurred_at=START + hours(1))  # fmt: skip
        # when it is granted, then promise, clock and timer end an hour later
        case = act(case, "extend", actor=dispatcher, occurred_at=START + hours(1.5))
        assert case.promised_at == case.due_at == START + hours(2 + round_)
        assert Timer.objects.get(key=f"case:{case.pk}:stage", fired_at=None, cancelled_at=None).due_at == case.due_at
    # and a third time is refused
    before = snapshot(case)
    with pytest.raises(Conflict):
        act(case, "ask_extension", actor=handler, amount=Decimal(1), counted_in="urgent_hour", reason="还下")
    assert snapshot(case) == before
    assert list(case.requests.values_list("status", flat=True)) == ["granted", "granted"]
    assert StageClock.objects.filter(case=case, ended_at=None).count() == 1


def test_only_one_request_is_open_and_it_may_be_refused_or_lapse(city, handled):
    handler = city.user("handler")
    case = act(handled, "ask_extension", actor=handler, amount=Decimal(1), counted_in="urgent_hour", reason="下雨")
    for name, given in (
        ("ask_extension", {"amount": Decimal(1), "counted_in": "urgent_hour"}),
        ("ask_suspension", {"until": START + timedelta(days=9)}),
    ):
        with pytest.raises((Conflict, Invalid)):
            act(case, name, actor=handler, reason="再要", **given)
    # when it is refused, then the clock runs as before
    case = act(case, "refuse_request", actor=city.user("dispatcher"), reason="来得及")
    assert (case.open_request, case.due_at) == ("", handled.due_at)
    # when the unit asks again and returns the case, then the request goes with it
    case = act(case, "ask_extension", actor=handler, amount=Decimal(2), counted_in="work_day", reason="下雨")
    case = act(case, "return", actor=handler, reason="不归我们管")
    assert case.open_request == ""
    assert list(CaseRequest.objects.order_by("id").values_list("status", flat=True)) == ["refused", "lapsed"]


@pytest.mark.parametrize(("amount", "counted_in", "field"), [
    (Decimal(0), "work_day", "amount"), (Decimal(1000), "work_day", "amount"), (Decimal(1), "moon", "counted_in"),
])  # fmt: skip
def test_an_impossible_extension_is_named_and_nothing_is_kept(city, handled, amount, counted_in, field):
    before = snapshot(handled)
    with pytest.raises(Invalid) as refusal:
        act(handled, "ask_extension", actor=city.user("handler"), amount=amount, counted_in=counted_in, reason="下雨")
    assert refusal.value.field == field
    assert snapshot(handled) == before and not CaseRequest.objects.exists()


def test_an_extension_that_would_end_in_the_past_is_refused(city, handled):
    handler = city.user("handler")
    case = act(handled, "ask_extension", actor=handler, amount=Decimal(1), counted_in="urgent_hour", reason="下雨")
    before = snapshot(case)
    with pytest.raises(Invalid) as refusal:
        act(case, "extend", actor=city.user("dispatcher"), occurred_at=START + hours(9))
    assert refusal.value.field == "amount"
    assert snapshot(case) == before
    assert case.requests.get().status == "asked"


def test_no_clock_runs_while_suspended_and_the_rest_runs_on(city, handled):
    # given 2 urgent hours of which one has run
    handler, dispatcher = city.user("handler"), city.user("dispatcher")
    until = START + timedelta(days=30)
    case = act(handled, "ask_suspension", actor=handler, until=until, reason="等材料", occurred_at=START + hours(1))
    case = act(case, "suspend", actor=dispatcher, occurred_at=START + hours(1))
    # then nothing runs
    assert (case.state, case.due_at, case.promised_at) == ("suspended", None, None)
    assert not StageClock.objects.filter(case=case, ended_at=None).exists()
    # when it is taken up again after five days, then one hour is left
    back = START + timedelta(days=5)
    case = act(case, "resume", actor=handler, occurred_at=back)
    assert (case.state, case.due_at, case.promised_at) == ("handling", back + hours(1), back + hours(1))
    assert not Timer.objects.filter(key=f"case:{case.pk}:suspension", fired_at=None, cancelled_at=None).exists()
    # and it is suspended only once
    with pytest.raises(Conflict):
        act(case, "ask_suspension", actor=handler, until=until, reason="还等", occurred_at=back)


def test_a_suspension_ends_by_itself_on_its_day(city):
    now = START
    with time_machine.travel(now, tick=False) as clock:
        case = act(city.open(), "start", actor=city.user("handler"))
        case = act(case, "ask_suspension", actor=city.user("handler"), until=now + timedelta(days=3), reason="等材料")
        case = act(case, "suspend", actor=city.user("dispatcher"))
        clock.shift(timedelta(days=3, minutes=1))
        timers.fire_due()
        case.refresh_from_db()
    assert case.state == CaseState.HANDLING
    assert case.due_at == now + timedelta(days=3, hours=2)
    assert names(case)[-1] == "case.resumed"


@pytest.mark.parametrize("until", [START - hours(1), START + timedelta(days=400)])
def test_a_suspension_ends_ahead_within_a_year(city, handled, until):
    with pytest.raises(Invalid) as refusal:
        act(handled, "ask_suspension", actor=city.user("handler"), until=until, reason="等", occurred_at=START)
    assert refusal.value.field == "until"


def dispatched_again(city, case, unit, at):
    return act(case, "dispatch", actor=city.user("dispatcher"), lead_unit=unit, limit_amount=Decimal(2),
               limit_unit="urgent_hour", reason="再派", occurred_at=at)  # fmt: skip


def test_a_wrong_return_costs_the_unit_its_own_time(city):
    # given municipal giving a case back after an hour
    case = city.open(occurred_at=START)
    case = act(case, "return", actor=city.user("handler"), reason="不归我们管", occurred_at=START + hours(1))
    # when the dispatcher gives it the case again half an hour later
    case = dispatched_again(city, case, city.municipal, START + hours(1.5))
    # then the 1.5 hours come off its 2, and the return is on record as its own
    assert case.due_at == START + hours(2)
    row = CaseReturn.objects.get()
    assert (row.verdict, row.lost) == ("unjustified", hours(1.5))
    payload = Event.objects.filter(name="case.dispatched").latest("id").payload
    assert payload["return"] == {"id": row.pk, "verdict": "unjustified", "charged_to": "unit", "minutes": 90}


def test_a_right_return_costs_the_hub_and_the_next_unit_has_all_its_time(city):
    case = city.open(occurred_at=START)
    case = act(case, "return", actor=city.user("handler"), reason="是水务的", occurred_at=START + hours(1))
    case = dispatched_again(city, case, city.water, START + hours(1.5))
    assert case.due_at == START + hours(3.5)
    row = CaseReturn.objects.get()
    assert (row.unit, row.verdict, row.lost) == (city.municipal, "justified", hours(1.5))
    assert Event.objects.filter(name="case.dispatched").latest("id").payload["return"]["charged_to"] == "hub"


def test_half_an_hour_is_left_at_least(city):
    case = city.open(occurred_at=START)
    case = act(case, "return", actor=city.user("handler"), reason="不归我们管", occurred_at=START + hours(5))
    case = dispatched_again(city, case, city.municipal, START + hours(6))
    assert case.due_at == START + hours(6.5)


def test_the_third_return_goes_to_arbitration_and_its_decision_is_not_returned(city):
    # given two units that keep giving a case back
    case = city.open()
    for unit in (city.municipal, city.municipal):
        case = act(case, "return", actor=city.user("handler"), reason="不归我们管")
        assert case.state == "returned"
        case = dispatched_again(city, case, unit, None)
    case = act(case, "return", actor=city.user("handler"), reason="真不归我们管")
    # then the operations centre must decide
    assert (case.state, case.returns, case.review_reason) == ("arbitration", 3, "arbitration")
    assert names(case)[-2:] == ["case.returned", "case.arbitration_needed"]
    assert StageClock.objects.filter(case=case, ended_at=None).count() == 0  # nothing set for arbitration here
    # when it decides, then the unit keeps the case
    case = act(case, "arbitrate", actor=city.user("operations_centre"), lead_unit=city.municipal,
               limit_amount=Decimal(4), limit_unit="urgent_hour", reason="权属在市政")  # fmt: skip
    assert (case.state, case.lead_unit, case.arbitrated) == ("dispatched", city.municipal, True)
    before = snapshot(case)
    with pytest.raises(Conflict):
        act(case, "return", actor=city.user("handler"), reason="还是不要")
    assert snapshot(case) == before


def test_a_case_that_nobody_owns_is_referred_without_three_returns(city):
    # given cases that wait for a dispatcher who finds no owner: one nobody had yet, one reopened
    fresh = act(city.open(), "recall", actor=city.user("dispatcher"), reason="权属不清")
    reopened = in_state(city, "reopened")
    for case in (fresh, reopened):
        # when it is referred, then it has left the dispatcher's queue for the operations centre's
        case = act(case, "refer", actor=city.user("dispatcher"), reason="各单位均称无权属")
        assert (case.state, case.review_reason) == ("arbitration", "arbitration")
        assert not waiting_for(city.user("dispatcher")).filter(pk=case.pk).exists()
        assert waiting_for(city.user("operations_centre")).filter(pk=case.pk).exists()
        case = act(case, "arbitrate", actor=city.user("operations_centre"), lead_unit=city.water,
                   limit_amount=Decimal(4), limit_unit="urgent_hour", reason="管线归水务")  # fmt: skip
        assert (case.state, case.lead_unit, case.arbitrated) == ("dispatched", city.water, True)


def test_handing_over_keeps_the_limit_and_who_had_the_time(city, handled):
    # given a case with municipal, due at eleven
    case = act(handled, "hand_over", actor=city.user("dispatcher"), lead_unit=city.water,
               assisting_units=[city.municipal], reason="管线", occurred_at=START + hours(1))  # fmt: skip
    # then water goes on with what is left, municipal helps, and both clocks are kept
    assert (case.lead_unit, case.due_at, case.signed_at) == (city.water, handled.due_at, None)
    clocks = list(case.clocks.order_by("id").values_list("unit__code", "ended_at", "due_at"))
    assert clocks == [("municipal", START + hours(1), handled.due_at), ("water", None, handled.due_at)]
    assert list(Dispatch.objects.filter(case=case).order_by("id").values_list("lead_unit__code", flat=True)) == [
        "municipal", "water",
    ]  # fmt: skip

    # and the assisting unit finds its part on the phone and says when it is done
    def helping():
        cards = cases_on_the_spot(city.user("handler"))
        return [card.url for card in cards if card.group == gettext("We help")]

    assert helping() == [f"/m/cases/{case.number}/"]
    case = act(case, "finish_part", actor=city.user("handler"), occurred_at=START + hours(1.5))
    assert case.units.get(unit=city.municipal).done_at == START + hours(1.5)
    assert helping() == []
    with pytest.raises(Invalid):
        inactive = OrgUnit.objects.get(code="inactive")
        act(case, "hand_over", actor=city.user("dispatcher"), lead_unit=inactive, reason="x")


@pytest.fixture
def alerts(city):
    """Warnings at three quarters; escalation every hour past the end."""
    return StageLimit.objects.create(
        stage="handling", limit_amount=1, limit_unit="work_day", warn_at=Decimal("0.75"), escalate_hours=1
    )


def fired(clock, case, by: timedelta) -> list[str]:
    clock.shift(by)
    before = len(names(case))
    timers.fire_due()
    return names(case)[before:]


def test_people_are_warned_told_and_told_again_at_the_next_level(city, alerts):
    with time_machine.travel(START, tick=False) as clock:
        # given a case with two hours, warned at 1.5
        case = city.open()
        assert fired(clock, case, hours(1.4)) == []
        assert fired(clock, case, hours(0.2)) == ["case.warned"]
        assert fired(clock, case, hours(0.5)) == ["case.overdue"]
        # then it rises three times, an hour apart, and no more
        assert [fired(clock, case, hours(1)) for _ in range(5)] == [["case.escalated"]] * 3 + [[], []]
    levels = Event.objects.filter(name="case.escalated").order_by("id").values_list("payload__level", flat=True)
    assert list(levels) == [1, 2, 3]
    when = Event.objects.filter(name__in=("case.warned", "case.overdue")).order_by("id")
    assert list(when.values_list("occurred_at", flat=True)) == [START + hours(1.5), START + hours(2)]


def test_a_stage_that_ended_or_moved_is_not_complained_about(city, alerts):
    with time_machine.travel(START, tick=False) as clock:
        # given one case submitted in time and one with an hour more
        done = act(city.open(), "start", actor=city.user("handler"))
        done = act(done, "submit", actor=city.user("handler"), result="好了")
        longer = city.open()
        longer = act(longer, "ask_extension", actor=city.user("handler"), amount=Decimal(1),
                     counted_in="urgent_hour", reason="下雨")  # fmt: skip
        longer = act(longer, "extend", actor=city.user("dispatcher"))
        # when the first end passes, then only what still runs is warned of, at three quarters of its new time
        clock.shift(hours(2.1))
        timers.fire_due()
        late = Event.objects.filter(name="case.overdue", payload__stage="handling", subject_id__in=[longer.pk, done.pk])
        assert not late.exists()
        assert fired(clock, longer, hours(0.3)) == ["case.warned"] or "case.warned" in names(longer)
        assert fired(clock, longer, hours(1)) == ["case.overdue"]


def test_the_rules_of_alerts_are_kept_by_the_database(city):
    for wrong in ({"warn_at": 1}, {"escalate_hours": -1}, {"limit_unit": "work_day"}):
        with pytest.raises(Invalid):
            _stored(city, wrong)


def _stored(city, wrong):
    row = StageLimit.objects.filter(stage="feedback").first() or StageLimit.objects.create(
        stage="feedback", limit_amount=1, limit_unit="urgent_day"
    )
    for name, value in wrong.items():
        setattr(row, name, value)
    configuration_save(row, actor=city.user("administrator"), changed=list(wrong))


def test_tasks_belong_to_the_grids_worker_until_given_to_another(city):
    # given a report in the grid
    case = city.report()
    task = StageClock.objects.get(case=case, ended_at=None)
    assert (task.stage, task.assignee) == ("verification", city.user("grid_worker"))
    # when the community gives the task to its own staff
    act(case, "assign_task", actor=city.user("community_staff"), worker=city.user("community_staff"))
    task.refresh_from_db()
    assert task.assignee == city.user("community_staff")
    # then nobody from elsewhere can be given it
    with pytest.raises(Invalid) as refusal:
        act(case, "assign_task", actor=city.user("registrar"), worker=city.outsider("grid_worker"))
    assert refusal.value.field == "worker"
    # and inspection is a task again
    sensed = act(city.open(), "start", actor=city.user("handler"))
    sensed = act(sensed, "submit", actor=city.user("handler"), result="好了")
    assert sensed.clocks.get(ended_at=None).assignee == city.user("grid_worker")
    assert Case.objects.get(pk=sensed.pk).state == "submitted"
