"""Which steps make sense now: doors offer these and no others. The services refuse the rest with their own words."""

from django.db import models
from django.utils import timezone

from governance.workflow import Step, available
from property.gatherings.attendance import check_in_open
from property.gatherings.event_workflow import TO_COME, EventState
from property.gatherings.photos import may_agree
from property.gatherings.skills import side_of
from property.gatherings.volunteers import SIGNED_UP_WHILE
from property.models import EventPhoto, NeighbourEvent, PhotoConsent, SignUp, SkillMatch, Volunteering

THERE = ("check_in", "undo")
BEFOREHAND = ("take", "change", "cancel")
# What each side of a match says once, by the column that tells that it was said.
ONCE = {"confirm": "confirmed_at", "report": "done_at", "rate": "stars"}


def offered(obj: models.Model, user) -> list[Step]:
    """Return the steps of ``obj`` to be shown to ``user``; reads its ``event``, which callers load with it."""
    steps = available(obj, user)
    if isinstance(obj, NeighbourEvent):
        return [step for step in steps if _of_event(obj, step.name)]
    if isinstance(obj, SignUp):
        return [step for step in steps if _of_sign_up(obj, step.name)]
    if isinstance(obj, Volunteering):
        return [step for step in steps if _of_work(obj, step.name, user)]
    if isinstance(obj, EventPhoto):
        return [step for step in steps if step.name != "nobody" or not obj.consents.all()]
    if isinstance(obj, PhotoConsent):
        return [step for step in steps if step.name != "agree" or may_agree(obj, user)]
    if isinstance(obj, SkillMatch):
        side = side_of(obj, user)
        return [step for step in steps if step.name not in ONCE or not getattr(obj, f"{side}_{ONCE[step.name]}")]
    return steps


def _of_event(event: NeighbourEvent, name: str) -> bool:
    if name == "begin":
        return check_in_open(event, timezone.now())
    return name != "resize" or event.places > 0


def _of_work(row: Volunteering, name: str, user) -> bool:
    if name == "cancel":
        return True
    return row.person_id != user.pk and (name == "correct" or row.event.state in SIGNED_UP_WHILE)


def _of_sign_up(row: SignUp, name: str) -> bool:
    now = timezone.now()
    if name in THERE:
        return check_in_open(row.event, now)
    begun = row.event.state != EventState.POSTPONED and now >= row.event.starts_at
    return name not in BEFOREHAND or (row.event.state in (*TO_COME, EventState.POSTPONED) and not begun)
