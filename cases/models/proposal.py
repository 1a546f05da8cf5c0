"""What the hub proposes where a person must decide."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases.models.case import Case
from cases.models.catalogue import CaseCategory, FilingStandard, LimitUnit
from governance.models import OrgUnit


class ProposalMethod(models.TextChoices):
    STANDARD = "standard", _("By filing standard")
    CLASSIFIER = "classifier", _("By the text")
    HISTORY = "history", _("By how such cases went")


class DispatchProposal(models.Model):
    """One suggestion to whoever decides about a case, best ``rank`` first; written anew whenever it comes to review.

    For dispatchers ``unit``, limit and ``parts`` (``{"assisting": [unit codes], "supervising": [...]}``) are what
    accepting does. For registrars, before a case is filed, only ``category`` (and the ``standard``, where the category
    has exactly one) is proposed. ``confidence`` is 0 to 1, None where there is no figure to stand for it.
    ``model_version`` names the text model that spoke.
    """

    case = models.ForeignKey(Case, models.CASCADE, related_name="proposals", verbose_name=_("case"))
    rank = models.PositiveSmallIntegerField(_("rank"))
    method = models.CharField(_("how"), max_length=10, choices=ProposalMethod)
    unit = models.ForeignKey(
        OrgUnit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("lead unit")
    )
    category = models.ForeignKey(
        CaseCategory, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("category")
    )
    standard = models.ForeignKey(
        FilingStandard, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("filing standard")
    )
    parts = models.JSONField(_("other units"), default=dict, blank=True)
    limit_amount = models.DecimalField(_("limit"), max_digits=6, decimal_places=2, null=True, blank=True)
    limit_unit = models.CharField(_("limit counted in"), max_length=12, choices=LimitUnit, blank=True)
    confidence = models.DecimalField(_("confidence"), max_digits=4, decimal_places=3, null=True, blank=True)
    reason = models.CharField(_("why"), max_length=500)
    model_version = models.CharField(_("model version"), max_length=60, blank=True)
    made_at = models.DateTimeField(_("proposed at"), default=timezone.now)

    class Meta:
        verbose_name = _("proposal")
        verbose_name_plural = _("proposals")
        ordering = ["case", "rank"]
        constraints = [
            models.UniqueConstraint(fields=["case", "rank"], name="proposal_rank_once"),
            models.CheckConstraint(
                name="proposal_says_something",
                condition=Q(unit__isnull=False, limit_amount__gt=0) | Q(unit__isnull=True, category__isnull=False),
            ),
            models.CheckConstraint(
                name="proposal_confidence_share", condition=Q(confidence__isnull=True) | Q(confidence__range=(0, 1))
            ),
        ]

    def __str__(self):
        return f"{self.case} {self.rank}. {self.unit or self.category}"
