"""What is asked of the counts: which days, which cases, whose; and the SQL of the parts that make up the days."""

from dataclasses import dataclass

from cases.hotspots.scope import Scope
from cases.hotspots.spans import FOUR_WEEKS, WEEK, Window
from cases.models import CaseCategory


@dataclass(frozen=True)
class Question:
    """``category``: a class counts its sub-classes; None = all cases."""

    window: Window
    scope: Scope
    category: CaseCategory | None = None

    @property
    def parameters(self) -> dict:
        """Return the parameters of every statement about this question."""
        starts = self.window.starts()
        return {
            "first": self.window.first, "from": self.window.before.first, "to": self.window.last,
            "days": starts[1], "weeks": starts[WEEK], "four_weeks": starts[FOUR_WEEKS], "areas": self.scope.ids,
            "tops": [area.pk for area in self.scope.tops], "category": self.category.pk if self.category else None,
        }  # fmt: skip

    @property
    def here(self) -> str:
        """The condition that a row lies in the scope."""
        return "true" if self.scope.everywhere else "area_id = ANY(%(areas)s)"

    def of_days(self, columns: str) -> str:
        """Return the rows of single days of both windows, of the category; for whatever has no sums of its own."""
        if self.category is None:
            kind = "true"
        else:
            kind = f"{'category_id' if self.category.parent_id else 'category_class_id'} = %(category)s"
        return f"""
            SELECT day AS starts, {columns}, cases, reports FROM cases_daytally
            WHERE day BETWEEN %(from)s AND %(to)s AND {kind} AND {self.here}
        """

    def of_spans(self, columns: str) -> str:
        """Return the rows of all cases of both windows: whole weeks and months as such, the rest by days."""
        return f"""
            SELECT starts, {columns}, cases, reports FROM cases_celltally
            WHERE (span = {FOUR_WEEKS} AND starts = ANY(%(four_weeks)s) OR span = {WEEK} AND starts = ANY(%(weeks)s))
                AND {self.here}
            UNION ALL
            SELECT day, {columns}, cases, reports FROM cases_daytally WHERE day = ANY(%(days)s) AND {self.here}
        """

    def rows(self, columns: str) -> str:
        """Return the rows that count for this question (starts, ``columns`` out of cell and area_id, cases,
        reports)."""
        return self.of_spans(columns) if self.category is None else self.of_days(columns)


BOTH = """
    coalesce(sum(cases) FILTER (WHERE starts >= %(first)s), 0)::int,
    coalesce(sum(reports) FILTER (WHERE starts >= %(first)s), 0)::int,
    coalesce(sum(cases) FILTER (WHERE starts < %(first)s), 0)::int
"""
"""Cases and reports of the window, cases of the one before."""
