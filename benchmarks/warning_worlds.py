"""Simulated counties for ``benchmarks.warning``: where nothing happens, and outbreaks put into them."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from governance.surveillance.ears import ears_c2
from governance.surveillance.expectation import Excess, Neighbours, excesses, highest, nearest, night_of
from governance.surveillance.null import FLOOR, Null, simulated
from governance.surveillance.repeats import counted_once
from governance.surveillance.short_history import BASELINE, GUARD, LEAST_SPREAD
from governance.surveillance.usual import LONGEST, NEEDED

SIDE, TOWN = 12, (4, 3)  # villages a side; villages of a township
VILLAGES = SIDE * SIDE
COUNTY = 150  # villages of the county whose nights are timed
WEEK = np.array([1.15, 1.1, 1.05, 1.0, 1.0, 0.9, 0.8])
UNEVEN = 0.5  # sigma of the villages' rates (lognormal)
# Nights of a year, and worlds drawn for its thresholds: 73 are above that of 100 days, twenty above that of 365.
BLOCK, DRAWN_A_YEAR = 364, 7_300
# An event of day d is known in the night of d + 0, 1, 2 ... with these chances (mean 2 days).
LATE = 1 / 3


@dataclass(frozen=True)
class World:
    """One county and one type of dispute: daily counts (villages, days), from a Monday on, and what made them."""

    near: Neighbours
    counts: np.ndarray
    township: np.ndarray
    base: float
    seed: int
    drawn_a_year: int = DRAWN_A_YEAR

    @classmethod
    def drawn(cls, base: float, days: int, seed: int, season: float = 0.0, spread: float = 0.0) -> "World":
        """Draw ``days`` usual days after the first year, ``base`` events a day. ``season``: half the swing of a year;
        ``spread``: how much days vary beyond chance (variance of a factor that all villages share each day)."""
        random = np.random.default_rng(seed)
        row, column = np.divmod(np.arange(VILLAGES), SIDE)
        near = nearest(row + random.uniform(-0.3, 0.3, VILLAGES), column + random.uniform(-0.3, 0.3, VILLAGES))
        rates = random.lognormal(0, UNEVEN, VILLAGES)
        day = np.arange(NEEDED + days)
        course = WEEK[day % 7] * (1 + season * np.sin(2 * np.pi * day / 365.25))
        if spread:
            course = course * random.gamma(1 / spread, spread, len(day))
        counts = random.poisson(np.outer(rates / rates.sum() * base, course)).astype(np.int32)
        return cls(near, counts, row // TOWN[0] * (SIDE // TOWN[1]) + column // TOWN[1], base, seed)

    @property
    def years(self) -> int:
        """How many whole years of nights there are that have a year before them."""
        return (self.counts.shape[1] - NEEDED) // BLOCK

    @cached_property
    def nulls(self) -> list[Null]:
        """The thresholds of each year, from what was known in its first night: as the product draws them anew."""
        firsts = [self.night(NEEDED + number * BLOCK) for number in range(self.years)]
        return [simulated(night.usual, self.near, seed=[self.seed, 1, number], drawn=self.drawn_a_year)
                for number, night in enumerate(firsts)]  # fmt: skip

    def null_of(self, day: int) -> Null:
        """Return the thresholds that hold on a day."""
        return self.nulls[min(max(day - NEEDED, 0) // BLOCK, self.years - 1)]

    def night(self, day: int, counts: np.ndarray | None = None):
        """Return the night after ``day``; of other counts than the world's where given, which end there."""
        counts = self.counts[:, day + 1 - NEEDED : day + 1] if counts is None else counts
        return night_of(counts, day % 7)

    def maxima(self) -> np.ndarray:
        """Return the highest score of every night."""
        found = []
        for at in range(NEEDED, self.counts.shape[1], 64):
            nights = [self.night(day) for day in range(at, min(at + 64, self.counts.shape[1]))]
            stacks = [np.stack([getattr(night, name) for night in nights], axis=1) for name in ("counts", "expected")]
            found.append(highest(*stacks, self.near, floor=FLOOR))
        return np.concatenate(found)

    def warnings(self, day: int, recurrence: float, counts: np.ndarray | None = None) -> list[Excess]:
        """Return what that night's scan warns of."""
        night = self.night(day, counts)
        found = excesses(night.counts, night.expected, self.near)
        return [excess for excess in found if self.null_of(day).recurrence(excess.score) >= recurrence]

    def towns(self, counts: np.ndarray) -> np.ndarray:
        """Sum up villages to townships."""
        return np.stack([counts[self.township == town].sum(axis=0) for town in range(self.township.max() + 1)])

    def c2(self, counts: np.ndarray) -> dict[str, np.ndarray]:
        """Return the statistic of modified C2 of each township and of each village, by day."""
        return {name: ears_c2(rows, baseline=BASELINE, guard=GUARD, least_spread=LEAST_SPREAD).statistic
                for name, rows in (("township", self.towns(counts)), ("village", counts))}  # fmt: skip

    @cached_property
    def c2_maxima(self) -> dict[str, np.ndarray]:
        """Return the highest C2 statistic of every night: its quantiles are thresholds of the same false-alarm rate."""
        before, found = BASELINE + GUARD, {"township": [], "village": []}
        for at in range(NEEDED, self.counts.shape[1], 1000):  # all days at once would take a gigabyte
            for name, rows in self.c2(self.counts[:, at - before : at + 1000]).items():
                found[name].append(rows[:, before:].max(axis=0))
        return {name: np.concatenate(parts) for name, parts in found.items()}


