"""Lists out as Excel or CSV: cells that no spreadsheet takes for a formula, memory that does not grow with rows."""

import csv
import html
import io
import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import IO

from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from governance import events
from governance.errors import Invalid
from governance.exchange.files import LIKE_A_FORMULA, MOST_CELL
from governance.scoping import Grant

EXPORTED = events.register("export.done", gettext_lazy("List exported"))
FORMATS = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}
IN_MEMORY = 4 * 1024 * 1024  # beyond it a temporary file
# Fragments as ``format_html`` makes them: what only an icon says is left out, then the tags.
_ICON = re.compile(r"<(\w+)[^>]*material-symbols[^>]*>.*?</\1>", re.DOTALL)
_TAG = re.compile(r"<[^>]*>")
_DATES = {True: "yyyy-mm-dd hh:mm", False: "yyyy-mm-dd"}


def defused(text: str) -> str:
    """Return the text with an apostrophe before what a spreadsheet would carry out, without what it cannot hold."""
    text = ILLEGAL_CHARACTERS_RE.sub("", text)[: MOST_CELL - 1]
    return f"'{text}" if LIKE_A_FORMULA.match(text) else text


def cell_of(value):
    """Return a value as a cell holds it: figures and times as such (Asia/Shanghai), all else as harmless text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, datetime):
        return timezone.make_naive(value).replace(microsecond=0) if timezone.is_aware(value) else value
    if isinstance(value, int | float | Decimal | date):
        return value
    return defused(text_of(value))


def text_of(value) -> str:
    """Return what a person reads of a list's cell."""
    if not isinstance(value, SafeString):
        return str(value)
    return " ".join(html.unescape(_TAG.sub(" ", _ICON.sub(" ", value))).split())


def table_file(kind: str, header: Sequence[str], rows: Iterable[Sequence]) -> tuple[IO[bytes], int]:
    """Write a table and return the file, at its beginning, and the number of rows. Raises Invalid for a format."""
    if kind not in FORMATS:
        raise Invalid(_("A table is exported as %(kinds)s.") % {"kinds": ", ".join(FORMATS)}, field="format")
    file = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 - the caller sends it
    counted = _Counted(rows)
    (_write_sheet if kind == "xlsx" else _write_csv)(file, header, counted)
    file.seek(0)
    return file, counted.number


class _Counted:
    def __init__(self, rows: Iterable[Sequence]):
        self.rows, self.number = rows, 0

    def __iter__(self) -> Iterator[list]:
        for row in self.rows:
            self.number += 1
            yield [cell_of(value) for value in row]


def _write_csv(file: IO[bytes], header: Sequence[str], rows: Iterable[list]) -> None:
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="", write_through=True)
    writer = csv.writer(text)
    writer.writerow([defused(str(title)) for title in header])
    writer.writerows(rows)
    text.detach()


def _write_sheet(file: IO[bytes], header: Sequence[str], rows: Iterable[list]) -> None:
    book = Workbook(write_only=True)
    sheet = book.create_sheet(_("List"))
    sheet.freeze_panes = "A2"
    for place in range(1, len(header) + 1):
        sheet.column_dimensions[get_column_letter(place)].width = 20
    sheet.append([_title(sheet, str(title)) for title in header])
    for row in rows:
        sheet.append([_cell(sheet, value) for value in row])
    book.save(file)


def _title(sheet, title: str) -> WriteOnlyCell:
    cell = WriteOnlyCell(sheet, value=defused(title))
    cell.font = Font(bold=True)
    return cell


def _cell(sheet, value):
    if isinstance(value, date):
        cell = WriteOnlyCell(sheet, value=value)
        cell.number_format = _DATES[isinstance(value, datetime)]
        return cell
    return value


def export_recorded(person, *, grant: Grant, model: str, filters: Sequence[str], rows: int, kind: str) -> None:
    """Record that ``person`` took a list out: of which model, by which filters (names only), how many rows."""
    payload = {"model": model, "filters": list(filters), "rows": rows, "format": kind}
    events.record(EXPORTED, person, actor=person, grant=grant, payload=payload)
