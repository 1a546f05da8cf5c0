"""What a batch of readings changes about its devices: the newest values, the newest status, the clock."""

from dataclasses import dataclass, field
from datetime import datetime

from devices import store
from devices.messages import STATUS, Sample
from devices.store import SEEN_STEP, DeviceRow

Metric = tuple[int, str]  # device id, name


@dataclass
class Marks:
    """``good``: the time of the newest figure that can be, of metrics whose newest cannot, as ``store.Known``; kept in
    step by ``devices.ingest``."""

    received_at: datetime
    good: dict[Metric, datetime | None]
    values: dict[Metric, tuple] = field(default_factory=dict)
    bad: dict[Metric, tuple] = field(default_factory=dict)
    devices: dict[int, DeviceRow] = field(default_factory=dict)

    def __post_init__(self):
        self._good_before = dict(self.good)

    def note(self, sample: Sample, fresh: Sample | None, device: DeviceRow) -> None:
        """Take up one sample; ``fresh`` is the part of it that is newer than what is known, if any. Call in order of
        times."""
        status, skewed = device.status, sample.skewed or (device.clock_skewed and fresh is None)
        if fresh is not None:
            pk, at = device.pk, fresh.at
            if fresh.status is not None:
                status = fresh.status
                self.values[pk, STATUS] = (at, None, status)
            for name, value in fresh.metrics.items():
                self.values[pk, name] = (at, value, "")
            if fresh.bad or self.bad:
                self._part_bad(fresh)
        seen = fresh is not None and (device.last_seen_at is None or self.received_at - device.last_seen_at > SEEN_STEP)
        if seen or sample.skewed or status != device.status or skewed != device.clock_skewed:
            if fresh is not None:
                device.last_seen_at = max(self.received_at, device.last_seen_at or self.received_at)
            device.status, device.clock_skewed = status, skewed
            if sample.skewed:
                device.skewed_at = self.received_at
            self.devices[device.pk] = device

    def _part_bad(self, fresh: Sample) -> None:
        """Keep bad values apart; a newer good one takes the place of a bad one."""
        for name in fresh.metrics:
            key = fresh.device_id, name
            if name in fresh.bad:
                self.bad[key] = self.values.pop(key)
            else:
                self.bad.pop(key, None)

    def write(self, later: store.Later) -> None:
        """Store all of it."""
        good = [(*key, *value) for key, value in self.values.items()]
        bad = [(*key, *value, self.good.get(key)) for key, value in self.bad.items()]
        behind = [
            (*key, self.good[key]) for key, before in self._good_before.items()
            if self.good[key] != before and key not in self.values and key not in self.bad
        ]  # fmt: skip
        store.latest_write(later, self.received_at, good, bad, behind)
        store.devices_write(later, self.devices.values())
