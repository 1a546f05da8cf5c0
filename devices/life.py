"""The life of a device: put in service, maintained for a time, disabled, retired (``devices.workflow``).

A device is added in service unless its form says that it is not in place yet (``registered``).
"""

from datetime import datetime, timedelta

from django.db.models import Exists, F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.models import Case
from cases.workflow import OPEN
from devices.alarm_rows import alarms_end
from devices.chattering import count_anew
from devices.claims import open_claims
from devices.commands import commands_drop
from devices.models import Alarm, AlarmStorm, Device
from devices.shelving import alarms_release, device_lock, shelvings_drop
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
# A handler who begins and never submits must not leave a cover unwatched [J].
WHILE_HANDLED = timedelta(days=1)


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
def device_begin_maintenance(device: Device, *, actor: User, until: datetime, case: Case | None = None,
                             occurred_at: datetime | None = None, **given) -> Device:  # fmt: skip
    """Somebody works on the device until a moment within 30 days: its alarms are held back, open ones too.

    With the ``case`` that has them work on it, an open one of an alarm of the device, it ends when that is closed,
    whichever comes first. Raises Invalid for another end or case or without a reason, NotPermitted, Conflict.
    """
    at = occurred_at or timezone.now()
    _check_until(until, at)
    if case is not None and not work_orders(device).filter(pk=case.pk).exists():
        raise Invalid(_("This is no open case of an alarm of the device."), field="case", code="does_not_exist")
    told = {"until": until.isoformat(), "case": case.number if case else None}
    with atomically():
        fresh = _step(device, "begin_maintenance", actor=actor, at=at, told=told, until=until, case=case, **given)
        set_timer(maintenance_key(fresh), MAINTENANCE_ENDS, subject_id=fresh.pk, due_at=until)
        alarms_release([fresh.pk], at=at)
    return fresh


@carries_out("devices.device", "change_maintenance")
def device_change_maintenance(device: Device, *, actor: User, until: datetime, occurred_at: datetime | None = None,
                              **given) -> Device:  # fmt: skip
    """Move the end of a maintenance to another moment within 30 days from now: nothing is dispatched in between.

    The case it is for stays, and ends it still if it is closed before. Raises Invalid for another end or without a
    reason, NotPermitted, Conflict when it is not in maintenance any more.
    """
    at = occurred_at or timezone.now()
    _check_until(until, at)
    with atomically():
        device_lock(device.pk)
        before = Device.objects.values_list("maintenance_until", flat=True).get(pk=device.pk)
        told = {"until": until.isoformat(), "until_before": before.isoformat() if before else None}
        fresh = _step(device, "change_maintenance", actor=actor, at=at, told=told, until=until, **given)
        set_timer(maintenance_key(fresh), MAINTENANCE_ENDS, subject_id=fresh.pk, due_at=until)
    return fresh


def _check_until(until: datetime, at: datetime) -> None:
    """Raise Invalid for an end of a maintenance that lies behind, or too far ahead."""
    if not at < until <= at + LONGEST_MAINTENANCE:
        raise Invalid(_("The end must lie ahead, within 30 days."), field="until", code="out_of_range")


@carries_out("devices.device", "end_maintenance")
def device_end_maintenance(device: Device, *, actor: User, occurred_at: datetime | None = None, **given) -> Device:
    """The work is done: what is abnormal still is dispatched. Raises NotPermitted, Conflict."""
    at = occurred_at or timezone.now()
    with atomically():
        fresh = _step(device, "end_maintenance", actor=actor, at=at, **given)
        cancel_timer(maintenance_key(fresh))
        count_anew([fresh.pk])
        alarms_release([fresh.pk], at=at)
    return fresh


def maintenance_end(pk: int, *, at: datetime) -> None:
    """End a maintenance whose time has come; nothing when it was ended before."""
    with atomically():
        device_lock(pk)
        device = Device.objects.get(pk=pk)
        if device.state == DeviceState.MAINTENANCE and device.maintenance_until <= at:
            device_end_maintenance(device, actor=User.objects.system("devices"), occurred_at=at)


