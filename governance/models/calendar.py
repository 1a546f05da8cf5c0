"""Local exceptions to the public holiday calendar."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from governance.models.area import Area


class CalendarDay(models.Model):
    """A day that an area works or rests against the national calendar (flood days, local festivals, 调休 changes).

    It holds for the area and all under it, and comes before the holiday library; the nearest area wins.
    """

    area = models.ForeignKey(Area, models.CASCADE, related_name="calendar_days", verbose_name=_("area"))
    date = models.DateField(_("date"))
    is_workday = models.BooleanField(_("working day"))
    reason = models.CharField(_("reason"), max_length=80)

    class Meta:
        verbose_name = _("calendar exception")
        verbose_name_plural = _("calendar exceptions")
        ordering = ["-date"]
        constraints = [models.UniqueConstraint(fields=["area", "date"], name="calendar_day_once")]

    def __str__(self):
        return f"{self.date} {self.reason}"
