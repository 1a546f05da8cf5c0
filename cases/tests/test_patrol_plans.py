"""Rounds out of plans: on the right days, once each, at the right hours, also with two workers at once."""

import threading
from datetime import date, datetime, time, timedelta

import pytest
from django.db import connection, connections
from django.utils import timezone

from cases.models import Patrol, PatrolPlan, PatrolRoute
from cases.patrol_plans import plans_make_rounds
from cases.tasks import make_rounds
from cases.tests.patrols import a_beat, a_plan, a_route, moment
from conftest import build_city
from governance.configuration import configuration_save
from governance.errors import Invalid, NotPermitted
from governance.models import CalendarDay, Event, Timer

LONG_AGO = moment("2020-01-01T00:00")


def days(first: str, last: str, **plan) -> list[str]:
    """Make the rounds of one plan over some days and return their dates."""
    plans_make_rounds(date.fromisoformat(first), date.fromisoformat(last), now=LONG_AGO)
    return [f"{day:%m-%d}" for day in Patrol.objects.order_by("date").values_list("date", flat=True)]


@pytest.fixture
def route(city):
    return a_route(city)


def test_working_days_follow_public_holidays_and_moved_working_days(route):
    # given the National Day of 2026: 1 to 7 October free, Sunday 20 September and Saturday 10 October worked (调休)
    a_plan(route, rule="workdays", starts=time(8, 30), ends=time(11, 30))
    assert days("2026-09-28", "2026-10-12") == ["09-28", "09-29", "09-30", "10-08", "10-09", "10-10", "10-12"]


def test_exceptions_of_the_area_and_of_those_above_it_count(city, route):
    a_plan(route, rule="workdays")
    CalendarDay.objects.create(area=city.city, date=date(2026, 11, 25), is_workday=False, reason="防汛")
    CalendarDay.objects.create(area=city.grid, date=date(2026, 11, 28), is_workday=True, reason="补班")
    CalendarDay.objects.create(area=city.other_grid, date=date(2026, 11, 26), is_workday=False, reason="别处")
    assert days("2026-11-23", "2026-11-29") == ["11-23", "11-24", "11-26", "11-27", "11-28"]


@pytest.mark.parametrize(
    ("plan", "expected"),
    [
        ({"rule": "daily"}, ["02-26", "02-27", "02-28", "03-01", "03-02"]),
        ({"rule": "weekdays", "weekdays": [0, 5]}, ["02-28", "03-02"]),
        ({"rule": "monthly", "month_day": 31}, ["02-28"]),
        ({"rule": "monthly", "month_day": 1}, ["03-01"]),
        ({"rule": "daily", "valid_from": date(2026, 2, 28), "valid_to": date(2026, 3, 1)}, ["02-28", "03-01"]),
    ],
)
def test_each_rule_has_its_days(route, plan, expected):
    a_plan(route, **plan)
    assert days("2026-02-26", "2026-03-02") == expected


def test_a_round_carries_what_the_plan_and_the_route_say(city, route):
    a_plan(route, starts=time(19), ends=time(2, 30), worker=city.user("grid_worker"))
    days("2026-11-23", "2026-11-23")
    patrol = Patrol.objects.get()
    assert (patrol.starts_at, patrol.ends_at) == (moment("2026-11-23T19:00"), moment("2026-11-24T02:30"))
    assert (patrol.area, patrol.unit, patrol.role) == (city.grid, city.committee, "grid_worker")
    assert (patrol.worker, patrol.state) == (city.user("grid_worker"), "planned")
    timer = Timer.objects.get(subject_id=patrol.pk)
    assert (timer.kind, timer.due_at) == ("patrol.window_ended", patrol.ends_at)
    assert Event.objects.get(name="patrol.planned").actor.is_system


def test_rounds_are_made_once_and_none_for_what_is_over_or_out_of_use(city, route):
    a_plan(route)
    a_plan(a_route(city, "R-2"), "P-2")
    PatrolRoute.objects.filter(code="R-2").update(is_active=False)
    assert make_rounds(0) == 4
    assert make_rounds(0) == 0
    assert Patrol.objects.count() == 4 == Event.objects.filter(name="patrol.planned").count()
    # and a window that has ended makes no round
    noon = timezone.localtime() + timedelta(hours=1)
    yesterday = noon.date() - timedelta(days=3)
    assert plans_make_rounds(yesterday, yesterday) == 0


def test_a_cancelled_round_is_not_made_again(city):
    beat = a_beat(city)
    make_rounds(0)
    Patrol.objects.filter(plan=beat.plan).update(worker=None)
    before = Patrol.objects.count()
    assert make_rounds(0) == 0 and Patrol.objects.count() == before


def test_a_plan_saved_by_a_supervisor_has_its_rounds_at_once(city, route):
    plan = PatrolPlan(code="N-1", route=route, rule="daily", starts=time(0), ends=time(0))
    configuration_save(plan, actor=city.user("community_staff"), changed=["code"])
    assert Patrol.objects.filter(plan=plan).count() == 4


def test_plans_are_kept_by_supervisors_of_the_area_for_people_of_the_team(city, route):
    def save(actor, **given):
        plan = PatrolPlan(**{"code": "N-1", "route": route, "starts": time(8), "ends": time(9)} | given)
        configuration_save(plan, actor=actor, changed=["code"])

    for somebody in (city.user("grid_worker"), city.outsider("community_staff"), city.user("dispatcher")):
        with pytest.raises(NotPermitted):
            save(somebody)
    wrong = [
        {"worker": city.outsider("grid_worker")}, {"rule": "weekdays"}, {"rule": "monthly"},
        {"valid_from": date(2026, 3, 1), "valid_to": date(2026, 2, 1)},
    ]  # fmt: skip
    for given in wrong:
        with pytest.raises(Invalid):
            save(city.user("community_staff"), **given)
    assert not PatrolPlan.objects.exists() and not Patrol.objects.exists()
    save(city.user("community_staff"), worker=city.user("grid_worker"))
    assert PatrolPlan.objects.get().worker == city.user("grid_worker")


def test_a_plan_reads_times_of_the_shift_on_its_day(route):
    plan = a_plan(route, starts=time(0), ends=time(0))
    begins, ends = plan.window(date(2026, 11, 23))
    assert ends - begins == timedelta(days=1) and begins == timezone.make_aware(datetime(2026, 11, 23))


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_make_each_round_once():
    # given many plans, and two workers that begin in the same moment
    city = build_city()
    route = a_route(city)
    for number in range(6):
        a_plan(route, f"P-{number}")
    ready, made, faults = threading.Barrier(2), [], []

    def work():
        try:
            ready.wait()
            made.append(make_rounds(0))
        except Exception as error:  # noqa: BLE001 - whatever a thread raises must fail the test
            faults.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # then neither failed, and each plan has one round a day with one event and one timer
    assert not faults
    assert sum(made) == 24 == Patrol.objects.count() == Timer.objects.filter(kind="patrol.window_ended").count()
    assert Event.objects.filter(name="patrol.planned").count() == 24
    connection.close()
