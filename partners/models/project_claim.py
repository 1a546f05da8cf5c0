"""Claims of projects by partners, and what each was worth."""

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from governance.models import Area, User
from governance.workflow import FSMField, WorkflowModel
from partners.models.partner import Partner
from partners.models.project import Project
from partners.projects.querysets import LIVE_CLAIMS, ClaimQuerySet, OfProjectQuerySet
from partners.projects.workflow import ClaimState, ClaimSteps

MOST_PEOPLE, MOST_SERVED, MOST_SESSIONS = 1_000, 100_000, 1_000


class Claim(ClaimSteps, WorkflowModel):
    """A partner asks for a project with a ``plan`` and so many ``people``; once awarded it carries the project out.

    ``exclusive`` is the project's, kept here so that the database itself refuses a second award. ``busy``: how much the
    partner had in its calendar when it claimed. ``report``, ``served``, ``sessions`` are told by the partner.
    """

    LOCK_WITH = ("area", "project__area", "partner__area", "partner__person", "partner__unit", "partner__account")

    project = models.ForeignKey(Project, models.PROTECT, related_name="claims", verbose_name=_("project"))
    partner = models.ForeignKey(Partner, models.PROTECT, related_name="claims", verbose_name=_("partner"))
    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name=_("community"))
    exclusive = models.BooleanField(editable=False)
    plan = models.TextField(_("how the partner would do it"), max_length=2000)
    people = models.PositiveIntegerField(
        _("people it brings"), default=1, validators=[MaxValueValidator(MOST_PEOPLE)]
    )  # fmt: skip
    busy = models.PositiveSmallIntegerField(_("other dates at that time"), default=0, editable=False)
    claimed_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("claimed by"))
    state = FSMField(_("state"), max_length=12, choices=ClaimState, default=ClaimState.SUBMITTED, protected=True)
    submitted_at = models.DateTimeField(_("claimed at"), default=timezone.now)
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    delivered_at = models.DateTimeField(_("delivered at"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended early at"), null=True, blank=True)
    report = models.TextField(_("report"), max_length=4000, blank=True)
    served = models.PositiveIntegerField(_("people served"), default=0, validators=[MaxValueValidator(MOST_SERVED)])
    sessions = models.PositiveIntegerField(
        _("times it was held"), default=0, validators=[MaxValueValidator(MOST_SESSIONS)]
    )  # fmt: skip

    objects = ClaimQuerySet.as_manager()

    class Meta:
        verbose_name = _("claim of a project")
        verbose_name_plural = _("claims of projects")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["project"], condition=Q(exclusive=True, state__in=["awarded", "delivered"]),
                name="claim_awarded_to_one",
            ),
            models.UniqueConstraint(
                fields=["project", "partner"], condition=Q(state__in=LIVE_CLAIMS), name="claim_once_a_partner"
            ),
            models.CheckConstraint(
                name="claim_delivered_whole",
                condition=~Q(state="delivered") | (Q(delivered_at__isnull=False) & ~Q(report="")),
            ),
        ]  # fmt: skip
        indexes = [models.Index(fields=["partner", "state"], name="claim_of_partner")]

    def __str__(self):
        return f"{self.number} {self.partner}"

    @property
    def number(self) -> str:
        """How people call the claim."""
        return f"RL{self.pk:06d}"

    @property
    def late(self) -> bool:
        """Whether it was delivered after the project's last day."""
        return self.delivered_at is not None and timezone.localdate(self.delivered_at) > self.project.ends_on


class ProjectOutcome(models.Model):
    """What a claim was worth when its project was closed: the evidence for its points. A closing that is undone leaves
    its row, taken back; at most one of a claim stands."""

    claim = models.ForeignKey(Claim, models.PROTECT, related_name="outcomes", verbose_name=_("claim"))
    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name=_("community"))
    score = models.DecimalField(_("result"), max_digits=5, decimal_places=2)
    share = models.PositiveSmallIntegerField(_("share of the tariff (%)"), validators=[MaxValueValidator(100)])
    points = models.PositiveIntegerField(_("points"), default=0)
    at = models.DateTimeField(_("closed at"), default=timezone.now)
    taken_back_at = models.DateTimeField(_("taken back at"), null=True, blank=True)

    objects = OfProjectQuerySet.as_manager()

    class Meta:
        verbose_name = _("outcome of a project")
        verbose_name_plural = _("outcomes of projects")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["claim"], condition=Q(taken_back_at__isnull=True), name="outcome_once"),
            models.CheckConstraint(name="outcome_share", condition=Q(share__lte=100)),
        ]

    def __str__(self):
        return f"{self.score} {self.share}%"
