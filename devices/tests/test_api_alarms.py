"""Devices and alarms through the API: who sees what, filters, acknowledging by every role."""

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from cases.tests.api import client_of
from devices.models import Alarm, Device
from devices.tests.fleet import at, message
from governance.models import Event
from governance.testing import snapshot

DEVICES, ALARMS = "/api/v1/devices/", "/api/v1/alarms/"
STAFF = [
    "administrator", "operations_centre", "registrar", "dispatcher", "handler", "supervisor", "grid_worker",
    "community_staff",
]  # fmt: skip
# By hand, from the brief: who takes notice of alarms. The handler's unit leads the case.
MAY = {"operations_centre", "dispatcher", "grid_worker", "community_staff", "handler"}
MAY_NOT = {"administrator", "registrar", "supervisor"}


@pytest.fixture
def alarm(fleet) -> Alarm:
    """An alarm with a case: municipal leads (and owns the device), urban supervises."""
    fleet.ingest(message(status="tilted", metrics={"tilt": 32.5}))
    return Alarm.objects.get()


def get(user, url, **query):
    response = client_of(user).get(url, query)
    assert response.status_code == 200, response.content
    return response.json()


def codes(user, url=DEVICES, **query):
    key = "code" if url == DEVICES else "device"
    return {row[key] for row in get(user, url, **query)["results"]}


def acknowledge(user, alarm, data=None):
    return client_of(user).post(f"{ALARMS}{alarm.pk}/acknowledge/", data or {}, format="json")


def test_a_device_shows_its_values_and_alarms(fleet, alarm):
    row = get(fleet.city.user("dispatcher"), f"{DEVICES}MC-001/")
    assert (row["status"], row["status_label"], row["profile"], row["area"], row["unit"], row["gateway"]) == (
        "tilted", "井盖倾斜", "manhole_cover", fleet.city.grid.code, "municipal", "GW-1"
    )  # fmt: skip
    shown = [[value[key] for key in ("metric", "label", "value", "text", "unit")] for value in row["latest"]]
    assert shown == [
        ["status", "status", None, "tilted", ""],
        ["tilt", "倾角", 32.5, "", "°"],
    ]
    assert [(one["id"], one["alarm_type"], one["label"], one["severity"]) for one in row["active_alarms"]] == [
        (alarm.pk, "tilted", "井盖倾斜", "high")
    ]
    assert row == next(one for one in get(fleet.city.user("dispatcher"), DEVICES)["results"] if one["code"] == "MC-001")


def test_an_alarm_tells_its_whole_story(fleet, alarm):
    row = get(fleet.city.user("dispatcher"), f"{ALARMS}{alarm.pk}/")
    assert row == get(fleet.city.user("dispatcher"), ALARMS)["results"][0]
    assert (row["device"], row["alarm_type"], row["label"], row["severity"], row["active"], row["state"]) == (
        "MC-001", "tilted", "井盖倾斜", "high", True, "unacknowledged"
    )  # fmt: skip
    assert (row["case"], row["value"], row["count"], row["transitions"]) == (
        alarm.case.number, 32.5, 1, ["acknowledge", "shelve"]
    )  # fmt: skip


@pytest.mark.parametrize("role", STAFF)
def test_people_see_the_devices_and_alarms_of_their_work(fleet, alarm, role):
    # given an alarm of each device
    fleet.ingest(message(device="MC-900", status="tilted"), owner=fleet.far)
    fleet.ingest(message(device="TB-001", metrics={"fill": 0.9}))
    user = fleet.city.user(role)
    in_city = role not in ("grid_worker", "community_staff")
    mine = {"MC-001", "TB-001"} | ({"MC-900"} if in_city else set())
    # then devices: by area, for units their own (all belong to municipal)
    assert codes(user) == (set() if role == "supervisor" else mine)
    # and alarms: by area; for units also those whose case they take part in
    assert codes(user, ALARMS) == ({"MC-001", "MC-900"} if role == "supervisor" else mine)


@pytest.mark.parametrize("role", [role for role in STAFF if role != "supervisor"])
def test_people_outside_see_and_touch_nothing(fleet, alarm, role):
    user = fleet.city.outsider(role)
    before = snapshot(alarm)
    assert "MC-001" not in codes(user)
    assert codes(user, ALARMS) == set()
    client = client_of(user)
    assert client.get(f"{DEVICES}MC-001/").status_code == 404
    assert client.get(f"{ALARMS}{alarm.pk}/").status_code == 404
    assert acknowledge(user, alarm).status_code == 404
    assert codes(user, ALARMS, device="MC-001") == set()
    assert snapshot(alarm) == before


