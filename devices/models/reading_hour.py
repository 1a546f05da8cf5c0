"""Hourly roll-ups of the readings, kept when the readings themselves are gone."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from devices.models.device import Device
from devices.querysets import ThroughDeviceQuerySet


class ReadingHour(models.Model):
    """The good figures of one metric of one device in one hour: the smallest, their mean, the greatest, how many.

    ``hour`` is the hour's beginning. Made by ``devices.rollups``; status words and bad readings are not in it.
    """

    pk = models.CompositePrimaryKey("device_id", "metric", "hour")
    device = models.ForeignKey(
        Device, models.PROTECT, related_name="hours", db_constraint=False, db_index=False, verbose_name=_("device")
    )
    metric = models.CharField(_("metric"), max_length=40)
    hour = models.DateTimeField(_("hour"))
    low = models.FloatField(_("smallest"))
    mean = models.FloatField(_("mean"))
    high = models.FloatField(_("greatest"))
    count = models.PositiveIntegerField(_("readings"))

    objects = ThroughDeviceQuerySet.as_manager()

    class Meta:
        verbose_name = _("hourly roll-up")
        verbose_name_plural = _("hourly roll-ups")

    def __str__(self):
        return f"{self.metric} {self.hour:%Y-%m-%d %H:%M}"


class RollUpMark(models.Model):
    """An hour of a device that got a reading after it may have been rolled up: to be made anew.

    Only appended by ingest, so that it never waits for the job that takes the marks away.
    """

    device = models.ForeignKey(
        Device, models.PROTECT, related_name="+", db_constraint=False, db_index=False, verbose_name=_("device")
    )
    hour = models.DateTimeField(_("hour"))

    class Meta:
        verbose_name = _("hour to roll up anew")
        verbose_name_plural = _("hours to roll up anew")

    def __str__(self):
        return f"{self.device_id} {self.hour:%Y-%m-%d %H:%M}"


class RollUpProgress(models.Model):
    """How far the readings are rolled up: all hours before ``covered_until`` are (one row; None: nothing yet)."""

    covered_until = models.DateTimeField(_("rolled up until"), null=True)

    class Meta:
        verbose_name = _("progress of roll-ups")
        verbose_name_plural = _("progress of roll-ups")
        constraints = [models.CheckConstraint(name="rollup_progress_once", condition=models.Q(id=1))]

    def __str__(self):
        return str(self.covered_until)
