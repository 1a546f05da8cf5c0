"""Two counts compared exactly, and how many such comparisons may be believed."""

import numpy as np
from scipy.special import bdtr, bdtrc


def rate_change(now, before, *, days_now: int, days_before: int) -> tuple[np.ndarray, np.ndarray]:
    """Compare counts of two spans of days: returns (ratio of the daily rates, two-sided p-value), arrays of one shape.

    The ratio is NaN where nothing was counted before. Given the sum, the newer count is binomial under equal rates
    (Przyborowski and Wilenski, Biometrika 31, 1940); p is twice the smaller tail, which never understates it.
    Raises ValueError naming what cannot be used.
    """
    now, before = np.asarray(now), np.asarray(before)
    if now.shape != before.shape or (now < 0).any() or (before < 0).any():
        raise ValueError("now, before: counts from 0 on, of one shape")
    if days_now < 1 or days_before < 1:
        raise ValueError("days_now, days_before: at least one day")
    both, share = now + before, days_now / (days_now + days_before)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(before > 0, (now / days_now) / (before / days_before), np.nan)
    at_most = bdtr(now, both, share)
    at_least = np.where(now > 0, bdtrc(now - 1.0, both, share), 1.0)
    return ratio, np.where(both > 0, np.minimum(1.0, 2 * np.minimum(at_most, at_least)), 1.0)


def false_discovery(p_values) -> np.ndarray:
    """Return the false-discovery rate at which each p-value would be believed: among those at most 0.05, about one in
    twenty is chance (Benjamini Y., Hochberg Y., J. R. Stat. Soc. B 57:289-300, 1995)."""
    p_values = np.asarray(p_values, float)
    if not len(p_values):
        return p_values
    order = np.argsort(p_values)
    scaled = p_values[order] * len(p_values) / np.arange(1, len(p_values) + 1)
    rates = np.empty_like(p_values)
    rates[order] = np.minimum(1.0, np.minimum.accumulate(scaled[::-1])[::-1])
    return rates
