"""Spreadsheets of the registry: estates, buildings, dwellings, owners.

Each row names its key (code, or estate and number ...), so a file imported again changes nothing. People keep to the
areas in which they may add such rows; a process may write anywhere.
"""

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.configuration import grants_giving
from governance.exchange.cells import choice, decimal, point, text, whole_number
from governance.exchange.importers import Column, Importer, Planned, RowError, importer
from governance.models import Area, Building, Dwelling, DwellingUse, Entrance, Estate
from governance.models.place import SMALL_AREAS
from governance.registry.places import code_of, dwellings_follow, estate_moved, left_outside
from governance.scoping import EVERYWHERE, grants_of


class RegistryImporter(Importer):
    """What the four have in common: the reach of who imports, and reading cells."""

    def prepare(self, actor):
        found = grants_of(actor) if actor.is_system else grants_giving(self.permission, actor)
        self.reach = tuple({grant.area_path for grant in found})

    def reaches(self, area: Area) -> bool:
        """Tell whether who imports may write in ``area``."""
        return any(path == EVERYWHERE or area.path.startswith(path) for path in self.reach)

    def within(self, rows: models.QuerySet, field: str = "area") -> models.QuerySet:
        """Filter rows to those in reach."""
        if EVERYWHERE in self.reach:
            return rows
        found = models.Q(pk__in=[])
        for path in self.reach:
            found |= models.Q(**{f"{field}__path__startswith": path})
        return rows.filter(found)


def planned(key: tuple, stored: models.Model | None, values: dict, title: str) -> Planned:
    """Compare what a line says with what is stored."""
    if stored is None:
        return Planned(key, "add", values, title)
    changed = {name: value for name, value in values.items() if getattr(stored, name) != value}
    return Planned(key, "change" if changed else "same", changed | {"stored": stored}, title)


def write(model: type[models.Model], rows: list[Planned]) -> list[tuple[models.Model, dict]]:
    """Store planned rows in bulk; returns the changed ones with the names of what changed."""
    added = [model(**row.values) for row in rows if row.action == "add"]
    model.objects.bulk_create(added)
    changed = [(row.values.pop("stored"), row.values) for row in rows if row.action == "change"]
    for stored, values in changed:
        for name, value in values.items():
            setattr(stored, name, value)
    fields = sorted({name for _stored, values in changed for name in values})
    if fields:
        model.objects.bulk_update([stored for stored, _values in changed], fields)
    return changed


@importer
class EstateImporter(RegistryImporter):
    """Estates by code. Its area is the code of a community or grid."""

    key = "registry.estates"
    filled_from = "governance.estate"
    label = gettext_lazy("Estates")
    permission = "governance.add_estate"
    columns = (
        Column("code", gettext_lazy("code"), required=True),
        Column("name", gettext_lazy("name"), required=True),
        Column("area", gettext_lazy("area"), required=True, help=gettext_lazy("Code of a community or grid.")),
        Column("address", gettext_lazy("address")),
        Column("longitude", gettext_lazy("longitude")),
        Column("latitude", gettext_lazy("latitude")),
        Column(
            "coordinate_system",
            gettext_lazy("coordinate system"),
            help=gettext_lazy("wgs84 (default), cgcs2000, gcj02 or bd09."),
        ),
    )

    def prepare(self, actor):
        super().prepare(actor)
        areas = Area.objects.filter(kind__in=SMALL_AREAS, is_active=True).defer("boundary")
        self.areas = {area.code: area for area in areas}
        self.stored = {row.code: row for row in Estate.objects.select_related("area").defer("area__boundary")}

    def read(self, row):
        area = self.areas.get(row["area"])
        if area is None or not self.reaches(area):
            raise RowError("area", _("There is no such community or grid in your area."))
        code, stored = text(row, "code", 30), self.stored.get(row["code"])
        if stored is not None and not self.reaches(stored.area):
            raise RowError("code", _("This code belongs to an estate outside your area."))
        if stored is not None and stored.area_id != area.pk and left_outside(stored, area).exists():
            raise RowError("area", _("Some of its buildings lie in another area: move them first."))
        values = {"code": code, "name": text(row, "name", 80), "area_id": area.pk}
        values |= {"address": text(row, "address", 200)} | point(row)
        return planned((code,), stored, values, f"{code} {values['name']}")

    def save(self, planned):
        moved = {row.values["stored"]: row.values["stored"].area_id for row in planned if "area_id" in row.values
                 and row.action == "change"}  # fmt: skip
        write(Estate, planned)
        for estate, old_area_id in moved.items():
            estate.refresh_from_db()
            estate_moved(estate, old_area_id)

    def filled(self, rows):
        for one in rows.select_related("area"):
            cells = {name: getattr(one, name) for name in ("code", "name", "address", "longitude", "latitude")}
            yield cells | {"area": one.area.code, "coordinate_system": "" if one.longitude is None else "wgs84"}


