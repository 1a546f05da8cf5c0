"""Streams by origin: each by itself and all reports together, one false-alarm rate for all, each with its own history;
the weekly and the short test look at all of them, at patrols by rounds."""

from datetime import date, timedelta

import numpy as np
import pytest
import time_machine

from benchmarks.warning_streams import SHARES, tries_each
from cases.models import Patrol
from governance.models import Event, Role, User
from governance.surveillance.null import DRAWN
from governance.surveillance.usual import NEEDED
from governance.workflow import act
from mediation.models import EarlyWarning, Signal, SignalChannel, StreamNull, WarningMethod
from mediation.prevention.signals import signal_report
from mediation.prevention.tests.village import step
from mediation.tests.county import NOW
from mediation.warning import nulls
from mediation.warning.nulls import Rare
from mediation.warning.states import WarningStream, family_of
from mediation.warning.streams import Ground, Happening, first_days_of, happenings, shares, streams_of
from mediation.warning.telling import events_told, told
from mediation.warning.tests.test_watching import TODAY, a_watch, at, background, hazard, kind, patrol_of, signals
from mediation.warning.watching import Look, watch_all, watch_night

pytestmark = pytest.mark.django_db
SUNDAY = date(2026, 11, 22)
WAYS = ("hotline", "petition", "opinion")


@pytest.fixture(autouse=True)
def _few_worlds(monkeypatch):
    """Thresholds from fewer worlds: the small city needs no more."""
    monkeypatch.setattr(nulls, "DRAWN", 12_000)
    monkeypatch.setattr(nulls, "COARSE", 500)


def one(origin: str, pk: int) -> Happening:
    return Happening("signal", pk, origin, 1, 1, 0, 0, TODAY)


@pytest.mark.parametrize(("origins", "wanted"), [
    ("hotline", {"hotline": 1}), ("told", {"reports": 1}), ("patrols", {"patrols": 1}),
    ("hotline patrols", {"hotline": 0.5, "patrols": 0.5}),
    ("told patrols", {"reports": 0.5, "patrols": 0.5}),
    ("hotline told", {"reports": 0.5, "hotline": 0.5}),
    ("hotline petition", {"reports": 0.5, "hotline": 0.25, "petition": 0.25}),
    ("hotline petition opinion patrols told", SHARES),
])  # fmt: skip
def test_streams_share_one_rate(origins, wanted):
    # given events of these origins, and one of an origin that is not looked at
    rows = [one(origin, pk) for pk, origin in enumerate([*origins.split(), "other"])]
    # then each is a stream, all reports another where they are more than one, and their shares are one whole
    streams = streams_of(rows, origins.split())
    assert shares(streams) == wanted and sum(wanted.values()) == 1
    assert sorted({row.origin for stream in streams.values() for row in stream}) == sorted(origins.split())
    reports = streams.get("reports", [])
    assert not reports or [row.origin for row in reports] == [one for one in origins.split() if one != "patrols"]


@pytest.mark.parametrize(("share", "wanted"), [
    (1, [500, 7_300]), (1 / 2, [500, 14_600]), (1 / 4, [500, 7_300, 29_200]), (1 / 8, [500, 7_300, 36_500]),
])  # fmt: skip
def test_how_much_is_drawn_goes_by_the_share_of_the_rate(monkeypatch, share, wanted):
    monkeypatch.setattr(nulls, "DRAWN", DRAWN)
    assert list(nulls._stages(100 / share)) == wanted


@pytest.mark.parametrize("drawn", [nulls.FIRST, 1000])
@pytest.mark.parametrize("share", [1, 0.5, 0.125])
def test_a_coarse_draw_silences_nothing(drawn, share):
    # given many coarse draws of nights whose threshold is known
    least = 100 / share
    random, draws = np.random.default_rng(6), 10_000
    threshold = 1 - 1 / least
    high = np.sort(1 - random.exponential(size=(draws, 60)).cumsum(axis=1) / drawn)[:, ::-1]
    top = [StreamNull(drawn=drawn, top=row.tolist()) for row in high]
    # then in fewer than 2 of 1,000 the score up to which nothing is asked further lies above it
    assert sum(nulls._frequent(one, least) > threshold for one in top) < 0.002 * draws
    assert least < 800 or drawn > nulls.FIRST or nulls._frequent(top[0], least) == top[0].top[3]


