"""Import of filing standards one by one, by their codes: for places that keep them in a sheet of their own.

A published catalogue, which numbers nothing and names categories as it goes, comes in through ``cases.importers``.
"""

from collections.abc import Mapping
from functools import partial

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.importers import names_in
from cases.models import CaseCategory, FilingStandard, StandardUnit, UnitPart
from governance.configuration import configuration_rows_save
from governance.exchange.importers import Column, RowError, importer
from governance.exchange.model_importer import EMPTIED, ModelImporter, model_importer
from governance.exchange.widgets import ByKey
from governance.models import OrgUnit

PARTS = (UnitPart.LEAD, UnitPart.ASSISTING, UnitPart.SUPERVISING)
SCHEME = ("scheme", "scheme_version")
UNITS = gettext_lazy("Codes or names of units, or role texts, with 、 between them.")
WHERE_SEVERAL = gettext_lazy("Where several schemes have this code.")


def in_scheme(row: Mapping, prefix: str = "") -> dict:
    """Return how a category is narrowed by the columns of its scheme, where they say something."""
    return {f"{prefix}{name}": row[name] for name in SCHEME if row[name]}


def scheme_of(category: CaseCategory) -> dict:
    """Return the cells of the scheme's columns for a category."""
    return {name: getattr(category, name) for name in SCHEME}


SCHEME_COLUMNS = (
    Column("scheme", gettext_lazy("scheme"), help=WHERE_SEVERAL),
    Column("scheme_version", gettext_lazy("scheme version"), help=WHERE_SEVERAL),
)


class StandardImporter(ModelImporter):
    """Standards with the units they name. An empty cell of units leaves the stored ones."""

    beside = (
        *SCHEME_COLUMNS,
        Column("lead", gettext_lazy("lead unit"), help=gettext_lazy("Code or name of a unit, or a role text.")),
        Column("assisting", gettext_lazy("assisting units"), help=UNITS),
        Column("supervising", gettext_lazy("supervising units"), help=UNITS),
    )

    def prepare(self, actor):
        super().prepare(actor)
        units = list(OrgUnit.objects.all())
        active = [unit for unit in units if unit.is_active]
        named = {unit.short_name: unit for unit in active if unit.short_name} | {unit.name: unit for unit in active}
        self.units = named | {unit.code: unit for unit in units}

    def complete(self, obj, row):
        if row["lead"] in EMPTIED or obj._state.adding and not row["lead"]:
            raise RowError("lead", _("A value is needed here."))
        return []

    def filled(self, rows):
        return super().filled(rows.prefetch_related("units__unit"))

    def beside_of(self, obj):
        named = {part: [one.unit.code if one.unit else one.role_name for one in obj.units.all() if one.part == part]
                 for part in PARTS}  # fmt: skip
        return scheme_of(obj.category) | {part: "、".join(names) for part, names in named.items()}

    def finish(self, obj, row):
        removed, saved = [], []
        stored = list(obj.units.order_by("part", "position", "id"))
        for part in PARTS:
            if not row[part]:
                continue
            before = [one for one in stored if one.part == part]
            after = self._named(obj, row, part)
            if [_as_named(one) for one in before] != [_as_named(one) for one in after]:
                removed, saved = removed + before, saved + after
        event = configuration_rows_save(obj, actor=self.actor, name="units", saved=saved, removed=removed)
        return event is not None

    def _named(self, obj: FilingStandard, row, part: str) -> list[StandardUnit]:
        """Return the units a cell names, as rows not stored yet. Raises RowError."""
        names = [] if row[part] in EMPTIED else names_in(row[part])
        if part == UnitPart.LEAD and len(names) > 1:
            raise RowError(part, _("One unit leads."))
        for name in names:
            if len(name) > StandardUnit._meta.get_field("role_name").max_length:
                raise RowError(part, _("“%(name)s” is too long for the name of a unit.") % {"name": name})
        return [
            StandardUnit(standard=obj, part=part, position=place, unit=self.units.get(name),
                         role_name="" if name in self.units else name)
            for place, name in enumerate(names)
        ]  # fmt: skip


def _as_named(row: StandardUnit) -> tuple:
    return row.unit_id, row.role_name


importer(
    model_importer(
        FilingStandard,
        by=("category", "condition_code"),
        fields=(
            "category", "condition_code", "condition", "closing_condition", "limit_amount", "limit_unit", "limit_note",
            "photo_before", "photo_after", "inspection_share", "is_active",
        ),
        foreign={"category": partial(ByKey, CaseCategory, within=in_scheme)},
        base=StandardImporter,
        label=gettext_lazy("filing standards by their codes"),
        whole_city=True,
    )
)  # fmt: skip
