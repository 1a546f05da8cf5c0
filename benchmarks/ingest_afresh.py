"""Each arm of ``make bench-ingest`` on empty tables, and what it has to leave behind. Import after ``django.setup``.

The peers have databases of their own; an arm of ours that found the rows of those before it would roll up and vacuum
their work too.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection

from devices.models import Alarm, Device, LatestValue, PendingAlarm, Reading, ReadingHour, RollUpMark
from governance.models import Event

KEPT = (Reading, LatestValue, ReadingHour, RollUpMark, PendingAlarm, Alarm)
FRESH = {"status": "unknown", "last_seen_at": None, "clock_skewed": False, "skewed_at": None, "paid_until": None,
         "late_paid_until": None, "refused": 0, "refused_at": None}  # fmt: skip
WORKING = """
SELECT exists(SELECT FROM procrastinate_jobs WHERE status = 'doing' OR (status = 'todo' AND scheduled_at IS NULL))
"""
BEGUN, ENDED = ("alarm.raised", "alarm.returned"), ("alarm.cleared",)
PATIENCE = 120  # seconds the jobs of the arm before may take


@dataclass(frozen=True)
class Outcome:
    """How many alarms were raised (or came back within their reopening time) and cleared."""

    raised: int
    cleared: int


def empty(devices: Sequence[int]) -> None:
    """Forget all readings and alarms, and what the devices' rows say of them, once no job works on them."""
    until = time.monotonic() + PATIENCE
    with connection.cursor() as cursor:
        while _answer(cursor, WORKING):
            if time.monotonic() > until:
                raise RuntimeError("the jobs of the arm before did not end")
            time.sleep(0.5)
        cursor.execute(f"TRUNCATE {', '.join(model._meta.db_table for model in KEPT)} CASCADE")
        Device.objects.filter(pk__in=devices).update(**FRESH)
        cursor.execute("VACUUM ANALYZE")


def _answer(cursor, query: str):
    cursor.execute(query)
    return cursor.fetchone()[0]


def newest_event() -> int:
    """Return the id after which the events of an arm come."""
    return Event.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def outcome(since: int) -> Outcome:
    """Return what became of the alarms since the event ``since``."""
    found = Event.objects.filter(pk__gt=since)
    return Outcome(found.filter(name__in=BEGUN).count(), found.filter(name__in=ENDED).count())
