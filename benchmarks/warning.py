"""``make bench-warning``: early warning of disputes, measured on simulated counties of 144 villages.

Null: nights in which nothing happens, at a low, a middle and a high base; the share above the threshold against what is
stated (1 in 100, 1 in 365), within 25 %. Each year is held against thresholds of its own, drawn from what is known in
its first night, as the product draws them anew every four weeks: one draw for all years would measure that draw. The
interval is from the counts of whole counties (Student's t): nights and years of one county share its rates.
Tests by township: what C2 and Farrington give where nothing happens against the chance they state; told, not judged.
Power: outbreaks of a few more events within 14 days, found in that time and after how many days, beside modified C2 on
townships and on villages at the same false-alarm rate.
Streams: false alarms of a type whose events come by several ways, all its streams together, and power beside its
reports alone at the same rate.
Cost: nights in a row of 150 villages x 18 types in the product, all streams, Sundays with five years to look back
upon, database and thresholds included; a backtest of five years of them and the thresholds of one stream without the
database.

The default run takes about an hour and a half on 2 free cores. Environment: QUICK=1 a few minutes instead, too
short to judge rates by; OUT=file.json writes the figures; WORLDS=32 counties of YEARS=6 at each base (69,888 nights; by
default four times as many at the lowest, where one chance cluster is above the threshold for many nights and a few
counties judge nothing); TRIES=320 outbreaks of each kind, ROW=28 nights in a row, PROCESSES=2;
PARTS=costs,null,power,streams; BASES=1,6,20 and SEED=4500 choose the counties. Exit code 1 when a rate is off by more
than 25 % or a time aim missed.
The rates of decision 0045 at one event a day: PARTS=null BASES=1 SEED=90000 WORLDS=150 YEARS=5.
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

import django
import numpy as np
from scipy import stats

from benchmarks.instance import Instance
from benchmarks.warning_streams import SHARES, SPLIT, measured, tries_each
from benchmarks.warning_tests import rates
from benchmarks.warning_worlds import BLOCK, Outbreak, World, stream
from governance.surveillance.expectation import LEAST, excesses, highest, night_of
from governance.surveillance.null import FLOOR, Null, simulated
from governance.surveillance.usual import LONGEST, NEEDED

QUICK = os.environ.get("QUICK", "") not in ("", "0")
WORLDS, YEARS = int(os.environ.get("WORLDS", 6 if QUICK else 32)), int(os.environ.get("YEARS", 2 if QUICK else 6))
TRIES, ROW = int(os.environ.get("TRIES", 24 if QUICK else 320)), int(os.environ.get("ROW", 4 if QUICK else 28))
PROCESSES = int(os.environ.get("PROCESSES", 2))
PARTS = os.environ.get("PARTS", "costs,null,power,streams").split(",")
SEED = int(os.environ.get("SEED", 4500))
BASES, INTERVALS, OFF = tuple(map(float, os.environ.get("BASES", "1,6,20").split(","))), (100, 365), 0.25
MORE = {} if "WORLDS" in os.environ else {1.0: 4}  # times as many counties
# What the thresholds know nothing of: a yearly swing of a fifth up and down, days that vary beyond chance.
BEYOND = ((6.0, 0.2, 0.0), (20.0, 0.2, 0.0), (6.0, 0.0, 0.02))
TYPES, BACKTEST_DAYS = 18, 5 * 365
HIGH = 7.0  # about the least score that may be as rare as once in 100 days
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
    return World.drawn(base, YEARS * BLOCK, SEED + number + int(base * 100), season, spread)


def null_of(job: tuple[float, int, float, float]) -> tuple[list[Null], dict[int, int]]:
    """Return the nulls of a county's years, and for each interval the nights above the thresholds of their years."""
    world = world_of(*job)
    years = list(zip(world.maxima().reshape(world.years, BLOCK), world.nulls, strict=True))
    return world.nulls, {
        every: sum(int((maxima >= null.threshold(every)).sum()) for maxima, null in years) for every in INTERVALS
    }


