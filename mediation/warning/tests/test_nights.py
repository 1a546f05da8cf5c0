"""Nights that were missed or failed, history with gaps, warnings that rise, finds of one round."""

import json
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.models import Patrol
from cases.tests.api import client_of
from governance.events import registered
from governance.models import Event, User
from governance.surveillance.usual import NEEDED
from mediation.models import EarlyWarning, WarningEvent, WarningStream, WarningWatch
from mediation.warning import nulls, watching
from mediation.warning.issues import _community
from mediation.warning.streams import BLOCK, Ground, first_days_of
from mediation.warning.telling import events_told
from mediation.warning.tests.test_watching import TODAY, a_watch, background, hazard, kind, patrol_of, signals
from mediation.warning.watching import watch_all, watch_night

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _few_worlds(monkeypatch):
    """Thresholds from fewer worlds: the small city needs no more."""
    monkeypatch.setattr(nulls, "DRAWN", 4000)
    monkeypatch.setattr(nulls, "COARSE", 500)


@pytest.fixture
def looked(monkeypatch):
    """The nights that were looked at, by watch; watch ``broken`` cannot be."""
    nights: list[tuple[str, int]] = []

    def look(watch, day, *, actor):
        if watch.code == "broken":
            raise ZeroDivisionError("何秀英")
        nights.append((watch.code, (TODAY - day).days))
        return []

    monkeypatch.setattr(watching, "watch_night", look)
    return nights


@pytest.mark.parametrize(("missed", "nights"), [(0, [0]), (3, [3, 2, 1, 0]), (30, [7, 6, 5, 4, 3, 2, 1, 0])])
def test_missed_nights_are_made_up_for_a_week_at_most(city, looked, missed, nights):
    # given a watch that was last looked at so many nights before yesterday
    watch = a_watch(city)
    WarningWatch.objects.update(watched_to=TODAY - timedelta(days=missed + 1))
    # when the job runs
    watch_all(TODAY)
    # then the missed nights come first, each as of its day
    assert looked == [(watch.code, back) for back in nights]
    assert WarningWatch.objects.get().watched_to == TODAY
    # and a new watch begins with this night
    WarningWatch.objects.update(watched_to=None)
    looked.clear()
    watch_all(TODAY)
    assert looked == [(watch.code, 0)]


def test_a_watch_that_fails_leaves_the_others_alone_and_says_so(city, looked, caplog):
    # given two watches, the first of which cannot be looked at
    broken, other = a_watch(city, code="broken"), a_watch(city, code="other")
    WarningWatch.objects.update(watched_to=TODAY - timedelta(days=2))
    # when the job runs
    watch_all(TODAY)
    # then the other one was looked at, the error is in the log, and the watch says which night and what kind, no words
    assert looked == [("other", 1), ("other", 0)]
    assert "broken" in caplog.text and "ZeroDivisionError" in caplog.text
    broken.refresh_from_db()
    assert (broken.failed_on, broken.failure) == (TODAY - timedelta(days=1), "ZeroDivisionError")
    assert broken.watched_to == TODAY - timedelta(days=2) and WarningWatch.objects.get(pk=other.pk).failed_on is None
    client = client_of(city.user("administrator"))
    assert "ZeroDivisionError" in client.get("/admin/mediation/warningwatch/").content.decode()
    assert client.get("/api/v1/mediation/warning-watches/broken/").json()["failure"] == "ZeroDivisionError"
    # and once it works again, both nights are made up and nothing is left of the failure
    WarningWatch.objects.filter(pk=broken.pk).update(code="mended")
    watch_all(TODAY)
    assert looked[2:] == [("mended", 1), ("mended", 0)]
    broken.refresh_from_db()
    assert (broken.failed_on, broken.failure, broken.watched_to) == (None, "", TODAY)


def test_history_begins_where_it_is_unbroken(city):
    ground = Ground.of(city.area("district"))

    def begins(day):
        return min(first_days_of(ground, day).values(), default=None)

    assert begins(TODAY) is None
    # given six weeks of signals, and one stray record of three years ago
    background(city, days=42, every=3)
    signals(city.area("grid"), [TODAY - timedelta(days=1000)])
    assert begins(TODAY) == TODAY - timedelta(days=41)
    # when a hazard closes the gap of the block before, the run goes on to it
    hazard(city, TODAY - timedelta(days=2 * BLOCK + 3))
    assert begins(TODAY) == TODAY - timedelta(days=2 * BLOCK + 3)
    # then as of an earlier day only what was before counts, and after a month of silence there is none
    assert begins(TODAY - timedelta(days=990)) == TODAY - timedelta(days=1000)
    assert begins(TODAY + timedelta(days=BLOCK)) is None


