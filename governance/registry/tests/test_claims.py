"""Every transition × every role through the admin and the API, against a table written by hand."""

import pytest
from django.db import transaction

from governance.events import registered
from governance.models import Event, Ownership, Residency, Role
from governance.registry.tests.doors import API, api, api_url, browser, page_of, press_api, press_page
from governance.testing import assert_relation_forms_agree, assert_steps_are_complete, snapshot
from governance.workflow import act, steps_of

KEEPERS = {"administrator", "community_staff"}
SEE = KEEPERS | {"grid_worker", "resident"}
STAFF = [role for role in Role.values if role not in ("resident", "system")]
REASON = {"reason": "不是这户的人"}

# (model, transition): (state it starts from, what is sent, state it ends in, who may).
TABLE = {
    (Residency, "verify"): ("claimed", {}, "verified", KEEPERS),
    (Residency, "refuse"): ("claimed", REASON, "refused", KEEPERS),
    (Residency, "withdraw"): ("claimed", {}, "withdrawn", {"resident"}),
    (Residency, "end"): ("verified", {}, "ended", KEEPERS | {"resident"}),
    (Ownership, "verify"): ("claimed", {}, "verified", KEEPERS),
    (Ownership, "refuse"): ("claimed", REASON, "refused", KEEPERS),
    (Ownership, "withdraw"): ("claimed", {}, "withdrawn", {"resident"}),
    (Ownership, "name_voter"): ("verified", {}, "verified", KEEPERS | {"resident"}),
    (Ownership, "end"): ("verified", {}, "ended", KEEPERS | {"resident"}),
}
CASES = [pytest.param(model, name, id=f"{model.__name__}-{name}") for model, name in TABLE]
BOTH = [Residency, Ownership]


def make(registry, model, state):
    """A row of the resident; a half of the dwelling, so that nobody votes by himself."""
    given = {"share_denominator": 2} if model is Ownership else {}
    return registry.in_state(model, state, **given)


def test_the_table_names_every_transition_people_may_do():
    for model in BOTH:
        assert_steps_are_complete(model)
        steps = steps_of(model)
        assert {name for named, name in TABLE if named is model} == {n for n, found in steps.items() if not found.quiet}
        assert {found.event for found in steps.values()} <= set(registered())


def test_lists_and_single_objects_agree_on_who_sees_what(registry):
    registry.claim()
    registry.claim(dwelling=registry.away, actor=registry.neighbour)
    registry.owner(user=registry.user("resident"))
    registry.claim(Ownership, actor=registry.neighbour)
    people = [*registry.city.people.values(), registry.neighbour]
    for model in BOTH:
        assert_relation_forms_agree(model.objects.with_rows(), people)
        for user in people:
            listed = set(model.objects.visible_to(user).values_list("pk", flat=True))
            files = set(model.objects.files_visible_to(user).values_list("pk", flat=True))
            assert files <= listed


@pytest.mark.parametrize(("model", "name"), CASES)
def test_each_transition_is_open_to_its_roles_and_to_no_others(registry, model, name):
    # given a row in the state the transition starts from
    state, data, target, allowed = TABLE[model, name]
    tie = make(registry, model, state)
    before = snapshot(tie)
    for role in [*STAFF, "resident"]:
        user = registry.user(role)
        doors = [press_api] if role == "resident" else [press_api, press_page]
        for door in doors:
            if role in allowed:
                # when somebody who may presses, then it is where the table says, with one event more
                with transaction.atomic():
                    response = door(user, tie, name, data)
                    assert response.status_code in (200, 302), (role, response.content.decode()[:400])
                    after = snapshot(tie)
                    assert after["state"] == target and after["_events"] == before["_events"] + 1, role
                    transaction.set_rollback(True)
            else:
                # when somebody who may not presses, then it is refused and nothing has changed
                response = door(user, tie, name, data)
                refusal = 403 if role in SEE or door is press_page else 404
                assert response.status_code == refusal, (role, door, response.status_code)
                assert snapshot(tie) == before, role


