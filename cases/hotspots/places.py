"""Where the cases are: counts, rates and change by hexagon or by area."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from django.db import connection
from django.db.models import Count

from cases.hotspots.asking import BOTH, Question
from cases.hotspots.cells import FINEST, centre_of, larger_sql, name_of, outline_of
from governance.models import Area, AreaKind, Dwelling, DwellingUse
from governance.surveillance import false_discovery, rate_change

# Of the changes called so, about one in twenty is chance.
BELIEVED = 0.05
# A rate of fewer dwellings says nothing [J].
LEAST_DWELLINGS = 50


@dataclass(frozen=True)
class Counted:
    """Counts of one place or type. ``ratio`` is the daily rate against the days before (None: nothing before);
    ``p_value`` that of equal rates; ``changed``: 1 more, -1 fewer, 0 not to be told from chance among all compared.
    """

    cases: int
    reports: int
    before: int
    per_day: float
    ratio: float | None
    p_value: float
    changed: int


@dataclass(frozen=True)
class CellCount:
    """One hexagon: its name (hexadecimal), the ring of its corners and its middle in WGS-84 (longitude, latitude)."""

    cell: str
    counted: Counted

    @property
    def number(self) -> int:
        return int(self.cell, 16)

    @property
    def outline(self) -> list[list[float]]:
        return outline_of(self.number)

    @property
    def centre(self) -> tuple[float, float]:
        return centre_of(self.number)


@dataclass(frozen=True)
class AreaCount:
    """One area; ``dwellings`` lived in, as the registry knows them, and cases per 1,000 of them (None: too few)."""

    area: Area
    counted: Counted
    dwellings: int
    per_1000_dwellings: float | None


@dataclass(frozen=True)
class Sums:
    """All that a question counts, also what lies in no cell, and how many places there are."""

    counted: Counted
    unplaced: int
    places: int


def judged(question: Question, rows: list[tuple]) -> list[Counted]:
    """Turn (cases, reports, before) into rates and changes; what is believed depends on all rows together."""
    if not rows:
        return []
    now, reports, before = (np.array(column) for column in zip(*rows, strict=True))
    days = question.window.days
    ratio, p = rate_change(now, before, days_now=days, days_before=days)
    believed = false_discovery(p) <= BELIEVED
    return [
        Counted(
            cases=int(now[place]), reports=int(reports[place]), before=int(before[place]),
            per_day=round(float(now[place]) / days, 2), ratio=round(float(ratio[place]), 2) if before[place] else None,
            p_value=float(p[place]), changed=int(believed[place]) * (1 if now[place] > before[place] else -1),
        )
        for place in range(len(rows))
    ]  # fmt: skip


def asked(question: Question, sql: str) -> list[tuple]:
    """Return the rows of a statement with the question's parameters."""
    with connection.cursor() as cursor:
        cursor.execute(sql, question.parameters)
        return cursor.fetchall()


def by_cell(question: Question, resolution: int = FINEST) -> tuple[list[CellCount], Sums]:
    """Return every hexagon with cases in the window or the one before, most cases first, and the sums."""
    cell = "cell" if resolution == FINEST else larger_sql("cell", resolution)
    rows = asked(question, f"SELECT place, {BOTH} FROM ({question.rows(f'{cell} AS place')}) AS counted GROUP BY 1")
    placed = [row for row in rows if row[0] is not None and (row[1] or row[3])]
    unplaced = sum(row[1] for row in rows if row[0] is None)
    counts = judged(question, [row[1:] for row in placed])
    cells = [CellCount(name_of(row[0]), counted) for row, counted in zip(placed, counts, strict=True)]
    cells.sort(key=lambda found: (-found.counted.cases, -found.counted.before, found.cell))
    return cells, _sums(question, [row[1:] for row in rows], unplaced, len(cells))


def _sums(question: Question, rows: Iterable[tuple], unplaced: int, places: int) -> Sums:
    whole = tuple(map(sum, zip(*rows, strict=True))) or (0, 0, 0)
    return Sums(judged(question, [whole])[0], unplaced, places)


def level_below(question: Question) -> str:
    """Return the kind of area just under the largest asked about: what a reader compares."""
    kinds = AreaKind.values
    largest = min((kinds.index(area.kind) for area in question.scope.tops), default=len(kinds) - 1)
    return kinds[min(largest + 1, len(kinds) - 1)]


def by_area(question: Question, kind: str) -> tuple[list[AreaCount], Sums]:
    """Return the areas of this kind in scope, most cases first; cases of a larger area stand under that one."""
    rows = asked(question, f"SELECT area_id, {BOTH} FROM ({question.rows('area_id')}) AS counted GROUP BY 1")
    shown = _upper(question.scope.areas, kind)
    summed: dict[int, list[int]] = {area: [0, 0, 0] for area in set(shown.values())}
    for area_id, *figures in rows:
        summed[shown[area_id]] = [one + other for one, other in zip(summed[shown[area_id]], figures, strict=True)]
    areas = question.scope.areas
    kept = [(areas[key], row) for key, row in summed.items() if areas[key].kind == kind or any(row)]
    dwellings = _dwellings(question, shown)
    counts = judged(question, [tuple(row) for _area, row in kept])
    found = [_area_count(area, counted, dwellings[area.pk]) for (area, _row), counted in zip(kept, counts, strict=True)]
    found.sort(key=lambda row: (-row.counted.cases, row.area.code))
    return found, _sums(question, [tuple(row[1:]) for row in rows], 0, len(found))


def _upper(areas: dict[int, Area], kind: str) -> dict[int, int]:
    """Return for each area the one of ``kind`` it lies in, or itself where it is larger."""
    return {
        area.pk: next((key for key in area.lineage if key in areas and areas[key].kind == kind), area.pk)
        for area in areas.values()
    }


def _dwellings(question: Question, shown: dict[int, int]) -> dict[int, int]:
    rows = Dwelling.objects.filter(is_active=True, use=DwellingUse.RESIDENTIAL, area_id__in=question.scope.ids)
    counted: dict[int, int] = defaultdict(int)
    for area_id, number in rows.order_by().values_list("area_id").annotate(Count("pk")):
        counted[shown[area_id]] += number
    return counted


def _area_count(area: Area, counted: Counted, dwellings: int) -> AreaCount:
    rate = round(counted.cases * 1000 / dwellings, 1) if dwellings >= LEAST_DWELLINGS else None
    return AreaCount(area, counted, dwellings, rate)
