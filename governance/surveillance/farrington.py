"""Farrington-flexible: is this week's count of a series above what its last years make likely?

A quasi-Poisson regression with trend and a ten-level seasonal factor over the past years; weeks of past outbreaks weigh
less; the last 26 weeks are left out so that an outbreak does not become its own baseline. Noufaily A. et al., "An
improved algorithm for outbreak detection in multiple surveillance systems", Statistics in Medicine 32:1206-1222, 2013;
after Farrington C.P. et al., J. R. Stat. Soc. A 159:547-563, 1996.

Where events are found by going there, the regression is of events per visit: the logarithm of the visits is an offset,
weeks without a visit tell nothing, and history begins with the first visit, or anew after twelve weeks without one. The
judged week's season must have been seen in two former years: without it the regression knows no level for that week.

The trend is kept only where it is significant in three years or more, and does not lead beyond all that was seen
(Farrington 1996): it is carried half a year ahead.
"""

from dataclasses import dataclass

import numpy as np
from scipy import stats

YEAR = 52.1775  # weeks
LEFT_OUT, HALF_WINDOW, LEVELS = 26, 3, 10
# Past weeks with a residual above this weigh less: 1 in 200.
OUTLIER = 2.58
# About three years of history; the regression needs at least two whole seasons.
NEEDED, LONGEST = 2 * 52 + LEFT_OUT, 5 * 52 + LEFT_OUT
# So many weeks without a visit end a history [J].
PAUSE = 12
# A trend needs so many weeks, and a p-value below this.
TREND_WEEKS, SIGNIFICANT = 3 * 52, 0.05
# Fewer events than so many in four weeks are no outbreak.
LEAST_OF_FOUR_WEEKS = 5
_ROUNDS, _CLOSE = 50, 1e-9


@dataclass(frozen=True)
class Week:
    """The judged week. ``p_value``: how likely as many or more are in a usual week."""

    observed: int
    expected: float
    dispersion: float
    p_value: float


@dataclass(frozen=True)
class Fit:
    """A weighted log-linear quasi-Poisson regression. ``errors``: standard errors of the coefficients."""

    coefficients: np.ndarray
    errors: np.ndarray
    mean: np.ndarray
    leverage: np.ndarray
    dispersion: float


def farrington(counts: np.ndarray, visits: np.ndarray | None = None) -> Week | None:
    """Judge the last of weekly ``counts``, found at so many ``visits``; None where there are too few weeks (since
    visits began, or of this season), or too few events to judge, or no visit.

    Raises ValueError for what are no counts.
    """
    counts = np.asarray(counts, float)
    if counts.ndim != 1 or not np.isfinite(counts).all() or (counts < 0).any():
        raise ValueError("counts: a row of numbers from 0 on is needed")
    visits = np.ones(len(counts)) if visits is None else np.asarray(visits, float)
    if visits.shape != counts.shape or (visits < 0).any() or (counts[visits == 0] > 0).any():
        raise ValueError("visits: as many as counts, none below 0, and some where something was found")
    began = _began(visits)
    past, walked = counts[began:-1][-LONGEST:], visits[began:-1][-LONGEST:]
    if len(past) < NEEDED or counts[-4:].sum() < LEAST_OF_FOUR_WEEKS or not visits[-1]:
        return None
    back = np.arange(len(past), 0, -1)  # weeks before the judged one
    used = (back > LEFT_OUT) & (walked > 0)
    if used.sum() <= LEVELS + 1 or not _seasons_known(back[used]):
        return None
    level, days = seasons(back[used]), -back[used] / YEAR
    design = np.column_stack([np.ones(used.sum()), days, *[(level == one) for one in range(1, LEVELS)]]).astype(float)
    design = design[:, [True, True, *[design[:, column].any() for column in range(2, design.shape[1])]]]
    trend = np.ptp(back[used]) + 1 >= TREND_WEEKS
    rate, dispersion = _rate(design, past[used], walked[used], trend=trend)
    expected = max(rate * float(visits[-1]), 1e-6)
    return Week(int(counts[-1]), expected, dispersion, _tail(int(counts[-1]), expected, dispersion))


