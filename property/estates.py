"""In which estates an owners' committee and a property company act and see: one rule for every topic (ADR 0027).

A committee is for the one estate that its unit names; a company serves those for which it holds a contract today.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.apps import apps
from django.db.models import Q

from governance.models import Estate, OrgUnit, Role, UnitKind
from governance.scoping import Grant, Relation, remembered

BOUND_ROLES = (Role.PROPERTY_MANAGER, Role.OWNERS_COMMITTEE_MEMBER)


def estates_of_grant(grant: Grant, user, *, coming: bool = False) -> frozenset[int]:
    """Return the ids of the estates in which a grant of one of ``BOUND_ROLES`` holds; no other role has any.

    ``coming``: also those whose contract with the company is being drawn up, for the papers that are agreed before it.
    At most one statement, read once for as long as the person's roles are remembered.
    """
    if grant.role == Role.OWNERS_COMMITTEE_MEMBER:
        return frozenset([grant.estate_id]) - {None}
    if grant.role != Role.PROPERTY_MANAGER or grant.unit_id is None:
        return frozenset()
    return remembered(user, ("estates", grant.unit_id, coming), lambda: _by_contract(grant.unit_id, coming))


def _by_contract(company_id: int, coming: bool) -> frozenset[int]:
    contracts = apps.get_model("property", "propertycontract").objects
    held = contracts.serving_or_coming() if coming else contracts.serving()
    return frozenset(held.order_by().filter(company=company_id).values_list("estate_id", flat=True))


@dataclass(frozen=True)
class InTheirEstate(Relation):
    """The object's estate is one of those of the grant.

    ``fields``: the ways to it, of which one at most leads somewhere (``pk``: it is the estate itself). ``or_none``:
    what belongs to no single estate will do. ``coming``: see ``estates_of_grant``.
    """

    fields: tuple[str, ...] = ("estate",)
    or_none: bool = False
    coming: bool = False

    def q(self, grant, user):
        ids = estates_of_grant(grant, user, coming=self.coming)
        found, without = Q(pk__in=[]), Q()
        for field in self.fields:
            found |= Q(**{f"{field}__in": ids})
            without &= Q(**{f"{field}__isnull": True})
        return found | without if self.or_none else found

    def holds(self, obj, grant, user):
        named = {_estate_id(obj, field) for field in self.fields} - {None}
        if not named:
            return self.or_none
        return bool(named & estates_of_grant(grant, user, coming=self.coming))


def _estate_id(obj, field: str) -> int | None:
    if field == "pk":
        return obj.pk
    *way, last = field.split("__")
    for part in way:
        obj = getattr(obj, part)
        if obj is None:
            return None
    return getattr(obj, f"{last}_id")


def units_serving(estate: Estate | None, units: Iterable[OrgUnit], day: date) -> list[OrgUnit]:
    """Return those of ``units`` that have to do with ``estate`` on ``day``; all of them where there is no estate.

    An owners' committee only with its own, a company by contract, other units with every estate. One statement.
    """
    if estate is None:
        return list(units)
    contracts = apps.get_model("property", "propertycontract").objects.serving(day)
    companies = set(contracts.order_by().filter(estate=estate).values_list("company_id", flat=True))
    own = {UnitKind.OWNERS_COMMITTEE: lambda unit: unit.estate_id == estate.pk,
           UnitKind.PROPERTY_COMPANY: lambda unit: unit.pk in companies}  # fmt: skip
    return [unit for unit in units if own.get(unit.kind, lambda _unit: True)(unit)]
