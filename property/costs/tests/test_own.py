"""What residents read: their own account and receipts, what is published of their estate, and nothing of neighbours."""

import io
import zipfile
from datetime import date, timedelta
from decimal import Decimal

import openpyxl
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cases.tests.api import client_of
from cases.tests.pages import photo
from governance.attachments import read_uploads
from governance.models import Attachment, Ownership, Residency, User
from governance.registry.services import ownership_enter
from governance.workflow import act
from property.costs.disclosures import disclosures_plan
from property.costs.looks import household_views
from property.models import CostPeriod, Disclosure, Payment


@pytest.fixture
def lived_in(estate):
    """A collected period, one that hangs out, payments of the first two flats, a published disclosure."""
    estate.earn("20.00", booked_on=timezone.localdate() - timedelta(days=100))
    disclosures_plan(timezone.localdate())
    act(Disclosure.objects.first(), "publish", actor=estate.owners_member)
    estate.collecting("800.00", due_in=-5)
    estate.publish(estate.draft("80.00", name="公示中"))
    estate.draft("1.00", name="草稿")
    estate.pay(0, "20.00")
    estate.pay(1, "70.00")
    return estate


def body_of(response) -> bytes:
    return b"".join(response.streaming_content)


def words_of(response) -> str:
    with zipfile.ZipFile(io.BytesIO(body_of(response))) as parts:
        return parts.read("word/document.xml").decode()


def test_an_owner_reads_the_own_account_through_the_api(lived_in):
    told = client_of(lived_in.place.owners[0]).get("/api/v1/me/charges/").json()
    assert [row["dwelling"] for row in told] == ["GY-1-1-101"]
    account = told[0]
    assert (account["owed"], account["credit"]) == ("30.00", "0.00")
    assert [(bill["amount"], bill["paid"], bill["due_on"] is None) for bill in account["bills"]] == [
        ("50.00", "20.00", False), ("5.00", "0.00", True),
    ]  # fmt: skip
    assert [row["amount"] for row in account["payments"]] == ["20.00"]
    assert client_of(lived_in.place.owners[1]).get("/api/v1/me/charges/").json()[0]["credit"] == "20.00"


def test_statements_and_disclosures_are_for_the_people_of_the_estate(lived_in):
    owner, stranger = client_of(lived_in.place.owners[3]), client_of(lived_in.user("resident"))
    listed = owner.get("/api/v1/me/statements/").json()["results"]
    assert [row["name"] for row in listed] == ["公示中", "2026年第三季度"]
    statement = owner.get(f"/api/v1/me/statements/{listed[1]['id']}/").json()
    assert (statement["total"], statement["paid"], statement["arrears"]) == ("800.00", "70.00", "330.00")
    # a correction after that is shown too
    period = CostPeriod.objects.get(pk=listed[1]["id"])
    period = act(period, "settle", actor=lived_in.manager, subsidy_received=Decimal("0"))
    period = act(period, "disclose", actor=lived_in.owners_member)
    assert owner.get(f"/api/v1/me/statements/{period.pk}/").json() == statement | {
        "subsidy_received": "0.00", "subsidy": {
            "published": "200.00", "corrections": [], "borne": "200.00", "lines": [], "received": "0.00",
            "to_claim": "200.00", "to_return": "0.00",
        },
    }  # fmt: skip
    given = {"line": period.lines.first(), "amount": Decimal("400.00"), "reason": "发票"}
    act(period, "correct", actor=lived_in.owners_member, **given)
    assert owner.get(f"/api/v1/me/statements/{period.pk}/").json()["total"] == "400.00"
    assert "GY-" not in str(statement) and "业主" not in str(statement)
    assert len(owner.get("/api/v1/me/disclosures/").json()["results"]) == 1
    assert stranger.get("/api/v1/me/statements/").json()["results"] == []
    assert stranger.get(f"/api/v1/me/statements/{listed[1]['id']}/").status_code == 404
    assert stranger.get("/api/v1/me/charges/").json() == []
    draft = CostPeriod.objects.get(name="草稿")
    assert owner.get(f"/api/v1/me/statements/{draft.pk}/").status_code == 404
    # nor do residents read the lists of staff
    for path in ("estate-books", "cost-periods", "payments", "public-income", "disclosures"):
        assert owner.get(f"/api/v1/{path}/").status_code == 403
    assert client_of(None).get("/api/v1/me/charges/").status_code == 401


