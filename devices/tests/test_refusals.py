"""Words that a profile does not know cost no figures, and what is refused is told to the sender and shown to staff."""

import ast
import json
from datetime import timedelta
from pathlib import Path
from unittest import mock

import pytest
from django.db import DatabaseError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from devices import refusals
from devices.messages import Rejected, read_message
from devices.models import Alarm, Device, DeviceRefusal, LatestValue, ProfileStatus, Reading
from devices.models.refusal import LABELS
from devices.profile_rules import forget_rules
from devices.refusals import refusals_drop
from devices.tests import test_admin
from devices.tests.fleet import NOW, at, key_of, message
from devices.tests.test_api_alarms import STAFF, get

READINGS, REFUSALS = "/api/v1/devices/readings/", "/api/v1/device-refusals/"
LIST = reverse("admin:devices_devicerefusal_changelist")


def counted():
    rows = DeviceRefusal.objects.order_by("code", "id")
    return [(row.device and row.device.code, row.gateway and row.gateway.code, row.code, row.count) for row in rows]


def test_an_unknown_word_costs_no_figure(fleet):
    # when a bin says a word that its profile does not know, with a figure past its limit
    result = fleet.ingest(message(device="TB-001", status="doorAjar", metrics={"fill": 0.9}))
    # then the figure is stored and judged, the word is kept, nothing is judged by it, and the sender is told
    assert (result.accepted, result.rejected) == (1, [])
    assert [(one.index, one.code) for one in result.warnings] == [(0, "unknown_status")]
    assert "door_ajar" in result.told()["warnings"][0]["detail"]
    assert [alarm.alarm_type for alarm in Alarm.objects.all()] == ["full"]
    assert dict(LatestValue.objects.values_list("metric", "text")) == {"status": "door_ajar", "fill": ""}
    assert Device.objects.get(code="TB-001").status == "door_ajar"
    # and staff see it
    assert counted() == [("TB-001", "GW-1", "unknown_status", 1)]
    # when the profile learns the word, then it is an alarm like any other
    ProfileStatus.objects.create(profile=fleet.bin.profile, code="door_ajar", label="箱门未关", severity="low")
    forget_rules()
    assert fleet.ingest(message(1, "TB-001", status="doorAjar"), received_at=at(1)).told() == {
        "accepted": 1, "duplicate": 0, "rejected": [],
    }  # fmt: skip
    assert Alarm.objects.filter(alarm_type="door_ajar").exists()


def test_an_unknown_word_takes_nothing_back_and_its_device_is_there(fleet):
    fleet.ingest(message(status="tilted"))
    fleet.ingest(message(1, status="dancing"), received_at=at(1))
    alarm = Alarm.objects.get()
    assert (alarm.active, alarm.count) == (True, 1)
    device = Device.objects.get(code="MC-001")
    assert (device.status, device.last_seen_at) == ("dancing", at(1))
    # late ones are history that says nothing
    fleet.ingest(message(-5, status="dancing"), received_at=at(2))
    assert Alarm.objects.count() == 1 and Reading.objects.filter(text="dancing").count() == 2


def test_an_unknown_word_makes_no_judged_one_before_it_history(fleet):
    # given a cover whose newest word its profile does not know, and no other
    fleet.ingest(message(10, status="dancing"), received_at=at(10))
    # when words of before come in behind it: the alarm is raised and somebody is sent, and normal ends it
    fleet.ingest(message(1, status="tilted"), received_at=at(11))
    alarm = Alarm.objects.get()
    assert alarm.active and not alarm.late and alarm.case is not None
    fleet.ingest(message(8, status="unknown"), message(5, status="normal"), received_at=at(12))
    alarm.refresh_from_db()
    assert (alarm.active, alarm.cleared_at) == (False, at(5))
    # then what is older than the newest judged one is history all the same
    fleet.ingest(message(3, status="missing"), received_at=at(13))
    assert Alarm.objects.get(alarm_type="missing").late
    # and the newest word is shown as it is: not bad, said at its time
    row = LatestValue.objects.get()
    assert (row.text, row.at, row.quality, row.good_at) == ("dancing", at(10), None, at(5))
    # when a judged one comes, it leaves no trace
    fleet.ingest(message(14, status="normal"), received_at=at(14))
    row.refresh_from_db()
    assert (row.text, row.good_at) == ("normal", None)
    fleet.ingest(message(13, status="tilted"), received_at=at(15))
    assert Alarm.objects.get(alarm_type="tilted", raised_at=at(13)).late


