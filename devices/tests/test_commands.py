"""Commands: given by who keeps the device, told one at a time in their order until answered or over."""

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cases.tests.api import client_of
from devices.commands import command_queue, commands_asked, commands_hand_out, due_for_mqtt, mark_sent
from devices.keys import Credential
from devices.life import device_retire
from devices.models import Device, DeviceCommand, ProfileCommand
from devices.tests import test_admin
from devices.tests.fleet import NOW, at, key_of, message
from devices.tests.test_life import KEEPERS, OTHERS
from governance.errors import Conflict, NotPermitted
from governance.models import Event
from governance.testing import snapshot
from governance.timers import fire_due

READINGS, COMMANDS = "/api/v1/devices/readings/", "/api/v1/device-commands/"
SHAPE = {
    "type": "object", "required": ["seconds"], "additionalProperties": False,
    "properties": {"seconds": {"type": "integer", "minimum": 10, "maximum": 86400}},
}  # fmt: skip


@pytest.fixture(autouse=True)
def known(fleet):
    ProfileCommand.objects.create(profile=fleet.cover_profile, name="set_interval", label="上报间隔", parameters=SHAPE)
    ProfileCommand.objects.create(profile=fleet.cover_profile, name="buzz", label="蜂鸣")


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


def give(fleet, device=None, name="buzz", **more) -> DeviceCommand:
    device = device or fleet.cover
    staff = fleet.city.outsider("community_staff") if device == fleet.far else fleet.city.user("community_staff")
    return command_queue(device, actor=staff, name=name, **more)


def report(secret, *messages) -> dict:
    response = client_of(None).post(READINGS, {"readings": list(messages)}, format="json",
                                    HTTP_AUTHORIZATION=f"Device {secret}")  # fmt: skip
    assert response.status_code == 202, response.content
    return {"commands": []} | response.json()


def answer(secret, pk, **body):
    return client_of(None).post(
        f"/api/v1/devices/commands/{pk}/result/", body, format="json", HTTP_AUTHORIZATION=f"Device {secret}"
    )


def states() -> list[str]:
    return list(DeviceCommand.objects.order_by("pk").values_list("state", flat=True))


def test_commands_are_told_one_by_one_in_their_order_until_answered(fleet):
    secret = key_of(fleet.cover)
    # given two commands, when the device reports, it is told the first, and again as long as it does not answer
    first = give(fleet, name="set_interval", payload={"seconds": 60})
    second = give(fleet)
    told = report(secret, message(0, status="normal"))["commands"]
    assert told == [{"id": first.pk, "device": "MC-001", "name": "set_interval", "payload": {"seconds": 60},
                     "expires_at": first.expires_at.isoformat()}]  # fmt: skip
    # also where it says nothing new
    assert report(secret, message(0, status="normal"))["commands"] == told
    first.refresh_from_db()
    assert (first.state, first.deliveries, first.sent_at) == ("sent", 2, NOW)
    assert Event.objects.filter(name="device.command_sent").count() == 1
    # when it answers, it is told the second; the same answer twice is one
    for _time in range(2):
        response = answer(secret, first.pk, done=True)
        assert (response.status_code, response.json()["state"]) == (200, "confirmed")
        assert [row["id"] for row in response.json()["commands"]] == [second.pk]
    assert Event.objects.filter(name="device.command_confirmed").count() == 1
    # and another answer to the first is a conflict
    assert answer(secret, first.pk, done=False).status_code == 409
    # when it cannot do the second, it says why; then nothing waits
    assert answer(secret, second.pk, done=False, detail="无蜂鸣器").json() == {"state": "failed", "commands": []}
    second.refresh_from_db()
    assert second.answer == "无蜂鸣器"
    assert report(secret, message(1, status="normal"))["commands"] == []


def test_a_gateway_is_told_for_the_devices_it_speaks_of(fleet):
    ProfileCommand.objects.create(profile=fleet.bin.profile, name="buzz", label="蜂鸣")
    for device in (fleet.cover, fleet.bin, fleet.far):
        give(fleet, device)
    secret = key_of(fleet.gateway)
    told = report(secret, message(0, status="normal"), message(0, device="MC-900", status="normal"))["commands"]
    assert [row["device"] for row in told] == ["MC-001"]
    told = report(secret, message(1, device="TB-001", status="normal"), message(1, status="normal"))["commands"]
    assert sorted(row["device"] for row in told) == ["MC-001", "TB-001"]
    assert states() == ["sent", "sent", "queued"]


