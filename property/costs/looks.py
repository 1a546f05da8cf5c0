"""How books, cost periods and disclosures look to staff: colours of states, rows of tables."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from governance.models import Dwelling, User
from governance.scoping import grant_for
from property.costs.accounts import NOTHING, Account, Bill, accounts_of
from property.costs.workflow import OF_BOOKS, BooksState, DisclosureState, PeriodState
from property.models.books import EstateBooks, Payment
from property.models.costs import CostPeriod
from property.models.household import HouseholdAccount

BOOKS_TONES = {BooksState.OPEN: "green", BooksState.CLOSED: "grey"}
PERIOD_TONES = {
    PeriodState.DRAFT: "grey", PeriodState.PUBLISHED: "violet", PeriodState.COLLECTING: "blue",
    PeriodState.SETTLED: "amber", PeriodState.DISCLOSED: "green", PeriodState.DISCARDED: "grey",
}  # fmt: skip
SHOWN = 100
DISCLOSURE_TONES = {DisclosureState.DUE: "amber", DisclosureState.PUBLISHED: "green"}


def knows_households(books: EstateBooks, user: User) -> bool:
    """Tell whether ``user`` collects for these very books, and so may know what single households owe and paid."""
    return grant_for(OF_BOOKS.collects, books, user) is not None


@dataclass(frozen=True)
class Arrears:
    """What a household has not paid in time: yuan, and since when. A former owner's arrears stay the former owner's."""

    account: HouseholdAccount
    overdue: Decimal
    owed: Decimal
    since: date

    @property
    def dwelling(self) -> Dwelling:
        """The dwelling of the account."""
        return self.account.dwelling


def arrears_of(books: EstateBooks, today: date) -> list[Arrears]:
    """Return the households that have not paid in time, the largest debts first; four statements."""
    late = {key: account for key, account in accounts_of(books).items() if account.overdue(today)}
    accounts = HouseholdAccount.objects.filter(pk__in=late).with_owners()
    rows = [Arrears(row, late[row.pk].overdue(today), late[row.pk].owed, late[row.pk].since(today)) for row in accounts]
    return sorted(rows, key=lambda row: (-row.overdue, row.dwelling.code, row.account.number))


def totals_of(accounts: Iterable[Account], today: date) -> dict:
    """Return what all households owe, owe too long and have as credit (yuan), and how many are late."""
    owed = overdue = credit = NOTHING
    late = 0
    for account in accounts:
        due = account.overdue(today)
        owed, overdue, credit = owed + account.owed, overdue + due, credit + account.credit
        late += bool(due)
    return {"owed": owed, "overdue": overdue, "credit": credit, "late": late}


@dataclass(frozen=True)
class HouseholdView:
    """An account of a dwelling as who collects sees it: bills with the name of their period, the newest first.

    ``payments``: the newest ``SHOWN``; the list of payments has all.
    """

    row: HouseholdAccount
    account: Account
    bills: list[tuple[Bill, str]]
    payments: list[Payment]


def household_views(books: EstateBooks, dwelling: Dwelling, user: User) -> list[HouseholdView]:
    """Return the accounts of a dwelling that ``user`` may see, the newest first; a fixed number of statements."""
    rows = HouseholdAccount.objects.visible_to(user).filter(books=books, dwelling=dwelling).with_owners()
    rows = list(rows.order_by("-number"))
    told = accounts_of(books, [row.pk for row in rows])
    names = dict(CostPeriod.objects.visible_to(user).filter(books=books).values_list("pk", "name"))
    payments = defaultdict(list)
    paid = Payment.objects.visible_to(user).filter(account__in=rows).newest_of_each(SHOWN)
    for payment in paid.select_related("books__estate", "reverses"):
        payments[payment.account_id].append(payment)
    found = []
    for row in rows:
        account = told.get(row.pk, Account(row.pk))
        bills = [(bill, names.get(bill.period_id, "")) for bill in reversed(account.bills)]
        found.append(HouseholdView(row, account, bills, payments[row.pk]))
    return found
