"""Between rules and standards: what opened a case may say whose it is (the company that looks after an estate).

An app above registers ``function(case) -> OrgUnit or None`` for a key of ``Case.origin``. Explicit rules of the city
come first: a smell of gas goes to the emergency service wherever it is.
"""

from collections.abc import Callable

from django.utils.translation import gettext as _

from cases.dispatch.plans import Plan, default_span, span_text, stored
from cases.dispatch.units import resolve_units
from cases.models import Case, DispatchMethod, UnitPart
from governance.clock import Span
from governance.models import OrgUnit

_finders: dict[str, Callable[[Case], OrgUnit | None]] = {}


def responsible(key: str):
    """Ask the decorated function whose a case is whose ``origin`` has ``key``."""

    def remember(function):
        _finders[key] = function
        return function

    return remember


def plan_by_origin(case: Case) -> Plan | None:
    """Return the plan for the unit that what opened the case names, or None; supervised as its standard says."""
    found = (find(case) for key, find in _finders.items() if key in case.origin)
    lead = next((unit for unit in found if unit is not None and unit.is_active), None)
    standard = case.standard
    span = Span(standard.limit_amount, standard.limit_unit) if standard else default_span()
    if lead is None or span is None:
        return None
    supervising = resolve_units(standard, case.area)[UnitPart.SUPERVISING] if standard else []
    told = {"lead": lead.name, "limit": span_text(span)}
    return Plan(
        lead=lead,
        assisting=(),
        supervising=tuple(unit for unit in supervising if unit.is_active and unit != lead),
        span=span,
        standard=standard,
        reason=stored(lambda: _("It was opened for %(lead)s, which looks after the place; within %(limit)s") % told),
        method=DispatchMethod.ORIGIN,
    )
