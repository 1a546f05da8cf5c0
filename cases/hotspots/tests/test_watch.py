"""The nightly watch: what it finds, that doing it again changes nothing, and one case for one signal."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from random import Random
from threading import Barrier

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import connections
from django.utils import timezone

from cases.evidence import origin_of
from cases.hotspots.cells import FINEST, cell_at, larger, name_of
from cases.hotspots.counting import count_changes
from cases.hotspots.services import signal_dismiss, signal_open_case
from cases.hotspots.tests.city import TODAY, a_case, at, many
from cases.hotspots.watch import expected_false_alarms, watch, watch_all
from cases.models import Case, CaseCategory, HotSpotRule, HotSpotSignal, SignalState
from cases.tasks import count_hot_spots, watch_hot_spots
from conftest import build_city
from governance.configuration import configuration_save
from governance.errors import Conflict, Invalid, NotPermitted
from governance.models import Event, User

SPOT = (112.9052, 28.2051)
OTHER = [(112.86 + number / 200, 28.21) for number in range(8)]
CELL = name_of(larger(cell_at(*SPOT), FINEST))


def background(city, last=TODAY, days=60, **given):
    """A case now and then at eight places."""
    random = Random(3)
    Case.objects.bulk_create(
        a_case(city, spot, last - timedelta(days=back), **given)
        for spot in OTHER
        for back in random.sample(range(days), 12)
    )


def a_rule(city, **given) -> HotSpotRule:
    given = {"code": "w", "name": "全市", "area": city.city, "longest_days": 7, "rings": 0} | given
    return HotSpotRule.objects.create(**given)


@pytest.fixture
def struck(city):
    """Two quiet months, and eight cases at one spot within the last two days."""
    background(city)
    many(city, *[SPOT] * 4, days=2)
    city.rule = a_rule(city)
    return city


pytestmark = pytest.mark.django_db


def test_a_cluster_is_found_where_what_and_when_it_is(struck):
    # when the night's watch looks
    (signal,) = watch_all(TODAY)
    # then the signal says place, kind, days and figures
    assert (signal.state, signal.rule, signal.area) == (SignalState.NEW, struck.rule, struck.grid)
    assert signal.category == struck.category.parent and signal.cells == [CELL]
    assert (signal.first_day, signal.last_day, signal.days) == (TODAY - timedelta(days=1), TODAY, 2)
    assert signal.observed == 8 and signal.expected < 2 and signal.recurrence_days >= 365
    assert signal.p_value == pytest.approx(1 / signal.recurrence_days)
    assert (signal.longitude, signal.latitude) == SPOT
    event = Event.objects.get(name="hotspot.detected")
    assert event.payload["observed"] == 8 and event.actor.username == "system:hotspots"
    assert event.payload["category"] == "01" and event.area == struck.grid


def test_what_merged_rejected_or_lies_nowhere_makes_no_cluster(city):
    # given the same callers about one thing: one case, seven merged into it; and eight without coordinates
    background(city)
    one, *others = many(city, *[SPOT] * 4, days=2)
    Case.objects.filter(pk__in=[case.pk for case in others]).update(state="merged", merged_into=one)
    many(city, *[None] * 8, days=2)
    a_rule(city)
    assert watch_all(TODAY) == []


def test_the_same_night_again_changes_nothing(struck):
    watch_all(TODAY)
    before = HotSpotSignal.objects.values().get(), Event.objects.count()
    # when the job runs again, and when somebody has a rule watched once more
    assert watch_all(TODAY) == []
    HotSpotRule.objects.update(watched_to=None)
    watch_all(TODAY)
    assert (HotSpotSignal.objects.values().get(), Event.objects.count()) == before


def test_a_cluster_that_goes_on_is_the_same_signal(struck):
    (signal,) = watch_all(TODAY)
    # when it goes on the next day
    many(struck, *[SPOT] * 5, last=TODAY + timedelta(days=1))
    watch_all(TODAY + timedelta(days=1))
    # then the signal follows
    fresh = HotSpotSignal.objects.get()
    assert fresh.pk == signal.pk and (fresh.observed, fresh.times_seen) == (13, 2)
    assert (fresh.first_day, fresh.last_seen) == (TODAY - timedelta(days=1), TODAY + timedelta(days=1))
    assert Event.objects.filter(name="hotspot.seen_again").count() == 1
    # and one that was dismissed is not brought up again while it goes on
    signal_dismiss(fresh, actor=struck.user("dispatcher"), reason="已知工地")
    many(struck, *[SPOT] * 5, last=TODAY + timedelta(days=2))
    watch_all(TODAY + timedelta(days=2))
    fresh = HotSpotSignal.objects.get()
    assert (fresh.state, fresh.observed, fresh.times_seen) == (SignalState.DISMISSED, 13, 3)
    # but another one there, long after, is another signal
    later = TODAY + timedelta(days=40)
    background(struck, last=later - timedelta(days=3), days=30)
    many(struck, *[SPOT] * 9, last=later)
    watch_all(later)
    assert HotSpotSignal.objects.count() == 2


def test_series_are_what_the_rule_says(struck):
    # given a second kind with a cluster of its own, which hides in none of the other series
    parent = CaseCategory.objects.create(scheme="test", scheme_version="1", code="02", name="街面", kind="event")
    stall = CaseCategory.objects.create(
        scheme="test", scheme_version="1", code="0201", name="占道", kind="event", parent=parent
    )
    background(struck, category=stall)
    many(struck, *[OTHER[0]] * 8, category=stall)
    count_changes()
    struck.rule.delete()
    for watched, found in (
        ("all", {None}), ("classes", {struck.category.parent, parent}), ("categories", {struck.category, stall}),
    ):  # fmt: skip
        HotSpotSignal.objects.all().delete()
        rule = a_rule(struck, code=watched, watched=watched)
        assert {signal.category for signal in watch(rule, TODAY, actor=User.objects.system("hotspots"))} <= found
        assert {signal.category for signal in HotSpotSignal.objects.all()} == found
    # and rules out of use, or of another area, find nothing
    HotSpotRule.objects.update(is_active=False, watched_to=None)
    a_rule(struck, code="elsewhere", area=struck.other_street)
    HotSpotSignal.objects.all().delete()
    assert watch_all(TODAY) == []


def test_a_usual_world_gives_no_more_signals_than_the_rule_allows(city):
    # given forty series of places that all have their usual number of cases, watched as strictly as 1 in 20
    random = Random(11)
    parent = city.category.parent
    kinds = CaseCategory.objects.bulk_create(
        CaseCategory(scheme="t", scheme_version="1", code=f"{n:04}", name=f"{n}", kind="event", parent=parent)
        for n in range(40)
    )
    Case.objects.bulk_create(
        a_case(city, spot, TODAY - timedelta(days=back), category=kind)
        for kind in kinds
        for spot in random.sample(OTHER, 4)
        for back in random.sample(range(50), 12)
    )
    rule = a_rule(city, watched="categories", recurrence_days=20, baseline_days=50)
    signals = watch_all(TODAY)
    # then the signals are few: 40 series at 1/20 give 2 on average, 8 or more once in a thousand nights
    assert len(signals) < 8
    assert expected_false_alarms(rule, 1) == pytest.approx(41 / 20)


def test_one_signal_opens_one_case(struck):
    (signal,) = watch_all(TODAY)
    fresh = signal_open_case(signal, actor=struck.user("dispatcher"))
    case = Case.objects.exclude(origin={}).get()
    assert fresh.state == SignalState.OPENED and fresh.case == case
    assert (case.source, case.origin, case.area) == ("department", {"hotspot": signal.pk}, struck.grid)
    assert case.category == struck.category.parent and (case.longitude, case.latitude) == SPOT
    assert "8" in case.description and origin_of(case) == [("热点信号", signal.pk)]
    # a second press finds it done
    before = Case.objects.count()
    for press in (signal_open_case, signal_dismiss):
        with pytest.raises(Conflict):
            press(signal, actor=struck.user("dispatcher"), reason="x")
    assert Case.objects.count() == before


def test_who_may_not_decide_changes_nothing(struck):
    (signal,) = watch_all(TODAY)
    before = Case.objects.count(), Event.objects.count()
    for name in ("administrator", "registrar", "grid_worker", "resident", "outside_dispatcher"):
        for press in (signal_open_case, signal_dismiss):
            with pytest.raises(NotPermitted):
                press(signal, actor=struck.people[name], reason="x")
    with pytest.raises(Invalid) as refused:
        signal_dismiss(signal, actor=struck.user("dispatcher"), reason=" ")
    assert refused.value.field == "reason"
    assert HotSpotSignal.objects.get().state == SignalState.NEW
    assert (Case.objects.count(), Event.objects.count()) == before


@pytest.mark.django_db(transaction=True)
def test_of_two_who_press_at_once_one_opens_the_case():
    city = build_city()
    background(city)
    many(city, *[SPOT] * 8)
    a_rule(city)
    (signal,) = watch_all(TODAY)
    barrier = Barrier(2)

    def press(role):
        user = User.objects.get(username=role)
        barrier.wait(30)
        try:
            signal_open_case(signal, actor=user)
        except Conflict:
            return "conflict"
        finally:
            connections.close_all()
        return "done"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(press, ["dispatcher", "operations_centre"])) == ["conflict", "done"]
    assert Case.objects.exclude(origin={}).count() == 1


def test_the_jobs_count_and_watch_up_to_yesterday(struck):
    with time_machine.travel(at(TODAY + timedelta(days=1), 3), tick=False):
        stamp = int(timezone.now().timestamp())
        assert count_hot_spots(stamp) == Case.objects.count()
        assert watch_hot_spots(stamp) == 1 and watch_hot_spots(stamp) == 0
    assert HotSpotRule.objects.get().watched_to == TODAY


def test_a_watch_that_cannot_be_is_refused(city):
    rule = HotSpotRule(code="x", name="x", area=city.city, longest_days=28, baseline_days=30)
    with pytest.raises(Invalid):
        configuration_save(rule, actor=city.user("administrator"), changed=["code"])
    for field, value in (("resolution", 5), ("recurrence_days", 3), ("least_cases", 1), ("rings", 9)):
        with pytest.raises(ValidationError) as refused:
            HotSpotRule(code="y", name="y", area=city.city, **{field: value}).full_clean()
        assert list(refused.value.message_dict) == [field]
    outside = HotSpotRule(code="z", name="z", area=city.city)
    with pytest.raises(NotPermitted):
        configuration_save(outside, actor=city.outsider("administrator"), changed=["code"])
    assert not HotSpotRule.objects.exists()
