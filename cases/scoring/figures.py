"""Counting: figures of every indicator by a dimension, over live or frozen facts. One way for pages, API and periods.

Each group of indicators that share facts, moment and unit is one statement, whatever the number of rows.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Aggregate, Count, DateTimeField, FloatField, Func, IntegerField, Q, QuerySet, Value
from django.db.models.functions import Extract
from django.utils.translation import gettext as _

from cases.models import CaseCategory, CaseFact, Excluded, FactCursor, ScoreFormula, SpellFact
from cases.scoring.dimensions import Dimension
from cases.scoring.indicators import ALL, SPELL, STANDS, Indicator
from governance.clock import SHANGHAI
from governance.errors import Invalid
from governance.models import Area

LONGEST = 366  # days of a live figure


@dataclass(frozen=True)
class Days:
    """Whole days from ``first`` to ``last``, both included, Asia/Shanghai."""

    first: date
    last: date

    def __post_init__(self):
        if self.last < self.first:
            raise Invalid(_("The last day lies before the first."), field="last", code="invalid")
        if (self.last - self.first).days >= LONGEST:
            raise Invalid(_("At most %(most)s days.") % {"most": LONGEST}, field="last", code="too_long")

    @property
    def start(self) -> datetime:
        """The first moment."""
        return _midnight(self.first)

    @property
    def end(self) -> datetime:
        """The first moment after."""
        return _midnight(self.last + timedelta(days=1))


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=SHANGHAI)


@dataclass(frozen=True)
class Figure:
    """One indicator of one unit, area or scene. A duration has no ``numerator``; its ``value`` is seconds."""

    denominator: int
    numerator: int | None = None
    seconds: float | None = None

    @property
    def share(self) -> Fraction | None:
        """The exact share, None over nothing."""
        if self.numerator is None or not self.denominator:
            return None
        return Fraction(self.numerator, self.denominator)

    @property
    def value(self) -> float | None:
        """The share from 0 to 1, or seconds."""
        return self.seconds if self.numerator is None else None if self.share is None else float(self.share)

    def as_json(self) -> dict:
        return {"numerator": self.numerator, "denominator": self.denominator, "value": self.value}

    @classmethod
    def of_json(cls, told: dict) -> "Figure":
        seconds = told["value"] if told["numerator"] is None else None
        return cls(told["denominator"], told["numerator"], seconds)


Figures = dict[str, Figure]


@dataclass(frozen=True)
class Ground:
    """The facts that figures are counted from, and the moment up to which deadlines have come."""

    spells: QuerySet
    cases: QuerySet
    as_of: datetime

    def rows(self, base: str) -> QuerySet:
        """Return the facts of a kind."""
        return self.spells if base == SPELL else self.cases

    def filtered(self, found: Q) -> "Ground":
        """Return the same without what ``found`` does not hold for."""
        return Ground(self.spells.filter(found), self.cases.filter(found), self.as_of)

    def of_indicator(self, indicator: Indicator, days: Days) -> QuerySet:
        """Return the facts whose moment lies in the days (and has come)."""
        end = min(days.end, self.as_of) if indicator.deadline else days.end
        return self.rows(indicator.base).within(indicator.moment, days.start, end)


def live_ground(user, *, area: Area | None = None, formula: ScoreFormula | None = None) -> Ground:
    """Return the facts as they stand that ``user`` may see, under ``area``, without what ``formula`` leaves out."""
    cursor = FactCursor.objects.first()
    ground = Ground(
        SpellFact.objects.visible_to(user),
        CaseFact.objects.visible_to(user),
        cursor.as_of if cursor else datetime.min.replace(tzinfo=SHANGHAI),
    )
    if area is not None:
        ground = ground.filtered(Q(area__path__startswith=area.path))
    return ground.filtered(kept_by(formula)) if formula is not None else ground


def kept_by(formula: ScoreFormula) -> Q:
    """Return the condition of facts that a formula does not leave out."""
    left_out = Q(pk__in=[])
    for exclusion in formula.exclusions.all():
        if exclusion.source:
            left_out |= Q(source=exclusion.source)
        else:
            left_out |= Q(category__in=CaseCategory.objects.filter(_of(exclusion.category_id)).values("pk"))
    return ~left_out


def _of(category_id: int) -> Q:
    return Q(pk=category_id) | Q(parent=category_id)


class Percentile(Aggregate):
    """A percentile of seconds, interpolated as PostgreSQL's ``percentile_cont`` does."""

    template = "percentile_cont(%(share)s) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = FloatField()

    def __init__(self, length, share: float, **options):
        seconds = Extract(models.ExpressionWrapper(length, models.DurationField()), "epoch")
        super().__init__(seconds, share=share, **options)


