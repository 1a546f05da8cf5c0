"""Filling in on the phone with and without script, trying out, asking at the door, building in the admin."""

import json
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from cases.tests.api import client_of as api_client_of
from governance.models import User
from governance.workflow import act
from partners.models import Survey, SurveyAnswer, SurveyAnswerSheet, SurveyTemplate
from partners.surveys.public import answered_by, answered_of, homes_told
from partners.surveys.tests.place import YES, lives_in
from partners.surveys.tests.test_results import EVERY_KIND, filled

pytestmark = pytest.mark.django_db


class Browser(APIClient):
    """A client that sends forms."""

    def post(self, path, data=None, **options):
        return super().post(path, data, format="multipart", **options)


def client_of(user=None) -> Browser:
    """Return a browser in which ``user`` is signed in."""
    browser, signed = Browser(), api_client_of(user)
    browser.handler, browser.cookies = signed.handler, signed.cookies
    return browser


def hidden_fields(page: str) -> dict:
    """Return the hidden inputs of a page, as a browser sends them."""
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page)
    return {name: value.replace("&quot;", '"').replace("&#x27;", "'").replace("&amp;", "&") for name, value in found}


def said(key: str, raw: dict) -> dict:
    """Return an answer as the fields of the page."""
    name = f"a-{key}"
    if "cells" in raw:
        return {f"{name}-{row}": column for row, column in raw["cells"].items()}
    if key == "ranking":
        return {f"{name}-{option}": str(place) for place, option in enumerate(raw["choices"], 1)}
    if "choices" in raw:
        return {name: raw["choices"], f"{name}-other": raw.get("other", "")}
    return {name: str(next(iter(raw.values())))}


def test_without_script_it_is_filled_in_question_by_question(place):
    survey = place.open()
    client, address = client_of(place.neighbour(0)), f"/r/surveys/{survey.code}/"
    assert f"{address}fill/" in client.get(address).content.decode()
    page = client.get(f"{address}fill/").content.decode()
    assert "家里有老人吗" in page and "对社区服务满意吗" not in page
    # nothing said to a question that must be answered: asked again
    again = client.post(f"{address}fill/", hidden_fields(page))
    assert again.status_code == 400 and "请回答此题" in again.content.decode()
    page = client.post(f"{address}fill/", hidden_fields(page) | {"a-elders": "yes"}).content.decode()
    assert "老人需要什么" in page
    page = client.post(f"{address}fill/", hidden_fields(page) | {"a-needs": ["meals", "care"]}).content.decode()
    assert "对社区服务满意吗" in page
    # one back, and another way: the answer to what is no longer asked is left out in the end
    page = client.post(f"{address}fill/", hidden_fields(page) | {"back": "1"}).content.decode()
    page = client.post(f"{address}fill/", hidden_fields(page) | {"back": "1"}).content.decode()
    assert "家里有老人吗" in page and 'value="yes" checked' in page
    page = client.post(f"{address}fill/", hidden_fields(page) | {"a-elders": "no"}).content.decode()
    page = client.post(f"{address}fill/", hidden_fields(page) | {"a-often": "1"}).content.decode()
    assert "哪里不满意" in page and not SurveyAnswerSheet.objects.exists()
    answer = client.post(f"{address}fill/", hidden_fields(page) | {"a-why": "太吵"})
    assert (answer.status_code, answer["Location"]) == (302, f"{address}thanks/")
    assert {row.question.key: row.text for row in SurveyAnswer.objects.all()} == {
        "elders": "",
        "often": "",
        "why": "太吵",
    }
    assert "您家已填写" in client.get(address).content.decode()
    assert "谢谢" in client.get(f"{address}thanks/").content.decode()


@pytest.mark.parametrize(
    "carried", ["{", "[]", "5", '{"elders": 5}', '{"nothing": {}}', '{"elders": {"x": 1}}', "x" * 9]
)
def test_what_a_page_carries_may_be_meddled_with(place, carried):
    survey = place.open()
    client, address = client_of(place.neighbour(0)), f"/r/surveys/{survey.code}/fill/"
    for at in ("elders", "often", "nothing", ""):
        answer = client.post(
            address, {"carried": carried, "at": at, "a-elders": "no", "a-often": "5", "dwelling": "\0"}
        )
        assert answer.status_code in (200, 302, 400)
    assert SurveyAnswerSheet.objects.count() <= 1


