"""Nights of early warning as the product runs them: a county of 150 villages, 18 types, more than a year of signals."""

import time
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from datetime import time as clock

import django
import numpy as np

from governance.surveillance.expectation import Neighbours, nearest
from governance.surveillance.usual import NEEDED

VILLAGES, STREETS = 150, 10
LAST = date(2026, 11, 20)
SIDE = 0.01  # degrees


def stream(seed: int, number: int, days: int, types: int = 18) -> tuple[np.ndarray, Neighbours]:
    """Return counts of one of the types in 150 villages, from once a fortnight to ten a day, and the villages."""
    random = np.random.default_rng([seed, number])
    near = nearest(random.random(VILLAGES), random.random(VILLAGES))
    base = np.geomspace(0.07, 10, types)[number]
    rates = random.lognormal(0, 0.5, VILLAGES)
    return random.poisson((rates / rates.sum() * base)[:, None], (VILLAGES, days)), near


def nights_in_a_row(seed: int, types: int, row: int) -> dict:
    """Watch so many nights one after another, the first without any threshold drawn; return seconds and numbers.

    Everything a night does is timed: reading, expectations, scans, thresholds, warnings. The process's Django must use
    a fresh instance (``Instance.adopt``).
    """
    django.setup()
    # The models exist only after the setup.
    from django.db import connection

    from governance.models import User
    from mediation.models import EarlyWarning, Signal, StreamNull
    from mediation.warning.watching import watch_night

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


def _county(seed: int, types: int, row: int):
    from governance.models import Area
    from mediation.models import DisputeType, Signal, WarningWatch

    random = np.random.default_rng(seed)
    city = Area.objects.create(kind="city", code="980100", name="City")
    district = Area.objects.create(kind="district", code="980101", name="County", parent=city)
    streets = [
        Area.objects.create(kind="street", code=f"980101{number:03}", name=f"Township {number}", parent=district)
        for number in range(STREETS)
    ]
    villages = []
    for number in range(VILLAGES):
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
        Signal.objects.bulk_create(_signals(Signal, villages, kind, counts), batch_size=2000)
    return WarningWatch.objects.create(code="bench", name="County", area=Area.objects.get(pk=district.pk))


def _signals(model, villages: list, kind, counts: np.ndarray) -> Iterator:
    from governance.clock import SHANGHAI

    for place, ago in zip(*np.nonzero(counts), strict=True):
        day = LAST - timedelta(days=int(counts.shape[1] - 1 - ago))
        at = datetime.combine(day, clock(12), SHANGHAI)
        for _number in range(counts[place, ago]):
            yield model(area=villages[place], type=kind, channel="hotline", event_date=day, received_at=at)
