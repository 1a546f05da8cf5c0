"""Volunteers of an event: sign up to a task, check in and out; the minutes count (``VolunteeringQuerySet.done``)."""

from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from governance import events
from governance.errors import Conflict, Invalid, NotPermitted
from governance.models import Role, User
from governance.scoping import Grant
from governance.transactions import atomically
from governance.workflow import carries_out
from property.gatherings.acting import carry, figures_of
from property.gatherings.event_workflow import TO_COME, EventState
from property.gatherings.homes import at_home_check
from property.gatherings.sign_up_workflow import HELPS, VolunteeringState
from property.models import NeighbourEvent, Volunteering, VolunteerTask

VOLUNTEERING = "property.volunteering"
# Preparing and tidying up, beside the event's own length [J].
AROUND = timedelta(hours=4)
SIGNED_UP_WHILE = (*TO_COME, EventState.UNDER_WAY)


def minutes_most(event: NeighbourEvent) -> int:
    """Return how many minutes of one piece of work count at most: the event's length, with what is before and after."""
    return int((event.ends_at - event.starts_at + AROUND).total_seconds() // 60)


def minutes_counted(event: NeighbourEvent, begins: datetime, ends: datetime) -> int:
    """Return whole minutes from check-in to check-out, never below 0 nor above ``minutes_most``."""
    return min(minutes_most(event), max(0, int((ends - begins).total_seconds() // 60)))


def _somebody_else(row: Volunteering, actor: User) -> None:
    if row.person_id == actor.pk:
        raise NotPermitted(_("Nobody writes down their own hours: another organiser does."))


def volunteer(task: VolunteerTask, *, actor: User, occurred_at: datetime | None = None) -> Volunteering:
    """Sign up to a task. Raises NotPermitted for who is no resident of the place, Conflict (over, enough hands,
    twice)."""
    at = occurred_at or timezone.now()
    with atomically():
        event = NeighbourEvent.objects.lock(task.event_id)
        at_home_check(actor, event)
        if event.state not in SIGNED_UP_WHILE:
            raise Conflict(_("No hands are wanted any more."), code="over")
        mine = Volunteering.objects.filter(task=task, person=actor).first()
        if mine is not None and mine.state != VolunteeringState.CANCELLED:
            raise Conflict(_("You are signed up already."), code="signed_up")
        if Volunteering.objects.filter(task=task, state__in=HELPS).count() >= task.wanted:
            raise Conflict(_("There are enough hands for this."), code="full")
        if mine is not None:
            return carry(mine, "again", actor=actor, occurred_at=at)
        made = Volunteering.objects.create(event=event, task=task, area=event.area, person=actor, asked_at=at)
        payload = figures_of(made) | {"to": made.state}
        events.record("volunteering.made", made, actor=actor, grant=Grant(Role.RESIDENT), payload=payload,
                      occurred_at=at)  # fmt: skip
    return made


@carries_out(VOLUNTEERING, "cancel")
def volunteering_cancel(row: Volunteering, *, actor: User, **given) -> Volunteering:
    """Take the offer of help back."""
    with atomically():
        NeighbourEvent.objects.lock(row.event_id)
        return carry(row, "cancel", actor=actor, **given)


@carries_out(VOLUNTEERING, "check_in")
def volunteering_check_in(row: Volunteering, *, actor: User, occurred_at: datetime | None = None, **given):
    """The work begins. Raises Conflict unless the event is published and not over, NotPermitted for the volunteer."""
    at = occurred_at or timezone.now()
    _somebody_else(row, actor)
    with atomically():
        if NeighbourEvent.objects.lock(row.event_id).state not in SIGNED_UP_WHILE:
            raise Conflict(_("The event is not on."), code="not_now")
        return carry(row, "check_in", actor=actor, occurred_at=at, checked_in_at=at, **given)


@carries_out(VOLUNTEERING, "check_out")
def volunteering_check_out(row: Volunteering, *, actor: User, occurred_at: datetime | None = None, **given):
    """The work ends; its minutes are on the event ``volunteering.done`` too. Raises NotPermitted for the volunteer."""
    at = occurred_at or timezone.now()
    _somebody_else(row, actor)
    with atomically():
        event = NeighbourEvent.objects.lock(row.event_id)
        fresh = Volunteering.objects.lock(row.pk)
        minutes = minutes_counted(event, fresh.checked_in_at or at, at)
        return carry(fresh, "check_out", actor=actor, occurred_at=at, checked_out_at=at, minutes=minutes,
                     payload={"minutes": minutes}, **given)  # fmt: skip


@carries_out(VOLUNTEERING, "correct")
def volunteering_correct(row: Volunteering, *, actor: User, minutes: int, **given) -> Volunteering:
    """Correct the minutes of work that was done. Raises NotPermitted for the volunteer, Invalid naming ``minutes``."""
    _somebody_else(row, actor)
    with atomically():
        event = NeighbourEvent.objects.lock(row.event_id)
        if not 0 <= minutes <= minutes_most(event):
            text = _("At most %(number)s minutes: the event and what is before and after.")
            raise Invalid(text % {"number": minutes_most(event)}, field="minutes", code="out_of_range")
        payload = {"minutes": minutes, "before": Volunteering.objects.lock(row.pk).minutes}
        return carry(row, "correct", actor=actor, minutes=minutes, payload=payload, **given)
