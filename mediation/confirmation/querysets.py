"""Who reads and carries out judicial confirmation: who works on the dispute, and the clerk of the court applied to."""

from governance.models.organisation import Role
from governance.scoping import OfUnit, ScopedQuerySet
from governance.workflow import WorkflowQuerySet
from mediation.confirmation.states import AT_COURT, NOT_APPLIED
from mediation.disputes.querysets import HANDLES, IMPARTIAL, READS, SYSTEM, InState, OfDispute, through_dispute

# Until it has been applied for it is no business of the court's; a clerk who is a party keeps out like everybody else.
COURT = {Role.JUDGES_CLERK: OfUnit("court") & InState(tuple(AT_COURT)) & OfDispute(IMPARTIAL)}
# Applying and withdrawing, on behalf of the parties who asked for it.
HELPS = through_dispute(HANDLES)
CLOCK = SYSTEM


class ConfirmationQuerySet(WorkflowQuerySet):
    VISIBLE = through_dispute(READS) | COURT

    def with_court(self):
        """Those that a court has, or has decided about: not where the parties themselves took the application back."""
        return self.exclude(state__in=[*NOT_APPLIED, "replaced"]).exclude(state="withdrawn", ground="")

    def with_rows(self):
        """Load what a row shows and its visibility reads."""
        related = ("agreement", "court", "dispute__area", "dispute__type", "dispute__mediator", "dispute__committee")
        return self.select_related(*related).defer("dispute__area__boundary")


class ConfirmationConsentQuerySet(ScopedQuerySet):
    VISIBLE = through_dispute(READS)
