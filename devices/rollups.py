"""Hourly roll-ups of the readings, made by a job; ingest never waits for them.

All hours before ``RollUpProgress.covered_until`` are made, one piece and one transaction at a time: a job that was
killed goes on where it was, and making an hour twice gives the same. A reading that comes when its hour may be made
already leaves a mark (``devices.store.hours_mark``); marked hours are made anew from all their readings.
"""

from datetime import datetime, timedelta

from django.db import connection
from django.utils import timezone

from devices.models import RollUpProgress
from devices.store import hour_of
from governance.transactions import atomically

# An hour is made when it is over for so long. Ingest takes its time before it begins its transaction, so what a
# transaction that is still open may bring is waited for too: hours are made up to this before the oldest one began [J].
SETTLE = timedelta(minutes=5)
# So much is made in one transaction where the job is behind.
PIECE = timedelta(hours=24)
MARKS_AT_ONCE = 2_000

OLDEST = """
SELECT min(xact_start) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
"""
FIGURES = """
min(reading.value), avg(reading.value), max(reading.value), count(*)
"""
KEEP = """
ON CONFLICT (device_id, metric, hour) DO UPDATE
    SET low = excluded.low, mean = excluded.mean, high = excluded.high, count = excluded.count
"""
MAKE = f"""
INSERT INTO devices_readinghour (device_id, metric, hour, low, mean, high, count)
SELECT device_id, metric, date_trunc('hour', at, 'UTC'), {FIGURES} FROM devices_reading AS reading
WHERE at >= %s AND at < %s AND value IS NOT NULL AND quality IS NULL
GROUP BY 1, 2, 3
{KEEP}
"""
TAKE_MARKS = """
DELETE FROM devices_rollupmark WHERE id IN (SELECT id FROM devices_rollupmark ORDER BY id LIMIT %s)
RETURNING device_id, hour
"""
MAKE_ANEW = f"""
INSERT INTO devices_readinghour (device_id, metric, hour, low, mean, high, count)
SELECT reading.device_id, reading.metric, sent.hour, {FIGURES}
FROM unnest(%s::bigint[], %s::timestamptz[]) AS sent (device_id, hour)
JOIN devices_reading AS reading ON reading.device_id = sent.device_id
    AND reading.at >= sent.hour AND reading.at < sent.hour + interval '1 hour'
WHERE reading.value IS NOT NULL AND reading.quality IS NULL
GROUP BY 1, 2, 3
{KEEP}
"""


def rollups_make(*, now: datetime | None = None) -> int:
    """Make what is due: hours that are over, then the marked ones anew. Return how many pieces were made.

    May run at any time, also twice at once: each piece is made under the lock of the progress.
    """
    now = now or timezone.now()
    made = 0
    while _go_on(now):
        made += 1
    while _make_marked():
        made += 1
    return made


def _go_on(now: datetime) -> bool:
    """Make the next piece of hours that are over; tell whether there was one."""
    with atomically(), connection.cursor() as cursor:
        progress = _locked()
        horizon = hour_of(min(now, _oldest_transaction(cursor) or now) - SETTLE)
        since = progress.covered_until or _first_hour(cursor) or horizon
        until = min(since + PIECE, horizon)
        if progress.covered_until is not None and since >= until:
            return False
        cursor.execute(MAKE, [since, until])
        progress.covered_until = until
        progress.save(update_fields=["covered_until"])
    return True


def _make_marked() -> bool:
    """Make some of the marked hours anew; tell whether there were any. What is marked meanwhile is a mark of its own,
    seen by the next call."""
    with atomically(), connection.cursor() as cursor:
        until = _locked().covered_until
        cursor.execute(TAKE_MARKS, [MARKS_AT_ONCE])
        marks = cursor.fetchall()
        # What is not made yet will be, with all its readings.
        hours = sorted({(device, hour) for device, hour in marks if hour < until})
        if hours:
            cursor.execute(MAKE_ANEW, [list(column) for column in zip(*hours, strict=True)])
    return bool(marks)


def _locked() -> RollUpProgress:
    progress, _made = RollUpProgress.objects.select_for_update().get_or_create(pk=1)
    return progress


def _oldest_transaction(cursor) -> datetime | None:
    cursor.execute(OLDEST)
    return cursor.fetchone()[0]


def _first_hour(cursor) -> datetime | None:
    cursor.execute("SELECT min(at) FROM devices_reading")
    first = cursor.fetchone()[0]
    return first and hour_of(first)
