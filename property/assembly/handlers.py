"""What assemblies do when a deadline is due, when a case ends, when a rule is changed."""

from datetime import date

from django.utils import timezone

from governance import events
from governance.events import on
from governance.models import Role, User
from governance.scoping import Grant
from governance.timers import fires
from property.assembly.acting import figures_of
from property.assembly.deadlines import (
    COLLECT,
    FOLLOW_UP_OVERDUE,
    FOLLOW_UP_WARNING,
    MONTH_ENDED,
    NOT_HELD,
    NOTICE_DUE,
    REMINDER,
    month_timer,
)
from property.assembly.follow_up_workflow import FollowUpState
from property.assembly.follow_ups import case_ended
from property.assembly.making import sessions_make_ahead
from property.assembly.months import due_in, met_in
from property.assembly.needs import need_answered
from property.assembly.session_workflow import BEFORE_NOTICE, TO_COME, SessionState
from property.assembly.sessions import session_collect
from property.models import Assembly, AssemblySession, FollowUpItem


def _tell(name: str, obj, timer, **more) -> None:
    clock, payload = User.objects.system("timers"), figures_of(obj) | more
    events.record(name, obj, actor=clock, grant=Grant(Role.SYSTEM), payload=payload, occurred_at=timer.due_at)


@fires(COLLECT)
def collect_due(timer) -> None:
    """Open a draft for topics when its time has come."""
    session = AssemblySession.objects.lock(timer.subject_id)
    if session.state == SessionState.DRAFT:
        session_collect(session, actor=User.objects.system("timers"), occurred_at=timer.due_at)


@fires(NOTICE_DUE)
def notice_due(timer) -> None:
    """Call to the organiser's mind that the notice must go out."""
    session = AssemblySession.objects.lock(timer.subject_id)
    if session.state in BEFORE_NOTICE:
        _tell("session.notice_due", session, timer)


@fires(REMINDER)
def reminder_due(timer) -> None:
    """Call the session to everybody's mind the day before."""
    session = AssemblySession.objects.lock(timer.subject_id)
    if session.state == SessionState.NOTICED:
        _tell("session.reminded", session, timer)


@fires(NOT_HELD)
def not_held(timer) -> None:
    """The session's time is over and nobody opened it."""
    session = AssemblySession.objects.lock(timer.subject_id)
    if session.state in TO_COME:
        _tell("session.not_held", session, timer)


@fires(MONTH_ENDED)
def month_ended(timer) -> None:
    """Say once that an assembly did not meet in a month."""
    assembly = Assembly.objects.select_related("area").get(pk=timer.subject_id)
    month = date.fromisoformat(timer.payload["month"])
    waited_for = AssemblySession.objects.filter(assembly=assembly, month=month, state__in=TO_COME)
    if (last := waited_for.filter(ends_at__gt=timer.due_at).order_by("ends_at").last()) is not None:
        month_timer(assembly, month, after=last)  # put off into the next month: it still counts for its own
        return
    if assembly.is_active and due_in(assembly, month) and not met_in(assembly, month):
        payload = {"assembly": assembly.code, "month": f"{month:%Y-%m}"}
        clock = User.objects.system("timers")
        events.record("assembly.month_missed", assembly, actor=clock, grant=Grant(Role.SYSTEM), payload=payload,
                      occurred_at=timer.due_at)  # fmt: skip


@fires(FOLLOW_UP_WARNING)
def follow_up_near(timer) -> None:
    """The day of an item is near and it has not been handed in."""
    item = FollowUpItem.objects.lock(timer.subject_id)
    if item.state not in (FollowUpState.CLOSED, FollowUpState.AWAITING):
        _tell("follow_up.warned", item, timer)


@fires(FOLLOW_UP_OVERDUE)
def follow_up_past(timer) -> None:
    """The day of an item has passed and it is not done."""
    item = FollowUpItem.objects.lock(timer.subject_id)
    if item.state != FollowUpState.CLOSED:
        _tell("follow_up.overdue", item, timer)


@on("booking.cancelled", "booking.moved")
def venue_taken_back(event, booking) -> None:
    """Tell the organiser that the venue of a session to come was taken back, or given to it for another time."""
    session = AssemblySession.objects.to_hold().filter(booking=booking).select_related("assembly", "area").first()
    if session is not None:
        payload = figures_of(session) | {"venue": booking.venue_id, "why": event.name}
        events.record("session.venue_taken", session, actor=User.objects.system("timers"), grant=Grant(Role.SYSTEM),
                      payload=payload, occurred_at=event.occurred_at)  # fmt: skip


@on("case.closed", "case.rejected", "case.cancelled", "case.reopened", "case.merged")
def case_told_back(event, case) -> None:
    """What became of a case is told to the follow-up item it was opened for."""
    case_ended(case, event=event)


@on("need.solved", "need.declined", "need.reopened")
def need_told_back(event, need) -> None:
    """What became of a need is told to the item or topic it came of."""
    need_answered(need, event=event)


@on("config.changed")
def assembly_changed(_event, subject) -> None:
    """Make the sessions of a new or changed assembly at once, so that nobody waits for the nightly job."""
    if isinstance(subject, Assembly) and subject.is_active:
        sessions_make_ahead(timezone.localdate(), assemblies=[subject])
