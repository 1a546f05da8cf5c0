"""``make bench-search``: how long a search takes among CASES cases (1,000,000), by who searches and for what.

On a fresh instance with invented cases in Chinese. Searchers: a dispatcher (the whole city), a member of a community's
staff, a handler. Beside them, in the same run, what a list without an index of pairs would do: the plain comparison
with every visible row. Environment: CASES, ROUNDS (20), OUT=file.json. Exit code 1 when a p99 is 100 ms or more.
"""

import json
import os
import sys
from pathlib import Path

import django

from benchmarks.instance import Instance

CASES = int(os.environ.get("CASES", "1000000"))
ROUNDS = int(os.environ.get("ROUNDS", "20"))
AIM = 0.100  # seconds, p99


def show(report: dict) -> None:
    """Print the report as a table."""
    print(f"\n{'who':16} {'what':20} {'p50':>8} {'p99':>8} {'max':>8} {'without index':>14}")
    for row in report["rows"]:
        figures = " ".join(f"{row[name] * 1000:6.1f}ms" for name in ("p50", "p99", "max"))
        print(f"{row['who']:16} {row['what']:20} {figures} {row['plain'] * 1000:12.0f}ms")
    print("passed" if report["passed"] else f"FAILED (p99 under {AIM * 1000:g} ms)")


def main() -> int:
    """Fill, measure, print, write OUT; return the exit code."""
    with Instance(DEMO="1") as instance:
        instance.adopt()
        django.setup()
        from django.db import connection

        from benchmarks import search_cases

        print(f"writing {CASES:,} cases ...", flush=True)
        search_cases.fill(connection, CASES)
        report = search_cases.measure(CASES, ROUNDS, AIM)
    show(report)
    if out := os.environ.get("OUT"):
        Path(out).write_text(json.dumps(report, indent=1) + "\n")
    return 0 if report["passed"] else 1


if __name__ == "__main__":
    sys.exit(main())
