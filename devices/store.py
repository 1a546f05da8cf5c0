"""The statements of ingest: each stores or reads a whole batch, whatever its size.

They go past Django's own cursor, which writes every value into the text of the statement: here values travel in binary
and plans are kept, which is most of the speed.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from django.db import connection
from psycopg import Cursor

from devices.messages import FUTURE, STATUS, Sample
from devices.models import Quality

Key = tuple[int, str, datetime]  # device id, metric, time

DEVICES = """
SELECT id, code, profile_id, gateway_id, state, status, last_seen_at, clock_skewed, skewed_at, paid_until,
    late_paid_until, refused, refused_at,
    EXISTS (SELECT FROM devices_devicecommand WHERE device_id = devices_device.id AND state IN ('queued', 'sent'))
FROM devices_device
WHERE code = ANY(%b::text[]) AND (id = ANY(%b::bigint[]) OR gateway_id = ANY(%b::bigint[]))
ORDER BY id FOR NO KEY UPDATE
"""
TRACKED = """
SELECT device_id FROM devices_alarm WHERE cleared_at IS NULL AND device_id = ANY(%b::bigint[])
UNION SELECT device_id FROM devices_pendingalarm WHERE device_id = ANY(%b::bigint[])
"""
COPY = "COPY devices_reading (device_id, metric, at, value, text, received_at) FROM STDIN (FORMAT BINARY)"
COPY_TYPES = ["int8", "varchar", "timestamptz", "float8", "varchar", "timestamptz"]
INSERT = """
INSERT INTO devices_reading (device_id, metric, at, value, text, received_at, claimed_at, quality)
SELECT device_id, metric, at, value, text, %b::timestamptz, claimed_at, quality
FROM unnest(%b::bigint[], %b::text[], %b::timestamptz[], %b::float8[], %b::text[], %b::timestamptz[], %b::text[])
    AS sent (device_id, metric, at, value, text, claimed_at, quality)
ON CONFLICT (device_id, metric, at) DO NOTHING
RETURNING device_id, metric, at
"""
# ``at`` of a skewed reading is when it came in: at most FUTURE before the time it claimed. The bounds keep the search
# in one or two partitions.
CLAIMED = """
SELECT device_id, metric, claimed_at FROM devices_reading
WHERE claimed_at IS NOT NULL AND device_id = ANY(%b::bigint[]) AND claimed_at = ANY(%b::timestamptz[])
    AND at >= %b::timestamptz AND at <= %b::timestamptz
"""
LATEST = "SELECT device_id, metric, at FROM devices_latestvalue WHERE device_id = ANY(%b::bigint[])"
# Bad ones are written apart, so that good ones, which are nearly all, carry nothing for it.
WRITE_LATEST = """
INSERT INTO devices_latestvalue (device_id, metric, at, value, text, received_at, quality)
SELECT device_id, metric, at, value, text, %b::timestamptz, {quality}
FROM unnest(%b::bigint[], %b::text[], %b::timestamptz[], %b::float8[], %b::text[])
    AS sent (device_id, metric, at, value, text)
ON CONFLICT (device_id, metric) DO UPDATE
    SET at = excluded.at, value = excluded.value, text = excluded.text, received_at = excluded.received_at,
        quality = {quality}
    WHERE devices_latestvalue.at < excluded.at
"""
WRITE_GOOD, WRITE_BAD = WRITE_LATEST.format(quality="NULL"), WRITE_LATEST.format(quality=f"'{Quality.BAD}'")
MARK_HOURS = """
INSERT INTO devices_rollupmark (device_id, hour) SELECT device_id, hour
FROM unnest(%b::bigint[], %b::timestamptz[]) AS sent (device_id, hour)
"""
WRITE_DEVICES = """
UPDATE devices_device AS device
SET status = sent.status, last_seen_at = greatest(device.last_seen_at, sent.seen_at), clock_skewed = sent.skewed,
    skewed_at = coalesce(sent.skewed_at, device.skewed_at), paid_until = sent.paid_until,
    late_paid_until = sent.late_paid_until, refused = sent.refused, refused_at = sent.refused_at
FROM unnest(%b::bigint[], %b::text[], %b::timestamptz[], %b::boolean[], %b::timestamptz[], %b::timestamptz[],
    %b::timestamptz[], %b::bigint[], %b::timestamptz[])
    AS sent (id, status, seen_at, skewed, skewed_at, paid_until, late_paid_until, refused, refused_at)
