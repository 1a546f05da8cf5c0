"""By what figures are compared: units, areas of a level, classes of categories, scenes, or not at all.

A dimension is registered once; the page, the API, periods and Excel then know it.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.db import models
from django.db.models import BigIntegerField, F, Func, Value
from django.db.models.functions import Cast, Coalesce, NullIf
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from cases.models import CaseCategory, Scene
from cases.scoring.indicators import Indicator
from cases.scoring.scenes import Scenes
from governance.errors import Invalid
from governance.models import Area, AreaKind, OrgUnit


@dataclass(frozen=True)
class Dimension:
    """``keyed(facts, indicator)`` adds ``key``: what a fact counts for (None: for nothing that has a name).

    ``names(keys)`` gives what the keys are called. A fact may count for several keys (scenes); its rows are then one
    per key, and ``held(facts, key)`` picks those of one key, as no condition can be put on ``key`` itself.
    """

    key: str
    label: str
    keyed: Callable[[models.QuerySet, Indicator], models.QuerySet]
    names: Callable[[Iterable[int]], dict[int, str]]
    held: Callable[[models.QuerySet, int | None], models.QuerySet] | None = None

    def of(self, facts: models.QuerySet, indicator: Indicator, key: int | None) -> models.QuerySet:
        """Return the facts that count for ``key``, each once."""
        return self.held(facts, key) if self.held else self.keyed(facts, indicator).filter(key=key)


_makers: dict[str, Callable[[], Dimension]] = {}


def register(dimension: Dimension, make: Callable[[], Dimension] | None = None) -> Dimension:
    """Make a dimension known; once each. ``make``: makes one for each question, which may remember what it read."""
    if dimension.key in _makers:
        raise ValueError(f"dimension {dimension.key} is registered twice")
    _makers[dimension.key] = make or (lambda: dimension)
    return dimension


def dimension_named(key: str) -> Dimension:
    """Return a dimension, to be used for one question. Raises Invalid naming the field."""
    if key not in _makers:
        raise Invalid(_now("There is no “%(code)s”.") % {"code": key}, field="by", code="invalid_choice")
    return _makers[key]()


def choices() -> list[tuple[str, str]]:
    """Return all dimensions by which something is compared."""
    return [(key, make().label) for key, make in _makers.items() if key != WHOLE.key]


def _by_unit(facts, indicator):
    return facts.annotate(key=F(f"{indicator.unit}_id"))


def _by_class(facts, indicator):
    return facts.annotate(key=Coalesce("category__parent_id", "category_id"))


def _by_level(level: str):
    # A path is /city/district/.../: the first part of split_part is empty.
    place = Value(AreaKind.values.index(level) + 2)

    def keyed(facts, indicator):
        part = Func(F("area__path"), Value("/"), place, function="split_part", output_field=models.CharField())
        return facts.annotate(key=Cast(NullIf(part, Value("")), BigIntegerField()))

    return keyed


def _as_one(facts, indicator):
    return facts.annotate(key=Value(None, output_field=BigIntegerField()))


def _names_of(model: type[models.Model]):
    def names(keys):
        rows = model._default_manager.filter(pk__in=[key for key in keys if key is not None])
        return {row.pk: str(row) for row in (rows.defer("boundary") if model is Area else rows)}

    return names


UNIT = register(Dimension("unit", _("Units"), _by_unit, _names_of(OrgUnit)))
for _level, _label in {
    AreaKind.DISTRICT: _("Districts"), AreaKind.STREET: _("Streets"), AreaKind.COMMUNITY: _("Communities"),
    AreaKind.GRID: _("Grids"),
}.items():  # fmt: skip
    register(Dimension(_level.value, _label, _by_level(_level.value), _names_of(Area)))
CATEGORY = register(Dimension("category", _("Classes of cases"), _by_class, _names_of(CaseCategory)))


def _by_scene() -> Dimension:
    scenes = Scenes()
    return Dimension(
        "scene", _("Scenes"), lambda facts, indicator: scenes.keyed(facts), _names_of(Scene), held=scenes.held
    )


SCENE = register(_by_scene(), _by_scene)
WHOLE = register(Dimension("whole", _("The whole"), _as_one, lambda keys: {}))

__all__ = ["CATEGORY", "SCENE", "UNIT", "WHOLE", "Dimension", "choices", "dimension_named", "register"]
