"""Alarms that a lost gateway stands for are presented to nobody: not counted, listed apart; the gateway is shown."""

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from devices.models import OFFLINE, Alarm, Device, Gateway, ProfileStatus
from devices.offline import offline_sweep
from devices.profile_rules import forget_rules
from devices.tests.fleet import NOW, at, message
from devices.tests.test_alarm_figures import CONSOLE, FIGURES, PAGE, client_of, number, told
from devices.tests.test_offline import hear
from governance.models import Appointment

GATEWAYS = "/api/v1/gateways/"
ADMIN = "/admin/devices/gateway/"
SEE = ["administrator", "operations_centre", "dispatcher", "registrar", "grid_worker", "community_staff"]
SEE_NONE = ["handler", "supervisor"]


@pytest.fixture
def silent(fleet):
    """One bin was full; then the gateway of both devices of the grid fell silent; the cover elsewhere speaks for itself
    and is tilted."""
    Appointment.objects.update(valid_from=NOW.date())
    for profile in {fleet.cover.profile, fleet.bin.profile}:
        ProfileStatus.objects.create(profile=profile, code=OFFLINE, label="离线", severity="low", opens_case=False)
    forget_rules()
    Gateway.objects.update(category=fleet.city.category)
    hear(fleet, 0, "MC-001")
    hear(fleet, 0, "TB-001", status="full")
    fleet.ingest(message(21, "MC-900", status="tilted"), owner=fleet.far, received_at=at(21))
    with time_machine.travel(at(22), tick=False):
        offline_sweep(at(22))
        assert Alarm.objects.filter(inhibited="suppressed").count() == 2
        yield fleet


def test_what_a_lost_gateway_holds_back_is_in_no_figure(silent):
    client = client_of(silent.city.user("dispatcher"))
    found = told(client, days=1)
    # two were presented: the full bin and the tilted cover
    assert (found["total"]["count"], found["total"]["peak"]) == (2, 1)
    assert {(row["device"], row["alarm_type"]) for row in found["bad_actors"]} == {
        ("TB-001", "full"), ("MC-900", "tilted"),
    }  # fmt: skip
    assert [(row["severity"], row["count"]) for row in found["priorities"]] == [("high", 1), ("medium", 1), ("low", 0)]
    assert {row["key"]: row["count"] for row in found["now"]} == {
        "active": 2, "waiting": 2, "stale": 0, "shelved": 0, "chattering": 0, "suppressed": 2, "gateways_lost": 1,
        "rate_limited": 0,
    }  # fmt: skip


@pytest.mark.parametrize("days_later", [0, 2])
def test_each_figure_leads_to_what_it_counts_on_the_page_and_in_the_api(silent, days_later):
    with time_machine.travel(at(22 + days_later * 24 * 60), tick=False):
        client = client_of(silent.city.user("dispatcher"))
        for area in ("", silent.city.areas["street"].code, silent.city.other_grid.code):
            found = told(client, days=7, area=area)
            now = {row["key"]: row["count"] for row in found["now"]}
            assert now["gateways_lost"] == now["suppressed"] / 2 == (0 if area == silent.city.other_grid.code else 1)
            assert now["stale"] == (now["active"] if days_later else 0)
            for row in [found["total"], *found["areas"], *found["now"], *found["bad_actors"], *found["priorities"]]:
                assert number(client, row["alarms"]) == row["count"], row
                page = client.get(row["page"])
                assert page.status_code == 200, row
                assert page.context["cl"].result_count == row["count"], row
            assert number(client, found["total"]["peak_alarms"]) == found["total"]["peak"]


def test_one_that_outlives_the_loss_is_presented_and_counted(silent):
    # when one device is heard and the other is still silent after the time it may be
    hear(silent, 23, "TB-001")
    for minute in (23.1, 38, 39, 41):
        hear(silent, minute, "TB-001")
        silent.ingest(message(minute, "MC-900", metrics={"x": 1}), owner=silent.far, received_at=at(minute))
        offline_sweep(at(minute))
    with time_machine.travel(at(41), tick=False):
        found = told(client_of(silent.city.user("dispatcher")), days=1)
    # then its alarm is presented; that of the device which the loss explains is not, though it is over
    assert dict(Alarm.objects.filter(alarm_type=OFFLINE).values_list("device__code", "inhibited")) == {
        "MC-001": "", "TB-001": "suppressed",
    }  # fmt: skip
    assert found["total"]["count"] == 3
    now = {row["key"]: row["count"] for row in found["now"]}
    assert (now["suppressed"], now["gateways_lost"]) == (0, 0)


