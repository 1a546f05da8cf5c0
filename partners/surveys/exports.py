"""Questionnaires on paper and as files: the sheets as a table, the figures as a report, a poster with the QR code.

The Word templates in ``word/`` are Chinese, as what hangs in the stairwell is; a place changes them in Word.
"""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import segno
from django.utils import timezone
from django.utils.translation import gettext as _
from docx.shared import Mm
from docxtpl import DocxTemplate, InlineImage

from partners.models import QuestionKind, Survey, SurveyAnswer, SurveyAnswerSheet, SurveyMode, SurveyQuestion
from partners.surveys.branching import plain
from partners.surveys.results import Cell, QuestionResult, results_of

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
FOLDER = Path(__file__).parent / "word"
CHUNK = 500
QR_SIDE = 80  # millimetres: read from a metre away
FULL_BAR = 20  # characters


def code_png(address: str) -> bytes:
    """Return an address as a QR code, a PNG picture to print."""
    content = BytesIO()
    segno.make_qr(address, error="m").save(content, kind="png", scale=12, border=4)
    return content.getvalue()


def poster_of(survey: Survey, address: str) -> tuple[str, bytes]:
    """Return (file name, content) of the poster to hang up, a Word document."""
    template = DocxTemplate(FOLDER / "poster.docx")
    closes = f"{timezone.localtime(survey.closes_at):%Y年%m月%d日 %H:%M}" if survey.closes_at else ""
    words = {
        "title": survey.title, "introduction": survey.introduction, "place": survey.for_text, "unit": survey.unit.name,
        "closes": closes, "mode": str(survey.get_mode_display()), "address": address,
        "code": InlineImage(template, BytesIO(code_png(address)), width=Mm(QR_SIDE)),
    }  # fmt: skip
    return f"poster-{survey.code}.docx", _rendered(template, words)


def _rendered(template: DocxTemplate, words: dict) -> bytes:
    template.render(words, autoescape=True)
    content = BytesIO()
    template.save(content)
    return content.getvalue()


def table_of(survey: Survey) -> tuple[list[str], Iterator[list]]:
    """Return header and rows of the table: one sheet a row. An anonymous one tells nobody and comes in no order."""
    questions = list(survey.questions.all())
    header = [_("day"), _("came"), _("entered by"), *_whose_header(survey)]
    return header + [str(question) for question in questions], _rows(survey, questions)


def _whose_header(survey: Survey) -> list[str]:
    return {SurveyMode.DWELLING: [_("dwelling")], SurveyMode.PERSON: [_("person")]}.get(survey.mode, [])


def _rows(survey: Survey, questions: list[SurveyQuestion]) -> Iterator[list]:
    rows = survey.sheets.with_rows().prefetch_related("answers").order_by("id")
    for sheet in rows.iterator(CHUNK):
        answers = {answer.question_id: answer for answer in sheet.answers.all()}
        row = [sheet.day, str(sheet.get_way_display()), str(sheet.told_entered_by or "")]
        row += _whose(sheet)
        yield row + [answer_text(question, answers.get(question.pk)) for question in questions]


def _whose(sheet: SurveyAnswerSheet) -> list[str]:
    if sheet.mode == SurveyMode.DWELLING:
        return [sheet.dwelling.code]
    return [str(sheet.person)] if sheet.mode == SurveyMode.PERSON else []


def answer_text(question: SurveyQuestion, answer: SurveyAnswer | None):
    """Return an answer as a cell holds it."""
    if answer is None:
        return ""
    if answer.number is not None:
        return answer.number
    if answer.day is not None:
        return answer.day
    if question.kind == QuestionKind.MATRIX:
        rows = {row["key"]: row["text"] for row in question.rows}
        return "；".join(f"{rows.get(row, row)}：{question.text_of(one)}" for row, one in answer.cells.items())
    if answer.choices:
        mark = " > " if question.kind == QuestionKind.RANKING else "、"
        words = f"（{answer.text}）" if answer.text else ""
        return mark.join(question.text_of(one) for one in answer.choices) + words
    return answer.text


def report_of(survey: Survey) -> tuple[str, bytes]:
    """Return (file name, content) of the report for staff, a Word document with all figures; no words of people."""
    found = results_of(survey)
    day = f"{timezone.localdate():%Y年%m月%d日}"
    words = {
        "title": survey.title, "place": survey.for_text, "unit": survey.unit.name, "day": day,
        "mode": str(survey.get_mode_display()), "state": str(survey.get_state_display()),
        "opened": _date(survey.opened_at), "closed": _date(survey.closed_at or survey.closes_at),
        "introduction": survey.introduction, "sheets": found.sheets,
        "asked": found.asked if found.asked is not None else "—",
        "share": f"{found.share}%" if found.share is not None else "—",
        "questions": [_reported(number, one) for number, one in enumerate(found.questions, 1)],
    }  # fmt: skip
    return f"survey-{survey.code}.docx", _rendered(DocxTemplate(FOLDER / "report.docx"), words)


def _date(moment) -> str:
    return f"{timezone.localtime(moment):%Y-%m-%d %H:%M}" if moment else "—"


def _reported(number: int, result: QuestionResult) -> dict:
    question = result.question
    lines = [_line(cell.label, cell) for cell in result.cells]
    for text, cells in result.rows:
        lines += [_line(f"{text} · {cell.label}", cell) for cell in cells]
    figures = []
    if result.mean is not None:
        figures.append(_("mean %(mean)s %(unit)s") % {"mean": result.mean, "unit": question.unit})
    if result.least is not None:
        bounds = {"least": plain(result.least), "most": plain(result.most)}
        figures.append(_("from %(least)s to %(most)s") % bounds)
    return {
        "number": number, "text": question.text, "kind": str(question.get_kind_display()),
        "answered": result.answered, "lines": lines, "figures": "，".join(figures),
    }  # fmt: skip


def _line(label: str, cell: Cell) -> dict:
    bar = "█" * round(FULL_BAR * float(cell.share or 0) / 100)
    share = f"{cell.share}%" if cell.place is None else _("mean place %(place)s") % {"place": cell.place}
    return {"label": label, "count": cell.count, "share": share, "bar": bar if cell.place is None else ""}
