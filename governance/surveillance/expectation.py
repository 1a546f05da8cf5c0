"""The expectation-based Poisson space-time scan: where, since when and how far do counts exceed what is usual?

Zones are each place's k nearest places (itself first), windows the last 1 to 14 days. Score of a zone and window with C
events where B are expected: F = C ln(C/B) + B - C where C > B and C is at least ``LEAST``, else 0 (Neill D.B.,
"Expectation-based scan statistics for monitoring spatial time series", International Journal of Forecasting
25:498-517, 2009). Unlike ``scan``'s statistics it is not conditioned on the total: many events everywhere are a signal
too. What a score means is told by ``null``.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from governance.surveillance.usual import GAP, LONGEST, NEEDED, YEAR, Usual, usual_of

LEAST, MOST_NEAR = 3, 20
# Days or worlds are scored so many at a time that their arrays stay in the processor's cache, and not so few that
# calling numpy is most of the work.
CACHED = 4800  # places × worlds


@dataclass(frozen=True)
class Neighbours:
    """``order`` (places, k): the places nearest to each place, itself first."""

    order: np.ndarray

    @property
    def places(self) -> int:
        return len(self.order)

    def sums(self, rows: np.ndarray) -> np.ndarray:
        """Return (places, k, ...): the sums of ``rows`` (places, ...) over each place's 1 to k nearest."""
        found = np.empty((*self.order.shape, *rows.shape[1:]), np.float32)
        running = np.zeros(rows.shape, np.float32)
        for number, nth in enumerate(self.order.T):  # several times as fast as a running sum of the gathered rows
            running += rows[nth]
            found[:, number] = running
        return found


@dataclass(frozen=True)
class Excess:
    """More than expected at ``places`` (indices, nearest to ``centre`` first) over the last ``days`` days."""

    centre: int
    places: tuple[int, ...]
    days: int
    observed: int
    expected: float
    score: float


def nearest(x: Sequence[float], y: Sequence[float], most: int = MOST_NEAR) -> Neighbours:
    """Return the ``most`` nearest places of each (flat coordinates in one unit). Raises ValueError for others."""
    points = np.column_stack([np.asarray(x, float), np.asarray(y, float)])
    if not len(points) or not np.isfinite(points).all() or most < 1:
        raise ValueError("x, y: finite coordinates of at least one place; most: at least 1")
    near = cKDTree(points).query(points, k=range(1, min(most, len(points)) + 1))[1]
    for place, row in enumerate(near):  # places at one spot: each is its own first
        if row[0] != place:
            row[:] = [place, *[other for other in row if other != place]][: len(row)]
    return Neighbours(near)


def scores(counts: np.ndarray, expected: np.ndarray, near: Neighbours, *, least: int = LEAST) -> np.ndarray:
    """Return F (places, k, worlds, windows) of counts and expectations (places, worlds, days; today last)."""
    observed = near.sums(np.cumsum(counts[:, :, ::-1], axis=2, dtype=np.float32))
    usual = near.sums(np.cumsum(expected[:, :, ::-1], axis=2, dtype=np.float32))
    return _score(observed, usual, least)


def _score(observed: np.ndarray, usual: np.ndarray, least: int) -> np.ndarray:
    over = (observed > usual) & (observed >= least)
    found = np.zeros(observed.shape, np.float32)
    more, few = observed[over], usual[over]
    with np.errstate(divide="ignore"):
        found[over] = more * np.log(more / few) + few - more
    return found


