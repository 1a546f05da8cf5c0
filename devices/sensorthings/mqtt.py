"""Observations by MQTT: the topic of SensorThings as a route of the bridge (``devices.mqtt.topics``)."""

import re
from collections import defaultdict
from collections.abc import Collection, Sequence

from devices.models import Datastream
from devices.mqtt.topics import Route, register
from devices.sensorthings.observations import Stream, messages_of, sender_of, streams_of

TOPIC = re.compile(r"v1\.1/Datastreams\(([0-9]{1,19})\)/Observations", re.ASCII)


def _sender(match: re.Match) -> str | None:
    return sender_of(int(match[1]))


def _streams(matches: Sequence[re.Match]) -> dict[str, Stream]:
    """Return the datastreams of topics; one statement."""
    numbers = {match.string: int(match[1]) for match in matches}
    streams = streams_of(set(numbers.values()))
    return {topic: streams[number] for topic, number in numbers.items() if number in streams}


def _messages(stream: Stream, _sender: str, payload: bytes) -> list[dict]:
    return messages_of(stream, payload)


def _messages_again(stream: Stream, _sender: str, payload: bytes) -> list[dict]:
    return messages_of(stream, payload, again=True)


def _topics(codes: Collection[str]) -> dict[str, list[str]]:
    """Return the topics of the datastreams of devices; one statement."""
    found = defaultdict(list)
    for code, number in (
        Datastream.objects.filter(device__code__in=codes).values_list("device__code", "pk").order_by("pk")
    ):
        found[code].append(f"v1.1/Datastreams({number})/Observations")
    return found


register(Route(
    "v1.1/+/Observations", TOPIC, _sender, _messages, look_up=_streams, topics=_topics, messages_again=_messages_again
))  # fmt: skip
