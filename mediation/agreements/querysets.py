"""Who reads agreements and obligations: whoever may read the dispute. Keeping them: whoever works on it."""

from dataclasses import dataclass

from django.apps import apps
from django.db.models import Prefetch, Q

from governance.models.organisation import Role
from governance.scoping import Relation, ScopedQuerySet
from governance.workflow import WorkflowQuerySet
from mediation.disputes.querysets import HANDLES, IMPARTIAL, KEEPS, MINE, READS, SYSTEM, WORKS, through_dispute

WORKS_ON = through_dispute(HANDLES)
# Who seals for the committee: not a grid worker who mediates on site.
SEALS = through_dispute(KEEPS)
# Only the dispute's own mediator signs as the mediator.
MEDIATES = through_dispute(dict.fromkeys(WORKS, MINE & IMPARTIAL))
CLOCK = SYSTEM


@dataclass(frozen=True)
class IsParty(Relation):
    """The person is a party of the dispute, by their account. Doors show them their own papers only."""

    def q(self, grant, user):
        return Q(dispute__in=self._of(user).values("dispute_id"))

    def holds(self, obj, grant, user):
        return self._of(user).filter(dispute_id=obj.dispute_id).exists()

    @staticmethod
    def _of(user):
        return apps.get_model("mediation", "party").objects.filter(user_id=user.pk)


PARTIES = {Role.RESIDENT: IsParty()}


class OfAgreementQuerySet(ScopedQuerySet):
    """Rows of an agreement, read by whoever may read its dispute."""

    VISIBLE = through_dispute(READS)


class AgreementQuerySet(WorkflowQuerySet):
    VISIBLE = through_dispute(READS)

    def with_rows(self):
        """Load what a row shows and its visibility reads."""
        return self.select_related("dispute__area", "dispute__type", "dispute__committee", "dispute__mediator").defer(
            "dispute__area__boundary"
        )

    def with_parts(self):
        """Load clauses, obligations and signatures too, with what the labels of their parties are read from."""
        obligations = (
            apps.get_model("mediation", "obligation")
            .objects.select_related("debtor__dispute", "creditor__dispute")
            .prefetch_related("debtor__dispute__parties", "creditor__dispute__parties")
        )
        signatures = (
            apps.get_model("mediation", "agreementsignature")
            .objects.select_related("party__dispute", "recorded_by", "authorisation")
            .prefetch_related("days", "party__former_names", "party__dispute__parties")
        )
        return self.with_rows().prefetch_related(
            "clauses", Prefetch("obligations", queryset=obligations), Prefetch("signatures", queryset=signatures)
        )

    def in_effect(self):
        """Agreements that bind now; at most one of a dispute."""
        return self.filter(state="effective")

    def took_effect(self):
        """Agreements that took effect, those that a newer one has replaced since too."""
        return self.filter(state__in=["effective", "replaced"])


class ObligationQuerySet(WorkflowQuerySet):
    VISIBLE = through_dispute(READS)

    def with_rows(self):
        """Load what a row shows and its visibility reads."""
        related = ("agreement", "debtor", "creditor", "dispute__area", "dispute__mediator", "dispute__committee")
        return self.select_related(*related).defer("dispute__area__boundary")

    def owed(self):
        """Obligations of agreements in effect that are not wholly performed."""
        return self.filter(state__in=["due", "part", "overdue", "urged", "told_of_litigation"],
                           agreement__state="effective")  # fmt: skip

    def late(self, day):
        """Obligations that were due before ``day``."""
        return self.owed().filter(due_on__lt=day)


class PaperTextQuerySet(ScopedQuerySet):
    def get_by_natural_key(self, area, sentence, valid_from):
        return self.get(area__code=area, sentence=sentence, valid_from=valid_from)

    def visible_to(self, user):
        """Reference data: everybody signed in."""
        return self if user.is_authenticated and user.is_active else self.none()

    def holding(self, area):
        """Versions that may hold in an area: of the nearest area first, there the latest first."""
        found = self.filter(area__in=area.lineage).select_related("area").defer("area__boundary")
        return found.order_by("-area__path", "-valid_from")
