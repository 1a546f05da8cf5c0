"""Places that are reported again and again: the same spot within some 50 m, or the same address.

Cases with coordinates lie in a hexagon about 50 m across (H3 resolution 11). A place is the hexagon with most of them
and those of its neighbours whose newest cases lie, on average, within 50 m of its own, so that a spot on a border
counts once. Cases without coordinates are together where area and address are the same. A spot is found by a hexagon
that holds half the cases asked for, and is one of the fullest.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from django.db import connection

from cases.hotspots.asking import Question
from cases.hotspots.cells import around, name_of
from cases.hotspots.places import asked
from cases.hotspots.scope import Place
from governance.coordinates import distance

WITHIN = 50.0  # metres
# The answer looks back at most so many days, and at the fullest hexagons and addresses, four times what is shown [J].
LONGEST, MOST_CANDIDATES = 92, 200

# Where a place is, its area and address, its newest cases say; to look up all of a busy one takes longer than counting
# them.
NEWEST = 12
DETAILS = """
SELECT counted.place, counted.cases, newest.longitude, newest.latitude, counted.last_day, newest.address, newest.area_id
FROM (
    SELECT place, count(*)::int AS cases, max(day) AS last_day FROM cases_casespot AS spot
    WHERE place = ANY(%(places)s) AND {counts} GROUP BY 1
) AS counted CROSS JOIN LATERAL (
    SELECT avg(longitude) AS longitude, avg(latitude) AS latitude, (array_agg(area_id ORDER BY day DESC))[1] AS area_id,
        (array_agg(address ORDER BY day DESC) FILTER (WHERE address <> ''))[1] AS address
    FROM (
        SELECT one.longitude, one.latitude, one.address, spot.day, spot.area_id
        FROM cases_casespot AS spot JOIN cases_case AS one ON one.id = spot.case_id
        WHERE spot.place = counted.place AND {counts} ORDER BY spot.day DESC LIMIT {newest}
    ) AS few
) AS newest
"""
CATEGORIES = """
SELECT place, array_agg(DISTINCT category_id) FROM cases_casespot AS spot
WHERE place = ANY(%(places)s) AND category_id IS NOT NULL AND {counts} GROUP BY 1
"""
# Which cases of a place are counted.
COUNTS = "spot.day BETWEEN %(first)s AND %(to)s AND spot.cases = 1 AND {here} AND {kind}"


@dataclass(frozen=True)
class RepeatPlace:
    """A place with its cases in the window. ``cells``: hexagons as text, empty for an address without coordinates;
    ``key``: how the list of cases is asked for them; ``categories``: ids of what was reported."""

    key: str
    area: Place
    address: str
    cells: tuple[str, ...]
    longitude: float | None
    latitude: float | None
    cases: int
    last_day: date
    categories: tuple[int, ...]


@dataclass
class _Spot:
    place: int
    cases: int
    longitude: float | None
    latitude: float | None
    last_day: date
    address: str
    area_id: int


def repeat_places(question: Question, *, least: int = 3, most: int = 50) -> list[RepeatPlace]:
    """Return up to ``most`` places with at least ``least`` cases in the window, most cases first."""
    spots = _spots(question, _candidates(question, least))
    found, taken = [], set()
    for spot in sorted(spots.values(), key=lambda spot: (-spot.cases, spot.place)):
        if spot.place in taken or spot.cases < _half(least):
            continue
        together = [spot, *(other for other in _neighbours(spot, spots) if other.place not in taken)]
        if sum(one.cases for one in together) >= least:
            taken |= {one.place for one in together}
            found.append(together)
    # What the shown ones are called is asked of them alone.
    found.sort(key=lambda together: (-sum(one.cases for one in together), together[0].place))
    shown = found[:most]
    categories = _categories(question, [one.place for together in shown for one in together])
    return [_place(question, together, categories) for together in shown]


def _half(least: int) -> int:
    return -(-least // 2)


def _candidates(question: Question, least: int) -> list[int]:
    """Return the hexagons and addresses with at least half the cases asked for, the fullest first."""
    rows = asked(
        question,
        f"""
        SELECT spot.place FROM cases_casespot AS spot
        WHERE spot.day BETWEEN %(first)s AND %(to)s AND spot.cases = 1 AND spot.place IS NOT NULL
            AND {question.among("spot.")} AND {question.kind("spot.")}
        GROUP BY 1 HAVING count(*) >= {_half(least)} ORDER BY count(*) DESC, spot.place LIMIT {MOST_CANDIDATES}
        """,
    )
    return [row[0] for row in rows]


def _spots(question: Question, candidates: Sequence[int]) -> dict[int, _Spot]:
    """Return what lies in the candidates and in the hexagons next to them."""
    places = {near for place in candidates for near in (around(place) if place > 0 else [place])}
    return {row[0]: _Spot(*row) for row in _of_places(question, DETAILS, places)}


def _categories(question: Question, places: Sequence[int]) -> dict[int, list[int]]:
    """Return the ids of the categories reported in each of the places."""
    return dict(_of_places(question, CATEGORIES, places))


def _of_places(question: Question, sql: str, places: Collection[int]) -> list[tuple]:
    counts = COUNTS.format(here=question.among("spot."), kind=question.kind("spot."))
    with connection.cursor() as cursor:
        cursor.execute(sql.format(counts=counts, newest=NEWEST), question.parameters | {"places": list(places)})
        return cursor.fetchall()


def _neighbours(spot: _Spot, spots: dict[int, _Spot]) -> list[_Spot]:
    if spot.place < 0:
        return []
    near = [spots[cell] for cell in around(spot.place) if cell != spot.place and cell in spots]
    return [
        other
        for other in near
        if distance(spot.longitude, spot.latitude, other.longitude, other.latitude) <= WITHIN
    ]  # fmt: skip


def _place(question: Question, together: list[_Spot], categories: dict[int, list[int]]) -> RepeatPlace:
    first, cases = together[0], sum(spot.cases for spot in together)
    weights: dict[str, float | None] = defaultdict(lambda: None)
    if first.place > 0:
        for name in ("longitude", "latitude"):
            weights[name] = sum(getattr(spot, name) * spot.cases for spot in together) / cases
    kinds = {key for spot in together for key in categories.get(spot.place, ())}
    cells = tuple(sorted(name_of(spot.place) for spot in together)) if first.place > 0 else ()
    return RepeatPlace(
        key=",".join(cells) or str(first.place),
        area=question.scope.areas[first.area_id],
        address=next((spot.address for spot in together if spot.address), ""),
        cells=cells,
        longitude=weights["longitude"], latitude=weights["latitude"], cases=cases,
        last_day=max(spot.last_day for spot in together), categories=tuple(sorted(kinds)),
    )  # fmt: skip
