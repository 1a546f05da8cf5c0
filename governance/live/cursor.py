"""Where a reader stands in the history of events: a PostgreSQL snapshot, written as an opaque URL-safe string.

A snapshot says which transactions were committed when it was taken. What is new for a reader are the events of
transactions that his snapshot does not hold and the present one does. So no transaction that commits late is skipped
and none holds the others up, which the order of ids or of times cannot promise.
"""

import re
from dataclasses import dataclass

LONGEST = 4000  # characters; PostgreSQL lists one number per transaction in progress, a hundred at most by default
WRITTEN = re.compile(r"(\d{1,19})_(\d{1,19})_((?:\d{1,19}(?:\.\d{1,19})*)?)", re.ASCII)
LARGEST_XID = 2**63 - 1

# A server crash forgets transactions that had a number but nothing of them flushed to disk, and gives their numbers out
# again: those in progress (a hundred by default) and those rolled back since the last commit.
LOST_IN_A_CRASH = 100  # transactions


class CursorError(ValueError):
    """The text is no cursor of ours."""


@dataclass(frozen=True)
class Snapshot:
    """The set of transactions a reader has seen.

    Every transaction below ``xmin`` is seen, none from ``xmax`` on; between them all but ``unseen`` (ascending).
    """

    xmin: int
    xmax: int
    unseen: tuple[int, ...] = ()

    @classmethod
    def parse(cls, cursor: str) -> "Snapshot":
        """Read a cursor that a client sent. Raises CursorError for anything that ``str`` would not have written."""
        match = WRITTEN.fullmatch(cursor) if len(cursor) <= LONGEST else None
        if match is None:
            raise CursorError("not a cursor")
        unseen = tuple(int(part) for part in match[3].split(".") if part)
        return cls._checked(int(match[1]), int(match[2]), unseen)

    @classmethod
    def from_database(cls, text: str) -> "Snapshot":
        """Read PostgreSQL's own writing, ``xmin:xmax:unseen,unseen``."""
        xmin, xmax, unseen = text.split(":")
        return cls._checked(int(xmin), int(xmax), tuple(int(part) for part in unseen.split(",") if part))

    @classmethod
    def _checked(cls, xmin: int, xmax: int, unseen: tuple[int, ...]) -> "Snapshot":
        ascending = all(before < after for before, after in zip(unseen, unseen[1:], strict=False))
        inside = not unseen or (xmin <= unseen[0] and unseen[-1] < xmax)
        if not (0 < xmin <= xmax <= LARGEST_XID and ascending and inside):
            raise CursorError("not a possible snapshot")
        return cls(xmin, xmax, unseen)

    def __str__(self) -> str:
        return f"{self.xmin}_{self.xmax}_{'.'.join(map(str, self.unseen))}"

    def for_database(self) -> str:
        """Write it as PostgreSQL's ``pg_snapshot``."""
        return f"{self.xmin}:{self.xmax}:{','.join(map(str, self.unseen))}"

    def holds(self, tx: int) -> bool:
        """Tell whether transaction ``tx`` has been seen."""
        return tx < self.xmax and tx not in self.unseen

    def advanced(self, target: "Snapshot", tx: int) -> "Snapshot":
        """Return where a reader stands on the way from here to ``target`` who has read up to transaction ``tx``.

        Seen are then what this snapshot holds, and of what ``target`` holds all up to and including ``tx``. ``target``
        must be the later one: whatever it does not hold, this one does not hold either.
        """
        xmax = max(self.xmax, min(tx + 1, target.xmax))
        still = [one for one in self.unseen if one > tx or not target.holds(one)]
        still += [one for one in target.unseen if self.xmax <= one <= tx]
        return Snapshot(still[0] if still else xmax, xmax, tuple(still))

    def rewound(self, count: int = LOST_IN_A_CRASH) -> "Snapshot":
        """Return this snapshot with the last ``count`` transaction numbers forgotten; reading on repeats them."""
        xmax = max(1, self.xmax - count)
        unseen = tuple(one for one in self.unseen if one < xmax)
        return Snapshot(unseen[0] if unseen else xmax, xmax, unseen)
