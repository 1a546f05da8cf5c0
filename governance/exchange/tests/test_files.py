"""Reading files: kinds, encodings, headers, line numbers, and what is refused with which words."""

import gzip
import io
import re
import zipfile
from datetime import date, datetime

import openpyxl
import pytest

from governance.errors import Invalid
from governance.exchange import files
from governance.exchange.exports import defused
from governance.exchange.files import Source, read_lines
from governance.exchange.importers import Column
from governance.exchange.tests.material import sheet, text
from governance.models import OrgUnit

COLUMNS = (
    Column("code", OrgUnit._meta.get_field("code").verbose_name, required=True),
    Column("short_name", OrgUnit._meta.get_field("short_name").verbose_name),
)
ROWS = [["code", "short_name"], ["001", "甲局"], ["", ""], ["002", "乙\n局"], ["003", "丙局"]]


def rows_of(source, columns=COLUMNS, most=100):
    return [(line.number, line.row["code"], line.row["short_name"]) for line in read_lines(source, columns, most=most)]


def why(source, columns=COLUMNS, most=100) -> str:
    with pytest.raises(Invalid) as caught:
        read_lines(source, columns, most=most)
    assert caught.value.field == "file"
    return str(caught.value.detail)


@pytest.mark.parametrize("name", ["表.csv", "表.tsv"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_text_in_every_encoding_with_line_numbers_across_line_breaks(name, encoding):
    # given a file whose fourth row holds a line break inside a cell, after an empty line
    source = text(ROWS, name, encoding)
    # then rows are counted by the line on which they begin
    assert rows_of(source) == [(2, "001", "甲局"), (4, "002", "乙\n局"), (6, "003", "丙局")]


def test_excel_rows_are_counted_as_excel_counts_them():
    assert rows_of(sheet(ROWS)) == [(2, "001", "甲局"), (4, "002", "乙\n局"), (5, "003", "丙局")]


def test_gzipped_text():
    plain = text(ROWS, "表.tsv")
    packed = Source("表.TSV.gz", gzip.compress(plain.content))
    assert rows_of(packed) == rows_of(plain)
    assert "无法解压" in why(Source("表.csv.gz", plain.content)) or "damaged" in why(Source("表.csv.gz", plain.content))


@pytest.mark.parametrize("header", [["code", "short_name"], ["CODE", "Short name"], ["编码*", "简称"]])
def test_headers_by_name_or_label_in_either_language(header):
    assert rows_of(text([header, ["1", "甲"]])) == [(2, "1", "甲")]


def test_cells_of_excel_become_text_as_people_write_it():
    columns = [Column(name, name) for name in "abcdef"]
    source = sheet([list("abcdef"), [990102001, 2.5, date(2026, 1, 31), datetime(2026, 1, 31, 8, 30), True, "'=1"]])
    row = read_lines(source, columns, most=9)[0].row
    assert list(row.values()) == ["990102001", "2.5", "2026-01-31", "2026-01-31 08:30", "1", "=1"]


@pytest.mark.parametrize("said", ["=1+1", "+8613800001111", "-3", "@甲", "＝1", "甲", "'甲", "it's", ""])
def test_what_an_export_made_harmless_is_read_as_it_was(said):
    columns = [Column("a", "a"), Column("b", "b")]
    for make in (sheet, text):
        row = read_lines(make([["a", "b"], [defused(said), "x"]]), columns, most=9)[0].row
        assert row["a"] == said


def test_a_formula_is_read_as_the_value_excel_stored_beside_it():
    # given a workbook whose cell holds a formula and, as Excel writes it, its value
    source = sheet([["code"], ["x"]])
    packed, out = zipfile.ZipFile(io.BytesIO(source.content)), io.BytesIO()
    with zipfile.ZipFile(out, "w") as rewritten:
        for part in packed.namelist():
            body = packed.read(part)
            if part == "xl/worksheets/sheet1.xml":
                body = re.sub(rb'<c r="A2".*?</c>', b'<c r="A2"><f>40+2</f><v>42</v></c>', body)
                assert b"<f>" in body
            rewritten.writestr(part, body)
    assert read_lines(Source("f.xlsx", out.getvalue()), COLUMNS[:1], most=9)[0].row["code"] == "42"


def test_what_cannot_be_read_is_refused_by_name(monkeypatch):
    for source in (Source("a.csv", b""), Source("a.xlsx", sheet([]).content)):
        assert source.name in why(source)
    assert "nonsense" in why(text([["code", "nonsense"], ["1", "2"]]))
    assert "编码" in why(text([["short_name"], ["1"]]))
    assert "编码" in why(text([["code", "编码"], ["1", "2"]]))
    assert why(text([["code"]]))
    assert why(Source("a.pdf", b"%PDF"))
    assert why(Source("a.csv", b"code\n\xff\xfe\xff\xff\x80"))
    assert why(Source("a.csv", b"\x89PNG\x00\x00\x00code"))
    assert "2" in why(Source("a.csv", b'code,short_name\n"1,2\n3,4\n'))
    assert why(Source("a.xlsx", b"\xd0\xcf\x11\xe0" + b"\0" * 600))  # what Excel writes when a password is set
    assert why(Source("a.xlsx", b"PK\x03\x04 broken"))
    assert why(Source("a.xlsx", sheet(ROWS).content[:900]))
    assert "3" in why(text([["code"], *([str(n)] for n in range(4))]), most=3)
    monkeypatch.setattr(files, "MOST_BYTES", 10)
    assert why(text(ROWS))


def test_a_small_file_that_unpacks_to_a_huge_one_is_refused(monkeypatch):
    monkeypatch.setattr(files, "MOST_UNPACKED", 2000)
    assert why(Source("a.csv.gz", gzip.compress(b"code\n" + b"1\n" * 5000)))
    book, out = openpyxl.Workbook(), io.BytesIO()
    book.active.append(["code" * 2000])
    book.save(out)
    assert why(Source("a.xlsx", out.getvalue()))


def test_a_value_without_a_header_makes_the_line_bad():
    lines = read_lines(text([["code"], ["1", ""], ["2", "beyond"]]), COLUMNS, most=9)
    assert [bool(line.wrong) for line in lines] == [False, True]
