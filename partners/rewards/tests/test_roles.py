"""Every transition × role, allowed and denied, through the service, the admin and the API; a denial changes nothing."""

import pytest
from django.test import Client
from django.urls import reverse

from cases.tests.api import client_of
from governance.errors import Conflict, NotPermitted, Refused
from governance.testing import assert_relation_forms_agree, assert_steps_are_complete, snapshot
from governance.workflow import act, steps_of
from partners.ledger.accounts import balance_of
from partners.models import Redemption, Reward
from partners.rewards.codes import code_of

pytestmark = pytest.mark.django_db
RUNNERS = {"community_staff", "manager"}
ROLES = (
    "administrator", "operations_centre", "registrar", "handler", "supervisor", "grid_worker", "community_staff",
    "manager", "other_manager", "lawyer", "baker", "stranger", "shopkeeper", "bookseller", "resident",
)  # fmt: skip
PLAN = {"title": "大米10公斤", "cost": 30, "pickup_place": "粮站", "keep_days": 7, "per": "month", "audience": "all"}
# Step: from which state, what it needs, who may, and where it leads.
REWARD_STEPS = {
    "plan": ("paused", PLAN, RUNNERS, "paused"),
    "offer": ("paused", {}, RUNNERS, "offered"),
    "receive": ("offered", {"amount": 3}, RUNNERS, "offered"),
    "correct": ("offered", {"amount": -1, "reason": "破损"}, RUNNERS, "offered"),
    "pause": ("offered", {}, RUNNERS, "paused"),
    "end": ("offered", {"reason": "换供应商"}, RUNNERS, "ended"),
}
REDEMPTION_STEPS = {  # step: reward, from which state, what it needs, who may, where it leads
    "prepare": ("rice", "held", {}, RUNNERS, "held"),
    "fulfil": ("rice", "held", {"code": True}, RUNNERS, "fulfilled"),
    "fulfil_coupon": ("ten", "held", {"code": True}, {"shopkeeper"}, "fulfilled"),
    "cancel": ("rice", "held", {}, {"lawyer"}, "cancelled"),
    "call_off": ("rice", "held", {"reason": "缺货"}, RUNNERS, "cancelled"),
    "return": ("rice", "fulfilled", {"reason": "破损"}, RUNNERS, "returned"),
}
DOORS = ("service", "admin", "api")


def prepared(shop, name):
    """Return the object a step is tried on, in its state, what it needs, who may, and where it leads."""
    if name in REWARD_STEPS:
        state, given, allowed, target = REWARD_STEPS[name]
        row = shop.reward("rice")
        return (shop.step(row, "pause") if state == "paused" else row), name, given, allowed, target
    what, state, given, allowed, target = REDEMPTION_STEPS[name]
    row = shop.redeem(what)
    if state == "fulfilled":
        shop.fulfilled(row)
    given = given | ({"code": code_of(row)} if given.get("code") else {})
    return shop.fresh(row), name.removesuffix("_coupon"), given, allowed, target


def through(door: str, row, step: str, user, given: dict) -> int:
    """Try a step through a door; return 200 when it was done, else the status of the refusal."""
    if door == "service":
        try:
            act(row, step, actor=user, **given)
        except NotPermitted:
            return 403
        except Refused:
            return 409
        return 200
    label = "reward" if isinstance(row, Reward) else "redemption"
    if door == "api":
        return client_of(user).post(f"/api/v1/points/{label}s/{row.pk}/transitions/{step}/", given).status_code
    client = Client()
    client.force_login(user)
    address = reverse(f"admin:partners_{label}_transition", args=[row.pk, step])
    status = client.post(address, given).status_code
    return 200 if status == 302 and type(row).objects.get(pk=row.pk).version > row.version else status


@pytest.mark.parametrize("name", [*REWARD_STEPS, *REDEMPTION_STEPS])
def test_who_may_take_a_step(shop, name):
    row, step, given, allowed, target = prepared(shop, name)
    points = balance_of(shop.bank.account("lawyer"))
    before = snapshot(row)
    # who may not is refused at every door, and nothing has changed
    for who in [one for one in ROLES if one not in allowed]:
        for door in DOORS:
            status = through(door, row, step, shop.user(who), given)
            assert status in ({403} if door == "service" else {302, 403, 404}), (who, door, status)
            assert snapshot(row) == before, (who, door)
    assert balance_of(shop.bank.account("lawyer")) == points
    # the other ways out of the state are refused in it as well
    with pytest.raises(Conflict):
        shop.step(row, "prepare" if row.state == "fulfilled" else "offer" if row.state == "offered" else
                  "return" if isinstance(row, Redemption) else "pause", reason="x")  # fmt: skip
    # who may, may
    who = sorted(allowed)[0]
    assert through("api", row, step, shop.user(who), given) == 200
    assert type(row).objects.get(pk=row.pk).state == target


@pytest.mark.parametrize("name", [*REWARD_STEPS, *REDEMPTION_STEPS])
@pytest.mark.parametrize("who", sorted(RUNNERS))
def test_those_who_run_redemption_do_so_in_the_admin(shop, name, who):
    row, step, given, allowed, target = prepared(shop, name)
    if who not in allowed:
        pytest.skip("members' and merchants' steps have their own pages")
    client = Client()
    client.force_login(shop.user(who))
    label = row._meta.model_name
    assert client.get(reverse(f"admin:partners_{label}_change", args=[row.pk])).status_code == 200
    assert client.get(reverse(f"admin:partners_{label}_transition", args=[row.pk, step])).status_code == 200
    assert through("admin", row, step, shop.user(who), given) == 200
    assert type(row).objects.get(pk=row.pk).state == target
    # and through the service, where the state lets it be done again
    assert through("service", type(row).objects.get(pk=row.pk), step, shop.user(who), given) in (200, 409)


def test_time_out_is_nobodys_button(shop):
    row = shop.redeem("rice")
    before = snapshot(row)
    for who in ROLES:
        assert through("api", row, "time_out", shop.user(who), {}) in (403, 404)
        with pytest.raises((NotPermitted, TypeError)):
            act(row, "time_out", actor=shop.user(who), ended_at=row.until)
        assert snapshot(row) == before


def test_steps_are_whole_and_lists_agree_with_single_objects(shop):
    for model in (Reward, Redemption):
        assert_steps_are_complete(model)
    shop.redeem("rice"), shop.redeem("ten"), shop.redeem("ten", "baker")
    shop.step(shop.reward("rice"), "pause")
    shop.step(shop.reward("room"), "end", reason="装修")
    people = [shop.user(who) for who in ROLES]
    for model in (Reward, Redemption):
        assert_relation_forms_agree(model.objects.with_rows(), people)
    assert set(steps_of(Redemption)) == {"prepare", "fulfil", "cancel", "call_off", "time_out", "return"}
