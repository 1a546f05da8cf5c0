"""Writing down what a night found: a new warning, a known one that grew, or nothing.

A warning that is still open, or was judged within the longest window, is not repeated while it goes on: unless new
events arrive. What one way alone and all reports together show is one warning, of the stream that shows it clearest: it
knows the events of the others there too, so that they are no news when another is clearest. What another method shows
of events that a warning mostly knows is that warning. An open one then grows, and where it rises from yellow to orange
those who were told of it are told again; beside a judged one, enough new events (``LEAST``) are a new warning, but not
where it was said to be known.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import log

from django.db.models import QuerySet

from governance import events
from governance.models import Area, Role, User
from governance.scoping import Grant
from governance.surveillance.expectation import LEAST
from governance.surveillance.usual import LONGEST
from governance.transactions import atomically
from mediation.models import EarlyWarning, WarningEvent, WarningLevel, WarningMethod, WarningState, WarningWatch
from mediation.warning.states import family_of
from mediation.warning.streams import SIGNAL, Happening

# The same place: so much of the smaller of both.
SHARED = 0.5


@dataclass(frozen=True)
class Found:
    """What stands out: at which communities, since when, and its events. ``area``: where it is larger than the
    smallest area that holds them; ``beside``: what other streams of the family had there in the longest window;
    ``until``: its last day, where that is not the night's (of days of which something was received late).
    ``at_least``: nothing that was simulated is so rare, its recurrence is that or more."""

    method: str
    stream: str
    type_id: int
    places: Sequence[Area]
    since: date
    observed: int
    expected: float
    recurrence: float
    inside: Sequence[Happening]
    area: Area | None = None
    beside: Sequence[Happening] = ()
    until: date | None = None
    at_least: bool = False

    @property
    def codes(self) -> list[str]:
        return sorted(place.code for place in self.places)

    @property
    def excess(self) -> float:
        """The scan's score of what was observed where so much was expected, whatever the method."""
        expected = max(self.expected, 1e-6)
        return self.observed * log(self.observed / expected) + expected - self.observed


def warning_found(watch: WarningWatch, found: Found, *, day: date, actor: User,
                  met: set[int] | None = None) -> EarlyWarning | None:  # fmt: skip
    """Keep what the night of ``day`` found; return the warning if something is new, else None. One at a time for a
    watch: two nights' runs at once must not both find that there is no such warning yet.

    ``met``: the warnings that this look at the night came to, so that what several streams show is one; on a warning
    that an earlier look at the same night found, events brought in since are news.
    """
    met = set() if met is None else met
    with atomically():
        WarningWatch.objects.select_for_update().get(pk=watch.pk)
        known = _same_place(watch, found, day)
        if known is None:
            other = _by_another_method(watch, found, day)
            if other is not None:
                return _seen(other, day)
            return _raise(watch, found, day, actor, met)
        if known.last_seen > day and found.method == WarningMethod.SCAN:
            return None  # of a night made up: the longest window of a later one tells what is new
        if known.pk in met or known.last_seen > day:
            _link(known, found)
            return None
        met.add(known.pk)
        fresh = _news(known, _not_linked(known, found.inside))
        if known.state == WarningState.OPEN:
            return _grow(known, watch, found, day, actor) if fresh else _seen(known, day)
        if known.state != WarningState.KNOWN and len(fresh) >= LEAST:
            return _raise(watch, found, day, actor, met)
        return _seen(known, day)


def _lately(watch: WarningWatch, found: Found, day: date) -> QuerySet:
    """The warnings of the same type and family of streams that were found lately, locked, the newest first."""
    return EarlyWarning.objects.select_for_update(of=("self",)).filter(
        watch=watch, stream__in=family_of(found.stream), type_id=found.type_id,
        last_seen__gte=day - timedelta(days=LONGEST),
    ).order_by("-id")  # fmt: skip


def _by_another_method(watch: WarningWatch, found: Found, day: date) -> EarlyWarning | None:
    """Return the warning by which another method tells this already: one that knows most of its events. One outbreak is
    one warning and one verdict: a week's figures of a township beside those of the village in it say nothing new. What
    happened since is news as beside a judged warning, but where it was said to be known."""
    inside = {_keys(row) for row in found.inside}
    for row in _lately(watch, found, day).exclude(method=found.method):
        linked = set(row.events.values_list("signal_id", "hazard_id"))
        if len(inside & linked) <= SHARED * len(inside):
            continue
        since = sum(one.day > row.last_day and _keys(one) not in linked for one in found.inside)
        return None if since >= LEAST and row.state != WarningState.KNOWN else row
    return None


