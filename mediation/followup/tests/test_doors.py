"""Every step by every role through service, admin and API; who reads what; the phone; measures through their doors."""

from itertools import product

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from cases.tests.api import client_of
from governance.errors import NotPermitted
from governance.events import registered
from governance.models import Role
from governance.testing import assert_relation_forms_agree, assert_steps_are_complete, snapshot
from governance.workflow import act, steps_of
from mediation.agreements.tests.test_doors import ROLES, undone
from mediation.followup.tests import visiting
from mediation.followup.tests.visiting import another_counsellor, found, fresh, in_state, offered, referral_in
from mediation.models import CounsellingReferral, DisputeAccess, FollowUpVisit, VisitKind, VisitState
from mediation.tests.county import NOW

pytestmark = pytest.mark.django_db
SUPERIORS = {"township_mediator", "county_centre"}
NOBODY, COMMITTEE, PARTY = set(), {"village_mediator", "colleague"}, {"neighbour"}
LOG = {"performed": "yes", "relapse": "no", "satisfaction": "4", "confirmation_wanted": "no"}
VISIT = {
    "come_due": (NOBODY, "planned", {}), "lapse": (NOBODY, "due", {}), "cancel": (NOBODY, "due", {}),
    "move": (NOBODY, "due", {}), "plan_again": (NOBODY, "due", {}), "come_back": (NOBODY, "cancelled", {}),
    "log": (COMMITTEE, "due", LOG), "miss": (COMMITTEE, "due", {}), "miss_late": (COMMITTEE, "overdue", {}),
    "urge": (SUPERIORS, "overdue", {"reason": "请本周内回访"}),
    "refuse": (COMMITTEE, "unreachable", {}), "correct": (COMMITTEE, "done", LOG | {"reason": "按错了"}),
}  # fmt: skip
COUNSELLING = {
    "consent": (COMMITTEE | PARTY, "offered", {}),
    "refer": (COMMITTEE, "consented", {"counsellor": "counsellor"}),
    "pass_on": (COMMITTEE, "referred", {"counsellor": "other_counsellor"}),
    "attend": (COMMITTEE | {"counsellor"}, "referred", {}), "decline": (COMMITTEE | PARTY, "offered", {}),
    "correct": (COMMITTEE | {"counsellor"}, "attended", {}), "take_back": (COMMITTEE, "offered", {}),
}  # fmt: skip
TABLES = {"visits": (FollowUpVisit, VISIT), "counselling": (CounsellingReferral, COUNSELLING)}
OUTSIDE = {"counsellor"}  # signs in as residents do: no admin


def press(user, obj, address, name, given, door):
    """Carry a step out through a door; return the answer."""
    if door == "api":
        return client_of(user).post(f"/api/v1/mediation/{address}/{obj.pk}/transitions/{name}/", given)
    page = f"/admin/mediation/{obj._meta.model_name}/{obj.pk}/transition/{name}/"
    return client_of(user).post(page, given, format="multipart")


def raw_of(county, name):
    given = {
        "urge": {"reason": "请本周内回访"},
        "log": {"found": found()},
        "correct": {"found": found(), "reason": "按错了"},
    }
    people = county.people
    named = {"refer": people["counsellor"], "pass_on": people.get("other_counsellor")}
    return given.get(name) or ({"counsellor": named[name]} if name in named else {})


def test_the_tables_name_every_step_and_the_steps_are_complete():
    for model, table in TABLES.values():
        assert set(steps_of(model)) == set(table), model
        assert_steps_are_complete(model)
        assert {step.event for step in steps_of(model).values()} <= set(registered())


@pytest.mark.parametrize("address", list(TABLES))
def test_each_step_by_each_role(county, clock, address):
    model, table = TABLES[address]
    another_counsellor(county)
    for state in dict.fromkeys(state for _may, state, _given in table.values()):
        with undone():
            clock.move_to(NOW)
            obj = in_state(county, clock, state) if model is FollowUpVisit else referral_in(county, state)
            for name, (may, begins, given) in table.items():
                if begins == state:
                    _tried(county, obj, address, name, (may, given))


