"""Care visits: always one planned for everybody on the list; one that is missed raises an alarm as a case."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from cases.dispatch.plans import stored
from cases.models import CaseSource
from cases.services import case_open, evidence_add
from cases.states import OPEN
from governance import events
from governance.attachments import attach
from governance.clock import SHANGHAI
from governance.errors import Invalid
from governance.events import on
from governance.models import AttachmentPurpose, Role, User
from governance.photos import Upload
from governance.scoping import Grant
from governance.timers import cancel_timer, fires, set_timer
from governance.transactions import atomically
from governance.workflow import carries_out, perform
from property.models import CareReceiver, CareVisit, Condition, VisitState

DAY_OVER = "property.care_day_over"
ALARM_AT = time(18)  # when a visit that was due that day counts as missed [J]


def timer_key(visit: CareVisit) -> str:
    """Return the key of the timer that raises the alarm."""
    return f"care:{visit.pk}:missed"


def told(visit: CareVisit) -> dict:
    """Return what events say of a visit; not to whom."""
    return {"visit": visit.pk, "due_on": f"{visit.due_on}"}


def _alarm_at(day: date) -> datetime:
    return datetime.combine(day, ALARM_AT, SHANGHAI)


def visit_plan(receiver: CareReceiver, *, after: date, at: datetime) -> CareVisit | None:
    """Plan the next visit, so many days ``after`` a day, and never for a day whose alarm has passed; None where one is
    planned or the person is off the list.
    """
    with atomically():
        receiver = CareReceiver.objects.select_for_update(of=("self",)).select_related("area").get(pk=receiver.pk)
        today = timezone.localdate(at)
        soonest = today if at < _alarm_at(today) else today + timedelta(days=1)
        due_on = max(after + timedelta(days=receiver.every_days), soonest)
        if not receiver.holds_on(due_on) or receiver.visits.filter(state=VisitState.PLANNED).exists():
            return None
        visit = CareVisit(receiver=receiver, area=receiver.area, due_on=due_on)
        visit.save(force_insert=True)
        events.record("care.planned", visit, actor=User.objects.system("timers"), grant=Grant(Role.SYSTEM),
                      payload=told(visit), occurred_at=at)  # fmt: skip
        set_timer(timer_key(visit), DAY_OVER, subject_id=visit.pk, due_at=_alarm_at(due_on))
    return visit


@on("config.changed")
def receiver_changed(event, subject) -> None:
    """Plan the first visit to somebody new on the list; stop those to somebody who is off it."""
    if not isinstance(subject, CareReceiver):
        return
    at = event.occurred_at
    for visit in CareVisit.objects.filter(receiver=subject, state=VisitState.PLANNED).with_rows():
        if not subject.holds_on(visit.due_on):
            perform(visit, "stop", actor=User.objects.system("timers"), occurred_at=at, payload=told(visit))
            cancel_timer(timer_key(visit))
    # Who has moved is looked in on by the people of the new place.
    CareVisit.objects.filter(receiver=subject, state=VisitState.PLANNED).update(area=subject.area)
    visit_plan(subject, after=max(subject.valid_from, timezone.localdate(at)), at=at)


@carries_out("property.carevisit", "visit")
def visit_report(visit: CareVisit, *, actor: User, condition: str, version=None, reason="",
                 occurred_at: datetime | None = None, photos: Sequence[Upload] = ()) -> CareVisit:  # fmt: skip
    """Report a visit and how the person is; where help is needed, or nobody opened, a case is opened.

    Raises Invalid for an unknown condition, or without words where all is not well.
    """
    at = occurred_at or timezone.now()
    if condition not in Condition.values:
        raise Invalid(_("Say how the person is."), field="condition", code="required")
    if condition != Condition.WELL and not reason.strip():
        raise Invalid(_("Say what is needed."), field="reason", code="required")
    with atomically():
        fresh, event = perform(
            visit, "visit", actor=actor, version=version, reason=reason, occurred_at=at, visited_by=actor,
            visited_at=at, condition=condition, payload=told(visit) | {"condition": condition},
        )  # fmt: skip
        attach(fresh, photos, purpose=AttachmentPurpose.EVIDENCE, actor=actor, event=event)
        cancel_timer(timer_key(fresh))
        visit_plan(fresh.receiver, after=timezone.localdate(at), at=at)
        if condition != Condition.WELL:
            words = _("On a care visit nobody opened: look after the person.")
            if condition == Condition.NEEDS_HELP:
                words = _("On a care visit somebody needs help.")
            _alarm(fresh, lambda: words, at)
    return fresh


@carries_out("property.carevisit", "cancel")
def visit_cancel(visit: CareVisit, *, actor: User, version=None, reason="", occurred_at: datetime | None = None,
                 photos: Sequence[Upload] = ()) -> CareVisit:  # fmt: skip
    """Cancel a visit; the next one is planned in its turn."""
    at = occurred_at or timezone.now()
    with atomically():
        fresh, _event = perform(visit, "cancel", actor=actor, version=version, reason=reason, occurred_at=at,
                                payload=told(visit))  # fmt: skip
        cancel_timer(timer_key(fresh))
        visit_plan(fresh.receiver, after=max(fresh.due_on, timezone.localdate(at)), at=at)
    return fresh


@fires(DAY_OVER)
def day_over(timer) -> None:
    """Raise the alarm for a visit nobody made, and plan the next one.

    The next is planned from now on, however late this fires: after an outage of the worker what was missed meanwhile is
    one missed visit, not a row of them on days nobody could have gone.
    """
    visit = CareVisit.objects.lock(timer.subject_id)
    if visit.state != VisitState.PLANNED:
        return
    fresh, _event = perform(visit, "miss", actor=User.objects.system("timers"), occurred_at=timer.due_at,
                            payload=told(visit))  # fmt: skip
    visit_plan(fresh.receiver, after=fresh.due_on, at=max(timer.due_at, timezone.now()))
    _alarm(fresh, lambda: _("A care visit due on %(day)s was not made: look in at once.") % {"day": fresh.due_on},
           timezone.now())  # fmt: skip


def _alarm(visit: CareVisit, words, at: datetime) -> None:
    """Open the case, or add to the visit's open one; it says where, not who: who sees the visit reads that there."""
    if visit.case is not None and visit.case.state in OPEN:
        evidence_add(visit.case, actor=User.objects.system("timers"), kind=f"care_{visit.condition or visit.state}",
                     data=told(visit), happened_at=at)  # fmt: skip
        return
    visit.case = case_open(
        actor=User.objects.system("timers"), source=CaseSource.PATROL, description=stored(words), category=None,
        standard=visit.receiver.alarm_standard, area=visit.area, address=str(visit.receiver.dwelling),
        origin={"care_visit": visit.pk}, occurred_at=at,
    )  # fmt: skip
    visit.save(update_fields=["case"])
