"""Counts of hazards: whole for who reads them, with cells under 5 left out for who only counts."""

from django.db.models import Count

from governance.models import Area
from mediation.measures.suppressing import SMALL
from mediation.models import DisputeType, Hazard, HazardSource, HazardState


def hazard_figures(user, area: Area) -> dict:
    """Return the counts by state, source and type of the hazards ``user`` may count in ``area``."""
    counted = Hazard.objects.counted_by(user).under(area)
    whole = not counted.exclude(pk__in=Hazard.objects.read_by(user).under(area).values("pk")).exists()
    types = {row.code: row.name for row in DisputeType.objects.all()} | {None: "—"}

    def shown(found: int) -> int | None:
        return found if whole or found >= SMALL else None

    def told(field: str, labels: dict) -> list[dict]:
        rows = counted.order_by().values_list(field).annotate(found=Count("pk"))
        return [
            {"key": key or "", "label": str(labels.get(key, key)), "hazards": shown(found)}
            for key, found in sorted(rows, key=lambda row: (-row[1], str(row[0])))
        ]  # fmt: skip

    return {
        "area": area.code, "states": told("state", dict(HazardState.choices)),
        "sources": told("source", dict(HazardSource.choices)), "types": told("type__code", types),
    }  # fmt: skip
