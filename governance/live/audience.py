"""Who is connected, what each person may see of a batch of events, and the text they get. Runs in worker threads."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from django.contrib.auth import get_user_model
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils import translation

from governance import events as registry
from governance.live import descriptions
from governance.live.journal import Occurrence
from governance.scoping import read_grants

Objects = Mapping[str, list[models.Model]]


@dataclass(frozen=True)
class View:
    """What people get of some events.

    ``visible``: ids of events by user id; a user who may not be here any more is missing. ``texts``: the message of
    each event by language.
    """

    visible: Mapping[int, frozenset[int]]
    texts: Mapping[str, Mapping[int, str]]


def view(events: Collection[Occurrence], listeners: Iterable[tuple[int, str]]) -> View:
    """Work out what ``listeners`` (user id, language) get of ``events``.

    Roles are read again each time, so what was revoked ends with the next batch. Statements, however many people: one
    for the users, one for their roles, and what ``describe`` loads per kind of subject; of a kind that nobody
    describes each user is one more.
    """
    listeners = set(listeners)
    subjects = defaultdict(set)
    for event in events:
        subjects[event.subject_type].add(event.subject_id)
    found = get_user_model().objects.filter(pk__in={user_id for user_id, _language in listeners})
    users = [user for user in found if user.is_active and user.is_staff]
    read_grants(users)
    objects = {label: descriptions.load(label, ids) for label, ids in subjects.items()} if users else {}
    visible = {}
    for user in users:
        theirs = {label: _seen(label, ids, objects[label], user) for label, ids in subjects.items()}
        visible[user.pk] = frozenset(event.id for event in events if event.subject_id in theirs[event.subject_type])
    shown = frozenset().union(*visible.values())
    wanted = [event for event in events if event.id in shown]
    languages = {language for _user_id, language in listeners}
    return View(visible, {language: texts(wanted, objects, language) for language in languages})


def _seen(label: str, ids: Collection[int], objects: Collection[models.Model], user) -> set[int]:
    """Return those subjects of one kind that ``user`` may see now.

    The rule is asked of the loaded objects; that it agrees with ``visible_to`` is in each app's contract tests.
    """
    manager = descriptions.scoped_manager(label)
    if manager is None:
        return set()
    if objects and hasattr(manager, "is_visible"):
        return {one.pk for one in objects if manager.is_visible(one, user)}
    return set(manager.visible_to(user).filter(pk__in=ids).values_list("pk", flat=True))


def texts(events: Iterable[Occurrence], objects: Objects, language: str) -> dict[int, str]:
    """Return the JSON message of each event in ``language``, by event id."""
    with translation.override(language):
        more = {label: descriptions.described(label, rows) for label, rows in objects.items()}
        return {event.id: _text(event, more.get(event.subject_type, {}).get(event.subject_id, {})) for event in events}


def _text(event: Occurrence, more: dict) -> str:
    own = {
        "type": "event",
        "id": event.id,
        "name": event.name,
        "label": str(registry.label_of(event.name)),
        "at": event.at,
        "subject": {"type": event.subject_type, "id": event.subject_id, "number": more.get("number")},
        "payload": event.payload,
        "cursor": str(event.cursor),
    }
    return encode(own | {name: value for name, value in more.items() if name not in own})


def encode(message: dict) -> str:
    """Write a message as JSON, Chinese as it is."""
    return json.dumps(message, cls=DjangoJSONEncoder, ensure_ascii=False, separators=(",", ":"))
