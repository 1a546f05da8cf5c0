"""Which accounts an administrator reaches."""

from django.db.models import Q, QuerySet

from governance.configuration import covers_city, grants_giving, within_reach
from governance.models import Appointment, User


def people_in_reach(user) -> QuerySet[User]:
    """Return the accounts of people appointed in the areas ``user`` administers, and of staff not yet appointed.

    Whoever administers a whole city reaches all. System actors are nobody.
    """
    people = User.objects.filter(is_system=False)
    if any(covers_city(grant) for grant in grants_giving("governance.view_user", user)):
        return people
    reached = within_reach(Appointment.objects.all(), user, ("area",)).values("user_id")
    return people.filter(Q(pk__in=reached) | Q(is_staff=True, appointments=None))
