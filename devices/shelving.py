"""Shelving: a person holds an alarm back until a moment; then, or when somebody takes it back, it is looked at anew."""

from datetime import datetime, timedelta

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.models import Case
from devices.alarm_rows import book_of, devices_lock
from devices.alarm_writes import write
from devices.alarms import AlarmBook
from devices.chattering import count_anew, standing
from devices.inhibition import SHELF_ENDS, Inhibitions, shelf_key
from devices.listening import Heard
from devices.models import Alarm, Device, Inhibition, Shelving
from devices.querysets import SHELVES, SYSTEM
from governance import events
from governance.errors import REASON_NEEDED, Conflict, Invalid, NotPermitted
from governance.models import User
from governance.scoping import grant_for
from governance.timers import cancel_timer, set_timer
from governance.transactions import atomically
from governance.workflow import carries_out, perform

# After a week nobody remembers why [J]; EEMUA 191 asks that shelved alarms come back by themselves.
LONGEST = timedelta(days=7)


@carries_out("devices.alarm", "shelve")
def alarm_shelve(alarm: Alarm, *, actor: User, until: datetime, version: int | None = None, reason: str = "",
                 occurred_at: datetime | None = None, photos=()) -> Alarm:  # fmt: skip
    """Hold back this alarm, and new ones of its type at its device, until a moment within a week.

    Raises Invalid for another end, NotPermitted, Conflict when it is over or held back already.
    """
    at = occurred_at or timezone.now()
    _check_until(until, at)
    payload = told(alarm) | {"until": until.isoformat()}
    with atomically():
        device_lock(alarm.device_id)
        _check_free(alarm, actor)
        fresh, event = perform(
            alarm, "shelve", actor=actor, version=version, reason=reason, occurred_at=at, payload=payload,
            inhibited=Inhibition.SHELVED,
        )  # fmt: skip
        open_shelvings(fresh).update(ended_at=at)
        row = Shelving.objects.create(
            device_id=fresh.device_id, alarm_type=fresh.alarm_type, shelved_by=actor, shelved_at=at, until=until,
            event=event,
        )  # fmt: skip
        set_timer(shelf_key(row), SHELF_ENDS, subject_id=row.pk, due_at=until)
    return fresh


@carries_out("devices.alarm", "change_shelving")
def alarm_change_shelving(alarm: Alarm, *, actor: User, until: datetime, version: int | None = None, reason: str = "",
                          occurred_at: datetime | None = None, photos=()) -> Alarm:  # fmt: skip
    """Move the end of what holds this alarm back to another moment within a week from now: nothing is dispatched in
    between. Raises Invalid for another end or without a reason, NotPermitted, Conflict when it is not shelved any more.
    """
    at = occurred_at or timezone.now()
    _check_until(until, at)
    with atomically():
        device_lock(alarm.device_id)
        row = open_shelvings(alarm).first()
        payload = told(alarm) | (_moved(row, until) if row else {})
        fresh, _event = perform(alarm, "change_shelving", actor=actor, version=version, reason=reason, occurred_at=at,
                                payload=payload)  # fmt: skip
        if row is None:
            raise Conflict(_("This shelving is over already."), code="over")
        _move(row, until)
    return fresh


def shelving_change(row: Shelving, *, actor: User, until: datetime, reason: str,
                    occurred_at: datetime | None = None) -> Shelving:  # fmt: skip
    """Move the end of a shelving, whether its alarm is there now or not.

    Raises Invalid for an end that is not within a week or without a reason, NotPermitted; Conflict when it is over.
    """
    at = occurred_at or timezone.now()
    _check_until(until, at)
    if not reason.strip():
        raise Invalid(REASON_NEEDED, field="reason", code="required")
    with atomically():
        fresh, alarm = _in_force(row, at)
        if alarm is not None and alarm.active and alarm.inhibited == Inhibition.SHELVED:
            alarm_change_shelving(alarm, actor=actor, until=until, reason=reason, occurred_at=at)
        else:
            _record(fresh, alarm, "alarm.shelving_changed", actor=actor, allow=SHELVES, more=_moved(fresh, until),
                    reason=reason, at=at)  # fmt: skip
            _move(fresh, until)
    return Shelving.objects.get(pk=fresh.pk)


