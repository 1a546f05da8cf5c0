"""What was not taken of what devices sent, counted for staff."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from devices.models.device import Device, Gateway
from devices.querysets import RefusalQuerySet

# What a refusal is called; codes of ``devices.messages``, ``devices.ingest``, ``devices.warned`` and of the doors.
LABELS = {
    "unknown_status": _("Status word not in the profile (taken, not judged)"),
    "status_not_reported": _("Says that it is offline, which no device says (not taken)"),
    "clock_skewed": _("Clock ahead of ours (taken, with our time)"),
    "rate_limited": _("Sends too much"),
    "unknown_device": _("Device not known"),
    "foreign_device": _("Device not covered by the key"),
    "retired_device": _("Device retired"),
    "too_many_metrics": _("Too many metrics not in the profile"),
    "invalid_message": _("No message"),
    "invalid_device": _("Device not named"),
    "invalid_time": _("Time missing or not readable"),
    "time_out_of_range": _("Time too far back"),
    "invalid_status": _("Status is no word"),
    "invalid_metrics": _("Metrics not readable"),
    "invalid_metric": _("Name of a metric not readable"),
    "invalid_value": _("Value is no number"),
    "nothing_reported": _("Neither status nor metrics"),
    "parse_error": _("Not readable as JSON"),
    "invalid_observation": _("Observation not readable"),
    "invalid_key": _("Key not in force any more"),
    "required": _("Something that is needed is missing"),
    "not_a_list": _("Not a list where one is needed"),
    "max_length": _("Too many messages in one request"),
    "too_large": _("Message too large"),
    "invalid": _("Not of the form that is needed"),
    "error": _("Could not be taken, by a fault of ours"),
}
CODE_LENGTH, DETAIL_LENGTH = 40, 200


class DeviceRefusal(models.Model):
    """Messages of a day that were not taken, or only with a warning, for one reason: one row, however many they are.

    ``gateway``: whose key sent them (none: the device's own); ``device``: whose they are (none: of a gateway, and not
    of a device behind it). ``named`` and ``detail``: the device that the newest of them named, and what its sender was
    told. Written by ``devices.refusals``, kept for ``devices.refusals.KEPT``.
    """

    device = models.ForeignKey(Device, models.CASCADE, null=True, related_name="refusals", verbose_name=_("device"))
    gateway = models.ForeignKey(Gateway, models.CASCADE, null=True, related_name="refusals", verbose_name=_("gateway"))
    code = models.CharField(_("reason"), max_length=CODE_LENGTH)
    day = models.DateField(_("day"))
    count = models.PositiveBigIntegerField(_("messages"))
    first_at = models.DateTimeField(_("first"))
    last_at = models.DateTimeField(_("last"))
    named = models.CharField(_("device named"), max_length=30, blank=True)
    detail = models.CharField(_("example"), max_length=DETAIL_LENGTH, blank=True)

    objects = RefusalQuerySet.as_manager()

    class Meta:
        verbose_name = _("refused message")
        verbose_name_plural = _("refused messages")
        ordering = ["-last_at", "-id"]
        indexes = [
            models.Index(fields=["day"], name="device_refusal_day"),
            models.Index(fields=["gateway", "-last_at"], name="device_refusal_gateway"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["device", "gateway", "code", "day"], name="device_refusal_once", nulls_distinct=False
            ),
            models.CheckConstraint(
                name="device_refusal_of_somebody", condition=Q(device__isnull=False) | Q(gateway__isnull=False)
            ),
        ]

    def __str__(self):
        return f"{self.day} {self.code} × {self.count}"

    @property
    def label(self) -> str:
        """What a person reads for the reason; the code itself where it has no name."""
        return str(LABELS.get(self.code, self.code))
