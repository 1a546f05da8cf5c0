"""Commands at the doors whose answer has no room for them: told of in headers, asked for with the same key."""

import re
from urllib.parse import urlsplit

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.tests.api import client_of
from devices.commands import command_queue
from devices.keys import key_revoke
from devices.models import Device, DeviceCommand, DeviceKey, ProfileCommand
from devices.tests import test_snapshots
from devices.tests.fleet import NOW, at, key_of
from devices.tests.things import post, stream
from governance.models import User
from governance.testing import snapshot

COMMANDS = "/api/v1/devices/commands/"
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _known(fleet):
    for profile in (fleet.cover_profile, fleet.bin.profile):
        ProfileCommand.objects.create(profile=profile, name="buzz", label="蜂鸣")


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


def give(device, fleet, **more) -> DeviceCommand:
    return command_queue(device, actor=fleet.city.user("administrator"), name="buzz", **more)


def asked(secret, address=COMMANDS, **query):
    client = client_of()
    if secret:
        client.credentials(HTTP_AUTHORIZATION=f"Device {secret}")
    return client.get(address, query)


def linked(response) -> str:
    """Return the address that a Link header leads to."""
    address = urlsplit(re.fullmatch(r'<(.+)>; rel="related"; title="commands"', response["Link"])[1])
    return f"{address.path}?{address.query}"


def observe(fleet, device, secret, minutes=0.0):
    body = {"phenomenonTime": at(minutes).isoformat(), "result": 1}
    return post(None, f"Datastreams({stream(device).pk})/Observations", body, secret)


def test_an_observation_tells_that_a_command_waits_and_where(fleet):
    secret = key_of(fleet.cover)
    assert "Jiceng-Commands" not in observe(fleet, fleet.cover, secret) and not DeviceCommand.objects.exists()
    first, second = give(fleet.cover, fleet), give(fleet.cover, fleet)
    # when it observes something, the answer says that something waits, and is handed out only where that is asked for
    response = observe(fleet, fleet.cover, secret, 1)
    assert (response.status_code, response["Jiceng-Commands"]) == (201, "1") and "commands" not in response.json()
    first.refresh_from_db()
    assert first.state == "queued"
    told = asked(secret, linked(response))
    assert told.json() == {"commands": [{"id": first.pk, "device": "MC-001", "name": "buzz", "payload": {},
                                         "expires_at": first.expires_at.isoformat()}]}  # fmt: skip
    assert "no-store" in told["Cache-Control"]
    # again until it is answered; then the next, then nothing
    assert asked(secret).json() == told.json()
    first.refresh_from_db()
    assert (first.state, first.deliveries) == ("sent", 2)
    for command in (first, second):
        client = client_of()
        client.credentials(HTTP_AUTHORIZATION=f"Device {secret}")
        assert client.post(f"{COMMANDS}{command.pk}/result/", {"done": True}, format="json").status_code == 200
    assert asked(secret).json() == {"commands": []}
    assert "Link" not in observe(fleet, fleet.cover, secret, 2)


def test_data_arrays_name_the_devices_for_which_something_waits(fleet):
    secret = key_of(fleet.gateway)
    for device in (fleet.cover, fleet.bin, fleet.far):
        give(device, fleet)
    body = [{"Datastream": {"@iot.id": stream(fleet.cover).pk}, "components": ["result"], "dataArray": [[1]]}]
    response = post(None, "CreateObservations", body, secret)
    # then it is of those it was about
    assert response["Jiceng-Commands"] == "1"
    assert [row["device"] for row in asked(secret, linked(response)).json()["commands"]] == ["MC-001"]
    # and a gateway may ask for all behind it, and nothing of others
    assert sorted(row["device"] for row in asked(secret).json()["commands"]) == ["MC-001", "TB-001"]
    assert list(DeviceCommand.objects.order_by("pk").values_list("state", flat=True)) == ["sent", "sent", "queued"]


def test_many_devices_are_not_all_named(fleet):
    codes = [f"MC-2{number:02}" for number in range(21)]
    for code in codes:
        device = Device.objects.create(
            code=code, name="井盖", profile=fleet.cover_profile, area=fleet.city.grid, unit=fleet.city.municipal,
            longitude=fleet.cover.longitude, latitude=fleet.cover.latitude, gateway=fleet.gateway,
        )  # fmt: skip
        give(device, fleet)
    body = [{"Datastream": {"@iot.id": stream(device).pk}, "components": ["result"], "dataArray": [[1]]}
            for device in Device.objects.filter(code__in=codes)]  # fmt: skip
    response = post(None, "CreateObservations", body, key_of(fleet.gateway))
    assert (response["Jiceng-Commands"], linked(response)) == ("21", f"{COMMANDS}?")


def test_what_a_camera_tells_of_is_answered_with_its_command(fleet):
    secret, command = key_of(fleet.cover), give(fleet.cover, fleet)
    told = test_snapshots.post(secret).json()
    assert [row["id"] for row in told["commands"]] == [command.pk] and told["snapshot_kept"]
    command.refresh_from_db()
    assert command.state == "sent"
    # and once that is answered there is none
    client = client_of()
    client.credentials(HTTP_AUTHORIZATION=f"Device {secret}")
    assert client.post(f"{COMMANDS}{command.pk}/result/", {"done": True}, format="json").status_code == 200
    assert "commands" not in test_snapshots.post(secret, 1).json()


def test_nobody_asks_for_others_nor_after_its_time(fleet, clock):
    command = give(fleet.cover, fleet, expires_at=at(60))
    before = snapshot(command)
    far, cover = key_of(fleet.far), key_of(fleet.cover)
    assert asked(far).json() == {"commands": []}
    for codes in (["MC-001"], ["MC-900", "MC-001"], ["MC-404"], ["a\x00"]):
        refused = asked(far, device=codes)
        assert (refused.status_code, refused.json()["errors"][0]["attr"]) == (400, "device")
    assert asked("").status_code == asked("nothing").status_code == 401
    assert client_of(fleet.city.user("administrator")).get(COMMANDS).status_code == 401
    # nor with a key that has ended
    key_revoke(DeviceKey.objects.get(device=fleet.far), actor=User.objects.system("devices"))
    assert asked(far).status_code == 401
    # and what is over is told no more
    clock.move_to(at(61))
    assert asked(cover).json() == {"commands": []}
    assert snapshot(command) == before


def test_asking_takes_as_many_statements_for_many_devices_as_for_one(fleet):
    def statements() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert asked(secret).status_code == 200
        return len(queries)

    secret = key_of(fleet.gateway)
    give(fleet.cover, fleet)
    asked(secret)
    one = statements()
    give(fleet.bin, fleet)
    asked(secret)
    assert statements() == one
