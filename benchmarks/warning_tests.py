"""How often the tests by township of early warning give false alarms, for ``make bench-warning`` (``PARTS=null``): the
modified C2 and Farrington's method on series in which nothing happens, at the chances that shares and townships ask.
"""

import numpy as np

from benchmarks.warning_worlds import LATE
from governance.surveillance.farrington import farrington
from governance.surveillance.short_history import BASELINE, GUARD, LEAST_SPREAD, c2_chance
from governance.surveillance.usual import LONGEST

TOWNSHIPS, SHARES, EVERY, WEEK = 10, (1, 0.5, 0.125), 100, 7
MEANS, WEEKLY_MEANS, WEEKS, LEAST = (0.1, 0.2, 0.5, 1.0, 3.0), (1.0, 6.0, 20.0), 200, 3
LATE_MEANS = (0.5, 1.0, 3.0)


def rates(days: int, series: int) -> list[dict]:
    """Return measured against stated chances, of so many township-days by C2 and series of weeks by Farrington."""
    rows = []
    for mean in MEANS:
        chances = _of_days(mean, days)
        for share in SHARES:
            rows.append(_row("c2", mean, share / EVERY / TOWNSHIPS, chances))
    for mean in LATE_MEANS:
        chances = _received_late(mean, days)
        for share in SHARES:
            rows.append(_row("c2 of days received late", mean, share / EVERY / TOWNSHIPS, chances))
    for mean in WEEKLY_MEANS:
        random = np.random.default_rng([20, int(mean)])
        weeks = [farrington(random.poisson(mean, WEEKS)) for _series in range(series)]
        chances = np.array([1.0 if week is None or week.observed < LEAST else week.p_value for week in weeks])
        for share in SHARES:
            rows.append(_row("weekly", mean, WEEK * share / EVERY / TOWNSHIPS, chances))
    return rows


def _of_days(mean: float, days: int) -> np.ndarray:
    """Return the chance of each day of a long series that has enough events and more than usual, 1 of others."""
    counts = np.random.default_rng([19, int(mean * 10)]).poisson(mean, days + BASELINE + GUARD)
    before = np.lib.stride_tricks.sliding_window_view(counts[: -GUARD - 1], BASELINE)[:days]
    last, usual = counts[BASELINE + GUARD :][: len(before)], before.mean(axis=1)
    statistic = (last - usual) / np.maximum(before.std(axis=1, ddof=1), LEAST_SPREAD)
    found = np.ones(len(before))
    # A statistic below this is no alarm at any share.
    for at in np.flatnonzero((last >= LEAST) & (statistic > 2)):
        found[at] = c2_chance(float(statistic[at]), float(usual[at]))
    return found


def _received_late(mean: float, days: int) -> np.ndarray:
    """Return the least chance that any night's judgement gives each day, where events are received days later and a day
    is judged whenever some of it was, as the product does (``mediation.warning.watching``)."""
    random, first = np.random.default_rng([21, int(mean * 10)]), BASELINE + GUARD
    known = np.zeros((LONGEST + first + 1, days + first), np.int32)
    lags = random.geometric(LATE, (of_day := random.poisson(mean, days + first)).sum()) - 1
    np.add.at(known, (np.minimum(lags, len(known) - 1), np.repeat(np.arange(len(of_day)), of_day)), 1)
    known, found, at = known.cumsum(axis=0), np.ones(days), np.arange(first, days + first)
    for night in range(LONGEST):
        before = np.stack([known[night + back, at - back] for back in range(GUARD + 1, first + 1)], axis=1)
        last, usual = known[night, at], before.mean(axis=1)
        statistic = (last - usual) / np.maximum(before.std(axis=1, ddof=1), LEAST_SPREAD)
        came = last > known[night - 1, at] if night else last > 0
        for day in np.flatnonzero(came & (last >= LEAST) & (statistic > 2)):
            found[day] = min(found[day], c2_chance(float(statistic[day]), float(usual[day])))
    return found


def _row(method: str, mean: float, stated: float, chances: np.ndarray) -> dict:
    above, wanted = int((chances <= stated).sum()), len(chances) * stated
    print(f"{method}, {mean:g} usual, stated {stated:.2e}: ratio {above / wanted:.2f} ({above})", flush=True)
    return {"method": method, "mean": mean, "stated": stated, "judged": len(chances), "above": above,
            "ratio": round(above / wanted, 2)}  # fmt: skip
