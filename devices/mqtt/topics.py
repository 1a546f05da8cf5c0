"""Which topics are taken, who speaks on each, and what their payloads say: a registry.

A route needs: a filter to subscribe to; a pattern of its topics (match objects are given to the rest); ``sender``,
the code of the device or gateway whose topic it is, or None where there is none (it is also asked when a broker wants
to know who may publish there); ``messages``, what a payload says, in the form that
``devices.ingest.Parcel`` takes (raises ``devices.wire.NotReadable``). ``sender`` may read the database only with
``look_up``, which says of many topics at once (their matches) what each stands for, by topic: a subject whose
``device`` is the sender's code; ``messages`` are given it in place of the match. What is no reading has ``deed``
instead: it is given the sender and the payload, in its turn, and carries out what the message says (raises
``governance.errors.Refused`` or NotReadable). ``topics`` is for brokers that do not ask but keep a list: all topics on
which it is told of some codes, by code. ``messages_again`` reads what is delivered once more because it was not
acknowledged, where that is read otherwise. Register yours in a module that ``devices.apps`` names.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from devices.keys import Credential
from devices.wire import Message, NotReadable, decoded, decoded_one

MOST_MESSAGES = 1000  # as over HTTP
ROOT = "jiceng/v1"
_CODE = r"[A-Za-z0-9][A-Za-z0-9._-]{0,29}"
_COMMANDS = re.compile(rf"{ROOT}/({_CODE})/commands", re.ASCII)


@dataclass(frozen=True)
class Route:
    """See the module."""

    filter: str
    pattern: re.Pattern
    sender: Callable[[re.Match], str | None]
    messages: Callable[[object, str, bytes], Sequence] | None = None
    look_up: Callable[[Sequence[re.Match]], Mapping[str, object]] | None = None
    deed: Callable[[Credential, bytes], object] | None = None
    topics: Callable[[Collection[str]], Mapping[str, list[str]]] | None = None
    messages_again: Callable[[object, str, bytes], Sequence] | None = None

    def said(self, match: object, sender: str, payload: bytes, *, again: bool) -> Sequence:
        """Return what a payload says; ``match``: or what it stands for (``look_up``). ``again``: the broker delivers it
        once more (DUP)."""
        reads = self.messages_again if again and self.messages_again else self.messages
        return reads(match, sender, payload)


_routes: list[Route] = []


def register(route: Route) -> Route:
    """Take messages of one more kind of topic from now on."""
    _routes.append(route)
    return route


def filters() -> list[str]:
    """Return what the bridge subscribes to."""
    return [route.filter for route in _routes]


def route_of(topic: str) -> tuple[Route, re.Match] | None:
    """Return the route of a topic and its match, or None."""
    for route in _routes:
        if match := route.pattern.fullmatch(topic):
            return route, match
    return None


def topics_of(codes: Collection[str]) -> dict[str, list[str]]:
    """Return all topics on which is told of each of the devices and gateways."""
    found = defaultdict(list)
    for route in _routes:
        told = route.topics(codes) if route.topics else {code: [route.filter.replace("+", code)] for code in codes}
        for code, those in told.items():
            found[code] += those
    return found


def is_code(text: str) -> bool:
    """Tell whether a code can stand in a topic."""
    return re.fullmatch(_CODE, text, re.ASCII) is not None


def commands_topic(code: str) -> str:
    """Return the topic on which a device listens for commands."""
    return f"{ROOT}/{code}/commands"


def topic_of_each(last: str) -> re.Pattern:
    """Return the pattern of a device's or gateway's own topics that end so; its code is the first group."""
    return re.compile(rf"{ROOT}/({_CODE})/{last}", re.ASCII)


def owner_of(match: re.Match) -> str:
    """Return the code of the device or gateway whose own topic it is."""
    return match[1]


def listener_of(topic: str) -> str | None:
    """Return the code of the device or gateway whose commands a topic carries, or None."""
    match = _COMMANDS.fullmatch(topic)
    return match[1] if match else None


def read_readings(_match: re.Match, sender: str, payload: bytes) -> list:
    """Return the messages of ``{"readings": [...]}``, or of a single message; the sender need not name itself."""
    if b'"readings"' not in payload:
        return [_named(decoded_one(payload), sender)]
    messages = decoded(payload)
    if len(messages) > MOST_MESSAGES:
        raise NotReadable(_("At most 1000 messages in one request."), "max_length", "readings")
    return [_named(message, sender) for message in messages]


def read_status(_match: re.Match, sender: str, payload: bytes) -> list:
    """Return a single message, which has a status word."""
    message = _named(decoded_one(payload), sender)
    said = message.status if isinstance(message, Message) else isinstance(message, dict) and message.get("status")
    if not said:
        raise NotReadable(_("A message with a “status” is needed."), "required", "status")
    return [message]


def _named(message, sender: str):
    if isinstance(message, dict) and message.get("device") is None:
        return message | {"device": sender}
    if isinstance(message, Message) and message.device == "":
        message.device = sender
    return message


register(Route(f"{ROOT}/+/readings", topic_of_each("readings"), owner_of, read_readings))
register(Route(f"{ROOT}/+/status", topic_of_each("status"), owner_of, read_status))