def _check_until(until: datetime, at: datetime) -> None:
    if not at < until <= at + LONGEST:
        raise Invalid(_("The end must lie ahead, within a week."), field="until", code="out_of_range")


def _check_free(alarm: Alarm, actor: User) -> None:
    """Say to who may shelve an alarm (its device locked) that it is held back already: its state is not why not."""
    fresh = Alarm.objects.select_related("device").get(pk=alarm.pk)
    if not fresh.active or not fresh.inhibited or grant_for(SHELVES, fresh, actor) is None:
        return
    if fresh.inhibited == Inhibition.SHELVED:
        raise Conflict(_("It is shelved already: change the end of the shelving."), code="held_back")
    raise Conflict(
        _("It is held back already: %(why)s.") % {"why": fresh.get_inhibited_display()}, code="held_back"
    )  # fmt: skip


def _moved(row: Shelving, until: datetime) -> dict:
    return {"until": until.isoformat(), "until_before": row.until.isoformat()}


def _move(row: Shelving, until: datetime) -> None:
    Shelving.objects.filter(pk=row.pk).update(until=until)
    set_timer(shelf_key(row), SHELF_ENDS, subject_id=row.pk, due_at=until)


@carries_out("devices.alarm", "unshelve")
def alarm_unshelve(alarm: Alarm, *, actor: User, version: int | None = None, reason: str = "",
                   occurred_at: datetime | None = None, photos=()) -> Alarm:  # fmt: skip
    """Take a shelving back; the alarm is dispatched if nothing else holds it."""
    at = occurred_at or timezone.now()
    with atomically():
        device_lock(alarm.device_id)
        perform(alarm, "unshelve", actor=actor, version=version, reason=reason, occurred_at=at, payload=told(alarm))
        for row in open_shelvings(alarm):
            cancel_timer(shelf_key(row))
        open_shelvings(alarm).update(ended_at=at)
        alarms_release([alarm.device_id], at=at)
    return Alarm.objects.get(pk=alarm.pk)


def shelving_lift(row: Shelving, *, actor: User, reason: str = "", occurred_at: datetime | None = None) -> None:
    """Take a shelving back, whether its alarm is there now or not; what is there is dispatched if nothing else holds
    it.

    Raises NotPermitted; Conflict when it is over already.
    """
    at = occurred_at or timezone.now()
    with atomically():
        fresh, alarm = _in_force(row, at)
        if alarm is not None and alarm.active and alarm.inhibited == Inhibition.SHELVED:
            alarm_unshelve(alarm, actor=actor, reason=reason, occurred_at=at)
            return
        _record(fresh, alarm, "alarm.unshelved", actor=actor, allow=SHELVES | SYSTEM, more={}, reason=reason, at=at)
        cancel_timer(shelf_key(fresh))
        Shelving.objects.filter(pk=fresh.pk).update(ended_at=at)
        alarms_release([fresh.device_id], at=at)


def _in_force(row: Shelving, at: datetime) -> tuple[Shelving, Alarm | None]:
    """Lock the device of a shelving; return it anew with the newest alarm that it is about. Raises Conflict when it is
    over."""
    device_lock(row.device_id)
    fresh = Shelving.objects.in_force(at).select_related("device__area").filter(pk=row.pk).first()
    if fresh is None:
        raise Conflict(_("This shelving is over already."), code="over")
    alarms = Alarm.objects.filter(device=fresh.device_id, alarm_type=fresh.alarm_type, late=False)
    return fresh, alarms.select_related("device", "case").order_by("-id").first()


def _record(row: Shelving, alarm: Alarm | None, name: str, *, actor: User, allow: dict, more: dict, reason: str,
            at: datetime) -> None:  # fmt: skip
    """Record what somebody did to a shelving whose alarm is not there now. Raises NotPermitted."""
    grant = grant_for(allow, row.device, actor)
    if grant is None:
        raise NotPermitted(_("You may not change this shelving."))
    payload = told(alarm) if alarm else {"device": row.device.code, "alarm_type": row.alarm_type}
    events.record(name, alarm or row.device, actor=actor, grant=grant, payload=payload | more, text=reason,
                  occurred_at=at)  # fmt: skip


