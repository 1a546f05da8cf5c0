"""Which events are counted where and when, and how often places were walked: read in a few statements.

A place is a community (village); events of its grids are its own, events of which only the township is known are
counted for the township alone. An event has one origin: hotline, petitions, opinion (signals that repeat no other, by
whatever way, and hazards that a person entered from there), patrols (hazards found there, by finished rounds), or that
somebody told it (other hazards). What was excluded, or made of a signal, does not count. Only what had been received by
the end of the last day counts, so looking back gives what was known then.

Streams are made of origins: each by itself, and all reports together, which finds what every way hears a little of. The
false-alarm rate of a type is one for all its streams: each has a share of it (``shares``).
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cached_property
from itertools import count

import numpy as np
from django.db.models import Case, Min, Q, When
from django.db.models.functions import Coalesce, TruncDate

from cases.models import Patrol, PatrolState
from governance.clock import SHANGHAI
from governance.models import Area, AreaKind
from governance.surveillance.expectation import Neighbours, nearest
from governance.surveillance.repeats import counted_once
from governance.surveillance.usual import LONGEST
from mediation.models import Hazard, Signal
from mediation.prevention.states import HazardSource, HazardState
from mediation.warning.states import ALONE, TOLD, WarningStream

METRES_PER_DEGREE = 111_195  # of a great circle
SIGNAL, HAZARD = "signal", "hazard"
# History is unbroken while each so many days have a report; no test looks further back than so many of them
# (farrington: 287 weeks).
BLOCK, MOST_BLOCKS = 28, 73
# One origin may be rare: it is kept without a break while each so many days have a report of it.
RARE_BLOCK = 3 * BLOCK
# What all reports together have of the false-alarm rate; the rest is shared among the origins by themselves [J].
TOGETHER = 0.5
REPORTED = {
    HazardSource.PATROL: WarningStream.PATROLS, HazardSource.HOTLINE: WarningStream.HOTLINE,
    HazardSource.PETITION: WarningStream.PETITION, HazardSource.OPINION: WarningStream.OPINION,
}  # fmt: skip


@dataclass(frozen=True)
class Happening:
    """One event: what it is a row of, by which way it came, its type, and where and when it was. ``place``, ``street``:
    None where the area is larger."""

    kind: str
    pk: int
    origin: str
    type_id: int
    area_id: int
    place: int | None
    street: int | None
    day: date


@dataclass(frozen=True)
class Ground:
    """The communities and townships of a watched area; places and streets are numbers in these lists."""

    areas: dict[int, Area]
    places: list[Area]
    streets: list[Area]
    _place: dict[int, int] = field(default_factory=dict)
    _street: dict[int, int] = field(default_factory=dict)

    @classmethod
    def of(cls, top: Area) -> "Ground":
        """Read the ground of an area in use, without boundaries."""
        rows = Area.objects.filter(path__startswith=top.path, is_active=True).defer("boundary").order_by("code")
        areas = {area.pk: area for area in rows}
        places = [area for area in areas.values() if area.kind == AreaKind.COMMUNITY]
        streets = [area for area in areas.values() if area.kind == AreaKind.STREET]
        numbers = {area.pk: number for number, area in enumerate(places)}
        towns = {area.pk: number for number, area in enumerate(streets)}
        at = {area.pk: next((numbers[key] for key in area.lineage if key in numbers), None) for area in areas.values()}
        under = {area.pk: next((towns[key] for key in area.lineage if key in towns), None) for area in areas.values()}
        return cls(areas, places, streets, at, under)

    def place_of(self, area_id: int) -> int | None:
        """Return the place an area is or lies in."""
        return self._place.get(area_id)

    def street_of(self, area_id: int) -> int | None:
        """Return the township an area is or lies in."""
        return self._street.get(area_id)

    @cached_property
    def near(self) -> Neighbours:
        """Each community's nearest ones, by the middles of their boundaries; without one, of the area above."""
        middles = np.array([self._middle(area) for area in self.places])
        x = middles[:, 0] * np.cos(np.radians(middles[:, 1].mean())) * METRES_PER_DEGREE
        return nearest(x, middles[:, 1] * METRES_PER_DEGREE)

    def _middle(self, area: Area) -> tuple[float, float]:
        for key in reversed(area.lineage):
            found = self.areas.get(key)
            if found is not None and found.west is not None:
                return (found.west + found.east) / 2, (found.south + found.north) / 2
        return 0.0, 0.0


