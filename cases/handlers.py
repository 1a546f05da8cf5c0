"""What cases do when a timer fires."""

from datetime import datetime, timedelta

from django.utils import timezone

from cases.clocks import STAGE_DUE, limit_row, set_alert
from cases.models import Case, CaseState, StageClock, StageLimit
from cases.unit_requests import SUSPENSION_ENDS, case_resume
from governance import events
from governance.models import Role, User
from governance.scoping import Grant
from governance.timers import fires


@fires(STAGE_DUE)
def stage_due(timer) -> None:
    """Warn before the end of a stage, say once that it is past, and take it to the next level while it stays so.

    Each is an event: whoever is concerned sees it live, and notices follow from it. The timer moves on to the next.
    """
    case = Case.objects.lock(timer.subject_id)
    clock = StageClock.objects.filter(case=case, ended_at=None).first()
    if clock is None or clock.stage != timer.payload["stage"]:
        return  # the stage ended in the meantime
    alert = timer.payload.get("alert", "end")
    if alert == "warning":
        if clock.due_at > timezone.now():
            _tell(case, clock, "case.warned", timer.due_at)
        set_alert(case, clock.stage, "end", clock.due_at)
    elif clock.due_at <= timezone.now():  # otherwise it was given a later end
        _overdue(timer, case, clock, timer.payload.get("level", 0))


def _overdue(timer, case: Case, clock: StageClock, level: int) -> None:
    row = limit_row(clock.stage)
    hours = timedelta(hours=float(row.escalate_hours)) if row else timedelta()
    if level:
        _tell(case, clock, "case.escalated", timer.due_at, level=level, why="overdue")
    else:
        _tell(case, clock, "case.overdue", clock.due_at)
    if hours and level < StageLimit.ESCALATIONS:
        set_alert(case, clock.stage, "escalation", clock.due_at + hours * (level + 1), level + 1)


def _tell(case: Case, clock: StageClock, name: str, at: datetime, **more) -> None:
    payload = {"number": case.number, "stage": clock.stage, "due_at": clock.due_at.isoformat()} | more
    actor = User.objects.system("timers")
    events.record(name, case, actor=actor, grant=Grant(Role.SYSTEM), payload=payload, occurred_at=at)


@fires(SUSPENSION_ENDS)
def suspension_ends(timer) -> None:
    """Nobody took a suspended case up again before its day: the rest of its limit runs on."""
    case = Case.objects.lock(timer.subject_id)
    if case.state == CaseState.SUSPENDED and case.suspended_until <= timezone.now():
        case_resume(case, actor=User.objects.system("timers"), occurred_at=case.suspended_until)
