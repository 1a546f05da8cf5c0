"""Two members at once: real connections, one of them wins."""

from datetime import timedelta

import pytest

from conftest import build_city
from property.assembly.tests.test_concurrency import together
from property.models import HoursEntry, ShiftDuty, StewardPlan, StewardShift
from property.stewards.outreach import outreach_log
from property.stewards.shifts import duty_take, shifts_make
from property.stewards.tests.teams import NOON, build_stewards
from property.tests.neighbourhood import build_neighbourhood


@pytest.mark.django_db(transaction=True)
def test_of_two_members_who_want_the_last_place_one_gets_it_and_shifts_are_made_once():
    # given a shift that wants one
    stewards = build_stewards(build_neighbourhood(build_city()))
    shift, people = stewards.shift(wanted=1), [stewards.lead, stewards.volunteer]
    # when both take it at the same moment
    ended = together(lambda place: duty_take(shift, actor=people[place], at=NOON), number=2)
    # then one stands it and the other is told that it is full
    assert ended == ["done", "full"] and ShiftDuty.objects.count() == 1
    # and two workers make the shifts of a plan once
    plan = StewardPlan.objects.create(code="w", team=stewards.team, name="晨检", weekdays=[0, 1, 2, 3, 4, 5, 6],
                                      starts="08:00", ends="09:00", valid_from=NOON.date())  # fmt: skip
    last = NOON.date().replace(day=28)
    together(lambda place: shifts_make(NOON.date(), last, now=NOON, plans=[plan]), number=2)
    assert StewardShift.objects.filter(plan=plan).count() == 3


@pytest.mark.django_db(transaction=True)
def test_two_visits_logged_at_the_same_moment_count_their_time_once():
    stewards = build_stewards(build_neighbourhood(build_city()))
    told = {"actor": stewards.volunteer, "team": stewards.team, "topic": "反诈", "result": "explained", "place": "广场",
            "minutes": 30, "at": NOON - timedelta(hours=1), "now": NOON}  # fmt: skip
    assert together(lambda place: outreach_log(**told), number=3) == ["done"] * 3
    assert sorted(HoursEntry.objects.values_list("minutes", flat=True)) == [0, 0, 30]
