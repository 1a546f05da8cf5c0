"""The tree of areas: city, district, street, community, grid."""

from django.contrib.postgres.indexes import GinIndex
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from governance import boundaries
from governance.querysets import AreaQuerySet
from governance.search.text import Pairs, joined


class AreaKind(models.TextChoices):
    CITY = "city", _("City")
    DISTRICT = "district", _("District")
    STREET = "street", _("Street")
    COMMUNITY = "community", _("Community")
    GRID = "grid", _("Grid")


class Area(models.Model):
    """One area of the tree; a parent is always exactly one level up.

    ``code``: city and district 6 digits (GB/T 2260), street 9, community 12 (statistics codes), grid 15 = 6 + 3 + 3 + 3
    (domain/cases.md, "Codes"). ``path`` is kept by a database trigger as ``/<city id>/<district id>/.../<own id>/``: an
    area and all under it are ``path LIKE '<path>%'``. ``boundary`` is a GeoJSON Polygon or MultiPolygon in WGS-84; its
    bounding box (degrees) is derived from it and narrows the search for the grid that holds a point.
    """

    kind = models.CharField(_("kind"), max_length=10, choices=AreaKind)
    code = models.CharField(_("code"), max_length=15, unique=True)
    name = models.CharField(_("name"), max_length=60)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("parent area")
    )
    path = models.CharField(_("path"), max_length=120, db_default="", editable=False)
    boundary = models.JSONField(_("boundary"), null=True, blank=True, help_text=_("GeoJSON, WGS-84 longitude/latitude"))
    west = models.FloatField(null=True, editable=False)
    south = models.FloatField(null=True, editable=False)
    east = models.FloatField(null=True, editable=False)
    north = models.FloatField(null=True, editable=False)
    is_active = models.BooleanField(_("in use"), default=True)

    objects = AreaQuerySet.as_manager()

    class Meta:
        verbose_name = _("area")
        verbose_name_plural = _("areas")
        ordering = ["code"]
        indexes = [
            GinIndex(Pairs(joined("name")), name="area_text"),
            models.Index(fields=["path"], opclasses=["varchar_pattern_ops"], name="area_path_prefix"),
            models.Index(fields=["west", "east"], condition=models.Q(boundary__isnull=False), name="area_box"),
        ]
        constraints = [
            models.CheckConstraint(
                name="area_code_digits",
                condition=models.Q(kind__in=["city", "district"], code__regex=r"^\d{6}$")
                | models.Q(kind="street", code__regex=r"^\d{9}$")
                | models.Q(kind="community", code__regex=r"^\d{12}$")
                | models.Q(kind="grid", code__regex=r"^\d{15}$"),
                violation_error_message=_("The code has the wrong number of digits for this kind of area."),
            ),
        ]

    def __str__(self):
        return self.name

    def natural_key(self):
        return (self.code,)

    def clean(self):
        """Refuse a boundary that is no polygon, or a parent of the wrong level."""
        levels = AreaKind.values
        expected = levels.index(self.kind) - 1
        actual = levels.index(self.parent.kind) if self.parent_id else -1
        if expected != actual:
            raise ValidationError({"parent": _("The parent must be exactly one level up.")})
        if self.boundary is not None:
            try:
                boundaries.shape_of(self.boundary)
            except ValueError as error:
                raise ValidationError({"boundary": str(error)}) from error

    @property
    def lineage(self) -> list[int]:
        """Ids of the areas from the city down to this one."""
        return [int(part) for part in self.path.strip("/").split("/")]

    def contains(self, other: "Area") -> bool:
        """Tell whether ``other`` is this area or lies under it."""
        return other.path.startswith(self.path)
