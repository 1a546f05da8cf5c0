"""Standing a shift: begun and ended by the member on the spot, or ended by the clock where it was forgotten."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from governance.attachments import attach
from governance.errors import Conflict
from governance.models import AttachmentPurpose, User
from governance.photos import Upload
from governance.timers import fires
from governance.transactions import atomically
from governance.workflow import carries_out, perform
from property.models import DutyState, HoursKind, ShiftDuty, StewardShift
from property.stewards.hours import hours_count
from property.stewards.shifts import LAPSED, told

# How long before its time a shift may be begun [J].
EARLY = timedelta(minutes=30)


def _carry(duty: ShiftDuty, name: str, photos: Sequence[Upload], **given) -> ShiftDuty:
    with atomically():
        fresh, event = perform(duty, name, payload=told(duty.shift) | {"member": duty.member_id}, **given)
        if photos:
            attach(fresh, photos, purpose=AttachmentPurpose.EVIDENCE, actor=given["actor"], event=event)
    return fresh


@carries_out("property.shiftduty", "start")
def duty_start(duty: ShiftDuty, *, actor: User, version=None, reason="", occurred_at: datetime | None = None,
               photos: Sequence[Upload] = ()) -> ShiftDuty:  # fmt: skip
    """Begin a shift, from half an hour before its time to its end. Raises Conflict outside that time."""
    at = occurred_at or timezone.now()
    with atomically():
        shift = StewardShift.objects.lock(duty.shift_id)
        fresh = _carry(duty, "start", photos, actor=actor, version=version, reason=reason, occurred_at=at,
                       started_at=at)  # fmt: skip
        if at < shift.starts_at - EARLY:
            begins = f"{timezone.localtime(shift.starts_at):%m-%d %H:%M}"
            raise Conflict(_("This shift begins at %(time)s.") % {"time": begins}, code="too_early")
        if at > shift.ends_at:
            raise Conflict(_("The time of this shift is over."), code="too_late")
    return fresh


@carries_out("property.shiftduty", "end")
def duty_end(duty: ShiftDuty, *, actor: User, version=None, reason="", occurred_at: datetime | None = None,
             photos: Sequence[Upload] = ()) -> ShiftDuty:  # fmt: skip
    """End a shift; the time really stood within it is counted, coming early and staying on are not."""
    return duty_stop(duty, photos, actor=actor, version=version, reason=reason, at=occurred_at or timezone.now())


def duty_stop(duty: ShiftDuty, photos: Sequence[Upload] = (), *, actor: User, at: datetime, **given) -> ShiftDuty:
    """End a shift somebody stands, by whoever ends it, and count its time."""
    with atomically():
        fresh = _carry(duty, "end", photos, actor=actor, occurred_at=at, ended_at=at, **given)
        shift = fresh.shift
        begin, end = max(fresh.started_at, shift.starts_at), min(fresh.ended_at, shift.ends_at)
        hours_count(fresh.member, kind=HoursKind.SHIFT, date=shift.date, begin=begin, end=end, at=at, duty=fresh)
    return fresh


@carries_out("property.shiftduty", "give_up")
def duty_give_up(duty: ShiftDuty, *, actor: User, occurred_at: datetime | None = None, photos: Sequence[Upload] = (),
                 **given) -> ShiftDuty:  # fmt: skip
    """Give a place back before the shift begins; who leads the team is told. Raises Conflict afterwards."""
    at = occurred_at or timezone.now()
    with atomically():
        fresh = _carry(duty, "give_up", photos, actor=actor, occurred_at=at, **given)
        if at >= fresh.shift.starts_at:
            raise Conflict(_("This shift has begun: it cannot be given up any more."), code="too_late")
    return fresh


@carries_out("property.shiftduty", "excuse")
def duty_excuse(duty: ShiftDuty, *, actor: User, photos: Sequence[Upload] = (), **given) -> ShiftDuty:
    """Say why it does not count that somebody did not come."""
    return _carry(duty, "excuse", photos, actor=actor, **given)


@fires(LAPSED)
def shift_lapsed(timer) -> None:
    """End for whoever forgot to: with the end of the shift, and marked as such, so that the lead can correct it."""
    shift = StewardShift.objects.lock(timer.subject_id)
    clock = User.objects.system("timers")
    for duty in shift.duties.filter(state=DutyState.UNDER_WAY).select_related(*ShiftDuty.LOCK_WITH).order_by("pk"):
        duty_stop(duty, actor=clock, at=max(shift.ends_at, duty.started_at), by_clock=True)