def _tried(county, obj, address, name, rule):
    may, given = rule
    before, denied = snapshot(obj), [who for who in ROLES if who not in may]
    for who in denied:
        extra = raw_of(county, name)
        if name in ("come_due", "lapse", "cancel", "move", "plan_again", "come_back"):
            extra = {}
        with pytest.raises(NotPermitted), transaction.atomic():
            act(obj, name, actor=county.people[who], **extra)
        assert snapshot(obj) == before, (name, who)
    for who, door in product(denied, ("api", "admin")):
        answer = press(county.people[who], obj, address, name, given, door)
        assert answer.status_code in ((403, 404) if door == "api" else (302, 403, 404)), (name, door, who)
    assert snapshot(obj) == before, name
    for who in sorted(may - PARTY):
        for door in ("api",) if who in OUTSIDE else ("api", "admin"):
            with undone():
                answer = press(county.people[who], obj, address, name, given, door)
                told = (name, who, door, answer.content[-1500:].decode())
                assert answer.status_code == (200 if door == "api" else 302), told
                assert type(obj).objects.get(pk=obj.pk).version > obj.version
    if may & PARTY:
        with undone():
            act(obj, name, actor=county.people["neighbour"])
            assert type(obj).objects.get(pk=obj.pk).version > obj.version


def test_lists_and_objects_agree(county, clock):
    in_state(county, clock, VisitState.OVERDUE)
    referral_in(county, "referred")
    users = [county.user(who) for who in ROLES]
    assert_relation_forms_agree(FollowUpVisit.objects.with_rows(), users)
    assert_relation_forms_agree(CounsellingReferral.objects.with_rows(), users)


@pytest.mark.parametrize("role", [Role.TOWNSHIP_MEDIATOR, Role.COUNTY_CENTRE])
def test_the_superior_sees_that_it_is_overdue_and_only_urges(county, clock, role):
    row = in_state(county, clock, VisitState.OVERDUE)
    client = client_of(county.user(role))
    listed = client.get("/api/v1/mediation/visits/").json()["results"]
    assert [(one["id"], one["state"], one["transitions"]) for one in listed] == [(row.pk, "overdue", ["urge"])]
    page = client.get(f"/admin/mediation/followupvisit/{row.pk}/change/")
    text = page.content.decode()
    assert page.status_code == 200 and row.dispute.number in text
    assert not any(word in text for word in ("何", "马", row.dispute.title, row.dispute.facts))
    assert DisputeAccess.objects.filter(person=county.user(role), what__contains="visit").exists()
    for address in ("/admin/", "/admin/mediation/followupvisit/?when=late", "/m/visits/"):
        assert row.dispute.number in client.get(address).content.decode(), address


def test_the_superior_reads_no_word_that_the_mediator_wrote(county, clock):
    # given a late visit that was tried in vain, with a remark
    row = in_state(county, clock, VisitState.OVERDUE)
    act(row, "miss", actor=county.mediator, reason="何家搬走了")
    address = f"/admin/mediation/followupvisit/{row.pk}/change/"
    assert "何家搬走了" in client_of(county.mediator).get(address).content.decode()
    for role in (Role.TOWNSHIP_MEDIATOR, Role.COUNTY_CENTRE):
        page = client_of(county.user(role)).get(address)
        assert page.status_code == 200 and "何家搬走了" not in page.content.decode()
        assert (
            "何家搬走了" not in client_of(county.user(role)).get(f"/api/v1/mediation/visits/{row.pk}/").content.decode()
        )


