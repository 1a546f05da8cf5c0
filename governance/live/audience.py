"""Who is connected, what each person may see of a batch of events, and the text they get. Runs in worker threads."""

import json
import threading
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping

from django.contrib.auth import get_user_model
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils import translation

from governance import events as registry
from governance.live import coalescing, descriptions
from governance.live.journal import Occurrence
from governance.scoping import read_grants

Objects = Mapping[str, list[models.Model]]


class View:
    """What people get of some events: loaded once, and widened for people who ask later.

    ``visible``: ids of events by user id; a user who may not be here any more is missing. ``texts``: the message of
    each event that somebody sees, by language. ``places``: what is told of areas in which many of them happened.
    """

    def __init__(self, events: Collection[Occurrence]):
        self.visible: dict[int, frozenset[int]] = {}
        self.texts: dict[str, dict[int, str]] = {}
        self.places: dict[coalescing.Place, dict] = {}
        self._events = events
        self._subjects: dict[str, set[int]] = defaultdict(set)
        for event in events:
            self._subjects[event.subject_type].add(event.subject_id)
        self._objects: Objects | None = None
        self._asked: set[tuple[int, str]] = set()
        self._one_at_a_time = threading.Lock()

    def knows(self, listener: tuple[int, str]) -> bool:
        """Tell whether it was worked out what ``listener`` (user id, language) gets."""
        return listener in self._asked

    def admit(self, listeners: Iterable[tuple[int, str]]) -> "View":
        """Work out what those of ``listeners`` get whom it does not know yet; return itself.

        Statements, however many people: one for the users, one for their roles, and at the first time what
        ``describe`` loads per kind of subject; of a kind that nobody describes each user is one more.
        """
        with self._one_at_a_time:
            new = set(listeners) - self._asked
            users = _staff({user_id for user_id, _language in new} - self.visible.keys())
            if users and self._objects is None:
                self._objects = {label: descriptions.load(label, ids) for label, ids in self._subjects.items()}
                self.places = coalescing.places(self._events)
            for user in users:
                self.visible[user.pk] = self._seen_by(user)
            shown = frozenset().union(*self.visible.values())
            for language in {language for _user_id, language in new} | self.texts.keys():
                known = self.texts.get(language, {})
                wanted = [event for event in self._events if event.id in shown and event.id not in known]
                self.texts[language] = known | texts(wanted, self._objects or {}, language)
            self._asked |= new
        return self

    def _seen_by(self, user) -> frozenset[int]:
        theirs = {label: _seen(label, ids, self._objects[label], user) for label, ids in self._subjects.items()}
        return frozenset(event.id for event in self._events if event.subject_id in theirs[event.subject_type])


def view(events: Collection[Occurrence], listeners: Iterable[tuple[int, str]]) -> View:
    """Return what ``listeners`` get of ``events``; roles are read anew, so what is revoked ends with the next batch."""
    return View(events).admit(listeners)


def _staff(user_ids: Collection[int]) -> list:
    """Return those who may be here, with their roles loaded."""
    found = get_user_model().objects.filter(pk__in=user_ids) if user_ids else ()
    users = [user for user in found if user.is_active and user.is_staff]
    read_grants(users)
    return users


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


def texts(events: Collection[Occurrence], objects: Objects, language: str) -> dict[int, str]:
    """Return the JSON message of each event in ``language``, by event id."""
    about = {event.subject for event in events}
    with translation.override(language):
        more = {
            label: descriptions.described(label, [row for row in rows if (label, row.pk) in about])
            for label, rows in objects.items()
        }
        return {event.id: _text(event, more.get(event.subject_type, {}).get(event.subject_id, {})) for event in events}


def _text(event: Occurrence, more: dict) -> str:
    own = {
        "type": "event",
        "id": event.id,
        "name": event.name,
        "label": str(registry.label_of(event.name)),
        "at": event.at,
        "subject": {"type": event.subject_type, "id": event.subject_id, "number": more.get("number")},
        "payload": descriptions.figures_told(event.subject_type, event.payload),
        "cursor": str(event.cursor),
    }
    return encode(own | {name: value for name, value in more.items() if name not in own})


def encode(message) -> str:
    """Write a message as JSON, Chinese as it is."""
    return json.dumps(message, cls=DjangoJSONEncoder, ensure_ascii=False, separators=(",", ":"))