def test_with_script_all_stand_on_one_page_and_each_kind_arrives(place):
    survey = place.open(questions=EVERY_KIND)
    client, address = client_of(place.neighbour(0)), f"/r/surveys/{survey.code}/fill/"
    page = client.get(f"{address}?all=1").content.decode()
    told = json.loads(re.search(r'<script id="questions" type="application/json">(.*?)</script>', page)[1])
    assert [one["key"] for one in told] == [one["key"] for one in EVERY_KIND]
    body = {name: value for key, raw in filled(3).items() for name, value in said(key, raw).items()}
    wrong = client.post(address, body | {"all": "1", "a-number": "viel"})
    assert wrong.status_code == 400 and "请填写数字" in wrong.content.decode() and "建议3" in wrong.content.decode()
    assert client.post(address, body | {"all": "1"}).status_code == 302
    kept = {row.question.key: row for row in SurveyAnswer.objects.select_related("question")}
    assert set(kept) == set(filled(3)) and kept["ranking"].choices == ["b", "a", "c"]
    assert kept["matrix"].cells == {"r1": "a", "r2": "b"} and str(kept["number"].number) == "3.500"


def test_who_comes_in_and_who_does_not(place):
    survey = place.open()
    address = f"/r/surveys/{survey.code}/"
    nobody = client_of()
    for page in (address, f"{address}fill/"):
        answer = nobody.get(page)
        assert (answer.status_code, answer["Location"]) == (302, "/r/sign-in/")
    assert nobody.session["after_sign_in"] == f"{address}fill/"
    stranger = client_of(place.stranger)
    assert "其他小区" in stranger.get(address).content.decode()
    assert stranger.get(f"{address}fill/").status_code == 403
    for wrong in ("/r/surveys/zzzzzzzzzz/", "/r/surveys/zzzzzzzzzz/fill/", f"/r/surveys/{place.draft().code}/"):
        assert client_of(place.neighbour(0)).get(wrong).status_code == 404
    home = client_of(place.neighbour(0)).get("/r/surveys/").content.decode()
    assert survey.title in home and "未填写" in home
    assert survey.title not in stranger.get("/r/surveys/").content.decode()
    assert "/r/surveys/" in client_of(place.neighbour(0)).get("/r/mine/").content.decode()
    lives_in(place.people[0], place.dwellings[5], "tenant")
    page = client_of(place.neighbour(0)).get(f"{address}fill/?all=1").content.decode()
    assert page.count('<option value="GY-1-1-10') == 2
    closed = place.step(survey, "close")
    assert client_of(place.neighbour(0)).get(f"/r/surveys/{closed.code}/fill/").status_code == 409


def test_an_anonymous_one_is_open_to_who_has_the_poster_once_a_device(place, settings):
    survey = place.open(mode="anonymous")
    client, address = client_of(), f"/r/surveys/{survey.code}/"
    assert "匿名填写" in client.get(address).content.decode()
    page = client.get(f"{address}fill/?all=1").content.decode()
    body = hidden_fields(page) | {"a-elders": "no", "a-often": "4"}
    answer = client.post(f"{address}fill/", body)
    assert answer.status_code == 302
    cookie = answer.cookies[f"jc_survey_{survey.code}"]
    assert cookie.value == "1" and cookie["httponly"]
    assert client.get(f"{address}fill/").status_code == 409
    # the same form from a device that has forgotten: taken once; a new form is taken, which the ADR says
    other = client_of()
    assert other.post(f"{address}fill/", body).status_code == 409
    assert other.post(f"{address}fill/", body | {"form": "x"}).status_code == 400
    fresh = hidden_fields(other.get(f"{address}fill/?all=1").content.decode())
    assert other.post(f"{address}fill/", fresh | {"a-elders": "no"}).status_code == 302
    assert SurveyAnswerSheet.objects.count() == 2
    assert not client.session.keys()


def test_a_network_sends_so_many_anonymous_answers_an_hour(place, monkeypatch):
    monkeypatch.setattr("partners.surveys.limits.NetworkThrottle.THROTTLE_RATES", {"survey-answer": "2/hour"})
    survey = place.open(mode="anonymous")
    codes = []
    for _attempt in range(3):
        client, address = client_of(), f"/r/surveys/{survey.code}/fill/"
        body = hidden_fields(client.get(f"{address}?all=1").content.decode()) | {"a-elders": "no"}
        codes.append(client.post(address, body).status_code)
    assert codes == [302, 302, 429] and SurveyAnswerSheet.objects.count() == 2


