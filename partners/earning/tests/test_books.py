"""Books and reports: settlement sheets, months closed, statements, hours certified and verified."""

from dataclasses import astuple
from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone
from docx import Document
from openpyxl import load_workbook

from governance.errors import Conflict, Invalid, NotPermitted
from governance.workflow import act
from partners.earning.closings import liability_of, months_close
from partners.earning.hours import certificate_issue, masked
from partners.earning.monthly import kind_report, liability_report, month_statement, movement_report
from partners.earning.papers import certificate_paper, excel_of, month_paper, receipt_paper, sheet_paper, word_of
from partners.earning.records import record_approve
from partners.earning.settling import sheet_propose
from partners.earning.tests.house import at_noon
from partners.earning.verify import verified
from partners.ledger.audit import invariants_broken
from partners.ledger.points import points_earn, points_spend, unsettled
from partners.ledger.reasons import reasons_told
from partners.ledger.reversals import transfer_reverse
from partners.ledger.statement import liability
from partners.models import Account, MonthlyClosing, SettlementSheet, Transfer

pytestmark = pytest.mark.django_db
EVIDENCE = ("partners.donation", 1)


def today() -> date:
    """Today, asked anew by each test: a run may go on past midnight."""
    return timezone.localdate()


def last_month() -> date:
    """The first day of the month before this one."""
    return (today().replace(day=1) - timedelta(days=1)).replace(day=1)


def earned(house, amount: int, day: date, key: str) -> Transfer:
    account = Account.objects.get(pk=house.partners["lawyer"].account_id)
    return points_earn(account, actor=house.user("manager"), amount=amount, key=key, reason="service",
                       evidence=EVIDENCE, occurred_at=at_noon(day))  # fmt: skip


def spent(house, amount: int, day: date, key: str) -> Transfer:
    account = Account.objects.get(pk=house.partners["lawyer"].account_id)
    return points_spend(account, actor=house.user("lawyer"), amount=amount, key=key, reason="coupon", to=house.shop,
                        occurred_at=at_noon(day))  # fmt: skip


@pytest.fixture
def sold(house):
    """Forty points that the shop received last month."""
    earned(house, 100, last_month(), "e1")
    spent(house, 30, last_month() + timedelta(days=1), "s1")
    spent(house, 10, last_month() + timedelta(days=2), "s2")
    return house


def propose(house, **given) -> SettlementSheet:
    last = today().replace(day=1) - timedelta(days=1)
    given = {"actor": house.user("manager"), "merchant": house.shop, "first": last_month(), "last": last} | given
    return sheet_propose(**given)


def test_a_sheet_goes_from_proposal_to_payment_by_three_parties(sold):
    house = sold
    sheet = propose(house)
    assert (sheet.points, sheet.amount, sheet.state) == (40, Decimal("20.00"), "proposed")
    for who in ("manager", "staff", "lawyer", "resident", "administrator", "elsewhere"):
        with pytest.raises(NotPermitted):
            act(sheet, "confirm", actor=house.user(who))
    with pytest.raises(Conflict):
        act(sheet, "settle", actor=house.user("manager2"), paid_by="凭证 1")
    confirmed = act(sheet, "confirm", actor=house.user("shopkeeper"))
    for who in ("manager", "shopkeeper", "lawyer", "administrator", "operations_centre", "elsewhere"):
        with pytest.raises(NotPermitted):
            act(confirmed, "settle", actor=house.user(who), paid_by="凭证 1")
    with pytest.raises(Invalid):
        act(confirmed, "settle", actor=house.user("manager2"), paid_by=" ")
    assert unsettled(house.shop) == 40
    done = act(confirmed, "settle", actor=house.user("manager2"), paid_by="凭证 1")
    assert (done.state, done.transfer.amount, unsettled(house.shop)) == ("settled", 40, 0)
    with pytest.raises(Conflict):
        act(done, "withdraw", actor=house.user("manager"), reason="晚了")
    assert not invariants_broken()


def test_a_disputed_sheet_is_looked_through_and_proposed_again_or_withdrawn(sold):
    house = sold
    sheet = propose(house)
    with pytest.raises(Invalid):
        act(sheet, "dispute", actor=house.user("shopkeeper"), reason="")
    disputed = act(sheet, "dispute", actor=house.user("shopkeeper"), reason="有一笔退了")
    for who in ("shopkeeper", "lawyer", "administrator", "elsewhere"):
        for step in ("propose_again", "withdraw"):
            with pytest.raises(NotPermitted):
                act(disputed, step, actor=house.user(who), reason="看过了")
    transfer_reverse(Transfer.objects.get(key="s2"), actor=house.user("staff"), reason="coupon")
    again = act(disputed, "propose_again", actor=house.user("staff"), reason="重新核对")
    assert (again.state, again.points) == ("proposed", 40)  # returned today: of the next period
    gone = act(again, "withdraw", actor=house.user("manager"), reason="改期")
    assert gone.state == "withdrawn"
    longer = propose(house, last=today() - timedelta(days=1))
    assert longer.points == 40


def test_proposals_are_judged(sold):
    house = sold
    for given, error in (
        ({"last": last_month() - timedelta(days=1)}, Invalid), ({"last": today()}, Invalid),
        ({"first": last_month() - timedelta(days=600)}, Invalid),
        ({"merchant": house.partners["lawyer"].account}, Invalid),
        ({"first": date(2026, 1, 1), "last": date(2026, 1, 31)}, Conflict),
    ):  # fmt: skip
        with pytest.raises(error):
            propose(house, **given)
    for who in ("shopkeeper", "lawyer", "administrator", "operations_centre", "resident", "elsewhere"):
        with pytest.raises(NotPermitted):
            propose(house, actor=house.user(who))
    sheet = propose(house)
    with pytest.raises(Conflict) as refused:
        propose(house)
    assert refused.value.code == "overlap"
    with pytest.raises(IntegrityError), transaction.atomic():
        SettlementSheet.objects.create(
            merchant=house.shop, area=house.area, number="x", first=sheet.first, last=sheet.first, points=1,
            rate=sheet.rate, amount=1, proposed_by=house.user("manager"),
        )  # fmt: skip
    assert SettlementSheet.objects.count() == 1


