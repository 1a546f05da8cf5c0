"""Second step of the hub: the filing standard (category + condition) and the area decide."""

from django.utils.translation import gettext as _

from cases.dispatch.plans import Plan, Unresolved, span_text, stored
from cases.dispatch.units import RoleTable, lead_role, resolve_units
from cases.models import Case, DispatchMethod, FilingStandard, UnitPart
from governance.clock import Span


def plan_by_standard(case: Case, standard: FilingStandard | None, table: RoleTable | None = None) -> Plan | Unresolved:
    """Return what ``standard`` calls for where the case lies; at most two statements. ``table``: roles read before."""
    if standard is None or not standard.is_active:
        return Unresolved("no_standard")
    units = resolve_units(standard, case.area, table)
    if not units[UnitPart.LEAD]:
        return Unresolved("lead_unresolved")
    lead = units[UnitPart.LEAD][0]
    if not lead.is_active:
        return Unresolved("lead_inactive")
    span = Span(standard.limit_amount, standard.limit_unit)
    return Plan(
        lead=lead,
        assisting=tuple(unit for unit in units[UnitPart.ASSISTING] if unit != lead),
        supervising=tuple(units[UnitPart.SUPERVISING]),
        span=span,
        standard=standard,
        reason=stored(lambda: _why(case, standard, lead, span)),
        method=DispatchMethod.STANDARD,
    )


def standard_label(standard: FilingStandard) -> str:
    """Return how a standard is named where it stands beside others."""
    return f"{standard.category.name}：{standard.condition}"


def _why(case: Case, standard: FilingStandard, lead, span: Span) -> str:
    role = lead_role(standard.units.all())
    by_role = _(" (role “%(role)s” in %(area)s)") % {"role": role, "area": case.area.name} if role else ""
    return _("Filing standard “%(category)s: %(condition)s” → %(lead)s%(by_role)s, within %(limit)s") % {
        "category": standard.category.name,
        "condition": standard.condition,
        "lead": lead.name,
        "by_role": by_role,
        "limit": span_text(span),
    }
