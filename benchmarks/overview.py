"""``make bench-overview``: how long the operations centre's overview takes among CASES cases (1,000,000) of a year.

On a fresh instance; one case in fifty is open. Viewers: the operations centre (the whole city), a member of a
community's staff, a handler; with and without a scene. Beside them one dry run of a dispatch rule over 30 days.
Environment: CASES, ROUNDS (20), OUT=file.json. Exit code 1 when a p99 is 200 ms or more.
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
    print(f"\n{report['cases']:,} cases, {report['open']:,} open")
    print(f"{'who':20} {'what':12} {'p50':>8} {'p99':>8} {'max':>8}")
    for row in report["rows"]:
        figures = " ".join(f"{row[name] * 1000:6.1f}ms" for name in ("p50", "p99", "max"))
        print(f"{row['who']:20} {row['what']:12} {figures}")
    print(f"dry run over {report['trial']['days']} days: {report['trial']['seconds']} s")
    print("passed" if report["passed"] else f"FAILED (p99 under {AIM * 1000:g} ms)")


def main() -> int:
    """Fill, measure, print, write OUT; return the exit code."""
    with Instance(DEMO="1") as instance:
        instance.adopt()
        django.setup()
        from django.db import connection

        from benchmarks import overview_cases

        print(f"writing {CASES:,} cases ...", flush=True)
        overview_cases.fill(connection, CASES)
        report = overview_cases.measure(ROUNDS, AIM)
    show(report)
    if out := os.environ.get("OUT"):
        Path(out).write_text(json.dumps(report, indent=1) + "\n")
    return 0 if report["passed"] else 1


if __name__ == "__main__":
    sys.exit(main())