def at_once(near: Neighbours) -> int:
    """Return how many days or worlds are best scored together."""
    return max(8, CACHED // near.places)


def highest(counts: np.ndarray, expected: np.ndarray, near: Neighbours, *, least: int = LEAST,
            floor: float = 0.0) -> np.ndarray:  # fmt: skip
    """Return the highest score of each world (arguments as of ``scores``); 0 where none is above ``floor``.

    F is at most (C - B)² / B, because ln x is at most x - 1: few zones need more than that.
    """
    found = np.zeros(counts.shape[1], np.float32)
    together = at_once(near)
    for at in range(0, counts.shape[1], together):
        part = slice(at, at + together)
        _raise_to_highest(found[part], _windows(counts[:, part]), _windows(expected[:, part]), near, least, floor)
    return np.where(found > floor, found, 0)


def _windows(rows: np.ndarray) -> np.ndarray:
    """Return (places, worlds × windows): the sums over the last 1, 2, ... days."""
    return np.cumsum(rows[:, :, ::-1], axis=2, dtype=np.float32).reshape(len(rows), -1)


def _raise_to_highest(found: np.ndarray, counts: np.ndarray, expected: np.ndarray, near: Neighbours, least: int,
                      floor: float) -> None:  # fmt: skip
    """Raise ``found`` (worlds) to the highest scores; neighbour by neighbour, so that all stays in the cache, and going
    through all of it as few times as can be."""
    difference, windows = counts - expected, counts.shape[1] // len(found)
    over, usual = np.zeros_like(counts), np.zeros_like(expected)
    one, other, may = np.empty_like(counts), np.empty_like(counts), np.empty(counts.shape, bool)
    for nth in near.order.T:
        over += np.take(difference, nth, axis=0, out=one, mode="clip")
        usual += np.take(expected, nth, axis=0, out=one, mode="clip")
        np.multiply(over, np.abs(over, out=one), out=one)
        np.multiply(usual, floor, out=other)
        at = np.flatnonzero(np.greater(one, other, out=may))
        if len(at):
            few = usual.ravel()[at]
            more = np.rint(over.ravel()[at] + few)  # counts are whole
            with np.errstate(divide="ignore"):
                score = np.where(more >= least, more * np.log(more / few) + few - more, 0)
            np.maximum.at(found, at % counts.shape[1] // windows, score)


def excesses(counts: np.ndarray, expected: np.ndarray, near: Neighbours, *, least: int = LEAST,
             most: int = 3) -> list[Excess]:  # fmt: skip
    """Return the highest score and at most ``most`` in all that share no place, of (places, days; today last)."""
    counts, expected = np.asarray(counts), np.asarray(expected, float)
    if counts.shape != expected.shape or counts.ndim != 2 or counts.shape[0] != near.places:
        raise ValueError("counts, expected: places by days, of one shape")
    if (counts < 0).any() or (expected < 0).any() or not np.isfinite(expected).all():
        raise ValueError("counts, expected: finite, none below 0")
    if ((expected == 0) & (counts > 0)).any():
        raise ValueError("expected: events where none can be")
    found = scores(counts[:, None], expected[:, None], near, least=least)[:, :, 0]
    return list(_apart(found, counts, expected, near, most))


def _apart(found: np.ndarray, counts, expected, near: Neighbours, most: int) -> Iterator[Excess]:
    left = found.max(axis=2)
    for _number in range(most):
        centre, size = divmod(int(left.argmax()), left.shape[1])
        if left[centre, size] <= 0:
            return
        days = int(found[centre, size].argmax()) + 1
        places = near.order[centre, : size + 1]
        yield Excess(
            centre=centre, places=tuple(int(place) for place in places), days=days,
            observed=int(counts[places, -days:].sum()), expected=float(expected[places, -days:].sum()),
            score=float(left[centre, size]),
        )  # fmt: skip
        taken = np.zeros(near.places, bool)
        taken[places] = True
        left[np.logical_or.accumulate(taken[near.order], axis=1)] = 0


@dataclass(frozen=True)
class Night:
    """One night of one stream: the last days' counts and what was expected, (places, days), and what was usual."""

    counts: np.ndarray
    expected: np.ndarray
    usual: Usual


def night_of(counts: np.ndarray, weekday: int, exposure: np.ndarray | None = None, *, longest: int = LONGEST) -> Night:
    """Return the last night of daily counts (places, days; the last day is this ``weekday``, 0 = Monday).

    Raises ValueError where fewer than ``NEEDED`` days are there, or ``usual`` refuses.
    """
    if counts.ndim != 2 or counts.shape[1] < NEEDED:
        raise ValueError(f"counts: places by at least {NEEDED} days")
    past = slice(counts.shape[1] - LONGEST - GAP - YEAR, counts.shape[1] - LONGEST - GAP)
    first = (weekday - LONGEST - GAP - YEAR + 1) % 7
    known = usual_of(counts[:, past], None if exposure is None else exposure[:, past], first_weekday=first)
    days = (weekday - np.arange(longest)[::-1]) % 7
    return Night(
        counts[:, -longest:], known.expected(days, None if exposure is None else exposure[:, -longest:]), known
    )
