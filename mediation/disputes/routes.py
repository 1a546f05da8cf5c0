"""Telling parties that arbitration, the administrative and the court route stay open (人民调解法 3, 26)."""

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext as _

from governance.errors import Conflict, Invalid
from governance.models import User
from governance.scoping import Grant
from governance.transactions import atomically
from mediation.disputes.acting import grant_or_refuse, tell
from mediation.disputes.completeness import completeness_check
from mediation.disputes.querysets import HANDLES
from mediation.disputes.states import DeclineGround, DisputeState, TellingWay, TerminationGround
from mediation.models import Dispute, Party, RoutesTold

# After these ends parties are told; one who refuses, or withdraws, before it was accepted too.
GROUNDS = frozenset({*TerminationGround.values, DeclineGround.PARTY_REFUSED})


def routes_tell(dispute: Dispute, parties: Sequence[Party], *, how: str, told_by: User | None, grant: Grant,
                at: datetime) -> None:  # fmt: skip
    """Write down that parties were told, once each an end; whoever was told before stays as recorded then."""
    told = set(untold(dispute).values_list("pk", flat=True)) & {party.pk for party in parties}
    if not told:
        return
    RoutesTold.objects.bulk_create(
        RoutesTold(
            dispute=dispute,
            party_id=pk,
            round=dispute.reopened,
            ending=dispute.ends_taken_back,
            how=how,
            told_by=told_by,
            at=at,
        )
        for pk in sorted(told)
    )
    actor = told_by or User.objects.system("timers")
    tell("dispute.routes_told", dispute, actor=actor, grant=grant, at=at, parties=sorted(told), how=how)


def dispute_tell_routes(dispute: Dispute, *, actor: User, how: str, at: datetime) -> None:
    """Tell all parties of a terminated or refused mediation who were not told yet.

    Raises NotPermitted, Conflict, Invalid.
    """
    with atomically():
        held = Dispute.objects.lock(dispute.pk)
        grant = grant_or_refuse(HANDLES, held, actor)
        way_check(how)
        if held.ended_ground not in GROUNDS:
            raise Conflict(_("The mediation was neither terminated nor refused."), code="not_terminated")
        routes_tell(held, list(held.parties.all()), how=how, told_by=actor, grant=grant, at=at)


def way_check(how: str) -> None:
    """Refuse a way in which nobody at work tells anything. Raises Invalid naming ``how``."""
    if how not in TellingWay.values or how == TellingWay.LINK:
        raise Invalid(_("Say how the parties were told."), field="how", code="required")


def untold(dispute: Dispute):
    """Return the parties of a dispute who were not told of the other routes in this round, at an end that stands."""
    told = RoutesTold.objects.filter(dispute=dispute, round=dispute.reopened, ending=dispute.ends_taken_back)
    return dispute.parties.exclude(pk__in=told.values("party_id"))


@completeness_check
def routes_missing(dispute: Dispute):
    """A terminated mediation: every party was told."""
    ended = (DisputeState.TERMINATED, DisputeState.CLOSED)
    if dispute.state in ended and dispute.ended_ground in GROUNDS and untold(dispute).exists():
        yield _("Not every party was told of the other routes.")
