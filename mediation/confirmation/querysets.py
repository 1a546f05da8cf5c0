"""Who reads and carries out judicial confirmation: who works on the dispute, and the clerk of the court applied to."""

from dataclasses import dataclass

from django.db.models import Q

from governance.models.organisation import Role
from governance.scoping import OfUnit, Relation, ScopedQuerySet
from governance.workflow import WorkflowQuerySet
from mediation.confirmation.states import AT_COURT
from mediation.disputes.querysets import HANDLES, READS, SYSTEM, through_dispute


@dataclass(frozen=True)
class AtCourt(Relation):
    """It has been applied for: until then it is no business of the court's."""

    def q(self, grant, user):
        return Q(state__in=AT_COURT)

    def holds(self, obj, grant, user):
        return obj.state in AT_COURT


COURT = {Role.JUDGES_CLERK: OfUnit("court") & AtCourt()}
# Applying and withdrawing, on behalf of the parties who asked for it.
HELPS = through_dispute(HANDLES)
CLOCK = SYSTEM


class ConfirmationQuerySet(WorkflowQuerySet):
    VISIBLE = through_dispute(READS) | COURT

    def with_rows(self):
        """Load what a row shows and its visibility reads."""
        related = ("agreement", "court", "dispute__area", "dispute__type", "dispute__mediator", "dispute__committee")
        return self.select_related(*related).defer("dispute__area__boundary")


class ConfirmationConsentQuerySet(ScopedQuerySet):
    VISIBLE = through_dispute(READS)
