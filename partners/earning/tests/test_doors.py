"""The doors: API, administration and residents' pages; who is let in, and the same few statements for many rows."""

import json
from datetime import timedelta
from decimal import Decimal
from io import BytesIO

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from openpyxl import Workbook

from cases.tests.api import client_of
from governance.exchange.engine import check
from governance.exchange.files import Source
from governance.workflow import act
from partners.earning.hours import certificate_issue
from partners.earning.importers import ServiceRecordImporter
from partners.earning.records import record_approve
from partners.earning.settling import sheet_propose
from partners.ledger.adjustments import adjustment_propose
from partners.ledger.points import points_earn, points_spend
from partners.models import Account, Adjustment, Donation, EarningRule, ServiceRecord

pytestmark = pytest.mark.django_db
API = "/api/v1/points/"
OUTSIDE = ("lawyer", "baker", "resident", "shopkeeper", "grid_worker", "elsewhere", "operations_centre",
           "administrator")  # fmt: skip


def signed(user) -> Client:
    client = Client()
    client.force_login(user, backend="governance.permissions.PersonBackend")
    return client


def step_api(house, who: str, kind: str, row, name: str, **body):
    return client_of(house.user(who)).post(f"{API}{kind}/{row.pk}/transitions/{name}/", body, format="json")


STEPS = [
    ("records", "servicerecord", "approve", {}, "submitted"),
    ("records", "servicerecord", "decline", {"reason": "x"}, "submitted"),
    ("records", "servicerecord", "reverse", {"reason": "x"}, "approved"),
    ("donations", "donation", "approve", {}, "received"),
    ("donations", "donation", "decline", {"reason": "x"}, "received"),
    ("donations", "donation", "give_back", {"reason": "x"}, "approved"),
]  # fmt: skip


def row_in(house, kind: str, state: str):
    row = house.record() if kind == "records" else house.donation()
    return act(row, "approve", actor=house.user("manager2")) if state == "approved" else row


@pytest.mark.parametrize(("kind", "model", "name", "body", "state"), STEPS)
def test_steps_through_the_api_and_the_administration(house, kind, model, name, body, state):
    house.rule()
    house.rule("gift", points=20)
    row = row_in(house, kind, state)
    for who in OUTSIDE:
        answer = step_api(house, who, kind, row, name, **body)
        assert answer.status_code in (403, 404), who
        address = reverse(f"admin:partners_{model}_transition", args=[row.pk, name])
        assert signed(house.user(who)).post(address, body).status_code in (302, 403, 404), who
        assert house.fresh(row).state == state, who
    answer = step_api(house, "manager", kind, row, name, **body)
    assert answer.status_code == 200, answer.content
    assert answer.json()["state"] != state
    assert step_api(house, "manager", kind, row, name, **body).status_code == 409
    other = row_in(house, kind, state)
    address = reverse(f"admin:partners_{model}_transition", args=[other.pk, name])
    client = signed(house.user("manager"))
    assert client.get(address).status_code == 200
    assert client.post(address, body).status_code == 302
    assert house.fresh(other).state != state
    page = client.get(reverse(f"admin:partners_{model}_change", args=[other.pk]))
    assert page.status_code == 200
    if body:
        third = row_in(house, kind, state)
        assert step_api(house, "manager", kind, third, name).status_code == 400
        assert house.fresh(third).state == state


