"""Durable deadlines."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Timer(models.Model):
    """Something to do at ``due_at``, once, also after a crash (``governance.timers`` fires it).

    ``key`` names it, such as ``case:12:handling_due``; setting the same key again moves the open timer. ``kind`` picks
    the handler registered by an app. A failing handler is tried again at ``next_try_at`` with growing gaps.
    """

    key = models.CharField(_("key"), max_length=120)
    kind = models.CharField(_("kind"), max_length=60)
    subject_id = models.BigIntegerField(_("subject"))
    payload = models.JSONField(_("details"), default=dict)
    due_at = models.DateTimeField(_("due"))
    next_try_at = models.DateTimeField(_("next try"))
    attempts = models.PositiveSmallIntegerField(_("tries"), default=0)
    last_error = models.TextField(_("last error"), blank=True)
    fired_at = models.DateTimeField(_("fired"), null=True, blank=True)
    cancelled_at = models.DateTimeField(_("cancelled"), null=True, blank=True)

    class Meta:
        verbose_name = _("timer")
        verbose_name_plural = _("timers")
        ordering = ["due_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["key"], condition=Q(fired_at__isnull=True, cancelled_at__isnull=True), name="timer_open_once"
            )
        ]
        indexes = [
            models.Index(
                fields=["next_try_at"], condition=Q(fired_at__isnull=True, cancelled_at__isnull=True), name="timer_open"
            )
        ]

    def __str__(self):
        return self.key
