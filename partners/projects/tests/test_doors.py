"""Projects through the admin, the REST API and the pages: what each role may do there, and what nobody learns."""

import json
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from governance.attachments import read_uploads
from governance.models import Attachment, Event
from governance.tests.test_attachments import photo
from partners.models import BudgetLine, Claim, Evaluation, Project, ProjectAttendance, ProjectLog
from partners.projects.running import CODES
from partners.projects.tasks import log_add, log_publish

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
WORKING = ("manager", "staff", "elsewhere")
OUTSIDE = ("lawyer", "baker", "judge", "resident1", "stranger")
STEPS = [
    ("planned", "terminate", {"reason": "取消"}), ("published", "open_claims", {}), ("awarded", "begin", {}),
    ("evaluated", "close", {}), ("closed", "reopen", {"reason": "复核"}), ("evaluated", "reevaluate", {"reason": "补"}),
]  # fmt: skip


def client_of(works, name: str) -> Client:
    client = Client()
    client.force_login(works.user(name))
    return client


def post(client, address: str, **body):
    return client.post(address, json.dumps(body), content_type="application/json")


def stood(row) -> tuple:
    return type(row).objects.get(pk=row.pk).state, Event.objects.filter(subject_type=row._meta.label_lower).count()


@pytest.mark.parametrize(("state", "name", "given"), STEPS)
def test_steps_of_projects_over_rest_and_in_the_admin_by_each_role(works, state, name, given):
    project = works.in_state(state)
    api = f"/api/v1/projects/{project.pk}/transitions/{name}/"
    admin = reverse("admin:partners_project_transition", args=[project.pk, name])
    before = stood(project)
    for role in (*OUTSIDE, "elsewhere"):
        assert post(client_of(works, role), api, **given).status_code in (403, 404)
        assert client_of(works, role).post(admin, given).status_code in (302, 403, 404)
        assert stood(project) == before
    looker = post(client_of(works, "administrator"), api, **given)
    assert looker.status_code == 403 and stood(project) == before
    done = post(client_of(works, "staff"), api, **given)
    assert done.status_code == 200 and done.json()["state"] != state


@pytest.mark.parametrize(
    ("name", "role", "given", "then"),
    [
        ("award", "manager", {}, "awarded"), ("decline", "manager", {"reason": "方案不合"}, "declined"),
        ("withdraw", "lawyer", {}, "withdrawn"),
    ],
)  # fmt: skip
def test_steps_of_claims_over_rest_by_each_role(works, name, role, given, then):
    claim = works.claim(works.claiming())
    api = f"/api/v1/projects/claims/{claim.pk}/transitions/{name}/"
    before = stood(claim)
    for other in ("baker", "judge", "resident1", "elsewhere", "manager" if role == "lawyer" else "lawyer"):
        assert post(client_of(works, other), api, **given).status_code in (403, 404)
        assert stood(claim) == before
    assert post(client_of(works, role), api, **given).json()["state"] == then


def test_a_project_from_plan_to_points_over_rest(works):
    manager, lawyer = client_of(works, "manager"), client_of(works, "lawyer")
    need, today = works.need(), timezone.localdate()
    plan = {"area": works.area.code, "title": "长者智能手机培训", "needs": [need.pk], "kind": "outcome",
            "starts_on": f"{today}", "ends_on": f"{today + 20 * DAY}"}  # fmt: skip
    made = post(manager, "/api/v1/projects/", **plan)
    assert made.status_code == 201, made.content
    at = f"/api/v1/projects/{made.json()['id']}/"
    until = (timezone.now() + 3 * DAY).isoformat()
    assert post(manager, f"{at}transitions/publish/", claim_until=until).json()["state"] == "claiming"
    assert lawyer.get("/api/v1/me/projects/fitting/").json()[0]["project"] == made.json()["id"]
    assert [row["partner_name"] for row in manager.get(f"{at}suggestions/").json()][:1]
    partner = works.house.partners["lawyer"].pk
    claim = post(lawyer, "/api/v1/projects/claims/", project=made.json()["id"], partner=partner, plan="每周一课")
    assert claim.status_code == 201, claim.content
    mine = f"/api/v1/projects/claims/{claim.json()['id']}/"
    assert post(manager, f"{mine}transitions/award/").status_code == 200
    assert post(manager, f"{at}transitions/begin/").status_code == 200
    code = CODES.code_of(made.json()["id"], timezone.now())
    assert post(client_of(works, "resident1"), "/api/v1/me/projects/sign-in/", code=code).json()["helper"] is False
    assert post(lawyer, f"{at}log/", text="第一课", claim=claim.json()["id"]).status_code == 204
    assert post(lawyer, f"{mine}transitions/deliver/", report="办完", served=9, sessions=3).status_code == 200
    for party, person in (("residents", "resident1"), ("staff", "manager2"), ("third", "judge")):
        asked = post(manager, f"{at}evaluators/", party=party, person=works.user(person).username)
        assert asked.status_code == 201, asked.content
        answering = f"/api/v1/projects/evaluations/{asked.json()['id']}/"
        items = client_of(works, person).get(answering).json()["items"]
        marks = [{"item": one["id"], "mark": 5 if one["scale"] == "five" else 100} for one in items]
        assert post(client_of(works, person), f"{answering}answer/", marks=marks).status_code == 200
    assert post(manager, f"{at}transitions/evaluate/").json()["score"] == "100.00"
    assert post(manager, f"{at}transitions/close/").json()["state"] == "closed"
    assert len(manager.get(at).json()["result"]) == 3 and works.house.points("lawyer") == 50
    shown = client_of(works, "stranger").get("/api/v1/projects/public/").json()["results"]
    assert shown[0]["grade"] == "优秀" and "plan" not in shown[0]


