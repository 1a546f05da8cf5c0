"""Payments: partly, late, too much, given back, reversed; what a dwelling owes against a plain oracle."""

import os
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from governance.errors import Conflict, Invalid, NotPermitted
from governance.workflow import act
from property.costs.accounts import covered_by_period
from property.costs.households import accounts_kept
from property.models import Charge, CostPeriod, EstateBooks, Payment

YUAN = Decimal
# A longer search by hand: COSTS_EXAMPLES=2000.
EXAMPLES = int(os.environ.get("COSTS_EXAMPLES", "60"))


def test_a_bill_is_paid_partly_then_more_than_owed_and_the_rest_pays_the_next(estate):
    # given 50 yuan a flat
    first = estate.collecting("800.00")
    # when 20 come, then 40
    part = estate.pay(0, "20.00")
    assert estate.account(0).owed == YUAN("30.00")
    rest = estate.pay(0, "40.00")
    # then the receipts say what each paid, and 10 are credit
    assert (part.covers, rest.covers) == ([[first.pk, "20.00"]], [[first.pk, "30.00"]])
    account = estate.account(0)
    assert (account.owed, account.credit) == (YUAN("0.00"), YUAN("10.00"))
    # and the next period takes the credit by itself
    estate.collecting("800.00", name="2026年第四季度")
    account = estate.account(0)
    assert (account.owed, account.credit) == (YUAN("40.00"), YUAN("0.00"))


def test_arrears_are_what_was_due_and_not_paid(estate):
    today = timezone.localdate()
    estate.collecting("800.00", due_in=-10)
    estate.collecting("800.00", name="下一期", due_in=10)
    estate.pay(0, "60.00")
    estate.pay(1, "49.99")
    told = [estate.account(place).overdue(today) for place in range(3)]
    assert told == [YUAN("0.00"), YUAN("0.01"), YUAN("50.00")]
    assert estate.account(1).since(today) == today - timedelta(days=10)
    assert estate.account(0).since(today) is None


def test_receipts_are_numbered_by_estate_and_year_without_gaps(estate):
    estate.pay(0, "1.00")
    with pytest.raises(Invalid):
        estate.pay(0, "0.00")
    with pytest.raises(NotPermitted):
        estate.pay(0, "1.00", actor=estate.owners_member)
    estate.pay(1, "1.00")
    year = timezone.localdate().year
    assert [row.receipt for row in Payment.objects.order_by("id")] == [f"GY-{year}-000001", f"GY-{year}-000002"]


def test_no_more_than_the_credit_is_given_back(estate):
    estate.collecting("800.00")
    estate.pay(0, "80.00")
    given = {"actor": estate.manager, "dwelling": estate.dwellings[0], "method": "cash", "reason": "多交",
             "paid_on": timezone.localdate()}  # fmt: skip
    with pytest.raises(Conflict) as refused:
        act(estate.books, "refund", amount=YUAN("30.01"), **given)
    assert refused.value.code == "above_credit" and Payment.objects.count() == 1
    act(estate.books, "refund", amount=YUAN("30.00"), **given)
    account = estate.account(0)
    assert (account.owed, account.credit, account.paid) == (YUAN("0.00"), YUAN("0.00"), YUAN("50.00"))


def test_a_payment_is_undone_by_another_line_only_and_once(estate):
    estate.collecting("800.00")
    wrong = estate.pay(0, "80.00", reference="T1")
    given = {"actor": estate.manager, "payment": wrong, "reason": "记错户"}
    # while 30 of it were given back it stays
    refund = act(
        estate.books, "refund", actor=estate.manager, dwelling=estate.dwellings[0], amount=YUAN("30.00"),
        method="cash", paid_on=timezone.localdate(), reason="多交",
    ).made  # fmt: skip
    with pytest.raises(Conflict) as refused:
        act(estate.books, "reverse_payment", **given)
    assert refused.value.code == "given_back"
    act(estate.books, "reverse_payment", **given | {"payment": refund})
    # then it is reversed, and not twice, nor is the reversal
    line = act(estate.books, "reverse_payment", **given).made
    assert estate.account(0).owed == YUAN("50.00")
    for payment in (wrong, line):
        with pytest.raises(Conflict):
            act(estate.books, "reverse_payment", **given | {"payment": payment})
    assert list(Payment.objects.order_by("number").values_list("number", "amount")) == [
        (1, YUAN("80.00")), (2, YUAN("-30.00")), (3, YUAN("30.00")), (4, YUAN("-80.00")),
    ]  # fmt: skip
    # and its transfer may now be recorded for the right dwelling, once
    estate.pay(1, "80.00", reference="T1")
    with pytest.raises(Conflict) as refused:
        estate.pay(1, "80.00", reference="T1")
    assert refused.value.code == "duplicate"


def test_who_saw_another_debt_is_told(estate):
    estate.collecting("800.00")
    estate.pay(0, "50.00", owed=YUAN("50.00"))
    with pytest.raises(Conflict) as refused:
        estate.pay(0, "50.00", owed=YUAN("50.00"))
    assert refused.value.code == "changed" and Payment.objects.count() == 1


