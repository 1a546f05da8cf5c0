"""Administrative divisions: lists of cities, districts, streets and communities become the tree of areas.

Codes are those of GB/T 2260 (city and district, 6 digits) and of the statistics offices (street 9, community 12); a
code begins with that of its parent, which must be stored already or come in the same run. District lists name cities by
four digits only; those not yet there are made: named by the setting ``city_root``, by ``cities.csv`` (GB/T 2260,
published by the BSD-licensed package gb2260, with the changes of 2014 to 2018), or by their code.

A few cities have no districts (441900 东莞市): their streets hang on a district of the same name with the code 441901,
so that the tree keeps its five levels.
"""

import csv
import re
from pathlib import Path

from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.configuration import grants_giving
from governance.errors import Invalid
from governance.exchange.importers import Column, Importer, Planned, RowError, importer
from governance.models import Area, AreaKind
from governance.scoping import EVERYWHERE

CITIES = Path(__file__).with_name("cities.csv")
KIND_OF = {6: AreaKind.DISTRICT, 9: AreaKind.STREET, 12: AreaKind.COMMUNITY}
# The column that names the parent, by kind; its value must be how the code begins.
PARENT_COLUMN = {AreaKind.DISTRICT: "cityCode", AreaKind.STREET: "areaCode", AreaKind.COMMUNITY: "streetCode"}
KINDS = (AreaKind.CITY, *KIND_OF.values())
# bulk_create writes a parameter per value: three times as slow for a whole country.
_INSERT = f"""
    INSERT INTO {Area._meta.db_table} (kind, code, name, parent_id, is_active)
    SELECT *, true FROM unnest(%s::text[], %s::text[], %s::text[], %s::bigint[]) RETURNING code, id
"""


@importer
class DivisionImporter(Importer):
    """Rows of any level in any order; what is stored already is only renamed, never moved."""

    key = "governance.divisions"
    label = gettext_lazy("administrative divisions")
    permission = "governance.add_area"
    whole_city = True
    most_lines = 1_000_000
    columns = (
        Column("code", gettext_lazy("code"), required=True, help=gettext_lazy("4, 6, 9 or 12 digits")),
        Column("name", gettext_lazy("name"), required=True),
        Column("provinceCode", gettext_lazy("code of the province")),
        Column("cityCode", gettext_lazy("code of the city"), help=gettext_lazy("4 or 6 digits")),
        Column("areaCode", gettext_lazy("code of the district"), help=gettext_lazy("6 digits")),
        Column("streetCode", gettext_lazy("code of the street"), help=gettext_lazy("9 digits")),
    )
    options = (
        Column(
            "city_root",
            gettext_lazy("cities"),
            help=gettext_lazy("Only these cities, such as 140800 or 140800=Name; several with commas. Empty: all."),
        ),
    )

    def prepare(self, actor):
        self.roots = _roots(self.given["city_root"])
        self.city_names = _city_names() | {code: name for code, name in self.roots.items() if name}
        stored = Area.objects.exclude(kind=AreaKind.GRID)
        self.areas = {
            code: (pk, name, kind, parent)
            for code, pk, name, kind, parent in stored.values_list("code", "pk", "name", "kind", "parent__code")
        }
        self.reach = self._cities_within_reach(actor)
        self.kinds = {code: kind for code, (_pk, _name, kind, _parent) in self.areas.items()}
        self.new_cities: dict[str, str] = {}
        self.unnamed: list[str] = []
        self.passed_over = 0

    def _cities_within_reach(self, actor) -> set[str] | None:
        """Return the codes of the cities the actor rules, None for all."""
        if actor.is_system:
            return None
        paths = {grant.area_path for grant in grants_giving(self.permission, actor)}
        if EVERYWHERE in paths:
            return None
        return set(Area.objects.filter(path__in=paths, kind=AreaKind.CITY).values_list("code", flat=True))

    def order(self, row):
        """Parents first, wherever they stand in the files."""
        return len(row["code"]), bool(row["cityCode"])

    def read(self, row):
        kind, code, parent = _placed(row)
        city = f"{code[:4]}00"
        title = f"{row['name']} {code}"
        if self.roots and city not in self.roots:
            self.passed_over += 1
            return Planned((code,), "same", title=title)
        if self.reach is not None and city not in self.reach:
            raise RowError("code", _("%(code)s lies in a city that is not yours.") % {"code": code})
        if len(row["name"]) > Area._meta.get_field("name").max_length:
            raise RowError("name", _("The name is too long."))
        if kind == AreaKind.DISTRICT:
            self._city_needed(city)
        if parent and parent not in self.kinds:
            raise RowError(PARENT_COLUMN[kind], _("There is no area %(code)s above this one.") % {"code": parent})
        return Planned((code,), self._action(kind, code, parent, row["name"]),
                       {"kind": kind, "code": code, "parent": parent, "name": row["name"]}, title)  # fmt: skip

    def _city_needed(self, city: str) -> None:
        """Plan a city that a district names and that no line of the run brings."""
        if city in self.kinds:
            return
        name = self.city_names.get(city)
        if name is None:
            self.unnamed.append(city)
        self.new_cities[city] = name or city
        self.kinds[city] = AreaKind.CITY

    def _action(self, kind, code, parent, name) -> str:
        if code not in self.areas:
            self.kinds[code] = kind
            return "add"
        _pk, stored_name, stored_kind, stored_parent = self.areas[code]
        if (stored_kind, stored_parent) != (kind, parent):
            raise RowError("code", _("%(code)s is stored as another kind of area or elsewhere.") % {"code": code})
        return "same" if stored_name == name else "change"

    def save(self, planned):
        cities = [{"code": code, "name": name, "parent": None} for code, name in self.new_cities.items()]
        self._make(AreaKind.CITY, cities)
        self.new_cities = {}
        # A part may hold parents and children: level by level.
        for kind in KINDS:
            self._make(kind, [row.values for row in planned if row.action == "add" and row.values["kind"] == kind])
        renamed = [
            Area(pk=self._pk_of(row.values["code"]), name=row.values["name"])
            for row in planned
            if row.action == "change"
        ]
        Area.objects.bulk_update(renamed, ["name"])

    def _make(self, kind: str, rows: list[dict]) -> None:
        if not rows:
            return
        columns = (
            [kind] * len(rows), [row["code"] for row in rows], [row["name"] for row in rows],
            [self._pk_of(row["parent"]) for row in rows],
        )  # fmt: skip
        with connection.cursor() as cursor:
            cursor.execute(_INSERT, columns)
            self.areas |= {code: (pk, "", kind, None) for code, pk in cursor.fetchall()}

    def _pk_of(self, code: str | None) -> int | None:
        return self.areas[code][0] if code else None

    def notes(self):
        told = []
        if self.new_cities:
            made = "、".join(list(self.new_cities.values())[:10])
            told.append(_("%(count)s cities named by districts are added: %(names)s …")
                        % {"count": len(self.new_cities), "names": made})  # fmt: skip
        if self.unnamed:
            codes = "、".join(self.unnamed[:50])
            told.append(_("No name is known of these cities, they carry their code: %(codes)s") % {"codes": codes})
        if self.passed_over:
            told.append(_("%(count)s lines of other cities were passed over.") % {"count": self.passed_over})
        return told