def test_offering_through_the_doors(county):
    dispute = county.mediating()
    party = dispute.parties.order_by("pk").first()
    client = client_of(county.mediator)
    answer = client.post("/api/v1/mediation/counselling/", {"dispute": dispute.pk, "party": party.pk})
    assert answer.status_code == 201 and answer.json()["state"] == "offered"
    assert client.post("/api/v1/mediation/counselling/", {"dispute": dispute.pk, "party": 99999}).status_code == 400
    other = dispute.parties.order_by("pk").last()
    answer = client.post("/admin/mediation/counsellingreferral/add/", {"party": other.pk}, format="multipart")
    assert answer.status_code == 302 and CounsellingReferral.objects.count() == 2
    stranger = client_of(county.people["outside_village_mediator"])
    answer = stranger.post("/api/v1/mediation/counselling/", {"dispute": dispute.pk, "party": party.pk})
    assert answer.status_code == 400
    assert client_of(county.people["judges_clerk"]).get("/admin/mediation/counsellingreferral/add/").status_code == 403


def test_a_visit_is_logged_from_the_phone_in_one_press(county, clock):
    row = in_state(county, clock, VisitState.DUE)
    client = client_of(county.mediator)
    assert row.dispute.number in client.get("/m/visits/").content.decode()
    text = client.get(f"/m/visits/{row.pk}/").content.decode()
    assert "2026-07-02" in text and "何秀英" not in text
    assert DisputeAccess.objects.filter(person=county.mediator, what=f"mediation.followupvisit:{row.pk}").exists()
    answer = client.post(f"/m/visits/{row.pk}/", {"step": "log", "performed": "yes"}, format="multipart")
    assert answer.status_code == 400 and fresh(row).state == VisitState.DUE
    answer = client.post(f"/m/visits/{row.pk}/", LOG | {"step": "log"}, format="multipart")
    assert answer.status_code == 302 and fresh(row).state == VisitState.DONE
    assert client.post(f"/m/visits/{row.pk}/", LOG, format="multipart").status_code == 409


@pytest.mark.parametrize(("given", "status", "kept"), [(4, 200, 4), ("4", 200, 4), (9, 400, None), (True, 400, None),
                                                       (4.5, 400, None), ([4], 400, None)])  # fmt: skip
def test_satisfaction_by_rest_is_a_number(county, clock, given, status, kept):
    row = in_state(county, clock, VisitState.DUE)
    answer = press(county.mediator, row, "visits", "log", LOG | {"satisfaction": given}, "api")
    assert (answer.status_code, fresh(row).satisfaction) == (status, kept), answer.content.decode()
    if status == 400:
        assert [error["attr"] for error in answer.json()["errors"]] == ["satisfaction"]


def test_nobody_reached_from_the_phone(county, clock):
    row = in_state(county, clock, VisitState.DUE, kind=VisitKind.MONTH)
    client = client_of(county.mediator)
    assert client.post(f"/m/visits/{row.pk}/", {"step": "miss"}, format="multipart").status_code == 302
    assert fresh(row).state == VisitState.UNREACHABLE
    assert (
        client.post(f"/m/visits/{row.pk}/", {"step": "refuse", "version": "0"}, format="multipart").status_code == 409
    )
    assert client.post(f"/m/visits/{row.pk}/", {"step": "cancel"}, format="multipart").status_code == 404
    for who in ("outside_village_mediator", "township_mediator", "community_staff"):
        assert client_of(county.people[who]).get(f"/m/visits/{row.pk}/").status_code in (403, 404)


def test_a_late_visit_tried_in_vain_from_the_phone_stays_late(county, clock):
    row = in_state(county, clock, VisitState.OVERDUE)
    client = client_of(county.mediator)
    assert client.post(f"/m/visits/{row.pk}/", {"step": "miss"}, format="multipart").status_code == 302
    assert (fresh(row).state, fresh(row).attempts) == (VisitState.OVERDUE, 1)


