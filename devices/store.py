"""The statements of ingest: each stores or reads a whole batch, whatever its size.

They go past Django's own cursor, which writes every value into the text of the statement: here plans are kept and
answers come in binary (``governance.statements``). What a batch reads is asked at once, and what it writes is sent at
once (``Later``): a small batch is mostly waiting for the database to answer.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from django.db import connection
from django.utils import timezone
from psycopg import Cursor

from devices.keys import Credential
from devices.messages import SENT_AGAIN, STATUS, Sample
from devices.models import Quality
from governance.columns import AT, flags, numbers, times, words
from governance.statements import run_together

Key = tuple[int, str, datetime]  # device id, metric, time

DEVICES = """
SELECT id, code, profile_id, gateway_id, state, status, last_seen_at, clock_skewed, skewed_at, paid_until,
    late_paid_until, refused, refused_at,
    EXISTS (SELECT FROM devices_devicecommand WHERE device_id = devices_device.id AND state IN ('queued', 'sent'))
FROM devices_device
WHERE code = ANY(%s::text[]) AND (id = ANY(%s::bigint[]) OR gateway_id = ANY(%s::bigint[]))
ORDER BY id FOR NO KEY UPDATE
"""
# Asked together with ``DEVICES`` and so by code; each statement sees what was there when the devices were locked.
NAMED = "ANY(ARRAY(SELECT id FROM devices_device WHERE code = ANY(%s::text[])))"
LATEST = (
    f"SELECT device_id, metric, at, quality IS NOT NULL, good_at FROM devices_latestvalue WHERE device_id = {NAMED}"
)
STANDING = f"""
SELECT alarm.id, alarm.device_id, alarm.alarm_type, alarm.condition, alarm.asserted, alarm.exceeded, alarm.critical,
    alarm.since, alarm.last_at, alarm.count, alarm.noted_at, cases.state, cases.merged_into_id IS NOT NULL
FROM devices_alarm AS alarm LEFT JOIN cases_case AS cases ON cases.id = alarm.case_id
WHERE alarm.cleared_at IS NULL AND alarm.device_id = {NAMED}
ORDER BY alarm.alarm_type
"""
PENDING = f"SELECT DISTINCT device_id FROM devices_pendingalarm WHERE device_id = {NAMED}"
# Who is let in, as ``devices.keys.credentials_in_force`` has it.
IN_FORCE = """keys.revoked_at IS NULL AND keys.valid_from <= %s::timestamptz
    AND coalesce(keys.expires_at > %s::timestamptz, true)"""
KEYS = f"""
SELECT keys.id FROM devices_devicekey AS keys LEFT JOIN devices_gateway AS gateway ON gateway.id = keys.gateway_id
WHERE keys.id = ANY(%s::bigint[]) AND coalesce(gateway.is_active, true) AND {IN_FORCE}
"""
VOUCHED_DEVICES = f"""
SELECT device.id FROM devices_device AS device LEFT JOIN devices_gateway AS gateway ON gateway.id = device.gateway_id
WHERE device.id = ANY(%s::bigint[])
    AND (EXISTS (SELECT FROM devices_devicekey AS keys WHERE keys.device_id = device.id AND {IN_FORCE})
        OR gateway.is_active
            AND EXISTS (SELECT FROM devices_devicekey AS keys WHERE keys.gateway_id = gateway.id AND {IN_FORCE}))
"""
VOUCHED_GATEWAYS = f"""
SELECT gateway.id FROM devices_gateway AS gateway
WHERE gateway.id = ANY(%s::bigint[]) AND gateway.is_active
    AND EXISTS (SELECT FROM devices_devicekey AS keys WHERE keys.gateway_id = gateway.id AND {IN_FORCE})
"""
COPY = "COPY devices_reading (device_id, metric, at, value, text, received_at) FROM STDIN (FORMAT BINARY)"
COPY_TYPES = ["int8", "varchar", "timestamptz", "float8", "varchar", "timestamptz"]
SENT = "unnest(%s::bigint[], %s::text[], %s::bigint[], %s::float8[], %s::text[])"
INSERT_NEW = f"""
INSERT INTO devices_reading (device_id, metric, at, value, text, received_at)
SELECT device_id, metric, {AT.format("at")}, value, text, %s::timestamptz
FROM {SENT} AS sent (device_id, metric, at, value, text)
"""
INSERT = f"""
INSERT INTO devices_reading (device_id, metric, at, value, text, received_at, claimed_at, quality)
SELECT device_id, metric, {AT.format("at")}, value, text, %s::timestamptz, {AT.format("claimed_at")}, quality
FROM unnest(%s::bigint[], %s::text[], %s::bigint[], %s::float8[], %s::text[], %s::bigint[], %s::text[])
    AS sent (device_id, metric, at, value, text, claimed_at, quality)