@pytest.mark.parametrize(("model", "name"), CASES)
def test_nobody_elsewhere_sees_or_touches_it(registry, model, name):
    state, data, _target, _allowed = TABLE[model, name]
    tie = make(registry, model, state)
    before = snapshot(tie)
    for role in STAFF:
        outsider = registry.city.outsider(role)
        assert press_api(outsider, tie, name, data).status_code == 404, role
        assert api(outsider).get(api_url(tie)).status_code in (403, 404), role
        assert press_page(outsider, tie, name, data).status_code == (404 if role in SEE else 403), role
        assert browser(outsider).get(page_of(tie)).status_code == (404 if role in SEE else 403), role
    for stranger in (registry.neighbour, registry.city.outsider("resident")):
        assert press_api(stranger, tie, name, data).status_code == 404
        assert api(stranger).get(api_url(tie)).status_code == 403
        assert browser(stranger).get(page_of(tie)).status_code == 302
        for verb in ("end", "withdraw", "name_voter"):
            own = f"{API}me/dwellings/{model._meta.model_name}-{tie.pk}/{verb}/"
            assert api(stranger).post(own, {}).status_code == 404
    assert press_api(None, tie, name, data).status_code == 401
    assert snapshot(tie) == before


@pytest.mark.parametrize("model", BOTH)
def test_a_refusal_needs_a_reason_that_the_claimant_then_reads(registry, model):
    tie = make(registry, model, "claimed")
    before = snapshot(tie)
    staff = registry.user("community_staff")
    for reason in ({}, {"reason": "  "}):
        response = press_api(staff, tie, "refuse", reason)
        assert (response.status_code, response.json()["errors"][0]["attr"]) == (400, "reason")
        assert press_page(staff, tie, "refuse", reason).status_code == 400
    assert snapshot(tie) == before
    assert press_page(staff, tie, "refuse", {"reason": "房产证号对不上"}).status_code == 302
    told = api(registry.user("resident")).get(f"{API}me/dwellings/").json()
    assert [(row["state"], row["refusal"]) for row in told] == [("refused", "房产证号对不上")]


@pytest.mark.parametrize("model", BOTH)
@pytest.mark.parametrize("door", [press_api, press_page])
def test_nobody_decides_in_their_own_matter(registry, model, door):
    # given a member of the community's staff who lives there
    staff = registry.user("community_staff")
    tie = registry.claim(model, actor=staff)
    before = snapshot(tie)
    for name, data in (("verify", {}), ("refuse", REASON)):
        assert door(staff, tie, name, data).status_code == 403
    assert snapshot(tie) == before
    # and somebody else may
    assert door(registry.user("administrator"), tie, "verify").status_code in (200, 302)


@pytest.mark.parametrize("door", [press_api, press_page])
def test_a_late_or_stale_press_is_a_conflict(registry, door):
    tie = make(registry, Residency, "verified")
    before = snapshot(tie)
    staff = registry.user("community_staff")
    assert door(staff, tie, "verify").status_code == 409
    assert door(staff, tie, "end", {"version": tie.version - 1}).status_code == 409
    assert snapshot(tie) == before


def test_the_last_day_is_asked_for_and_kept(registry):
    tie = registry.claim(valid_from=None)
    tie = act(tie, "verify", actor=registry.user("community_staff"))
    staff = registry.user("community_staff")
    response = press_api(staff, tie, "end", {"ended_on": "2999-01-01"})
    assert (response.status_code, response.json()["errors"][0]["attr"]) == (400, "ended_on")
    response = press_page(staff, tie, "end", {"ended_on": "2999-01-01"})
    assert response.status_code == 400 and "jc-field-wrong jc-field-ended_on" in response.content.decode()
    today = str(tie.valid_from)
    assert press_api(staff, tie, "end", {"ended_on": today, "reason": "搬走"}).json()["valid_to"] == today


def test_the_voter_is_replaced_in_one_step(registry):
    # given three co-owners, the first of whom votes
    resident, staff = registry.user("resident"), registry.user("community_staff")
    first = registry.owner("甲", (1, 3), user=resident)
    second, third = registry.owner("乙", (1, 3)), registry.owner("丙", (1, 3), user=registry.neighbour)
    act(first, "name_voter", actor=staff)
    # when a co-owner names another
    response = api(resident).post(f"{API}me/dwellings/ownership-{first.pk}/name_voter/",
                                  {"voter": f"ownership-{second.pk}"})  # fmt: skip
    # then that one votes, the former does not, and both have an event
    assert response.status_code == 200, response.json()
    shown = {row["name"]: row["is_voter"] for row in response.json()["co_owners"]}
    assert shown == {"甲**": False, "乙**": True, "丙**": False}
    assert list(Ownership.objects.filter(is_voter=True)) == [second]
    events = Event.objects.filter(name__startswith="ownership.voter").order_by("id").values_list("name", "subject_id")
    assert list(events)[-2:] == [("ownership.voter_replaced", first.pk), ("ownership.voter_named", second.pk)]
    # and the own row is named when nobody is
    response = api(registry.neighbour).post(f"{API}me/dwellings/ownership-{third.pk}/name_voter/", {})
    assert response.status_code == 200 and response.json()["is_voter"]


