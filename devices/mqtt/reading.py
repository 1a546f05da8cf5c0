"""What a message says and who says it; uses the database, two statements for any number of messages, and one for each
kind of topic that has to be looked up."""

import logging
import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

from django.conf import settings
from django.db import DatabaseError
from django.utils.translation import gettext as _

from devices.keys import Credential
from devices.mqtt.senders import Senders
from devices.mqtt.topics import Route, route_of
from devices.parcels import Parcel
from devices.wire import NotReadable

log = logging.getLogger(__name__)
# It must not stand in the way of the others for ever: the message is kept like any other that cannot be taken.
FAULT = "the route of %s has a fault"
Said = tuple[str, bytes, bool]  # topic, payload, whether the broker delivers it once more


@dataclass(frozen=True)
class Refused:
    """A message of which nothing can be taken; ``errors`` as in a dead letter; ``sender``, where one is known."""

    errors: list[dict] = field(default_factory=list)
    sender: Credential | None = None


@dataclass(frozen=True)
class Deed:
    """A message that is no reading; ``carry_out`` does what it says (``devices.mqtt.topics``)."""

    carry_out: Callable[[], object]


def parcels_of(messages: Sequence[Said], known: Senders) -> list[Parcel | Deed | Refused]:
    """Return what each (topic, payload, whether it comes again) is to be stored as, or does, or why it cannot be."""
    routes = [route_of(topic) for topic, _payload, _again in messages]
    subjects = _looked_up([one for one in routes if one is not None and one[0].look_up is not None])
    found = [
        _addressed(topic, route, subjects) for (topic, _payload, _again), route in zip(messages, routes, strict=True)
    ]
    return _parcels(found, messages, known.of(_codes(found)))


def _looked_up(asked: list[tuple[Route, re.Match]]) -> dict[str, object]:
    """Return what topics stand for, or the refusal where a route has a fault; one look-up for each route."""
    matches: dict[Route, list[re.Match]] = defaultdict(list)
    for route, match in asked:
        matches[route].append(match)
    found = {}
    for route, those in matches.items():
        try:
            found |= route.look_up(those)
        except DatabaseError:
            raise
        except Exception as error:
            log.exception(FAULT, route.filter)
            found |= dict.fromkeys((one.string for one in those), refused("error", f"{type(error).__name__}: {error}"))
    return found


def parcels_at_once(messages: Sequence[Said], known: Senders) -> list[Parcel | Deed | Refused] | None:
    """Return the same without the database; None where that has to be asked."""
    routes = [route_of(topic) for topic, _payload, _again in messages]
    if any(found[0].look_up for found in routes if found is not None):
        return None
    found = [_addressed(topic, route, {}) for (topic, _payload, _again), route in zip(messages, routes, strict=True)]
    senders = known.kept(_codes(found))
    return None if senders is None else _parcels(found, messages, senders)


def _codes(found: list[tuple | Refused]) -> set[str]:
    return {one[2] for one in found if isinstance(one, tuple) and one[2]}


def _parcels(found: list[tuple | Refused], messages: Sequence[Said], senders: dict) -> list:
    return [
        _parcel(addressed, payload, again, senders)
        for addressed, (_topic, payload, again) in zip(found, messages, strict=True)
    ]  # fmt: skip


def _addressed(topic: str, known: tuple | None, subjects: dict[str, object]) -> tuple | Refused:
    """Return route, match (or what the topic stands for) and code of the sender; ``known`` is what ``route_of`` says of
    the topic."""
    if known is None:
        return refused("unknown_topic", _("Nothing is taken on this topic."))
    route, match = known
    if route.look_up is not None:
        subject = subjects.get(topic)
        return subject if isinstance(subject, Refused) else (route, subject, subject and subject.device)
    try:
        return route, match, route.sender(match)
    except DatabaseError:
        raise
    except Exception as error:
        log.exception(FAULT, topic)
        return refused("error", f"{type(error).__name__}: {error}")


def _parcel(addressed: tuple | Refused, payload: bytes, again: bool, senders: dict) -> Parcel | Deed | Refused:
    if isinstance(addressed, Refused):
        return addressed
    route, match, code = addressed
    credential = senders.get(code)
    if credential is None:
        return refused("unknown_device", _("There is no device “%(code)s”.") % {"code": code})
    if len(payload) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
        return refused("too_large", _("The message is too large."), sender=credential)
    if route.deed is not None:
        return Deed(partial(route.deed, credential, payload))
    try:
        return Parcel(credential, route.said(match, code, payload, again=again))
    except NotReadable as error:
        return refused(error.code, error.detail, error.attr or "", sender=credential)
    except DatabaseError:
        raise
    except Exception as error:
        log.exception(FAULT, route.filter)
        return refused("error", f"{type(error).__name__}: {error}")


def refused(code: str, detail: str, attr: str = "", *, sender: Credential | None = None) -> Refused:
    """Return a refusal with one error."""
    return Refused([{"field": attr, "code": code, "detail": str(detail)}], sender)
