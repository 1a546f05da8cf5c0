"""What cases do when a timer fires."""

from django.utils import timezone

from cases.clocks import STAGE_DUE
from cases.models import Case, StageClock
from governance import events
from governance.models import Role, User
from governance.scoping import Grant
from governance.timers import fires


@fires(STAGE_DUE)
def stage_due(timer) -> None:
    """Record once that a stage ran past its limit, so that everybody concerned sees it live."""
    case = Case.objects.lock(timer.subject_id)
    clock = StageClock.objects.filter(case=case, ended_at=None, due_at__lte=timezone.now()).first()
    if clock is None:
        return  # the stage ended or was given a later end in the meantime
    payload = {"number": case.number, "stage": clock.stage, "due_at": clock.due_at.isoformat()}
    actor = User.objects.system("timers")
    events.record(
        "case.overdue", case, actor=actor, grant=Grant(Role.SYSTEM), payload=payload, occurred_at=clock.due_at
    )
