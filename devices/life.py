"""The life of a device: put in service, maintained for a time, disabled, retired (``devices.workflow``).

A device is added in service unless its form says that it is not in place yet (``registered``).
"""

from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from devices.alarm_rows import alarms_end
from devices.models import Device
from devices.shelving import alarms_release, device_lock
from devices.workflow import DeviceState
from governance.access_keys import key_end
from governance.attachments import attach
from governance.errors import Invalid
from governance.models import AttachmentPurpose, Role, User
from governance.scoping import Grant
from governance.timers import cancel_timer, set_timer
from governance.transactions import atomically
from governance.workflow import carries_out, perform

MAINTENANCE_ENDS = "device.maintenance_ends"
# A maintenance that takes longer is a device that is disabled [J].
LONGEST_MAINTENANCE = timedelta(days=30)


def maintenance_key(device: Device) -> str:
    """Return the key of the timer that ends a device's maintenance."""
    return f"device:{device.pk}:maintenance"


@carries_out("devices.device", "put_in_service")
def device_put_in_service(device: Device, *, actor: User, occurred_at: datetime | None = None, **given) -> Device:
    """The device stands where it should: what it reports from now on is judged. Raises NotPermitted, Conflict."""
    at = occurred_at or timezone.now()
    with atomically():
        return _step(device, "put_in_service", actor=actor, at=at, in_service_at=at, **given)


@carries_out("devices.device", "begin_maintenance")
def device_begin_maintenance(device: Device, *, actor: User, until: datetime, occurred_at: datetime | None = None,
                             **given) -> Device:  # fmt: skip
    """Somebody works on the device until a moment within 30 days: its alarms are held back, open ones too.

    Raises Invalid for another end or without a reason, NotPermitted, Conflict.
    """
    at = occurred_at or timezone.now()
    if not at < until <= at + LONGEST_MAINTENANCE:
        raise Invalid(_("The end must lie ahead, within 30 days."), field="until", code="out_of_range")
    with atomically():
        fresh = _step(device, "begin_maintenance", actor=actor, at=at, told={"until": until.isoformat()}, until=until,
                      **given)  # fmt: skip
        set_timer(maintenance_key(fresh), MAINTENANCE_ENDS, subject_id=fresh.pk, due_at=until)
        alarms_release([fresh.pk], at=at)
    return fresh


@carries_out("devices.device", "end_maintenance")
def device_end_maintenance(device: Device, *, actor: User, occurred_at: datetime | None = None, **given) -> Device:
    """The work is done: what is abnormal still is dispatched. Raises NotPermitted, Conflict."""
    at = occurred_at or timezone.now()
    with atomically():
        fresh = _step(device, "end_maintenance", actor=actor, at=at, **given)
        cancel_timer(maintenance_key(fresh))
        alarms_release([fresh.pk], at=at)
    return fresh


def maintenance_end(pk: int, *, at: datetime) -> None:
    """End a maintenance whose time has come; nothing when it was ended before."""
    with atomically():
        device_lock(pk)
        device = Device.objects.get(pk=pk)
        if device.state == DeviceState.MAINTENANCE and device.maintenance_until <= at:
            device_end_maintenance(device, actor=User.objects.system("devices"), occurred_at=at)


@carries_out("devices.device", "disable")
def device_disable(device: Device, *, actor: User, occurred_at: datetime | None = None, **given) -> Device:
    """The device is judged no more: its open alarms are over; their cases stay, somebody was sent for a reason.

    Raises Invalid without a reason, NotPermitted, Conflict.
    """
    at = occurred_at or timezone.now()
    with atomically():
        fresh = _step(device, "disable", actor=actor, at=at, **given)
        _judged_no_more(fresh, at=at)
    return fresh


@carries_out("devices.device", "retire")
def device_retire(device: Device, *, actor: User, occurred_at: datetime | None = None, **given) -> Device:
    """The device is taken down for good: its alarms are over, its keys worthless.

    The keys are revoked by the system: who may retire a device need not be one who manages keys. Raises Invalid
    without a reason, NotPermitted, Conflict.
    """
    at = occurred_at or timezone.now()
    with atomically():
        fresh = _step(device, "retire", actor=actor, at=at, retired_at=at, **given)
        _judged_no_more(fresh, at=at)
        system = User.objects.system("devices")
        for key in fresh.keys.filter(revoked_at=None).order_by("pk"):
            key_end(key, actor=system, grant=Grant(Role.SYSTEM), event="device.key_revoked")
    return fresh


def _judged_no_more(device: Device, *, at: datetime) -> None:
    cancel_timer(maintenance_key(device))
    alarms_end([device.pk], str(device.state), at=at)


def _step(device: Device, name: str, *, actor: User, at: datetime, version: int | None = None, reason: str = "",
          photos=(), told: dict | None = None, **data) -> Device:  # fmt: skip
    """Carry out a transition with the device's code on its event and the photos beside it."""
    fresh, event = perform(
        device, name, actor=actor, version=version, reason=reason, occurred_at=at,
        payload={"device": device.code} | (told or {}), **data,
    )  # fmt: skip
    if photos:
        attach(fresh, photos, purpose=AttachmentPurpose.EVIDENCE, actor=actor, event=event)
    return fresh
