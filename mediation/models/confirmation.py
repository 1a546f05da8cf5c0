"""The judicial confirmation (司法确认) of an agreement, and what each party said of applying."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from governance.models import OrgUnit, User
from governance.workflow import FSMField, WorkflowModel
from mediation.confirmation.querysets import ConfirmationConsentQuerySet, ConfirmationQuerySet
from mediation.confirmation.states import ConfirmationState, CourtBasis, CourtGround, WishAnswer, WishHow
from mediation.confirmation.workflow import ConfirmationSteps
from mediation.models.agreement import Agreement
from mediation.models.authorisation import AgentAuthorisation
from mediation.models.dispute import Dispute
from mediation.models.party import Party


class JudicialConfirmation(ConfirmationSteps, WorkflowModel):
    """Made when an agreement takes effect. ``last_day``: until when both parties may apply, weekends and holidays
    counted as the Civil Procedure Law does (``days``), as known when it was computed.

    ``concerns_identity``, ``concerns_title``: what a person decided (None: not yet) where the type of the dispute is a
    sign that no court confirms it (民诉解释 355). ``applied_on``: the day the application was handed in or posted;
    ``late_reason``, ``proof``, ``proof_file``: where it was recorded after the last day, why, and what proves that day.
    ``withdrawn_by_court``: that the parties took it back was entered by the court's clerk, who may have been mistaken.
    """

    LOCK_WITH = ("agreement", "court", "dispute__area", "dispute__type", "dispute__mediator")

    dispute = models.ForeignKey(Dispute, models.PROTECT, related_name="confirmations", verbose_name=_("dispute"))
    agreement = models.OneToOneField(
        Agreement, models.PROTECT, related_name="confirmation", verbose_name=_("mediation agreement")
    )
    state = FSMField(
        _("state"), max_length=15, choices=ConfirmationState, default=ConfirmationState.ELIGIBLE, protected=True
    )
    last_day = models.DateField(_("last day to apply"))
    reminded_day = models.PositiveSmallIntegerField(_("reminded on day"), null=True, blank=True)
    concerns_identity = models.BooleanField(_("is about an identity relation"), null=True, blank=True)
    concerns_title = models.BooleanField(_("is about the title to property"), null=True, blank=True)
    court = models.ForeignKey(
        OrgUnit, models.PROTECT, null=True, blank=True, related_name="confirmations", verbose_name=_("court")
    )
    court_basis = models.CharField(_("why this court"), max_length=9, choices=CourtBasis, blank=True)
    court_reason = models.CharField(_("why the intermediate court"), max_length=300, blank=True)
    applied_on = models.DateField(_("applied on"), null=True, blank=True)
    applied_at = models.DateTimeField(_("application recorded at"), null=True, blank=True)
    late_reason = models.CharField(_("why recorded after the last day"), max_length=1000, blank=True)
    proof = models.CharField(_("number of the receipt or of the posting"), max_length=120, blank=True)
    proof_file = models.ForeignKey(
        "mediation.DisputeFile", models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("file that shows the day"),
    )  # fmt: skip
    received_on = models.DateField(_("received on"), null=True, blank=True)
    admitted_on = models.DateField(_("admitted on"), null=True, blank=True)
    decide_by = models.DateField(_("to be decided by"), null=True, blank=True)
    extended = models.BooleanField(_("term of the court extended"), default=False)
    decided_on = models.DateField(_("decided on"), null=True, blank=True)
    case_number = models.CharField(_("case number of the court"), max_length=60, blank=True)
    withdrawn_by_court = models.BooleanField(_("withdrawal entered by the court"), default=False, editable=False)
    ground = models.CharField(_("ground of the court"), max_length=5, choices=CourtGround, blank=True)
    enforcement_on = models.DateField(_("enforcement asked for on"), null=True, blank=True)
    enforcement_number = models.CharField(_("number of the enforcement"), max_length=60, blank=True)

    objects = ConfirmationQuerySet.as_manager()

    class Meta:
        verbose_name = _("judicial confirmation")
        verbose_name_plural = _("judicial confirmations")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="confirmation_applied_whole",
                condition=Q(state__in=["eligible", "not_wanted", "replaced"])
                | Q(court__isnull=False, applied_on__isnull=False),
            ),
            models.CheckConstraint(
                name="confirmation_applied_in_time",
                condition=Q(applied_on__isnull=True) | Q(applied_on__lte=models.F("last_day")),
            ),
            models.CheckConstraint(
                name="confirmation_admitted_whole",
                condition=~Q(state__in=["admitted", "valid"])
                | Q(received_on__isnull=False, admitted_on__isnull=False, decide_by__isnull=False),
            ),
            models.CheckConstraint(
                name="confirmation_valid_whole",
                condition=~Q(state="valid") | (Q(decided_on__isnull=False) & ~Q(case_number="")),
            ),
            models.CheckConstraint(
                name="confirmation_rejected_whole",
                condition=~Q(state="rejected") | (Q(decided_on__isnull=False) & ~Q(ground="")),
            ),
            models.CheckConstraint(
                name="confirmation_withdrawn_by_court", condition=Q(state="withdrawn") | Q(withdrawn_by_court=False)
            ),
        ]
        indexes = [
            models.Index(fields=["court", "state"], name="confirmation_court_state"),
            models.Index(fields=["last_day"], name="confirmation_last_day", condition=Q(state="eligible")),
        ]

    def __str__(self):
        return self.number

    @property
    def number(self) -> str:
        """What people call it here; the court gives it a number of its own."""
        return f"J{self.pk:06d}"

    @property
    def area_id(self) -> int:
        """Where it is: the area of the dispute, for events."""
        return self.dispute.area_id

    @property
    def late(self) -> bool:
        """Whether the last day is over and nobody has applied."""
        return self.state in ("eligible", "not_wanted") and timezone.localdate() > self.last_day


class ConfirmationConsent(models.Model):
    """What one party said of a joint application; the last word counts, earlier ones stay. ``said_on``: the day on
    which they said so; ``at``: when that was recorded."""

    dispute = models.ForeignKey(Dispute, models.PROTECT, related_name="+", verbose_name=_("dispute"))
    confirmation = models.ForeignKey(
        JudicialConfirmation, models.PROTECT, related_name="consents", verbose_name=_("judicial confirmation")
    )
    party = models.ForeignKey(
        Party, models.PROTECT, related_name="confirmation_consents", verbose_name=_("party to a dispute")
    )
    answer = models.CharField(_("what the party said"), max_length=7, choices=WishAnswer)
    how = models.CharField(_("how it was made sure of"), max_length=15, choices=WishHow)
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("recorded by"))
    said_on = models.DateField(_("said on"), default=timezone.localdate)
    authorisation = models.ForeignKey(
        AgentAuthorisation, models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("authorisation of the agent"),
    )  # fmt: skip
    at = models.DateTimeField(_("recorded at"), default=timezone.now)

    objects = ConfirmationConsentQuerySet.as_manager()

    class Meta:
        verbose_name = _("wish to have an agreement confirmed")
        verbose_name_plural = _("wishes to have agreements confirmed")
        ordering = ["confirmation", "id"]

    def __str__(self):
        return f"{self.confirmation} {self.get_answer_display()}"
