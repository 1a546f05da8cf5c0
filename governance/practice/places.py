"""Where a practice holds that was written elsewhere: in the city of who brings it."""

from django.utils.translation import gettext as _

from governance.configuration import covers_city
from governance.models import Area, Role, User
from governance.practice.rows import PracticeError
from governance.scoping import EVERYWHERE, grants_of


def city_of(actor: User) -> Area:
    """Return the city that ``actor`` administers, or the only one. Raises PracticeError where it is not clear which."""
    paths = [grant.area_path for grant in grants_of(actor) if grant.role == Role.ADMINISTRATOR and covers_city(grant)]
    cities = Area.objects.filter(parent=None, is_active=True)
    if EVERYWHERE not in paths:
        cities = cities.filter(path__in=paths)
    found = list(cities[:2])
    if len(found) != 1:
        raise PracticeError(_("it is not clear for which city this is to hold"))
    return found[0]


def whole_cities(rows):
    """Narrow rows with an area to those of a whole city: only they mean the same elsewhere."""
    return rows.filter(area__parent=None)


def in_own_city(row, actor: User) -> None:
    """Let a new row hold for the actor's city (``Part.here``)."""
    row.area = city_of(actor)