ON CONFLICT (device_id, metric, at) DO NOTHING
RETURNING device_id, metric, at
"""
# ``at`` of a skewed reading is when it came in, however far ahead the time it claimed. The bounds keep the search in
# one or two partitions.
CLAIMED = """
SELECT device_id, metric, claimed_at FROM devices_reading
WHERE claimed_at IS NOT NULL AND device_id = ANY(%s::bigint[]) AND claimed_at = ANY(%s::timestamptz[])
    AND at >= %s::timestamptz AND at <= %s::timestamptz
"""
# What is not judged is written apart, so that the rest, which is nearly all, carries nothing for it.
WRITE_GOOD = f"""
INSERT INTO devices_latestvalue (device_id, metric, at, value, text, received_at)
SELECT device_id, metric, {AT.format("at")}, value, text, %s::timestamptz
FROM {SENT} AS sent (device_id, metric, at, value, text)
ON CONFLICT (device_id, metric) DO UPDATE
    SET at = excluded.at, value = excluded.value, text = excluded.text, received_at = excluded.received_at,
        quality = NULL, good_at = NULL
    WHERE devices_latestvalue.at < excluded.at
"""
WRITE_ASIDE = f"""
INSERT INTO devices_latestvalue (device_id, metric, at, value, text, received_at, quality, good_at)
SELECT device_id, metric, {AT.format("at")}, value, text, %s::timestamptz, quality, {AT.format("good_at")}
FROM unnest(%s::bigint[], %s::text[], %s::bigint[], %s::float8[], %s::text[], %s::bigint[], %s::text[])
    AS sent (device_id, metric, at, value, text, good_at, quality)
ON CONFLICT (device_id, metric) DO UPDATE
    SET at = excluded.at, value = excluded.value, text = excluded.text, received_at = excluded.received_at,
        quality = excluded.quality, good_at = excluded.good_at
    WHERE devices_latestvalue.at < excluded.at
"""
WRITE_GOOD_AT = f"""
UPDATE devices_latestvalue AS latest SET good_at = {AT.format("sent.good_at")}
FROM unnest(%s::bigint[], %s::text[], %s::bigint[]) AS sent (device_id, metric, good_at)
WHERE latest.device_id = sent.device_id AND latest.metric = sent.metric
    AND (latest.quality IS NOT NULL OR latest.good_at IS NOT NULL)
"""
MARK_HOURS = f"""
INSERT INTO devices_rollupmark (device_id, hour) SELECT device_id, {AT.format("hour")}
FROM unnest(%s::bigint[], %s::bigint[]) AS sent (device_id, hour)
"""
WRITE_DEVICES = f"""
UPDATE devices_device AS device
SET status = sent.status, last_seen_at = greatest(device.last_seen_at, {AT.format("sent.seen_at")}),
    clock_skewed = sent.skewed, skewed_at = coalesce({AT.format("sent.skewed_at")}, device.skewed_at),
    paid_until = {AT.format("sent.paid_until")}, late_paid_until = {AT.format("sent.late_paid_until")},
    refused = sent.refused, refused_at = {AT.format("sent.refused_at")}
FROM unnest(%s::bigint[], %s::text[], %s::bigint[], %s::boolean[], %s::bigint[], %s::bigint[], %s::bigint[],
    %s::bigint[], %s::bigint[])
    AS sent (id, status, seen_at, skewed, skewed_at, paid_until, late_paid_until, refused, refused_at)
