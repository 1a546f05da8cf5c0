"""Accounts of households: opened, closed at a sale, opened anew for the buyer. Kept in step with the registry.

A charge is owed by the owners of the dwelling on one day of its period (``CostPeriod.owners_of``), so accounts only
have to know their days: when a sale is recorded late, what was charged since falls to the buyer by itself, and what
the seller paid for it is the seller's credit. Whoever writes here holds the dwelling's lock; who needs the books
too takes theirs after it: a sale and a payment at the same moment take turns.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Min
from django.utils import timezone

from governance import events
from governance.events import on
from governance.models import Dwelling, Ownership, Role, User
from governance.scoping import Grant
from property.costs.accounts import NOTHING, account_of
from property.costs.chains import Household, Stretch, Tie, chain_of, households_of
from property.models.books import EstateBooks, Payment
from property.models.costs import Charge
from property.models.household import AccountOwner, HouseholdAccount

COUNTED = ("verified", "ended")


def dwellings_locked(keys: Iterable[int]) -> None:
    """Lock dwellings until the end of the transaction, before the books: their owners do not change meanwhile."""
    rows = Dwelling.objects.select_for_update(no_key=True).filter(pk__in=set(keys)).order_by("pk")
    list(rows.values_list("pk"))


@on("ownership.verified", "ownership.ended", "ownership.corrected")
def owners_changed(event, ownership: Ownership) -> None:
    """Close the account of who sold and open the buyer's, where the dwelling has accounts already."""
    books = EstateBooks.objects.filter(accounts__dwelling=ownership.dwelling_id).select_related("estate").first()
    if books is not None:
        accounts_kept(books, [ownership.dwelling_id], occurred_at=event.occurred_at)


def account_on(books: EstateBooks, dwelling_id: int, day: date) -> HouseholdAccount:
    """Return the account of who owned the dwelling on a day, opened if need be; call it under the dwelling's lock."""
    rows = HouseholdAccount.objects.filter(books=books, dwelling=dwelling_id, days__contains=day).with_owners()
    found = rows.first()  # kept in step with its owners since it was opened
    if found is None:
        accounts_kept(books, [dwelling_id], day=day)
        found = rows.get()
    return found


def balance_on(books: EstateBooks, dwelling: Dwelling, account: HouseholdAccount | None, day: date) -> Decimal:
    """Return what an account owes (below 0: its credit); without one, that of who owned the dwelling on ``day``."""
    if account is None:
        rows = HouseholdAccount.objects.filter(books=books, dwelling=dwelling)
        account = rows.filter(days__contains=day).first()
    return NOTHING if account is None else account_of(books, account.pk).balance


@dataclass
class _Home:
    """What is known of a dwelling: ownerships, its accounts with the first day written on each, days of charges."""

    ties: list[Tie] = field(default_factory=list)
    accounts: list[HouseholdAccount] = field(default_factory=list)
    known: dict[int, int] = field(default_factory=dict)
    paid: dict[int, date] = field(default_factory=dict)
    charged: set[date] = field(default_factory=set)

    def first_entry(self, account: HouseholdAccount) -> date | None:
        """The first day on which something was charged to it or paid into it."""
        days = [day for day in self.charged if account.holds(day)]
        return min([*days, *([self.paid[account.pk]] if account.pk in self.paid else [])], default=None)


def accounts_kept(books: EstateBooks, dwellings: list[int], *, day: date | None = None, occurred_at=None) -> None:
    """Bring the accounts of dwellings in step with their owners; ``day``: one on which each must have an account."""
    today = timezone.localdate()
    homes = _homes(books, dwellings)
    work = _Work()
    for key in dwellings:
        home = homes[key]
        number = len(home.accounts)
        for stretch, account in _wanted(home, home.charged | ({day} if day else set()), today):
            days = _NO_DAYS if stretch is None else DateRange(stretch.first, stretch.until, "[)")
            ties = stretch.household.ties if stretch is not None and stretch.household is not None else []
            if account is None:
                number += 1
                account = HouseholdAccount(books=books, dwelling_id=key, number=number, days=days)
                work.opened.append(account)
            elif account.days != days:
                work.moved.append((account, days))
            work.owners += [(account, tie.key) for tie in ties if tie.key not in home.known]
    _written(books, work, occurred_at)


_NO_DAYS = DateRange(empty=True)


