"""What the live push adds to events about bookings: the venue and the time, for everybody who may see the booking."""

from collections.abc import Sequence

from django.urls import reverse

from governance.live import describe
from governance.models import Booking


@describe("governance.booking", rows=lambda: Booking.objects.with_rows())
def booking_rows(bookings: Sequence[Booking]) -> dict[int, dict]:
    """Return what a toast shows of each booking; needs no further statement."""
    return {
        booking.pk: {
            "number": str(booking),
            "state": booking.state,
            "state_label": booking.get_state_display(),
            "version": booking.version,
            "url": reverse("admin:governance_booking_change", args=[booking.pk]),
        }
        for booking in bookings
    }
