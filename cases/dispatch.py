"""The dispatch hub: who gets a case, within which limit, and why.

The filing standard (category + condition) and the area decide. Role texts (各产权单位) become units through the
per-area alias table, the nearest area first. Where no standard fits or the lead stays unresolved, the case waits in the
review queue for a dispatcher: the hub never guesses.
"""

from dataclasses import dataclass

from django.conf import settings
from django.db.models import Prefetch, prefetch_related_objects
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.models import Case, FilingStandard, StandardUnit, UnitAlias, UnitPart
from cases.models.catalogue import LimitUnit
from governance.clock import Span
from governance.models import OrgUnit

# Why a case waits for a dispatcher (``Case.review_reason``).
REVIEW_REASONS = {
    "no_category": gettext_lazy("No category was given."),
    "no_standard": gettext_lazy("No filing standard fits."),
    "lead_unresolved": gettext_lazy("The standard names a role that no unit here fills."),
    "lead_inactive": gettext_lazy("The lead unit of the standard is no longer in use."),
    "recalled": gettext_lazy("The dispatch was recalled."),
    "returned": gettext_lazy("The unit returned it."),
    "reopened": gettext_lazy("It was reopened."),
    "arbitration": gettext_lazy("Units disagree whose it is: the operations centre decides."),
}


@dataclass(frozen=True)
class Plan:
    """A dispatch the standard calls for; ``reason`` is stored with it and shown."""

    lead: OrgUnit
    assisting: tuple[OrgUnit, ...]
    supervising: tuple[OrgUnit, ...]
    span: Span
    standard: FilingStandard
    reason: str


@dataclass(frozen=True)
class Unresolved:
    """Why there is no plan: a key of ``REVIEW_REASONS``."""

    code: str


def plan_for(case: Case) -> Plan | Unresolved:
    """Return what the case's standard and area call for; at most two statements, no writes."""
    if case.category_id is None:
        return Unresolved("no_category")
    standard = case.standard
    if standard is None or not standard.is_active:
        return Unresolved("no_standard")
    units = resolve_units(standard, case.area)
    if not units[UnitPart.LEAD]:
        return Unresolved("lead_unresolved")
    lead = units[UnitPart.LEAD][0]
    if not lead.is_active:
        return Unresolved("lead_inactive")
    span = Span(standard.limit_amount, standard.limit_unit)
    assisting = tuple(unit for unit in units[UnitPart.ASSISTING] if unit != lead)
    return Plan(lead, assisting, tuple(units[UnitPart.SUPERVISING]), span, standard, _why(case, standard, lead, span))


def resolve_units(standard: FilingStandard, area) -> dict[str, list[OrgUnit]]:
    """Return the units a standard names, by part and in order; roles that no unit fills here are left out."""
    prefetch_related_objects([standard], Prefetch("units", StandardUnit.objects.select_related("unit")))
    rows = standard.units.all()
    roles = [row.role_name for row in rows if row.role_name]
    filled = _units_of_roles(roles, area) if roles else {}
    units: dict[str, list[OrgUnit]] = {part: [] for part in UnitPart.values}
    for row in rows:
        unit = row.unit or filled.get(row.role_name)
        if unit is not None and unit not in units[row.part]:
            units[row.part].append(unit)
    return units


def _units_of_roles(roles: list[str], area) -> dict[str, OrgUnit]:
    """Resolve role texts; the alias of the nearest area (the longest path) wins."""
    above = area.lineage
    aliases = UnitAlias.objects.filter(role_name__in=roles, area_id__in=above, unit__is_active=True)
    found: dict[str, tuple[int, OrgUnit]] = {}
    for alias in aliases.select_related("unit"):
        depth = above.index(alias.area_id)
        if alias.role_name not in found or depth > found[alias.role_name][0]:
            found[alias.role_name] = (depth, alias.unit)
    return {role: unit for role, (_depth, unit) in found.items()}


def _why(case: Case, standard: FilingStandard, lead: OrgUnit, span: Span) -> str:
    """Say it in the product's language, whoever triggered the dispatch: the text is stored."""
    with translation.override(settings.LANGUAGE_CODE):
        role = next((row.role_name for row in standard.units.all() if row.part == UnitPart.LEAD), "")
        by_role = _(" (role “%(role)s” in %(area)s)") % {"role": role, "area": case.area.name} if role else ""
        return _("Filing standard “%(category)s: %(condition)s” → %(lead)s%(by_role)s, within %(amount)s %(unit)s") % {
            "category": standard.category.name,
            "condition": standard.condition,
            "lead": lead.name,
            "by_role": by_role,
            "amount": f"{span.amount.normalize():f}",  # 10, not 1E+1
            "unit": LimitUnit(span.unit).label,
        }
