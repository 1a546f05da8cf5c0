"""Transitions of a respected local (乡贤) in the register, and of an invitation. Nothing here reads or writes data.

Invitation: proposed → invited → accepted → thanked | declined | withdrawn | expired | ended (人民调解法 20: only with
the parties' consent; access ends by itself). Whoever took part is thanked, also where it was taken back or ran out.
"""

from datetime import timedelta

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from governance.workflow import step
from mediation.disputes.states import OPEN
from mediation.joint.querysets import HANDLES_IT, HELPING, KEEPS_REGISTER, SYSTEM
from mediation.joint.states import HelperState as H
from mediation.joint.states import InvitationState as V

CORRECTED_FOR = timedelta(days=7)  # after it was entered, as with a visit [J]: a slip is seen soon


def is_open(invitation) -> bool:
    """Whether the dispute is still worked on."""
    return invitation.dispute.state in OPEN


def took_part(invitation) -> bool:
    """Whether the helper accepted the invitation."""
    return invitation.no_conflict_at is not None


def thanked_lately(invitation) -> bool:
    """Whether the hours were entered a few days ago at most."""
    return invitation.thanked_at is not None and timezone.now() <= invitation.thanked_at + CORRECTED_FOR


class HelperSteps(models.Model):
    """The transitions; ``RespectedHelper`` inherits them."""

    class Meta:
        abstract = True

    @step(label=_("Correct the entry"), source=[H.ACTIVE, H.SUSPENDED], target=None, allow=KEEPS_REGISTER,
          event="helper.amended")  # fmt: skip
    def amend(self, *, standing, about, languages, interests):
        """What people respect them for, what they speak, where they have an interest of their own."""
        self.standing, self.about, self.languages, self.interests = standing, about, languages, interests

    @step(label=_("Suspend invitations"), source=[H.ACTIVE], target=H.SUSPENDED, allow=KEEPS_REGISTER,
          event="helper.suspended", backward=True)  # fmt: skip
    def suspend(self):
        """Not invited for now."""

    @step(label=_("Invite again from now on"), source=[H.SUSPENDED], target=H.ACTIVE, allow=KEEPS_REGISTER,
          event="helper.resumed")  # fmt: skip
    def resume(self):
        """What stood in the way is over."""

    @step(label=_("Take off the register"), source=[H.ACTIVE, H.SUSPENDED], target=H.LEFT, allow=KEEPS_REGISTER,
          event="helper.left", backward=True)  # fmt: skip
    def leave(self, *, on):
        """They help no longer."""
        self.left_on = on


class InvitationSteps(models.Model):
    """The transitions; ``HelperInvitation`` inherits them."""

    class Meta:
        abstract = True

    @step(label=_("Send the invitation"), source=[V.PROPOSED], target=V.INVITED, allow=HANDLES_IT,
          event="helper_invitation.sent", guards=[is_open])  # fmt: skip
    def send(self, *, at):
        """Every party agreed: the helper reads the summary."""
        self.invited_at = at

    @step(label=_("Take part"), source=[V.INVITED], target=V.ACCEPTED, allow=HELPING,
          event="helper_invitation.accepted", guards=[is_open])  # fmt: skip
    def accept(self, *, at):
        """The helper has no interest of their own in the matter."""
        self.no_conflict_at = at

    @step(label=_("Decline the invitation"), source=[V.INVITED, V.ACCEPTED], target=V.DECLINED, allow=HELPING,
          event="helper_invitation.declined")  # fmt: skip
    def decline(self, *, at):
        """The helper cannot, or had better not; no reason need be given."""
        self.ended_at = at

    @step(label=_("Take back the invitation of the helper"), source=[V.PROPOSED, V.INVITED, V.ACCEPTED],
          target=V.WITHDRAWN, allow=HANDLES_IT | SYSTEM, event="helper_invitation.withdrawn",
          backward=True)  # fmt: skip
    def withdraw(self, *, at):
        """Not needed any more, or a party does not want the helper any more."""
        self.ended_at = at

    @step(label=_("Access of the helper ends"), source=[V.INVITED, V.ACCEPTED], target=V.EXPIRED, allow=SYSTEM,
          event="helper_invitation.expired", quiet=True)  # fmt: skip
    def expire(self, *, at):
        """The last day passed."""
        self.ended_at = at

    @step(label=_("Access of the helper ends early"), source=[V.INVITED, V.ACCEPTED], target=V.ENDED, allow=SYSTEM,
          event="helper_invitation.ended", quiet=True, reason=True)  # fmt: skip
    def end(self, *, at):
        """Before its last day: the dispute has ended, or the helper is not in the register any more."""
        self.ended_at = at

    @step(label=_("Thank and enter the hours"), source=[V.ACCEPTED, V.EXPIRED, V.ENDED, V.WITHDRAWN],
          target=V.THANKED, allow=HANDLES_IT, event="helper_invitation.thanked", guards=[took_part])  # fmt: skip
    def thank(self, *, hours, thanks, at):
        """What they gave is written down, and their access ends."""
        self.hours, self.thanks, self.thanked_at = hours, thanks, at
        self.ended_at = self.ended_at or at

    @step(label=_("Correct the hours and the thanks"), source=[V.THANKED], target=None, allow=HANDLES_IT,
          event="helper_invitation.thanks_corrected", guards=[thanked_lately], reason=True)  # fmt: skip
    def correct(self, *, hours, thanks):
        """They were entered with a slip."""
        self.hours, self.thanks = hours, thanks
