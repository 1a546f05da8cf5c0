"""Volunteers of an event: sign up to a task, check in and out; the minutes count (``VolunteeringQuerySet.done``)."""

from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from governance import events
from governance.errors import Conflict, NotPermitted
from governance.models import Role, User
from governance.scoping import Grant
from governance.transactions import atomically
from governance.workflow import carries_out
from property.gatherings.acting import carry, figures_of
from property.gatherings.event_workflow import TO_COME, EventState
from property.gatherings.sign_up_workflow import HELPS, VolunteeringState
from property.models import NeighbourEvent, Volunteering, VolunteerTask

VOLUNTEERING = "property.volunteering"
SIGNED_UP_WHILE = (*TO_COME, EventState.UNDER_WAY)


def minutes_between(begins: datetime, ends: datetime) -> int:
    """Return whole minutes from check-in to check-out, never below 0."""
    return max(0, int((ends - begins).total_seconds() // 60))


def volunteer(task: VolunteerTask, *, actor: User, occurred_at: datetime | None = None) -> Volunteering:
    """Sign up to a task. Raises NotPermitted for who is no resident of the place, Conflict (over, enough hands,
    twice)."""
    at = occurred_at or timezone.now()
    with atomically():
        event = NeighbourEvent.objects.lock(task.event_id)
        if not NeighbourEvent.objects.of_residents(actor).filter(pk=event.pk).exists():
            raise NotPermitted(_("This event is for the residents of another place."))
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
    """The work begins. Raises Conflict unless the event is published and not over."""
    at = occurred_at or timezone.now()
    with atomically():
        if NeighbourEvent.objects.lock(row.event_id).state not in SIGNED_UP_WHILE:
            raise Conflict(_("The event is not on."), code="not_now")
        return carry(row, "check_in", actor=actor, occurred_at=at, checked_in_at=at, **given)


@carries_out(VOLUNTEERING, "check_out")
def volunteering_check_out(row: Volunteering, *, actor: User, occurred_at: datetime | None = None, **given):
    """The work ends; its minutes are on the event ``volunteering.done`` too."""
    at = occurred_at or timezone.now()
    with atomically():
        NeighbourEvent.objects.lock(row.event_id)
        fresh = Volunteering.objects.lock(row.pk)
        minutes = minutes_between(fresh.checked_in_at or at, at)
        return carry(fresh, "check_out", actor=actor, occurred_at=at, checked_out_at=at, minutes=minutes,
                     payload={"minutes": minutes}, **given)  # fmt: skip
