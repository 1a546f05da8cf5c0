"""``manage.py mqtt``: brings what devices publish by MQTT into the product, until SIGTERM or SIGINT."""

import asyncio
import logging
import signal

import uvloop
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from devices.mqtt import letters
from devices.mqtt.bridge import Bridge
from devices.mqtt.options import Options
from governance.errors import Invalid
from governance.memory import settle

log = logging.getLogger("devices.mqtt")


class Command(BaseCommand):
    help = "Stores what devices publish by MQTT (MQTT_URL, see docs/mqtt.md); runs until SIGTERM."

    def handle(self, *args, **options):
        if not settings.MQTT_URL:
            raise CommandError("MQTT_URL is not set: mqtt://user:password@host:1883 (docs/mqtt.md)")
        try:
            found = Options.from_settings()
        except Invalid as error:
            raise CommandError(f"{error.field}: {error.detail}") from error
        source = letters.source_of(found.source)
        if source is None:
            raise CommandError(
                f"there is no named source “{found.source}”, which keeps messages that cannot be taken: make it in the "
                "admin (named sources, kind sensor), or name another with MQTT_SOURCE"
            )
        connection.close()  # the bridge has threads of its own for the database
        settle()
        uvloop.run(_run(Bridge(found, source)))
        log.info("stopped")


async def _run(bridge: Bridge) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await bridge.run(stop)
