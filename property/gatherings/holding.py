"""The venue of an event, through the one booking engine: booked by who plans it, given back when it is not held."""

from datetime import datetime

from django.utils.translation import gettext as _

from governance.bookings import booking_cancel, booking_make
from governance.bookings.single import TITLE_LENGTH
from governance.models import User
from governance.scoping import grant_for
from governance.venue_querysets import CHANGES_BOOKING
from property.gatherings.acting import clock
from property.models import CountsBy, NeighbourEvent


def venue_hold(event: NeighbourEvent, *, actor: User, at: datetime) -> None:
    """Book the venue for the event's time; nothing where it has none. Raises as ``booking_make``.

    The caller holds the event's lock.
    """
    booking = None
    if event.venue is not None:
        heads = event.places if event.counts_by == CountsBy.HEADS else None
        booking = booking_make(
            venue=event.venue, starts_at=event.starts_at, ends_at=event.ends_at, title=event.title[:TITLE_LENGTH],
            actor=actor, attendance=heads or None, purpose=event, occurred_at=at,
        )  # fmt: skip
    NeighbourEvent.objects.filter(pk=event.pk).update(booking=booking)
    event.booking = booking


def venue_release(event: NeighbourEvent, *, actor: User, at: datetime) -> None:
    """Give the venue back, unless the time is over."""
    booking = event.booking
    if booking is None or booking.state != "booked" or booking.ends_at <= at:
        return
    # Given back by ourselves: nobody is told that it was taken.
    NeighbourEvent.objects.filter(pk=event.pk).update(booking=None)
    event.booking = None
    canceller = actor if grant_for(CHANGES_BOOKING, booking, actor) else clock()
    booking_cancel(booking, actor=canceller, reason=_("The event is not held then."), occurred_at=at)