def test_nobody_answers_for_others_or_what_was_not_told(fleet):
    command = give(fleet)
    before = snapshot(command)
    assert answer(key_of(fleet.far), command.pk, done=True).status_code == 404
    assert answer(key_of(fleet.cover), command.pk, done=True).status_code == 409
    assert answer(key_of(fleet.cover), command.pk).status_code == 400
    assert answer("nothing", command.pk, done=True).status_code == 401
    assert client_of(fleet.city.user("administrator")).post(
        f"/api/v1/devices/commands/{command.pk}/result/", {"done": True}, format="json"
    ).status_code == 401  # fmt: skip
    assert snapshot(command) == before


def test_a_command_whose_time_is_over_is_told_no_more(fleet, clock):
    secret = key_of(fleet.cover)
    unheard = give(fleet, expires_at=at(60))
    report(secret, message(0, status="normal"))
    later = give(fleet, expires_at=at(120))
    clock.move_to(at(61))
    # when the timers have not run yet it is not told either
    told = report(secret, message(61, status="normal"))["commands"]
    assert [row["id"] for row in told] == [later.pk]
    fire_due()
    assert states() == ["expired", "sent"]
    assert Event.objects.get(name="device.command_expired").payload["command"] == unheard.pk
    # but a device that did it meanwhile may say so
    assert answer(secret, unheard.pk, done=True).json()["state"] == "confirmed"
    # and a settled one leaves no timer
    answer(secret, later.pk, done=True)
    clock.move_to(at(121))
    fire_due()
    assert states() == ["confirmed", "confirmed"]


def test_nothing_is_asked_where_nothing_waits(fleet):
    def statements() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            fleet.ingest(message(next(minutes), status="normal"))
        return len(queries)

    minutes = iter(range(9))
    statements()
    # the device's own row says whether a command waits: the statements of ingest are the same
    before = statements()
    give(fleet)
    assert statements() == before
    result = fleet.ingest(message(next(minutes), status="normal"), message(0, device="TB-001", status="normal"))
    assert result.commanded == {fleet.cover.pk}


def test_handing_out_takes_as_many_statements_for_many_as_for_one(fleet):
    devices = [
        Device.objects.create(
            code=f"MC-2{number:02}", name="井盖", profile=fleet.cover_profile, area=fleet.city.grid,
            unit=fleet.city.municipal, longitude=fleet.cover.longitude, latitude=fleet.cover.latitude,
        )
        for number in range(25)
    ]  # fmt: skip
    for device in devices:
        give(fleet, device)
    keys = [device.pk for device in devices]
    # of those never told only so many go with one answer
    assert len(commands_hand_out(keys)) == 20
    assert len(commands_hand_out(keys)) == 25
    with CaptureQueriesContext(connection) as many:
        commands_hand_out(keys)
    with CaptureQueriesContext(connection) as one:
        commands_hand_out(keys[:1])
    assert len(many) == len(one)


def test_mqtt_is_given_the_oldest_of_each_device_and_again_when_it_is_heard(fleet):
    first, _second = give(fleet), give(fleet)
    far = give(fleet, fleet.far)
    assert [row.id for row in due_for_mqtt(at=at(0))] == [first.pk, far.pk]
    mark_sent([first.pk, far.pk], at=at(0))
    assert states() == ["sent", "queued", "sent"]
    # nothing more while they are silent: the broker keeps what it has for one that sleeps
    assert due_for_mqtt(at=at(10)) == []
    Device.objects.filter(pk__in=[fleet.cover.pk, fleet.far.pk]).update(last_seen_at=at(0.2))
    assert due_for_mqtt(at=at(0.5)) == []
    assert [row.id for row in due_for_mqtt(at=at(1))] == [first.pk, far.pk]
    mark_sent([first.pk], at=at(1))
    first.refresh_from_db()
    assert (first.deliveries, first.last_sent_at) == (2, at(1))
    assert [row.id for row in due_for_mqtt(at=at(3))] == [far.pk]


BODY = {"device": "MC-001", "name": "set_interval", "payload": {"seconds": 60}}


