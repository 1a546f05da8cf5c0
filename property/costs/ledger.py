"""Writing a line into a ledger: under the lock of the books, numbered on, with the balance carried on."""

from datetime import date
from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext as _

from governance.errors import Conflict, Invalid
from property.costs.workflow import BooksState, DisclosureState
from property.models.books import EstateBooks, LedgerEntry
from property.models.disclosure import Disclosure

NOTHING = Decimal("0.00")


def books_locked(pk: int, *, closed_too: bool = False) -> EstateBooks:
    """Return the books, locked until the end of the transaction: all who write money of the estate take turns.

    Raises Conflict when they are closed, unless ``closed_too``: what was may still be published.
    """
    books = EstateBooks.objects.lock(pk)
    if books.state == BooksState.CLOSED and not closed_too:
        raise Conflict(_("The books of this estate are closed."), code="closed")
    return books


def check_amount(amount: Decimal, field: str = "amount") -> None:
    """Refuse an amount that is not above 0 and exact to the fen."""
    if amount <= 0:
        raise Invalid(_("The amount must be above 0."), field=field, code="not_positive")
    if amount != amount.quantize(Decimal("0.01")):
        raise Invalid(_("Amounts are exact to the fen."), field=field, code="fen")


def check_day(day: date, field: str) -> None:
    """Refuse a day in the future."""
    if day > timezone.localdate():
        raise Invalid(_("The day lies in the future."), field=field, code="future")


def check_not_disclosed(books: EstateBooks, kind: str, day: date) -> None:
    """Refuse a line of a day whose figures were published; a late line is booked on the day it is found."""
    if Disclosure.objects.filter(books=books, kind=kind, state=DisclosureState.PUBLISHED, last__gte=day).exists():
        raise Invalid(
            _("The figures of this day are published. Book it on a later day."), field="booked_on", code="disclosed"
        )


def balance_of(rows) -> Decimal:
    """Return the balance of a ledger: that of its last line."""
    return rows.order_by("-ordinal").values_list("balance", flat=True).first() or NOTHING


def line_written(entry: LedgerEntry, rows) -> LedgerEntry:
    """Store ``entry`` as the next line of the ledger ``rows``; call it under the lock of the books.

    Raises Conflict when the balance would be below zero.
    """
    last = rows.order_by("-ordinal").first()
    entry.ordinal = last.ordinal + 1 if last else 1
    entry.balance = (last.balance if last else NOTHING) + entry.amount
    if entry.balance < 0:
        raise Conflict(
            _("There are only %(balance)s yuan.") % {"balance": entry.balance - entry.amount}, code="not_enough"
        )
    entry.save(force_insert=True)
    return entry
