"""What stood there before it was put right or asked for again: answers of departments, results of tracks.

Append-only (a trigger); read by exactly those who may read what stands there now.
"""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from governance.models import User
from mediation.joint.querysets import FormerAnswerQuerySet, FormerResultQuerySet
from mediation.models.dispute import Dispute
from mediation.models.joint import DepartmentTask, Track


class FormerAnswer(models.Model):
    """How a department's task ended before it was asked again: its answer, or none by the day (``text`` empty)."""

    dispute = models.ForeignKey(Dispute, models.PROTECT, related_name="+", verbose_name=_("dispute"))
    task = models.ForeignKey(
        DepartmentTask, models.PROTECT, related_name="former_answers", verbose_name=_("task of a department")
    )
    text = models.TextField(_("answer of the department"), max_length=4000, blank=True)
    answer_by = models.DateField(_("to be answered by"))
    answered_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("answered by")
    )
    answered_at = models.DateTimeField(_("department answered at"), null=True, blank=True)
    at = models.DateTimeField(_("recorded at"), default=timezone.now)

    objects = FormerAnswerQuerySet.as_manager()

    class Meta:
        verbose_name = _("former answer of a department")
        verbose_name_plural = _("former answers of the department")
        ordering = ["task", "id"]
        constraints = [
            models.CheckConstraint(
                name="former_answer_whole",
                condition=models.Q(text="", answered_by=None, answered_at=None)
                | (models.Q(answered_by__isnull=False, answered_at__isnull=False) & ~models.Q(text="")),
            ),
        ]

    def __str__(self):
        return f"{self.dispute} {self.at:%Y-%m-%d}"


class FormerResult(models.Model):
    """What stood as the result of a track, and as its document, before it was put right; by whom and when."""

    dispute = models.ForeignKey(Dispute, models.PROTECT, related_name="+", verbose_name=_("dispute"))
    track = models.ForeignKey(
        Track, models.PROTECT, related_name="former_results", verbose_name=_("track of joint mediation")
    )
    result = models.TextField(_("result of the track"), max_length=2000)
    document = models.CharField(_("document of the track"), max_length=120, blank=True)
    given_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("result given by"))
    given_at = models.DateTimeField(_("result given at"))
    at = models.DateTimeField(_("recorded at"), default=timezone.now)

    objects = FormerResultQuerySet.as_manager()

    class Meta:
        verbose_name = _("former result of a track")
        verbose_name_plural = _("former results of the track")
        ordering = ["track", "id"]

    def __str__(self):
        return f"{self.dispute} {self.at:%Y-%m-%d}"
