"""The doors: REST for members and merchants, the pages on the phone, the desk and the lists of the admin, the file."""

import json
import re

import pytest
from django.test import Client
from django.urls import reverse

from cases.tests.api import client_of
from governance.exchange.engine import check
from governance.exchange.files import Source
from governance.models import Event
from governance.workflow import act
from partners.ledger.accounts import balance_of
from partners.models import Redemption, Reward, StockEntry
from partners.rewards.codes import code_of
from partners.rewards.importers import RewardImporter
from partners.rewards.offering import reward_draft
from partners.rewards.tests.shop import RICE

pytestmark = pytest.mark.django_db
REWARDS, REDEMPTIONS = "/api/v1/points/rewards/", "/api/v1/points/redemptions/"
LOOK_UP, TAKE = "/api/v1/points/codes/look-up/", "/api/v1/points/codes/take/"


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_members_browse_redeem_and_cancel_by_the_api(shop):
    client, account = client_of(shop.user("lawyer")), shop.bank.account("lawyer").pk
    rows = client.get(REWARDS).json()["results"]
    assert {row["code"]: row["free"] for row in rows} == {"rice": 5, "ten": 5, "room": None}
    assert all(row["transitions"] == [] for row in rows)
    assert client_of(shop.user("stranger")).get(REWARDS).json()["results"] == []
    address = f"{REWARDS}{shop.reward('ten').pk}/redeem/"
    # a wish needs a key; the same key is one wish
    assert client.post(address, {"account": account}).status_code == 400
    first = client.post(address, {"account": account, "key": "a", "cost": 10})
    assert first.status_code == 201 and first.json()["state"] == "held" and first.json()["member_name"] == "lawyer员"
    again = client.post(address, {"account": account, "key": "a", "cost": 10})
    assert again.json()["id"] == first.json()["id"] and Redemption.objects.count() == 1
    for given, status in (
        ({"account": account, "key": "b", "cost": 9}, 409), ({"account": 10**15, "key": "b"}, 400),
        ({"account": shop.bank.account("bakery").pk, "key": "b"}, 400), ({"account": "x", "key": "b"}, 400),
        ({"account": account, "key": "b\0"}, 400), ({"account": account, "key": "x" * 121}, 400),
    ):  # fmt: skip
        assert client.post(address, given).status_code == status, given
    room = f"{REWARDS}{shop.reward('room').pk}/redeem/"
    for text in ("9999-12-31T23:59:59Z", "0001-01-01T00:00:00+08:00", "2026-02-30T00:00:00Z", None):
        assert client.post(room, {"account": account, "key": "r", "starts_at": text}).status_code == 400, text
    made = client.post(room, {"account": account, "key": "r", "starts_at": shop.hour().isoformat()})
    assert made.status_code == 201 and made.json()["booking"]
    # the code is told to its owner alone
    code = f"{REDEMPTIONS}{first.json()['id']}/code/"
    assert re.fullmatch(r"[2-9A-Z]{4}-[2-9A-Z]{4}-[2-9A-Z]{4}", client.get(code).json()["code"])
    assert client_of(shop.manager).get(code).status_code == 403
    assert client_of(shop.user("shopkeeper")).get(code).status_code == 403
    assert client_of(shop.user("baker")).get(code).status_code == 404
    assert client_of().get(code).status_code == 401
    cancelled = client.post(f"{REDEMPTIONS}{first.json()['id']}/transitions/cancel/", {})
    assert cancelled.json()["state"] == "cancelled" and client.get(code).status_code == 409
    assert {row["state"] for row in client.get(REDEMPTIONS, {"mine": "true"}).json()["results"]} == {
        "held",
        "cancelled",
    }


def test_a_merchant_looks_up_takes_and_sees_the_month_and_no_names(shop):
    made, other = shop.redeem("ten"), shop.redeem("rice")
    keeper, code = client_of(shop.user("shopkeeper")), code_of(made)
    shown = keeper.post(LOOK_UP, {"code": code.lower()}).json()
    assert shown["usable"] and shown["redemption"]["member_name"] is None and shown["redemption"]["account"] is None
    assert keeper.post(LOOK_UP, {"code": "AAAA-AAAA-AAAA"}).status_code == 400
    assert keeper.post(LOOK_UP, {}).status_code == 400
    # what is not this merchant's is not told
    for who, told in (("bookseller", code), ("shopkeeper", code_of(other)), ("lawyer", code), ("manager", code)):
        for at in (LOOK_UP, TAKE):
            assert client_of(shop.user(who)).post(at, {"code": told}).status_code == 403
    taken = keeper.post(TAKE, {"code": code})
    assert taken.status_code == 200 and taken.json()["state"] == "fulfilled"
    second = keeper.post(TAKE, {"code": code})
    assert second.status_code == 409 and second.json()["errors"][0]["code"] == "used"
    told = keeper.post(LOOK_UP, {"code": code}).json()
    assert (told["usable"], told["why"]) == (False, "used") and "已于" in told["text"]
    rows = keeper.get(REDEMPTIONS).json()["results"]
    assert [row["id"] for row in rows] == [made.pk] and "lawyer" not in json.dumps(rows)
    (month,) = keeper.get("/api/v1/points/merchant-month/").json()
    assert month["total"] | {"month": ""} == {"month": "", "coupons": 1, "points": 10, "returned": 0, "unsettled": 10}
    shop.step(made, "return", reason="缺货")
    (month,) = keeper.get("/api/v1/points/merchant-month/").json()
    assert (month["total"]["coupons"], month["total"]["returned"], month["total"]["unsettled"]) == (0, 1, 0)
    for text in ("2026-13", "9999-12", "0001-01", "x"):
        assert keeper.get("/api/v1/points/merchant-month/", {"month": text}).status_code == 400
    assert client_of(shop.user("lawyer")).get("/api/v1/points/merchant-month/").json() == []


