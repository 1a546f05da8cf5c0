"""Who answers what once, from where; and what is kept of an anonymous answer: nothing of whom."""

from datetime import timedelta

import pytest
import time_machine
from django.db import IntegrityError, transaction

from cases.tests.api import client_of
from governance.errors import Conflict, Invalid, NotPermitted
from governance.models import Dwelling, Event, IdempotencyRecord, User
from partners.models import Survey, SurveyAnswer, SurveyAnswerSheet
from partners.surveys.answering import form_token, sheet_enter, sheet_submit
from partners.surveys.exports import table_of
from partners.surveys.tests.place import CLOSES, YES, lives_in

pytestmark = pytest.mark.django_db
NO = {"elders": {"choices": ["no"]}, "often": {"number": 2}, "why": {"text": "灯坏了"}, "needs": {"choices": ["z"]}}


def test_a_dwelling_has_one_answer_the_later_one_counts_or_is_refused(place):
    survey = place.open()
    first = place.answer(survey, 0)
    spouse = User.objects.create_user("spouse", name="家人")
    lives_in(spouse, place.dwellings[0], "family")
    again = sheet_submit(survey, actor=spouse, answers=NO)
    assert (again.pk, again.revision, again.dwelling) == (first.pk, 2, place.dwellings[0])
    kept = {row.question.key: row for row in SurveyAnswer.objects.select_related("question")}
    # what was answered to a hidden question is not there, although it was sent and is wrong
    assert set(kept) == {"elders", "often", "why"} and kept["why"].text == "灯坏了"
    strict = place.open(replaceable=False)
    place.answer(strict, 0)
    with pytest.raises(Conflict) as refused:
        sheet_submit(strict, actor=spouse, answers=YES)
    assert refused.value.code == "answered" and strict.sheets.get().answers.count() == 3
    # the database itself knows no second one
    with pytest.raises(IntegrityError), transaction.atomic():
        SurveyAnswerSheet.objects.create(survey=strict, area=strict.area, mode="dwelling", dwelling=place.dwellings[0])
    assert Event.objects.filter(name="survey.answered").count() == 3


def test_who_has_several_dwellings_says_for_which_and_no_one_answers_for_others(place):
    survey = place.open(estate=place.estate)
    lives_in(place.people[0], place.dwellings[5], "tenant")
    with pytest.raises(Invalid) as refused:
        place.answer(survey, 0)
    assert refused.value.field == "dwelling"
    assert place.answer(survey, 0, dwelling=place.dwellings[5]).dwelling == place.dwellings[5]
    with pytest.raises(NotPermitted):
        place.answer(survey, 0, dwelling=place.dwellings[1])
    for somebody in (place.stranger, place.city.user("resident"), place.staff):
        with pytest.raises(NotPermitted):
            sheet_submit(survey, actor=somebody, answers=YES)
    # a claim that nobody verified is no home; a shop is not asked
    claimant = User.objects.create_user("claimant", name="申请人")
    lives_in(claimant, place.dwellings[1])
    claimant.residencies.all().delete()
    Dwelling.objects.filter(pk=place.dwellings[2].pk).update(use="commercial")
    for somebody in (claimant, place.neighbour(2)):
        with pytest.raises(NotPermitted):
            sheet_submit(survey, actor=somebody, answers=YES)
    assert SurveyAnswerSheet.objects.count() == 1


def test_a_person_has_one_answer(place):
    survey = place.open(mode="person", replaceable=False)
    assert place.answer(survey, 0).person == place.people[0]
    with pytest.raises(Conflict):
        place.answer(survey, 0)
    with pytest.raises(IntegrityError), transaction.atomic():
        SurveyAnswerSheet.objects.create(survey=survey, area=survey.area, mode="person", person=place.people[0])
    assert place.answer(place.open(mode="person"), 0).revision == 1


