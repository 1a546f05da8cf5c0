"""What people do to alarms. Readings come in through ``devices.ingest``, keys are made in ``devices.keys``."""

from collections.abc import Iterable
from datetime import datetime

from django.db import connection, transaction
from django.utils import timezone

from devices.alarm_rows import book_of, devices_lock
from devices.alarm_writes import write
from devices.models import Alarm
from devices.shelving import device_lock, told
from governance.attachments import attach
from governance.errors import Refused
from governance.models import AttachmentPurpose
from governance.transactions import atomically
from governance.workflow import act, carries_out, perform


@carries_out("devices.alarm", "acknowledge")
def alarm_acknowledge(alarm: Alarm, *, actor, version: int | None = None, reason: str = "", photos=(),
                      occurred_at: datetime | None = None) -> Alarm:  # fmt: skip
    """Somebody takes notice of an alarm; ``reason`` is a remark, if they have one. Returns the fresh alarm.

    Raises NotPermitted, or Conflict when it was acknowledged already or ``version`` is no longer current.
    """
    at = occurred_at or timezone.now()
    with atomically():
        device_lock(alarm.device_id)
        fresh, event = perform(
            alarm, "acknowledge", actor=actor, version=version, reason=reason, payload=told(alarm), occurred_at=at,
            by=actor, acknowledged_at=at,
        )  # fmt: skip
        if photos:
            attach(fresh, photos, purpose=AttachmentPurpose.EVIDENCE, actor=actor, event=event)
    return fresh


@carries_out("devices.alarm", "reset")
def alarm_reset(alarm: Alarm, *, actor, version: int | None = None, reason: str = "", photos=(),
                occurred_at: datetime | None = None) -> Alarm:  # fmt: skip
    """Somebody has looked at what a latched alarm told of: it is over. ``reason`` says what was found.

    Raises NotPermitted, Conflict while it is not normal again.
    """
    at = occurred_at or timezone.now()
    with atomically():
        device_lock(alarm.device_id)
        fresh, event = perform(
            alarm, "reset", actor=actor, version=version, reason=reason, payload=told(alarm), occurred_at=at,
            by=actor, reset_at=at,
        )  # fmt: skip
        book = book_of([fresh.device_id], at=at)
        book.verified((fresh.device_id, fresh.alarm_type), at)
        write(book)
        if photos:
            attach(fresh, photos, purpose=AttachmentPurpose.EVIDENCE, actor=actor, event=event)
    return Alarm.objects.get(pk=fresh.pk)


def alarms_each(alarms: Iterable[Alarm], name: str, *, actor, **data) -> list[tuple[Alarm, Refused | None]]:
    """Do a step to each of some alarms, each judged by itself: one refused stays as it was, the others are done.

    Returns each with the refusal, if it met one. In the order of devices, as ingest locks them, so that the two never
    wait for each other. Where the caller makes one transaction of them (``governance.api.idempotency``) all devices are
    locked before the first step: a step may take locks that ingest takes after its devices.
    """
    results, alarms = [], sorted(alarms, key=lambda one: (one.device_id, one.pk))
    if connection.in_atomic_block:
        devices_lock(alarm.device_id for alarm in alarms)
    for alarm in alarms:
        try:
            with transaction.atomic():
                act(alarm, name, actor=actor, **data)
            results.append((alarm, None))
        except Refused as error:
            results.append((alarm, error))
    return results