def test_sheets_through_the_api_and_the_pages(house):
    account = Account.objects.get(pk=house.partners["lawyer"].account_id)
    day = timezone.localdate() - timedelta(days=3)
    at = timezone.now() - timedelta(days=3)
    points_earn(account, actor=house.user("staff"), amount=50, key="e", reason="service", evidence=("x.y", 1),
                occurred_at=at)  # fmt: skip
    points_spend(account, actor=house.user("lawyer"), amount=20, key="s", reason="coupon", to=house.shop,
                 occurred_at=at)  # fmt: skip
    body = {"merchant": house.shop.pk, "first": f"{day}", "last": f"{day}"}
    for who in OUTSIDE:
        answer = client_of(house.user(who)).post(f"{API}settlements/", body, format="json")
        assert answer.status_code in (400, 403), who
    made = client_of(house.user("manager")).post(f"{API}settlements/", body, format="json")
    assert made.status_code == 201, made.content
    pk = made.json()["id"]
    merchant = signed(house.user("shopkeeper"))
    assert merchant.get("/r/settlements/").status_code == 200
    page = merchant.get(f"/r/settlements/{pk}/")
    assert page.status_code == 200
    assert b'data-step="confirm"' in page.content
    assert merchant.get(f"/r/settlements/{pk}.docx").status_code == 200
    assert merchant.post(f"/r/settlements/{pk}/dispute/", {"reason": ""}).status_code == 400
    assert merchant.post(f"/r/settlements/{pk}/settle/").status_code == 404
    assert signed(house.user("lawyer")).get(f"/r/settlements/{pk}/").status_code == 404
    assert merchant.post(f"/r/settlements/{pk}/confirm/").status_code == 302
    answer = client_of(house.user("manager")).post(f"{API}settlements/{pk}/transitions/settle/", {"paid_by": "1"},
                                                   format="json")  # fmt: skip
    assert answer.status_code == 403
    staff = signed(house.user("staff"))
    assert staff.get(reverse("admin:partners_settlementsheet_change", args=[pk])).status_code == 200
    for kind in ("docx", "xlsx"):
        assert staff.get(reverse("admin:partners_settlementsheet_file", args=[pk, kind])).status_code == 200
    assert (
        staff.post(
            reverse("admin:partners_settlementsheet_transition", args=[pk, "settle"]), {"paid_by": "凭证7"}
        ).status_code
        == 302
    )
    told = client_of(house.user("shopkeeper")).get(f"{API}settlements/{pk}/").json()
    assert (told["state"], told["points"], told["amount"], told["transitions"]) == ("settled", 20, "10.00", [])


def test_adjustments_are_proposed_and_decided_by_two_through_both_doors(house):
    account = house.partners["lawyer"].account
    body = {"account": account.pk, "amount": 30, "reason": "漏记"}
    for who in ("lawyer", "baker", "resident", "operations_centre", "elsewhere"):
        answer = client_of(house.user(who)).post(f"{API}adjustments/", body, format="json")
        assert answer.status_code in (400, 403), who
    made = client_of(house.user("manager")).post(f"{API}adjustments/", body, format="json")
    assert made.status_code == 201, made.content
    address = f"{API}adjustments/{made.json()['id']}/"
    assert client_of(house.user("manager")).post(f"{address}approve/").status_code == 403
    assert client_of(house.user("lawyer")).post(f"{address}approve/").status_code == 404
    assert client_of(house.user("operations_centre")).post(f"{address}approve/").status_code == 403
    assert house.points("lawyer") == 0
    assert client_of(house.user("manager2")).post(f"{address}approve/").json()["stage"] == "approved"
    assert client_of(house.user("staff")).post(f"{address}approve/").status_code in (200, 409)
    assert house.points("lawyer") == 30
    client = signed(house.user("manager"))
    add = reverse("admin:partners_adjustment_add")
    assert client.get(add).status_code == 200
    assert client.post(add, body | {"amount": 0}).status_code == 400
    assert client.post(add, body | {"amount": -5}).status_code == 302
    row = Adjustment.objects.get(amount=-5)
    decline = reverse("admin:partners_adjustment_decline", args=[row.pk])
    assert client.post(decline, {"reason": "x"}).status_code == 403
    other = signed(house.user("staff"))
    assert other.get(reverse("admin:partners_adjustment_change", args=[row.pk])).status_code == 200
    assert other.post(decline, {"reason": ""}).status_code == 400
    assert other.post(decline, {"reason": "不对"}).status_code == 302
    again = adjustment_propose(account, actor=house.user("manager"), amount=2, reason="补")
    assert other.post(reverse("admin:partners_adjustment_approve", args=[again.pk])).status_code == 302
    assert house.points("lawyer") == 32
    assert signed(house.user("operations_centre")).post(add, body).status_code == 403


