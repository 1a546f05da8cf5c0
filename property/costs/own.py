"""What residents read of an estate's money: what is published of the estate of their home, and their own account."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Prefetch

from governance.models import Dwelling, Ownership, Residency
from property.costs.accounts import NOTHING, Account, Bill, accounts_of
from property.costs.querysets import (
    HOUSEHOLD_KINDS,
    READS_PERIOD,
    ChargedToMe,
    OfMyEstate,
    PaidByUs,
    accounts_of_user,
)
from property.costs.workflow import PeriodState
from property.models.books import EstateBooks, Payment
from property.models.costs import Charge, CostPeriod
from property.models.disclosure import Disclosure
from property.models.household import HouseholdAccount

SHOWN = 40


@dataclass
class OwnAccount:
    """An account as its household reads it: ``row`` is None while nothing was charged or paid for the home.

    ``coming``: charges of periods that hang out and are not collected yet, pairs of period and yuan. ``payments``: the
    newest ``SHOWN``. A former co-owner of an account that went on reads what is of the days until then.
    """

    dwelling: Dwelling
    books: EstateBooks
    row: HouseholdAccount | None
    account: Account
    bills: list[tuple[Bill, CostPeriod]] = field(default_factory=list)
    coming: list[tuple[CostPeriod, Decimal]] = field(default_factory=list)
    payments: list[Payment] = field(default_factory=list)

    @property
    def owed(self) -> Decimal:
        """What is open."""
        return self.account.owed

    @property
    def is_former(self) -> bool:
        """Whether the dwelling changed hands since, or the reader's part of it."""
        return self.row is not None and (not self.row.is_open or self.row.seen_until is not None)

    @property
    def since(self) -> date | None:
        """The first day on which it was no longer the reader's."""
        last = self.row.seen_until if self.row else None
        return last + timedelta(days=1) if last else self.row and self.row.days.upper


def own_books(user):
    """Return the books of the estates where the person owns or lives, confirmed."""
    rows = EstateBooks.objects.filter(OfMyEstate().q(None, user))
    return rows.select_related("estate__area", "company", "fund").defer("estate__area__boundary").order_by("estate")


def own_periods(user):
    """Return what was published of cost periods of these estates, and of those the person was charged for elsewhere."""
    rows = CostPeriod.objects.visible_to(user).filter(READS_PERIOD.q(None, user)).public()
    return rows.with_rows().select_related("resolution")


def own_disclosures(user):
    """Return what was published of funds and public income of these estates."""
    rows = Disclosure.objects.visible_to(user).filter(OfMyEstate("books").q(None, user), state="published")
    return rows.with_rows()


def own_payments(user):
    """Return the payments into the person's accounts, of homes they sold too."""
    rows = Payment.objects.filter(PaidByUs().q(None, user))
    return rows.select_related("books__estate__area", "books__company", "reverses__books__estate").prefetch_related(
        Prefetch("account", HouseholdAccount.objects.with_owners()),
        Prefetch("dwelling", Dwelling.objects.with_address()),
    )


def own_accounts(user) -> list[OwnAccount]:
    """Return the person's accounts, those of homes they sold last, and homes with nothing charged yet.

    A fixed number of statements for any number of accounts.
    """
    rows = list(accounts_of_user(user).with_owners().order_by("dwelling__code", "-number"))
    rows.sort(key=lambda row: not row.is_open)
    homes = Dwelling.objects.filter(pk__in=_homes(user)).exclude(pk__in=[row.dwelling_id for row in rows])
    homes = list(homes.with_address().order_by("code"))
    estates = {dwelling.building.estate_id for dwelling in homes} | {row.books.estate_id for row in rows}
    kept = EstateBooks.objects.filter(estate__in=estates).select_related("estate__area", "company")
    books = {one.estate_id: one for one in kept.defer("estate__area__boundary")}
    found = _read(user, [OwnAccount(row.dwelling, books[row.books.estate_id], row, Account(row.pk)) for row in rows])
    for dwelling in homes:
        if of := books.get(dwelling.building.estate_id):
            found.append(OwnAccount(dwelling, of, None, Account(0)))
    return found


def _homes(user) -> set[int]:
    """Return the dwellings that the person owns or lives in as owner or family today."""
    owned = Ownership.objects.current().filter(user=user).values_list("dwelling", flat=True)
    lived_in = Residency.objects.current().filter(user=user, kind__in=HOUSEHOLD_KINDS)
    return {*owned, *lived_in.values_list("dwelling", flat=True)}


def _read(user, found: list[OwnAccount]) -> list[OwnAccount]:
    """Read what accounts are charged and paid, all of them together."""
    keys = [own.row.pk for own in found]
    told, waiting, paid = accounts_of(None, keys), _waiting(user, found), defaultdict(list)
    wanted = {key for _account, key in waiting} | {bill.period_id for one in told.values() for bill in one.bills}
    periods = CostPeriod.objects.filter(pk__in=wanted).with_rows().in_bulk()
    payments = own_payments(user).filter(account__in=keys).newest_of_each(SHOWN)
    for payment in payments.select_related("books__estate", "dwelling", "reverses__books__estate"):
        paid[payment.account_id].append(payment)
    for own in found:
        own.account = _until(told.get(own.row.pk, own.account), own.row.seen_until, periods)
        own.bills = [(bill, periods[bill.period_id]) for bill in reversed(own.account.bills)]
        own.coming = [(periods[key], amount) for (account, key), amount in waiting.items() if account == own.row.pk]
        own.payments = paid[own.row.pk]
        for payment in own.payments:
            payment.account = own.row
    return found


def _until(account: Account, day: date | None, periods: dict[int, CostPeriod]) -> Account:
    """Return of an account what is charged for days until ``day``, and how much of that is paid; all for None."""
    if day is None:
        return account
    bills = [bill for bill in account.bills if periods[bill.period_id].owners_of <= day]
    return Account(account.account_id, bills, sum((bill.covered for bill in bills), NOTHING))


def _waiting(user, found: list[OwnAccount]) -> dict[tuple[int, int], Decimal]:
    """Return what is charged and not collected yet, by account and period."""
    by_dwelling = defaultdict(list)
    for own in found:
        by_dwelling[own.row.dwelling_id].append(own.row)
    charges = Charge.objects.filter(ChargedToMe().q(None, user), period__state=PeriodState.PUBLISHED)
    waiting: dict[tuple[int, int], Decimal] = defaultdict(lambda: NOTHING)
    for charge in charges.select_related("period"):
        day = charge.period.owners_of
        for row in by_dwelling[charge.dwelling_id]:
            if row.books_id == charge.period.books_id and row.holds(day):
                waiting[row.pk, charge.period_id] += charge.amount
    return waiting