def test_who_is_no_co_owner_names_nobody(registry):
    # given a co-owned dwelling, somebody whose claim is not confirmed, and an owner of another one
    first, second = registry.owner("甲", (1, 3)), registry.owner("乙", (1, 3))
    claim = registry.claim(Ownership, share_denominator=3)
    elsewhere = registry.owner("丁", (1, 1), user=registry.neighbour, dwelling=registry.flat)
    before = [snapshot(first), snapshot(second), snapshot(claim), snapshot(elsewhere)]
    body = {"voter": f"ownership-{second.pk}"}
    for user, own in ((registry.user("resident"), claim), (registry.neighbour, elsewhere)):
        response = api(user).post(f"{API}me/dwellings/ownership-{own.pk}/name_voter/", body)
        assert response.status_code == 404
        assert press_api(user, second, "name_voter").status_code == 404
    assert api(registry.user("resident")).post(
        f"{API}me/dwellings/ownership-{claim.pk}/name_voter/", {}).status_code in (403, 409)  # fmt: skip
    assert [snapshot(first), snapshot(second), snapshot(claim), snapshot(elsewhere)] == before


def test_staff_enter_an_owner_through_both_doors(registry):
    staff = registry.user("community_staff")
    body = {"dwelling": "gy-3-2-501", "owner_name": "李大海", "owner_phone": "+99900001234", "share_numerator": 1,
            "share_denominator": 2, "reason": "房产证 123"}  # fmt: skip
    response = api(staff).post(f"{API}ownerships/", body, headers={"Idempotency-Key": "k"})
    assert response.status_code == 201, response.json()
    assert (response.json()["state"], response.json()["share"]) == ("verified", "1/2")
    assert api(staff).post(f"{API}ownerships/", body, headers={"Idempotency-Key": "k"}).json() == response.json()
    # the same owner again, and more than the whole, are conflicts
    assert api(staff).post(f"{API}ownerships/", body).status_code == 409
    more = body | {"owner_name": "李小海", "share_numerator": 2, "share_denominator": 3}
    assert api(staff).post(f"{API}ownerships/", more).status_code == 409
    form = more | {"share_numerator": 1, "share_denominator": 2, "valid_from": "2026-01-05"}
    address = page_of(Ownership(pk=1)).replace("1/change", "add")
    assert browser(staff).post(address, form | {"reason": ""}).status_code == 400
    assert browser(staff).post(address, form).status_code == 302
    assert Ownership.objects.current().count() == 2


@pytest.mark.parametrize("role", ["grid_worker", "registrar", "handler", "resident", "outside_community_staff"])
def test_nobody_else_enters_anybody(registry, role):
    user = registry.city.people[role]
    body = {
        "dwelling": "gy-3-2-501",
        "user": "neighbour",
        "kind": "tenant",
        "reason": "租约",
        "valid_from": "2026-01-05",
    }
    assert api(user).post(f"{API}residencies/", body).status_code in (400, 403), role
    response = browser(user).post(page_of(Residency(pk=1)).replace("1/change", "add"), body)
    assert response.status_code in (302, 400, 403) and not Residency.objects.exists()


def test_what_is_wrong_with_an_entry_is_named(registry):
    staff = registry.user("community_staff")
    good = {"dwelling": "gy-3-2-501", "user": "neighbour", "kind": "tenant", "reason": "租约"}
    for field, value in [("dwelling", "ly-1-101"), ("dwelling", "x"), ("user", "nobody"), ("kind", "guest"),
                         ("reason", " "), ("valid_from", "2999-01-01")]:  # fmt: skip
        response = api(staff).post(f"{API}residencies/", good | {field: value})
        assert (response.status_code, response.json()["errors"][0]["attr"]) == (400, field), response.json()
    assert not Residency.objects.exists()
