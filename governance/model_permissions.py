"""Who may view and change the kernel's models, and which areas their rows lie in. Loaded when the app is ready."""

from django.utils.translation import gettext as _

from governance.configuration import guards, lies_in
from governance.errors import NotPermitted
from governance.models import Appointment, Area, Role, User
from governance.permissions import ADMIN_ONLY, STAFF, permit

WATCHERS = frozenset([Role.ADMINISTRATOR, Role.OPERATIONS_CENTRE])

for name in ("area", "orgunit", "calendarday"):
    permit(f"governance.{name}", view=STAFF, add=ADMIN_ONLY, change=ADMIN_ONLY)
for name in ("user", "appointment"):
    permit(f"governance.{name}", view=ADMIN_ONLY, add=ADMIN_ONLY, change=ADMIN_ONLY)
for name in ("event", "heartbeat"):
    permit(f"governance.{name}", view=WATCHERS)
for name in ("attachment", "timer", "linkedidentity"):
    permit(f"governance.{name}", view=ADMIN_ONLY)
# Which imports a person may use is asked of each importer.
permit("governance.importrun", view=STAFF, add=STAFF)


def places_of_area(area: Area) -> list[Area]:
    """An area touches itself, and the parent it is put under or moved to."""
    if area.pk is None:
        return [area.parent] if area.parent else []
    moved = area.parent is not None and not area.path.startswith(area.parent.path)
    return [area, area.parent] if moved else [area]


def places_of_appointment(appointment: Appointment) -> list[Area]:
    """An appointment touches the area it is for and that of the unit."""
    return [appointment.area, appointment.unit.area]


def places_of_user(user: User) -> list[Area] | None:
    """A person touches every area they were ever appointed for. Staff not yet appointed are any administrator's;
    residents without a post only those of the whole city's."""
    if user.pk is None:
        return None
    areas = [row.area for row in Appointment.objects.filter(user=user).select_related("area")]
    if not areas and user.is_staff and not user.is_superuser:
        return None
    return areas


def guard_user(user: User, stored: User | None, actor: User) -> None:
    """Only a superuser makes, unmakes or touches a superuser; nobody touches a system actor."""
    superusers_matter = user.is_superuser or (stored is not None and stored.is_superuser)
    if superusers_matter and not actor.is_superuser:
        raise NotPermitted(_("Only a superuser may do this to a superuser's account."))
    if user.is_system or (stored is not None and stored.is_system):
        raise NotPermitted(_("System actors are not changed by hand."))


def guard_appointment(appointment: Appointment, _stored, _actor) -> None:
    """System actors hold no posts."""
    if appointment.user.is_system:
        raise NotPermitted(_("System actors are not changed by hand."))


lies_in("governance.area", places_of_area)
lies_in("governance.appointment", places_of_appointment)
lies_in("governance.user", places_of_user)
guards("governance.user", guard_user)
guards("governance.appointment", guard_appointment)
