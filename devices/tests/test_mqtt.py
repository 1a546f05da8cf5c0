"""The MQTT bridge against real brokers: acknowledged is stored, nothing is lost, nothing stands in the way for ever."""

import asyncio
import json
import re
from unittest import mock

import aiomqtt
import pytest
from django.db import OperationalError
from django.utils import timezone

from benchmarks.broker import Broker
from cases.models import DeadLetter, IntakeSource, SourceHour
from cases.tests.api import client_of
from devices import group_commit
from devices.ingest import parcels_ingest
from devices.keys import key_revoke
from devices.models import Alarm, DeviceKey, DeviceRefusal, Reading
from devices.mqtt import outgoing, topics
from devices.mqtt.bridge import Bridge
from devices.mqtt.client import BridgeClient
from devices.tests.brokers import BROKERS, WAIT, broker_of, keyed_fleet, options, publish, running, source_of, until
from governance import heartbeats
from governance.live.threads import in_thread
from governance.models import User

pytestmark = pytest.mark.django_db(transaction=True)
READINGS, STATUS = "jiceng/v1/{}/readings", "jiceng/v1/{}/status"


@pytest.fixture(params=BROKERS)
def broker(request, tmp_path):
    found = broker_of(request.param, tmp_path)
    yield found
    found.stop()


@pytest.fixture
def mosquitto(tmp_path):
    found = broker_of("mosquitto", tmp_path)
    yield found
    found.stop()


@pytest.fixture
def fleet(transactional_db):
    return keyed_fleet()


@pytest.fixture
def source(fleet) -> IntakeSource:
    return source_of(fleet)


def body(**said) -> bytes:
    return json.dumps({"at": timezone.now().isoformat()} | said).encode()


def stored(count: int):
    """A condition: so many readings are there."""

    async def condition():
        return await in_thread(Reading.objects.count) == count

    return condition


def settled(bridge: Bridge, count: int):
    """A condition: so many messages were dealt with, in whatever way."""

    async def condition():
        tally = bridge.tally
        return tally.taken + tally.repeated + tally.refused + tally.retained == count

    return condition


@pytest.mark.parametrize("version", ["3.1.1", "5"])
def test_what_is_published_is_stored_judged_and_not_sent_again(broker, version, fleet, source):
    if (broker.kind, version) == ("amqtt", "5"):
        pytest.skip("amqtt speaks MQTT 3.1.1 only")
    batch = json.dumps(
        {"readings": [{"device": "MC-001", "at": timezone.now().isoformat(), "metrics": {"tilt": 3, "battery": 90}}]}
    ).encode()

    async def run():
        # given a bridge
        async with running(Bridge(options(broker.port, version), source)) as bridge:
            # when a device reports, tells its status, and a gateway reports for a device of its own
            said = (READINGS.format("MC-900"), body(metrics={"tilt": 2}))
            told = (STATUS.format("TB-001"), body(status="full"))
            await publish(broker.port, said, told, (READINGS.format("GW-1"), batch), version=version)
            await until(settled(bridge, 3))
            assert await in_thread(heartbeats.is_alive, "mqtt")
        # then a later bridge of the same session is sent none of it again
        async with running(Bridge(options(broker.port, version), source)) as later:
            await publish(broker.port, (READINGS.format("MC-900"), body(metrics={"tilt": 2.5})))
            await until(settled(later, 1))
            assert (later.tally.taken, later.tally.repeated) == (1, 0)

    asyncio.run(run())
    assert Reading.objects.count() == 5
    assert Alarm.objects.get().case.source == "sensor"
    assert not DeadLetter.objects.exists()
    assert sum(SourceHour.objects.values_list("accepted", flat=True)) == 4


def test_nothing_is_acknowledged_before_it_is_stored_and_a_lost_database_is_waited_for(mosquitto, fleet, source):
    # given a database that goes away after the first message, and comes back
    calls, acknowledged = [], []
    away = True

    def storing(parcels, **more):
        calls.append(len(parcels))
        if away and len(calls) > 1:
            raise OperationalError("the database is away")
        return parcels_ingest(parcels, **more)

    acknowledge = BridgeClient.acknowledge

    def noted(client, mid):
        acknowledged.append((mid, Reading.objects.count()))
        acknowledge(client, mid)

    async def run():
        nonlocal away
        async with running(Bridge(options(mosquitto.port, "5"), source)) as bridge:
            await publish(mosquitto.port, (READINGS.format("MC-900"), body(metrics={"tilt": 1})))
            await until(settled(bridge, 1))
            for number in range(20):
                await publish(mosquitto.port, (READINGS.format("MC-900"), body(metrics={"tilt": number / 10})))
            await asyncio.sleep(1)
            # then nothing of it is acknowledged meanwhile
            assert len(acknowledged) == 1
            away = False
            await until(settled(bridge, 21))

    with (
        mock.patch.object(group_commit, "parcels_ingest", side_effect=storing),
        mock.patch.dict("os.environ", {"DJANGO_ALLOW_ASYNC_UNSAFE": "1"}),
        mock.patch.object(BridgeClient, "acknowledge", noted),
    ):
        asyncio.run(run())
    # and all is, in order, once it is back, each after it was stored
    assert Reading.objects.count() == 21
    assert [mid for mid, _stored in acknowledged] == sorted(mid for mid, _stored in acknowledged)
    assert all(known >= place for place, (_mid, known) in enumerate(acknowledged, 1))


