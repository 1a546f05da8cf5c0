"""What scoring is measured on, and the comparison with the second computation.

Import it after ``Instance.adopt`` and ``django.setup``.
"""

import time
from datetime import date
from pathlib import Path

from django.db import connection

from benchmarks.instance import ROOT
from benchmarks.live import percentiles
from cases.models import Case, FactCursor, ScoreFormula, ScorePeriod, SpellFact
from cases.replay import read_incidents, replay
from cases.replay_mapping import read_mapping
from cases.replay_set_up import replay_set_up
from cases.scoring import keeping
from cases.scoring.dimensions import UNIT, dimension_named
from cases.scoring.figures import Days, figures_by, left_out_by, live_ground, whole
from cases.scoring.periods import score_period_open
from cases.tests import scoring_oracle
from governance.models import Appointment, Area, User
from governance.workflow import act

# The months of the file, which holds about ten thousand requests of each.
MONTHS = [(date(2017, 12, 1), date(2017, 12, 31)), (date(2018, 1, 1), date(2018, 1, 31)),
          (date(2018, 12, 1), date(2018, 12, 31)), (date(2020, 1, 1), date(2020, 1, 31))]  # fmt: skip
EVERY = 200  # cases between two lines of progress
# Turns of the cases there are, again and again, each some hours later than the one before.
MULTIPLY = """
INSERT INTO cases_spellfact (case_id, ordinal, area_id, category_id, source, excluded, unit_id, withdrawn,
    dispatched_at, signed_at, acted_at, contacted_at, due_at, handled_at, in_time, overdue_since, extensions, reworks,
    closed_at, closed_in_time, reopened, answered_at, score, solved)
SELECT case_id, 100 + n, area_id, category_id, source, excluded, unit_id, withdrawn,
    dispatched_at + late, signed_at + late, acted_at + late, contacted_at, due_at + late, handled_at + late,
    in_time, overdue_since, extensions, reworks,
    closed_at + late, closed_in_time, reopened, answered_at, score, solved
FROM cases_spellfact, generate_series(1, %(times)s) AS n, LATERAL (SELECT n * interval '17 hours' AS late) AS moved
WHERE ordinal = 0
"""


def timed(function, *given, **more) -> float:
    """Return the seconds a call took."""
    start = time.perf_counter()
    function(*given, **more)
    return time.perf_counter() - start


def play(file: Path, count: int) -> tuple[int, float]:
    """Replay requests spread over the file until ``count`` are cases; return how many and cases a second."""
    mapping = read_mapping(ROOT / "benchmarks" / "la311.toml")
    keeper = Appointment.objects.filter(role="administrator", area__kind="city").select_related("user").first().user
    replay_set_up(mapping, actor=keeper)
    rows = read_incidents(file)
    # About one in six has no place or a kind nobody mapped.
    rows = rows[:: max(1, len(rows) * 5 // (count * 6))]
    start, shown = time.perf_counter(), 0

    def progress(outcome):
        nonlocal shown
        if outcome.loaded >= shown + EVERY:
            shown = outcome.loaded
            print(
                f"\r{outcome.loaded:,} cases, {outcome.loaded / (time.perf_counter() - start):.1f}/s",
                end="",
                flush=True,
            )

    outcome = replay(rows, mapping=mapping, actor=User.objects.system("replay"), progress=progress)
    print()
    return outcome.loaded, outcome.loaded / (time.perf_counter() - start)


def compare() -> tuple[int, list[str]]:
    """Compute every figure of the file's months twice; return how many there are and which differ."""
    told, cursor = scoring_oracle.histories(), FactCursor.objects.get()
    ground, count, differing = live_ground(User.objects.system("replay")), 0, []
    keys = {
        "unit": lambda history, unit: unit,
        "category": lambda history, _unit: (
            history.case.category and (history.case.category.parent_id or history.case.category_id)
        ),
        "whole": lambda _history, _unit: None,
    }
    for first, last in MONTHS:
        for by, key_of in keys.items():
            plain = scoring_oracle.compute(told, first, last, cursor.as_of, key_of)
            days = Days(first, last)
            found = {None: whole(ground, days)} if by == "whole" else figures_by(ground, days, dimension_named(by))
            counted = {(name, key): one for key, own in found.items() for name, one in own.items() if one.denominator}
            count += len(plain)
            for at in sorted({*plain, *counted}, key=str):
                one = counted.get(at)
                same = one is not None and at in plain and plain[at][:2] == (one.numerator, one.denominator)
                if not same or abs(plain[at][2] - one.value) > 1e-6 * max(1, abs(one.value)):
                    differing.append(f"{first:%Y-%m} {by} {at}: {plain.get(at)} / {one}")
    return count, differing


def page(days: Days, user) -> None:
    """What the page of figures and the API ask the database for."""
    ground = live_ground(user)
    figures_by(ground, days, UNIT)
    left_out_by(ground, days, UNIT)
    whole(ground, days)


def period(formula: ScoreFormula, actor: User) -> None:
    """Open and compute a period of a month by units."""
    area = Area.objects.get(kind="city")
    first, last = MONTHS[1]
    made = score_period_open(actor=actor, area=area, dimension="unit", formula=formula, first=first, last=last)
    act(made, "compute", actor=actor)
    act(ScorePeriod.objects.get(pk=made.pk), "discard", actor=actor, reason="bench")


def measure(file: Path, cases: int, facts: int, rounds: int, aim: float) -> dict:
    """Return rates, comparisons, and p50 and p99 in seconds of what people wait for."""
    loaded, rate = play(file, cases)
    start = time.perf_counter()
    done = keeping.rebuild()
    read = done / (time.perf_counter() - start)
    figures, differing = compare()
    post = Appointment.objects.filter(role="operations_centre", area__kind="city").select_related("user").first()
    rows, days = [], Days(*MONTHS[1])
    rows.append({"what": f"figures of a month, {SpellFact.objects.count():,} turns"}
                | percentiles([timed(page, days, post.user) for _ in range(rounds)]))  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(MULTIPLY, {"times": max(1, facts // max(1, SpellFact.objects.count()))})
        cursor.execute("VACUUM ANALYZE cases_spellfact")
    count = SpellFact.objects.count()
    month = percentiles([timed(page, days, post.user) for _ in range(rounds)])
    rows.append({"what": f"figures of a month, {count:,} turns"} | month)
    year = Days(date(2018, 1, 1), date(2018, 12, 31))
    rows.append({"what": f"figures of a year, {count:,} turns"}
                | percentiles([timed(page, year, post.user) for _ in range(3)]))  # fmt: skip
    formula = ScoreFormula.objects.create(key="bench", name="bench", valid_from=date(2015, 1, 1))
    formula.weights.create(indicator="handling_rate", weight=1)
    rows.append({"what": "a period of a month computed"}
                | percentiles([timed(period, formula, post.user) for _ in range(2)]))  # fmt: skip
    return {
        "bench": "scoring", "cases": Case.objects.count(), "loaded": loaded, "replayed": rate, "read": read,
        "figures": figures, "differing": differing, "rows": rows, "passed": not differing and month["p99"] < aim,
    }  # fmt: skip
