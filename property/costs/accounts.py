"""What each household owes: bills of its cost periods, paid oldest first by what came in. Nothing of it is stored.

A bill is what a dwelling was charged for a period while it was the household's (``HouseholdAccount``). What a
correction adds after the period was collected is a bill of its own, with its own day; what it takes off lowers the
bills of the period, the first due first, so that nobody is late with what is not owed. All that was paid into the
account (less what was given back or reversed) pays its bills in the order they fall due (民法典 560: of several debts
the one due first); what is left over is its credit and pays the next bills. Yuan.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.db import connection
from django.db.models import Sum

from property.models.books import EstateBooks, Payment

NOTHING = Decimal("0.00")

_CHARGED = """
SELECT account.id, charge.period_id, period.due_on,
    CASE WHEN charge.amount > 0 THEN coalesce(line.due_on, period.due_on) ELSE period.due_on END AS due,
    sum(charge.amount) FILTER (WHERE charge.amount >= 0), sum(charge.amount) FILTER (WHERE charge.amount < 0)
FROM property_charge AS charge
JOIN property_costperiod AS period ON period.id = charge.period_id
JOIN property_householdaccount AS account ON account.books_id = period.books_id
    AND account.dwelling_id = charge.dwelling_id AND account.days @> period.owners_of
LEFT JOIN property_costline AS line ON line.id = charge.correction_id
WHERE (%(books)s::bigint IS NULL OR period.books_id = %(books)s)
    AND period.state IN ('collecting', 'settled', 'disclosed')
    AND (%(accounts)s::bigint[] IS NULL OR account.id = ANY(%(accounts)s))
GROUP BY account.id, charge.period_id, period.due_on, due
ORDER BY account.id, charge.period_id, due
"""


@dataclass
class Bill:
    """What a household was charged for a period, until when it is to be paid, and how much of it is.

    ``additional``: what corrections added later, to be paid by a day of its own.
    """

    account_id: int
    period_id: int
    due_on: date
    amount: Decimal
    covered: Decimal = NOTHING
    additional: bool = False

    @property
    def open(self) -> Decimal:
        """What is still to be paid of it."""
        return self.amount - self.covered


@dataclass
class Account:
    """The bills of a household, the oldest first, and ``paid``: all that came in, less what went back."""

    account_id: int
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


def accounts_of(books: EstateBooks | None, accounts: list[int] | None = None) -> dict[int, Account]:
    """Return what is charged to and paid into accounts of households, by key; two statements for any number.

    All of ``books``, or those named in ``accounts``; with None for the books, those of any books.
    """
    with connection.cursor() as cursor:
        cursor.execute(_CHARGED, {"books": books and books.pk, "accounts": accounts})
        rows = cursor.fetchall()
    found: dict[int, Account] = {}
    for bill in _bills(rows):
        found.setdefault(bill.account_id, Account(bill.account_id)).bills.append(bill)
    payments = (Payment.objects.all() if books is None else Payment.objects.filter(books=books)).order_by()
    if accounts is not None:
        payments = payments.filter(account__in=accounts)
    for key, paid in payments.values_list("account").annotate(paid=Sum("amount")):
        found.setdefault(key, Account(key)).paid = paid
    for account in found.values():
        _cover(account)
    return found


def _bills(rows: Iterable[tuple]) -> list[Bill]:
    """Make the bills of each account and period, what corrections took off taken off the first due."""
    bills: dict[tuple[int, int], list[Bill]] = defaultdict(list)
    off: dict[tuple[int, int], Decimal] = defaultdict(lambda: NOTHING)
    for account, period, first_due, due, more, less in rows:
        if more is not None:
            bills[account, period].append(Bill(account, period, due, more, additional=due != first_due))
        off[account, period] -= less or NOTHING
    for key, ones in bills.items():
        for bill in ones:
            taken = min(bill.amount, off[key])
            bill.amount, off[key] = bill.amount - taken, off[key] - taken
    return [bill for ones in bills.values() for bill in ones]


def _cover(account: Account) -> None:
    account.bills.sort(key=lambda bill: (bill.due_on, bill.period_id))
    left = max(account.paid, NOTHING)
    for bill in account.bills:
        bill.covered = min(bill.amount, left)
        left -= bill.covered


def account_of(books: EstateBooks, account_id: int) -> Account:
    """Return the account of one household; lock the books first where something is decided by it."""
    return accounts_of(books, [account_id]).get(account_id, Account(account_id))


def covered_by_period(books: EstateBooks) -> dict[int, Decimal]:
    """Return how much of the household part of each collected period has come in."""
    found: dict[int, Decimal] = defaultdict(lambda: NOTHING)
    for account in accounts_of(books).values():
        for bill in account.bills:
            found[bill.period_id] += bill.covered
    return dict(found)
