"""Whose cases a person's figures count: those of the areas the person works in, narrowed to one area if asked."""

from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import NamedTuple

from django.db.models import Q
from django.utils.translation import gettext as _

from cases.hotspots.querysets import COUNTED_FOR
from cases.models import Scene
from governance.errors import Invalid, NotPermitted
from governance.models import Area, AreaKind
from governance.scoping import EVERYWHERE, grants_of

# Kinds of areas that ``AreaTally`` has counts of; smaller ones have so few cases that they are counted out of the days.
SUMMED = (AreaKind.CITY, AreaKind.DISTRICT, AreaKind.STREET)


class Place(NamedTuple):
    """What answers need of an area; loading a thousand whole areas takes longer than counting their cases."""

    pk: int
    code: str
    name: str
    kind: str
    path: str

    def __str__(self):
        return self.name

    @property
    def lineage(self) -> list[int]:
        """Ids of the areas from the city down to this one."""
        return [int(part) for part in self.path.strip("/").split("/")]


@dataclass(frozen=True)
class Scope:
    """``tops``: the largest areas counted, none inside another; ``areas``: all of them and all under them, by id.

    ``everywhere``: no area is left out, so that no row need be asked where it lies.
    """

    tops: tuple[Place, ...]
    areas: dict[int, Place]
    everywhere: bool

    @property
    def ids(self) -> list[int]:
        return list(self.areas)

    @property
    def summed(self) -> bool:
        """Whether each of ``tops`` is large enough to have counts of its own: a street or larger."""
        return all(area.kind in SUMMED for area in self.tops)


def shared(area: Area | None, scene: Scene | None) -> Area | None:
    """Return where an area and the area of a scene overlap: the smaller; None for everywhere.

    Raises Invalid, naming the field, where they do not.
    """
    if area is None or scene is None:
        return area or (scene and scene.area)
    if area.path.startswith(scene.area.path):
        return area
    if scene.area.path.startswith(area.path):
        return scene.area
    raise Invalid(_("This area lies outside the scene."), field="area", code="outside_scene")


def scope_of(user, within: Area | None = None) -> Scope:
    """Return what ``user`` may be told, in ``within`` only if given; two statements besides the roles.

    Raises NotPermitted where that is nothing.
    """
    paths = {grant.area_path for grant in grants_of(user) if grant.role in COUNTED_FOR}
    if within is not None:
        inside = {within.path} if any(within.path.startswith(path) for path in paths) else set()
        paths = inside or {path for path in paths if path.startswith(within.path)}
    if not paths:
        raise NotPermitted(_("You may not see figures of this area."))
    roots = set(Area.objects.filter(parent=None).values_list("path", flat=True))
    if EVERYWHERE in paths:
        paths = roots
    paths = {path for path in paths if not any(path != other and path.startswith(other) for other in paths)}
    under = reduce(or_, (Q(path__startswith=path) for path in paths), Q(pk=None))
    rows = Area.objects.filter(under).order_by("code").values_list(*Place._fields)
    areas = {row[0]: Place(*row) for row in rows}
    tops = tuple(area for area in areas.values() if area.path in paths)
    return Scope(tops, areas, everywhere=paths >= roots)
