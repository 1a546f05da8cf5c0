"""What residents read of an estate's money: what is published of the estate of their home, and their own account."""

from dataclasses import dataclass, field
from decimal import Decimal

from django.db.models import Prefetch

from governance.models import Dwelling, Ownership, Residency
from property.costs.accounts import NOTHING, Account, Bill, account_of
from property.costs.querysets import HOUSEHOLD_KINDS, OfMyEstate, accounts_of_user
from property.costs.workflow import PeriodState
from property.models.books import EstateBooks, Payment
from property.models.costs import Charge, CostPeriod
from property.models.disclosure import Disclosure
from property.models.household import HouseholdAccount

SHOWN = 40


@dataclass
class OwnAccount:
    """An account as its household reads it: ``row`` is None while nothing was charged or paid for the home.

    ``coming``: charges of periods that hang out and are not collected yet, pairs of period and yuan.
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
        """Whether the dwelling changed hands since."""
        return self.row is not None and not self.row.is_open


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
    """Return the payments into the person's accounts, of homes they sold too."""
    rows = Payment.objects.filter(account__in=accounts_of_user(user).values("pk"))
    return rows.select_related("books__estate__area", "books__company", "reverses__books__estate").prefetch_related(
        Prefetch("account", HouseholdAccount.objects.with_owners()),
        Prefetch("dwelling", Dwelling.objects.with_address()),
    )


def own_accounts(user) -> list[OwnAccount]:
    """Return the person's accounts, those of homes they sold last, and homes with nothing charged yet."""
    rows = list(accounts_of_user(user).with_owners().order_by("dwelling__code", "-number"))
    rows.sort(key=lambda row: not row.is_open)
    homes = Dwelling.objects.filter(pk__in=_homes(user)).exclude(pk__in=[row.dwelling_id for row in rows])
    homes = list(homes.with_address().order_by("code"))
    estates = {dwelling.building.estate_id for dwelling in homes} | {row.books.estate_id for row in rows}
    kept = EstateBooks.objects.filter(estate__in=estates).select_related("estate__area", "company")
    books = {one.estate_id: one for one in kept.defer("estate__area__boundary")}
    found = []
    for row in rows:
        of = books[row.books.estate_id]
        found.append(_read(OwnAccount(row.dwelling, of, row, account_of(of, row.pk))))
    for dwelling in homes:
        if of := books.get(dwelling.building.estate_id):
            found.append(OwnAccount(dwelling, of, None, Account(0)))
    return found


def _homes(user) -> set[int]:
    """Return the dwellings that the person owns or lives in as owner or family today."""
    owned = Ownership.objects.current().filter(user=user).values_list("dwelling", flat=True)
    lived_in = Residency.objects.current().filter(user=user, kind__in=HOUSEHOLD_KINDS)
    return {*owned, *lived_in.values_list("dwelling", flat=True)}


def _read(own: OwnAccount) -> OwnAccount:
    charges = Charge.objects.filter(
        dwelling=own.dwelling, period__books=own.books, period__state=PeriodState.PUBLISHED,
        period__owners_of__contained_by=own.row.days,
    )  # fmt: skip
    waiting: dict[int, Decimal] = {}
    for charge in charges:
        waiting[charge.period_id] = waiting.get(charge.period_id, NOTHING) + charge.amount
    wanted = {*waiting, *(bill.period_id for bill in own.account.bills)}
    periods = CostPeriod.objects.filter(pk__in=wanted).with_rows().in_bulk()
    own.bills = [(bill, periods[bill.period_id]) for bill in reversed(own.account.bills)]
    own.coming = [(periods[key], amount) for key, amount in waiting.items()]
    payments = Payment.objects.filter(account=own.row)
    own.payments = list(payments.select_related("books__estate", "dwelling", "reverses__books__estate")[:SHOWN])
    for payment in own.payments:
        payment.account = own.row
    return own
