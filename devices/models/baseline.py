"""What a device measures when all is well where it stands."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from devices.models.device import Device
from devices.querysets import ThroughDeviceQuerySet
from governance.models import User


class DeviceBaseline(models.Model):
    """The zero of a metric at one device: a cover in a sloping road tilts by the slope (``devices.baselines``).

    Metrics marked so in the profile are judged by how far they are from ``value``; readings stay as they came.
    """

    device = models.ForeignKey(Device, models.PROTECT, related_name="baselines", verbose_name=_("device"))
    metric = models.CharField(_("metric"), max_length=40)
    value = models.FloatField(_("value"))
    set_at = models.DateTimeField(_("set at"), default=timezone.now)
    set_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("set by"))

    objects = ThroughDeviceQuerySet.as_manager()

    class Meta:
        verbose_name = _("baseline of a device")
        verbose_name_plural = _("baselines of devices")
        ordering = ["device", "metric"]
        constraints = [models.UniqueConstraint(fields=["device", "metric"], name="device_baseline_once")]

    def __str__(self):
        return f"{self.metric} {self.value:g}"
