"""Addresses of SensorThings: ``Things(1)/Datastreams``, ``Datastreams(5)/Thing/name/$value``, ``Things/$ref``."""

import re
from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from devices.sensorthings.entities import ENTITIES, Entity, by_id, parts
from devices.sensorthings.failure import BAD, MISSING, Failure

MOST_STEPS = 8
STEP = re.compile(r"(\w+)(?:\(('[\w.-]*'|\w+)\))?")
REF, VALUE = "$ref", "$value"


@dataclass
class Place:
    """Where an address leads: to the rows of an entity, to one row (then ``row``), or to a ``property`` of it.

    ``address`` is the address of what was found, without what comes after it. ``parent``: the row that was left last,
    and its entity.
    """

    entity: Entity
    rows: QuerySet
    address: str
    row: object = None
    property: str = ""
    end: str = ""
    parent: object = None
    parent_entity: Entity | None = None


def place_of(path: str, devices: QuerySet) -> Place:
    """Follow an address through what belongs to these devices. Raises Failure where there is nothing."""
    steps = [step for step in path.split("/") if step]
    if len(steps) > MOST_STEPS:
        raise Failure(BAD, "too_long", _("The address has too many steps."))
    end = steps.pop() if steps and steps[-1] in (REF, VALUE) else ""
    if not steps:
        raise nothing()
    place = _first(steps[0], devices)
    for step in steps[1:]:
        place = _next(place, step, devices)
    place.end = end
    if (end == REF and place.property) or (end == VALUE and not place.property):
        raise nothing()
    return place


def nothing() -> Failure:
    """Return the failure of an address at which nothing is."""
    return Failure(MISSING, "not_found", _("There is nothing at this address."))


def _parsed(step: str) -> tuple[str, str | None]:
    match = STEP.fullmatch(step)
    if match is None:
        raise nothing()
    return match[1], match[2]


def _first(step: str, devices: QuerySet) -> Place:
    name, written = _parsed(step)
    entity = ENTITIES.get(name)
    if entity is None:
        raise nothing()
    return _narrowed(Place(entity, entity.rows(devices), name), written)


def _next(place: Place, step: str, devices: QuerySet) -> Place:
    if place.row is None or place.property:
        raise nothing()
    name, written = _parsed(step)
    link = place.entity.links.get(name)
    if link is None:
        if written is None and name in place.entity.content(place.row):
            place.property = name
            return place
        raise nothing()
    target = ENTITIES[link.target]
    rows = target.rows(devices).filter(**dict(zip(link.there, parts(place.row, link.here), strict=True)))
    found = Place(target, rows, f"{place.address}/{name}", parent=place.row, parent_entity=place.entity)
    if link.many:
        return _narrowed(found, written)
    found.row = rows.first()
    if found.row is None or written is not None:
        raise nothing()
    return found


def _narrowed(place: Place, written: str | None) -> Place:
    if written is not None:
        place.row = by_id(place.entity, place.rows, written)
        if place.row is None:
            raise nothing()
        place.address = f"{place.address}({written})"
    return place