@pytest.mark.parametrize(
    "wrong",
    [
        {"starts_on": "9999-12-31"}, {"ends_on": "0001-01-01"}, {"title": "a\0"}, {"quantity": 10**30},
        {"needs": [10**18]}, {"kind": "none"}, {"partner_kinds": ["x"]}, {"area": "990199"}, {"group": "\0"},
        {"category": "a\0"}, {"title": ""}, {"most_claims": 2},
    ],
)  # fmt: skip
def test_wrong_input_is_answered_with_400_and_nothing_is_stored(works, wrong):
    today = timezone.localdate()
    plan = {"area": works.area.code, "title": "项目", "starts_on": f"{today}", "ends_on": f"{today}"} | wrong
    answer = post(client_of(works, "manager"), "/api/v1/projects/", **plan)
    assert answer.status_code in (400, 404), answer.content
    assert not Project.objects.exists()


def test_who_may_not_plan_is_told_so_and_others_do_not_even_see_a_project(works):
    today = timezone.localdate()
    plan = {"area": works.area.code, "title": "项目", "starts_on": f"{today}", "ends_on": f"{today}"}
    for role in (*OUTSIDE, "elsewhere", "administrator"):
        assert post(client_of(works, role), "/api/v1/projects/", **plan).status_code == 403
    project = works.planned()
    for role in (*OUTSIDE, "elsewhere"):
        assert client_of(works, role).get(f"/api/v1/projects/{project.pk}/").status_code == 404
        assert client_of(works, role).get(f"/api/v1/projects/public/{project.pk}/").status_code == 404
        assert client_of(works, role).get(f"/r/projects/{project.pk}/").status_code == 404


def test_lists_need_the_same_statements_for_any_number_of_rows(works, django_assert_max_num_queries):
    works.closed()
    client = client_of(works, "manager")
    for address in ("/api/v1/projects/", "/api/v1/projects/claims/", "/api/v1/projects/evaluations/",
                    "/api/v1/projects/public/", "/api/v1/projects/forms/"):  # fmt: skip
        with django_assert_max_num_queries(10):
            assert client.get(address).status_code == 200
    first = _statements(client)
    for number in range(3):
        works.claiming(title=f"项目{number}")
    assert _statements(client) == first


def _statements(client) -> int:

    with CaptureQueriesContext(connection) as told:
        client.get("/api/v1/projects/")
    return len(told)


def test_the_manager_runs_a_project_in_the_admin(works):
    client, today = client_of(works, "manager"), timezone.localdate()
    works.need()
    assert client.get(reverse("admin:partners_project_add")).status_code == 200
    plan = {"title": "社区花园共建", "group": "everybody", "starts_on": today, "ends_on": today + 9 * DAY,
            "clash": "warn", "most_claims": 2, "quantity": 1}  # fmt: skip
    assert client.post(reverse("admin:partners_project_add"), plan).status_code == 302
    project = Project.objects.get()
    assert not project.exclusive
    for page, body in (
        ("edit", plan | {"title": "社区花园"}), ("task", {"title": "整地", "hands": 5, "day": today, "starts": "09:00",
                                                      "ends": "10:00"}),
        ("line", {"sort": "planned", "title": "花苗", "amount": "120.50"}),
    ):  # fmt: skip
        address = reverse(f"admin:partners_project_{page}", args=[project.pk])
        assert client.get(address).status_code == 200
        assert client.post(address, body).status_code == 302, page
        assert client_of(works, "elsewhere").post(address, body).status_code in (302, 403, 404)
        assert client_of(works, "administrator").get(address).status_code == 403
    assert (project.tasks.count(), BudgetLine.objects.count()) == (1, 1)
    publish = reverse("admin:partners_project_transition", args=[project.pk, "publish"])
    assert client.post(publish, {"claim_until": f"{timezone.localtime() + 2 * DAY:%Y-%m-%d %H:%M}"}).status_code == 302
    assert Project.objects.get().state == "claiming"
    page = client.get(reverse("admin:partners_project_change", args=[project.pk]))
    assert "麦香面包房" in page.content.decode()
    board = client.get(reverse("admin:partners_project_board"))
    assert "社区花园" in board.content.decode()
    assert client_of(works, "stranger").get(reverse("admin:partners_project_board")).status_code in (302, 403)


