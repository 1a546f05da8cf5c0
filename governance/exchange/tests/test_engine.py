"""Checking and storing: whole or nothing, the right line, repeatable, one run of an importer at a time."""

import pytest
from django.db import connection, connections, transaction

from governance.errors import Conflict, Invalid
from governance.exchange import engine
from governance.exchange.engine import RowsRefused, check, run
from governance.exchange.tests.material import ToyImporter, sheet, text, units
from governance.models import Event, OrgUnit


@pytest.fixture
def somebody(city):
    return city.user("administrator")


def toys() -> int:
    return OrgUnit.objects.filter(code__startswith="T").count()


def test_a_check_counts_and_stores_nothing(somebody):
    OrgUnit.objects.create(code="T00000", name="单位0", kind="other", area_id=OrgUnit.objects.first().area_id)
    OrgUnit.objects.create(code="T00001", name="旧名", kind="other", area_id=OrgUnit.objects.first().area_id)
    report = check(ToyImporter(), text(units(5)), actor=somebody)
    assert (report.lines, report.adds, report.changes, report.same, report.errors) == (5, 3, 1, 1, [])
    assert report.rows[0] == (2, "same", "T00000")
    assert toys() == 2


def test_even_what_an_importer_writes_while_it_reads_is_taken_back(somebody):
    class Eager(ToyImporter):
        def read(self, row):
            planned = super().read(row)
            self.save([planned])
            return planned

    check(Eager(), text(units(3)), actor=somebody)
    assert toys() == 0


@pytest.mark.parametrize("kind", ["表.csv", "表.tsv", "表.xlsx"])
def test_bad_lines_are_named_and_nothing_is_stored(somebody, kind):
    # given lines with a missing value, a bad name, a repeated key, after a cell with a line break
    rows = [*units(2), ["T9", "甲\n乙"], ["T10", ""], ["T11", "坏蛋"], ["T00000", "又来"]]
    source = sheet(rows, kind) if kind.endswith("xlsx") else text(rows, kind)
    # when it is run
    with pytest.raises(RowsRefused) as caught:
        run(ToyImporter(), source, actor=somebody)
    # then each is named by line (as the kind of file counts) and column, and no good line was stored
    shift = 0 if kind.endswith("xlsx") else 1
    found = [(error.line, error.column) for error in caught.value.report.errors]
    assert found == [(5 + shift, "name"), (6 + shift, "name"), (7 + shift, "")]
    assert "2" in caught.value.report.errors[2].message
    assert toys() == 0 and caught.value.report.error_count == 3


def test_a_second_run_finds_everything_done(somebody):
    first = run(ToyImporter(), text(units(4)), actor=somebody)
    second = run(ToyImporter(), text(units(4)), actor=somebody)
    assert (first.adds, first.same) == (4, 0)
    assert (second.adds, second.changes, second.same) == (0, 0, 4)
    assert toys() == 4


def test_an_error_in_the_last_part_takes_the_first_back(somebody, monkeypatch):
    monkeypatch.setattr(engine, "PART", 2)

    class Breaking(ToyImporter):
        def save(self, planned):
            super().save(planned)
            if any(row.key == ("T00004",) for row in planned):
                raise Invalid("kaputt")

    with pytest.raises(Invalid), transaction.atomic():
        run(Breaking(), text(units(5)), actor=somebody)
    assert toys() == 0


def test_several_files_make_one_run_sorted_as_the_importer_wants(somebody):
    class Sorted(ToyImporter):
        def order(self, row):
            return row["code"]

        def prepare(self, actor):
            super().prepare(actor)
            self.seen = []

        def read(self, row):
            self.seen.append(row["code"])
            return super().read(row)

    made = Sorted()
    sources = (
        text([["code", "name"], ["T3", "丙"]], "b.csv"),
        text([["code", "name"], ["T1", "甲"], ["T2", "坏"]], "a.csv"),
    )
    report = check(made, *sources, actor=somebody)
    assert made.seen == ["T1", "T2", "T3"]
    assert [(error.file, error.line) for error in report.errors] == [("a.csv", 3)]


def test_errors_kept_are_bounded_and_counted_all(somebody, monkeypatch):
    monkeypatch.setattr("governance.models.exchange.ImportRun.KEPT_ERRORS", 3)
    rows = [["code", "name"], *([f"T{number}", "坏"] for number in range(10))]
    report = check(ToyImporter(), text(rows), actor=somebody)
    assert (len(report.errors), report.error_count) == (3, 10)


@pytest.mark.django_db(transaction=True)
def test_two_runs_of_one_importer_do_not_go_on_at_once():
    # given another session in the middle of a run of the same importer
    other = connections.create_connection("default")
    key = engine.zlib.crc32(b"test.toy") & 0x7FFFFFFF
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s, %s)", [engine.IMPORTER_LOCK, key])
        # when a run begins, then it is refused before it reads a line
        with pytest.raises(Conflict):
            run(ToyImporter(), text(units(1)), actor=None)
    finally:
        other.close()
    assert not connection.in_atomic_block and not Event.objects.exists()
