"""The importer of filing standards: units and role texts, limits, categories, repeatable, and a real catalogue."""

from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from cases.dispatch import resolve_units
from cases.importers import CatalogueImporter, names_in
from cases.models import CaseCategory, FilingStandard, StandardUnit
from governance.clock import parse_limit
from governance.errors import Invalid
from governance.exchange.engine import RowsRefused, check, run
from governance.exchange.files import Source, read_lines
from governance.exchange.tests.material import REAL, sheet, text
from governance.models import ImportRun

HEADER = ["type", "big", "big_name", "small", "small_name", "unit", "supervisor", "open_condition", "close_condition",
          "limit"]  # fmt: skip
ROW = [
    "component",
    "01",
    "公用设施",
    "01",
    "上水井盖",
    "municipal单位、产权单位",
    "urban单位",
    "缺失",
    "恢复",
    "2紧急工作时",
]
OPTIONS = {"scheme": "甲城", "scheme_version": "2020"}


def row(**given) -> list[str]:
    return [given.get(name, value) for name, value in zip(HEADER, ROW, strict=True)]


def stored(city, *rows, kind="c.tsv"):
    table = [HEADER, *rows]
    source = sheet(table, kind) if kind.endswith("xlsx") else text(table, kind)
    return run(CatalogueImporter(OPTIONS), source, actor=city.user("administrator"))


@pytest.mark.parametrize(
    ("cell", "names"),
    [
        ("甲局", ["甲局"]),
        ("甲中心、各产权单位", ["甲中心", "各产权单位"]),
        ("甲中心 , 乙中心，丙局;丁局", ["甲中心", "乙中心", "丙局", "丁局"]),
        ("运城环卫中心 运城园林中心", ["运城环卫中心", "运城园林中心"]),
        ("盐湖区 政府", ["盐湖区政府"]),
        ("供热服务中心及各供油部门、及各产权单位", ["供热服务中心", "各供油部门", "各产权单位"]),
        ("住房和城乡建设局、执法部门和和环卫部门", ["住房和城乡建设局", "执法部门", "环卫部门"]),
        ("甲局、甲局", ["甲局"]),
        ("、 ", []),
    ],
)
def test_the_names_in_a_cell(cell, names):
    assert names_in(cell) == names


@pytest.mark.parametrize("kind", ["c.tsv", "c.csv", "c.xlsx"])
def test_a_line_becomes_category_standard_and_units(city, kind):
    report = stored(city, ROW, kind=kind)
    standard = FilingStandard.objects.get(category__scheme="甲城")
    assert (standard.category.code, standard.category.parent.code, standard.category.kind) == (
        "C0101",
        "C01",
        "component",
    )
    assert (standard.condition, standard.closing_condition, standard.condition_code) == ("缺失", "恢复", "01")
    assert (standard.limit_amount, standard.limit_unit, standard.limit_note) == (2, "urgent_hour", "")
    units = [(unit.part, unit.unit, unit.role_name) for unit in standard.units.order_by("id")]
    assert units == [("lead", city.municipal, ""), ("assisting", None, "产权单位"), ("supervising", city.urban, "")]
    # the role text resolves through the table of the area, so nothing is listed as unresolved
    assert resolve_units(standard, city.grid)["assisting"] == [city.water]
    assert len(report.notes) == 1 and "2" in report.notes[0]


def test_names_nobody_knows_are_listed_not_refused(city):
    report = stored(city, row(unit="某中心、所属街办"), row(unit="某中心", open_condition="破损"))
    told = "\n".join(report.notes)
    assert "某中心" in told and "所属街办" in told and "产权单位" not in told
    leads = StandardUnit.objects.filter(part="lead", standard__category__scheme="甲城")
    assert set(leads.values_list("role_name", flat=True)) == {"某中心"}


def test_components_and_events_with_the_same_numbers_are_two_categories(city):
    stored(city, ROW, row(type="事件", big_name="市容环境", small_name="暴露垃圾"))
    codes = set(CaseCategory.objects.filter(scheme="甲城").values_list("code", "kind"))
    assert codes == {("C01", "component"), ("C0101", "component"), ("E01", "event"), ("E0101", "event")}