def power_of(job: tuple[int, int, int, list[Null] | None]) -> list[dict]:
    """Try a kind of outbreak in one county; return what each method found."""
    kind, number, recurrence, nulls = job
    outbreak = OUTBREAKS[kind]
    world = world_of(outbreak.base, number)
    if nulls is not None:
        world.__dict__["nulls"] = nulls  # what was drawn when false alarms were counted
    random = np.random.default_rng([SEED, kind, number])
    starts = random.integers(NEEDED + 60, world.counts.shape[1] - 20, tries_each(TRIES, WORLDS))
    return [outbreak.tried(world, int(start), recurrence, random) for start in starts]


def scanned(number: int, days: int) -> int:
    """Scan the last ``days`` nights of a type, each of its streams as the product does: zones are told where a score
    may be an alarm. Return how many excesses there were."""
    whole, near = stream(SEED, number, NEEDED + days)
    dealt = np.random.default_rng([SEED, number]).multinomial(whole, list(SPLIT.values()))
    found = 0
    for counts in (whole, *np.moveaxis(dealt, -1, 0)):  # the last way stands for patrols
        for last in range(NEEDED, NEEDED + days):
            if counts[:, last + 1 - LONGEST : last + 1].sum() < LEAST:
                continue
            night = night_of(counts[:, last + 1 - NEEDED : last + 1], last % 7)
            if highest(night.counts[:, None], night.expected[:, None], near, floor=FLOOR)[0] > HIGH:
                found += len(excesses(night.counts, night.expected, near))
    return found