def test_services_are_reported_through_the_api_the_page_and_by_staff(house):
    house.rule(day_cap=15)
    at = timezone.localtime() - timedelta(hours=5)
    body = {
        "partner": house.partners["lawyer"].pk,
        "kind": "consultation",
        "performed_at": at.isoformat(),
        "quantity": 2,
    }
    made = client_of(house.user("lawyer")).post(f"{API}records/", body, format="json")
    assert made.status_code == 201, made.content
    assert client_of(house.user("lawyer")).post(f"{API}records/", body, format="json").status_code == 409
    for who in ("baker", "resident", "elsewhere", "shopkeeper"):
        assert client_of(house.user(who)).post(f"{API}records/", body, format="json").status_code == 400, who
    assert client_of(house.user("operations_centre")).post(f"{API}records/", body, format="json").status_code == 403
    assert client_of().post(f"{API}records/", body, format="json").status_code == 401
    for wrong in ({"performed_at": "0001-01-01T00:00:00Z"}, {"performed_at": "9999-12-31T23:59:59Z"},
                  {"quantity": 10**30},
                  {"kind": "a\0"}, {"hours": "1e9"}, {"partner": 10**20}, {"note": "字" * 600}):  # fmt: skip
        answer = client_of(house.user("lawyer")).post(f"{API}records/", body | wrong, format="json")
        assert answer.status_code == 400, (wrong, answer.content)
    bulk = client_of(house.user("manager")).post(f"{API}records/approve/", {"ids": [made.json()["id"], 99999]},
                                                 format="json").json()  # fmt: skip
    assert (bulk["approved"], bulk["refused"]) == ([made.json()["id"]], [])
    told = client_of(house.user("lawyer")).get(f"{API}records/").json()["results"][0]
    assert told["points"] == 15
    assert told["reason_text"].startswith("10 × 2 = 20")
    page = signed(house.user("lawyer"))
    form = {"partner": house.partners["lawyer"].pk, "kind": "consultation",
            "performed_at": f"{at - timedelta(days=1):%Y-%m-%dT%H:%M}", "quantity": 1, "served": 3, "place": "议事厅",
            "note": "婚姻家事咨询"}  # fmt: skip
    assert page.get("/r/points/services/").status_code == 200
    assert page.post("/r/points/services/", form | {"quantity": 0}).status_code == 400
    assert page.post("/r/points/services/", form).status_code == 302
    assert page.post("/r/points/services/", form).status_code == 409
    assert signed(house.user("resident")).get("/r/points/services/").status_code == 404
    add = reverse("admin:partners_servicerecord_add")
    staff = signed(house.user("manager"))
    assert staff.get(add).status_code == 200
    form["performed_at"] = f"{at - timedelta(days=2):%Y-%m-%dT%H:%M}"
    assert staff.post(add, form).status_code == 302
    assert signed(house.user("operations_centre")).get(add).status_code == 403
    rows = ServiceRecord.objects.order_by("pk")
    assert [row.reported_by for row in rows] == [house.people["lawyer"]] * 2 + [house.people["manager"]]
    listed = reverse("admin:partners_servicerecord_changelist")
    chosen = {"action": "approve_selected", "_selected_action": [row.pk for row in rows]}
    assert staff.post(listed, chosen).status_code == 302
    assert [row.state for row in ServiceRecord.objects.order_by("pk")] == ["approved", "approved", "submitted"]