def test_a_receipt_is_for_who_paid(lived_in):
    mine, other = Payment.objects.order_by("id")
    owner = client_of(lived_in.place.owners[0])
    words = words_of(owner.get(f"/api/v1/me/payments/{mine.pk}/receipt/"))
    assert mine.receipt in words and "20.00" in words
    assert owner.get(f"/api/v1/me/payments/{other.pk}/receipt/").status_code == 404


def test_the_statement_as_excel_and_word(lived_in):
    period = CostPeriod.objects.get(name="2026年第三季度")
    owner = client_of(lived_in.place.owners[3])
    book = openpyxl.load_workbook(io.BytesIO(body_of(owner.get(f"/api/v1/me/statements/{period.pk}/xlsx/"))))
    cells = [cell for row in book.active.iter_rows(values_only=True) for cell in row if cell is not None]
    assert Decimal("800.00") in [Decimal(str(cell)) for cell in cells if isinstance(cell, int | float)]
    words = words_of(owner.get(f"/api/v1/me/statements/{period.pk}/docx/"))
    assert period.name in words and "400.00" in words and "GY-1" not in words
    # and staff get the same by post, but not of a draft
    client = Client()
    client.force_login(lived_in.user("organiser"))
    address = f"/admin/property/costperiod/{period.pk}/statement/"
    assert client.get(address).status_code == 405
    assert client.post(address, {"format": "docx"}).status_code == 200
    assert client.post(address, {"format": "pdf"}).status_code == 400
    draft = CostPeriod.objects.get(name="草稿")
    assert client.post(f"/admin/property/costperiod/{draft.pk}/statement/", {"format": "xlsx"}).status_code == 400


def test_the_pages_of_a_resident(lived_in):
    client = Client()
    assert client.get("/r/costs/").status_code == 302
    client.force_login(lived_in.place.owners[0])
    assert "/r/costs/" in client.get("/r/mine/").content.decode()
    page = client.get("/r/costs/").content.decode()
    assert "30.00" in page and "公示中" in page and "草稿" not in page and "101" in page and "102" not in page
    assert "本小区没有维修资金" in page
    period = CostPeriod.objects.get(name="2026年第三季度")
    shown = client.get(f"/r/costs/statements/{period.pk}/").content.decode()
    assert "800.00" in shown and "330.00" not in shown.partition("</h1>")[0]
    assert client.get(f"/r/costs/statements/{period.pk}/docx/").status_code == 200
    assert client.get(f"/r/costs/statements/{period.pk}/pdf/").status_code == 404
    assert client.get(f"/r/costs/disclosures/{Disclosure.objects.get().pk}/").status_code == 200
    mine, other = Payment.objects.order_by("id")
    assert client.get(f"/r/costs/receipts/{mine.pk}/").status_code == 200
    for path in (f"receipts/{other.pk}/", "statements/999999/", f"statements/{2**70}/"):
        assert client.get(f"/r/costs/{path}").status_code == 404


def test_a_buyer_does_not_read_what_the_seller_owed_nor_a_tenant_what_the_landlord_owes(lived_in):
    dwelling, today = lived_in.dwellings[0], timezone.localdate()
    buyer, tenant = (User.objects.create(username=name, name=name) for name in ("buyer", "tenant"))
    lived_in.sold(0, buyer)
    Residency.objects.create(
        user=tenant, kind="tenant", dwelling=dwelling, area=dwelling.area, state="verified", valid_from=today
    )
    told = client_of(buyer).get("/api/v1/me/charges/").json()
    assert [(row["bills"], row["owed"], row["payments"], row["former"]) for row in told] == [([], "0.00", [], False)]
    assert client_of(tenant).get("/api/v1/me/charges/").json() == []
    assert len(client_of(tenant).get("/api/v1/me/statements/").json()["results"]) == 2
    # the seller keeps reading, and owing, what was the seller's; also as one who still lives there
    seller = client_of(lived_in.place.owners[0])
    told = seller.get("/api/v1/me/charges/").json()
    assert [(row["account"], row["owed"], row["former"]) for row in told] == [("GY-1-1-101/1", "30.00", True)]
    paid = Payment.objects.get(dwelling=dwelling)
    assert seller.get(f"/api/v1/me/payments/{paid.pk}/receipt/").status_code == 200
    assert client_of(buyer).get(f"/api/v1/me/payments/{paid.pk}/receipt/").status_code == 404


