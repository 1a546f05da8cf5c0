"""``manage.py simulate``: the demo devices send real traffic, by HTTP to the web server or by MQTT to a broker."""

import json
import logging
import random
import signal
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import httpx
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from devices import replay
from devices.mqtt.options import Options
from devices.scenarios import MINUTE, SCENARIOS
from devices.simulator import Door, Simulator, StoppedError, demo_devices, single_message
from devices.simulator_mqtt import MqttDoor
from governance.errors import Invalid

log = logging.getLogger("devices.simulator")
PATIENCE = 2.0  # seconds between looks whether the server is there
LIFE = "life"
HTTP, MQTT = "http", "mqtt"
REPLAY_SPEED = 3600.0  # an hour of the record in a second
NAMES = ", ".join([LIFE, *SCENARIOS])
EXAMPLES = "; ".join(
    [f"{LIFE}: now and then something happens", *(f"{name}: {one.label}" for name, one in SCENARIOS.items())]
)


class Command(BaseCommand):
    help = f"Lets the demo devices of var/demo.json report until stopped. Scenarios: {EXAMPLES}."

    def add_arguments(self, parser):
        parser.add_argument(
            "--once", nargs=2, metavar=("CODE", "STATUS"), help="send one message, such as MC-001 tilted, and end"
        )
        parser.add_argument(
            "--scenario", metavar="NAME", default=LIFE, help=f"what happens: {LIFE}, {', '.join(SCENARIOS)}"
        )
        parser.add_argument("--count", type=int, metavar="N", help="devices that take part in the scenario")
        parser.add_argument("--via", metavar="WAY", default=HTTP, help="http, or mqtt (to the broker of MQTT_URL)")
        parser.add_argument("--speed", "--rate", type=float, metavar="X", help="so many times as fast as real life (1)")
        parser.add_argument("--for", type=float, dest="minutes", metavar="MINUTES", help="end after so many minutes")
        parser.add_argument(
            "--replay",
            nargs="+",
            metavar="FILE",
            help="play recorded air quality back (an hour a second; see --speed; at most what a device may send)",
        )
        parser.add_argument(
            "--to", nargs="+", metavar="CODE", default=[], help="devices the files are played back into"
        )

    def handle(self, *args, once, **options):
        _check(options)
        known = _demo()
        stop = threading.Event()
        with _door(options["via"], known, stop) as door:
            if once:
                self._send_once(door, known["device_keys"], *once)
                return
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, lambda *_args: stop.set())
            try:
                _live(door, known["device_keys"], options)
            except StoppedError:
                log.info("stopped")
            except Invalid as error:
                raise CommandError(error.detail) from error

    def _send_once(self, door, keys, code, status):
        devices = demo_devices([code])
        if not devices or code not in keys:
            raise CommandError(f"“{code}” is not a demo device in use")
        try:
            message = single_message(devices[0], status, random.Random())
        except KeyError as error:
            words = ", ".join(["normal", *(found.code for found in devices[0].profile.statuses.all())])
            raise CommandError(f"“{code}” knows: {words}") from error
        if isinstance(door, MqttDoor):
            if not door.send(message):
                raise CommandError("not let in by the broker")
            self.stdout.write("taken by the broker")
            return
        try:
            response = door.post(message)
        except httpx.TransportError as error:
            raise CommandError(f"no answer from {door.client.base_url}: {error}") from error
        self.stdout.write(response.text)
        if response.status_code != 202 or response.json()["rejected"]:
            raise CommandError(f"not taken ({response.status_code})")