def test_donations_are_received_and_their_receipts_taken_along(house):
    house.rule("gift", points=20)
    body = {"partner": house.partners["bakery"].pk, "kind": "gift", "description": "面粉 10 袋", "sort": "goods",
            "quantity": 1, "received_on": f"{timezone.localdate()}"}  # fmt: skip
    for who in ("baker", "lawyer", "resident", "operations_centre", "administrator"):
        answer = client_of(house.user(who)).post(f"{API}donations/", body, format="json")
        assert answer.status_code in (400, 403), who
    made = client_of(house.user("manager")).post(f"{API}donations/", body, format="json")
    assert made.status_code == 201, made.content
    pk = made.json()["id"]
    staff = signed(house.user("staff"))
    assert staff.post(reverse("admin:partners_donation_add"), body).status_code == 302
    assert Donation.objects.count() == 2
    assert staff.get(reverse("admin:partners_donation_receipt", args=[pk])).status_code == 200
    assert client_of(house.user("baker")).get(f"{API}donations/{pk}/receipt/").status_code == 200
    assert signed(house.user("baker")).get(f"/r/points/donations/{pk}.docx").status_code == 200
    assert signed(house.user("lawyer")).get(f"/r/points/donations/{pk}.docx").status_code == 404
    code = Donation.objects.get(pk=pk).code
    page = Client().get(f"/r/verify/{code}/")
    assert page.status_code == 200
    assert "麦香面包房" in page.content.decode()
    assert Client().get(f"/r/verify/{'0' * 24}/").status_code == 404


def test_people_see_their_points_hours_and_certificates_and_nobody_else_s(house):
    house.rule("class", per="hour", points=2)
    row = house.record(by="baker", partner="bakery", kind="class", hours=Decimal("2"))
    record_approve(row, actor=house.user("manager"))
    baker = signed(house.user("baker"))
    page = baker.get("/r/points/")
    assert "健身课" in page.content.decode()
    account = house.partners["bakery"].account
    assert baker.get(f"/r/points/?account={account.pk}").status_code == 200
    assert signed(house.user("lawyer")).get(f"/r/points/?account={account.pk}").status_code == 404
    month = f"{timezone.localdate():%Y-%m}"
    for kind in ("docx", "xlsx"):
        assert baker.get(f"/r/points/{account.pk}/{month}.{kind}").status_code == 200
        assert signed(house.user("lawyer")).get(f"/r/points/{account.pk}/{month}.{kind}").status_code == 404
    assert baker.get(f"/r/points/{account.pk}/2026-13.docx").status_code == 404
    today = timezone.localdate()
    form = {"area": house.area.code, "first": f"{today - timedelta(days=9)}", "last": f"{today}"}
    assert baker.get("/r/hours/").status_code == 200
    assert baker.post("/r/hours/certificates/", form | {"last": f"{today + timedelta(days=3)}"}).status_code == 400
    assert baker.post("/r/hours/certificates/", form).status_code == 302
    paper = house.people["baker"].hours_certificates.get()
    assert baker.get(f"/r/hours/certificates/{paper.pk}.docx").status_code == 200
    assert signed(house.user("lawyer")).get(f"/r/hours/certificates/{paper.pk}.docx").status_code == 404
    counter = {
        "person": house.people["baker"].pk,
        "area": house.area.code,
        "first": form["first"],
        "last": form["last"],
    }
    add = reverse("admin:partners_hourscertificate_add")
    staff = signed(house.user("manager"))
    assert staff.get(add).status_code == 200
    assert staff.post(add, counter | {"first": form["last"]}).status_code in (400, 409)
    assert staff.post(add, counter).status_code == 302
    assert signed(house.user("operations_centre")).post(add, counter).status_code == 403
    told = Client().get(f"/r/verify/{paper.code}/").content.decode()
    assert paper.number in told
    assert house.people["baker"].name not in told
    api = client_of(house.user("baker"))
    assert api.get(f"{API}hours/").json()["results"][0]["minutes"] == 120
    assert api.get(f"{API}certificates/{paper.pk}/document/").status_code == 200
    assert api.post(f"{API}certificates/", form, format="json").status_code == 201
    assert client_of(house.user("lawyer")).get(f"{API}certificates/").json()["results"] == []
    assert api.get(f"{API}accounts/{account.pk}/balance/").json()["spendable"] == 4
    assert api.get(f"{API}accounts/{account.pk}/months/{month}/").json()["closing"] == 4
    line = api.get(f"{API}accounts/{account.pk}/statement/").json()["results"][0]
    assert "健身课" in line["evidence_text"]
    assert line["reason_text"] != "service"
    for who in OUTSIDE:
        answer = step_api(house, who, "certificates", paper, "revoke", reason="x")
        assert answer.status_code in (403, 404), who
    assert step_api(house, "manager", "certificates", paper, "revoke", reason="x").json()["state"] == "revoked"