def test_guessing_is_counted(shop, settings):
    settings.REST_FRAMEWORK = settings.REST_FRAMEWORK | {}
    keeper = client_of(shop.user("shopkeeper"))
    answers = [keeper.post(LOOK_UP, {"code": f"AAAA-AAAA-AA{number:02}"}).status_code for number in range(62)]
    assert answers[0] == 400 and answers[-1] == 429
    # somebody else is not kept out by it
    assert client_of(shop.user("bookseller")).post(LOOK_UP, {"code": "AAAA"}).status_code == 400


def test_staff_draft_and_enter_stock_by_the_api(shop):
    client = client_of(shop.manager)
    draft = {"area": shop.bank.city.area("community").code, "kind": "goods", "code": "oil", "title": "食用油",
             "cost": 50, "pickup_place": "服务台"}  # fmt: skip
    made = client.post(REWARDS, draft)
    assert made.status_code == 201 and made.json()["state"] == "draft" and "offer" in made.json()["transitions"]
    for given, status in (
        ({}, 400), ({"code": "oil2", "cost": 0}, 400), ({"code": "oil3", "pickup_place": ""}, 400),
        ({"code": "oil4", "area": shop.bank.city.area("other_community").code}, 403),
        ({"code": "oil5", "kind": "coupon"}, 400), ({"code": "oil6", "kind": "service", "venue": "no"}, 400),
        ({"code": "oil7", "offered_from": "2026-12-02", "offered_to": "2026-12-01"}, 400),
        ({"code": "oil8", "area": shop.bank.city.area("grid").code}, 400), ({"code": "o\0"}, 400),
    ):  # fmt: skip
        assert client.post(REWARDS, draft | given).status_code == status, given
    assert client_of(shop.user("lawyer")).post(REWARDS, draft | {"code": "no"}).status_code == 403
    assert client_of(shop.user("administrator")).post(REWARDS, draft | {"code": "no"}).status_code == 403
    address = f"{REWARDS}{made.json()['id']}/transitions/"
    assert client.post(f"{address}receive/", {"amount": 4}).json()["stocked"] == 4
    assert client.post(f"{address}receive/", {"amount": 10**12}).status_code == 400
    assert client.post(f"{address}correct/", {"amount": -5, "reason": "x"}).status_code == 409
    assert client.get("/api/v1/points/stock-entries/").json()["results"][0]["amount"] == 4
    assert client_of(shop.user("lawyer")).get("/api/v1/points/stock-entries/").status_code == 403
    # members see it when it is offered
    lawyer = client_of(shop.user("lawyer"))
    assert lawyer.get(f"{REWARDS}{made.json()['id']}/").status_code == 404
    client.post(f"{address}offer/", {})
    assert lawyer.get(f"{REWARDS}{made.json()['id']}/").status_code == 200
    assert Reward.objects.filter(code__startswith="oil").count() == 1