@pytest.mark.parametrize(("tries", "worlds", "each"), [(320, 32, 10), (320, 33, 10), (24, 150, 1), (0, 5, 1)])
def test_the_benchmark_tries_outbreaks_in_any_number_of_counties(tries, worlds, each):
    assert tries_each(tries, worlds) == each


def test_reports_are_one_family_and_patrols_another():
    assert family_of("patrols") == ["patrols"]
    assert all(set(family_of(stream)) == set(WarningStream.values) - {"patrols"} for stream in ("reports", *WAYS))


@pytest.mark.parametrize("way", WAYS)
def test_what_one_way_hears_is_a_warning_of_that_way(city, way):
    # given a usual year of all three ways, and a week in which one tells of one place
    for channel in WAYS:
        background(city, every=9, channel=channel)
    signals(city.area("community"), [TODAY - timedelta(days=back % 3) for back in range(8)], channel=way)
    a_watch(city)
    # when the night looks
    (warning,) = watch_all(TODAY)
    # then it is one warning, of the stream that shows it clearest, with its events
    assert warning.stream == way and warning.observed >= 8 and warning.expected < 1
    assert warning.get_stream_display() in told(warning)
    assert {row.channel for row in events_told(warning, city.user("administrator"))} == {
        warning.events.first().signal.get_channel_display()
    }
    # and each stream was held against its own null, at its share of the rate
    assert StreamNull.objects.filter(stream=way).get().drawn == 12_000


def test_what_every_way_hears_a_little_of_is_a_warning_of_all_reports(city):
    for channel in WAYS:
        background(city, every=9, channel=channel)
    for number, channel in enumerate(WAYS):
        signals(city.area("community"), [TODAY, TODAY, TODAY - timedelta(days=number)], channel=channel)
    a_watch(city)
    (warning,) = watch_all(TODAY)
    assert warning.stream == WarningStream.REPORTS and warning.observed >= 9


def test_a_warning_goes_on_in_whichever_stream_shows_it_clearest(city):
    # given an open warning of petitions alone
    for channel in WAYS:
        background(city, every=9, channel=channel)
    signals(city.area("community"), [TODAY] * 8, channel="petition")
    a_watch(city)
    (warning,) = watch_all(TODAY)
    assert warning.stream == "petition"
    # when the other ways hear of it too, then it is the same warning, grown, of all reports, with all their events
    tomorrow = TODAY + timedelta(days=1)
    for channel in WAYS:
        signals(city.area("community"), [tomorrow] * 4, channel=channel)
    (grown,) = watch_all(tomorrow)
    assert (grown.pk, grown.stream) == (warning.pk, WarningStream.REPORTS) and EarlyWarning.objects.count() == 1
    assert len(events_told(grown, city.user("administrator"))) == grown.observed >= 20
    # and what one way counts is told of that way only
    EarlyWarning.objects.update(stream="petition")
    told = events_told(EarlyWarning.objects.get(), city.user("administrator"))
    assert 12 <= len(told) < grown.observed and {row.channel for row in told} == {SignalChannel.PETITION.label}


