"""Real brokers for the tests, and a bridge that runs beside them."""

import asyncio
from contextlib import asynccontextmanager
from pathlib import Path

import aiomqtt
import pytest

from benchmarks.broker import MOSQUITTO, Broker
from cases.models import CaseSource, IntakeSource
from conftest import build_city
from devices.keys import key_issue
from devices.mqtt.bridge import Bridge
from devices.mqtt.options import Options
from devices.tests.fleet import Fleet, build_fleet
from governance.models import User

WAIT = 20  # seconds; generous, a test that works never waits so long
BROKERS = ["mosquitto", "amqtt"]


def broker_of(kind: str, folder: Path) -> Broker:
    """Start a broker; skips the test where that kind is not installed."""
    if kind == "mosquitto" and MOSQUITTO is None:
        pytest.skip("mosquitto is not installed")
    return Broker(folder, kind).start()


def keyed_fleet() -> Fleet:
    """Make the fleet; its gateway and the device far away have keys, so a broker may vouch for them."""
    fleet = build_fleet(build_city())
    for owner in (fleet.gateway, fleet.far):
        key_issue(owner, actor=User.objects.system("devices"))
    return fleet


def source_of(fleet: Fleet) -> IntakeSource:
    """Make the named source that counts what a bridge takes."""
    of = {"unit": fleet.city.centre, "area": fleet.city.city}
    return IntakeSource.objects.create(code="mqtt", name="MQTT", kind=CaseSource.SENSOR, **of)


def options(port: int, version: str = "3.1.1", **more) -> Options:
    """Return the options of a bridge to a broker of this machine."""
    given = {
        "host": "127.0.0.1", "port": port, "username": None, "password": None, "tls": None, "version": version,
        "client_id": "test-bridge", "group": "", "in_flight": 200, "source": "mqtt",
    }  # fmt: skip
    return Options(**(given | more))


@asynccontextmanager
async def running(bridge: Bridge):
    """Run a bridge, connected at first, and stop it in order."""
    stop = asyncio.Event()
    task = asyncio.ensure_future(bridge.run(stop))
    try:
        connected = asyncio.ensure_future(bridge.connected.wait())
        await asyncio.wait([task, connected], timeout=WAIT, return_when=asyncio.FIRST_COMPLETED)
        assert bridge.connected.is_set(), task
        yield bridge
    finally:
        stop.set()
        await asyncio.wait_for(task, WAIT)


async def publish(port: int, *messages: tuple[str, bytes], retain: bool = False, version: str = "3.1.1") -> None:
    """Publish messages at QoS 1 as a device of a version of MQTT does; each is acknowledged by the broker."""
    spoken = aiomqtt.ProtocolVersion.V5 if version == "5" else aiomqtt.ProtocolVersion.V311
    async with aiomqtt.Client("127.0.0.1", port, protocol=spoken) as client:
        for topic, payload in messages:
            await client.publish(topic, payload, qos=1, retain=retain)


async def until(condition) -> None:
    """Wait until ``await condition()`` holds."""
    async with asyncio.timeout(WAIT):
        while not await condition():
            await asyncio.sleep(0.05)