def test_a_supervisor_of_the_owner_unit_sees_its_device_and_alarm(fleet, alarm):
    owner = fleet.city.outsider("supervisor")
    assert "MC-001" in codes(owner)
    assert codes(owner, ALARMS) == {"MC-001"}


def test_the_unit_that_handles_the_case_sees_the_alarm_of_a_foreign_device(fleet):
    # given a device of another unit, whose case municipal leads
    Device.objects.filter(pk=fleet.cover.pk).update(unit=fleet.city.urban)
    fleet.ingest(message(status="tilted"))
    handler = fleet.city.user("handler")
    assert "MC-001" not in codes(handler)
    assert codes(handler, ALARMS) == {"MC-001"}
    assert acknowledge(handler, Alarm.objects.get()).status_code == 200


def test_residents_and_strangers_see_nothing(fleet, alarm):
    for url in (DEVICES, ALARMS, f"{DEVICES}MC-001/", f"{ALARMS}{alarm.pk}/"):
        assert client_of(fleet.city.user("resident")).get(url).status_code == 403
        assert client_of().get(url).status_code == 401
    assert acknowledge(fleet.city.user("resident"), alarm).status_code == 404
    assert acknowledge(None, alarm).status_code == 401
    assert Alarm.objects.get().state == "unacknowledged"


def test_the_table_names_every_role():
    assert set(STAFF) == MAY | MAY_NOT


@pytest.mark.parametrize("role", sorted(MAY))
def test_who_may_acknowledges_once(fleet, alarm, role):
    user = fleet.city.user(role)
    others = ["shelve"] if role in ("operations_centre", "dispatcher") else []
    assert get(user, f"{ALARMS}{alarm.pk}/")["transitions"] == ["acknowledge", *others]
    # when somebody who may takes notice
    response = acknowledge(user, alarm, {"reason": "已派人查看"})
    # then it is theirs, recorded with the role acted in
    assert response.status_code == 200, response.json()
    body = response.json()
    assert (body["state"], body["active"], body["acknowledged_by"], body["transitions"]) == (
        "acknowledged", True, str(user), others
    )  # fmt: skip
    event = Event.objects.get(name="alarm.acknowledged")
    assert (event.actor, event.role, event.area, event.remark.text) == (user, role, fleet.city.grid, "已派人查看")
    assert event.payload["device"] == "MC-001"
    assert event.payload["case"] == alarm.case.number
    # and a second press is a conflict that changes nothing
    before = snapshot(alarm)
    again = acknowledge(fleet.city.user("dispatcher"), alarm)
    assert (again.status_code, again.json()["errors"][0]["code"]) == (409, "conflict")
    assert snapshot(alarm) == before


@pytest.mark.parametrize("role", sorted(MAY_NOT))
def test_who_may_not_is_refused_and_nothing_changes(fleet, alarm, role):
    user = fleet.city.user(role)
    before = snapshot(alarm)
    assert get(user, f"{ALARMS}{alarm.pk}/")["transitions"] == []
    response = acknowledge(user, alarm)
    assert (response.status_code, response.json()["errors"][0]["code"]) == (403, "permission_denied")
    assert snapshot(alarm) == before


def test_a_handler_of_another_unit_may_not(fleet):
    # given an alarm whose case another unit leads, of a device the handler's unit owns
    fleet.ingest(message(status="missing"))
    alarm = Alarm.objects.get()
    assert alarm.case.lead_unit == fleet.city.water
    before = snapshot(alarm)
    assert acknowledge(fleet.city.user("handler"), alarm).status_code == 403
    assert snapshot(alarm) == before


def test_the_general_door_of_transitions_does_the_same(fleet, alarm):
    user = fleet.city.user("dispatcher")
    response = client_of(user).post(f"{ALARMS}{alarm.pk}/transitions/acknowledge/", {"version": 0}, format="json")
    assert response.json()["state"] == "acknowledged"
    assert client_of(user).post(f"{ALARMS}{alarm.pk}/transitions/explode/", {}, format="json").status_code == 404


def test_the_idempotency_key_is_honoured(fleet, alarm):
    client = client_of(fleet.city.user("dispatcher"))
    url, options = f"{ALARMS}{alarm.pk}/acknowledge/", {"format": "json", "headers": {"Idempotency-Key": "k1"}}
    first, again = client.post(url, {}, **options), client.post(url, {}, **options)
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.json() == again.json()
    assert Event.objects.filter(name="alarm.acknowledged").count() == 1


