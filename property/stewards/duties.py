"""Standing a shift: begun and ended by the member on the spot, or ended by the clock where it was forgotten."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from governance.attachments import attach
from governance.coordinates import CoordinateError, to_wgs84
from governance.errors import Conflict, Invalid
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


def place_of(longitude, latitude, system: str) -> tuple[float | None, float | None]:
    """Return a position in WGS-84, (None, None) where the phone gave none. Raises Invalid for half a position."""
    if longitude is None and latitude is None:
        return None, None
    if longitude is None or latitude is None:
        missing = "longitude" if longitude is None else "latitude"
        raise Invalid(_("Give both longitude and latitude."), field=missing, code="required")
    try:
        return to_wgs84(longitude, latitude, system)
    except CoordinateError as error:
        field = "coordinate_system" if error.field == "system" else "longitude"
        raise Invalid(error.detail, field=field, code=error.code) from error


def _carry(duty: ShiftDuty, name: str, photos: Sequence[Upload], **given) -> ShiftDuty:
    with atomically():
        fresh, event = perform(duty, name, payload=told(duty.shift) | {"member": duty.member_id}, **given)
        if photos:
            attach(fresh, photos, purpose=AttachmentPurpose.EVIDENCE, actor=given["actor"], event=event)
    return fresh


@carries_out("property.shiftduty", "start")
def duty_start(duty: ShiftDuty, *, actor: User, version=None, reason="", occurred_at: datetime | None = None,
               longitude: float | None = None, latitude: float | None = None, coordinate_system: str = "wgs84",
               photos: Sequence[Upload] = ()) -> ShiftDuty:  # fmt: skip
    """Begin a shift, from half an hour before its time to its end. Raises Conflict outside that time."""
    at, place = occurred_at or timezone.now(), place_of(longitude, latitude, coordinate_system)
    with atomically():
        shift = StewardShift.objects.lock(duty.shift_id)
        fresh = _carry(duty, "start", photos, actor=actor, version=version, reason=reason, occurred_at=at,
                       started_at=at, longitude=place[0], latitude=place[1])  # fmt: skip
        if at < shift.starts_at - EARLY:
            begins = f"{timezone.localtime(shift.starts_at):%m-%d %H:%M}"
            raise Conflict(_("This shift begins at %(time)s.") % {"time": begins}, code="too_early")
        if at > shift.ends_at:
            raise Conflict(_("The time of this shift is over."), code="too_late")
    return fresh


@carries_out("property.shiftduty", "end")
def duty_end(duty: ShiftDuty, *, actor: User, version=None, reason="", occurred_at: datetime | None = None,
             longitude: float | None = None, latitude: float | None = None, coordinate_system: str = "wgs84",
             photos: Sequence[Upload] = ()) -> ShiftDuty:  # fmt: skip
    """End a shift; the time really stood within it is counted, coming early and staying on are not."""
    at, place = occurred_at or timezone.now(), place_of(longitude, latitude, coordinate_system)
    return _ended(duty, photos, actor=actor, version=version, reason=reason, at=at, longitude=place[0],
                  latitude=place[1])  # fmt: skip


def _ended(duty: ShiftDuty, photos: Sequence[Upload] = (), *, actor: User, at: datetime, **given) -> ShiftDuty:
    with atomically():
        fresh = _carry(duty, "end", photos, actor=actor, occurred_at=at, ended_at=at, **given)
        shift = fresh.shift
        begin, end = max(fresh.started_at, shift.starts_at), min(fresh.ended_at, shift.ends_at)
        hours_count(fresh.member, kind=HoursKind.SHIFT, date=shift.date, begin=begin, end=end, at=at, duty=fresh)
    return fresh


def _plain(name: str) -> None:
    def service(duty, *, actor, photos: Sequence[Upload] = (), **given):
        return _carry(duty, name, photos, actor=actor, **given)

    carries_out("property.shiftduty", name)(service)


_plain("give_up")
_plain("excuse")


@fires(LAPSED)
def shift_lapsed(timer) -> None:
    """End for whoever forgot to: with the end of the shift, and marked as such, so that the lead can correct it."""
    shift = StewardShift.objects.lock(timer.subject_id)
    clock = User.objects.system("timers")
    for duty in shift.duties.filter(state=DutyState.UNDER_WAY).select_related(*ShiftDuty.LOCK_WITH).order_by("pk"):
        _ended(duty, actor=clock, at=max(shift.ends_at, duty.started_at), by_clock=True)
