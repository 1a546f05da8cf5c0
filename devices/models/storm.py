"""Storms: many alarms of one type in one grid that are one matter."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from cases.models import Case
from devices.querysets import BY_AREA
from governance.models import Area
from governance.scoping import ScopedQuerySet


class StormQuerySet(ScopedQuerySet):
    """Storms are seen by who works in their area."""

    VISIBLE = BY_AREA


class AlarmStorm(models.Model):
    """Alarms of one type in one grid that have one case (``devices.storms``).

    ``began_at`` is when the first of them was raised, ``last_at`` the last that joined; a storm that is over has
    ``ended_at``. ``alarms`` counts those that belong to it, of whatever device.
    """

    area = models.ForeignKey(Area, models.PROTECT, related_name="alarm_storms", verbose_name=_("area"))
    alarm_type = models.CharField(_("alarm type"), max_length=40)
    case = models.ForeignKey(Case, models.PROTECT, related_name="alarm_storms", verbose_name=_("case"))
    began_at = models.DateTimeField(_("began at"))
    last_at = models.DateTimeField(_("last alarm"))
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    alarms = models.PositiveIntegerField(_("alarms"))

    objects = StormQuerySet.as_manager()

    class Meta:
        verbose_name = _("storm of alarms")
        verbose_name_plural = _("storms of alarms")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["area", "alarm_type"], condition=Q(ended_at=None), name="alarm_storm_open_once"
            ),
            models.CheckConstraint(name="alarm_storm_times_in_order", condition=Q(last_at__gte=F("began_at"))),
        ]

    def __str__(self):
        return f"{self.area_id} {self.alarm_type}"
