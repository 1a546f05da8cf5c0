"""The hazard (矛盾隐患): what may become a dispute, where, who found it, and what was decided about it."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases.models import Patrol, PatrolPoint
from governance.models import Area, User
from governance.workflow import FSMField, WorkflowModel
from mediation.models.dispute import Dispute, DisputeType
from mediation.prevention.hazard_workflow import HazardSteps
from mediation.prevention.querysets import HazardQuerySet
from mediation.prevention.states import HazardSource, HazardState, HazardUrgency


class Hazard(HazardSteps, WorkflowModel):
    """Something between people that may become a dispute. ``area`` is the community (village) or one of its grids.

    ``words`` and ``parties`` are read by who keeps it and who reported it, never written to events. ``type`` is guessed
    from the words until it is assessed (``type_guessed``). ``people``: for about how many it is. ``patrol`` and
    ``point``: the round on which it was found. Coordinates are WGS-84. ``late_since``: nobody assessed it by
    ``assess_by``. ``erased_at``: excluded long ago, and emptied of what tells of persons (``prevention.retention``).
    ``origin_type`` and ``origin_id`` name the row it came of (a signal, a steward's sighting).
    """

    LOCK_WITH = ("area", "type", "reporter", "dispute", "patrol")

    area = models.ForeignKey(Area, models.PROTECT, related_name="hazards", verbose_name=_("area"))
    place = models.CharField(_("place in words"), max_length=120, blank=True)
    longitude = models.FloatField(_("longitude"), null=True, blank=True)
    latitude = models.FloatField(_("latitude"), null=True, blank=True)
    type = models.ForeignKey(
        DisputeType, models.PROTECT, null=True, blank=True, related_name="hazards", verbose_name=_("dispute type")
    )
    type_guessed = models.BooleanField(_("type only guessed"), default=True)
    words = models.TextField(_("what was seen or heard"), max_length=2000)
    parties = models.CharField(_("between whom"), max_length=200, blank=True)
    people = models.PositiveIntegerField(
        _("persons concerned"), null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(100_000)]
    )
    violence = models.BooleanField(_("signs of violence"), default=False)
    urgency = models.CharField(_("urgency"), max_length=6, choices=HazardUrgency, default=HazardUrgency.NORMAL)
    source = models.CharField(_("source"), max_length=8, choices=HazardSource)
    origin_type = models.CharField(_("came of (kind)"), max_length=60, blank=True, editable=False)
    origin_id = models.BigIntegerField(_("came of (number)"), null=True, blank=True, editable=False)
    patrol = models.ForeignKey(
        Patrol, models.PROTECT, null=True, blank=True, related_name="hazards", verbose_name=_("patrol")
    )
    point = models.ForeignKey(
        PatrolPoint, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("patrol point")
    )
    reporter = models.ForeignKey(
        User, models.PROTECT, related_name="hazards_reported", verbose_name=_("reported by")
    )  # fmt: skip
    seen_at = models.DateTimeField(_("seen at"), default=timezone.now)
    reported_at = models.DateTimeField(_("reported at"), default=timezone.now)
    assess_by = models.DateTimeField(_("to be assessed by"))
    late_since = models.DateTimeField(_("not assessed since"), null=True, blank=True, editable=False)
    state = FSMField(_("state"), max_length=9, choices=HazardState, default=HazardState.REPORTED, protected=True)
    assessed_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("assessed by")
    )
    assessed_at = models.DateTimeField(_("assessed at"), null=True, blank=True)
    finding = models.TextField(_("what the assessment found"), max_length=2000, blank=True)
    watch_until = models.DateField(_("watched until"), null=True, blank=True)
    looked_at = models.DateTimeField(_("last looked at"), null=True, blank=True)
    looks = models.PositiveIntegerField(_("times looked at"), default=0)
    decided_at = models.DateTimeField(_("hazard decided at"), null=True, blank=True)
    dispute = models.OneToOneField(
        Dispute, models.PROTECT, null=True, blank=True, related_name="hazard", verbose_name=_("dispute")
    )
    erased_at = models.DateTimeField(_("emptied at"), null=True, blank=True, editable=False)

    objects = HazardQuerySet.as_manager()

    class Meta:
        verbose_name = _("hazard")
        verbose_name_plural = _("hazards")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="hazard_place_whole",
                condition=Q(longitude__isnull=True, latitude__isnull=True)
                | Q(
                    longitude__isnull=False,
                    latitude__isnull=False,
                    longitude__range=(-180, 180),
                    latitude__range=(-90, 90),
                ),
            ),
            models.CheckConstraint(
                name="hazard_origin_whole",
                condition=Q(origin_type="", origin_id__isnull=True) | (~Q(origin_type="") & Q(origin_id__isnull=False)),
            ),
            models.CheckConstraint(
                name="hazard_of_a_patrol",
                condition=Q(source="patrol", patrol__isnull=False) | (~Q(source="patrol") & Q(patrol__isnull=True)),
            ),
            models.CheckConstraint(
                name="hazard_assessed_whole",
                condition=Q(state="reported")
                | Q(type__isnull=False, type_guessed=False, assessed_by__isnull=False, assessed_at__isnull=False),
            ),
            models.CheckConstraint(
                name="hazard_watched_until", condition=~Q(state="watched") | Q(watch_until__isnull=False)
            ),
            models.CheckConstraint(
                name="hazard_emptied_once_excluded", condition=Q(state="excluded") | Q(erased_at=None)
            ),
            models.CheckConstraint(
                name="hazard_converted_into_one",
                condition=Q(state="converted", dispute__isnull=False) | (~Q(state="converted") & Q(dispute=None)),
            ),
        ]
        indexes = [
            models.Index(fields=["area", "state"], name="hazard_area_state"),
            models.Index(fields=["reporter", "-id"], name="hazard_reporter"),
            models.Index(fields=["seen_at"], name="hazard_seen"),
            models.Index(fields=["origin_type", "origin_id"], name="hazard_origin", condition=~Q(origin_type="")),
        ]

    def __str__(self):
        return self.number

    @property
    def number(self) -> str:
        """What people call the hazard; it says nothing of what it is about."""
        return f"H{self.pk:06d}"

    @property
    def place_text(self) -> str:
        """Where it is, in words."""
        return " ".join(part for part in (self.area.name, self.place) if part)

    @property
    def place_listed(self) -> str:
        """The place in words as lists tell it, which write no reading down."""
        return self.place if self.dispute_id is None else ""

    @property
    def late(self) -> bool:
        """Whether it was to be assessed before now."""
        return self.state == HazardState.REPORTED and self.assess_by < timezone.now()
