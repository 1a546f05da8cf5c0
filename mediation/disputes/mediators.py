"""Who mediates a dispute: its mediator, and the mediators of the unit that has it."""

from django.db.models import QuerySet

from governance.models import Appointment, User
from mediation.disputes.querysets import MEDIATING_ROLES
from mediation.models import Dispute


def mediators_in(unit_id: int) -> QuerySet[User]:
    """Return who mediates in a unit today."""
    held = Appointment.objects.in_force().filter(unit_id=unit_id, role__in=MEDIATING_ROLES)
    return User.objects.filter(pk__in=held.values("user_id"), is_active=True).order_by("name", "pk")


def mediators_of(dispute: Dispute) -> list[User]:
    """Return who is told about a dispute: its mediator, or all mediators of the unit that has it."""
    return [dispute.mediator] if dispute.mediator is not None else list(mediators_in(dispute.unit_id))


def working_on(dispute: Dispute) -> list[User]:
    """Return its mediator and all mediators of the unit that has it."""
    people = {user.pk: user for user in mediators_in(dispute.unit_id)}
    if dispute.mediator is not None:
        people[dispute.mediator_id] = dispute.mediator
    return [people[pk] for pk in sorted(people)]
