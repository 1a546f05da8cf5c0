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

from cases.models import CaseCategory
from cases.scoring.indicators import Indicator
from governance.errors import Invalid
from governance.models import Area, AreaKind, OrgUnit


@dataclass(frozen=True)
class Dimension:
    """``keyed(facts, indicator)`` adds ``key``: what a fact counts for (None: for nothing that has a name).

    ``names(keys)`` gives what the keys are called. A fact may count for several keys (scenes); its rows are then one
    per key.
    """

    key: str
    label: str
    keyed: Callable[[models.QuerySet, Indicator], models.QuerySet]
    names: Callable[[Iterable[int]], dict[int, str]]


_dimensions: dict[str, Dimension] = {}


def register(dimension: Dimension) -> Dimension:
    """Make a dimension known; once each."""
    if dimension.key in _dimensions:
        raise ValueError(f"dimension {dimension.key} is registered twice")
    _dimensions[dimension.key] = dimension
    return dimension


def dimension_named(key: str) -> Dimension:
    """Return a dimension. Raises Invalid naming the field."""
    if key not in _dimensions:
        raise Invalid(_now("There is no “%(code)s”.") % {"code": key}, field="by", code="invalid_choice")
    return _dimensions[key]


def choices() -> list[tuple[str, str]]:
    """Return all dimensions by which something is compared."""
    return [(one.key, one.label) for one in _dimensions.values() if one.key != WHOLE.key]


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
WHOLE = register(Dimension("whole", _("The whole"), _as_one, lambda keys: {}))

__all__ = ["CATEGORY", "UNIT", "WHOLE", "Dimension", "choices", "dimension_named", "register"]
