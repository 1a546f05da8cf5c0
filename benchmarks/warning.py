"""``make bench-warning``: early warning of disputes, measured on simulated counties of 144 villages.

Null: nights in which nothing happens, at a low, a middle and a high base; the share above the threshold against what is
stated (1 in 100, 1 in 365), within 25 %. The interval is twice the standard error from the counts of whole years,
because windows of neighbouring nights overlap and a misjudged expectation lasts as long as its year. Power: outbreaks
of a few more events within 14 days, found in that time and after how many days, beside modified C2 on townships and on
villages at the same false-alarm rate. Cost: one night of 150 villages × 18 types, a backtest of five years, the
thresholds of one stream. No database.

Environment: OUT=file.json writes the figures, NIGHTS=182400 null nights at each base, TRIES=320 outbreaks of each kind,
PROCESSES=2. Exit code 1 when a rate is off by more than 25 % or a time aim is missed.
"""

import json
import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from functools import lru_cache, partial
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

from benchmarks.warning_worlds import Outbreak, World
from governance.surveillance.expectation import excesses, nearest, night_of
from governance.surveillance.null import Null, simulated
from governance.surveillance.usual import NEEDED

NIGHTS, TRIES = int(os.environ.get("NIGHTS", 182_400)), int(os.environ.get("TRIES", 320))
PROCESSES = int(os.environ.get("PROCESSES", 2))
WORLDS, BLOCK, SEED = 8, 364, 4500
BASES, INTERVALS, OFF = (1.0, 6.0, 20.0), (100, 365), 0.25
# What the thresholds know nothing of: a yearly swing of a fifth up and down, days that vary beyond chance.
BEYOND = ((6.0, 0.2, 0.0), (20.0, 0.2, 0.0), (6.0, 0.0, 0.02))
TYPES, VILLAGES, YEARS = 18, 150, 5
NIGHT_SECONDS, BACKTEST_SECONDS = 5.0, 120.0
OUTBREAKS = [
    Outbreak("compact", 6, 10), Outbreak("compact", 20, 16), Outbreak("compact", 6, 6), Outbreak("compact", 20, 6),
    Outbreak("spread", 6, 10, shape="spread"), Outbreak("spread", 20, 16, shape="spread"),
    Outbreak("one-day spike", 6, 5, shape="spike"), Outbreak("one-day spike", 20, 5, shape="spike"),
    Outbreak("compact, known late", 6, 10, late=True), Outbreak("compact, known late", 20, 16, late=True),
    Outbreak("one caller 50 times", 6, 50, caller=True), Outbreak("one caller 50 times", 20, 50, caller=True),
]  # fmt: skip


