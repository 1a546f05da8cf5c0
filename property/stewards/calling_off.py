"""Shifts that are not to be stood: called off by who manages the team, or because the team or plan is out of use."""

from collections.abc import Sequence
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from governance.attachments import attach
from governance.errors import Conflict
from governance.events import on
from governance.models import AttachmentPurpose, User
from governance.photos import Upload
from governance.timers import cancel_timer
from governance.transactions import atomically
from governance.workflow import carries_out, perform
from property.models import DutyState, ShiftDuty, StewardPlan, StewardShift, StewardTeam
from property.stewards.duties import duty_stop
from property.stewards.shifts import LAPSED, OVER, REMIND, timer_key, told


@carries_out("property.stewardshift", "call_off")
def shift_call_off(shift: StewardShift, *, actor: User, reason: str, version=None, occurred_at: datetime | None = None,
                   photos: Sequence[Upload] = ()) -> StewardShift:  # fmt: skip
    """Call a shift off: whoever had taken it is told and counts as not missing, whoever had begun it is ended with what
    they have stood until now. Raises Conflict once the shift is over."""
    at = occurred_at or timezone.now()
    with atomically():
        fresh, event = perform(shift, "call_off", actor=actor, version=version, reason=reason, occurred_at=at,
                               payload=told(shift))  # fmt: skip
        if at >= fresh.ends_at:
            raise Conflict(_("The time of this shift is over."), code="too_late")
        attach(fresh, photos, purpose=AttachmentPurpose.EVIDENCE, actor=actor, event=event)
        clock = User.objects.system("timers")
        rows = fresh.duties.select_related(*ShiftDuty.LOCK_WITH).order_by("pk")
        for duty in rows.filter(state=DutyState.UNDER_WAY):
            duty_stop(duty, actor=clock, at=max(at, duty.started_at))
        for duty in rows.filter(state=DutyState.TAKEN):
            perform(duty, "call_off", actor=clock, occurred_at=at, payload=told(fresh))
        for kind in (OVER, LAPSED, REMIND):
            cancel_timer(timer_key(kind, fresh))
    return fresh


@on("config.changed")
def out_of_use(event, subject) -> None:
    """Call off what is still to come of a team that is out of use, or of a plan that no longer falls on the day: nobody
    could stand it, and nobody shall count as not come."""
    rows = StewardShift.objects.to_come().select_related("team", "plan")
    if isinstance(subject, StewardTeam) and not subject.is_active:
        _call_off(rows.filter(team=subject), _("The team is no longer in use."), event.occurred_at)
    elif isinstance(subject, StewardPlan):
        shifts = [shift for shift in rows.filter(plan=subject) if not subject.falls_on(shift.date)]
        _call_off(shifts, _("The plan no longer asks for it."), event.occurred_at)


def _call_off(shifts, reason: str, at: datetime) -> None:
    for shift in shifts:
        shift_call_off(shift, actor=User.objects.system("timers"), reason=reason, occurred_at=at)
