"""The nightly watch: each rule's series are scanned for clusters of the days up to yesterday.

A series is what is scanned by itself: all cases, or those of one class or sub-class. Only cases count whose place is
known, and a case merged into another does not: fifty callers about one thing are one case. The scan is the space-time
permutation scan (``governance.surveillance.scan``), so what is always many at a place, or many everywhere on a day, is
no signal.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import blake2b

import numpy as np
from django.db import connection
from h3.api import basic_int as h3

from cases.hotspots.cells import FINEST, centre_of, larger_sql, name_of
from cases.hotspots.counting import count_changes
from cases.hotspots.services import Found, signal_found
from cases.models import CaseCategory, HotSpotRule, HotSpotSignal, Watched
from governance.models import Area, User
from governance.surveillance import Cluster, Zones, circles, scan_permutation

KEYS = {Watched.ALL: "NULL::bigint", Watched.CLASSES: "category_class_id", Watched.CATEGORIES: "category_id"}
SERIES = """
SELECT {key}, {cell}, day, sum(cases)::int
FROM cases_daytally JOIN governance_area AS area ON area.id = area_id
WHERE day BETWEEN %(first)s AND %(last)s AND cell IS NOT NULL AND area.path LIKE %(under)s AND {wanted}
GROUP BY 1, 2, 3 HAVING sum(cases) > 0
"""
CASES = """
SELECT one.longitude, one.latitude, spot.area_id
FROM cases_casespot AS spot JOIN cases_case AS one ON one.id = spot.case_id
JOIN governance_area AS area ON area.id = spot.area_id
WHERE spot.day BETWEEN %(first)s AND %(last)s AND spot.cases = 1 AND spot.place > 0 AND area.path LIKE %(under)s
    AND {cell} = ANY(%(cells)s) AND {wanted}
"""
METRES_PER_DEGREE = 111_195  # of a great circle
# Circles a little wider than whole rings of cells: hexagons are not all of one size.
SLACK = 1.1
# Further clusters of one series' scan that are looked at besides the first.
MOST = 3


@dataclass(frozen=True)
class Series:
    """Daily counts (cells, days) of one series; the last day is the last one watched."""

    category: CaseCategory | None
    cells: list[int]
    counts: np.ndarray


def watch_all(day: date) -> list[HotSpotSignal]:
    """Scan what every rule in use has not been scanned for up to ``day``; return the signals."""
    count_changes()
    actor = User.objects.system("hotspots")
    signals = []
    for rule in HotSpotRule.objects.filter(is_active=True).exclude(watched_to__gte=day).select_related("area"):
        signals += watch(rule, day, actor=actor)
        HotSpotRule.objects.filter(pk=rule.pk).update(watched_to=day)
    return signals


def watch(rule: HotSpotRule, day: date, *, actor: User) -> list[HotSpotSignal]:
    """Scan a rule's series for the days up to ``day`` and keep what stands out; doing it again changes nothing."""
    return [
        signal_found(rule, _found(rule, series, cluster, day), day=day, actor=actor)
        for series in series_of(rule, day)
        for cluster in scanned(rule, series, day)
    ]


def series_of(rule: HotSpotRule, day: date) -> Iterator[Series]:
    """Yield the series of a rule over its baseline, up to ``day``."""
    first = day - timedelta(days=rule.baseline_days - 1)
    rows = defaultdict(list)
    wanted = "true" if rule.watched == Watched.ALL else f"{KEYS[rule.watched]} IS NOT NULL"
    sql = SERIES.format(key=KEYS[rule.watched], cell=_cell("cell", rule), wanted=wanted)
    with connection.cursor() as cursor:
        cursor.execute(sql, {"first": first, "last": day, "under": f"{rule.area.path}%"})
        for key, cell, of_day, cases in cursor.fetchall():
            rows[key].append((cell, (of_day - first).days, cases))
    categories = CaseCategory.objects.in_bulk(key for key in rows if key)
    for key in sorted(rows, key=lambda key: key or 0):
        cells = sorted({cell for cell, _day, _cases in rows[key]})
        place = {cell: number for number, cell in enumerate(cells)}
        counts = np.zeros((len(cells), rule.baseline_days), np.int64)
        for cell, number, cases in rows[key]:
            counts[place[cell], number] = cases
        yield Series(categories.get(key), cells, counts)


