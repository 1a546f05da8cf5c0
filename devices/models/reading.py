"""What devices reported: every reading, and the newest of each."""

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from devices.models.device import Device
from devices.querysets import ThroughDeviceQuerySet


class Quality(models.TextChoices):
    """What a value is worth (OPC UA): bad outside the physical range of its metric, stale while nobody hears its
    device. Stored is bad only: NULL is good, which costs a reading nothing, and stale is a matter of now."""

    GOOD = "good", _("Good")
    STALE = "stale", _("Stale")
    BAD = "bad", _("Bad")


class Reading(models.Model):
    """One value of one device at one time; the key (device, metric, at) stores a repeated message once.

    The table is partitioned by week on ``at`` (see ``devices.partitions``) and has no foreign key constraint:
    partitions are dropped whole, and devices are never deleted. Rows of the metric ``status`` carry ``text``, others
    ``value``. ``at`` is the device's time, or ours where the device's clock is wrong; then ``claimed_at`` keeps what
    the device said, by which a repetition is known.
    """

    pk = models.CompositePrimaryKey("device_id", "metric", "at")
    device = models.ForeignKey(
        Device, models.PROTECT, related_name="readings", db_constraint=False, db_index=False, verbose_name=_("device")
    )
    metric = models.CharField(_("metric"), max_length=40)
    at = models.DateTimeField(_("measured at"))
    value = models.FloatField(_("value"), null=True)
    text = models.CharField(_("text"), max_length=40, blank=True, default="")
    received_at = models.DateTimeField(_("received at"))
    claimed_at = models.DateTimeField(_("time claimed by the device"), null=True)
    quality = models.CharField(_("quality"), max_length=5, choices=Quality, null=True)  # noqa: DJ001

    objects = ThroughDeviceQuerySet.as_manager()

    class Meta:
        verbose_name = _("reading")
        verbose_name_plural = _("readings")
        indexes = [
            models.Index(
                fields=["device", "claimed_at"], condition=models.Q(claimed_at__isnull=False), name="reading_claimed"
            ),
            BrinIndex(fields=["at"], name="reading_at", autosummarize=True),  # for hours of all devices
        ]

    def __str__(self):
        return f"{self.metric} {self.text or self.value}"


class LatestValue(models.Model):
    """The newest reading of each metric of a device; its pages have room, so that updates stay in place
    (``migrations.0015_room_to_write``)."""

    device = models.ForeignKey(Device, models.PROTECT, related_name="latest", verbose_name=_("device"))
    metric = models.CharField(_("metric"), max_length=40)
    value = models.FloatField(_("value"), null=True)
    text = models.CharField(_("text"), max_length=40, blank=True, default="")
    at = models.DateTimeField(_("measured at"))
    received_at = models.DateTimeField(_("received at"))
    quality = models.CharField(_("quality"), max_length=5, choices=Quality, null=True)  # noqa: DJ001
    # Of a bad one, and of a status word that is not judged: when the newest good one was measured, or the newest word
    # that was judged, so that what is still on its way is not taken for history.
    good_at = models.DateTimeField(_("newest good one measured at"), null=True, editable=False)

    objects = ThroughDeviceQuerySet.as_manager()

    class Meta:
        verbose_name = _("latest value")
        verbose_name_plural = _("latest values")
        ordering = ["metric"]
        constraints = [models.UniqueConstraint(fields=["device", "metric"], name="latest_value_once")]

    def __str__(self):
        return f"{self.metric} {self.text or self.value}"
