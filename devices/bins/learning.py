"""How fast each bin fills, by hour of the week, learnt every night from what it reported since.

A bin's level rises as people throw things in and falls at once when it is emptied. Rises are added up by the hour of
the week they happened in; falls are emptyings and count for nothing. Rises and small falls are added with their signs,
so that the noise of a sensor cancels out. Hours of which little is known lean on the same hour of other days.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

import numpy as np
from django.conf import settings
from django.db import connection
from django.utils import timezone

from devices.models import Device, FillRate
from devices.models.collection import HOURS_OF_WEEK
from governance.transactions import atomically

# The figures that tell how full something is, as a share (Smart Data Models WasteContainer: fillingLevel 0..1).
FILL = ("fill_level", "fill")
LOOKED_BACK = timedelta(days=28)  # what was usual longer ago need not be so now [J]
EMPTIED = 0.2  # a fall of so much between two readings is an emptying, not noise [J]
PAUSE = timedelta(hours=6)  # after a longer silence nobody knows when it rose, or whether it was emptied [J]
BRIM = 0.97  # above it there is no more room: that it does not rise says nothing [J]
# How many hours of experience the wider experience counts for: an hour of the day for an hour of the week, the whole
# week for an hour of the day [J].
LEANS_ON_DAY, LEANS_ON_WEEK = 6.0, 5.0
AT_ONCE = 200  # devices of one statement

# A reading that neither its forerunner nor its follower agrees with is a slip of the sensor: the middle of the three
# counts. Grouped by hour of the week, and once over all hours.
_GAINS = """
WITH told AS (
    SELECT device_id, at, value, lag(value) OVER w AS earlier, lead(value) OVER w AS later
    FROM devices_reading
    WHERE device_id = ANY(%(devices)s) AND metric = ANY(%(metrics)s) AND value IS NOT NULL AND quality IS NULL
        AND at >= %(since)s AND at < %(until)s
    WINDOW w AS (PARTITION BY device_id ORDER BY at)
), calm AS (
    SELECT device_id, at,
        CASE WHEN earlier IS NULL OR later IS NULL THEN value
        ELSE greatest(least(earlier, value), least(greatest(earlier, value), later)) END AS level
    FROM told
), steps AS (
    SELECT device_id, at, lag(level) OVER w AS before, level - lag(level) OVER w AS gain, at - lag(at) OVER w AS pause
    FROM calm WINDOW w AS (PARTITION BY device_id ORDER BY at)
), hours AS (
    SELECT device_id, at, gain, extract(epoch FROM pause) / 3600 AS hours,
        gain <= -%(emptied)s AS emptied,
        gain > -%(emptied)s AND pause <= %(pause)s AND before < %(brim)s AS counts,
        (at - pause / 2) AT TIME ZONE %(zone)s AS middle
    FROM steps WHERE before IS NOT NULL
), placed AS (
    SELECT *, ((extract(isodow FROM middle) - 1) * 24 + extract(hour FROM middle))::int AS hour FROM hours
)
SELECT device_id, hour, coalesce(sum(gain) FILTER (WHERE counts), 0),
    coalesce(sum(hours) FILTER (WHERE counts), 0)::float,
    count(*) FILTER (WHERE emptied), max(at) FILTER (WHERE emptied)
FROM placed GROUP BY GROUPING SETS ((device_id, hour), (device_id))
"""


def bins_learn(*, now: datetime | None = None) -> int:
    """Learn anew how fast every bin in use fills; return of how many something was learnt. May run twice."""
    now = now or timezone.now()
    rows = Device.objects.in_use().filter(profile__metrics__metric__in=FILL).order_by("pk").distinct()
    keys = list(rows.values_list("pk", flat=True))
    return sum(_learn(keys[place : place + AT_ONCE], now) for place in range(0, len(keys), AT_ONCE))


def _learn(devices: list[int], now: datetime) -> int:
    rates = [_rate_of(pk, *figures, now) for pk, figures in _gains(devices, now).items()]
    fields = [field.name for field in FillRate._meta.concrete_fields if field.name not in ("id", "device")]
    with atomically():
        FillRate.objects.bulk_create(rates, update_conflicts=True, unique_fields=["device"], update_fields=fields)
    return len(rates)


def _gains(devices: list[int], now: datetime) -> dict[int, tuple]:
    """Return for each device the gains and hours of each hour of the week, how often it was emptied and when last."""
    found: dict[int, tuple] = {}
    parts: dict[int, np.ndarray] = {pk: np.zeros((2, HOURS_OF_WEEK)) for pk in devices}
    with connection.cursor() as cursor:
        cursor.execute(
            _GAINS,
            {
                "devices": devices, "metrics": list(FILL), "since": now - LOOKED_BACK, "until": now, "emptied": EMPTIED,
                "pause": PAUSE, "brim": BRIM, "zone": settings.TIME_ZONE,
            },
        )  # fmt: skip
        for pk, hour, gain, hours, emptyings, emptied_at in cursor.fetchall():
            if hour is None:
                found[pk] = (parts[pk], emptyings, emptied_at)
            else:
                parts[pk][:, hour] = gain, hours
    return found


def _rate_of(pk: int, parts: np.ndarray, emptyings: int, emptied_at: datetime | None, now: datetime) -> FillRate:
    rates = rates_of(parts[0], parts[1])
    return FillRate(
        device_id=pk, rates=rates.tolist(), hours=float(parts[1].sum()), per_day=float(rates.sum() / 7),
        emptyings=emptyings, emptied_at=emptied_at, learnt_at=now,
    )  # fmt: skip


def rates_of(gains: Sequence[float], hours: Sequence[float]) -> np.ndarray:
    """Return what fills in each hour of the week, out of 168 gains and the hours each was watched; never below 0.

    An hour of the week leans on that hour of working days or of weekends, and that on the whole week, the more the
    less was seen of it.
    """
    gains, hours = np.asarray(gains, float), np.asarray(hours, float)
    whole = gains.sum() / hours.sum() if hours.sum() else 0.0
    by_day = gains.reshape(7, 24), hours.reshape(7, 24)
    rates = np.empty((7, 24))
    for days in (slice(0, 5), slice(5, 7)):
        gained, watched = by_day[0][days].sum(axis=0), by_day[1][days].sum(axis=0)
        usual = (gained + LEANS_ON_WEEK * whole) / (watched + LEANS_ON_WEEK)
        rates[days] = (by_day[0][days] + LEANS_ON_DAY * usual) / (by_day[1][days] + LEANS_ON_DAY)
    return np.maximum(rates.reshape(-1), 0.0)
