"""What is expected of devices, computed once a day."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from devices.models.device import Device
from devices.querysets import ForecastQuerySet


class ForecastKind(models.TextChoices):
    """What is forecast."""

    BATTERY = "battery", _("Battery")


class Outlook(models.TextChoices):
    """What the readings say of the limit."""

    EXPECTED = "expected", _("Reaches the limit")
    REACHED = "reached", _("At the limit already")
    STEADY = "steady", _("Not falling")
    UNKNOWN = "unknown", _("Not enough data")


class DeviceForecast(models.Model):
    """When a device's figure reaches its limit, as of ``at`` (``devices.battery``).

    ``level`` is the figure now (of a battery percent), ``limit`` the critical limit of its profile, ``slope_per_day``
    its robust trend, ``samples`` how many days of readings that rests on, since ``since``: the first reading looked at,
    or the last replacement. ``reaches_at`` is empty where nothing can be said or it is more than five years away.
    """

    device = models.ForeignKey(Device, models.PROTECT, related_name="forecasts", verbose_name=_("device"))
    kind = models.CharField(_("kind"), max_length=12, choices=ForecastKind, default=ForecastKind.BATTERY)
    at = models.DateTimeField(_("computed at"))
    outlook = models.CharField(_("outlook"), max_length=8, choices=Outlook)
    level = models.FloatField(_("level"), null=True)
    limit = models.FloatField(_("limit"))
    slope_per_day = models.FloatField(_("change per day"), null=True)
    reaches_at = models.DateTimeField(_("reaches the limit"), null=True)
    samples = models.PositiveIntegerField(_("days of readings"))
    since = models.DateTimeField(_("readings since"), null=True)

    objects = ForecastQuerySet.as_manager()

    class Meta:
        verbose_name = _("battery forecast")
        verbose_name_plural = _("battery forecasts")
        ordering = ["reaches_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["device", "kind"], name="device_forecast_once"),
            models.CheckConstraint(
                name="device_forecast_reaches",
                condition=models.Q(outlook__in=["expected", "reached"], reaches_at__isnull=False)
                | models.Q(outlook__in=["steady", "unknown"], reaches_at=None),
            ),
        ]
        indexes = [models.Index(fields=["reaches_at", "id"], name="device_forecast_reaches_at")]

    def __str__(self):
        return f"{self.device_id} {self.get_outlook_display()}"
