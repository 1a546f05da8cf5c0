"""EARS C2 as modified for short history: 28 days that end 2 days before, a standard deviation of 1 at least.

Tokars J.I. et al., "Enhancing time-series detection algorithms for automated biosurveillance", Emerging Infectious
Diseases 15:533-539, 2009: longer baselines and a least deviation of 1 find 65 % where C2 found 40 %. What a statistic
means depends on the mean of the series; ``c2_chance`` says it, by simulation.
"""

from functools import lru_cache

import numpy as np

from governance.surveillance.ears import C2, ears_c2

BASELINE, GUARD, LEAST_SPREAD = 28, 2, 1.0
NEEDED = BASELINE + GUARD + 1
_DRAWN, _SEED, _STEP = 100_000, 20_091, 1.1


def c2_modified(counts: np.ndarray) -> C2:
    """Judge each day of daily counts (..., days) by 28 days before it."""
    return ears_c2(counts, baseline=BASELINE, guard=GUARD, least_spread=LEAST_SPREAD)


def c2_chance(statistic: float, mean: float) -> float:
    """Return the share of days on which the statistic is as high though nothing happens, of independent Poisson counts
    of ``mean`` a day (the next higher of means 10 % apart; right to 0.0005 or better; never less than 1 in 100,000).
    """
    if not (np.isfinite(mean) and mean >= 0):
        raise ValueError("mean: a number from 0 on is needed")
    known = _statistics(int(np.ceil(np.log(max(mean, 0.01)) / np.log(_STEP))))
    return float(len(known) - np.searchsorted(known, statistic, side="left") + 1) / (len(known) + 1)


@lru_cache(maxsize=256)
def _statistics(step: int) -> np.ndarray:
    drawn = np.random.default_rng(_SEED).poisson(_STEP**step, (_DRAWN, NEEDED))
    return np.sort(c2_modified(drawn).statistic[:, -1])
