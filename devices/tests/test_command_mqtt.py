"""Commands over MQTT against real brokers: told, answered, the next one told; what a device may not answer is kept."""

import asyncio
import json

import aiomqtt
import pytest
from django.utils.timezone import now

from cases.models import DeadLetter, IntakeSource
from devices.commands import command_queue
from devices.keys import key_revoke
from devices.models import DeviceCommand, DeviceKey, ProfileCommand
from devices.mqtt.bridge import Bridge
from devices.simulator_mqtt import MqttDoor
from devices.tests.brokers import BROKERS, WAIT, broker_of, keyed_fleet, options, publish, running, source_of, until
from governance.live.threads import in_thread
from governance.models import Event, User

pytestmark = pytest.mark.django_db(transaction=True)
COMMANDS, RESULT = "jiceng/v1/{}/commands", "jiceng/v1/{}/commands/result"


@pytest.fixture(params=BROKERS)
def broker(request, tmp_path):
    found = broker_of(request.param, tmp_path)
    yield found
    found.stop()


@pytest.fixture
def fleet(transactional_db):
    fleet = keyed_fleet()
    ProfileCommand.objects.create(profile=fleet.cover_profile, name="buzz", label="蜂鸣")
    return fleet


@pytest.fixture
def source(fleet) -> IntakeSource:
    return source_of(fleet)


def give(fleet, device) -> DeviceCommand:
    return command_queue(device, actor=fleet.city.user("administrator"), name="buzz")


def states() -> list[str]:
    return list(DeviceCommand.objects.order_by("pk").values_list("state", flat=True))


def said(**answer) -> bytes:
    return json.dumps(answer).encode()


def test_a_device_is_told_answers_and_is_told_the_next(broker, fleet, source):
    # given two commands of a device that speaks by MQTT only
    first, second = give(fleet, fleet.far), give(fleet, fleet.far)

    async def run():
        async with aiomqtt.Client("127.0.0.1", broker.port) as device:
            await device.subscribe(COMMANDS.format("MC-900"), qos=1)
            async with running(Bridge(options(broker.port), source)), asyncio.timeout(WAIT):
                # when it does what it is told and says so
                for command, answer in ((first, {"done": True}), (second, {"done": False, "detail": "没有电"})):
                    heard = json.loads((await anext(device.messages)).payload)
                    assert (heard["id"], heard["device"], heard["name"]) == (command.pk, "MC-900", "buzz")
                    await device.publish(RESULT.format("MC-900"), said(id=command.pk, **answer), qos=1)
                await until(lambda: in_thread(lambda: states() == ["confirmed", "failed"]))

    asyncio.run(run())
    # then both are settled, the second with why, and nothing is left over
    second.refresh_from_db()
    assert second.answer == "没有电" and not DeadLetter.objects.exists()
    assert Event.objects.filter(name="device.command_confirmed", subject_id=first.pk).exists()


def test_simulated_devices_do_what_they_are_told(broker, fleet, source):
    # given two commands of a demo device
    give(fleet, fleet.far), give(fleet, fleet.far)

    async def run():
        async with running(Bridge(options(broker.port), source)), asyncio.timeout(WAIT):
            with MqttDoor(options(broker.port), {"MC-900": "key"}, lambda _seconds: False) as door:
                # when it reports
                assert await in_thread(door.send, {"device": "MC-900", "status": "normal", "at": now().isoformat()})
                await until(lambda: in_thread(lambda: states() == ["confirmed", "confirmed"]))
                # then what it answered stands in nobody's way
                assert await in_thread(door.send, {"device": "MC-900", "status": "normal", "at": now().isoformat()})

    asyncio.run(run())
    assert not DeadLetter.objects.exists()


def test_what_may_not_be_answered_is_kept_and_changes_nothing(broker, fleet, source):
    # given a command of one device that was handed out, and one that was not
    told, other = give(fleet, fleet.far), give(fleet, fleet.cover)
    DeviceCommand.objects.filter(pk=told.pk).update(state="sent", sent_at=told.queued_at, last_sent_at=told.queued_at)
    wrong = [
        ("MC-001", said(id=told.pk, done=True), "does_not_exist"), ("MC-900", said(id=2**63, done=True), "invalid"),
        ("MC-900", said(id=told.pk), "invalid"), ("MC-900", b"yes", "invalid"), ("MC-900", b"\xff", "invalid"),
        ("MC-900", said(id=told.pk, done=True, detail="x" * 201), "invalid"),
        ("MC-777", said(id=told.pk, done=True), "unknown_device"),
    ]  # fmt: skip

    async def run(messages):
        bridge = Bridge(options(broker.port), source)
        async with running(bridge):
            await publish(broker.port, *((RESULT.format(code), body) for code, body, _error in messages))
            await until(lambda: asyncio.sleep(0, bridge.tally.refused == len(messages)))

    # when others answer, or it says what cannot be understood
    asyncio.run(run(wrong))
    # then each is kept with its reason
    codes = [letter.errors[0]["code"] for letter in DeadLetter.objects.order_by("pk")]
    assert codes == [error for _code, _body, error in wrong]
    # and one whose key has ended answers nothing more
    key_revoke(DeviceKey.objects.get(device=fleet.far), actor=User.objects.system("devices"))
    asyncio.run(run([("MC-900", said(id=told.pk, done=True), "invalid_key")]))
    assert DeadLetter.objects.order_by("pk").last().errors[0]["code"] == "invalid_key"
    assert states()[0] == "sent" and other.answer == ""