def test_bad_entries_name_their_field(estate, city):
    tomorrow = timezone.localdate() + timedelta(days=1)
    elsewhere = estate.dwellings[0].building.__class__.objects.create(
        estate=estate.place.estate.__class__.objects.create(code="X", name="外", area=city.area("community")),
        number="1", area=city.area("grid"),
    )  # fmt: skip
    foreign = estate.dwellings[0].__class__.objects.create(code="X-1", building=elsewhere, area=city.area("grid"),
                                                          number="1")  # fmt: skip
    base = {"actor": estate.manager, "method": "bank", "dwelling": estate.dwellings[0], "amount": YUAN("1.00"),
            "paid_on": timezone.localdate()}  # fmt: skip
    for wrong, blamed in (
        ({"amount": YUAN("-1.00")}, "amount"),
        ({"amount": YUAN("1.001")}, "amount"),
        ({"paid_on": tomorrow}, "paid_on"),
        ({"dwelling": foreign}, "dwelling"),
    ):
        with pytest.raises(Invalid) as refused:
            act(estate.books, "pay", **base | wrong)
        assert refused.value.field == blamed
    assert not Payment.objects.exists() and EstateBooks.objects.get().version == 0


# A plain oracle: a list of bills and a purse for each dwelling, paid one after the other.
fen = st.integers(0, 5000)
charge = st.tuples(st.just("charge"), st.lists(fen, min_size=3, max_size=3), st.integers(0, 3))
pay = st.tuples(st.just("pay"), st.integers(0, 2), st.integers(1, 6000))
refund = st.tuples(st.just("refund"), st.integers(0, 2), st.integers(1, 6000))
reverse = st.tuples(st.just("reverse"), st.integers(0, 20), st.just(0))


@settings(
    max_examples=EXAMPLES, deadline=None, derandomize="COSTS_EXAMPLES" not in os.environ, database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
@given(steps=st.lists(charge | pay | refund | reverse, max_size=14))
def test_accounts_say_what_a_plain_purse_says(estate, steps):
    with transaction.atomic():
        play(estate, steps)
        transaction.set_rollback(True)


@dataclass
class Purses:
    """The oracle: three dwellings with a purse of fen each, their bills, and the lines written."""

    estate: object
    bills: list = field(default_factory=lambda: [[], [], []])  # due day, period, fen
    purse: list = field(default_factory=lambda: [0, 0, 0])
    lines: list = field(default_factory=list)  # payment, dwelling, fen, reversed

    def charge(self, amounts, days):
        period = charged(self.estate, amounts, days)
        for place in range(3):
            self.bills[place].append((period.due_on, period.pk, amounts[place]))

    def pay(self, place, amount):
        self.lines.append([self.estate.pay(place, str(YUAN(amount) / 100)), place, amount, False])
        self.purse[place] += amount

    def refund(self, place, amount):
        credit = max(0, self.purse[place] - sum(bill[2] for bill in self.bills[place]))
        given = {"dwelling": self.estate.dwellings[place], "amount": YUAN(amount) / 100, "method": "cash",
                 "paid_on": timezone.localdate()}  # fmt: skip
        try:
            made = refused_or_done(self.estate, "refund", **given).made
        except Conflict:
            assert amount > credit
            return
        assert amount <= credit
        self.purse[place] -= amount
        self.lines.append([made, place, -amount, False])

    def reverse(self, which, _nothing):
        if not self.lines:
            return
        line = self.lines[which % len(self.lines)]
        payment, place, amount, undone = line
        try:
            refused_or_done(self.estate, "reverse_payment", payment=payment)
        except Conflict:
            assert undone or self.purse[place] < amount
            return
        assert not undone and self.purse[place] >= amount
        self.purse[place] -= amount
        line[3] = True


def play(estate, steps) -> None:
    purses = Purses(estate)
    for name, one, two in steps:
        getattr(purses, name)(one, two)
    compared(estate, purses.bills, purses.purse)


def refused_or_done(estate, name, **given):
    """Act under a savepoint, so that a refusal leaves the example's transaction usable."""
    with transaction.atomic():
        return act(estate.books, name, actor=estate.manager, reason="试", **given)


def charged(estate, amounts, days) -> CostPeriod:
    """A collected period past its workflow, with these charges in fen."""
    period = CostPeriod.objects.create(
        books=estate.books, name=f"期{CostPeriod.objects.count()}", first=date(2026, 1, 1), last=date(2026, 1, 31),
        opened_by=estate.manager, due_on=timezone.localdate() + timedelta(days=days), owners_of=date(2026, 1, 31),
    )  # fmt: skip
    accounts_kept(estate.books, [dwelling.pk for dwelling in estate.dwellings[:3]], day=period.owners_of)
    Charge.objects.bulk_create(
        Charge(period=period, dwelling=dwelling, amount=YUAN(amount) / 100, weight=1)
        for dwelling, amount in zip(estate.dwellings, amounts, strict=False)
    )
    period.__dict__["state"] = "collecting"
    CostPeriod.objects.bulk_update([period], ["state"])
    return period


def compared(estate, bills, purse) -> None:
    by_period = {}
    for place in range(3):
        left = purse[place]
        owed = 0
        for _day, period, amount in sorted(bills[place]):
            covered = min(left, amount)
            left, owed = left - covered, owed + amount - covered
            by_period[period] = by_period.get(period, 0) + covered
        account = estate.account(place)
        assert (account.owed * 100, account.credit * 100, account.paid * 100) == (owed, left, purse[place])
    assert {key: int(value * 100) for key, value in covered_by_period(estate.books).items()} == by_period
    numbers = list(Payment.objects.order_by("id").values_list("number", flat=True))
    assert numbers == list(range(1, len(numbers) + 1))
