"""The SQL by which the counts follow from rows of cases; the same for a few changed cases as for all of them.

A *source* is a relation with place, day, area_id, category_id, category_class_id, cases, reports: cases as they are
counted, or with negative numbers as they were.
"""

from dataclasses import dataclass

from cases.hotspots.cells import FINEST, larger_sql
from cases.hotspots.spans import SPANS, WEEK, start_sql

_SUMS = "sum(cases)::int AS cases, sum(reports)::int AS reports"
_SOME = "HAVING sum(cases) <> 0 OR sum(reports) <> 0"
_STARTS = ", ".join(f"({span}::smallint, {start_sql(span, 'day')})" for span in SPANS)
_CELL = f"CASE WHEN place > 0 THEN {larger_sql('place', FINEST)} END AS cell"


@dataclass(frozen=True)
class Kept:
    """One table of counts: its key and the query that gives its rows out of a ``source``."""

    table: str
    key: tuple[str, ...]
    query: str

    def rows(self, source: str) -> str:
        return self.query.replace("SOURCE", source)

    @property
    def insert(self) -> str:
        return f"INSERT INTO {self.table} ({', '.join(self.key)}, cases, reports)"

    def add(self, source: str) -> str:
        """Return the statement that adds the source's counts to what is kept."""
        return f"""
            {self.insert} {self.rows(source)}
            ON CONFLICT ({", ".join(self.key)}) DO UPDATE
            SET cases = {self.table}.cases + excluded.cases, reports = {self.table}.reports + excluded.reports
        """

    def make_anew(self, source: str) -> list[str]:
        """Return the statements that make what is kept equal to the source's counts, touching only what differs."""
        same = " AND ".join(
            f"{self.table}.{name} = wanted.{name}"
            if name in _NEVER_EMPTY
            else f"coalesce({self.table}.{name}, 0) = coalesce(wanted.{name}, 0)"
            for name in self.key
        )
        return [
            f"CREATE TEMPORARY TABLE wanted ON COMMIT DROP AS {self.rows(source)}",
            "ANALYZE wanted",
            f"DELETE FROM {self.table} WHERE NOT EXISTS (SELECT FROM wanted WHERE {same})",
            f"""
            {self.insert} SELECT {", ".join(self.key)}, cases, reports FROM wanted
            WHERE NOT EXISTS (
                SELECT FROM {self.table} WHERE {same}
                    AND {self.table}.cases = wanted.cases AND {self.table}.reports = wanted.reports)
            ORDER BY {", ".join(self.key)}
            ON CONFLICT ({", ".join(self.key)}) DO UPDATE SET cases = excluded.cases, reports = excluded.reports
            """,
            "DROP TABLE wanted",
        ]


_NEVER_EMPTY = {"day", "span", "starts", "area_id"}
DAYS = Kept(
    "cases_daytally",
    ("day", "area_id", "cell", "category_id", "category_class_id"),
    f"SELECT day, area_id, {_CELL}, category_id, category_class_id, {_SUMS} FROM SOURCE AS source "
    f"GROUP BY 1, 2, 3, 4, 5 {_SOME}",
)
CELLS = Kept(
    "cases_celltally",
    ("category_class_id", "span", "starts", "area_id", "cell"),
    f"""
    SELECT key AS category_class_id, span, starts, area_id, cell, {_SUMS} FROM (
        SELECT day, area_id, {_CELL}, category_class_id, {_SUMS} FROM SOURCE AS source GROUP BY 1, 2, 3, 4
    ) AS of_day CROSS JOIN LATERAL (VALUES {_STARTS}) AS part (span, starts)
    CROSS JOIN LATERAL (VALUES
        (true, NULL::bigint), (span > {WEEK} AND category_class_id IS NOT NULL, category_class_id)
    ) AS kind (counts, key) WHERE counts GROUP BY 1, 2, 3, 4, 5 {_SOME}
    """,
)
# The path of an area holds the ids of city, district and street first; what lies in a street is summed up there.
# Step by step, as each step leaves far fewer rows for the next.
AREAS = Kept(
    "cases_areatally",
    ("span", "starts", "area_id", "category_id"),
    f"""
    SELECT span, starts, above.id AS area_id, key AS category_id, {_SUMS} FROM (
        SELECT span, starts, home_id, key, {_SUMS} FROM (
            SELECT span, starts, home_id, category_id, category_class_id, {_SUMS} FROM (
                SELECT day, coalesce(nullif(split_part(area.path, '/', 4), '')::bigint, area.id) AS home_id,
                    category_id, category_class_id, {_SUMS}
                FROM SOURCE AS source JOIN governance_area AS area ON area.id = source.area_id GROUP BY 1, 2, 3, 4
            ) AS of_day CROSS JOIN LATERAL (VALUES
                (1::smallint, day), {_STARTS}
            ) AS part (span, starts) GROUP BY 1, 2, 3, 4, 5
        ) AS of_span CROSS JOIN LATERAL (VALUES
            (true, NULL::bigint), (span > 1 AND category_id IS NOT NULL, category_id),
            (span > 1 AND category_class_id IS DISTINCT FROM category_id, category_class_id)
        ) AS kind (counts, key) WHERE counts GROUP BY 1, 2, 3, 4
    ) AS of_kind JOIN governance_area AS home ON home.id = home_id
    CROSS JOIN LATERAL unnest(string_to_array(trim(BOTH '/' FROM home.path), '/')::bigint[]) AS above (id)
    GROUP BY 1, 2, 3, 4 {_SOME}
    """,
)
ALL = (DAYS, CELLS, AREAS)
