"""Cells under 5 are not shown, nor can they be worked out from what is shown. Pure: nothing here reads data.

A table has a total and groups that add up to it. A cell is a count of a group; a share tells two more: those it counts
(``k``) and the rest (``n - k``). Where any of them is 1 to 4 (or the group itself under 5), the group is hidden; then
further groups, the smallest first, until at least two are hidden and what they hold together is no small cell either:
total minus what is shown tells nothing. Where even the total is small, it is hidden too. Tables of several measures
have the same groups and nearly the same disputes: a group hidden in one of them is hidden in all.
"""

from collections.abc import Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass

SMALL = 5


@dataclass(frozen=True)
class Cell:
    """``k`` of ``n``. A figure that is no share (a median) has ``k`` 0."""

    n: int
    k: int = 0

    def __add__(self, other: "Cell") -> "Cell":
        return Cell(self.n + other.n, self.k + other.k)

    @property
    def small(self) -> bool:
        """Whether it tells of fewer than five."""
        return self.n < SMALL or 0 < self.k < SMALL or 0 < self.n - self.k < SMALL


def hidden_of(cells: Mapping[Hashable, Cell], begin: Collection[Hashable] = ()) -> set[Hashable]:
    """Return the groups of a table that are not shown; all where nothing can be. ``begin``: those that are hidden
    anyway, because another table of the same groups hides them."""
    hidden = {key for key, cell in cells.items() if cell.small or key in begin}
    left = sorted((key for key in cells if key not in hidden), key=lambda key: (cells[key].n, str(key)))
    while hidden and left:
        together = sum((cells[key] for key in hidden), Cell(0))
        if len(hidden) > 1 and not together.small:
            break
        hidden.add(left.pop(0))
    return hidden


def hidden_in_all(tables: Iterable[Mapping[Hashable, Cell]]) -> set[Hashable]:
    """Return the groups that no table of the same groups shows: what one of them hides, all hide. Figures of two
    tables that count nearly the same disputes would tell what one of them keeps back."""
    tables, hidden = list(tables), set()
    while True:
        more = set().union(*(hidden_of(cells, hidden) for cells in tables))
        if more <= hidden:
            return hidden
        hidden |= more
