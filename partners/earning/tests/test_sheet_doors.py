"""Every step of a settlement sheet through the API and the administration, for every role."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from cases.tests.api import client_of
from governance.workflow import act
from partners.earning.settling import sheet_propose
from partners.earning.tests.test_doors import signed
from partners.ledger.points import points_earn, points_spend
from partners.models import Account

pytestmark = pytest.mark.django_db
STEPS = [  # step, what it is sent, in which state, who may, and then
    ("confirm", {}, "proposed", ("shopkeeper",), "confirmed"),
    ("dispute", {"reason": "少了一笔"}, "proposed", ("shopkeeper",), "disputed"),
    ("propose_again", {"reason": "核对过"}, "disputed", ("manager", "manager2", "staff"), "proposed"),
    ("withdraw", {"reason": "改期"}, "disputed", ("manager", "manager2", "staff"), "withdrawn"),
    ("settle", {"paid_by": "凭证 9"}, "confirmed", ("manager2", "staff"), "settled"),
]
EVERYBODY = ("shopkeeper", "manager", "manager2", "staff", "lawyer", "baker", "resident", "grid_worker",
             "administrator", "operations_centre", "elsewhere")  # fmt: skip
BEFORE = {"confirmed": ("confirm", {}), "disputed": ("dispute", {"reason": "不对"})}


@pytest.fixture
def sold(house):
    """Twenty points that the shop received some days ago."""
    account, at = Account.objects.get(pk=house.partners["lawyer"].account_id), timezone.now() - timedelta(days=3)
    points_earn(account, actor=house.user("staff"), amount=50, key="e", reason="service", evidence=("x.y", 1),
                occurred_at=at)  # fmt: skip
    points_spend(account, actor=house.user("lawyer"), amount=20, key="s", reason="coupon", to=house.shop,
                 occurred_at=at)  # fmt: skip
    return house


@pytest.mark.parametrize(("name", "body", "state", "may", "then"), STEPS)
def test_only_those_meant_may_and_a_denial_changes_nothing(sold, name, body, state, may, then):
    house = sold
    day = timezone.localdate() - timedelta(days=3)
    sheet = sheet_propose(actor=house.user("manager"), merchant=house.shop, first=day, last=day)
    if state in BEFORE:
        step, given = BEFORE[state]
        sheet = act(sheet, step, actor=house.user("shopkeeper"), **given)
    version, page = sheet.version, reverse("admin:partners_settlementsheet_transition", args=[sheet.pk, name])
    for who in EVERYBODY:
        if who not in may:
            address = f"/api/v1/points/settlements/{sheet.pk}/transitions/{name}/"
            assert client_of(house.user(who)).post(address, body, format="json").status_code in (403, 404), who
            assert signed(house.user(who)).post(page, body).status_code in (302, 403, 404), who
            assert house.fresh(sheet).version == version, who
    who = may[-1]
    address = f"/api/v1/points/settlements/{sheet.pk}/transitions/{name}/"
    if body:
        assert client_of(house.user(who)).post(address, {}, format="json").status_code == 400
    answer = client_of(house.user(who)).post(address, body, format="json")
    assert (answer.status_code, answer.json().get("state")) == (200, then)
    assert client_of(house.user(who)).post(address, body, format="json").status_code == 409
