"""Donations: received by staff against a numbered receipt, approved by another person, given back."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext as _

from governance.attachments import attach
from governance.errors import Conflict, Invalid, NotPermitted
from governance.events import record
from governance.models import AttachmentPurpose, User
from governance.photos import Upload
from governance.scoping import grant_for
from governance.transactions import atomically
from governance.workflow import carries_out, perform
from partners.earning.checks import past_day, text_checked, whole_checked
from partners.earning.deciding import (
    Measured,
    earning_book,
    earning_reverse,
    needs_second,
    partner_lock,
    reckoned,
    refuse_own,
    rule_needed,
)
from partners.earning.numbers import number_next
from partners.earning.querysets import RUNS
from partners.earning.workflow import DonationState
from partners.models import Donation, EarningRule, GiftSort, KindUse, Partner, Per, ServiceKind
from partners.models.service import MOST_QUANTITY

LABEL = "partners.donation"
MOST_VALUE = Decimal("10000000")  # yuan; beyond it is a slip of the hand [J]


def donation_receive(*, actor: User, partner: Partner, kind: ServiceKind, description: str, received_on: date,
                     sort: str = GiftSort.GOODS, quantity: int = 1, value: Decimal | None = None,
                     photos: Sequence[Upload] = (), occurred_at: datetime | None = None) -> Donation:  # fmt: skip
    """Write down what a partner gave, and number its receipt.

    Raises NotPermitted, Conflict (partner not active, no rule), Invalid naming a field.
    """
    at = occurred_at or timezone.now()
    with atomically():
        locked = partner_lock(partner)
        made = Donation(
            partner=locked, area=locked.area, kind=kind, sort=_sort(sort), value=_value(value),
            description=text_checked(description, "description", 200, needed=True),
            quantity=whole_checked(quantity, "quantity", 1, MOST_QUANTITY),
            received_on=past_day(received_on, "received_on", at), received_by=actor,
        )  # fmt: skip
        grant = grant_for(RUNS, made, actor)
        if grant is None:
            raise NotPermitted(_("Donations are received by the community's staff."))
        if locked.state != "active":
            raise Conflict(_("This partner is not active now."), field="partner", code="inactive")
        if not kind.is_active or kind.use != KindUse.DONATION:
            raise Invalid(_("This kind is not for donations."), field="kind", code="invalid")
        rule_needed(kind, locked.area, received_on)
        made.receipt = number_next(locked.area, "JZ", received_on.year)
        made.save(force_insert=True)
        event = record("donation.received", made, actor=actor, grant=grant, payload=_figures(made), occurred_at=at)
        if photos:
            attach(made, photos, purpose=AttachmentPurpose.EVIDENCE, actor=actor, event=event)
    return made


def _sort(sort: str) -> str:
    if sort not in GiftSort.values:
        raise Invalid(_("Goods or money?"), field="sort", code="invalid")
    return sort


def _value(value: Decimal | None) -> Decimal | None:
    if value is None:
        return None
    if not value.is_finite() or not 0 < value <= MOST_VALUE or value != value.quantize(Decimal("0.01")):
        text = _("More than 0 and at most %(most)s yuan are needed.") % {"most": MOST_VALUE}
        raise Invalid(text, field="value", code="out_of_range")
    return value


def _figures(row: Donation) -> dict:
    value = None if row.value is None else f"{row.value}"
    return {"partner": row.partner_id, "kind": row.kind.code, "receipt": row.receipt, "sort": row.sort,
            "quantity": row.quantity, "value": value}  # fmt: skip


def measured(row: Donation, rule: EarningRule) -> Measured:
    """Return what of a donation is to be rewarded: the donation, or by a rule per item its items."""
    return Measured(row.kind, row.received_on, row.quantity if rule.per == Per.ITEM else 1)


@carries_out(LABEL, "approve")
def donation_approve(row: Donation, *, actor, version=None, reason="", occurred_at=None, photos=()) -> Donation:
    """Approve a donation: points by the rule of its day. More than the rule's limit wait for a second person.

    Raises NotPermitted (also for who received it or gave it), Conflict, Invalid.
    """
    with atomically():
        partner = partner_lock(row.partner)
        fresh = Donation.objects.lock(row.pk)
        refuse_own(partner, actor, [fresh.received_by_id])
        rule = rule_needed(fresh.kind, fresh.area, fresh.received_on)
        what = measured(fresh, rule)
        found = reckoned(partner, what, rule)
        figures = _figures(fresh) | {"rule": rule.pk, "points": found.points, "base": found.base}
        given = {"actor": actor, "version": version, "reason": reason, "occurred_at": occurred_at, "payload": figures}
        if fresh.state == DonationState.RECEIVED and needs_second(rule, found):
            done, event = perform(fresh, "approve_first", by=actor, **given)
        else:
            if fresh.state == DonationState.CHECKED and fresh.first_approver_id == actor.pk:
                raise NotPermitted(_("A second person approves so many points."), code="same_person")
            done, event = perform(fresh, "approve", **given)
            earning_book(partner, what, rule=rule, found=found, evidence=(LABEL, row.pk), actor=actor,
                         reason="donation", occurred_at=occurred_at)  # fmt: skip
        attach(done, photos, purpose=AttachmentPurpose.EVIDENCE, actor=actor, event=event)
    return done


@carries_out(LABEL, "decline")
def donation_decline(row: Donation, *, actor, photos=(), **given) -> Donation:
    """Decline a donation: its receipt is void. Raises NotPermitted (also for the own one), Conflict, Invalid."""
    with atomically():
        refuse_own(row.partner, actor)
        done, event = perform(row, "decline", actor=actor, payload=_figures(row), **given)
        attach(done, photos, purpose=AttachmentPurpose.EVIDENCE, actor=actor, event=event)
    return done


@carries_out(LABEL, "give_back")
def donation_give_back(row: Donation, *, actor, photos=(), **given) -> Donation:
    """Note that a gift went back: its points are reversed by the ledger. Raises NotPermitted, Conflict, Invalid."""
    with atomically():
        partner = partner_lock(row.partner)
        refuse_own(partner, actor)
        done, event = perform(row, "give_back", actor=actor, payload=_figures(row), **given)
        earning_reverse((LABEL, row.pk), actor=actor, reason="donation", occurred_at=given.get("occurred_at"))
        attach(done, photos, purpose=AttachmentPurpose.EVIDENCE, actor=actor, event=event)
    return done