def test_a_draft_is_tried_out_and_nothing_is_kept(place):
    survey = place.draft()
    address = f"/r/surveys/{survey.code}/try/"
    staff = client_of(place.staff)
    page = staff.get(f"{address}?all=1").content.decode()
    assert "不会保存" in page
    assert staff.post(address, {"all": "1", "a-elders": "no"}).status_code == 200
    assert staff.post(address, {"all": "1"}).status_code == 400
    assert staff.get(address).status_code == 200
    for person in (
        place.neighbour(0),
        place.city.user("grid_worker"),
        place.city.user("outside_community_staff"),
        None,
    ):
        assert client_of(person).get(address).status_code == 404
    assert not SurveyAnswerSheet.objects.exists()


def test_answers_are_taken_at_the_door(place):
    survey, address = place.open(), None
    grid = client_of(place.city.user("grid_worker"))
    assert survey.title in grid.get("/m/surveys/").content.decode()
    assert "/m/surveys/" in grid.get("/m/").content.decode()
    address = f"/m/surveys/{survey.pk}/"
    page = grid.get(address).content.decode()
    assert "GY-1-1-103" in page
    body = hidden_fields(page) | {"way": "door", "whose": "GY-1-1-103", "a-elders": "no", "a-often": "3"}
    assert grid.post(address, body | {"whose": "LY-1-1-101"}).status_code == 400
    assert grid.post(address, body | {"whose": "\0"}).status_code == 400
    assert grid.post(address, body | {"way": "online"}).status_code == 400
    assert grid.post(address, body).status_code == 302
    sheet = SurveyAnswerSheet.objects.get()
    assert (sheet.way, sheet.entered_by.username, sheet.dwelling.code) == ("door", "grid_worker", "GY-1-1-103")
    assert "已录入" in grid.get(f"{address}?entered=1").content.decode()
    for role in ("handler", "outside_grid_worker"):
        assert client_of(place.city.user(role)).get(address).status_code == 404
    named = place.open(mode="person")
    body = {"way": "paper", "whose": "owner4", "a-elders": "no"}
    assert client_of(place.staff).post(f"/m/surveys/{named.pk}/", body | {"whose": "nobody"}).status_code == 400
    assert client_of(place.staff).post(f"/m/surveys/{named.pk}/", body).status_code == 302
    assert named.sheets.get().person == User.objects.get(username="owner4")


def test_a_questionnaire_is_built_in_the_admin_without_writing_a_line_of_code(place):
    staff = client_of(place.staff)
    form = {"area": place.city.area("community").pk, "title": "充电棚", "mode": "dwelling"}
    assert staff.post("/admin/partners/survey/add/", form).status_code == 302
    survey = Survey.objects.get()
    base = f"/admin/partners/survey/{survey.pk}"
    assert "还没有题目" in staff.get(f"{base}/change/").content.decode()

    def press(name, **given):
        answer = staff.post(f"{base}/transition/{name}/", given)
        assert answer.status_code == 302, answer.context_data["form"].errors
        return {row.position: row for row in survey.questions.all()}

    press("add_question", kind="single", text="有电动车吗？", options="有\n没有\n", required="on")
    press("add_question", kind="number", text="几辆？", least="1", most="9", unit="辆")
    rows = press("add_question", kind="long", text="建议", position="1")
    assert [row.text for row in rows.values()] == ["建议", "有电动车吗？", "几辆？"]
    staff.post(f"{base}/move/", {"key": rows[1].key, "position": "2"})
    rows = press("move_question", key=rows[1].key, position="3")
    first, second, third = rows.values()
    assert [row.text for row in (first, second, third)] == ["有电动车吗？", "几辆？", "建议"]
    yes = first.options[0]["key"]
    page = staff.get(f"{base}/transition/branch_question/?question={second.key}").content.decode()
    assert f"{first.key}:is:{yes}" in page and "选了“有”" in page
    press("branch_question", key=second.key, show_1=f"{first.key}:is:{yes}")
    press("branch_question", key=first.key, jump_1_if=f"{first.key}:is:{first.options[1]['key']}", jump_1_to=third.key)
    page = staff.get(f"{base}/change/").content.decode()
    assert "第 1 题选了“有”" in page and "到第 3 题" in page
    # options keep their keys when one comes before them
    page = staff.get(f"{base}/transition/change_question/?question={first.key}").content.decode()
    assert "有\n没有" in page
    rows = press("change_question", key=first.key, kind="single", text="有电动车吗？", options="两轮\n有\n没有")
    assert rows[1].options[1] == {"key": yes, "text": "有"} and rows[1].jumps
    # what no longer fits is said where it stands, and keeps it from being opened
    press("drop_question", key=third.key)
    page = staff.get(f"{base}/change/").content.decode()
    assert "跳转只能到后面的题目或结束" in page and "暂不能开放" in page
    assert staff.post(f"{base}/transition/open/", {}).status_code == 409
    assert (
        staff.post(
            f"{base}/transition/add_question/", {"kind": "single", "text": "题", "options": "甲\n甲"}
        ).status_code
        == 400
    )
    assert staff.get(f"{base}/transition/branch_question/?question=%00").status_code == 200
    # what branches in more ways than the page has fields for is not cut by it
    told = (("is", yes), ("is_not", yes), ("answered", ""), ("unanswered", ""))
    shown = {"match": "any", "atoms": [{"question": first.key, "op": op, "value": value} for op, value in told]}
    second = survey.questions.get(position=2)
    act(survey, "branch_question", actor=place.staff, key=second.key, show_if=shown, jumps=[])
    given = {"key": second.key, "show_1": f"{first.key}:is:{yes}"}
    assert staff.post(f"{base}/transition/branch_question/", given).status_code == 400
    second.refresh_from_db()
    assert len(second.show_if["atoms"]) == 4
    assert YES and survey.questions.count() == 2


