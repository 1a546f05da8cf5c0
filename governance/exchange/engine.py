"""Checking and storing files: line by line, whole or not at all.

``check`` says what a file would do, ``run`` does it in one transaction that holds a lock for its importer. Who may,
what is kept of it and who is told is the matter of ``governance.exchange.runs``.
"""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from django.db import connection, transaction
from django.utils.translation import gettext as _

from governance.errors import Conflict, Invalid
from governance.exchange.files import Line, OtherColumns, Source, read_lines
from governance.exchange.importers import Importer, Planned, RowError
from governance.models.exchange import ImportRun
from governance.transactions import atomically

# Rows stored, or judged, between two looks at whether somebody wants it stopped.
PART = 1000
# First half of the keys of advisory locks: one run at a time per importer, and a sign of life per run.
IMPORTER_LOCK = 0x6A63696D  # "jcim"
RUN_LOCK = 0x6A637275  # "jcru"


@dataclass(frozen=True)
class LineError:
    """What is wrong with a line; ``column`` is the column's name ("" = the whole line)."""

    line: int
    column: str
    message: str
    file: str = ""


@dataclass
class Report:
    """What a check found or a run did, in lines. ``errors`` and ``rows`` are the first ones, the counts are of all."""

    lines: int = 0
    adds: int = 0
    changes: int = 0
    same: int = 0
    errors: list[LineError] = field(default_factory=list)
    error_count: int = 0
    rows: list[tuple[int, str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def refuse(self, source: Source, line: int, column: str, message: str) -> None:
        """Count an error, keep it while there is room."""
        self.error_count += 1
        if len(self.errors) < ImportRun.KEPT_ERRORS:
            self.errors.append(LineError(line, column, str(message), source.name))

    def plan(self, line: int, planned: Planned) -> None:
        """Count a row, keep it while there is room."""
        counted = {"add": "adds", "change": "changes", "same": "same"}[planned.action]
        setattr(self, counted, getattr(self, counted) + 1)
        if len(self.rows) < ImportRun.KEPT_ROWS:
            self.rows.append((line, planned.action, planned.title or " ".join(map(str, planned.key))))


class Cancelled(Exception):
    """Somebody wants the run stopped."""


class RowsRefused(Exception):
    """At least one line cannot be stored, so none is; ``report`` says which and why."""

    def __init__(self, report: Report):
        super().__init__(f"{report.error_count} bad lines")
        self.report = report


class Progress(Protocol):
    """Hears how far a run is; ``advance`` raises Cancelled to stop it."""

    def begin(self, steps: int) -> None: ...

    def advance(self, steps: int) -> None: ...


class Silent:
    """Nobody listens and nobody stops it."""

    def begin(self, steps: int) -> None:
        return

    def advance(self, steps: int) -> None:
        return


def check(importer: Importer, *sources: Source, actor) -> Report:
    """Say what the files would do; nothing is stored, whatever the importer does while it reads.

    Raises Invalid for a file that cannot be read.
    """
    with transaction.atomic():
        report, _planned = _judge(importer, sources, actor, Silent())
        transaction.set_rollback(True)
    return report


def run(importer: Importer, *sources: Source, actor, progress: Progress | None = None) -> Report:
    """Store the files in one transaction, or joining the caller's.

    Raises Invalid for a file that cannot be read, RowsRefused when a line is bad, Cancelled when ``progress`` says so,
    Conflict while another run of the same importer goes on or where things changed since they were judged; nothing is
    stored then.
    """
    progress = progress or Silent()
    with atomically():
        if not held(IMPORTER_LOCK, zlib.crc32(importer.key.encode()) & 0x7FFFFFFF):
            raise Conflict(_("Another import of the same kind is under way. Try again when it has ended."))
        report, planned = _judge(importer, sources, actor, progress)
        if report.error_count:
            raise RowsRefused(report)
        stored = [row for row in planned if row.action != "same"]
        progress.advance(len(planned) - len(stored))
        importer.lock(stored)
        for start in range(0, len(stored), PART):
            part = stored[start : start + PART]
            importer.save(part)
            progress.advance(len(part))
        if (told := importer.stored_notes()) is not None:
            report.notes = [str(note) for note in told]
    return report


def held(family: int, key: int) -> bool:
    """Take a lock until the end of the transaction; False when another session has it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [family, key])
        return cursor.fetchone()[0]


def _read(importer: Importer, sources: Sequence[Source]) -> list[tuple[Source, Line]]:
    """Return the lines of all files in their order. Raises Invalid; where the columns are others, with the hint of the
    importer."""
    most, others = importer.most_lines, importer.other_columns
    try:
        lines = [
            (source, line)
            for source in sources for line in read_lines(source, importer.columns, most=most, others=others)
        ]  # fmt: skip
    except OtherColumns as error:
        hint = importer.columns_hint()
        raise Invalid(f"{error.detail} {hint}".strip(), field=error.field, code=error.code) from error
    lines.sort(key=lambda pair: importer.order(pair[1].row))
    return lines


def _judge(importer: Importer, sources: Sequence[Source], actor, progress: Progress) -> tuple[Report, list[Planned]]:
    lines = _read(importer, sources)
    report, planned = Report(lines=len(lines)), []
    progress.begin(2 * report.lines)
    importer.actor = actor
    importer.prepare(actor)
    importer.foresee([line.row for _source, line in lines])
    met: dict[tuple, int] = {}
    required = [column.name for column in importer.columns if column.required]
    for place, (source, line) in enumerate(lines, start=1):
        row = _judged(importer, source, line, required, met, report)
        if row is not None:
            planned.append(row)
        if place % PART == 0:
            progress.advance(PART)
    progress.advance(len(lines) % PART)
    report.notes = [str(note) for note in importer.notes()]
    return report, planned


def _judged(importer, source: Source, line: Line, required: list[str], met: dict, report: Report) -> Planned | None:
    """Return what the line will do, or None after noting what is wrong with it."""
    if line.wrong:
        report.refuse(source, line.number, "", line.wrong)
        return None
    missing = [name for name in required if not line.row[name]]
    for name in missing:
        report.refuse(source, line.number, name, _("A value is needed here."))
    if missing:
        return None
    try:
        row = importer.read(line.row)
    except RowError as error:
        report.refuse(source, line.number, error.field, error.message)
        return None
    if row.key in met:
        report.refuse(source, line.number, "", _("The same as line %(line)s.") % {"line": met[row.key]})
        return None
    met[row.key] = line.number
    report.plan(line.number, row)
    return row
