"""Import of filing standards: a city's catalogue as published becomes categories, standards and the units they name.

A line is one standard: kind, class, sub-class, who handles and who supervises, when to file and to close, within which
limit. The first unit named leads, the others assist. A name that is no unit here (各产权单位, 所属街办) is kept as a
role text, which the dispatch hub resolves per area; those that no area resolves yet are listed, not refused.
"""

import re
from collections import Counter, defaultdict
from decimal import Decimal
from functools import partial

from django.db.models import Prefetch
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.models import (
    CaseCategory,
    CategoryKind,
    DuplicateRule,
    FilingStandard,
    StageLimit,
    StandardUnit,
    UnitAlias,
    UnitPart,
)
from governance.clock import parse_limit
from governance.errors import Invalid
from governance.exchange.importers import Column, Importer, Planned, RowError, importer
from governance.exchange.model_importer import ModelImporter, model_importer
from governance.exchange.widgets import ByKey
from governance.models import Area, OrgUnit

KINDS = {
    "component": CategoryKind.COMPONENT, "部件": CategoryKind.COMPONENT,
    "event": CategoryKind.EVENT, "事件": CategoryKind.EVENT,
}  # fmt: skip
# Components and events count their classes from 01 each; the letter keeps them apart.
LETTER = {CategoryKind.COMPONENT: "C", CategoryKind.EVENT: "E"}
# Between names: 、 , ; and 及; 和 only after 部门, for it also stands inside names (住房和城乡建设局).
_BETWEEN = re.compile(r"[、，,；;]|(?<=部门)和+|及(?!其)")
# A blank separates names as long as these; 盐湖区 政府 is one name with a slip.
_SHORT = 4
_MOST_UNRESOLVED = 200
# What a line may change of a stored standard, beside its units.
FIELDS = ("closing_condition", "limit_amount", "limit_unit", "limit_note")


def names_in(text: str) -> list[str]:
    """Return the units a catalogue's cell names, in order, each once."""
    found: dict[str, None] = {}
    for part in _BETWEEN.split(text):
        words = part.split()
        joined = ["".join(words)] if any(len(word) < _SHORT for word in words) else words
        found |= dict.fromkeys(joined)
    return [name for name in found if name]


