"""Scenes (应用场景): the N of "1 + 1 + N", such as 市容环卫, 公共安全, 交通管理, and any that the city adds."""

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from cases.models.catalogue import CaseCategory
from cases.scenes.querysets import SceneQuerySet
from governance.models import Area, AreaKind, OrgUnit

# Scenes are run for a city or a district; smaller areas look at theirs through filters.
SCENE_AREAS = (AreaKind.CITY, AreaKind.DISTRICT)


class Scene(models.Model):
    """A group of categories and device types that one looks at together, in ``area`` and all under it.

    Which scenes a case belongs to is read from its category (never stored with it): regrouping takes effect at once,
    also for past cases; only frozen score periods keep what a scene was. Device types point at their scene themselves
    (``devices.DeviceProfile.scene``).
    """

    code = models.SlugField(_("code"), max_length=30, unique=True)
    name = models.CharField(_("name"), max_length=30)
    area = models.ForeignKey(Area, models.PROTECT, related_name="scenes", verbose_name=_("area"))
    description = models.CharField(_("description"), max_length=200, blank=True)
    is_active = models.BooleanField(_("in use"), default=True)
    position = models.PositiveSmallIntegerField(_("order"), default=0)

    objects = SceneQuerySet.as_manager()

    class Meta:
        verbose_name = _("scene")
        verbose_name_plural = _("scenes")
        ordering = ["position", "code"]

    def __str__(self):
        return self.name

    def natural_key(self):
        return (self.code,)

    def clean(self):
        """Refuse an area that is neither a city nor a district."""
        if self.area_id and self.area.kind not in SCENE_AREAS:
            raise ValidationError({"area": _now("A scene is run for a city or a district.")})


class SceneCategory(models.Model):
    """A category of a scene; a class stands for all its sub-classes."""

    scene = models.ForeignKey(Scene, models.CASCADE, related_name="categories", verbose_name=_("scene"))
    category = models.ForeignKey(CaseCategory, models.PROTECT, related_name="scene_parts", verbose_name=_("category"))

    class Meta:
        verbose_name = _("category of a scene")
        verbose_name_plural = _("categories of a scene")
        ordering = ["category"]
        constraints = [models.UniqueConstraint(fields=["scene", "category"], name="scene_category_once")]

    def __str__(self):
        return str(self.category)


class SceneUnit(models.Model):
    """A unit that leads a scene; ``position`` is their order."""

    scene = models.ForeignKey(Scene, models.CASCADE, related_name="units", verbose_name=_("scene"))
    unit = models.ForeignKey(OrgUnit, models.PROTECT, related_name="+", verbose_name=_("unit"))
    position = models.PositiveSmallIntegerField(_("order"), default=0)

    class Meta:
        verbose_name = _("leading unit of a scene")
        verbose_name_plural = _("leading units of a scene")
        ordering = ["position", "id"]
        constraints = [models.UniqueConstraint(fields=["scene", "unit"], name="scene_unit_once")]

    def __str__(self):
        return str(self.unit)
