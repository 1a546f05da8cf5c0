"""Names that programs outside know figures by: whole numbers that never change (OGC SensorThings)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from devices.models.device import Device
from devices.models.profile import ProfileMetric
from devices.querysets import ThroughDeviceQuerySet

# A datastream's number is that of its device times this, plus that of its property (migration 0008).
PROPERTIES = 100_000


class ObservedProperty(models.Model):
    """A word of a metric that a profile has or had, or ``status``; the database adds new words of profiles itself.

    Versions of profiles copy their metrics, so a metric's own number is not stable; that of its word is.
    """

    word = models.CharField(_("metric"), max_length=40, unique=True)

    class Meta:
        verbose_name = _("observed property")
        verbose_name_plural = _("observed properties")
        constraints = [models.CheckConstraint(name="observed_property_few", condition=models.Q(id__lt=PROPERTIES))]

    def __str__(self):
        return self.word


class Datastream(models.Model):
    """A metric of a device by its present profile, or its status word (without ``profile_metric``); a view."""

    id = models.BigIntegerField(primary_key=True)
    device = models.ForeignKey(Device, models.DO_NOTHING, related_name="datastreams", verbose_name=_("device"))
    observed_property = models.ForeignKey(
        ObservedProperty, models.DO_NOTHING, related_name="datastreams", verbose_name=_("observed property")
    )
    metric = models.CharField(_("metric"), max_length=40)
    profile_metric = models.ForeignKey(
        ProfileMetric, models.DO_NOTHING, null=True, related_name="+", verbose_name=_("metric of a profile")
    )

    objects = ThroughDeviceQuerySet.as_manager()

    class Meta:
        managed = False
        db_table = "devices_datastream"
        verbose_name = _("datastream")
        verbose_name_plural = _("datastreams")

    def __str__(self):
        return f"{self.device_id} {self.metric}"
