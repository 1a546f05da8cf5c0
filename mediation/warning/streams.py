"""Which events are counted where and when, and how often places were walked: read in a few statements.

A place is a community (village); events of its grids are its own, events of which only the township is known are
counted for the township alone. Reports: signals that repeat no other, and hazards that somebody reported (not found on
patrol, not made of a signal, not excluded). Patrols: hazards found on patrol, by finished rounds. Only what had been
received by the end of the last day counts, so looking back gives what was known then.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cached_property

import numpy as np
from django.db.models import Q
from django.db.models.functions import TruncDate

from cases.models import Patrol, PatrolState
from governance.clock import SHANGHAI
from governance.models import Area, AreaKind
from governance.surveillance.expectation import Neighbours, nearest
from governance.surveillance.repeats import counted_once
from mediation.models import Hazard, Signal
from mediation.prevention.states import HazardSource, HazardState
from mediation.warning.states import WarningStream

METRES_PER_DEGREE = 111_195  # of a great circle
SIGNAL, HAZARD = "signal", "hazard"
# History is unbroken while each so many days have a report; no test looks further back than so many of them
# (farrington: 287 weeks).
BLOCK, MOST_BLOCKS = 28, 73


@dataclass(frozen=True)
class Happening:
    """One event: what it is a row of, its type, and where and when it was. ``place``, ``street``: None where the area
    is larger."""

    kind: str
    pk: int
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


def happenings(ground: Ground, stream: str, first: date, last: date) -> list[Happening]:
    """Return the events of a stream from ``first`` to ``last`` that were known by the end of ``last``."""
    until = datetime.combine(last + timedelta(days=1), time(), SHANGHAI)
    rows = _finds(ground, first, until) if stream == WarningStream.PATROLS else _reports(ground, first, last, until)
    return sorted(rows, key=lambda row: (row.day, row.kind, row.pk))


def _reports(ground: Ground, first: date, last: date, until: datetime) -> Iterator[Happening]:
    signals = Signal.objects.events().filter(
        area__in=ground.areas, type__isnull=False, event_date__range=(first, last), received_at__lt=until
    )  # fmt: skip
    rows = list(
        signals.order_by("event_date", "pk").values_list("pk", "type_id", "area_id", "event_date", "complainant")
    )
    # Types and places may have been put right since repeats were looked for.
    keys = [
        ((caller, type_id, ground.place_of(area) or -area) if caller else None, day.toordinal())
        for _pk, type_id, area, day, caller in rows
    ]
    for (pk, type_id, area_id, day, _caller), counts in zip(rows, counted_once(keys), strict=True):
        if counts:
            yield _at(ground, SIGNAL, pk, type_id, area_id, day)
    others = ~Q(source=HazardSource.PATROL) & ~Q(origin_type=Signal._meta.label_lower)
    yield from _hazards(ground, others, first, until)


def _finds(ground: Ground, first: date, until: datetime) -> Iterator[Happening]:
    return _hazards(ground, Q(source=HazardSource.PATROL), first, until)


def _hazards(ground: Ground, which: Q, first: date, until: datetime) -> Iterator[Happening]:
    rows = Hazard.objects.filter(
        which, area__in=ground.areas, type__isnull=False, reported_at__lt=until, seen_at__lt=until,
        seen_at__gte=datetime.combine(first, time(), SHANGHAI),
    ).exclude(state=HazardState.EXCLUDED)  # fmt: skip
    for pk, type_id, area_id, seen_at in rows.order_by().values_list("pk", "type_id", "area_id", "seen_at"):
        yield _at(ground, HAZARD, pk, type_id, area_id, seen_at.astimezone(SHANGHAI).date())


def _at(ground: Ground, kind: str, pk: int, type_id: int, area_id: int, day: date) -> Happening:
    return Happening(kind, pk, type_id, area_id, ground.place_of(area_id), ground.street_of(area_id), day)


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


def rounds(ground: Ground, first: date, days: int) -> np.ndarray:
    """Return how many rounds were walked (places, days from ``first``). A round of a whole township counts nowhere."""
    last = first + timedelta(days=days - 1)
    found = np.zeros((len(ground.places), days))
    walked = Patrol.objects.filter(area__in=ground.areas, state=PatrolState.FINISHED, date__range=(first, last))
    for area_id, day in walked.order_by().values_list("area_id", "date"):
        place = ground.place_of(area_id)
        if place is not None:
            found[place, (day - first).days] += 1
    return found


def first_day_of(ground: Ground, day: date) -> date | None:
    """Return from when reports are kept without a break up to ``day``: back over blocks of ``BLOCK`` days as long as
    each has one. Before it, nothing was recorded, which is not that nothing was; a stray older record changes nothing.
    """
    first = day - timedelta(days=BLOCK * MOST_BLOCKS - 1)
    moments = [datetime.combine(one, time(), SHANGHAI) for one in (first, day + timedelta(days=1))]
    signals = Signal.objects.filter(area__in=ground.areas, event_date__range=(first, day)).order_by()
    hazards = Hazard.objects.filter(area__in=ground.areas, seen_at__gte=moments[0], seen_at__lt=moments[1]).order_by()
    on = TruncDate("seen_at", tzinfo=SHANGHAI)
    known = {*signals.values_list("event_date", flat=True).distinct(), *hazards.values_list(on, flat=True).distinct()}
    earliest: dict[int, date] = {}
    for one in known:
        number = (day - one).days // BLOCK
        earliest[number] = min(one, earliest.get(number, one))
    unbroken = next(number for number in range(MOST_BLOCKS + 1) if number not in earliest)
    return earliest[unbroken - 1] if unbroken else None
