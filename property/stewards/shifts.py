"""Shifts: made out of plans, taken or assigned; a no-show is seen."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from governance import events
from governance.clock import SHANGHAI
from governance.errors import Conflict, Invalid, NotPermitted
from governance.events import on
from governance.models import Role, User
from governance.scoping import Grant, grant_for
from governance.timers import fires, set_timers
from governance.transactions import atomically
from governance.workflow import perform
from property.models import DutyState, ShiftDuty, ShiftState, StewardMember, StewardPlan, StewardShift
from property.stewards.members import member_of
from property.stewards.scope import MANAGES, OF_TEAM
from property.stewards.workflow import GIVEN_BACK, HELD

# Shifts are offered so many days ahead: people plan their week [J].
DAYS_AHEAD = 7
OVER, LAPSED, REMIND = "steward.shift_over", "steward.shift_lapsed", "steward.shift_remind"
REMIND_AT = time(18)  # of the day before [J]
# A member who forgot to end a shift is ended by the clock so long after it [J].
FORGOTTEN = timedelta(hours=2)


def told(shift: StewardShift) -> dict:
    """Return what events say of a shift."""
    return {"shift": shift.pk, "team": shift.team.code, "date": f"{shift.date}"}


def shifts_make(first: date, last: date, *, now: datetime | None = None,
                plans: Iterable[StewardPlan] | None = None) -> int:  # fmt: skip
    """Make the shifts that plans in use ask for from ``first`` to ``last``, but those that are over; returns how many.

    May run twice, and at the same time in two processes: a plan has one shift a day.
    """
    now = now or timezone.now()
    rows = StewardPlan.objects.in_use(first, last).order_by("pk")
    if plans is not None:
        rows = rows.filter(pk__in=[plan.pk for plan in plans])
    return sum(_make(plan, first, last, now) for plan in rows)


def _make(plan: StewardPlan, first: date, last: date, now: datetime) -> int:
    """Make them under the plan's lock: whoever waited for it sees what the other has made."""
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    with atomically():
        rows = StewardPlan.objects.select_for_update(of=("self",))
        plan = rows.select_related("team__area", "team__estate", "building__estate").get(pk=plan.pk)
        made = set(StewardShift.objects.filter(plan=plan, date__in=days).values_list("date", flat=True))
        fresh = [
            _shift(plan, day) for day in days
            if day not in made and plan.falls_on(day) and plan.window(day)[1] > now
        ]  # fmt: skip
        StewardShift.objects.bulk_create(fresh)
        drafts = [events.Draft("shift.planned", one, told(one) | {"to": one.state}, now) for one in fresh]
        events.record_many(drafts, actor=User.objects.system("timers"), grant=Grant(Role.SYSTEM))
        _set_timers(fresh, now)
    return len(fresh)


def _shift(plan: StewardPlan, day: date) -> StewardShift:
    starts_at, ends_at = plan.window(day)
    return StewardShift(
        plan=plan, team=plan.team, area=plan.team.area, date=day, starts_at=starts_at, ends_at=ends_at,
        place=plan.place_text, wanted=plan.wanted,
    )  # fmt: skip


def timer_key(kind: str, shift: StewardShift) -> str:
    """Return the key of a timer of a shift."""
    return f"{kind}:{shift.pk}"


def _set_timers(shifts: Sequence[StewardShift], now: datetime) -> None:
    if not shifts:
        return
    set_timers(OVER, [(timer_key(OVER, one), one.pk, one.ends_at, {}) for one in shifts])
    set_timers(LAPSED, [(timer_key(LAPSED, one), one.pk, one.ends_at + FORGOTTEN, {}) for one in shifts])
    remind = [(one, datetime.combine(one.date - timedelta(days=1), REMIND_AT, SHANGHAI)) for one in shifts]
    ahead = [(timer_key(REMIND, one), one.pk, at, {}) for one, at in remind if at > now]
    if ahead:
        set_timers(REMIND, ahead)


@on("config.changed")
def plan_changed(_event, subject) -> None:
    """Make the shifts of a new or changed plan at once, so that nobody waits for the hourly job."""
    if isinstance(subject, StewardPlan):
        today = timezone.localdate()
        shifts_make(today, today + timedelta(days=DAYS_AHEAD), plans=[subject])


def duty_take(shift: StewardShift, *, actor: User, at: datetime | None = None) -> ShiftDuty:
    """Take a place in a shift of the own team.

    Raises NotPermitted, or Conflict where the shift is full, over or called off, or the person has it already.
    """
    with atomically():
        locked = StewardShift.objects.lock(shift.pk)
        grant = grant_for(OF_TEAM, locked, actor)
        member = member_of(actor, locked.team, locked.date)
        if grant is None or member is None:
            raise NotPermitted(_("Only members of the team stand its shifts."))
        return _placed(locked, member, None, actor, grant, at or timezone.now())


def duty_assign(shift: StewardShift, *, actor: User, member: StewardMember, at: datetime | None = None) -> ShiftDuty:
    """Give a member a place in a shift. Raises as ``duty_take``, and Invalid for somebody not in the team that day."""
    with atomically():
        locked = StewardShift.objects.lock(shift.pk)
        grant = grant_for(MANAGES, locked, actor)
        if grant is None:
            raise NotPermitted(_("You do not lead this team."))
        if member.team_id != locked.team_id or not member.holds_on(locked.date):
            raise Invalid(_("This person is not in the team on that day."), field="member", code="not_of_team")
        return _placed(locked, member, actor, actor, grant, at or timezone.now())


def _placed(shift: StewardShift, member: StewardMember, assigned_by: User | None, actor: User, grant: Grant,
            at: datetime) -> ShiftDuty:  # fmt: skip
    """Store a place, under the lock of the shift."""
    if shift.state != ShiftState.PLANNED:
        raise Conflict(_("This shift was called off."), code="called_off")
    if at >= shift.ends_at:
        raise Conflict(_("The time of this shift is over."), code="too_late")
    if shift.duties.filter(member=member).exclude(state__in=GIVEN_BACK).exists():
        raise Conflict(_("This shift is taken by this person already."), code="taken")
    if shift.duties.filter(state__in=HELD).count() >= shift.wanted:
        raise Conflict(_("This shift is full."), code="full")
    made = ShiftDuty(shift=shift, member=member, team=shift.team, area=shift.area, assigned_by=assigned_by, taken_at=at)
    made.save(force_insert=True)
    name = "duty.taken" if assigned_by is None else "duty.assigned"
    payload = told(shift) | {"member": member.pk, "to": made.state}
    events.record(name, made, actor=actor, grant=grant, payload=payload, occurred_at=at)
    return made


@fires(REMIND)
def remind(timer) -> None:
    """The evening before: whoever stands the shift is reminded (``notices`` listens)."""
    shift = StewardShift.objects.lock(timer.subject_id)
    if shift.state == ShiftState.PLANNED and shift.duties.filter(state=DutyState.TAKEN).exists():
        events.record("shift.reminded", shift, actor=User.objects.system("timers"), grant=Grant(Role.SYSTEM),
                      payload=told(shift), occurred_at=timer.due_at)  # fmt: skip


@fires(OVER)
def shift_over(timer) -> None:
    """Mark whoever never began the shift as not come."""
    shift = StewardShift.objects.lock(timer.subject_id)
    for duty in shift.duties.filter(state=DutyState.TAKEN).order_by("pk"):
        perform(duty, "miss", actor=User.objects.system("timers"), occurred_at=shift.ends_at, payload=told(shift))