def test_staff_read_accounts_months_and_reports(house):
    house.rule()
    record_approve(house.record(), actor=house.user("manager"))
    staff = signed(house.user("manager"))
    account = house.partners["lawyer"].account
    page = staff.get(reverse("admin:partners_account_change", args=[account.pk]))
    assert "法律咨询" in page.content.decode()
    month = f"{timezone.localdate():%Y-%m}"
    assert staff.get(reverse("admin:partners_account_month", args=[account.pk, month, "xlsx"])).status_code == 200
    assert staff.get(reverse("admin:partners_points_reports")).status_code == 200
    for name in ("liability", "categories"):
        assert staff.get(reverse("admin:partners_points_report", args=[name, "docx"])).status_code == 200
    assert staff.get(reverse("admin:partners_points_report", args=["else", "docx"])).status_code == 404
    api = client_of(house.user("operations_centre"))
    code = house.area.code
    assert api.get(f"{API}reports/liability/", {"area": code}).json()[0]["outstanding"] == 10
    days = {"area": code, "first": f"{timezone.localdate() - timedelta(days=9)}", "last": f"{timezone.localdate()}"}
    assert api.get(f"{API}reports/categories/", days).json()["earned"][0]["points"] == 10
    for wrong in ({"area": "1\0"}, {"area": "nowhere"}, {"first": "x"}, {"first": "9999-12-31"}):
        assert api.get(f"{API}reports/categories/", days | wrong).status_code == 400, wrong
    assert api.get(f"{API}reports/liability/", {"area": code, "at": "x"}).status_code == 400
    for who in ("lawyer", "resident", "elsewhere", "grid_worker"):
        assert client_of(house.user(who)).get(f"{API}reports/liability/", {"area": code}).status_code == 403
    assert client_of(house.user("manager")).get(f"{API}rules/").json()["results"][0]["points"] == 10
    assert client_of(house.user("lawyer")).get(f"{API}kinds/").json()["results"]


def test_rules_in_force_are_not_edited_in_the_administration(house):
    rule = house.rule()
    staff = signed(house.user("manager"))
    today = timezone.localdate()
    body = {
        "kind": rule.kind_id,
        "area": rule.area_id,
        "points": 12,
        "per": "service",
        "valid_from": f"{rule.valid_from}",
    }
    address = reverse("admin:partners_earningrule_change", args=[rule.pk])
    staff.post(address, body)
    assert EarningRule.objects.get(pk=rule.pk).points == 10
    # a new one from tomorrow ends the one before
    new = body | {"valid_from": f"{today + timedelta(days=1)}"}
    answer = staff.post(reverse("admin:partners_earningrule_add"), new)
    assert answer.status_code == 302, answer.context_data["adminform"].form.errors
    assert EarningRule.objects.get(pk=rule.pk).valid_to == today
    assert EarningRule.objects.count() == 2
    past = body | {"valid_from": f"{today - timedelta(days=5)}"}
    staff.post(reverse("admin:partners_earningrule_add"), past)
    assert EarningRule.objects.count() == 2


