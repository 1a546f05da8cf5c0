"""Figures against what was answered, what residents see of them, files, and needs made of answers."""

import io
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from docx import Document
from openpyxl import load_workbook

from cases.tests.api import client_of
from governance.errors import Conflict, Invalid, NotPermitted
from governance.models import Event
from governance.workflow import act, available
from partners.models import Need, NeedCategory, SurveyAnswerSheet, SurveyMark
from partners.needs.origins import origin_told
from partners.surveys.cross_table import cross_table
from partners.surveys.needs_link import register_need_maker
from partners.surveys.results import Cell, hidden, results_of
from partners.surveys.signals import answers_marked
from partners.surveys.tests.place import YES

pytestmark = pytest.mark.django_db
OPTIONS = [{"key": "a", "text": "甲"}, {"key": "b", "text": "乙"}, {"key": "c", "text": "丙"}]
EVERY_KIND = [
    {"key": "single", "kind": "single", "text": "单选", "options": OPTIONS, "other": True},
    {"key": "multiple", "kind": "multiple", "text": "多选", "options": OPTIONS},
    {"key": "scale", "kind": "scale5", "text": "量表", "low_label": "差", "high_label": "好"},
    {"key": "ten", "kind": "scale10", "text": "推荐"},
    {"key": "number", "kind": "number", "text": "几人", "unit": "人"},
    {"key": "short", "kind": "short", "text": "短文"}, {"key": "long", "kind": "long", "text": "建议"},
    {"key": "date", "kind": "date", "text": "日期"},
    {"key": "ranking", "kind": "ranking", "text": "排序", "options": OPTIONS},
    {"key": "matrix", "kind": "matrix", "text": "表格", "options": OPTIONS,
     "rows": [{"key": "r1", "text": "一"}, {"key": "r2", "text": "二"}]},
]  # fmt: skip


def filled(number: int) -> dict:
    """Return the answers of neighbour ``number``."""
    return {
        "single": {"choices": ["a"]} if number < 6 else {"choices": ["other"], "other": "都行"},
        "multiple": {"choices": ["a", "b"] if number % 2 else ["a"]}, "scale": {"number": 1 + number % 5},
        "ten": {"number": number}, "number": {"number": f"{number}.5"}, "short": {"text": f"=短{number}"},
        "long": {"text": f"建议{number}"}, "date": {"date": f"2026-01-0{number + 1}"},
        "ranking": {"choices": ["b", "a", "c"] if number else ["a", "b", "c"]},
        "matrix": {"cells": {"r1": "a", "r2": "b" if number < 5 else "c"}},
    }  # fmt: skip


@pytest.fixture
def survey(place):
    """Every kind of question, answered by the eight dwellings."""
    made = place.open(questions=EVERY_KIND)
    for number in range(8):
        place.answer(made, number, filled(number))
    return made


def by_key(results) -> dict:
    return {one.question.key: one for one in results.questions}


def test_figures_are_what_was_answered(survey):
    found = results_of(survey)
    assert (found.sheets, found.asked, found.share, found.ways) == (8, 8, Decimal("100.0"), {"online": 8})
    told = by_key(found)
    assert [(cell.key, cell.count, cell.share) for cell in told["single"].cells] == [
        ("a", 6, Decimal("75.0")), ("b", 0, Decimal("0.0")), ("c", 0, Decimal("0.0")), ("other", 2, Decimal("25.0")),
    ]  # fmt: skip
    assert [cell.count for cell in told["multiple"].cells] == [8, 4, 0]
    assert [cell.count for cell in told["scale"].cells] == [2, 2, 2, 1, 1]
    assert told["scale"].mean == Decimal("2.63") and len(told["ten"].cells) == 11
    number = told["number"]
    assert (number.mean, number.least, number.most) == (Decimal("4.00"), Decimal("0.5"), Decimal("7.5"))
    assert [(cell.key, cell.place) for cell in told["ranking"].cells] == [
        ("b", Decimal("1.13")), ("a", Decimal("1.88")), ("c", Decimal("3.00")),
    ]  # fmt: skip
    assert [[cell.count for cell in row] for _label, row in told["matrix"].rows] == [[8, 0, 0], [0, 5, 3]]


