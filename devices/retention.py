"""Raw readings past their time go: whole weekly partitions, never row by row, and only what the roll-ups hold."""

import logging
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import OperationalError, connection
from django.utils import timezone
from django.utils.translation import gettext as _

from devices.messages import RETENTION
from devices.models import ReadingRetention, RollUpMark, RollUpProgress
from devices.rollups import rollups_make
from governance import events
from governance.configuration import guards
from governance.errors import Conflict
from governance.models import Role, User
from governance.scoping import Grant
from governance.transactions import atomically

log = logging.getLogger(__name__)
# A message of the oldest age allowed may still be on its way into its partition.
SLACK = timedelta(days=1)
WEEK = re.compile(r"devices_reading_(\d{4})w(\d{2})")
# Dropping locks all readings for a moment. Whoever writes waits no longer than this; then it is tried another time.
PATIENCE, TRIES = "300ms", 5

PARTITIONS = """
SELECT child.relname FROM pg_inherits JOIN pg_class AS child ON child.oid = inhrelid
WHERE inhparent = 'devices_reading'::regclass ORDER BY child.relname
"""
NOT_COVERED = """
INSERT INTO devices_rollupmark (device_id, hour)
SELECT DISTINCT raw.device_id, raw.hour FROM (
    SELECT device_id, metric, date_trunc('hour', at, 'UTC') AS hour, count(*) AS number FROM {partition}
    WHERE value IS NOT NULL AND quality IS NULL GROUP BY 1, 2, 3
) AS raw LEFT JOIN devices_readinghour AS rolled USING (device_id, metric, hour)
WHERE rolled.count IS DISTINCT FROM raw.number
"""


@dataclass(frozen=True)
class Partition:
    """A week of readings: from ``since`` until before ``until``."""

    name: str
    since: datetime

    @property
    def until(self) -> datetime:
        return self.since + timedelta(weeks=1)


def partitions() -> list[Partition]:
    """Return the weekly partitions, the oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(PARTITIONS)
        found = [(WEEK.fullmatch(name), name) for (name,) in cursor.fetchall()]
    return [
        Partition(name, datetime.fromisocalendar(int(week[1]), int(week[2]), 1).replace(tzinfo=UTC))
        for week, name in found
        if week
    ]


def readings_drop(*, now: datetime | None = None) -> list[str]:
    """Drop the weeks of readings whose retention is over; return the names of those that went.

    A week that the roll-ups do not hold whole is rolled up first; if it still is not held, it stays and that is logged.
    So is one that could not be locked. Both are tried again by the next run.
    """
    now = now or timezone.now()
    rule = ReadingRetention.objects.in_force(timezone.localdate(now))
    limit = now - (timedelta(days=rule.raw_days) if rule else RETENTION) - SLACK
    gone = []
    for partition in partitions():
        if partition.until <= limit:
            try:
                partition_drop(partition, rule=rule)
            except Conflict as error:
                log.error("readings of %s stay: %s", partition.name, error)
            else:
                gone.append(partition.name)
    return gone


def partition_drop(partition: Partition, *, rule: ReadingRetention | None = None) -> None:
    """Drop one week of readings, with an event that says what went.

    Raises Conflict, and nothing has changed: ``not_rolled_up`` where the roll-ups lack something of it, ``busy`` where
    the readings could not be locked.
    """
    if _count_missing(partition):
        rollups_make()
        if _count_missing(partition):
            raise Conflict(_("The hourly figures of this week are not complete."), code="not_rolled_up")
    for _attempt in range(TRIES):
        try:
            _drop(partition, rule)
        except OperationalError as error:
            log.info("readings are busy, %s not dropped: %s", partition.name, error)
        else:
            return
    raise Conflict(_("The readings are busy: try again later."), code="busy")


def _count_missing(partition: Partition) -> int:
    """Mark what the roll-ups lack of a week; return how much. Hours not reached yet are one."""
    with atomically(), connection.cursor() as cursor:
        cursor.execute(NOT_COVERED.format(partition=connection.ops.quote_name(partition.name)))
        return cursor.rowcount + _not_reached(partition)


def _not_reached(partition: Partition) -> int:
    covered = RollUpProgress.objects.filter(covered_until__gte=partition.until).exists()
    marked = RollUpMark.objects.filter(hour__gte=partition.since, hour__lt=partition.until).exists()
    return int(not covered) + int(marked)


def _drop(partition: Partition, rule: ReadingRetention | None) -> None:
    name = connection.ops.quote_name(partition.name)
    with atomically(), connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {name}")
        (number,) = cursor.fetchone()
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [PATIENCE])
        cursor.execute(f"ALTER TABLE devices_reading DETACH PARTITION {name}")
        if _not_reached(partition):
            raise Conflict(_("The hourly figures of this week are not complete."), code="not_rolled_up")
        cursor.execute(f"DROP TABLE {name}")
        payload = {
            "partition": partition.name, "from": partition.since.isoformat(), "to": partition.until.isoformat(),
            "readings": number, "raw_days": rule.raw_days if rule else RETENTION.days,
        }  # fmt: skip
        subject = rule or RollUpProgress.objects.get()
        actor = User.objects.system("devices")
        events.record("readings.dropped", subject, actor=actor, grant=Grant(Role.SYSTEM), payload=payload)


def guard_rule(new: ReadingRetention, stored: ReadingRetention | None, actor: User) -> None:
    """Refuse to change what holds already or held: from when on something else holds is a rule of its own."""
    today = timezone.localdate()
    if (stored is not None and stored.starts_on <= today) or new.starts_on < today:
        raise Conflict(_("What holds already does not change: add a rule that begins today or later."), code="begun")


guards("devices.readingretention", guard_rule)
