"""EARS C2 as modified for short history: 28 days that end 2 days before, a standard deviation of 1 at least.

Tokars J.I. et al., "Enhancing time-series detection algorithms for automated biosurveillance", Emerging Infectious
Diseases 15:533-539, 2009: longer baselines and a least deviation of 1 find 65 % where C2 found 40 %. What a statistic
means depends on the mean of the series; ``c2_chance`` says it: baselines are simulated, and of each the Poisson chance
of a day that reaches the statistic is added up, so that chances far below one in the draws are told too.

Where events are found by going there, the same is asked of events per visit (Tokars' rates): what is expected of a day
are its visits times the rate of the 28 days, and the deviation is that of their counts from the same.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy import stats

from governance.surveillance.ears import C2, ears_c2

BASELINE, GUARD, LEAST_SPREAD = 28, 2, 1.0
NEEDED = BASELINE + GUARD + 1
_DRAWN, _SEED, _STEP = 100_000, 20_091, 1.1


def c2_modified(counts: np.ndarray) -> C2:
    """Judge each day of daily counts (..., days) by 28 days before it."""
    return ears_c2(counts, baseline=BASELINE, guard=GUARD, least_spread=LEAST_SPREAD)


def c2_chance(statistic: float, mean: float) -> float:
    """Return the share of days on which the statistic is as high though nothing happens, of independent Poisson counts
    of ``mean`` a day (the next higher of means 10 % apart; right to a tenth where it is one in 10,000). The mean itself
    is estimated from the baseline: measured false alarms are about as stated, not exactly.
    """
    if not (np.isfinite(mean) and mean >= 0):
        raise ValueError("mean: a number from 0 on is needed")
    step = int(np.ceil(np.log(max(mean, 0.01)) / np.log(_STEP)))
    means, spreads = _baselines(step)
    return _chance(means + statistic * spreads, _STEP**step)


def _chance(wanted: np.ndarray, mean: float) -> float:
    """Return how often a Poisson count of ``mean`` reaches what is ``wanted``, on average."""
    counts, often = np.unique(np.ceil(wanted - 1e-9), return_counts=True)
    return float((stats.poisson.sf(counts - 1, mean) * often).sum() / often.sum())


@dataclass(frozen=True)
class ByVisits:
    """The last day: what was expected of so many visits, the statistic, and the share of days on which chance alone
    gives as much."""

    expected: float
    statistic: float
    chance: float


def c2_by_visits(counts: np.ndarray, visits: np.ndarray) -> ByVisits | None:
    """Judge the last of at least ``NEEDED`` daily counts by the rate per visit of the 28 days; None without a visit in
    them. With the same visits every day this is ``c2_modified``. Raises ValueError for what are no counts."""
    counts, visits = (np.asarray(row, float)[-NEEDED:] for row in (counts, visits))
    if counts.shape != (NEEDED,) or visits.shape != counts.shape or (counts < 0).any() or (visits < 0).any():
        raise ValueError(f"counts, visits: {NEEDED} numbers from 0 on")
    before = slice(0, BASELINE)
    if not visits[before].any():
        return None
    expected, spread = (float(row[0]) for row in _by_visits(counts[None], visits))
    statistic = (float(counts[-1]) - expected) / spread
    rate = max(counts[before].sum() / visits[before].sum(), 0.01 / visits[before].mean())
    drawn = np.random.default_rng(_SEED).poisson(rate * visits, (_DRAWN, NEEDED))
    usual, spread = _by_visits(drawn, visits)
    return ByVisits(expected, statistic, _chance(usual + statistic * spread, float(rate * visits[-1])))


def _by_visits(counts: np.ndarray, visits: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the expectation and the spread of the last day of each row."""
    before, walked = counts[:, :BASELINE], visits[:BASELINE]
    rates = before.sum(axis=1) / walked.sum()
    spread = np.maximum((before - rates[:, None] * walked).std(axis=1, ddof=1), LEAST_SPREAD)
    return rates * visits[-1], spread


@lru_cache(maxsize=256)
def _baselines(step: int) -> tuple[np.ndarray, np.ndarray]:
    drawn = np.random.default_rng(_SEED).poisson(_STEP**step, (_DRAWN, BASELINE))
    return drawn.mean(axis=1), np.maximum(drawn.std(axis=1, ddof=1), LEAST_SPREAD)
