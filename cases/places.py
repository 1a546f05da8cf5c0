"""Which area a place belongs to."""

from django.utils.translation import gettext as _

from governance.errors import Invalid
from governance.models import Area


def area_of_place(area: Area | str | None, longitude: float | None, latitude: float | None) -> Area:
    """Return the deepest known area of a place given by an area or its code, WGS-84 coordinates, or both.

    One statement. Raises Invalid: no such area, a point no boundary holds, a point elsewhere than in the area named
    with it, half a point, or nothing at all where there is more than one city.
    """
    if (longitude is None) != (latitude is None):
        missing = "longitude" if longitude is None else "latitude"
        raise Invalid(_("Give both longitude and latitude."), field=missing, code="required")
    named, found = _looked_up(area, longitude, latitude)
    if longitude is None:
        return named or _only_city()
    if named is None:
        if found is None:
            raise Invalid(_("This place lies outside every area we know."), field="longitude", code="outside")
        return found
    if found is not None and named.contains(found):
        return found
    if named.boundary is not None:
        raise Invalid(
            _("This place does not lie in %(area)s.") % {"area": named.name}, field="longitude", code="outside"
        )
    return named


def _looked_up(area: Area | str | None, longitude: float | None, latitude: float | None):
    """Return the area named and the deepest one that holds the point."""
    found = None
    if not isinstance(area, str):
        return area, None if longitude is None else Area.objects.holding(longitude, latitude)
    if longitude is None:
        named = Area.objects.filter(code=area, is_active=True).first()
    else:
        named, found = Area.objects.named_and_holding(area, longitude, latitude)
    if named is None:
        raise Invalid(_("There is no such area."), field="area", code="does_not_exist")
    return named, found


def _only_city() -> Area:
    cities = list(Area.objects.filter(parent=None, is_active=True)[:2])
    if len(cities) != 1:
        raise Invalid(_("Say where: a place or an area."), field="area", code="required")
    return cities[0]