def happenings(ground: Ground, first: date, last: date) -> list[Happening]:
    """Return the events from ``first`` to ``last`` that were known by the end of ``last``."""
    until = datetime.combine(last + timedelta(days=1), time(), SHANGHAI)
    rows = [*_signals(ground, first, last, until), *_hazards(ground, first, until)]
    return sorted(rows, key=lambda row: (row.day, row.kind, row.pk))


def received_late(ground: Ground, day: date, span: int) -> dict[tuple[str, int], date]:
    """Return the day of each event (kind and key) of the longest window before the last ``span`` days that was received
    in these."""
    first, last = day - timedelta(days=LONGEST - 1), day - timedelta(days=span)
    since, until = (datetime.combine(one + timedelta(days=1), time(), SHANGHAI) for one in (last, day))
    signals = Signal.objects.filter(
        area__in=ground.areas, event_date__range=(first, last), received_at__gte=since, received_at__lt=until
    )
    hazards = Hazard.objects.filter(
        area__in=ground.areas, reported_at__gte=since, reported_at__lt=until, seen_at__lt=since,
        seen_at__gte=datetime.combine(first, time(), SHANGHAI),
    )  # fmt: skip
    found = {(SIGNAL, pk): one for pk, one in signals.order_by().values_list("pk", "event_date")}
    seen = hazards.order_by().values_list("pk", TruncDate("seen_at", tzinfo=SHANGHAI))
    return found | {(HAZARD, pk): one for pk, one in seen}


def _signals(ground: Ground, first: date, last: date, until: datetime) -> Iterator[Happening]:
    signals = Signal.objects.events().filter(
        ~Q(hazard__state=HazardState.EXCLUDED),
        Q(type__isnull=False) | Q(hazard__type_guessed=False),
        area__in=ground.areas, event_date__range=(first, last), received_at__lt=until,
    )  # fmt: skip
    about = Case(When(hazard__type_guessed=False, then="hazard__type_id"), default="type_id")
    columns = ("pk", "channel", about, Coalesce("hazard__area_id", "area_id"), "event_date", "complainant")
    rows = list(signals.order_by("event_date", "pk").values_list(*columns))
    # Types and places may have been put right since repeats were looked for.
    keys = [
        ((caller, type_id, ground.place_of(area) or -area) if caller else None, day.toordinal())
        for _pk, _channel, type_id, area, day, caller in rows
    ]
    for (pk, channel, type_id, area_id, day, _caller), counts in zip(rows, counted_once(keys), strict=True):
        if counts:
            yield _at(ground, SIGNAL, pk, channel, type_id, area_id, day)


def _hazards(ground: Ground, first: date, until: datetime) -> Iterator[Happening]:
    rows = Hazard.objects.filter(
        ~Q(origin_type=Signal._meta.label_lower), area__in=ground.areas, type__isnull=False, reported_at__lt=until,
        seen_at__lt=until, seen_at__gte=datetime.combine(first, time(), SHANGHAI),
    ).exclude(state=HazardState.EXCLUDED)  # fmt: skip
    columns = ("pk", "source", "type_id", "area_id", "seen_at")
    for pk, source, type_id, area_id, seen_at in rows.order_by().values_list(*columns):
        day = seen_at.astimezone(SHANGHAI).date()
        yield _at(ground, HAZARD, pk, REPORTED.get(source, TOLD), type_id, area_id, day)


def _at(ground: Ground, kind: str, pk: int, origin: str, type_id: int, area_id: int, day: date) -> Happening:
    return Happening(kind, pk, str(origin), type_id, area_id, ground.place_of(area_id), ground.street_of(area_id), day)


def streams_of(rows: Sequence[Happening], origins: Collection[str]) -> dict[str, list[Happening]]:
    """Return the streams that events of one type make, of these origins: those by themselves that have any, and all
    reports together where that is more than one of them."""
    by_origin = defaultdict(list)
    for row in rows:
        if row.origin in origins:
            by_origin[row.origin].append(row)
    found = {str(one): by_origin[one] for one in ALONE if one in by_origin}
    reports = [origin for origin in by_origin if origin != WarningStream.PATROLS]
    if len(reports) > 1 or reports == [TOLD]:
        together = [row for row in rows if row.origin in reports]
        found = {str(WarningStream.REPORTS): together} | found
    return found


