"""How the number of cases went: by days, or by weeks where the stretch is long."""

from dataclasses import dataclass
from datetime import date

from cases.hotspots.asking import Question
from cases.hotspots.places import asked
from cases.hotspots.spans import DAY, WEEK, start_of, start_sql

# Longer stretches are shown by weeks.
MOST_DAYS = 92


@dataclass(frozen=True)
class Point:
    """Cases of ``days`` days from ``first`` on."""

    first: date
    days: int
    cases: int


def trend(question: Question) -> list[Point]:
    """Return the cases of the window, day by day or week by week (from Monday; weeks cut off at the ends are left out).

    Days without cases are there with 0.
    """
    window = question.window
    if window.days <= MOST_DAYS:
        span, first = 1, window.first
    else:
        span, first = WEEK, start_of(WEEK, window.first + (WEEK - 1) * DAY)
    last = first + ((window.last - first).days + 1) // span * span * DAY - DAY
    known = dict(asked(question, _rows(question, span)))
    starts = [first + number * DAY for number in range(0, (last - first).days + 1, span)]
    return [Point(start, span, known.get(start, 0)) for start in starts]


def _rows(question: Question, span: int) -> str:
    if question.scope.summed and (question.kinds is None or span == WEEK):
        kind = "category_id IS NULL" if question.kinds is None else "category_id = ANY(%(keys)s)"
        return f"""
            SELECT starts, sum(cases)::int FROM cases_areatally
            WHERE area_id = ANY(%(tops)s) AND span = {span} AND starts BETWEEN %(first)s AND %(to)s AND {kind}
            GROUP BY 1
        """
    start = "starts" if span == 1 else start_sql(WEEK, "starts")
    return f"""
        SELECT {start}, sum(cases)::int FROM (
            {question.of_days("area_id", "day BETWEEN %(first)s AND %(to)s")}
        ) AS counted GROUP BY 1
    """
