"""Deadlines of redemptions beside the ledger's own time-out of what is set aside; what happens is in ``handlers``."""

from datetime import datetime, timedelta

from partners.models import Redemption

REMINDER, VENUE_GONE = "redemption.reminder", "redemption.venue_gone"
# So long before it ends the member is reminded; what is set aside for less than two days is not [J].
REMINDED_BEFORE = timedelta(days=1)


def reminder_key(redemption: Redemption) -> str:
    """Return the key of the timer that reminds the member."""
    return f"{REMINDER}:{redemption.pk}"


def reminder_at(redemption: Redemption) -> datetime | None:
    """Return when the member is reminded: a day before goods or a coupon end, a day before booked hours begin."""
    if redemption.booking is not None:
        due_at = redemption.booking.starts_at - REMINDED_BEFORE
        return due_at if due_at > redemption.redeemed_at else None
    due_at = redemption.until - REMINDED_BEFORE
    return due_at if due_at - redemption.redeemed_at >= REMINDED_BEFORE else None


def venue_gone_key(redemption: Redemption) -> str:
    """Return the key of the timer that cancels a redemption whose hours were taken back."""
    return f"{VENUE_GONE}:{redemption.pk}"
