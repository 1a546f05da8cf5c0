"""States and transitions of a follow-up item: assigned → accepted → in progress → awaiting acceptance → closed |
returned | escalated. That it is overdue is derived from its day, no state.

Nothing here reads or writes data.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from governance.workflow import step
from property.assembly.querysets import ACCEPTS_WORK, OWNS, RUNS, SYSTEM


class FollowUpState(models.TextChoices):
    ASSIGNED = "assigned", _("Assigned")
    ACCEPTED = "accepted", _("Taken on")
    IN_PROGRESS = "in_progress", _("In progress")
    AWAITING = "awaiting", _("Awaiting acceptance")
    CLOSED = "closed", _("Done")
    RETURNED = "returned", _("To be done again")
    ESCALATED = "escalated", _("Referred upwards")


F = FollowUpState
OPEN = (F.ASSIGNED, F.ACCEPTED, F.IN_PROGRESS, F.AWAITING, F.RETURNED, F.ESCALATED)
AT_WORK = (F.ASSIGNED, F.ACCEPTED, F.IN_PROGRESS, F.RETURNED)


class FollowUpSteps(models.Model):
    """The transitions; ``FollowUpItem`` inherits them."""

    class Meta:
        abstract = True

    @step(label=_("Take it on"), source=[F.ASSIGNED], target=F.ACCEPTED, allow=OWNS, event="follow_up.accepted")
    def accept(self):
        """认领: who is to do it says so."""

    @step(label=_("Begin"), source=[F.ACCEPTED, F.RETURNED], target=F.IN_PROGRESS, allow=OWNS,
          event="follow_up.begun")  # fmt: skip
    def start(self):
        """Work has begun."""

    @step(label=_("Hand in as done"), source=[F.ACCEPTED, F.IN_PROGRESS, F.RETURNED], target=F.AWAITING,
          allow=OWNS | SYSTEM, event="follow_up.submitted")  # fmt: skip
    def submit(self, *, result, submitted_by):
        """What was done, with photos."""
        self.result, self.submitted_by = result, submitted_by

    @step(label=_("Accept the work"), source=[F.AWAITING], target=F.CLOSED, allow=ACCEPTS_WORK,
          event="follow_up.closed")  # fmt: skip
    def close(self, *, closed_at):
        """验收: looked at and found done, not by whoever handed it in."""
        self.closed_at = closed_at

    @step(name="return", label=_("Send back"), source=[F.AWAITING], target=F.RETURNED, allow=ACCEPTS_WORK | SYSTEM,
          event="follow_up.returned", backward=True)  # fmt: skip
    def send_back(self):
        """Not done yet, or not well."""

    @step(label=_("Refer upwards"), source=[*AT_WORK, F.AWAITING], target=F.ESCALATED, allow=RUNS,
          event="follow_up.escalated", backward=True)  # fmt: skip
    def escalate(self):
        """The place cannot settle it by itself."""

    @step(label=_("Give to somebody"), source=[*AT_WORK, F.ESCALATED], target=F.ASSIGNED, allow=RUNS,
          event="follow_up.assigned")  # fmt: skip
    def assign(self, *, owner_unit, owner, due_on):
        """Another owner, or another day."""
        self.owner_unit, self.owner, self.due_on = owner_unit, owner, due_on

    @step(label=_("Open a case"), source=[*AT_WORK, F.ESCALATED], target=F.IN_PROGRESS, allow=RUNS,
          event="follow_up.case_opened")  # fmt: skip
    def open_case(self, *, case):
        """The hub finds who settles it; the case's end is told back."""
        self.case = case

    @step(label=_("Make it a need"), source=[*AT_WORK, F.ESCALATED], target=F.IN_PROGRESS, allow=RUNS,
          event="follow_up.need_made")  # fmt: skip
    def make_need(self):
        """What the place lacks goes to the needs of the community; the answer is told back."""

    @step(label=_("The need was declined"), source=[F.IN_PROGRESS, F.AWAITING], target=F.RETURNED, allow=SYSTEM,
          event="follow_up.need_declined", reason=True, quiet=True)  # fmt: skip
    def need_failed(self):
        """Nothing is done about the need: it is the owner's again."""

    @step(label=_("The case ended without a result"), source=[F.IN_PROGRESS, F.AWAITING], target=F.RETURNED,
          allow=SYSTEM, event="follow_up.case_failed", quiet=True)  # fmt: skip
    def give_back(self):
        """The case was not taken on, or called off: it is the owner's again."""
