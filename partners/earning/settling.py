"""Settling with merchants by sheets. No money is moved here: a sheet says what is paid elsewhere, at a dated rate."""

from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from django.db.models import Sum
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _

from governance.errors import Conflict, Invalid, NotPermitted
from governance.events import record
from governance.models import User
from governance.scoping import grant_for, grants_of
from governance.transactions import atomically
from governance.workflow import carries_out, perform
from partners.earning.checks import text_checked
from partners.earning.numbers import number_next
from partners.earning.querysets import RUNS
from partners.ledger.points import points_settle
from partners.models import Account, AccountKind, Entry, SettlementRate, SettlementSheet, TransferKind

LABEL = "partners.settlementsheet"
LONGEST = timedelta(days=366)
# A day is over for a sheet so long after midnight: what was redeemed in its last seconds has been stored by then [J].
STORED = timedelta(minutes=10)
CENT = Decimal("0.01")


def day_span(first: date, last: date) -> tuple[datetime, datetime]:
    """Return the moments at which days begin and are over (excluded), Asia/Shanghai."""
    begin = timezone.make_aware(datetime.combine(first, datetime.min.time()))
    return begin, timezone.make_aware(datetime.combine(last + timedelta(days=1), datetime.min.time()))


def entries_received(merchant: Account, first: date, last: date):
    """Return the entries by which a merchant received points, or gave them back, in these days; settling left out."""
    begin, end = day_span(first, last)
    rows = Entry.objects.filter(account=merchant, transfer__occurred_at__gte=begin, transfer__occurred_at__lt=end)
    return rows.exclude(transfer__kind=TransferKind.SETTLE)


def rate_on(area, day: date) -> SettlementRate | None:
    """Return the rate in force in a community on a day, or None."""
    return SettlementRate.objects.filter(area=area, valid_from__lte=day).order_by("-valid_from").first()


def _merchant_lock(merchant: Account) -> Account:
    rows = Account.objects.select_for_update(of=("self",), no_key=True).select_related("area", "unit")
    return rows.get(pk=merchant.pk)


def _received(merchant: Account, first: date, last: date) -> int:
    found = entries_received(merchant, first, last).aggregate(sum=Coalesce(Sum("amount"), 0))["sum"]
    if found <= 0:
        raise Conflict(_("The merchant received no points in these days that are still to be settled."), code="empty")
    return found


def sheet_propose(*, actor: User, merchant: Account, first: date, last: date, occurred_at: datetime | None = None
                  ) -> SettlementSheet:  # fmt: skip
    """Propose to settle what a merchant received from one day to another, both over and on no other sheet.

    Raises NotPermitted, Invalid (days, no merchant), Conflict (``overlap``, ``empty``, ``no_rate``).
    """
    at = occurred_at or timezone.now()
    _days_check(first, last, at)
    if merchant.kind != AccountKind.MERCHANT:
        raise Invalid(_("Only merchants are settled with."), field="merchant")
    with atomically():
        locked = _merchant_lock(merchant)
        made = SettlementSheet(merchant=locked, area=locked.area, first=first, last=last, proposed_by=actor,
                               proposed_at=at)  # fmt: skip
        grant = grant_for(RUNS, made, actor)
        if grant is None:
            raise NotPermitted(_("Settlement sheets are proposed by the community's staff."))
        others = SettlementSheet.objects.filter(merchant=locked, first__lte=last, last__gte=first)
        if others.exclude(state="withdrawn").exists():
            raise Conflict(_("Some of these days are on another sheet."), field="first", code="overlap")
        made.rate = rate_on(locked.area, last)
        if made.rate is None:
            raise Conflict(_("Set first what a point is worth here: the last day has no rate."), code="no_rate")
        made.points = _received(locked, first, last)
        made.amount = amount_of(made.points, made.rate)
        made.number = number_next(locked.area, "JS", last.year)
        made.save(force_insert=True)
        record("settlement_sheet.proposed", made, actor=actor, grant=grant, payload=_figures(made), occurred_at=at)
    return made


def amount_of(points: int, rate: SettlementRate) -> Decimal:
    """Return what points are worth in yuan, to the cent, halves up."""
    return (points * rate.yuan).quantize(CENT, ROUND_HALF_UP)