def shares(streams: Collection[str]) -> dict[str, float]:
    """Return what each of these streams of a type has of its false-alarm rate. Origins are independent of each other,
    so that the rates add up; all reports together are not, which makes the whole a little rarer than stated."""
    together = TOGETHER if WarningStream.REPORTS in streams and len(streams) > 1 else 0.0
    alone = [one for one in streams if not together or one != WarningStream.REPORTS]
    found = {one: (1 - together) / len(alone) for one in alone}
    return found | ({str(WarningStream.REPORTS): together} if together else {})


def by_type(rows: Iterable[Happening]) -> dict[int, list[Happening]]:
    """Sort events by dispute type."""
    found = defaultdict(list)
    for row in rows:
        found[row.type_id].append(row)
    return found


def counted(rows: Iterable[Happening], first: date, days: int, number: int, where: str) -> np.ndarray:
    """Return the counts (``number`` places or streets, days from ``first``)."""
    counts = np.zeros((number, days), np.int32)
    for row in rows:
        at, day = getattr(row, where), (row.day - first).days
        if at is not None and 0 <= day < days:
            counts[at, day] += 1
    return counts


def rounds(ground: Ground, first: date, days: int, where: str = "place") -> np.ndarray:
    """Return how many rounds were walked (places or streets, days from ``first``). A round of a whole township counts
    for no place."""
    last = first + timedelta(days=days - 1)
    number_of, number = (
        (ground.place_of, len(ground.places)) if where == "place" else (ground.street_of, len(ground.streets))
    )
    found = np.zeros((number, days))
    walked = _walked(ground).filter(date__range=(first, last))
    for area_id, day in walked.order_by().values_list("area_id", "date"):
        at = number_of(area_id)
        if at is not None:
            found[at, (day - first).days] += 1
    return found


def _walked(ground: Ground):
    return Patrol.objects.filter(area__in=ground.areas, state=PatrolState.FINISHED)


def first_days_of(ground: Ground, day: date) -> dict[str, date]:
    """Return from when each origin is kept without a break up to ``day``; none where nothing is.

    That is back over blocks of ``BLOCK`` days as long as each has a report of any origin: before it, nothing was
    recorded, which is not that nothing was; a stray older record changes nothing. One origin that began to be brought
    in lately is new: against the years before it would be an alarm everywhere. Patrols: since the first round.
    """
    known = _days_of(ground, day)
    whole = _unbroken(set().union(*known.values()), day, BLOCK)
    if whole is None:
        return {}
    found = {origin: _unbroken(days, day, RARE_BLOCK) for origin, days in known.items()}
    walked = _walked(ground).filter(date__range=(whole, day))
    found[str(WarningStream.PATROLS)] = walked.aggregate(first=Min("date"))["first"]
    return {origin: max(first, whole) for origin, first in found.items() if first is not None}


def _days_of(ground: Ground, day: date) -> dict[str, set[date]]:
    """Return the days that have a record, by origin."""
    first = day - timedelta(days=BLOCK * MOST_BLOCKS - 1)
    moments = [datetime.combine(one, time(), SHANGHAI) for one in (first, day + timedelta(days=1))]
    signals = Signal.objects.filter(area__in=ground.areas, event_date__range=(first, day)).order_by()
    hazards = Hazard.objects.filter(area__in=ground.areas, seen_at__gte=moments[0], seen_at__lt=moments[1]).order_by()
    on = TruncDate("seen_at", tzinfo=SHANGHAI)
    found = defaultdict(set)
    for channel, one in signals.values_list("channel", "event_date").distinct():
        found[str(channel)].add(one)
    for source, one in hazards.values_list("source", on).distinct():
        found[str(REPORTED.get(source, TOLD))].add(one)
    return found


def _unbroken(known: Collection[date], day: date, block: int) -> date | None:
    """Return the earliest of the days back to which each block of so many days has one."""
    earliest: dict[int, date] = {}
    for one in known:
        number = (day - one).days // block
        earliest[number] = min(one, earliest.get(number, one))
    unbroken = next(number for number in count() if number not in earliest)
    return earliest[unbroken - 1] if unbroken else None
