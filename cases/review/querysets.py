"""The review queue: the cases a dispatcher must decide about, the most pressing first."""

from django.db.models import F, Prefetch, Q, QuerySet

from cases.models import Case, DispatchProposal
from governance.models.organisation import Role
from governance.scoping import visible_q
from governance.workflow import Step, steps_of

NOT_PEOPLE = {Role.SYSTEM, Role.RESIDENT}
DECIDING = ("dispatch", "arbitrate")


def deciding_steps() -> list[Step]:
    """Return the transitions by which a person gives a waiting case to a unit."""
    steps = steps_of(Case)
    return [steps[name] for name in DECIDING]


def deciding_step(case: Case) -> str | None:
    """Return the name of the transition that decides about a case in its state, or None where none does."""
    return next((step.name for step in deciding_steps() if case.state in step.sources), None)


def deciders() -> set[str]:
    """Return the roles of people who decide about some waiting case."""
    return {role for step in deciding_steps() for role in step.allow} - NOT_PEOPLE


def waiting_for(user) -> QuerySet[Case]:
    """Return the cases that wait for a decision which ``user`` may take."""
    reach = Q(pk__in=[])
    for step in deciding_steps():
        rule = {role: relation for role, relation in step.allow.items() if role not in NOT_PEOPLE}
        found = visible_q(rule, user)
        if found is not None:
            reach |= found & Q(state__in=step.sources)
    return Case.objects.filter(reach).order_by(F("due_at").asc(nulls_last=True), "id")


def with_proposals(rows: QuerySet[Case]) -> QuerySet[Case]:
    """Load what a row of the queue shows; two statements for any number of rows."""
    proposals = DispatchProposal.objects.filter(unit__isnull=False).select_related("unit", "standard__category")
    return (
        rows.select_related("category", "area")
        .defer("area__boundary", "result")
        .prefetch_related(Prefetch("proposals", proposals.order_by("rank"), to_attr="proposed"))
    )
