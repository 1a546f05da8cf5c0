"""Which signals are one event: the same complainant, type and place within 30 days (domain/mediation.md, "Early
warning"). Where the complainant is not told, the same words stand for them. Pure but for ``known_events``.

The first one counts and heads the others, 30 days either way of its own day: who complains for a year makes an event
about every month, not one a year, and a record that comes in late is still found.
"""

from collections import defaultdict
from collections.abc import Collection
from datetime import date, timedelta

from django.db.models import Q, QuerySet

from governance.models import Area, AreaKind
from mediation.models import Signal, SignalSource

WINDOW = timedelta(days=30)
Key = tuple[str, int | None, int]


def who(complainant: str, digest: str) -> str:
    """Return by what somebody is known: the complainant, else the words; "" for nobody can tell."""
    if complainant:
        return f"c{complainant}"
    return f"t{digest}" if digest else ""


class KnownEvents:
    """The events so far, by who, type and community, each with its day."""

    def __init__(self):
        self._events: dict[Key, list[tuple[date, Signal]]] = defaultdict(list)

    def of(self, somebody: str, type_id: int | None, community: int, day: date) -> Signal | None:
        """Return the event that a record repeats, the nearest in time, or None."""
        if not somebody:
            return None
        found = [
            (abs(day - then), signal)
            for then, signal in self._events.get((somebody, type_id, community), ())
            if abs(day - then) <= WINDOW
        ]
        return min(found, key=lambda pair: pair[0])[1] if found else None

    def add(self, somebody: str, type_id: int | None, community: int, day: date, signal: Signal) -> None:
        """Remember an event."""
        if somebody:
            self._events[somebody, type_id, community].append((day, signal))


def community_ids():
    """Return a function that gives the community of a grid, else the area itself, by their numbers; one statement."""
    grids = dict(Area.objects.filter(kind=AreaKind.GRID).values_list("pk", "parent_id"))
    return lambda area_id: grids.get(area_id, area_id)


def known_events(complainants: Collection[str], digests: Collection[str], community_of) -> KnownEvents:
    """Load the events that records of these complainants or words may repeat; one statement.

    ``community_of(area_id)`` gives the community an area lies in.
    """
    known = KnownEvents()
    for *key, row in _told_of(Signal.objects.events(), complainants, digests, community_of):
        known.add(*key, row)
    return known


def events_of_source(source: SignalSource, complainants: Collection[str], digests: Collection[str],
                     community_of) -> KnownEvents:  # fmt: skip
    """Load the events of a source as though there were no records but its own, in the order in which they came; one
    statement. It is told of these alone: that somebody complained elsewhere too is not for another source to know."""
    known = KnownEvents()
    rows = Signal.objects.filter(source=source)
    for *key, row in sorted(_told_of(rows, complainants, digests, community_of), key=lambda told: told[-1].pk):
        if known.of(*key) is None:
            known.add(*key, row)
    return known


def _told_of(rows: QuerySet[Signal], complainants: Collection[str], digests: Collection[str],
             community_of) -> list[tuple]:  # fmt: skip
    """Return (who, type, community, day, signal) of those of ``rows`` that are of these complainants or words."""
    if not complainants and not digests:
        return []
    told = Q(complainant__in=list(complainants)) | Q(complainant="", text_digest__in=list(digests))
    columns = ("pk", "complainant", "text_digest", "type_id", "area_id", "event_date", "hazard_id")
    return [
        (who(row.complainant, row.text_digest), row.type_id, community_of(row.area_id), row.event_date, row)
        for row in rows.filter(told).order_by("event_date", "pk").only(*columns)
    ]
