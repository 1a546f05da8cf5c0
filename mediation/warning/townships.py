"""The tests by township: what each judges, of how many days, and once in how many days chance alone gives as much."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from governance.surveillance import farrington as weekly
from governance.surveillance import short_history as short
from mediation.models import WarningMethod

# Less is beyond what an estimated mean can say; a warning at the smallest share of the rate is orange in a hundred
# townships still.
LEAST_CHANCE = 1e-6
WEEK = 7


@dataclass(frozen=True)
class Judged:
    """A township's last days in one stream: what was observed and expected, and once in how many days chance alone
    gives as much there."""

    observed: int
    expected: float
    every: float


@dataclass(frozen=True)
class Test:
    """A test by township: it judges the last ``span`` days of daily counts of ``least`` days or more (and of as many
    days' visits, where events are found by going there)."""

    method: WarningMethod
    span: int
    least: int
    judge: Callable[[np.ndarray, np.ndarray | None], Judged | None]


def _of_four_weeks(counts: np.ndarray, visits: np.ndarray | None) -> Judged | None:
    """Judge the last day of a township by modified C2, by rounds where there are rounds."""
    if visits is None:
        judged = short.c2_modified(counts)
        expected = float(judged.expected[-1])
        return Judged(int(counts[-1]), expected, _every(short.c2_chance(float(judged.statistic[-1]), expected)))
    judged = short.c2_by_visits(counts, visits)
    return judged and Judged(int(counts[-1]), judged.expected, _every(judged.chance))


def _of_years(counts: np.ndarray, visits: np.ndarray | None) -> Judged | None:
    """Judge the last week of a township by Farrington's method, by rounds where there are rounds."""
    by_week = counts.reshape(-1, WEEK).sum(axis=1)
    week = weekly.farrington(by_week, None if visits is None else visits.reshape(-1, WEEK).sum(axis=1))
    return week and Judged(week.observed, week.expected, WEEK * _every(week.p_value))


def _every(chance: float) -> float:
    return 1 / max(chance, LEAST_CHANCE)


FOUR_WEEKS = Test(WarningMethod.SHORT, 1, short.NEEDED, _of_four_weeks)
YEARS = Test(WarningMethod.WEEKLY, WEEK, (weekly.NEEDED + 1) * WEEK, _of_years)
