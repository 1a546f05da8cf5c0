"""Two questions against each other, counted by the database; for staff. And the answers in words."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection
from django.utils.translation import gettext as _

from governance.errors import Invalid
from partners.models import QuestionKind, Survey, SurveyAnswer, SurveyQuestion
from partners.surveys.branching import OTHER, SCALES

CROSSABLE = (QuestionKind.SINGLE, QuestionKind.MULTIPLE, *SCALES)
# What somebody said to a question as values: options, or the figure of a scale.
SAID = "unnest(CASE WHEN {0}.number IS NULL THEN {0}.choices ELSE ARRAY[{0}.number::int::text] END)"
PAIRS = f"""
SELECT one.value, other.value, count(*)
FROM (SELECT sheet_id, {SAID.format("a")} AS value FROM partners_surveyanswer a WHERE question_id = %s) one
JOIN (SELECT sheet_id, {SAID.format("b")} AS value FROM partners_surveyanswer b WHERE question_id = %s) other
USING (sheet_id) GROUP BY 1, 2
"""


@dataclass(frozen=True)
class CrossTable:
    """``counts[row][column]``: how many said both."""

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]


def crossable(survey: Survey) -> list[SurveyQuestion]:
    """Return the questions that can be set against each other."""
    return list(survey.questions.filter(kind__in=CROSSABLE))


def cross_table(survey: Survey, rows: str, columns: str) -> CrossTable:
    """Count two questions, by their keys, against each other. Raises Invalid naming ``rows`` or ``columns``."""
    known = {question.key: question for question in crossable(survey)}
    for name, key in (("rows", rows), ("columns", columns)):
        if key not in known:
            raise Invalid(_("Name a question with options or a scale."), field=name, code="invalid_choice")
    if rows == columns:
        raise Invalid(_("Name two different questions."), field="columns", code="twice")
    one, other = known[rows], known[columns]
    with connection.cursor() as cursor:
        cursor.execute(PAIRS, [one.pk, other.pk])
        counts = {(row, column): count for row, column, count in cursor.fetchall()}
    across, down = _values(other), _values(one)
    return CrossTable(
        tuple(label for _key, label in down),
        tuple(label for _key, label in across),
        tuple(tuple(counts.get((row, column), 0) for column, _text in across) for row, _label in down),
    )


def _values(question: SurveyQuestion) -> Sequence[tuple[str, str]]:
    if question.kind in SCALES:
        first, last = SCALES[question.kind]
        return [(str(one), str(one)) for one in range(first, last + 1)]
    keys = [one["key"] for one in question.options] + ([OTHER] if question.other else [])
    return [(key, question.text_of(key)) for key in keys]


def words_of(survey: Survey, question: SurveyQuestion):
    """Return the answers of a question in words, in an order that tells nothing; for staff."""
    rows = SurveyAnswer.objects.filter(question=question, sheet__survey=survey).exclude(text="")
    return rows.select_related(
        "sheet__dwelling__building__estate", "sheet__dwelling__entrance", "sheet__person"
    ).order_by("sheet_id")