def nulls(pool) -> tuple[list[dict], dict]:
    """Measure false alarms; also in worlds the thresholds know nothing of. Return the nulls of the other counties, too,
    by base and number."""
    rows, drawn = [], {}
    for base, season, spread in [*((base, 0.0, 0.0) for base in BASES), *(one for one in BEYOND if one[0] in BASES)]:
        beyond = season or spread
        jobs = [
            (base, number, season, spread)
            for number in range(max(WORLDS // 4, 3) if beyond else WORLDS * MORE.get(base, 1))
        ]
        found = list(pool.map(null_of, jobs))
        if not beyond:
            drawn |= {(base, number): nulls for number, (nulls, _above) in enumerate(found)}
        for every in INTERVALS:
            counts = np.array([above[every] for _nulls, above in found])
            nights = len(counts) * YEARS * BLOCK
            wanted, above = nights / every, int(counts.sum())
            error = float(stats.t.ppf(0.975, len(counts) - 1) * counts.std(ddof=1)) * len(counts) ** 0.5
            rows.append({
                "base": base, "season": season, "days_vary_beyond_chance": spread, "interval": every,
                "nights": nights, "above": above, "wanted": round(wanted, 1), "ratio": round(above / wanted, 3),
                "interval_95": [round(max(above - error, 0) / wanted, 2), round((above + error) / wanted, 2)],
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
        jobs = [(kind, number, recurrence, drawn.get((outbreak.base, number))) for number in range(WORLDS)]
        tries = [one for part in pool.map(power_of, jobs) for one in part]
        row = {"outbreak": outbreak.name, "base": outbreak.base, "cases": outbreak.cases, "interval": recurrence,
               "tries": len(tries)}  # fmt: skip
        for method in tries[0]:
            days = [one[method] for one in tries if one[method] is not None]
            row[method] = {"power": round(len(days) / len(tries), 3),
                           "median_day": float(np.median(days)) if days else None}  # fmt: skip
        rows.append(row)
        told = ", ".join(f"{method} {row[method]['power']:.2f} (day {row[method]['median_day'] or '-'})"
                         for method in tries[0])  # fmt: skip
        print(f"{outbreak.name}, {outbreak.base:g}/day + {outbreak.cases}: {told}", flush=True)
    return rows


def streams(pool, base: float = 6.0, cases: int = 10) -> dict:
    """Measure false alarms of a type of several streams, and its power, beside its reports alone."""
    of_each = tries_each(TRIES, WORLDS)
    ways, jobs = (None, "petition", "hotline"), [(base, n, YEARS, SEED, cases, of_each) for n in range(WORLDS)]
    rows = list(pool.map(partial(measured, ways=ways, intervals=INTERVALS), jobs))
    found = {"base": base, "cases": cases, "null": [], "power": []}
    for every in INTERVALS:
        counts = np.array([[above[every]["any"], above[every]["alone"]] for above, _tried in rows])
        wanted = len(rows) * YEARS * BLOCK / every
        error = float(stats.t.ppf(0.975, len(rows) - 1) * counts[:, 0].std(ddof=1)) * len(rows) ** 0.5
        ratio, alone = (counts.sum(axis=0) / wanted).round(3).tolist()
        reach = [round((int(counts[:, 0].sum()) + end) / wanted, 2) for end in (-error, error)]
        each = {name: round(sum(above[every][name] for above, _tried in rows) / wanted / share, 3)
                for name, share in SHARES.items()}  # fmt: skip
        found["null"].append({"interval": every, "ratio": ratio, "interval_95": reach, "reports_alone": alone,
                              "each_of_its_share": each})  # fmt: skip
        print(f"all streams of a type, 1 in {every}: ratio {ratio}, {reach}; reports alone {alone}; each of its share "
              f"{each}", flush=True)  # fmt: skip
    for way in ways:
        tries = [one for _above, tried in rows for one in tried[way]]
        told = {method: round(sum(one[method] is not None for one in tries) / len(tries), 3) for method in tries[0]}
        found["power"].append({"way": way or "all", "tries": len(tries), **told})
        print(f"{base:g}/day + {cases}, heard by {way or 'all ways'}: {told}", flush=True)
    return found


def costs(pool) -> dict:
    """Time nights of the product, five years, and the thresholds of one stream."""
    with Instance() as instance:
        instance.adopt()
        django.setup()
        from benchmarks.warning_nights import nights_in_a_row  # the models exist after the setup only

        found = nights_in_a_row(SEED, TYPES, ROW)
    start = time.perf_counter()
    list(pool.map(partial(scanned, days=BACKTEST_DAYS), range(TYPES)))
    found["backtest_seconds"] = round(time.perf_counter() - start, 1)
    counts, near = stream(SEED, TYPES - 1, NEEDED)
    usual = night_of(counts, 3).usual
    start = time.perf_counter()
    simulated(usual, near, seed=1)
    found["threshold_seconds"] = round(time.perf_counter() - start, 1)
    print(f"{ROW} nights in a row with database and thresholds: mean {found['night_seconds']} s, median "
          f"{found['night_median_seconds']} s, the first {found['night_first_seconds']} s, Sundays at most "
          f"{found['sunday_longest_seconds']} s, longest {found['night_longest_seconds']} s ({found['nulls_drawn']} "
          f"thresholds drawn, {found['events']:,} events); five years {found['backtest_seconds']} s on {PROCESSES} "
          f"processes; thresholds of one stream {found['threshold_seconds']} s", flush=True)  # fmt: skip
    return found


def _passed(report: dict) -> bool:
    """Whether what was measured is as aimed."""
    kept = [row for row in report.get("null", []) if not row["season"] and not row["days_vary_beyond_chance"]]
    kept += report.get("streams", {}).get("null", [])
    costs = report.get("costs", {"night_longest_seconds": 0, "backtest_seconds": 0})
    in_time = costs["night_longest_seconds"] < NIGHT_SECONDS and costs["backtest_seconds"] < BACKTEST_SECONDS
    return in_time and all(abs(row["ratio"] - 1) <= OFF for row in kept)


def main() -> int:
    """Measure, print, write OUT; return the exit code."""
    with ProcessPoolExecutor(PROCESSES) as pool:
        report = {"costs": costs(pool)} if "costs" in PARTS else {}
        drawn = {}
        if "null" in PARTS:
            report["null"], drawn = nulls(pool)
            report["tests"] = rates(20_000 if QUICK else 200_000, 200 if QUICK else 10_000)
        if "power" in PARTS:
            report["power"] = powers(pool, drawn)
        if "streams" in PARTS:
            report["streams"] = streams(pool)
    report["passed"] = _passed(report)
    if out := os.environ.get("OUT"):
        Path(out).write_text(json.dumps(report, indent=1) + "\n")
    print("passed" if report["passed"] else "NOT passed")
    return 0 if report["passed"] else 1


if __name__ == "__main__":
    sys.exit(main())
