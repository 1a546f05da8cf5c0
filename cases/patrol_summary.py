"""A month of patrols in figures, per person and per team."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db.models import CharField, Count, F, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat

from cases.models import CheckIn, MissedPoint, Patrol, PatrolFinding
from cases.patrol_workflow import PatrolState
from governance.models import OrgUnit, User

YEARS = range(2000, 2101)
NAMES = ("planned", "finished", "missed", "cancelled", "points_reached", "points_missed", "findings")


@dataclass
class Figures:
    """What one person or team did. ``planned`` counts the rounds that were to be walked, so not the cancelled."""

    who: str
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(NAMES, 0))

    @property
    def share(self) -> int | None:
        """Points reached of those that were to be reached, in per cent."""
        asked = self.counts["points_reached"] + self.counts["points_missed"]
        return round(100 * self.counts["points_reached"] / asked) if asked else None


def month_of(text: str, today: date) -> date:
    """Return the first day of the month ``2026-11``; of this month for anything else, and for months far away."""
    try:
        asked = date.fromisoformat(f"{text}-01")
    except ValueError:
        return today.replace(day=1)
    return asked if asked.year in YEARS else today.replace(day=1)


def month_after(first: date) -> date:
    """Return the first day of the next month."""
    return (first + timedelta(days=32)).replace(day=1)


def summary_of(patrols: QuerySet[Patrol], first: date, key: str) -> list[Figures]:
    """Return the figures of the month that begins on ``first`` by ``key``: ``worker`` or ``unit``.

    ``patrols`` are those the reader may see. Five statements for any number of rounds. Rounds that nobody took stand
    under the name "".
    """
    rows = patrols.filter(date__gte=first, date__lt=month_after(first)).order_by()
    mine = Q(patrol__in=rows.values("pk"))
    found: dict[int | None, dict[str, int]] = {}
    _rounds(found, rows, key)
    pair = Concat(Cast("patrol_id", CharField()), Value("-"), Cast("point_id", CharField()))
    reached = CheckIn.objects.filter(mine, at_place=True, at__lte=F("patrol__ends_at"))
    _count(found, reached, key, "points_reached", Count(pair, distinct=True))
    _count(found, MissedPoint.objects.filter(mine), key, "points_missed", Count("pk"))
    _count(found, PatrolFinding.objects.filter(mine), key, "findings", Count("pk"))
    names = _names(found, key)
    figures = [Figures(names.get(pk, ""), counts) for pk, counts in found.items()]
    return sorted(figures, key=lambda row: (row.who == "", row.who))


def _rounds(found: dict, rows: QuerySet, key: str) -> None:
    states = {name: Count("pk", filter=Q(state=name)) for name in ("finished", "missed", "cancelled")}
    planned = Count("pk", filter=~Q(state=PatrolState.CANCELLED))
    for row in rows.values(of=F(f"{key}_id")).annotate(planned=planned, **states):
        found[row.pop("of")] = dict.fromkeys(NAMES, 0) | row


def _count(found: dict, rows: QuerySet, key: str, name: str, how: Count) -> None:
    for row in rows.order_by().values(of=F(f"patrol__{key}_id")).annotate(counted=how):
        found[row["of"]][name] = row["counted"]


def _names(keys: Iterable, key: str) -> dict[int, str]:
    model = {"worker": User, "unit": OrgUnit}[key]
    return {row.pk: str(row) for row in model.objects.filter(pk__in=[pk for pk in keys if pk is not None])}
