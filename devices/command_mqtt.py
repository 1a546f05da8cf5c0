"""Commands over MQTT: what waits is published on ``jiceng/v1/<device>/commands`` (``devices.mqtt.outgoing``)."""

import asyncio
from functools import partial
from json import dumps

from devices.commands import due_for_mqtt, mark_sent
from devices.mqtt.outgoing import Outgoing, source
from devices.mqtt.topics import commands_topic
from governance.live.threads import in_thread

LOOK = 1.0  # seconds between two looks at what waits


@source
async def commands():
    """Yield what is to be published now, for ever; a command is noted as told once the broker has taken it."""
    while True:
        for command in await in_thread(due_for_mqtt):
            body = dumps(command.body(), ensure_ascii=False).encode()
            yield Outgoing(commands_topic(command.device), body, partial(in_thread, mark_sent, [command.id]))
        await asyncio.sleep(LOOK)
