"""States and transitions of a residency and of an ownership. Nothing here reads or writes data.

claimed → verified | refused | withdrawn; verified → ended. Only a verified one counts; an ended one has its last day.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from governance.models.organisation import Role
from governance.registry.querysets import KEEPS, CoOwns, SomebodyElses
from governance.scoping import Own
from governance.workflow import step


class TieState(models.TextChoices):
    CLAIMED = "claimed", _("Claimed")
    VERIFIED = "verified", _("Confirmed")
    REFUSED = "refused", _("Refused")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    ENDED = "ended", _("Ended")


S = TieState
OWN = {Role.RESIDENT: Own("user")}
# Community staff and administrators of the area, in other people's matters only.
DECIDES = {role: relation & SomebodyElses() for role, relation in KEEPS.items()}


def _is_no_voter(ownership) -> bool:
    return not ownership.is_voter


def _is_voter(ownership) -> bool:
    return ownership.is_voter


class ResidencySteps(models.Model):
    """The transitions of a residency; ``Residency`` inherits them."""

    class Meta:
        abstract = True

    @step(label=_("Confirm"), source=[S.CLAIMED], target=S.VERIFIED, allow=DECIDES, event="residency.verified")
    def verify(self):
        """核实: the community knows or saw proof that the person lives there."""

    @step(
        label=_("Refuse"),
        source=[S.CLAIMED],
        target=S.REFUSED,
        allow=DECIDES,
        event="residency.refused",
        backward=True,
    )
    def refuse(self):
        """With a reason that the claimant reads."""

    @step(label=_("Withdraw"), source=[S.CLAIMED], target=S.WITHDRAWN, allow=OWN, event="residency.withdrawn")
    def withdraw(self):
        """The claimant takes the claim back."""

    @step(label=_("Moved out"), source=[S.VERIFIED], target=S.ENDED, allow=KEEPS | OWN, event="residency.ended")
    def end(self, *, ended_on):
        """``ended_on``: the last day."""
        self.valid_to = ended_on


class OwnershipSteps(models.Model):
    """The transitions of an ownership; ``Ownership`` inherits them."""

    class Meta:
        abstract = True

    @step(label=_("Confirm"), source=[S.CLAIMED], target=S.VERIFIED, allow=DECIDES, event="ownership.verified")
    def verify(self, *, is_voter=False):
        """核实: the title was seen. ``is_voter``: nobody else owns anything of the dwelling."""
        self.is_voter = is_voter

    @step(
        label=_("Refuse"),
        source=[S.CLAIMED],
        target=S.REFUSED,
        allow=DECIDES,
        event="ownership.refused",
        backward=True,
    )
    def refuse(self):
        """With a reason that the claimant reads."""

    @step(label=_("Withdraw"), source=[S.CLAIMED], target=S.WITHDRAWN, allow=OWN, event="ownership.withdrawn")
    def withdraw(self):
        """The claimant takes the claim back."""

    @step(
        label=_("Name as voter"),
        source=[S.VERIFIED],
        target=None,
        allow=KEEPS | {Role.RESIDENT: CoOwns()},
        event="ownership.voter_named",
        guards=[_is_no_voter],
    )
    def name_voter(self):
        """The co-owners' one vote is this owner's from now on."""
        self.is_voter = True

    @step(
        label=_("Give up the vote"),
        source=[S.VERIFIED],
        target=None,
        allow=KEEPS | {Role.RESIDENT: CoOwns()},
        event="ownership.voter_replaced",
        guards=[_is_voter],
        quiet=True,
    )
    def replace_voter(self):
        """Another owner of the dwelling votes from now on."""
        self.is_voter = False

    @step(label=_("No longer owner"), source=[S.VERIFIED], target=S.ENDED, allow=KEEPS | OWN, event="ownership.ended")
    def end(self, *, ended_on):
        """``ended_on``: the last day. A vote ends with it."""
        self.valid_to, self.is_voter = ended_on, False