def test_months_are_closed_once_and_the_report_is_what_the_entries_say(sold, django_assert_max_num_queries):
    house = sold
    first = earned(house, 7, today(), "e2")
    now = max(timezone.now(), at_noon(today())) + timedelta(seconds=1)
    # when the months are closed, twice
    made = months_close()
    assert made >= 1
    assert months_close() == 0
    # then report and entries agree, at each moment
    moments = (at_noon(last_month() - timedelta(days=1)), at_noon(last_month()) + timedelta(hours=30), now)
    for moment in moments:
        with django_assert_max_num_queries(2):
            found = liability_of(house.area, moment)
        assert astuple(found) == astuple(liability(house.area, moment))
    assert liability_of(house.area, now).outstanding == 67
    assert [area for area, _found in liability_report(house.city.city, now)] == [
        house.area, house.city.area("other_community")
    ][:1]  # fmt: skip
    assert not invariants_broken()
    # and nothing is dated back into a closed month, nor is a closing edited
    with pytest.raises(IntegrityError), transaction.atomic():
        earned(house, 1, last_month(), "late")
    with pytest.raises(IntegrityError), transaction.atomic():
        MonthlyClosing.objects.update(outstanding=0)
    assert first.pk


def test_a_closing_that_lies_is_found_by_the_check(sold):
    MonthlyClosing.objects.create(area=sold.area, until=timezone.now(), outstanding=1, owed=0, issued=0, redeemed=0,
                                  expired=0)  # fmt: skip
    assert any("monthly closings" in line for line in invariants_broken())


def test_a_month_of_an_account_adds_up_by_category(sold):
    house = sold
    house.rule("gift", points=20)
    account = house.partners["lawyer"].account
    last = today().replace(day=1) - timedelta(days=1)
    month = month_statement(account, last_month(), last)
    assert (month.opening, month.came_in, month.went_out, month.expired, month.closing) == (0, 100, 40, 0, 60)
    now = month_statement(account, today().replace(day=1), today())
    assert (now.opening, now.closing) == (60, 60)
    paper = month_paper(month)
    assert load_workbook(BytesIO(excel_of(paper))).active["A1"].value == paper.title
    assert paper.title in [line.text for line in Document(BytesIO(word_of(paper))).paragraphs]
    movements = movement_report(house.city.city, last_month(), last)
    assert sum(points for *_names, points in movements) == 140
    # a reason nobody named is never shown as it is stored
    told = reasons_told(Transfer.objects.filter(reason="coupon"))
    assert all("coupon" not in str(one) for one in told.values())
    assert all("coupon" not in what for _kind, what, *_rest in movements)
    gift = house.donation()
    done = act(gift, "approve", actor=house.user("manager"))
    assert kind_report(house.area, today(), today())[0].points == 20
    assert gift.receipt in [text.split("：")[-1] for text in _texts(receipt_paper(done, None))]
    assert verified(gift.code).valid
    assert not verified("f" * 24)
    assert not verified("nonsense")


def _texts(paper) -> list[str]:
    return [line.text for line in Document(BytesIO(word_of(paper, "https://example.com/r/verify/x/"))).paragraphs]


def test_certificates_say_what_the_book_says_and_strangers_see_a_masked_name(house):
    house.rule("class", per="hour", points=2)
    for hours in ("1.5", "2"):
        row = house.record(by="baker", partner="bakery", kind="class", hours=Decimal(hours))
        record_approve(row, actor=house.user("manager"))
    baker = house.people["baker"]
    given = {"person": baker, "area": house.area, "first": today() - timedelta(days=9), "last": today()}
    for who in ("stranger", "lawyer", "administrator", "elsewhere", "baker2"):
        with pytest.raises(NotPermitted):
            certificate_issue(actor=house.user(who), **given)
    paper = certificate_issue(actor=house.user("baker"), **given)
    assert paper.minutes == 210
    told = verified(paper.code)
    assert (told.who, told.valid, told.number) == (masked(baker.name), True, paper.number)
    assert baker.name not in told.who
    assert any(paper.number in text for text in _texts(certificate_paper(paper)))
    for wrong, error in (({"last": today() + timedelta(days=1)}, Invalid),
                         ({"first": today() + timedelta(days=1)}, Invalid),
                         ({"first": date(2020, 1, 1), "last": date(2020, 1, 2)}, Conflict)):  # fmt: skip
        with pytest.raises(error):
            certificate_issue(actor=house.user("baker"), **given | wrong)
    for who in ("baker", "administrator", "operations_centre", "elsewhere", "lawyer"):
        with pytest.raises(NotPermitted):
            act(paper, "revoke", actor=house.user(who), reason="不实")
    gone = act(paper, "revoke", actor=house.user("staff"), reason="不实")
    assert (gone.state, verified(paper.code).valid) == ("revoked", False)
    assert masked("葛明理") == "**理"


def test_a_sheet_names_each_line_in_words(sold):
    paper = sheet_paper(propose(sold))
    assert len(paper.tables[0].rows) == 2
    assert sum(row[2] for row in paper.tables[0].rows) == 40
    assert all("coupon" not in row[1] for row in paper.tables[0].rows)
