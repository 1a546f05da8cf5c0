"""Transitions of a recusal. Nothing here reads or writes data."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from governance.workflow import step
from mediation.disputes.querysets import APPOINTS, OfDispute
from mediation.disputes.states import RecusalState

DECIDES = {role: OfDispute(relation) for role, relation in APPOINTS.items()}


class RecusalSteps(models.Model):
    """The transitions; ``Recusal`` inherits them."""

    class Meta:
        abstract = True

    @step(label=_("Uphold the recusal"), source=[RecusalState.ASKED], target=RecusalState.UPHELD, allow=DECIDES,
          event="recusal.upheld")  # fmt: skip
    def uphold(self, *, by, at):
        """Somebody else mediates."""
        self.decided_by, self.decided_at = by, at

    @step(label=_("Reject the recusal"), source=[RecusalState.ASKED], target=RecusalState.REJECTED, allow=DECIDES,
          event="recusal.rejected", backward=True)  # fmt: skip
    def reject(self, *, by, at):
        """There is no ground; the parties may still refuse the mediator."""
        self.decided_by, self.decided_at = by, at
