"""What the parties said on their own pages of how an agreement is performed: read before a visit."""

from django.db.models import QuerySet

from governance.models import User
from mediation.models import FollowUpVisit, PartyReply

SHOWN = 10


def replies_of(visit: FollowUpVisit, user: User) -> QuerySet[PartyReply]:
    """Return the newest replies about the agreement of a visit, for who may read the dispute: the superior who sees an
    overdue visit does not."""
    rows = PartyReply.objects.visible_to(user).filter(agreement=visit.agreement_id)
    return rows.with_rows().select_related("party__dispute").prefetch_related("party__dispute__parties")[:SHOWN]
