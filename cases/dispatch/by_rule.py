"""First step of the hub: explicit rules of the city."""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Prefetch, prefetch_related_objects
from django.utils.translation import gettext as _

from cases.dispatch.matching import facts_of, in_order
from cases.dispatch.plans import Plan, default_span, span_text, stored
from cases.dispatch.units import lead_role, units_named
from cases.models import Case, DispatchMethod, DispatchRule, RuleUnit, UnitPart
from governance.clock import Span


def rules_for(case: Case, at: datetime) -> list[DispatchRule]:
    """Return the rules in use that apply to a case dispatched at ``at``, the deciding one first; one statement."""
    rules = DispatchRule.objects.deciding().filter(area_id__in=case.area.lineage)
    return in_order(rules.with_conditions().select_related("area").defer("area__boundary"), facts_of(case, at))


def plans_by_rule(case: Case, at: datetime) -> Iterator[Plan]:
    """Yield what each rule that applies calls for, in order.

    A rule whose lead no unit in use fills here, or that finds no limit, is passed over: the next step answers.
    """
    for rule in rules_for(case, at):
        plan = _plan(rule, case)
        if plan is not None:
            yield plan


def _plan(rule: DispatchRule, case: Case) -> Plan | None:
    prefetch_related_objects([rule], Prefetch("units", RuleUnit.objects.select_related("unit")))
    rows = rule.units.all()
    units = units_named(rows, case.area.lineage)
    lead = next(iter(units[UnitPart.LEAD]), None)
    span = span_of(rule, case)
    if lead is None or not lead.is_active or span is None:
        return None
    return Plan(
        lead=lead,
        assisting=tuple(unit for unit in units[UnitPart.ASSISTING] if unit != lead and unit.is_active),
        supervising=tuple(unit for unit in units[UnitPart.SUPERVISING] if unit.is_active),
        span=span,
        standard=case.standard,
        reason=stored(lambda: _why(rule, case, lead, lead_role(rows), span)),
        method=DispatchMethod.RULE,
        rule=rule,
    )


def span_of(rule: DispatchRule, case: Case) -> Span | None:
    """Return the rule's own limit, else that of the case's standard, else the default one."""
    if rule.limit_amount is not None:
        return Span(rule.limit_amount, rule.limit_unit)
    if case.standard is not None:
        return Span(case.standard.limit_amount, case.standard.limit_unit)
    return default_span()


def _why(rule: DispatchRule, case: Case, lead, role: str, span: Span) -> str:
    by_role = _(" (role “%(role)s” in %(area)s)") % {"role": role, "area": case.area.name} if role else ""
    return _("Rule “%(rule)s” (%(code)s) → %(lead)s%(by_role)s, within %(limit)s") % {
        "rule": rule.name,
        "code": rule.code,
        "lead": lead.name,
        "by_role": by_role,
        "limit": span_text(span),
    }