def _same_place(watch: WarningWatch, found: Found, day: date) -> EarlyWarning | None:
    """Return the newest warning of the same kind that was found lately and shares half its places."""
    mine = set(found.codes)
    for row in _lately(watch, found, day).filter(method=found.method):
        theirs = set(row.places)
        if len(mine & theirs) >= SHARED * min(len(mine), len(theirs)):
            return row
    return None


def _figures(watch: WarningWatch, found: Found, day: date) -> dict:
    orange = found.recurrence >= watch.orange_days
    return {
        "stream": found.stream, "places": found.codes, "area": found.area or Area.objects.smallest_with(found.places),
        "first_day": found.since, "last_day": found.until or day,
        "observed": found.observed, "expected": round(found.expected, 4),
        "recurrence_days": round(found.recurrence, 1), "recurrence_at_least": found.at_least,
        "level": WarningLevel.ORANGE if orange else WarningLevel.YELLOW,
    }  # fmt: skip


def _raise(watch: WarningWatch, found: Found, day: date, actor: User, met: set[int]) -> EarlyWarning:
    warning = EarlyWarning.objects.create(
        watch=watch, method=found.method, type_id=found.type_id, last_seen=day,
        **_figures(watch, found, day),
    )  # fmt: skip
    _link(warning, found)
    met.add(warning.pk)
    return _recorded("warning.raised", warning, actor)


def _grow(warning: EarlyWarning, watch: WarningWatch, found: Found, day: date, actor: User) -> EarlyWarning:
    before, figures = warning.level, _figures(watch, found, day)
    rises = (before, figures["level"]) == (WarningLevel.YELLOW, WarningLevel.ORANGE)
    # What came in late of days before those it tells is linked, and told where it is rarer.
    if rises or figures["last_day"] >= warning.last_day:
        for name, value in figures.items():
            setattr(warning, name, value)
    _link(warning, found)
    warning.times_seen += warning.last_seen < day
    warning.last_seen, warning.version = day, warning.version + 1
    warning.save()
    return _recorded("warning.rose" if rises else "warning.grew", warning, actor)


def _seen(warning: EarlyWarning, day: date) -> None:
    """Note that it was found again, once a night; nothing is told."""
    if warning.last_seen < day:
        warning.last_seen, warning.times_seen, warning.version = day, warning.times_seen + 1, warning.version + 1
        warning.save()


def _not_linked(warning: EarlyWarning, inside: Sequence[Happening]) -> list[Happening]:
    linked = set(warning.events.values_list("signal_id", "hazard_id"))
    return [row for row in inside if _keys(row) not in linked]


def _news(warning: EarlyWarning, rows: Sequence[Happening]) -> list[Happening]:
    """Return what of events it does not know is news: at the places it knows any, elsewhere what happened since."""
    before = {row.area_id for row in rows if row.day <= warning.last_day}
    codes = [warning.area.code] if warning.method != WarningMethod.SCAN else warning.places
    places = tuple(Area.objects.filter(code__in=codes).values_list("path", flat=True)) if before else ()
    paths = dict(Area.objects.filter(pk__in=before).values_list("pk", "path")) if before else {}
    return [row for row in rows if row.day > warning.last_day or paths[row.area_id].startswith(places)]


def _keys(row: Happening) -> tuple[int | None, int | None]:
    return (row.pk, None) if row.kind == SIGNAL else (None, row.pk)


def _link(warning: EarlyWarning, found: Found) -> None:
    """Let the warning know these events; those it knows already stay."""
    rows = dict.fromkeys(_keys(row) for row in _not_linked(warning, [*found.inside, *found.beside]))
    WarningEvent.objects.bulk_create(
        WarningEvent(warning=warning, signal_id=signal, hazard_id=hazard) for signal, hazard in rows
    )


def _recorded(name: str, warning: EarlyWarning, actor: User) -> EarlyWarning:
    payload = {
        "watch": warning.watch.code, "type": warning.type.code, "method": warning.method, "stream": warning.stream,
        "level": warning.level, "observed": warning.observed, "expected": warning.expected,
        "recurrence_days": warning.recurrence_days, "recurrence_at_least": warning.recurrence_at_least,
        "first_day": warning.first_day.isoformat(), "last_day": warning.last_day.isoformat(),
    }  # fmt: skip
    events.record(name, warning, actor=actor, grant=Grant(Role.SYSTEM), payload=payload)
    return warning
