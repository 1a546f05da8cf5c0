"""``manage.py simulate``: the demo devices send real HTTP traffic to the web server."""

import json
import logging
import random
import signal
import threading
import time

import httpx
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from devices.simulator import Door, Simulator, StoppedError, demo_devices, single_message

log = logging.getLogger("devices.simulator")
PATIENCE = 2.0  # seconds between looks whether the server is there


class Command(BaseCommand):
    help = "Lets the demo devices of var/demo.json report over HTTP: normal life, and now and then something happens."

    def add_arguments(self, parser):
        parser.add_argument(
            "--once", nargs=2, metavar=("CODE", "STATUS"), help="send one message, such as MC-001 tilted, and end"
        )

    def handle(self, *args, once, **options):
        known = _demo()
        with httpx.Client(base_url=known["web"], timeout=15, trust_env=False) as client:
            if once:
                self._send_once(client, known["device_keys"], *once)
            else:
                _live(client, known["device_keys"])

    def _send_once(self, client, keys, code, status):
        devices = demo_devices([code])
        if not devices or code not in keys:
            raise CommandError(f"“{code}” is not a demo device in use")
        try:
            message = single_message(devices[0], status, random.Random())
        except KeyError as error:
            words = ", ".join(["normal", *(found.code for found in devices[0].profile.statuses.all())])
            raise CommandError(f"“{code}” knows: {words}") from error
        try:
            response = Door(client, keys, time.sleep).post(message)
        except httpx.TransportError as error:
            raise CommandError(f"no answer from {client.base_url}: {error}") from error
        self.stdout.write(response.text)
        if response.status_code != 202 or response.json()["rejected"]:
            raise CommandError(f"not taken ({response.status_code})")


def _demo() -> dict:
    """Return what ``var/demo.json`` tells; raises CommandError."""
    path = settings.VAR / "demo.json"
    try:
        known = json.loads(path.read_text())
        return {"web": known["web"], "device_keys": known["device_keys"]}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CommandError(f"{path} does not tell the demo's address and keys: {error!r}") from error


def _live(client: httpx.Client, keys: dict[str, str]) -> None:
    """Wait for the server, then let the devices live until SIGTERM or SIGINT."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_args: stop.set())
    door = Door(client, keys, stop.wait)
    try:
        _wait_for(client, door)
        devices = demo_devices(keys)
        connection.close()  # from here on the devices only speak HTTP
        log.info("%d devices report to %s", len(devices), client.base_url)
        Simulator(devices, door, clock=time.monotonic, rng=random.Random()).run()
    except StoppedError:
        log.info("stopped")


def _wait_for(client: httpx.Client, door: Door) -> None:
    said = False
    while True:
        try:
            if client.get("/healthz").is_success:
                return
        except httpx.TransportError:
            pass
        if not said:
            log.info("waiting for %s", client.base_url)
            said = True
        door.pause(PATIENCE)
