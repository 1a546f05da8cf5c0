"""Deadlines of hazards: to be assessed within hours, looked at again on the last day of a watch."""

from datetime import datetime, time, timedelta

from django.utils import timezone
from django.utils.timezone import make_aware

from governance.models import User
from governance.timers import cancel_timer, fires, set_timer
from governance.workflow import perform
from mediation.models import Hazard, HazardState

ASSESS_DUE, WATCH_ENDS = "hazard.assess_due", "hazard.watch_ends"
# How long a hazard may wait to be assessed, pressing (or with signs of violence) and otherwise: as sightings of
# stewards wait for an answer [J].
LIMITS = {True: timedelta(hours=1), False: timedelta(hours=24)}
# When on its last day a watch ends: early enough to go there that day [J].
MORNING = time(8)


def assess_timer(hazard: Hazard) -> None:
    """Set the timer that says when nobody has assessed a hazard in time."""
    set_timer(f"{ASSESS_DUE}:{hazard.pk}", ASSESS_DUE, subject_id=hazard.pk, due_at=hazard.assess_by)


def watch_timer(hazard: Hazard) -> None:
    """Set the timer that ends a watch."""
    due = make_aware(datetime.combine(hazard.watch_until, MORNING))
    set_timer(f"{WATCH_ENDS}:{hazard.pk}", WATCH_ENDS, subject_id=hazard.pk, due_at=due)


def timer_stop(hazard: Hazard, kind: str) -> None:
    """Cancel a timer: what it waited for has happened."""
    cancel_timer(f"{kind}:{hazard.pk}")


@fires(ASSESS_DUE)
def assess_due(timer) -> None:
    """Nobody assessed it in time: the township's centre reads it from now on."""
    hazard = Hazard.objects.lock(timer.subject_id)
    if hazard.state == HazardState.REPORTED:
        _tell(hazard, "remind", timer.due_at, at=timer.due_at)


@fires(WATCH_ENDS)
def watch_ends(timer) -> None:
    """To be decided anew."""
    hazard = Hazard.objects.lock(timer.subject_id)
    if hazard.state == HazardState.WATCHED and hazard.watch_until <= timezone.localdate(timer.due_at):
        _tell(hazard, "end_watch", timer.due_at)


def _tell(hazard: Hazard, name: str, occurred_at: datetime, **given) -> None:
    payload = {"hazard": hazard.number, "source": hazard.source, "type": hazard.type.code if hazard.type else None}
    perform(hazard, name, actor=User.objects.system("timers"), occurred_at=occurred_at, payload=payload,
            **given)  # fmt: skip
