"""Figures of a questionnaire, added up by the database: as many statements for ten answers as for ten thousand.

What residents read is ``published``: figures of fewer than ``SMALLEST_CELL`` people are not shown, and where the total
would give a single hidden one away, the next smallest is hidden with it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import ROUND_HALF_UP, Decimal

from django.db import connection
from django.db.models import Avg, Count, Max, Min

from partners.models import QuestionKind, Survey, SurveyAnswer, SurveyMode, SurveyQuestion
from partners.surveys.branching import OTHER, SCALES
from partners.surveys.homes import dwellings_asked

# Usual in official statistics (a minimum frequency rule); 5 [J].
SMALLEST_CELL = 5
TALLIED = (QuestionKind.SINGLE, QuestionKind.MULTIPLE, QuestionKind.RANKING)

CHOICES = """
SELECT answer.question_id, chosen.key, count(*), avg(chosen.place)
FROM partners_surveyanswer answer
JOIN partners_surveyquestion question ON question.id = answer.question_id
CROSS JOIN LATERAL unnest(answer.choices) WITH ORDINALITY AS chosen (key, place)
WHERE question.survey_id = %s GROUP BY 1, 2
"""
NUMBERS = """
SELECT answer.question_id, answer.number, count(*)
FROM partners_surveyanswer answer
JOIN partners_surveyquestion question ON question.id = answer.question_id
WHERE question.survey_id = %s AND question.kind IN ('scale5', 'scale10') AND answer.number IS NOT NULL GROUP BY 1, 2
"""
CELLS = """
SELECT answer.question_id, cell.key, cell.value, count(*)
FROM partners_surveyanswer answer
JOIN partners_surveyquestion question ON question.id = answer.question_id
CROSS JOIN LATERAL jsonb_each_text(answer.cells) AS cell (key, value)
WHERE question.survey_id = %s GROUP BY 1, 2, 3
"""


@dataclass(frozen=True)
class Cell:
    """How many (None: too few to be shown) said ``label``; ``share`` of those who answered, in percent.

    ``place``: the middle place in a ranking, 1 is first.
    """

    key: str
    label: str
    count: int | None
    share: Decimal | None
    place: Decimal | None = None


@dataclass(frozen=True)
class QuestionResult:
    """Figures of one question: cells of what can be chosen, ``rows`` of a table, the mean and bounds of numbers."""

    question: SurveyQuestion
    answered: int | None
    cells: tuple[Cell, ...] = ()
    rows: tuple[tuple[str, tuple[Cell, ...]], ...] = ()
    mean: Decimal | None = None
    least: Decimal | None = None
    most: Decimal | None = None


@dataclass(frozen=True)
class Results:
    """``asked``: dwellings in the place, where one answer per dwelling is taken; ``ways``: sheets by how they came."""

    sheets: int
    asked: int | None
    ways: dict[str, int]
    questions: tuple[QuestionResult, ...] = field(default=())

    @property
    def share(self) -> Decimal | None:
        """How many of the dwellings asked have answered, in percent."""
        return percent(self.sheets, self.asked) if self.asked else None


def percent(part: int, whole: int) -> Decimal:
    """Return a share in percent with one decimal place; 0 of nothing."""
    return (Decimal(100 * part) / whole).quantize(Decimal("0.1"), ROUND_HALF_UP) if whole else Decimal("0.0")


def results_of(survey: Survey) -> Results:
    """Return all figures, for staff; seven statements."""
    ways = dict(survey.sheets.order_by().values_list("way").annotate(n=Count("pk")))
    questions = list(survey.questions.all())
    tables = {name: _rows(sql, survey.pk) for name, sql in (("c", CHOICES), ("n", NUMBERS), ("m", CELLS))}
    answers = SurveyAnswer.objects.filter(question__survey=survey).order_by().values("question")
    told = {
        row["question"]: row
        for row in answers.annotate(n=Count("pk"), mean=Avg("number"), least=Min("number"), most=Max("number"))
    }
    asked = dwellings_asked(survey).count() if survey.mode == SurveyMode.DWELLING else None
    found = tuple(_result(question, told.get(question.pk), tables) for question in questions)
    return Results(sum(ways.values()), asked, ways, found)


def _rows(sql: str, pk: int) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql, [pk])
        return cursor.fetchall()


def _result(question: SurveyQuestion, told: dict | None, tables: dict) -> QuestionResult:
    answered = told["n"] if told else 0
    if question.kind in TALLIED:
        counts = {key: (count, place) for pk, key, count, place in tables["c"] if pk == question.pk}
        return QuestionResult(question, answered, _chosen(question, counts, answered))
    if question.kind in SCALES:
        first, last = SCALES[question.kind]
        numbers = {int(number): count for pk, number, count in tables["n"] if pk == question.pk}
        cells = tuple(_cell(str(one), str(one), numbers.get(one, 0), answered) for one in range(first, last + 1))
        return QuestionResult(question, answered, cells, mean=_rounded(told and told["mean"]))
    if question.kind == QuestionKind.MATRIX:
        counts = {(row, column): count for pk, row, column, count in tables["m"] if pk == question.pk}
        return QuestionResult(question, answered, rows=_table(question, counts))
    if question.kind == QuestionKind.NUMBER and told:
        return QuestionResult(question, answered, mean=_rounded(told["mean"]), least=told["least"], most=told["most"])
    return QuestionResult(question, answered)


def _cell(key: str, label: str, count: int, answered: int) -> Cell:
    return Cell(key, label, count, percent(count, answered))


def _chosen(question: SurveyQuestion, counts: dict, answered: int) -> tuple[Cell, ...]:
    keys = [one["key"] for one in question.options] + ([OTHER] if question.other else [])
    ranking = question.kind == QuestionKind.RANKING
    cells = []
    for key in keys:
        count, place = counts.get(key, (0, None))
        cell = _cell(key, question.text_of(key), count, answered)
        cells.append(replace(cell, place=_rounded(place)) if ranking else cell)
    return tuple(sorted(cells, key=lambda cell: cell.place or Decimal(999))) if ranking else tuple(cells)


def _table(question: SurveyQuestion, counts: dict) -> tuple:
    rows = []
    for row in question.rows:
        columns = [(one["key"], one["text"], counts.get((row["key"], one["key"]), 0)) for one in question.options]
        total = sum(count for _key, _text, count in columns)
        rows.append((row["text"], tuple(_cell(key, text, count, total) for key, text, count in columns)))
    return tuple(rows)


def _rounded(number) -> Decimal | None:
    return None if number is None else Decimal(number).quantize(Decimal("0.01"), ROUND_HALF_UP)


def published(results: Results) -> Results:
    """Return what residents read: no words, and no figure of fewer than ``SMALLEST_CELL`` people."""
    return replace(results, ways={}, questions=tuple(_shown(one) for one in results.questions))


def _shown(result: QuestionResult) -> QuestionResult:
    if result.answered < SMALLEST_CELL:
        return QuestionResult(result.question, None)
    single = result.question.kind != QuestionKind.MULTIPLE
    cells = () if result.question.kind == QuestionKind.RANKING else hidden(result.cells, adds_up=single)
    if result.question.kind == QuestionKind.RANKING:  # everybody ranks all: the places alone are told
        cells = tuple(replace(cell, count=None, share=None) for cell in result.cells)
    rows = tuple((text, hidden(row, adds_up=True)) for text, row in result.rows)
    # With the mean of a scale the hidden figures could be reckoned.
    told = result.question.kind not in SCALES or all(cell.count is not None for cell in cells)
    # The least and the most number are what one person said.
    return replace(result, cells=cells, rows=rows, mean=result.mean if told else None, least=None, most=None)


def hidden(cells: Sequence[Cell], *, adds_up: bool) -> tuple[Cell, ...]:
    """Return cells without the small figures; nobody at all is told. ``adds_up``: their sum is known, so that the
    others could tell what is hidden: the smallest of these is hidden too."""
    small = [cell for cell in cells if 0 < cell.count < SMALLEST_CELL]
    large = [cell for cell in cells if cell.count >= SMALLEST_CELL]
    if adds_up and _told_by_sum([cell.count for cell in small]):
        if large:
            small.append(min(large, key=lambda cell: cell.count))
        elif len(small) > 1:
            small = list(cells)  # nothing else is left to hide but that nobody said the others
    keys = {cell.key for cell in small}
    return tuple(replace(cell, count=None, share=None) if cell.key in keys else cell for cell in cells)


def _told_by_sum(counts: Sequence[int]) -> bool:
    """Tell whether hidden counts follow from their sum: a single one, or all as small, or as large, as they can be."""
    whole = sum(counts)
    return len(counts) == 1 or (bool(counts) and whole in (len(counts), len(counts) * (SMALLEST_CELL - 1)))
