"""Real brokers for the tests: Mosquitto where it is installed, amqtt (MQTT 3.1.1) everywhere."""

import asyncio
import getpass
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import asynccontextmanager
from pathlib import Path

import aiomqtt
import pytest

from benchmarks.instance import free_ports
from devices.mqtt.bridge import Bridge
from devices.mqtt.options import Options

WAIT = 20  # seconds; generous, a test that works never waits so long
MOSQUITTO = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin")
BROKERS = ["mosquitto", "amqtt"]
CONFIG = {
    "mosquitto": """
listener {port} 127.0.0.1
allow_anonymous true
user {user}
set_tcp_nodelay true
persistence true
persistence_location {folder}/
max_queued_messages 0
""",
    "amqtt": """
listeners:
  default:
    type: tcp
    bind: 127.0.0.1:{port}
plugins:
  amqtt.plugins.authentication.AnonymousAuthPlugin:
    allow_anonymous: true
""",
}


class Broker:
    """A broker of one kind on a port of its own; what it keeps lies in ``folder``."""

    def __init__(self, kind: str, folder: Path):
        self.kind, self.port = kind, free_ports(1)[0]
        self.log = folder / "broker.log"
        self.config = folder / ("broker.conf" if kind == "mosquitto" else "broker.yaml")
        self.config.write_text(CONFIG[kind].format(port=self.port, folder=folder, user=getpass.getuser()))
        self.process: subprocess.Popen | None = None

    def start(self) -> "Broker":
        """Start it and wait until it answers."""
        amqtt = str(Path(sys.executable).with_name("amqtt"))
        command = [MOSQUITTO] if self.kind == "mosquitto" else [amqtt]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen([*command, "-c", str(self.config)], stdout=log, stderr=log)
        until = time.monotonic() + WAIT
        while time.monotonic() < until:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return self
            except OSError:
                time.sleep(0.05)
        raise RuntimeError(f"{self.kind} did not start: {self.log.read_text()[-500:]}")

    def stop(self, number: int = signal.SIGTERM) -> None:
        """End it; Mosquitto writes down what it holds unless killed."""
        self.process.send_signal(number)
        try:
            self.process.wait(WAIT)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def broker_of(kind: str, folder: Path) -> Broker:
    """Start a broker; skips the test where that kind is not installed."""
    if kind == "mosquitto" and MOSQUITTO is None:
        pytest.skip("mosquitto is not installed")
    return Broker(kind, folder).start()


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


async def publish(port: int, *messages: tuple[str, bytes], retain: bool = False) -> None:
    """Publish messages at QoS 1; each is acknowledged by the broker."""
    async with aiomqtt.Client("127.0.0.1", port) as client:
        for topic, payload in messages:
            await client.publish(topic, payload, qos=1, retain=retain)


async def until(condition) -> None:
    """Wait until ``await condition()`` holds."""
    async with asyncio.timeout(WAIT):
        while not await condition():
            await asyncio.sleep(0.05)
