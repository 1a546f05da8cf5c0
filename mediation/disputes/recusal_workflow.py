"""Transitions of a recusal. Nothing here reads or writes data."""

from dataclasses import dataclass

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from governance.scoping import Own, Relation
from governance.workflow import step
from mediation.disputes.querysets import APPOINTS, HANDLES, OfDispute
from mediation.disputes.states import RecusalState


@dataclass(frozen=True)
class SomebodyElse(Relation):
    """The person is not the mediator whom the recusal is about."""

    def q(self, grant, user):
        return ~Q(mediator_id=user.pk)

    def holds(self, obj, grant, user):
        return obj.mediator_id != user.pk


@dataclass(frozen=True)
class StepsAside(Relation):
    """The person is the mediator, who asks for it alone."""

    def q(self, grant, user):
        return Q(mediator_id=user.pk, party=None)

    def holds(self, obj, grant, user):
        return obj.mediator_id == user.pk and obj.party_id is None


DECIDES = {role: OfDispute(relation) & SomebodyElse() for role, relation in APPOINTS.items()}
UPHOLDS = {role: OfDispute(relation) & (SomebodyElse() | StepsAside()) for role, relation in APPOINTS.items()}
# Whoever recorded it by mistake, on the same day.
TAKES_BACK = {role: OfDispute(relation) & Own("recorded_by") for role, relation in HANDLES.items()}


def asked_today(recusal) -> bool:
    """Whether it was recorded today."""
    return timezone.localdate(recusal.asked_at) == timezone.localdate()


class RecusalSteps(models.Model):
    """The transitions; ``Recusal`` inherits them."""

    class Meta:
        abstract = True

    @step(label=_("Uphold the recusal"), source=[RecusalState.ASKED], target=RecusalState.UPHELD, allow=UPHOLDS,
          event="recusal.upheld")  # fmt: skip
    def uphold(self, *, by, at):
        """Somebody else mediates."""
        self.decided_by, self.decided_at = by, at

    @step(label=_("Reject the recusal"), source=[RecusalState.ASKED], target=RecusalState.REJECTED, allow=DECIDES,
          event="recusal.rejected", backward=True)  # fmt: skip
    def reject(self, *, by, at):
        """There is no ground; the parties may still refuse the mediator."""
        self.decided_by, self.decided_at = by, at

    @step(label=_("Take back: recorded by mistake"), source=[RecusalState.ASKED], target=RecusalState.WITHDRAWN,
          allow=TAKES_BACK, event="recusal.withdrawn", backward=True, guards=[asked_today])  # fmt: skip
    def withdraw(self, *, by, at):
        """Nobody asked for it, or not for this one; the party may ask again."""
        self.decided_by, self.decided_at = by, at
