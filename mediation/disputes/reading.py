"""What a person reads of disputes: who it is between (masked), and the masked list."""

from governance.models import User
from governance.scoping import roles_of
from mediation.disputes.querysets import LISTS
from mediation.models import Dispute

SHOWN = 3


def between(dispute: Dispute) -> str:
    """Say masked who a dispute is between; reads ``parties``, which lists load at once."""
    names = [party.masked for party in dispute.parties.all()]
    return "、".join(names[:SHOWN]) + (f" +{len(names) - SHOWN}" if len(names) > SHOWN else "") or "—"


def lists_masked(user: User) -> bool:
    """Whether somebody has a masked list of what they may not open."""
    return bool(roles_of(user) & set(LISTS))


def masked_rows(user: User):
    """Return what a person may know of disputes they may not open: place, type, tier, state, dates; no names, no
    words."""
    listed = Dispute.objects.listed_to(user)
    return listed.exclude(pk__in=Dispute.objects.visible_to(user).values("pk")).with_rows()
