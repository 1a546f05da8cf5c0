"""``make bench-scoring``: CASES (20,000) real requests replayed through the services, every figure computed twice.

On a fresh instance. First the requests of ``../shared/data/city_incidents_la311.csv.gz`` become cases as anybody's do;
then the facts are read anew, and every figure, by unit, class and as a whole, is compared with a plain reading of the
Event table (``cases/tests/scoring_oracle.py``). Last, with the turns multiplied to FACTS (1,000,000), how long a page
of figures and a period take. Environment: CASES, FACTS, ROUNDS (20), FILE, OUT=file.json. Exit code 1 when a figure
differs, or the p99 of a page's figures over a month is 1 s or more.
"""

import json
import os
import sys
from pathlib import Path

import django

from benchmarks.instance import ROOT, Instance

CASES = int(os.environ.get("CASES", "20000"))
FACTS = int(os.environ.get("FACTS", "1000000"))
ROUNDS = int(os.environ.get("ROUNDS", "20"))
FILE = Path(os.environ.get("FILE", ROOT.parent / "shared" / "data" / "city_incidents_la311.csv.gz"))
AIM = 1.0  # seconds, p99


def show(report: dict) -> None:
    """Print the report."""
    print(f"{report['loaded']:,} cases replayed through the services at {report['replayed']:.1f} a second")
    print(f"facts of {report['loaded']:,} cases read anew at {report['read']:,.0f} cases a second")
    print(f"{report['figures']} figures computed twice, {len(report['differing'])} differ")
    for row in report["rows"]:
        print(f"{row['what']:44} p50 {row['p50'] * 1000:7.1f} ms   p99 {row['p99'] * 1000:7.1f} ms")
    print("passed" if report["passed"] else f"FAILED (every figure the same, p99 of a month under {AIM:g} s)")


def main() -> int:
    """Replay, compare, measure, print, write OUT; return the exit code."""
    if not FILE.exists():
        print(f"{FILE} is not here")
        return 2
    with Instance(DEMO="1") as instance:
        instance.adopt()
        django.setup()
        from benchmarks import scoring_cases

        report = scoring_cases.measure(FILE, CASES, FACTS, ROUNDS, AIM)
    show(report)
    if out := os.environ.get("OUT"):
        Path(out).write_text(json.dumps(report, indent=1) + "\n")
    return 0 if report["passed"] else 1


if __name__ == "__main__":
    sys.exit(main())
