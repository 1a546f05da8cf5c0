"""Of what there are most cases: classes or sub-classes ranked."""

from dataclasses import dataclass, replace

from cases.hotspots.asking import BOTH, Question
from cases.hotspots.kinds import Kinds
from cases.hotspots.places import Counted, asked, judged
from cases.hotspots.spans import SPANS
from cases.models import CaseCategory


@dataclass(frozen=True)
class TypeCount:
    """One class or sub-class; ``share`` of all cases of the window that have a category, in percent."""

    category: CaseCategory
    counted: Counted
    share: float


def frequent_types(question: Question, *, classes: bool = False) -> list[TypeCount]:
    """Return ``classes``, or sub-classes (and classes without any), most cases first.

    A question with a category or a scene ranks what lies in it: no class lies in a sub-class, nor does one of which a
    scene groups only some sub-classes. Cases filed under a class that has
    sub-classes are ranked as that class only. Rows without cases in the window or before are left out.
    """
    everything = replace(question, category=None, scene=None)
    key = "category_class_id" if classes else "category_id"
    days = f"SELECT day AS starts, {key} AS key, cases, reports FROM cases_daytally WHERE {everything.here()}"
    if question.scope.summed:
        spans = " UNION ALL ".join(
            f"""
            SELECT starts, category_id AS key, cases, reports FROM cases_areatally
            WHERE area_id = ANY(%(tops)s) AND span = {span} AND starts = ANY(%(all_{span})s)
                AND category_id IS NOT NULL
            """
            for span in SPANS
        )
        rows = f"{spans} UNION ALL {days} AND day = ANY(%(all_1)s)"
    else:
        rows = f"{days} AND day BETWEEN %(from)s AND %(to)s"
    found = asked(everything, f"SELECT key, {BOTH} FROM ({rows}) AS counted WHERE key IS NOT NULL GROUP BY 1")
    ranked = _ranked({row[0]: row[1:] for row in found}, question.kinds, classes)
    counts = judged(question, [row for _category, row in ranked])
    whole = sum(row[0] for _category, row in ranked) or 1
    types = [
        TypeCount(category, counted, round(100 * counted.cases / whole, 1))
        for (category, _row), counted in zip(ranked, counts, strict=True)
    ]
    return sorted(types, key=lambda row: (-row.counted.cases, -row.counted.before, row.category.code))


def _ranked(rows: dict[int, tuple], kinds: Kinds | None, classes: bool) -> list[tuple[CaseCategory, tuple]]:
    """Pick what is ranked: no case is counted under two rows of it."""
    categories = list(CaseCategory.objects.filter(pk__in=rows).select_related("parent"))
    parents = {category.parent_id for category in categories}
    kept = [
        category
        for category in categories
        if (category.parent_id is None if classes else category.parent_id or category.pk not in parents)
        and (kinds is None or kinds.holds(category))
    ]
    return [(category, rows[category.pk]) for category in kept if rows[category.pk][0] or rows[category.pk][2]]
