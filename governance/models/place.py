"""Estates, their buildings and entrances, and the dwellings in them."""

from django.contrib.postgres.indexes import GinIndex
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.models.area import Area, AreaKind
from governance.registry.querysets import BuildingQuerySet, DwellingQuerySet, EntranceQuerySet, PlaceQuerySet
from governance.search.text import Pairs, joined

# Areas small enough for an estate or a building to lie in one of them.
SMALL_AREAS = (AreaKind.COMMUNITY, AreaKind.GRID)


class DwellingUse(models.TextChoices):
    RESIDENTIAL = "residential", gettext_lazy("Residential")
    COMMERCIAL = "commercial", gettext_lazy("Commercial")
    PARKING = "parking", gettext_lazy("Parking")
    OTHER = "other", gettext_lazy("Other")


def _small(area: Area) -> None:
    if area.kind not in SMALL_AREAS:
        raise ValidationError({"area": gettext_lazy("A community or a grid is needed.")}, code="too_large")


class Estate(models.Model):
    """A residential estate (小区), or a group of old houses treated as one.

    ``area`` is the community or grid it lies in; its buildings lie in that area or in grids of it. Coordinates are
    WGS-84 degrees of its main gate.
    """

    code = models.CharField(gettext_lazy("code"), max_length=30, unique=True)
    name = models.CharField(gettext_lazy("name"), max_length=80)
    area = models.ForeignKey(Area, models.PROTECT, related_name="estates", verbose_name=gettext_lazy("area"))
    address = models.CharField(gettext_lazy("address"), max_length=200, blank=True)
    longitude = models.FloatField(gettext_lazy("longitude"), null=True, blank=True)
    latitude = models.FloatField(gettext_lazy("latitude"), null=True, blank=True)
    is_active = models.BooleanField(gettext_lazy("in use"), default=True)

    objects = PlaceQuerySet.as_manager()

    class Meta:
        verbose_name = gettext_lazy("estate")
        verbose_name_plural = gettext_lazy("estates")
        ordering = ["code"]
        indexes = [GinIndex(Pairs(joined("name", "address")), name="estate_text")]
        constraints = [
            models.CheckConstraint(
                name="estate_coordinates",
                condition=Q(longitude__isnull=True, latitude__isnull=True)
                | Q(longitude__isnull=False, longitude__range=(-180, 180))
                & Q(latitude__isnull=False, latitude__range=(-90, 90)),
                violation_error_message=gettext_lazy("Give both longitude and latitude."),
            ),
        ]

    def __str__(self):
        return self.name

    def natural_key(self):
        return (self.code,)

    def clean(self):
        """Refuse an area larger than a community."""
        if self.area_id:
            _small(self.area)


class Building(models.Model):
    """A building (楼栋) of an estate. ``number`` as on its wall: ``3`` is shown as 3栋, ``A座`` stays.

    ``area`` is the grid it stands in; without one it is the estate's.
    """

    estate = models.ForeignKey(Estate, models.PROTECT, related_name="buildings", verbose_name=gettext_lazy("estate"))
    number = models.CharField(gettext_lazy("building number"), max_length=20)
    name = models.CharField(gettext_lazy("name"), max_length=60, blank=True)
    area = models.ForeignKey(
        Area, models.PROTECT, related_name="buildings", verbose_name=gettext_lazy("area"), blank=True
    )
    floors = models.PositiveSmallIntegerField(gettext_lazy("floors"), null=True, blank=True)
    is_active = models.BooleanField(gettext_lazy("in use"), default=True)

    objects = BuildingQuerySet.as_manager()

    class Meta:
        verbose_name = gettext_lazy("building")
        verbose_name_plural = gettext_lazy("buildings")
        ordering = ["estate", "number"]
        constraints = [models.UniqueConstraint(fields=["estate", "number"], name="building_number_once")]

    def __str__(self):
        return f"{self.estate} {self.label}"

    def natural_key(self):
        return (self.estate.code, self.number)

    natural_key.dependencies = ["governance.estate"]

    @property
    def label(self) -> str:
        """The building as people call it."""
        number = _("Building %(number)s") % {"number": self.number} if self.number.isdigit() else self.number
        return self.name or number

    def clean(self):
        """Fill in the estate's area; refuse one outside it."""
        if self.estate_id is None and self.area_id is None:
            return
        if self.area_id is None:
            self.area = self.estate.area
        _small(self.area)
        if not self.estate.area.contains(self.area):
            raise ValidationError(
                {"area": gettext_lazy("The building must lie in the area of its estate.")}, code="outside"
            )


