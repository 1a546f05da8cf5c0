"""Who read, exported or unmasked what of a dispute, and who broke the glass."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from governance.models import Role, User
from mediation.disputes.querysets import AccessQuerySet, OfDisputeQuerySet
from mediation.models.dispute import Dispute


class AccessKind(models.TextChoices):
    READ = "read", _("Looked at")
    UNMASKED = "unmasked", _("Unmasked")
    EXPORTED = "exported", _("Exported")
    BROKE_GLASS = "broke_glass", _("Broke the glass")


class DisputeAccess(models.Model):
    """One reading of a dispute (or of a paper of it). Append-only, by a trigger. ``what``: model label and key, or the
    fields that were unmasked; never what stood there. ``person`` None: a party by their link (``party``)."""

    dispute = models.ForeignKey(Dispute, models.PROTECT, related_name="accesses", verbose_name=_("dispute"))
    person = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("person")
    )  # fmt: skip
    party = models.ForeignKey(
        "mediation.Party", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("party to a dispute")
    )
    role = models.CharField(_("acted as"), max_length=20, choices=Role, blank=True)
    kind = models.CharField(_("kind"), max_length=11, choices=AccessKind)
    what = models.CharField(_("what was read"), max_length=120)
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    at = models.DateTimeField(_("at"), default=timezone.now)

    objects = AccessQuerySet.as_manager()

    class Meta:
        verbose_name = _("reading of a dispute")
        verbose_name_plural = _("readings of disputes")
        ordering = ["-id"]
        indexes = [models.Index(fields=["dispute", "-id"], name="dispute_access_of")]

    def __str__(self):
        return f"{self.get_kind_display()} {self.what}"


class BreakGlass(models.Model):
    """Somebody who otherwise may not reads one dispute for an hour, with a reason; those who work on it are told."""

    dispute = models.ForeignKey(Dispute, models.PROTECT, related_name="glasses", verbose_name=_("dispute"))
    person = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("person"))
    reason = models.CharField(_("reason"), max_length=500)
    opened_at = models.DateTimeField(_("glass broken at"), default=timezone.now)
    until = models.DateTimeField(_("until"))

    objects = OfDisputeQuerySet.as_manager()

    class Meta:
        verbose_name = _("broken glass")
        verbose_name_plural = _("broken glasses")
        ordering = ["-id"]
        indexes = [models.Index(fields=["person", "until"], name="break_glass_open")]

    def __str__(self):
        return f"{self.person} {self.opened_at:%Y-%m-%d %H:%M}"
