"""Payments of households: recorded, given back, reversed. Nobody edits one.

More than a household owes is taken and kept as its credit: banks transfer what people typed in, and money that came
must be in the books. Credit pays the next bills by itself, or is given back. Each names the account of a household:
without one it is that of who owned the dwelling on the day of the payment. Dwellings are locked before the books.
"""

from datetime import date
from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext as _

from governance.errors import Conflict, Invalid
from governance.models import Dwelling
from governance.transactions import atomically
from governance.workflow import carries_out, perform
from property.costs.accounts import Account, account_of
from property.costs.households import account_on, dwellings_locked
from property.costs.ledger import books_locked, check_amount, check_day
from property.models.books import EstateBooks, Payment, PaymentKind
from property.models.household import HouseholdAccount

BOOKS = "property.estatebooks"


@carries_out(BOOKS, "pay")
def payment_record(books: EstateBooks, *, actor, dwelling: Dwelling, amount: Decimal, method: str, paid_on: date,
                   reference: str = "", owed: Decimal | None = None, account: HouseholdAccount | None = None,
                   **given) -> EstateBooks:  # fmt: skip
    """Record what a household paid; ``made`` of the books returned is the payment.

    ``account``: whose (None: of who owned the dwelling on ``paid_on``). ``owed``: its ``Account.balance`` when the
    form was shown; if somebody recorded something since, or the form was sent twice, it is a Conflict.
    ``reference``: number of the transfer, never recorded twice unless it was reversed. Raises Invalid, Conflict.
    """
    check_amount(amount)
    check_day(paid_on, "paid_on")
    with atomically():
        dwellings_locked([dwelling.pk])
        books = books_locked(books.pk)
        account = _account(books, dwelling, account, paid_on)
        before = account_of(books, account.pk)
        _check_unchanged(before, owed)
        _check_reference(books, reference)
        payment = _numbered(
            Payment(books=books, dwelling=dwelling, account=account, amount=amount, method=method, paid_on=paid_on,
                    reference=reference, made_by=actor, covers=_covered(before, amount))
        )  # fmt: skip
        return _performed(books, "pay", payment, actor=actor, **given)


@carries_out(BOOKS, "refund")
def payment_refund(books: EstateBooks, *, actor, dwelling: Dwelling, amount: Decimal, method: str, paid_on: date,
                   owed: Decimal | None = None, account: HouseholdAccount | None = None,
                   **given) -> EstateBooks:  # fmt: skip
    """Give money back to a household, at most the credit of its account; ``account``, ``owed``: as of a payment."""
    check_amount(amount)
    check_day(paid_on, "paid_on")
    with atomically():
        dwellings_locked([dwelling.pk])
        books = books_locked(books.pk)
        account = _account(books, dwelling, account, paid_on)
        before = account_of(books, account.pk)
        _check_unchanged(before, owed)
        if amount > before.credit:
            told = _("The credit of this account is %(credit)s yuan; no more can be given back.")
            raise Conflict(
                told % {"credit": before.credit},
                field="amount",
                code="above_credit",
            )
        payment = _numbered(
            Payment(books=books, dwelling=dwelling, account=account, kind=PaymentKind.REFUND, amount=-amount,
                    method=method, paid_on=paid_on, made_by=actor)
        )  # fmt: skip
        return _performed(books, "refund", payment, actor=actor, **given)


@carries_out(BOOKS, "reverse_payment")
def payment_reverse(books: EstateBooks, *, actor, payment: Payment, **given) -> EstateBooks:
    """Undo a payment or a refund that was recorded by mistake, by a line with the opposite sign.

    Raises Conflict when it was reversed already, is a reversal itself, or its money was given back since.
    """
    with atomically():
        dwellings_locked([payment.dwelling_id])
        books = books_locked(books.pk)
        payment = Payment.objects.get(pk=payment.pk, books=books)
        if payment.kind == PaymentKind.REVERSAL or Payment.objects.filter(reverses=payment).exists():
            raise Conflict(_("This was reversed already, or is a reversal itself."), field="payment", code="reversed")
        if account_of(books, payment.account_id).paid < payment.amount:
            raise Conflict(
                _("Its money was given back already: reverse that first."), field="payment", code="given_back"
            )
        line = _numbered(
            Payment(books=books, dwelling_id=payment.dwelling_id, account_id=payment.account_id,
                    kind=PaymentKind.REVERSAL, amount=-payment.amount, method=payment.method,
                    paid_on=timezone.localdate(), reverses=payment, made_by=actor)
        )  # fmt: skip
        return _performed(books, "reverse_payment", line, actor=actor, **given)


def _account(books: EstateBooks, dwelling: Dwelling, named: HouseholdAccount | None, day: date) -> HouseholdAccount:
    if dwelling.building.estate_id != books.estate_id:
        raise Invalid(_("This dwelling is of another estate."), field="dwelling", code="mismatch")
    if named is None:
        return account_on(books, dwelling.pk, day)
    if (named.books_id, named.dwelling_id) != (books.pk, dwelling.pk):
        raise Invalid(_("This account is of another dwelling."), field="account", code="mismatch")
    return named


def _check_unchanged(account: Account, owed: Decimal | None) -> None:
    """Refuse what was entered when the account owed something else; a form sent twice is refused the second time."""
    if owed is not None and owed != account.balance:
        raise Conflict(
            _("Somebody recorded something for this account in the meantime: it owes %(owed)s yuan now.")
            % {"owed": account.balance},
            field="owed",
            code="changed",
        )


def _check_reference(books: EstateBooks, reference: str) -> None:
    same = Payment.objects.filter(books=books, reference=reference, kind=PaymentKind.PAYMENT, reversal=None)
    if reference and same.exists():
        raise Conflict(_("This transfer is recorded already."), field="reference", code="duplicate")


def _covered(account: Account, amount: Decimal) -> list:
    """Return which bills an amount pays that comes now: pairs of period and yuan, as a receipt says it."""
    left, covers = amount, []
    for bill in account.bills:
        part = min(bill.open, left)
        if part > 0:
            covers.append([bill.period_id, str(part)])
            left -= part
    return covers


def _numbered(payment: Payment) -> Payment:
    """Store a payment with the next receipt of the estate and year; call it under the lock of the books."""
    payment.year = timezone.localdate().year
    rows = Payment.objects.filter(books=payment.books, year=payment.year).order_by("-number")
    payment.number = (rows.values_list("number", flat=True).first() or 0) + 1
    payment.save(force_insert=True)
    return payment


def _performed(books: EstateBooks, name: str, payment: Payment, *, actor, **given) -> EstateBooks:
    # Whose and how much stands in the payment alone: the event is pushed to all who see the books.
    payload = {"payment": payment.pk, "receipt": payment.receipt}
    given.pop("photos", None)
    fresh, _event = perform(books, name, actor=actor, payload=payload, **given)
    fresh.made = payment
    return fresh