def test_a_cleared_alarm_can_still_be_acknowledged(fleet, alarm):
    fleet.ingest(message(5, status="normal"), received_at=at(5))
    body = acknowledge(fleet.city.user("dispatcher"), alarm).json()
    assert (body["active"], body["state"]) == (False, "acknowledged")
    # and what the device reports afterwards leaves the acknowledgement as it is
    fleet.ingest(message(10, status="tilted"), received_at=at(10))
    body = get(fleet.city.user("dispatcher"), f"{ALARMS}{alarm.pk}/")
    assert (body["active"], body["state"], body["count"]) == (True, "acknowledged", 2)


FILTERS = [
    ({}, {"MC-001", "TB-001", "MC-900"}),
    ({"device": "TB-001"}, {"TB-001"}),
    ({"device": "MC-404"}, set()),
    ({"profile": "manhole_cover"}, {"MC-001", "MC-900"}),
    ({"area": "990102001"}, {"MC-001", "TB-001"}),
    ({"type": "full"}, {"TB-001"}),
    ({"severity": "high"}, {"MC-001", "MC-900"}),
    ({"active": "true"}, {"MC-001", "TB-001"}),
    ({"active": "false"}, {"MC-900"}),
    ({"acknowledged": "true"}, {"MC-001"}),
    ({"acknowledged": "false"}, {"TB-001", "MC-900"}),
    ({"late": "true"}, set()),
    ({"raised_after": at(0.5).isoformat()}, {"TB-001"}),
    ({"raised_before": at(0.5).isoformat()}, {"MC-001", "MC-900"}),
]


@pytest.mark.parametrize(("query", "found"), FILTERS)
def test_filters_of_alarms(fleet, alarm, query, found):
    acknowledge(fleet.city.user("dispatcher"), alarm)
    fleet.ingest(message(1, "TB-001", metrics={"fill": 0.9}), received_at=at(1))
    fleet.ingest(message(0, "MC-900", status="tilted"), owner=fleet.far)
    fleet.ingest(message(2, "MC-900", status="normal"), owner=fleet.far, received_at=at(2))
    assert codes(fleet.city.user("dispatcher"), ALARMS, **query) == found


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"profile": "trash_bin"}, {"TB-001"}),
        ({"area": "990102002"}, {"MC-900"}),
        ({"unit": "municipal"}, {"MC-001", "TB-001", "MC-900"}),
        ({"status": "tilted"}, {"MC-001"}),
        ({"alarm": "true"}, {"MC-001"}),
        ({"alarm": "false"}, {"TB-001", "MC-900"}),
        ({"in_use": "false"}, set()),
        ({"text": "TB-"}, {"TB-001"}),
    ],
)
def test_filters_of_devices(fleet, alarm, query, found):
    assert codes(fleet.city.user("dispatcher"), **query) == found


@pytest.mark.parametrize("query", [{"area": "1"}, {"active": "perhaps"}, {"severity": "huge"}, {"raised_after": "soon"},
                                   {"cursor": "x"}, {"page_size": "0"}, {"device": "a\x00b"}])  # fmt: skip
def test_a_filter_that_means_nothing_is_an_error(fleet, query):
    response = client_of(fleet.city.user("dispatcher")).get(ALARMS, query)
    assert (response.status_code, response.json()["type"]) == (400, "validation_error")
    assert response.json()["errors"][0]["attr"] == next(iter(query))


def test_pages_follow_each_other(fleet, alarm):
    fleet.ingest(message(1, "TB-001", metrics={"fill": 0.9}), received_at=at(1))
    first = get(fleet.city.user("dispatcher"), ALARMS, page_size=1)
    second = client_of(fleet.city.user("dispatcher")).get(first["next"]).json()
    assert [page["results"][0]["device"] for page in (first, second)] == ["TB-001", "MC-001"]
    assert second["next"] is None


@pytest.mark.parametrize("role", ["dispatcher", "handler"])
@pytest.mark.parametrize("url", [DEVICES, ALARMS])
def test_the_statements_of_a_list_do_not_grow_with_its_rows(fleet, alarm, role, url):
    client = client_of(fleet.city.user(role))

    def statements() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(url).status_code == 200
        return len(captured)

    few = statements()
    with transaction.atomic():
        for number in range(10):
            code = f"MC-1{number:02}"
            Device.objects.create(
                code=code, name=code, profile=fleet.cover_profile, area=fleet.city.grid, longitude=112.905,
                latitude=28.205, unit=fleet.city.municipal, gateway=fleet.gateway,
            )  # fmt: skip
        fleet.ingest(*[message(device=f"MC-1{n:02}", status="tilted", metrics={"tilt": 20}) for n in range(10)])
    assert Alarm.objects.count() == 11
    assert statements() == few <= 10
