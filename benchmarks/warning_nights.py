"""Nights of early warning as the product runs them: a county of 150 villages, 18 types, as many years of signals by all
ways (``warning_streams.SPLIT``) and of patrols as the longest look back (Farrington's, on Sundays: 287 weeks).

Import it after ``django.setup``, in a process whose Django uses a fresh instance (``Instance.adopt``).
"""

import time
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from datetime import time as clock

import numpy as np
from django.db import connection

from benchmarks.warning_streams import SPLIT
from benchmarks.warning_worlds import COUNTY, stream
from cases.models import Patrol, PatrolPlan, PatrolRoute
from governance.clock import SHANGHAI
from governance.models import Area, OrgUnit, User
from governance.surveillance.farrington import LONGEST
from mediation.models import DisputeType, EarlyWarning, Hazard, Signal, StreamNull, WarningWatch
from mediation.warning.watching import SUNDAY, WEEK, watch_night

STREETS = 10
LAST = date(2026, 11, 22)  # a Sunday: even the shortest row has one
KEPT = WEEK * (LONGEST + 1)
SIDE = 0.01  # degrees
# Days from one round of a village to the next, and the share of rounds that find something of a type.
EVERY, SHARE_FOUND = 3, 0.01


def nights_in_a_row(seed: int, types: int, row: int) -> dict:
    """Watch so many nights one after another, the first without any threshold drawn; return seconds and numbers.

    Everything a night does is timed: reading, expectations, scans, thresholds, warnings.
    """
    watch = _county(seed, types, KEPT + row)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    actor, seconds, sundays, drawn = User.objects.system("early-warning"), [], [], set()
    for back in range(row - 1, -1, -1):
        start, day = time.perf_counter(), LAST - timedelta(days=back)
        watch_night(watch, day, actor=actor)
        seconds.append(time.perf_counter() - start)
        sundays += seconds[-1:] if day.weekday() == SUNDAY else []
        drawn |= set(StreamNull.objects.values_list("stream", "type_id", "made_on", "drawn"))
    found = {
        "night_seconds": round(float(np.mean(seconds)), 2), "night_median_seconds": round(float(np.median(seconds)), 2),
        "night_longest_seconds": round(max(seconds), 2), "nights_in_a_row": row, "nulls_drawn": len(drawn),
        "night_first_seconds": round(seconds[0], 2), "sunday_longest_seconds": round(max(sundays), 2),
        "events": Signal.objects.count() + Hazard.objects.count(), "warnings": EarlyWarning.objects.count(),
        "streams": len({(stream, type_id) for stream, type_id, *_drawn in drawn}),
    }  # fmt: skip
    connection.close()
    return found


def _county(seed: int, types: int, days: int) -> WarningWatch:
    random = np.random.default_rng(seed)
    city = Area.objects.create(kind="city", code="980100", name="City")
    district = Area.objects.create(kind="district", code="980101", name="County", parent=city)
    streets = [
        Area.objects.create(kind="street", code=f"980101{number:03}", name=f"Township {number}", parent=district)
        for number in range(STREETS)
    ]
    villages = []
    for number in range(COUNTY):
        parent, at = streets[number % STREETS], random.random(2)
        villages.append(Area(
            kind="community", code=f"{parent.code}{number:03}", name=f"Village {number}", parent=parent,
            west=110 + at[0], east=110 + at[0] + SIDE, south=30 + at[1], north=30 + at[1] + SIDE,
        ))  # fmt: skip
    Area.objects.bulk_create(villages)
    kinds = [
        DisputeType.objects.get_or_create(code=f"bench-{number}", defaults={"name": f"Type {number}"})[0]
        for number in range(types)
    ]
    walked = _rounds(villages, days)
    for number, kind in enumerate(kinds):
        counts, _near = stream(seed, number, days, types)
        dealt = random.multinomial(counts, list(SPLIT.values()))
        for at, way in enumerate(SPLIT):
            if way == "told":
                Hazard.objects.bulk_create(_told(villages, kind, dealt[..., at]), batch_size=2000)
            else:
                Signal.objects.bulk_create(_signals(villages, kind, dealt[..., at], way), batch_size=2000)
        Hazard.objects.bulk_create(_found(walked, kind, random.random(len(walked)) < SHARE_FOUND), batch_size=2000)
    return WarningWatch.objects.create(code="bench", name="County", area=Area.objects.get(pk=district.pk))


def _days(counts: np.ndarray) -> Iterator[tuple[int, date]]:
    for place, ago in zip(*np.nonzero(counts), strict=True):
        yield from [(place, LAST - timedelta(days=int(counts.shape[1] - 1 - ago)))] * int(counts[place, ago])


def _signals(villages: list[Area], kind: DisputeType, counts: np.ndarray, way: str) -> Iterator[Signal]:
    for place, day in _days(counts):
        at = datetime.combine(day, clock(12), SHANGHAI)
        yield Signal(area=villages[place], type=kind, channel=way, event_date=day, received_at=at)


def _hazard(area: Area, kind: DisputeType, day: date, **given) -> Hazard:
    at = datetime.combine(day, clock(11), SHANGHAI)
    return Hazard(area=area, type=kind, words="bench", seen_at=at, reported_at=at, assess_by=at,
                  reporter=User.objects.system("early-warning"), **given)  # fmt: skip


def _told(villages: list[Area], kind: DisputeType, counts: np.ndarray) -> Iterator[Hazard]:
    for place, day in _days(counts):
        yield _hazard(villages[place], kind, day, source="phone")


def _found(walked: list[Patrol], kind: DisputeType, finds: np.ndarray) -> Iterator[Hazard]:
    for patrol, found in zip(walked, finds, strict=True):
        if found:
            yield _hazard(patrol.area, kind, patrol.date, source="patrol", patrol=patrol)


def _rounds(villages: list[Area], days: int) -> list[Patrol]:
    """Let every village be walked each ``EVERY`` days."""
    unit = OrgUnit.objects.create(code="bench", name="Unit", kind="committee", area=villages[0].parent)
    rows = []
    for number, area in enumerate(villages):
        route = PatrolRoute.objects.create(code=f"bench-{number}", name="Route", area=area, unit=unit)
        plan = PatrolPlan.objects.create(
            code=f"bench-{number}", route=route, rule="daily", starts=clock(8), ends=clock(10)
        )  # fmt: skip
        for ago in range(number % EVERY, days, EVERY):
            day = LAST - timedelta(days=ago)
            begins, ends = (datetime.combine(day, clock(hour), SHANGHAI) for hour in (8, 10))
            rows.append(Patrol(plan=plan, route=route, date=day, area=area, unit=unit, role=route.role,
                               starts_at=begins, ends_at=ends, state="finished",
                               worker=User.objects.system("early-warning")))  # fmt: skip
    return Patrol.objects.bulk_create(rows, batch_size=2000)
