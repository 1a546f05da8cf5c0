"""The review queue: what is proposed and why, accepting it by both doors, and what happens when two are at it."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cases.models import CaseCategory, DispatchProposal, FilingStandard, StageLimit, StandardUnit, UnitAlias
from cases.review.services import proposal_accept, proposals_for
from cases.services import case_accept
from cases.tests.api import client_of, in_state, url_of
from cases.tests.rules import Said, a_scene, text_model
from governance.models import Event
from governance.testing import snapshot
from governance.workflow import act

pytestmark = pytest.mark.django_db
PAGE = "/admin/cases/case/review/"
DECIDE = {"operations_centre", "dispatcher"}
ROLES = [
    "administrator", "operations_centre", "registrar", "dispatcher", "handler", "supervisor", "grid_worker",
    "community_staff", "resident",
]  # fmt: skip


def waiting(city, **given):
    """A case filed under 井盖 without a condition: the hub does not guess."""
    return case_accept(city.report(**given), actor=city.user("registrar"), category=city.category)


def units(case) -> list[str]:
    return [row.unit.code for row in proposals_for(case)]


def accept_url(proposal) -> str:
    return reverse("admin:cases_review_accept", args=[proposal.case_id, proposal.pk])


def test_the_standards_of_a_category_are_proposed_the_nearest_in_words_first(city):
    case = waiting(city, description="井盖破损，一角掉了")
    rows = proposals_for(case)
    # 井盖破损 is led by a role that is water here; 井盖倾斜 by municipal
    assert [(row.rank, row.unit.code, row.method) for row in rows] == [
        (1, "water", "standard"), (2, "municipal", "standard"),
    ]  # fmt: skip
    assert "井盖破损" in rows[0].reason and (rows[0].limit_amount, rows[0].limit_unit) == (2, "urgent_hour")
    assert rows[1].parts == {"assisting": ["water"], "supervising": ["urban"]}


def test_what_the_text_says_comes_first_with_its_figure(city):
    UnitAlias.objects.create(role_name="城乡建设", area=city.city, unit=city.urban)
    StageLimit.objects.create(stage="handling", limit_amount=5, limit_unit="work_day")
    with text_model(field=Said("城乡建设", 0.83)):
        case = waiting(city)
    best = proposals_for(case)[0]
    assert (best.unit, best.method, float(best.confidence), best.model_version) == (
        city.urban, "classifier", 0.83, "test-1",
    )  # fmt: skip
    assert (best.limit_amount, best.limit_unit) == (5, "work_day")


def test_a_registrar_is_proposed_a_category_until_the_report_is_filed(city):
    other = CaseCategory.objects.create(
        scheme="test", scheme_version="1", code="0202", name="护栏", kind="component", parent=city.category.parent
    )
    with text_model(category=Said("0101", 0.7, "0202", 0.2)):
        case = city.report()
        assert [(row.category.code, float(row.confidence)) for row in proposals_for(case)] == [
            ("0101", 0.7), (other.code, 0.2),
        ]  # fmt: skip
        assert DispatchProposal.objects.filter(case=city.open()).count() == 0, "a filed case needs none"
    filed = case_accept(case, actor=city.user("registrar"), category=None, standard=city.standard)
    assert proposals_for(filed) == []


def test_a_code_that_means_several_categories_or_none_in_use_is_not_proposed(city):
    again = {"code": "0101", "name": "井盖（新）", "kind": "component", "parent": city.category.parent}
    twin = CaseCategory.objects.create(scheme="test", scheme_version="2", **again)
    with text_model(category=Said("0101", 0.7, "0909", 0.2)):
        assert proposals_for(city.report()) == []
        CaseCategory.objects.filter(pk=twin.pk).update(is_active=False)
        row = proposals_for(city.report())[0]
    # two standards of it are in use: which one is left to the registrar
    assert (row.rank, row.category, row.standard, row.reason) == (1, city.category, None, "按文字判断为“井盖”（70%）")
    FilingStandard.objects.filter(pk=city.roleless.pk).update(is_active=False)
    with text_model(category=Said("0101", 0.7)):
        assert proposals_for(city.report())[0].standard == city.standard


def test_how_such_cases_went_in_this_street_is_a_proposal_with_its_share(city):
    # given five closed cases of a category without a standard, four of them by urban
    bare = CaseCategory.objects.create(
        scheme="test", scheme_version="1", code="0999", name="其他", kind="event", parent=city.category.parent
    )
    StageLimit.objects.create(stage="handling", limit_amount=5, limit_unit="work_day")
    for unit in (city.urban, city.urban, city.water, city.urban, city.urban):
        case = in_state(city, "closed")
        type(case).objects.filter(pk=case.pk).update(category=bare, lead_unit=unit)
    case = case_accept(city.report(), actor=city.user("registrar"), category=bare)
    found = [(row.unit.code, row.method, float(row.confidence)) for row in proposals_for(case)]
    assert found == [("urban", "history", 0.8), ("water", "history", 0.2)]
    # and where a street has too few, those of the whole city count
    elsewhere = case_accept(city.report(longitude=city.other_point[0]), actor=city.user("registrar"), category=bare)
    assert "本街道" in proposals_for(case)[0].reason and "本街道" not in proposals_for(elsewhere)[0].reason


def test_who_gave_it_back_is_not_proposed_again_and_who_had_a_reopened_case_is(city):
    returned = act(city.open(), "return", actor=city.user("handler"), reason="不归我们管")
    assert "municipal" not in units(returned)
    recalled = act(city.open(), "recall", actor=city.user("dispatcher"), reason="派错了")
    assert "municipal" not in units(recalled)
    assert units(in_state(city, "reopened"))[0] == "municipal"


def test_accepting_is_a_dispatch_that_names_its_proposal(city):
    case = waiting(city, description="井盖倾斜")
    best = proposals_for(case)[0]
    done = proposal_accept(best, actor=city.user("dispatcher"), version=case.version)
    made = done.dispatches.get()
    assert (done.lead_unit, done.units_as("assisting"), done.units_as("supervising")) == (
        city.municipal, [city.water], [city.urban],
    )  # fmt: skip
    assert (made.method, made.limit_amount, made.limit_unit) == ("manual", 2, "urgent_hour")
    assert "第 1 条建议" in made.reason and made.runner_up["unit"] == "water"
    assert Event.objects.filter(name="case.dispatched", subject_id=case.pk).get().remark.text == made.reason
    assert proposals_for(done) == []


@pytest.mark.parametrize("role", ROLES)
def test_who_accepts_by_each_door(city, role):
    case = waiting(city)
    best = proposals_for(case)[0]
    before = snapshot(case)
    user = city.user(role)
    client = client_of(user)
    expected = 200 if role in DECIDE else 302 if role == "resident" else 403
    assert client.get(PAGE).status_code == expected
    if role in DECIDE:
        assert client.post(url_of(case, "proposals/1/accept/"), {"version": case.version}).status_code == 200
        assert client.post(url_of(case, "proposals/1/accept/"), {}).status_code == 409
        other = waiting(city)
        first = proposals_for(other)[0]
        posted = client.post(accept_url(first), {"version": other.version}, format="multipart")
        assert posted.status_code == 302
        other.refresh_from_db()
        assert other.lead_unit == first.unit
        return
    # handlers and supervisors do not see a case that no unit has; residents only their own
    sees = role not in ("handler", "supervisor", "resident")
    answer = client.post(url_of(case, "proposals/1/accept/"), {})
    assert answer.status_code == (403 if sees else 404), answer.content
    posted = client.post(accept_url(best), {"version": case.version}, format="multipart")
    assert posted.status_code == (302 if role == "resident" else 403 if sees else 404)
    assert client.get(url_of(case, "proposals/")).status_code == (403 if role == "resident" else 200 if sees else 404)
    assert snapshot(case) == before


def test_people_of_elsewhere_neither_see_nor_accept(city):
    case = waiting(city)
    best, before = proposals_for(case)[0], snapshot(case)
    for role in DECIDE:
        client = client_of(city.outsider(role))
        assert case.number not in client.get(PAGE).content.decode()
        assert client.post(accept_url(best), {"version": case.version}, format="multipart").status_code == 404
        assert client.post(url_of(case, "proposals/1/accept/"), {}).status_code == 404
    assert snapshot(case) == before


def test_the_api_shows_proposals_and_refuses_what_is_not_there(city):
    case, client = waiting(city), client_of(city.user("dispatcher"))
    rows = client.get(url_of(case, "proposals/")).json()
    assert [row["rank"] for row in rows] == [1, 2] and rows[0]["unit"] and rows[0]["limit_unit"] == "urgent_hour"
    assert client.post(url_of(case, "proposals/9/accept/"), {}).status_code == 404
    assert client.post(url_of(case, "proposals/1/accept/"), {"version": 99}).status_code == 409
    assert client.post(url_of(case, "proposals/1/accept/"), {"version": "x"}).status_code == 400
    with text_model(category=Said("0101", 0.7)):
        report = city.report()
    assert client_of(city.user("operations_centre")).post(url_of(report, "proposals/1/accept/"), {}).status_code == 400


def test_two_dispatchers_one_case_the_second_is_told_what_happened(city):
    # given two people with the queue open, with proposals as they were shown
    case = waiting(city)
    first, second = proposals_for(case)
    early, late = client_of(city.user("dispatcher")), client_of(city.user("operations_centre"))
    script = {"Accept": "application/json"}
    done = early.post(accept_url(first), {"version": case.version}, format="multipart", headers=script)
    assert done.json()["done"] is True
    refused = late.post(accept_url(second), {"version": case.version}, format="multipart", headers=script)
    assert refused.status_code == 409
    assert refused.json()["done"] is False and first.unit.name in refused.json()["now"]
    case.refresh_from_db()
    assert case.lead_unit == first.unit
    # and a proposal that was replaced meanwhile is not acted on
    again = act(case, "recall", actor=city.user("dispatcher"), reason="派错了")
    stale = late.post(accept_url(second), {"version": again.version}, format="multipart", headers=script)
    assert stale.status_code == 409 and "建议已更新" in stale.json()["text"]
    assert late.post(accept_url(second), {}, format="multipart").status_code in (404, 409)


def test_the_queue_of_a_scene_holds_its_cases_only(city):
    a_scene(city, "covers", categories=[city.category.parent])
    bare = CaseCategory.objects.create(scheme="test", scheme_version="1", code="0999", name="其他", kind="event")
    inside, outside = waiting(city), case_accept(city.report(), actor=city.user("registrar"), category=bare)
    client = client_of(city.user("dispatcher"))
    html = client.get(f"{PAGE}?scene=covers").content.decode()
    assert inside.number in html and outside.number not in html
    assert client.get(f"{PAGE}?scene=none").status_code == 400
    part = client.get(PAGE, headers={"X-Jiceng-Refresh": "1"}).content.decode()
    assert 'id="jc-review"' in part and outside.number in part and "<body" not in part


def test_the_queue_needs_the_same_statements_for_any_number_of_cases(city):
    client = client_of(city.user("dispatcher"))
    waiting(city)
    client.get(PAGE)

    def statements() -> int:
        with CaptureQueriesContext(connection) as counted:
            assert client.get(PAGE).status_code == 200
        return len(counted)

    few = statements()
    for _number in range(5):
        waiting(city)
    assert statements() == few <= 12


def test_many_standards_are_read_at_once(city):
    for number in range(6):
        row = FilingStandard.objects.create(
            category=city.category, condition_code=f"s{number}", condition=f"情形{number}", limit_amount=1,
            limit_unit="work_day",
        )  # fmt: skip
        StandardUnit.objects.create(standard=row, part="lead", role_name="产权单位")
    case = city.report()
    with CaptureQueriesContext(connection) as counted:
        case_accept(case, actor=city.user("registrar"), category=city.category)
    assert len([row for row in counted if "cases_unitalias" in row["sql"]]) <= 1