def test_an_anonymous_answer_leaves_no_trace_of_whom(place):
    survey = place.open(mode="anonymous")
    assert survey.replaceable is False
    before = Event.objects.count()
    client = client_of(place.neighbour(0))
    told = client.get(f"/api/v1/me/surveys/{survey.code}/").json()
    assert told["answered"] is None and told["homes"] == []
    body = {"answers": YES, "form": told["form"]}
    answer = client.post(
        f"/api/v1/me/surveys/{survey.code}/answers/", body, format="json", headers={"Idempotency-Key": "k"}
    )
    assert (answer.status_code, answer.json()) == (201, {"taken": True})
    sheet = SurveyAnswerSheet.objects.get()
    assert (sheet.person, sheet.dwelling, sheet.entered_by) == (None, None, None)
    assert Event.objects.count() == before and not IdempotencyRecord.objects.exists()
    columns = {field.name for field in SurveyAnswerSheet._meta.concrete_fields}
    assert columns == {
        "id",
        "survey",
        "area",
        "mode",
        "way",
        "person",
        "dwelling",
        "entered_by",
        "day",
        "revision",
        "nonce",
    }
    # one form is taken once; another's form, a made-up one and none are refused
    assert client.post(f"/api/v1/me/surveys/{survey.code}/answers/", body, format="json").status_code == 409
    other = form_token(place.open(mode="anonymous"))
    for form in (other, "x", "", f"{survey.pk}:1:bad", "9" * 199):
        answer = client.post(f"/api/v1/me/surveys/{survey.code}/answers/", body | {"form": form}, format="json")
        assert (answer.status_code, answer.json()["errors"][0]["attr"]) == (400, "form"), form
    assert SurveyAnswerSheet.objects.count() == 1
    # the database refuses one that names somebody
    with pytest.raises(IntegrityError), transaction.atomic():
        SurveyAnswerSheet.objects.create(survey=survey, area=survey.area, mode="anonymous", person=place.people[0])


def test_only_what_is_open_is_answered(place):
    for state in ("draft", "scheduled", "closed", "published", "withdrawn"):
        with pytest.raises(Conflict):
            place.answer(place.in_state(state), 0)
    survey = place.open()
    with time_machine.travel(CLOSES, tick=False), pytest.raises(Conflict):
        place.answer(survey, 0)  # its time is over, though the clock has not come by yet
    for wrong in ({}, {"elders": {"choices": ["x"]}}, {"nothing": {}}, {"often": {"number": 3}}):
        with pytest.raises(Invalid):
            place.answer(survey, 0, wrong or {"elders": {}})
    assert not SurveyAnswerSheet.objects.exists()


def test_papers_are_entered_by_name_until_the_results_are_published(place):
    survey, grid = place.open(), place.city.user("grid_worker")
    home = place.dwellings[3]
    sheet = sheet_enter(survey, actor=grid, answers=YES, way="door", dwelling=home)
    assert (sheet.way, sheet.entered_by, sheet.dwelling) == ("door", grid, home)
    assert Event.objects.get(name="survey.entered").actor == grid
    for given in ({}, {"dwelling": Dwelling.objects.get(code="LY-1-1-101")}):
        with pytest.raises(Invalid) as refused:
            sheet_enter(survey, actor=grid, answers=YES, **given)
        assert refused.value.field == "dwelling"
    for role in ("handler", "resident", "outside_grid_worker", "administrator"):
        with pytest.raises(NotPermitted):
            sheet_enter(survey, actor=place.city.user(role), answers=YES, dwelling=home)
    with pytest.raises(Invalid):
        sheet_enter(survey, actor=grid, answers=YES, dwelling=home, way="online")
    survey = place.step(survey, "close")
    late = sheet_enter(survey, actor=place.staff, answers=YES, dwelling=place.dwellings[4])
    assert late.way == "paper"
    with pytest.raises(Conflict):  # after it has closed nothing replaces what was answered
        sheet_enter(survey, actor=place.staff, answers=YES, dwelling=home)
    survey = place.step(survey, "publish")
    with pytest.raises(Conflict):
        sheet_enter(survey, actor=place.staff, answers=YES, dwelling=place.dwellings[5])
    named = place.open(mode="person")
    assert sheet_enter(named, actor=grid, answers=YES, person=place.people[1]).person == place.people[1]
    with pytest.raises(Invalid):
        sheet_enter(named, actor=grid, answers=YES, person=place.stranger)
    nobody = place.open(mode="anonymous")
    sheet = sheet_enter(nobody, actor=grid, answers=YES, dwelling=home, person=place.people[1])
    assert (sheet.dwelling, sheet.person, sheet.entered_by) == (None, None, grid)
    # nobody reads who asked at which doors that day: the visits would tell whose answer it is
    staff = client_of(place.staff)
    shown = staff.get(f"/api/v1/survey-sheets/?survey={nobody.pk}").json()["results"]
    assert [one["entered_by"] for one in shown] == [None]
    for address in (f"surveyanswersheet/?survey={nobody.pk}", f"surveyanswersheet/{sheet.pk}/change/"):
        assert grid.name not in staff.get(f"/admin/partners/{address}").content.decode().split("<main")[-1]
    assert [row[2] for row in table_of(nobody)[1]] == [""]
    assert {row[2] for row in table_of(survey)[1]} == {grid.name, place.staff.name}