@dataclass(frozen=True)
class Outbreak:
    """So many ``cases`` more within 14 days. ``shape``: compact (2 to 6 neighbours), spread (as many villages anywhere)
    or spike (one village, one day). ``late``: events become known with delay. ``caller``: all by one person."""

    name: str
    base: float
    cases: int
    shape: str = "compact"
    late: bool = False
    caller: bool = False

    def placed(self, world: World, start: int, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Return the extra counts (villages, 14 days from ``start``) and which villages are struck."""
        size = 1 if self.shape == "spike" or self.caller else int(random.integers(2, 7))
        centre = int(random.integers(VILLAGES))
        anywhere = random.choice(VILLAGES, size, replace=False)
        struck = anywhere if self.shape == "spread" else world.near.order[centre, :size]
        ramp = np.arange(1, LONGEST + 1) / (LONGEST * (LONGEST + 1) / 2)
        days = np.zeros(self.cases, int) if self.shape == "spike" else random.choice(LONGEST, self.cases, p=ramp)
        places = random.choice(struck, self.cases)
        if self.caller:
            kept = counted_once([(("one caller", place), start + day) for place, day in zip(places, days, strict=True)])
            places, days = places[kept], days[kept]
        extra = np.zeros((VILLAGES, LONGEST), np.int32)
        np.add.at(extra, (places, days), 1)
        return extra, struck

    def tried(self, world: World, start: int, recurrence: float, random: np.random.Generator) -> dict[str, int | None]:
        """Put one outbreak into the world; return by method the day (from 1) of the first warning that names a struck
        place within 14 days, None where there was none."""
        extra, struck = self.placed(world, start, random)
        counts = world.counts[:, start + LONGEST - NEEDED - 40 : start + LONGEST].copy()
        counts[:, -LONGEST:] += extra
        known = _delays(counts, random) if self.late else None
        found: dict[str, int | None] = {"scan": None, "c2 township": None, "c2 village": None}
        limits = {name: np.quantile(rows, 1 - 1 / recurrence) for name, rows in world.c2_maxima.items()}
        of_struck = {"township": np.unique(world.township[struck]), "village": struck}
        for day in range(LONGEST):
            seen = counts[:, : counts.shape[1] - LONGEST + day + 1] if known is None else known(day)
            if found["scan"] is None:
                warnings = world.warnings(start + day, recurrence, seen[:, -NEEDED:])
                if any(set(struck.tolist()) & set(excess.places) for excess in warnings):
                    found["scan"] = day + 1
            recent = seen[:, -(BASELINE + GUARD + 1) :]
            for name, rows in world.c2(recent).items():
                if found[f"c2 {name}"] is None and (rows[of_struck[name], -1] > limits[name]).any():
                    found[f"c2 {name}"] = day + 1
        return found


def _delays(counts: np.ndarray, random: np.random.Generator):
    """Give every event of the last weeks a day it becomes known; return what is known on each day of the outbreak."""
    span = 60
    recent = counts[:, -span:]
    places, days = (np.repeat(axis, recent.ravel()) for axis in np.indices(recent.shape).reshape(2, -1))
    known = days + random.geometric(LATE, len(days)) - 1

    def seen(day: int) -> np.ndarray:
        last = span - LONGEST + day
        rows = counts[:, : counts.shape[1] - LONGEST + day + 1].copy()
        part = np.zeros((VILLAGES, last + 1), np.int32)
        kept = known <= last
        np.add.at(part, (places[kept], days[kept]), 1)
        rows[:, -(last + 1) :] = part
        return rows

    return seen


def stream(seed: int, number: int, days: int, types: int = 18) -> tuple[np.ndarray, Neighbours]:
    """Return counts of one of the types in 150 villages, from once a fortnight to ten a day, and the villages."""
    random = np.random.default_rng([seed, number])
    near = nearest(random.random(COUNTY), random.random(COUNTY))
    base = np.geomspace(0.07, 10, types)[number]
    rates = random.lognormal(0, 0.5, COUNTY)
    return random.poisson((rates / rates.sum() * base)[:, None], (COUNTY, days)), near
