"""Who looks after overdue visits from above, after which ones, and how they urge them (decision 0044)."""

from datetime import datetime

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from governance.errors import Conflict
from governance.models import Appointment, Event, Role, User
from governance.scoping import grant_for
from governance.transactions import atomically
from governance.workflow import carries_out
from mediation.agreements.acting import carry
from mediation.disputes.impartial import impartial_of
from mediation.disputes.mediators import mediators_in
from mediation.disputes.states import DisputeTier
from mediation.followup.querysets import URGES
from mediation.models import Dispute, FollowUpVisit


def superiors_of(dispute: Dispute) -> list[User]:
    """Return who is told of what is overdue: of a general dispute the township's centre (the county's where that centre
    itself carries it on, or there is none), of complex and major ones the county's.

    A major dispute is the county centre's own: all of it are told, whoever mediates."""
    general, major = dispute.tier == DisputeTier.GENERAL, dispute.tier == DisputeTier.MAJOR
    own = User.objects.none() if major else mediators_in(dispute.unit_id)
    for role in (Role.TOWNSHIP_MEDIATOR, Role.COUNTY_CENTRE) if general else (Role.COUNTY_CENTRE,):
        held = Appointment.objects.in_force().filter(role=role, area__in=dispute.area.lineage)
        people = User.objects.filter(pk__in=held.values("user_id"), is_active=True).exclude(pk__in=own.values("pk"))
        if found := impartial_of(dispute, people.order_by("pk")):
            return found
    return []


def overseen_by(user: User) -> QuerySet[FollowUpVisit]:
    """Return the overdue visits that a superior looks after and may urge: those of the units below, and for the
    county's centre those of major disputes, which colleagues of the own unit mediate."""
    return FollowUpVisit.objects.urged_by(user)


@carries_out("mediation.followupvisit", "urge")
def visit_urge(visit: FollowUpVisit, *, actor: User, occurred_at: datetime | None = None, **given) -> FollowUpVisit:
    """Urge that an overdue visit be made; ``reason``: what the superior asks, which its mediator reads.

    Raises Conflict (``urged_today``: once a day for each visit, whoever it was); as ``perform``.
    """
    at = occurred_at or timezone.now()
    with atomically():
        Dispute.objects.lock(visit.dispute_id)
        locked = FollowUpVisit.objects.lock(visit.pk)
        if grant_for(URGES, locked, actor) is not None and locked.was_urged_today:
            raise Conflict(_("It has been urged today already."), code="urged_today")
        return carry(locked, "urge", actor=actor, occurred_at=at, at=at, payload={"kind": locked.kind}, **given)


def urgings_of(visit: FollowUpVisit) -> QuerySet[Event]:
    """Return how often superiors urged a visit, the newest first, with what they asked."""
    rows = Event.objects.filter(subject_type=visit._meta.label_lower, subject_id=visit.pk, name="followup.urged")
    return rows.select_related("actor", "remark").order_by("-id")


def days_late(visit: FollowUpVisit) -> int:
    """Return for how many days a visit is overdue."""
    return (timezone.localdate() - visit.grace_until).days
