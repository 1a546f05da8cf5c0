"""What a person reads of disputes: who it is between (masked), the masked list, and what is written down of reading."""

from collections.abc import Iterable

from governance.models import User
from governance.scoping import roles_of
from mediation.access import access_record
from mediation.disputes.querysets import LISTS
from mediation.models import AccessKind, Dispute

SHOWN = 3


def between(dispute: Dispute) -> str:
    """Say masked who a dispute is between; reads ``parties``, which lists load at once."""
    names = [party.masked for party in dispute.parties.all()]
    return "、".join(names[:SHOWN]) + (f" +{len(names) - SHOWN}" if len(names) > SHOWN else "") or "—"


def exported_record(disputes: Iterable[Dispute], *, actor: User, what: str) -> None:
    """Write down that disputes went out in a file."""
    for dispute in disputes:
        access_record(dispute, actor=actor, kind=AccessKind.EXPORTED, what=what)


def lists_masked(user: User) -> bool:
    """Whether somebody has a masked list of what they may not open."""
    return bool(roles_of(user) & set(LISTS))


def masked_rows(user: User):
    """Return what a person may know of disputes they may not open: place, type, tier, state, dates; no names, no
    words."""
    listed = Dispute.objects.listed_to(user)
    return listed.exclude(pk__in=Dispute.objects.visible_to(user).values("pk")).with_rows()
