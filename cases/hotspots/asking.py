"""What is asked of the counts: which days, which cases, whose; and the SQL of the parts that make up the days."""

from dataclasses import dataclass
from functools import cached_property

from cases.hotspots.kinds import Kinds, kinds_asked
from cases.hotspots.scope import Scope
from cases.hotspots.spans import SPANS, Window
from cases.models import CaseCategory, Scene


@dataclass(frozen=True)
class Part:
    """Cases that are counted alike. ``kind``: the condition of a row of single days or cases (of a ``{table}``);
    ``whole``: that of a row of spans; ``spans``: those that hexagons are counted by for these cases."""

    name: str
    kind: str
    whole: str
    spans: tuple[int, ...]


# Of a class no single weeks are kept, of a sub-class no spans at all.
ALL = Part("all", "true", "category_class_id IS NULL", SPANS)
CLASSES = Part(
    "classes", "{table}category_class_id = ANY(%(classes)s)", "category_class_id = ANY(%(classes)s)", SPANS[:-1]
)
SINGLES = Part("singles", "{table}category_id = ANY(%(singles)s)", "", ())


@dataclass(frozen=True)
class Question:
    """``category``: a class counts its sub-classes; ``scene``: what it groups now, as far as it lies in the scope;
    None = all cases."""

    window: Window
    scope: Scope
    category: CaseCategory | None = None
    scene: Scene | None = None

    @cached_property
    def kinds(self) -> Kinds | None:
        """Which cases it is about; None = all."""
        return kinds_asked(self.category, self.scene)

    @property
    def parts(self) -> list[Part]:
        """What the cases are counted together from."""
        if self.kinds is None:
            return [ALL]
        return [CLASSES] * bool(self.kinds.classes) + [SINGLES] * bool(self.kinds.categories)

    @cached_property
    def parameters(self) -> dict:
        """The parameters of every statement about this question."""
        found = {
            "first": self.window.first, "from": self.window.before.first, "to": self.window.last,
            "areas": self.scope.ids, "tops": [area.pk for area in self.scope.tops],
        }  # fmt: skip
        for part in (ALL, CLASSES):
            starts = self.window.starts(part.spans)
            found |= {f"{part.name}_{span}": days for span, days in starts.items()}
        if self.kinds is not None:
            found |= {"classes": list(self.kinds.classes), "singles": self.kinds.singles, "keys": self.kinds.keys}
        return found

    def here(self, table: str = "") -> str:
        """Return the condition that a row (of ``table.``) lies in the scope."""
        return "true" if self.scope.everywhere else f"{table}area_id = ANY(%(areas)s)"

    def among(self, table: str = "") -> str:
        """Return ``here`` for statements that read many rows of other areas: the areas are hashed, where a plan kept
        for several questions would go through their list for each row."""
        if self.scope.everywhere:
            return "true"
        return f"{table}area_id IN (SELECT unnest(%(areas)s::bigint[]))"

    def kind(self, table: str = "") -> str:
        """Return the condition that a row of single days or cases is of the kinds asked for."""
        return f"({' OR '.join(part.kind.format(table=table) for part in self.parts) or 'false'})"

    def of_days(self, columns: str, days: str) -> str:
        """Return the rows (starts, ``columns`` out of cell and area_id, cases, reports) of ``days``, a condition."""
        return " UNION ALL ".join(self._days(part, columns, days) for part in self.parts) or self._nothing(columns)

    def _days(self, part: Part, columns: str, days: str) -> str:
        return f"""
            SELECT day AS starts, {columns}, cases, reports FROM cases_daytally
            WHERE {days} AND {part.kind.format(table="")} AND {self.here()}
        """

    def rows(self, columns: str) -> str:
        """Return the rows of both windows: spans of weeks as such where there are any, the rest by days."""
        return " UNION ALL ".join(self._rows(part, columns) for part in self.parts) or self._nothing(columns)

    def _rows(self, part: Part, columns: str) -> str:
        spans = [
            f"""
            SELECT starts, {columns}, cases, reports FROM cases_celltally
            WHERE {part.whole} AND span = {span} AND starts = ANY(%({part.name}_{span})s) AND {self.here()}
            """
            for span in part.spans
        ]
        days = f"day = ANY(%({part.name}_1)s)" if spans else "day BETWEEN %(from)s AND %(to)s"
        return " UNION ALL ".join([*spans, self._days(part, columns, days)])

    def _nothing(self, columns: str) -> str:
        return f"SELECT day AS starts, {columns}, cases, reports FROM cases_daytally WHERE false"


BOTH = """
    coalesce(sum(cases) FILTER (WHERE starts >= %(first)s), 0)::int,
    coalesce(sum(reports) FILTER (WHERE starts >= %(first)s), 0)::int,
    coalesce(sum(cases) FILTER (WHERE starts < %(first)s), 0)::int
"""
"""Cases and reports of the window, cases of the one before."""