@pytest.mark.parametrize(("said", "status", "warned"), [
    ("ok", "normal", False), ("OK", "normal", False), ("Tilted", "tilted", False), ("unknown", "unknown", False),
    ("offline", "unknown", True),
])  # fmt: skip
def test_words_of_other_data_models(fleet, said, status, warned):
    result = fleet.ingest(message(status=said, metrics={"tilt": 3}))
    assert (result.accepted, bool(result.warnings)) == (1, warned)
    assert Device.objects.get(code="MC-001").status == status
    assert Reading.objects.filter(metric="tilt").count() == 1
    assert Alarm.objects.exists() == (status == "tilted")
    assert not Alarm.objects.filter(alarm_type="offline").exists()


def test_a_clock_ahead_is_told_and_counted(fleet):
    result = fleet.ingest(message(30, metrics={"tilt": 3}))
    assert [one.code for one in result.warnings] == ["clock_skewed"]
    assert counted() == [("MC-001", "GW-1", "clock_skewed", 1)]


def test_refusals_are_one_row_for_a_sender_a_reason_and_a_day(fleet):
    # given a gateway that sends a hundred messages of an unknown device, of a foreign one, and broken ones of its own
    wrong = [message(device="XX-1", status="normal"), message(device="MC-900", status="normal"),
             message(status="Lid open"), {"device": 7}]  # fmt: skip
    for _time in range(5):
        fleet.ingest(*wrong * 5)
    # then there are four rows
    assert counted() == [
        (None, "GW-1", "foreign_device", 25), (None, "GW-1", "invalid_device", 25),
        ("MC-001", "GW-1", "invalid_status", 25), (None, "GW-1", "unknown_device", 25),
    ]  # fmt: skip
    row = DeviceRefusal.objects.get(code="unknown_device")
    assert (row.named, row.day, row.last_at) == ("XX-1", timezone.localdate(NOW), NOW)
    assert "XX-1" in row.detail
    # and another on the next day
    fleet.ingest(wrong[0], received_at=NOW + timedelta(days=1))
    assert DeviceRefusal.objects.filter(code="unknown_device").count() == 2
    # under its own key it is the device's own
    fleet.ingest(message(device="MC-001", status="normal"), owner=fleet.far)
    assert ("MC-900", None, "foreign_device", 1) in counted()


def test_good_messages_cost_nothing_and_refused_ones_one_statement(fleet):
    def statements(*messages):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            fleet.ingest(*messages)
        return [query["sql"] for query in queries if "devices_devicerefusal" in query["sql"]]

    assert statements(message(status="normal")) == []
    assert len(statements(*[message(n, device="XX-1") for n in range(50)], message(1, status="normal"))) == 1


def test_a_failure_to_count_stops_nothing(fleet):
    with mock.patch.object(refusals, "ADD", "SELECT nonsense"):
        result = fleet.ingest(message(device="XX-1", status="normal"), message(status="normal"))
    assert (result.accepted, len(result.rejected)) == (1, 1)
    assert Reading.objects.count() == 1 and not DeviceRefusal.objects.exists()
    assert issubclass(DatabaseError, refusals.Error)


def test_what_the_web_door_cannot_read_is_counted(fleet):
    own = key_of(fleet.cover)

    def post(body, secret=own):
        return Client().post(READINGS, body, content_type="application/json", HTTP_AUTHORIZATION=f"Device {secret}")

    assert [post(body).status_code for body in ("{", '{"readings": 7}', "{}")] == [400, 400, 400]
    assert counted() == [("MC-001", None, "not_a_list", 1), ("MC-001", None, "parse_error", 1),
                         ("MC-001", None, "required", 1)]  # fmt: skip
    answer = post(json.dumps({"readings": [message(status="dancing") | {"at": timezone.now().isoformat()}]}))
    assert answer.json()["warnings"][0]["code"] == "unknown_status"
    assert post("{", secret="nobody's").status_code == 401
    assert DeviceRefusal.objects.count() == 4


@pytest.mark.parametrize(("value", "told"), [
    ("7", "应为数字"), (True, "应为数字"), (None, "应为数字"), (1e31, "过大"), (10**400, "过大"), (-(10**400), "过大"),
    (float("inf"), "必须是有限数"), (float("nan"), "必须是有限数"),
], ids=lambda given: str(given)[:6])  # fmt: skip
def test_a_wrong_figure_is_told_with_the_name_of_its_metric(value, told):
    with pytest.raises(Rejected) as refused:
        read_message(0, message(metrics={"tilt": 3, "battery": value, "water_level": 1}), NOW)
    assert refused.value.code == "invalid_value"
    assert "“battery”" in refused.value.detail and told in refused.value.detail


def test_the_sender_and_staff_read_which_metric_it_was(fleet):
    result = fleet.ingest(message(metrics={"tilt": 3, "battery": "low"}))
    assert "“battery”" in result.rejected[0].detail
    assert "“battery”" in DeviceRefusal.objects.get().detail


