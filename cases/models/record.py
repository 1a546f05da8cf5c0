"""What gathers around a case: reporters, evidence, dispatches, stage clocks, ratings."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases.models.case import Case
from cases.models.catalogue import FilingStandard, LimitUnit
from cases.querysets import StageLimitQuerySet
from governance.models import OrgUnit, User
from governance.models.person import phone_validator


class CaseReporter(models.Model):
    """Somebody who reported the case: personal data, kept apart so that it can be erased."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="reporters", verbose_name=_("case"))
    user = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("user"))
    name = models.CharField(_("name"), max_length=60, blank=True)
    phone = models.CharField(_("phone"), max_length=16, blank=True, validators=[phone_validator])

    class Meta:
        verbose_name = _("reporter")
        verbose_name_plural = _("reporters")
        indexes = [models.Index(fields=["phone"], condition=~models.Q(phone=""), name="reporter_phone")]

    def __str__(self):
        return self.name or str(self.pk)


class CaseEvidence(models.Model):
    """Something learnt about a case after it was opened: a repeated alarm, a reading back to normal, a note.

    ``data`` holds codes and figures (device, alarm, status, metrics).
    """

    case = models.ForeignKey(Case, models.CASCADE, related_name="evidence", verbose_name=_("case"))
    kind = models.CharField(_("kind"), max_length=30)
    data = models.JSONField(_("details"), default=dict)
    happened_at = models.DateTimeField(_("happened at"))
    added_at = models.DateTimeField(_("added at"), default=timezone.now)

    class Meta:
        verbose_name = _("evidence")
        verbose_name_plural = _("evidence")
        ordering = ["happened_at", "id"]
        indexes = [models.Index(fields=["case", "happened_at"], name="evidence_of_case")]

    def __str__(self):
        return f"{self.kind} {self.happened_at:%Y-%m-%d %H:%M}"


class DispatchMethod(models.TextChoices):
    RULE = "rule", _("By a dispatch rule")
    ORIGIN = "origin", _("By what it was opened for")
    STANDARD = "standard", _("By filing standard")
    CLASSIFIER = "classifier", _("By the text")
    MANUAL = "manual", _("By a dispatcher")
    ARBITRATION = "arbitration", _("By arbitration")


class Dispatch(models.Model):
    """One dispatch of a case: to whom, why, and with which limit (copied, so later changes do not reach it).

    ``confidence`` (0 to 1) is that of the text model where it spoke. ``runner_up`` is who else came into question:
    ``{"unit": code or None, "label": what called for it, "method": ..., "confidence": share or None}``, or empty.
    """

    case = models.ForeignKey(Case, models.CASCADE, related_name="dispatches", verbose_name=_("case"))
    method = models.CharField(_("how"), max_length=12, choices=DispatchMethod)
    standard = models.ForeignKey(
        FilingStandard, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("filing standard")
    )
    rule = models.ForeignKey(
        "cases.DispatchRule", models.PROTECT, null=True, blank=True, related_name="dispatches",
        verbose_name=_("dispatch rule"),
    )  # fmt: skip
    lead_unit = models.ForeignKey(OrgUnit, models.PROTECT, related_name="+", verbose_name=_("lead unit"))
    reason = models.CharField(_("why"), max_length=500)
    confidence = models.DecimalField(_("confidence"), max_digits=4, decimal_places=3, null=True, blank=True)
    runner_up = models.JSONField(_("runner-up"), default=dict, blank=True)
    limit_amount = models.DecimalField(_("limit"), max_digits=6, decimal_places=2)
    limit_unit = models.CharField(_("limit counted in"), max_length=12, choices=LimitUnit)
    due_at = models.DateTimeField(_("due"))
    dispatched_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("dispatched by"))
    dispatched_at = models.DateTimeField(_("dispatched at"))

    class Meta:
        verbose_name = _("dispatch")
        verbose_name_plural = _("dispatches")
        ordering = ["dispatched_at", "id"]

    def __str__(self):
        return f"{self.case} → {self.lead_unit}"


class Stage(models.TextChoices):
    VERIFICATION = "verification", _("Verification")
    ACCEPTANCE = "acceptance", _("Acceptance")
    DISPATCH = "dispatch", _("Dispatch")
    HANDLING = "handling", _("Handling")
    INSPECTION = "inspection", _("Inspection")
    CLOSING = "closing", _("Closing")
    ARBITRATION = "arbitration", _("Arbitration")
    FEEDBACK = "feedback", _("Feedback")


