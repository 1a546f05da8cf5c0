"""Whose cases a person's figures count: those of the areas the person works in, narrowed to one area if asked."""

from dataclasses import dataclass
from functools import reduce
from operator import or_

from django.db.models import Q
from django.utils.translation import gettext as _

from cases.hotspots.querysets import COUNTED_FOR
from governance.errors import NotPermitted
from governance.models import Area, AreaKind
from governance.scoping import EVERYWHERE, grants_of


@dataclass(frozen=True)
class Scope:
    """``tops``: the largest areas counted, none inside another; ``areas``: all of them and all under them, by id.

    ``everywhere``: no area is left out.
    """

    tops: tuple[Area, ...]
    areas: dict[int, Area]
    everywhere: bool

    @property
    def ids(self) -> list[int]:
        return list(self.areas)

    @property
    def summed(self) -> bool:
        """Whether each of ``tops`` is large enough to have counts of its own (grids have not)."""
        return all(area.kind != AreaKind.GRID for area in self.tops)


def scope_of(user, within: Area | None = None) -> Scope:
    """Return what ``user`` may be told, in ``within`` only if given; one statement besides the roles.

    Raises NotPermitted where that is nothing.
    """
    paths = {grant.area_path for grant in grants_of(user) if grant.role in COUNTED_FOR}
    if within is not None:
        inside = {within.path} if any(within.path.startswith(path) for path in paths) else set()
        paths = inside or {path for path in paths if path.startswith(within.path)}
    if not paths:
        raise NotPermitted(_("You may not see figures of this area."))
    paths = {path for path in paths if not any(path != other and path.startswith(other) for other in paths)}
    everywhere = EVERYWHERE in paths
    rows = Area.objects.defer("boundary").order_by("code")
    if not everywhere:
        rows = rows.filter(reduce(or_, (Q(path__startswith=path) for path in paths)))
    areas = {area.pk: area for area in rows}
    tops = tuple(area for area in areas.values() if area.path in paths or everywhere and area.parent_id is None)
    return Scope(tops, areas, everywhere)