# What makes a refusal, and which of its arguments is the code.
MAKERS = {"Rejected": 0, "Rejection": 1, "NotReadable": 1, "refused": 0}


def codes_in(source: str):
    """Yield every code of a refusal that a source names."""
    tree = ast.parse(source)
    named = {}
    for node in tree.body:
        if isinstance(node, ast.Assign):
            names, values = (getattr(part, "elts", [part]) for part in (node.targets[0], node.value))
            named |= {name.id: value.value for name, value in zip(names, values, strict=False)
                      if isinstance(name, ast.Name) and isinstance(value, ast.Constant)}  # fmt: skip
    for node in ast.walk(tree):
        given = None
        if isinstance(node, ast.Call) and (place := MAKERS.get(getattr(node.func, "id", ""))) is not None:
            given = node.args[place] if place < len(node.args) else None
        if isinstance(node, ast.Return) and isinstance(node.value, ast.Tuple) and len(node.value.elts) == 2:
            given = node.value.elts[0]  # why ingest refuses a sample: (code, text)
        if isinstance(given, ast.Constant) and isinstance(given.value, str):
            yield given.value
        elif isinstance(given, ast.Name) and given.id in named:
            yield named[given.id]


def test_every_code_that_can_be_stored_has_words():
    # given every code that is refused with where devices are read
    root = Path(refusals.__file__).parent
    sources = [path for path in root.rglob("*.py") if "tests" not in path.parts]
    found = {code for path in sources for code in codes_in(path.read_text())}
    assert {"required", "not_a_list", "max_length", "too_large", "rate_limited", "foreign_device", "unknown_status",
            "clock_skewed", "too_many_metrics"} <= found  # fmt: skip
    # then staff read words for all of them, except of topics without a sender, for whom nothing is counted
    assert found - LABELS.keys() == {"unknown_topic"}


def test_they_go_after_a_month(fleet):
    for days in (0, 29, 31):
        fleet.ingest(message(device="XX-1"), received_at=NOW - timedelta(days=days))
    assert refusals_drop(now=NOW) == 1
    assert DeviceRefusal.objects.count() == 2


@pytest.fixture
def refused(fleet):
    fleet.ingest(message(device="XX-1", status="normal"), message(status="Lid open"), received_at=timezone.now())
    fleet.ingest(message(device="XX-2", status="normal"), owner=fleet.far, received_at=timezone.now())
    return fleet


def test_pages_show_them(refused):
    admin = refused.city.user("administrator")
    page = test_admin.get(admin, test_admin.page_of(refused.cover))
    assert "状态不是状态词" in page and "没有这台设备" not in page
    page = test_admin.get(admin, test_admin.page_of(refused.gateway))
    assert "没有这台设备" in page and "XX-1" in page
    # what came of it under a key that does not cover it stands on its page too
    refused.ingest(message(device="MC-900", status="normal"), received_at=timezone.now())
    assert "设备不在密钥范围内" in test_admin.get(admin, test_admin.page_of(refused.far))
    page = test_admin.get(admin, LIST)
    assert all(code in page for code in ("XX-1", "XX-2", "MC-001"))
    page = test_admin.get(admin, LIST, device="MC-001", code="invalid_status")
    assert "状态不是状态词" in page and "XX-1" not in page
    assert "MC-001" in test_admin.get(admin, LIST, gateway="GW-1")


@pytest.mark.parametrize("role", STAFF)
def test_who_sees_the_device_or_its_gateway_sees_them(refused, role):
    user = refused.city.user(role)
    seen = {(row["device"], row["code"]) for row in get(user, REFUSALS)["results"]}
    own, foreign = ("MC-001", "invalid_status"), ("MC-900", "foreign_device")
    gateways = role not in ("handler", "supervisor")
    assert (own in seen) == Device.objects.visible_to(user).filter(code="MC-001").exists()
    assert ((None, "unknown_device") in seen) == gateways
    assert (("MC-900", "unknown_device") in seen) == Device.objects.visible_to(user).filter(code="MC-900").exists()
    assert foreign not in seen


def test_the_list_is_narrowed_and_nobody_writes_it(refused):
    user = refused.city.user("administrator")
    for asked, number in [({"device": "MC-001"}, 1), ({"gateway": "GW-1"}, 2), ({"code": "unknown_device"}, 2),
                          ({"area": refused.city.grid.code}, 2), ({"last_after": "2099-01-01"}, 0)]:  # fmt: skip
        assert len(get(user, REFUSALS, **asked)["results"]) == number, asked
    client = test_admin.client_of(user)
    assert client.post(REFUSALS, {}).status_code in (403, 405)
    assert client.get(f"{LIST}add/").status_code == 403
