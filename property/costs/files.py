"""Papers as files: Excel by openpyxl, Word by the template ``documents/paper.docx`` that an office may restyle."""

import io
from decimal import Decimal
from pathlib import Path

from django.http import FileResponse
from django.utils.translation import gettext as _
from docxtpl import DocxTemplate
from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from governance.errors import Invalid
from governance.exchange.exports import FORMATS, cell_of
from property.costs.papers import Paper

TEMPLATE = Path(__file__).parent / "documents" / "paper.docx"
KINDS = {
    "xlsx": FORMATS["xlsx"],
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}
WIDTHS = (22, 30, 24, 16, 24, 16)


def paper_response(paper: Paper, kind: str) -> FileResponse:
    """Answer with a paper as a file to keep. Raises Invalid for a format that is none."""
    if kind not in KINDS:
        raise Invalid(_("A table is exported as %(kinds)s.") % {"kinds": ", ".join(KINDS)}, field="format")
    file = (paper_sheet if kind == "xlsx" else paper_document)(paper)
    return FileResponse(file, as_attachment=True, filename=f"{paper.title}.{kind}", content_type=KINDS[kind])


def paper_sheet(paper: Paper) -> io.BytesIO:
    """Return a paper as an Excel file; yuan are numbers."""
    book = Workbook()
    sheet = book.active
    sheet.title = _("Statement")
    for place, width in enumerate(WIDTHS, start=1):
        sheet.column_dimensions[get_column_letter(place)].width = width
    _row(sheet, [paper.title], bold=True, size=14)
    for fact in paper.facts:
        _row(sheet, fact)
    for table in paper.tables:
        _row(sheet, [])
        _row(sheet, [table.title], bold=True)
        _row(sheet, table.header, bold=True)
        for row in table.rows:
            _row(sheet, row)
    if paper.foot:
        _row(sheet, [])
        _row(sheet, [paper.foot])
    file = io.BytesIO()
    book.save(file)
    file.seek(0)
    return file


def _row(sheet, cells, *, bold=False, size=11) -> None:
    sheet.append([cell_of(cell) for cell in cells])
    for cell, value in zip(sheet[sheet.max_row], cells, strict=False):
        cell.font = Font(bold=bold, size=size)
        if isinstance(value, Decimal):
            cell.number_format = "#,##0.00"


def paper_document(paper: Paper) -> io.BytesIO:
    """Return a paper as a Word file."""
    document = DocxTemplate(TEMPLATE)
    tables = [
        {"title": table.title, "header": table.header, "rows": [[_text(cell) for cell in row] for row in table.rows]}
        for table in paper.tables
    ]
    context = {"title": paper.title, "facts": paper.facts, "tables": tables, "foot": paper.foot}
    document.render(context, autoescape=True)
    file = io.BytesIO()
    document.save(file)
    file.seek(0)
    return file


def _text(cell) -> str:
    return f"{cell:,.2f}" if isinstance(cell, Decimal) else str(cell)
