"""States and transitions of a parcel: received → notified → collected, or overdue and then sent back."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from governance.workflow import step
from property.serving.other_querysets import HANDS_OUT
from property.serving.querysets import SYSTEM


class ParcelState(models.TextChoices):
    RECEIVED = "received", _("Received")
    NOTIFIED = "notified", _("Household told")
    OVERDUE = "overdue", _("Overdue")
    COLLECTED = "collected", _("Collected")
    RETURNED = "returned", _("Sent back")


P = ParcelState


class ParcelSteps(models.Model):
    """The transitions; ``Parcel`` inherits them."""

    class Meta:
        abstract = True

    @step(
        label=_("Household was told"),
        source=[P.RECEIVED],
        target=P.NOTIFIED,
        allow=HANDS_OUT | SYSTEM,
        event="parcel.notified",
    )
    def notify(self, *, notified_at):
        """The household knows: its page shows it, or somebody called."""
        self.notified_at = notified_at

    @step(
        label=_("Hand out to the household"),
        source=[P.RECEIVED, P.NOTIFIED, P.OVERDUE],
        target=P.COLLECTED,
        allow=HANDS_OUT,
        event="parcel.collected",
    )
    def collect(self, *, collected_at):
        """Somebody of the household came with the code."""
        self.collected_at = collected_at

    @step(
        label=_("Mark as overdue"),
        source=[P.RECEIVED, P.NOTIFIED],
        target=P.OVERDUE,
        allow=SYSTEM,
        event="parcel.overdue",
        quiet=True,
    )
    def lapse(self):
        """It has lain there longer than it may."""

    @step(
        label=_("Send back"), source=[P.OVERDUE], target=P.RETURNED, allow=HANDS_OUT, event="parcel.returned",
        backward=True,
    )  # fmt: skip
    def send_back(self):
        """Nobody came for it."""
