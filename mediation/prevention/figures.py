"""Counts of hazards: whole for who reads them; for who only counts, cells under 5 are left out, and with them what
would tell them: the groups of a table add up to the same number.

Who only counts counts the own area as a whole, none within it: the tables of a county and of all its townships but one
would tell the one that is left, whatever each of them keeps back. And up to the end of the last quarter, as things
stood then: two looks a day apart would tell what became of the one that changed (so too the measures, 0044)."""

from collections import Counter
from collections.abc import Collection
from datetime import date

from django.db.models import Count, QuerySet
from django.utils.translation import gettext as _

from governance.errors import NotPermitted
from governance.models import Area
from governance.scoping import grants_of
from mediation.measures.standing import last_day_told, steps_told
from mediation.measures.suppressing import Cell, hidden_of
from mediation.models import DisputeType, Hazard, HazardSource, HazardState
from mediation.prevention.querysets import COUNTING_ROLES, IN_AREA, KEEPS


def hazard_figures(user, area: Area) -> dict:
    """Return the counts by state, source and type of the hazards ``user`` may count in ``area``.

    Raises NotPermitted naming ``area``: one they do not count, or one within the own where they do not read all.
    """
    own = {grant.area_path for grant in grants_of(user) if grant.role in COUNTING_ROLES}
    if not area.path.startswith(tuple(own)):
        raise NotPermitted(_("You do not count hazards in this area."), field="area")
    counted = Hazard.objects.counted_by(user).under(area)
    whole = _keeps(user, area) and not counted.exclude(
        pk__in=Hazard.objects.read_by(user).under(area).values("pk")
    ).exists()  # fmt: skip
    if not whole and area.path not in _widest(own):
        raise NotPermitted(_("You count the hazards of your own area as a whole, not those of areas within it."),
                           field="area")  # fmt: skip
    types = {row.code: row.name for row in DisputeType.objects.all()} | {None: "—"}

    until = None if whole else last_day_told()
    stood = None if whole else _stood(counted, until)

    def told(field: str, labels: dict) -> list[dict]:
        rows = list(counted.order_by().values_list(field).annotate(found=Count("pk"))) if whole else (
            list(Counter(row[field] for row in stood).items())
        )  # fmt: skip
        hidden = set() if whole else hidden_of({key: Cell(found) for key, found in rows})
        return [
            {"key": key or "", "label": str(labels.get(key, key)), "hazards": None if key in hidden else found}
            for key, found in sorted(rows, key=lambda row: (-row[1], str(row[0])))
        ]  # fmt: skip

    return {
        "area": area.code, "until": until, "states": told("state", dict(HazardState.choices)),
        "sources": told("source", dict(HazardSource.choices)), "types": told("type__code", types),
    }  # fmt: skip


def _stood(counted: QuerySet[Hazard], until: date) -> list[dict]:
    """Return state, source and type of the hazards that were told by the end of a day, as they stood then."""
    rows = {}
    for pk, _day, payload in steps_told(Hazard, counted.values("pk"), until):
        rows[pk] = {"state": payload["to"], "source": payload["source"], "type__code": payload["type"]}
    return list(rows.values())


def _keeps(user, area: Area) -> bool:
    """Tell whether all hazards of an area come to a person first. Of others it is not asked what hazards there are: yes
    where there is none and no where there is one would tell of it."""
    paths = tuple(grant.area_path for grant in grants_of(user) if KEEPS.get(grant.role) == IN_AREA)
    return area.path.startswith(paths)


def _widest(own: Collection[str]) -> set[str]:
    """Return the paths that lie in no other of them."""
    return {path for path in own if not any(path != other and path.startswith(other) for other in own)}
