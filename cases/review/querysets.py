"""The review queue: the cases a dispatcher must decide about, the most pressing first."""

from django.db.models import F, Prefetch, QuerySet

from cases.models import Case, DispatchProposal
from governance.models.organisation import Role
from governance.scoping import grant_for, visible_q
from governance.workflow import steps_of

NOT_PEOPLE = {Role.SYSTEM, Role.RESIDENT}


def decides_rule() -> dict:
    """Return who may dispatch: role → relation, people only."""
    allow = steps_of(Case)["dispatch"].allow
    return {role: relation for role, relation in allow.items() if role not in NOT_PEOPLE}


def waiting_for(user) -> QuerySet[Case]:
    """Return the cases that wait for a dispatcher and that ``user`` may dispatch."""
    found = visible_q(decides_rule(), user)
    rows = Case.objects.none() if found is None else Case.objects.filter(found)
    rows = rows.filter(state__in=steps_of(Case)["dispatch"].sources)
    return rows.order_by(F("due_at").asc(nulls_last=True), "id")


def with_proposals(rows: QuerySet[Case]) -> QuerySet[Case]:
    """Load what a row of the queue shows; two statements for any number of rows."""
    proposals = DispatchProposal.objects.filter(unit__isnull=False).select_related("unit", "standard__category")
    return (
        rows.select_related("category", "area")
        .defer("area__boundary", "result")
        .prefetch_related(Prefetch("proposals", proposals.order_by("rank"), to_attr="proposed"))
    )


def may_decide(case: Case, user) -> bool:
    """Tell whether ``user`` may dispatch this case, which is loaded with its area."""
    return grant_for(decides_rule(), case, user) is not None
