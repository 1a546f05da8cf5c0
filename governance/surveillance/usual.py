"""What is usual at each place on each day: the expectation that counts are held against.

Expected events of a place on a day = its rate over 364 days × the weekday's factor × the level of the last eight weeks
of them. The 364 days end ``GAP`` days before the longest window, so that an outbreak's own days do not raise what is
expected of them (domain/mediation.md, "Early warning"). Whole weeks: weekdays cancel out of rates and levels.

Where events are found by going there (patrols), rates are events per visit: ``exposure`` is the visits of each place
and day; without it each day of each place counts as one.

Few events tell rates badly, so each estimate leans on what holds for all: a place's rate on the mean of all places, the
more the less places differ beyond chance (gamma prior, its shape by the method of moments: Clayton D., Kaldor J.,
Biometrics 43:671-681, 1987); weekdays and level a little on 1 (``STEADY_*`` [J]).
"""

from dataclasses import dataclass

import numpy as np

YEAR, RECENT, GAP, LONGEST = 364, 56, 7, 14
NEEDED = YEAR + GAP + LONGEST
# Weekdays and level lean on 1 like so many events; a place's rate on the mean of all like so many years at least and
# at most.
STEADY_WEEKDAY, STEADY_LEVEL = 10.0, 10.0
LEAST_YEARS, MOST_YEARS = 28 / 364, 5.0
# Of a kind that never occurred, so many events a year are assumed.
LEAST_EVENTS = 0.5


@dataclass(frozen=True)
class Usual:
    """``rates`` (places, ...) events per visit or day, ``weekdays`` (7, ...) factors from Monday, ``level`` (...).

    ``weight`` (places, ...): on how many visits or days each rate rests, those of the mean it leans on included; what
    the rate truly is follows a gamma distribution of shape ``rates * weight`` and rate ``weight``.
    """

    rates: np.ndarray
    weekdays: np.ndarray
    level: np.ndarray
    weight: np.ndarray

    def expected(self, weekdays: np.ndarray, exposure: np.ndarray | None = None) -> np.ndarray:
        """Return the expected counts (places, ..., days) of days that are these ``weekdays``, 0 = Monday."""
        found = self.rates[..., None] * np.moveaxis(self.weekdays[weekdays], 0, -1) * self.level[..., None]
        return found if exposure is None else found * exposure


@dataclass(frozen=True)
class Sums:
    """All that an expectation is worked out from; the figures of events may have a further axis (worlds)."""

    of_place: np.ndarray
    of_weekday: np.ndarray
    recent: np.ndarray
    exposure: np.ndarray
    exposure_of_weekday: np.ndarray
    exposure_recent: np.ndarray

    def usual(self) -> Usual:
        """Estimate what is usual."""
        shape = (-1,) + (1,) * (self.of_place.ndim - 1)
        exposure, recent = self.exposure.reshape(shape), self.exposure_recent.reshape(shape)
        overall = (self.of_place.sum(axis=0) + LEAST_EVENTS) / exposure.sum()
        steady = exposure.mean() * self._years()
        weight = exposure + steady
        rates = (self.of_place + steady * overall) / weight
        of_weekday = overall * self.exposure_of_weekday.reshape(shape) + STEADY_WEEKDAY
        weekdays = (self.of_weekday + STEADY_WEEKDAY) / of_weekday
        level = (self.recent + STEADY_LEVEL) / ((rates * recent).sum(axis=0) + STEADY_LEVEL)
        return Usual(rates, weekdays, np.asarray(level), np.broadcast_to(weight, rates.shape))

    def _years(self) -> np.ndarray:
        """Return how many years of the mean each place's rate leans on: 1 / (mean × variance of the true ratios)."""
        shape = (-1,) + (1,) * (self.of_place.ndim - 1)
        usual = self.exposure.reshape(shape) * (self.of_place.sum(axis=0) + LEAST_EVENTS) / self.exposure.sum()
        beyond = ((self.of_place - usual) ** 2 - usual).sum(axis=0)
        with np.errstate(divide="ignore"):
            years = (usual**2).sum(axis=0) / np.maximum(beyond, 0) / usual.mean(axis=0)
        return np.clip(years, LEAST_YEARS, MOST_YEARS)


def sums_of(counts: np.ndarray, exposure: np.ndarray | None, *, first_weekday: int) -> Sums:
    """Sum up ``YEAR`` days of counts (places, days) that begin on a weekday. Raises ValueError naming what is wrong."""
    counts = np.asarray(counts)
    if counts.ndim != 2 or counts.shape[1] != YEAR or (exposure is not None and np.shape(exposure) != counts.shape):
        raise ValueError(f"counts, exposure: places by {YEAR} days")
    if (counts < 0).any() or (exposure is not None and ((exposure < 0).any() or not exposure.sum() > 0)):
        raise ValueError("counts, exposure: none below 0, and some exposure")
    places = len(counts)
    return Sums(
        of_place=counts.sum(axis=1), of_weekday=_by_weekday(counts, first_weekday), recent=counts[:, -RECENT:].sum(),
        exposure=np.full(places, float(YEAR)) if exposure is None else exposure.sum(axis=1, dtype=float),
        exposure_of_weekday=(
            np.full(7, places * YEAR / 7) if exposure is None else _by_weekday(exposure, first_weekday)
        ),
        exposure_recent=(
            np.full(places, float(RECENT)) if exposure is None else exposure[:, -RECENT:].sum(axis=1, dtype=float)
        ),
    )  # fmt: skip


def _by_weekday(rows: np.ndarray, first_weekday: int) -> np.ndarray:
    return np.roll(rows.sum(axis=0, dtype=float).reshape(-1, 7).sum(axis=0), first_weekday)


def usual_of(counts: np.ndarray, exposure: np.ndarray | None = None, *, first_weekday: int) -> Usual:
    """Return what is usual after ``YEAR`` days of counts (places, days) of which the first is this weekday."""
    return sums_of(counts, exposure, first_weekday=first_weekday).usual()
