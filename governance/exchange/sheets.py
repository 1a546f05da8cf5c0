"""Excel files beside the imports: the empty form of an importer, the errors of a run."""

from collections.abc import Iterable, Mapping
from typing import IO

from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter

from governance.exchange.exports import cell_of, table_file
from governance.exchange.importers import Importer, importer_named
from governance.models import ImportRun

_REQUIRED = PatternFill("solid", fgColor="FDF0DC")


def template_of(cls: type[Importer], file: IO[bytes], lines: Iterable[Mapping] = ()) -> int:
    """Write an Excel file to fill in: translated headers, required ones marked, a comment on what belongs there.

    ``lines`` are cells by column, as ``Importer.filled`` gives them; returns how many there were.
    """
    book = Workbook()
    sheet = book.active
    sheet.title = str(cls.label)[:31]
    sheet.freeze_panes = "A2"
    for place, column in enumerate(cls.columns, start=1):
        cell = sheet.cell(1, place, f"{column.label}*" if column.required else str(column.label))
        cell.font = Font(bold=True)
        told = [column.name, str(column.help), _("Required") if column.required else ""]
        cell.comment = Comment("\n".join(part for part in told if part), _("Jiceng"))
        if column.required:
            cell.fill = _REQUIRED
        letter = get_column_letter(place)
        sheet.column_dimensions[letter].width = 18
        sheet.column_dimensions[letter].number_format = "@"  # codes keep their leading zeros
    count = 0
    for line in lines:
        count += 1
        sheet.append([cell_of(line.get(column.name, "")) for column in cls.columns])
    for row in range(count + 2, count + 202):
        for place in range(1, len(cls.columns) + 1):
            sheet.cell(row, place).number_format = "@"
    book.save(file)
    return count


def error_lines(run: ImportRun) -> list[tuple[str, int, str, str]]:
    """Return ``(file, line, translated column, message)`` of the errors kept of a run."""
    cls = importer_named(run.importer)
    labels = {column.name: str(column.label) for column in cls.columns} if cls else {}
    return [(file, line, labels.get(column, column), message) for file, line, column, message in run.errors]


def errors_file(run: ImportRun) -> IO[bytes]:
    """Return an Excel file with the errors kept of a run."""
    header = [_("file"), _("line"), _("column"), _("what is wrong")]
    return table_file("xlsx", header, error_lines(run))[0]
