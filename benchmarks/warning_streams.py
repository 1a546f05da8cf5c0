"""One type of dispute in several streams: what each origin gives by itself and all reports together, for ``make
bench-warning`` (``PARTS=streams``).

Counties are those of ``warning_worlds``; their events are dealt to the channels by ``SPLIT``, and patrols find as many
as the rarest channel beside them. The false-alarm rate is that of all streams of a type together: each is held against
its share (``mediation.warning.watching.shares``). Power is beside the reports alone at the same rate, for outbreaks
that all channels hear of and for those that one alone does.
"""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from benchmarks.warning_worlds import BLOCK, DRAWN_A_YEAR, LONGEST, Outbreak, World
from governance.surveillance.usual import NEEDED

# What comes by which way [J]: most by the hotline. "told": hazards somebody reported, counted with all reports only.
SPLIT = {"hotline": 0.6, "petition": 0.15, "opinion": 0.15, "told": 0.1}
ALONE = ("hotline", "petition", "opinion")
# As ``shares`` gives them to reports, three channels and patrols; the product's rule is tested to be this.
SHARES = {"reports": 0.5, "hotline": 0.125, "petition": 0.125, "opinion": 0.125, "patrols": 0.125}
# A share is asked of a rarer score, so of so many times as many worlds: else two and a half nights of them would lie
# above the threshold of 2,920 days, and rounding that down alone would take a fifth of its false alarms.
TIMES_DRAWN = 2


@dataclass(frozen=True)
class County:
    """One county: the counts (villages, days) of each stream as a world of its own."""

    whole: World
    parts: dict[str, np.ndarray]

    @classmethod
    def drawn(cls, base: float, days: int, seed: int) -> "County":
        """Draw a county with ``base`` reports a day; finds of patrols come on top."""
        whole = World.drawn(base, days, seed)
        random = np.random.default_rng([seed, 2])
        dealt = random.multinomial(whole.counts, list(SPLIT.values()))
        parts = {name: dealt[..., number].astype(np.int32) for number, name in enumerate(SPLIT)}
        found = World.drawn(base * SPLIT["petition"], days, seed + 500_000).counts
        return cls(whole, parts | {"patrols": found})

    @cached_property
    def worlds(self) -> dict[str, World]:
        """The streams that are scanned."""
        counts = {name: self.parts[name] for name in (*ALONE, "patrols")}
        seeds = {name: self.whole.seed + 1000 * number for number, name in enumerate(counts, start=1)}
        return {"reports": self.whole} | {
            name: replace(self.whole, counts=rows, seed=seeds[name], drawn_a_year=TIMES_DRAWN * DRAWN_A_YEAR)
            for name, rows in counts.items()
        }

    def above(self, every: int) -> dict[str, int]:
        """Return in how many nights any stream (``any``), the reports alone at the whole rate (``alone``), and each
        stream at its share (by its name) warn."""
        warned = {name: self._warned(name, every / SHARES[name]) for name in self.worlds}
        together = {"any": np.any(list(warned.values()), axis=0), "alone": self._warned("reports", every)}
        return {name: int(nights.sum()) for name, nights in (together | warned).items()}

    @cached_property
    def _maxima(self) -> dict[str, np.ndarray]:
        return {name: world.maxima().reshape(world.years, BLOCK) for name, world in self.worlds.items()}

    def _warned(self, name: str, every: float) -> np.ndarray:
        years = zip(self._maxima[name], self.worlds[name].nulls, strict=True)
        return np.concatenate([maxima >= null.threshold(every) for maxima, null in years])

    def tried(self, outbreak: Outbreak, channel: str | None, start: int, every: int,
              random: np.random.Generator) -> dict[str, int | None]:  # fmt: skip
        """Put an outbreak into all channels, or into one; return the day of the first warning by any stream and by the
        reports alone."""
        extra, struck = outbreak.placed(self.whole, start, random)
        places = set(struck.tolist())
        shares = list(SPLIT.values()) if channel is None else [float(name == channel) for name in SPLIT]
        dealt = random.multinomial(extra, shares)
        more = {name: dealt[..., number] for number, name in enumerate(SPLIT)} | {"reports": extra}
        found: dict[str, int | None] = {"any": None, "alone": None}
        for day in range(LONGEST):
            for name, world in self.worlds.items():
                counts = world.counts[:, start + day + 1 - NEEDED : start + day + 1].copy()
                if name in more:
                    counts[:, -(day + 1) :] += more[name][:, : day + 1]
                for method, rate in (("any", every / SHARES[name]), ("alone", every if name == "reports" else None)):
                    if rate is None or found[method] is not None:
                        continue
                    if any(places & set(one.places) for one in world.warnings(start + day, rate, counts)):
                        found[method] = day + 1
            if None not in found.values():
                break
        return found


def tries_each(tries: int, worlds: int) -> int:
    """Return how many outbreaks are tried in each county: together so many at least, and one everywhere."""
    return max(1, -(-tries // worlds))


def measured(job: tuple[float, int, int, int, int, int], ways: tuple[str | None, ...],
             intervals: tuple[int, ...]) -> tuple[dict[int, dict[str, int]], dict[str | None, list[dict]]]:  # fmt: skip
    """Return of one county the nights that warn, by interval, and what outbreaks heard of in these ways came to.

    ``job``: events a day, number of the county, years, seed, cases of an outbreak, tries of each way.
    """
    base, number, years, seed, cases, tries = job
    county = County.drawn(base, years * BLOCK, seed + number + int(base * 100))
    outbreak, found = Outbreak("compact", base, cases), {}
    for way in ways:
        random = np.random.default_rng([seed, number, cases, *(way or "").encode()])
        starts = random.integers(NEEDED + 60, county.whole.counts.shape[1] - 20, tries)
        found[way] = [county.tried(outbreak, way, int(start), min(intervals), random) for start in starts]
    return {every: county.above(every) for every in intervals}, found