def test_measures_through_admin_and_api(county):
    for _ in range(2):
        visiting.visit_of(county)
    for who, status in (("operations_centre", 200), ("village_mediator", 200), ("judges_clerk", 403)):
        client = client_of(county.people[who])
        assert client.get("/api/v1/mediation/measures/", {"quarter": "2026Q2"}).status_code == status
        assert client.get("/admin/mediation/followupvisit/measures/").status_code == status
    client = client_of(county.mediator)
    assert client.get("/api/v1/mediation/measures/", {"quarter": "2026"}).status_code == 400
    told = {row["measure"]: row for row in client.get("/api/v1/mediation/measures/?quarter=2026Q2").json()}
    assert told["days"]["total"] == {"count": 2, "value": 0.0}


def test_the_counsellor_reads_referrals_to_them_by_the_api(county):
    row = referral_in(county, "referred")
    offered(county)
    client = client_of(county.people["counsellor"])
    assert [one["id"] for one in client.get("/api/v1/mediation/counselling/").json()["results"]] == [row.pk]
    assert client.get(f"/api/v1/mediation/counselling/{row.pk}/").json()["transitions"] == ["attend"]
    assert client.get("/api/v1/mediation/visits/").json().get("results", []) == []


def test_the_counsellor_has_a_page_with_dates_only(county):
    # given a referral to the counsellor, one that is only consented to, and one to nobody yet
    row = referral_in(county, "referred")
    waiting = referral_in(county, "consented")
    own, page = client_of(county.people["counsellor"]), f"/r/counselling/{row.pk}/"
    # when the counsellor looks
    text = own.get("/r/counselling/").content.decode()
    assert row.number in text and waiting.number not in text and row.party.masked not in text
    text = own.get(page).content.decode()
    # then it tells who, masked, and days; nothing of the dispute; and that it was read is recorded
    assert row.party.masked in text and "何秀英" not in text
    assert row.dispute.number not in text and row.dispute.title not in text
    assert DisputeAccess.objects.filter(person=county.people["counsellor"], role=Role.COUNSELLOR).exists()
    assert own.get(f"/r/counselling/{waiting.pk}/").status_code == 404
    # and says that they came, on a day that can be
    assert own.post(page, {"on": "2026-06-01"}, format="multipart").status_code == 400
    assert own.post(page, {"on": "2026-06-02", "version": "99"}, format="multipart").status_code == 409
    assert CounsellingReferral.objects.get(pk=row.pk).state == "referred"
    assert own.post(page, {"on": "2026-06-02"}, format="multipart").status_code == 302
    assert CounsellingReferral.objects.get(pk=row.pk).state == "attended"
    assert own.post(page, {}, format="multipart").status_code == 409
    assert "/r/counselling/" in own.get("/r/mine/").content.decode()


@pytest.mark.parametrize("who", ["neighbour", "respected_helper", "resident"])
def test_nobody_else_has_the_counsellors_page(county, who):
    row = referral_in(county, "referred")
    client = client_of(county.people[who])
    assert client.get(f"/r/counselling/{row.pk}/").status_code in (302, 403, 404)
    assert row.number not in client.get("/r/counselling/").content.decode()
    assert "/r/counselling/" not in client.get("/r/mine/").content.decode()


def test_lists_cost_the_same_for_any_number_of_rows(county, clock):
    in_state(county, clock, VisitState.OVERDUE)
    offered(county)
    client, superior = client_of(county.mediator), client_of(county.user(Role.TOWNSHIP_MEDIATOR))
    addresses = ["/api/v1/mediation/visits/", "/api/v1/mediation/counselling/", "/admin/mediation/followupvisit/",
                 "/admin/mediation/counsellingreferral/", "/m/visits/", "/admin/"]  # fmt: skip
    counts = []
    for turn in range(2):
        counts.append({})
        for user in (client, superior):
            for address in addresses:
                if turn == 0:
                    user.get(address)  # what is remembered from now on
                with CaptureQueriesContext(connection) as made:
                    assert user.get(address).status_code == 200, address
                counts[-1][address, user is client] = len(made)
        if turn == 0:
            clock.move_to(NOW)
            in_state(county, clock, VisitState.OVERDUE)
            offered(county)
    assert counts[0] == counts[1]
