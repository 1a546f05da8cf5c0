"""Import of dispatch rules, one line each; they come in as drafts, or change rules that are not switched on."""

from functools import partial

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.category_cells import StandardKey, categories_in, part_rows_differ, units_in
from cases.models import CaseSource, DispatchRule, RuleCategory, RuleUnit, UnitPart
from governance.configuration import configuration_rows_save
from governance.exchange.importers import Column, RowError, importer
from governance.exchange.list_cells import SeveralOf, Words
from governance.exchange.model_importer import ModelImporter, model_importer
from governance.exchange.widgets import ByKey
from governance.models import Area
from governance.models.venue import Weekday

BETWEEN = gettext_lazy("Several with 、 between them.")
UNITS = gettext_lazy("Units or role texts with 、 between them.")


class RuleRows(ModelImporter):
    """Rules; the cells of categories and units, where filled, replace what the rule had."""

    beside = (
        Column("categories", gettext_lazy("categories"), help=gettext_lazy("Codes with 、 between them; a class stands "
                                                                           "for all its sub-classes.")),
        Column("lead", gettext_lazy("lead unit"), help=gettext_lazy("A unit or a role text.")),
        Column("assisting", gettext_lazy("assisting units"), help=UNITS),
        Column("supervising", gettext_lazy("supervising units"), help=UNITS),
    )  # fmt: skip

    def finish(self, obj, row):
        changed = False
        if row["categories"]:
            wanted = [RuleCategory(rule=obj, category=one) for one in categories_in(row["categories"], "categories")]
            changed |= self._replaced(obj, "categories", list(obj.categories.all()), wanted, ("category_id",))
        for part in UnitPart:
            if row[part]:
                changed |= self._units(obj, part, row[part])
        return changed

    def beside_of(self, obj):
        named = {part: [] for part in UnitPart.values}
        for row in obj.units.select_related("unit").order_by("part", "position"):
            named[row.part].append(row.unit.code if row.unit else row.role_name)
        codes = obj.categories.order_by("id").values_list("category__code", flat=True)
        return {"categories": "、".join(codes)} | {part: "、".join(names) for part, names in named.items()}

    def _units(self, rule: DispatchRule, part: UnitPart, cell: str) -> bool:
        named = units_in(cell)
        if part == UnitPart.LEAD and len(named) != 1:
            raise RowError("lead", _("Name one unit or role text."))
        longest = RuleUnit._meta.get_field("role_name").max_length
        if too_long := next((role for _unit, role in named if len(role) > longest), None):
            raise RowError(part.value, _("“%(name)s” is too long for the name of a unit.") % {"name": too_long})
        wanted = [
            RuleUnit(rule=rule, part=part, unit=unit, role_name=role, position=place)
            for place, (unit, role) in enumerate(named)
        ]
        stored = list(rule.units.filter(part=part))
        return self._replaced(rule, "units", stored, wanted, ("unit_id", "role_name", "position"))

    def _replaced(self, rule: DispatchRule, name: str, stored: list, wanted: list, fields: tuple[str, ...]) -> bool:
        if not part_rows_differ(stored, wanted, fields):
            return False
        configuration_rows_save(rule, actor=self.actor, name=name, saved=wanted, removed=stored)
        return True


importer(
    model_importer(
        DispatchRule,
        by=("code",),
        fields=(
            "code", "name", "priority", "area", "standard", "sources", "words", "device_profile", "weekdays",
            "from_time", "to_time", "valid_from", "valid_to", "limit_amount", "limit_unit",
        ),
        foreign={
            "area": partial(ByKey, Area),
            "standard": StandardKey,
            "sources": partial(SeveralOf, CaseSource.choices),
            "words": Words,
            "weekdays": partial(SeveralOf, Weekday.choices),
        },
        helps={
            "standard": gettext_lazy("category code/condition code"),
            "sources": BETWEEN, "words": BETWEEN, "weekdays": BETWEEN,
            "from_time": "22:00", "to_time": "06:00",
        },
        base=RuleRows,
    )
)  # fmt: skip
