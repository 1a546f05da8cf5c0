"""States and transitions of a sign-up and of voluntary work. Nothing here reads or writes data.

Sign-up: waiting → signed up, or offered → signed up | lapsed; cancelled; checked in | stayed away.
Voluntary work: signed up → there → done; cancelled, stayed away.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from governance.workflow import step
from property.gatherings.querysets import OWN, RUNS_PART, SYSTEM


class SignUpState(models.TextChoices):
    WAITING = "waiting", _("On the waiting list")
    OFFERED = "offered", _("Place offered")
    SIGNED_UP = "signed_up", _("Signed up")
    CANCELLED = "cancelled", _("Sign-up cancelled")
    LAPSED = "lapsed", _("Place lapsed")
    CHECKED_IN = "checked_in", _("There")
    NO_SHOW = "no_show", _("Stayed away")


S = SignUpState
HOLDING = (S.OFFERED, S.SIGNED_UP, S.CHECKED_IN, S.NO_SHOW)
ACTIVE = (S.WAITING, S.OFFERED, S.SIGNED_UP, S.CHECKED_IN)
NOT_THERE = (S.WAITING, S.OFFERED, S.SIGNED_UP, S.CANCELLED, S.LAPSED)
GONE = (S.CANCELLED, S.LAPSED)


class SignUpSteps(models.Model):
    """The transitions; ``SignUp`` inherits them."""

    class Meta:
        abstract = True

    @step(label=_("Place given"), source=[S.WAITING], target=S.SIGNED_UP, allow=SYSTEM, event="sign_up.given",
          quiet=True)  # fmt: skip
    def give(self):
        """A place was free."""

    @step(label=_("Place offered"), source=[S.WAITING], target=S.OFFERED, allow=SYSTEM, event="sign_up.offered",
          quiet=True)  # fmt: skip
    def offer(self, *, offered_until):
        """A place was freed: it is held for this person until then."""
        self.offered_until = offered_until

    @step(label=_("Place held longer"), source=[S.OFFERED], target=None, allow=SYSTEM, event="sign_up.held_longer",
          quiet=True)  # fmt: skip
    def hold_longer(self, *, offered_until):
        """The event has a new date: there is as much time to answer as before."""
        self.offered_until = offered_until

    @step(label=_("Take the place"), source=[S.OFFERED], target=S.SIGNED_UP, allow=OWN | RUNS_PART,
          event="sign_up.taken")  # fmt: skip
    def take(self):
        """The person offered it comes."""
        self.offered_until = None

    @step(label=_("Offer lapsed"), source=[S.OFFERED, S.WAITING], target=S.LAPSED, allow=SYSTEM,
          event="sign_up.lapsed", quiet=True)  # fmt: skip
    def lapse(self):
        """Nobody took it in time, or the event is over and no place was freed."""
        self.offered_until = None

    @step(label=_("Change who comes along"), source=[S.WAITING, S.SIGNED_UP], target=None, allow=OWN | RUNS_PART,
          event="sign_up.changed")  # fmt: skip
    def change(self, *, companions, children, needs, size):
        """More come along only while places are free."""
        self.companions, self.children, self.needs, self.size = companions, children, needs, size

    @step(label=_("Cancel the sign-up"), source=[S.WAITING, S.OFFERED, S.SIGNED_UP], target=S.CANCELLED,
          allow=OWN | RUNS_PART, event="sign_up.cancelled")  # fmt: skip
    def cancel(self):
        """The place goes to who waits first."""
        self.offered_until = None

    @step(label=_("Sign up again"), source=GONE, target=S.WAITING, allow=OWN | RUNS_PART, event="sign_up.again",
          quiet=True)  # fmt: skip
    def again(self, *, companions, children, needs, size, turn, dwelling):
        """At the end of the line."""
        self.companions, self.children, self.needs, self.size = companions, children, needs, size
        self.turn, self.dwelling = turn, dwelling

    @step(label=_("Check in"), source=NOT_THERE, target=S.CHECKED_IN, allow=RUNS_PART, event="sign_up.checked_in")
    def check_in(self, *, checked_in_at):
        """The organiser sees the person."""
        self.checked_in_at, self.way, self.offered_until = checked_in_at, "hand", None

    @step(label=_("Check in by the code"), source=NOT_THERE, target=S.CHECKED_IN, allow=OWN, event="sign_up.checked_in",
          quiet=True)  # fmt: skip
    def scan(self, *, checked_in_at):
        """The person opened the code shown there; only together with a code that holds."""
        self.checked_in_at, self.way, self.offered_until = checked_in_at, "code", None

    @step(label=_("Not there after all"), source=[S.CHECKED_IN], target=S.SIGNED_UP, allow=RUNS_PART,
          event="sign_up.undone", backward=True)  # fmt: skip
    def undo(self):
        """Checked in by mistake."""
        self.undo_columns()

    # The state before is another one than signed up: ``undo`` carries one of these out instead.

    @step(label=_("Waits again"), source=[S.CHECKED_IN], target=S.WAITING, allow=RUNS_PART, event="sign_up.undone",
          quiet=True, reason=True)  # fmt: skip
    def back_to_line(self):
        """Checked in by mistake while waiting."""
        self.undo_columns()

    @step(label=_("Offered again"), source=[S.CHECKED_IN], target=S.OFFERED, allow=RUNS_PART, event="sign_up.undone",
          quiet=True, reason=True)  # fmt: skip
    def back_to_offer(self, *, offered_until):
        """Checked in by mistake while a place was offered."""
        self.undo_columns()
        self.offered_until = offered_until

    @step(label=_("Not signed up again"), source=[S.CHECKED_IN], target=S.CANCELLED, allow=RUNS_PART,
          event="sign_up.undone", quiet=True, reason=True)  # fmt: skip
    def back_to_cancelled(self):
        """Checked in by mistake, without a sign-up."""
        self.undo_columns()

    @step(label=_("Lapsed again"), source=[S.CHECKED_IN], target=S.LAPSED, allow=RUNS_PART, event="sign_up.undone",
          quiet=True, reason=True)  # fmt: skip
    def back_to_lapsed(self):
        """Checked in by mistake, with no place any more."""
        self.undo_columns()

    def undo_columns(self) -> None:
        self.checked_in_at, self.way = None, ""

    @step(label=_("Stayed away"), source=[S.SIGNED_UP], target=S.NO_SHOW, allow=SYSTEM, event="sign_up.missed",
          quiet=True)  # fmt: skip
    def miss(self):
        """The event is over; a figure, nothing follows from it by itself."""


class VolunteeringState(models.TextChoices):
    SIGNED_UP = "signed_up", _("Signed up")
    HERE = "here", _("Helping now")
    DONE = "done", _("Has helped")
    CANCELLED = "cancelled", _("Sign-up cancelled")
    NO_SHOW = "no_show", _("Stayed away")


V = VolunteeringState
HELPS = (V.SIGNED_UP, V.HERE, V.DONE)


class VolunteeringSteps(models.Model):
    """The transitions; ``Volunteering`` inherits them."""

    class Meta:
        abstract = True

    @step(label=_("Cancel the sign-up"), source=[V.SIGNED_UP], target=V.CANCELLED, allow=OWN | RUNS_PART,
          event="volunteering.cancelled")  # fmt: skip
    def cancel(self):
        """Somebody else may take the task."""

    @step(label=_("Sign up again"), source=[V.CANCELLED], target=V.SIGNED_UP, allow=OWN, event="volunteering.again",
          quiet=True)  # fmt: skip
    def again(self):
        """While hands are wanted."""

    @step(label=_("Check in"), source=[V.SIGNED_UP], target=V.HERE, allow=RUNS_PART, event="volunteering.begun")
    def check_in(self, *, checked_in_at):
        """The work begins."""
        self.checked_in_at = checked_in_at

    @step(label=_("Check out"), source=[V.HERE], target=V.DONE, allow=RUNS_PART | SYSTEM, event="volunteering.done")
    def check_out(self, *, checked_out_at, minutes):
        """The work ends; its minutes count."""
        self.checked_out_at, self.minutes = checked_out_at, minutes

    @step(label=_("Correct the minutes"), source=[V.DONE], target=None, allow=RUNS_PART, event="volunteering.corrected",
          backward=True)  # fmt: skip
    def correct(self, *, minutes):
        """By whoever runs the event, never by the volunteer."""
        self.minutes = minutes

    @step(label=_("Stayed away"), source=[V.SIGNED_UP], target=V.NO_SHOW, allow=SYSTEM, event="volunteering.missed",
          quiet=True)  # fmt: skip
    def miss(self):
        """The event is over."""
