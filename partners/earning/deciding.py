"""Deciding what a piece of evidence earns: the rule of its day, what the caps leave, the transfer and the decision.

Whoever decides for a partner holds the partner's lock (``partner_lock``): caps are kept however many decide at once.
"""

import calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db.models import Model
from django.utils import timezone
from django.utils.translation import gettext as _

from governance.errors import Conflict, Invalid, NotPermitted
from governance.models import User
from governance.scoping import grants_of
from partners.earning.tariffs import Reckoning, Tariff, reckon
from partners.ledger.points import points_earn
from partners.ledger.reversals import transfer_reverse
from partners.models import Earning, EarningRule, Partner, ServiceKind

Evidence = tuple[str, int]


def rule_for(kind: ServiceKind, area, day: date) -> EarningRule | None:
    """Return the rule in force for a kind in a community on a day: its own, else that of the nearest area above."""
    rows = EarningRule.objects.filter(kind=kind).in_force(day).for_area(area)
    return rows.select_related("area", "kind").defer("area__boundary").first()


def rule_needed(kind: ServiceKind, area, day: date) -> EarningRule:
    """Return the rule as ``rule_for``. Raises Conflict (``no_rule``)."""
    found = rule_for(kind, area, day)
    if found is None:
        text = _("No rule says what “%(kind)s” earned on %(day)s.") % {"kind": kind, "day": f"{day:%Y-%m-%d}"}
        raise Conflict(text, field="kind", code="no_rule")
    return found


def partner_lock(partner: Partner) -> Partner:
    """Lock a partner until the end of the transaction, freshly read; rows that refer to it may be stored meanwhile."""
    rows = Partner.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("area", "unit", "person", "account__area").get(pk=partner.pk)


def tariff_of(rule: EarningRule) -> Tariff:
    """Return the figures of a rule."""
    return Tariff(rule.points, rule.per, rule.day_cap, rule.month_cap)


@dataclass(frozen=True)
class Measured:
    """What is to be rewarded: ``day`` of the service, how much of it, which percent of the outcome."""

    kind: ServiceKind
    day: date
    quantity: int = 1
    hours: Decimal | None = None
    share: int = 100


def reckoned(partner: Partner, what: Measured, rule: EarningRule) -> Reckoning:
    """Return what it earns now by its rule. Hold the partner's lock where it counts; without, it is a forecast."""
    if rule.per == "hour" and what.hours is None:
        raise Invalid(_("This kind earns by the hour: say how many hours."), field="hours", code="required")
    live = Earning.objects.live().filter(partner=partner, kind=what.kind)
    first, last = month_of(what.day)
    return reckon(
        tariff_of(rule), quantity=what.quantity, hours=what.hours, share=what.share,
        used_day=live.filter(day=what.day).points_sum(),
        used_month=live.filter(day__range=(first, last)).points_sum(),
    )  # fmt: skip


def month_of(day: date) -> tuple[date, date]:
    """Return the first and last day of a day's month."""
    return day.replace(day=1), day.replace(day=calendar.monthrange(day.year, day.month)[1])


def months_later(day: date, months: int) -> date:
    """Return the same day so many months later, or the last one of that month."""
    years, month = divmod(day.month - 1 + months, 12)
    last = calendar.monthrange(day.year + years, month + 1)[1]
    return date(day.year + years, month + 1, min(day.day, last))


def refuse_own(partner: Partner, actor: User, others: Sequence[int | None] = ()) -> None:
    """Refuse a decision on one's own evidence: by the partner's people, or who brought it. Raises NotPermitted."""
    mine = actor.pk in {partner.person_id, *others}
    if mine or (partner.unit_id and any(grant.unit_id == partner.unit_id for grant in grants_of(actor))):
        raise NotPermitted(_("Another person decides on what is yours or what you reported."), code="own")


def needs_second(rule: EarningRule, found: Reckoning) -> bool:
    """Tell whether two persons must approve so many points."""
    return rule.approve_above is not None and found.points > rule.approve_above


def earning_book(partner: Partner, what: Measured, *, rule: EarningRule, found: Reckoning, evidence: Evidence, actor,
                 reason: str, occurred_at: datetime | None = None) -> Earning:  # fmt: skip
    """Book what was reckoned: the transfer with its evidence, and the decision. Hold the partner's lock.

    Points stay good so many months from the day of the decision as the rule says. Raises Conflict (no account;
    ``twice``: this evidence earned already).
    """
    at = occurred_at or timezone.now()
    if Earning.objects.filter(evidence_type=evidence[0], evidence_id=evidence[1]).exists():
        raise Conflict(_("This has earned its points already."), code="twice")
    transfer = None
    if found.points:
        if partner.account is None:
            raise Conflict(_("This partner has no points account."), code="no_account")
        ends = months_later(timezone.localdate(at), rule.months) if rule.months else None
        transfer = points_earn(
            partner.account, actor=actor, amount=found.points, key=f"earn:{evidence[0]}:{evidence[1]}", reason=reason,
            evidence=evidence, expires_on=ends, occurred_at=occurred_at,
        )  # fmt: skip
    return Earning.objects.create(
        partner=partner, area_id=partner.area_id, kind=what.kind, rule=rule, day=what.day, base=found.base,
        points=found.points, steps=found.steps, evidence_type=evidence[0], evidence_id=evidence[1], transfer=transfer,
        decided_by=actor, decided_at=at,
    )  # fmt: skip


def earning_reverse(evidence: Evidence, *, actor, reason: str, occurred_at: datetime | None = None) -> Earning:
    """Reverse what a piece of evidence earned, through the ledger; what was spent already is owed.

    Hold the partner's lock. Raises Conflict when it is reversed, or earned nothing decided here.
    """
    found = Earning.objects.select_related("transfer__account__area", "transfer__counterpart").filter(
        evidence_type=evidence[0], evidence_id=evidence[1], reversed_at__isnull=True
    )  # fmt: skip
    earning = found.first()
    if earning is None:
        raise Conflict(_("There are no points of this to take back."), code="ended")
    if earning.transfer is not None:
        earning.reversal = transfer_reverse(
            earning.transfer, actor=actor, reason=reason, evidence=evidence, occurred_at=occurred_at
        )
    earning.reversed_at = occurred_at or timezone.now()
    earning.save(update_fields=["reversal", "reversed_at"])
    return earning


def earning_of(obj: Model) -> Earning | None:
    """Return the decision about a piece of evidence, or None."""
    return earnings_of([obj]).get(obj.pk)


def earnings_of(rows: Sequence[Model]) -> dict[int, Earning]:
    """Return the decisions about rows of one model by their ids; one statement."""
    if not rows:
        return {}
    label = rows[0]._meta.label_lower
    found = Earning.objects.filter(evidence_type=label, evidence_id__in=[row.pk for row in rows])
    return {earning.evidence_id: earning for earning in found.select_related("rule")}