WHERE device.id = sent.id
"""


# How far behind ``last_seen_at`` may be: what reports more often is not written more often for that alone.
SEEN_STEP = timedelta(seconds=5)


@dataclass(slots=True)
class DeviceRow:
    """What ingest needs to know of a device."""

    pk: int
    code: str
    profile_id: int
    gateway_id: int | None
    state: str
    status: str
    last_seen_at: datetime | None
    clock_skewed: bool
    skewed_at: datetime | None
    paid_until: datetime | None
    late_paid_until: datetime | None
    refused: int
    refused_at: datetime | None
    commanded: bool = False  # a command waits for it


@contextmanager
def binary_cursor() -> Iterator[Cursor]:
    """Open a cursor of the driver on Django's connection, in its transaction; errors are Django's."""
    connection.ensure_connection()
    with connection.wrap_database_errors, Cursor(connection.connection) as cursor:
        yield cursor


def _rows(cursor: Cursor, statement: str, values: list) -> list[tuple]:
    cursor.execute(statement, values, prepare=True, binary=True)
    return cursor.fetchall()


def devices_lock(
    cursor, codes: Collection[str], devices: Collection[int], gateways: Collection[int]
) -> list[DeviceRow]:
    """Lock the devices of these codes that are among ``devices`` or behind ``gateways``, in the order of their ids."""
    return [DeviceRow(*row) for row in _rows(cursor, DEVICES, [list(codes), list(devices), list(gateways)])]


def tracked(cursor, devices: Collection[int]) -> set[int]:
    """Return those of the devices that have an alarm that is not over, or one pending."""
    return {pk for (pk,) in _rows(cursor, TRACKED, [list(devices)] * 2)}


def readings_copy(cursor, samples: list[Sample], received_at: datetime) -> None:
    """Store readings that are newer than all known of their metric, and so cannot be there yet."""
    with cursor.copy(COPY) as copy:
        copy.set_types(COPY_TYPES)
        for sample in samples:
            device, at = sample.device_id, sample.at
            if sample.status is not None:
                copy.write_row((device, STATUS, at, None, sample.status, received_at))
            for name, value in sample.metrics.items():
                copy.write_row((device, name, at, value, "", received_at))


def readings_insert(cursor, samples: list[Sample], devices: dict[int, DeviceRow], received_at: datetime) -> set[Key]:
    """Store the readings not yet known and return their keys. ``samples`` of one time: the first one counts."""
    rows: dict[Key, tuple] = {}
    for sample in samples:
        for name, value, text in sample.readings():
            quality = str(Quality.BAD) if name in sample.bad else None
            row = (sample.device_id, name, sample.at, value, text, sample.claimed_at, quality)
            rows.setdefault((sample.device_id, name, sample.device_at), row)
    if any(may_repeat_a_claim(sample, devices[sample.device_id], received_at) for sample in samples):
        for known in _claimed(cursor, rows):
            rows.pop(known, None)
    if not rows:
        return set()
    return set(_rows(cursor, INSERT, [received_at, *_columns(rows.values())]))


def may_repeat_a_claim(sample: Sample, device: DeviceRow, received_at: datetime) -> bool:
    """A message with a time ahead of ours, sent again later, may by then claim a time that is not ahead any more."""
    return sample.skewed or (device.skewed_at is not None and device.skewed_at >= received_at - 2 * FUTURE)


def _claimed(cursor, rows: dict[Key, tuple]) -> list[Key]:
    times = [at for _device, _name, at in rows]
    bounds = [min(times) - FUTURE, max(times) + timedelta(seconds=1)]
    return _rows(cursor, CLAIMED, [sorted({device for device, _name, _at in rows}), sorted(set(times)), *bounds])


def latest_times(cursor, devices: set[int]) -> dict[tuple[int, str], datetime]:
    """Return the time of the newest reading of each metric of the devices."""
    return {(device, name): at for device, name, at in _rows(cursor, LATEST, [sorted(devices)])}


@dataclass
class Marks:
    """What a batch changes about its devices: the newest values, the newest status, the clock."""

    received_at: datetime
    values: dict[tuple[int, str], tuple] = field(default_factory=dict)
    bad: dict[tuple[int, str], tuple] = field(default_factory=dict)
    devices: dict[int, DeviceRow] = field(default_factory=dict)

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


def latest_write(cursor, marks: Marks) -> None:
    """Store the newest values, bad ones with their flag."""
    for statement, values in ((WRITE_GOOD, marks.values), (WRITE_BAD, marks.bad)):
        if values:
            rows = [(device, name, *value) for (device, name), value in values.items()]
            cursor.execute(statement, [marks.received_at, *_columns(rows)], prepare=True)


def hours_mark(cursor, samples: list[Sample], received_at: datetime) -> None:
    """Note the hours that ``samples`` (in order of their times) belong to and that may have been rolled up already.

    One statement, and none while all are of the hour in which they came in: nearly always.
    """
    present = hour_of(received_at)
    if samples[0].at >= present:
        return
    rows = {(sample.device_id, hour_of(sample.at)) for sample in samples if sample.metrics and sample.at < present}
    if rows:
        cursor.execute(MARK_HOURS, _columns(sorted(rows)), prepare=True)


def hour_of(moment: datetime) -> datetime:
    """Return the beginning of the hour (UTC) a moment lies in."""
    return moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def devices_write(cursor, marks: Marks) -> None:
    """Store what changed about the devices."""
    if marks.devices:
        rows = [
            (row.pk, row.status, row.last_seen_at, row.clock_skewed, row.skewed_at, row.paid_until, row.late_paid_until,
             row.refused, row.refused_at)
            for row in marks.devices.values()
        ]  # fmt: skip
        cursor.execute(WRITE_DEVICES, _columns(rows), prepare=True)


def _columns(rows) -> list[list]:
    return [list(column) for column in zip(*rows, strict=True)]
