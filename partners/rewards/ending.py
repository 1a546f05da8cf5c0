"""How a redemption ends: fulfilled, cancelled, timed out; and taken back afterwards.

The ledger goes first (it locks the member's account, then the hold), the redemption's own row after it. Whichever of
two endings has the hold's lock first is the one; the other is refused and undone whole.
"""

from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from governance.bookings import booking_cancel
from governance.errors import REASON_NEEDED, Conflict, Invalid, NotPermitted
from governance.models import Booking, User
from governance.scoping import grant_for
from governance.timers import cancel_timer
from governance.transactions import atomically
from governance.workflow import carries_out, perform, steps_of
from partners.ledger.holds import hold_post, hold_void
from partners.ledger.permissions import refuse_own_account
from partners.ledger.reversals import transfer_reverse
from partners.models import Hold, Redemption, RedemptionState, Transfer
from partners.rewards.acting import expired, figures_of, is_own, machine, own_coupon, told
from partners.rewards.codes import fits
from partners.rewards.deadlines import reminder_key
from partners.rewards.events import RETURNED

WORDS = 300
# People come early; before that the hours are not used yet [J].
EARLY = timedelta(minutes=30)


def _fresh(redemption: Redemption, name: str, actor: User, version: int | None) -> Redemption:
    """Return the row as it is, where ``actor`` may take this step now. Raises NotPermitted, Conflict in plain words."""
    row, step = Redemption.objects.with_rows().get(pk=redemption.pk), steps_of(Redemption)[name]
    if grant_for(step.allow, row, actor) is None:
        raise NotPermitted(_("You may not do “%(label)s” here.") % {"label": step.label})
    if version is not None and row.version != version:
        raise Conflict(_("Somebody changed this in the meantime. Look at it again."), field="version")
    if row.state not in step.sources:
        text = _("“%(label)s” is not possible now: the state is “%(state)s”.")
        codes = {"fulfilled": "used", "timed_out": "expired"}
        text = told(row) or text % {"label": step.label, "state": row.get_state_display()}
        raise Conflict(text, code=codes.get(row.state, row.state))
    return row


def _moved(redemption: Redemption, name: str, *, actor: User, at: datetime, version, reason="", **given) -> Redemption:
    payload = figures_of(redemption) | given.pop("payload", {})
    fresh, _event = perform(redemption, name, actor=actor, version=version, reason=reason, occurred_at=at,
                            payload=payload, **given)  # fmt: skip
    if fresh.state != RedemptionState.HELD:
        cancel_timer(reminder_key(fresh))
    return fresh


@carries_out("partners.redemption", "prepare")
def redemption_prepare(redemption: Redemption, *, actor: User, version=None, reason="", photos=(),
                       occurred_at=None) -> Redemption:  # fmt: skip
    """Say that the goods are ready; the member is told. Raises as ``perform``."""
    at = occurred_at or timezone.now()
    row = _fresh(redemption, "prepare", actor, version)
    return _moved(row, "prepare", actor=actor, at=at, version=version, reason=reason, ready_at=at)


@carries_out("partners.redemption", "fulfil")
def redemption_fulfil(redemption: Redemption, *, actor: User, code: str = "", version=None, reason="", photos=(),
                      occurred_at=None) -> Redemption:  # fmt: skip
    """Hand over what was redeemed to who shows ``code``: the points go to the community, or the coupon's merchant.

    The community may do without the code, with a reason; a merchant may not. Raises NotPermitted (also ``own``: a
    coupon that ``actor`` redeemed, or anything of their own without the code);
    Invalid naming ``code`` or ``reason``; Conflict (``used``, ``expired``, ``cancelled``, ``returned``, ``early``).
    """
    at = occurred_at or timezone.now()
    row = _fresh(redemption, "fulfil", actor, version)
    if is_own(row, actor):
        raise NotPermitted(own_coupon(), code="own")
    if row.until <= at:
        raise Conflict(expired(row), code="expired")
    if row.booking is not None and at < row.booking.starts_at - EARLY:
        raise Conflict(_("The booked hours have not begun: %(time)s.") % {"time": row.time_text}, code="early")
    by_code = _check_code(row, code, reason)
    if not by_code:
        _another_decides(row, actor)
    with atomically():
        hold_post(row.hold, actor=machine(), evidence=("partners.redemption", row.pk))
        return _moved(row, "fulfil", actor=actor, at=at, version=version, reason=reason, ended_at=at,
                      payload={"by_code": by_code})  # fmt: skip


def _check_code(row: Redemption, code: str, reason: str) -> bool:
    """Tell whether it is handed over by its code. Raises Invalid."""
    if code.strip():
        if not fits(row, code):
            raise Invalid(_("This is not the code of this redemption."), field="code", code="wrong")
        return True
    if row.merchant_id is not None:
        raise Invalid(_("Enter the code the customer shows."), field="code", code="required")
    if not reason.strip():
        raise Invalid(_("Without the code, say how you know whose it is."), field="reason", code="required")
    return False