WHERE device.id = sent.id
"""
REPEATED = f"""
UPDATE devices_alarm AS alarm SET last_at = {AT.format("sent.last_at")}, count = sent.count
FROM unnest(%s::bigint[], %s::bigint[], %s::integer[]) AS sent (id, last_at, count) WHERE alarm.id = sent.id
"""
# Readings of a batch from which on COPY is faster than sending them along with the other statements.
COPY_FROM = 200

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


@dataclass(slots=True)
class Standing:
    """An occurrence that is not over, as far as ``devices.steady`` needs it."""

    pk: int
    device_id: int
    alarm_type: str
    condition: str
    asserted: bool
    exceeded: bool
    critical: bool
    since: datetime | None
    last_at: datetime
    count: int
    noted_at: datetime | None
    case_state: str | None
    case_merged: bool


@dataclass
class LetIn:
    """Those of the senders of a batch that may send still, by what they are known by."""

    keys: set[int]
    devices: set[int] = field(default_factory=set)
    gateways: set[int] = field(default_factory=set)

    def __contains__(self, credential: Credential) -> bool:
        if credential.key_id is not None:
            return credential.key_id in self.keys
        return credential.device_id in self.devices or credential.gateway_id in self.gateways


@dataclass
class Known:
    """What there is of the devices a batch names. ``devices`` are locked, in the order of their ids.

    ``latest``: the time of each metric's newest reading; ``good``: of the newest that was judged, where the newest is a
    figure that cannot be, or a word that says nothing about alarms (None: there is none). By device: open occurrences,
    and whether an alarm is pending. ``let_in``: the senders that may send still, where that was asked.
    """

    devices: list[DeviceRow]
    latest: dict[tuple[int, str], datetime]
    good: dict[tuple[int, str], datetime | None]
    standing: dict[int, list[Standing]]
    pending: set[int]
    let_in: LetIn | None


@contextmanager
def binary_cursor() -> Iterator[Cursor]:
    """Open a cursor of the driver on Django's connection, in its transaction; errors are Django's."""
    connection.ensure_connection()
    with connection.wrap_database_errors, Cursor(connection.connection) as cursor:
        yield cursor


def known(cursor, codes: Collection[str], senders: Collection[Credential], *, ask_senders: bool = False) -> Known:
    """Lock the devices of these codes that the senders cover; return what is known of them, and with ``ask_senders``
    who of the senders may send still. One exchange with the database."""
    named = words(codes)
    devices = {one.device_id for one in senders if one.device_id}
    gateways = {one.gateway_id for one in senders if one.gateway_id}
    wanted = [(DEVICES, [named, numbers(devices), numbers(gateways)]), (LATEST, [named]), (STANDING, [named]),
              (PENDING, [named])]  # fmt: skip
    asked = _asked(senders) if ask_senders else []
    rows, latest, standing, pending, *let_in = run_together(cursor.connection, wanted + asked)
    by_device: dict[int, list[Standing]] = {}
    for row in standing:
        by_device.setdefault(row[1], []).append(Standing(*row))
    return Known(
        devices=[DeviceRow(*row) for row in rows],
        latest={(device, name): at for device, name, at, _bad, _good_at in latest},
        good={(device, name): good_at for device, name, _at, bad, good_at in latest if bad or good_at},
        standing=by_device,
        pending={pk for (pk,) in pending},
        let_in=LetIn(*({pk for (pk,) in found} for found in let_in)) if ask_senders else None,
    )


def _asked(senders: Collection[Credential]) -> list[tuple[str, list]]:
    """Return the statements that fill ``LetIn``."""
    vouched, now = [one for one in senders if one.key_id is None], timezone.now()
    asked = [(KEYS, [numbers({one.key_id for one in senders if one.key_id is not None}), now, now])]
    if vouched:
        devices = numbers({one.device_id for one in vouched if one.device_id})
        gateways = numbers({one.gateway_id for one in vouched if one.gateway_id})
        asked += [(VOUCHED_DEVICES, [devices, now, now, now, now]), (VOUCHED_GATEWAYS, [gateways, now, now])]
    return asked


class Later:
    """Statements nobody waits for: kept until ``send``, which is one exchange with the database."""

    def __init__(self, cursor):
        self._cursor, self._waiting = cursor, []

    def add(self, statement: str, values: list) -> None:
        """Keep a statement; they are run in the order they were added."""
        self._waiting.append((statement, values))

    def send(self) -> None:
        """Run what is kept."""
        if not self._waiting:
            return
        run_together(self._cursor.connection, self._waiting)
        self._waiting = []


def readings_add(cursor, later: Later, samples: list[Sample], received_at: datetime) -> None:
    """Store readings that are newer than all known of their metric, and so cannot be there yet."""
    if sum(len(sample.metrics) for sample in samples) >= COPY_FROM:
        _copy(cursor, samples, received_at)
        return
    rows = [(sample.device_id, name, sample.at, value, text) for sample in samples
            for name, value, text in sample.readings()]  # fmt: skip
    later.add(INSERT_NEW, [received_at, *_values(rows)])


def _copy(cursor, samples: list[Sample], received_at: datetime) -> None:
    with cursor.copy(COPY) as copy:
        copy.set_types(COPY_TYPES)
        for sample in samples:
            device, at = sample.device_id, sample.at
            if sample.status is not None:
                copy.write_row((device, STATUS, at, None, sample.status, received_at))
            for name, value in sample.metrics.items():
                copy.write_row((device, name, at, value, "", received_at))


def _values(rows) -> list[str]:
    """Return the columns of rows of (device, metric, time, value, text)."""
    device, metric, at, value, text = zip(*rows, strict=True)
    return [numbers(device), words(metric), times(at), numbers(value), words(text)]


def readings_insert(cursor, samples: list[Sample], devices: dict[int, DeviceRow], received_at: datetime) -> set[Key]:
    """Store the readings not yet known and return their keys. ``samples`` of one time: the first one counts."""
    rows: dict[Key, tuple] = {}
    for sample in samples:
        for name, value, text in sample.readings():
            quality = str(Quality.BAD) if name in sample.bad else None
            row = (sample.device_id, name, sample.at, value, text, sample.claimed_at, quality)
            rows.setdefault((sample.device_id, name, sample.device_at), row)
    if any(may_repeat_a_claim(sample, devices[sample.device_id], received_at) for sample in samples):
        for claimed in _claimed(cursor, rows, received_at):
            rows.pop(claimed, None)
    if not rows:
        return set()
    claims, qualities = [row[5] for row in rows.values()], [row[6] for row in rows.values()]
    values = [received_at, *_values([row[:5] for row in rows.values()]), times(claims), words(qualities)]
    return set(run_together(cursor.connection, [(INSERT, values)])[0])


def may_repeat_a_claim(sample: Sample, device: DeviceRow, received_at: datetime) -> bool:
    """A message with a time ahead of ours, sent again later, may by then claim a time that is not ahead any more."""
    return sample.skewed or (device.skewed_at is not None and device.skewed_at >= received_at - 2 * SENT_AGAIN)


def _claimed(cursor, rows: dict[Key, tuple], received_at: datetime) -> list[Key]:
    moments = [at for _device, _name, at in rows]
    latest = min(max(moments), received_at + SENT_AGAIN)
    bounds = [min(*moments, received_at) - SENT_AGAIN, latest + timedelta(seconds=1)]
    claimed = words(moment.isoformat() for moment in sorted(set(moments)))
    values = [numbers(sorted({device for device, _name, _at in rows})), claimed, *bounds]
    return run_together(cursor.connection, [(CLAIMED, values)])[0]


def latest_write(later: Later, received_at: datetime, good: list[tuple], aside: list[tuple],
                 good_at: list[tuple]) -> None:  # fmt: skip
    """Store the newest values: rows of (device, metric, time, value, text); those ``aside`` also with the time of the
    newest that was judged, and their quality. ``good_at``: (device, metric, time) where one that is judged came in
    behind one aside."""
    if good:
        later.add(WRITE_GOOD, [received_at, *_values(good)])
    if aside:
        judged, qualities = times(row[5] for row in aside), words(row[6] for row in aside)
        later.add(WRITE_ASIDE, [received_at, *_values([row[:5] for row in aside]), judged, qualities])
    if good_at:
        device, metric, at = zip(*good_at, strict=True)
        later.add(WRITE_GOOD_AT, [numbers(device), words(metric), times(at)])


def hours_mark(later: Later, samples: list[Sample], received_at: datetime) -> None:
    """Note the hours that ``samples`` (in order of their times) belong to and that may have been rolled up already.

    None while all are of the hour in which they came in: nearly always.
    """
    present = hour_of(received_at)
    if samples[0].at >= present:
        return
    rows = {(sample.device_id, hour_of(sample.at)) for sample in samples if sample.metrics and sample.at < present}
    if rows:
        device, hour = zip(*sorted(rows), strict=True)
        later.add(MARK_HOURS, [numbers(device), times(hour)])


def hour_of(moment: datetime) -> datetime:
    """Return the beginning of the hour (UTC) a moment lies in."""
    return moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def devices_write(later: Later, rows: Collection[DeviceRow]) -> None:
    """Store what changed about devices."""
    if rows:
        later.add(
            WRITE_DEVICES,
            [
                numbers([row.pk for row in rows]), words([row.status for row in rows]),
                times([row.last_seen_at for row in rows]), flags([row.clock_skewed for row in rows]),
                times([row.skewed_at for row in rows]), times([row.paid_until for row in rows]),
                times([row.late_paid_until for row in rows]), numbers([row.refused for row in rows]),
                times([row.refused_at for row in rows]),
            ],
        )  # fmt: skip


def repeated_write(later: Later, rows: list[tuple[int, datetime, int]]) -> None:
    """Store when last and how often occurrences were reported."""
    if rows:
        pk, last_at, count = zip(*rows, strict=True)
        later.add(REPEATED, [numbers(pk), times(last_at), numbers(count)])