def test_who_asks_at_the_door_sees_the_own_sheets_and_no_figures(place):
    survey = place.open()
    place.answer(survey, 0)
    body = {"answers": YES, "way": "door", "dwelling": place.dwellings[1].code}
    grid = client_of(place.city.user("grid_worker"))
    assert grid.post(f"/api/v1/surveys/{survey.pk}/sheets/", body, format="json").status_code == 201
    assert len(grid.get("/api/v1/survey-sheets/").json()["results"]) == 1
    assert grid.get(f"/api/v1/surveys/{survey.pk}/results/").status_code == 403
    assert grid.get(f"/admin/partners/survey/{survey.pk}/results/").status_code == 403
    staff = client_of(place.staff)
    assert len(staff.get(f"/api/v1/survey-sheets/?survey={survey.pk}").json()["results"]) == 2
    for wrong in ({"dwelling": "nowhere"}, {"dwelling": "a\0"}, {"way": "online"}, {"answers": 5},
                  {"answers": {"elders": 5}}, {"dwelling": None},
                  {"person": "owner1", "dwelling": "LY-1-1-101"}):  # fmt: skip
        assert staff.post(f"/api/v1/surveys/{survey.pk}/sheets/", body | wrong, format="json").status_code == 400, wrong
    for role in ("administrator", "handler", "resident", "outside_grid_worker"):
        answer = client_of(place.city.user(role)).post(f"/api/v1/surveys/{survey.pk}/sheets/", body, format="json")
        assert answer.status_code in (403, 404), role
    assert SurveyAnswerSheet.objects.count() == 2


def test_residents_answer_through_the_api_for_their_place(place):
    survey = place.open()
    client = client_of(place.neighbour(0))
    assert [row["code"] for row in client.get("/api/v1/me/surveys/").json()["results"]] == [survey.code]
    told = client.get(f"/api/v1/me/surveys/{survey.code}/").json()
    assert told["homes"] == [{"code": "GY-1-1-101", "address": told["homes"][0]["address"], "answered": False}]
    address = f"/api/v1/me/surveys/{survey.code}/answers/"
    assert client.post(address, {"answers": YES}, format="json").status_code == 201
    assert client.get(f"/api/v1/me/surveys/{survey.code}/").json()["answered"] is True
    bad = {"answers": {"elders": {"choices": ["x"]}}}
    for body in ({}, {"answers": []}, bad, {"answers": YES, "dwelling": 5.5}):
        assert client.post(address, body, format="json").status_code in (400, 404), body
    huge = '{"answers": {"elders": {"choices": ["yes"]}, "often": {"number": 1e400}}}'
    assert client.post(address, huge, content_type="application/json").status_code == 400
    assert client.post(address, {"answers": YES, "dwelling": "a\0"}, format="json").status_code in (400, 404)
    assert client.post(address, {"answers": YES, "dwelling": "GY-1-1-102"}, format="json").status_code == 403
    stranger = client_of(place.stranger)
    assert stranger.get("/api/v1/me/surveys/").json()["results"] == []
    assert stranger.post(address, {"answers": YES}, format="json").status_code == 404
    assert client_of().get("/api/v1/me/surveys/").status_code == 401
    assert client.get(f"/api/v1/me/surveys/{survey.code}/results/").status_code == 404
    # residents read questionnaires under me/ and not where staff work with them
    assert client.get(f"/api/v1/surveys/{survey.pk}/").status_code == 403
    assert Survey.objects.get().sheets.count() == 1
    with time_machine.travel(CLOSES + timedelta(minutes=1), tick=False):
        assert client.post(address, {"answers": YES}, format="json").status_code == 409
