"""What can be found. The kernel registers areas, units, people and places; each app its own."""

from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import Expression, Model, Q, QuerySet


@dataclass(frozen=True)
class Found:
    """One thing found: its kind's key, what it is called, a line about it, the admin's address of its page."""

    kind: str
    key: str
    title: str
    detail: str = ""
    place: str = ""
    url: str = ""
    badge: str = ""
    tone: str = ""


@dataclass(frozen=True)
class Searchable:
    """A kind of thing that can be found.

    ``rows(user)``: what the person may see, with all that ``show`` reads; it also holds the rule who may search this
    at all. ``text``: what the index of pairs is on. ``wider``: more than that, looked at in the newest rows only.
    ``named``: the filter of an exact identifier in the search (a whole number, a telephone), or None; where
    there are such rows, no words are looked for.
    """

    kind: str
    label: str
    rows: Callable[[Model], QuerySet]
    text: Expression
    show: Callable[[Model, Model], Found]
    named: Callable[[str, Model], Q | None] = lambda query, user: None
    wider: Expression | None = None
    order: int = 50


_kinds: dict[str, Searchable] = {}


def searchable(kind: Searchable) -> Searchable:
    """Register a kind; once each, from a module its app imports in ``ready``."""
    if kind.kind in _kinds:
        raise ValueError(f"{kind.kind} is searchable already")
    _kinds[kind.kind] = kind
    return kind


def kinds() -> list[Searchable]:
    """Return all kinds in the order in which results are shown."""
    return sorted(_kinds.values(), key=lambda kind: (kind.order, kind.kind))
