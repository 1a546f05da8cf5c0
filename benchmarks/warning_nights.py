"""Nights of early warning as the product runs them: a county of 150 villages, 18 types, more than a year of signals.

Import it after ``django.setup``, in a process whose Django uses a fresh instance (``Instance.adopt``).
"""

import time
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from datetime import time as clock

import numpy as np
from django.db import connection

from benchmarks.warning_worlds import COUNTY, stream
from governance.clock import SHANGHAI
from governance.models import Area, User
from governance.surveillance.usual import NEEDED
from mediation.models import DisputeType, EarlyWarning, Signal, StreamNull, WarningWatch
from mediation.warning.watching import watch_night

STREETS = 10
LAST = date(2026, 11, 20)
SIDE = 0.01  # degrees


def nights_in_a_row(seed: int, types: int, row: int) -> dict:
    """Watch so many nights one after another, the first without any threshold drawn; return seconds and numbers.

    Everything a night does is timed: reading, expectations, scans, thresholds, warnings.
    """
    watch = _county(seed, types, row)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    actor, seconds, drawn = User.objects.system("early-warning"), [], set()
    for back in range(row - 1, -1, -1):
        start = time.perf_counter()
        watch_night(watch, LAST - timedelta(days=back), actor=actor)
        seconds.append(time.perf_counter() - start)
        drawn |= set(StreamNull.objects.values_list("stream", "type_id", "made_on", "drawn"))
    found = {
        "night_seconds": round(float(np.mean(seconds)), 2), "night_median_seconds": round(float(np.median(seconds)), 2),
        "night_longest_seconds": round(max(seconds), 2), "nights_in_a_row": row, "nulls_drawn": len(drawn),
        "events": Signal.objects.count(), "warnings": EarlyWarning.objects.count(),
    }  # fmt: skip
    connection.close()
    return found


def _county(seed: int, types: int, row: int) -> WarningWatch:
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
    for number, kind in enumerate(kinds):
        counts, _near = stream(seed, number, NEEDED + row, types)
        Signal.objects.bulk_create(_signals(villages, kind, counts), batch_size=2000)
    return WarningWatch.objects.create(code="bench", name="County", area=Area.objects.get(pk=district.pk))


def _signals(villages: list[Area], kind: DisputeType, counts: np.ndarray) -> Iterator[Signal]:
    for place, ago in zip(*np.nonzero(counts), strict=True):
        day = LAST - timedelta(days=int(counts.shape[1] - 1 - ago))
        at = datetime.combine(day, clock(12), SHANGHAI)
        for _number in range(counts[place, ago]):
            yield Signal(area=villages[place], type=kind, channel="hotline", event_date=day, received_at=at)