@pytest.mark.parametrize("step", ["dismiss", "confirm", None])
def test_what_another_stream_shows_of_known_events_is_no_news(city, monkeypatch, step):
    # given a warning of the hotline, where petitions told of the same place
    for channel in WAYS:
        background(city, every=9, channel=channel)
    signals(city.area("community"), [TODAY] * 8)
    signals(city.area("community"), [TODAY] * 3, channel="petition")
    signals(city.area("other_community"), [TODAY] * 3, channel="petition")
    watch, only = a_watch(city), {"hotline"}
    actor = User.objects.system("early-warning")
    found = {"stream": lambda watch, stream, *_rest: Rare(1000.0 if stream in only else 0.0)}
    monkeypatch.setattr("mediation.warning.watching.recurrence_of", lambda *args: found["stream"](*args))
    (warning,) = (row for row in watch_night(watch, TODAY, actor=actor) if row.stream == "hotline")
    told = events_told(warning, city.user("administrator"))
    assert len(told) == warning.observed and {row.channel for row in told} == {SignalChannel.HOTLINE.label}
    if step:
        act(warning, step, actor=city.user("operations_centre"), reason="已走访核实")
    # when only all reports stand out in the next nights, without a new event there
    for later, streams in ((1, {"reports"}), (2, {"petition"})):
        only.clear()
        only.update(streams)
        watch_night(watch, TODAY + timedelta(days=later), actor=actor)
    # then nothing is told, and no new warning raised of that place
    place = city.area("community").code
    assert [row.pk for row in EarlyWarning.objects.all() if place in row.places] == [warning.pk]
    assert not Event.objects.filter(name__in=("warning.grew", "warning.rose")).exists()
    # and three new ones are news
    third = TODAY + timedelta(days=3)
    signals(city.area("community"), [third] * 3, channel="petition")
    watch_night(watch, third, actor=actor)
    assert Event.objects.filter(name__in=("warning.grew", "warning.rose", "warning.raised")).count() >= 2


def test_a_share_of_the_rate_is_asked_of_each_stream(city, monkeypatch):
    # given a hotline alone that scores as chance does once in 150 days
    asked = []

    def recurrence(*args):
        asked.append(args[-1])
        return Rare(150.0)

    monkeypatch.setattr("mediation.warning.watching.recurrence_of", recurrence)
    background(city)
    signals(city.area("community"), [TODAY] * 8)
    watch = a_watch(city)
    actor = User.objects.system("early-warning")
    # then that is a warning, of the whole rate
    warning, *_others = watch_night(watch, TODAY, actor=actor)
    assert (warning.recurrence_days, set(asked)) == (150, {100})
    # but no more where there are other ways
    EarlyWarning.objects.all().delete()
    asked.clear()
    background(city, every=9, channel="petition")
    assert watch_night(watch, TODAY, actor=actor) == [] and 200 in asked and set(asked) <= {200, 400}


def test_an_origin_that_began_lately_is_new(city):
    # given a year of hotline, and petitions since six weeks: as many as the hotline in all that time
    background(city)
    background(city, days=42, every=1, channel="petition")
    a_watch(city)
    ground = Ground.of(city.area("district"))
    days = {origin: (TODAY - first).days for origin, first in first_days_of(ground, TODAY).items()}
    assert set(days) == {"hotline", "petition"} and days["hotline"] >= NEEDED - 1 and days["petition"] == 41
    # then they are no alarm against the year in which there were none
    assert watch_all(TODAY) == []
    # and a day with nine is one of the short test, of petitions
    tomorrow = TODAY + timedelta(days=1)
    signals(city.area("other_community"), [tomorrow] * 9, channel="petition")
    (warning,) = watch_all(tomorrow)
    assert (warning.method, warning.stream) == (WarningMethod.SHORT, "petition")
    # and a rare origin is not new because it was silent for two months
    signals(city.area("grid"), [TODAY - timedelta(days=back) for back in range(0, NEEDED, 80)], channel="opinion")
    assert (TODAY - first_days_of(ground, TODAY)["opinion"]).days == 320


def test_with_short_history_finds_are_held_against_the_rounds_of_four_weeks(city):
    # given six weeks of one round a day with a find every second day
    background(city, days=42, every=3)
    days = [TODAY - timedelta(days=back) for back in range(1, 42)]
    walked = Patrol.objects.bulk_create([patrol_of(city, day) for day in days])
    for patrol in walked[::2]:
        hazard(city, patrol.date, source="patrol", patrol=patrol)
    (today,) = Patrol.objects.bulk_create([patrol_of(city, TODAY)])
    watch, actor = a_watch(city), User.objects.system("early-warning")
    # then seven finds of one round are a warning of patrols
    for _number in range(7):
        hazard(city, TODAY, source="patrol", patrol=today)
    (warning,) = watch_night(watch, TODAY, actor=actor)
    assert (warning.method, warning.stream, warning.observed) == (WarningMethod.SHORT, "patrols", 7)
    assert warning.expected < 1 and len(events_told(warning, city.user("administrator"))) == 7