def sheet_of(*rows) -> Source:
    book = Workbook()
    book.active.append(["partner", "kind", "performed_at", "hours", "quantity", "served", "place", "note"])
    for row in rows:
        book.active.append(row)
    content = BytesIO()
    book.save(content)
    return Source("records.xlsx", content.getvalue())


def test_a_sheet_of_services_names_its_wrong_lines_and_stores_nothing_half(house):
    house.rule()
    day = timezone.localdate() - timedelta(days=2)
    rows = [["律师", "法律咨询", f"{day} 09:00", "", "1", "1", "", ""],
            ["没有的", "consultation", f"{day} 10:00", *[""] * 5],
            ["律师", "gift", f"{day} 10:00", *[""] * 5],
            ["律师", "consultation", "2099-01-01 10:00", *[""] * 5]]  # fmt: skip
    report = check(ServiceRecordImporter(), sheet_of(*rows), actor=house.user("manager"))
    assert [(error.line, error.column) for error in report.errors] == [(3, "partner"), (4, "kind"), (5, "performed_at")]
    assert not ServiceRecord.objects.exists()


def more_rows(house, number: int) -> None:
    """Add a row to each list."""
    at = timezone.now() - timedelta(days=number + 2)
    row = house.record(by="baker", partner="bakery", kind="class", hours=Decimal("1"), performed_at=at)
    record_approve(row, actor=house.user("manager"))
    house.record()
    house.donation()
    adjustment_propose(house.partners["lawyer"].account, actor=house.user("manager"), amount=1, reason="补")
    today = timezone.localdate()
    certificate_issue(actor=house.user("staff"), person=house.people["baker"], area=house.area,
                      first=today - timedelta(days=60), last=today)  # fmt: skip
    account = Account.objects.get(pk=house.partners["lawyer"].account_id)
    day = timezone.now() - timedelta(days=number + 2)
    points_earn(account, actor=house.user("staff"), amount=5, key=f"e{number}", reason="service", evidence=("x.y", 1),
                occurred_at=day)  # fmt: skip
    points_spend(account, actor=house.user("lawyer"), amount=2, key=f"s{number}", reason="coupon", to=house.shop,
                 occurred_at=day)  # fmt: skip
    local = timezone.localtime(day).date()
    sheet_propose(actor=house.user("manager"), merchant=house.shop, first=local, last=local)


def test_lists_need_the_same_statements_for_any_number_of_rows(house, django_assert_max_num_queries):
    house.rule()
    house.rule("class", per="hour", points=2)
    house.rule("gift", points=20)
    staff, api = signed(house.user("staff")), client_of(house.user("staff"))
    baker = signed(house.user("baker"))
    names = ("servicerecord", "donation", "earning", "volunteerhours", "hourscertificate", "settlementsheet",
             "adjustment",
             "transfer", "earningrule", "servicekind", "monthlyclosing")  # fmt: skip
    addresses = [(staff, reverse(f"admin:partners_{name}_changelist")) for name in names]
    addresses += [(api, f"{API}{name}/") for name in ("records", "donations", "hours", "certificates", "settlements",
                                                      "adjustments", "rules", "kinds")]  # fmt: skip
    addresses += [(baker, "/r/points/"), (baker, "/r/points/services/"), (baker, "/r/hours/")]
    account = house.partners["lawyer"].account.pk
    addresses += [
        (staff, reverse("admin:partners_account_change", args=[account])),
        (api, f"{API}accounts/{account}/statement/"),
    ]

    def counted() -> list[int]:
        numbers = []
        for client, address in addresses:
            with django_assert_max_num_queries(60) as ran:
                assert client.get(address).status_code == 200, address
            numbers.append(len(ran))
        return numbers

    more_rows(house, 1)
    counted()
    few = counted()
    for number in range(2, 6):
        more_rows(house, number)
    many = counted()
    more = {address: (one, two) for (_client, address), one, two in zip(addresses, few, many, strict=True) if two > one}
    assert not more, json.dumps(more, ensure_ascii=False)