def shelving_end(pk: int, *, at: datetime) -> None:
    """End a shelving whose time has come; nothing when it was ended before."""
    with atomically():
        row = Shelving.objects.get(pk=pk)
        device_lock(row.device_id)
        if Shelving.objects.filter(pk=pk, ended_at=None).update(ended_at=at):
            alarms_release([row.device_id], at=at)


def to_mend(case: int) -> QuerySet:
    """Return the devices that chattered and are to be mended by a case (its key), or by one merged into it.

    Asked of every case that ends: look-ups by index.
    """
    cases = Case.objects.filter(Q(pk=case) | Q(merged_into=case)).order_by()
    return Device.objects.filter(chatter_case__in=cases.values("pk")).order_by("pk")


def chattering_done(case: int, *, at: datetime) -> None:
    """A case is over: so is what was shelved by itself at the devices that it was to mend (``to_mend``), and counting
    begins anew; what is there still is dispatched. Nothing where it was reopened, or is part of one that is open.
    """
    with atomically():
        devices_lock(to_mend(case).values_list("pk", flat=True))
        for device in to_mend(case).select_related("chatter_case__merged_into"):
            if standing(device.chatter_case) is not None:
                continue
            count_anew([device.pk])
            reason = _("Case %(number)s is over.") % {"number": device.chatter_case.number}
            for row in Shelving.objects.in_force(at).filter(device=device, chattering=True).order_by("pk"):
                shelving_lift(row, actor=User.objects.system("devices"), reason=reason, occurred_at=at)


def shelvings_drop(device: Device, *, at: datetime) -> None:
    """Nothing of a device (locked) is shelved any more; it has no open alarm."""
    open_ones = Shelving.objects.filter(device=device, ended_at=None)
    for row in open_ones:
        cancel_timer(shelf_key(row))
    open_ones.update(ended_at=at)


def alarms_release(devices: list[int], *, at: datetime, heard: Heard | None = None) -> None:
    """Look anew at what holds back the open alarms of devices (locked); dispatch those that nothing holds any more."""
    book = book_of(devices, at=at)
    hold_anew(book, devices, at=at, heard=heard)
    write(book, heard)


def hold_anew(book: AlarmBook, devices: list[int], *, at: datetime, heard: Heard | None = None) -> None:
    """Note in a book what holds back the open alarms of devices now."""
    rows = Device.objects.filter(pk__in=devices).select_related("profile")
    inhibitions = Inhibitions.of(rows, at, heard)
    for device in rows:
        for alarm in book.open_of(device.pk):
            book.hold(alarm, inhibitions.why(device, alarm.alarm_type), at)


def device_lock(pk: int) -> None:
    """Lock a device as ingest does, so that its samples wait."""
    Device.objects.select_for_update(no_key=True).only("pk").get(pk=pk)


def open_shelvings(alarm: Alarm):
    """Return the shelvings in force for an alarm's type."""
    return Shelving.objects.filter(device_id=alarm.device_id, alarm_type=alarm.alarm_type, ended_at=None)


def shelved_until(alarm: Alarm) -> datetime | None:
    """Return until when an alarm is shelved: by a shelving of its type or of all of its device; None if it is not."""
    if alarm.cleared_at is not None or alarm.inhibited != Inhibition.SHELVED:
        return None
    rows = Shelving.objects.in_force().filter(device_id=alarm.device_id, alarm_type__in=["", alarm.alarm_type])
    return rows.order_by("-until").values_list("until", flat=True).first()


def told(alarm: Alarm) -> dict:
    """Return what events about an alarm say of it."""
    return {
        "device": alarm.device.code,
        "alarm_type": alarm.alarm_type,
        "severity": alarm.severity,
        "case": alarm.case.number if alarm.case else None,
    }
