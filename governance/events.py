"""The one way to write history: ``record()``, and the registry of event names.

An app registers its names in its ``events.py``; a name nobody registered is refused. Apps above listen with ``@on``:
the receiver runs inside the transaction of the event, so it succeeds or fails with it.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.apps import apps
from django.db import models
from django.utils import timezone

from governance.bulk import rows_insert
from governance.models.event import ON_OWN_PAGE, Event, Remark
from governance.scoping import Grant

_labels: dict[str, str] = {}
_close: set[str] = set()
_listeners: dict[str, list[Callable]] = defaultdict(list)


def register(name: str, label, *, close: bool = False) -> str:
    """Make ``name`` (``<subject>.<past participle>``) recordable; ``label`` is its translated text for timelines.
    ``close``: what happened tells of persons, so that it is told on the page of its subject only, to who may read it;
    the list of all events says that somebody did something."""
    if _labels.setdefault(name, label) is not label:
        raise ValueError(f"event {name} is registered twice")
    if close:
        _close.add(name)
    return name


def is_close(name: str) -> bool:
    """Tell whether an event is told on the page of its subject only."""
    return name in _close


def on_own_page(*names: str) -> None:
    """What the system records under these names, somebody outside did on a page of their own: trails say so."""
    ON_OWN_PAGE.update(names)


def label_of(name: str) -> str:
    """Return the text a person reads for an event name."""
    return _labels.get(name, name)


def registered() -> dict[str, str]:
    """Return all names with their labels."""
    return dict(_labels)


def on(*names: str):
    """Call the decorated ``function(event, subject)`` inside the transaction of each event so named."""

    def connect(function):
        for name in names:
            _listeners[name].append(function)
        return function

    return connect


def record(
    name: str,
    subject: models.Model,
    *,
    actor,
    grant: Grant,
    payload: dict | None = None,
    occurred_at: datetime | None = None,
    text: str = "",
) -> Event:
    """Append one Event about ``subject`` and tell the listeners; call it inside the transaction of the change.

    ``payload``: ids, codes, states, times, figures only. ``text`` (a reason or remark in somebody's words) is kept in
    its own row, where it can be erased. Raises ValueError for an unregistered name.
    """
    draft = Draft(name, subject, payload or {}, occurred_at or timezone.now())
    event = _event(draft, actor, grant)
    event.save(force_insert=True)
    if text:
        Remark.objects.create(event=event, text=text)
    for listener in _listeners[name]:
        listener(event, subject)
    return event


@dataclass(frozen=True)
class Draft:
    """An event to be recorded together with others."""

    name: str
    subject: models.Model
    payload: dict
    occurred_at: datetime


def _event(draft: Draft, actor, grant: Grant) -> Event:
    """Return the row of an event, not stored. Raises ValueError for an unregistered name."""
    if draft.name not in _labels:
        raise ValueError(f"event {draft.name} is not registered")
    return Event(
        name=draft.name, subject_type=draft.subject._meta.label_lower, subject_id=draft.subject.pk, actor=actor,
        role=grant.role, unit_id=grant.unit_id, area_id=getattr(draft.subject, "area_id", None),
        payload=draft.payload, occurred_at=draft.occurred_at,
    )  # fmt: skip


def record_many(drafts: Sequence[Draft], *, actor, grant: Grant) -> None:
    """Append events of one actor in their order, by one statement, and tell the listeners; as ``record`` otherwise."""
    made = [_event(draft, actor, grant) for draft in drafts]
    rows_insert(made)
    for event, draft in zip(made, drafts, strict=True):
        for listener in _listeners[draft.name]:
            listener(event, draft.subject)


RECORD = """
INSERT INTO governance_event (name, subject_type, subject_id, actor_id, role, unit_id, area_id, payload, occurred_at)
VALUES (%s::text, %s::text, %s::bigint, %s::bigint, %s::text, %s::bigint, %s::bigint, %s::jsonb, %s::timestamptz)
RETURNING id
"""


def record_statement(draft: Draft, *, actor, grant: Grant) -> tuple[str, list]:
    """Return what ``statements.run_together`` runs to append one event: for services that count their exchanges.

    The caller hands the id it gives to ``recorded``. Raises ValueError for an unregistered name.
    """
    row = _event(draft, actor, grant)
    keys = [None if key is None else str(key) for key in (row.unit_id, row.area_id)]
    values = [row.name, row.subject_type, str(row.subject_id), str(row.actor_id), str(row.role), *keys,
              json.dumps(row.payload), row.occurred_at]  # fmt: skip
    return RECORD, values


def has_listeners(name: str) -> bool:
    """Tell whether anybody listens to an event: their work belongs into its transaction."""
    return bool(_listeners.get(name))


def recorded(event_id: int, draft: Draft) -> None:
    """Tell the listeners of an event that ``record_statement`` appended."""
    if listeners := _listeners.get(draft.name):
        event = Event.objects.get(pk=event_id)
        for listener in listeners:
            listener(event, draft.subject)


def subject_model(event: Event) -> type[models.Model]:
    """Return the model class of an event's subject."""
    return apps.get_model(event.subject_type)
