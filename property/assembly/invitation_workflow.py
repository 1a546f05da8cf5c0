"""States and transitions of an invitation: asked → coming | declined → signed in (→ left) | absent; taken back."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from governance.workflow import step
from property.assembly.querysets import ANSWERS, RUNS, SYSTEM


class InvitationState(models.TextChoices):
    INVITED = "invited", _("Invited")
    COMING = "coming", _("Coming")
    DECLINED = "declined", _("Not coming")
    ATTENDED = "attended", _("Signed in there")
    LEFT = "left", _("Left early")
    ABSENT = "absent", _("Absent")
    WITHDRAWN = "withdrawn", _("Invitation taken back")


S = InvitationState
NOT_THERE = (S.INVITED, S.COMING, S.DECLINED)
WAS_THERE = (S.ATTENDED, S.LEFT)


class InvitationSteps(models.Model):
    """The transitions; ``Invitation`` inherits them."""

    class Meta:
        abstract = True

    @step(label=_("I am coming"), source=[S.INVITED, S.DECLINED], target=S.COMING, allow=ANSWERS | RUNS,
          event="invitation.accepted")  # fmt: skip
    def come(self, *, stand_in=""):
        """Who is invited says yes; a unit may say whom it sends."""
        self.stand_in = stand_in

    @step(label=_("I cannot come"), source=[S.INVITED, S.COMING], target=S.DECLINED, allow=ANSWERS | RUNS,
          event="invitation.declined", reason=True)  # fmt: skip
    def decline(self):
        """Who is invited says no, and why."""

    @step(label=_("Sign in by hand"), source=[*NOT_THERE, S.LEFT], target=S.ATTENDED, allow=RUNS,
          event="invitation.signed_in")  # fmt: skip
    def sign_in(self, *, signed_in_at, stand_in):
        """Staff see the person in the room."""
        self.signed_in_at, self.signed_in_way, self.stand_in = signed_in_at, "hand", stand_in

    @step(label=_("Sign in by the code"), source=[*NOT_THERE, S.LEFT], target=S.ATTENDED, allow=ANSWERS | SYSTEM,
          event="invitation.signed_in", quiet=True)  # fmt: skip
    def scan(self, *, signed_in_at, attended_by):
        """The person opened the code shown in the room; only together with a code that holds."""
        self.signed_in_at, self.signed_in_way, self.attended_by = signed_in_at, "code", attended_by

    @step(label=_("Left early"), source=[S.ATTENDED], target=S.LEFT, allow=RUNS, event="invitation.left")
    def leave(self):
        """No longer counts to the quorum."""

    @step(label=_("Not there after all"), source=[S.ATTENDED], target=S.INVITED, allow=RUNS,
          event="invitation.undone", backward=True)  # fmt: skip
    def undo(self):
        """Signed in by mistake."""
        self.signed_in_at, self.signed_in_way, self.attended_by = None, "", None

    @step(label=_("Absent"), source=NOT_THERE, target=S.ABSENT, allow=SYSTEM, event="invitation.missed", quiet=True)
    def miss(self):
        """The session was closed and nobody had come."""

    @step(label=_("Ask again"), source=[S.COMING, S.DECLINED, *WAS_THERE, S.ABSENT, S.WITHDRAWN], target=S.INVITED,
          allow=SYSTEM, event="invitation.renewed", quiet=True)  # fmt: skip
    def ask_again(self):
        """The session has a new date, so that what was answered is no answer; or the invitation had been taken back."""
        self.stand_in, self.signed_in_way, self.signed_in_at, self.attended_by = "", "", None, None

    @step(label=_("Take the invitation back"), source=NOT_THERE, target=S.WITHDRAWN, allow=RUNS,
          event="invitation.withdrawn", backward=True)  # fmt: skip
    def withdraw(self):
        """Somebody invited by mistake; a standing seat's holder has changed."""