@pytest.mark.parametrize("way", [*WAYS, "patrols"])
def test_on_sundays_every_stream_is_held_against_former_years(city, way):
    # given three years of a way in a township, by rounds walked each day where these are patrols
    random = np.random.default_rng(3)
    weeks = 3 * 52 + 10
    ago = [int(back) for back in random.integers(7, weeks * 7, weeks * 4)] + [back % 7 for back in range(20)]
    days = [SUNDAY - timedelta(days=back) for back in ago]
    if way == "patrols":
        walked = Patrol.objects.bulk_create(
            [patrol_of(city, SUNDAY - timedelta(days=back)) for back in range(weeks * 7)]
        )
        for day, back in zip(days, ago, strict=True):
            hazard(city, day, source="patrol", patrol=walked[back])
    else:
        signals(city.area("street"), days, channel=way)
    watch = a_watch(city)
    # then a week with five times as many is found in that stream
    (found,) = Look.of(watch, SUNDAY).weeks()
    assert (found.stream, found.observed, len(found.inside)) == (way, 20, 20) and 2 < found.expected < 7
    # and is one warning: of the scan where the village is known, which knows these events already
    (warning,) = watch_all(SUNDAY)
    assert (warning.method, warning.stream) == ("scan" if way == "patrols" else "weekly", way)
    assert len(events_told(warning, city.user("administrator"))) == warning.observed >= 20


def test_a_signal_that_became_a_hazard_counts_as_the_mediators_found_it(county):
    # given a record of the township of which nobody knew the type, and one that was guessed wrong
    ground, first = Ground.of(county.area("district")), NOW.date() - timedelta(days=3)
    street, grid = county.area("street"), county.area("grid")
    unsure = Signal.objects.create(channel="hotline", area=street, event_date=NOW.date(), received_at=NOW, text="吵架")
    (wrong,) = signals(county.area("community"), [NOW.date()], type=county.type("damages"), text="为界线吵了三次")

    def told() -> dict:
        rows = happenings(ground, first, NOW.date())
        return {row.pk: (row.kind, row.type_id, row.place) for row in rows}

    here = ground.places.index(county.area("community"))
    assert told() == {wrong.pk: ("signal", county.type("damages").pk, here)}
    # when they are reported as hazards, one of them in a grid, then reporting alone says no type
    township = county.user(Role.TOWNSHIP_MEDIATOR)
    made = [signal_report(unsure, actor=township, area=grid), signal_report(wrong, actor=county.mediator)]
    assert told() == {wrong.pk: ("signal", county.type("damages").pk, here)}
    # and once assessed, both count once, of the type and at the place found
    made = [step(county, one, "assess") for one in made]
    homesteads = ("signal", county.type("houses_homesteads").pk, here)
    assert told() == {unsure.pk: homesteads, wrong.pk: homesteads}
    # what is excluded counts no longer, what became a dispute does, and what is considered again does again
    excluded = step(county, made[0], "exclude")
    step(county, made[1], "convert")
    assert told() == {wrong.pk: homesteads}
    step(county, excluded, "reconsider")
    assert told() == {unsure.pk: homesteads, wrong.pk: homesteads}


def test_a_warning_shows_its_events_where_they_were_found_to_be(county):
    # given a usual year, and eight calls in a day of which only the township is known
    background(county.city)
    calls = signals(county.area("street"), [TODAY] * 8, type=county.type("damages"))
    township, watch = county.user(Role.TOWNSHIP_MEDIATOR), a_watch(county.city)
    with time_machine.travel(at(TODAY, 12), tick=False):
        # when the township reports each in the community
        for number, call in enumerate(calls):
            made = signal_report(call, actor=township, area=county.area("community"), words=f"第{number}户漏水")
            step(county, made, "assess", type=kind())
    (warning,) = watch_night(watch, TODAY, actor=User.objects.system("early-warning"))
    # then the community stands out, and its page shows all of them there
    assert warning.places == [county.area("community").code] and warning.type == kind()
    rows = events_told(warning, county.user("administrator"))
    assert len(rows) == warning.observed >= 8
    assert {row.place for row in rows if row.day == TODAY} <= {county.area("community").name, county.area("grid").name}
