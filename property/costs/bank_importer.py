"""What a bank's list of incoming transfers becomes: a payment each, or an error at its line."""

import re
from functools import partial

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.exchange.cells import choice, day, text
from governance.exchange.importers import Column, Planned, RowError, importer
from governance.models import Dwelling
from governance.search.places import address_q
from property.costs.households import dwellings_locked
from property.costs.importers import AMOUNT, ESTATE, OfBooks, yuan
from property.costs.payments import payment_record
from property.models.books import EstateBooks, Payment, PaymentKind, PaymentMethod
from property.models.household import HouseholdAccount

CODE = re.compile(r"[0-9A-Za-z]+(?:-[0-9A-Za-z]+)+")
ACCOUNT = re.compile(rf"({CODE.pattern})/([0-9]{{1,8}})")
BETWEEN = re.compile(r"[\s,，;；。、:：()（）]+")


@importer
class PaymentImporter(OfBooks):
    """Payments of households out of the list that a bank gives out.

    The dwelling is a code, alone or among the words of the transfer, or an address; the account is that of who owned it
    on the day of the transfer, or another where the code of the account stands there as a word of its own
    (GY-1-1-101/1; in GY-1-1-101/1季度 nobody named one). A transfer that is recorded already is left out, so that a
    list may overlap the one before; all else that cannot be stored is an error.
    """

    key = "property.payments"
    label = gettext_lazy("Payments from a bank's list")
    permission = "property.add_payment"
    advice = gettext_lazy("Transfers that are recorded already are left out, so lists of a bank may overlap.")
    columns = (
        ESTATE,
        Column("paid_on", gettext_lazy("paid on"), required=True, help="2026-01-31"),
        AMOUNT,
        Column("reference", gettext_lazy("number of the transfer"), required=True),
        Column(
            "dwelling", gettext_lazy("dwelling"), required=True,
            help=gettext_lazy("Code, which other words may stand around, or address."),
        ),
        Column("method", gettext_lazy("way of payment"), help=gettext_lazy("Bank transfer when empty.")),
    )  # fmt: skip

    def prepare(self, actor):
        super().prepare(actor)
        self.dwellings: dict[tuple[int, str], list[Dwelling]] = {}
        self.accounts: dict[tuple[int, str, int], HouseholdAccount] = {}

    def foresee(self, rows):
        """Find the dwellings, accounts and transfers that are named; lock all dwellings before any line locks books."""
        estates = {self.books[row["estate"]].estate_id for row in rows if row["estate"] in self.books}
        codes = {code for row in rows for code in CODE.findall(row["dwelling"])}
        found = Dwelling.objects.filter(building__estate__in=estates, code__in=codes).select_related("building")
        by_code = {(row.building.estate_id, row.code): row for row in found}
        for row in rows:
            books = self.books.get(row["estate"])
            if books is not None and (books.estate_id, row["dwelling"]) not in self.dwellings:
                self.dwellings[books.estate_id, row["dwelling"]] = _meant(books.estate_id, row["dwelling"], by_code)
        dwellings_locked(one.pk for meant in self.dwellings.values() for one in meant)
        accounts = HouseholdAccount.objects.filter(dwelling__in=found).select_related("dwelling")
        self.accounts = {(row.books_id, row.dwelling.code, row.number): row for row in accounts}
        kept = {books.pk for books in self.books.values() if books.estate_id in estates}
        recorded = Payment.objects.filter(books__in=kept, kind=PaymentKind.PAYMENT, reversal=None)
        recorded = recorded.filter(reference__in={row["reference"] for row in rows})
        self.recorded = {(row.books_id, row.reference): row for row in recorded}

    def read(self, row):
        books, reference = self.books_of(row), text(row, "reference", 60)
        amount, paid_on = yuan(row, "amount"), day(row, "paid_on")
        method = choice(row, "method", PaymentMethod, PaymentMethod.BANK)
        dwelling, account = self._dwelling(books, row), self._account(books, row)
        key, title = (books.pk, reference), f"{dwelling.code} {amount} · {reference}"
        known = self.recorded.get(key)
        if known is not None:
            other = account is not None and known.account_id != account.pk
            if other or (known.dwelling_id, known.amount) != (dwelling.pk, amount):
                raise RowError("reference", _("This transfer is recorded already, with another amount or dwelling."))
            return Planned(key, "same", title=title)
        self.carried_out(
            partial(payment_record, books), dwelling=dwelling, amount=amount, method=method, paid_on=paid_on,
            reference=reference, account=account,
        )  # fmt: skip
        return Planned(key, "add", title=title)

    def _dwelling(self, books: EstateBooks, row: dict) -> Dwelling:
        found = self.dwellings[books.estate_id, row["dwelling"]]
        if len(found) != 1:
            told = _("More than one dwelling is meant.") if found else _("There is no such dwelling in this estate.")
            raise RowError("dwelling", told)
        return found[0]

    def _account(self, books: EstateBooks, row: dict) -> HouseholdAccount | None:
        """Return the account that the words name; None: that of who owned the dwelling on the day of the transfer."""
        named = next(filter(None, map(ACCOUNT.fullmatch, BETWEEN.split(row["dwelling"]))), None)
        if named is None:
            return None
        found = self.accounts.get((books.pk, named[1], int(named[2])))
        if found is None:
            raise RowError("dwelling", _("There is no such account in this estate."))
        return found


def _meant(estate: int, words: str, by_code: dict[tuple[int, str], Dwelling]) -> list[Dwelling]:
    """Return the dwellings of an estate that the words of a transfer name, by code or else as an address."""
    found = {by_code.get((estate, code)) for code in CODE.findall(words)} - {None}
    if not found and (wanted := address_q(words)) is not None:
        rows = Dwelling.objects.filter(wanted, building__estate=estate).select_related("building")
        found = set(rows.distinct()[:2])
    return list(found)
