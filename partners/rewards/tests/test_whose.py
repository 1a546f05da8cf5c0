"""Whose accounts, codes and tills they are where an organisation is known in two communities; and what nobody games."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from cases.tests.api import client_of
from conftest import SINCE
from governance.errors import Conflict, NotPermitted
from governance.models import Appointment, Booking, Role, User
from governance.scoping import grant_for
from governance.workflow import act
from partners.earning.querysets import OF_MERCHANT
from partners.ledger.accounts import account_open, balance_of
from partners.ledger.audit import invariants_broken
from partners.ledger.points import points_earn, unsettled
from partners.models import Redemption, Reward, SettlementSheet
from partners.rewards.codes import code_of
from partners.rewards.members import accounts_of, merchants_of
from partners.rewards.offering import reward_draft
from partners.rewards.redeeming import redeem
from partners.rewards.tests.shop import TEN

pytestmark = pytest.mark.django_db


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def abroad(shop) -> Redemption:
    """A coupon of the same shop, redeemed by the bakery's people of the other community, where both are known too.

    ``clerk`` acts for the bakery in ``community``, ``far_clerk`` in the other one; so do ``till`` and ``far_till`` for
    the shop.
    """
    city, administrator = shop.bank.city, shop.user("administrator")
    there, bakery, store = city.area("other_community"), city.unit("bakery"), city.unit("shop")
    posts = [
        ("clerk", bakery, Role.PARTNER, "community"), ("far_clerk", bakery, Role.PARTNER, "other_community"),
        ("till", store, Role.MERCHANT, "community"), ("far_till", store, Role.MERCHANT, "other_community"),
    ]  # fmt: skip
    for name, unit, role, area in posts:
        shop.bank.people[name] = User.objects.create(username=f"p-{name}", name=f"{name}员", password="!")
        Appointment.objects.create(user=shop.bank.people[name], unit=unit, role=role, area=city.area(area),
                                   valid_from=SINCE)  # fmt: skip
    account = account_open(there, actor=administrator, unit=bakery)
    merchant = account_open(there, actor=administrator, unit=store, kind="merchant")
    points_earn(account, actor=administrator, amount=50, key="far", reason="consultation",
                evidence=("property.servicerecord", 1))  # fmt: skip
    manager = shop.user("other_manager")
    row = reward_draft(actor=manager, area=there, merchant=merchant, **TEN | {"code": "far-ten", "title": "邻区券"})
    for name, given in (("receive", {"amount": 3}), ("offer", {})):
        row = act(row, name, actor=manager, **given)
    return redeem(row, actor=shop.user("far_clerk"), account=account, key="far")


def test_people_of_an_organisation_redeem_and_read_codes_in_their_own_community_alone(shop, abroad):
    clerk, page = shop.user("clerk"), reverse("residents_rewards:redemption", args=[abroad.pk])
    # those of the other community have the account, the reward and the code
    assert accounts_of(shop.user("far_clerk")) == [abroad.account]
    assert signed_in(shop.user("far_clerk")).get(page).status_code == 200
    # those of this one have neither, at no door
    assert accounts_of(clerk) == [shop.bank.account("bakery")]
    assert signed_in(clerk).get(page).status_code == 404
    assert "10元券" not in signed_in(clerk).get(reverse("residents_rewards:mine")).content.decode()
    assert not Reward.objects.visible_to(clerk).filter(code="far-ten").exists()
    api = client_of(clerk)
    for address in ("", "code/"):
        assert api.get(f"/api/v1/points/redemptions/{abroad.pk}/{address}").status_code == 404
    with pytest.raises(NotPermitted):
        act(abroad, "cancel", actor=clerk)
    with pytest.raises(NotPermitted):
        redeem(abroad.reward, actor=clerk, account=abroad.account, key="k")
    assert shop.fresh(abroad).state == "held"
    act(abroad, "cancel", actor=shop.user("far_clerk"))


def test_a_till_takes_the_coupons_of_its_own_community_alone(shop, abroad):
    code, till = code_of(abroad), shop.user("till")
    assert merchants_of(till) == [shop.bank.account("shop")]
    assert signed_in(till).get(reverse("residents_rewards:code", args=[code])).status_code == 403
    assert client_of(till).post("/api/v1/points/codes/take/", {"code": code}).status_code == 403
    assert client_of(till).get("/api/v1/points/redemptions/").json()["results"] == []
    with pytest.raises(NotPermitted):
        act(abroad, "fulfil", actor=till, code=code)
    assert act(abroad, "fulfil", actor=shop.user("far_till"), code=code).state == "fulfilled"
    assert unsettled(abroad.merchant) == 10 and invariants_broken() == []
    # and what is settled there is confirmed there
    sheet = SettlementSheet(area=abroad.area, merchant=abroad.merchant)
    assert grant_for(OF_MERCHANT, sheet, till) is None
    assert grant_for(OF_MERCHANT, sheet, shop.user("far_till")) is not None


def test_nobody_decides_on_what_they_redeemed_themselves(shop):
    """Points given back for what was used would be points for nothing."""
    manager, colleague = shop.manager, shop.user("community_staff")
    shop.bank.accounts["manager"] = account_open(shop.bank.city.area("community"), actor=colleague, user=manager)
    shop.bank.people["manager"] = manager
    shop.bank.earn("manager", 60)
    rice, room = (shop.redeem(name, "manager") for name in ("rice", "room"))
    # handed over without the code, by the same person
    with pytest.raises(NotPermitted) as refusal:
        act(rice, "fulfil", actor=manager, reason="本人")
    assert refusal.value.code == "own" and shop.fresh(rice).state == "held"
    act(rice, "fulfil", actor=colleague, reason="当面核对身份证")
    # taken back after it was used
    with pytest.raises(NotPermitted) as refusal:
        act(rice, "return", actor=manager, reason="不想要了")
    assert refusal.value.code == "own" and shop.fresh(rice).state == "fulfilled"
    # called off while they sit in the room; before, it is as any other cancelling
    with time_machine.travel(room.booking.starts_at + timedelta(minutes=5), tick=False):
        with pytest.raises(NotPermitted) as refusal:
            act(room, "call_off", actor=manager, reason="改天再用")
        assert refusal.value.code == "own" and shop.fresh(room).state == "held"
    assert act(rice, "return", actor=colleague, reason="包装破损").state == "returned"
    assert balance_of(shop.bank.account("manager")).available == 60 - 5
    assert act(room, "call_off", actor=manager, reason="改天再用").state == "cancelled"


def test_nobody_takes_the_coupon_they_redeemed_themselves(shop):
    """Points would become money at one's own till."""
    keeper = shop.user("shopkeeper")
    account = account_open(shop.bank.city.area("community"), actor=shop.user("administrator"), user=keeper)
    shop.bank.accounts["shopkeeper"] = account
    shop.bank.earn("shopkeeper", 30)
    made = shop.redeem("ten", "shopkeeper")
    code = code_of(made)
    told = client_of(keeper).post("/api/v1/points/codes/look-up/", {"code": code}).json()
    assert (told["usable"], told["why"]) == (False, "own") and "本人" in told["text"]
    page = signed_in(keeper).post(reverse("residents_rewards:take", args=[code]))
    assert page.status_code == 403
    with pytest.raises(NotPermitted) as refusal:
        act(made, "fulfil", actor=keeper, code=code)
    assert refusal.value.code == "own" and unsettled(shop.bank.account("shop")) == 0
    # somebody else of the shop does
    other = User.objects.create(username="p-second", name="店员", password="!")
    Appointment.objects.create(user=other, unit=shop.bank.city.unit("shop"), role=Role.MERCHANT,
                               area=shop.bank.city.area("community"), valid_from=SINCE)  # fmt: skip
    assert act(made, "fulfil", actor=other, code=code).state == "fulfilled"
    # and a shop that is a member too redeems none of its own coupons
    own = account_open(shop.bank.city.area("community"), actor=shop.user("administrator"),
                       unit=shop.bank.city.unit("shop"))  # fmt: skip
    shop.bank.accounts["own"] = own
    shop.bank.earn("own", 30)
    with pytest.raises(Conflict) as refusal:
        redeem(shop.reward("ten"), actor=other, account=own, key="o")
    assert refusal.value.code == "not_for_you"
    assert "10元券" not in signed_in(other).get(f"/r/rewards/?account={own.pk}").content.decode()
    assert balance_of(own).available == 30 and invariants_broken() == []


def test_hours_that_have_begun_are_not_cancelled_by_who_sits_in_the_room(shop):
    made = shop.redeem("room")
    page = reverse("residents_rewards:redemption", args=[made.pk])
    cancel = reverse("residents_rewards:cancel", args=[made.pk])
    with time_machine.travel(shop.hour() + timedelta(minutes=10), tick=False):
        client = signed_in(shop.user("lawyer"))
        assert cancel not in client.get(page).content.decode()
        assert client.post(cancel).status_code == 409
        with pytest.raises(Conflict) as refusal:
            shop.step(made, "cancel", "lawyer")
        assert refusal.value.code == "begun"
        assert Booking.objects.get().state == "booked" and shop.fresh(made).state == "held"
        # the community can: the heating failed
        shop.step(made, "call_off", reason="暖气故障")
    assert balance_of(shop.bank.account("lawyer")).available == 100
    # before they begin anybody may
    other = shop.redeem("room", starts_at=shop.hour(2))
    told = signed_in(shop.user("lawyer")).get(reverse("residents_rewards:redemption", args=[other.pk]))
    assert reverse("residents_rewards:cancel", args=[other.pk]) in told.content.decode()
    assert shop.step(other, "cancel", "lawyer").state == "cancelled"
