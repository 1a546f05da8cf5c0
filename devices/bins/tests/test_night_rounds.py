"""Rounds that start before midnight or just after it: planned by their start, ticked until they are over."""

from datetime import date, datetime, time, timedelta

import pytest
import time_machine
from django.urls import reverse

from devices.bins.days import current_q, is_current
from devices.bins.rounds import rounds_plan, run_plan, stop_empty, stop_untick
from devices.bins.tests.test_rounds import API, HERE, a_bin, crew, round_  # noqa: F401
from devices.models import CollectionRound, CollectionRun
from devices.pages.collections import collections_of_today
from devices.tests.test_admin import client_of
from governance.errors import Conflict

pytestmark = pytest.mark.django_db
TONIGHT = datetime(2026, 11, 24, tzinfo=HERE)
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)


def when(hour, minute=0, days=0) -> datetime:
    """Return a moment of the 24th, or so many days later."""
    return TONIGHT + timedelta(days=days, hours=hour, minutes=minute)


@pytest.fixture
def night(fleet, round_):  # noqa: F811
    """A round that starts at half past ten in the evening, planned for the 24th; two of its bins are full."""
    for code, place in (("A", 1), ("B", 2)):
        a_bin(fleet, code, 0.9, place=place, heard=when(21))
    CollectionRound.objects.update(starts_at=time(22, 30))
    round_.refresh_from_db()
    with time_machine.travel(when(21, 45), tick=False):
        assert rounds_plan() == 1
    return CollectionRun.objects.get()


def test_a_night_round_is_ticked_past_midnight(fleet, night):
    first, second = night.stops.order_by("position")
    client = client_of(crew(fleet))
    with time_machine.travel(when(23, 50), tick=False):
        stop_empty(first, actor=crew(fleet))
    with time_machine.travel(when(0, 30, days=1), tick=False):
        # it is among the tasks still, on the phone and for machines; and the wrong tick can be taken back
        (card,) = collections_of_today(crew(fleet))
        assert card.url == f"/m/collections/{night.pk}/"
        assert f"stops/{second.pk}/empty/" in client.get(card.url).content.decode()
        (route,) = client.get(API).json()["results"]
        assert route["day"] == "2026-11-24"
        assert client.post(f"/m/collections/stops/{second.pk}/empty/").status_code == 302
        stop_untick(first, actor=crew(fleet))
        # when it is planned anew, then the same round is
        url = reverse("admin:devices_collectionrun_change", args=[night.pk])
        assert client_of(fleet.city.user("dispatcher")).get(url).context["may_plan"]
        assert run_plan(night.round, actor=crew(fleet)).pk == night.pk
        assert client.post(f"{url[:-7]}plan/")["Location"] == url
    assert CollectionRun.objects.count() == 1
    assert list(night.stops.exclude(emptied_at=None)) == [second]
    # and when it is over, it is over
    with time_machine.travel(when(10, 30, days=1), tick=False):
        assert collections_of_today(crew(fleet)) == [] and client.get(API).json()["results"] == []
        with pytest.raises(Conflict):
            stop_untick(second, actor=crew(fleet))


def test_a_round_of_the_day_is_over_with_its_day(fleet, night):
    CollectionRound.objects.update(starts_at=time(6))
    stop = night.stops.first()
    with time_machine.travel(when(0, 0, days=1), tick=False), pytest.raises(Conflict):
        stop_empty(stop, actor=crew(fleet))
    with time_machine.travel(when(23, 59), tick=False):
        stop_empty(stop, actor=crew(fleet))


def planned(now) -> list[date]:
    rounds_plan(now=now)
    return list(CollectionRun.objects.order_by("day").values_list("day", flat=True))


def test_a_round_that_starts_just_after_midnight_is_planned_before_it(fleet, round_):  # noqa: F811
    CollectionRound.objects.update(starts_at=time(0, 30))
    # given that yesterday's was planned, and today's is under way
    assert planned(when(0, 10)) == [date(2026, 11, 24)]
    assert planned(when(23, 29)) == [date(2026, 11, 24)]
    # an hour before the next
    assert planned(when(23, 30)) == [date(2026, 11, 24), date(2026, 11, 25)]
    assert planned(when(0, 10, days=1)) == [date(2026, 11, 24), date(2026, 11, 25)]
    # then the crew reads it before midnight; and a person who plans anew plans that one
    with time_machine.travel(when(23, 45), tick=False):
        assert [card.url for card in collections_of_today(crew(fleet))][-1].endswith(
            f"/{CollectionRun.objects.latest('day').pk}/"
        )
        assert run_plan(round_, actor=crew(fleet)).day == date(2026, 11, 25)


def test_a_night_round_missed_before_midnight_is_made_up_for(fleet, night):
    # given that nobody planned on the 25th until after midnight
    assert planned(when(0, 20, days=2)) == [date(2026, 11, 24), date(2026, 11, 25)]
    # but not when its time is over
    assert planned(when(10, 31, days=3))[-1] == date(2026, 11, 25)


def test_a_new_night_round_begins_with_its_next_start(fleet, round_):  # noqa: F811
    CollectionRound.objects.update(starts_at=time(22, 30))
    assert planned(when(8)) == []
    assert planned(when(21, 30)) == [date(2026, 11, 24)]
    # and every second day: the night between is left out, whenever it is asked
    CollectionRound.objects.update(days_between=2)
    for moment in (when(0, 10, days=1), when(21, 45, days=1), when(0, 10, days=2)):
        assert planned(moment) == [date(2026, 11, 24)], moment
    assert planned(when(21, 45, days=2)) == [date(2026, 11, 24), date(2026, 11, 26)]


@pytest.mark.parametrize(
    "starts_at", [time(0), time(0, 59), time(6), time(12), time(12, 1), time(22, 30), time(23, 59)]
)
def test_both_forms_of_being_current_agree(fleet, round_, starts_at):  # noqa: F811
    CollectionRound.objects.update(starts_at=starts_at)
    runs = [
        CollectionRun.objects.create(round=round_, day=date(2026, 11, day), planned_at=TONIGHT, metres=0, trips=0)
        for day in (22, 23, 24, 25, 26)
    ]
    round_.refresh_from_db()
    hours = [TONIGHT + MINUTE * minute for minute in range(-30, 24 * 60, 30)]
    for moment in (*hours, *(one + MINUTE for one in hours), *(one - MINUTE for one in hours)):
        found = set(CollectionRun.objects.filter(current_q(moment)).values_list("pk", flat=True))
        assert found == {run.pk for run in runs if is_current(run, moment)}, moment
        assert 1 <= len(found) <= 2
