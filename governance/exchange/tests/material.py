"""What tests of imports share: files made of rows, bringing them, and a toy importer of units saved in bulk."""

import csv
import io
from pathlib import Path

import openpyxl
import pytest

from governance.exchange.engine import Report, RowsRefused, run
from governance.exchange.files import Source
from governance.exchange.importers import Column, Importer, Planned, RowError, importer_named
from governance.models import Area, Event, OrgUnit

REAL = Path(__file__).resolve().parents[4] / "shared" / "data"


class ToyImporter(Importer):
    """Code and name; a name beginning with 坏 is refused."""

    key = "test.toy"
    label = "玩具"
    permission = "governance.add_orgunit"
    columns = (Column("code", "代码", required=True), Column("name", "名称", required=True), Column("note", "备注"))

    def prepare(self, actor):
        self.known = dict(OrgUnit.objects.values_list("code", "name"))
        self.area = Area.objects.get(parent=None)

    def read(self, row):
        if row["name"].startswith("坏"):
            raise RowError("name", "坏名")
        action = "add" if row["code"] not in self.known else "same"
        if action == "same" and self.known[row["code"]] != row["name"]:
            action = "change"
        return Planned((row["code"],), action, dict(row))

    def save(self, planned):
        for row in planned:
            OrgUnit.objects.update_or_create(
                code=row.values["code"], defaults={"name": row.values["name"], "kind": "other", "area": self.area}
            )


def sheet(rows, name="表.xlsx") -> Source:
    """Return an Excel file with these rows."""
    book, file = openpyxl.Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(file)
    return Source(name, file.getvalue())


def text(rows, name="表.csv", encoding="utf-8") -> Source:
    """Return a CSV or TSV file with these rows, quoted where needed."""
    out = io.StringIO()
    csv.writer(out, delimiter="\t" if ".tsv" in name else ",").writerows(rows)
    return Source(name, out.getvalue().encode(encoding))


def units(count: int) -> list[list[str]]:
    """Return a header and ``count`` lines for the toy importer."""
    return [["code", "name"], *([f"T{number:05}", f"单位{number}"] for number in range(count))]


def bring(key: str, rows, actor, **options) -> Report:
    """Store rows (a header first) with the importer of this key."""
    return run(importer_named(key)(options), text(rows), actor=actor)


def wrong_lines(key: str, rows, actor) -> list[tuple[int, str]]:
    """Return the lines and columns to blame for rows that cannot be stored; no event is left behind."""
    before = Event.objects.count()
    with pytest.raises(RowsRefused) as refused:
        bring(key, rows, actor)
    assert Event.objects.count() == before
    return [(error.line, error.column) for error in refused.value.report.errors]


def counted(report: Report) -> tuple[int, int, int]:
    return report.adds, report.changes, report.same