def test_the_number_of_statements_does_not_grow_with_the_answers(place):
    survey = place.open(questions=EVERY_KIND)
    counts = []
    staff = client_of(place.staff)
    for number in range(8):
        place.answer(survey, number, filled(number))
        for address in (f"/api/v1/surveys/{survey.pk}/results/", f"/admin/partners/survey/{survey.pk}/results/",
                        "/api/v1/survey-sheets/", "/admin/partners/surveyanswersheet/", "/api/v1/surveys/",
                        "/admin/partners/survey/"):  # fmt: skip
            with CaptureQueriesContext(
                connection,
            ) as run:
                assert staff.get(address).status_code == 200
            counts.append((number, address, len(run)))
    later = {address: count for number, address, count in counts if number == 7}
    assert later == {address: count for number, address, count in counts if number == 1}
    with CaptureQueriesContext(connection) as run:
        results_of(survey)
    assert len(run) <= 7
    for _more in range(4):
        place.open()
    for address in ("/api/v1/surveys/", "/admin/partners/survey/"):
        with CaptureQueriesContext(connection) as run:
            assert staff.get(address).status_code == 200
        assert len(run) == later[address], address


def test_residents_see_no_small_figures_no_words_and_nothing_before_it_is_published(place, survey):
    client = client_of(place.neighbour(0))
    page, api = f"/r/surveys/{survey.code}/results/", f"/api/v1/me/surveys/{survey.code}/results/"
    for state in ("close", "publish"):
        assert (client.get(page).status_code, client.get(api).status_code) == (404, 404)
        survey = place.step(survey, state)
    told = {one["key"]: one for one in client.get(api).json()["questions"]}
    # 6 甲, 2 others: the two are hidden, and so is the six, which with the total would tell them
    assert [cell["count"] for cell in told["single"]["cells"]] == [None, 0, 0, None]
    # of several to choose there is no total: the four alone are hidden
    assert [cell["count"] for cell in told["multiple"]["cells"]] == [8, None, 0]
    # nor may the mean of a scale tell what is hidden of it
    assert told["scale"]["mean"] is None and [cell["count"] for cell in told["scale"]["cells"]] == [None] * 5
    assert (told["number"]["mean"], told["number"]["least"], told["number"]["most"]) == ("4.00", None, None)
    assert [cell["count"] for cell in told["matrix"]["rows"][1]["cells"]] == [0, None, None]
    text = client.get(page).content.decode()
    assert "建议3" not in text and "都行" not in text and "未公布" in text
    assert client_of(place.stranger).get(page).status_code == 404
    assert client.get(f"/admin/partners/survey/{survey.pk}/results/").status_code in (302, 403)
    few = place.step(place.step(_few(place), "close"), "publish")
    shown = client.get(f"/api/v1/me/surveys/{few.code}/results/").json()
    assert [one["answered"] for one in shown["questions"]] == [None] * 4


def _few(place):
    made = place.open()
    for number in range(4):
        place.answer(made, number)
    return made


def test_a_single_hidden_figure_takes_the_next_smallest_with_it():
    def cells(*counts):
        return [Cell(str(place), "", count, Decimal(count)) for place, count in enumerate(counts)]

    def told(*counts, adds_up=True):
        return [cell.count for cell in hidden(cells(*counts), adds_up=adds_up)]

    assert told(9, 3, 6) == [9, None, None]
    assert told(9, 3, 2, 6) == [9, None, None, 6]
    assert told(9, 3, 6, adds_up=False) == [9, None, 6]
    assert told(4, 0) == [None, 0] and told(9, 5, 0) == [9, 5, 0]
    # as many hidden as their sum, or all of them four: the sum would tell each of them
    assert told(9, 1, 1, 6) == [9, None, None, None] and told(4, 9, 4) == [None] * 3
    assert told(1, 1, 1, 1, 1, 0) == [None] * 6 and told(4, 4, 0) == [None] * 3


