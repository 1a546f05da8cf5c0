"""``make bench-cases``: the answers about cases among CASES cases (1,000,000) of two years, on one fresh instance.

Parts, in this order (PARTS=compare,overview,hotspots,figures):

compare    REPLAYED (20,000) real requests of FILE (``../shared/data/city_incidents_la311.csv.gz``) become cases through
           the services; every figure of their months is computed twice, by the product and by a plain reading of the
           Event table (``cases/tests/scoring_oracle.py``), by unit, area, class, scene and as a whole
overview   the operations centre's page, with and without a scene; beside it a dry run of a dispatch rule over 30 days
hotspots   hexagons, areas, types, repeat places, trends, of all cases, a class, a sub-class, a scene; a night's watch
figures    scores by unit, street, class and scene with their ranks, a trend, the cases behind a figure

The cases are written after the first part and counted as in daily work. Each answer is asked ROUNDS (20) times. Exit
code 1 where two figures differ, or an answer's p99 misses its aim: 200 ms for hot spots, which are read from roll-ups;
a second for a whole page of the overview or of scores, which are counted from what is under way and from facts as they
stand. 2 without FILE. OUT=file.json writes the report.
``make bench-overview``, ``bench-hotspots`` and ``bench-scoring`` are single parts of it.
"""

import gc
import json
import os
import sys
import time
from pathlib import Path

import django

from benchmarks.instance import ROOT, Instance

CASES = int(os.environ.get("CASES", "1000000"))
REPLAYED = int(os.environ.get("REPLAYED", "20000"))
ROUNDS = int(os.environ.get("ROUNDS", "20"))
FILE = Path(os.environ.get("FILE", ROOT.parent / "shared" / "data" / "city_incidents_la311.csv.gz"))
COMPARE, OVERVIEW, HOTSPOTS, FIGURES = "compare", "overview", "hotspots", "figures"
PARTS = os.environ.get("PARTS", ",".join((COMPARE, OVERVIEW, HOTSPOTS, FIGURES))).split(",")
AIMS = {HOTSPOTS: 0.200, OVERVIEW: 1.0, FIGURES: 1.0}  # seconds, p99


def show(name: str, part: dict) -> None:
    """Print what a part found: its lines, then its answers as a table."""
    print(f"\n{name}", flush=True)
    for line in part["lines"]:
        print(f"  {line}")
    for row in part["rows"]:
        figures = " ".join(f"{kind} {row[kind] * 1000:7.1f} ms " for kind in ("p50", "p99"))
        print(f"  {row['who']:16} {row['what']:36} {figures}{'' if row['p99'] < AIMS[name] else '  MISSED'}")
    sys.stdout.flush()


def measured() -> dict:
    """Return the parts asked for, by name; ``django.setup`` has been called."""
    from benchmarks import case_seed, figure_cases, hotspot_cases, overview_cases, scoring_cases

    case_seed.load()
    found = {}
    if COMPARE in PARTS:
        found[COMPARE] = scoring_cases.measure(FILE, REPLAYED)
        show(COMPARE, found[COMPARE])
    if wanted := [name for name in (OVERVIEW, HOTSPOTS, FIGURES) if name in PARTS]:
        print(f"\nwriting {CASES:,} cases ...", flush=True)
        start = time.perf_counter()
        print(case_seed.fill(CASES, facts=FIGURES in PARTS), f"{time.perf_counter() - start:.0f} s in all", flush=True)
        people = case_seed.people()
        gc.collect()
        gc.freeze()  # what filling left behind is no part of an answer: to look through it took half a second at times
        measures = {OVERVIEW: overview_cases, HOTSPOTS: hotspot_cases, FIGURES: figure_cases}
        for name in wanted:
            found[name] = measures[name].measure(people, ROUNDS)
            show(name, found[name])
    return found


def main() -> int:
    """Fill, measure, print, write OUT; return the exit code."""
    if COMPARE in PARTS and not FILE.exists():
        print(f"{FILE} is not here")
        return 2
    with Instance() as instance:
        instance.adopt()
        django.setup()
        parts = measured()
    missed = [f"{name}: {row['who']}, {row['what']}" for name, part in parts.items() for row in part["rows"]
              if row["p99"] >= AIMS[name]]  # fmt: skip
    passed = not missed and not parts.get(COMPARE, {}).get("differing")
    print("\npassed" if passed else f"\nFAILED (every figure the same; p99 under {AIMS} s: {missed})")
    if out := os.environ.get("OUT"):
        report = {"bench": "cases", "cases": CASES, "aims": AIMS, "passed": passed, "parts": parts}
        Path(out).write_text(json.dumps(report, indent=1) + "\n")
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
