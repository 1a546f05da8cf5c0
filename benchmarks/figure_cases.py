"""Scores among many cases: who looks at which figures, and what is timed.

Import it after ``Instance.adopt`` and ``django.setup``.
"""

from collections.abc import Callable
from datetime import date, timedelta

from django.utils import timezone

from benchmarks.case_seed import timed
from benchmarks.live import percentiles
from cases.models import ScoreFormula, ScorePeriod, SpellFact
from cases.scoring.dimensions import dimension_named
from cases.scoring.drill import DENOMINATOR, Spot, cases_behind, facts_behind
from cases.scoring.figures import Days, live_ground, months, whole
from cases.scoring.indicators import BY_KEY
from cases.scoring.periods import score_period_open
from cases.scoring.tables import Shaper, indicators_of, live_rows
from governance.models import Area, User
from governance.workflow import act

BY = ("unit", "street", "category", "scene")
DRILLED = 50  # cases on a page


def table(user: User, days: Days, by: str, formula: ScoreFormula) -> None:
    """What a page of figures asks for: its rows with ranks, scores and what was left out, and the whole."""
    ground = live_ground(user, formula=formula)
    shaper = Shaper(indicators_of("formula", formula), formula, lambda *_given: "")
    live_rows(ground, days, dimension_named(by), shaper)
    whole(ground, days, shaper.indicators)


def trend(user: User, days: Days) -> None:
    """The months of a chart."""
    months(live_ground(user), days, [BY_KEY["handling_rate"]])


def drill(user: User, days: Days, by: str) -> None:
    """The first page of the cases behind a figure, and how many facts it counts."""
    facts = facts_behind(live_ground(user), days, dimension_named(by), Spot("handling_rate", DENOMINATOR))
    facts.count()
    list(cases_behind(facts, user)[: DRILLED + 1])


def answers(formula: ScoreFormula) -> dict[str, Callable[[User], None]]:
    """Return the answers by name: each a function of a person."""
    month = Days(*last_month())
    year = Days(month.first.replace(year=month.first.year - 1) + timedelta(days=1), month.first)
    found = {f"a month by {by}": lambda user, by=by: table(user, month, by, formula) for by in BY}
    found["trend of a year"] = lambda user: trend(user, year)
    return found | {f"cases behind, by {by}": lambda user, by=by: drill(user, month, by) for by in ("unit", "scene")}


def last_month() -> tuple[date, date]:
    """Return the first and last day of the last whole month."""
    last = timezone.localdate().replace(day=1) - timedelta(days=1)
    return last.replace(day=1), last


def period(formula: ScoreFormula, actor: User) -> None:
    """Open and compute a period of a month by scenes."""
    first, last = last_month()
    made = score_period_open(
        actor=actor, area=Area.objects.get(code="990188"), dimension="scene", formula=formula, first=first, last=last
    )
    act(made, "compute", actor=actor)
    act(ScorePeriod.objects.get(pk=made.pk), "discard", actor=actor, reason="bench")


def measure(people: dict[str, User], rounds: int) -> dict:
    """Return p50, p99 and max in seconds by viewer and answer, and how long a period took to compute."""
    formula = ScoreFormula.objects.prefetch_related("weights", "exclusions").get(key="city", version=1)
    rows = []
    for who in ("city", "handler"):
        for what, ask in answers(formula).items():
            ask(people[who])
            rows.append({"who": who, "what": what, **percentiles([timed(ask, people[who]) for _ in range(rounds)])})
    lines = [
        f"{SpellFact.objects.count():,} turns of units",
        f"a period of a month by scenes computed in {timed(period, formula, people['city']):.1f} s",
    ]
    return {"lines": lines, "rows": rows}
