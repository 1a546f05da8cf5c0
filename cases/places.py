"""Which area a place belongs to."""

from django.utils.translation import gettext as _

from governance.errors import Invalid
from governance.models import Area


def area_of_place(area: Area | None, longitude: float | None, latitude: float | None) -> Area:
    """Return the deepest known area of a place given by an area, WGS-84 coordinates, or both; one statement.

    Raises Invalid: a point no boundary holds, a point elsewhere than in the area named with it, half a point, or
    nothing at all where there is more than one city.
    """
    if (longitude is None) != (latitude is None):
        missing = "longitude" if longitude is None else "latitude"
        raise Invalid(_("Give both longitude and latitude."), field=missing, code="required")
    if longitude is None:
        return area or _only_city()
    found = Area.objects.holding(longitude, latitude)
    if area is None:
        if found is None:
            raise Invalid(_("This place lies outside every area we know."), field="longitude", code="outside")
        return found
    if found is not None and area.contains(found):
        return found
    if area.boundary is not None:
        raise Invalid(
            _("This place does not lie in %(area)s.") % {"area": area.name}, field="longitude", code="outside"
        )
    return area


def _only_city() -> Area:
    cities = list(Area.objects.filter(parent=None, is_active=True)[:2])
    if len(cities) != 1:
        raise Invalid(_("Say where: a place or an area."), field="area", code="required")
    return cities[0]
