"""Rounds: which bins are due, planning, ticking, proof by readings; who may, and through which doors."""

from datetime import date, datetime, timedelta
from io import BytesIO
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from devices.bins import rounds
from devices.bins.rounds import due_bins, rounds_plan, run_plan, stop_empty, stop_untick, stops_told
from devices.models import CollectionRound, CollectionRun, CollectionStop, Device, FillRate, LatestValue, Reading
from devices.pages.collections import collections_of_today
from devices.tests.test_admin import client_of
from devices.tests.test_api_alarms import STAFF
from governance.configuration import configuration_save
from governance.errors import Conflict, Invalid, NotPermitted
from governance.models import Appointment, Event, User
from governance.testing import assert_relation_forms_agree, snapshot

pytestmark = pytest.mark.django_db
HERE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 24, 7, 30, tzinfo=HERE)
MINUTE = timedelta(minutes=1)
API, BINS = "/api/v1/devices/collection-route/", "/api/v1/devices/bins/"
SEES = {"administrator", "operations_centre", "registrar", "dispatcher", "handler", "community_staff", "grid_worker",
        "outside_supervisor"}  # fmt: skip
PLANS = {"operations_centre", "dispatcher", "handler"}


@pytest.fixture(autouse=True)
def morning():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def round_(fleet) -> CollectionRound:
    """The municipal unit's daily round through the first grid; the next one starts at six and is done by eight."""
    return CollectionRound.objects.create(
        code="CR-1", name="早班清运", unit=fleet.city.municipal, area=fleet.city.grid, depot="停车场", longitude=112.9,
        latitude=28.2,
    )  # fmt: skip


def a_bin(fleet, code, level, per_hour=0.01, *, hours=500, heard=NOW, place=0, **given) -> Device:
    device = Device.objects.create(
        code=code, name=f"桶{code}", profile=fleet.bin.profile, address=f"路{code}号", longitude=112.901 + place / 1000,
        latitude=28.201, **({"area": fleet.city.grid, "unit": fleet.city.municipal} | given),
    )  # fmt: skip
    if level is not None:
        LatestValue.objects.create(device=device, metric="fill", value=level, at=heard, received_at=heard)
    if per_hour is not None:
        FillRate.objects.create(
            device=device, rates=[per_hour] * 168, hours=hours, per_day=24 * per_hour, emptyings=3, learnt_at=NOW
        )
    return device


@pytest.fixture
def due(fleet, round_):
    """Of eight bins three are due: A is full, B fills up before tomorrow at eight, C may be a fast one."""
    a_bin(fleet, "A", 0.85, place=3)
    a_bin(fleet, "B", 0.60, place=1)  # 0.80 in 20 hours
    a_bin(fleet, "C", 0.65, None, place=2)
    a_bin(fleet, "D", 0.50)  # 0.80 in 30 hours
    a_bin(fleet, "E", 0.40, None)
    a_bin(fleet, "F", 0.90, heard=NOW - timedelta(days=3))
    a_bin(fleet, "G", 0.90, unit=fleet.city.water)
    a_bin(fleet, "H", 0.90, area=fleet.city.other_grid)
    return round_


def codes(run) -> list[str]:
    return [stop.device.code for stop in run.stops.order_by("position")]


def crew(fleet) -> User:
    return fleet.city.user("handler")


def test_those_are_due_that_would_not_hold_until_the_next_round(fleet, due):
    found, unheard = due_bins(due, NOW.date(), at=NOW)
    assert {row.bin.device.code: row.reason for row in found} == {"A": "full", "B": "before_next", "C": "unsure"}
    assert [row.device.code for row in unheard] == ["F", "TB-001"]
    # and with two days between the rounds more are
    due.days_between = 2
    assert {row.bin.device.code for row in due_bins(due, NOW.date(), at=NOW)[0]} == {"A", "B", "C", "D"}


