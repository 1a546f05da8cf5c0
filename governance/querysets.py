"""Reads of the kernel's models."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from governance import boundaries


class NaturalCodeQuerySet(models.QuerySet):
    """Finds rows by their code: natural keys of the fixtures, reference data every signed-in person may read."""

    def get_by_natural_key(self, code):
        return self.get(code=code)

    def visible_to(self, user):
        """Reference data: every signed-in person who works here sees it, nobody else."""
        return self if user.is_active and (user.is_staff or user.is_system) else self.none()


class AreaQuerySet(NaturalCodeQuerySet):
    def under(self, area):
        """The area and all under it."""
        return self.filter(path__startswith=area.path)

    def smallest_with(self, areas):
        """Return the smallest area that all of ``areas`` (their ``path`` loaded) are or lie in."""
        lineages = {tuple(area.lineage) for area in areas}
        shared = [keys[0] for keys in zip(*lineages, strict=False) if len(set(keys)) == 1]
        return self.defer("boundary").get(pk=shared[-1])

    def holding(self, longitude: float, latitude: float):
        """Return the deepest active area whose boundary holds the point (WGS-84 degrees), or None.

        One statement: the bounding boxes narrow the search, the polygons decide.
        """
        return _deepest_holding(self.filter(_boxed(longitude, latitude), is_active=True), longitude, latitude)

    def named_and_holding(self, code: str, longitude: float, latitude: float):
        """Return the active area with this code (or None) and the deepest that holds the point; one statement."""
        rows = list(self.filter(Q(code=code) | _boxed(longitude, latitude), is_active=True))
        return next((area for area in rows if area.code == code), None), _deepest_holding(rows, longitude, latitude)


def _boxed(longitude: float, latitude: float) -> Q:
    return Q(west__lte=longitude, east__gte=longitude, south__lte=latitude, north__gte=latitude)


def _deepest_holding(areas, longitude: float, latitude: float):
    inside = [area for area in areas if area.boundary and boundaries.holds(area.boundary, longitude, latitude)]
    return max(inside, key=lambda area: (area.path.count("/"), area.code), default=None)


class AppointmentQuerySet(models.QuerySet):
    def in_force(self, day=None):
        """Appointments that hold on ``day`` (default: today, Asia/Shanghai), of active people and units."""
        day = day or timezone.localdate()
        return self.filter(
            Q(valid_to__isnull=True) | Q(valid_to__gte=day),
            valid_from__lte=day,
            unit__is_active=True,
            area__is_active=True,
        )
