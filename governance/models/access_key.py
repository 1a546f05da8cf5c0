"""Keys with which machines sign in: devices, gateways, the systems of departments."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class AccessKey(models.Model):
    """Base of keys. Only the SHA-256 is kept; that is safe, since keys are 256 random bits that nobody can guess.

    ``prefix`` lets people tell keys apart. Old and new overlap during a rotation: the old one gets an ``expires_at``.
    A subclass says whose key it is (``owner``) and whether its dates are in order (``dates_in_order``).
    """

    prefix = models.CharField(_("begins with"), max_length=12)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    valid_from = models.DateTimeField(_("valid from"), default=timezone.now)
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)

    class Meta:
        abstract = True

    def __str__(self):
        return f"{self.prefix}…"


def dates_in_order(name: str) -> models.CheckConstraint:
    """Return the constraint that a key does not expire before it begins."""
    return models.CheckConstraint(name=name, condition=Q(expires_at__isnull=True) | Q(expires_at__gte=F("valid_from")))


def in_force(at=None) -> Q:
    """Return the filter of the keys accepted at ``at`` (default now)."""
    at = at or timezone.now()
    return (Q(expires_at__isnull=True) | Q(expires_at__gt=at)) & Q(valid_from__lte=at, revoked_at=None)
