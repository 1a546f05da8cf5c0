"""What can be reported, and who must do what about it by when: categories and filing standards."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cases.querysets import CategoryQuerySet, StandardQuerySet
from governance.models import Area, OrgUnit


class CategoryKind(models.TextChoices):
    COMPONENT = "component", _("Component")
    EVENT = "event", _("Event")


class LimitUnit(models.TextChoices):
    """Clocks of a limit; same values as ``governance.clock.ClockUnit`` (domain/cases.md, "Clocks")."""

    URGENT_HOUR = "urgent_hour", _("urgent hours (day and night)")
    URGENT_DAY = "urgent_day", _("urgent days (24 h)")
    WORK_HOUR = "work_hour", _("working hours")
    WORK_DAY = "work_day", _("working days")


class CaseCategory(models.Model):
    """A class (大类) or, with a parent, a sub-class (小类) of one scheme and version; cities' codes differ."""

    scheme = models.CharField(_("scheme"), max_length=30)
    scheme_version = models.CharField(_("scheme version"), max_length=20)
    code = models.CharField(_("code"), max_length=20)
    name = models.CharField(_("name"), max_length=60)
    kind = models.CharField(_("kind"), max_length=10, choices=CategoryKind)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("class")
    )
    on_the_spot = models.BooleanField(
        _("may be dealt with on the spot"), default=False,
        help_text=_("Community staff and grid workers may put such small things right and close them at once."),
    )  # fmt: skip
    is_active = models.BooleanField(_("in use"), default=True)

    objects = CategoryQuerySet.as_manager()

    class Meta:
        verbose_name = _("case category")
        verbose_name_plural = _("case categories")
        ordering = ["scheme", "scheme_version", "code"]
        constraints = [models.UniqueConstraint(fields=["scheme", "scheme_version", "code"], name="category_code_once")]

    def __str__(self):
        return self.name

    def natural_key(self):
        return (self.scheme, self.scheme_version, self.code)


class FilingStandard(models.Model):
    """Category + condition → who handles it, who supervises, within which limit.

    ``photo_before`` and ``photo_after``: the unit must bring a photo when it begins and when it submits.
    ``inspection_share`` is the part of results, drawn at random, that somebody must inspect on site; the others pass
    on good photos alone (1 = all are inspected). ``limit_note`` keeps what stands behind the figure ("制止": the act
    must be stopped within it). A change here never changes past cases: the dispatch keeps its own copy of limit and
    units.
    """

    category = models.ForeignKey(CaseCategory, models.PROTECT, related_name="standards", verbose_name=_("category"))
    condition_code = models.CharField(_("condition code"), max_length=20)
    condition = models.CharField(_("filing condition"), max_length=300)
    closing_condition = models.CharField(_("closing condition"), max_length=300, blank=True)
    limit_amount = models.DecimalField(_("limit"), max_digits=6, decimal_places=2)
    limit_unit = models.CharField(_("limit counted in"), max_length=12, choices=LimitUnit)
    limit_note = models.CharField(_("limit note"), max_length=40, blank=True)
    photo_before = models.BooleanField(_("photo before the work"), default=False)
    photo_after = models.BooleanField(_("photo after the work"), default=False)
    inspection_share = models.DecimalField(
        _("share inspected on site"), max_digits=3, decimal_places=2, default=1,
        help_text=_("1 = every result; 0.2 = one in five at random, the others pass on good photos."),
    )  # fmt: skip
    is_active = models.BooleanField(_("in use"), default=True)

    objects = StandardQuerySet.as_manager()

    class Meta:
        verbose_name = _("filing standard")
        verbose_name_plural = _("filing standards")
        ordering = ["category", "condition_code"]
        constraints = [
            models.UniqueConstraint(fields=["category", "condition_code"], name="standard_once"),
            models.CheckConstraint(name="standard_limit_positive", condition=Q(limit_amount__gt=0)),
            models.CheckConstraint(
                name="standard_share_of_one",
                condition=Q(inspection_share__range=(0, 1)),
                violation_error_message=_("The share lies between 0 and 1."),
            ),
            models.CheckConstraint(
                name="standard_share_needs_photo",
                condition=Q(inspection_share=1) | Q(photo_after=True),
                violation_error_message=_("Where not every result is inspected, a photo after the work is needed."),
            ),
        ]

    def __str__(self):
        return f"{self.category}：{self.condition}"

    def natural_key(self):
        return (*self.category.natural_key(), self.condition_code)

    natural_key.dependencies = ["cases.casecategory"]


class UnitPart(models.TextChoices):
    LEAD = "lead", _("Lead")
    ASSISTING = "assisting", _("Assisting")
    SUPERVISING = "supervising", _("Supervising (copied in)")


class StandardUnit(models.Model):
    """One unit named by a standard: a unit itself, or a role text (各产权单位) resolved per area by ``UnitAlias``."""

    standard = models.ForeignKey(FilingStandard, models.CASCADE, related_name="units", verbose_name=_("standard"))
    part = models.CharField(_("part"), max_length=12, choices=UnitPart)
    unit = models.ForeignKey(OrgUnit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("unit"))
    role_name = models.CharField(_("role text"), max_length=40, blank=True)
    position = models.PositiveSmallIntegerField(_("order"), default=0)

    class Meta:
        verbose_name = _("unit of a standard")
        verbose_name_plural = _("units of a standard")
        ordering = ["part", "position", "id"]
        constraints = [
            models.CheckConstraint(
                name="standard_unit_or_role",
                condition=Q(unit__isnull=False, role_name="") | (Q(unit__isnull=True) & ~Q(role_name="")),
                violation_error_message=_("Name either a unit or a role text."),
            ),
            models.UniqueConstraint(fields=["standard"], condition=Q(part="lead"), name="standard_one_lead"),
        ]

    def __str__(self):
        return f"{self.get_part_display()} {self.unit or self.role_name}"


class UnitAlias(models.Model):
    """Which unit a role text means in an area and all under it; the nearest area wins."""

    role_name = models.CharField(_("role text"), max_length=40)
    area = models.ForeignKey(Area, models.CASCADE, related_name="unit_aliases", verbose_name=_("area"))
    unit = models.ForeignKey(OrgUnit, models.PROTECT, related_name="aliases", verbose_name=_("unit"))

    class Meta:
        verbose_name = _("role text of an area")
        verbose_name_plural = _("role texts of areas")
        ordering = ["role_name", "area"]
        constraints = [models.UniqueConstraint(fields=["role_name", "area"], name="unit_alias_once")]

    def __str__(self):
        return f"{self.role_name} · {self.area} → {self.unit}"
