"""Weekly partitions of the readings, made ahead of time."""

from datetime import datetime, timedelta

from django.db import connection, transaction
from django.utils import timezone

AHEAD = timedelta(weeks=4)
# How long making a partition may wait for readings being written; it is tried again an hour later.
PATIENCE = "5s"
WAITING = "SELECT DISTINCT date_trunc('week', at, 'UTC') FROM devices_reading_default WHERE at < now() ORDER BY 1"


def partitions_ensure(*, now: datetime | None = None, ahead: timedelta = AHEAD) -> int:
    """Make the missing partitions from this week until ``ahead``; return how many were made.

    Rows that lie in the default partition move to their week, also those of weeks before. Raises OperationalError when
    the table stays locked.
    """
    now = now or timezone.now()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [PATIENCE])
        cursor.execute("SELECT devices_make_partitions(%s, %s)", [now, now + ahead])
        made = cursor.fetchone()[0]
        cursor.execute(WAITING)
        for (week,) in cursor.fetchall():
            cursor.execute("SELECT devices_make_partitions(%s, %s)", [week, week])
            made += cursor.fetchone()[0]
        return made
