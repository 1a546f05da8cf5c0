from datetime import datetime, timedelta

import pytest
import time_machine

from cases.clocks import calendar_of
from cases.models import StageClock
from cases.models.catalogue import LimitUnit
from governance import timers
from governance.clock import CLOCK_UNITS, SHANGHAI
from governance.models import CalendarDay, Event
from governance.workflow import act

pytestmark = pytest.mark.django_db


def test_limits_are_counted_in_the_clocks_the_calendar_knows():
    assert set(LimitUnit.values) == set(CLOCK_UNITS)


def test_the_nearest_area_decides_whether_a_day_is_worked(city):
    # given a holiday in the whole city that the first street works through
    day = datetime(2026, 11, 24).date()
    CalendarDay.objects.create(area=city.city, date=day, is_workday=False, reason="市庆")
    CalendarDay.objects.create(area=city.street, date=day, is_workday=True, reason="照常上班")
    # then it depends on the street
    assert calendar_of(city.grid).is_workday(day)
    assert not calendar_of(city.other_grid).is_workday(day)


def test_a_limit_in_working_hours_leaves_out_night_and_weekend(city):
    # given a standard of 4 working hours and a case on Friday at 16:00
    city.standard.limit_amount, city.standard.limit_unit = 4, "work_hour"
    city.standard.save()
    friday = datetime(2026, 11, 20, 16, 0, tzinfo=SHANGHAI)
    # when it is dispatched
    case = city.open(occurred_at=friday)
    # then two hours run on Friday and two on Monday
    assert case.due_at == datetime(2026, 11, 23, 10, 0, tzinfo=SHANGHAI)


def test_a_later_change_of_the_standard_does_not_reach_a_dispatched_case(city):
    case = city.open()
    promised = case.promised_at
    city.standard.limit_amount = 99
    city.standard.save()
    case = act(case, "start", actor=city.user("handler"))
    assert case.promised_at == case.due_at == promised


def test_rework_goes_on_with_what_was_left_of_the_limit(city):
    # given 2 urgent hours, submitted after 30 minutes, looked at a day later
    start = datetime(2026, 11, 16, 9, 0, tzinfo=SHANGHAI)
    case = city.open(occurred_at=start)
    handler = city.user("handler")
    case = act(case, "start", actor=handler, occurred_at=start + timedelta(minutes=5))
    case = act(case, "submit", actor=handler, result="好了", occurred_at=start + timedelta(minutes=30))
    # when it is sent back
    back = start + timedelta(days=1)
    case = act(case, "rework", actor=city.user("grid_worker"), reason="没有", occurred_at=back)
    # then 90 minutes are left, and the time of the inspection is nobody's
    assert case.due_at == back + timedelta(minutes=90)
    assert list(StageClock.objects.filter(case=case).values_list("stage", flat=True))[-3:] == [
        "handling",
        "inspection",
        "handling",
    ]


def test_a_stage_past_its_limit_is_recorded_once(city):
    # given a case whose 2 hours are over
    case = city.open()
    with time_machine.travel(case.due_at + timedelta(minutes=1), tick=False):
        # when the timers fire, twice
        assert [timers.fire_due(), timers.fire_due()] == [1, 0]
        # then one event says so
        event = Event.objects.get(name="case.overdue")
        assert (event.subject_id, event.payload["stage"]) == (case.pk, "handling")
        assert event.actor.username == "system:timers"
        case.refresh_from_db()
        assert case.overdue


def test_a_stage_that_ended_in_time_fires_nothing(city):
    case = city.open()
    due = case.due_at
    case = act(case, "start", actor=city.user("handler"))
    case = act(case, "submit", actor=city.user("handler"), result="好了")
    case = act(case, "inspect", actor=city.user("supervisor"))
    act(case, "close", actor=city.user("registrar"))
    with time_machine.travel(due + timedelta(days=9), tick=False):
        assert timers.fire_due() == 0
    assert not Event.objects.filter(name="case.overdue").exists()
