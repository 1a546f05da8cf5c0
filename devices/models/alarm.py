"""Alarms: one row per occurrence."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from cases.models import Case
from devices.models.device import Device
from devices.models.profile import Severity
from devices.querysets import AlarmQuerySet
from devices.workflow import AlarmState, AlarmSteps
from governance.models import Area, User
from governance.workflow import FSMField, WorkflowModel


class Alarm(AlarmSteps, WorkflowModel):
    """One occurrence of an abnormal condition; the condition's identity is (device, alarm type) (ISA-18.2).

    ``state`` is the acknowledgement; the condition is active until ``cleared_at``, so there are four shown states.
    Four times: ``device_at`` is what the device said of the first sample, ``received_at`` when it reached us,
    ``raised_at`` since when the condition holds, ``cleared_at`` since when it does not. ``last_at`` and ``count`` tell
    of the abnormal samples. What holds it: ``asserted``, the device's own word; ``exceeded``, a metric past its limit
    (``devices.rules``). ``late``: told of afterwards, so it is history and opened no case. ``value`` is the metric's
    figure at raising, in the profile's unit; ``area`` is the device's at raising.
    """

    LOCK_WITH = ("area", "device", "case", "case__area")

    device = models.ForeignKey(Device, models.PROTECT, related_name="alarms", verbose_name=_("device"))
    alarm_type = models.CharField(_("alarm type"), max_length=40)
    severity = models.CharField(_("severity"), max_length=8, choices=Severity)
    area = models.ForeignKey(Area, models.PROTECT, related_name="alarms", verbose_name=_("area"))
    state = FSMField(
        _("acknowledgement"),
        max_length=16,
        choices=AlarmState,
        default=AlarmState.UNACKNOWLEDGED,
        protected=True,
    )
    device_at = models.DateTimeField(_("device's time"))
    received_at = models.DateTimeField(_("received at"))
    raised_at = models.DateTimeField(_("raised at"))
    cleared_at = models.DateTimeField(_("cleared at"), null=True, blank=True)
    last_at = models.DateTimeField(_("last reported"))
    count = models.PositiveIntegerField(_("times reported"), default=1)
    value = models.FloatField(_("value"), null=True, blank=True)
    asserted = models.BooleanField(_("asserted by the device"), default=False)
    exceeded = models.BooleanField(_("past a limit"), default=False)
    late = models.BooleanField(_("told of afterwards"), default=False)
    acknowledged_at = models.DateTimeField(_("acknowledged at"), null=True, blank=True)
    acknowledged_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("acknowledged by")
    )
    case = models.ForeignKey(Case, models.PROTECT, null=True, blank=True, related_name="alarms", verbose_name=_("case"))

    objects = AlarmQuerySet.as_manager()

    class Meta:
        verbose_name = _("alarm")
        verbose_name_plural = _("alarms")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["area", "-id"], name="alarm_area"),
            models.Index(fields=["device", "cleared_at"], name="alarm_of_device"),
            models.Index(fields=["alarm_type", "-id"], name="alarm_type"),
            models.Index(fields=["raised_at"], name="alarm_raised"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["device", "alarm_type"], condition=Q(cleared_at__isnull=True), name="alarm_open_once"
            ),
            models.UniqueConstraint(fields=["case"], condition=Q(case__isnull=False), name="alarm_case_once"),
            models.CheckConstraint(
                name="alarm_times_in_order",
                condition=Q(last_at__gte=F("raised_at"))
                & (Q(cleared_at__isnull=True) | Q(cleared_at__gte=F("raised_at"))),
            ),
            models.CheckConstraint(name="alarm_late_is_over", condition=Q(late=False) | Q(cleared_at__isnull=False)),
            models.CheckConstraint(
                name="alarm_acknowledged_by_somebody",
                condition=Q(state="unacknowledged", acknowledged_at__isnull=True, acknowledged_by__isnull=True)
                | Q(state="acknowledged", acknowledged_at__isnull=False, acknowledged_by__isnull=False),
            ),
        ]

    def __str__(self):
        return f"{self.device.code} {self.label}"

    @property
    def active(self) -> bool:
        """Whether the condition still holds."""
        return self.cleared_at is None

    @property
    def label(self) -> str:
        """What a person reads for the alarm type; uses the profile's prefetched statuses."""
        return self.device.profile.label_of(self.alarm_type)
