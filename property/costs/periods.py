"""Cost periods: drawn up, published, collected, settled, disclosed; corrected by lines with the difference."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from governance.attachments import attach
from governance.errors import Conflict, Invalid
from governance.models import AttachmentPurpose
from governance.photos import Upload
from governance.timers import cancel_timer, set_timer
from governance.transactions import atomically
from governance.workflow import carries_out, perform
from property.costs.accounts import accounts_of
from property.costs.books import income_shared
from property.costs.disclosures import PERIOD_DUE, end_of
from property.costs.households import accounts_kept, dwellings_locked
from property.costs.ledger import balance_of, books_locked, check_amount
from property.costs.rules import days_for, rule_for
from property.costs.sharing import charges_of, shared, weights_of
from property.costs.split import Shared
from property.costs.statements import parts_of, period_figures
from property.models.books import EstateBooks, IncomeEntry
from property.models.costs import (
    Charge,
    CostLine,
    CostPart,
    CostPeriod,
    CostShare,
    CostSource,
)
from property.models.decision import Resolution
from property.models.disclosure import DisclosureKind

PERIOD = "property.costperiod"


@carries_out("property.estatebooks", "open_period")
def period_open(books: EstateBooks, *, actor, title: str, first: date, last: date, agreement: str = "",
                resolution: Resolution | None = None, photos: Sequence[Upload] = (),
                **given) -> EstateBooks:  # fmt: skip
    """Draw up a cost period; ``made`` of the books returned is the period. Households bear everything until set.

    Raises Invalid (days; a resolution not of the estate or not in effect) or Conflict (there is one of the name).
    """
    if last < first:
        raise Invalid(_("The last day lies before the first."), field="last", code="order")
    with atomically():
        books = books_locked(books.pk)
        if resolution is not None:
            resolution = Resolution.objects.lock(resolution.pk)  # not revoked while the period is drawn up under it
            if resolution.estate_id != books.estate_id or not resolution.is_in_effect:
                told = _("A resolution of this estate that is in effect is needed.")
                raise Invalid(told, field="resolution", code="mismatch")
        if CostPeriod.objects.filter(books=books, name=title).exclude(state="discarded").exists():
            raise Conflict(_("There is such a period already."), field="title", code="exists")
        period = CostPeriod.objects.create(
            books=books, name=title, first=first, last=last, agreement=agreement, resolution=resolution, opened_by=actor
        )
        CostShare.objects.create(period=period, source=CostSource.HOUSEHOLD, weight=1)
        payload = {"period": period.pk, "first": str(first), "last": str(last)}
        fresh, event = perform(books, "open_period", actor=actor, payload=payload, **given)
        attach(period, photos, purpose=AttachmentPurpose.EVIDENCE, actor=actor, event=event)
    fresh.made = period
    return fresh


@carries_out(PERIOD, "add_line")
def line_add(period: CostPeriod, *, actor, kind: str, title: str, amount: Decimal, supplier: str = "",
             photos: Sequence[Upload] = (), **given) -> CostPeriod:  # fmt: skip
    """Add a cost with its documents to a draft; ``made`` of the period returned is the line."""
    check_amount(amount)
    with atomically():
        payload = {"kind": kind, "amount": str(amount)}
        fresh, event = perform(period, "add_line", actor=actor, by=actor.pk, payload=payload, **given)
        line = CostLine.objects.create(
            period=fresh, kind=kind, title=title, amount=amount, supplier=supplier, made_by=actor
        )
        attach(line, photos, purpose=AttachmentPurpose.EVIDENCE, actor=actor, event=event)
    fresh.made = line
    return fresh


@carries_out(PERIOD, "drop_line")
def line_drop(period: CostPeriod, *, actor, line: CostLine, photos=(), **given) -> CostPeriod:
    """Strike a line out of a draft."""
    with atomically():
        payload = {"line": line.pk, "amount": str(line.amount)}
        fresh, _event = perform(period, "drop_line", actor=actor, by=actor.pk, payload=payload, **given)
        CostLine.objects.filter(pk=line.pk, period=fresh).delete()
    return fresh


@carries_out(PERIOD, "set_terms")
def terms_set(period: CostPeriod, *, actor, basis: str, terms: dict[str, tuple[Decimal | None, Decimal | None]],
              photos=(), **given) -> CostPeriod:  # fmt: skip
    """Say who bears what: by source a pair (weight, fixed amount), one of them None; and how households share.

    A source that is not named bears nothing. Households always bear by weight. Raises Invalid.
    """
    for source, (weight, fixed) in terms.items():
        if (weight is None) == (fixed is None) or (weight or fixed or 0) < 0:
            raise Invalid(_("Give a share or a fixed amount, not both."), field=f"{source}_weight", code="one_way")
    weight, fixed = terms.get(CostSource.HOUSEHOLD, (None, None))
    if fixed is not None:
        raise Invalid(_("Households bear a share, no fixed amount."), field="household_weight", code="one_way")
    with atomically():
        told = {source: str(fixed if weight is None else weight) for source, (weight, fixed) in terms.items()}
        fresh, _event = perform(
            period, "set_terms", actor=actor, basis=basis, by=actor.pk, payload={"basis": basis, "terms": told}, **given
        )
        fresh.shares.all().delete()
        CostShare.objects.bulk_create(
            CostShare(period=fresh, source=source, weight=weight, fixed=fixed)
            for source, (weight, fixed) in terms.items()
        )
    return fresh


@carries_out(PERIOD, "publish")
def period_publish(period: CostPeriod, *, actor, occurred_at=None, photos=(), **given) -> CostPeriod:
    """Publish a draft (公示): who bears what is computed and stands from now on.

    It hangs out at least as long as the rule of the locality says. Raises Invalid where it cannot be shared out
    (no lines, a dwelling without floor area ...), Conflict where public income has not so much, where the resolution
    behind it is no longer in effect, where dwellings came or went while it was computed; NotPermitted for whoever
    wrote any of it.
    """
    moment, today = occurred_at or timezone.now(), _day_of(occurred_at)
    with atomically():
        known = set(weights_of(period)) if period.state == "draft" else set()
        dwellings_locked(known)
        books = books_locked(period.books_id)
        period = CostPeriod.objects.lock(period.pk)
        owners_of = min(period.last, today)
        days = days_for(DisclosureKind.NOTICE, books.estate.area, today)
        if period.state == "draft":
            weights = weights_of(period)
            if set(weights) != known:
                raise Conflict(_("Somebody changed this in the meantime. Look at it again."), code="changed")
            parts = shared(period, weights)
            _check_means(books, period, parts)
            accounts_kept(books, sorted(weights), day=owners_of)
            _store(period, parts, weights, correction=None)
        return perform(
            period, "publish", actor=actor, published_at=moment, notice_until=today + timedelta(days=days),
            owners_of=owners_of, occurred_at=occurred_at, payload=_told(period), **given,
        )[0]  # fmt: skip


def _check_means(books: EstateBooks, period: CostPeriod, parts: Shared) -> None:
    """Refuse what public income cannot bear, and what a resolution no longer in effect would carry."""
    _check_resolution(period)
    balance = balance_of(IncomeEntry.objects.filter(books=books))
    if parts.parts.get(CostSource.PUBLIC_INCOME, Decimal(0)) > balance:
        raise Conflict(_("There are only %(balance)s yuan.") % {"balance": balance}, code="not_enough")


def _check_resolution(period: CostPeriod) -> None:
    """Refuse to go on under a resolution that is no longer in effect, or was officially declared otherwise."""
    if period.resolution_id is not None and not Resolution.objects.lock(period.resolution_id).is_in_effect:
        raise Conflict(_("The resolution behind it is no longer in effect."), field="resolution", code="not_effective")


def _day_of(occurred_at) -> date:
    """Return the day on which something happens, or happened."""
    return timezone.localdate(occurred_at)


def _told(period: CostPeriod) -> dict:
    return {"parts": {source: str(part) for source, part in parts_of(period).items()}}


def _store(period: CostPeriod, now: Shared, weights: dict[int, Fraction], *, correction: CostLine | None) -> None:
    """Store the parts and charges, or what a correction makes different."""
    before, charged = parts_of(period), charges_of(period)
    parts = {source: now.parts.get(source, Decimal("0.00")) - before[source] for source in CostSource.values}
    CostPart.objects.bulk_create(
        CostPart(period=period, source=source, amount=amount, correction=correction)
        for source, amount in parts.items()
        if amount or (correction is None and source in now.parts)
    )
    charges = {key: amount - charged.get(key, Decimal("0.00")) for key, amount in now.charges.items()}
    Charge.objects.bulk_create(
        Charge(period=period, dwelling_id=key, amount=amount, weight=_decimal(weights[key]), correction=correction)
        for key, amount in charges.items()
        if amount or correction is None
    )


def _decimal(weight: Fraction) -> Decimal:
    return Decimal(weight.numerator) / Decimal(weight.denominator)


@carries_out(PERIOD, "collect")
def period_collect(period: CostPeriod, *, actor, due_on: date, occurred_at=None, photos=(), **given) -> CostPeriod:
    """Begin to collect: households pay until ``due_on``, public income gives its part.

    Raises Invalid for a day in the past, Conflict while it hangs out, when public income has not so much, or the
    resolution behind it is no longer in effect.
    """
    if due_on < _day_of(occurred_at):
        raise Invalid(_("The day lies in the past."), field="due_on", code="past")
    with atomically():
        books = books_locked(period.books_id)
        _check_resolution(period)
        parts = parts_of(period)
        payload = {"due_on": str(due_on)}
        fresh, _event = perform(
            period, "collect", actor=actor, due_on=due_on, payload=payload, occurred_at=occurred_at, **given
        )
        income_shared(books, actor=actor, period=fresh, amount=parts[CostSource.PUBLIC_INCOME])
    return fresh


@carries_out(PERIOD, "settle")
def period_settle(
    period: CostPeriod, *, actor, subsidy_received: Decimal, occurred_at=None, photos=(), **given
) -> CostPeriod:
    """Settle a period that was collected; arrears stay with the dwellings. ``subsidy_received``: what came of it.

    Raises Invalid (more than the subsidy bears), Conflict while households may still pay in time and have not, also
    what a correction added.
    """
    today = _day_of(occurred_at)
    with atomically():
        books = books_locked(period.books_id)
        period = CostPeriod.objects.lock(period.pk)
        figures = period_figures(period)
        if not 0 <= subsidy_received <= Decimal(figures["parts"][CostSource.SUBSIDY]):
            raise Invalid(
                _("The subsidy bears %(most)s yuan.") % {"most": figures["parts"][CostSource.SUBSIDY]},
                field="subsidy_received", code="too_much",
            )  # fmt: skip
        _check_time_over(books, period, today)
        disclose_by = today + timedelta(days=days_for(DisclosureKind.SETTLEMENT, books.estate.area, today))
        payload = {"paid": figures["paid"], "arrears": figures["arrears"], "subsidy_received": str(subsidy_received)}
        fresh, _event = perform(
            period, "settle", actor=actor, subsidy_received=subsidy_received, disclose_by=disclose_by, payload=payload,
            occurred_at=occurred_at, **given,
        )  # fmt: skip
        set_timer(f"{PERIOD_DUE}:{fresh.pk}", PERIOD_DUE, subject_id=fresh.pk, due_at=end_of(disclose_by))
    return fresh


def _check_time_over(books: EstateBooks, period: CostPeriod, today: date) -> None:
    bills = [bill for account in accounts_of(books).values() for bill in account.bills if bill.period_id == period.pk]
    last = max((bill.due_on for bill in bills if bill.open), default=None)
    if last is not None and last >= today:
        raise Conflict(_("Households may still pay until %(day)s.") % {"day": last}, code="not_over")


@carries_out(PERIOD, "disclose")
def period_disclose(period: CostPeriod, *, actor, occurred_at=None, photos=(), **given) -> CostPeriod:
    """Hang out the final statement, kept as it is now."""
    with atomically():
        books_locked(period.books_id, closed_too=True)
        figures = period_figures(CostPeriod.objects.with_rows().get(pk=period.pk))
        fresh, _event = perform(
            period, "disclose", actor=actor, figures=figures, disclosed_at=occurred_at or timezone.now(),
            occurred_at=occurred_at, payload={"paid": figures["paid"], "arrears": figures["arrears"]}, **given,
        )  # fmt: skip
        cancel_timer(f"{PERIOD_DUE}:{fresh.pk}")
    return fresh


@carries_out(PERIOD, "correct")
def line_correct(period: CostPeriod, *, actor, line: CostLine, amount: Decimal, photos: Sequence[Upload] = (),
                 **given) -> CostPeriod:  # fmt: skip
    """Correct a published line to ``amount`` by a line with the difference; parts and charges get lines of their own.

    What it adds for households that pay already is due later, by the rule of the locality. ``made`` of the period
    returned is the new line. Raises Invalid (no difference, cannot be shared out), Conflict (public income has not so
    much).
    """
    if amount != 0:
        check_amount(amount)
    with atomically():
        dwellings_locked(period.charges.order_by().values_list("dwelling", flat=True))
        books = books_locked(period.books_id)
        line = CostLine.objects.get(pk=line.pk, period=period, corrects=None)
        stands = line.amount + (line.corrections.aggregate(whole=Sum("amount"))["whole"] or 0)
        if amount == stands:
            raise Invalid(_("This is what the line says already."), field="amount", code="same")
        payload = {"line": line.pk, "amount": str(amount), "from_amount": str(stands)}
        fresh, event = perform(period, "correct", actor=actor, payload=payload, **given)
        made = CostLine.objects.create(
            period=fresh, kind=line.kind, title=line.title, supplier=line.supplier, amount=amount - stands,
            corrects=line, made_by=actor, due_on=_due_later(books, fresh),
        )  # fmt: skip
        before = parts_of(fresh)
        weights = weights_of(fresh)
        _store(fresh, shared(fresh, weights), weights, correction=made)
        if fresh.due_on is not None:
            more = parts_of(fresh)[CostSource.PUBLIC_INCOME] - before[CostSource.PUBLIC_INCOME]
            income_shared(books, actor=actor, period=fresh, amount=more)
        attach(made, photos, purpose=AttachmentPurpose.EVIDENCE, actor=actor, event=event)
    fresh.made = made
    return fresh


def _due_later(books: EstateBooks, period: CostPeriod) -> date | None:
    """Return until when households pay what a correction adds; None while the period is not collected.

    Where nothing is laid down for it, they have as long as it hangs out.
    """
    if period.due_on is None:
        return None
    today = timezone.localdate()
    rule = rule_for(DisclosureKind.SUPPLEMENT, books.estate.area, today)
    days = rule.days if rule is not None else days_for(DisclosureKind.NOTICE, books.estate.area, today)
    return max(period.due_on, today + timedelta(days=days))
