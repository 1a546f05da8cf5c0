"""Commands over MQTT: what waits is published on ``jiceng/v1/<device>/commands`` (``devices.mqtt.outgoing``).

Answers are taken on ``jiceng/v1/<device>/commands/result``, also from its gateway: ``{"id": 7, "done": true}``.
"""

import asyncio
from functools import partial
from json import dumps

import msgspec
from django.utils.translation import gettext as _

from devices.commands import command_answer, due_for_mqtt, mark_sent
from devices.keys import Credential, credentials_in_force
from devices.mqtt import topics
from devices.mqtt.outgoing import Outgoing, source
from devices.wire import NotReadable
from governance.errors import Invalid, NotPermitted
from governance.live.threads import in_thread

LOOK = 1.0  # seconds between two looks at what waits
LONGEST_DETAIL, HIGHEST = 200, 2**63 - 1


class Answer(msgspec.Struct):
    """What became of the command of this ``id`` on the device; ``detail`` says why it failed."""

    id: int
    done: bool
    detail: str = ""


@source
async def commands():
    """Yield what is to be published now, for ever; a command is noted as told once the broker has taken it."""
    while True:
        for command in await in_thread(due_for_mqtt):
            body = dumps(command.body(), ensure_ascii=False).encode()
            yield Outgoing(topics.commands_topic(command.device), body, partial(in_thread, mark_sent, [command.id]))
        await asyncio.sleep(LOOK)


def answer_take(credential: Credential, payload: bytes) -> None:
    """Take what a device, or its gateway, says became of a command.

    Raises NotReadable; NotPermitted where its keys have ended; Invalid for a command that is not of a device it speaks
    for; Conflict as ``command_answer``.
    """
    try:
        said = msgspec.json.decode(payload, type=Answer)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise NotReadable(str(error), "invalid") from error
    if not 0 < said.id <= HIGHEST or "\0" in said.detail or len(said.detail) > LONGEST_DETAIL:
        raise NotReadable(_("An “id” above 0 and at most 200 characters of “detail” are needed."), "invalid")
    if not credentials_in_force({credential}):
        raise NotPermitted(_("This key is unknown, expired or revoked."), code="invalid_key")
    if command_answer(said.id, credential=credential, done=said.done, detail=said.detail) is None:
        raise Invalid(_("There is no such command."), field="id", code="does_not_exist")


topics.register(
    topics.Route(
        f"{topics.ROOT}/+/commands/result", topics.topic_of_each("commands/result"), topics.owner_of, deed=answer_take
    )
)
