"""What people do to alarms. Readings come in through ``devices.ingest``, keys are made in ``devices.keys``."""

from datetime import datetime

from django.utils import timezone

from devices.models import Alarm
from governance.attachments import attach
from governance.models import AttachmentPurpose
from governance.transactions import atomically
from governance.workflow import carries_out, perform


@carries_out("devices.alarm", "acknowledge")
def alarm_acknowledge(alarm: Alarm, *, actor, version: int | None = None, reason: str = "", photos=(),
                      occurred_at: datetime | None = None) -> Alarm:  # fmt: skip
    """Somebody takes notice of an alarm; ``reason`` is a remark, if they have one. Returns the fresh alarm.

    Raises NotPermitted, or Conflict when it was acknowledged already or ``version`` is no longer current.
    """
    at = occurred_at or timezone.now()
    payload = {
        "device": alarm.device.code,
        "alarm_type": alarm.alarm_type,
        "severity": alarm.severity,
        "case": alarm.case.number if alarm.case else None,
    }
    with atomically():
        fresh, event = perform(
            alarm, "acknowledge", actor=actor, version=version, reason=reason, payload=payload, occurred_at=at,
            by=actor, acknowledged_at=at,
        )  # fmt: skip
        if photos:
            attach(fresh, photos, purpose=AttachmentPurpose.EVIDENCE, actor=actor, event=event)
    return fresh
