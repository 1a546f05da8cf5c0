"""Monthly statements of one account: what the entries say, without reading its history; caps of the month checked."""

import threading
from datetime import timedelta
from decimal import Decimal
from importlib import import_module

import pytest
from django.db import Error, OperationalError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cases.tests.api import client_of
from conftest import build_city
from governance.errors import Invalid
from governance.models import User
from governance.workflow import act
from partners.earning.closings import ENTRIES, balance_before, month_begin, months_close
from partners.earning.deciding import month_of
from partners.earning.monthly import month_statement
from partners.earning.records import record_approve, record_reverse
from partners.earning.settling import day_span, sheet_propose
from partners.earning.tests.house import at_noon, build_house
from partners.ledger.audit import invariants_broken
from partners.ledger.points import points_earn, points_give, points_spend
from partners.models import Account, AccountClosing, EarningRule, Entry, MonthlyClosing, Partner

pytestmark = pytest.mark.django_db


def months(count: int) -> list:
    """The first days of so many months, the oldest first; this one last."""
    found = [timezone.localdate().replace(day=1)]
    while len(found) < count:
        found.append((found[-1] - timedelta(days=1)).replace(day=1))
    return found[::-1]


@pytest.fixture
def busy(house):
    """Three months in which the lawyer earns, spends at the shop and gives to the bakery; the second is quiet."""
    lawyer = Account.objects.with_rows().get(pk=house.partners["lawyer"].account_id)
    bakery = Account.objects.with_rows().get(pk=house.partners["bakery"].account_id)
    first, _quiet, third, now = months(4)
    for number, day in enumerate((first, first + timedelta(days=3), third, now)):
        at = min(at_noon(day), timezone.now())
        points_earn(lawyer, actor=house.user("manager"), amount=50 + number, key=f"e{number}", reason="service",
                    evidence=("x.y", number), occurred_at=at)  # fmt: skip
        points_spend(lawyer, actor=house.user("lawyer"), amount=7, key=f"s{number}", reason="coupon", to=house.shop,
                     occurred_at=at)  # fmt: skip
        points_give(lawyer, actor=house.user("lawyer"), amount=3, key=f"g{number}", reason="gift", to=bakery,
                    occurred_at=at)  # fmt: skip
    return house, [lawyer, bakery, house.shop]


def by_hand(account, moment) -> int:
    """All entries of an account before a moment, read one by one."""
    return sum(entry.amount for entry in Entry.objects.filter(account=account, transfer__occurred_at__lt=moment))


def told(accounts) -> list[tuple]:
    """The statement of each month, beside what the entries say of its beginning and end."""
    found = []
    for account in accounts:
        for first in months(5):
            month = month_statement(account, *month_of(first))
            begin, end = day_span(month.first, month.last)
            assert (month.opening, month.closing) == (by_hand(account, begin), by_hand(account, end)), (account, first)
            found.append((month.opening, month.came_in, month.went_out, month.closing))
    return found


def test_a_month_says_the_same_before_and_after_it_is_closed(busy):
    house, accounts = busy
    before = told(accounts)
    assert months_close() >= 3
    assert AccountClosing.objects.filter(account=accounts[0]).count() == 2  # none of the quiet month
    assert told(accounts) == before
    assert invariants_broken() == []
    # what is kept stays as it was, and one that is missing is found by the check
    for statement in ("UPDATE partners_accountclosing SET balance = 0", "DELETE FROM partners_accountclosing"):
        with pytest.raises(Error), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    quiet = MonthlyClosing.objects.filter(area=house.area).order_by("until")[1].until
    AccountClosing.objects.create(account=accounts[2], until=quiet, balance=1)
    assert any("closings of accounts" in line for line in invariants_broken())


def test_months_that_were_closed_before_the_update_are_reckoned_from_the_entries(busy):
    _house, accounts = busy
    months_close()
    kept = sorted(AccountClosing.objects.values_list("account", "until", "balance"))
    insert = import_module("partners.migrations.0010_months_mended").KEPT.partition("INSERT INTO")[2]
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("TRUNCATE partners_accountclosing")
        assert any("closings of accounts" in line for line in invariants_broken())
        cursor.execute("INSERT INTO" + insert)
    assert sorted(AccountClosing.objects.values_list("account", "until", "balance")) == kept
    assert kept and invariants_broken() == [] and told(accounts)


def test_a_statement_reads_its_month_by_the_account_and_no_history(busy):
    _house, (lawyer, *_others) = busy
    months_close()
    values = {"account": lawyer.pk, "since": month_begin(timezone.localdate()), "until": timezone.now()}
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("EXPLAIN SELECT entry.id " + ENTRIES, values)
        plan = "\n".join(row[0] for row in cursor.fetchall())
        cursor.execute("SET LOCAL enable_seqscan = on")
    assert "transfer_account_moment" in plan and "transfer_far_side_moment" in plan
    assert balance_before(lawyer, month_begin(timezone.localdate())) == by_hand(
        lawyer, month_begin(timezone.localdate())
    )


def test_a_communitys_own_sides_have_no_monthly_statement(busy):
    house, (lawyer, *_others) = busy
    staff = client_of(house.user("staff"))
    pool = Account.objects.get(kind="pool", area=house.area)
    for account, status in ((lawyer, 200), (house.shop, 200), (pool, 404)):
        assert (
            staff.get(f"/api/v1/points/accounts/{account.pk}/months/{timezone.localdate():%Y-%m}/").status_code
            == status
        )


