"""The nightly watch: what it counts, finds, holds back and says; and the job."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

import numpy as np
import pytest
import time_machine
from django.utils import timezone

from cases.models import Patrol, PatrolPlan, PatrolRoute
from governance.clock import SHANGHAI
from governance.configuration import configuration_save
from governance.errors import Invalid, NotPermitted
from governance.models import Event, User
from governance.surveillance.usual import NEEDED
from governance.workflow import act
from mediation.models import (
    DisputeType,
    EarlyWarning,
    Hazard,
    Signal,
    StreamNull,
    WarningEvent,
    WarningMethod,
    WarningState,
    WarningStream,
    WarningWatch,
)
from mediation.warning import nulls
from mediation.warning.streams import Ground, happenings, rounds
from mediation.warning.tasks import watch_disputes
from mediation.warning.telling import events_told
from mediation.warning.watching import expected_false_alarms, watch_all, watch_night

TODAY = date(2026, 11, 25)  # a Wednesday
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _few_worlds(monkeypatch):
    """Thresholds from fewer worlds: the small city needs no more."""
    monkeypatch.setattr(nulls, "DRAWN", 4000)
    monkeypatch.setattr(nulls, "COARSE", 500)


def at(day: date, hour: int = 10) -> datetime:
    return datetime.combine(day, time(hour), SHANGHAI)


def kind(code: str = "neighbours") -> DisputeType:
    return DisputeType.objects.get_or_create(code=code, defaults={"name": code})[0]


def signals(area, days: Iterable[date], **given) -> list[Signal]:
    given = {"channel": "hotline", "type": given.pop("type", None) or kind(), "text": "楼上漏水"} | given
    rows = [Signal(area=area, event_date=day, received_at=at(day, 12), **given) for day in days]
    return Signal.objects.bulk_create(rows)


def background(city, *, days: int = NEEDED + 5, every: int = 4, **given) -> None:
    """One signal in either community every few days for more than a year, up to yesterday."""
    for place, area in enumerate((city.area("grid"), city.area("other_community"))):
        signals(area, [TODAY - timedelta(days=back) for back in range(place + 1, days, every)], **given)


def hazard(city, day: date, **given) -> Hazard:
    given = {
        "area": city.area("grid"), "type": kind(), "words": "争吵", "source": "phone", "seen_at": at(day),
        "reported_at": at(day, 11), "assess_by": at(day) + timedelta(days=3), "reporter": city.people["grid_worker"],
    } | given  # fmt: skip
    return Hazard.objects.create(**given)


def a_watch(city, **given) -> WarningWatch:
    given = {"code": "w", "name": "临江区", "area": city.area("district")} | given
    return WarningWatch.objects.create(**given)


@pytest.fixture
def struck(city):
    """A usual year, and eight calls from one community within three days."""
    background(city)
    signals(city.area("community"), [TODAY - timedelta(days=back) for back in (0, 0, 0, 0, 1, 1, 2, 2)])
    city.watch = a_watch(city)
    return city


def test_a_warning_says_where_what_how_many_and_how_seldom(struck):
    # when the night looks
    (warning,) = watch_all(TODAY)
    # then the place, the type, the days and the figures are there
    assert (warning.method, warning.stream) == (WarningMethod.SCAN, WarningStream.HOTLINE)
    assert warning.places == [struck.area("community").code] and warning.area == struck.area("community")
    assert (warning.type, warning.state, warning.level) == (kind(), WarningState.OPEN, "orange")
    assert (warning.first_day, warning.last_day, warning.days) == (TODAY - timedelta(days=2), TODAY, 3)
    assert warning.observed >= 8 and warning.expected < 2 and warning.recurrence_days > 365
    # and its events
    rows = events_told(warning, struck.user("administrator"))
    assert len(rows) == warning.observed and {row.day for row in rows} <= {TODAY - timedelta(days=n) for n in range(3)}
    event = Event.objects.get(name="warning.raised")
    assert event.actor.username == "system:early-warning" and event.area == struck.area("community")
    assert event.payload["observed"] == warning.observed and "漏水" not in str(event.payload)
    assert expected_false_alarms(struck.watch) == pytest.approx(365 * DisputeType.objects.count() / 100)


def test_the_same_night_again_changes_nothing(struck):
    watch_all(TODAY)
    before = EarlyWarning.objects.values().get(), Event.objects.count(), WarningEvent.objects.count()
    assert watch_all(TODAY) == []
    WarningWatch.objects.update(watched_to=None)
    assert watch_all(TODAY) == []
    assert (EarlyWarning.objects.values().get(), Event.objects.count(), WarningEvent.objects.count()) == before


def test_an_open_warning_is_held_back_until_new_events_arrive(struck):
    (warning,) = watch_all(TODAY)
    # when the next night finds the same without a new event, nothing is told
    assert watch_all(TODAY + timedelta(days=1)) == []
    seen = EarlyWarning.objects.get()
    assert (seen.times_seen, seen.last_seen, seen.observed) == (2, TODAY + timedelta(days=1), warning.observed)
    assert not Event.objects.filter(name="warning.grew").exists()
    # and with new ones it is the same warning, grown
    third = TODAY + timedelta(days=2)
    signals(struck.area("grid"), [third, third])
    (grown,) = watch_all(third)
    assert grown.pk == warning.pk and grown.observed == warning.observed + 2 == len(
        events_told(grown, struck.user("administrator"))
    )
    assert Event.objects.filter(name="warning.grew").count() == 1 and EarlyWarning.objects.count() == 1


@pytest.mark.parametrize(("step", "state", "again"), [("known", "known", 1), ("confirm", "true", 2),
                                                      ("dismiss", "false", 2)])  # fmt: skip
def test_a_judged_warning_comes_again_only_with_enough_new_events(struck, step, state, again):
    (warning,) = watch_all(TODAY)
    act(warning, step, actor=struck.user("operations_centre"), reason="已走访核实")
    next_day = TODAY + timedelta(days=1)
    # two more are no new warning
    signals(struck.area("grid"), [next_day] * 2)
    assert watch_all(next_day) == [] and EarlyWarning.objects.get().state == state
    # three that were not among its events are, unless it is known
    after = TODAY + timedelta(days=2)
    signals(struck.area("grid"), [after])
    watch_all(after)
    assert EarlyWarning.objects.count() == again


def test_one_caller_fifty_times_is_one_event(city):
    background(city)
    a_watch(city)
    days = [TODAY - timedelta(days=back % 14) for back in range(50)]
    signals(city.area("community"), days, complainant="c" * 64)
    ground = Ground.of(city.area("district"))
    rows = happenings(ground, TODAY - timedelta(days=13), TODAY)
    assert (
        sum(row.pk in set(Signal.objects.filter(complainant__gt="").values_list("pk", flat=True)) for row in rows) == 1
    )
    assert watch_all(TODAY) == []


def test_what_is_counted_and_what_not(city):
    first = TODAY - timedelta(days=5)
    (kept,) = signals(city.area("grid"), [TODAY])
    signals(city.area("grid"), [TODAY], duplicate_of=kept)
    Signal.objects.create(area=city.area("grid"), channel="hotline", event_date=TODAY, received_at=at(TODAY))  # no type
    Signal.objects.create(
        area=city.area("grid"), channel="hotline", event_date=TODAY, type=kind(),
        received_at=at(TODAY + timedelta(days=1)),
    )  # fmt: skip
    told = hazard(city, TODAY)
    hazard(city, TODAY, origin_type="mediation.signal", origin_id=kept.pk, source="hotline")
    hazard(city, TODAY, state="excluded", type_guessed=False, assessed_by=city.people["grid_worker"],
           assessed_at=at(TODAY, 12))  # fmt: skip
    (township,) = signals(city.area("street"), [TODAY])
    ground = Ground.of(city.area("district"))
    rows = {(row.kind, row.pk): row for row in happenings(ground, first, TODAY)}
    assert set(rows) == {("signal", kept.pk), ("hazard", told.pk), ("signal", township.pk)}
    # a grid counts for its community, a township for itself only
    place = ground.places.index(city.area("community"))
    assert rows["signal", kept.pk].place == place and rows["signal", township.pk].place is None
    assert rows["signal", township.pk].street == ground.streets.index(city.area("street"))
    # and each event has one origin
    assert {row.origin for row in rows.values()} == {"hotline", "told"} and rows["hazard", told.pk].origin == "told"


def patrol_of(city, day: date, **given) -> Patrol:
    route, _made = PatrolRoute.objects.get_or_create(
        code="r", defaults={"name": "巡", "area": city.area("grid"), "unit": city.unit("committee")}
    )
    plan, _made = PatrolPlan.objects.get_or_create(
        code="p", defaults={"route": route, "rule": "daily", "starts": time(8), "ends": time(10)}
    )
    return Patrol(
        plan=plan, route=route, date=day, area=route.area, unit=route.unit, role=route.role, starts_at=at(day, 8),
        ends_at=at(day, 10), **{"state": "finished", "worker": city.people["grid_worker"]} | given,
    )  # fmt: skip


def test_finds_are_held_against_the_rounds_walked(city):
    # given a year of two rounds a week, each fifth with a find; and a fortnight in which somebody walks every day
    background(city)
    back = [*range(15, NEEDED), *range(14)]
    days = [TODAY - timedelta(days=ago) for ago in back if ago < 14 or ago % 4 == 0]
    walked = Patrol.objects.bulk_create([patrol_of(city, day) for day in days])
    for number, patrol in enumerate(walked):
        if number % 5 == 0:
            hazard(city, patrol.date, source="patrol", patrol=patrol, type=kind("property"))
    Patrol.objects.bulk_create([patrol_of(city, TODAY + timedelta(days=1), state="planned", worker=None)])
    ground = Ground.of(city.area("district"))
    first = TODAY - timedelta(days=NEEDED - 1)
    assert rounds(ground, first, NEEDED)[ground.places.index(city.area("community"))].sum() == len(walked)
    # then as many finds a round are no warning
    watch = a_watch(city)
    watch_night(watch, TODAY, actor=User.objects.system("early-warning"))
    assert not EarlyWarning.objects.filter(stream=WarningStream.PATROLS).exists()
    # and many finds are one, of patrols
    for patrol in walked[-5:]:
        hazard(city, patrol.date, source="patrol", patrol=patrol, type=kind("property"))
        hazard(city, patrol.date, source="patrol", patrol=patrol, type=kind("property"))
    watch_night(watch, TODAY, actor=User.objects.system("early-warning"))
    found = EarlyWarning.objects.filter(stream=WarningStream.PATROLS).get()
    assert found.type == kind("property") and found.events.filter(hazard__isnull=False).count() == found.observed


def test_with_short_history_townships_are_compared_with_four_weeks(city):
    # given six weeks, and a day with nine
    background(city, days=42, every=3)
    signals(city.area("other_community"), [TODAY] * 9)
    a_watch(city)
    (warning,) = watch_all(TODAY)
    assert (warning.method, warning.area) == (WarningMethod.SHORT, city.area("other_street"))
    assert warning.places == [city.area("other_community").code] and warning.observed == 9
    assert warning.recurrence_days >= 365 and len(events_told(warning, city.user("administrator"))) == 9
    # and with less than four weeks nothing can be said
    Signal.objects.filter(event_date__lt=TODAY - timedelta(days=20)).delete()
    EarlyWarning.objects.all().delete()
    WarningWatch.objects.update(watched_to=None)
    assert watch_all(TODAY) == []


def test_on_sundays_a_townships_week_is_held_against_former_years(city):
    sunday = date(2026, 11, 22)
    random = np.random.default_rng(3)
    weeks = 3 * 52 + 10
    days = [sunday - timedelta(days=int(ago)) for ago in random.integers(7, weeks * 7, weeks * 4)]
    # calls of the township that name no community: the scan cannot place them
    signals(city.area("street"), days)
    signals(city.area("street"), [sunday - timedelta(days=back % 7) for back in range(16)])
    a_watch(city)
    (warning,) = watch_all(sunday)
    assert (warning.method, warning.area) == (WarningMethod.WEEKLY, city.area("street"))
    assert warning.observed == 16 == len(events_told(warning, city.user("administrator"))) and 2 < warning.expected < 7
    assert (warning.first_day, warning.days) == (sunday - timedelta(days=6), 7)
    # and on other days it is not asked
    EarlyWarning.objects.all().delete()
    assert watch_night(WarningWatch.objects.get(), TODAY, actor=User.objects.system("early-warning")) == []


def test_thresholds_are_kept_for_weeks_and_drawn_whole_only_when_needed(struck):
    # given types far from an alarm beside one that is
    background(struck, type=kind("property"))
    watch_all(TODAY)
    drawn = dict(StreamNull.objects.values_list("type__code", "drawn"))
    assert drawn["neighbours"] == 4000 and drawn.get("property", 500) == 500
    before = list(StreamNull.objects.order_by("pk").values("pk", "made_on", "drawn"))
    watch_all(TODAY + timedelta(days=3))
    assert [
        row for row in StreamNull.objects.order_by("pk").values("pk", "made_on", "drawn") if row in before
    ] == before
    # and after four weeks anew
    StreamNull.objects.update(made_on=TODAY - timedelta(days=40))
    EarlyWarning.objects.all().delete()
    WarningWatch.objects.update(watched_to=None)
    watch_all(TODAY)
    assert StreamNull.objects.get(type=kind()).made_on == TODAY


def test_a_watch_of_nothing_and_rules_out_of_use_are_quiet(city):
    a_watch(city)
    assert watch_all(TODAY) == [] and WarningWatch.objects.get().watched_to == TODAY
    WarningWatch.objects.update(is_active=False, watched_to=None)
    background(city)
    assert watch_all(TODAY) == [] and WarningWatch.objects.get().watched_to is None


def test_the_job_looks_up_to_yesterday_once_a_day(struck):
    with time_machine.travel(at(TODAY + timedelta(days=1), 3), tick=False):
        stamp = int(timezone.now().timestamp())
        assert watch_disputes(stamp) == 1 and watch_disputes(stamp) == 0
    assert WarningWatch.objects.get().watched_to == TODAY


def test_a_watch_that_cannot_be_is_refused(city):
    watch = WarningWatch(code="x", name="x", area=city.area("district"), yellow_days=400)
    with pytest.raises(Invalid):
        configuration_save(watch, actor=city.user("administrator"), changed=["code"])
    outside = WarningWatch(code="z", name="z", area=city.area("district"))
    with pytest.raises(NotPermitted):
        configuration_save(outside, actor=city.outsider("administrator"), changed=["code"])
    assert not WarningWatch.objects.exists()
