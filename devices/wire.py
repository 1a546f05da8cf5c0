"""The JSON of readings: typed messages where all is well; anything odd is read the slow, telling way.

``decoded(body)`` gives what ``devices.messages`` judges one by one, so that one bad message does not hold up the rest.
"""

import json
from datetime import datetime
from typing import Any, NoReturn

import msgspec
from django.utils.translation import gettext as _


class Message(msgspec.Struct):
    """One well-formed message, as ``devices.messages`` describes it."""

    device: str
    at: datetime
    status: str | None = None
    metrics: dict[str, float] | None = None


class Body(msgspec.Struct):
    """A request: 0 to some messages."""

    readings: list[Message]


class Single(msgspec.Struct):
    """A message whose sender is known from elsewhere and need not name itself."""

    at: datetime
    device: str = ""
    status: str | None = None
    metrics: dict[str, float] | None = None


_decode = msgspec.json.Decoder(Body).decode
_decode_single = msgspec.json.Decoder(Single).decode
ESCAPED_HALF = b"\\ud"


class NotReadable(ValueError):
    """The body is no JSON, or no batch of messages; ``attr`` names the field."""

    def __init__(self, detail: str, code: str, attr: str | None = None):
        super().__init__(detail)
        self.detail, self.code, self.attr = detail, code, attr


def decoded(body: bytes) -> list[Message] | list[Any]:
    """Return the messages of a body. Raises NotReadable."""
    if ESCAPED_HALF not in body.lower():
        try:
            return _decode(body).readings
        except (msgspec.DecodeError, RecursionError):
            pass  # told in detail below
    return _loose(body)


def decoded_one(body: bytes) -> Message | Any:
    """Return the one message of a body; its ``device`` may be empty, or missing. Raises NotReadable."""
    if ESCAPED_HALF not in body.lower():
        try:
            found = _decode_single(body)
            return Message(found.device, found.at, found.status, found.metrics)
        except (msgspec.DecodeError, RecursionError):
            pass  # told in detail below
    return _json(body)


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _json(body: bytes) -> Any:
    try:
        data = json.loads(body.decode(), parse_constant=_refuse_constant)
        json.dumps(data, ensure_ascii=False).encode()  # a lone half of a surrogate pair cannot be kept
    except (ValueError, RecursionError) as error:
        raise NotReadable(_("The body is not readable as JSON (%(why)s).") % {"why": error}, "parse_error") from error
    return data


def _loose(body: bytes) -> list[Any]:
    data = _json(body)
    if not isinstance(data, dict) or "readings" not in data:
        raise NotReadable(_("An object with a list “readings” is needed."), "required", "readings")
    if not isinstance(data["readings"], list):
        raise NotReadable(_("This is not a list."), "not_a_list", "readings")
    return data["readings"]


def as_raw(message: Message) -> dict[str, Any]:
    """Return a typed message as the JSON it came as, to be judged and refused in words."""
    raw: dict[str, Any] = {"device": message.device, "at": message.at.isoformat()}
    if message.status is not None:
        raw["status"] = message.status
    if message.metrics is not None:
        raw["metrics"] = message.metrics
    return raw
