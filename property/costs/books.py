"""Opening an estate's books, entrusting them, and its ledger of public income."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from governance import events
from governance.attachments import attach
from governance.configuration import configuration_grant
from governance.errors import Conflict, Invalid, NotPermitted
from governance.models import AttachmentPurpose, Estate, OrgUnit, UnitKind
from governance.photos import Upload
from governance.transactions import atomically
from governance.workflow import carries_out, perform
from property.costs.ledger import books_locked, check_amount, check_day, check_not_disclosed, line_written
from property.models.books import EstateBooks, IncomeDirection, IncomeEntry
from property.models.disclosure import DisclosureKind

BOOKS = "property.estatebooks"


def books_open(*, actor, estate: Estate, company: OrgUnit | None = None) -> EstateBooks:
    """Open the books of an estate; ``company`` is the property company that keeps them.

    Raises NotPermitted, Invalid (no property company, estate not in use), or Conflict when they are open already.
    """
    books = EstateBooks(estate=estate, company=company)
    grant = configuration_grant(books, "add", actor)
    if grant is None:
        raise NotPermitted(_("You may not open books for this estate."))
    if not estate.is_active:
        raise Invalid(_("This estate is no longer in use."), field="estate", code="inactive")
    _check_company(company)
    with atomically():
        try:
            with transaction.atomic():
                books.save(force_insert=True)
        except IntegrityError as error:
            raise Conflict(_("This estate has books already."), field="estate", code="exists") from error
        payload = {"estate": estate.code, "company": company.code if company else None, "to": books.state}
        events.record("books.opened", books, actor=actor, grant=grant, payload=payload)
    return books


@carries_out(BOOKS, "entrust")
def books_entrust(books: EstateBooks, *, actor, company: OrgUnit | None, **given) -> EstateBooks:
    """Let another property company (None: the community itself) keep the books. Raises Invalid."""
    _check_company(company)
    given.pop("photos", None)
    payload = {"company": company.code if company else None}
    return perform(books, "entrust", actor=actor, company=company, payload=payload, **given)[0]


def _check_company(company: OrgUnit | None) -> None:
    if company is not None and (company.kind != UnitKind.PROPERTY_COMPANY or not company.is_active):
        raise Invalid(_("A property company that is in use is needed."), field="company", code="kind")


@carries_out(BOOKS, "earn")
def income_record(books: EstateBooks, *, actor, kind: str, amount: Decimal, booked_on: date, purpose: str,
                  **given) -> EstateBooks:  # fmt: skip
    """Record income from common parts with its documents; ``made`` of the books returned is the line."""
    check_amount(amount)
    line = IncomeEntry(direction=IncomeDirection.INCOME, kind=kind, amount=amount, booked_on=booked_on, purpose=purpose)
    return _income_written(books, "earn", line, actor=actor, **given)


@carries_out(BOOKS, "spend")
def income_cost_record(books: EstateBooks, *, actor, kind: str, amount: Decimal, booked_on: date, purpose: str,
                       **given) -> EstateBooks:  # fmt: skip
    """Record the reasonable cost of having an income. Raises Conflict when there is not so much."""
    check_amount(amount)
    line = IncomeEntry(direction=IncomeDirection.COST, kind=kind, amount=-amount, booked_on=booked_on, purpose=purpose)
    return _income_written(books, "spend", line, actor=actor, **given)


@carries_out(BOOKS, "reverse_income")
def income_reverse(books: EstateBooks, *, actor, entry: IncomeEntry, **given) -> EstateBooks:
    """Undo a line that was recorded by mistake. What a period took is undone by correcting the period.

    Raises Conflict when it was reversed already, or its money was used since.
    """
    with atomically():
        books = books_locked(books.pk)
        entry = IncomeEntry.objects.get(pk=entry.pk, books=books)
        free = entry.direction in (IncomeDirection.INCOME, IncomeDirection.COST)
        if not free or IncomeEntry.objects.filter(reverses=entry).exists():
            raise Conflict(_("This line cannot be reversed, or was already."), field="entry", code="reversed")
        line = IncomeEntry(
            direction=IncomeDirection.REVERSAL, kind=entry.kind, amount=-entry.amount, booked_on=timezone.localdate(),
            purpose=entry.purpose, reverses=entry,
        )  # fmt: skip
        return _income_written(books, "reverse_income", line, actor=actor, **given)


def _income_written(books: EstateBooks, name: str, line: IncomeEntry, *, actor, photos: Sequence[Upload] = (),
                    **given) -> EstateBooks:  # fmt: skip
    check_day(line.booked_on, "booked_on")
    with atomically():
        line.books, line.made_by = books_locked(books.pk), actor
        check_not_disclosed(line.books, DisclosureKind.PUBLIC_INCOME, line.booked_on)
        line_written(line, IncomeEntry.objects.filter(books=line.books))
        payload = {"line": line.ordinal, "kind": line.kind, "amount": str(line.amount), "balance": str(line.balance)}
        fresh, event = perform(books, name, actor=actor, payload=payload, **given)
        attach(line, photos, purpose=AttachmentPurpose.EVIDENCE, actor=actor, event=event)
    fresh.made = line
    return fresh


def income_shared(books: EstateBooks, *, actor, period, amount: Decimal) -> None:
    """Take what public income bears of a period (below 0: give back); call it under the lock of the books.

    Raises Conflict when there is not so much.
    """
    if amount == 0:
        return
    line = IncomeEntry(
        books=books, direction=IncomeDirection.SHARED, amount=-amount, booked_on=timezone.localdate(),
        purpose=period.name, period=period, made_by=actor,
    )  # fmt: skip
    line_written(line, IncomeEntry.objects.filter(books=books))