def _aggregates(indicators: Iterable[Indicator]) -> dict[str, Aggregate]:
    found = {}
    for one in indicators:
        found[f"{one.key}_of"] = Count("pk", filter=one.denominator)
        if one.is_share:
            found[one.key] = Count("pk", filter=one.denominator & one.numerator)
        else:
            found[one.key] = Percentile(one.length, one.share_at, filter=one.denominator)
    return found


def _figure(indicator: Indicator, row: dict) -> Figure:
    size, value = row[f"{indicator.key}_of"], row[indicator.key]
    return Figure(size, value) if indicator.is_share else Figure(size, None, value)


def _groups(indicators: Sequence[Indicator]) -> dict[tuple, list[Indicator]]:
    groups = defaultdict(list)
    for one in indicators:
        groups[one.base, one.moment, one.unit].append(one)
    return groups


NOTHING = {one.key: Figure(0, 0) if one.is_share else Figure(0) for one in ALL}


def figures_by(ground: Ground, days: Days, dimension: Dimension, indicators: Sequence[Indicator] = ALL,
               ) -> dict[int | None, Figures]:  # fmt: skip
    """Return the figures by key of the dimension; keys without any fact are absent. One statement a group."""
    found: dict[int | None, Figures] = {}
    for group in _groups(indicators).values():
        rows = dimension.keyed(ground.of_indicator(group[0], days), group[0])
        for row in rows.order_by().values("key").annotate(**_aggregates(group)):
            own = found.setdefault(row["key"], {one.key: NOTHING[one.key] for one in indicators})
            own |= {one.key: _figure(one, row) for one in group}
    return {key: own for key, own in found.items() if any(figure.denominator for figure in own.values())}


def whole(ground: Ground, days: Days, indicators: Sequence[Indicator] = ALL) -> Figures:
    """Return the figures of all facts together."""
    found = {one.key: NOTHING[one.key] for one in indicators}
    for group in _groups(indicators).values():
        row = ground.of_indicator(group[0], days).aggregate(**_aggregates(group))
        found |= {one.key: _figure(one, row) for one in group}
    return found


Key = tuple[Dimension, int | None]


def months(ground: Ground, days: Days, indicators: Sequence[Indicator], of: Key | None = None) -> dict[date, Figures]:
    """Return the figures by month (its first day), oldest first: of one key of a dimension, or of all together."""
    found: dict[date, Figures] = {}
    firsts = _firsts(days)
    for group in _groups(indicators).values():
        rows = ground.of_indicator(group[0], days)
        if of is not None:
            rows = of[0].of(rows, group[0], of[1])
        rows = rows.annotate(month=_Bucket(group[0].moment, [_midnight(first) for first in firsts]))
        for row in rows.order_by().values("month").annotate(**_aggregates(group)):
            month = firsts[row["month"] - 1]
            found.setdefault(month, {}).update({one.key: _figure(one, row) for one in group})
    return dict(sorted(found.items()))


def _firsts(days: Days) -> list[date]:
    """Return the first days of the months that the days lie in, oldest first."""
    months = range(days.first.year * 12 + days.first.month - 1, days.last.year * 12 + days.last.month)
    return [date(month // 12, month % 12 + 1, 1) for month in months]


class _Bucket(Func):
    """Which of ``starts`` (ascending) a moment comes after, from 1. Looked up, as working out the local month of each
    of some 500,000 moments takes three times as long."""

    function = "width_bucket"
    output_field = IntegerField()

    def __init__(self, moment: str, starts: Sequence[datetime]):
        super().__init__(moment, Value(list(starts), ArrayField(DateTimeField())))


WITHDRAWN = "withdrawn"


def left_out_by(ground: Ground, days: Days, dimension: Dimension) -> dict[int | None, dict[str, int]]:
    """Return, by key, how many turns due in the days do not count, by reason; one statement."""
    due = next(one for one in ALL if one.moment == "due_at")
    counts = {reason: Count("pk", filter=Q(excluded=reason)) for reason in Excluded.values}
    counts[WITHDRAWN] = Count("pk", filter=Q(excluded="", withdrawn=True))
    rows = dimension.keyed(ground.of_indicator(due, days).exclude(STANDS), due)
    found = {}
    for row in rows.order_by().values("key").annotate(**counts):
        found[row["key"]] = {reason: row[reason] for reason in counts if row[reason]}
    return found