class Entrance(models.Model):
    """An entrance (单元) of a building."""

    building = models.ForeignKey(
        Building, models.PROTECT, related_name="entrances", verbose_name=gettext_lazy("building")
    )
    number = models.CharField(gettext_lazy("entrance number"), max_length=20)

    objects = EntranceQuerySet.as_manager()

    class Meta:
        verbose_name = gettext_lazy("entrance")
        verbose_name_plural = gettext_lazy("entrances")
        ordering = ["building", "number"]
        constraints = [models.UniqueConstraint(fields=["building", "number"], name="entrance_number_once")]

    def __str__(self):
        return _("Entrance %(number)s") % {"number": self.number} if self.number.isdigit() else self.number

    def natural_key(self):
        return (*self.building.natural_key(), self.number)

    natural_key.dependencies = ["governance.building"]


class Dwelling(models.Model):
    """What one owner owns or one household lives in: a flat, a shop, a parking space (户).

    ``area`` is the building's, kept by ``governance.registry.places``. ``floor_area`` in m², the figure of the title
    deed (votes and charges go by it). ``floor`` below the ground is negative.
    """

    code = models.CharField(gettext_lazy("code"), max_length=60, unique=True)
    building = models.ForeignKey(
        Building, models.PROTECT, related_name="dwellings", verbose_name=gettext_lazy("building")
    )
    entrance = models.ForeignKey(
        Entrance, models.PROTECT, null=True, blank=True, related_name="dwellings", verbose_name=gettext_lazy("entrance")
    )
    area = models.ForeignKey(
        Area, models.PROTECT, related_name="dwellings", verbose_name=gettext_lazy("area"), editable=False
    )
    floor = models.SmallIntegerField(gettext_lazy("floor"), null=True, blank=True)
    number = models.CharField(gettext_lazy("dwelling number"), max_length=20)
    floor_area = models.DecimalField(
        gettext_lazy("floor area (m²)"), max_digits=8, decimal_places=2, null=True, blank=True
    )
    use = models.CharField(gettext_lazy("use"), max_length=12, choices=DwellingUse, default=DwellingUse.RESIDENTIAL)
    is_active = models.BooleanField(gettext_lazy("in use"), default=True)

    objects = DwellingQuerySet.as_manager()

    class Meta:
        verbose_name = gettext_lazy("dwelling")
        verbose_name_plural = gettext_lazy("dwellings")
        ordering = ["code"]
        indexes = [GinIndex(Pairs(joined("code")), name="dwelling_text")]
        constraints = [
            models.UniqueConstraint(
                fields=["building", "entrance", "number"], name="dwelling_number_once", nulls_distinct=False
            ),
            models.CheckConstraint(
                name="dwelling_floor_area",
                condition=Q(floor_area__isnull=True) | Q(floor_area__gt=0),
                violation_error_message=gettext_lazy("The floor area must be above 0."),
            ),
        ]

    def __str__(self):
        return self.address

    def natural_key(self):
        return (self.code,)

    @property
    def address(self) -> str:
        """Estate, building, entrance and number in one line; reads four rows unless they are loaded."""
        number = _("Room %(number)s") % {"number": self.number} if self.number.isdigit() else self.number
        parts = [str(self.building.estate), self.building.label, str(self.entrance or ""), number]
        return " ".join(part for part in parts if part)

    def clean(self):
        """Refuse an entrance of another building."""
        if self.entrance_id and self.entrance.building_id != self.building_id:
            raise ValidationError(
                {"entrance": gettext_lazy("This entrance belongs to another building.")}, code="mismatch"
            )
