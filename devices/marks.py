"""What a batch of readings changes about its devices: the newest values, the newest status, the clock."""

from dataclasses import dataclass, field
from datetime import datetime

from devices import store
from devices.messages import RETENTION, STATUS, Sample
from devices.models import Quality
from devices.store import SEEN_STEP, DeviceRow

Metric = tuple[int, str]  # device id, name


@dataclass
class Marks:
    """``good``: the time of the newest figure that can be, of metrics whose newest cannot, and of the newest status
    word that was judged, where the newest was not, as ``store.Known``; kept in step by ``devices.ingest``."""

    received_at: datetime
    good: dict[Metric, datetime | None]
    values: dict[Metric, tuple] = field(default_factory=dict)
    aside: dict[Metric, tuple] = field(default_factory=dict)  # of those that are not judged
    devices: dict[int, DeviceRow] = field(default_factory=dict)

    def __post_init__(self):
        self._good_before = dict(self.good)

    def note(self, sample: Sample, fresh: Sample | None, device: DeviceRow, *, heard: bool) -> None:
        """Take up one sample; ``fresh`` is the part of it that is newer than what is known, if any; ``heard``: whether
        it says that the device is there. Call in order of times."""
        status, skewed = device.status, sample.skewed or (device.clock_skewed and fresh is None)
        if fresh is not None:
            pk, at = device.pk, fresh.at
            if fresh.status is not None:
                status = fresh.status
                self.values[pk, STATUS] = (at, None, status)
            for name, value in fresh.metrics.items():
                self.values[pk, name] = (at, value, "")
            if self.aside or fresh.aside:
                self._part(fresh)
        seen = heard and (device.last_seen_at is None or self.received_at - device.last_seen_at > SEEN_STEP)
        if seen or sample.skewed or status != device.status or skewed != device.clock_skewed:
            if heard:
                device.last_seen_at = max(self.received_at, device.last_seen_at or self.received_at)
            device.status, device.clock_skewed = status, skewed
            if sample.skewed:
                device.skewed_at = self.received_at
            self.devices[device.pk] = device

    def _part(self, fresh: Sample) -> None:
        """Keep what is not judged apart; a newer one that is judged takes its place."""
        for name in fresh.names():
            key = fresh.device_id, name
            if name in fresh.aside:
                self.aside[key] = self.values.pop(key)
            else:
                self.aside.pop(key, None)

    def write(self, later: store.Later) -> None:
        """Store all of it."""
        good = [(*key, *value) for key, value in self.values.items()]
        aside = [(*key, *value, *self._told(key)) for key, value in self.aside.items()]
        behind = [
            (*key, self.good[key]) for key, before in self._good_before.items()
            if self.good[key] != before and key not in self.values and key not in self.aside
        ]  # fmt: skip
        store.latest_write(later, self.received_at, good, aside, behind)
        store.devices_write(later, self.devices.values())

    def _told(self, key: Metric) -> tuple[datetime | None, str | None]:
        """Return of what is not judged when the newest that was is from, and its quality.

        Words are not bad: what tells that one was set aside is that time. Where none was ever judged it lies before all
        that may still come in.
        """
        good_at = self.good.get(key)
        if key[1] != STATUS:
            return good_at, str(Quality.BAD)
        return good_at or self.received_at - RETENTION, None
