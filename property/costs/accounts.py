"""What each dwelling owes: bills of its cost periods, paid oldest first by what came in. Nothing of it is stored.

A bill is what a dwelling was charged for a period, corrections included. All that a dwelling paid (less what was given
back or reversed) pays its bills in the order they fall due (民法典 560: of several debts the one due first); what is
left over is its credit and pays the next bills. Yuan.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.db import connection
from django.db.models import Sum

from property.models.books import EstateBooks, Payment

NOTHING = Decimal("0.00")

_BILLS = """
WITH bills AS (
    SELECT charge.dwelling_id, charge.period_id, period.due_on, sum(charge.amount) AS amount
    FROM property_charge AS charge JOIN property_costperiod AS period ON period.id = charge.period_id
    WHERE period.books_id = %(books)s AND period.state IN ('collecting', 'settled', 'disclosed')
        AND (%(dwellings)s::bigint[] IS NULL OR charge.dwelling_id = ANY(%(dwellings)s))
    GROUP BY charge.dwelling_id, charge.period_id, period.due_on
), paid AS (
    SELECT dwelling_id, sum(amount) AS amount FROM property_payment
    WHERE books_id = %(books)s AND (%(dwellings)s::bigint[] IS NULL OR dwelling_id = ANY(%(dwellings)s))
    GROUP BY dwelling_id
), ordered AS (
    SELECT bills.*, sum(amount) OVER (PARTITION BY dwelling_id ORDER BY due_on, period_id) - amount AS before
    FROM bills
)
SELECT ordered.dwelling_id, period_id, due_on, ordered.amount,
    greatest(0, least(ordered.amount, coalesce(paid.amount, 0) - before)) AS covered
FROM ordered LEFT JOIN paid ON paid.dwelling_id = ordered.dwelling_id
ORDER BY ordered.dwelling_id, due_on, period_id
"""


@dataclass(frozen=True)
class Bill:
    """What a dwelling was charged for a period, until when it is to be paid, and how much of it is."""

    dwelling_id: int
    period_id: int
    due_on: date
    amount: Decimal
    covered: Decimal

    @property
    def open(self) -> Decimal:
        """What is still to be paid of it."""
        return self.amount - self.covered


@dataclass
class Account:
    """The bills of a dwelling, the oldest first, and ``paid``: all that came in, less what went back."""

    dwelling_id: int
    bills: list[Bill] = field(default_factory=list)
    paid: Decimal = NOTHING

    @property
    def owed(self) -> Decimal:
        """What is to be paid, due or not."""
        return sum((bill.open for bill in self.bills), NOTHING)

    @property
    def balance(self) -> Decimal:
        """What it owes; below 0, its credit. Every payment changes it."""
        return sum((bill.amount for bill in self.bills), NOTHING) - self.paid

    @property
    def credit(self) -> Decimal:
        """What was paid beyond all bills."""
        return max(-self.balance, NOTHING)

    def overdue(self, today: date) -> Decimal:
        """What should have been paid before ``today``."""
        return sum((bill.open for bill in self.bills if bill.due_on < today), NOTHING)

    def since(self, today: date) -> date | None:
        """Return the day by which the oldest overdue bill was to be paid."""
        return next((bill.due_on for bill in self.bills if bill.open and bill.due_on < today), None)


def accounts_of(books: EstateBooks, dwellings: list[int] | None = None) -> dict[int, Account]:
    """Return the accounts of the dwellings that were charged or paid something; two statements for any number."""
    with connection.cursor() as cursor:
        cursor.execute(_BILLS, {"books": books.pk, "dwellings": dwellings})
        bills = [Bill(*row) for row in cursor.fetchall()]
    found: dict[int, Account] = {}
    for bill in bills:
        found.setdefault(bill.dwelling_id, Account(bill.dwelling_id)).bills.append(bill)
    payments = Payment.objects.filter(books=books).order_by()
    if dwellings is not None:
        payments = payments.filter(dwelling__in=dwellings)
    for dwelling, paid in payments.values_list("dwelling").annotate(paid=Sum("amount")):
        found.setdefault(dwelling, Account(dwelling)).paid = paid
    return found


def account_of(books: EstateBooks, dwelling_id: int) -> Account:
    """Return the account of one dwelling; lock the books first where something is decided by it."""
    return accounts_of(books, [dwelling_id]).get(dwelling_id, Account(dwelling_id))


def covered_by_period(books: EstateBooks) -> dict[int, Decimal]:
    """Return how much of the household part of each collected period has come in."""
    found: dict[int, Decimal] = defaultdict(lambda: NOTHING)
    for account in accounts_of(books).values():
        for bill in account.bills:
            found[bill.period_id] += bill.covered
    return dict(found)