def test_a_second_run_changes_nothing_and_what_changed_is_told(city):
    other = row(open_condition="破损", limit="一天半")
    stored(city, ROW, other)
    before = set(StandardUnit.objects.values_list("pk", flat=True))
    again = stored(city, ROW, other)
    assert (again.adds, again.changes, again.same) == (0, 0, 2)
    assert set(StandardUnit.objects.values_list("pk", flat=True)) == before
    changed = stored(city, row(limit="4小时", unit="water单位"), kind="c.xlsx")
    assert (changed.adds, changed.changes) == (0, 1) and any("1" in note for note in changed.notes)
    standard = FilingStandard.objects.get(category__scheme="甲城", condition="缺失")
    assert (standard.limit_amount, standard.limit_unit) == (4, "work_hour")
    assert [unit.unit for unit in standard.units.filter(part="lead")] == [city.water]
    assert FilingStandard.objects.get(condition="破损").limit_amount == Decimal("1.5")


@pytest.mark.parametrize(
    ("given", "column"),
    [
        ({"type": "部"}, "type"),
        ({"limit": "尽快"}, "limit"),
        ({"limit": "0.001天"}, "limit"),
        ({"limit": ""}, "limit"),
        ({"unit": ""}, "unit"),
        ({"unit": "、"}, "unit"),
        ({"unit": "长" * 41}, "unit"),
        ({"supervisor": "长" * 41}, "supervisor"),
        ({"open_condition": "长" * 301}, "open_condition"),
        ({"big_name": "另一名称", "small": "02"}, "big_name"),
        ({}, ""),
    ],
)
def test_bad_lines_are_named_and_nothing_is_stored(city, given, column):
    with pytest.raises(RowsRefused) as caught:
        stored(city, ROW, row(**given))
    assert [(error.line, error.column) for error in caught.value.report.errors] == [(3, column)]
    assert not CaseCategory.objects.filter(scheme="甲城").exists()


def test_a_scheme_must_be_named(city):
    with pytest.raises(Invalid):
        check(CatalogueImporter(OPTIONS | {"scheme": "长" * 31}), text([HEADER, ROW]), actor=city.user("administrator"))


@pytest.mark.django_db(transaction=True)
def test_the_command(city, tmp_path):
    file, out = tmp_path / "c.tsv", StringIO()
    file.write_bytes(text([HEADER, ROW], "c.tsv", "gb18030").content)
    for _ in range(2):
        call_command("import_catalogue", file, scheme="甲城", scheme_version="2020", stdout=out)
    assert FilingStandard.objects.filter(category__scheme="甲城").count() == 1
    assert [run.adds for run in ImportRun.objects.order_by("id")] == [1, 0]
    file.write_text("\t".join(HEADER) + "\n" + "\t".join(row(limit="快")))
    with pytest.raises(CommandError):
        call_command("import_catalogue", file, scheme="甲城", scheme_version="2020", stderr=StringIO())


@pytest.mark.skipif(not REAL.exists(), reason="shared/data is not here")
def test_a_real_catalogue(city):
    # given one city's 519 published standards
    source = Source("catalogue.tsv", (REAL / "case_catalogue_city.tsv").read_bytes())
    report = run(CatalogueImporter(OPTIONS), source, actor=city.user("administrator"))
    assert (report.lines, report.adds, report.error_count) == (519, 519, 0)
    standards = FilingStandard.objects.filter(category__scheme="甲城").prefetch_related("units")
    assert standards.count() == 519 and CaseCategory.objects.filter(scheme="甲城").count() == 201
    # then every limit is what the text says, and every unit is named, the first leading
    by_key = {
        (standard.category.code, standard.condition): standard for standard in standards.select_related("category")
    }
    for line in read_lines(source, CatalogueImporter.columns, most=1000):
        letter = line.row["type"][0].upper().replace("P", "C")
        standard = by_key[f"{letter}{line.row['big']}{line.row['small']}", line.row["open_condition"]]
        limit = parse_limit(line.row["limit"])
        assert (standard.limit_amount, standard.limit_unit, standard.limit_note) == (
            limit.span.amount, limit.span.unit, limit.note
        )  # fmt: skip
        named = {part: [] for part in ("lead", "assisting", "supervising")}
        for unit in sorted(standard.units.all(), key=lambda unit: unit.position):
            named[unit.part].append(unit.role_name)
        assert named["lead"] + named["assisting"] == names_in(line.row["unit"])
        assert named["supervising"] == names_in(line.row["supervisor"])
    assert any("各产权单位" in note for note in report.notes) and any("所属街办" in note for note in report.notes)
    assert check(CatalogueImporter(OPTIONS), source, actor=city.user("administrator")).same == 519