@pytest.mark.parametrize("role", sorted(KEEPERS | OTHERS))
def test_each_role_gives_and_takes_back_commands(fleet, role):
    user, other = fleet.city.user(role), fleet.city.outsider(role)
    waiting = give(fleet)
    before, page = snapshot(waiting), f"/admin/devices/device/{fleet.cover.pk}/command/"
    form = {"name": "buzz", "expires_at": "2026-11-24T08:00"}
    cancel = f"{COMMANDS}{waiting.pk}/transitions/cancel/"
    if role in KEEPERS:
        created = client_of(user).post(COMMANDS, BODY, format="json")
        assert (created.status_code, created.json()["transitions"]) == (201, ["cancel"]), created.json()
        assert test_admin.client_of(user).post(page, form).status_code == 302
        assert DeviceCommand.objects.count() == 3
        assert client_of(user).post(cancel, {}, format="json").status_code == 400  # a reason is needed
        assert client_of(user).post(cancel, {"reason": "不需要"}, format="json").json()["state"] == "cancelled"
    else:
        assert client_of(user).post(COMMANDS, BODY, format="json").status_code in (400, 403)
        assert test_admin.client_of(user).post(page, form).status_code in (302, 403, 404)
        assert client_of(user).post(cancel, {"reason": "x"}, format="json").status_code in (403, 404)
        assert snapshot(waiting) == before and DeviceCommand.objects.count() == 1
    # and nobody from elsewhere
    told = DeviceCommand.objects.count()
    assert client_of(other).post(COMMANDS, BODY, format="json").status_code in (400, 403)
    assert test_admin.client_of(other).post(page, form).status_code in (302, 403, 404)
    assert DeviceCommand.objects.count() == told


@pytest.mark.parametrize(("changed", "attr"), [
    ({"name": "explode"}, "name"),
    ({"payload": {"seconds": 5}}, "payload"),
    ({"payload": {"seconds": 60, "more": 1}}, "payload"),
    ({"payload": {}}, "payload"),
    ({"payload": {"seconds": "x" * 3000}}, "payload"),
    ({"name": "buzz", "payload": {"tone": "a\x00"}}, "payload"),
    ({"name": "buzz", "payload": {"a\x00": 1}}, "payload"),
    ({"expires_at": "2026-11-01T00:00:00Z"}, "expires_at"),
    ({"expires_at": "2027-11-01T00:00:00Z"}, "expires_at"),
    ({"device": "MC-404"}, "device"),
])  # fmt: skip
def test_what_is_wrong_with_a_command_is_named(fleet, changed, attr):
    response = client_of(fleet.city.user("operations_centre")).post(COMMANDS, BODY | changed, format="json")
    assert (response.status_code, response.json()["errors"][0]["attr"]) == (400, attr)
    assert not DeviceCommand.objects.exists()


@pytest.mark.parametrize("payload", ['{"tone": "\\u0000"}', '{"tone": "\\ud800"}', '{"tone": NaN}', '{"tone": 1e999}'])
def test_parameters_that_cannot_be_kept_are_told_on_the_form(fleet, payload):
    client = test_admin.client_of(fleet.city.user("operations_centre"))
    form = {"name": "buzz", "payload": payload, "expires_at": "2026-11-23T17:00"}
    assert client.post(f"/admin/devices/device/{fleet.cover.pk}/command/", form).status_code == 400
    assert not DeviceCommand.objects.exists()


def test_a_device_is_not_buried_under_commands(fleet):
    for _number in range(20):
        give(fleet)
    with pytest.raises(Conflict):
        give(fleet)
    assert DeviceCommand.objects.count() == 20


def test_the_list_pages_by_cursor_in_a_fixed_number_of_statements(fleet):
    client = client_of(fleet.city.user("operations_centre"))

    def statements() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(COMMANDS, {"device": "MC-001", "state": "queued"}).status_code == 200
        return len(queries)

    give(fleet)
    one = statements()
    for _number in range(5):
        give(fleet)
    assert statements() == one
    assert client.get(COMMANDS).json()["results"][0]["id"] == DeviceCommand.objects.latest("pk").pk
    assert client_of(fleet.city.outsider("operations_centre")).get(COMMANDS).json()["results"] == []


def test_lists_and_pages_say_commands_as_profiles_do(fleet):
    first, gone = give(fleet), give(fleet)
    DeviceCommand.objects.filter(pk=gone.pk).update(name="dance")
    client = test_admin.client_of(fleet.city.user("administrator"))
    url = reverse("admin:devices_devicecommand_changelist")
    html = client.get(url).content.decode()
    assert "蜂鸣" in html and "下达时间" in html and "意见时间" not in html
    assert "dance" in html and ">buzz<" not in html  # its name, where the profile has it no more
    page = client.get(reverse("admin:devices_devicecommand_change", args=[first.pk])).content.decode()
    assert "蜂鸣</h2>" in page and "buzz" in page

    def statements() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(url).status_code == 200
        return len(queries)

    before = statements()
    for _number in range(4):
        give(fleet)
    assert statements() == before


