"""Counts of hazards: whole for who reads them; for who only counts, cells under 5 are left out, and with them what
would tell them: the groups of a table add up to the same number."""

from django.db.models import Count

from governance.models import Area
from mediation.measures.suppressing import Cell, hidden_of
from mediation.models import DisputeType, Hazard, HazardSource, HazardState


def hazard_figures(user, area: Area) -> dict:
    """Return the counts by state, source and type of the hazards ``user`` may count in ``area``."""
    counted = Hazard.objects.counted_by(user).under(area)
    whole = not counted.exclude(pk__in=Hazard.objects.read_by(user).under(area).values("pk")).exists()
    types = {row.code: row.name for row in DisputeType.objects.all()} | {None: "—"}

    def told(field: str, labels: dict) -> list[dict]:
        rows = list(counted.order_by().values_list(field).annotate(found=Count("pk")))
        hidden = set() if whole else hidden_of({key: Cell(found) for key, found in rows})
        return [
            {"key": key or "", "label": str(labels.get(key, key)), "hazards": None if key in hidden else found}
            for key, found in sorted(rows, key=lambda row: (-row[1], str(row[0])))
        ]  # fmt: skip

    return {
        "area": area.code, "states": told("state", dict(HazardState.choices)),
        "sources": told("source", dict(HazardSource.choices)), "types": told("type__code", types),
    }  # fmt: skip
