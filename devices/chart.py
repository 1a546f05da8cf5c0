"""What a chart of a device shows: a metric over a time in a fixed number of points, its limits and its alarms."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from devices.baselines import baselines_of
from devices.history import Point, series, width_of
from devices.models import Alarm, Device, ProfileMetric

# As many points as a screen can show apart [J]; each tells the least, the mean and the most of its time.
MOST_POINTS = 240
MOST_ALARMS = 200
SPANS = (1, 7, 30, 90)  # days to choose from
USUAL_SPAN = 7
LINES = ("critical", "high", "low", "clear")


@dataclass(frozen=True)
class Chart:
    """``metric`` of a device from ``since`` to ``until``; ``alarms``: those it raised that held in this time.

    ``baseline``: what the device measures when all is well, where its limits are distances from that; else None.
    """

    metric: ProfileMetric
    since: datetime
    until: datetime
    points: list[Point]
    alarms: list[Alarm]
    baseline: float | None = None

    @property
    def seconds(self) -> float:
        """The time of one point; of one that is a single reading, how long a point might have been."""
        return width_of(self.since, self.until, MOST_POINTS).total_seconds()

    @property
    def lines(self) -> list[tuple[str, float]]:
        """The limits as they stand in the chart: name and value of what is measured there.

        Distances from a baseline stand above it, and below it too where the device went there.
        """
        limits = [(name, value) for name in LINES if (value := getattr(self.metric, name)) is not None]
        if self.baseline is None:
            return limits
        sides = [1, -1] if any(point.min < self.baseline for point in self.points) else [1]
        return [("baseline", self.baseline), *((name, self.baseline + side * value)
                                               for side in sides for name, value in limits)]  # fmt: skip


def metrics_of(device: Device) -> list[ProfileMetric]:
    """Return what can be charted of a device: first what can raise an alarm, batteries after the rest."""
    rows = device.profile.metrics.all()
    return sorted(rows, key=lambda row: (row.metric == "battery", not row.alarm, row.metric))


def chart_of(device: Device, metric: ProfileMetric, *, since: datetime, until: datetime, user) -> Chart:
    """Return the chart of a metric, with the alarms that ``user`` may see; two statements and their prefetches, and one
    where limits are distances."""
    points = series(device, metric.metric, since, until, most=MOST_POINTS)
    zero = baselines_of([device.pk]).get(device.pk, {}).get(metric.metric, 0.0) if metric.relative_to_baseline else None
    return Chart(metric, since, until, points, _alarms(device, metric, since, until, user), zero)


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
