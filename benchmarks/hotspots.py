"""``make bench-hotspots``: how long the hot spots' answers take among a million cases, from the counts kept.

Writes CASES cases (1,000,000) of two years at 60,000 places in a city of 1,000 grids, counts them as in daily work,
asks every answer ROUNDS times (20) for the whole city, a street, a community and a grid, and scans a night. Each answer
is to stay under 200 ms (p99). ``OUT=file.json`` writes the figures as JSON too.
"""

import json
import os
import sys
from pathlib import Path

import django

from benchmarks.instance import Instance

CASES = int(os.environ.get("CASES", "1000000"))
ROUNDS = int(os.environ.get("ROUNDS", "20"))
AIM = 0.200  # seconds, p99


def show(report: dict) -> None:
    """Print the report as a table."""
    print(
        f"\ncounted {report['cases']:,} cases in {report['counting']:.1f} s, anew in {report['rebuild']:.1f} s; rows:"
    )
    print("  " + ", ".join(f"{name} {rows:,}" for name, rows in report["rows_kept"].items()))
    print(f"one night's watch: {report['watch']:.1f} s, {report['signals']} signals")
    print(f"\n{'who':12} {'answer':34} {'p50':>9} {'p99':>9} {'max':>9}")
    for row in report["rows"]:
        figures = " ".join(f"{row[name] * 1000:7.1f}ms" for name in ("p50", "p99", "max"))
        print(f"{row['who']:12} {row['what']:34} {figures}")
    print("passed" if report["passed"] else f"FAILED (p99 under {AIM * 1000:g} ms)")


def main() -> int:
    """Fill, count, measure, print, write OUT; return the exit code."""
    with Instance() as instance:
        instance.adopt()
        django.setup()
        from django.db import connection

        from benchmarks import hotspot_cases

        print(f"writing and counting {CASES:,} cases ...", flush=True)
        counting = hotspot_cases.fill(connection, CASES)
        report = {"counting": counting} | hotspot_cases.measure(connection, CASES, ROUNDS, AIM)
    show(report)
    if out := os.environ.get("OUT"):
        Path(out).write_text(json.dumps(report, indent=1) + "\n")
    return 0 if report["passed"] else 1


if __name__ == "__main__":
    sys.exit(main())
