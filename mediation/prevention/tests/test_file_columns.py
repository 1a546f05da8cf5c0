"""What a file has of the columns that its source is read by is said once; errors name the column of the file."""

import pytest

from cases.intake.paths import read_keys
from cases.tests.api import client_of
from governance.errors import Invalid
from governance.exchange import engine
from governance.exchange.importers import importers
from governance.exchange.tests.material import text
from mediation.models import Signal, SignalSource
from mediation.prevention.tests.test_signals import LEAKS
from mediation.prevention.tests.test_signals_csv import HEADER, PLACE, ROWS
from mediation.prevention.tests.village import HOTLINE

pytestmark = pytest.mark.django_db
CENTRE = "operations_centre"
JOINED = {"fields": HOTLINE["fields"] | {"text": {"path": 'join(\'：\', ["诉求标题", "诉求内容"])'}}}


@pytest.fixture
def hotline(county) -> SignalSource:
    return SignalSource.objects.create(code="hotline", name="热线", channel="hotline", area=county.area("city"),
                                       mapping=HOTLINE)  # fmt: skip


def checked(county, head, *rows):
    importer = importers()["mediation.signals"]({"source": "hotline"})
    return engine.check(importer, text([head, *rows], "a.csv", "utf-8"), actor=county.user(CENTRE))


def renamed(**names) -> list[str]:
    return [names.get(one, one) for one in HEADER]


@pytest.mark.parametrize(("path", "keys"), [
    ("诉求内容", ["诉求内容"]), ("data.title", ["data"]),
    ("join('：', [\"诉求标题\", \"诉求内容\"])", ["诉求标题", "诉求内容"]),
    ("\"甲\" || \"乙\"", ["甲", "乙"]), ("rows[0].\"名\"", ["rows"]), ("'固定'", []), ("\"号\" | to_string(@)", ["号"]),
])  # fmt: skip
def test_which_columns_a_path_reads(path, keys):
    assert read_keys(path) == keys


@pytest.mark.parametrize(("names", "column", "field"), [
    ({"工单编号": "工单号"}, "工单编号", "对方编号"), ({"所属社区": "社区"}, "所属社区", "区域"),
    ({"诉求内容": "内容"}, "诉求内容", ""),
])  # fmt: skip
def test_a_file_without_a_needed_column_is_refused_once(county, hotline, names, column, field):
    with pytest.raises(Invalid) as refused:
        checked(county, renamed(**names), *ROWS)
    assert (refused.value.field, refused.value.code) == ("file", "other_columns")
    assert column in str(refused.value.detail) and field in str(refused.value.detail)
    assert not Signal.objects.exists()


def test_a_file_of_another_source_is_told_so(county, hotline):
    with pytest.raises(Invalid) as refused:
        checked(county, ["信访件编号", "来访日期", "反映内容"], ["X1", "2026-05-01", "要求解决"])
    assert "热线" in str(refused.value.detail) and "工单编号" in str(refused.value.detail)


def test_other_missing_columns_are_told_beside_what_nobody_reads(county, hotline):
    # given a file in which type and caller have other headers
    report = checked(county, renamed(诉求类别="诉求分类", 来电号码="来电人"), *ROWS[:1])
    assert report.error_count == 0 and report.adds == 1
    told = "\n".join(report.notes)
    assert all(one in told for one in ("来电号码", "诉求类别", "发生日期", "诉求分类", "来电人", "承办单位"))
    # and a whole one tells nothing
    whole = checked(county, [*HEADER, "发生日期"], [*ROWS[0], ""])
    assert not any("承办单位" in note or "发生日期" in note for note in whole.notes)


def test_a_last_column_that_is_empty_throughout_is_not_missing(county, hotline):
    # given lines that end before their last, empty cells, as Excel and exports write them
    head, lines = [*HEADER, "发生日期"], [row[: len(HEADER)] for row in ROWS]
    assert not any("发生日期" in note for note in checked(county, head, *lines).notes)


def test_an_error_names_the_column_of_the_file_and_what_is_no_word_of_a_person(county, hotline):
    rows = [["W7", "2026-05-01 09:30", "13900001111", "火星社区", "邻里矛盾", LEAKS, ""],
            ["W8", "三天前", "13900001111", PLACE, "邻里矛盾", LEAKS, ""]]  # fmt: skip
    report = checked(county, HEADER, *rows)
    first, second = report.errors
    assert first.column == "所属社区" and "火星社区" in first.message and "area" not in first.message
    assert second.column == "受理时间" and "received_at" not in second.message
    assert "13900001111" not in first.message + second.message


def test_no_words_of_a_library_reach_who_brings_a_file(county, hotline):
    # given a mapping that joins two columns, of which the file has one
    SignalSource.objects.update(mapping=JOINED)
    report = checked(county, HEADER, *ROWS)
    assert report.error_count == len(ROWS)
    assert all("诉求标题" in error.message and "join" not in error.message and "type" not in error.message
               for error in report.errors)  # fmt: skip
    assert any("诉求标题" in note for note in report.notes)


@pytest.mark.parametrize("others", [True, False])
def test_a_title_above_the_headers_is_said_once(county, hotline, others):
    importer = importers()["mediation.signals"]({"source": "hotline"} if others else {})
    with pytest.raises(Invalid) as refused:
        engine.check(importer, text([["十一月工单汇总", *[""] * 6], HEADER, *ROWS], "a.csv", "utf-8"),
                     actor=county.user(CENTRE))  # fmt: skip
    assert "第 1 行" in str(refused.value.detail) or "line 1" in str(refused.value.detail)


def test_the_page_of_a_source_tells_the_columns_to_who_brings_its_files(county, hotline):
    page = client_of(county.user(CENTRE)).get(f"/admin/mediation/signalsource/{hotline.pk}/change/").content.decode()
    assert 'id="mapped"' in page and all(one in page for one in ("工单编号", "所属社区", "诉求内容"))
