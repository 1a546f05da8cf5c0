"""The same complainant about the same thing at the same place is one event for a while."""

from collections.abc import Iterable

WITHIN = 30  # days (domain/mediation.md, "Early warning")


def counted_once(rows: Iterable[tuple[object, int]], *, within: int = WITHIN) -> list[bool]:
    """Return for each (key, day number) whether it counts: unless one of the same key counted less than ``within`` days
    before. A key of None is nobody known, and counts. Rows may come in any order; of one day the first counts."""
    rows = list(rows)
    last: dict[object, int] = {}
    counts = [True] * len(rows)
    for place in sorted(range(len(rows)), key=lambda place: (rows[place][1], place)):
        key, day = rows[place]
        if key is None:
            continue
        counts[place] = key not in last or day - last[key] >= within
        if counts[place]:
            last[key] = day
    return counts
