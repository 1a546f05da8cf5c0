"""The past of a figure as a line: its readings while they are few, else roll-ups of as many hours as are needed.

Unscoped: whoever asks has found the device through ``visible_to``.
"""

from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import connection
from django.utils.translation import gettext as _

from devices.models import Device
from governance.errors import Invalid

# What a chart can show beside each other; two days of readings every 5 minutes are 576.
MOST_POINTS = 600
# Up to this span readings are read, beyond it hourly roll-ups.
RAW_SPAN = timedelta(days=2)
MOST_SPAN = timedelta(days=3660)
HOUR = timedelta(hours=1)

GOOD = "device_id = %s AND metric = %s AND value IS NOT NULL AND quality IS NULL"
RAW = f"""
SELECT at, value, value, value, 1 FROM devices_reading WHERE {GOOD} AND at >= %s AND at < %s ORDER BY at LIMIT %s
"""
RAW_BINNED = f"""
SELECT min(at), min(value), avg(value), max(value), count(*) FROM devices_reading
WHERE {GOOD} AND at >= %s AND at < %s
GROUP BY date_bin(%s, at, %s) ORDER BY 1
"""
# What is not rolled up yet is read from the readings, an hour at a time.
HOURS_BINNED = f"""
WITH known AS (SELECT coalesce(max(covered_until), '-infinity') AS until FROM devices_rollupprogress),
hours AS (
    SELECT hour, low, mean, high, count FROM devices_readinghour, known
    WHERE device_id = %s AND metric = %s AND hour >= %s AND hour < %s AND hour < known.until
    UNION ALL
    SELECT date_trunc('hour', at, 'UTC'), min(value), avg(value), max(value), count(*) FROM devices_reading, known
    WHERE {GOOD} AND at >= greatest(%s, known.until) AND at < %s
    GROUP BY 1
)
SELECT min(hour), min(low), sum(mean * count) / sum(count), max(high), sum(count)::bigint FROM hours
GROUP BY date_bin(%s, hour, %s) ORDER BY 1
"""


class Point(NamedTuple):
    """One point of a line: the time of its first reading or hour, the figures in between, how many readings."""

    at: datetime
    min: float
    mean: float
    max: float
    count: int


def series(device: Device, metric: str, since: datetime, until: datetime, *, most: int = MOST_POINTS) -> list[Point]:
    """Return the good figures of a metric from ``since`` until before ``until``, oldest first, at most ``most`` points.

    Up to 2 days: the readings, brought together where they are more than ``most``. Beyond: hours (``since`` goes back
    to a full hour), brought together likewise. Two statements at most. Raises Invalid naming ``from`` or ``to``.
    """
    _check(since, until)
    width = width_of(since, until, most)
    with connection.cursor() as cursor:
        if until - since > RAW_SPAN:
            start = _full_hour(since)
            wanted = [device.pk, metric, start, until]
            return _points(cursor, HOURS_BINNED, [*wanted, *wanted, width, start])
        wanted = [device.pk, metric, since, until]
        found = _points(cursor, RAW, [*wanted, most + 1])
        if len(found) > most:
            found = _points(cursor, RAW_BINNED, [*wanted, width, since])
    return found


def width_of(since: datetime, until: datetime, most: int) -> timedelta:
    """Return how long a time one point of ``series`` stands for, where readings or hours are brought together."""
    if until - since <= RAW_SPAN:
        return -(-(until - since) // most)
    return -(-(until - _full_hour(since)) // (most * HOUR)) * HOUR


def _full_hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)


def _check(since: datetime, until: datetime) -> None:
    for name, moment in (("from", since), ("to", until)):
        if moment.tzinfo is None:
            raise Invalid(_("A time needs a time zone."), field=name, code="invalid_time")
    if since >= until:
        raise Invalid(_("The end lies after the beginning."), field="to", code="out_of_range")
    if until - since > MOST_SPAN:
        raise Invalid(_("At most ten years at once."), field="from", code="out_of_range")


def _points(cursor, statement: str, values: list) -> list[Point]:
    cursor.execute(statement, values)
    return [Point(*row) for row in cursor.fetchall()]
