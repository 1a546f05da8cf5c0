"""Who reads visits and referrals: whoever may read the dispute; the superior reads of a visit that it is overdue.

The superior of a village committee is the township centre, of a township centre the county centre, which sees those of
the committees of its townships too. A row of an overdue visit says nothing but which dispute, which kind, since when,
and how often it was tried in vain: it has not been made. What a mediator wrote with an attempt is not shown with it.
A counsellor reads referrals to them, from the day they are referred.
"""

from dataclasses import dataclass

from django.db.models import Q

from governance.models.organisation import Role
from governance.scoping import InArea, Own, Relation, visible_q
from governance.workflow import WorkflowQuerySet
from mediation.agreements.querysets import PARTIES
from mediation.disputes.querysets import (
    HANDLES,
    IMPARTIAL,
    IN_COUNTY,
    READS,
    SYSTEM,
    InState,
    OfDispute,
    OfTier,
    through_dispute,
)
from mediation.disputes.states import DisputeTier
from mediation.followup.states import OPEN_VISITS, TO_MAKE, WITH_COUNSELLOR, CounsellingState, VisitState


@dataclass(frozen=True)
class OthersMake(Relation):
    """Somebody else is to make the visit: not the person; nor, unless ``colleagues``, anybody of the person's unit."""

    colleagues: bool = False

    def q(self, grant, user):
        found = ~Q(dispute__mediator_id=user.pk)
        return found if self.colleagues else found & ~Q(dispute__unit_id=grant.unit_id)

    def holds(self, obj, grant, user):
        own = obj.dispute.mediator_id == user.pk
        return not own and (self.colleagues or obj.dispute.unit_id != grant.unit_id)


OVERDUE = InState((VisitState.OVERDUE,))
OVERSEES = {
    Role.TOWNSHIP_MEDIATOR: OfDispute(InArea() & OfTier((DisputeTier.GENERAL,)) & IMPARTIAL) & OVERDUE,
    Role.COUNTY_CENTRE: OfDispute(InArea() & OfTier((DisputeTier.GENERAL, DisputeTier.COMPLEX)) & IMPARTIAL) & OVERDUE,
}
# Who urges that an overdue visit be made: the superiors, where their own unit does not carry it on. Major disputes are
# the county centre's own: there the others of the centre do.
URGES = {
    Role.TOWNSHIP_MEDIATOR: OVERSEES[Role.TOWNSHIP_MEDIATOR] & OthersMake(),
    Role.COUNTY_CENTRE: (OVERSEES[Role.COUNTY_CENTRE] & OthersMake())
    | (OfDispute(IN_COUNTY & IMPARTIAL) & OVERDUE & OthersMake(colleagues=True)),
}
THROUGH = through_dispute(READS)
LOGS = through_dispute(HANDLES)
CLOCK = SYSTEM
COUNSELS = {Role.COUNSELLOR: Own("counsellor") & InState(WITH_COUNSELLOR) & OfDispute(IMPARTIAL)}


class VisitQuerySet(WorkflowQuerySet):
    VISIBLE = THROUGH | {role: THROUGH[role] | relation for role, relation in OVERSEES.items()}

    def with_rows(self):
        """Load what a row shows and its visibility reads."""
        related = ("agreement", "obligation", "visited_by", "dispute__area", "dispute__type", "dispute__committee",
                   "dispute__unit", "dispute__mediator")  # fmt: skip
        return self.select_related(*related).defer("dispute__area__boundary")

    def open(self):
        """Visits that are still to be made."""
        return self.filter(state__in=OPEN_VISITS)

    def to_make(self):
        """Visits that are to be made now."""
        return self.filter(state__in=TO_MAKE)

    def urged_by(self, user):
        """Overdue visits that a superior looks after, and may urge."""
        found = visible_q(URGES, user)
        return self.none() if found is None else self.filter(found)

    def handled_by(self, user):
        """Visits that a person may log: of the disputes they carry on."""
        found = visible_q(LOGS, user)
        return self.none() if found is None else self.filter(found)


class CounsellingQuerySet(WorkflowQuerySet):
    VISIBLE = THROUGH | COUNSELS

    def of_party(self, party):
        """The party's newest referral, as their own page shows it; None where none was offered, or the offer was taken
        back."""
        return self.filter(party=party).exclude(state=CounsellingState.WITHDRAWN).order_by("-id").first()

    def to_refer(self, user):
        """Referrals of the disputes a person carries on to which the party has consented."""
        found = visible_q(LOGS, user)
        return self.none() if found is None else self.filter(found, state=CounsellingState.CONSENTED)

    def of_counsellor(self, user):
        """Referrals to a counsellor, from the day they are referred: all have the party's consent."""
        return self.filter(counsellor=user, state__in=WITH_COUNSELLOR)

    def with_rows(self):
        """Load what a row shows and its visibility reads."""
        related = ("party", "counsellor", "dispute__area", "dispute__type", "dispute__committee", "dispute__mediator")
        return self.select_related(*related).defer("dispute__area__boundary")


# Offering, referring and recording: whoever carries the dispute on; the party consents or declines on the own page, by
# account or (in the system's name) by link; the counsellor says that somebody came. Parties read no row: their own page
# shows them the days of their own referral.
OFFERS = LOGS
ANSWERS = LOGS | PARTIES | CLOCK
ATTENDS = LOGS | COUNSELS
