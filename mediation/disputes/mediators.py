"""Who mediates a dispute: its mediator, the mediators of the unit that has it, or of the unit above."""

from django.db.models import Q, QuerySet

from governance.errors import Invalid
from governance.models import Appointment, Role, User
from mediation.disputes.impartial import MEDIATING_ROLES, is_party, without_mediators
from mediation.disputes.places import unit_for_tier
from mediation.disputes.states import DisputeTier, RecusalState
from mediation.models import Dispute, Recusal

CENTRES = (Role.TOWNSHIP_MEDIATOR, Role.COUNTY_CENTRE)
NEXT_TIER = {DisputeTier.GENERAL: DisputeTier.COMPLEX, DisputeTier.COMPLEX: DisputeTier.MAJOR}


def mediators_in(unit_id: int) -> QuerySet[User]:
    """Return who mediates in a unit today."""
    held = Appointment.objects.in_force().filter(unit_id=unit_id, role__in=MEDIATING_ROLES)
    return User.objects.filter(pk__in=held.values("user_id"), is_active=True).order_by("name", "pk")


def mediators_above(dispute: Dispute) -> QuerySet[User]:
    """Return who mediates in the unit above, where nobody of the dispute's own unit may; otherwise nobody. Of the
    county's own disputes: who works in another centre for the place."""
    if not without_mediators(Dispute.objects.filter(pk=dispute.pk)).exists():
        return User.objects.none()
    if dispute.tier not in NEXT_TIER:
        held = Appointment.objects.in_force().filter(role=Role.COUNTY_CENTRE, area__in=dispute.area.lineage)
        others = held.exclude(unit=dispute.unit_id).values("user_id")
        return User.objects.filter(pk__in=others, is_active=True).order_by("name", "pk")
    try:
        return mediators_in(unit_for_tier(dispute.area, NEXT_TIER[dispute.tier]).pk)
    except Invalid:  # there is no such unit
        return User.objects.none()


def at_the_place(dispute: Dispute) -> Q:
    """Return which appointments are for the place of a dispute: the areas above it, and the grids of its community;
    whoever works there can go and see."""
    from_above = Q(area__in=dispute.area.lineage)
    return from_above | Q(area__path__startswith=dispute.area.path)


def still_mediates(dispute: Dispute) -> bool:
    """Whether its mediator is still there: active, and in a post of the unit that has it, of a centre for the place, or
    of the grid."""
    if dispute.mediator is None or not dispute.mediator.is_active:
        return False
    here = Q(unit=dispute.unit_id, role__in=MEDIATING_ROLES)
    above = Q(role__in=CENTRES, area__in=dispute.area.lineage)
    on_site = Q(role=Role.GRID_WORKER) & at_the_place(dispute)
    held = Appointment.objects.in_force().filter(here | above | on_site, user=dispute.mediator_id)
    return held.exists()


def mediators_of(dispute: Dispute) -> list[User]:
    """Return who is told about a dispute: its mediator; where there is none, or they have left, all mediators of the
    unit that has it."""
    return [dispute.mediator] if still_mediates(dispute) else working_on(dispute)


def working_on(dispute: Dispute) -> list[User]:
    """Return its mediator, unless they have left, and all mediators of the unit that has it who may work on it; where
    none is left who may mediate it, also those of the unit above."""
    parties = list(dispute.parties.all())
    recused = set(
        Recusal.objects.filter(dispute=dispute, state=RecusalState.UPHELD).values_list("mediator_id", flat=True)
    )
    everybody = [*mediators_in(dispute.unit_id), *mediators_above(dispute)]
    people = {user.pk: user for user in everybody if user.pk not in recused and not is_party(parties, user)}
    if still_mediates(dispute):
        people[dispute.mediator_id] = dispute.mediator
    return [people[pk] for pk in sorted(people)]
