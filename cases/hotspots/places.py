"""Where the cases are: counts, rates and change by hexagon or by area."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from django.db import connection
from django.db.models import Count

from cases.hotspots.asking import BOTH, Question
from cases.hotspots.cells import FINEST, centre_of, larger_sql, name_of, outline_of
from cases.hotspots.scope import Place
from governance.models import AreaKind, Dwelling, DwellingUse
from governance.surveillance import false_discovery, rate_change

# Of the changes called so, about one in twenty is chance.
BELIEVED = 0.05
# More hexagons than a map can show.
MOST_CELLS = 600
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
    """One hexagon: its name (hexadecimal), the ring of its corners and its middle in WGS-84 (longitude, latitude), and
    the area where most of its cases lie."""

    cell: str
    area: Place
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

    area: Place
    counted: Counted
    dwellings: int
    per_1000_dwellings: float | None


@dataclass(frozen=True)
class Sums:
    """All that a question counts, also what lies in no cell, and how many places there are."""

    counted: Counted
    unplaced: int
    places: int


class Figures:
    """Rates and changes of many rows of (cases, reports, before); what is believed depends on all rows together."""

    def __init__(self, question: Question, rows: np.ndarray):
        self.rows, self.days = rows, question.window.days
        self.ratio, self.p = rate_change(rows[:, 0], rows[:, 2], days_now=self.days, days_before=self.days)
        # Where nothing at all was counted before, the records begin later, not the cases.
        self.believed = (false_discovery(self.p) <= BELIEVED) & bool(rows[:, 2].any())

    def __getitem__(self, place: int) -> Counted:
        now, reports, before = (int(figure) for figure in self.rows[place])
        return Counted(
            cases=now, reports=reports, before=before, per_day=round(now / self.days, 2),
            ratio=round(float(self.ratio[place]), 2) if before else None, p_value=float(self.p[place]),
            changed=int(self.believed[place]) * (1 if now > before else -1),
        )  # fmt: skip


def judged(question: Question, rows: Sequence[tuple]) -> list[Counted]:
    """Turn rows of (cases, reports, before) into rates and changes."""
    figures = Figures(question, np.array(rows, np.int64).reshape(-1, 3))
    return [figures[place] for place in range(len(rows))]


def asked(question: Question, sql: str) -> list[tuple]:
    """Return the rows of a statement with the question's parameters."""
    with connection.cursor() as cursor:
        cursor.execute(sql, question.parameters)
        return cursor.fetchall()


def by_cell(question: Question, resolution: int = FINEST, *, most: int = MOST_CELLS) -> tuple[list[CellCount], Sums]:
    """Return the ``most`` hexagons with cases in the window or the one before, most cases first, and the sums of all.

    A hexagon on a border counts the cases on the person's side of it.
    """
    cell = "cell" if resolution == FINEST else larger_sql("cell", resolution)
    rows = asked(
        question,
        f"SELECT coalesce(place, 0), area_id, {BOTH} FROM ({question.rows(f'{cell} AS place, area_id')}) AS counted "
        f"GROUP BY 1, 2",
    )
    parts = np.array(rows, np.int64).reshape(-1, 5)
    cells, of_part = np.unique(parts[:, 0], return_inverse=True)
    sums = np.zeros((len(cells), 3), np.int64)
    np.add.at(sums, of_part, parts[:, 2:])
    order = np.lexsort((parts[:, 4], parts[:, 2], of_part))
    main = parts[order[np.flatnonzero(np.diff(of_part[order], append=-1))], 1]
    kept = np.flatnonzero((cells > 0) & (sums[:, 0] + sums[:, 2] > 0))
    figures = Figures(question, sums[kept])
    ranked = np.lexsort((cells[kept], -sums[kept, 2], -sums[kept, 0]))
    found = [
        CellCount(name_of(int(cells[kept[place]])), question.scope.areas[int(main[kept[place]])], figures[place])
        for place in ranked[:most]
    ]
    unplaced = int(sums[cells == 0, 0].sum())
    return found, _sums(question, sums, unplaced, len(kept))


def _sums(question: Question, rows: np.ndarray, unplaced: int, places: int) -> Sums:
    return Sums(judged(question, [tuple(rows.sum(axis=0))])[0], unplaced, places)


def level_below(question: Question) -> str:
    """Return the largest kind of area under those asked about of which there are several: what a reader compares."""
    kinds = AreaKind.values
    largest = min((kinds.index(area.kind) for area in question.scope.tops), default=len(kinds) - 1)
    numbers = Counter(area.kind for area in question.scope.areas.values())
    return next((kind for kind in kinds[largest + 1 :] if numbers[kind] > 1), kinds[-1])


def by_area(question: Question, kind: str) -> tuple[list[AreaCount], Sums]:
    """Return the areas of this kind in scope, most cases first; cases of a larger area stand under that one."""
    rows = asked(question, f"SELECT area_id, {BOTH} FROM ({question.rows('area_id')}) AS counted GROUP BY 1")
    areas, shown = question.scope.areas, _upper(question.scope.areas, kind)
    summed = {key: np.zeros(3, np.int64) for key in shown.values()}
    for area_id, *figures in rows:
        summed[shown[area_id]] += figures
    kept = [key for key, sums in summed.items() if areas[key].kind == kind or sums.any()]
    dwellings = _dwellings(question, shown)
    counts = judged(question, [summed[key] for key in kept])
    found = [_area_count(areas[key], counted, dwellings[key]) for key, counted in zip(kept, counts, strict=True)]
    found.sort(key=lambda row: (-row.counted.cases, row.area.code))
    return found, _sums(question, np.array(list(summed.values())).reshape(-1, 3), 0, len(found))


def _upper(areas: dict[int, Place], kind: str) -> dict[int, int]:
    """Return for each area the one of ``kind`` it lies in, or itself where it is larger."""
    kinds = {key: area.kind for key, area in areas.items()}
    return {area.pk: next((key for key in area.lineage if kinds.get(key) == kind), area.pk) for area in areas.values()}


def _dwellings(question: Question, shown: dict[int, int]) -> dict[int, int]:
    rows = Dwelling.objects.filter(is_active=True, use=DwellingUse.RESIDENTIAL, area_id__in=question.scope.ids)
    counted: dict[int, int] = defaultdict(int)
    for area_id, number in rows.order_by().values_list("area_id").annotate(Count("pk")):
        counted[shown[area_id]] += number
    return counted


def _area_count(area: Place, counted: Counted, dwellings: int) -> AreaCount:
    rate = round(counted.cases * 1000 / dwellings, 1) if dwellings >= LEAST_DWELLINGS else None
    return AreaCount(area, counted, dwellings, rate)
