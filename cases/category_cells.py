"""Cells of imports that name categories, standards and units by their codes."""

from collections.abc import Iterable

from django.db import models
from django.utils.translation import gettext as _
from import_export import widgets

from cases.models import CaseCategory, FilingStandard
from governance.exchange.importers import RowError
from governance.exchange.list_cells import several
from governance.models import OrgUnit


def categories_in(cell: str, column: str) -> list[CaseCategory]:
    """Return the categories in use whose codes a cell names. Raises RowError for one that is unknown or not single."""
    found = []
    for code in several(cell):
        rows = list(CaseCategory.objects.filter(code=code, is_active=True)[:2])
        if len(rows) != 1:
            raise RowError(column, _("There is no one category “%(code)s”.") % {"code": code})
        found += rows
    return found


def units_in(cell: str) -> list[tuple[OrgUnit | None, str]]:
    """Return (unit, "") for every code, name or short name of a unit in a cell, (None, role text) for other words."""
    names = several(cell)
    rows = OrgUnit.objects.filter(
        models.Q(code__in=names) | models.Q(name__in=names) | models.Q(short_name__in=names), is_active=True
    )
    known: dict[str, OrgUnit] = {}
    for unit in rows.order_by("-code"):
        known |= {name: unit for name in (unit.short_name, unit.name, unit.code) if name}
    return [(known.get(name), "" if name in known else name) for name in names]


def part_rows_differ(stored: Iterable[models.Model], wanted: Iterable[models.Model], names: tuple[str, ...]) -> bool:
    """Tell whether rows under a parent differ in the fields ``names``, whatever their order."""

    def told(rows):
        return sorted([str(getattr(row, name)) for name in names] for row in rows)

    return told(stored) != told(wanted)


class StandardKey(widgets.CharWidget):
    """A filing standard, written ``<category code>/<condition code>``."""

    def shown(self, value) -> str:
        return f"{value.category.code}/{value.condition_code}" if value else ""

    def clean(self, value, row=None, **kwargs):
        category, _slash, condition = str(value).partition("/")
        rows = FilingStandard.objects.filter(
            category__code=category, condition_code=condition, is_active=True, category__is_active=True
        )
        found = list(rows.select_related("category")[:2])
        if len(found) != 1:
            raise ValueError(_("There is no one filing standard “%(key)s”.") % {"key": value})
        return found[0]
