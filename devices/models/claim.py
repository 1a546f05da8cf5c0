"""Devices being put up: who stood where, and what was heard from there."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from devices.models.device import Device
from devices.querysets import ThroughDeviceQuerySet
from governance.models import User


class DeviceClaim(models.Model):
    """Somebody standing at a device that is to be put in service (``devices.claims``).

    ``longitude`` and ``latitude`` (WGS-84 degrees) is where the person stood, ``distance`` how far in metres that was
    from the registered place, ``accuracy`` what the phone said of its own error in metres. ``moved``: the registered
    place was corrected to it. A claim is open until the device is put in service (``completed_at``) or somebody claims
    it anew (``replaced_at``).
    """

    device = models.ForeignKey(Device, models.PROTECT, related_name="claims", verbose_name=_("device"))
    claimed_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("claimed by"))
    claimed_at = models.DateTimeField(_("claimed at"), default=timezone.now)
    longitude = models.FloatField(_("longitude"), validators=[MinValueValidator(-180), MaxValueValidator(180)])
    latitude = models.FloatField(_("latitude"), validators=[MinValueValidator(-90), MaxValueValidator(90)])
    accuracy = models.FloatField(_("accuracy (metres)"), null=True, blank=True)
    distance = models.FloatField(_("distance from the registered place (metres)"))
    moved = models.BooleanField(_("registered place was corrected"), default=False)
    completed_at = models.DateTimeField(_("put in service at"), null=True, blank=True)
    replaced_at = models.DateTimeField(_("claimed anew at"), null=True, blank=True)

    objects = ThroughDeviceQuerySet.as_manager()

    class Meta:
        verbose_name = _("claim of a device")
        verbose_name_plural = _("claims of devices")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["device"], condition=Q(completed_at=None, replaced_at=None), name="device_claim_open_once"
            ),
            models.CheckConstraint(name="device_claim_ends_once", condition=Q(completed_at=None) | Q(replaced_at=None)),
            models.CheckConstraint(
                name="device_claim_place", condition=Q(longitude__range=(-180, 180), latitude__range=(-90, 90))
            ),
        ]

    def __str__(self):
        return f"{self.device_id} {self.claimed_at:%Y-%m-%d %H:%M}"