def test_two_questions_are_set_against_each_other(place, survey):
    table = cross_table(survey, "single", "multiple")
    assert (table.rows, table.columns) == (("甲", "乙", "丙", "其他"), ("甲", "乙", "丙"))
    assert table.counts == ((6, 3, 0), (0, 0, 0), (0, 0, 0), (2, 1, 0))
    scale = cross_table(survey, "scale", "single")
    assert sum(map(sum, scale.counts)) == 8
    staff = client_of(place.staff)
    address = f"/api/v1/surveys/{survey.pk}/cross-table/"
    assert staff.get(f"{address}?rows=single&columns=scale").json()["rows"] == ["甲", "乙", "丙", "其他"]
    for query in (
        "",
        "?rows=single",
        "?rows=long&columns=single",
        "?rows=single&columns=single",
        "?rows=%00&columns=a",
    ):
        assert staff.get(address + query).status_code == 400, query
        assert staff.get(f"/admin/partners/survey/{survey.pk}/results/{query}").status_code == 200
    assert client_of(place.city.user("grid_worker")).get(f"{address}?rows=single&columns=scale").status_code == 403


def test_sheets_go_out_as_a_table_and_figures_as_a_report(place, survey):
    staff, base = client_of(place.staff), f"/admin/partners/survey/{survey.pk}"
    content = b"".join(staff.post(f"{base}/sheets.xlsx").streaming_content)
    rows = list(load_workbook(io.BytesIO(content)).active.iter_rows(values_only=True))
    assert len(rows) == 9 and rows[0][3] == "房屋" and rows[0][4] == "1. 单选"
    mine = next(row for row in rows if row[3] == "GY-1-1-101")
    assert mine[4:9] == ("甲", "甲", 1, 0, 0.5)
    assert mine[9] == "'=短0" and mine[12] == "甲 > 乙 > 丙" and mine[13] == "一：甲；二：乙"
    report = Document(io.BytesIO(staff.post(f"{base}/report.docx").content))
    text = "\n".join(one.text for one in report.paragraphs)
    assert "收回 8 份；应答户数 8，应答率 100.0%" in text and "{" not in text and "建议3" not in text
    assert report.tables[0].rows[0].cells[1].text == "6"
    poster = Document(io.BytesIO(staff.get(f"{base}/poster.docx").content))
    text = "\n".join(one.text for one in poster.paragraphs)
    assert survey.title in text and f"/r/surveys/{survey.code}/" in text and len(poster.inline_shapes) == 1
    assert staff.get(f"{base}/code.png").content.startswith(b"\x89PNG")
    assert Event.objects.filter(name="export.done").count() == 2
    for role in ("grid_worker", "handler", "resident", "outside_community_staff"):
        client = client_of(place.city.user(role))
        for address in ("sheets.xlsx", "report.docx"):
            assert client.post(f"{base}/{address}").status_code in (302, 403, 404), role
    assert Event.objects.filter(name="export.done").count() == 2
    secret = place.open(mode="anonymous")
    place.answer(secret, 0)
    content = b"".join(staff.post(f"/admin/partners/survey/{secret.pk}/sheets.xlsx").streaming_content)
    header = next(load_workbook(io.BytesIO(content)).active.iter_rows(values_only=True))
    assert header[:4] == ("日期", "来源", "录入人", "1. 家里有老人吗？")


