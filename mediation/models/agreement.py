"""The mediation agreement (调解协议), its clauses and its signatures."""

from datetime import date

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from governance.models import User
from governance.workflow import FSMField, WorkflowModel
from mediation.agreements.agreement_workflow import AgreementSteps
from mediation.agreements.querysets import AgreementQuerySet, OfAgreementQuerySet
from mediation.agreements.states import AgreementForm, AgreementState, SignatureHow, SignatureOf
from mediation.models.authorisation import AgentAuthorisation
from mediation.models.dispute import Dispute
from mediation.models.party import Party


class Agreement(AgreementSteps, WorkflowModel):
    """What the parties of a dispute agreed (人民调解法 28-31). ``subject``: the main facts and the matter in dispute as
    the paper states them; ``performance``: way and place of performance; ``made_on``: the day of the agreement.

    ``effective_on``: the day from which it binds: that of the committee's seal, or of an oral one.
    ``mediator_signed_at``, ``sealed_at``: when that was recorded; the day on which it was done is its signature's.
    ``replaced_by``: the newer agreement that took its place. ``mediator_turn``: whose signature as the mediator counts:
    it grows whenever that of a former mediator is void.
    """

    LOCK_WITH = ("dispute__area", "dispute__type", "dispute__mediator")

    dispute = models.ForeignKey(Dispute, models.PROTECT, related_name="agreements", verbose_name=_("dispute"))
    form = models.CharField(
        _("form of the agreement"), max_length=7, choices=AgreementForm, default=AgreementForm.WRITTEN
    )
    subject = models.TextField(_("main facts and matter in dispute"), max_length=5000)
    performance = models.TextField(_("way, place and term of performance"), max_length=2000, blank=True)
    made_on = models.DateField(_("day of the agreement"), default=timezone.localdate)
    state = FSMField(_("state"), max_length=18, choices=AgreementState, default=AgreementState.DRAFT, protected=True)
    drafted_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("drafted by"))
    drafted_at = models.DateTimeField(_("drafted at"), default=timezone.now)
    mediator_signed_at = models.DateTimeField(_("signature of the mediator recorded at"), null=True, blank=True)
    mediator_turn = models.PositiveSmallIntegerField(
        _("which signature of the mediator counts"), default=1, editable=False
    )  # fmt: skip
    sealed_at = models.DateTimeField(_("seal recorded at"), null=True, blank=True)
    sealed_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("sealed by")
    )
    effective_on = models.DateField(_("in effect from"), null=True, blank=True)
    replaced_by = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, editable=False, related_name="replaces",
        verbose_name=_("replaced by"),
    )  # fmt: skip

    objects = AgreementQuerySet.as_manager()

    class Meta:
        verbose_name = _("mediation agreement")
        verbose_name_plural = _("mediation agreements")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["dispute"], name="mediation_agreement_one_under_way",
                condition=Q(state__in=["draft", "signed_by_parties", "signed_by_mediator"]),
            ),
            models.CheckConstraint(
                name="mediation_agreement_effect_whole",
                condition=Q(
                    state__in=["effective", "replaced"], effective_on__isnull=False, mediator_signed_at__isnull=False
                )
                | (~Q(state__in=["effective", "replaced"]) & Q(effective_on__isnull=True)),
            ),
            models.UniqueConstraint(
                fields=["dispute"], name="mediation_agreement_one_in_effect", condition=Q(state="effective")
            ),
            models.CheckConstraint(
                name="mediation_agreement_replaced_whole",
                condition=Q(state="replaced", replaced_by__isnull=False)
                | (~Q(state="replaced") & Q(replaced_by__isnull=True)),
            ),
            models.CheckConstraint(
                name="mediation_agreement_sealed_whole",
                condition=~Q(state__in=["effective", "replaced"], form="written")
                | Q(sealed_at__isnull=False, sealed_by__isnull=False),
            ),
        ]  # fmt: skip
        indexes = [models.Index(fields=["state", "-id"], name="mediation_agreement_state")]

    def __str__(self):
        return self.number

    @property
    def number(self) -> str:
        """What stands on the paper; it says nothing of what was agreed."""
        return f"A{self.pk:06d}"

    @property
    def area_id(self) -> int:
        """Where it is: the area of the dispute, for events."""
        return self.dispute.area_id

    def standing_signatures(self) -> list["AgreementSignature"]:
        """Return the signatures and the seal that count: without those of former mediators, which are void."""
        return [row for row in self.signatures.all() if not row.void]