def seasons(back: np.ndarray) -> np.ndarray:
    """Return the seasonal level of weeks that lie so many weeks ``back``: 0 within three weeks of the judged week's
    season, else 1 to 9 through the rest of the year."""
    turn = np.mod(back + HALF_WINDOW + 0.5, YEAR)
    width = 2 * HALF_WINDOW + 1
    rest = np.floor((turn - width) / (YEAR - width) * (LEVELS - 1)).astype(int)
    return np.where(turn < width, 0, np.clip(rest + 1, 1, LEVELS - 1))


def _began(visits: np.ndarray) -> int:
    """Return the week from which visits go on without a pause."""
    weeks = np.flatnonzero(visits)
    after = np.flatnonzero(np.diff(weeks) > PAUSE)
    return int(weeks[after[-1] + 1] if len(after) else weeks[0]) if len(weeks) else 0


def _seasons_known(back: np.ndarray) -> bool:
    """Whether these weeks span two years and have the judged week's season in two of them."""
    own = back[seasons(back) == 0]
    years = np.unique((own + HALF_WINDOW + 0.5) // YEAR)
    return len(years) >= 2 and np.ptp(back) + 1 >= NEEDED - LEFT_OUT


def _rate(design: np.ndarray, counts: np.ndarray, visits: np.ndarray, *, trend: bool) -> tuple[float, float]:
    """Return the rate per visit of the judged week (first row of the design at time 0) and the dispersion. ``trend``:
    whether the weeks are enough for one."""
    if trend:
        fit = outliers_down_weighted(design, counts, visits)
        rate = float(np.exp(fit.coefficients[0]))
        size = abs(fit.coefficients[1]) / max(float(fit.errors[1]), 1e-9)
        significant = 2 * stats.t.sf(size, max(len(counts) - design.shape[1], 1)) < SIGNIFICANT
        if significant and rate <= max((counts / visits).max(), 1 / visits.mean()):
            return rate, fit.dispersion
    fit = outliers_down_weighted(np.delete(design, 1, axis=1), counts, visits)
    return float(np.exp(fit.coefficients[0])), fit.dispersion


def outliers_down_weighted(design: np.ndarray, counts: np.ndarray, visits: np.ndarray | float = 1.0) -> Fit:
    """Fit, weigh weeks far above the fit by the inverse square of their residual, and fit again."""
    fit = quasi_poisson(design, counts, np.ones(len(counts)), visits)
    spread = np.sqrt(fit.dispersion) * fit.mean ** (1 / 6) * np.sqrt(np.maximum(1 - fit.leverage, 1e-6))
    residual = 1.5 * (counts ** (2 / 3) - fit.mean ** (2 / 3)) / spread
    weights = np.where(residual > OUTLIER, 1 / np.maximum(residual, 1) ** 2, 1.0)
    return quasi_poisson(design, counts, weights * len(counts) / weights.sum(), visits)


def quasi_poisson(design: np.ndarray, counts: np.ndarray, weights: np.ndarray,
                  visits: np.ndarray | float = 1.0) -> Fit:  # fmt: skip
    """Fit by iterated weighted least squares, per visit; levels without any event end near zero, not in a failure."""
    mean, offset = counts + 0.5, np.log(visits)
    found = np.zeros(design.shape[1])
    for _round in range(_ROUNDS):
        line = np.log(mean) + (counts - mean) / mean - offset
        root = np.sqrt(weights * mean)
        new = np.linalg.lstsq(design * root[:, None], line * root, rcond=None)[0]
        mean = np.exp(np.clip(design @ new + offset, -12, 20))
        if np.abs(new - found).max() < _CLOSE:
            break
        found = new
    root = np.sqrt(weights * mean)
    basis = np.linalg.qr(design * root[:, None])[0]
    leverage = np.minimum(np.square(basis).sum(axis=1), 1.0)
    freedom = max(len(counts) - design.shape[1], 1)
    dispersion = max(1.0, float((weights * (counts - mean) ** 2 / mean).sum() / freedom))
    errors = np.sqrt(dispersion * np.square(np.linalg.pinv(design * root[:, None])).sum(axis=1))
    return Fit(new, errors, mean, leverage, dispersion)


def _tail(observed: int, expected: float, dispersion: float) -> float:
    """Return how likely ``observed`` or more are: negative binomial of this mean and dispersion, Poisson at 1."""
    if dispersion <= 1 + 1e-6:
        return float(stats.poisson.sf(observed - 1, expected))
    return float(stats.nbinom.sf(observed - 1, expected / (dispersion - 1), 1 / dispersion))
