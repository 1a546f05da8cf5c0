"""The hub itself: asks its steps in order and says who else came into question."""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from django.utils import timezone

from cases.dispatch.by_origin import plan_by_origin
from cases.dispatch.by_rule import plans_by_rule
from cases.dispatch.by_standard import plan_by_standard, standard_label
from cases.dispatch.by_text import plan_by_text, readings_of
from cases.dispatch.plans import Plan, Unresolved, runner_up
from cases.models import Case, DispatchProposal
from governance.models import OrgUnit


def plan_for(case: Case, at: datetime | None = None) -> Plan | Unresolved:
    """Return what is called for, or why a dispatcher must decide; no writes.

    ``at``: when it is dispatched, which rules with hours ask for; by default when it was accepted, and for a case that
    was dispatched before, now. One statement for the rules in use, two more where units must be looked up.
    """
    if case.category_id is None:
        return Unresolved("no_category")
    ruled = plans_by_rule(case, at or _moment(case))
    first = next(ruled, None)
    if first is not None:
        return replace(first, runner_up=_beside_rule(first, next(ruled, None), case))
    named = plan_by_origin(case) if case.origin else None
    if named is not None:
        return named
    standard = plan_by_standard(case, case.standard)
    readings = readings_of(case)
    if isinstance(standard, Plan):
        return replace(standard, runner_up=_beside_standard(standard, readings))
    return plan_by_text(readings) or standard


def _moment(case: Case) -> datetime:
    return case.accepted_at if case.accepted_at and case.dispatched_at is None else timezone.now()


def _beside_rule(plan: Plan, second: Plan | None, case: Case) -> dict:
    """The rule that would decide next, else the filing standard."""
    if second is not None:
        return runner_up(second.lead, second.rule.name, second.method)
    standard = plan_by_standard(case, case.standard)
    if isinstance(standard, Plan):
        return runner_up(standard.lead, standard_label(standard.standard), standard.method)
    return {}


def _beside_standard(plan: Plan, readings) -> dict:
    """What the text says, where that is another unit."""
    for reading in readings:
        if reading.plan is not None and reading.plan.lead != plan.lead:
            label = reading.category.name if reading.category else reading.said.label
            return runner_up(reading.plan.lead, label, reading.plan.method, reading.plan.confidence)
    return {}


def standing_of(case: Case, lead: OrgUnit) -> tuple[Decimal | None, dict]:
    """Return how the hub's proposals stand to a dispatcher's decision for ``lead``: confidence, and the runner-up.

    The confidence is that of the proposal for this unit, the runner-up the best proposal for another; one statement.
    """
    proposals = list(DispatchProposal.objects.filter(case=case, unit__isnull=False).select_related("unit"))
    own = next((row.confidence for row in proposals if row.unit_id == lead.pk), None)
    other = next((row for row in proposals if row.unit_id != lead.pk), None)
    return own, runner_up(other.unit, other.unit.name, other.method, other.confidence) if other else {}