def test_what_waits_for_a_retired_device_is_taken_back(fleet):
    # given commands that wait, one of which was told, and one of another device
    told, new, other = give(fleet), give(fleet), give(fleet, fleet.far)
    commands_hand_out([fleet.cover.pk])
    # when the device is retired
    staff = fleet.city.user("community_staff")
    device_retire(Device.objects.get(pk=fleet.cover.pk), actor=staff, reason="拆除")
    # then both are over, with an event each; the other waits still
    states = dict(DeviceCommand.objects.values_list("pk", "state"))
    assert states == {told.pk: "cancelled", new.pk: "cancelled", other.pk: "queued"}
    cancelled = Event.objects.filter(name="device.command_cancelled")
    assert {event.subject_id for event in cancelled} == {told.pk, new.pk}
    assert {event.actor for event in cancelled} == {staff}
    assert [row.id for row in due_for_mqtt()] == [other.pk]


def test_a_retired_device_is_told_nothing_whatever_waits(fleet):
    give(fleet)
    Device.objects.filter(pk=fleet.cover.pk).update(state="retired")
    assert due_for_mqtt() == []
    assert commands_asked(Credential(0, device_id=fleet.cover.pk)) == []


def test_who_may_not_retire_takes_nothing_back(fleet):
    give(fleet)
    with pytest.raises(NotPermitted):
        device_retire(fleet.cover, actor=fleet.city.user("dispatcher"), reason="x")
    assert DeviceCommand.objects.get().state == "queued"


def test_what_the_broker_took_is_not_said_to_have_reached_the_device(fleet):
    # given a command of a device that was never heard, which the broker took
    command = give(fleet)
    mark_sent([command.pk], at=at(0))
    operator = fleet.city.user("operations_centre")
    url = f"{COMMANDS}{command.pk}/"

    def told() -> tuple:
        row = client_of(operator).get(url).json()
        return row["state"], row["published"], row["state_label"]

    # then nobody is told that the device has it
    assert told() == ("sent", True, "已发布，设备尚无回音")
    assert Event.objects.filter(subject_id=command.pk, name="device.command_published").exists()
    assert not Event.objects.filter(subject_id=command.pk, name="device.command_sent").exists()
    for page in ("admin:devices_devicecommand_changelist", "admin:devices_devicecommand_change"):
        args = [command.pk] if page.endswith("change") else []
        assert "已发布，设备尚无回音" in test_admin.get(operator, reverse(page, args=args)), page
    # when it is heard since, or fetches it, then it has it
    Device.objects.filter(pk=fleet.cover.pk).update(last_seen_at=at(2))
    assert told() == ("sent", True, "已发给设备")
    Device.objects.filter(pk=fleet.cover.pk).update(last_seen_at=None)
    commands_hand_out([fleet.cover.pk], at=at(3))
    assert told() == ("sent", False, "已发给设备")
    # and published once more it stays so
    mark_sent([command.pk], at=at(5))
    assert told()[1] is False


def test_that_a_published_command_is_fetched_is_in_its_trail_once(fleet):
    # given a command that the broker took, which asks nobody, and another device's that was handed out
    command, other = give(fleet), give(fleet, fleet.far)
    mark_sent([command.pk], at=at(0))
    commands_hand_out([fleet.far.pk], at=at(0))
    fetched = Event.objects.filter(name="device.command_fetched")
    mark_sent([command.pk], at=at(1))
    assert not fetched.exists()
    # when the device asks for it by HTTP, again, and it is published once more
    client = client_of()
    client.credentials(HTTP_AUTHORIZATION=f"Device {key_of(fleet.cover)}")
    with time_machine.travel(at(2), tick=False):
        for _time in range(2):
            told = client.get("/api/v1/devices/commands/").json()["commands"]
            assert [row["id"] for row in told] == [command.pk]
    mark_sent([command.pk], at=at(5))
    commands_hand_out([fleet.far.pk], at=at(5))
    # then the trail tells of the first time, in no state but the one it had, and the others are counted
    event = fetched.get()
    assert (event.subject_id, event.occurred_at, event.payload["from"], event.payload["to"]) == (
        command.pk, at(2), "sent", "sent",
    )  # fmt: skip
    command.refresh_from_db()
    assert (command.deliveries, command.last_sent_at, command.published) == (5, at(5), False)
    assert other.pk not in fetched.values_list("subject_id", flat=True)
