"""Transitions of a dispute's tier, and of a request that another unit take it over. Nothing here reads or writes data.

Request: requested → accepted → carried out | declined | withdrawn. It needs a reason, the other unit's acceptance with
the mediator it names, and the parties' acceptance of that mediator (domain/mediation.md, "Guards"; 人民调解法 23).
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from governance.workflow import step
from mediation.disputes.querysets import IN_AREA, MEDIATING_ROLES
from mediation.disputes.states import OPEN
from mediation.joint.querysets import HANDLES_IT, SYSTEM, TAKES
from mediation.joint.states import EscalationState as E

# Who takes a dispute over does not see it before: the request says to which unit, the service asks.
TAKERS = SYSTEM | dict.fromkeys(MEDIATING_ROLES, IN_AREA)
RUNNING = (E.REQUESTED, E.ACCEPTED)


def was_not_called_off(request) -> bool:
    """Whether the dispute is still worked on."""
    return request.dispute.state in OPEN


class TierSteps(models.Model):
    """What changes the tier of a dispute; ``Dispute`` inherits it."""

    class Meta:
        abstract = True

    @step(label=_("Take over the dispute"), source=OPEN, target=None, allow=TAKERS, event="dispute.tier_changed",
          quiet=True)  # fmt: skip
    def change_tier(self, *, tier, unit, mediator):
        """Another tier, another unit, another mediator; carried out by a request that was accepted."""
        self.tier, self.unit, self.mediator = tier, unit, mediator


class EscalationSteps(models.Model):
    """The transitions; ``EscalationRequest`` inherits them."""

    class Meta:
        abstract = True

    @step(label=_("Accept and name the mediator"), source=[E.REQUESTED], target=E.ACCEPTED, allow=TAKES,
          event="escalation.accepted", guards=[was_not_called_off])  # fmt: skip
    def accept(self, *, mediator, at):
        """The other unit takes it, if the parties accept the mediator it names."""
        self.mediator, self.accepted_at, self.named_at = mediator, at, at

    @step(label=_("Name another mediator"), source=[E.ACCEPTED], target=None, allow=TAKES,
          event="escalation.mediator_named", guards=[was_not_called_off])  # fmt: skip
    def name_mediator(self, *, mediator, at):
        """A party refused the first one: the parties are asked anew."""
        self.mediator, self.named_at = mediator, at

    @step(label=_("Take the dispute over"), source=[E.ACCEPTED], target=E.CARRIED_OUT, allow=TAKES,
          event="escalation.carried_out", guards=[was_not_called_off])  # fmt: skip
    def take_over(self, *, at):
        """Every party accepted the mediator: tier, unit and mediator change."""
        self.ended_at = at

    @step(label=_("Decline to take over"), source=RUNNING, target=E.DECLINED, allow=TAKES,
          event="escalation.declined", backward=True)  # fmt: skip
    def decline(self, *, at):
        """The other unit says why it does not take it."""
        self.ended_at = at

    @step(label=_("Withdraw the request"), source=RUNNING, target=E.WITHDRAWN, allow=HANDLES_IT | SYSTEM,
          event="escalation.withdrawn", backward=True)  # fmt: skip
    def withdraw(self, *, at):
        """Whoever has the dispute keeps it; by itself where the dispute ended meanwhile."""
        self.ended_at = at
