"""What residents read of an estate's money: what is published of the estate of their home, and their own account."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.db.models import Q

from governance.models import Dwelling, Ownership, Residency
from property.costs.accounts import NOTHING, Account, Bill, account_of
from property.costs.querysets import HOUSEHOLD_KINDS, PAYABLE, OfMyEstate
from property.models.books import EstateBooks, Payment
from property.models.costs import Charge, CostPeriod
from property.models.disclosure import Disclosure

SHOWN = 40


@dataclass
class OwnAccount:
    """The account of a home as its household reads it: from ``since`` on, the day it became theirs.

    ``coming``: charges of periods that hang out and are not collected yet, pairs of period and yuan.
    """

    dwelling: Dwelling
    books: EstateBooks
    since: date
    account: Account
    bills: list[tuple[Bill, CostPeriod]] = field(default_factory=list)
    coming: list[tuple[CostPeriod, Decimal]] = field(default_factory=list)
    payments: list[Payment] = field(default_factory=list)

    @property
    def owed(self) -> Decimal:
        """What is open of the bills that are theirs."""
        return sum((bill.open for bill, _period in self.bills), NOTHING)


def own_books(user):
    """Return the books of the estates where the person owns or lives, confirmed."""
    rows = EstateBooks.objects.filter(OfMyEstate().q(None, user))
    return rows.select_related("estate__area", "company", "fund").defer("estate__area__boundary").order_by("estate")


def own_periods(user):
    """Return what was published of cost periods of these estates."""
    rows = CostPeriod.objects.visible_to(user).filter(OfMyEstate("books").q(None, user)).public()
    return rows.with_rows().select_related("resolution")


def own_disclosures(user):
    """Return what was published of funds and public income of these estates."""
    rows = Disclosure.objects.visible_to(user).filter(OfMyEstate("books").q(None, user), state="published")
    return rows.with_rows()


def own_payments(user):
    """Return the payments for the person's homes since they are theirs."""
    mine = Q(pk__in=[])
    for dwelling, since in _homes(user):
        mine |= Q(dwelling=dwelling, paid_on__gte=since)
    return (
        Payment.objects.visible_to(user)
        .filter(mine)
        .select_related(
            "books__estate__area", "books__company", "dwelling__building__estate", "dwelling__entrance",
            "reverses__books__estate",
        )
    )  # fmt: skip


def _homes(user) -> list[tuple[int, date]]:
    """Return the dwellings of the person, each with the day it became theirs."""
    owned = Ownership.objects.current().filter(user=user).values_list("dwelling", "valid_from")
    lived_in = Residency.objects.current().filter(user=user, kind__in=HOUSEHOLD_KINDS)
    first: dict[int, date] = {}
    for dwelling, day in [*owned, *lived_in.values_list("dwelling", "valid_from")]:
        first[dwelling] = min(first.get(dwelling, day), day)
    return sorted(first.items())


def own_accounts(user) -> list[OwnAccount]:
    """Return the accounts of the person's homes whose estate has books."""
    found = []
    since = dict(_homes(user))
    rows = Dwelling.objects.filter(pk__in=since).with_address().order_by("code")
    kept = {books.estate_id: books for books in EstateBooks.objects.filter(estate__buildings__dwellings__in=since)
            .select_related("estate__area", "company").defer("estate__area__boundary")}  # fmt: skip
    for dwelling in rows:
        books = kept.get(dwelling.building.estate_id)
        if books is not None:
            found.append(_read(OwnAccount(dwelling, books, since[dwelling.pk], account_of(books, dwelling.pk)), user))
    return found


def _read(own: OwnAccount, user) -> OwnAccount:
    periods = {
        period.pk: period
        for period in CostPeriod.objects.filter(books=own.books, last__gte=own.since).public().with_rows()
    }
    own.bills = [(bill, periods[bill.period_id]) for bill in reversed(own.account.bills) if bill.period_id in periods]
    charges = Charge.objects.visible_to(user).filter(dwelling=own.dwelling, period__in=periods)
    waiting: dict[int, Decimal] = {}
    for charge in charges.exclude(period__state__in=PAYABLE):
        waiting[charge.period_id] = waiting.get(charge.period_id, NOTHING) + charge.amount
    own.coming = [(periods[key], amount) for key, amount in waiting.items()]
    payments = Payment.objects.visible_to(user).filter(books=own.books, dwelling=own.dwelling, paid_on__gte=own.since)
    payments = payments.select_related("books__estate", "dwelling", "reverses__books__estate")
    own.payments = list(payments[:SHOWN])
    return own
