"""Whose debt it is: accounts of households, closed at a sale and opened anew; what is moved when a sale comes late."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from cases.tests.api import client_of
from governance.errors import Conflict, Invalid
from governance.models import Building, Event, Ownership, User
from governance.registry.services import ownership_enter
from governance.workflow import act
from property.costs.accounts import account_of
from property.costs.chains import Tie, chain_of, households_of
from property.costs.looks import arrears_of
from property.costs.tests.estate import locks_of
from property.costs.tests.test_own import words_of
from property.models import HouseholdAccount, Payment

YUAN, DAY = Decimal, timedelta(days=1)


@pytest.fixture
def buyer(db):
    return User.objects.create(username="buyer", name="买方")


def owing(estate) -> dict:
    """What each account of the first dwelling owes (below 0: its credit), by number."""
    rows = HouseholdAccount.objects.filter(dwelling=estate.dwellings[0])
    return {row.number: account_of(estate.books, row.pk).balance for row in rows}


def test_a_buyers_payment_pays_nothing_of_the_sellers(estate, buyer):
    # given 50 yuan of the third quarter that the seller did not pay, and a sale after it
    estate.collecting("800.00", due_in=-5)
    estate.sold(0, buyer, date(2026, 11, 1))
    assert Event.objects.filter(name="books.account_closed").count() == 1
    # when the buyer is charged for the fourth quarter and pays
    later = estate.draft("400.00", name="2026年10月")
    type(later).objects.filter(pk=later.pk).update(first=date(2026, 10, 1), last=timezone.localdate())
    later.refresh_from_db()
    later = act(later, "publish", actor=estate.owners_member)
    assert later.owners_of == timezone.localdate()
    paid = estate.pay(0, "30.00")
    # then it is the buyer's credit; the seller owes what the seller owed
    assert (paid.account.code, paid.covers) == ("GY-1-1-101/2", [])
    assert owing(estate) == {1: YUAN("50.00"), 2: YUAN("-30.00")}
    # and the list of arrears names the seller, for the API and as a page
    late = next(row for row in arrears_of(estate.books, timezone.localdate()) if row.dwelling == estate.dwellings[0])
    assert (late.account.code, late.account.names, late.owed) == ("GY-1-1-101/1", "业主1", YUAN("50.00"))
    listed = client_of(estate.manager).get(f"/api/v1/estate-books/{estate.books.pk}/arrears/").json()
    assert ("GY-1-1-101/1", "业主1") in [(row["account"], row["owners"]) for row in listed]
    page, client = f"/admin/property/estatebooks/{estate.books.pk}/", Client()
    client.force_login(estate.manager)
    assert "业主1" in client.get(f"{page}arrears/").content.decode()
    shown = client.get(f"{page}dwelling/{estate.dwellings[0].pk}/").content.decode()
    assert "业主1" in shown and "买方" in shown
    form = client.get(f"{page}transition/pay/?account={late.account.pk}").context["form"]
    assert (form.initial["account"], form.initial["amount"]) == ("GY-1-1-101/1", YUAN("50.00"))
    # when the seller pays, naming the account, the receipt names the seller
    sellers = estate.pay(0, "50.00", account=late.account)
    assert owing(estate) == {1: YUAN("0.00"), 2: YUAN("-30.00")}
    receipt = client.get(f"/admin/property/payment/{sellers.pk}/receipt/")
    assert "业主1" in words_of(receipt)
    with pytest.raises(Invalid) as refused:
        estate.pay(1, "1.00", account=late.account)
    assert refused.value.field == "account"


def test_what_a_seller_paid_too_much_is_the_sellers(estate, buyer):
    estate.collecting("800.00")
    estate.pay(0, "80.00")
    estate.sold(0, buyer, date(2026, 11, 1))
    given = {"actor": estate.manager, "dwelling": estate.dwellings[0], "method": "cash", "reason": "多交",
             "paid_on": timezone.localdate(), "amount": YUAN("30.00")}  # fmt: skip
    with pytest.raises(Conflict) as refused:
        act(estate.books, "refund", **given)
    assert refused.value.code == "above_credit"
    seller = HouseholdAccount.objects.get(number=1, dwelling=estate.dwellings[0])
    act(estate.books, "refund", **given, account=seller)
    assert owing(estate) == {1: YUAN("0.00"), 2: YUAN("0.00")}
    # a payment that is undone is undone where it was
    act(estate.books, "reverse_payment", actor=estate.manager, payment=Payment.objects.first(), reason="未退")
    assert owing(estate)[1] == YUAN("-30.00")


def test_a_sale_recorded_late_moves_what_was_charged_since_and_leaves_what_was_paid(estate, buyer):
    # given a quarter that ended on 30 September, paid by the seller
    estate.collecting("800.00")
    estate.pay(0, "50.00")
    # when a sale of 1 September is recorded now
    estate.sold(0, buyer, date(2026, 9, 1))
    # then the buyer owes it and the seller has a credit
    assert owing(estate) == {1: YUAN("-50.00"), 2: YUAN("50.00")}
    # and a correction falls to whom the charge is of
    period = estate.books.periods.get()
    given = {"line": period.lines.get(), "amount": YUAN("400.00"), "reason": "发票"}
    act(period, "correct", actor=estate.owners_member, **given)
    assert owing(estate) == {1: YUAN("-50.00"), 2: YUAN("25.00")}


def test_co_owners_share_an_account_and_one_who_stays_keeps_it(estate):
    staff, dwelling = estate.user("community_staff"), estate.dwellings[0]
    act(Ownership.objects.get(dwelling=dwelling), "end", actor=staff, ended_on=date(2026, 1, 1))
    half = {"share_numerator": 1, "share_denominator": 2, "reason": "不动产登记", "dwelling": dwelling}
    pair = [User.objects.create(username=name, name=name) for name in ("甲", "乙", "丙")]
    first, second = (
        ownership_enter(actor=staff, user=user, owner_name=user.name, valid_from=date(2026, 1, 2), **half)
        for user in pair[:2]
    )
    estate.collecting("800.00")
    assert [client_of(user).get("/api/v1/me/charges/").json()[0]["owed"] for user in pair[:2]] == ["50.00"] * 2
    # when one half is sold the account goes on, with the new owner
    act(first, "end", actor=staff, ended_on=date(2026, 10, 1))
    ownership_enter(actor=staff, user=pair[2], owner_name="丙", valid_from=date(2026, 10, 2), **half)
    account = HouseholdAccount.objects.get(dwelling=dwelling, days__contains=timezone.localdate())
    assert account.is_open and account.owners.count() == 3
    # when nobody is left it is closed; what comes is in the dwelling's name until an owner is known
    for ownership in Ownership.objects.current().filter(dwelling=dwelling):
        act(ownership, "end", actor=staff, ended_on=date(2026, 11, 1))
    bare = estate.pay(0, "5.00").account
    assert (bare.names, bare.days.lower) == ("", date(2026, 11, 2))
    account.refresh_from_db()
    assert account.days.upper == date(2026, 11, 2)
    # who is confirmed as its owner from then on takes it over
    taken = {"reason": "不动产登记", "dwelling": dwelling, "owner_name": "丁"}
    ownership_enter(actor=staff, valid_from=date(2026, 11, 2), **taken)
    assert HouseholdAccount.objects.with_owners().get(pk=bare.pk).names == "丁"


def test_what_was_charged_before_stays_where_it_was_when_a_gap_and_a_buyer_follow(estate, buyer):
    # given an owner on record from the day of the entry, charged for a quarter before it
    dwelling, today, since = estate.dwellings[0], timezone.localdate(), date(2026, 10, 1)
    entered = timezone.make_aware(datetime(2026, 10, 1, 12))
    Ownership.objects.filter(dwelling=dwelling).update(valid_from=since, claimed_at=entered)
    estate.collecting("800.00", due_in=-5)
    estate.pay(0, "20.00")
    # when the owner ends, somebody pays while nobody is known to own, and a buyer comes
    staff = estate.user("community_staff")
    act(Ownership.objects.get(dwelling=dwelling), "end", actor=staff, ended_on=today - 5 * DAY)
    gap = estate.pay(0, "1.00", paid_on=today - 3 * DAY).account
    assert (gap.number, owing(estate)) == (2, {1: YUAN("30.00"), 2: YUAN("-1.00")})
    ownership_enter(
        actor=staff, user=buyer, dwelling=dwelling, owner_name="买方", reason="登记", valid_from=today - DAY
    )
    estate.pay(0, "2.00", paid_on=today - 3 * DAY)
    estate.pay(0, "4.00", paid_on=today - 20 * DAY)
    estate.pay(0, "8.00")
    # then the first still owes it, and each payment is of whose day it was
    assert owing(estate) == {1: YUAN("26.00"), 2: YUAN("-3.00"), 3: YUAN("-8.00")}


def test_a_co_owner_who_joins_moves_no_old_bill_and_an_owner_entered_again_stays_one(estate):
    dwelling, today = estate.dwellings[0], timezone.localdate()
    Ownership.objects.filter(dwelling=dwelling).update(valid_from=today, share_denominator=2)
    estate.collecting("800.00", due_in=-5)
    estate.pay(0, "20.00")
    given = {"actor": estate.user("community_staff"), "dwelling": dwelling, "reason": "登记"}
    ownership_enter(owner_name="配偶", share_denominator=2, valid_from=today - 40 * DAY, **given)
    assert owing(estate) == {1: YUAN("30.00")}
    # when their shares are written anew from the day after the old ones ended
    for row in Ownership.objects.current().filter(dwelling=dwelling):
        act(row, "end", actor=given["actor"], ended_on=today - DAY if row.user is None else today)
    for name, user, parts in (("配偶", None, 4), ("业主1", estate.place.owners[0], 2)):
        ownership_enter(owner_name=name, user=user, share_denominator=parts, valid_from=today, **given)
    estate.pay(0, "10.00")
    assert owing(estate) == {1: YUAN("20.00")}
    assert HouseholdAccount.objects.get(dwelling=dwelling).is_open


def test_dwellings_are_locked_before_the_books(estate):
    period = estate.collecting("800.00")
    payment = estate.pay(0, "5.00")
    correction = {"line": period.lines.get(), "amount": YUAN("400.00"), "reason": "发票", "actor": estate.owners_member}
    reversal = {"payment": payment, "reason": "重复", "actor": estate.manager}
    for obj, name, told in ((estate.books, "reverse_payment", reversal), (period, "correct", correction)):
        with CaptureQueriesContext(connection) as asked:
            act(obj, name, **told)
        locked = locks_of(asked)
        places = [place for place, sql in enumerate(locked) if 'FROM "property_estatebooks"' in sql]
        assert 'FROM "governance_dwelling"' in locked[0] and places[0] == 1 and len(locked) == 1 + len(places)


def test_publishing_asks_as_much_for_many_dwellings_as_for_few(estate):
    draft = estate.draft()
    estate.earn()

    def published() -> tuple[int, int]:
        """How many accounts a publication opens, which is taken back, and in how many statements."""
        with CaptureQueriesContext(connection) as asked, transaction.atomic():
            act(draft, "publish", actor=estate.owners_member)
            opened = HouseholdAccount.objects.count()
            transaction.set_rollback(True)
        return opened, len(asked)

    _warm, (many, for_many) = published(), published()
    Building.objects.filter(pk=estate.place.buildings[0].pk).update(is_active=False)
    few, for_few = published()
    assert (few, many, for_few) == (4, 8, for_many)


days = st.integers(0, 40).map(lambda number: date(2026, 1, 1) + number * DAY)
ties = st.lists(st.tuples(days, st.none() | st.integers(0, 20), st.sampled_from([1, 2])), max_size=5)


@settings(max_examples=300, deadline=None, derandomize=True, database=None)
@given(told=ties, grouped=st.integers(0, 5), has_past=st.booleans())
def test_every_day_is_on_one_stretch(told, grouped, has_past):
    rows = [
        Tie(key, first, None if length is None else first + length * DAY, Fraction(1, parts), date(2026, 1, 20))
        for key, (first, length, parts) in enumerate(told)
    ]
    known = {tie.key: 100 + tie.key % 2 for tie in rows[:grouped]}
    chain = chain_of(households_of(rows, known), has_past=has_past)
    assert chain[0].first is None and chain[-1].until is None
    assert all(one.until == other.first and one.until is not None for one, other in zip(chain, chain[1:], strict=False))
    assert all(one.first is None or one.until is None or one.first < one.until for one in chain)
    assert sum(len(one.household.ties) for one in chain if one.household) == len(rows)