def work_orders(device: Device):
    """Return the open cases that alarms of a device have opened, and that because it chattered."""
    alarms = Alarm.objects.filter(device=device).order_by()
    of_device = Q(pk__in=alarms.values("case")) | Q(pk=device.chatter_case_id)
    return Case.objects.filter(of_device, state__in=OPEN).order_by("-pk")


def maintained_by(case: int):
    """Return the devices that are maintained while a case (its key) is handled: those whose alarms it is about, where
    their status says that such a case is work on the device itself; and that which chattered, which always is.

    The case of a storm is about what happens in the grid, whatever its status says: nobody works on all those devices,
    and what else they tell of while water stands is what must not be missed.

    Asked of every case whose handling begins, under its lock: one statement of look-ups by index, never a join of all
    devices with all alarms.
    """
    storm = AlarmStorm.objects.filter(Q(case=case) | Q(case__merged_into=case))
    worked_on = Alarm.objects.filter(
        ~Exists(storm), case=case, device__profile__statuses__code=F("alarm_type"),
        device__profile__statuses__maintain_while_handled=True,
    )  # fmt: skip
    chattered = Device.objects.filter(chatter_case=case)
    found = chattered.order_by().values("pk").union(worked_on.order_by().values("device"))
    return Device.objects.filter(pk__in=found)


def work_begun(case: int, *, at: datetime) -> None:
    """The handling of a case has begun: its devices are maintained (``maintained_by``), for a day at most.

    Devices that are not in service are left as they are, and so is a case that is closed already.
    """
    with atomically():
        devices = maintained_by(case).filter(state=DeviceState.IN_SERVICE)
        found = sorted(set(devices.values_list("pk", flat=True)))
        locked = Device.objects.select_for_update(no_key=True, of=("self",)).filter(pk__in=found).order_by("pk")
        for device in locked.filter(state=DeviceState.IN_SERVICE):
            order = work_orders(device).filter(pk=case).first()
            if order is not None:
                device_begin_maintenance(
                    device, actor=User.objects.system("devices"), until=at + WHILE_HANDLED, case=order, occurred_at=at,
                    reason=_("Case %(number)s is being handled.") % {"number": order.number},
                )  # fmt: skip


def work_done(case: int, *, at: datetime) -> None:
    """A case is over: so are the maintenances it was the reason of."""
    maintained = Device.objects.filter(maintenance_case=case, state=DeviceState.MAINTENANCE)
    with atomically():
        locked = maintained.select_for_update(no_key=True, of=("self",)).order_by("pk")
        for device in locked:
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
    """The device is taken down for good: its alarms and shelvings are over, its keys worthless, commands taken back.

    The keys are revoked by the system: who may retire a device need not be one who manages keys. Raises Invalid
    without a reason, NotPermitted, Conflict.
    """
    at = occurred_at or timezone.now()
    with atomically():
        fresh = _step(device, "retire", actor=actor, at=at, retired_at=at, **given)
        _judged_no_more(fresh, at=at)
        shelvings_drop(fresh, at=at)
        commands_drop(fresh, actor=actor, at=at)
        system = User.objects.system("devices")
        for key in fresh.keys.filter(revoked_at=None).order_by("pk"):
            key_end(key, actor=system, grant=Grant(Role.SYSTEM), event="device.key_revoked")
    return fresh


@carries_out("devices.device", "take_back")
def device_take_back(device: Device, *, actor: User, occurred_at: datetime | None = None, **given) -> Device:
    """A retired device is registered again, under the code that its label shows; it is claimed and put in service anew.

    Its keys stay revoked, what waited for it stays taken back, and a claim from before holds no more. Raises Invalid
    without a reason, NotPermitted, Conflict.
    """
    at = occurred_at or timezone.now()
    with atomically():
        fresh = _step(device, "take_back", actor=actor, at=at, **given)
        open_claims(fresh).update(replaced_at=at)
    return fresh


def _judged_no_more(device: Device, *, at: datetime) -> None:
    cancel_timer(maintenance_key(device))
    alarms_end([device.pk], str(device.state), at=at)
    count_anew([device.pk])


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
