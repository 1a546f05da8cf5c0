"""Observations by MQTT: the topic of SensorThings as a route of the bridge (``devices.mqtt.topics``)."""

import re

from devices.mqtt.topics import Route, register
from devices.sensorthings.observations import messages_of, sender_of

TOPIC = re.compile(r"v1\.1/Datastreams\(([0-9]{1,19})\)/Observations", re.ASCII)


def _sender(match: re.Match) -> str | None:
    return sender_of(int(match[1]))


def _messages(match: re.Match, _sender: str, payload: bytes) -> list[dict]:
    return messages_of(int(match[1]), payload)


register(Route("v1.1/+/Observations", TOPIC, _sender, _messages, looks_up=True))
