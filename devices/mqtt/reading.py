"""What a message says and who says it; uses the database, two statements for any number of messages."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.conf import settings
from django.utils.translation import gettext as _

from devices.ingest import Parcel
from devices.mqtt.senders import senders_of
from devices.mqtt.topics import route_of
from devices.wire import NotReadable


@dataclass(frozen=True)
class Refused:
    """A message of which nothing can be taken; ``errors`` as in a dead letter."""

    errors: list[dict] = field(default_factory=list)


def parcels_of(messages: Sequence[tuple[str, bytes]]) -> list[Parcel | Refused]:
    """Return what each (topic, payload) is to be stored as, or why it cannot be."""
    found = [_addressed(topic) for topic, _payload in messages]
    senders = senders_of({code for _route, _match, code in filter(None, found) if code})
    return [
        _parcel(addressed, payload, senders) for addressed, (_topic, payload) in zip(found, messages, strict=True)
    ]  # fmt: skip


def _addressed(topic: str) -> tuple | None:
    known = route_of(topic)
    return (*known, known[0].sender(known[1])) if known else None


def _parcel(addressed: tuple | None, payload: bytes, senders: dict) -> Parcel | Refused:
    if addressed is None:
        return refused("unknown_topic", _("Nothing is taken on this topic."))
    route, match, code = addressed
    credential = senders.get(code)
    if credential is None:
        return refused("unknown_device", _("There is no device “%(code)s”.") % {"code": code})
    if len(payload) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
        return refused("too_large", _("The message is too large."))
    try:
        return Parcel(credential, route.messages(match, code, payload))
    except NotReadable as error:
        return refused(error.code, error.detail, error.attr or "")


def refused(code: str, detail: str, attr: str = "") -> Refused:
    """Return a refusal with one error."""
    return Refused([{"field": attr, "code": code, "detail": str(detail)}])