def _cell(column: str, rule: HotSpotRule) -> str:
    return column if rule.resolution == FINEST and column == "cell" else larger_sql(column, rule.resolution)


def scanned(rule: HotSpotRule, series: Series, day: date) -> Sequence[Cluster]:
    """Return the clusters of a series that chance gives no oftener than the rule allows."""
    if series.counts[:, -rule.longest_days :].sum() < rule.least_cases:
        return []
    scan = scan_permutation(
        series.counts, zones_of(series.cells, rule.resolution, rule.rings), longest=rule.longest_days,
        seed=_seed(rule, series, day), replicates=max(999, 2 * rule.recurrence_days - 1), least=rule.least_cases,
        most=MOST,
    )  # fmt: skip
    return [cluster for cluster in scan.clusters if cluster.p_value * rule.recurrence_days <= 1]


def zones_of(cells: Sequence[int], resolution: int, rings: int) -> Zones:
    """Return the cells and circles of up to so many rings round each, on a flat map in metres."""
    longitude, latitude = np.array([centre_of(cell) for cell in cells]).T
    x = longitude * np.cos(np.radians(latitude.mean())) * METRES_PER_DEGREE
    spacing = h3.average_hexagon_edge_length(resolution, unit="m") * np.sqrt(3)
    return circles(x, latitude * METRES_PER_DEGREE, [ring * spacing * SLACK for ring in range(rings + 1)])


def _seed(rule: HotSpotRule, series: Series, day: date) -> int:
    """The same scan done again draws the same replicates."""
    kind = ":".join(series.category.natural_key()) if series.category else ""
    return int.from_bytes(blake2b(f"{rule.code}:{kind}:{day}".encode(), digest_size=8).digest())


def _found(rule: HotSpotRule, series: Series, cluster: Cluster, day: date) -> Found:
    cells = [series.cells[place] for place in cluster.places]
    wanted = "true" if series.category is None else f"spot.{KEYS[rule.watched]} = %(category)s"
    with connection.cursor() as cursor:
        cursor.execute(
            CASES.format(cell=_cell("spot.place", rule), wanted=wanted),
            {
                "first": day - timedelta(days=cluster.days - 1), "last": day, "cells": cells,
                "category": series.category and series.category.pk, "under": f"{rule.area.path}%",
            },
        )  # fmt: skip
        rows = cursor.fetchall()
    points = np.array([row[:2] for row in rows])
    off = (points - points.mean(axis=0)) * [np.cos(np.radians(points[:, 1].mean())), 1]
    middle = rows[int(np.square(off).sum(axis=1).argmin())]
    areas = Area.objects.filter(pk__in={row[2] for row in rows}).only("path")
    return Found(
        cluster=cluster, category=series.category, cells=tuple(name_of(cell) for cell in cells),
        area=Area.objects.smallest_with(areas), longitude=middle[0], latitude=middle[1],
    )  # fmt: skip


def expected_false_alarms(rule: HotSpotRule, days: int = 30) -> float:
    """Return how many signals of a rule chance alone gives in so many days, at most: one scan a night of each series
    alarms with probability 1 / ``recurrence_days`` at most."""
    series = {
        Watched.ALL: 1,
        Watched.CLASSES: CaseCategory.objects.filter(parent=None, is_active=True).count(),
        Watched.CATEGORIES: CaseCategory.objects.filter(parent__isnull=False, is_active=True).count(),
    }[rule.watched]
    return days * series / rule.recurrence_days
