"""Follow-up visits (回访) after an agreement, and the referral of a party to counselling (心理疏导)."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from governance.models import User
from governance.workflow import FSMField, WorkflowModel
from mediation.followup.counselling_workflow import CounsellingSteps
from mediation.followup.querysets import CounsellingQuerySet, VisitQuerySet
from mediation.followup.states import CounsellingState, VisitKind, VisitPerformed, VisitState, VisitWay
from mediation.followup.visit_workflow import VisitSteps
from mediation.models.agreement import Agreement
from mediation.models.dispute import Dispute
from mediation.models.obligation import Obligation
from mediation.models.party import Party

RATING = [MinValueValidator(1), MaxValueValidator(5)]


class FollowUpVisit(VisitSteps, WorkflowModel):
    """A visit after an agreement: made by itself, logged by whoever carries the dispute on.

    ``due_on``: the day it is to be made; ``grace_until``: the last day before it is overdue. ``satisfaction``: 1 (not
    at all) to 5, None where they did not say. ``relapse``: the dispute broke out again. ``confirmation_wanted``: asked
    at the first visit only, while there is time. ``attempts``: how often nobody was reached. ``logged_at``: when it was
    written down that it was made or refused; for some days after it may be corrected. ``urged_at``: when a superior
    last urged it, while it was overdue.
    """

    LOCK_WITH = ("agreement", "obligation", "dispute__area", "dispute__type", "dispute__mediator")

    dispute = models.ForeignKey(Dispute, models.PROTECT, related_name="visits", verbose_name=_("dispute"))
    agreement = models.ForeignKey(
        Agreement, models.PROTECT, related_name="visits", verbose_name=_("mediation agreement")
    )
    obligation = models.OneToOneField(
        Obligation, models.PROTECT, null=True, blank=True, related_name="visit",
        verbose_name=_("obligation of an agreement"),
    )  # fmt: skip
    kind = models.CharField(_("kind of the visit"), max_length=10, choices=VisitKind)
    due_on = models.DateField(_("to be visited on"))
    grace_until = models.DateField(_("at the latest on"))
    state = FSMField(_("state"), max_length=11, choices=VisitState, default=VisitState.PLANNED, protected=True)
    visited_on = models.DateField(_("visited on"), null=True, blank=True)
    visited_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("visited by")
    )
    logged_at = models.DateTimeField(_("logged at"), null=True, blank=True, editable=False)
    way = models.CharField(_("how they were visited"), max_length=6, choices=VisitWay, blank=True)
    performed = models.CharField(_("performance found"), max_length=6, choices=VisitPerformed, blank=True)
    satisfaction = models.PositiveSmallIntegerField(_("satisfaction (1-5)"), null=True, blank=True, validators=RATING)
    relapse = models.BooleanField(_("broke out again"), null=True, blank=True)
    confirmation_wanted = models.BooleanField(_("judicial confirmation wanted"), null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(_("attempts in vain"), default=0)
    urged_at = models.DateTimeField(_("urged by the superior at"), null=True, blank=True, editable=False)

    objects = VisitQuerySet.as_manager()

    class Meta:
        verbose_name = _("follow-up visit")
        verbose_name_plural = _("follow-up visits")
        ordering = ["due_on", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["agreement", "kind"], condition=Q(obligation__isnull=True), name="visit_once_of_a_kind"
            ),
            models.CheckConstraint(
                name="visit_of_obligation",
                condition=Q(kind="obligation", obligation__isnull=False)
                | (~Q(kind="obligation") & Q(obligation__isnull=True)),
            ),
            models.CheckConstraint(
                name="visit_done_whole",
                condition=(
                    Q(state="done", visited_on__isnull=False, visited_by__isnull=False, relapse__isnull=False)
                    & ~Q(performed="") & ~Q(way="")
                ) | (~Q(state="done") & Q(performed="", satisfaction__isnull=True, relapse__isnull=True)),
            ),
            models.CheckConstraint(
                name="visit_satisfaction", condition=Q(satisfaction__isnull=True) | Q(satisfaction__range=(1, 5))
            ),
            models.CheckConstraint(
                name="visit_asks_once", condition=Q(confirmation_wanted__isnull=True) | Q(kind="week", state="done")
            ),
            models.CheckConstraint(name="visit_grace", condition=Q(grace_until__gte=models.F("due_on"))),
        ]  # fmt: skip
        indexes = [models.Index(fields=["state", "due_on"], name="visit_state_due")]

    def __str__(self):
        return self.number

    @property
    def number(self) -> str:
        """What people call it; it says nothing of the dispute."""
        return f"V{self.pk:06d}"

    @property
    def area_id(self) -> int:
        """Where it is: the area of the dispute, for events."""
        return self.dispute.area_id

    @property
    def was_urged_today(self) -> bool:
        """Whether a superior urged it on this day."""
        return self.urged_at is not None and timezone.localdate(self.urged_at) == timezone.localdate()


class CounsellingReferral(CounsellingSteps, WorkflowModel):
    """A party is offered counselling. Dates only: why, and what was said, is nowhere kept (domain/mediation.md)."""

    LOCK_WITH = ("party", "dispute__area", "dispute__type", "dispute__mediator")

    dispute = models.ForeignKey(Dispute, models.PROTECT, related_name="referrals", verbose_name=_("dispute"))
    party = models.ForeignKey(Party, models.PROTECT, related_name="referrals", verbose_name=_("party to a dispute"))
    counsellor = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="counselled", verbose_name=_("counsellor")
    )
    state = FSMField(
        _("state"), max_length=9, choices=CounsellingState, default=CounsellingState.OFFERED, protected=True
    )
    offered_on = models.DateField(_("offered on"), default=timezone.localdate)
    offered_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("offered by"))
    consented_on = models.DateField(_("consented on"), null=True, blank=True)
    referred_on = models.DateField(_("referred on"), null=True, blank=True)
    attended_on = models.DateField(_("attended on"), null=True, blank=True)
    attendance_recorded_on = models.DateField(_("attendance recorded on"), null=True, blank=True, editable=False)
    declined_on = models.DateField(_("declined on"), null=True, blank=True)
    withdrawn_on = models.DateField(_("taken back on"), null=True, blank=True)

    objects = CounsellingQuerySet.as_manager()

    class Meta:
        verbose_name = _("referral to counselling")
        verbose_name_plural = _("referrals to counselling")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["party"], name="counselling_one_under_way",
                condition=Q(state__in=["offered", "consented", "referred"]),
            ),
            models.CheckConstraint(
                name="counselling_only_with_consent",
                condition=~Q(state__in=["consented", "referred", "attended"]) | Q(consented_on__isnull=False),
            ),
            models.CheckConstraint(
                name="counselling_referred_whole",
                condition=~Q(state__in=["referred", "attended"])
                | Q(counsellor__isnull=False, referred_on__isnull=False),
            ),
            models.CheckConstraint(
                name="counselling_ends",
                condition=(~Q(state="attended") | Q(attended_on__isnull=False))
                & (~Q(state="declined") | Q(declined_on__isnull=False)),
            ),
        ]  # fmt: skip
        indexes = [models.Index(fields=["counsellor", "state"], name="counselling_of_counsellor")]

    def __str__(self):
        return self.number

    @property
    def number(self) -> str:
        """What people call it; it names nobody."""
        return f"C{self.pk:06d}"

    @property
    def area_id(self) -> int:
        """Where it is: the area of the dispute, for events."""
        return self.dispute.area_id