@lru_cache(maxsize=9)
def world_of(base: float, number: int, season: float = 0.0, spread: float = 0.0) -> World:
    """Return one of the counties; each process draws it once."""
    return World.drawn(base, NIGHTS // WORLDS, SEED + number + int(base * 100), season, spread)


def null_of(job: tuple[float, int, float, float]) -> tuple[Null, dict[int, list[int]]]:
    """Return a county's null, and for each interval the nights above the threshold, by year."""
    world = world_of(*job)
    maxima = world.maxima()
    blocks = maxima[: len(maxima) // BLOCK * BLOCK].reshape(-1, BLOCK)
    return world.null, {every: (blocks >= world.null.threshold(every)).sum(axis=1).tolist() for every in INTERVALS}


def power_of(job: tuple[int, int, int, Null]) -> list[dict]:
    """Try a kind of outbreak in one county; return what each method found."""
    kind, number, recurrence, null = job
    outbreak = OUTBREAKS[kind]
    world = world_of(outbreak.base, number)
    world.__dict__["null"] = null  # what was drawn when false alarms were counted
    random = np.random.default_rng([SEED, kind, number])
    starts = random.integers(NEEDED + 60, world.counts.shape[1] - 20, TRIES // WORLDS)
    return [outbreak.tried(world, int(start), recurrence, random) for start in starts]


def stream(number: int, days: int) -> tuple[np.ndarray, object]:
    """Return counts of one of 18 types in 150 villages, from once a fortnight to ten a day, and the villages."""
    random = np.random.default_rng([SEED, number])
    near = nearest(random.random(VILLAGES), random.random(VILLAGES))
    base = np.geomspace(0.07, 10, TYPES)[number]
    rates = random.lognormal(0, 0.5, VILLAGES)
    return random.poisson((rates / rates.sum() * base)[:, None], (VILLAGES, days)), near


def scanned(number: int, days: int) -> int:
    """Scan the last ``days`` nights of a stream, all of each; return how many excesses there were."""
    counts, near = stream(number, NEEDED + days)
    found = 0
    for last in range(NEEDED, NEEDED + days):
        night = night_of(counts[:, last + 1 - NEEDED : last + 1], last % 7)
        found += len(excesses(night.counts, night.expected, near))
    return found


def nulls(pool) -> tuple[list[dict], dict]:
    """Measure false alarms; also in worlds the thresholds know nothing of. Return the nulls of
    the other counties, too, by base and number."""
    rows, drawn = [], {}
    for base, season, spread in [*((base, 0.0, 0.0) for base in BASES), *BEYOND]:
        beyond = season or spread
        jobs = [(base, number, season, spread) for number in range(WORLDS // 4 if beyond else WORLDS)]
        found = list(pool.map(null_of, jobs))
        if not beyond:
            drawn |= {(base, number): null for number, (null, _blocks) in enumerate(found)}
        for every in INTERVALS:
            counts = np.concatenate([blocks[every] for _null, blocks in found])
            nights = len(counts) * BLOCK
            wanted, above = nights / every, int(counts.sum())
            error = 2 * float(counts.std(ddof=1)) * len(counts) ** 0.5
            rows.append({
                "base": base, "season": season, "days_vary_beyond_chance": spread, "interval": every,
                "nights": nights, "above": above, "wanted": round(wanted, 1), "ratio": round(above / wanted, 3),
                "interval_95": [round((above - error) / wanted, 2), round((above + error) / wanted, 2)],
                "measured_interval": round(nights / max(above, 1), 1),
            })  # fmt: skip
            told = f"1 in {every} → 1 in {rows[-1]['measured_interval']} ({above} of {nights:,}; "
            told += f"ratio {rows[-1]['ratio']}, {rows[-1]['interval_95']})"
            print(f"null {base:g}/day, season {season:g}, spread {spread:g}: {told}", flush=True)
    return rows, drawn


def powers(pool, drawn: dict, recurrence: int = 100) -> list[dict]:
    """Measure power and median delay of each kind of outbreak beside C2."""
    rows = []
    for kind, outbreak in enumerate(OUTBREAKS):
        jobs = [(kind, number, recurrence, drawn[outbreak.base, number]) for number in range(WORLDS)]
        tries = [one for part in pool.map(power_of, jobs) for one in part]
        row = {"outbreak": outbreak.name, "base": outbreak.base, "cases": outbreak.cases, "interval": recurrence,
               "tries": len(tries)}  # fmt: skip
        for method in tries[0]:
            days = [one[method] for one in tries if one[method] is not None]
            row[method] = {"power": round(len(days) / len(tries), 3), "median_day": float(np.median(days or [0]))}
        rows.append(row)
        told = ", ".join(f"{method} {row[method]['power']:.2f} (day {row[method]['median_day']:g})"
                         for method in tries[0])  # fmt: skip
        print(f"{outbreak.name}, {outbreak.base:g}/day + {outbreak.cases}: {told}", flush=True)
    return rows


def costs(pool) -> dict:
    """Time one night, five years, and the thresholds of one stream."""
    streams = [stream(number, NEEDED) for number in range(TYPES)]
    start = time.perf_counter()
    for counts, near in streams:
        night = night_of(counts, 3)
        excesses(night.counts, night.expected, near)
    night_seconds = time.perf_counter() - start
    start = time.perf_counter()
    list(pool.map(partial(scanned, days=YEARS * 365), range(TYPES)))
    backtest = time.perf_counter() - start
    start = time.perf_counter()
    simulated(night.usual, near, seed=1)
    found = {"night_seconds": round(night_seconds, 3), "backtest_seconds": round(backtest, 1),
             "threshold_seconds": round(time.perf_counter() - start, 1)}  # fmt: skip
    print(f"a night {found['night_seconds']} s, five years {found['backtest_seconds']} s on {PROCESSES} processes, "
          f"thresholds of one stream {found['threshold_seconds']} s (kept four weeks)", flush=True)  # fmt: skip
    return found


def main() -> int:
    """Measure, print, write OUT; return the exit code."""
    with ProcessPoolExecutor(PROCESSES) as pool:
        report = {"costs": costs(pool)}
        report["null"], drawn = nulls(pool)
        report["power"] = powers(pool, drawn)
    kept = [row for row in report["null"] if not row["season"] and not row["days_vary_beyond_chance"]]
    report["passed"] = bool(
        all(abs(row["ratio"] - 1) <= OFF for row in kept)
        and report["costs"]["night_seconds"] < NIGHT_SECONDS and report["costs"]["backtest_seconds"] < BACKTEST_SECONDS
    )  # fmt: skip
    if out := os.environ.get("OUT"):
        Path(out).write_text(json.dumps(report, indent=1) + "\n")
    print("passed" if report["passed"] else "NOT passed")
    return 0 if report["passed"] else 1


if __name__ == "__main__":
    sys.exit(main())
