"""The MQTT arm of ``make bench-ingest``: a broker, ``manage.py mqtt`` beside it, and who publishes."""

import json
import os
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import psycopg
from django.db import connection
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion

from benchmarks import peers
from benchmarks.broker import Broker
from benchmarks.instance import ROOT, STARTING
from governance import heartbeats

SENDERS = 4  # connections, each with a part of the devices
WINDOW = 200  # messages of one connection that the broker has not acknowledged
CALM, CALM_RATE = 3_000, 1_000  # messages, and messages a second, of the part that measures waits
STUCK = 60  # seconds a window of messages may take to be acknowledged by the broker


@contextmanager
def bridge(instance, broker: Broker):
    """Run ``manage.py mqtt`` of the instance until left; yields the processes so far, and a function that makes one.

    Whoever kills one starts another and adds it to the list.
    """
    more = {"DATABASE_URL": instance.database_url, "MQTT_URL": f"mqtt://127.0.0.1:{broker.port}"}
    environment = os.environ | instance.environment | more | {"MQTT_VERSION": broker.version}
    running: list[subprocess.Popen] = []

    def start() -> subprocess.Popen:
        return subprocess.Popen([sys.executable, "manage.py", "mqtt"], cwd=ROOT, env=environment)

    running.append(start())
    try:
        until = time.monotonic() + STARTING
        while not heartbeats.is_alive("mqtt"):
            if running[-1].poll() is not None or time.monotonic() > until:
                raise RuntimeError("the bridge did not connect")
            time.sleep(0.1)
        yield running, start
    finally:
        for process in running:
            process.terminate()
            process.wait()


def publishers(port: int) -> list[Client]:
    """Return connected clients."""
    found = []
    for number in range(SENDERS):
        client = Client(CallbackAPIVersion.VERSION2, client_id=f"bench-{number}")
        client.max_inflight_messages_set(WINDOW)
        client.connect("127.0.0.1", port)
        client.loop_start()
        found.append(client)
    return found


def run(work, instance, *, messages: int) -> dict:
    """Measure and return messages, rate, p50 and p99."""
    with tempfile.TemporaryDirectory(prefix="jiceng-broker-") as folder:
        broker = Broker(Path(folder)).start()
        try:
            with bridge(instance, broker):
                return _measured(work, broker, messages)
        finally:
            broker.stop()


def _measured(work, broker: Broker, messages: int) -> dict:
    said = list(_messages(work, messages))
    clients = publishers(broker.port)
    start = time.perf_counter()
    for number, (topic, payload, *_rest) in enumerate(said):
        # A device always speaks through the same connection, so that its times stay in order.
        sent = clients[number % len(work.codes) % SENDERS].publish(topic, payload, qos=1)
        if number % 1_000 == 999:
            sent.wait_for_publish(STUCK)
    seconds = all_visible(2 * len(said)) - start
    waits = sorted(_waits(work, clients))
    all_visible(2 * len(work.codes) * work.rounds_done)
    for client in clients:
        client.disconnect()
        client.loop_stop()
    return {
        "messages": len(said), "rate": len(said) / seconds, "p50": waits[len(waits) // 2],
        "p99": waits[int(len(waits) * 0.99)], "broker": broker.kind,
    }  # fmt: skip


def _messages(work, count: int):
    """Yield (topic, payload, device id, time) of some rounds of all devices."""
    for at, abnormal in work.rounds(-(-count // len(work.codes))):
        for number, code in enumerate(work.codes):
            metrics = {"tilt": 20.0 if abnormal else 1.0 + number % 7, "battery": 90.0}
            payload = json.dumps({"at": at.isoformat(), "metrics": metrics})
            yield f"jiceng/v1/{code}/readings", payload, work.ids[number], at


def all_visible(count: int) -> float:
    """Wait until so many readings are visible; return ``time.perf_counter()`` of when that was first asked and so.

    Raises RuntimeError when none comes any more.
    """
    with psycopg.connect(**_where(), autocommit=True) as raw:
        seen, at = peers.wait_for(raw, "SELECT count(*) FROM devices_reading", count)
    if seen < count:
        raise RuntimeError(f"{count - seen} readings did not come")
    return at


def _where() -> dict:
    found = connection.get_connection_params()
    return {name: found[name] for name in ("dbname", "user", "host", "port", "password") if found.get(name)}


def _waits(work, clients: list[Client]) -> list[float]:
    """Publish calmly; return how long single messages took to be visible, one after the other, while others flow."""
    waits: list[float] = []
    began = time.perf_counter()
    watched: tuple[int, datetime, float] | None = None
    with psycopg.connect(**_where(), autocommit=True) as raw:
        for number, (topic, payload, device, at) in enumerate(_messages(work, CALM)):
            while time.perf_counter() < began + number / CALM_RATE:
                if watched and _visible(raw, *watched[:2]):
                    waits.append(time.perf_counter() - watched[2])
                    watched = None
            if watched is None:
                watched = device, at, time.perf_counter()
            clients[number % len(work.codes) % SENDERS].publish(topic, payload, qos=1)
    return waits


def _visible(raw: psycopg.Connection, device: int, at: datetime) -> bool:
    query = "SELECT 1 FROM devices_reading WHERE device_id = %s AND metric = 'battery' AND at = %s"
    return raw.execute(query, [device, at]).fetchone() is not None
