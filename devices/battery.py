"""When batteries run down: a robust trend of what each device reported since its battery was last replaced.

Computed every night into ``DeviceForecast``, so that lists read one small table. Of each day the median reading counts:
a hundred readings of one cold night say no more than one. A device of which nothing can be said yet is told so.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import numpy
from django.db import connection
from scipy.stats import theilslopes

from devices.models import Device, DeviceForecast, DeviceProfile, ForecastKind, Outlook
from devices.workflow import DeviceState
from governance.transactions import atomically

METRIC = "battery"  # percent
DAYS = 90  # raw readings are kept for as long
# Batteries do not charge in the field: a rise by so many percent from a day to the next is a new one [J].
REPLACED = 20.0
# Fewer days of readings say nothing [J]; the slope of a week is mostly weather.
FEWEST_DAYS = 7
# Beyond five years a forecast is no figure: batteries age by themselves (GB/T 41401-2022 asks for three years).
FURTHEST = timedelta(days=5 * 365)
USUAL_LIMIT = 10.0  # percent, where the profile names none (domain/devices.md: critical 10 %)
BATCH = 200

Level = tuple[date, float]  # a day (UTC) and the median of that day

# One statement for a batch of devices; the key (device, metric, at) finds their rows in each partition.
LEVELS = """
SELECT device_id, (at AT TIME ZONE 'UTC')::date AS day, percentile_cont(0.5) WITHIN GROUP (ORDER BY value)
FROM devices_reading
WHERE device_id = ANY(%s::bigint[]) AND metric = %s AND at >= %s AND at < %s AND value IS NOT NULL
    AND quality IS NULL
GROUP BY device_id, day ORDER BY device_id, day
"""


@dataclass(frozen=True)
class Forecast:
    """What a series of levels says; as ``DeviceForecast``."""

    outlook: str
    level: float | None
    slope_per_day: float | None
    reaches_at: datetime | None
    samples: int
    since: date | None


def forecast(levels: Sequence[Level], *, limit: float, at: datetime) -> Forecast:
    """Return when a battery reaches ``limit`` by its daily levels, in the order of their days.

    The trend is Theil and Sen's (the median of the slopes between all pairs of days: up to 29 % of the days may be
    nonsense), through the medians of days and levels (Conover). Counted are the days since the last replacement.
    """
    since = _since_replacement(levels)
    kept = levels[since:]
    if not kept:
        return Forecast(Outlook.UNKNOWN, None, None, None, 0, None)
    newest = kept[-1][1]
    if newest <= limit:
        return Forecast(Outlook.REACHED, newest, None, at, len(kept), kept[0][0])
    if len(kept) < FEWEST_DAYS:
        return Forecast(Outlook.UNKNOWN, newest, None, None, len(kept), kept[0][0])
    moment = at.astimezone(UTC)
    days = numpy.array([(day - moment.date()).days for day, _level in kept], dtype=float)  # small: precise
    values = numpy.array([level for _day, level in kept])
    slope, intercept, *_bounds = theilslopes(values, days, method="separate")
    # Days from the beginning of today. A line that hardly falls may have passed the limit before there were calendars.
    left = max(0.0, (limit - intercept) / slope) if slope < 0 else None
    if left is None or left > FURTHEST.days:
        return Forecast(Outlook.STEADY, newest, float(slope), None, len(kept), kept[0][0])
    # A line that is past the limit where the newest day is not: it will be any day now.
    when = max(at, datetime.combine(moment.date(), time(), UTC) + timedelta(days=float(left)))
    return Forecast(Outlook.EXPECTED, newest, float(slope), when, len(kept), kept[0][0])


def _since_replacement(levels: Sequence[Level]) -> int:
    """Return the place of the first day of the present battery."""
    for place in range(len(levels) - 1, 0, -1):
        if levels[place][1] - levels[place - 1][1] >= REPLACED:
            return place
    return 0


def levels_of(devices: Collection[int], since: datetime, until: datetime) -> dict[int, list[Level]]:
    """Return the daily levels of devices from raw readings, by device; one statement."""
    with connection.cursor() as cursor:
        cursor.execute(LEVELS, [list(devices), METRIC, since, until])
        found: dict[int, list[Level]] = {}
        for device, day, level in cursor.fetchall():
            found.setdefault(device, []).append((day, level))
    return found


def limits() -> dict[int, float]:
    """Return the level at which a battery counts as empty, by profile in force that knows batteries."""
    found = {}
    for profile in DeviceProfile.objects.in_force().prefetch_related("metrics"):
        metric = profile.metric_named(METRIC)
        if metric is not None:
            known = (value for value in (metric.critical, metric.low) if value is not None)
            found[profile.pk] = next(known, USUAL_LIMIT)
    return found


def forecasts_compute(at: datetime) -> int:
    """Compute the forecasts of all devices with a battery that are in use; return how many. A batch a transaction.

    Forecasts of devices that are so no more are gone.
    """
    known, count = limits(), 0
    devices = Device.objects.filter(profile__in=known, state__in=(DeviceState.IN_SERVICE, DeviceState.MAINTENANCE))
    rows = list(devices.order_by("pk").values_list("pk", "profile_id"))
    for start in range(0, len(rows), BATCH):
        with atomically():
            count += _compute(dict(rows[start : start + BATCH]), known, at)
    DeviceForecast.objects.exclude(device__in=devices.order_by()).delete()
    return count


def _compute(batch: dict[int, int], known: dict[int, float], at: datetime) -> int:
    begin = datetime.combine(at.astimezone(UTC).date() - timedelta(days=DAYS), time(), UTC)
    levels, rows = levels_of(batch, begin, at), []
    for device, profile in batch.items():
        found = forecast(levels.get(device, []), limit=known[profile], at=at)
        since = datetime.combine(found.since, time(), UTC) if found.since else None
        rows.append(
            DeviceForecast(
                device_id=device, kind=ForecastKind.BATTERY, at=at, outlook=found.outlook, level=found.level,
                limit=known[profile], slope_per_day=found.slope_per_day, reaches_at=found.reaches_at,
                samples=found.samples, since=since,
            )
        )  # fmt: skip
    fields = ["at", "outlook", "level", "limit", "slope_per_day", "reaches_at", "samples", "since"]
    DeviceForecast.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["device", "kind"], update_fields=fields
    )
    return len(rows)