def test_with_a_stray_old_record_a_short_history_is_still_short(city):
    # given six weeks, a stray record of a year and a half ago, and a day with nine
    background(city, days=42, every=3)
    signals(city.area("grid"), [TODAY - timedelta(days=500)])
    signals(city.area("other_community"), [TODAY] * 9)
    a_watch(city)
    # then it is compared with four weeks, not scanned against a year in which nothing was recorded
    assert {warning.method for warning in watch_all(TODAY)} == {"short"}


def test_many_finds_of_one_round_are_one_round(city):
    # given a year of two rounds a week, each second with a find
    background(city)
    walked = Patrol.objects.bulk_create(
        [patrol_of(city, TODAY - timedelta(days=back)) for back in range(0, NEEDED, 4)]
    )  # fmt: skip
    for patrol in walked[1::2]:
        hazard(city, patrol.date, source="patrol", patrol=patrol, type=kind("property"))
    # when one round finds eight
    for _number in range(8):
        hazard(city, TODAY, source="patrol", patrol=walked[0], type=kind("property"))
    watch_night(a_watch(city), TODAY, actor=User.objects.system("early-warning"))
    # then that stands out: eight finds are not eight rounds
    found = EarlyWarning.objects.get(stream=WarningStream.PATROLS)
    assert found.observed >= 8 and found.expected < 2


def test_an_open_warning_that_rises_to_orange_is_told_again(city):
    # given an open yellow warning
    background(city)
    signals(city.area("community"), [TODAY - timedelta(days=back) for back in (0, 0, 0, 0, 1, 1, 2, 2)])
    a_watch(city)
    watch_all(TODAY)
    EarlyWarning.objects.update(level="yellow")
    # when new events make it orange
    third = TODAY + timedelta(days=1)
    signals(city.area("grid"), [third, third])
    (risen,) = watch_all(third)
    # then that is an event of its own, once
    assert risen.level == "orange"
    assert Event.objects.get(name="warning.rose").payload["level"] == "orange"
    assert not Event.objects.filter(name="warning.grew").exists()
    signals(city.area("grid"), [third + timedelta(days=1)] * 2)
    watch_all(third + timedelta(days=1))
    assert Event.objects.filter(name="warning.rose").count() == 1


def test_who_is_told_of_a_warning_is_told_when_it_rises():
    rows = json.loads((settings.BASE_DIR / "fixtures" / "0601_warning_notices.json").read_text())
    rules = [row["fields"] for row in rows if row["model"] == "governance.noticerule"]
    told = {event: {(rule["role"], rule["part"]) for rule in rules if rule["event"] == event} for event in registered()}
    assert told["warning.rose"] == told["warning.raised"] != set()
    templates = [row["fields"] for row in rows if row["model"] == "governance.noticetemplate"]
    texts = {(row["key"], row["language"]) for row in templates}
    assert {(rule["template"], language) for rule in rules for language in ("zh-hans", "en")} == texts
    # and each text says what is counted
    assert all("{{ stream }}" in row["body"] for row in templates)


def test_only_events_of_the_days_of_a_warning_are_told(city):
    # given a warning that went on, and counts from yesterday only
    background(city)
    signals(city.area("community"), [TODAY] * 9)
    a_watch(city)
    (warning,) = watch_all(TODAY)
    (old,) = signals(city.area("grid"), [TODAY - timedelta(days=9)])
    WarningEvent.objects.create(warning=warning, signal=old)
    WarningEvent.objects.create(warning=warning, hazard=hazard(city, TODAY - timedelta(days=9)))
    # then what it shows is what it counts
    told = events_told(warning, city.user("administrator"))
    assert len(told) == warning.observed and {row.day for row in told} == {TODAY}


def test_lists_of_watches_cost_the_same_for_any_number(city):
    client, counts = client_of(city.user("administrator")), {}
    for number in (1, 5):
        while WarningWatch.objects.count() < number:
            a_watch(city, code=f"w{WarningWatch.objects.count()}")
        for address in ("/api/v1/mediation/warning-watches/", "/admin/mediation/warningwatch/"):
            client.get(address)
            with CaptureQueriesContext(connection) as made:
                assert client.get(address).status_code == 200
            counts.setdefault(address, []).append(len(made))
    assert all(few == many for few, many in counts.values()), counts


def test_the_community_of_an_area_is_known_by_its_kind():
    # a tree with one level more above
    assert _community(9, "/1/2/3/4/5/9/", {5}) == 5
    assert _community(4, "/1/2/3/4/", {5}) == 4
