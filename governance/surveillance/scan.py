"""The prospective space-time scan statistic: the most unusual cylinders (circle × recent days) that end today.

Two models of "usual":

``scan_permutation``  needs cases only: days and places are independent. What is always many at a place, or many
                      everywhere today, is no signal. Kulldorff M., Heffernan R., Hartman J., Assunção R.,
                      Mostashari F., "A space-time permutation scan statistic for disease outbreak detection",
                      PLoS Medicine 2(3):e59, 2005.
``scan_poisson``      needs an expectation for each place and day. Kulldorff M., "Prospective time periodic
                      geographical disease surveillance using a scan statistic", J. R. Stat. Soc. A 164:61-72, 2001.

Score of a cylinder with c cases where m are expected, of C in all: ln (c/m)^c ((C-c)/(C-m))^(C-c) where c > m, else 0.
The p-value of the highest score is its rank among the highest scores of replicates drawn under the model (Dwass 1957);
so in a usual world it is at most ``p`` with probability ``p``: that is the false-alarm rate of one scan, whatever the
number of cylinders looked at. Of a scan done every day, ``1 / p`` is the recurrence interval in days: how long one
waits on average for such a value by chance (Kleinman et al. 2004).

Most scans are nowhere near a signal. Drawing stops as soon as ``STOP_AFTER`` replicates score at least as high; p is
then ``STOP_AFTER / drawn``, which keeps the same guarantee (Besag J., Clifford P., "Sequential Monte Carlo p-values",
Biometrika 78:301-304, 1991).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from scipy.special import xlogy

from governance.surveillance.zones import Zones

STOP_AFTER = 10
# Replicates drawn at a time: most scans need one batch.
BATCH = 50
# Scores that differ by less are the same but for rounding; counted as equal, which can only raise p.
TIE = 1e-9

Draw = Callable[[np.random.Generator, int], np.ndarray]


@dataclass(frozen=True)
class Cluster:
    """A cylinder that stands out: ``places`` (indices) round ``centre`` over the last ``days`` days.

    ``p_value`` is that of the whole scan's highest score, for further clusters therefore on the safe side.
    """

    centre: int
    radius: float
    places: tuple[int, ...]
    days: int
    observed: int
    expected: float
    total: int
    score: float
    p_value: float

    @property
    def recurrence(self) -> float:
        """Scans between two such values by chance: days, where one is done each day."""
        return 1 / self.p_value

    @property
    def relative_risk(self) -> float:
        """How many times as many cases as expected, inside against outside; infinite where none are outside."""
        inside, outside = self.observed / self.expected, self.total - self.observed
        return inside * (self.total - self.expected) / outside if outside else float("inf")


@dataclass(frozen=True)
class Scan:
    """What a scan found: ``clusters``, the highest score first, sharing no place; ``total`` cases; ``drawn``
    replicates."""

    clusters: tuple[Cluster, ...]
    total: int
    drawn: int


@dataclass(frozen=True)
class _Cylinders:
    """Sums over all zones and all windows of 1 to ``longest`` days that end today; windows are columns."""

    zones: Zones
    longest: int
    summing: object

    def __call__(self, recent: np.ndarray) -> np.ndarray:
        """Return (zones, windows × columns) of ``recent`` (places, days, columns), days ending today."""
        windows = np.cumsum(recent[:, ::-1], axis=1, dtype=np.float32)
        return self.summing @ windows.reshape(recent.shape[0], -1)


def scan_permutation(counts: np.ndarray, zones: Zones, *, longest: int, seed: int, replicates: int = 999,
                     least: int = 2, most: int = 3) -> Scan:  # fmt: skip
    """Scan daily ``counts`` (places, days; the last day is today) against independence of place and day.

    ``longest`` is the longest window in days, ``least`` the fewest cases a cluster may have, ``most`` the most
    clusters returned. The same ``seed`` gives the same p-values. Raises ValueError naming what cannot be used.
    """
    counts = _checked("counts", counts, zones, longest, replicates, whole=True)
    total = int(counts.sum())
    if not total:
        return Scan((), 0, 0)
    of_place = counts.sum(axis=1)
    of_day = counts.sum(axis=0)[-longest:]
    expected = np.outer(of_place, of_day) / total

    def draw(random: np.random.Generator, number: int) -> np.ndarray:
        return _permuted(random, of_place, of_day, number)

    return _scan(counts[:, -longest:], expected, total, zones, draw, seed, replicates, least, most)


def scan_poisson(counts: np.ndarray, expected: np.ndarray, zones: Zones, *, longest: int, seed: int,
                 replicates: int = 999, least: int = 2, most: int = 3) -> Scan:  # fmt: skip
    """Scan daily ``counts`` against what is ``expected`` (same shape, any unit: only its shares matter).

    Conditional on the total: replicates throw as many cases by these shares. The rest as ``scan_permutation``.
    """
    counts = _checked("counts", counts, zones, longest, replicates, whole=True)
    expected = _checked("expected", expected, zones, longest, replicates, whole=False)
    if expected.shape != counts.shape:
        raise ValueError("expected: needs the shape of counts")
    if not expected.sum() > 0:
        raise ValueError("expected: nothing is expected anywhere")
    if (counts[expected == 0] > 0).any():
        raise ValueError("expected: cases were counted where none can be expected")
    total = int(counts.sum())
    if not total:
        return Scan((), 0, 0)
    share = expected[:, -longest:] / expected.sum()
    chances = np.append(share.ravel(), max(0.0, 1 - share.sum()))

    def draw(random: np.random.Generator, number: int) -> np.ndarray:
        thrown = random.multinomial(total, chances / chances.sum(), size=number)[:, :-1]
        return thrown.reshape(number, *share.shape).transpose(1, 2, 0)

    return _scan(counts[:, -longest:], share * total, total, zones, draw, seed, replicates, least, most)


def _checked(name: str, given, zones: Zones, longest: int, replicates: int, *, whole: bool) -> np.ndarray:
    found = np.asarray(given)
    if found.ndim != 2 or found.shape[0] != zones.places:
        raise ValueError(f"{name}: needs one row for each of the {zones.places} places")
    if not 1 <= longest < found.shape[1]:
        raise ValueError(f"longest: from 1 to {found.shape[1] - 1} days, one fewer than {name} has")
    if replicates < 1:
        raise ValueError("replicates: at least 1")
    if not np.isfinite(found).all() or (found < 0).any() or (whole and (found != np.floor(found)).any()):
        raise ValueError(f"{name}: {'whole ' if whole else ''}numbers from 0 on are needed")
    return found.astype(np.int64 if whole else float)


def _permuted(random: np.random.Generator, of_place: np.ndarray, of_day: np.ndarray, number: int) -> np.ndarray:
    """Return (places, days, number): cases of the recent days dealt out anew among places, both margins kept.

    Which cases fall into the recent days at all is a draw without replacement; which of these on which day, a shuffle.
    """
    places, recent = len(of_place), int(of_day.sum())
    if not recent:
        return np.zeros((places, len(of_day), number), np.int64)
    drawn = random.multivariate_hypergeometric(of_place, recent, size=number, method="marginals")
    labels = np.repeat(np.tile(np.arange(places), number), drawn.ravel()).reshape(number, recent)
    labels = random.permuted(labels, axis=1)
    days = np.repeat(np.arange(len(of_day)), of_day)
    flat = (labels * len(of_day) + days) * number + np.arange(number)[:, None]
    dealt = np.bincount(flat.ravel(), minlength=places * len(of_day) * number)
    return dealt.reshape(places, len(of_day), number)


def _scan(recent: np.ndarray, expected: np.ndarray, total: int, zones: Zones, draw: Draw, seed: int, replicates: int,
          least: int, most: int) -> Scan:  # fmt: skip
    cylinders = _Cylinders(zones, recent.shape[1], zones.summing())
    observed, usual = cylinders(recent[:, :, None]), cylinders(expected[:, :, None]).astype(float)
    scores = np.where(observed >= least, _score(observed, usual, total), 0.0)
    found = list(_apart(scores, zones, most))
    if not found:
        return Scan((), total, 0)
    wanted = [_fewest(usual, total, scores[place], least) for place in found]
    p_values, drawn = _p_values(cylinders, draw, np.random.default_rng(seed), wanted, replicates)
    clusters = tuple(
        Cluster(
            centre=int(zones.centres[zone]), radius=float(zones.radii[zone]), places=tuple(zones.of(zone).tolist()),
            days=window + 1, observed=int(observed[zone, window]), expected=float(usual[zone, window]), total=total,
            score=float(scores[zone, window]), p_value=p_value,
        )
        for (zone, window), p_value in zip(found, p_values, strict=True)
    )  # fmt: skip
    return Scan(clusters, total, drawn)


def _score(observed: np.ndarray, usual: np.ndarray, total: int) -> np.ndarray:
    """Log likelihood ratio of more cases inside than expected; 0 where there are not more."""
    observed, rest = observed.astype(float), total - usual
    with np.errstate(divide="ignore", invalid="ignore"):
        found = xlogy(observed, observed / usual) + xlogy(total - observed, (total - observed) / rest)
    return np.where(observed > usual, np.nan_to_num(found, nan=0.0, posinf=0.0), 0.0)


def _apart(scores: np.ndarray, zones: Zones, most: int) -> Iterator[tuple[int, int]]:
    """Yield (zone, window) of the highest scores, leaving out zones that share a place with one before."""
    left = scores.max(axis=1)
    taken = np.zeros(zones.places, np.float32)
    for _number in range(most):
        zone = int(left.argmax())
        if left[zone] <= TIE:
            return
        yield zone, int(scores[zone].argmax())
        taken[zones.of(zone)] = 1
        left[(zones.members @ taken) > 0] = 0


def _fewest(usual: np.ndarray, total: int, score: float, least: int) -> np.ndarray:
    """Return for each cylinder the fewest cases that score at least ``score``: what replicates are compared with.

    The score grows with the cases, so halving finds it; ``total + 1`` where no number of cases does.
    """
    low, high = np.full(usual.shape, least - 1), np.full(usual.shape, total + 1)
    low = np.minimum(low, total)
    while (high - low > 1).any():
        middle = (low + high) // 2
        enough = _score(middle, usual, total) >= score - TIE
        wide = high - low > 1
        high, low = np.where(wide & enough, middle, high), np.where(wide & ~enough, middle, low)
    return high.astype(np.float32)


def _p_values(cylinders: _Cylinders, draw: Draw, random: np.random.Generator, wanted: list[np.ndarray],
              replicates: int) -> tuple[list[float], int]:  # fmt: skip
    """Return the p-value of each threshold table in ``wanted``, the strictest first, and how many were drawn."""
    reached = np.zeros((len(wanted), 0), bool)
    while reached.shape[1] < replicates and reached[0].sum() < STOP_AFTER:
        number = min(BATCH, replicates - reached.shape[1])
        sums = cylinders(draw(random, number)).reshape(*wanted[0].shape, number)
        reached = np.hstack([reached, [(sums >= table[:, :, None]).any(axis=(0, 1)) for table in wanted]])
    enough = np.flatnonzero(np.cumsum(reached[0]) == STOP_AFTER)
    if len(enough):
        drawn = int(enough[0]) + 1
        return [float(row[:drawn].sum() / drawn) for row in reached], drawn
    drawn = reached.shape[1]
    return [float((row.sum() + 1) / (drawn + 1)) for row in reached], drawn
