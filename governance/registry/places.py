"""Saving estates, buildings and dwellings. What lies inside follows when a place moves to another area."""

from collections.abc import Collection

from django.db import models
from django.utils.translation import gettext as _

from governance.configuration import configuration_save
from governance.errors import Invalid
from governance.models import Area, Building, Dwelling, Estate, Event, Ownership, Residency
from governance.transactions import atomically


def estate_save(estate: Estate, *, actor, changed: Collection[str]) -> Event:
    """Save a new or changed estate. Buildings that lie in its whole area move with it.

    Raises as ``configuration_save``, and Invalid when a building would be left outside.
    """
    with atomically():
        before = Estate.objects.select_for_update(of=("self",)).filter(pk=estate.pk).first()
        event = configuration_save(estate, actor=actor, changed=changed)
        if before is not None and before.area_id != estate.area_id:
            estate_moved(estate, before.area_id)
    return event


def left_outside(estate: Estate, area: Area) -> models.QuerySet[Building]:
    """Return the buildings of a stored estate that would not lie in ``area`` if it moved there."""
    rows = estate.buildings.exclude(area_id=estate.area_id)
    return rows.exclude(area__path__startswith=area.path)


def estate_moved(estate: Estate, old_area_id: int) -> None:
    """Move the buildings that lay in the estate's whole old area; raises Invalid when another is left outside."""
    for building in estate.buildings.select_for_update(of=("self",)).select_related("area"):
        if building.area_id == old_area_id:
            building.area = estate.area
            building.save(update_fields=["area"])
            dwellings_follow(building)
        elif not estate.area.contains(building.area):
            raise Invalid(
                _("Building %(number)s lies in another area: move it first.") % {"number": building.number},
                field="area",
                code="outside",
            )


def building_save(building: Building, *, actor, changed: Collection[str]) -> Event:
    """Save a new or changed building; without an area it gets the estate's. Its dwellings move with it.

    Raises as ``configuration_save``.
    """
    with atomically():
        if building.area_id is None and building.estate_id is not None:
            building.area = building.estate.area
        event = configuration_save(building, actor=actor, changed=changed)
        dwellings_follow(building)
    return event


def dwellings_follow(building: Building) -> None:
    """Give the building's area to everything in it. Dwellings come first: who adds a tie waits for their lock."""
    building.dwellings.exclude(area_id=building.area_id).update(area_id=building.area_id)
    for model in (Residency, Ownership):
        rows = model.objects.filter(dwelling__building=building).exclude(area_id=building.area_id)
        rows.update(area_id=building.area_id)


def dwelling_save(dwelling: Dwelling, *, actor, changed: Collection[str]) -> Event:
    """Save a new or changed dwelling. Its area is the building's; without a code it gets one from its address.

    Raises as ``configuration_save``.
    """
    with atomically():
        building = Building.objects.select_for_update(of=("self",)).select_related("area", "estate")
        dwelling.building = building.get(pk=dwelling.building_id)
        dwelling.area = dwelling.building.area
        dwelling.code = dwelling.code or code_of(dwelling)
        event = configuration_save(dwelling, actor=actor, changed=changed)
        for model in (Residency, Ownership):
            model.objects.filter(dwelling=dwelling).exclude(area_id=dwelling.area_id).update(area_id=dwelling.area_id)
    return event


def code_of(dwelling: Dwelling) -> str:
    """Return the code a dwelling gets when nobody gave it one: estate, building, entrance and number."""
    entrance = dwelling.entrance.number if dwelling.entrance else ""
    parts = [dwelling.building.estate.code, dwelling.building.number, entrance, dwelling.number]
    return "-".join(part for part in parts if part)
