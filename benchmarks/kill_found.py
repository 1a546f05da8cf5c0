"""What ``make bench-kill`` finds in the database once everything has had its time. Import it after ``django.setup``."""

import time
from collections import Counter

from django.db import connection

from devices.models import Alarm, Reading

SETTLING = 120  # seconds within which everything must be visible


def wrong(load) -> list[str]:
    """Return what is missing, or counted twice. Print how much there is.

    The key of the readings stores each once whatever happens; that none was judged twice is told by the alarms, which
    count the abnormal ones.
    """
    connection.close()  # the one of before was killed with the database
    ids = dict(zip(load.work.ids, load.work.codes, strict=True))
    stored = _stored(ids, len(load.acknowledged))
    found = []
    if missing := load.acknowledged - stored:
        found.append(f"{len(missing)} acknowledged messages are not stored, such as {min(missing)}")
    alarms = list(Alarm.objects.filter(device__in=ids).values_list("device", "count", "cleared_at"))
    active = {ids[device] for device, _count, cleared_at in alarms if cleared_at is None}
    if lost := set(load.work.codes) - active:
        found.append(f"{len(lost)} devices past their limit have no alarm, such as {min(lost)}")
    if len(alarms) != len(ids):
        found.append(f"{len(alarms)} alarms of {len(ids)} devices: one each was to be")
    abnormal = Counter(
        Reading.objects.filter(device__in=ids, metric="tilt", value__gte=15).values_list("device", flat=True)
    )
    if twice := [ids[device] for device, count, _cleared_at in alarms if count > abnormal[device]]:
        found.append(f"{len(twice)} devices have samples that were judged twice, such as {min(twice)}")
    told = f"{len(load.acknowledged):,} acknowledged, {len(stored):,} stored"
    print(f"{told}, {load.again} sent again, {len(alarms)} alarms", flush=True)
    return found


def _stored(ids: dict[int, str], wanted: int) -> set:
    """Return (code, time) of what is stored, as soon as it is so much, or SETTLING is over."""
    until = time.monotonic() + SETTLING
    while True:
        rows = Reading.objects.filter(device__in=ids, metric="tilt").values_list("device_id", "at")
        found = {(ids[device], at) for device, at in rows}
        if len(found) >= wanted or time.monotonic() > until:
            return found
        time.sleep(0.5)