def test_a_former_co_owner_reads_until_the_last_day_and_a_seller_what_was_charged(lived_in, monkeypatch):
    # given co-owners of whom one leaves on 15 October, when the other pays and is charged later
    dwelling, staff = lived_in.dwellings[0], lived_in.user("community_staff")
    Ownership.objects.filter(dwelling=dwelling).update(share_denominator=2)
    wife = User.objects.create(username="wife", name="妻")
    given = {"owner_name": "妻", "reason": "登记", "share_denominator": 2, "valid_from": date(2026, 1, 1)}
    tie = ownership_enter(actor=staff, user=wife, dwelling=dwelling, **given)
    early = lived_in.pay(0, "7.00", paid_on=date(2026, 10, 15))
    act(tie, "end", actor=staff, ended_on=date(2026, 10, 15))
    late = lived_in.pay(0, "3.00", paid_on=date(2026, 10, 16))
    later = lived_in.draft("160.00", name="2026年10月")
    CostPeriod.objects.filter(pk=later.pk).update(last=date(2026, 10, 31))
    later = act(CostPeriod.objects.get(pk=later.pk), "publish", actor=lived_in.owners_member)
    theirs = client_of(wife)
    told = theirs.get("/api/v1/me/charges/").json()
    assert [(row["account"], row["former"], row["owed"], row["credit"]) for row in told] == [
        ("GY-1-1-101/1", True, "20.00", "0.00")
    ]
    assert [bill["amount"] for bill in told[0]["bills"]] == ["50.00", "5.00"]
    assert [row["amount"] for row in told[0]["payments"]] == ["7.00"]
    receipts = [theirs.get(f"/api/v1/me/payments/{paid.pk}/receipt/").status_code for paid in (early, late)]
    assert receipts == [200, 404]
    page = Client()
    page.force_login(wife)
    assert "2026-10-16" in page.get("/r/costs/").content.decode()
    # and of the estate only the statements of what they were charged, its documents with them
    listed = theirs.get("/api/v1/me/statements/").json()["results"]
    assert [row["name"] for row in listed] == ["公示中", "2026年第三季度"]
    assert theirs.get(f"/api/v1/me/statements/{listed[1]['id']}/").status_code == 200
    assert theirs.get(f"/api/v1/me/statements/{later.pk}/").status_code == 404
    assert page.get(f"/r/costs/statements/{listed[1]['id']}/").status_code == 200
    assert theirs.get("/api/v1/me/disclosures/").json()["results"] == []
    # who stays reads all; the newest of each account are shown, not of all accounts together
    husband = client_of(lived_in.place.owners[0])
    with CaptureQueriesContext(connection) as one:
        told = husband.get("/api/v1/me/charges/").json()
    assert [row["amount"] for row in told[0]["payments"]] == ["3.00", "7.00", "20.00"]
    for place in (1, 2):
        lived_in.sold(place, lived_in.place.owners[0], date(2026, 1, 1))
        lived_in.pay(place, "2.00")
    monkeypatch.setattr("property.costs.own.SHOWN", 2)
    monkeypatch.setattr("property.costs.looks.SHOWN", 1)
    with CaptureQueriesContext(connection) as three:
        told = husband.get("/api/v1/me/charges/").json()
    assert [[row["amount"] for row in account["payments"]] for account in told] == [
        ["3.00", "7.00"],
        ["2.00"],
        ["2.00"],
    ]
    assert len(one) == len(three)
    views = household_views(lived_in.books, lived_in.dwellings[1], lived_in.manager)
    assert [[str(row.amount) for row in view.payments] for view in views] == [["2.00"], ["70.00"]]


def test_vouchers_of_published_lines_are_open_to_the_estate(estate):
    # given a line with a document, first in a draft
    period = act(estate.draft(), "add_line", actor=estate.manager, kind="other", title="发票项", amount=Decimal("8.00"),
                 photos=read_uploads([photo()]))  # fmt: skip
    address = f"/files/{Attachment.objects.get(subject_type='property.costline').pk}/"
    owner, stranger, member = Client(), Client(), Client()
    for client, user in ((owner, estate.place.owners[2]), (stranger, estate.user("resident")),
                         (member, estate.owners_member)):  # fmt: skip
        client.force_login(user)
    assert [client.get(address).status_code for client in (owner, stranger, member)] == [404, 404, 200]
    # when it is published
    period = estate.publish(period)
    assert [client.get(address).status_code for client in (owner, stranger, member)] == [200, 404, 200]
    assert address in owner.get(f"/r/costs/statements/{period.pk}/").content.decode()
