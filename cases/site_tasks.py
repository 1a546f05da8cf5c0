"""Dated tasks of verification and inspection: who goes and looks; the grid's worker unless somebody says otherwise.

A task is the stage clock of the case (``StageClock.assignee``): its end is the task's date.
"""

from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from cases.clocks import ON_SITE_STAGES
from cases.models import Case, StageClock
from cases.services import case_move
from cases.states import ON_SITE
from governance.errors import Conflict, Invalid
from governance.models import User
from governance.scoping import grant_for, people_with_grants
from governance.transactions import atomically
from governance.workflow import carries_out


def people_for(case: Case) -> list[User]:
    """Return who may be given the task: people on site whose area holds the case, by name; two statements."""
    held = people_with_grants().filter(
        is_active=True, appointments__role__in=list(ON_SITE), appointments__area__in=case.area.lineage
    )
    return [user for user in held.distinct().order_by("name", "username") if grant_for(ON_SITE, case, user)]


@carries_out("cases.case", "assign_task")
def case_assign_task(case: Case, *, actor, worker: User, occurred_at: datetime | None = None, **given) -> Case:
    """Give the task of verification or inspection to somebody else on site.

    Raises Invalid for a person who works elsewhere, Conflict while there is no such task.
    """
    at = occurred_at or timezone.now()
    with atomically():
        fresh = case_move(case, "assign_task", actor=actor, occurred_at=at, payload={"worker": worker.pk}, **given)
        if grant_for(ON_SITE, fresh, worker) is None:
            raise Invalid(_("This person does not work there."), field="worker", code="elsewhere")
        rows = StageClock.objects.filter(case=fresh, ended_at=None, stage__in=ON_SITE_STAGES)
        if not rows.update(assignee=worker):
            raise Conflict(_("There is no task here to give."))
        return fresh