def test_a_round_is_planned_once_in_the_hour_before_it_starts(fleet, due):
    assert rounds_plan(now=NOW.replace(hour=4, minute=59)) == 0
    assert rounds_plan(now=NOW.replace(hour=5)) == 1
    assert rounds_plan(now=NOW) == 0
    run = CollectionRun.objects.get()
    # 225 m to the first, twice 98 m along the street, 408 m back; times 1.3
    assert sorted(codes(run)) == ["A", "B", "C"] and codes(run) in (["B", "C", "A"], ["A", "C", "B"])
    assert run.day == date(2026, 11, 24) and run.trips == 1 and run.metres == pytest.approx(1.3 * 829, rel=0.01)
    event = Event.objects.get(name="collection.planned")
    assert event.payload == {"round": "CR-1", "day": "2026-11-24", "stops": 3, "metres": run.metres, "left_out": 0}
    # and of every second day: not tomorrow
    CollectionRound.objects.update(days_between=2)
    assert rounds_plan(now=NOW + timedelta(days=1)) == 0
    assert rounds_plan(now=NOW + timedelta(days=2)) == 1


def test_a_vehicle_that_is_full_unloads(fleet, due):
    CollectionRound.objects.update(capacity=1)
    run = run_plan(due, actor=crew(fleet))
    assert run.trips == 3 and [stop.trip for stop in run.stops.order_by("position")] == [1, 2, 3]


def test_ticks_are_told_and_stay_when_the_way_is_planned_anew(fleet, due):
    run = run_plan(due, actor=crew(fleet))
    first = run.stops.get(device__code="B")
    stop_empty(first, actor=crew(fleet))
    event = Event.objects.get(name="device.emptied")
    assert (event.subject_id, event.actor) == (first.device_id, crew(fleet))
    assert event.payload == {"device": "B", "round": "CR-1", "stop": first.pk, "level": 0.6}
    with pytest.raises(Conflict):
        stop_empty(first, actor=crew(fleet))
    # when another bin is full by now
    LatestValue.objects.filter(device__code="E").update(value=0.82)
    kept = {stop.pk for stop in run.stops.filter(emptied_at=None)}
    again = run_plan(due, actor=crew(fleet))
    assert again.pk == run.pk and codes(again)[0] == "B" and sorted(codes(again)) == ["A", "B", "C", "E"]
    assert [stop.position for stop in again.stops.order_by("position")] == [1, 2, 3, 4]
    # then a list that was open before is told so, and a tick can be taken back
    with pytest.raises(Conflict):
        stop_empty(CollectionStop(pk=kept.pop()), actor=crew(fleet))
    stop_untick(first, actor=crew(fleet))
    first.refresh_from_db()
    assert first.emptied_at is None and Event.objects.filter(name="device.not_emptied").count() == 1
    with pytest.raises(Conflict):
        stop_untick(first, actor=crew(fleet))


def test_the_next_readings_prove_it_or_not(fleet, due):
    run = run_plan(due, actor=crew(fleet))
    for stop in run.stops.all():
        stop_empty(stop, actor=crew(fleet))

    def read(code, minutes, value):
        Reading.objects.create(
            device=Device.objects.get(code=code), metric="fill", at=NOW + MINUTE * minutes, value=value, received_at=NOW
        )

    # given a bin read while it was emptied, then empty; one that stays full; an old reading of the third
    read("A", 1, 0.85), read("A", 2, 0.05), read("A", 3, 0.06), read("A", 4, 0.9)
    read("B", 5, 0.75)
    read("C", -5, 0.1)
    told = {row.stop.device.code: (row.state, row.proof) for row in stops_told([run])[0]}
    assert told == {"A": ("proved", 0.05), "B": ("doubtful", 0.75), "C": ("ticked", None)}


