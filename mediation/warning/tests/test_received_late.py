"""The tests by township see days of which something is received only later."""

from datetime import date, timedelta

import numpy as np
import pytest

from governance.models import User
from mediation.models import EarlyWarning, Signal, WarningLevel, WarningMethod, WarningWatch
from mediation.warning.keeping import Found, warning_found
from mediation.warning.streams import Happening
from mediation.warning.telling import events_told
from mediation.warning.tests.test_watching import TODAY, a_watch, at, background, hazard, kind, signals
from mediation.warning.watching import Look, watch_night

pytestmark = pytest.mark.django_db
SUNDAY = date(2026, 11, 22)


def received(rows: list[Signal], day: date) -> None:
    Signal.objects.filter(pk__in=[row.pk for row in rows]).update(received_at=at(day, 15))


def nights(days: int) -> list[EarlyWarning]:
    watch, actor = WarningWatch.objects.get(), User.objects.system("early-warning")
    return [
        one for back in range(days, -1, -1) for one in watch_night(watch, TODAY - timedelta(days=back), actor=actor)
    ]


@pytest.mark.parametrize(("late", "found"), [(1, True), (5, True), (13, True), (14, False)])
def test_a_burst_of_a_day_received_days_later_is_found_when_it_is_received(city, late, found):
    # given six weeks, and a day with nine calls that all came in today
    background(city, days=48, every=3)
    burst = TODAY - timedelta(days=late)
    received(signals(city.area("other_community"), [burst] * 9), TODAY)
    a_watch(city)
    # then no night before warns, and this one does, of that day; as far back as the longest window
    warnings = nights(3)
    assert [(one.method, one.area, one.first_day, one.last_day, one.last_seen) for one in warnings] == [
        (WarningMethod.SHORT, city.area("other_street"), burst, burst, TODAY)
    ] * found
    # with whatever else was there that day
    assert all(len(events_told(one, city.user("administrator"))) == one.observed in {9, 10} for one in warnings)


def test_hazards_reported_late_are_judged_as_signals_are(city):
    # given six weeks, and nine hazards by the hotline of three days ago, reported today
    background(city, days=48, every=3)
    for _number in range(9):
        hazard(
            city, TODAY - timedelta(days=3), reported_at=at(TODAY, 9), source="hotline",
            area=city.area("other_community"),
        )  # fmt: skip
    a_watch(city)
    (warning,) = nights(4)
    assert (warning.last_day, warning.observed) == (TODAY - timedelta(days=3), 9)


def test_a_day_that_gets_nothing_more_is_not_judged_again(city):
    # given a day with nine calls, received that day, and one elsewhere received late
    background(city, days=48, every=3)
    burst = TODAY - timedelta(days=3)
    signals(city.area("other_community"), [burst] * 9)
    received(signals(city.area("grid"), [burst]), TODAY)
    a_watch(city)
    (warning,) = nights(3)
    # then it is a warning of its own night, and no later night finds it again
    warning.refresh_from_db()
    assert (warning.last_day, warning.last_seen, warning.times_seen) == (burst, burst, 1)


def test_what_is_received_a_little_later_makes_the_day_whole(city):
    # given three calls of a day, no alarm, and six more of it that came in the day after
    background(city, days=48, every=3)
    burst = TODAY - timedelta(days=1)
    signals(city.area("other_community"), [burst] * 2)
    received(signals(city.area("other_community"), [burst] * 7), TODAY)
    a_watch(city)
    (warning,) = nights(2)
    assert (warning.last_day, warning.observed) == (burst, 9)


def test_of_a_week_before_it_is_judged_on_sundays_what_came_in_since(city):
    # given three years of a township's calls, and a full week before the last one, received in the last
    random = np.random.default_rng(3)
    weeks = 3 * 52 + 10
    signals(
        city.area("street"), [SUNDAY - timedelta(days=int(ago)) for ago in random.integers(14, weeks * 7, weeks * 4)]
    )
    burst = signals(city.area("street"), [SUNDAY - timedelta(days=7 + back % 7) for back in range(20)])
    a_watch(city)
    look = Look.of(WarningWatch.objects.get(), SUNDAY)
    assert list(look.weeks()) == []
    received(burst, SUNDAY - timedelta(days=2))
    # then it is found
    (found,) = Look.of(WarningWatch.objects.get(), SUNDAY).weeks()
    assert (found.observed, found.since, found.until) == (20, SUNDAY - timedelta(days=13), SUNDAY - timedelta(days=7))


@pytest.mark.parametrize(("recurrence", "taken"), [(120.0, False), (900.0, True)])
def test_an_open_warning_keeps_its_figures_unless_the_late_day_is_rarer(city, recurrence, taken):
    # given a yellow warning of a township's day, and late events of a day before
    watch, actor, area = a_watch(city), User.objects.system("early-warning"), city.area("other_community")
    rows = signals(area, [TODAY] * 5 + [TODAY - timedelta(days=2)] * 6)

    def found(day: date, recurrence: float, until: date | None = None) -> Found:
        inside = [Happening("signal", row.pk, "hotline", kind().pk, area.pk, 0, 0, day)
                  for row in rows if row.event_date == day]  # fmt: skip
        return Found(WarningMethod.SHORT, "hotline", kind().pk, [area], day, len(inside), 0.5, recurrence, inside,
                     until=until)  # fmt: skip

    warning = warning_found(watch, found(TODAY, 150.0), day=TODAY, actor=actor)
    tomorrow = TODAY + timedelta(days=1)
    late = found(TODAY - timedelta(days=2), recurrence, TODAY - timedelta(days=2))
    grown = warning_found(watch, late, day=tomorrow, actor=actor)
    # then it knows all events, and its figures are those of the later day unless the other is orange
    assert grown == warning and grown.events.count() == 11 and grown.last_seen == tomorrow
    assert (grown.last_day, grown.observed, grown.level) == (
        (TODAY - timedelta(days=2), 6, WarningLevel.ORANGE) if taken else (TODAY, 5, WarningLevel.YELLOW)
    )
