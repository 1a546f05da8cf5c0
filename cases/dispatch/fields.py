"""Which responsible field (a role text of ``UnitAlias``) stands for the unit that has a case: what a text is taught by.

The way back from ``RoleTable``: a unit may fill several roles where a case lies, and a text taught under one of them
by chance would teach wrongly, so nothing is said where more than one is left.
"""

from collections import defaultdict
from collections.abc import Collection

from cases.dispatch.units import RoleTable
from cases.models import Case, StandardUnit, Target, TextModel, UnitAlias, UnitPart


class FieldTable:
    """The fields of the lead units of some cases (area and lead loaded); four statements for any number of them."""

    def __init__(self, cases: Collection[Case]):
        standards = {case.standard_id for case in cases if case.standard_id}
        leading = StandardUnit.objects.filter(standard__in=standards, part=UnitPart.LEAD).exclude(role_name="")
        self.of_standard = dict(leading.values_list("standard_id", "role_name"))
        units = {case.lead_unit_id for case in cases if case.lead_unit_id}
        self.of_unit: dict[int, set[str]] = defaultdict(set)
        for unit, role in UnitAlias.objects.filter(unit__in=units).values_list("unit_id", "role_name"):
            self.of_unit[unit].add(role)
        self.table = RoleTable(set(self.of_standard.values()).union(*self.of_unit.values()))
        in_use = TextModel.objects.filter(target=Target.FIELD, is_active=True).values_list("labels", flat=True)
        self.known = {label for labels in in_use for label in labels}

    def field(self, case: Case) -> str:
        """Return the role that leads by the case's standard where the lead unit fills it, else the unit's only one.

        Of several roles of a unit those count that the model in use knows; "" where none or more than one is left. A
        unit no longer in use keeps what its standard says: role texts follow its successor.
        """
        role = self.of_standard.get(case.standard_id)
        if case.lead_unit is None:
            return ""
        if role and (not case.lead_unit.is_active or self._fills(case, role)):
            return role
        filled = {role for role in self.of_unit.get(case.lead_unit_id, ()) if self._fills(case, role)}
        found = filled & self.known or filled
        return found.pop() if len(found) == 1 else ""

    def _fills(self, case: Case, role: str) -> bool:
        return self.table.unit(role, case.area.lineage) == case.lead_unit