@dataclass
class _Work:
    opened: list[HouseholdAccount] = field(default_factory=list)
    moved: list[tuple[HouseholdAccount, DateRange]] = field(default_factory=list)
    owners: list[tuple[HouseholdAccount, int]] = field(default_factory=list)


def _wanted(home: _Home, needed: set[date], today: date) -> list[tuple[Stretch | None, HouseholdAccount | None]]:
    """Return the stretches that have or need an account, and (without one) accounts whose days are others' now."""
    households = households_of(home.ties, home.known)
    nobodys = [row for row in home.accounts if row.pk not in home.known.values()]
    for household in households:
        if household.account is None:
            household.account = _taken_over(home, nobodys, household)
    by_key = {row.pk: row for row in home.accounts}
    found: list[tuple[Stretch | None, HouseholdAccount | None]] = []
    has_past = bool(households) and any(_reaches_back(home, row, households[0].first) for row in nobodys)
    for stretch in chain_of(households, has_past=has_past):
        asked = any(stretch.holds(day) for day in needed)
        if stretch.household is not None:
            account = by_key.get(stretch.household.account)
            asked = asked or stretch.holds(today)
        else:
            account = next((row for row in nobodys if _lives_in(home, row, stretch)), None)
            nobodys = [row for row in nobodys if row is not account]
        if account is not None or asked:
            found.append((stretch, account))
    return found + [(None, row) for row in nobodys]


def _taken_over(home: _Home, nobodys: list[HouseholdAccount], household: Household) -> int | None:
    """Give the present owners the account in the dwelling's name when all that is on it is of their days."""
    for row in nobodys if household.until is None else ():
        first = home.first_entry(row)
        if row.days.upper is None and first is not None and first >= household.first:
            nobodys.remove(row)
            return row.pk
    return None


def _reaches_back(home: _Home, row: HouseholdAccount, day: date) -> bool:
    """Tell whether an account in the dwelling's name is of days before ``day``; one of a gap later is not."""
    entry = home.first_entry(row)
    return not row.days.isempty and row.days.lower is None and (entry is None or entry < day)


def _lives_in(home: _Home, row: HouseholdAccount, stretch: Stretch) -> bool:
    day = home.first_entry(row) or row.days.lower
    return stretch.first is None if day is None else stretch.holds(day)


def _homes(books: EstateBooks, dwellings: list[int]) -> dict[int, _Home]:
    homes: dict[int, _Home] = defaultdict(_Home)
    rows = Ownership.objects.filter(dwelling__in=dwellings, state__in=COUNTED).order_by("valid_from", "pk")
    for row in rows:
        entered = timezone.localdate(row.claimed_at)
        homes[row.dwelling_id].ties.append(
            Tie(row.pk, row.valid_from, row.valid_to, row.share, entered, row.user_id, row.owner_name)
        )
    accounts = HouseholdAccount.objects.filter(books=books, dwelling__in=dwellings).order_by("number")
    for account in accounts.select_related("dwelling").prefetch_related("owners"):
        home = homes[account.dwelling_id]
        home.accounts.append(account)
        home.known |= {owner.ownership_id: account.pk for owner in account.owners.all()}
    paid = Payment.objects.filter(books=books, dwelling__in=dwellings).order_by()
    for dwelling, account, first in paid.values_list("dwelling", "account").annotate(first=Min("paid_on")):
        homes[dwelling].paid[account] = first
    charged = Charge.objects.filter(period__books=books, dwelling__in=dwellings, period__owners_of__isnull=False)
    for dwelling, day in charged.order_by().values_list("dwelling", "period__owners_of").distinct():
        homes[dwelling].charged.add(day)
    return homes


def _written(books: EstateBooks, work: _Work, occurred_at) -> None:
    HouseholdAccount.objects.bulk_create(work.opened)
    AccountOwner.objects.bulk_create(AccountOwner(account=row, ownership_id=key) for row, key in work.owners)
    closed = [row for row, days in work.moved if row.days.upper is None and days.upper is not None]
    for account, days in work.moved:
        account.days = days
    HouseholdAccount.objects.bulk_update([account for account, _days in work.moved], ["days"])
    for account in closed:
        payload = {"account": account.pk, "until": str(account.days.upper)}
        events.record("books.account_closed", books, actor=User.objects.system("timers"), grant=Grant(Role.SYSTEM),
                      payload=payload, occurred_at=occurred_at)  # fmt: skip