class AgreementClause(models.Model):
    """One clause; ``order`` counts from 1."""

    dispute = models.ForeignKey(Dispute, models.PROTECT, related_name="+", verbose_name=_("dispute"))
    agreement = models.ForeignKey(
        Agreement, models.CASCADE, related_name="clauses", verbose_name=_("mediation agreement")
    )
    order = models.PositiveSmallIntegerField(_("number"))
    text = models.TextField(_("clause"), max_length=2000)

    objects = OfAgreementQuerySet.as_manager()

    class Meta:
        verbose_name = _("clause of an agreement")
        verbose_name_plural = _("clauses of agreements")
        ordering = ["agreement", "order"]
        constraints = [models.UniqueConstraint(fields=["agreement", "order"], name="agreement_clause_order")]

    def __str__(self):
        return f"{self.agreement} {self.order}"


class AgreementSignature(models.Model):
    """Who signed, how, and who recorded it: one row per party, one of the mediator, one for the committee's seal.
    ``turn``: the mediator who was replaced before the seal signed in an earlier one, which is void and kept.

    ``authorisation``: the paper by which an agent signed. ``signed_on``: the day on which it was signed or sealed;
    ``at``: when that was recorded.
    """

    dispute = models.ForeignKey(Dispute, models.PROTECT, related_name="+", verbose_name=_("dispute"))
    agreement = models.ForeignKey(
        Agreement, models.PROTECT, related_name="signatures", verbose_name=_("mediation agreement")
    )
    of = models.CharField(_("who signed"), max_length=9, choices=SignatureOf)
    party = models.ForeignKey(
        Party, models.PROTECT, null=True, blank=True, related_name="signatures", verbose_name=_("party to a dispute")
    )
    how = models.CharField(_("how it was signed"), max_length=11, choices=SignatureHow)
    by_agent = models.BooleanField(_("signed by the agent"), default=False)
    authorisation = models.ForeignKey(
        AgentAuthorisation, models.PROTECT, null=True, blank=True, related_name="signatures",
        verbose_name=_("authorisation of an agent"),
    )  # fmt: skip
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("recorded by"))
    signed_on = models.DateField(_("signed on"), default=timezone.localdate)
    at = models.DateTimeField(_("recorded at"), default=timezone.now)
    turn = models.PositiveSmallIntegerField(_("which signature of the mediator it is"), default=1, editable=False)

    objects = OfAgreementQuerySet.as_manager()

    class Meta:
        verbose_name = _("signature of an agreement")
        verbose_name_plural = _("signatures of agreements")
        ordering = ["agreement", "id"]
        constraints = [
            models.CheckConstraint(
                name="agreement_signature_of_party",
                condition=Q(of="party", party__isnull=False) | (~Q(of="party") & Q(party__isnull=True)),
            ),
            models.UniqueConstraint(
                fields=["agreement", "party"], condition=Q(of="party"), name="agreement_signature_party_once"
            ),
            models.UniqueConstraint(
                fields=["agreement", "of", "turn"], condition=~Q(of="party"), name="agreement_signature_office_once"
            ),
        ]

    def __str__(self):
        return f"{self.agreement} {self.get_of_display()}"

    @property
    def void(self) -> bool:
        """Whether it counts no longer: of a mediator in whose place another one signs."""
        return self.of == SignatureOf.MEDIATOR and self.turn < self.agreement.mediator_turn

    @property
    def day(self) -> date:
        """The day on which it was signed or sealed, as it was put right: of the seal that of the effect, of another
        signature that of the last correction."""
        if self.of == SignatureOf.COMMITTEE and self.agreement.effective_on is not None:
            return self.agreement.effective_on
        put_right = list(self.days.all())
        return put_right[-1].on if put_right else self.signed_on


class SignatureDay(models.Model):
    """The true day of a signature whose day was typed in wrongly: the last row counts. Append-only; what was recorded
    first stays on the signature."""

    dispute = models.ForeignKey(Dispute, models.PROTECT, related_name="+", verbose_name=_("dispute"))
    signature = models.ForeignKey(
        AgreementSignature, models.PROTECT, related_name="days", verbose_name=_("signature of an agreement")
    )
    on = models.DateField(_("signed on"))
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("recorded by"))
    at = models.DateTimeField(_("recorded at"), default=timezone.now)

    objects = OfAgreementQuerySet.as_manager()

    class Meta:
        verbose_name = _("corrected day of a signature")
        verbose_name_plural = _("corrected days of signatures")
        ordering = ["signature", "id"]

    def __str__(self):
        return f"{self.signature} {self.on}"