def test_nobody_else_plans_or_ticks_and_nothing_changes(fleet, due):
    run = run_plan(due, actor=crew(fleet))
    stop = run.stops.first()
    for name, person in fleet.city.people.items():
        before = [snapshot(row) for row in run.stops.order_by("pk")]
        if name not in PLANS:
            with pytest.raises(NotPermitted):
                run_plan(due, actor=person)
        if name != "handler":
            for deed in (stop_empty, stop_untick):
                with pytest.raises(NotPermitted):
                    deed(stop, actor=person)
        assert [snapshot(row) for row in run.stops.order_by("pk")] == before, name
    assert_relation_forms_agree(CollectionRound.objects, fleet.city.people.values())
    assert_relation_forms_agree(CollectionRun.objects, fleet.city.people.values())
    # and not on another day, nor on a round out of use
    with time_machine.travel(NOW + timedelta(days=1)), pytest.raises(Conflict):
        stop_empty(stop, actor=crew(fleet))
    CollectionRound.objects.update(is_active=False)
    with pytest.raises(Conflict):
        run_plan(due, actor=crew(fleet))


def test_doors_of_each_role(fleet, due):
    run = run_plan(due, actor=crew(fleet))
    page = reverse("admin:devices_collectionrun_change", args=[run.pk])
    for name in [*STAFF, "resident", "outside_dispatcher", "outside_handler", "outside_supervisor"]:
        person = fleet.city.people[name]
        client, sees = client_of(person), name in SEES
        staff = name.removeprefix("outside_") in STAFF
        assert client.get(page).status_code == (200 if sees else 404 if staff else 302), name
        assert client.get(f"/m/collections/{run.pk}/").status_code == (200 if sees else 404 if staff else 403), name
        told, bins = client.get(API), client.get(BINS)
        assert (told.status_code, bins.status_code) == ((200, 200) if staff else (403, 403)), name
        if staff:
            assert len(told.json()["results"]) == sees
            seen = Device.objects.visible_to(person).filter(profile=fleet.bin.profile)
            assert {row["device"] for row in bins.json()["results"]} == set(seen.values_list("code", flat=True)), name
        posted = client.post(f"{page[:-7]}plan/")
        allowed = name in PLANS
        assert posted.status_code == (302 if allowed or not staff else 403 if sees else 404), name


def test_the_crew_ticks_on_the_phone(fleet, due):
    run = run_plan(due, actor=crew(fleet))
    client = client_of(crew(fleet))
    assert f"/m/collections/{run.pk}/" in client.get("/m/").content.decode()
    html = client.get(f"/m/collections/{run.pk}/").content.decode()
    stop = run.stops.get(device__code="A")
    assert all(text in html for text in ("已清运 0 / 3", "路A号", "直线距离 × 1.3", f"stops/{stop.pk}/empty/"))
    url = f"/m/collections/stops/{stop.pk}/empty/"
    assert client.get(url).status_code == 405
    assert client.post(url)["Location"] == f"/m/collections/{run.pk}/#stop-{stop.pk}"
    assert client.post(url).status_code == 409
    assert "已清运 1 / 3" in client.get(f"/m/collections/{run.pk}/").content.decode()
    # others who see it may not
    before = snapshot(CollectionStop.objects.get(pk=stop.pk))
    assert client_of(fleet.city.user("dispatcher")).post(url.replace("empty", "untick")).status_code == 403
    assert client_of(fleet.city.outsider("handler")).post(url.replace("empty", "untick")).status_code == 404
    assert snapshot(CollectionStop.objects.get(pk=stop.pk)) == before
    assert client.post(url.replace("empty", "untick")).status_code == 302


def test_the_phone_says_when_to_unload_and_what_is_in_the_bins_now(fleet, due):
    # given a round of three trips, and a bin that has filled up since it was planned
    CollectionRound.objects.update(capacity=1)
    run = run_plan(due, actor=crew(fleet))
    bin_ = Device.objects.get(code="B")
    told = {"device": "B", "at": (NOW + timedelta(minutes=1)).isoformat(), "metrics": {"fill": 0.71}}
    fleet.ingest(told, owner=bin_, received_at=NOW + timedelta(minutes=1))
    # when the crew opens it
    html = client_of(crew(fleet)).get(f"/m/collections/{run.pk}/").content.decode()
    # then each trip has its heading, all but the first say where to unload, and levels say of when they are
    assert [html.count(f"<h2>第 {number} 趟</h2>") for number in (1, 2, 3, 4)] == [1, 1, 1, 0]
    assert html.count(f"请先返回{due.depot}卸车") == 2 and html.index("第 1 趟") < html.index("请先返回")
    assert "排定时 60% · 现在 71%" in html and "会满 60%" not in html
    assert '<span class="number">B</span>' in html
    # and a round of one trip has no headings
    CollectionRound.objects.update(capacity=50)
    run_plan(CollectionRound.objects.get(), actor=crew(fleet))
    assert "第 1 趟" not in client_of(crew(fleet)).get(f"/m/collections/{run.pk}/").content.decode()


