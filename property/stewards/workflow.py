"""States and transitions of shifts and of who stands them, of people who ask to join, and of disputes seen."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from governance.models.organisation import Role
from governance.scoping import Anywhere, InArea, Own
from governance.workflow import step
from property.stewards.scope import LEADS, MANAGES, OWN, OfAnother

CLOCK = {Role.SYSTEM: Anywhere()}
OWN_OR_MANAGES = MANAGES | {role: OWN[role] | LEADS[role] for role in OWN}
EXCUSES = {role: relation & OfAnother() for role, relation in MANAGES.items()}
# Community staff answer for disputes; mediation takes them over from there.
ANSWERS = {Role.COMMUNITY_STAFF: InArea()}


class ShiftState(models.TextChoices):
    PLANNED = "planned", _("On the roster")
    CALLED_OFF = "called_off", _("Called off")


class ShiftSteps(models.Model):
    """The transitions of a shift; ``StewardShift`` inherits them."""

    class Meta:
        abstract = True

    @step(label=_("Call off"), source=[ShiftState.PLANNED], target=ShiftState.CALLED_OFF,
          allow=MANAGES | CLOCK, event="shift.called_off", backward=True)  # fmt: skip
    def call_off(self):
        """It is not to be stood: weather, another task, its team or plan out of use. Whoever had taken it is told."""


class DutyState(models.TextChoices):
    TAKEN = "taken", _("Taken")
    UNDER_WAY = "under_way", _("On duty")
    DONE = "done", _("Stood")
    NO_SHOW = "no_show", _("Did not come")
    EXCUSED = "excused", _("Excused")
    GIVEN_UP = "given_up", _("Given up")
    CALLED_OFF = "called_off", _("Called off")


D = DutyState
HELD = (D.TAKEN, D.UNDER_WAY, D.DONE)
GIVEN_BACK = (D.GIVEN_UP, D.CALLED_OFF)


class DutySteps(models.Model):
    """The transitions of somebody's place in a shift; ``ShiftDuty`` inherits them. Times come from the caller."""

    class Meta:
        abstract = True

    @step(label=_("Begin the shift"), source=[D.TAKEN], target=D.UNDER_WAY, allow=OWN, event="duty.started")
    def start(self, *, started_at):
        """The member is there."""
        self.started_at = started_at

    @step(label=_("End the shift"), source=[D.UNDER_WAY], target=D.DONE, allow=OWN | CLOCK, event="duty.ended")
    def end(self, *, ended_at, by_clock=False):
        """The member leaves, or forgot to say so and the clock does it, or the shift is called off meanwhile."""
        self.ended_at, self.by_clock = ended_at, by_clock

    @step(label=_("Give up the shift"), source=[D.TAKEN], target=D.GIVEN_UP, allow=OWN_OR_MANAGES | CLOCK,
          event="duty.given_up", backward=True)  # fmt: skip
    def give_up(self):
        """Somebody cannot come after all; the place is free again."""

    @step(label=_("Mark as not come"), source=[D.TAKEN], target=D.NO_SHOW, allow=CLOCK, event="duty.no_show",
          quiet=True)  # fmt: skip
    def miss(self):
        """The shift is over and the member never began it."""

    @step(label=_("Excuse"), source=[D.NO_SHOW], target=D.EXCUSED, allow=EXCUSES, event="duty.excused", backward=True)
    def excuse(self):
        """There was a good reason: it does not count as not come. Nobody says so of oneself."""

    @step(label=_("Call off"), source=[D.TAKEN], target=D.CALLED_OFF, allow=CLOCK, event="duty.called_off",
          quiet=True)  # fmt: skip
    def call_off(self):
        """The shift itself was called off; whoever had begun it is ended, and counted, instead."""


class RequestState(models.TextChoices):
    ASKED = "asked", _("Asked to join")
    ACCEPTED = "accepted", _("Accepted")
    DECLINED = "declined", _("Declined")
    WITHDRAWN = "withdrawn", _("Withdrawn")


R = RequestState


class RequestSteps(models.Model):
    """The transitions of somebody's wish to join; ``JoinRequest`` inherits them."""

    class Meta:
        abstract = True

    @step(label=_("Accept"), source=[R.ASKED], target=R.ACCEPTED, allow=MANAGES, event="join.accepted")
    def accept(self, *, member):
        """The person is in the team from now on."""
        self.member = member

    @step(label=_("Decline"), source=[R.ASKED], target=R.DECLINED, allow=MANAGES, event="join.declined", backward=True)
    def decline(self):
        """With a reason that the person reads."""

    @step(label=_("Withdraw"), source=[R.ASKED], target=R.WITHDRAWN, allow={Role.RESIDENT: Own("person")},
          event="join.withdrawn")  # fmt: skip
    def withdraw(self):
        """The person thought better of it."""


class SightingState(models.TextChoices):
    HANDED_OVER = "handed_over", _("Handed over")
    TAKEN = "taken", _("Taken on")
    DISMISSED = "dismissed", _("Nothing to settle")
    BECAME_CASE = "became_case", _("Became a case")


S = SightingState


class SightingSteps(models.Model):
    """The transitions of a dispute that was seen; ``DisputeSighting`` inherits them."""

    class Meta:
        abstract = True

    @step(label=_("Take it on"), source=[S.HANDED_OVER], target=S.TAKEN, allow=ANSWERS, event="sighting.taken")
    def take(self, *, answered_by, answered_at):
        """Somebody of the community looks after it."""
        self.answered_by, self.answered_at = answered_by, answered_at

    @step(label=_("Taken on by mediation"), source=[S.HANDED_OVER], target=S.TAKEN, allow=CLOCK,
          event="sighting.taken_by_mediation", quiet=True)  # fmt: skip
    def take_by_mediation(self, *, answered_by, answered_at):
        """A mediator has looked at the hazard it became: that is an answer."""
        self.answered_by, self.answered_at = answered_by, answered_at

    @step(label=_("Nothing to settle"), source=[S.HANDED_OVER, S.TAKEN], target=S.DISMISSED, allow=ANSWERS,
          event="sighting.dismissed", backward=True)  # fmt: skip
    def dismiss(self, *, answered_by, answered_at):
        """There is no dispute, or it is over; the reason says which."""
        self.answered_by, self.answered_at = self.answered_by or answered_by, self.answered_at or answered_at

    @step(label=_("Make it a case"), source=[S.HANDED_OVER, S.TAKEN], target=S.BECAME_CASE, allow=ANSWERS,
          event="sighting.became_case")  # fmt: skip
    def open_case(self, *, answered_by, answered_at, case):
        """Something has to be put right by a unit."""
        self.answered_by, self.answered_at = self.answered_by or answered_by, self.answered_at or answered_at
        self.case = case

    @step(label=_("Remind"), source=[S.HANDED_OVER], target=None, allow=CLOCK, event="sighting.unanswered", quiet=True)
    def remind(self, *, at):
        """The time for an answer is over and nobody has answered."""
        self.unanswered_since = at
