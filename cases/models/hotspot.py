"""What is watched for unusual clusters, and what was found."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases.hotspots.cells import FINEST, RESOLUTIONS, cell_named, outline_of
from cases.hotspots.querysets import HotSpotRuleQuerySet, SignalQuerySet
from cases.hotspots.workflow import SignalState, SignalSteps
from cases.models.case import Case
from cases.models.catalogue import CaseCategory
from governance.models import Area
from governance.workflow import FSMField, WorkflowModel


class Watched(models.TextChoices):
    """Which cases make up one series that is scanned by itself."""

    ALL = "all", _("All cases together")
    CLASSES = "classes", _("Each class by itself")
    CATEGORIES = "categories", _("Each sub-class by itself")


def _between(low: int, high: int) -> list:
    return [MinValueValidator(low), MaxValueValidator(high)]


class HotSpotRule(models.Model):
    """One watch: every night the days up to yesterday are scanned for clusters (``governance.surveillance``).

    ``recurrence_days`` is the stated false-alarm rate: of one series, chance alone gives a signal once in so many days.
    ``rings``: a cluster is at most a cell with so many rings of cells round it; ``longest_days``: and at most so many
    days long. ``baseline_days`` is how far back the scan learns what is usual.
    """

    code = models.CharField(_("code"), max_length=30, unique=True)
    name = models.CharField(_("name"), max_length=60)
    area = models.ForeignKey(Area, models.PROTECT, related_name="hotspot_rules", verbose_name=_("area"))
    watched = models.CharField(_("watched"), max_length=12, choices=Watched, default=Watched.CLASSES)
    resolution = models.PositiveSmallIntegerField(
        _("size of cells"), default=FINEST, choices=[(9, _("200 m")), (8, _("500 m")), (7, _("1.4 km"))],
        help_text=_("Length of an edge of a hexagon."),
    )  # fmt: skip
    rings = models.PositiveSmallIntegerField(_("rings of cells"), default=2, validators=_between(0, 5))
    longest_days = models.PositiveSmallIntegerField(_("longest cluster (days)"), default=7, validators=_between(1, 28))
    baseline_days = models.PositiveSmallIntegerField(
        _("days to compare with"), default=90, validators=_between(28, 366)
    )
    recurrence_days = models.PositiveSmallIntegerField(
        _("one false alarm in days"), default=365, validators=_between(20, 3650),
        help_text=_("Of each series watched: the more days, the fewer signals."),
    )  # fmt: skip
    least_cases = models.PositiveSmallIntegerField(_("fewest cases"), default=4, validators=_between(2, 100))
    is_active = models.BooleanField(_("in use"), default=True)
    watched_to = models.DateField(_("watched up to"), null=True, editable=False)

    objects = HotSpotRuleQuerySet.as_manager()

    class Meta:
        verbose_name = _("hot-spot watch")
        verbose_name_plural = _("hot-spot watches")
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(name="hotspot_rule_cells", condition=Q(resolution__in=RESOLUTIONS)),
            models.CheckConstraint(
                name="hotspot_rule_baseline", condition=Q(baseline_days__gte=F("longest_days") * 2),
                violation_error_message=_("What is compared with must be at least twice as long as a cluster."),
            ),
        ]  # fmt: skip

    def __str__(self):
        return self.name

    def natural_key(self):
        return (self.code,)


class HotSpotSignal(SignalSteps, WorkflowModel):
    """More cases at a place than chance explains; a suggestion to look into it before more people report.

    A cluster that is found again the next night is the same signal: its figures follow while it is new, ``last_seen``
    and ``times_seen`` always do. ``area`` is the smallest that holds all its cases; ``longitude`` and ``latitude``
    (WGS-84) are where its case nearest to the middle is; ``cells`` are the hexagons, as text. ``p_value`` and
    ``recurrence_days`` are the scan's at the last time the figures were taken.
    """

    LOCK_WITH = ("area", "rule", "category")

    rule = models.ForeignKey(HotSpotRule, models.PROTECT, related_name="signals", verbose_name=_("hot-spot watch"))
    state = FSMField(_("state"), max_length=10, choices=SignalState, default=SignalState.NEW, protected=True)
    area = models.ForeignKey(Area, models.PROTECT, related_name="hotspot_signals", verbose_name=_("area"))
    category = models.ForeignKey(
        CaseCategory, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("category")
    )
    cells = models.JSONField(_("cells"))
    longitude = models.FloatField(_("longitude"))
    latitude = models.FloatField(_("latitude"))
    first_day = models.DateField(_("first day"))
    last_day = models.DateField(_("last day"))
    observed = models.PositiveIntegerField(_("observed"))
    expected = models.FloatField(_("expected"))
    p_value = models.FloatField(_("p-value"))
    recurrence_days = models.FloatField(_("by chance once in days"))
    detected_at = models.DateTimeField(_("detected at"), default=timezone.now)
    last_seen = models.DateField(_("last found"))
    times_seen = models.PositiveIntegerField(_("nights seen"), default=1)
    case = models.OneToOneField(
        Case, models.PROTECT, null=True, blank=True, related_name="hotspot_signal", verbose_name=_("case")
    )

    objects = SignalQuerySet.as_manager()

    class Meta:
        verbose_name = _("hot-spot signal")
        verbose_name_plural = _("hot-spot signals")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["state", "-id"], name="hotspot_signal_state"),
            models.Index(fields=["rule", "category", "last_seen"], name="hotspot_signal_again"),
        ]

    def __str__(self):
        return f"{self.area} {self.category or ''}".strip()

    @property
    def days(self) -> int:
        """Days from the first to the last, both counted."""
        return (self.last_day - self.first_day).days + 1

    @property
    def outlines(self) -> list[list[list[float]]]:
        """The rings of its hexagons, [longitude, latitude] each."""
        return [outline_of(cell_named(name)) for name in self.cells]
