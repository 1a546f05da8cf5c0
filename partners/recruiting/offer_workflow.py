"""States and transitions of what partners offer. Nothing here reads or writes data.

Offer: proposed → open → ended; declined. Date: planned → cancelled. Place: taken ⇄ cancelled; dropped with its date.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from governance.workflow import step
from partners.recruiting.querysets import ACTS, OWN, RUNS, SYSTEM


class OfferState(models.TextChoices):
    PROPOSED = "proposed", _("Proposed, not on view yet")
    OPEN = "open", _("On offer")
    DECLINED = "declined", _("Not taken up")
    ENDED = "ended", _("Ended")


class SlotState(models.TextChoices):
    PLANNED = "planned", _("To take place")
    CANCELLED = "cancelled", _("Cancelled")


class PlaceState(models.TextChoices):
    TAKEN = "taken", _("Place taken")
    CANCELLED = "cancelled", _("Place given back")
    DROPPED = "dropped", _("Does not take place")


O, D, P = OfferState, SlotState, PlaceState  # noqa: E741 - as the other workflows name theirs


class OfferSteps(models.Model):
    """The transitions; ``Offer`` inherits them."""

    class Meta:
        abstract = True

    @step(label=_("Put on view"), source=[O.PROPOSED], target=O.OPEN, allow=RUNS, event="offer.published")
    def publish(self):
        """The community has read it: it stands in the directory."""

    @step(label=_("Do not take up"), source=[O.PROPOSED], target=O.DECLINED, allow=RUNS, event="offer.declined",
          backward=True)  # fmt: skip
    def decline(self):
        """Not for this community; the reason is told."""

    @step(label=_("Change the offer"), source=[O.PROPOSED, O.OPEN], target=None, allow=RUNS, event="offer.changed",
          quiet=True)  # fmt: skip
    def change(self, **columns):
        """By the community: it stays as it is."""
        self.set_columns(columns)

    @step(label=_("Change the offer"), source=[O.PROPOSED, O.OPEN, O.DECLINED], target=O.PROPOSED, allow=ACTS,
          event="offer.revised", quiet=True)  # fmt: skip
    def revise(self, **columns):
        """By the partner: the community reads it again."""
        self.set_columns(columns)

    def set_columns(self, columns: dict) -> None:
        for name, value in columns.items():
            setattr(self, name, value)

    @step(label=_("End the offer"), source=[O.PROPOSED, O.OPEN], target=O.ENDED, allow=ACTS | SYSTEM,
          event="offer.ended")  # fmt: skip
    def end(self):
        """Not offered any more; its dates to come are cancelled."""

    @step(label=_("Take off view"), source=[O.OPEN], target=O.ENDED, allow=RUNS, event="offer.taken_down",
          backward=True)  # fmt: skip
    def take_down(self):
        """By the community, with a reason; its dates to come are cancelled."""


class OfferSlotSteps(models.Model):
    """The transitions; ``OfferSlot`` inherits them."""

    class Meta:
        abstract = True

    @step(label=_("Cancel the date"), source=[D.PLANNED], target=D.CANCELLED, allow=RUNS | ACTS | SYSTEM,
          event="offer_slot.cancelled", backward=True)  # fmt: skip
    def cancel(self):
        """Who has a place is told."""


class OfferPlaceSteps(models.Model):
    """The transitions; ``OfferPlace`` inherits them."""

    class Meta:
        abstract = True

    @step(
        label=_("Give the place back"), source=[P.TAKEN], target=P.CANCELLED, allow=OWN, event="offer_place.cancelled"
    )
    def cancel(self):
        """Somebody else may have it."""

    @step(label=_("Take a place again"), source=[P.CANCELLED], target=P.TAKEN, allow=OWN, event="offer_place.again",
          quiet=True)  # fmt: skip
    def again(self):
        """While there are places."""

    @step(label=_("Does not take place"), source=[P.TAKEN], target=P.DROPPED, allow=SYSTEM, event="offer_place.dropped",
          quiet=True)  # fmt: skip
    def drop(self):
        """The date was cancelled."""
