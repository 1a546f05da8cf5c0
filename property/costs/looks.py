"""How books, cost periods and disclosures look to staff: colours of states, rows of tables."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from governance.models import Dwelling, User
from governance.scoping import grant_for
from property.costs.accounts import NOTHING, Account, accounts_of
from property.costs.workflow import OF_BOOKS, BooksState, DisclosureState, PeriodState
from property.models.books import EstateBooks

BOOKS_TONES = {BooksState.OPEN: "green", BooksState.CLOSED: "grey"}
PERIOD_TONES = {
    PeriodState.DRAFT: "grey", PeriodState.PUBLISHED: "violet", PeriodState.COLLECTING: "blue",
    PeriodState.SETTLED: "amber", PeriodState.DISCLOSED: "green", PeriodState.DISCARDED: "grey",
}  # fmt: skip
DISCLOSURE_TONES = {DisclosureState.DUE: "amber", DisclosureState.PUBLISHED: "green"}


def knows_households(books: EstateBooks, user: User) -> bool:
    """Tell whether ``user`` collects for these very books, and so may know what single households owe and paid."""
    return grant_for(OF_BOOKS.collects, books, user) is not None


@dataclass(frozen=True)
class Arrears:
    """What a dwelling has not paid in time: yuan, and since when."""

    dwelling: Dwelling
    overdue: Decimal
    owed: Decimal
    since: date


def arrears_of(books: EstateBooks, today: date) -> list[Arrears]:
    """Return the dwellings that have not paid in time, the largest debts first; three statements."""
    late = {key: account for key, account in accounts_of(books).items() if account.overdue(today)}
    dwellings = Dwelling.objects.filter(pk__in=late).with_address()
    rows = [
        Arrears(row, late[row.pk].overdue(today), late[row.pk].owed, late[row.pk].since(today)) for row in dwellings
    ]
    return sorted(rows, key=lambda row: (-row.overdue, row.dwelling.code))


def totals_of(accounts: Iterable[Account], today: date) -> dict:
    """Return what all dwellings owe, owe too long and have as credit (yuan), and how many are late."""
    owed = overdue = credit = NOTHING
    late = 0
    for account in accounts:
        due = account.overdue(today)
        owed, overdue, credit = owed + account.owed, overdue + due, credit + account.credit
        late += bool(due)
    return {"owed": owed, "overdue": overdue, "credit": credit, "late": late}