POISON = [
    (READINGS.format("MC-900"), b"\xff\x00", "parse_error"),
    (READINGS.format("MC-900"), b"{", "parse_error"),
    (READINGS.format("MC-900"), b'{"readings": 7}', "not_a_list"),
    (READINGS.format("MC-900"), b'{"metrics": {"tilt": 3}}', "invalid_time"),
    (STATUS.format("MC-900"), b'{"at": "2026-11-23T08:00:00Z"}', "required"),
    (READINGS.format("MC-999"), body(metrics={"tilt": 3}), "unknown_device"),
    (READINGS.format("MC-900"), body(device="MC-001", metrics={"tilt": 3}), "foreign_device"),
    (READINGS.format("GW-1"), body(device="MC-900", metrics={"tilt": 3}), "foreign_device"),
    (READINGS.format("MC-900"), body(status="offline"), "status_not_reported"),
    (READINGS.format("MC-900"), b'{"readings": [' + b",".join([b"1"] * 1001) + b"]}", "max_length"),
]


def test_what_cannot_be_taken_is_acknowledged_counted_and_shown(mosquitto, fleet, source):
    # when each kind of poison comes, and one that is good after it
    async def run():
        async with running(Bridge(options(mosquitto.port, "5"), source)) as bridge:
            await publish(mosquitto.port, *[(topic, payload) for topic, payload, _code in POISON])
            await publish(mosquitto.port, (READINGS.format("MC-900"), body(status="dancing", metrics={"tilt": 3})))
            await until(settled(bridge, len(POISON) + 1))
        async with running(Bridge(options(mosquitto.port, "5"), source)) as later:
            await asyncio.sleep(0.3)
            assert later.tally.refused == 0

    asyncio.run(run())
    # then the good one is stored, though it says a word that nobody knows, and the others lie where those who answer
    # for the source see them
    assert Reading.objects.count() == 2
    # who looks after the device sees on its page what was not taken of it, and the word
    told = dict(DeviceRefusal.objects.filter(device=fleet.far).values_list("code", "count"))
    assert told == {"parse_error": 2, "not_a_list": 1, "invalid_time": 1, "required": 1, "foreign_device": 1,
                    "status_not_reported": 1, "unknown_status": 1, "max_length": 1}  # fmt: skip
    assert DeviceRefusal.objects.get(gateway__code="GW-1").code == "foreign_device"
    seen = DeadLetter.objects.visible_to(fleet.city.user("operations_centre")).order_by("id")
    assert [letter.errors[0]["code"] for letter in seen] == [code for _topic, _payload, code in POISON]
    assert [letter.external_id for letter in seen] == [topic for topic, _payload, _code in POISON]
    assert sum(SourceHour.objects.values_list("rejected", flat=True)) == len(POISON)
    assert not DeadLetter.objects.visible_to(fleet.city.user("handler")).exists()
    reader = client_of(fleet.city.user("operations_centre"))
    page = reader.get(f"/admin/cases/deadletter/{seen[0].pk}/change/")
    assert page.status_code == 200
    assert READINGS.format("MC-900") in page.content.decode()


def test_a_mad_device_fills_no_table(mosquitto, fleet, source):
    async def run():
        async with running(Bridge(options(mosquitto.port, "5"), source)) as bridge:
            await publish(mosquitto.port, *[(READINGS.format("MC-900"), b"{%d" % number) for number in range(25)])
            await publish(mosquitto.port, (READINGS.format("MC-900"), b"{1"), (READINGS.format("MC-001"), b"{"))
            await until(settled(bridge, 27))

    asyncio.run(run())
    assert DeadLetter.objects.filter(external_id__contains="MC-900").count() == 20
    assert DeadLetter.objects.get(payload__text="{1").times == 2
    assert DeadLetter.objects.filter(external_id__contains="MC-001").count() == 1
    assert sum(SourceHour.objects.values_list("rejected", flat=True)) == 27


def test_a_device_without_a_key_in_force_is_refused_whatever_the_broker_thinks(mosquitto, fleet, source):
    for key in DeviceKey.objects.filter(device=fleet.far):
        key_revoke(key, actor=User.objects.system("devices"))

    async def run():
        async with running(Bridge(options(mosquitto.port, "5"), source)) as bridge:
            # MC-001 has no key of its own, but its gateway has
            messages = [(READINGS.format(code), body(metrics={"tilt": 3})) for code in ("MC-900", "MC-001")]
            await publish(mosquitto.port, *messages)
            await until(settled(bridge, 2))

    asyncio.run(run())
    assert Reading.objects.get().device == fleet.cover
    assert DeadLetter.objects.get().errors[0]["code"] == "invalid_key"


