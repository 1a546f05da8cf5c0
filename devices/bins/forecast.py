"""When a bin will be full: its newest level, and what it fills in the hours to come (``devices.bins.learning``)."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np
from django.db.models import Prefetch
from django.utils import timezone

from devices.bins.learning import FILL
from devices.models import Device, LatestValue, ProfileMetric, Reading
from devices.models.collection import HOURS_OF_WEEK
from devices.workflow import DeviceState

# Where the profile says nothing of it (domain/devices.md, "Starting profiles").
LIMIT, OVERFLOW, EMPTY = 0.80, 0.95, 0.60
HORIZON = timedelta(days=14)  # further ahead nobody plans, and the habits of a week say less [J]
LEAST_HOURS = 72.0  # with less experience than three days there is no forecast [J]
TINY = 1e-12  # below it two shares differ by rounding only: 0.1 + 0.7 is not 0.8
STALE = timedelta(hours=48)  # what was last heard longer ago tells nothing of now [J]


@dataclass(frozen=True)
class Level:
    """How full a bin is by its newest good reading (None: there is none), ``bad``: the newest one is not good."""

    value: float | None
    at: datetime | None
    bad: bool = False


NOT_HEARD = Level(None, None)


def newest_levels(of: str = "latest") -> Prefetch:
    """Return what loads the rows that ``levels_of`` reads; ``of``: the way to a device's newest values."""
    return Prefetch(of, LatestValue.objects.filter(metric__in=FILL), to_attr="levels")


@dataclass(frozen=True)
class Bin:
    """A bin as it is known at ``at``: ``level`` as a share (None: nothing good heard for two days), measured at
    ``level_at``; when it reaches the limit of its alarm and when it overflows (None: not within 14 days, or not
    ``known``). ``known`` is False while there is too little experience: ``hours`` of LEAST_HOURS. ``bad``: the newest
    reading cannot be, ``level`` is the newest good one.
    """

    device: Device
    level: float | None
    level_at: datetime | None
    limit: float
    overflow: float
    empty: float
    hours: float
    per_day: float
    emptied_at: datetime | None
    full_at: datetime | None = None
    overflow_at: datetime | None = None
    bad: bool = False

    @property
    def known(self) -> bool:
        return self.hours >= LEAST_HOURS

    @property
    def full(self) -> bool:
        return self.level is not None and self.level >= self.limit


def bins_of(rows, *, at: datetime | None = None) -> list[Bin]:
    """Return the bins in service among devices ``rows``, those that are full first, then as they will be; three
    statements for any number, and one where newest readings are bad.
    """
    at = at or timezone.now()
    rows = rows.filter(state=DeviceState.IN_SERVICE, profile__metrics__metric__in=FILL).distinct().order_by("code")
    rows = rows.select_related("profile", "area", "unit", "fill_rate").defer("area__boundary")
    devices = list(rows.prefetch_related("profile__metrics", newest_levels()))
    levels = levels_of(devices)
    found = [_bin(device, levels.get(device.pk, NOT_HEARD), at) for device in devices]
    return sorted(found, key=lambda row: (row.full_at is None, row.full_at or at, -(row.level or 0), row.device.code))


def fill_metric(device: Device) -> ProfileMetric | None:
    """Return the metric that tells how full a device is; None for what is no bin."""
    return next((row for row in device.profile.metrics.all() if row.metric in FILL), None)


def levels_of(devices: Iterable[Device]) -> dict[int, Level]:
    """Return how full bins are, by device, whose profile and ``newest_levels`` are loaded: of what cannot be
    the newest good reading before it is looked up, where there is one; one statement for any number of such.
    """
    newest = {device.pk: row for device in devices if (row := _newest(device)) is not None}
    bad = [row for row in newest.values() if row.quality is not None]
    asked = [row for row in bad if row.good_at is not None]
    good = {}
    if asked:
        rows = Reading.objects.filter(
            device__in={row.device_id for row in asked}, at__in={row.good_at for row in asked}, metric__in=FILL
        )
        good = {tuple(key): value for *key, value in rows.values_list("device", "metric", "at", "value")}
    levels = {pk: Level(row.value, row.at) for pk, row in newest.items()}
    for row in bad:
        value = good.get((row.device_id, row.metric, row.good_at))
        levels[row.device_id] = Level(value, row.good_at if value is not None else None, bad=True)
    return levels


def _newest(device: Device) -> LatestValue | None:
    metric = fill_metric(device)
    return next((row for row in device.levels if metric is not None and row.metric == metric.metric), None)


def _bin(device: Device, level: Level, at: datetime) -> Bin:
    metric, rate = fill_metric(device), getattr(device, "fill_rate", None)
    fresh = level.value is not None and at - level.at <= STALE
    known = Bin(
        device, level.value if fresh else None, level.at, metric.high or LIMIT, metric.critical or OVERFLOW,
        metric.clear or EMPTY, rate.hours if rate else 0.0, rate.per_day if rate else 0.0,
        rate.emptied_at if rate else None, bad=level.bad,
    )  # fmt: skip
    if known.level is None:
        return known
    rates = rate.rates if known.known else None
    reached = [reaches(known.level, known.level_at, limit, rates) for limit in (known.limit, known.overflow)]
    return replace(known, full_at=reached[0], overflow_at=reached[1])


def reaches(level: float, at: datetime, limit: float, rates) -> datetime | None:
    """Return when a bin of ``level`` at ``at`` reaches ``limit``: ``at`` if it has, None if not within HORIZON, or
    without ``rates`` (what fills in each hour of the week, Monday 0:00 local time first).
    """
    if level >= limit - TINY:
        return at
    if rates is None:
        return None
    local = timezone.localtime(at)
    begun = local.minute / 60 + local.second / 3600
    first = local.weekday() * 24 + local.hour
    hours = np.arange(first, first + int(HORIZON.total_seconds() // 3600) + 1) % HOURS_OF_WEEK
    gains = np.asarray(rates, float)[hours]
    gains[0] *= 1 - begun
    filled = level + np.cumsum(gains)
    place = int(np.searchsorted(filled, limit - TINY))
    if place == len(filled):
        return None
    before = filled[place - 1] if place else level
    start = begun if place == 0 else 0.0
    share = (limit - before) / gains[place] * (1 - start) + start
    found = at + timedelta(hours=place - begun + share)
    return found if found <= at + HORIZON else None
