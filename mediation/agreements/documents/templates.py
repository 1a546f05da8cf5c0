"""Word templates built from ``layouts``: once a process, kept in memory."""

from functools import lru_cache
from io import BytesIO

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Cm, Pt

from mediation.agreements.documents import layouts

FONT = "宋体"


@lru_cache(maxsize=32)
def template_of(name: str) -> bytes:
    """Return the template of a layout (``AGREEMENT``) as a .docx file with what docxtpl fills in."""
    document = Document()
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.6)
    style = document.styles["Normal"]
    style.font.name, style.font.size = FONT, Pt(12)
    style.element.rPr.rFonts.set(qn("w:eastAsia"), FONT)
    _lines(document, getattr(layouts, name))
    content = BytesIO()
    document.save(content)
    return content.getvalue()


def _lines(document, lines):
    for kind, *parts in lines:
        LINES[kind](document, *parts)


def _line(document, text: str, *, size: float = 12, bold: bool = False, align=None, indent: bool = False):
    paragraph = document.add_paragraph()
    run = paragraph.add_run(text)
    run.bold, run.font.size = bold, Pt(size)
    if align is not None:
        paragraph.alignment = align
    if indent:
        paragraph.paragraph_format.first_line_indent = Pt(2 * size)
    return paragraph


def _title(document, text):
    _line(document, text, size=20, bold=True, align=WD_ALIGN_PARAGRAPH.CENTER)


def _number(document, text):
    _line(document, text, size=10.5, align=WD_ALIGN_PARAGRAPH.RIGHT)


def _head(document, text):
    _line(document, text, bold=True)


def _text(document, text):
    _line(document, text, indent=True)


def _wording(document, sentence):
    """A sentence that a place may word: filled in as it is; left out where nothing stands there."""
    _line(document, f"{{%p if wording.{sentence} %}}")
    _line(document, f"{{{{ wording.{sentence} }}}}", indent=True)
    _line(document, "{%p endif %}")


def _when(document, name, lines):
    _line(document, f"{{%p if {name} %}}")
    _lines(document, lines)
    _line(document, "{%p endif %}")


def _each(document, rows, text):
    _line(document, f"{{%p for row in {rows} %}}")
    _line(document, text, indent=True)
    _line(document, "{%p endfor %}")


def _table(document, rows, columns):
    table = document.add_table(rows=4, cols=len(columns), style="Table Grid")
    marks = {1: f"{{%tr for row in {rows} %}}", 3: "{%tr endfor %}"}
    for line, mark in marks.items():
        table.rows[line].cells[0].text = mark
    for place, (heading, text) in enumerate(columns.items()):
        table.rows[0].cells[place].text, table.rows[2].cells[place].text = heading, text
    document.add_paragraph()


def _facts(document, facts):
    table = document.add_table(rows=len(facts), cols=2, style="Table Grid")
    for row, (heading, text) in zip(table.rows, facts.items(), strict=True):
        row.cells[0].text, row.cells[1].text = heading, text
        row.cells[0].width, row.cells[1].width = Cm(4), Cm(11.8)
    document.add_paragraph()


LINES = {"title": _title, "number": _number, "head": _head, "text": _text, "each": _each, "table": _table,
         "facts": _facts, "wording": _wording, "when": _when}  # fmt: skip
