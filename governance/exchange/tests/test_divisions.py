"""Administrative divisions: codes, parents, cities without districts, whose city, and the real lists."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from governance.errors import Invalid
from governance.exchange.divisions import DivisionImporter
from governance.exchange.engine import RowsRefused, check, run
from governance.exchange.files import Source
from governance.exchange.tests.material import REAL, text
from governance.models import Area, Event, ImportRun, User

DISTRICTS = [["code", "name", "cityCode", "provinceCode"], ["140802", "盐湖区", "1408", "14"],
             ["441900", "东莞市", "4419", "44"], ["998701", "无名区", "9987", "99"]]  # fmt: skip
STREETS = [["code", "name", "areaCode"], ["140802001", "中城街道", "140802"], ["441900003", "东城街道", "441900"]]


@pytest.fixture
def imports(db):
    return User.objects.system("imports")


def stored(*rows, actor, **options):
    return run(DivisionImporter(options), *(text(part, f"{place}.csv") for place, part in enumerate(rows)), actor=actor)


def test_cities_come_with_their_districts_and_streets_find_their_place(imports):
    # when streets stand before the districts they belong to
    report = stored(STREETS, DISTRICTS, actor=imports)
    # then all five levels that are known hang together, also where a city has no districts
    assert (report.lines, report.adds) == (5, 5)
    tree = {area.code: (area.name, area.kind, area.parent and area.parent.code) for area in Area.objects.all()}
    assert tree == {
        "140800": ("运城市", "city", None), "140802": ("盐湖区", "district", "140800"),
        "140802001": ("中城街道", "street", "140802"),
        "441900": ("东莞市", "city", None), "441901": ("东莞市", "district", "441900"),
        "441900003": ("东城街道", "street", "441901"),
        "998700": ("998700", "city", None), "998701": ("无名区", "district", "998700"),
    }  # fmt: skip
    street = Area.objects.get(code="140802001")
    above = Area.objects.get(code="140800"), Area.objects.get(code="140802")
    assert street.path == f"/{above[0].pk}/{above[1].pk}/{street.pk}/"
    assert any("998700" in note for note in report.notes)


def test_a_second_run_adds_nothing_and_a_new_name_is_a_change(imports):
    stored(DISTRICTS, STREETS, actor=imports)
    again = stored(DISTRICTS, STREETS, actor=imports)
    assert (again.adds, again.changes, again.same) == (0, 0, 5)
    renamed = [DISTRICTS[0], ["140802", "盐湖新区", "1408", "14"]]
    assert stored(renamed, actor=imports).changes == 1
    assert Area.objects.get(code="140802").name == "盐湖新区" and Area.objects.count() == 8


def test_only_some_cities_with_a_name_of_ones_own(imports):
    report = stored(DISTRICTS, STREETS, actor=imports, city_root="140800=古河东")
    assert set(Area.objects.values_list("name", flat=True)) == {"古河东", "盐湖区", "中城街道"}
    assert (report.adds, report.same, len(report.notes)) == (2, 3, 2)


@pytest.mark.parametrize("root", ["districts.csv", "14", "140802"])
def test_what_is_no_city_is_refused(imports, root):
    with pytest.raises(Invalid):
        stored(DISTRICTS, actor=imports, city_root=root)


@pytest.mark.parametrize(
    ("row", "column"),
    [
        (["14080", "甲", ""], "code"),
        (["1408０2", "甲", ""], "code"),
        (["140802001", "甲", "140803"], "areaCode"),
        (["140899001", "甲", ""], "areaCode"),
        (["140802001001", "甲", ""], "streetCode"),
        (["140802001", "甲" * 61, ""], "name"),
        (["140802001", "", ""], "name"),
    ],
)
def test_bad_rows_are_named(imports, row, column):
    stored([*DISTRICTS[:2]], actor=imports)
    with pytest.raises(RowsRefused) as caught:
        stored([["code", "name", "areaCode"], row], actor=imports)
    assert [(error.line, error.column) for error in caught.value.report.errors] == [(2, column)]
    assert Area.objects.count() == 2


def test_what_is_stored_elsewhere_is_never_moved(city, imports):
    with pytest.raises(RowsRefused):
        stored([["code", "name"], ["990101001", "甲街道"]], actor=imports)  # there is no district 990101
    Area.objects.filter(pk=city.street.pk).update(code="990103001")
    with pytest.raises(RowsRefused) as caught:
        stored([["code", "name", "cityCode"], ["990103", "新区", "9901"], ["990103001", "甲街道", ""]], actor=imports)
    assert caught.value.report.errors[0].line == 3


def test_an_administrator_of_a_city_keeps_to_that_city(city):
    administrator = city.user("administrator")
    own = [["code", "name", "cityCode"], ["990105", "新区", "9901"]]
    assert check(DivisionImporter(), text(own), actor=administrator).adds == 1
    report = check(DivisionImporter(), text(DISTRICTS), actor=administrator)
    assert [(error.line, error.column) for error in report.errors] == [(2, "code"), (3, "code"), (4, "code")]
    root = User.objects.create_superuser("root", "correct horse battery")
    assert check(DivisionImporter(), text(DISTRICTS), actor=root).adds == 3


def test_statements_grow_with_parts_not_with_rows(imports):
    def statements(count):
        rows = [["code", "name"], *([f"140802{number:03}", f"街{number}"] for number in range(count))]
        with CaptureQueriesContext(connection) as caught:
            stored(rows, actor=imports)
        return len(caught)

    stored([*DISTRICTS[:2]], actor=imports)
    assert statements(5) == statements(500)


@pytest.mark.django_db(transaction=True)
def test_the_command_checks_stores_and_fails_loudly(tmp_path):
    good, bad = tmp_path / "d.csv", tmp_path / "bad.tsv"
    good.write_bytes(text(DISTRICTS).content)
    bad.write_bytes(text([["code", "name"], ["140802001", "甲"], ["1", "乙"]], "b.tsv").content)
    out, err = StringIO(), StringIO()
    # a check stores nothing, and keeps no run
    call_command("import_divisions", good, check=True, stdout=out)
    assert not Area.objects.exists() and not ImportRun.objects.exists()
    # bad lines end it with an error that names them
    with pytest.raises(CommandError):
        call_command("import_divisions", good, bad, stdout=out, stderr=err)
    assert "bad.tsv:3 [code]" in err.getvalue() and not Area.objects.exists()
    assert ImportRun.objects.get().state == "failed" and Event.objects.get().name == "import.failed"
    # a good file is stored, once
    for adds in (3, 0):
        call_command("import_divisions", good, stdout=out)
        assert ImportRun.objects.first().adds == adds
    assert Area.objects.count() == 6
    with pytest.raises(CommandError):
        call_command("import_divisions", tmp_path / "none.csv")


@pytest.mark.skipif(not REAL.exists(), reason="shared/data is not here")
def test_the_real_lists(imports):
    names = ("divisions_districts.csv", "divisions_streets.csv.gz")
    sources = [Source(name, (REAL / name).read_bytes()) for name in names]
    report = run(DivisionImporter(), *sources, actor=imports)
    assert (report.lines, report.adds, report.error_count) == (2978 + 41352, 2978 + 41352, 0)
    assert Area.objects.filter(kind="street").count() == 41352 and Area.objects.filter(kind="city").count() == 342
    assert not Area.objects.filter(kind="city", name__regex="^[0-9]").exists()
    assert check(DivisionImporter(), *sources, actor=imports).same == 2978 + 41352
