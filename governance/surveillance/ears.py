"""EARS C2: does today's count of a single series stand out from the week before last?

C2 compares a day with the mean and standard deviation of ``baseline`` days that end ``guard`` days before it, so that
an outbreak's own first days do not hide it; it alarms above ``threshold`` standard deviations. Hutwagner L.,
Thompson W., Seeman G.M., Treadwell T., "The bioterrorism preparedness and response Early Aberration Reporting System
(EARS)", Journal of Urban Health 80(2 Suppl 1):i89-96, 2003: 7 days, 2 days, 3 standard deviations.

"3 standard deviations" is not 1 in 740: seven days tell a standard deviation badly. ``c2_false_alarm_rate`` says what
to expect, per day of one series.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

BASELINE, GUARD, THRESHOLD = 7, 2, 3.0
# A week without a case has no spread, and any case at all would be an alarm; half a case is the least assumed, as in
# CDC's BioSense (Tokars et al., MMWR 2009).
LEAST_SPREAD = 0.5
_DRAWN, _SEED = 200_000, 20_031


@dataclass(frozen=True)
class C2:
    """Arrays of the shape of the counts; the first ``baseline + guard`` days of each series have no answer (NaN, no
    alarm)."""

    expected: np.ndarray
    spread: np.ndarray
    statistic: np.ndarray
    alarm: np.ndarray


def ears_c2(counts: np.ndarray, *, threshold: float = THRESHOLD, baseline: int = BASELINE, guard: int = GUARD,
            least_spread: float = LEAST_SPREAD) -> C2:  # fmt: skip
    """Judge each day of daily ``counts`` (..., days) by the days before it. Raises ValueError naming what is wrong."""
    counts = np.asarray(counts, float)
    if counts.ndim < 1 or not np.isfinite(counts).all() or (counts < 0).any():
        raise ValueError("counts: numbers from 0 on are needed")
    if baseline < 2 or guard < 0 or threshold <= 0 or least_spread <= 0:
        raise ValueError("baseline: at least 2 days; guard: none below 0; threshold and least_spread: above 0")
    expected, spread = np.full_like(counts, np.nan), np.full_like(counts, np.nan)
    first = baseline + guard
    if counts.shape[-1] > first:
        before = np.lib.stride_tricks.sliding_window_view(counts, baseline, axis=-1)[..., : counts.shape[-1] - first, :]
        expected[..., first:] = before.mean(axis=-1)
        spread[..., first:] = np.maximum(before.std(axis=-1, ddof=1), least_spread)
    statistic = (counts - expected) / spread
    return C2(expected, spread, statistic, statistic > threshold)


@lru_cache(maxsize=1024)
def c2_false_alarm_rate(mean: float, *, threshold: float = THRESHOLD, baseline: int = BASELINE, guard: int = GUARD,
                        least_spread: float = LEAST_SPREAD) -> float:  # fmt: skip
    """Return the share of days on which C2 alarms though nothing happens: independent Poisson counts of ``mean`` a day.

    By simulation with a fixed seed (200,000 days: right to 0.0005 or better). Real counts that vary more than Poisson
    alarm more often.
    """
    if not (np.isfinite(mean) and mean >= 0):
        raise ValueError("mean: a number from 0 on is needed")
    drawn = np.random.default_rng(_SEED).poisson(mean, (_DRAWN, baseline + guard + 1))
    judged = ears_c2(drawn, threshold=threshold, baseline=baseline, guard=guard, least_spread=least_spread)
    return float(judged.alarm[:, -1].mean())