def _days_check(first: date, last: date, at: datetime) -> None:
    if last < first:
        raise Invalid(_("The last day lies before the first."), field="last", code="order")
    if last >= timezone.localdate(at - STORED):
        raise Invalid(_("A day is settled once it is over."), field="last", code="future")
    if last - first > LONGEST:
        raise Invalid(_("At most a year at a time."), field="first", code="too_far")


def _figures(row: SettlementSheet) -> dict:
    return {"merchant": row.merchant_id, "first": f"{row.first}", "last": f"{row.last}", "points": row.points,
            "amount": f"{row.amount}"}  # fmt: skip


@carries_out(LABEL, "confirm")
def sheet_confirm(row: SettlementSheet, *, actor, photos=(), **given) -> SettlementSheet:
    """The merchant confirms the figures. Raises NotPermitted, Conflict."""
    return perform(row, "confirm", actor=actor, payload=_figures(row), **given)[0]


@carries_out(LABEL, "dispute")
def sheet_dispute(row: SettlementSheet, *, actor, photos=(), **given) -> SettlementSheet:
    """The merchant says why the figures are wrong. Raises NotPermitted, Conflict, Invalid."""
    return perform(row, "dispute", actor=actor, payload=_figures(row), **given)[0]


@carries_out(LABEL, "propose_again")
def sheet_propose_again(row: SettlementSheet, *, actor, photos=(), **given) -> SettlementSheet:
    """Propose a disputed sheet again, with what the entries add up to now. Raises NotPermitted, Conflict, Invalid."""
    with atomically():
        _merchant_lock(row.merchant)
        points = _received(row.merchant, row.first, row.last)
        amount = amount_of(points, row.rate)
        payload = _figures(row) | {"points": points, "amount": f"{amount}"}
        return perform(row, "propose_again", actor=actor, payload=payload, points=points, amount=amount, **given)[0]


@carries_out(LABEL, "withdraw")
def sheet_withdraw(row: SettlementSheet, *, actor, photos=(), **given) -> SettlementSheet:
    """Withdraw a sheet that is not settled. Raises NotPermitted, Conflict, Invalid."""
    return perform(row, "withdraw", actor=actor, payload=_figures(row), **given)[0]


@carries_out(LABEL, "settle")
def sheet_settle(row: SettlementSheet, *, actor, paid_by: str = "", version=None, reason="", occurred_at=None, photos=()
                 ) -> SettlementSheet:  # fmt: skip
    """Note that a confirmed sheet was paid, as ``paid_by`` says; its points leave the merchant's account.

    Raises NotPermitted (also for who proposed it, or works for the merchant), Conflict (``insufficient``: points were
    returned since), Invalid.
    """
    how = text_checked(paid_by, "paid_by", 120, needed=True)
    with atomically():
        merchant = _merchant_lock(row.merchant)
        fresh = SettlementSheet.objects.lock(row.pk)
        works_there = any(grant.unit_id == merchant.unit_id for grant in grants_of(actor))
        if actor.pk == fresh.proposed_by_id or works_there:
            raise NotPermitted(_("Another person settles what you proposed."), code="same_person")
        _settleable(fresh, actor, version)
        transfer = points_settle(merchant, actor=actor, amount=fresh.points, key=f"settlement:{fresh.pk}",
                                 reason="settlement", evidence=(LABEL, fresh.pk))  # fmt: skip
        payload = _figures(fresh) | {"transfer": transfer.pk}
        return perform(fresh, "settle", actor=actor, version=version, reason=reason, occurred_at=occurred_at,
                       payload=payload, paid_by=how, transfer=transfer)[0]  # fmt: skip


def _settleable(row: SettlementSheet, actor, version: int | None) -> None:
    """Refuse before the ledger is asked what ``perform`` would refuse after it."""
    if grant_for(RUNS, row, actor) is None:
        raise NotPermitted(_("Settlement sheets are proposed by the community's staff."))
    if row.state != "confirmed":
        raise Conflict(_("A sheet is settled once the merchant has confirmed it."), code="conflict")
    if version is not None and version != row.version:
        raise Conflict(_("Somebody changed this in the meantime. Look at it again."), field="version")
