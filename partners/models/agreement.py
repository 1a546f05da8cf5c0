"""What a community asks of its partners: the text of the agreement, who signed it, and the page that recruits."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from governance.models import Area, User
from governance.workflow import FSMField, WorkflowModel
from partners.models.partner import Partner
from partners.recruiting.papers_workflow import AgreementState, PartnerAgreementSteps
from partners.recruiting.querysets import CodeQuerySet, PartnerAgreementQuerySet, RecruitmentQuerySet


class AgreementTerms(models.Model):
    """One version of the text partners agree to (``code`` names it: terms-2026); not changed once it was signed."""

    code = models.SlugField(_("code"), max_length=30, unique=True)
    title = models.CharField(_("title"), max_length=80)
    text = models.TextField(_("text"), max_length=8000)
    valid_from = models.DateField(_("from"))
    is_active = models.BooleanField(_("in use"), default=True)

    objects = CodeQuerySet.as_manager()

    class Meta:
        verbose_name = _("text of the partnership agreement")
        verbose_name_plural = _("texts of the partnership agreement")
        ordering = ["-valid_from", "code"]

    def __str__(self):
        return f"{self.title} ({self.code})"

    def natural_key(self):
        return (self.code,)


class Recruitment(models.Model):
    """A community's page on which partners are looked for; without one, or while it is not open, nobody applies."""

    area = models.OneToOneField(Area, models.PROTECT, related_name="recruitment", verbose_name=_("community"))
    is_open = models.BooleanField(_("applications are taken"), default=True)
    intro = models.TextField(_("what is looked for"), max_length=2000, blank=True)
    terms = models.ForeignKey(
        AgreementTerms, models.PROTECT, related_name="recruitments", verbose_name=_("text of the partnership agreement")
    )

    objects = RecruitmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("recruitment page")
        verbose_name_plural = _("recruitment pages")
        ordering = ["area__code"]

    def __str__(self):
        return str(self.area)


class PartnerAgreement(PartnerAgreementSteps, WorkflowModel):
    """An agreement of a partner with the community on one version of the terms, from one day to another.

    Each side signs once, with name and moment; it holds when both have. At most one at a time is open to be signed.
    """

    LOCK_WITH = ("area", "partner__area", "terms")

    partner = models.ForeignKey(Partner, models.PROTECT, related_name="agreements", verbose_name=_("partner"))
    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name=_("community"))
    terms = models.ForeignKey(
        AgreementTerms, models.PROTECT, related_name="agreements", verbose_name=_("text of the partnership agreement")
    )
    valid_from = models.DateField(_("from"))
    valid_to = models.DateField(_("to"), null=True, blank=True)
    state = FSMField(_("state"), max_length=12, choices=AgreementState, default=AgreementState.OPEN, protected=True)
    partner_signer = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("signed for the partner")
    )
    partner_signed_at = models.DateTimeField(_("signed for the partner at"), null=True, blank=True)
    signer = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("signed for the community")
    )
    signed_at = models.DateTimeField(_("signed for the community at"), null=True, blank=True)
    made_at = models.DateTimeField(_("made at"), default=timezone.now, editable=False)

    objects = PartnerAgreementQuerySet.as_manager()

    class Meta:
        verbose_name = _("partnership agreement")
        verbose_name_plural = _("partnership agreements")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="partner_agreement_days_in_order",
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
            ),
            models.CheckConstraint(
                name="partner_agreement_signed_by_both",
                condition=~Q(state="signed")
                | Q(
                    partner_signer__isnull=False, partner_signed_at__isnull=False, signer__isnull=False,
                    signed_at__isnull=False,
                ),
            ),
            models.CheckConstraint(
                name="partner_agreement_signed_by_two",
                condition=Q(partner_signer__isnull=True) | Q(signer__isnull=True) | ~Q(partner_signer=F("signer")),
            ),
            models.UniqueConstraint(
                fields=["partner"], condition=Q(state="open"), name="partner_agreement_open_once"
            ),
        ]  # fmt: skip

    def __str__(self):
        return f"{self.partner} {self.valid_from}"

    @property
    def number(self) -> str:
        """What stands on the document."""
        return f"{self.area.code}-{self.made_at:%Y}-{self.pk}"