class StageLimit(models.Model):
    """How long a stage may take, when those concerned are warned, and when it is taken to the next level.

    Handling is limited by the filing standard; its row here is the limit where no standard fits. Feedback: how long
    after closing a reporter may answer and reopen. ``warn_at`` is the share of the limit that has run when people are
    warned (0 = no warning). ``escalate_hours``: that many hours of day and night past the end, and again after as many
    more, up to ``ESCALATIONS`` times, the case goes to the next level (0 = never). Starting figures: verification
    24 h, inspection 2 h (domain/cases.md, "Clocks"); warnings at three quarters [J].
    """

    ESCALATIONS = 3

    stage = models.CharField(_("stage"), max_length=12, choices=Stage, unique=True)
    limit_amount = models.DecimalField(_("limit"), max_digits=6, decimal_places=2)
    limit_unit = models.CharField(_("limit counted in"), max_length=12, choices=LimitUnit)
    warn_at = models.DecimalField(
        _("warn at"), max_digits=3, decimal_places=2, default=0,
        help_text=_("Share of the limit that has run: 0.75 = when a quarter is left; 0 = no warning."),
    )  # fmt: skip
    escalate_hours = models.DecimalField(
        _("escalate after"), max_digits=6, decimal_places=2, default=0,
        help_text=_("Hours past the end, day and night; repeated up to three times; 0 = never."),
    )  # fmt: skip

    objects = StageLimitQuerySet.as_manager()

    class Meta:
        verbose_name = _("stage limit")
        verbose_name_plural = _("stage limits")
        ordering = ["stage"]
        constraints = [
            models.CheckConstraint(name="stage_limit_positive", condition=Q(limit_amount__gt=0)),
            models.CheckConstraint(
                name="stage_alerts_sensible",
                condition=Q(warn_at__gte=0, warn_at__lt=1, escalate_hours__gte=0),
                violation_error_message=_("Warn at a share below 1; hours are not negative."),
            ),
            models.CheckConstraint(
                name="stage_feedback_day_and_night",
                condition=~Q(stage="feedback") | Q(limit_unit__in=["urgent_hour", "urgent_day"]),
                violation_error_message=_("The time for feedback is counted day and night."),
            ),
        ]

    def __str__(self):
        return self.get_stage_display()

    def natural_key(self):
        return (self.stage,)


class StageClock(models.Model):
    """One stage of a case with its own limit; at most one runs at a time.

    Those of verification and inspection are at once the dated tasks of the grid's worker: ``assignee``, who may be
    changed.
    """

    case = models.ForeignKey(Case, models.CASCADE, related_name="clocks", verbose_name=_("case"))
    stage = models.CharField(_("stage"), max_length=12, choices=Stage)
    unit = models.ForeignKey(OrgUnit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("unit"))
    limit_amount = models.DecimalField(_("limit"), max_digits=6, decimal_places=2)
    limit_unit = models.CharField(_("limit counted in"), max_length=12, choices=LimitUnit)
    assignee = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="stage_tasks", verbose_name=_("task of")
    )
    started_at = models.DateTimeField(_("started"))
    due_at = models.DateTimeField(_("due"))
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    class Meta:
        verbose_name = _("stage clock")
        verbose_name_plural = _("stage clocks")
        ordering = ["started_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["case"], condition=Q(ended_at__isnull=True), name="clock_one_running")
        ]
        indexes = [
            models.Index(
                fields=["assignee", "due_at"],
                condition=Q(ended_at__isnull=True, assignee__isnull=False),
                name="clock_tasks_of",
            )
        ]

    def __str__(self):
        return f"{self.case} {self.get_stage_display()}"


class Solved(models.TextChoices):
    YES = "yes", _("Solved")
    PARTLY = "partly", _("Partly solved")
    NO = "no", _("Not solved")


class CaseRating(models.Model):
    """A reporter's answer after closing; the newest counts, one per closing."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="ratings", verbose_name=_("case"))
    score = models.PositiveSmallIntegerField(_("score"), validators=[MinValueValidator(1), MaxValueValidator(5)])
    solved = models.CharField(_("solved"), max_length=6, choices=Solved)
    comment = models.TextField(_("comment"), max_length=500, blank=True)
    closed_at = models.DateTimeField(_("closing it answers"))
    rated_at = models.DateTimeField(_("rated at"), default=timezone.now)

    class Meta:
        verbose_name = _("rating")
        verbose_name_plural = _("ratings")
        ordering = ["-rated_at"]
        constraints = [
            models.UniqueConstraint(fields=["case", "closed_at"], name="rating_once_per_closing"),
            models.CheckConstraint(name="rating_one_to_five", condition=Q(score__range=(1, 5))),
        ]

    def __str__(self):
        return f"{self.case} {self.score}"