def test_the_shop_on_the_phone(shop):
    client = signed_in(shop.user("lawyer"))
    page = client.get(reverse("residents_rewards:shop")).content.decode()
    assert "大米5公斤" in page and "剩 5 件" in page and ">100<" in page
    assert reverse("residents_rewards:shop") in client.get(reverse("cases_pages:mine")).content.decode()
    address = reverse("residents_rewards:reward", args=[shop.reward("rice").pk])
    page = client.get(address).content.decode()
    key = re.search(r'name="key" value="([^"]+)"', page)[1]
    account = shop.bank.account("lawyer").pk
    wish = {"key": key, "cost": "20", "account": account}
    assert client.post(address, wish | {"cost": "19"}).status_code == 409
    # points of an account that is not one's own are not replaced by those of the first one that is
    for foreign in (shop.bank.account("bakery").pk, "9" * 30, "x"):
        assert client.post(address, wish | {"account": foreign}).status_code == 404
    assert not Redemption.objects.exists()
    for _press in range(2):
        made = client.post(address, wish)
        assert made.status_code == 302
    assert Redemption.objects.count() == 1
    page = client.get(made["Location"]).content.decode()
    row = Redemption.objects.get()
    code = code_of(row)
    assert f"{code[:4]}-{code[4:8]}-{code[8:]}" in page and "<svg" in page
    assert signed_in(shop.user("baker")).get(made["Location"]).status_code == 404
    # hours are chosen out of those that are free
    room = reverse("residents_rewards:reward", args=[shop.reward("room").pk])
    begins = re.findall(r'<option value="([^"]+)"', client.get(room).content.decode())
    assert shop.hour().isoformat() in begins
    assert client.post(room, {"key": "r", "account": account, "starts_at": "nonsense"}).status_code == 400
    assert client.post(room, {"key": "r", "account": account, "starts_at": begins[3]}).status_code == 302
    assert begins[3] not in re.findall(r'<option value="([^"]+)"', client.get(room).content.decode())
    # cancelling
    cancel = reverse("residents_rewards:cancel", args=[row.pk])
    assert client.post(cancel).status_code == 302 and client.post(cancel).status_code == 409
    page = client.get(reverse("residents_rewards:mine")).content.decode()
    assert "已取消" in page and "活动室优先使用" in page
    assert balance_of(shop.bank.account("lawyer")).held == 5
    # who has no account is told how one gets it, and redeems nothing; who does not sign in is asked to
    told = signed_in(shop.user("grid_worker")).get(reverse("residents_rewards:shop"))
    page = told.content.decode()
    assert told.status_code == 200 and "还没有积分账户" in page and "大米" not in page
    assert f'href="{reverse("residents_partners:home")}"' in page
    assert signed_in(shop.user("grid_worker")).post(address, wish).status_code == 404
    assert Client().get(reverse("residents_rewards:shop")).status_code == 302


def test_the_till_on_the_phone(shop):
    made, keeper = shop.redeem("ten"), signed_in(shop.user("shopkeeper"))
    till, code = reverse("residents_rewards:till"), code_of(made)
    assert keeper.get(till).status_code == 200
    assert signed_in(shop.user("lawyer")).get(till).status_code == 404
    assert keeper.post(till, {"code": " "}).status_code == 400
    shown = keeper.post(till, {"code": f"https://jiceng.example/r/coupons/{code}/"})
    assert shown.status_code == 302
    page = keeper.get(shown["Location"])
    assert "满10元减10元" in page.content.decode() and "lawyer" not in page.content.decode()
    # the link of the QR code: its owner is led to the own page, another merchant is told it is not theirs
    assert signed_in(shop.user("lawyer")).get(shown["Location"])["Location"].endswith(f"/r/rewards/mine/{made.pk}/")
    assert signed_in(shop.user("bookseller")).get(shown["Location"]).status_code == 403
    anybody = Client()
    assert anybody.get(shown["Location"]).status_code == 302
    assert anybody.session["after_sign_in"] == shown["Location"]
    take = reverse("residents_rewards:take", args=[code])
    assert signed_in(shop.user("bookseller")).post(take).status_code == 403
    done = keeper.post(take)
    assert done.status_code == 200 and "已核销" in done.content.decode()
    assert keeper.post(take).status_code == 409
    page = keeper.get(shown["Location"]).content.decode()
    assert "已于" in page and "确认核销" not in page
    assert keeper.get(reverse("residents_rewards:code", args=["AAAAAAAAAAAA"])).status_code == 400
    assert "10元券" in keeper.get(till).content.decode()


def test_the_desk_finds_and_hands_over(shop):
    made, coupon = shop.redeem("rice"), shop.redeem("ten")
    address, client = reverse("admin:partners_redemption_desk"), signed_in(shop.manager)
    assert client.get(address).status_code == 200
    for who in ("administrator", "grid_worker"):
        assert signed_in(shop.user(who)).get(address).status_code == 403
    assert client.post(address, {"code": "AAAA"}).status_code == 400
    assert client.post(address, {"code": code_of(coupon)}).status_code == 400
    assert signed_in(shop.user("other_manager")).post(address, {"code": code_of(made)}).status_code == 400
    page = client.post(address, {"code": code_of(made)}).content.decode()
    assert "大米5公斤" in page and "lawyer员" in page
    assert client.post(address, {"code": code_of(made), "hand_over": "1"}).status_code == 302
    assert shop.fresh(made).state == "fulfilled"
    assert "已于" in client.post(address, {"code": code_of(made)}).content.decode()
    assert Event.objects.get(name="redemption.fulfilled").payload["by_code"] is True


