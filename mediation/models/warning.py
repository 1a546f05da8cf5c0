"""Early warnings: what is watched, what is usual there, what stood out, and hot issues."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from governance.models import Area
from governance.workflow import FSMField, WorkflowModel
from mediation.models.dispute import DisputeType
from mediation.models.hazard import Hazard
from mediation.models.signal import Signal
from mediation.warning.querysets import EarlyWarningQuerySet, HotIssueQuerySet, WarningEventQuerySet, WatchQuerySet
from mediation.warning.states import WarningLevel, WarningMethod, WarningState, WarningStream
from mediation.warning.warning_workflow import WarningSteps

# Null worlds are drawn and kept for intervals within these (``governance.surveillance.null``).
_INTERVAL = [MinValueValidator(50), MaxValueValidator(2000)]
LONGEST_FAILURE = 80


class WarningWatch(models.Model):
    """One county (or township) that is watched every night, each dispute type by itself.

    ``yellow_days``, ``orange_days``: of one type, by all its streams, chance alone gives such a warning once in so many
    days.
    ``failed_on``, ``failure``: the night that could not be looked at, and the kind of error, until one succeeds.
    """

    code = models.SlugField(_("code"), max_length=30, unique=True)
    name = models.CharField(_("name"), max_length=60)
    area = models.ForeignKey(Area, models.PROTECT, related_name="warning_watches", verbose_name=_("area"))
    yellow_days = models.PositiveSmallIntegerField(
        _("yellow: one false alarm in days"), default=100, validators=_INTERVAL
    )  # fmt: skip
    orange_days = models.PositiveSmallIntegerField(
        _("orange: one false alarm in days"), default=365, validators=_INTERVAL
    )  # fmt: skip
    is_active = models.BooleanField(_("in use"), default=True)
    watched_to = models.DateField(_("watched up to"), null=True, editable=False)
    failed_on = models.DateField(_("failed for the night of"), null=True, editable=False)
    failure = models.CharField(_("kind of the failure"), max_length=LONGEST_FAILURE, blank=True, editable=False)

    objects = WatchQuerySet.as_manager()

    class Meta:
        verbose_name = _("early-warning watch")
        verbose_name_plural = _("early-warning watches")
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                name="warning_watch_levels", condition=Q(orange_days__gt=F("yellow_days")),
                violation_error_message=_("Orange must be rarer than yellow."),
            ),
        ]  # fmt: skip

    def __str__(self):
        return self.name

    def natural_key(self):
        return (self.code,)


class StreamNull(models.Model):
    """How high the scan's score goes in a stream where nothing happens: kept for some weeks, then drawn anew.

    ``daily``: events a day it was drawn for; ``top``: the highest scores, descending, of ``drawn`` nights.
    """

    watch = models.ForeignKey(WarningWatch, models.CASCADE, related_name="nulls")
    stream = models.CharField(max_length=8, choices=WarningStream)
    type = models.ForeignKey(DisputeType, models.CASCADE, related_name="+")
    made_on = models.DateField()
    places = models.PositiveIntegerField()
    daily = models.FloatField()
    drawn = models.PositiveIntegerField()
    top = models.JSONField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["watch", "stream", "type"], name="stream_null_once")]

    def __str__(self):
        return f"{self.watch_id} {self.stream} {self.type_id}"


class EarlyWarning(WarningSteps, WorkflowModel):
    """More events of a type at some places than usual; a suggestion to look there, about nobody in particular.

    ``places``: codes of the communities; ``area``: the smallest area that holds them. The figures are those of the last
    night on which new events came; ``recurrence_at_least``: chance alone gives it once in so many days or more;
    ``last_seen`` and ``times_seen`` count the nights it was found.
    """

    LOCK_WITH = ("area", "type", "watch")

    watch = models.ForeignKey(
        WarningWatch, models.PROTECT, related_name="warnings", verbose_name=_("early-warning watch")
    )
    method = models.CharField(_("method"), max_length=6, choices=WarningMethod)
    stream = models.CharField(_("what is counted"), max_length=8, choices=WarningStream)
    type = models.ForeignKey(
        DisputeType, models.PROTECT, related_name="early_warnings", verbose_name=_("dispute type")
    )  # fmt: skip
    area = models.ForeignKey(Area, models.PROTECT, related_name="early_warnings", verbose_name=_("area"))
    places = models.JSONField(_("communities"))
    first_day = models.DateField(_("first day"))
    last_day = models.DateField(_("last day"))
    observed = models.PositiveIntegerField(_("observed"))
    expected = models.FloatField(_("expected"))
    recurrence_days = models.FloatField(_("by chance once in days"))
    recurrence_at_least = models.BooleanField(_("rarer than anything simulated"), default=False)
    level = models.CharField(_("warning level"), max_length=6, choices=WarningLevel)
    state = FSMField(_("verdict"), max_length=5, choices=WarningState, default=WarningState.OPEN, protected=True)
    detected_at = models.DateTimeField(_("detected at"), default=timezone.now)
    last_seen = models.DateField(_("last found"))
    times_seen = models.PositiveIntegerField(_("nights seen"), default=1)

    objects = EarlyWarningQuerySet.as_manager()

    class Meta:
        verbose_name = _("early warning")
        verbose_name_plural = _("early warnings")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(name="early_warning_days", condition=Q(last_day__gte=F("first_day"))),
            models.CheckConstraint(name="early_warning_more", condition=Q(observed__gt=F("expected"))),
        ]
        indexes = [
            models.Index(fields=["state", "-id"], name="early_warning_state"),
            models.Index(fields=["area", "state"], name="early_warning_area"),
            models.Index(fields=["watch", "type", "last_seen"], name="early_warning_again"),
        ]

    def __str__(self):
        return f"{self.type} {self.area}"

    @property
    def number(self) -> str:
        """What people call the warning."""
        return f"W{self.pk:06d}"

    @property
    def days(self) -> int:
        """Days from the first to the last, both counted."""
        return (self.last_day - self.first_day).days + 1


class WarningEvent(models.Model):
    """One of the events a warning is made of. Its words are read where it is kept, by whoever may."""

    warning = models.ForeignKey(EarlyWarning, models.CASCADE, related_name="events", verbose_name=_("early warning"))
    signal = models.ForeignKey(
        Signal, models.PROTECT, null=True, blank=True, related_name="warnings", verbose_name=_("signal")
    )
    hazard = models.ForeignKey(
        Hazard, models.PROTECT, null=True, blank=True, related_name="warnings", verbose_name=_("hazard")
    )

    objects = WarningEventQuerySet.as_manager()

    class Meta:
        verbose_name = _("event of a warning")
        verbose_name_plural = _("events of a warning")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                name="warning_event_of_one",
                condition=Q(signal__isnull=True, hazard__isnull=False) | Q(signal__isnull=False, hazard__isnull=True),
            ),
            models.UniqueConstraint(
                fields=["warning", "signal"], condition=Q(signal__isnull=False), name="warning_signal_once"
            ),
            models.UniqueConstraint(
                fields=["warning", "hazard"], condition=Q(hazard__isnull=False), name="warning_hazard_once"
            ),
        ]

    def __str__(self):
        return str(self.signal or self.hazard)


class HotIssue(models.Model):
    """Signals of one type and place about the same matter within the last weeks; worked out anew every night.

    ``label``: words that most of them share, names of persons left out. ``people``: distinct complainants. ``heat``
    ranks: people, the newer the more (``mediation.warning.issues``).
    """

    area = models.ForeignKey(Area, models.CASCADE, related_name="hot_issues", verbose_name=_("area"))
    type = models.ForeignKey(DisputeType, models.CASCADE, related_name="hot_issues", verbose_name=_("dispute type"))
    label = models.CharField(_("what people speak of"), max_length=80)
    people = models.PositiveIntegerField(_("distinct people"))
    records = models.PositiveIntegerField(_("records"))
    first_day = models.DateField(_("first day"))
    last_day = models.DateField(_("last day"))
    heat = models.FloatField(_("heat"))
    made_on = models.DateField(_("worked out on"))
    signals = models.ManyToManyField(Signal, related_name="hot_issues", verbose_name=_("signals"))

    objects = HotIssueQuerySet.as_manager()

    class Meta:
        verbose_name = _("hot issue")
        verbose_name_plural = _("hot issues")
        ordering = ["-heat", "id"]
        indexes = [models.Index(fields=["area", "-heat"], name="hot_issue_area")]

    def __str__(self):
        return self.label
