"""Signs of life of the long-running processes."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Heartbeat(models.Model):
    """When a process (worker, timers, live relay) last said that it works; read by /readyz."""

    process = models.CharField(_("process"), max_length=30, primary_key=True)
    beat_at = models.DateTimeField(_("last sign of life"))

    class Meta:
        verbose_name = _("process")
        verbose_name_plural = _("processes")

    def __str__(self):
        return self.process
