"""How high the scan's score goes in a usual world: what makes a score an alarm.

The threshold of a stream is a quantile of its nightly maximum under a simulated null: worlds with the stream's own
rates, weekdays and visits in which nothing happens, each with a year before it from which its expectation is estimated
anew, because a badly known expectation gives false alarms too. Nor are the true rates known: each world has rates as
likely as any after what was counted (their posterior), else a year that by chance was quiet or busy somewhere would be
taken for the truth. A score reached in one night of a hundred has a recurrence interval of 100 days (Kleinman K. et
al., American Journal of Epidemiology 159:217-224, 2004).

Events are Poisson. Counts that vary more alarm more often; the benchmark says by how much.
"""

from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from governance.surveillance.expectation import LEAST, Neighbours, highest
from governance.surveillance.usual import LONGEST, RECENT, YEAR, Sums, Usual

DRAWN = 36_500  # a hundred years
# Lower scores are never an alarm, so nobody asks how often chance reaches them: three events where half a one is
# expected score 3 [J].
FLOOR = 3.0
# Worlds drawn at a time. Numpy lets go of Python's lock, so that a thread scores them while the next are drawn (a
# second one gains nothing).
TOGETHER, SCORERS = 64, 1
# So many of the highest scores are kept: enough for every interval of 34 days or more, and for what a coarse
# draw is asked (``mediation.warning.nulls``).
KEPT_SHARE = 0.03


@dataclass(frozen=True)
class Null:
    """The highest scores, descending, of ``drawn`` nights in which nothing happened."""

    drawn: int
    top: np.ndarray

    def recurrence(self, score: float) -> float:
        """Return once in how many nights chance alone scores so high; never more than was drawn, 1 for scores that are
        never an alarm."""
        if score <= FLOOR:
            return 1.0
        reached = int(np.searchsorted(-self.top, -score, side="right"))
        return (self.drawn + 1) / (reached + 1)

    def exceeded(self, score: float) -> bool:
        """Whether no night that was drawn scored so high: its recurrence is at least what ``recurrence`` says."""
        return bool(score > FLOOR and (not len(self.top) or score > self.top[0]))

    def threshold(self, recurrence: float) -> float:
        """Return the score whose recurrence is so many nights. Raises ValueError outside of what is kept."""
        rank = int(self.drawn / recurrence)
        if not 1 <= rank <= len(self.top):
            raise ValueError("recurrence: outside of what was drawn")
        return max(FLOOR, float(self.top[rank - 1]))


def simulated(usual: Usual, near: Neighbours, *, seed: int | Sequence[int], exposure: np.ndarray | None = None,
              drawn: int = DRAWN, longest: int = LONGEST, least: int = LEAST) -> Null:  # fmt: skip
    """Return the null of a stream in which ``usual`` holds. ``exposure``: mean visits a day of each place."""
    random = np.random.default_rng(seed)
    exposure = np.ones(len(usual.rates)) if exposure is None else np.asarray(exposure, float)
    kept = Highest(max(1, int(drawn * KEPT_SHARE)))
    scored: deque[Future] = deque()
    with ThreadPoolExecutor(SCORERS) as pool:
        for at in range(0, drawn, TOGETHER):
            counts, expected = _worlds(random, usual, exposure, min(TOGETHER, drawn - at), longest, at)
            scored.append(pool.submit(highest, counts, expected, near, least=least, floor=kept.floor))
            if len(scored) > SCORERS:
                kept.add(scored.popleft().result())
        for one in scored:
            kept.add(one.result())
    return Null(drawn, kept.ranked())


class Highest:
    """The ``most`` highest scores of those added. ``floor``: lower ones will not be kept, so many are known already."""

    def __init__(self, most: int):
        self.most, self.floor, self._top = most, FLOOR, np.zeros(0, np.float32)

    def add(self, scores: np.ndarray) -> None:
        """Take up scores."""
        self._top = np.concatenate([self._top, scores])
        if len(self._top) >= 2 * self.most:
            self._top = self.ranked()
            self.floor = max(FLOOR, float(self._top[-1]))

    def ranked(self) -> np.ndarray:
        """Return what is kept, descending."""
        return np.sort(self._top)[::-1][: self.most]


def _worlds(random: np.random.Generator, usual: Usual, exposure: np.ndarray, worlds: int, longest: int, at: int):
    """Draw the last days of so many worlds, and what would be expected after the years drawn before them."""
    shape, scale = usual.rates * usual.weight, 1 / usual.weight
    rates = random.gamma(shape[:, None], scale[:, None], (len(shape), worlds)) * usual.level
    daily = rates * exposure[:, None]
    early, recent = random.poisson(daily * (YEAR - RECENT)), random.poisson(daily * RECENT)
    shares = usual.weekdays / usual.weekdays.sum()
    of_place = early + recent
    of_weekday = random.multinomial(of_place.sum(axis=0), shares).T
    year = exposure * YEAR
    known = Sums(
        of_place=of_place, of_weekday=of_weekday, recent=recent.sum(axis=0), exposure=year,
        exposure_of_weekday=np.full(7, year.sum() / 7), exposure_recent=exposure * RECENT,
    ).usual()  # fmt: skip
    # Worlds end on all weekdays alike.
    days = (np.arange(longest)[None, :] + np.arange(at, at + worlds)[:, None]) % 7
    counts = _dealt(random, daily, usual.weekdays[days])
    factors = np.take_along_axis(known.weekdays.T, days, axis=1) * known.level[:, None]
    expected = (known.rates * exposure[:, None])[:, :, None] * factors[None]
    return counts, expected.astype(np.float32)


def _dealt(random: np.random.Generator, daily: np.ndarray, factors: np.ndarray) -> np.ndarray:
    """Return Poisson counts (places, worlds, days) of rates (places, worlds): few events dealt out one by one are drawn
    sooner than many zeros."""
    (places, worlds), total = daily.shape, daily.sum(axis=0)
    if total.mean() > places:
        return random.poisson(daily[:, :, None] * factors[None])
    cells = np.repeat(np.arange(factors.size), random.poisson(total[:, None] * factors).ravel())
    world = cells // factors.shape[1]
    # One ascending row for all worlds: the shares of the places of world w run from w to w + 1.
    edges = (np.cumsum(daily, axis=0) / total + np.arange(worlds)).T.ravel()
    found = np.searchsorted(edges, random.random(len(cells)) + world, side="right") - world * places
    flat = np.clip(found, 0, places - 1) * factors.size + cells
    return np.bincount(flat, minlength=places * factors.size).reshape(places, *factors.shape)
