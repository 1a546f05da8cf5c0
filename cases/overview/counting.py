"""The counts behind the overview: three statements over small parts of the table, added up here.

The parts are the open cases, those reported within a day and those closed within a week; each is found by an index, so
that the cost follows what is under way and not how many cases there ever were. Cells are counted per category and area:
scenes and areas are sums of cells.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta

from django.db.models import Case as Choose
from django.db.models import Count, DateTimeField, Q, QuerySet, When
from django.db.models.functions import TruncHour
from django.utils import timezone

from cases.models import CaseState
from cases.overview.querysets import DONE_AT, KEPT, open_cases

HOURS = 24  # of the trend
DAYS = 7  # over which kept promises are counted, today included


@dataclass(frozen=True)
class Moments:
    """What "now", "today" and "lately" are for one overview; midnights are those of Asia/Shanghai."""

    now: datetime

    @property
    def midnight(self) -> datetime:
        return timezone.localtime(self.now).replace(hour=0, minute=0, second=0, microsecond=0)

    @property
    def week(self) -> datetime:
        return self.midnight - timedelta(days=DAYS - 1)

    @property
    def hours(self) -> list[datetime]:
        """The beginnings of the last 24 hours, oldest first."""
        this = timezone.localtime(self.now).replace(minute=0, second=0, microsecond=0)
        return [this - timedelta(hours=back) for back in reversed(range(HOURS))]

    @property
    def since(self) -> datetime:
        """From when on cases are counted by the hour: the trend and all of today."""
        return min(self.midnight, self.hours[0])


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
        for one in fields(self):
            setattr(self, one.name, getattr(self, one.name) + getattr(other, one.name))


@dataclass
class Cells:
    """Counts by (category, area), states of the open cases, reported and closed cases by hour."""

    counts: dict[tuple[int | None, int], Counts] = field(default_factory=lambda: defaultdict(Counts))
    states: Counter = field(default_factory=Counter)
    reported: Counter = field(default_factory=Counter)
    closed: Counter = field(default_factory=Counter)


def cells_of(cases: QuerySet, moments: Moments) -> Cells:
    """Count ``cases`` (those the reader may see); three statements."""
    cells = Cells()
    late = Count("pk", filter=Q(due_at__lt=moments.now))
    for row in _grouped(open_cases(cases), "state").annotate(number=Count("pk"), late=late):
        cell = cells.counts[row["category_id"], row["area_id"]]
        cell.open += row["number"]
        cell.overdue += row["late"]
        cells.states[row["state"]] += row["number"]
    hour = TruncHour("reported_at")
    fresh = cases.filter(reported_at__gte=moments.since, reported_at__lte=moments.now)
    for row in _grouped(fresh, hour=hour).annotate(number=Count("pk")):
        cells.reported[row["hour"]] += row["number"]
        if row["hour"] >= moments.midnight:
            cells.counts[row["category_id"], row["area_id"]].reported += row["number"]
    _count_closed(cells, cases, moments)
    return cells


def _count_closed(cells: Cells, cases: QuerySet, moments: Moments) -> None:
    lately = Choose(When(closed_at__gte=moments.since, then="closed_at"), output_field=DateTimeField())
    closed = cases.filter(state=CaseState.CLOSED, closed_at__gte=moments.week, closed_at__lte=moments.now)
    promised = Count("pk", filter=Q(promised_at__isnull=False))
    rows = _grouped(closed.alias(done_at=DONE_AT), hour=TruncHour(lately))
    for row in rows.annotate(number=Count("pk"), promised=promised, kept=Count("pk", filter=KEPT)):
        cell = cells.counts[row["category_id"], row["area_id"]]
        cell.promised += row["promised"]
        cell.kept += row["kept"]
        if row["hour"] is not None:
            cells.closed[row["hour"]] += row["number"]
            if row["hour"] >= moments.midnight:
                cell.closed += row["number"]


def _grouped(cases: QuerySet, *names: str, **expressions) -> QuerySet:
    return cases.order_by().values("category_id", "area_id", *names, **expressions)


def added(cells: Iterable[Counts]) -> Counts:
    """Return the sum of cells."""
    total = Counts()
    for cell in cells:
        total.add(cell)
    return total
