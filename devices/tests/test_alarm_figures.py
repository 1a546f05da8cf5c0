"""The EEMUA figures and the console: each figure counts what its list shows, within what a person sees."""

import json
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.html import escape

from cases.merging import case_merge
from devices.alarm_figures import FLOOD_ENDS, alarm_figures, flooded
from devices.models import Alarm, AlarmStorm, Device, ProfileStatus, Shelving
from devices.profile_rules import forget_rules
from devices.shelving import alarm_shelve
from devices.tests.fleet import NOW, at, message
from devices.tests.test_storms import bins, fill
from governance.models import Appointment, Event

FIGURES = "/api/v1/alarms/figures/"
PAGE = "/admin/devices/alarm/figures/"
CONSOLE = "/admin/devices/alarm/"
STAFF = ["administrator", "operations_centre", "dispatcher", "registrar", "grid_worker", "community_staff", "handler",
         "supervisor"]  # fmt: skip


@pytest.fixture(autouse=True)
def clock(city):
    Appointment.objects.update(valid_from=NOW.date())
    with time_machine.travel(at(30), tick=False):
        yield


def client_of(user) -> Client:
    client = Client()
    client.force_login(user, backend="governance.permissions.PersonBackend")
    return client


@pytest.fixture
def busy(fleet):
    """Twelve low batteries at once, one cover tilted yesterday and still, one bin that is over, one elsewhere."""
    fleet.ingest(message(-25 * 60, status="tilted"), received_at=at(-25 * 60))
    fleet.ingest(*[message(0, code, metrics={"battery": 5}) for code in bins(fleet, 12)], received_at=NOW)
    fleet.ingest(message(1, "TB-001", status="full"), received_at=at(1))
    fleet.ingest(message(2, "TB-001", status="normal"), received_at=at(2))
    fleet.ingest(message(3, "MC-900", status="missing"), owner=fleet.far, received_at=at(3))
    return fleet


def told(client, **asked) -> dict:
    answer = client.get(FIGURES, asked)
    assert answer.status_code == 200, answer.content
    return answer.json()


def number(client, address: str) -> int:
    """How many alarms a list of the API has."""
    answer = client.get(address, {}) if "?" not in address else client.get(address)
    assert answer.status_code == 200, answer.content
    return len(answer.json()["results"])


def test_the_figures_of_seven_days(busy):
    found = told(client_of(busy.city.user("dispatcher")), days=7)
    assert (found["total"]["count"], found["total"]["peak"]) == (15, 14)
    assert found["total"]["peak_at"] == "2026-11-23T16:00:00+08:00"
    # one of the tens of minutes since midnight six days ago was a flood
    slots = int(timedelta(days=6, hours=16, minutes=30) / timedelta(minutes=10)) + 1
    assert found["total"]["flood_share"] == round(100 / slots, 1)
    assert found["total"]["mean"] == round(15 / slots, 2)
    assert {row["key"]: row["count"] for row in found["now"]} == {
        "active": 14, "waiting": 14, "stale": 1, "shelved": 0, "chattering": 0, "suppressed": 0,
        "gateways_lost": 0, "rate_limited": 0,
    }  # fmt: skip
    assert [(row["severity"], row["count"], row["share"], row["target"]) for row in found["priorities"]] == [
        ("high", 2, 13.3, 5), ("medium", 1, 6.7, 15), ("low", 12, 80.0, 80)
    ]  # fmt: skip
    assert (len(found["bad_actors"]), found["bad_share"]) == (10, 66.7)
    # in the areas of the city, the worst first
    assert [row["count"] for row in found["areas"]] == [14, 1]
    # and today only, yesterday's is left out
    assert told(client_of(busy.city.user("dispatcher")), days=1)["total"]["count"] == 14


def test_every_figure_leads_to_exactly_what_it_counts(busy):
    client = client_of(busy.city.user("dispatcher"))
    found = told(client, days=7, area=busy.city.areas["street"].code)
    rows = [found["total"], *found["areas"], *found["now"], *found["bad_actors"], *found["priorities"]]
    assert len(rows) > 15
    for row in rows:
        assert number(client, row["alarms"]) == row["count"], row
        page = client.get(row["page"])
        assert page.status_code == 200, row
        assert page.context["cl"].result_count == row["count"], row
    assert number(client, found["total"]["peak_alarms"]) == found["total"]["peak"]


