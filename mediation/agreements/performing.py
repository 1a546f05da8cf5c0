"""Whether obligations are performed: what the committee records, urges, and tells (人民调解法 31-32)."""

from datetime import date, datetime
from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext as _

from governance.errors import Conflict, Invalid
from governance.models import User
from governance.transactions import atomically
from governance.workflow import carries_out
from mediation.agreements.acting import OBLIGATION, carry, day_check, hold_dispute
from mediation.agreements.deadlines import obligation_timer_stop, obligation_timers
from mediation.models import AgreementState, Obligation


def _held(obligation: Obligation) -> Obligation:
    """Return the obligation locked, after its dispute. Raises Conflict: nothing is owed before the agreement holds."""
    hold_dispute(obligation)
    locked = Obligation.objects.lock(obligation.pk)
    if locked.agreement.state != AgreementState.EFFECTIVE:
        raise Conflict(_("The agreement is not in effect."), code="not_effective")
    return locked


@carries_out(OBLIGATION, "perform_whole")
def obligation_perform(obligation: Obligation, *, actor: User, on: date | None = None, **given) -> Obligation:
    """Record that all of it was done or paid. Raises Invalid naming ``on``; as ``perform``."""
    with atomically():
        locked = _held(obligation)
        day = day_check(on, "on", earliest=locked.agreement.made_on)
        payload = {"on": day.isoformat(), "late": day > locked.due_on}
        fresh = carry(locked, "perform_whole", actor=actor, on=day, paid=locked.amount or Decimal(0), payload=payload,
                      **given)  # fmt: skip
        obligation_timer_stop(fresh)
    return fresh


@carries_out(OBLIGATION, "perform_part")
def obligation_perform_part(obligation: Obligation, *, actor: User, paid: Decimal | None = None,
                            **given) -> Obligation:  # fmt: skip
    """Record that some of it was done; ``paid``: the sum so far in yuan, where it is about money.

    Raises Invalid naming ``paid`` (none, or as much as is owed: that is all of it); as ``perform``.
    """
    with atomically():
        locked = _held(obligation)
        if locked.amount is None and paid:
            raise Invalid(_("This obligation is not about money."), field="paid", code="no_money")
        if locked.amount is not None and not (paid is not None and locked.paid <= paid < locked.amount and paid > 0):
            raise Invalid(
                _("More than what was paid before and less than what is owed."), field="paid", code="out_of_range"
            )
        return carry(locked, "perform_part", actor=actor, paid=paid or Decimal(0), **given)


@carries_out(OBLIGATION, "urge")
def obligation_urge(obligation: Obligation, *, actor: User, occurred_at: datetime | None = None,
                    **given) -> Obligation:  # fmt: skip
    """Record that the debtor was urged. Raises Conflict (``not_due``: its last day is not over); as ``perform``."""
    at = occurred_at or timezone.now()
    with atomically():
        locked = _held(obligation)
        if locked.due_on >= timezone.localdate(at):
            raise Conflict(_("Its last day is not over yet."), code="not_due")
        return carry(locked, "urge", actor=actor, occurred_at=at, at=at, **given)


@carries_out(OBLIGATION, "tell_of_litigation")
def obligation_tell(obligation: Obligation, *, actor: User, occurred_at: datetime | None = None,
                    **given) -> Obligation:  # fmt: skip
    """Record that the creditor was told of the way to court. As ``perform``."""
    at = occurred_at or timezone.now()
    with atomically():
        return carry(_held(obligation), "tell_of_litigation", actor=actor, occurred_at=at, at=at, **given)


@carries_out(OBLIGATION, "correct")
def obligation_correct(obligation: Obligation, *, actor: User, **given) -> Obligation:
    """Take back what was recorded by mistake; a reason is needed. A day that is over counts anew. As ``perform``."""
    with atomically():
        fresh = carry(_held(obligation), "correct", actor=actor, paid=Decimal(0), **given)
        obligation_timers([fresh])
    return fresh


def obligation_lapse(obligation: Obligation, *, actor: User, at: datetime) -> Obligation:
    """Say that its last day is over."""
    return carry(obligation, "lapse", actor=actor, occurred_at=at)