@importer
class CatalogueImporter(Importer):
    """Filing standards of one scheme and version; what is stored and not in the file stays as it is."""

    key = "cases.catalogue"
    label = gettext_lazy("filing standards")
    permission = "cases.add_filingstandard"
    whole_city = True
    columns = (
        Column("type", gettext_lazy("kind"), required=True, help=gettext_lazy("component or event")),
        Column("big", gettext_lazy("class code"), required=True),
        Column("big_name", gettext_lazy("class name"), required=True),
        Column("small", gettext_lazy("sub-class code"), required=True),
        Column("small_name", gettext_lazy("sub-class name"), required=True),
        Column("unit", gettext_lazy("handling units"), required=True,
               help=gettext_lazy("Units or role texts with 、 between them; the first leads.")),
        Column("supervisor", gettext_lazy("supervising units")),
        Column("open_condition", gettext_lazy("filing condition"), required=True),
        Column("close_condition", gettext_lazy("closing condition")),
        Column("limit", gettext_lazy("limit"), required=True,
               help=gettext_lazy("such as 2紧急工作时, 4小时, 3个工作日")),
    )  # fmt: skip
    options = (
        Column("scheme", gettext_lazy("scheme"), required=True),
        Column("scheme_version", gettext_lazy("scheme version"), required=True),
    )

    def prepare(self, actor):
        scheme = {name: self.given[name] for name in ("scheme", "scheme_version")}
        for name, value in scheme.items():
            if len(value) > CaseCategory._meta.get_field(name).max_length:
                raise Invalid(_("The name is too long."), field=name)
        self.scheme = scheme
        self.categories = {row.code: row for row in CaseCategory.objects.filter(**scheme)}
        self.names = {code: row.name for code, row in self.categories.items()}
        self.planned_categories: dict[str, CaseCategory] = {}
        self.above: dict[str, str | None] = {}
        standards = FilingStandard.objects.filter(**{f"category__{name}": value for name, value in scheme.items()})
        rows = Prefetch("units", StandardUnit.objects.order_by("part", "position", "id"))
        self.standards = {
            (row.category.code, row.condition): row
            for row in standards.select_related("category").prefetch_related(rows)
        }
        self.codes = defaultdict(set)
        for row in self.standards.values():
            self.codes[row.category.code].add(row.condition_code)
        units = OrgUnit.objects.filter(is_active=True)
        self.units = {unit.short_name: unit for unit in units if unit.short_name} | {unit.name: unit for unit in units}
        self.roles = set(UnitAlias.objects.filter(unit__is_active=True).values_list("role_name", flat=True))
        self.unresolved: Counter = Counter()
        self.met: set[tuple[str, str]] = set()

    def read(self, row):
        kind = KINDS.get(row["type"].casefold())
        if kind is None:
            raise RowError("type", _("“%(kind)s” is neither component nor event.") % {"kind": row["type"]})
        values = self._standard(row) | {"units": self._units(row)}
        top = f"{LETTER[kind]}{row['big']}"
        sub = f"{top}{row['small']}"
        self._category(top, row["big_name"], kind, None, "big")
        self._category(sub, row["small_name"], kind, top, "small")
        key = (sub, row["open_condition"])
        self.met.add(key)
        values["category"] = sub
        return Planned(key, self._action(key, values), values, f"{row['small_name']}：{row['open_condition']}")

    def _standard(self, row) -> dict:
        """Return the columns of the standard. Raises RowError."""
        for column, field in {"open_condition": "condition", "close_condition": "closing_condition"}.items():
            if len(row[column]) > FilingStandard._meta.get_field(field).max_length:
                raise RowError(column, _("The text is too long."))
        try:
            span, note = parse_limit(row["limit"])
        except ValueError as error:
            text = _("“%(limit)s” is no limit such as 2紧急工作时, 4小时 or 3个工作日.")
            raise RowError("limit", text % {"limit": row["limit"]}) from error
        if span.amount > 9999 or span.amount != round(span.amount, 2):
            raise RowError("limit", _("The limit is too long or too finely divided."))
        return {
            "condition": row["open_condition"],
            "closing_condition": row["close_condition"],
            "limit_amount": Decimal(span.amount),
            "limit_unit": str(span.unit),
            "limit_note": note,
        }

    def _units(self, row) -> list[tuple[str, int | None, str, int]]:
        """Return ``(part, unit id, role text, position)`` of every unit the line names. Raises RowError."""
        handling, supervising = names_in(row["unit"]), names_in(row["supervisor"])
        if not handling:
            raise RowError("unit", _("A unit is needed here."))
        named = [("unit", UnitPart.LEAD, handling[0]), *(("unit", UnitPart.ASSISTING, name) for name in handling[1:])]
        named += [("supervisor", UnitPart.SUPERVISING, name) for name in supervising]
        found = []
        for column, part, name in named:
            if len(name) > StandardUnit._meta.get_field("role_name").max_length:
                raise RowError(column, _("“%(name)s” is too long for the name of a unit.") % {"name": name})
            unit = self.units.get(name)
            if unit is None and name not in self.roles:
                self.unresolved[name] += 1
            position = sum(1 for other in found if other[0] == part)
            found.append((str(part), unit.pk if unit else None, "" if unit else name, position))
        return found

    def _category(self, code: str, name: str, kind: str, parent: str | None, column: str) -> None:
        """Plan a category that is new; refuse one that is stored otherwise or named twice. Raises RowError."""
        known = self.categories.get(code) or self.planned_categories.get(code)
        if known is not None and known.kind != kind:
            raise RowError(column, _("%(code)s is stored as another kind of category.") % {"code": code})
        if self.names.setdefault(code, name) != name:
            told = {"code": code, "name": self.names[code]}
            raise RowError(f"{column}_name", _("%(code)s is called “%(name)s” already.") % told)
        if known is None:
            new = CaseCategory(code=code, name=name, kind=kind, **self.scheme)
            for field in ("code", "name"):
                if len(getattr(new, field)) > CaseCategory._meta.get_field(field).max_length:
                    raise RowError(column, _("The name is too long."))
            self.planned_categories[code], self.above[code] = new, parent

    def _action(self, key, values) -> str:
        stored = self.standards.get(key)
        if stored is None:
            return "add"
        units = {(row.part, row.unit_id, row.role_name, row.position) for row in stored.units.all()}
        same = units == set(values["units"]) and all(getattr(stored, name) == values[name] for name in FIELDS)
        return "same" if same else "change"

    def save(self, planned):
        self._make_categories()
        standards = [self._standard_of(row) for row in planned]
        new = [row for row in standards if row.pk is None]
        changed = [row for row in standards if row.pk is not None]
        FilingStandard.objects.bulk_create(new)
        FilingStandard.objects.bulk_update(changed, FIELDS)
        StandardUnit.objects.filter(standard__in=changed).delete()
        StandardUnit.objects.bulk_create(
            StandardUnit(standard=standard, part=part, unit_id=unit, role_name=role, position=position)
            for standard, row in zip(standards, planned, strict=True)
            for part, unit, role, position in row.values["units"]
        )

    def _make_categories(self) -> None:
        for top in (True, False):  # a class before its sub-classes
            rows = [row for code, row in self.planned_categories.items() if (self.above[code] is None) is top]
            for row in rows:
                row.parent = None if top else self.categories[self.above[row.code]]
            CaseCategory.objects.bulk_create(rows)
            self.categories |= {row.code: row for row in rows}
        self.planned_categories = {}

    def _standard_of(self, row: Planned) -> FilingStandard:
        values = {name: row.values[name] for name in FIELDS}
        stored = self.standards.get(row.key)
        if stored is not None:
            for name, value in values.items():
                setattr(stored, name, value)
            return stored
        category = row.values["category"]
        return FilingStandard(
            category=self.categories[category],
            condition=row.values["condition"],
            condition_code=self._next_code(category),
            **values,
        )

    def _next_code(self, category: str) -> str:
        """Return the next free number among the conditions of a category; published catalogues give them none."""
        number = len(self.codes[category]) + 1
        while f"{number:02}" in self.codes[category]:
            number += 1
        self.codes[category].add(f"{number:02}")
        return f"{number:02}"

    def notes(self):
        told = []
        if self.planned_categories:
            told.append(_("%(count)s categories are added to the scheme.") % {"count": len(self.planned_categories)})
        if left := self.standards.keys() - self.met:
            told.append(_("%(count)s stored standards are not in the file; they stay.") % {"count": len(left)})
        if self.unresolved:
            told.append(_("%(count)s names are no units here and no area says yet who they are. Enter them as units or "
                          "as role texts of areas:") % {"count": len(self.unresolved)})  # fmt: skip
            told += [
                _("%(name)s (named %(count)s times)") % {"name": name, "count": count}
                for name, count in self.unresolved.most_common(_MOST_UNRESOLVED)
            ]
        return told