def test_rewards_are_drafted_in_the_admin(shop):
    client, address = signed_in(shop.manager), reverse("admin:partners_reward_add")
    for kind in ("goods", "service", "coupon"):
        assert client.get(address, {"kind": kind}).status_code == 200
    draft = {"area": shop.bank.city.area("community").code, "code": "book", "title": "书券", "cost": 8,
             "worth": "书一本",
             "merchant": shop.bank.account("books").pk, "keep_days": 30, "per": "month", "audience": "all"}  # fmt: skip
    assert client.post(f"{address}?kind=coupon", draft | {"code": "ten"}).status_code == 400
    assert client.post(f"{address}?kind=coupon", draft).status_code == 302
    assert Reward.objects.get(code="book").merchant == shop.bank.account("books")
    assert signed_in(shop.user("administrator")).get(address).status_code == 403


def statements(client, address, django_assert_max_num_queries) -> int:
    with django_assert_max_num_queries(60) as ran:
        assert client.get(address).status_code == 200
    return len(ran)


def test_lists_need_as_many_statements_for_more_rows(shop, django_assert_max_num_queries):
    staff, lawyer, keeper = signed_in(shop.manager), signed_in(shop.user("lawyer")), signed_in(shop.user("shopkeeper"))
    lists = [
        *((staff, reverse(f"admin:partners_{name}_changelist")) for name in ("reward", "redemption", "stockentry")),
        (client_of(shop.manager), REWARDS), (client_of(shop.manager), REDEMPTIONS),
        (client_of(shop.user("lawyer")), REDEMPTIONS), (client_of(shop.manager), "/api/v1/points/stock-entries/"),
        (lawyer, reverse("residents_rewards:mine")), (keeper, reverse("residents_rewards:till")),
        (lawyer, reverse("residents_rewards:shop")),
    ]  # fmt: skip

    def more(number: int) -> None:
        for _turn in range(number):
            shop.redeem("rice")
            shop.fulfilled(shop.redeem("ten"))

    Reward.objects.filter(code="rice").update(most=9)
    more(1)
    first = [statements(client, address, django_assert_max_num_queries) for client, address in lists]
    more(2)
    for number in range(3):  # each with a limit of its own
        told = RICE | {"code": f"rice{number}", "most": 2, "per": ("month", "year", "ever")[number]}
        row = reward_draft(actor=shop.manager, area=shop.bank.city.area("community"), **told)
        shop.step(shop.step(row, "receive", amount=1), "offer")
    assert [statements(client, address, django_assert_max_num_queries) for client, address in lists] == first


def test_nothing_exported_holds_a_code(shop):
    made = shop.redeem("ten")
    code = code_of(made)
    client = signed_in(shop.manager)
    for name in ("redemption", "reward", "stockentry"):
        page = client.get(reverse(f"admin:partners_{name}_changelist")).content.decode()
        assert code not in page and code[:4] + "-" not in page
    assert code not in client.get(reverse("admin:partners_redemption_change", args=[made.pk])).content.decode()
    assert code not in json.dumps(client_of(shop.manager).get(REDEMPTIONS).json())
    assert not any(code in json.dumps(payload) for payload in Event.objects.values_list("payload", flat=True))


def test_a_sheet_drafts_rewards(shop):
    here = shop.bank.city.area("community").code
    lines = [
        "code,area,kind,title,cost,pickup_place,merchant,worth,venue,minutes",
        f"salt,{here},实物,食盐,5,服务台,,,,", f"tea,{here},coupon,茶券,6,,books,一壶茶,,",
        f"rice,{here},goods,大米,5,x,,,,",
        f"hall,{here},service,议事厅,6,,,,hall,60", f"bad,{here},goods,无处领,5,,,,,",
        f"bad2,{here},coupon,无商户,5,,no,x,,",
        "bad3,990102002001,goods,别处,5,服务台,,,,",
    ]  # fmt: skip
    report = check(RewardImporter(), Source("r.csv", "\n".join(lines).encode()), actor=shop.manager)
    assert {error.line for error in report.errors} == {6, 7, 8}, report.errors
    assert (report.adds, report.same) == (3, 1)
    assert Reward.objects.count() == 3 and StockEntry.objects.count() == 2


def test_the_own_statement_says_what_was_set_aside_and_that_it_is_gone_once(shop):
    # given a coupon that was taken at the till, and one that was cancelled
    done = shop.redeem("ten")
    act(done, "fulfil", actor=shop.user("shopkeeper"), code=code_of(done))
    act(shop.redeem("ten"), "cancel", actor=shop.user("lawyer"))
    # when the member looks at the own points
    page = signed_in(shop.user("lawyer")).get("/r/points/").content.decode()
    # then each left what can be spent once, and what came back says so: nothing stands on two sides
    assert page.count("<b>-10</b>") == 2 and page.count("<b>+10</b>") == 1
    assert "已解冻" in page
