"""The cases behind a figure: what narrows a list of cases to those that were counted."""

import re

from django.db.models import Q, QuerySet

from cases.hotspots.cells import cell_named, within

# States in which a case is not counted, and that in which it counts as a report only.
UNCOUNTED, MERGED = ("rejected", "cancelled"), "merged"
NOWHERE = "none"
MOST = 200  # cells


def counted(rows: QuerySet, what: str) -> QuerySet:
    """Return the ``cases`` that count, or all ``reports``: also those merged into another. Raises ValueError."""
    left_out = {"cases": (*UNCOUNTED, MERGED), "reports": UNCOUNTED}
    if what not in left_out:
        raise ValueError(f"{what!r}: cases or reports")
    return rows.exclude(state__in=left_out[what])


def at_places(rows: QuerySet, text: str) -> QuerySet:
    """Return the cases in hexagons (names with commas between them), at an address (a negative number), or ``none``:
    those without coordinates. Raises ValueError for anything else."""
    if text == NOWHERE:
        return rows.filter(Q(spot__place=None) | Q(spot__place__lt=0))
    if re.fullmatch(r"-[0-9]{1,19}", text) and int(text) >= -(2**63):
        return rows.filter(spot__place=int(text))
    inside, names = Q(pk__in=[]), text.split(",")
    if len(names) > MOST:
        raise ValueError(f"more than {MOST} cells")
    for name in names:
        inside |= Q(spot__place__range=within(cell_named(name)))
    return rows.filter(inside)
