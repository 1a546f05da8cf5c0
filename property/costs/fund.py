"""The maintenance fund: money in, and out only as far as an effective resolution lets it."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from governance.attachments import attach
from governance.errors import Conflict, Invalid
from governance.models import AttachmentPurpose
from governance.photos import Upload
from governance.transactions import atomically
from governance.workflow import carries_out, perform
from property.costs.ledger import NOTHING, books_locked, check_amount, check_day, check_not_disclosed, line_written
from property.models.books import EstateBooks
from property.models.decision import Resolution
from property.models.disclosure import DisclosureKind
from property.models.fund import FundEntry, FundEntryKind, FundUse, MaintenanceFund
from property.models.ruleset import ResolutionKind
from property.voting.workflow import ResolutionState

FUND = "property.maintenancefund"
BEFORE_THE_VOTE = (ResolutionState.PROPOSED, ResolutionState.DELIBERATING)


@carries_out("property.estatebooks", "open_fund")
def fund_open(books: EstateBooks, *, actor, bank: str, amount: Decimal, booked_on: date, photos: Sequence[Upload] = (),
              **given) -> EstateBooks:  # fmt: skip
    """Register the fund of an estate with what it holds (0: nothing yet); ``made`` of the books returned is the fund.

    Raises Conflict when there is one.
    """
    check_day(booked_on, "booked_on")
    if amount:
        check_amount(amount)
    with atomically():
        fresh, event = perform(books, "open_fund", actor=actor, payload={"amount": str(amount)}, **given)
        fund = MaintenanceFund.objects.create(books=fresh, bank=bank, opened_on=booked_on)
        if amount:
            line = FundEntry(fund=fund, kind=FundEntryKind.DEPOSIT, amount=amount, booked_on=booked_on,
                             purpose=_("Opening balance"), made_by=actor)  # fmt: skip
            line_written(line, fund.entries)
        attach(fund, photos, purpose=AttachmentPurpose.EVIDENCE, actor=actor, event=event)
    fresh.made = fund
    return fresh


@carries_out(FUND, "deposit")
def fund_deposit(fund: MaintenanceFund, *, actor, kind: str, amount: Decimal, booked_on: date, purpose: str,
                 **given) -> MaintenanceFund:  # fmt: skip
    """Record money that came into the fund: a deposit of owners, or interest."""
    check_amount(amount)
    if kind not in (FundEntryKind.DEPOSIT, FundEntryKind.INTEREST):
        raise Invalid(_("A deposit or interest is needed."), field="kind", code="invalid_choice")
    line = FundEntry(kind=kind, amount=amount, booked_on=booked_on, purpose=purpose)
    return _written(fund, "deposit", line, actor=actor, **given)


@carries_out(FUND, "propose_use")
def fund_use_propose(fund: MaintenanceFund, *, actor, resolution: Resolution, amount: Decimal, purpose: str,
                     photos: Sequence[Upload] = (), **given) -> MaintenanceFund:  # fmt: skip
    """State what a resolution of the estate would let be used, before anybody votes on it.

    Raises Invalid (another estate, a consultation, already voted on) or Conflict (the resolution has a use already).
    """
    check_amount(amount)
    with atomically():
        books_locked(fund.books_id)
        resolution = Resolution.objects.select_for_update(of=("self",)).get(pk=resolution.pk)
        if resolution.estate_id != fund.books.estate_id:
            raise Invalid(_("This resolution is not of this estate."), field="resolution", code="mismatch")
        if resolution.kind != ResolutionKind.STATUTORY:
            raise Invalid(
                _("The fund is used by the owners' joint decision only (民法典 278)."), field="resolution", code="kind"
            )
        if resolution.state not in BEFORE_THE_VOTE or resolution.noticed_at is not None:
            raise Invalid(
                _("This resolution is announced or voted on already: what it lets be used cannot be stated any more."),
                field="resolution", code="too_late",
            )  # fmt: skip
        if FundUse.objects.filter(resolution=resolution).exists():
            raise Conflict(_("This resolution states a use already."), field="resolution", code="exists")
        use = FundUse.objects.create(fund=fund, resolution=resolution, amount=amount, purpose=purpose, made_by=actor)
        payload = {"resolution": resolution.pk, "amount": str(amount)}
        fresh, event = perform(fund, "propose_use", actor=actor, payload=payload, **given)
        attach(use, photos, purpose=AttachmentPurpose.EVIDENCE, actor=actor, event=event)
    fresh.made = use
    return fresh


def used_by_resolution(fund: MaintenanceFund) -> dict[int, Decimal]:
    """Return how much was taken under each resolution, as ``used_of`` says it of one; one statement."""
    lines = FundEntry.objects.filter(fund=fund).exclude(resolution=None).order_by()
    return {key: -whole for key, whole in lines.values_list("resolution").annotate(whole=Sum("amount"))}


def used_of(use: FundUse) -> Decimal:
    """Return how much of a use was taken from the fund, reversals given back."""
    lines = FundEntry.objects.filter(resolution=use.resolution_id)
    return -(lines.aggregate(whole=Sum("amount"))["whole"] or NOTHING)


def _check_lets_use(resolution: Resolution) -> None:
    """Refuse one that is not in effect, was officially declared otherwise, or became a consultation by another rule."""
    if resolution.kind != ResolutionKind.STATUTORY:
        text = _("The fund is used by the owners' joint decision only (民法典 278).")
        raise Conflict(text, field="use", code="kind")
    if resolution.state != ResolutionState.EFFECTIVE:
        state = {"state": resolution.get_state_display()}
        text = _("The resolution is not in effect: its state is “%(state)s”.") % state
        raise Conflict(text, field="use", code="not_effective")
    if resolution.official_outcome not in ("", ResolutionState.PASSED):  # declared after it took effect
        outcome = {"outcome": resolution.get_official_outcome_display()}
        text = _("The body in charge declared it “%(outcome)s”.") % outcome
        raise Conflict(text, field="use", code="not_effective")


@carries_out(FUND, "use")
def fund_use(fund: MaintenanceFund, *, actor, use: FundUse, amount: Decimal, booked_on: date, purpose: str,
             **given) -> MaintenanceFund:  # fmt: skip
    """Take money from the fund under a resolution.

    Raises Conflict unless the resolution is the owners' and in effect now (its row is locked, so it is not revoked
    meanwhile), or when its amount or the balance does not suffice.
    """
    check_amount(amount)
    with atomically():
        books_locked(fund.books_id)
        resolution = Resolution.objects.select_for_update(of=("self",)).get(pk=use.resolution_id)
        if use.fund_id != fund.pk:
            raise Invalid(_("This resolution is not of this estate."), field="use", code="mismatch")
        _check_lets_use(resolution)
        left = use.amount - used_of(use)
        if amount > left:
            raise Conflict(
                _("The resolution lets only %(left)s yuan more be used.") % {"left": left},
                field="amount", code="above_resolution",
            )  # fmt: skip
        line = FundEntry(
            kind=FundEntryKind.USE, amount=-amount, booked_on=booked_on, purpose=purpose, resolution=resolution
        )
        return _written(fund, "use", line, actor=actor, **given)


@carries_out(FUND, "reverse_entry")
def fund_reverse(fund: MaintenanceFund, *, actor, entry: FundEntry, **given) -> MaintenanceFund:
    """Undo a line that was recorded by mistake. Raises Conflict when it was reversed already, or its money was used."""
    with atomically():
        books_locked(fund.books_id)
        entry = FundEntry.objects.get(pk=entry.pk, fund=fund)
        if entry.kind == FundEntryKind.REVERSAL or FundEntry.objects.filter(reverses=entry).exists():
            raise Conflict(_("This was reversed already, or is a reversal itself."), field="entry", code="reversed")
        line = FundEntry(
            kind=FundEntryKind.REVERSAL, amount=-entry.amount, booked_on=timezone.localdate(), purpose=entry.purpose,
            reverses=entry, resolution_id=entry.resolution_id,
        )  # fmt: skip
        return _written(fund, "reverse_entry", line, actor=actor, **given)


def _written(fund: MaintenanceFund, name: str, line: FundEntry, *, actor, photos: Sequence[Upload] = (),
             **given) -> MaintenanceFund:  # fmt: skip
    check_day(line.booked_on, "booked_on")
    with atomically():
        books = books_locked(fund.books_id)
        check_not_disclosed(books, DisclosureKind.FUND, line.booked_on)
        line.fund, line.made_by = fund, actor
        line_written(line, FundEntry.objects.filter(fund=fund))
        payload = {"line": line.ordinal, "amount": str(line.amount), "balance": str(line.balance),
                   "resolution": line.resolution_id}  # fmt: skip
        fresh, event = perform(fund, name, actor=actor, payload=payload, **given)
        attach(line, photos, purpose=AttachmentPurpose.EVIDENCE, actor=actor, event=event)
    fresh.made = line
    return fresh
