"""What is asked of the counts: which days, which cases, whose; and the SQL of the parts that make up the days."""

from dataclasses import dataclass

from cases.hotspots.scope import Scope
from cases.hotspots.spans import SPANS, Window
from cases.models import CaseCategory


@dataclass(frozen=True)
class Question:
    """``category``: a class counts its sub-classes; None = all cases."""

    window: Window
    scope: Scope
    category: CaseCategory | None = None

    @property
    def spans(self) -> tuple[int, ...]:
        """The spans that hexagons are counted by for these cases: of a class no single weeks, of a sub-class none."""
        if self.category is None:
            return SPANS
        return () if self.category.parent_id else SPANS[:-1]

    @property
    def parameters(self) -> dict:
        """Return the parameters of every statement about this question."""
        starts = self.window.starts(self.spans)
        return {f"starts_{span}": starts[span] for span in self.spans} | {
            "first": self.window.first, "from": self.window.before.first, "to": self.window.last,
            "days": starts[1], "areas": self.scope.ids, "tops": [area.pk for area in self.scope.tops],
            "category": self.category.pk if self.category else None,
        }  # fmt: skip

    def here(self, table: str = "") -> str:
        """Return the condition that a row (of ``table.``) lies in the scope."""
        return "true" if self.scope.everywhere else f"{table}area_id = ANY(%(areas)s)"

    def kind(self, table: str = "") -> str:
        """Return the condition that a row of single days or cases is of the category."""
        if self.category is None:
            return "true"
        return f"{table}{'category_id' if self.category.parent_id else 'category_class_id'} = %(category)s"

    def of_days(self, columns: str, days: str) -> str:
        """Return the rows (starts, ``columns`` out of cell and area_id, cases, reports) of ``days``, a condition."""
        return f"""
            SELECT day AS starts, {columns}, cases, reports FROM cases_daytally
            WHERE {days} AND {self.kind()} AND {self.here()}
        """

    def rows(self, columns: str) -> str:
        """Return the rows of both windows: spans of weeks as such where there are any, the rest by days."""
        whole = "IS NULL" if self.category is None else "= %(category)s"
        spans = [
            f"""
            SELECT starts, {columns}, cases, reports FROM cases_celltally
            WHERE category_class_id {whole} AND span = {span} AND starts = ANY(%(starts_{span})s) AND {self.here()}
            """
            for span in self.spans
        ]
        days = "day = ANY(%(days)s)" if spans else "day BETWEEN %(from)s AND %(to)s"
        return " UNION ALL ".join([*spans, self.of_days(columns, days)])


BOTH = """
    coalesce(sum(cases) FILTER (WHERE starts >= %(first)s), 0)::int,
    coalesce(sum(reports) FILTER (WHERE starts >= %(first)s), 0)::int,
    coalesce(sum(cases) FILTER (WHERE starts < %(first)s), 0)::int
"""
"""Cases and reports of the window, cases of the one before."""