def _check(options: dict) -> None:
    """Refuse options that cannot be meant; raises CommandError."""
    if options["scenario"] != LIFE and options["scenario"] not in SCENARIOS:
        raise CommandError(f"--scenario: “{options['scenario']}” is none of {NAMES}")
    if options["via"] not in (HTTP, MQTT):
        raise CommandError(f"--via: “{options['via']}” is neither {HTTP} nor {MQTT}")
    for name, option in (("speed", "--speed"), ("minutes", "--for"), ("count", "--count")):
        if options[name] is not None and not 0 < options[name] < float("inf"):
            raise CommandError(f"{option} must be more than 0")
    if options["replay"] and options["scenario"] != LIFE:
        raise CommandError("--replay plays a record back: it has no --scenario")
    if options["to"] and not options["replay"]:
        raise CommandError("--to goes with --replay")
    if options["count"] and options["scenario"] == LIFE:
        raise CommandError("--count goes with a --scenario")


def _demo() -> dict:
    """Return what ``var/demo.json`` tells; raises CommandError."""
    path = settings.VAR / "demo.json"
    try:
        known = json.loads(path.read_text())
        return {"web": known["web"], "device_keys": known["device_keys"]}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CommandError(f"{path} does not tell the demo's address and keys: {error!r}") from error


@contextmanager
def _door(via: str, known: dict, stop: threading.Event):
    """Open the way in; raises CommandError where there is no broker."""
    if via == HTTP:
        with httpx.Client(base_url=known["web"], timeout=15, trust_env=False) as client:
            yield Door(client, known["device_keys"], stop.wait)
        return
    if not settings.MQTT_URL:
        raise CommandError("--via mqtt needs the broker's address in MQTT_URL (docs/mqtt.md)")
    try:
        options = Options.from_settings()
    except Invalid as error:
        raise CommandError(f"{error.field}: {error.detail}") from error
    with MqttDoor(options, known["device_keys"], stop.wait) as door:
        yield door


def _live(door, keys: dict[str, str], options: dict) -> None:
    """Let the devices live, or play a record back. Raises StoppedError, Invalid."""
    if isinstance(door, Door):
        _wait_for(door)
    devices = demo_devices(keys)
    connection.close()  # from here on the devices only speak to the door
    scenario = SCENARIOS.get(options["scenario"])
    if options["minutes"]:
        _end_after(door, options["minutes"] * MINUTE)
    if options["replay"]:
        played = replay.stations(devices, [Path(name) for name in options["replay"]], options["to"])
        into = [device for device in devices if device.code in played]
        speed = replay.allowed_speed(options["speed"] or REPLAY_SPEED, into)
        log.info("%s", ", ".join(f"{path} → {code}" for code, path in played.items()))
        rows = [replay.rows_of(path, code) for code, path in played.items()]
        replay.play(rows, door.send, clock=time.monotonic, pause=door.pause, speed=speed)
        return
    log.info("%d devices report", len(devices))
    if options["scenario"] == "offline":
        log.info("%s", wait_told(devices))
    Simulator(
        devices, door, clock=time.monotonic, rng=random.Random(), scenario=scenario, count=options["count"],
        speed=options["speed"] or 1.0,
    ).run()  # fmt: skip


def wait_told(devices) -> str:
    """Return what the scenario of silent devices says at its start: --speed does not hasten it."""
    longest = max((device.profile.offline_after.total_seconds() for device in devices), default=0)
    return (
        f"a device is offline after three of its intervals and 10 %, by the product's own clock: "
        f"{longest / MINUTE:.0f} minutes at most, whatever --speed"
    )


def _end_after(door, seconds: float) -> None:
    """Let the door say that it is told to stop once so many seconds have passed."""
    wait, end = door.wait, time.monotonic() + seconds

    def until(pause: float) -> bool:
        left = end - time.monotonic()
        return wait(max(min(pause, left), 0)) or time.monotonic() >= end

    door.wait = until


def _wait_for(door: Door) -> None:
    said = False
    while True:
        try:
            if door.client.get("/healthz").is_success:
                return
        except httpx.TransportError:
            pass
        if not said:
            log.info("waiting for %s", door.client.base_url)
            said = True
        door.pause(PATIENCE)
