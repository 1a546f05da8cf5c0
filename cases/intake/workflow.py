"""States and transitions of a dead letter: a message of a named source that could not be made into a case."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from governance.models.organisation import Role
from governance.scoping import Anywhere, InArea
from governance.workflow import step


class LetterState(models.TextChoices):
    REJECTED = "rejected", _("Waiting to be put right")
    REPLAYED = "replayed", _("Replayed")
    DISCARDED = "discarded", _("Discarded")
    SUPERSEDED = "superseded", _("A later message was taken")


S = LetterState
OF_SOURCE = InArea("source__area")
# Letters hold what people wrote and their telephones: those who answer for the sources see them, nobody else.
MENDS = {Role.OPERATIONS_CENTRE: OF_SOURCE, Role.ADMINISTRATOR: OF_SOURCE}
MACHINE = {Role.SYSTEM: Anywhere()}


class LetterSteps(models.Model):
    """The transitions; ``DeadLetter`` inherits them."""

    class Meta:
        abstract = True

    @step(label=_("Put right"), source=[S.REJECTED], target=None, allow=MENDS, event="intake.corrected")
    def correct(self, *, corrections):
        """State what the message should have said; the message itself stays as it came."""
        self.corrections = corrections

    @step(label=_("Replay"), source=[S.REJECTED], target=S.REPLAYED, allow=MENDS | MACHINE, event="intake.replayed")
    def replay(self, *, case, settled_at):
        """It was read anew and is a case now."""
        self.case, self.settled_at, self.errors = case, settled_at, []

    @step(
        label=_("Discard"),
        source=[S.REJECTED],
        target=S.DISCARDED,
        allow=MENDS,
        event="intake.discarded",
        backward=True,
    )
    def discard(self, *, settled_at):
        """Nothing is to be made of it; somebody says why."""
        self.settled_at = settled_at

    @step(
        label=_("Supersede"),
        source=[S.REJECTED],
        target=S.SUPERSEDED,
        allow=MACHINE,
        event="intake.superseded",
        quiet=True,
    )
    def supersede(self, *, case, settled_at):
        """The source has sent it again, and that message was taken."""
        self.case, self.settled_at = case, settled_at