def test_the_round_of_a_crew_is_not_lost_among_those_it_only_sees(fleet, due):
    # given somebody of the crew who also dispatches, and so sees the rounds of all units, which come first
    person = crew(fleet)
    Appointment.objects.create(user=person, unit=fleet.city.municipal, role="dispatcher", area=fleet.city.areas["city"])
    rounds = CollectionRound.objects.bulk_create(
        CollectionRound(code=f"A-{place:02}", name=f"外单位{place}", unit=fleet.city.water, area=fleet.city.grid,
                        depot="停车场", longitude=112.9, latitude=28.2)
        for place in range(32)
    )  # fmt: skip
    today = {"day": date(2026, 11, 24), "planned_at": NOW, "metres": 0, "trips": 0}
    CollectionRun.objects.bulk_create(CollectionRun(round=other, **today) for other in rounds)
    run = run_plan(due, actor=person)
    # then the phone shows the own one, and none of the others
    (card,) = collections_of_today(person)
    assert card.url == f"/m/collections/{run.pk}/"


def test_the_list_as_a_sheet_on_paper_and_for_machines(fleet, due):
    run = run_plan(due, actor=crew(fleet))
    client = client_of(fleet.city.user("dispatcher"))
    page = reverse("admin:devices_collectionrun_change", args=[run.pk])
    html = client.get(page).content.decode()
    assert all(text in html for text in ("桶A", "85%", "jc-map-data", "两天未上报", "直线距离 × 1.3"))
    assert "jc-map" not in client.get(f"{page[:-7]}print/").content.decode()
    assert client.get(f"{page[:-7]}sheet/").status_code == 405
    file = BytesIO(b"".join(client.post(f"{page[:-7]}sheet/").streaming_content))
    rows = list(load_workbook(file).active.values)
    assert [row[2] for row in rows[1:]] == codes(run) and len(rows[0]) == 13
    assert Event.objects.get(name="export.done").payload["rows"] == 3
    assert client.post(f"{page[:-7]}sheet/", {"format": "exe"}).status_code == 400
    (route,) = client.get(API).json()["results"]
    assert (route["round"], route["metres"], route["detour"]) == ("CR-1", run.metres, 1.3)
    assert [stop["device"] for stop in route["stops"]] == codes(run)
    assert client.get(API, {"day": "2026-11-23"}).json() == {"results": []}
    for query, attr in ({"day": "x"}, "day"), ({"round": "nix"}, "round"):
        answer = client.get(API, query)
        assert answer.status_code == 400 and answer.json()["errors"][0]["attr"] == attr


def test_statements_do_not_grow_with_bins(fleet, due):
    client, urls = client_of(fleet.city.user("dispatcher")), [BINS, API, "/admin/devices/device/bins/"]
    run = run_plan(due, actor=crew(fleet))
    urls += [reverse("admin:devices_collectionrun_change", args=[run.pk])]

    def statements() -> list[int]:
        counted = []
        for url in urls:
            with CaptureQueriesContext(connection) as found:
                assert client.get(url).status_code == 200
            counted.append(len(found))
        return counted

    before = statements()
    for number in range(4):
        a_bin(fleet, f"X{number}", 0.9, place=number)
    other = CollectionRound.objects.create(
        code="CR-2", name="晚班", unit=fleet.city.municipal, area=fleet.city.street, depot="停车场", longitude=112.9,
        latitude=28.2,
    )  # fmt: skip
    run_plan(other, actor=crew(fleet))
    with CaptureQueriesContext(connection) as planning:
        run_plan(due, actor=crew(fleet))
    assert statements() == before and len(planning) < 30


