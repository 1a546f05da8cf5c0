"""States and transitions of bookings and of calendar links. Nothing here reads or writes data."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from governance.models.organisation import Role
from governance.scoping import Own
from governance.venue_querysets import CHANGES_BOOKING
from governance.workflow import step


class BookingState(models.TextChoices):
    BOOKED = "booked", _("Booked")
    CANCELLED = "cancelled", _("Cancelled")


def not_begun(booking) -> bool:
    return booking.starts_at > timezone.now()


def not_over(booking) -> bool:
    return booking.ends_at > timezone.now()


class BookingSteps(models.Model):
    """The transitions; ``Booking`` inherits them."""

    class Meta:
        abstract = True

    @step(
        label=_("Move the booking"),
        source=[BookingState.BOOKED],
        target=None,
        allow=CHANGES_BOOKING,
        event="booking.moved",
        reason=True,
        guards=[not_begun],
    )
    def move(self, *, period):
        """改期: another time in the same venue."""
        self.period, self.changed_at = period, timezone.now()

    @step(
        label=_("Cancel the booking"),
        source=[BookingState.BOOKED],
        target=BookingState.CANCELLED,
        allow=CHANGES_BOOKING,
        event="booking.cancelled",
        backward=True,
        guards=[not_over],
    )
    def cancel(self):
        """取消: the time is free again."""
        self.changed_at = timezone.now()


class FeedState(models.TextChoices):
    ACTIVE = "active", _("Valid")
    REVOKED = "revoked", _("Revoked")


class FeedSteps(models.Model):
    """The transitions of a calendar link."""

    class Meta:
        abstract = True

    @step(
        label=_("Revoke the link"),
        source=[FeedState.ACTIVE],
        target=FeedState.REVOKED,
        allow={Role.RESIDENT: Own("owner")},
        event="calendar_feed.revoked",
    )
    def revoke(self):
        """停用: whoever has the link sees nothing from now on."""