@pytest.fixture
def storm(fleet):
    """Six bins fill one after the other: the first four opened cases of their own, which stand under that of the storm;
    one of them was merged with another report of the same, and a cover tells something else of the same place."""
    ProfileStatus.objects.filter(code="full").update(storm_count=5)
    forget_rules()
    for place, code in enumerate(bins(fleet, 6)):
        fill(fleet, [code], minute=place)
    fleet.ingest(message(6, "MC-001", status="tilted"), received_at=at(6))
    first, second = Alarm.objects.order_by("pk")[:2]
    case_merge(first.case, actor=fleet.city.user("dispatcher"), into=second.case, reason="同一处")
    yield AlarmStorm.objects.get()
    forget_rules()


def test_a_storm_leads_to_the_alarms_it_counts(fleet, storm):
    # when the figures are looked at, then as many are counted as stand in either list
    client = client_of(fleet.city.user("dispatcher"))
    (row,) = told(client)["storms"]
    assert (row["case"], row["count"]) == (storm.case.number, 6)
    assert number(client, row["alarms"]) == 6
    assert client.get(row["page"]).context["cl"].result_count == 6
    html = client.get(PAGE).content.decode()
    assert f'href="{escape(row["page"])}">6</a>' in html
    # and of a case that is none there are none
    assert client.get(CONSOLE, {"of_case": "none"}).context["cl"].result_count == 0
    assert client.get("/api/v1/alarms/", {"of_case": "none"}).json()["results"] == []


@pytest.mark.parametrize("role", ["handler", "grid_worker", "supervisor"])
def test_people_count_of_a_storm_what_they_see(fleet, storm, role):
    for user in (fleet.city.user(role), fleet.city.outsider(role)):
        client = client_of(user)
        for row in told(client)["storms"]:
            assert number(client, row["alarms"]) == row["count"] == client.get(row["page"]).context["cl"].result_count


def test_the_page_that_is_looked_at_is_fetched_in_part(busy):
    client = client_of(busy.city.user("dispatcher"))
    html = client.get(PAGE, headers={"X-Jiceng-Refresh": "1"}).content.decode()
    assert 'id="jc-alarm-figures"' in html and "<body" not in html
    assert "<span>告警指标</span>" in client.get(PAGE).content.decode()  # the header names the page


def test_shelved_and_chattering_are_counted_and_listed(busy):
    flaps = [message(5 + n / 12, "TB-001", status=("full", "normal")[n % 2]) for n in range(5)]
    busy.ingest(*flaps, received_at=at(6))
    alarm = Alarm.objects.active().filter(alarm_type="battery_low").first()
    alarm_shelve(alarm, actor=busy.city.user("dispatcher"), until=at(60), reason="换电池")
    assert Shelving.objects.filter(chattering=True).count() == 1
    client = client_of(busy.city.user("dispatcher"))
    found = {row["key"]: row for row in told(client)["now"]}
    assert (found["shelved"]["count"], found["chattering"]["count"]) == (2, 1)
    for key in ("shelved", "chattering"):
        assert number(client, found[key]["alarms"]) == found[key]["count"]
        assert client.get(found[key]["page"]).context["cl"].result_count == found[key]["count"]


def test_devices_that_send_too_much_are_counted_and_listed(busy):
    Device.objects.filter(code="TB-001").update(refused=7, refused_at=at(0))
    client = client_of(busy.city.user("dispatcher"))
    figure = {row["key"]: row for row in told(client)["now"]}["rate_limited"]
    assert figure["count"] == 1 == number(client, figure["alarms"])
    assert "TB-001" in client.get(figure["page"]).content.decode()
    page = client.get(reverse("admin:devices_device_change", args=[busy.bin.pk])).content.decode()
    assert "已拒收超出的 7 条" in page


@pytest.mark.parametrize("role", STAFF)
def test_people_see_the_figures_of_what_is_theirs(busy, role):
    mine, outside = client_of(busy.city.user(role)), client_of(busy.city.outsider(role))
    for door in (mine, outside):
        total = told(door, days=7)["total"]
        assert total["count"] == number(door, total["alarms"])
        assert door.get(PAGE).status_code == 200
    if role != "supervisor":  # one of elsewhere supervises what this one does not
        assert told(mine, days=7)["total"]["count"] > told(outside, days=7)["total"]["count"]


def test_residents_and_strangers_see_none(busy):
    assert Client().get(FIGURES).status_code in (401, 403)
    resident = client_of(busy.city.user("resident"))
    assert resident.get(FIGURES).status_code == 403
    assert resident.get(PAGE).status_code in (302, 403)


@pytest.mark.parametrize(("asked", "field"), [({"days": "2"}, "days"), ({"days": "x"}, "days"),
                                              ({"area": "nowhere"}, "area"), ({"area": "\x00"}, "area")])  # fmt: skip
def test_what_cannot_be_asked_is_named(busy, asked, field):
    client = client_of(busy.city.user("dispatcher"))
    answer = client.get(FIGURES, asked)
    assert (answer.status_code, answer.json()["errors"][0]["attr"]) == (400, field)
    assert client.get(PAGE, asked).status_code == 400


