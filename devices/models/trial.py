"""What drafts of device profiles would have done to past readings, kept as rows."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from devices.models.profile import DeviceProfile
from devices.querysets import ProfilePartQuerySet
from governance.models import User


class ProfileTrial(models.Model):
    """A dry run of a draft over the readings of ``days`` before ``run_at`` (``devices.profile_trials``).

    ``digest`` stands for the rules that were tried. Read were ``readings`` of ``devices``; ``cut``: there were more.
    ``were`` alarms under the rules in force would be ``would`` under the draft's. ``confirmed``: occurrences whose case
    people handled and closed; the draft would not have raised ``lost`` of them. ``by_type``: the same four figures by
    alarm type, in this order. ``lost_alarms``: ids of some of the lost occurrences.
    """

    profile = models.ForeignKey(DeviceProfile, models.CASCADE, related_name="trials", verbose_name=_("device profile"))
    digest = models.CharField(max_length=64)
    days = models.PositiveSmallIntegerField(_("days"))
    devices = models.PositiveIntegerField(_("devices"))
    readings = models.PositiveIntegerField(_("readings"))
    cut = models.BooleanField(_("more than were looked at"), default=False)
    were = models.PositiveIntegerField(_("alarms under the rules in force"))
    would = models.PositiveIntegerField(_("alarms under the draft"))
    confirmed = models.PositiveIntegerField(_("confirmed by people"))
    lost = models.PositiveIntegerField(_("of them lost"))
    by_type = models.JSONField(_("by alarm type"), default=dict)
    lost_alarms = models.JSONField(_("lost occurrences"), default=list)
    run_at = models.DateTimeField(_("tried at"))
    run_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("tried by"))

    objects = ProfilePartQuerySet.as_manager()

    class Meta:
        verbose_name = _("trial of a profile")
        verbose_name_plural = _("trials of a profile")
        ordering = ["-id"]

    def __str__(self):
        return f"{self.profile} {self.run_at:%Y-%m-%d %H:%M}"
