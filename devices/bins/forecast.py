"""When a bin will be full: its newest level, and what it fills in the hours to come (``devices.bins.learning``)."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np
from django.db.models import Prefetch
from django.utils import timezone

from devices.bins.learning import FILL
from devices.models import Device, LatestValue, ProfileMetric
from devices.models.collection import HOURS_OF_WEEK
from devices.workflow import DeviceState

# Where the profile says nothing of it (domain/devices.md, "Starting profiles").
LIMIT, OVERFLOW, EMPTY = 0.80, 0.95, 0.60
HORIZON = timedelta(days=14)  # further ahead nobody plans, and the habits of a week say less [J]
LEAST_HOURS = 72.0  # with less experience than three days there is no forecast [J]
TINY = 1e-12  # below it two shares differ by rounding only: 0.1 + 0.7 is not 0.8
STALE = timedelta(hours=48)  # what was last heard longer ago tells nothing of now [J]


@dataclass(frozen=True)
class Bin:
    """A bin as it is known at ``at``: ``level`` as a share (None: nothing heard for two days), measured at
    ``level_at``; when it reaches the limit of its alarm and when it overflows (None: not within 14 days, or not
    ``known``). ``known`` is False while there is too little experience: ``hours`` of LEAST_HOURS.
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

    @property
    def known(self) -> bool:
        return self.hours >= LEAST_HOURS

    @property
    def full(self) -> bool:
        return self.level is not None and self.level >= self.limit


def bins_of(rows, *, at: datetime | None = None) -> list[Bin]:
    """Return the bins in service among devices ``rows``, those that are full first, then as they will be; three
    statements for any number.
    """
    at = at or timezone.now()
    latest = Prefetch("latest", LatestValue.objects.filter(metric__in=FILL, quality=None), to_attr="levels")
    rows = rows.filter(state=DeviceState.IN_SERVICE, profile__metrics__metric__in=FILL).distinct().order_by("code")
    rows = rows.select_related("profile", "area", "unit", "fill_rate").defer("area__boundary")
    found = [_bin(device, at) for device in rows.prefetch_related("profile__metrics", latest)]
    return sorted(found, key=lambda row: (row.full_at is None, row.full_at or at, -(row.level or 0), row.device.code))


def fill_metric(device: Device) -> ProfileMetric | None:
    """Return the metric that tells how full a device is; None for what is no bin."""
    return next((row for row in device.profile.metrics.all() if row.metric in FILL), None)


def _bin(device: Device, at: datetime) -> Bin:
    metric, rate = fill_metric(device), getattr(device, "fill_rate", None)
    newest = next((row for row in device.levels if row.metric == metric.metric), None)
    fresh = newest is not None and newest.value is not None and at - newest.at <= STALE
    known = Bin(
        device, newest.value if fresh else None, newest.at if newest else None, metric.high or LIMIT,
        metric.critical or OVERFLOW, metric.clear or EMPTY, rate.hours if rate else 0.0, rate.per_day if rate else 0.0,
        rate.emptied_at if rate else None,
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
