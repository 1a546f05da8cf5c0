"""The doors: API, administration and partners' pages; who is let in, and the same few statements for many rows."""

import json
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cases.tests.api import client_of
from governance.workflow import act
from partners.credit.lists import candidate_add
from partners.credit.tests.files import make_formula
from partners.models import CreditAppeal, CreditCandidate, CreditFormula, CreditList, CreditNote, CreditProfile

pytestmark = pytest.mark.django_db
API = "/api/v1/credit/"
OUTSIDE = ("lawyer", "baker", "resident", "shopkeeper", "grid_worker", "elsewhere", "operations_centre",
           "administrator")  # fmt: skip


def signed(user) -> Client:
    client = Client()
    client.force_login(user, backend="governance.permissions.PersonBackend")
    return client


def candidate(files):
    files.profile()
    return files.list().candidates.get()


# Address, admin's model, step, body, who may, how the row is made.
STEPS = [
    ("notes", "creditnote", "tell", {}, "manager", lambda files: files.untold()),
    ("notes", "creditnote", "annul", {"reason": "x"}, "manager", lambda files: files.note()),
    ("appeals", "creditappeal", "uphold", {"reason": "x"}, "manager2", lambda files: files.appeal()),
    ("appeals", "creditappeal", "decline", {"reason": "x"}, "manager2", lambda files: files.appeal()),
    ("candidates", "creditcandidate", "choose", {"reason": "x"}, "manager", candidate),
    ("candidates", "creditcandidate", "pass_over", {"reason": "x"}, "manager", candidate),
    ("lists", "creditlist", "withdraw", {"reason": "x"}, "manager", lambda files: files.list()),
]  # fmt: skip


@pytest.mark.parametrize("door", ["api", "admin"])
@pytest.mark.parametrize(("kind", "model", "name", "body", "may", "make"), STEPS)
def test_steps_through_the_api_and_the_administration(files, door, kind, model, name, body, may, make):
    row = make(files)
    label = row._meta.model

    def press(who: str, given: dict):
        user = files.user(who)
        if door == "api":
            return client_of(user).post(f"{API}{kind}/{row.pk}/transitions/{name}/", given, format="json").status_code
        address = reverse(f"admin:partners_{model}_transition", args=[row.pk, name])
        return signed(user).post(address, given).status_code

    for who in OUTSIDE:
        assert press(who, body) in (302, 403, 404), who
        assert label.objects.get(pk=row.pk).state == row.state, who
    if body:
        assert press(may, {}) == (400 if door == "api" else 200) or door == "admin"
        assert label.objects.get(pk=row.pk).state == row.state
    page = signed(files.user(may)).get(reverse(f"admin:partners_{model}_change", args=[row.pk]))
    assert page.status_code == 200
    assert f"/transition/{name}/" in page.content.decode()
    assert press(may, body) == (200 if door == "api" else 302)
    assert label.objects.get(pk=row.pk).state != row.state
    assert press(may, body) == 409


def test_a_partner_reads_its_file_answers_and_appeals_by_api(files):
    files.work(2)
    note = files.note()
    lawyer = client_of(files.user("lawyer"))
    body = {"partner": files.partner().pk, "year": files.year}
    for who in ("baker", "resident", "elsewhere"):
        assert client_of(files.user(who)).post(f"{API}files/compute/", body, format="json").status_code == 400
    told = lawyer.post(f"{API}files/compute/", body, format="json")
    assert told.status_code == 200, told.content
    assert (told.json()["score"], told.json()["level"]) == ("49.00", "D")
    pk = told.json()["id"]
    detail = lawyer.get(f"{API}files/{pk}/").json()
    lines = {line["line"]: line for line in detail["explained"]["lines"]}
    assert lines["absent"]["facts"][0]["note"] == note.pk
    assert "20 × 0.1" in lines["points"]["how"]
    assert client_of(files.user("baker")).get(f"{API}files/{pk}/").status_code == 404
    assert client_of(files.user("operations_centre")).get(f"{API}files/{pk}/").status_code == 200
    answer = f"{API}notes/{note.pk}/transitions/answer/"
    assert client_of(files.user("manager")).post(answer, {"reason": "x"}, format="json").status_code == 403
    assert lawyer.post(answer, {"reason": "堵车"}, format="json").json()["reply"] == "堵车"
    appeal = f"{API}notes/{note.pk}/appeal/"
    assert client_of(files.user("manager")).post(appeal, {"grounds": "x"}, format="json").status_code == 403
    assert lawyer.post(appeal, {"grounds": ""}, format="json").status_code == 400
    made = lawyer.post(appeal, {"grounds": "已改期"}, format="json")
    assert (made.status_code, made.json()["state"]) == (201, "open")
    assert lawyer.post(appeal, {"grounds": "已改期"}, format="json").status_code == 409
    line = lawyer.post(f"{API}files/{pk}/appeal/", {"line": "activities", "grounds": "漏记"}, format="json")
    assert line.status_code == 201, line.content
    withdraw = f"{API}appeals/{line.json()['id']}/transitions/withdraw/"
    assert client_of(files.user("manager")).post(withdraw, {}, format="json").status_code == 403
    assert lawyer.post(withdraw, {}, format="json").json()["state"] == "withdrawn"
    for year in (1, 9999, "x", 10**30):
        bad = lawyer.post(f"{API}files/compute/", body | {"year": year}, format="json")
        assert bad.status_code == 400


