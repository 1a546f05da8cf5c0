"""When somebody listened to devices: only then their silence says something."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class Listening(models.Model):
    """A time without a break in which the doors for readings were open (``devices.listening``)."""

    began_at = models.DateTimeField(_("from"))
    until = models.DateTimeField(_("until"))

    class Meta:
        verbose_name = _("time in which devices were listened to")
        verbose_name_plural = _("times in which devices were listened to")
        ordering = ["-until"]
        indexes = [models.Index(fields=["-until"], name="listening_newest")]
        constraints = [models.CheckConstraint(name="listening_in_order", condition=Q(until__gte=F("began_at")))]

    def __str__(self):
        return f"{self.began_at} - {self.until}"
