"""The job without HTTP, Django or cases: how fast one connection can parse, drop repeats, judge and store.

The plainest honest program for the work of ``make bench-ingest``: the state of every device in memory, COPY of what is
newer than the latest, one statement for the latest values, alarms set and cleared, one commit a batch.
"""

import time
from datetime import UTC, datetime

import msgspec
import psycopg

COPY = "COPY devices_reading (device_id, metric, at, value, text, received_at) FROM STDIN (FORMAT BINARY)"
TYPES = ["int8", "varchar", "timestamptz", "float8", "varchar", "timestamptz"]
LATEST = """
INSERT INTO devices_latestvalue (device_id, metric, at, value, text, received_at)
SELECT device_id, metric, at, value, '', now() FROM unnest(%b::bigint[], %b::text[], %b::timestamptz[], %b::float8[])
    AS sent (device_id, metric, at, value)
ON CONFLICT (device_id, metric) DO UPDATE
    SET at = excluded.at, value = excluded.value, received_at = excluded.received_at
"""
ALARMS = "CREATE TEMP TABLE floor_alarm (device_id bigint, raised_at timestamptz, cleared_at timestamptz)"


class Message(msgspec.Struct):
    device: str
    at: datetime
    metrics: dict[str, float]


class Body(msgspec.Struct):
    readings: list[Message]


def run(where: dict, bodies: list[bytes], work) -> float:
    """Store the bodies in the database that the connection parameters ``where`` name; return the seconds."""
    ids = dict(zip(work.codes, work.ids, strict=True))
    latest: dict[str, datetime] = {}
    active: set[str] = set()
    decode = msgspec.json.Decoder(Body).decode
    with psycopg.connect(**where) as raw, raw.cursor() as cursor:
        cursor.execute(ALARMS)
        raw.commit()
        start = time.perf_counter()
        for body in bodies:
            _store(raw, cursor, decode(body).readings, ids, latest, active)
        return time.perf_counter() - start


def _store(raw, cursor, messages: list[Message], ids, latest, active) -> None:
    now = datetime.now(UTC)
    raised, cleared, rows = [], [], []
    with cursor.copy(COPY) as copy:
        copy.set_types(TYPES)
        for message in messages:
            device = message.device
            if device in latest and message.at <= latest[device]:
                continue
            latest[device] = message.at
            pk = ids[device]
            for name, value in message.metrics.items():
                copy.write_row((pk, name, message.at, value, "", now))
                rows.append((pk, name, message.at, value))
            tilt = message.metrics["tilt"]
            if tilt >= 15 and device not in active:
                active.add(device)
                raised.append((pk, message.at))
            elif tilt <= 10 and device in active:
                active.discard(device)
                cleared.append((pk, message.at))
    cursor.execute(LATEST, [list(column) for column in zip(*rows, strict=True)], prepare=True)
    if raised:
        cursor.executemany("INSERT INTO floor_alarm VALUES (%s, %s)", raised)
    if cleared:
        cursor.executemany(
            "UPDATE floor_alarm SET cleared_at = %s WHERE device_id = %s AND cleared_at IS NULL",
            [(at, pk) for pk, at in cleared],
        )
    raw.commit()
