"""States and transitions of a topic (议题): proposed → on the agenda → decided | noted | deferred; rejected, withdrawn.

Nothing here reads or writes data.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from governance.models.organisation import Role
from governance.scoping import Own
from governance.workflow import step
from property.assembly.querysets import RUNS, SYSTEM


class AgendaState(models.TextChoices):
    PROPOSED = "proposed", _("Proposed")
    ACCEPTED = "accepted", _("On the agenda")
    REJECTED = "rejected", _("Not taken on")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    DECIDED = "decided", _("Decided")
    NOTED = "noted", _("Talked over")
    DEFERRED = "deferred", _("Put off")


A = AgendaState
PROPOSES = {Role.RESIDENT: Own("proposer")}


class AgendaSteps(models.Model):
    """The transitions; ``AgendaItem`` inherits them."""

    class Meta:
        abstract = True

    @step(label=_("Put on the agenda"), source=[A.PROPOSED], target=A.ACCEPTED, allow=RUNS, event="topic.accepted")
    def accept(self, *, session, position):
        """列入议程: for a session that is not noticed yet; None: for the next one."""
        self.session, self.position = session, position

    @step(label=_("Turn down"), source=[A.PROPOSED], target=A.REJECTED, allow=RUNS, event="topic.rejected",
          backward=True)  # fmt: skip
    def reject(self, *, answer):
        """不予列入: the reason is told to whoever proposed it."""
        self.answer = answer

    @step(label=_("Withdraw"), source=[A.PROPOSED], target=A.WITHDRAWN, allow=PROPOSES, event="topic.withdrawn")
    def withdraw(self):
        """Who proposed it takes it back."""

    @step(label=_("Change its place"), source=[A.ACCEPTED], target=None, allow=RUNS, event="topic.placed")
    def place(self, *, position):
        """Its number on the agenda."""
        self.position = position

    @step(label=_("Take off the agenda"), source=[A.ACCEPTED], target=A.PROPOSED, allow=RUNS,
          event="topic.taken_off", backward=True)  # fmt: skip
    def take_off(self):
        """Not for this session: it is only put forward again."""
        self.session, self.position = None, 0

    @step(label=_("Write down what was said"), source=[A.ACCEPTED], target=None, allow=RUNS, event="topic.discussed")
    def discuss(self, *, discussion):
        """Goes into the minutes."""
        self.discussion = discussion

    @step(label=_("Decide"), source=[A.ACCEPTED], target=A.DECIDED, allow=RUNS, event="topic.decided")
    def decide(self, *, outcome, decided_at):
        """What was agreed; only what stood on the notice, and with a quorum."""
        self.outcome, self.decided_at = outcome, decided_at

    @step(label=_("Take note"), source=[A.ACCEPTED], target=A.NOTED, allow=RUNS | SYSTEM, event="topic.noted")
    def note(self, *, outcome):
        """Talked over without a decision."""
        self.outcome = outcome

    @step(label=_("Put off"), source=[A.ACCEPTED], target=A.DEFERRED, allow=RUNS | SYSTEM, event="topic.deferred",
          reason=True)  # fmt: skip
    def defer(self):
        """To the next session."""

    @step(label=_("Tie to a resolution"), source=[A.ACCEPTED, A.DECIDED, A.NOTED], target=None, allow=RUNS,
          event="topic.resolution_tied")  # fmt: skip
    def tie(self, *, resolution):
        """The vote that came, or comes, of it."""
        self.resolution = resolution

    @step(label=_("Propose a resolution"), source=[A.ACCEPTED, A.DECIDED, A.NOTED], target=None, allow=RUNS,
          event="topic.resolution_proposed")  # fmt: skip
    def propose(self, *, resolution):
        """What the topic asks for is put to the vote."""
        self.resolution = resolution

    @step(label=_("Make it a need"), source=[A.DECIDED, A.NOTED], target=None, allow=RUNS, event="topic.need_made")
    def make_need(self):
        """What the place lacks goes to the needs of the community; the answer is told back."""

    @step(label=_("Have it followed up"), source=[A.DECIDED, A.NOTED], target=None, allow=RUNS,
          event="topic.followed_up")  # fmt: skip
    def follow_up_with(self):
        """Somebody does something about it until a day."""