def test_pages_of_the_admin_open_in_every_state_for_who_runs_and_who_looks(works):
    claim = works.closed()
    row = Evaluation.objects.first()
    for role in ("manager", "administrator"):
        client = client_of(works, role)
        for name, pk in (("project", claim.project_id), ("claim", claim.pk), ("evaluation", row.pk),
                         ("evaluationform", works.form.pk)):  # fmt: skip
            assert client.get(reverse(f"admin:partners_{name}_change", args=[pk])).status_code == 200
            assert client.get(reverse(f"admin:partners_{name}_changelist")).status_code == 200


def test_a_partner_claims_runs_and_reports_on_its_pages(works):
    project, client = works.claiming(), client_of(works, "baker")
    assert "长者智能手机培训" in client.get("/r/projects/").content.decode()
    address = reverse("residents_projects:claim-new", args=[project.pk])
    assert client.get(address).status_code == 200
    partner = works.house.partners["bakery"].pk
    assert client.post(address, {"partner": partner, "plan": "", "people": 1}).status_code == 400
    assert client.post(address, {"partner": partner, "plan": "店员轮流授课", "people": 3}).status_code == 302
    claim = Claim.objects.get()
    assert client_of(works, "lawyer").get(reverse("residents_projects:claim", args=[claim.pk])).status_code == 404
    works.step(claim, "award")
    works.step(works.fresh(project), "begin")
    assert client.get(reverse("residents_projects:claim", args=[claim.pk])).status_code == 200
    assert client.get(reverse("residents_projects:code", args=[project.pk])).status_code == 200
    assert client_of(works, "stranger").get(reverse("residents_projects:code", args=[project.pk])).status_code == 404
    log = reverse("residents_projects:claim-log", args=[claim.pk])
    assert client.post(log, {"text": "第一课", "open": "on"}).status_code == 302
    assert not ProjectLog.objects.get().open  # only staff put it on the public page
    step = reverse("residents_projects:claim-step", args=[claim.pk, "deliver"])
    assert client.post(step, {"report": ""}).status_code == 400
    assert client.post(step, {"report": "办完", "served": 5, "sessions": 1}).status_code == 302
    assert works.fresh(project).state == "delivered"


def test_people_sign_in_and_out_on_the_phone(works):
    claim = works.under_way()
    code = CODES.code_of(claim.project_id, timezone.now())
    address = reverse("residents_projects:sign-in", args=[code])
    assert Client().get(address).status_code == 200
    client = client_of(works, "resident1")
    assert client.post(address).status_code == 200 and client.post(address).status_code == 409
    row = ProjectAttendance.objects.get()
    out = reverse("residents_projects:sign-out", args=[row.pk])
    assert client_of(works, "resident2").post(out).status_code == 404
    assert client.post(out).status_code == 302
    assert client.post(reverse("residents_projects:sign-in", args=["1-2-abc"])).status_code == 400


def test_an_evaluator_answers_once_on_the_phone(works):
    claim = works.delivered()
    row = works.invite(claim.project, "third", "judge")
    address = reverse("residents_projects:evaluation", args=[row.pk])
    client = client_of(works, "judge")
    assert client_of(works, "lawyer").get(address).status_code == 404
    assert client.get(address).status_code == 200
    items = list(row.form.items.filter(party="third").order_by("position"))
    marks = {f"item_{items[0].pk}": 5, f"item_{items[1].pk}": 101}
    assert client.post(address, marks).status_code == 400
    assert client.post(address, marks | {f"item_{items[1].pk}": 90, "remarks": "很好"}).status_code == 302
    assert client.post(address, marks | {f"item_{items[1].pk}": 10}).status_code == 409
    assert Evaluation.objects.get().words == "很好"


def test_the_public_page_shows_results_and_no_personal_data(works):
    claim = works.closed()
    project = claim.project
    page = Client().get(f"/r/projects/{project.pk}/").content.decode()
    assert "100.00" in page and "优秀" in page and claim.report in page
    for name in ("resident1", "judge", "manager2"):
        assert works.user(name).name not in page
    assert Client().get("/r/projects/").status_code == 200
    # what a partner wrote stands there once the community has concluded on it
    fresh = works.delivered(title="社区花园共建")
    assert fresh.report not in Client().get(f"/r/projects/{fresh.project_id}/").content.decode()


def test_photos_are_public_only_once_staff_say_so(works):
    claim = works.under_way()
    entry = log_add(claim.project, actor=works.user("lawyer"), claim=claim, text="整地", photos=read_uploads([photo()]))
    picture = Attachment.objects.get(subject_type="partners.projectlog")
    shown = f"/r/projects/{claim.project_id}/photos/{picture.pk}/"
    assert Client().get(shown).status_code == 404
    assert "整地" not in Client().get(f"/r/projects/{claim.project_id}/").content.decode()
    log_publish(entry, actor=works.user("manager"), open=True)
    assert Client().get(shown).status_code == 200
    assert "整地" in Client().get(f"/r/projects/{claim.project_id}/").content.decode()