def _another_decides(row: Redemption, actor: User) -> None:
    """Refuse a decision on what one redeemed oneself, or with an account of one's own. Raises NotPermitted."""
    if actor.pk == row.redeemed_by_id:
        raise NotPermitted(_("Another person decides on what you redeemed yourself."), code="own")
    refuse_own_account(row.account, actor)


def has_begun(row: Redemption, at: datetime) -> bool:
    """Tell whether the booked hours of a redemption have begun."""
    return row.booking is not None and row.booking.starts_at <= at


@carries_out("partners.redemption", "cancel")
def redemption_cancel(redemption: Redemption, *, actor: User, version=None, reason="", photos=(),
                      occurred_at=None) -> Redemption:  # fmt: skip
    """Cancel one's own redemption: points, stock and hours come back.

    Raises as ``redemption_fulfil``, and Conflict (``begun``): who sits in the room does not take its price back.
    """
    row = _fresh(redemption, "cancel", actor, version)
    if has_begun(row, occurred_at or timezone.now()):
        raise Conflict(_("The booked hours have begun: the community can still cancel it for you."), code="begun")
    return _given_up(row, "cancel", actor=actor, version=version, reason=reason, occurred_at=occurred_at)


@carries_out("partners.redemption", "call_off")
def redemption_call_off(redemption: Redemption, *, actor: User, reason: str = "", version=None, photos=(),
                        occurred_at=None) -> Redemption:  # fmt: skip
    """Cancel for the member, who is told the reason. Raises as ``redemption_fulfil``; hours of one's own that have
    begun are called off by somebody else.
    """
    row = _fresh(redemption, "call_off", actor, version)
    if has_begun(row, occurred_at or timezone.now()):
        _another_decides(row, actor)
    words = _words(reason)
    return _given_up(row, "call_off", actor=actor, version=version, reason=reason, occurred_at=occurred_at,
                     words=words)  # fmt: skip


def _words(reason: str) -> str:
    words = reason.strip()
    if not words:
        raise Invalid(REASON_NEEDED, field="reason", code="required")
    if len(words) > WORDS:
        raise Invalid(_("At most %(count)s characters.") % {"count": WORDS}, field="reason", code="max_length")
    return words


def _given_up(row: Redemption, name: str, *, actor, version, reason, occurred_at, **given) -> Redemption:
    at = occurred_at or timezone.now()
    with atomically():
        hold_void(row.hold, actor=machine())
        hours_release(row, at=at)
        return _moved(row, name, actor=actor, at=at, version=version, reason=reason, ended_at=at, **given)


def hours_release(redemption: Redemption, *, at: datetime) -> None:
    """Give the booked hours back, unless they are over or were taken back."""
    if redemption.booking_id is None:
        return
    booking = Booking.objects.select_related("venue", "area").defer("area__boundary").get(pk=redemption.booking_id)
    if booking.state == "booked" and booking.ends_at > at:
        booking_cancel(booking, actor=machine(), reason=_("The redemption was cancelled."), occurred_at=at)


def redemption_timed_out(transfer: Transfer, *, actor: User, at: datetime) -> Redemption | None:
    """Follow the ledger, which has just released what was set aside because its time is up.

    None where it was set aside for something else.
    """
    row = Redemption.objects.with_rows().filter(hold__ended=transfer).first()
    if row is None:
        return None
    hours_release(row, at=at)
    return _moved(row, "time_out", actor=actor, at=at, version=None, ended_at=at)


@carries_out("partners.redemption", "return")
def redemption_return(redemption: Redemption, *, actor: User, reason: str = "", restock: bool = False, version=None,
                      photos=(), occurred_at=None) -> Redemption:  # fmt: skip
    """Take a fulfilled redemption back: a reversal gives the points back, of a coupon out of the merchant's account.

    ``restock``: the piece goes back to the stock. Raises as ``perform``, NotPermitted (``own``: what was used and paid
    for is not given back by who used it), Invalid (a reason is needed).
    """
    at = occurred_at or timezone.now()
    row = _fresh(redemption, "return", actor, version)
    _another_decides(row, actor)
    words = _words(reason)
    with atomically():
        posted = Transfer.objects.select_related("account__area", "counterpart").get(
            pk=Hold.objects.values_list("ended_id", flat=True).get(pk=row.hold_id)
        )
        evidence = ("partners.redemption", row.pk)
        reversal = transfer_reverse(posted, actor=machine(), reason=RETURNED, evidence=evidence)
        return _moved(row, "return", actor=actor, at=at, version=version, reason=reason, returned_at=at, words=words,
                      reversal=reversal, restock=restock)  # fmt: skip
