"""Every step by every role, through service, admin and API; who sees which row; lists at the same cost."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.tests.api import client_of
from governance.errors import NotPermitted
from governance.events import registered
from governance.models import Event
from governance.scoping import grant_for
from governance.testing import assert_relation_forms_agree, assert_steps_are_complete, snapshot
from governance.workflow import steps_of
from mediation.joint.suggestions import suggestions_for
from mediation.models import (
    DepartmentTask,
    Dispute,
    DisputeAccess,
    EscalationRequest,
    HelperInvitation,
    MediationNote,
    RespectedHelper,
    Sitting,
    Track,
)

pytestmark = pytest.mark.django_db
ROLES = [
    "administrator", "operations_centre", "dispatcher", "grid_worker", "community_staff", "village_mediator",
    "outside_village_mediator", "township_mediator", "outside_township_mediator", "county_centre",
    "joint_department", "outside_joint_department", "police_department", "judges_clerk", "respected_helper",
    "counsellor", "resident", "neighbour",
]  # fmt: skip
WHY = {"reason": "情况有变"}
V, T, C = "village_mediator", "township_mediator", "county_centre"
# By hand: model, step → who may (of ROLES), the state it starts from, the form.
STEPS = {
    (EscalationRequest, "accept"): ({T}, "requested", {"mediator": T}),
    (EscalationRequest, "name_mediator"): ({T}, "accepted", {"mediator": T}),
    (EscalationRequest, "take_over"): ({T}, "accepted", {}),
    (EscalationRequest, "decline"): ({T}, "requested", WHY),
    (EscalationRequest, "withdraw"): ({V}, "requested", WHY),
    (Track, "accept"): ({"police_department"}, "invited", {"legal_basis": "治安管理处罚法第九条"}),
    (Track, "begin"): ({"police_department"}, "accepted", {}),
    (Track, "hand_in"): ({"police_department"}, "working", {"result": "双方同意分担"}),
    (Track, "correct"): ({"police_department", T}, "result", WHY | {"result": "双方同意平分"}),
    (Track, "decline"): ({"police_department"}, "invited", WHY),
    (Track, "give_up"): ({T}, "invited", WHY),
    (Track, "take_lead"): ({T}, "invited", {}),
    (DepartmentTask, "answer"): ({"joint_department"}, "asked", {"answer": "由业主共同维修"}),
    (DepartmentTask, "ask_again"): ({C}, "answered", WHY | {"answer_by": "2026-06-12"}),
    (DepartmentTask, "close"): ({C}, "asked", WHY),
    (Sitting, "move"): ({V}, "planned", WHY | {"starts_at": "2026-06-03T10:00", "ends_at": "2026-06-03T11:00"}),
    (Sitting, "amend"): ({V}, "planned", WHY | {"kind": "on_site", "place": "村委会"}),
    (Sitting, "hold"): ({V}, "planned", {}),
    (Sitting, "correct"): ({V}, "held", WHY),
    (Sitting, "cancel"): ({V}, "planned", WHY),
    (RespectedHelper, "amend"): ({V, T}, "active", {"standing": "elder"}),
    (RespectedHelper, "suspend"): ({V, T}, "active", WHY),
    (RespectedHelper, "resume"): ({V, T}, "suspended", {}),
    (RespectedHelper, "leave"): ({V, T}, "active", WHY),
    (HelperInvitation, "send"): ({V}, "proposed", {}),
    (HelperInvitation, "accept"): ({"respected_helper"}, "invited", {"no_conflict": "on"}),
    (HelperInvitation, "decline"): ({"respected_helper"}, "invited", {}),
    (HelperInvitation, "withdraw"): ({V}, "proposed", WHY),
    (HelperInvitation, "thank"): ({V}, "accepted", {"hours": "2.5"}),
    (HelperInvitation, "correct"): ({V}, "thanked", WHY | {"hours": "3.5"}),
}  # fmt: skip
QUIET = {(Track, "pass_lead"), (Track, "wind_up"), (Track, "go_on"), (Track, "end"), (DepartmentTask, "miss"),
         (HelperInvitation, "expire"), (HelperInvitation, "end")}  # fmt: skip
ADDRESSES = {
    EscalationRequest: "takeovers", Track: "tracks", DepartmentTask: "tasks", Sitting: "sittings",
    RespectedHelper: "helpers", HelperInvitation: "helper-invitations", MediationNote: "notes",
}  # fmt: skip
# Who sees a fresh row (of ROLES), by hand.
SEES = {
    EscalationRequest: {V, T}, Track: {V, T, "police_department"}, DepartmentTask: {V, C, T, "joint_department"},
    Sitting: {V}, HelperInvitation: {V},
    RespectedHelper: {"administrator", "operations_centre", V, T, C, "respected_helper"},
}  # fmt: skip


def prepared(work, model, name):
    """Return a row in the state the step starts from, with everything but the step itself done."""
    _allowed, state, _given = STEPS[model, name]
    if model is Track and name == "take_lead":
        first = work.make_track()
        return work.make_track(first.dispute, kind="judicial", organ=work.county.unit("court"))
    if model is RespectedHelper:
        row = work.make_respectedhelper()
        if row.state != state:
            row = work.step(row, {"suspended": "suspend", "active": "resume"}[state])
        return row
    row = work.in_state(model._meta.model_name, state)
    work.usual(row, name)
    return row


def test_the_table_names_every_step_and_the_steps_are_complete(work):
    models = {model for model, _name in STEPS}
    assert {(model, name) for model in models for name in steps_of(model)} == set(STEPS) | QUIET
    for model in models:
        assert_steps_are_complete(model)
        assert {step.event for step in steps_of(model).values()} <= set(registered())


@pytest.mark.parametrize(("model", "name"), STEPS, ids=[f"{model.__name__}-{name}" for model, name in STEPS])
def test_every_step_by_every_role_through_service_admin_and_api(work, model, name):
    allowed, _state, given = STEPS[model, name]
    step = steps_of(model)[name]
    row = prepared(work, model, name)
    # given those who may not: nothing changes, through any door
    for role in set(ROLES) - allowed:
        user, before = work.user(role), snapshot(row)
        fresh = model.objects.with_rows().get(pk=row.pk)
        assert grant_for(step.allow, fresh, user) is None, role
        with pytest.raises(NotPermitted):
            work.step(row, name, by=user)
        api = f"/api/v1/mediation/{ADDRESSES[model]}/{row.pk}/transitions/{name}/"
        assert client_of(user).post(api, given, format="json").status_code in (403, 404), role
        page = f"/admin/mediation/{model._meta.model_name}/{row.pk}/transition/{name}/"
        assert client_of(user).post(page, given, format="multipart").status_code in (302, 403, 404), role
        assert snapshot(row) == before, role
    # then those who may, through each
    for role in allowed:
        for door in ("api", "admin"):
            row, user = prepared(work, model, name), work.user(role)
            if door == "api":
                address = f"/api/v1/mediation/{ADDRESSES[model]}/{row.pk}/transitions/{name}/"
                answer = client_of(user).post(address, given, format="json")
                assert answer.status_code == 200, answer.content[:400]
            elif role != "respected_helper":  # helpers have no admin: their page is under /r/
                address = f"/admin/mediation/{model._meta.model_name}/{row.pk}/transition/{name}/"
                assert client_of(user).get(address).status_code == 200
                answer = client_of(user).post(address, given, format="multipart")
                assert answer.status_code == 302, answer.content[:3000]
            else:
                continue
            assert model.objects.get(pk=row.pk).version == row.version + 1, (role, door)
            if model is RespectedHelper and name == "leave":
                RespectedHelper.objects.all().delete()


@pytest.mark.parametrize("model", SEES, ids=[model.__name__ for model in SEES])
def test_who_sees_a_row_through_admin_and_api(work, model):
    row = work.made(model._meta.model_name)
    for role in ROLES:
        user, seen = work.user(role), role in SEES[model]
        if model is EscalationRequest and role == "township_mediator":
            assert client_of(user).get(f"/api/v1/mediation/takeovers/{row.pk}/").status_code == 200
        answer = client_of(user).get(f"/api/v1/mediation/{ADDRESSES[model]}/{row.pk}/")
        if role != "respected_helper":
            assert (answer.status_code == 200) == seen, (role, answer.status_code)
            page = client_of(user).get(f"/admin/mediation/{model._meta.model_name}/{row.pk}/change/")
            assert (page.status_code == 200) == seen, (role, page.status_code)
        listed = client_of(user).get(f"/api/v1/mediation/{ADDRESSES[model]}/")
        if listed.status_code == 200 and role != "respected_helper":
            assert bool(listed.json()["results"]) == seen, role
    everybody = list(work.county.people.values())
    assert_relation_forms_agree(model.objects.with_rows(), everybody)


def test_a_department_and_an_organ_see_their_row_and_never_the_dispute(work):
    task = work.make_departmenttask()
    department = client_of(work.user("joint_department"))
    shown = department.get(f"/api/v1/mediation/tasks/{task.pk}/").json()
    assert shown["facts"] == "排水管在公共部位" and "何秀英" not in str(shown) and "天花板" not in str(shown)
    page = department.get(f"/admin/mediation/departmenttask/{task.pk}/change/").content.decode()
    assert "排水管在公共部位" in page and "天花板" not in page and "何" not in page.replace("任何", "")
    # not closed: it is theirs; closed: no longer
    work.step(task, "close")
    assert department.get(f"/api/v1/mediation/tasks/{task.pk}/").status_code == 404
    # each reading is recorded, with the role
    assert set(DisputeAccess.objects.filter(what__startswith="mediation.departmenttask").values_list(
        "person__username", "role")) == {("joint_department", "joint_department")}  # fmt: skip


def test_the_page_of_a_dispute_leads_to_its_joint_work(work):
    track = work.make_track()
    dispute = track.dispute
    sitting = work.make_sitting(dispute, actor=work.user(T))
    page, begin = f"/admin/mediation/dispute/{dispute.pk}/change/", f"/add/?dispute={dispute.number}"
    told = client_of(work.user(T)).get(page).content.decode()
    for model in ("escalationrequest", "track", "sitting", "mediationnote", "helperinvitation"):
        assert f"/admin/mediation/{model}{begin}" in told, model
    assert f"/admin/mediation/track/{track.pk}/change/" in told and str(track.organ) in told
    assert f"/admin/mediation/sitting/{sitting.pk}/change/" in told
    # the committee that handed it up reads how it goes, and begins nothing
    told = client_of(work.user(V)).get(page).content.decode()
    assert f"/admin/mediation/track/{track.pk}/change/" in told and begin not in told
    # on the page of a general dispute no organ is invited
    general = work.general()
    told = client_of(work.user(V)).get(f"/admin/mediation/dispute/{general.pk}/change/").content.decode()
    assert f"sitting/add/?dispute={general.number}" in told and "track/add/?" not in told


def test_the_page_of_a_dispute_lists_takeovers_tasks_and_helpers(work):
    # given a general dispute whose takeover was asked for, with a helper proposed
    invitation = work.make_helperinvitation()
    general = invitation.dispute
    request = work.make_escalationrequest(dispute=general)
    told = client_of(work.user(V)).get(f"/admin/mediation/dispute/{general.pk}/change/").content.decode()
    for row in (invitation, request):
        assert f"/admin/mediation/{row._meta.model_name}/{row.pk}/change/" in told, row
    assert str(invitation.helper) in told and str(request.to_unit) in told
    # and a major one about which a department was asked
    task = work.make_departmenttask()
    page = f"/admin/mediation/dispute/{task.dispute_id}/change/"
    told = client_of(work.user(C)).get(page).content.decode()
    assert f"/admin/mediation/departmenttask/{task.pk}/change/" in told
    assert f"departmenttask/add/?dispute={task.dispute.number}" in told
    # only the county asks, and only about major disputes
    for role in (V, T):
        answer = client_of(work.user(role)).get(page)
        assert "departmenttask/add/?" not in answer.content.decode(), role
    assert (
        "departmenttask/add/?"
        not in client_of(work.user(V)).get(f"/admin/mediation/dispute/{general.pk}/change/").content.decode()
    )


def test_why_a_higher_tier_is_suggested_stands_on_the_page(work):
    dispute = work.general()
    page = f"/admin/mediation/dispute/{dispute.pk}/change/"
    assert "建议提级：" not in client_of(work.user(V)).get(page).content.decode()
    # when signs of violence are marked
    Dispute.objects.filter(pk=dispute.pk).update(violence=True)
    (why,) = suggestions_for(Dispute.objects.with_parties().get(pk=dispute.pk))
    told = client_of(work.user(V)).get(page).content.decode()
    assert f"建议提级： {why.text}" in told


def test_rows_are_made_through_admin_and_api_by_who_may_and_by_nobody_else(work):
    dispute = work.raised("major")
    body = {"dispute": dispute.number, "units": ["municipal", "water"], "facts": "排水管", "question": "谁修?",
            "answer_by": "2026-06-09"}  # fmt: skip
    for role in set(ROLES) - {C}:
        answer = client_of(work.user(role)).post("/api/v1/mediation/tasks/", body, format="json")
        assert answer.status_code in (400, 403), role
        page = client_of(work.user(role)).post("/admin/mediation/departmenttask/add/", body, format="multipart")
        assert page.status_code in (302, 400, 403), role
    assert not DepartmentTask.objects.exists()
    county = client_of(work.user(C))
    answer = county.post("/api/v1/mediation/tasks/", body, format="json")
    assert answer.status_code == 201 and [row["unit"] for row in answer.json()] == ["municipal", "water"]
    assert county.post("/admin/mediation/departmenttask/add/", body, format="multipart").status_code == 302
    assert DepartmentTask.objects.count() == 4
    for wrong in ({"units": []}, {"units": ["none"]}, {"answer_by": "2026-06-01"}, {"answer_by": "9999-12-31"},
                  {"answer_by": "x"}, {"facts": ""}, {"facts": "\0"}, {"dispute": "D9"}, {"dispute": "D" + "9" * 18},
                  {"units": ["court"]}, {"question": "长" * 501}):  # fmt: skip
        assert county.post("/api/v1/mediation/tasks/", body | wrong, format="json").status_code == 400, wrong
        page = county.post("/admin/mediation/departmenttask/add/", body | wrong, format="multipart")
        assert page.status_code == 400, wrong
    assert DepartmentTask.objects.count() == 4


def test_the_other_rows_are_made_through_both_doors(work):
    dispute, village = work.general(), client_of(work.user(V))
    helper = work.make_respectedhelper()
    bodies = {
        "sittings": ("sitting", {"kind": "on_site", "starts_at": "2026-06-03T10:00:00+08:00", "place": "村委会",
                                 "ends_at": "2026-06-03T11:00:00+08:00"}),
        "notes": ("mediationnote", {"kind": "record", "text": "双方到场"}),
        "helper-invitations": ("helperinvitation", {"helper": helper.pk, "summary": "漏水之争", "until": "2026-06-20"}),
        "takeovers": ("escalationrequest", {"direction": "up", "reason": "双方各执一词"}),
    }  # fmt: skip
    for address, (model, body) in bodies.items():
        body = body | {"dispute": dispute.number}
        for role in set(ROLES) - {V}:
            answer = client_of(work.user(role)).post(f"/api/v1/mediation/{address}/", body, format="json")
            assert answer.status_code in (400, 403), (address, role)
        answer = village.post(f"/api/v1/mediation/{address}/", body, format="json")
        assert answer.status_code == 201, answer.content
        again = body | {"dispute": work.general().number}
        form = village.get(f"/admin/mediation/{model}/add/?dispute={again['dispute']}")
        assert form.status_code == 200
        page = village.post(f"/admin/mediation/{model}/add/", again, format="multipart")
        assert page.status_code == 302, (model, page.content.decode()[:3000])
        for wrong in ({"dispute": ""}, {"dispute": "x"}, {"dispute": "D\0"}, {"kind": "none", "direction": "none",
                                                                              "helper": 0}):  # fmt: skip
            assert village.post(f"/api/v1/mediation/{address}/", body | wrong, format="json").status_code == 400


def test_suggestions_and_figures_are_told_to_who_works_on_disputes(work):
    dispute = work.general(people=6)
    told = client_of(work.user(V)).get("/api/v1/mediation/suggestions/").json()
    assert told == [{"dispute": dispute.number, "tier": "general", "suggestions": [
        {"code": "people", "text": told[0]["suggestions"][0]["text"]}]}]  # fmt: skip
    assert client_of(work.user("outside_village_mediator")).get("/api/v1/mediation/suggestions/").json() == []
    assert client_of(work.user("neighbour")).get("/api/v1/mediation/suggestions/").json() == []
    page = client_of(work.user(V)).get("/admin/").content.decode()
    assert dispute.number in page and "天花板" not in page
    assert client_of(work.user(V)).get("/api/v1/mediation/helpers/figures/").status_code == 200
    assert client_of(work.user("judges_clerk")).get("/api/v1/mediation/helpers/figures/").status_code == 403
    assert client_of(work.user(V)).get("/admin/mediation/respectedhelper/figures/").status_code == 200


@pytest.mark.parametrize("model", ["sitting", "helperinvitation", "escalationrequest"])
def test_lists_cost_the_same_however_many_rows_they_have(work, model):
    client = client_of(work.user(V))
    address = {"sitting": "sittings", "helperinvitation": "helper-invitations", "escalationrequest": "takeovers"}[model]
    counts = []
    for _more in range(2):
        for _row in range(2):
            work.made(model)
        for path in (f"/api/v1/mediation/{address}/", f"/admin/mediation/{model}/"):
            with CaptureQueriesContext(
                connection,
            ) as caught:
                assert client.get(path).status_code == 200
            counts.append(len(caught))
    assert counts[:2] == counts[2:]


def test_no_event_of_joint_work_holds_words_or_names(work):
    work.in_state("helperinvitation", "thanked")
    work.in_state("departmenttask", "answered")
    work.in_state("track", "result")
    work.in_state("sitting", "held")
    for event in Event.objects.filter(subject_type__startswith="mediation."):
        told = str(event.payload)
        assert not any(word in told for word in ("漏水", "何秀英", "蔡", "员", "维修", "13900")), (event.name, told)


def test_the_page_of_a_dispute_costs_as_much_with_many_takeovers_tasks_and_helpers(work):
    # given a major dispute with one task and one helper, and then with more
    task = work.make_departmenttask()
    client, page = client_of(work.user(C)), f"/admin/mediation/dispute/{task.dispute_id}/change/"
    client.get(page)

    def cost() -> int:
        with CaptureQueriesContext(connection) as caught:
            assert client.get(page).status_code == 200
        return len(caught)

    one = cost()
    units = [work.county.unit(code) for code in ("municipal", "water")]
    work.make_departmenttask(task.dispute, units=units)
    work.make_departmenttask(task.dispute, units=units)
    # then the page takes no statement more
    assert cost() == one


def test_words_answered_to_a_step_by_rest_are_written_down_as_read(work):
    # given a track that its organ has not opened yet
    track, user = work.make_track(), work.user("police_department")
    about = {"person": user, "what": f"mediation.track {track.pk}"}
    assert not DisputeAccess.objects.filter(**about).exists()
    # when it takes part by REST, then what it was told in the answer is a reading
    url = f"/api/v1/mediation/tracks/{track.pk}/transitions/accept/"
    answer = client_of(user).post(url, {"legal_basis": "治安管理处罚法第九条"}, format="json")
    assert answer.status_code == 200 and "行政调解" in answer.json()["briefing"]
    assert DisputeAccess.objects.get(**about).role == "joint_department"
    # and one reading for one look at it
    client_of(user).get(f"/api/v1/mediation/tracks/{track.pk}/")
    assert DisputeAccess.objects.filter(**about).count() == 2