@importer
class BuildingImporter(RegistryImporter):
    """Buildings by estate and number. Without an area a new one lies in the estate's."""

    key = "registry.buildings"
    filled_from = "governance.building"
    label = gettext_lazy("Buildings")
    permission = "governance.add_building"
    columns = (
        Column("estate", gettext_lazy("estate"), required=True, help=gettext_lazy("Code of the estate.")),
        Column("number", gettext_lazy("building number"), required=True),
        Column("name", gettext_lazy("name")),
        Column("area", gettext_lazy("area"), help=gettext_lazy("Code of the grid; the estate's area when empty.")),
        Column("floors", gettext_lazy("floors")),
    )

    def prepare(self, actor):
        super().prepare(actor)
        areas = Area.objects.filter(kind__in=SMALL_AREAS, is_active=True).defer("boundary")
        self.areas = {area.code: area for area in areas}
        estates = self.within(Estate.objects.select_related("area").defer("area__boundary"))
        self.estates = {row.code: row for row in estates}
        rows = Building.objects.filter(estate__in=self.estates.values()).select_related("estate", "area")
        self.stored = {(row.estate.code, row.number): row for row in rows.defer("area__boundary")}

    def read(self, row):
        estate = self.estates.get(row["estate"])
        if estate is None:
            raise RowError("estate", _("There is no such estate in your area."))
        key = (estate.code, text(row, "number", 20))
        stored = self.stored.get(key)
        area = self._area(row, estate, stored)
        values = {"estate_id": estate.pk, "number": key[1], "name": text(row, "name", 60), "area_id": area.pk}
        values["floors"] = whole_number(row, "floors", 1, 200)
        return planned(key, stored, values, f"{estate} {key[1]}")

    def _area(self, row, estate: Estate, stored: Building | None) -> Area:
        if not row["area"]:
            return stored.area if stored else estate.area
        area = self.areas.get(row["area"])
        if area is None or not estate.area.contains(area):
            raise RowError("area", _("The building must lie in the area of its estate."))
        return area

    def save(self, planned):
        for building, values in write(Building, planned):
            if "area_id" in values:
                building.refresh_from_db(fields=["area"])
                dwellings_follow(building)

    def filled(self, rows):
        for one in rows.select_related("estate", "area"):
            cells = {name: getattr(one, name) for name in ("number", "name", "floors")}
            yield cells | {"estate": one.estate.code, "area": one.area.code}


@importer
class DwellingImporter(RegistryImporter):
    """Dwellings by estate, building, entrance and number; entrances are made as they appear."""

    key = "registry.dwellings"
    filled_from = "governance.dwelling"
    label = gettext_lazy("Dwellings")
    permission = "governance.add_dwelling"
    columns = (
        Column("estate", gettext_lazy("estate"), required=True, help=gettext_lazy("Code of the estate.")),
        Column("building", gettext_lazy("building number"), required=True),
        Column("entrance", gettext_lazy("entrance number")),
        Column("number", gettext_lazy("dwelling number"), required=True),
        Column("floor", gettext_lazy("floor")),
        Column("floor_area", gettext_lazy("floor area (m²)")),
        Column("use", gettext_lazy("use"), help=gettext_lazy("Residential (default), commercial, parking or other.")),
        Column("code", gettext_lazy("code"), help=gettext_lazy("Made from the address when left empty.")),
    )

    def prepare(self, actor):
        super().prepare(actor)
        buildings = self.within(Building.objects.select_related("estate"))
        self.buildings = {(row.estate.code, row.number): row for row in buildings}
        entrances = Entrance.objects.filter(building__in=buildings.order_by().values("pk"))
        self.entrances = {(row.building_id, row.number): row for row in entrances}
        rows = Dwelling.objects.filter(building__in=buildings.order_by().values("pk")).select_related("entrance")
        self.stored = {_door(row.building_id, row.entrance, row.number): row for row in rows}
        self.codes = dict(Dwelling.objects.order_by().values_list("code", "pk"))

    def read(self, row):
        building = self.buildings.get((row["estate"], row["building"]))
        if building is None:
            field = "building" if any(key[0] == row["estate"] for key in self.buildings) else "estate"
            raise RowError(field, _("There is no such building in your area."))
        entrance = Entrance(building=building, number=text(row, "entrance", 20)) if row["entrance"] else None
        number = text(row, "number", 20)
        stored = self.stored.get(_door(building.pk, entrance, number))
        values = {"number": number, "floor": whole_number(row, "floor", -20, 200)}
        values |= {"floor_area": decimal(row, "floor_area"), "building_id": building.pk, "area_id": building.area_id}
        values["use"] = choice(row, "use", DwellingUse, stored.use if stored else DwellingUse.RESIDENTIAL)
        fallback = stored.code if stored else code_of(Dwelling(building=building, entrance=entrance, number=number))
        values["code"] = self._code(row, fallback, stored)
        found = planned((building.pk, row["entrance"], number), stored, values, values["code"])
        if stored is None and entrance is not None:
            found.values["entrance"] = entrance
        return found

    def _code(self, row, fallback: str, stored: Dwelling | None) -> str:
        code = text(row, "code", 60) or fallback
        taken = self.codes.get(code)
        if len(code) > 60 or (taken is not None and (stored is None or taken != stored.pk)):
            raise RowError("code", _("Another dwelling has this code, or it is too long."))
        self.codes[code] = stored.pk if stored else 0
        return code

    def save(self, planned):
        for row in planned:
            if entrance := row.values.get("entrance"):
                row.values["entrance"] = self._entrance(entrance)
        write(Dwelling, planned)

    def filled(self, rows):
        for one in rows.select_related("building__estate", "entrance"):
            cells = {name: getattr(one, name) for name in ("number", "floor", "floor_area", "code")}
            yield cells | {
                "estate": one.building.estate.code,
                "building": one.building.number,
                "entrance": one.entrance.number if one.entrance else "",
                "use": one.get_use_display(),
            }

    def _entrance(self, wanted: Entrance) -> Entrance:
        key = (wanted.building_id, wanted.number)
        if key not in self.entrances:
            wanted.save(force_insert=True)
            self.entrances[key] = wanted
        return self.entrances[key]


def _door(building_id: int, entrance: Entrance | None, number: str) -> tuple:
    return building_id, entrance.number if entrance else "", number
