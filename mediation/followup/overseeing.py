"""Who looks after overdue visits from above, and after which ones (decision 0044)."""

from django.db.models import Q, QuerySet
from django.utils import timezone

from governance.models import Appointment, Role, User
from governance.scoping import roles_of
from mediation.disputes.impartial import impartial_of
from mediation.disputes.mediators import mediators_in
from mediation.disputes.states import DisputeTier
from mediation.models import Dispute, FollowUpVisit, VisitState


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
    """Return the overdue visits that a superior looks after: those of the units below, and for the county's centre
    those of major disputes, which colleagues of the own unit mediate."""
    late = FollowUpVisit.objects.visible_to(user).filter(state=VisitState.OVERDUE)
    mine = Q(pk__in=FollowUpVisit.objects.handled_by(user).values("pk"))
    if Role.COUNTY_CENTRE in roles_of(user):
        mine = mine & ~Q(dispute__tier=DisputeTier.MAJOR) | Q(dispute__mediator=user)
    return late.exclude(mine)


def days_late(visit: FollowUpVisit) -> int:
    """Return for how many days a visit is overdue."""
    return (timezone.localdate() - visit.grace_until).days
