"""States and transitions of a need (需求). Nothing here reads or writes data.

registered → verified → merged | transferred | adopted | declined → solved → called back (domain/partners.md, "State
machines"). Steps that undo another one's work lead back to verified and need a reason.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from governance.workflow import step
from partners.needs.querysets import KEEPS, SOLVES, SYSTEM


class NeedState(models.TextChoices):
    REGISTERED = "registered", _("Registered")
    VERIFIED = "verified", _("Verified")
    MERGED = "merged", _("Merged")
    TRANSFERRED = "transferred", _("Transferred")
    ADOPTED = "adopted", _("Adopted")
    DECLINED = "declined", _("Declined with a reason")
    SOLVED = "solved", _("Solved")
    CALLED_BACK = "called_back", _("Called back")


N = NeedState
# Still to be decided about or done; others can be merged into those that are verified.
OPEN = (N.REGISTERED, N.VERIFIED, N.TRANSFERRED, N.ADOPTED)
TAKES_OTHERS = (N.VERIFIED, N.TRANSFERRED, N.ADOPTED)


def was_unhappy(need) -> bool:
    """Whether somebody said when called that it is not solved."""
    return need.state != N.CALLED_BACK or need.satisfied is False


class NeedSteps(models.Model):
    """The transitions; ``Need`` inherits them."""

    class Meta:
        abstract = True

    @step(label=_("Correct"), source=[N.REGISTERED, N.VERIFIED], target=None, allow=KEEPS, event="need.amended")
    def amend(self, **fields):
        """What it is about, for whom, how urgent."""
        for name, value in fields.items():
            setattr(self, name, value)

    @step(label=_("Verify"), source=[N.REGISTERED], target=N.VERIFIED, allow=KEEPS, event="need.verified")
    def verify(self, *, at):
        """Somebody looked: there is such a need."""
        self.verified_at = at

    @step(label=_("Merge into another"), source=[N.VERIFIED], target=N.MERGED, allow=KEEPS, event="need.merged")
    def merge(self, *, into):
        """The same as another one: whoever raised it is told what becomes of that."""
        self.merged_into = into

    @step(label=_("Open a case"), source=[N.VERIFIED], target=N.TRANSFERRED, allow=KEEPS, event="need.case_opened")
    def open_case(self, *, case):
        """Something to be repaired or dealt with: the hub finds who; the case's end is told back."""
        self.case = case

    @step(label=_("Transfer to a unit"), source=[N.VERIFIED], target=N.TRANSFERRED, allow=KEEPS,
          event="need.transferred")  # fmt: skip
    def transfer(self, *, unit):
        """Another unit does it, and says when it is solved."""
        self.unit = unit

    @step(label=_("Adopt"), source=[N.VERIFIED], target=N.ADOPTED, allow=KEEPS, event="need.adopted")
    def adopt(self):
        """It will become a project."""

    @step(label=_("Decline the need"), source=[N.VERIFIED], target=N.DECLINED, allow=KEEPS, event="need.declined",
          backward=True)  # fmt: skip
    def decline(self, *, answer):
        """Nothing is done about it; the reason is told to whoever raised it."""
        self.answer = answer

    @step(label=_("Report it solved"), source=[N.TRANSFERRED, N.ADOPTED], target=N.SOLVED, allow=SOLVES,
          event="need.solved")  # fmt: skip
    def solve(self, *, result, at, call_back_by):
        """What was done about it."""
        self.result, self.solved_at, self.call_back_by = result, at, call_back_by

    @step(label=_("Call back"), source=[N.SOLVED], target=N.CALLED_BACK, allow=KEEPS, event="need.called_back")
    def call_back(self, *, called_by, called_at, satisfied, call_words):
        """Whoever raised it was asked whether it is solved."""
        self.called_by, self.called_at, self.satisfied, self.call_words = called_by, called_at, satisfied, call_words

    @step(label=_("Take apart again"), source=[N.MERGED], target=N.VERIFIED, allow=KEEPS, event="need.split",
          backward=True)  # fmt: skip
    def split(self):
        """It was not the same after all."""
        self.merged_into = None

    @step(label=_("Take it back"), source=[N.TRANSFERRED, N.ADOPTED], target=N.VERIFIED, allow=KEEPS | SYSTEM,
          event="need.taken_back", backward=True)  # fmt: skip
    def take_back(self):
        """Nobody does it there: decided anew."""
        self.case = self.unit = None

    @step(label=_("Consider again"), source=[N.DECLINED], target=N.VERIFIED, allow=KEEPS, event="need.reconsidered",
          backward=True)  # fmt: skip
    def reconsider(self):
        """The reason does not hold any more."""
        self.answer = ""

    @step(label=_("Open again"), source=[N.SOLVED, N.CALLED_BACK], target=N.VERIFIED, allow=KEEPS | SYSTEM,
          event="need.reopened", backward=True, guards=[was_unhappy])  # fmt: skip
    def reopen(self):
        """It is not solved, say those who raised it, or who looked."""
        self.case = self.unit = self.solved_at = self.call_back_by = None
        self.called_by = self.called_at = self.satisfied = None
        self.result = self.call_words = ""
