"""What a client of Open311 sent beside the case itself: personal data in a row of its own, where it can be erased."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from cases.intake.querysets import OpenRequestQuerySet
from cases.models.case import Case
from cases.models.source import IntakeSource


class OpenRequest(models.Model):
    """A request of Open311: who sent it (as the client says), and a link to media, which nobody fetches.

    Nothing of it is ever published; name and telephone that are one of ours are the case's ``CaseReporter``.
    """

    case = models.OneToOneField(Case, models.CASCADE, related_name="open311", verbose_name=_("case"))
    source = models.ForeignKey(IntakeSource, models.PROTECT, related_name="+", verbose_name=_("source"))
    email = models.CharField(_("e-mail"), max_length=254, blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    device = models.CharField(_("device of the reporter"), max_length=120, blank=True)
    account = models.CharField(_("account at the client"), max_length=120, blank=True)
    media_url = models.CharField(_("link to media"), max_length=500, blank=True)

    objects = OpenRequestQuerySet.as_manager()

    class Meta:
        verbose_name = _("Open311 request")
        verbose_name_plural = _("Open311 requests")
        ordering = ["-id"]

    def __str__(self):
        return str(self.case_id)