def test_the_check_finds_more_points_than_a_months_cap(house):
    # given a cap of the month that was kept, also where a decision was reversed
    rule = house.rule(month_cap=25, valid_to=timezone.localdate())
    first = timezone.localdate().replace(day=1)
    rows = [house.record(performed_at=at_noon(first) - timedelta(days=1, minutes=one)) for one in range(4)]
    done = [record_approve(row, actor=house.user("manager")) for row in rows]
    assert house.points("lawyer") == 25
    act(done[0], "reverse", actor=house.user("manager"), reason="重复")
    assert invariants_broken() == []
    # when the rule is made to have had a lower one, past every guard
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE partners_earningrule DISABLE TRIGGER USER")
        EarningRule.objects.filter(pk=rule.pk).update(month_cap=12)
        assert any(line.startswith("caps of the month") for line in invariants_broken())
        transaction.set_rollback(True)


@pytest.mark.django_db(transaction=True)
def test_no_certificate_is_issued_from_hours_that_are_being_taken_back():
    """Who issues a certificate holds the person's row: taking hours back waits for it, and then sees the paper."""
    house = build_house(build_city())
    house.rule("class", per="hour", points=2)
    row = house.record(by="baker", partner="bakery", kind="class", hours=Decimal("1"))
    done = record_approve(row, actor=house.user("manager"))
    held, over = threading.Event(), threading.Event()

    def issuing():
        with transaction.atomic():
            User.objects.select_for_update(no_key=True).get(pk=house.people["baker"].pk)
            held.set()
            over.wait(30)
        connection.close()

    other = threading.Thread(target=issuing)
    other.start()
    try:
        assert held.wait(30)
        with pytest.raises(OperationalError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '300ms'")
            record_reverse(done, actor=house.user("manager"), reason="没有开课")
    finally:
        over.set()
        other.join(30)
    assert record_reverse(house.fresh(done), actor=house.user("manager"), reason="没有开课").state == "reversed"


def test_a_day_is_settled_when_what_was_redeemed_in_its_last_second_is_stored(busy):
    house, _accounts = busy
    yesterday = timezone.localdate() - timedelta(days=1)
    begin, _end = day_span(timezone.localdate(), timezone.localdate())
    given = {"actor": house.user("manager"), "merchant": house.shop, "first": months(4)[0], "last": yesterday}
    with pytest.raises(Invalid) as refusal:
        sheet_propose(occurred_at=begin + timedelta(minutes=5), **given)
    assert refusal.value.code == "future"
    assert sheet_propose(occurred_at=begin + timedelta(minutes=11), **given).points >= 21


def test_user_names_are_not_found_out_by_asking_for_somebody_elses_hours(house):
    house.rule("class", per="hour", points=2)
    at = (timezone.now() - timedelta(days=1)).isoformat()
    record = {"partner": house.partners["bakery"].pk, "kind": "class", "performed_at": at, "hours": "1"}
    paper = {"area": house.area.code, "first": f"{timezone.localdate()}", "last": f"{timezone.localdate()}"}
    client = client_of(house.user("baker"))
    for address, body in (("records", record), ("certificates", paper)):
        answers = [
            client.post(f"/api/v1/points/{address}/", body | {"person": name}, format="json")
            for name in ("h-lawyer", "nobody-of-this-name")
        ]
        assert [one.status_code for one in answers] == [400 if address == "records" else 403] * 2
        assert len({one.content for one in answers}) == 1


@pytest.mark.parametrize("days", [("0001-01-01", "9999-12-31"), ("2026-02-02", "2026-01-01"), ("x", ""), ("\0", "1")])
def test_a_report_of_days_that_nobody_means_is_that_of_the_last_month(house, days):
    client = Client()
    client.force_login(house.user("staff"), backend="governance.permissions.PersonBackend")
    for address in ("admin:partners_points_reports", "admin:partners_points_report"):
        url = reverse(address, args=["categories", "xlsx"] if address.endswith("report") else [])
        answer = client.get(url, dict(zip(("first", "last"), days, strict=True)))
        assert answer.status_code in ((200,) if "\0" not in days else (200, 302, 400)), url


def test_who_is_no_partner_any_more_still_reads_the_own_services_and_receipts(house):
    house.rule()
    house.rule("gift", points=20)
    house.record()
    gift = house.donation(partner="lawyer")
    client = Client()
    client.force_login(house.user("lawyer"), backend="governance.permissions.PersonBackend")
    for state in ("suspended", "left"):
        Partner.objects.filter(pk=house.partners["lawyer"].pk).update(
            state=state, left_on=timezone.localdate() if state == "left" else None
        )
        page = client.get("/r/points/services/")
        assert page.status_code == 200 and "法律咨询" in page.content.decode() and b"performed_at" not in page.content
        assert client.get(f"/r/points/donations/{gift.pk}.docx").status_code == 200
        assert client.post("/r/points/services/", {"kind": "consultation"}).status_code == 404
    client.force_login(house.user("stranger"), backend="governance.permissions.PersonBackend")
    assert client.get("/r/points/services/").status_code == 404
    assert client.get(f"/r/points/donations/{gift.pk}.docx").status_code == 404


def test_a_record_is_read_also_when_a_rule_that_began_since_asks_for_hours(house):
    # given a service of today by a rule for each, and a rule by the hour that begins today after all
    rule = house.rule()
    row = house.record(performed_at=timezone.now())
    EarningRule.objects.filter(pk=rule.pk).update(valid_to=timezone.localdate() - timedelta(days=1))
    house.rule(per="hour", valid_from=timezone.localdate())
    client = Client()
    client.force_login(house.user("manager"), backend="governance.permissions.PersonBackend")
    assert client.get(reverse("admin:partners_servicerecord_change", args=[row.pk])).status_code == 200
    assert client_of(house.user("manager")).get(f"/api/v1/points/records/{row.pk}/").status_code == 200
    with pytest.raises(Invalid) as refusal:
        record_approve(row, actor=house.user("manager"))
    assert refusal.value.field == "hours"
