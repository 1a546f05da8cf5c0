"""The counts behind the overview: three statements over small parts of the table, added up here.

The parts are the open cases, those reported within a day and those closed within a week; each is found by an index, so
that the cost follows what is under way and not how many cases there ever were. They are counted per category and zone,
an area as small as is shown (in a city of a thousand grids hardly two cases share grid and category): scenes and areas
are sums of such cells, taken here. (Narrowed to a scene, the database would plan each statement anew,
and often badly: it cannot know how many cases a scene has.)
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property

from django.db.models import BigIntegerField, CharField, Count, F, FloatField, Func, IntegerField, Q, QuerySet, Value
from django.db.models.functions import Cast, Coalesce, Extract, Floor, Greatest, NullIf
from django.utils import timezone

from cases.models import CaseState
from cases.overview.querysets import DONE_AT, KEPT, open_cases
from governance.models import AreaKind

HOURS = 24  # of the trend
DAYS = 7  # over which kept promises are counted, today included
BEFORE = -1  # the hour of what happened before the trend begins


@dataclass(frozen=True)
class Moments:
    """What "now", "today" and "lately" are for one overview; days and hours are those of Asia/Shanghai.

    Each is worked out once: thousands of counts are compared with them.
    """

    now: datetime

    @cached_property
    def midnight(self) -> datetime:
        return timezone.localtime(self.now).replace(hour=0, minute=0, second=0, microsecond=0)

    @cached_property
    def week(self) -> datetime:
        return self.midnight - timedelta(days=DAYS - 1)

    @cached_property
    def hours(self) -> list[datetime]:
        """The beginnings of the last 24 hours, oldest first; midnight is one of them."""
        this = timezone.localtime(self.now).replace(minute=0, second=0, microsecond=0)
        return [this - timedelta(hours=back) for back in reversed(range(HOURS))]

    @cached_property
    def today(self) -> int:
        """The place of midnight among the hours."""
        return self.hours.index(self.midnight)


@dataclass
class Counts:
    """What is counted of a group of cases; closed ones of the last ``DAYS`` days in ``promised`` and ``kept``."""

    open: int = 0
    overdue: int = 0
    reported: int = 0
    closed: int = 0
    promised: int = 0
    kept: int = 0

    def add(self, other: "Counts") -> None:
        """Add another group."""
        self.open += other.open
        self.overdue += other.overdue
        self.reported += other.reported
        self.closed += other.closed
        self.promised += other.promised
        self.kept += other.kept


Cell = tuple[int | None, int]  # category and zone


@dataclass
class Cells:
    """Counts by (category, zone); of the open cases also by state, of reported and closed ones by hour of the trend."""

    counts: dict[Cell, Counts] = field(default_factory=lambda: defaultdict(Counts))
    states: dict[Cell, Counter] = field(default_factory=lambda: defaultdict(Counter))
    reported: dict[Cell, Counter] = field(default_factory=lambda: defaultdict(Counter))
    closed: dict[Cell, Counter] = field(default_factory=lambda: defaultdict(Counter))

    def only(self, keep: Callable[[int | None, int], bool]) -> "Cells":
        """Return the cells of which ``keep(category, zone)`` is true."""
        kept = {cell for cell in {*self.counts, *self.states, *self.reported, *self.closed} if keep(*cell)}
        return Cells(
            *({cell: row for cell, row in part.items() if cell in kept}
              for part in (self.counts, self.states, self.reported, self.closed))
        )  # fmt: skip


def zone_of(kind: str):
    """Return, as an expression over cases, the key of the area of this kind that holds one, or of its own if larger."""
    # A path is /city/district/.../: the first part of split_part is empty.
    place = Value(AreaKind.values.index(kind) + 2)
    part = Func(F("area__path"), Value("/"), place, function="split_part", output_field=CharField())
    return Coalesce(Cast(NullIf(part, Value("")), BigIntegerField()), F("area_id"), output_field=BigIntegerField())


def cells_of(cases: QuerySet, moments: Moments, kind: str) -> Cells:
    """Count ``cases`` (those the reader may see), by zones of a kind of area; three statements."""
    cells, cases = Cells(), cases.annotate(zone=zone_of(kind))
    _count_open(cells, cases, moments)
    _count_reported(cells, cases, moments)
    _count_closed(cells, cases, moments)
    return cells


def _count_open(cells: Cells, cases: QuerySet, moments: Moments) -> None:
    late = Count("pk", filter=Q(due_at__lt=moments.now))
    rows = open_cases(cases).order_by().values_list("category_id", "zone", "state")
    for category, zone, state, number, overdue in rows.annotate(number=Count("*"), late=late):
        cells.counts[category, zone].open += number
        cells.counts[category, zone].overdue += overdue
        cells.states[category, zone][state] += number


def _count_reported(cells: Cells, cases: QuerySet, moments: Moments) -> None:
    fresh = cases.filter(reported_at__gte=moments.hours[0], reported_at__lte=moments.now)
    rows = fresh.order_by().values_list("category_id", "zone", _hour("reported_at", moments))
    for category, zone, hour, number in rows.annotate(number=Count("*")):
        cells.reported[category, zone][hour] += number
        if hour >= moments.today:
            cells.counts[category, zone].reported += number


def _count_closed(cells: Cells, cases: QuerySet, moments: Moments) -> None:
    closed = cases.filter(state=CaseState.CLOSED, closed_at__gte=moments.week, closed_at__lte=moments.now)
    rows = closed.alias(done_at=DONE_AT).order_by()
    rows = rows.values_list("category_id", "zone", _hour("closed_at", moments))
    figures = {"promised": Count("promised_at"), "kept": Count("pk", filter=KEPT)}
    for category, zone, hour, number, promised, kept in rows.annotate(number=Count("*"), **figures):
        cell = cells.counts[category, zone]
        cell.promised += promised
        cell.kept += kept
        cells.closed[category, zone][hour] += number
        if hour >= moments.today:
            cell.closed += number


def _hour(name: str, moments: Moments):
    """Return the place of a time among the hours of the trend; ``BEFORE`` for all earlier ones."""
    begins = Value(moments.hours[0].timestamp(), FloatField())
    # Said to be UTC: in local time the epoch would be shifted by the offset.
    past = Cast(Extract(name, "epoch", tzinfo=UTC), FloatField()) - begins
    return Greatest(Cast(Floor(past / Value(3600.0)), IntegerField()), Value(BEFORE))


def added(cells: Iterable[Counts]) -> Counts:
    """Return the sum of cells."""
    total = Counts()
    for cell in cells:
        total.add(cell)
    return total


def by_key(cells: Iterable[Counter]) -> Counter:
    """Return the sum of counters."""
    total: Counter = Counter()
    for cell in cells:
        total.update(cell)
    return total