def test_a_round_is_configured_by_administrators_and_wrong_values_are_named(fleet, due):
    due.detour = 0.9
    with pytest.raises(Invalid) as refused:
        configuration_save(due, actor=fleet.city.user("administrator"), changed=["detour"])
    assert refused.value.field == "detour"
    due.detour, due.capacity = 1.4, 10
    with pytest.raises(NotPermitted):
        configuration_save(due, actor=fleet.city.user("dispatcher"), changed=["detour"])
    configuration_save(due, actor=fleet.city.user("administrator"), changed=["detour", "capacity"])
    assert CollectionRound.objects.get().capacity == 10


def test_a_bad_reading_leaves_the_good_one_before_it_in_force(fleet, due):
    # given a full bin whose sensor says something impossible, and one that never said anything else
    full = a_bin(fleet, "I", 0.90, heard=NOW - 3 * MINUTE)
    Reading.objects.create(device=full, metric="fill", value=0.9, at=NOW - 3 * MINUTE, received_at=NOW)
    mad, long_ago = a_bin(fleet, "J", 0.90), a_bin(fleet, "K", 0.90)
    Reading.objects.create(device=long_ago, metric="fill", value=0.9, at=NOW - timedelta(days=3), received_at=NOW)
    for device, good_at in ((full, NOW - 3 * MINUTE), (mad, None), (long_ago, NOW - timedelta(days=3))):
        LatestValue.objects.filter(device=device).update(value=1.3, at=NOW, quality="bad", good_at=good_at)
    # then the first is on today's round as before, the others are said to have bad readings
    found, unheard = due_bins(due, NOW.date(), at=NOW)
    assert {row.bin.device.code: row.bin.level for row in found}["I"] == 0.9
    assert {row.device.code: row.bad for row in unheard} == {"F": False, "TB-001": False, "J": True, "K": True}
    client = client_of(fleet.city.user("operations_centre"))
    page = client.get(reverse("admin:devices_device_bins")).content.decode()
    assert "最新读数异常：按上一次有效读数计" in page and page.count("两天内只有异常读数") == 2
    told = {row["device"]: (row["level"], row["bad"]) for row in client.get(BINS).json()["results"]}
    assert (told["I"], told["J"], told["A"]) == ((0.9, True), (None, True), (0.85, False))
    # and on its way the stop says what is known now
    run = run_plan(due, actor=crew(fleet))
    assert {told.stop.device.code: told.now for told in stops_told([run])[0]}["I"] == 0.9
    page = client.get(reverse("admin:devices_collectionrun_change", args=[run.pk])).content.decode()
    assert page.count("读数异常</span>") == 2


def test_bins_beyond_what_a_round_holds_are_told(fleet, due, monkeypatch):
    monkeypatch.setattr(rounds, "MOST_STOPS", 2)
    # when three bins are due and a round holds two
    run = run_plan(due, actor=crew(fleet))
    # then the full ones come first, and how many are left out is told wherever the round is
    assert "A" in codes(run) and len(codes(run)) == 2 and run.left_out == 1
    event = Event.objects.get(name="collection.planned")
    assert (event.payload["stops"], event.payload["left_out"]) == (2, 1)
    client = client_of(crew(fleet))
    (told,) = client.get(API).json()["results"]
    assert (told["left_out"], len(told["stops"])) == (1, 2)
    for page in (reverse("admin:devices_collectionrun_change", args=[run.pk]),
                 reverse("admin:devices_collectionrun_print", args=[run.pk]),
                 reverse("phone_devices:collection", args=[run.pk])):  # fmt: skip
        assert "另有 1 个垃圾桶应清运但未列入" in client.get(page).content.decode(), page
    # and what is ticked keeps its place when the round is planned anew
    stop_empty(run.stops.first(), actor=crew(fleet))
    again = run_plan(due, actor=crew(fleet))
    assert (again.stops.count(), again.left_out) == (2, 1)