def test_facts_are_recorded_and_lists_drawn_up_by_api(files):
    manager = client_of(files.user("manager"))
    body = {"partner": files.partner().pk, "line": "absent", "happened_on": f"{timezone.localdate()}", "what": "未到"}
    for who in OUTSIDE:
        assert client_of(files.user(who)).post(f"{API}notes/", body, format="json").status_code in (400, 403), who
    for bad in ({"line": "points"}, {"happened_on": "9999-12-31"}, {"what": "\0"}, {"figure": "1e400"},
                {"partner": 10**30}):  # fmt: skip
        assert manager.post(f"{API}notes/", body | bad, format="json").status_code == 400, bad
    assert not CreditNote.objects.exists()
    made = manager.post(f"{API}notes/", body, format="json")
    assert (made.status_code, made.json()["state"]) == (201, "told"), made.content
    files.profile()
    asked = {"area": files.house.area.code, "purpose": "outstanding", "year": files.year, "levels": ["A"]}
    for who in OUTSIDE:
        assert client_of(files.user(who)).post(f"{API}lists/", asked, format="json").status_code in (400, 403), who
    drawn = manager.post(f"{API}lists/", asked, format="json")
    assert drawn.status_code == 201, drawn.content
    pk = drawn.json()["id"]
    add = f"{API}lists/{pk}/add-candidate/"
    row = manager.post(add, {"partner": files.partner().pk, "reason": "长期公益"}, format="json")
    assert (row.status_code, row.json()["added"]) == (201, True)
    assert manager.post(f"{API}lists/{pk}/transitions/publish/", {}, format="json").status_code == 409
    choose = f"{API}candidates/{row.json()['id']}/transitions/choose/"
    assert manager.post(choose, {"reason": "会议通过"}, format="json").json()["decided_by_name"] == "manager员"
    assert manager.post(f"{API}lists/{pk}/transitions/publish/", {}, format="json").json()["state"] == "published"
    assert manager.get(f"{API}lists/{pk}/document/").status_code == 200
    assert client_of(files.user("lawyer")).get(f"{API}lists/{pk}/").status_code == 404
    page = Client().get(f"/r/credit/lists/{pk}/")
    assert "律师" in page.content.decode()
    assert "49" not in page.content.decode()


def test_a_partner_reads_answers_and_appeals_on_its_page(files):
    files.work()
    note = files.note()
    lawyer, partner = signed(files.user("lawyer")), files.partner()
    assert lawyer.get("/r/credit/").url == f"/r/credit/{partner.pk}/"
    assert lawyer.post(f"/r/credit/{partner.pk}/compute/").status_code == 302
    page = lawyer.get(f"/r/credit/{partner.pk}/").content.decode()
    assert "约定的咨询未到场" in page
    assert 'data-step="appeal"' in page
    for who in ("baker", "resident", "shopkeeper"):
        other = signed(files.user(who))
        assert other.get(f"/r/credit/{partner.pk}/").status_code == 404
        assert other.post(f"/r/credit/{partner.pk}/compute/").status_code == 404
        assert other.post(f"/r/credit/notes/{note.pk}/answer/", {"reason": "x"}).status_code == 404
        assert other.post(f"/r/credit/notes/{note.pk}/appeal/", {"grounds": "x"}).status_code == 404
    assert not CreditAppeal.objects.exists()
    assert lawyer.post(f"/r/credit/notes/{note.pk}/answer/", {"reason": ""}).status_code == 400
    assert lawyer.post(f"/r/credit/notes/{note.pk}/answer/", {"reason": "堵车"}).status_code == 302
    assert lawyer.get(f"/r/credit/notes/{note.pk}/appeal/").status_code == 200
    assert lawyer.post(f"/r/credit/notes/{note.pk}/appeal/", {"grounds": ""}).status_code == 400
    assert lawyer.post(f"/r/credit/notes/{note.pk}/appeal/", {"grounds": "改期"}).status_code == 302
    line = f"/r/credit/{partner.pk}/{files.year}/appeal/points/"
    assert lawyer.get(line).status_code == 200
    assert lawyer.post(line, {"grounds": "漏记一次"}).status_code == 302
    assert lawyer.get(f"/r/credit/{partner.pk}/1999/appeal/points/").status_code == 404
    assert lawyer.get(f"/r/credit/{partner.pk}/?year=1999").status_code == 404
    appeal = CreditAppeal.objects.get(note=note)
    act(appeal, "decline", actor=files.user("manager2"), reason="没有通话记录")
    assert "没有通话记录" in lawyer.get(f"/r/credit/{partner.pk}/").content.decode()
    mine = CreditAppeal.objects.get(note=None)
    assert lawyer.post(f"/r/credit/appeals/{mine.pk}/withdraw/").status_code == 302
    assert "我的信用档案" in lawyer.get("/r/mine/").content.decode() or lawyer.get("/r/").status_code in (200, 302)


