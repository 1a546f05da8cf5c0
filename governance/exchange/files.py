"""Files as tables: TSV, CSV (also gzipped) and Excel, with line numbers as the person sees them in the file.

Nothing here knows what the columns mean beyond their names. What cannot be read is refused with a sentence that says
what is wrong with the file (``Invalid``, field ``file``).
"""

import csv
import gzip
import io
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from itertools import chain
from pathlib import PurePath
from xml.etree.ElementTree import ParseError

import openpyxl
from django.utils import translation
from django.utils.translation import gettext as _
from openpyxl.utils.exceptions import InvalidFileException

from governance.errors import Invalid
from governance.exchange.importers import Column

MOST_BYTES = 20 * 1024 * 1024  # as brought
MOST_UNPACKED = 200 * 1024 * 1024  # a small file may unpack to a huge one
MOST_CELL = 32_767  # characters, as in Excel
SUFFIXES = (".tsv", ".csv", ".xlsx", ".tsv.gz", ".csv.gz")
HEADER_LANGUAGES = ("en", "zh-hans")
# What spreadsheets take for the beginning of a formula or command (OWASP, "CSV Injection"), full width included.
LIKE_A_FORMULA = re.compile(r"\s*[=+\-@＝＋－＠]|[\t\r\n]")
# First bytes of an OLE container: an Excel file with a password, or one from before 2007.
OLE = b"\xd0\xcf\x11\xe0"
# Whatever openpyxl meets in a damaged workbook.
BROKEN = (
    zipfile.BadZipFile, zlib.error, InvalidFileException, ParseError, KeyError, ValueError, TypeError, AttributeError,
    IndexError, OSError, EOFError, NotImplementedError,
)  # fmt: skip


@dataclass(frozen=True)
class Source:
    """One file: its name (which says the kind) and its bytes."""

    name: str
    content: bytes


class LineRefused(Exception):
    """A line that is no row of the table: more cells than headers, a quote that never ends."""

    def __init__(self, line: int, message: str):
        super().__init__(line, message)
        self.line, self.message = line, message


@dataclass(frozen=True)
class Line:
    """One row of a file by column name, or what is wrong with it. ``number`` is where it begins, from 1."""

    number: int
    row: dict[str, str]
    wrong: str = ""


def read_lines(source: Source, columns: Sequence[Column], *, most: int, others: bool = False) -> list[Line]:
    """Return the rows under the header, empty ones left out. ``others``: columns nobody knows are kept by their header.

    Raises Invalid for a file that cannot be read, has no rows, more than ``most``, a column nobody knows, one twice,
    or lacks a required one.
    """
    rows = _rows(source)
    try:
        filled = ((number, cells) for number, cells in rows if any(cells))
        header, first = next(filled, None), next(filled, None)
        if header is None:
            raise _refused(_("The file %(name)s is empty."), source)
        if first is not None and _is_title(header[1], first[1]):
            why = _("%(name)s: line %(line)s has only one cell (a title?). Delete what is above the headers.")
            raise _refused(why, source, line=header[0])
        names = _header(header[1], columns, source, others)
        lines = []
        for number, cells in chain([first] if first else [], filled):
            lines.append(_line(number, cells, names, columns))
            if len(lines) > most:
                raise _refused(_("%(name)s has more than %(most)s lines. Split it."), source, most=most)
    except LineRefused as error:
        raise _refused(_("%(name)s, line %(line)s: %(why)s"), source, line=error.line, why=error.message) from error
    if not lines:
        raise _refused(_("The file %(name)s has a header but no lines under it."), source)
    return lines


def _is_title(cells: list[str], below: list[str]) -> bool:
    """Tell whether a row is what sheets exported for reading bear above their headers."""
    return sum(map(bool, cells)) == 1 < sum(map(bool, below))


class OtherColumns(Invalid):
    """The columns of a file are not those that are read here."""


def _refused(text: str, source: Source, **values) -> Invalid:
    return Invalid(text % {"name": source.name, **values}, field="file", code="unreadable_file")


def _other_columns(text: str, source: Source, **values) -> OtherColumns:
    return OtherColumns(text % {"name": source.name, **values}, field="file", code="unreadable_file")