def test_answers_become_needs_where_somebody_keeps_needs(place, survey, no_needs):
    sheet = survey.sheets.get(dwelling=place.dwellings[3])
    staff = client_of(place.staff)
    assert "make_need" not in {step.name for step in available(survey, place.staff)}
    assert "转为需求" not in staff.get(f"/admin/partners/survey/{survey.pk}/results/").content.decode()
    with pytest.raises(Conflict):
        act(survey, "make_need", actor=place.staff, question="long", sheet=sheet.pk, title="建议")
    told, heard = [], []

    def maker(candidate, *, actor, survey):
        told.append(candidate)
        return SimpleNamespace(pk=7, __str__=lambda self: "N-7")

    def listener(sender, mark, candidate, actor, **more):
        heard.append(mark)

    register_need_maker(maker)
    answers_marked.connect(listener)
    try:
        address = f"/admin/partners/survey/{survey.pk}/transition/make_need/"
        form = staff.get(f"{address}?for_need=1&question=long&sheet={sheet.pk}&title=建议3")
        assert "建议3" in form.content.decode()
        body = {"title": "多放长椅", "question": "long", "sheet": str(sheet.pk)}
        assert staff.post(address, body, format="multipart").status_code == 302
    finally:
        answers_marked.disconnect(listener)
    assert (told[0].title, told[0].text, told[0].sheet, told[0].dwelling_id) == (
        "多放长椅", "建议3", sheet.pk, place.dwellings[3].pk,
    )  # fmt: skip
    mark = SurveyMark.objects.get()
    assert (mark.need, mark.sheet, heard) == (7, sheet, [mark])
    with pytest.raises(Conflict):  # once
        act(survey, "make_need", actor=place.staff, question="long", sheet=sheet.pk, title="再来")
    act(survey, "make_need", actor=place.staff, question="single", option="a", title="要甲")
    assert (told[1].count, told[1].sheet, told[1].person_id, told[1].dwelling_id) == (6, None, None, None)
    for wrong in ({"option": "b"}, {"option": "z"}, {"sheet": "x"}, {"sheet": ""}, {"question": "none"}, {"title": ""}):
        given = {"question": "single", "title": "题"} | wrong
        with pytest.raises(Invalid):
            act(survey, "make_need", actor=place.staff, **given)
    with pytest.raises(NotPermitted):
        act(survey, "make_need", actor=place.city.user("grid_worker"), question="single", option="other", title="题")
    assert SurveyMark.objects.count() == 2
    # what was made a need is not offered again, and the sheet it stands on is not replaced
    page = staff.get(f"/admin/partners/survey/{survey.pk}/results/").content.decode()
    assert f"question=long&amp;sheet={mark.sheet_id}" not in page and page.count("question=long&amp;sheet=") == 7
    with pytest.raises(Conflict):
        place.answer(survey, 3, filled(3))


def test_what_was_answered_stands_in_the_registry_of_needs(place, survey):
    # given an answer in words of a dwelling, and what needs are sorted by
    NeedCategory.objects.create(code="everyday", name="便民")
    sheet = survey.sheets.get(dwelling=place.dwellings[3])
    # when it is made a need
    act(survey, "make_need", actor=place.staff, question="long", sheet=sheet.pk, title="多放长椅")
    # then the need says whose it is and where it comes from, and the answer leads to it
    need = Need.objects.get()
    assert (need.title, need.source, need.area_id) == ("多放长椅", "questionnaire", survey.area_id)
    assert [raiser.dwelling for raiser in need.raisers.all()] == [place.dwellings[3]]
    assert SurveyMark.objects.get().need == need.pk
    assert origin_told(need, place.staff) == (survey.title, f"/admin/partners/survey/{survey.pk}/change/")
    assert origin_told(need, place.city.user("handler"))[1] == ""
    # and of an option that many chose nobody is named, but how many they are
    act(survey, "make_need", actor=place.staff, question="single", option="a", title="要甲")
    asked = Need.objects.latest("pk")
    assert asked.people == 6 and not asked.raisers.exists()


def test_an_anonymous_answer_yields_no_person(place, no_needs):
    survey = place.open(mode="anonymous")
    place.answer(survey, 0, YES | {"needs": {"choices": ["other"], "other": "理发"}})
    told = []
    register_need_maker(lambda candidate, *, actor, survey: told.append(candidate))
    sheet = SurveyAnswerSheet.objects.get()
    act(survey, "make_need", actor=place.staff, question="needs", sheet=sheet.pk, title="理发")
    assert (told[0].text, told[0].person_id, told[0].dwelling_id) == ("理发", None, None)