def _placed(row) -> tuple[str, str, str | None]:
    """Return kind, stored code and the parent's stored code of a line. Raises RowError."""
    code = row["code"]
    if not re.fullmatch(r"[0-9]{4}|[0-9]{6}|[0-9]{9}|[0-9]{12}", code):
        raise RowError("code", _("“%(code)s” is no code of 4, 6, 9 or 12 digits.") % {"code": code})
    if len(code) == 4 or (code.endswith("00") and len(code) == 6 and not row["cityCode"]):
        return AreaKind.CITY, f"{code[:4]}00", None
    kind = KIND_OF[len(code)]
    parent = {AreaKind.DISTRICT: f"{code[:4]}00", AreaKind.STREET: code[:6], AreaKind.COMMUNITY: code[:9]}[kind]
    column = PARENT_COLUMN[kind]
    if row[column] and row[column] not in (parent, parent.removesuffix("00")):
        raise RowError(column, _("The code %(code)s does not begin with it.") % {"code": code})
    if kind == AreaKind.DISTRICT:
        return kind, _of_city_without_districts(code), parent
    return kind, code, _of_city_without_districts(parent)


def _of_city_without_districts(code: str) -> str:
    """Give the district between a city and its streets a code of its own: 441900 becomes 441901."""
    return f"{code[:4]}01" if len(code) == 6 and code.endswith("00") else code


def _roots(text: str) -> dict[str, str]:
    """Read ``140800=Name,140900`` as city code → name or "". Raises Invalid."""
    roots = {}
    for part in re.split(r"[,，、\s]+", text.strip()):
        code, _equals, name = part.partition("=")
        if code and not re.fullmatch(r"[0-9]{4}(00)?", code):
            raise Invalid(_("“%(code)s” is no code of a city.") % {"code": code}, field="city_root")
        if code:
            roots[f"{code[:4]}00"] = name.strip()
    return roots


def _city_names() -> dict[str, str]:
    with CITIES.open(encoding="utf-8", newline="") as file:
        return {row["code"]: row["name"] for row in csv.DictReader(file)}
