"""The statements of ingest: each stores or reads a whole batch, whatever its size."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from devices.messages import FUTURE, Sample
from devices.models import Device

Key = tuple[int, str, datetime]  # device id, metric, time

INSERT = """
INSERT INTO devices_reading (device_id, metric, at, value, text, received_at, claimed_at)
SELECT device_id, metric, at, value, text, %s, claimed_at
FROM unnest(%s::bigint[], %s::text[], %s::timestamptz[], %s::float8[], %s::text[], %s::timestamptz[])
    AS sent (device_id, metric, at, value, text, claimed_at)
ON CONFLICT (device_id, metric, at) DO NOTHING
RETURNING device_id, metric, at
"""
# ``at`` of a skewed reading is when it came in: at most FUTURE before the time it claimed. The bounds keep the search
# in one or two partitions.
CLAIMED = """
SELECT device_id, metric, claimed_at FROM devices_reading
WHERE claimed_at IS NOT NULL AND device_id = ANY(%s::bigint[]) AND claimed_at = ANY(%s::timestamptz[])
    AND at >= %s AND at <= %s
"""
LATEST = "SELECT device_id, metric, at FROM devices_latestvalue WHERE device_id = ANY(%s::bigint[])"
WRITE_LATEST = """
INSERT INTO devices_latestvalue (device_id, metric, at, value, text, received_at)
SELECT device_id, metric, at, value, text, %s
FROM unnest(%s::bigint[], %s::text[], %s::timestamptz[], %s::float8[], %s::text[])
    AS sent (device_id, metric, at, value, text)
ON CONFLICT (device_id, metric) DO UPDATE
    SET at = excluded.at, value = excluded.value, text = excluded.text, received_at = excluded.received_at
    WHERE devices_latestvalue.at < excluded.at
"""
WRITE_DEVICES = """
UPDATE devices_device AS device
SET status = sent.status, last_seen_at = greatest(device.last_seen_at, sent.seen_at), clock_skewed = sent.skewed,
    skewed_at = coalesce(sent.skewed_at, device.skewed_at)
FROM unnest(%s::bigint[], %s::text[], %s::timestamptz[], %s::boolean[], %s::timestamptz[])
    AS sent (id, status, seen_at, skewed, skewed_at)
WHERE device.id = sent.id
"""


def readings_insert(cursor, samples: list[Sample], devices: dict[int, Device], received_at: datetime) -> set[Key]:
    """Store the readings not yet known and return their keys. ``samples`` of one time: the first one counts."""
    rows: dict[Key, tuple] = {}
    for sample in samples:
        for name, value, text in sample.readings():
            row = (sample.device_id, name, sample.at, value, text, sample.claimed_at)
            rows.setdefault((sample.device_id, name, sample.device_at), row)
    if any(_may_repeat_a_claim(sample, devices[sample.device_id], received_at) for sample in samples):
        for known in _claimed(cursor, rows):
            rows.pop(known, None)
    if not rows:
        return set()
    cursor.execute(INSERT, [received_at, *_columns(rows.values())])
    return set(cursor.fetchall())


def _may_repeat_a_claim(sample: Sample, device: Device, received_at: datetime) -> bool:
    """A message with a time ahead of ours, sent again later, may by then claim a time that is not ahead any more."""
    return sample.skewed or (device.skewed_at is not None and device.skewed_at >= received_at - 2 * FUTURE)


def _claimed(cursor, rows: dict[Key, tuple]) -> list[Key]:
    times = [at for _device, _name, at in rows]
    bounds = [min(times) - FUTURE, max(times) + timedelta(seconds=1)]
    cursor.execute(CLAIMED, [sorted({device for device, _name, _at in rows}), sorted(set(times)), *bounds])
    return cursor.fetchall()


def latest_times(cursor, devices: set[int]) -> dict[tuple[int, str], datetime]:
    """Return the time of the newest reading of each metric of the devices."""
    cursor.execute(LATEST, [sorted(devices)])
    return {(device, name): at for device, name, at in cursor.fetchall()}


@dataclass
class Marks:
    """What a batch changes about its devices: the newest values, the newest status, the clock."""

    received_at: datetime
    values: dict[tuple[int, str], tuple] = field(default_factory=dict)
    devices: dict[int, dict] = field(default_factory=dict)

    def note(self, sample: Sample, fresh: Sample, device: Device) -> None:
        """Take up one sample; ``fresh`` is the part of it that is newer than what is known. Call in order of times."""
        found = self.devices.setdefault(
            device.pk, {"status": device.status, "seen": None, "skewed": device.clock_skewed, "skewed_at": None}
        )
        for name, value, text in fresh.readings():
            self.values[device.pk, name] = (sample.at, value, text)
            found["seen"] = self.received_at
        if fresh.status is not None:
            found["status"] = fresh.status
        if sample.skewed:
            found["skewed"], found["skewed_at"] = True, self.received_at
        elif found["seen"]:
            found["skewed"] = False


def latest_write(cursor, marks: Marks) -> None:
    """Store the newest values."""
    if marks.values:
        rows = [(device, name, *value) for (device, name), value in marks.values.items()]
        cursor.execute(WRITE_LATEST, [marks.received_at, *_columns(rows)])


def devices_write(cursor, marks: Marks) -> None:
    """Store what changed about the devices."""
    rows = [
        (device, found["status"], found["seen"], found["skewed"], found["skewed_at"])
        for device, found in marks.devices.items()
    ]
    cursor.execute(WRITE_DEVICES, _columns(rows))


def _columns(rows) -> list[list]:
    return [list(column) for column in zip(*rows, strict=True)]