@pytest.mark.parametrize("role", SEE)
def test_the_console_shows_the_gateway_in_place_of_its_alarms(silent, role):
    client = client_of(silent.city.user(role))
    html = client.get(CONSOLE).content.decode()
    assert all(word in html for word in ('data-lost-gateway="GW-1"', "网关失联", "东街网关", "已抑制 2 条告警"))
    assert Gateway.objects.get().case.number in html
    held = client.get(CONSOLE, {"condition": "suppressed", "gateway": "GW-1"})
    assert held.context["cl"].result_count == 2
    assert client.get(CONSOLE, {"condition": "suppressed", "gateway": "GW-2"}).context["cl"].result_count == 0
    assert "失联网关" in client.get(PAGE).content.decode()
    # and when it is back the line is gone
    Gateway.objects.update(silent_since=None)
    assert "data-lost-gateway" not in client.get(CONSOLE).content.decode()


@pytest.mark.parametrize("role", SEE_NONE)
def test_who_sees_no_gateways_sees_no_line_and_no_figure(silent, role):
    client = client_of(silent.city.user(role))
    assert "data-lost-gateway" not in client.get(CONSOLE).content.decode()
    assert "gateways_lost" not in {row["key"] for row in told(client)["now"]}
    assert client.get(GATEWAYS).status_code == 403
    assert client.get(ADMIN).status_code == 403


@pytest.mark.parametrize("role", SEE)
def test_gateways_are_listed_within_what_a_person_sees(silent, role):
    client = client_of(silent.city.user(role))
    rows = client.get(GATEWAYS, {"lost": "true"}).json()["results"]
    case = Gateway.objects.get().case
    assert rows == [{
        "code": "GW-1", "name": "东街网关", "area": silent.city.grid.code, "is_active": True, "category": "0101",
        "silent_since": "2026-11-23T16:00:00+08:00", "back_at": None, "case": case.number, "held_back": 2,
    }]  # fmt: skip
    assert client.get(GATEWAYS + "GW-1/").json() == rows[0]
    assert client.get(GATEWAYS, {"lost": "false"}).json()["results"] == []
    outside = client_of(silent.city.outsider(role))
    assert outside.get(GATEWAYS).json()["results"] == []
    assert outside.get(GATEWAYS + "GW-1/").status_code == 404
    assert "data-lost-gateway" not in outside.get(CONSOLE).content.decode()
    assert {row["key"]: row["count"] for row in told(outside)["now"]}["gateways_lost"] == 0


def test_residents_and_strangers_see_none(silent):
    assert Client().get(GATEWAYS).status_code in (401, 403)
    assert client_of(silent.city.user("resident")).get(GATEWAYS).status_code == 403
    assert client_of(silent.city.user("resident")).get(FIGURES).status_code == 403


@pytest.mark.parametrize(
    ("asked", "status"), [({"lost": "x"}, 400), ({"area": "nowhere"}, 400), ({"area": "\x00"}, 400)]
)
def test_what_cannot_be_asked_is_named(silent, asked, status):
    assert client_of(silent.city.user("dispatcher")).get(GATEWAYS, asked).status_code == status


def test_a_filter_that_means_nothing_shows_nothing(silent):
    client = client_of(silent.city.user("dispatcher"))
    assert client.get(CONSOLE, {"gateway": "\x00"}).status_code in (302, 400)
    for asked in ({"presented": "maybe"}, {"gateway": "nowhere"}):
        assert client.get(CONSOLE, asked).context["cl"].result_count == 0, asked
    assert client.get("/api/v1/alarms/", {"presented": "maybe"}).status_code == 400
    assert number(client, "/api/v1/alarms/?gateway=GW-1") == 3
    assert number(client, "/api/v1/alarms/?gateway=nowhere") == 0


@pytest.mark.parametrize("door", [CONSOLE, GATEWAYS])
def test_the_statements_do_not_grow_with_the_gateways(silent, door):
    client = client_of(silent.city.user("dispatcher"))

    def statements() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(door).status_code == 200
        return len(captured)

    statements()
    few = statements()
    for place in range(5):
        gateway = Gateway.objects.create(code=f"GX-{place}", name="网关", area=silent.city.grid, silent_since=at(0))
        Device.objects.filter(code="MC-001").update(gateway=gateway)
    assert statements() == few


@pytest.mark.parametrize(
    ("moment", "status"),
    [("0409-02-05T12:55:43-22:25", 200), ("0001-01-01T00:00:00+10:00", 400), ("2026-11-23T08:00:00+08:00", 200)],
)
def test_a_moment_that_the_database_cannot_read_is_read_or_named(fleet, moment, status):
    client = client_of(fleet.city.user("dispatcher"))
    for door, name in (("/api/v1/alarms/", "raised_after"), ("/api/v1/cases/", "reported_after")):
        assert client.get(door, {name: moment}).status_code == status, door
