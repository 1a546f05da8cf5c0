"""Import of scenes with their categories and leading units, one line each."""

from functools import partial

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.category_cells import categories_in, part_rows_differ, units_in
from cases.models import Scene, SceneCategory, SceneUnit
from governance.configuration import configuration_rows_save
from governance.exchange.importers import Column, RowError, importer
from governance.exchange.model_importer import ModelImporter, model_importer
from governance.exchange.widgets import ByKey
from governance.models import Area


class SceneRows(ModelImporter):
    """Scenes; the cells of categories and units, where filled, replace what the scene had."""

    beside = (
        Column("categories", gettext_lazy("categories"), help=gettext_lazy("Codes with 、 between them; a class stands "
                                                                           "for all its sub-classes.")),
        Column("units", gettext_lazy("leading units"), help=gettext_lazy("Codes or names with 、 between them.")),
    )  # fmt: skip

    def finish(self, obj, row):
        changed = False
        if row["categories"]:
            wanted = [SceneCategory(scene=obj, category=one) for one in categories_in(row["categories"], "categories")]
            changed |= self._replaced(obj, "categories", wanted, ("category_id",))
        if row["units"]:
            units = units_in(row["units"])
            if unknown := next((name for unit, name in units if unit is None), None):
                raise RowError("units", _("There is no unit “%(name)s”.") % {"name": unknown})
            wanted = [SceneUnit(scene=obj, unit=unit, position=place) for place, (unit, _name) in enumerate(units)]
            changed |= self._replaced(obj, "units", wanted, ("unit_id", "position"))
        return changed

    def beside_of(self, obj):
        return {
            "categories": "、".join(obj.categories.order_by("id").values_list("category__code", flat=True)),
            "units": "、".join(obj.units.order_by("position").values_list("unit__code", flat=True)),
        }

    def _replaced(self, scene: Scene, name: str, wanted: list, fields: tuple[str, ...]) -> bool:
        stored = list(getattr(scene, name).all())
        if not part_rows_differ(stored, wanted, fields):
            return False
        configuration_rows_save(scene, actor=self.actor, name=name, saved=wanted, removed=stored)
        return True


importer(
    model_importer(
        Scene,
        by=("code",),
        fields=("code", "name", "area", "description", "position", "is_active"),
        foreign={"area": partial(ByKey, Area)},
        base=SceneRows,
    )
)
