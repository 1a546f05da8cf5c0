"""Which units a standard or a rule names: role texts (各产权单位) become units through the per-area alias table."""

from collections import defaultdict
from collections.abc import Collection, Iterable

from django.db.models import Prefetch, prefetch_related_objects

from cases.models import FilingStandard, StandardUnit, UnitAlias, UnitPart
from governance.models import OrgUnit


class RoleTable:
    """The units that fill some roles, by area; read in one statement.

    ``areas``: ids of the areas that matter; all of them when not given.
    """

    def __init__(self, roles: Collection[str], areas: Collection[int] | None = None):
        self.units: dict[str, dict[int, OrgUnit]] = defaultdict(dict)
        if not roles:
            return
        rows = UnitAlias.objects.filter(role_name__in=roles, unit__is_active=True).select_related("unit")
        for alias in rows if areas is None else rows.filter(area_id__in=areas):
            self.units[alias.role_name][alias.area_id] = alias.unit

    def unit(self, role: str, lineage: list[int]) -> OrgUnit | None:
        """Return the unit that fills ``role`` in the last of ``lineage`` (area ids from the top); the nearest wins."""
        known = self.units.get(role, {})
        return next((known[area] for area in reversed(lineage) if area in known), None)


def resolve_units(standard: FilingStandard, area, table: RoleTable | None = None) -> dict[str, list[OrgUnit]]:
    """Return the units a standard names, by part and in order; roles that no unit fills here are left out."""
    load_units([standard])
    return units_named(standard.units.all(), area.lineage, table)


def load_units(standards: list[FilingStandard]) -> None:
    """Load the units of standards that are not loaded yet; at most one statement."""
    prefetch_related_objects(standards, Prefetch("units", StandardUnit.objects.select_related("unit")))


def units_named(rows: Iterable, lineage: list[int], table: RoleTable | None = None) -> dict[str, list[OrgUnit]]:
    """Return the units that ``rows`` (of a standard or a rule) mean in an area, by part and in order."""
    rows = list(rows)
    table = table or RoleTable([row.role_name for row in rows if row.role_name], lineage)
    units: dict[str, list[OrgUnit]] = {part: [] for part in UnitPart.values}
    for row in rows:
        unit = row.unit or table.unit(row.role_name, lineage)
        if unit is not None and unit not in units[row.part]:
            units[row.part].append(unit)
    return units


def lead_role(rows: Iterable) -> str:
    """Return the role text that leads, "" where a unit itself does."""
    return next((row.role_name for row in rows if row.part == UnitPart.LEAD), "")