def _rows(source: Source) -> Iterator[tuple[int, list[str]]]:
    """Yield ``(line number, stripped cells)``."""
    if len(source.content) > MOST_BYTES:
        raise _refused(_("%(name)s is larger than %(most)s MB."), source, most=MOST_BYTES // 1024**2)
    name, content = source.name.lower(), source.content
    if name.endswith(".gz"):
        name, content = name.removesuffix(".gz"), _unpacked(source)
    kind = PurePath(name).suffix
    if kind == ".xlsx":
        return _sheet_rows(source, content)
    if kind not in (".tsv", ".csv"):
        raise _refused(_("%(name)s: files of the kinds %(kinds)s can be read."), source, kinds=" ".join(SUFFIXES))
    return _text_rows(_text(source, content), "\t" if kind == ".tsv" else ",")


def _unpacked(source: Source) -> bytes:
    try:
        with gzip.open(io.BytesIO(source.content)) as packed:
            content = packed.read(MOST_UNPACKED + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise _refused(_("%(name)s is damaged: it cannot be unpacked."), source) from error
    if len(content) > MOST_UNPACKED:
        raise _refused(_("%(name)s unpacks to more than %(most)s MB."), source, most=MOST_UNPACKED // 1024**2)
    return content


def _text(source: Source, content: bytes) -> str:
    if b"\0" in content[:4096] and not content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise _refused(_("%(name)s is no text file, whatever its name says."), source)
    encodings = ("utf-16",) if content.startswith((b"\xff\xfe", b"\xfe\xff")) else ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise _refused(_("%(name)s is neither UTF-8 nor GB 18030 text."), source)


def _text_rows(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the records of a text; one that spans several lines (a quoted line break) counts where it begins."""
    csv.field_size_limit(MOST_CELL * 4)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    begins = 1
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise LineRefused(begins, _("quotes or cells that cannot be read (%(why)s)") % {"why": error}) from error
        yield begins, [meant(cell.strip()) for cell in cells]
        begins = reader.line_num + 1


def _sheet_rows(source: Source, content: bytes) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows of the first sheet; formulas give the values that Excel stored beside them."""
    if content.startswith(OLE):
        why = _("%(name)s has a password or comes from an old Excel (.xls). Save it as .xlsx without a password.")
        raise _refused(why, source)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            if sum(part.file_size for part in packed.infolist()) > MOST_UNPACKED:
                raise _refused(_("%(name)s unpacks to more than %(most)s MB."), source, most=MOST_UNPACKED // 1024**2)
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()  # what the file says about its size may be wrong
        for number, cells in enumerate(sheet.iter_rows(values_only=True), start=1):
            yield number, [_cell_text(cell) for cell in cells]
    except BROKEN as error:
        raise _refused(_("%(name)s is damaged or no Excel file (.xlsx)."), source) from error


def _cell_text(value) -> str:
    """Return a cell as people would write it: whole numbers without a point, days as 2026-01-31."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else f"{Decimal(repr(value)):f}"
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ", "minutes")
    if isinstance(value, date):
        return value.isoformat()
    return meant(str(value).strip())


def meant(text: str) -> str:
    """Return a text without the apostrophe that our exports put before what looks like a formula."""
    return text[1:] if text.startswith("'") and LIKE_A_FORMULA.match(text[1:]) else text


def _header(cells: list[str], columns: Sequence[Column], source: Source, others: bool) -> list[str]:
    """Return the column name of each header cell, "" for cells without one."""
    known = _known_headers(columns)
    names: list[str] = []
    for cell in cells:
        name = known.get(_folded(cell), cell.strip() if others else "") if cell else ""
        if cell and not name:
            choices = "、".join(_named(column) for column in columns)
            raise _other_columns(
                _("%(name)s: there is no column “%(column)s” here. Columns: %(choices)s."),
                source, column=cell, choices=choices,
            )  # fmt: skip
        if name and name in names:
            raise _refused(_("%(name)s has the column “%(column)s” twice."), source, column=cell)
        names.append(name)
    for column in columns:
        if column.required and column.name not in names:
            raise _other_columns(_("%(name)s lacks the column “%(column)s”."), source, column=_named(column))
    return names


def _named(column: Column) -> str:
    """Return a column as people call it, with its short name, which some files use."""
    return f"{column.label} ({column.name})"


def _known_headers(columns: Iterable[Column]) -> dict[str, str]:
    known = {}
    for language in HEADER_LANGUAGES:
        with translation.override(language):
            known |= {_folded(str(column.label)): column.name for column in columns}
    return known | {_folded(column.name): column.name for column in columns}


def _folded(header: str) -> str:
    return header.strip().strip("*＊").strip().casefold()


def _line(number: int, cells: list[str], names: list[str], columns: Sequence[Column]) -> Line:
    row = dict.fromkeys((column.name for column in columns), "")
    row |= dict.fromkeys(filter(None, names), "")  # a line may end before its last, empty cells
    row |= {name: cell for name, cell in zip(names, cells, strict=False) if name}
    beyond = any(cells[len(names) :]) or any(cell for name, cell in zip(names, cells, strict=False) if not name)
    if beyond:
        return Line(number, row, _("There is a value in a column without a header."))
    if "\0" in "".join(cells):
        return Line(number, row, _("There is a character in it that cannot be stored."))
    return Line(number, row)