def _same_scheme(row) -> dict:
    return {"scheme": row["scheme"], "scheme_version": row["scheme_version"]}


importer(
    model_importer(
        CaseCategory,
        by=("scheme", "scheme_version", "code"),
        fields=("scheme", "scheme_version", "code", "name", "kind", "parent", "on_the_spot", "is_active"),
        foreign={"parent": partial(ByKey, CaseCategory, within=_same_scheme)},
    )
)
importer(
    model_importer(
        UnitAlias,
        by=("role_name", "area"),
        fields=("role_name", "area", "unit"),
        foreign={"area": partial(ByKey, Area), "unit": partial(ByKey, OrgUnit)},
    )
)
importer(
    model_importer(
        StageLimit,
        by=("stage",),
        fields=("stage", "limit_amount", "limit_unit"),
        permission="cases.change_stagelimit",  # the stages themselves are fixed
        whole_city=True,
    )
)


class DuplicateRuleRows(ModelImporter):
    """Rules of categories; the one for all categories has no key and is edited on its page."""

    def filled(self, rows):
        return (row for row in super().filled(rows) if row["category"])


importer(
    model_importer(
        DuplicateRule,
        by=("category",),
        fields=("category", "metres", "hours", "text_share"),
        foreign={"category": partial(ByKey, CaseCategory)},
        base=DuplicateRuleRows,
    )
)