def test_a_meddled_page_is_no_fault(place):
    options = [{"key": "x", "text": "一"}, {"key": "y", "text": "二"}]
    questions = [
        {"key": "a", "kind": "single", "text": "甲？", "options": options},
        {"key": "b", "kind": "long", "text": "乙？"}, {"key": "c", "kind": "short", "text": "丙？"},
    ]  # fmt: skip
    survey = place.open(questions=questions)
    client, address = client_of(place.neighbour(0)), f"/r/surveys/{survey.code}/fill/"
    # what cannot be chosen, asked for again
    assert client.post(address, {"carried": '{"a": {"choices": 5}}', "at": "b", "back": "1"}).status_code == 200
    # too deep, and half of a character: left out, what was said on this page is taken
    for number, carried in enumerate(("[" * 90_000, '{"b": {"text": "\\ud800"}}'), 1):
        assert client.post(address, {"carried": carried, "at": "c", "a-c": "好"}).status_code == 302
        assert survey.sheets.get().revision == number
    assert [row.text for row in SurveyAnswer.objects.all()] == ["好"]


def test_templates_are_looked_at_and_the_administrator_says_which_are_offered(place):
    template = SurveyTemplate.objects.create(code="needs", title="需求调查", questions=[{"text": "家里有几口人？"}])
    address = f"/admin/partners/surveytemplate/{template.pk}/change/"
    for role in ("community_staff", "partner_manager", "administrator"):
        client = client_of(place.city.user(role))
        assert "需求调查" in client.get("/admin/partners/surveytemplate/").content.decode()
        assert "家里有几口人？" in client.get(address).content.decode()
    body = {"title": "居民需求调查", "introduction": "", "mode": "person"}
    assert client_of(place.staff).post(address, body).status_code == 403
    assert client_of(place.city.user("administrator")).post(address, body).status_code == 302
    template.refresh_from_db()
    assert (template.title, template.mode, template.is_active, template.questions) == (
        "居民需求调查", "person", False, [{"text": "家里有几口人？"}],
    )  # fmt: skip
    assert "居民需求调查" not in client_of(place.staff).get("/admin/partners/survey/add/").content.decode()


def test_the_list_of_residents_says_what_is_answered_at_the_same_cost_for_any_number(place):
    lives_in(place.people[0], place.dwellings[1])  # a second home
    both, one, own, nobody = place.open(), place.open(), place.open(mode="person"), place.open(mode="anonymous")
    client = client_of(place.neighbour(0))

    def statements() -> int:
        with CaptureQueriesContext(connection) as run:
            assert client.get("/r/surveys/").status_code == 200
        return len(run)

    before = statements()
    for home in place.dwellings[:2]:
        place.answer(both, 0, dwelling=home)
    place.answer(one, 0, dwelling=place.dwellings[1])
    place.answer(own, 0)
    place.answer(own, 1)
    told = answered_of([both, one, own, nobody, place.open(mode="person")], place.neighbour(0))
    assert list(told.values()) == [True, False, True, None, False]
    for survey in (both, one, own, nobody):
        user = place.neighbour(0)
        assert told[survey.pk] == answered_by(survey, user, homes_told(survey, user))
    place.open(estate=place.estate)
    assert statements() == before
