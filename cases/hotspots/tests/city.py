"""What the tests of hot spots share: many cases at once, and the counts worked out the plain way."""

from collections import Counter
from datetime import date, datetime, time, timedelta

from cases.hotspots.cells import FINEST, cell_at, larger
from cases.hotspots.spans import SPANS, start_of
from cases.models import AreaTally, Case, CaseCategory, CellTally, DayTally
from governance.clock import SHANGHAI
from governance.models import Area

TODAY = date(2026, 11, 25)
UNCOUNTED = {"rejected", "cancelled"}


def at(day: date, hour: int = 10) -> datetime:
    return datetime.combine(day, time(hour), SHANGHAI)


def many(city, *places, days: int = 1, last: date = TODAY, category=None, area=None, **given) -> list[Case]:
    """Write cases past the services: one for each of the (longitude, latitude) on each of the days up to ``last``."""
    rows = [
        a_case(city, place, last - timedelta(day), category=category, area=area, **given)
        for day in range(days)
        for place in places
    ]
    return Case.objects.bulk_create(rows)


def a_case(city, place, day: date, category=None, area=None, **given) -> Case:
    """Return a case of ``day`` at a (longitude, latitude) or nowhere, not written yet."""
    return Case(
        source="hotline", description="占道", area=area or city.grid, longitude=place and place[0],
        latitude=place and place[1], category=category or city.category, reported_at=at(day), **given,
    )  # fmt: skip


def plainly() -> dict[str, Counter]:
    """Count every case in Python: {table: {key: (cases, reports)}}, as three counters of ``cases + reports × 1j``."""
    found = {"day": Counter(), "cell": Counter(), "area": Counter()}
    areas = Area.objects.in_bulk()
    parents = dict(CaseCategory.objects.values_list("pk", "parent_id"))
    for case in Case.objects.all():
        if case.state in UNCOUNTED:
            continue
        weight = (case.state != "merged") + 1j
        day = case.reported_at.astimezone(SHANGHAI).date()
        cell = None if case.longitude is None else larger(cell_at(case.longitude, case.latitude), FINEST)
        above = case.category_id and (parents[case.category_id] or case.category_id)
        found["day"][day, case.area_id, cell, case.category_id, above] += weight
        for span in SPANS:
            for key in {None, above} if span > 7 else {None}:
                found["cell"][span, start_of(span, day), cell, case.area_id, key] += weight
        for area in areas[case.area_id].lineage:
            if areas[area].kind in ("community", "grid"):
                continue
            found["area"][1, day, area, None] += weight
            for span in SPANS:
                for key in {None, case.category_id, above}:
                    found["area"][span, start_of(span, day), area, key] += weight
    return found


def kept() -> dict[str, Counter]:
    """Return what the tables hold, in the shape of ``plainly``."""
    keys = {
        "day": (DayTally, ("day", "area_id", "cell", "category_id", "category_class_id")),
        "cell": (CellTally, ("span", "starts", "cell", "area_id", "category_class_id")),
        "area": (AreaTally, ("span", "starts", "area_id", "category_id")),
    }
    return {
        name: Counter(
            {
                tuple(row[:-2]): row[-2] + row[-1] * 1j
                for row in model.objects.values_list(*key, "cases", "reports")
                if row[-2] or row[-1]
            }
        )
        for name, (model, key) in keys.items()
    }
