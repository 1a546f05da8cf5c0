"""What redemptions do when the ledger's time is up, the member is to be reminded, or booked hours are taken back."""

from django.utils import timezone
from django.utils.translation import gettext as _

from governance.errors import Conflict
from governance.events import on
from governance.timers import fires, set_timer
from partners.models import Redemption, RedemptionState
from partners.rewards.acting import machine
from partners.rewards.deadlines import REMINDER, VENUE_GONE, venue_gone_key
from partners.rewards.ending import redemption_call_off, redemption_timed_out
from partners.rewards.notices import reminder_tell


@on("points.timed_out")
def time_is_up(event, transfer) -> None:
    """The ledger released the points: stock and hours come back in the same transaction."""
    redemption_timed_out(transfer, actor=machine(), at=timezone.now())


@fires(REMINDER)
def reminder_due(timer) -> None:
    """Remind the member of what is still set aside."""
    row = Redemption.objects.with_rows().filter(pk=timer.subject_id, state=RedemptionState.HELD).first()
    if row is not None:
        reminder_tell(row)


@on("booking.cancelled", "booking.moved")
def hours_taken_back(event, booking) -> None:
    """Somebody took the room back, or moved the hours: the redemption is cancelled for the member.

    A moment later, in a transaction of its own: here the venue is locked, and the member's account comes first.
    """
    if booking.purpose_type != "partners.redemption" or event.actor_id == machine().pk:
        return
    row = Redemption.objects.filter(booking=booking, state=RedemptionState.HELD).first()
    if row is not None:
        set_timer(venue_gone_key(row), VENUE_GONE, subject_id=row.pk, due_at=timezone.now())


@fires(VENUE_GONE)
def venue_gone(timer) -> None:
    """The hours are not what was redeemed: the points come back and the member is told."""
    row = Redemption.objects.with_rows().get(pk=timer.subject_id)
    try:
        redemption_call_off(row, actor=machine(), reason=_("The venue was taken back or moved to another time."))
    except Conflict:
        return  # it ended in the meantime
