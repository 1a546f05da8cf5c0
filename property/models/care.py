"""Elderly residents who are looked in on, and the visits to them."""

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases.models import Case, FilingStandard
from governance.models import Area, Dwelling, User
from governance.models.person import phone_validator
from governance.workflow import FSMField, WorkflowModel
from property.serving.care_workflow import CareVisitSteps, VisitState
from property.serving.other_querysets import ReceiverQuerySet, VisitQuerySet


class CareReceiver(models.Model):
    """Somebody at home who is looked in on every so many days. Personal: read by those who visit, in their area.

    ``visitor`` usually goes; anybody of the community may. ``alarm_standard``: what a missed visit is filed under as a
    case; without one the case waits for a registrar.
    """

    code = models.CharField(_("code"), max_length=30, unique=True)
    dwelling = models.ForeignKey(Dwelling, models.PROTECT, related_name="care_receivers", verbose_name=_("dwelling"))
    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name=_("area"), editable=False)
    name = models.CharField(_("name"), max_length=60)
    phone = models.CharField(_("phone"), max_length=16, blank=True, validators=[phone_validator])
    lives_alone = models.BooleanField(_("lives alone"), default=False)
    needs = models.CharField(_("what to look after"), max_length=200, blank=True)
    every_days = models.PositiveSmallIntegerField(
        _("a visit every … days"), default=7, validators=[MinValueValidator(1), MaxValueValidator(90)]
    )
    visitor = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="care_receivers", verbose_name=_("visited by")
    )
    alarm_standard = models.ForeignKey(
        FilingStandard, models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("filing standard of an alarm"),
    )  # fmt: skip
    valid_from = models.DateField(_("from"), default=timezone.localdate)
    valid_to = models.DateField(_("to"), null=True, blank=True)

    objects = ReceiverQuerySet.as_manager()

    class Meta:
        verbose_name = _("person cared for")
        verbose_name_plural = _("people cared for")
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                name="care_receiver_in_order",
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
                violation_error_message=_("The last day lies before the first."),
            ),
            models.CheckConstraint(name="care_every_days", condition=Q(every_days__range=(1, 90))),
        ]

    def __str__(self):
        return self.name

    def natural_key(self):
        return (self.code,)

    def clean(self):
        """Take the dwelling's area."""
        if self.dwelling_id is None:
            raise ValidationError({"dwelling": _("A dwelling is needed.")}, code="required")
        self.area = self.dwelling.area

    def holds_on(self, day) -> bool:
        """Tell whether the person is on the list on ``day``."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


class Condition(models.TextChoices):
    WELL = "well", _("Well")
    NEEDS_HELP = "needs_help", _("Needs help")
    NOT_MET = "not_met", _("Nobody opened")


class CareVisit(CareVisitSteps, WorkflowModel):
    """One visit, to be made by the end of ``due_on``. ``case``: opened when it was missed or help is needed."""

    LOCK_WITH = ("area", "receiver__dwelling__building__estate", "receiver__dwelling__entrance")

    receiver = models.ForeignKey(CareReceiver, models.PROTECT, related_name="visits", verbose_name=_("person"))
    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name=_("area"), editable=False)
    due_on = models.DateField(_("due on"))
    state = FSMField(_("state"), max_length=10, choices=VisitState, default=VisitState.PLANNED, protected=True)
    condition = models.CharField(_("how the person is"), max_length=10, choices=Condition, blank=True)
    visited_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("visited by")
    )
    visited_at = models.DateTimeField(_("visited at"), null=True, blank=True)
    case = models.ForeignKey(
        Case, models.PROTECT, null=True, blank=True, related_name="care_visits", verbose_name=_("case")
    )

    objects = VisitQuerySet.as_manager()

    class Meta:
        verbose_name = _("care visit")
        verbose_name_plural = _("care visits")
        ordering = ["-due_on", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["receiver"], condition=Q(state="planned"), name="care_one_planned_visit"),
            models.CheckConstraint(
                name="care_visit_told",
                condition=~Q(state="visited")
                | Q(visited_by__isnull=False, visited_at__isnull=False) & ~Q(condition=""),
            ),
        ]
        indexes = [models.Index(fields=["area", "due_on"], name="care_visit_of_day")]

    def __str__(self):
        return f"{self.receiver} {self.due_on:%Y-%m-%d}"
