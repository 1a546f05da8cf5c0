"""What a chart of a device shows: a metric over a time in a fixed number of points, its limits and its alarms."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Q

from devices.history import Point, series
from devices.models import Alarm, Device, ProfileMetric

# As many points as a screen can show apart [J]; each tells the least, the mean and the most of its time.
MOST_POINTS = 240
MOST_ALARMS = 200
SPANS = (1, 7, 30, 90)  # days to choose from
USUAL_SPAN = 7
# Up to this span the readings themselves are brought together, beyond it their hourly roll-ups: raw ones are dropped.
RAW_SPAN = timedelta(days=7)
HOUR = timedelta(hours=1)

# One statement however many readings there are; the key (device, metric, at) holds them together.
_POINTS = """
    SELECT date_bin(%(width)s, at, %(since)s), min(value), avg(value), max(value), count(*)
    FROM devices_reading
    WHERE device_id = %(device)s AND metric = %(metric)s AND at >= %(since)s AND at < %(until)s AND value IS NOT NULL
        AND quality IS NULL
    GROUP BY 1 ORDER BY 1
"""


@dataclass(frozen=True)
class Chart:
    """``metric`` of a device from ``since`` to ``until``; ``alarms``: those it raised that held in this time."""

    metric: ProfileMetric
    since: datetime
    until: datetime
    points: list[Point]
    alarms: list[Alarm]

    @property
    def seconds(self) -> float:
        """The time of one point."""
        return width_of(self.since, self.until).total_seconds()


def metrics_of(device: Device) -> list[ProfileMetric]:
    """Return what can be charted of a device: first what can raise an alarm, batteries after the rest."""
    rows = device.profile.metrics.all()
    return sorted(rows, key=lambda row: (row.metric == "battery", not row.alarm, row.metric))


def chart_of(device: Device, metric: ProfileMetric, *, since: datetime, until: datetime, user) -> Chart:
    """Return the chart of a metric, with the alarms that ``user`` may see; two statements and their prefetches."""
    return Chart(metric, since, until, points_of(device, metric.metric, since, until), _alarms(device, metric, since,
                 until, user))  # fmt: skip


def width_of(since: datetime, until: datetime) -> timedelta:
    """Return the time of one point: beyond a week whole hours."""
    span = until - since
    return span / MOST_POINTS if span <= RAW_SPAN else -(-span // (MOST_POINTS * HOUR)) * HOUR


def points_of(device: Device, metric: str, since: datetime, until: datetime) -> list[Point]:
    """Return at most ``MOST_POINTS`` points from ``since`` up to, not with, ``until``, of good readings.

    Times without readings have none.
    """
    if until - since > RAW_SPAN:
        return series(device, metric, since, until, most=MOST_POINTS)
    with connection.cursor() as cursor:
        cursor.execute(
            _POINTS,
            {"device": device.pk, "metric": metric, "since": since, "until": until, "width": width_of(since, until)},
        )
        return [Point(*row) for row in cursor.fetchall()]


def _alarms(device: Device, metric: ProfileMetric, since: datetime, until: datetime, user) -> list[Alarm]:
    if not metric.alarm:
        return []
    held = Q(cleared_at=None) | Q(cleared_at__gt=since)
    rows = Alarm.objects.visible_to(user).filter(held, device=device, alarm_type=metric.alarm, raised_at__lt=until)
    return list(rows.with_rows().order_by("-id")[:MOST_ALARMS])


def folded(points: Sequence[Point], parts: int) -> list[Point]:
    """Put neighbouring points together until at most ``parts`` are left, for a table that can be read."""
    size = -(-len(points) // parts) or 1
    return [_one(points[place : place + size]) for place in range(0, len(points), size)]


def _one(points: Sequence[Point]) -> Point:
    count = sum(point.count for point in points)
    return Point(
        points[0].at, min(point.min for point in points), sum(point.mean * point.count for point in points) / count,
        max(point.max for point in points), count,
    )  # fmt: skip