@pytest.mark.parametrize("door", [FIGURES, PAGE])
def test_the_statements_do_not_grow(busy, door):
    client = client_of(busy.city.user("dispatcher"))

    def statements():
        with CaptureQueriesContext(connection) as captured:
            assert client.get(door).status_code == 200
        return len(captured)

    statements()
    few = statements()
    more = bins(busy, 30, busy.city.other_grid, busy.city.other_point)
    busy.ingest(*[message(4, code, metrics={"battery": 5}) for code in more], received_at=at(4))
    assert statements() == few <= 22


def test_a_flood_begins_with_ten_and_ends_below_five():
    assert flooded({}) == 0
    assert flooded({1: 9}) == 0
    assert flooded({1: 10, 2: FLOOD_ENDS, 3: 4, 4: 9}) == 2
    assert flooded({1: 10, 3: 9}) == 1
    assert flooded({1: 10, 2: 12, 5: 10}) == 3


def test_the_page_says_it_in_chinese(busy):
    html = client_of(busy.city.user("dispatcher")).get(PAGE).content.decode()
    assert all(
        word in html for word in ("告警指标", "时间处于泛滥", "告警最多的前十", "危及人身", "宜约", "持续超过一天")
    )
    assert "危及人身" in client_of(busy.city.user("dispatcher")).get(CONSOLE).content.decode()


def test_of_chosen_alarms_that_left_the_list_it_is_said(busy):
    # given three low batteries, ticked in the list of those nobody has acknowledged; one is acknowledged meanwhile
    client = client_of(busy.city.user("dispatcher"))
    rows = list(Alarm.objects.active().filter(alarm_type="battery_low").order_by("pk")[:3])
    client.post(CONSOLE, {"action": "acknowledge_selected", "_selected_action": [rows[0].pk]})
    given = {"_selected_action": [row.pk for row in rows]}
    where = f"{CONSOLE}?condition=waiting"
    # when they are shelved, then the form says so, and so does the answer
    page = client.post(where, {"action": "shelve_selected", **given})
    assert "有 1 条已不在本列表中" in page.content.decode()
    assert f'value="{rows[0].pk}"' in page.content.decode()
    page = client.post(where, {"action": "shelve_selected", "until": "2026-11-23T20:00", "reason": "演练", **given})
    assert page.content.decode().count("已完成") == 2 and "有 1 条已不在本列表中" in page.content.decode()
    # and where one is left, its being done is not all that is told
    page = client.post(where, {"action": "acknowledge_selected", "_selected_action": [rows[0].pk, busy_one(busy).pk]})
    assert "有 1 条已不在本列表中" in page.content.decode()


def busy_one(busy) -> Alarm:
    return Alarm.objects.get(device=busy.cover, cleared_at=None)


def test_bulk_steps_say_what_became_of_each_row(busy):
    client = client_of(busy.city.user("dispatcher"))
    rows = list(Alarm.objects.active().order_by("pk")[:3])
    alarm_shelve(rows[0], actor=busy.city.user("dispatcher"), until=at(60), reason="检修")
    given = {"_selected_action": [row.pk for row in rows]}
    # when three are shelved, one of which is already
    answer = client.post(CONSOLE, {"action": "shelve_selected", "until": "2026-11-23T20:00", "reason": "演练", **given})
    html = answer.content.decode()
    assert (answer.status_code, html.count("已完成"), html.count("未完成")) == (200, 2, 1)
    assert set(Alarm.objects.filter(pk__in=given["_selected_action"]).values_list("inhibited", flat=True)) == {
        "shelved"
    }
    # and all taken back: rows that are not shelved any more say so
    html = client.post(CONSOLE, {"action": "unshelve_selected", **given}).content.decode()
    assert html.count("已完成") == 3
    html = client.post(CONSOLE, {"action": "unshelve_selected", **given}).content.decode()
    assert html.count("未完成") == 3
    assert Event.objects.filter(name="alarm.unshelved").count() == 3


def test_figures_of_history_told_afterwards_are_left_out(busy):
    before = told(client_of(busy.city.user("dispatcher")))["total"]["count"]
    busy.ingest(message(-120, "TB-001", status="full"), received_at=at(4))
    assert Alarm.objects.filter(late=True).exists()
    assert told(client_of(busy.city.user("dispatcher")))["total"]["count"] == before


def test_the_service_and_the_door_agree(busy):
    user = busy.city.user("operations_centre")
    found = alarm_figures(user, None, days=7)
    assert json.loads(json.dumps(told(client_of(user), days=7)))["total"]["count"] == found.total.alarms
    assert urlsplit(found.total.page).path == CONSOLE
