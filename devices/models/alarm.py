"""Alarms: one row per occurrence."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from cases.models import Case
from devices.models.device import Device
from devices.models.profile import Severity
from devices.querysets import AlarmQuerySet, ShelvingQuerySet, ThroughDeviceQuerySet
from devices.workflow import AlarmState, AlarmSteps
from governance.models import Area, Event, User
from governance.workflow import FSMField, WorkflowModel


class Condition(models.TextChoices):
    """Where the condition of an occurrence stands (``devices.tracks``)."""

    ACTIVE = "active", _("Active")
    CLEARING = "clearing", _("Clearing")
    AWAITING = "awaiting", _("Awaiting verification")
    CLEARED = "cleared", _("Cleared")


class Inhibition(models.TextChoices):
    """Why an occurrence is held back: it is judged and kept, but opens no case and is not pushed."""

    SHELVED = "shelved", _("Shelved")
    SUPPRESSED = "suppressed", _("Suppressed by design")
    OUT_OF_SERVICE = "out_of_service", _("Out of service")


class Alarm(AlarmSteps, WorkflowModel):
    """One occurrence of an abnormal condition; the condition's identity is (device, alarm type) (ISA-18.2).

    ``state`` is the acknowledgement, ``condition`` the thing itself; it is not over until ``cleared_at``. ``since`` is
    when its off-delay began. ``critical``: past the critical limit. ``inhibited``: held back, and why. ``noted_at``:
    when a sample was last added to the case as evidence.
    Four times: ``device_at`` is what the device said of the first sample, ``received_at`` when it reached us,
    ``raised_at`` since when the condition holds, ``cleared_at`` since when it does not. ``last_at`` and ``count`` tell
    of the abnormal samples. What holds it: ``asserted``, the device's own word; ``exceeded``, a metric past its limit
    (``devices.rules``). ``late``: told of afterwards, so it is history and opened no case. ``value`` is the metric's
    figure at raising, in the profile's unit; ``area`` is the device's at raising. ``activations``: when the condition
    began to hold or came back lately, as long as it could chatter (``devices.chattering``). ``lasts_from``: from when
    what is over by itself counts, where its device fell silent after it told of it.
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
    condition = models.CharField(_("condition"), max_length=8, choices=Condition, default=Condition.ACTIVE)
    since = models.DateTimeField(_("normal since"), null=True, blank=True)
    critical = models.BooleanField(_("past the critical limit"), default=False)
    inhibited = models.CharField(_("held back"), max_length=14, choices=Inhibition, blank=True)
    noted_at = models.DateTimeField(_("last added to the case"), null=True, blank=True)
    last_at = models.DateTimeField(_("last reported"))
    count = models.PositiveIntegerField(_("times reported"), default=1)
    value = models.FloatField(_("value"), null=True, blank=True)
    asserted = models.BooleanField(_("asserted by the device"), default=False)
    exceeded = models.BooleanField(_("past a limit"), default=False)
    late = models.BooleanField(_("told of afterwards"), default=False)
    activations = ArrayField(models.DateTimeField(), default=list, editable=False)
    lasts_from = models.DateTimeField(_("lasts from"), null=True, editable=False)
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
            models.CheckConstraint(
                name="alarm_times_in_order",
                condition=Q(last_at__gte=F("raised_at"))
                & (Q(cleared_at__isnull=True) | Q(cleared_at__gte=F("raised_at"))),
            ),
            models.CheckConstraint(
                name="alarm_cleared_when_over",
                condition=Q(condition="cleared", cleared_at__isnull=False)
                | Q(condition__in=["active", "clearing", "awaiting"], cleared_at__isnull=True),
            ),
            models.CheckConstraint(
                name="alarm_clearing_since",
                condition=Q(condition="clearing", since__isnull=False) | (~Q(condition="clearing") & Q(since=None)),
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
        """Whether it is not over."""
        return self.cleared_at is None

    @property
    def label(self) -> str:
        """What a person reads for the alarm type; uses the profile's prefetched statuses."""
        return self.device.profile.label_of(self.alarm_type)


class PendingAlarm(models.Model):
    """What is past its limit but no occurrence yet: an on-delay runs, or too few of the last samples are.

    ``since``: when the on-delay began (None: not yet); ``window``: the last samples as ``devices.tracks`` keeps them.
    The row goes when the alarm is raised or all is normal. ``device_at``, ``received_at``, ``value``: of the first
    sample of the delay.
    """

    device = models.ForeignKey(Device, models.CASCADE, related_name="pending_alarms", verbose_name=_("device"))
    alarm_type = models.CharField(_("alarm type"), max_length=40)
    since = models.DateTimeField(_("past the limit since"), null=True)
    window = models.CharField(_("last samples"), max_length=32, blank=True)
    device_at = models.DateTimeField(_("device's time"))
    received_at = models.DateTimeField(_("received at"))
    value = models.FloatField(_("value"), null=True)

    objects = ThroughDeviceQuerySet.as_manager()

    class Meta:
        verbose_name = _("pending alarm")
        verbose_name_plural = _("pending alarms")
        constraints = [models.UniqueConstraint(fields=["device", "alarm_type"], name="pending_alarm_once")]

    def __str__(self):
        return f"{self.device_id} {self.alarm_type}"


class Shelving(models.Model):
    """Alarms of a device held back until a moment: of one type, or (empty) of all; by a person, or because they
    chatter (``chattering``). What was given as the reason is told by ``event``, where it can be erased.
    """

    device = models.ForeignKey(Device, models.CASCADE, related_name="shelvings", verbose_name=_("device"))
    alarm_type = models.CharField(_("alarm type"), max_length=40, blank=True)
    shelved_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("shelved by"))
    shelved_at = models.DateTimeField(_("shelved at"))
    until = models.DateTimeField(_("until"))
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    chattering = models.BooleanField(_("chattering"), default=False)
    event = models.ForeignKey(
        Event, models.PROTECT, null=True, blank=True, editable=False, related_name="+", verbose_name=_("event")
    )

    objects = ShelvingQuerySet.as_manager()

    class Meta:
        verbose_name = _("shelving")
        verbose_name_plural = _("shelvings")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["device", "alarm_type"], condition=Q(ended_at=None), name="shelving_open_once"
            ),
            models.CheckConstraint(name="shelving_ends", condition=Q(until__gt=F("shelved_at"))),
        ]

    def __str__(self):
        return f"{self.device.code} {self.label}"

    @property
    def label(self) -> str:
        """What a person reads for the alarm type; uses the profile's prefetched statuses."""
        return self.device.profile.label_of(self.alarm_type) if self.alarm_type else _("All alarms")

    @property
    def reason(self) -> str:
        """Why it was shelved, in the words of who did it; nothing where it did so by itself, or they were erased."""
        remark = getattr(self.event, "remark", None)
        return remark.text if remark else ""