def test_retained_messages_are_no_news(broker, fleet, source):
    # given a message that the broker keeps for whoever subscribes later
    kept = READINGS.format("MC-900"), body(status="tilted")
    asyncio.run(publish(broker.port, kept, retain=True))

    async def run():
        async with running(Bridge(options(broker.port), source)) as bridge:
            await until(settled(bridge, 1))
            # then it is acknowledged and is no sample; the same said now is
            assert bridge.tally.retained == 1
            assert await stored(0)()
            await publish(broker.port, kept)
            await until(settled(bridge, 2))

    asyncio.run(run())
    fleet.far.refresh_from_db()
    assert (Reading.objects.count(), Alarm.objects.count(), fleet.far.status) == (1, 1, "tilted")
    assert not DeadLetter.objects.exists()


def test_a_bridge_that_was_away_gets_what_came_meanwhile_also_from_a_broker_that_was_started_anew(
    mosquitto: Broker, fleet, source
):
    async def run():
        bridge = Bridge(options(mosquitto.port, "5"), source)
        with mock.patch("devices.mqtt.bridge.FIRST_DELAY", 0.3):
            async with running(bridge):
                # when the broker goes away and comes back
                await publish(mosquitto.port, (READINGS.format("MC-900"), body(metrics={"tilt": 1})))
                await until(settled(bridge, 1))
                await asyncio.to_thread(mosquitto.stop)
                async with asyncio.timeout(WAIT):
                    while bridge.connected.is_set():
                        await asyncio.sleep(0.05)
                await asyncio.to_thread(mosquitto.start)
                await publish(mosquitto.port, (READINGS.format("MC-900"), body(metrics={"tilt": 2})))
                await until(stored(2))
        # and when nobody is there to receive
        await publish(mosquitto.port, (READINGS.format("MC-900"), body(metrics={"tilt": 3})))
        async with running(Bridge(options(mosquitto.port, "5"), source)):
            await until(stored(3))

    asyncio.run(run())


def test_two_bridges_share_a_subscription(mosquitto, fleet, source):
    async def run():
        names = [{"client_id": name, "group": "bridges"} for name in ("one", "two")]
        bridges = [Bridge(options(mosquitto.port, "5", **name), source) for name in names]
        async with running(bridges[0]), running(bridges[1]):
            await publish(mosquitto.port, *[(READINGS.format("MC-900"), body(metrics={f"m{n}": 1})) for n in range(20)])
            await until(stored(20))
            for bridge in bridges:
                assert bridge.tally.taken > 0
            assert sum(bridge.tally.taken + bridge.tally.repeated for bridge in bridges) == 20

    asyncio.run(run())


def test_what_a_source_yields_is_published_and_confirmed_only_then(broker, fleet, source, monkeypatch):
    # given a source that fails once and then has a command
    confirmed, begun = asyncio.Event(), []
    monkeypatch.setattr(outgoing, "_sources", [])
    monkeypatch.setattr("devices.mqtt.bridge.SOURCE_PAUSE", 0.1)

    async def confirm():
        confirmed.set()

    @outgoing.source
    async def commands():
        begun.append(1)
        if len(begun) == 1:
            raise RuntimeError("boom")
        yield outgoing.Outgoing("jiceng/v1/MC-001/commands", b'{"do": "locate"}', confirm)
        await asyncio.Event().wait()

    async def run():
        async with aiomqtt.Client("127.0.0.1", broker.port) as device:
            await device.subscribe("jiceng/v1/MC-001/commands", qos=1)
            async with running(Bridge(options(broker.port), source)), asyncio.timeout(WAIT):
                heard = await anext(device.messages)
                assert (str(heard.topic), heard.payload) == ("jiceng/v1/MC-001/commands", b'{"do": "locate"}')
                await confirmed.wait()

    asyncio.run(run())
    assert len(begun) == 2


def test_a_route_of_another_module_is_taken_and_its_faults_stand_in_nobodys_way(mosquitto, fleet, source, monkeypatch):
    # given a topic that names a stream, as another protocol does, and whose reader has a fault
    monkeypatch.setattr(topics, "_routes", [*topics._routes])

    def said(match, sender, payload):
        return [{"device": sender, "at": timezone.now().isoformat(), "metrics": {"tilt": 1 / len(payload)}}]

    pattern = re.compile(r"other/streams\((\d+)\)/said", re.ASCII)
    codes = {"7": "MC-900"}
    topics.register(topics.Route("other/+/said", pattern, lambda match: codes.get(match[1]), said))
    stream = "other/streams({})/said".format

    async def run():
        async with running(Bridge(options(mosquitto.port, "5"), source)) as bridge:
            await publish(mosquitto.port, (stream(7), b""), (stream(8), b"x"), (stream(7), b"xx"))
            await until(settled(bridge, 3))

    asyncio.run(run())
    assert Reading.objects.get().value == 0.5
    letters = DeadLetter.objects.order_by("id")
    assert [letter.errors[0]["code"] for letter in letters] == ["error", "unknown_device"]