def test_staff_work_in_the_administration(files):
    files.work()
    manager = signed(files.user("manager"))
    add = reverse("admin:partners_creditnote_add")
    body = {"partner": files.partner().pk, "line": "unpunctual", "happened_on": f"{timezone.localdate()}",
            "what": "迟到半小时", "figure": "1"}  # fmt: skip
    assert manager.get(add).status_code == 200
    assert manager.post(add, body | {"what": ""}).status_code == 400
    assert manager.post(add, body).status_code == 302
    assert signed(files.user("operations_centre")).post(add, body).status_code == 403
    profile = files.profile()
    page = manager.get(reverse("admin:partners_creditprofile_change", args=[profile.pk]))
    assert "迟到半小时" in page.content.decode()
    compute = reverse("admin:partners_creditprofile_compute", args=[profile.pk])
    assert manager.get(compute).status_code == 405
    assert manager.post(compute).status_code == 302
    assert signed(files.user("operations_centre")).post(compute).status_code == 403
    draw = reverse("admin:partners_creditlist_add")
    asked = {"area": files.house.area.code, "purpose": "policy", "year": files.year, "levels": "A B C D"}
    assert manager.get(draw).status_code == 200
    assert manager.post(draw, asked | {"year": 1}).status_code == 400
    answer = manager.post(draw, asked)
    assert answer.status_code == 302, answer.content
    made = CreditList.objects.get()
    assert made.candidates.count() == 1
    assert "律师" in manager.get(answer.url).content.decode()
    put = reverse("admin:partners_creditlist_candidate", args=[made.pk])
    assert manager.get(put).status_code == 200
    assert manager.post(put, {"partner": files.partner("bakery").pk, "reason": "突出"}).status_code == 302
    assert signed(files.user("administrator")).post(put, {}).status_code == 403
    for kind in ("docx", "xlsx"):
        assert manager.get(reverse("admin:partners_creditlist_file", args=[made.pk, kind])).status_code == 200


def test_a_draft_is_edited_and_put_in_force_in_the_administration(files):
    today = timezone.localdate()
    draft = make_formula(files.house.area, "credit-9", valid_from=today + timedelta(days=3))
    staff = signed(files.user("staff"))
    page = staff.get(reverse("admin:partners_creditformula_change", args=[draft.pk]))
    assert "/in-force/" in page.content.decode()
    address = reverse("admin:partners_creditformula_in_force", args=[draft.pk])
    assert staff.get(address).status_code == 200
    for who in ("operations_centre", "elsewhere", "resident"):
        assert signed(files.user(who)).post(address).status_code in (302, 403)
        assert CreditFormula.objects.get(pk=draft.pk).state == "draft"
    assert staff.post(address).status_code == 302
    assert CreditFormula.objects.get(pk=draft.pk).state == "in_force"
    page = staff.get(reverse("admin:partners_creditformula_change", args=[draft.pk]))
    assert "/in-force/" not in page.content.decode()
    told = client_of(files.user("staff")).get(f"{API}formulas/{draft.pk}/").json()
    assert (told["state"], len(told["weights"]), told["transitions"]) == ("in_force", 8, [])


def more_rows(files, number: int) -> None:
    """Add a row to each list."""
    files.work(1)
    note = files.note(what=f"第{number}次", line=("absent", "unpunctual")[number % 2])
    files.appeal(note)
    files.profile()
    make_formula(files.house.area, f"draft-{number}")
    made = files.list()
    if not made.candidates.filter(partner=files.partner("bakery")).exists():
        candidate_add(made, files.partner("bakery"), actor=files.user("manager"), reason="x")
    act(made, "withdraw", actor=files.user("manager"), reason="x")


def test_lists_need_the_same_statements_for_any_number_of_rows(files, django_assert_max_num_queries):
    staff, api = signed(files.user("staff")), client_of(files.user("staff"))
    lawyer = signed(files.user("lawyer"))
    names = ("creditformula", "creditnote", "creditprofile", "creditappeal", "creditlist", "creditcandidate")
    addresses = [(staff, reverse(f"admin:partners_{name}_changelist")) for name in names]
    addresses += [(api, f"{API}{name}/") for name in ("formulas", "notes", "files", "appeals", "lists", "candidates")]
    addresses += [(lawyer, f"/r/credit/{files.partner().pk}/")]

    def counted() -> list[int]:
        numbers = []
        for client, address in addresses:
            with django_assert_max_num_queries(60) as ran:
                assert client.get(address).status_code == 200, address
            numbers.append(len(ran))
        return numbers

    more_rows(files, 1)
    counted()
    few = counted()
    for number in range(2, 5):
        more_rows(files, number)
    many = counted()
    more = {address: (one, two) for (_client, address), one, two in zip(addresses, few, many, strict=True) if two > one}
    assert not more, json.dumps(more, ensure_ascii=False)
    assert CreditProfile.objects.count() == 1
    assert CreditCandidate.objects.count() > 4
