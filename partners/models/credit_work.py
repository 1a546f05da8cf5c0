"""What people decide about credit files: appeals, and lists of candidates."""

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from governance.models import Area, User
from governance.workflow import FSMField, WorkflowModel
from partners.credit.querysets import AppealQuerySet, CandidateQuerySet, ListQuerySet
from partners.credit.workflow import (
    CandidateState,
    CandidateSteps,
    CreditAppealState,
    CreditAppealSteps,
    ListState,
    ListSteps,
)
from partners.models.credit import CreditComputation, CreditKey, CreditNote, CreditProfile
from partners.models.partner import Partner, PartnerKind


class CreditAppeal(CreditAppealSteps, WorkflowModel):
    """A partner appeals a fact that lowers its file (``note``), or a whole ``line`` of it. Its files are the documents.

    ``recorder``: who recorded the fact; somebody else decides (also a rule of the database). ``due_at``: by when.
    """

    LOCK_WITH = ("area", "partner__area", "partner__unit", "partner__person", "note__partner__area", "profile")

    partner = models.ForeignKey(Partner, models.PROTECT, related_name="credit_appeals", verbose_name=_("partner"))
    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name=_("community"))
    profile = models.ForeignKey(
        CreditProfile, models.PROTECT, null=True, blank=True, related_name="appeals", verbose_name=_("credit file")
    )
    note = models.ForeignKey(
        CreditNote, models.PROTECT, null=True, blank=True, related_name="appeals", verbose_name=_("fact")
    )
    line = models.CharField(_("credit item"), max_length=12, choices=CreditKey)
    grounds = models.CharField(_("grounds of the appeal"), max_length=1000)
    filed_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("appealed by"))
    filed_at = models.DateTimeField(_("appealed at"))
    due_at = models.DateTimeField(_("to be decided by"))
    recorder = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+",
                                 verbose_name=_("recorded by"))  # fmt: skip
    decided_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("decided by")
    )
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    state = FSMField(
        _("state"), max_length=10, choices=CreditAppealState, default=CreditAppealState.OPEN, protected=True
    )

    objects = AppealQuerySet.as_manager()

    class Meta:
        verbose_name = _("appeal against a credit file")
        verbose_name_plural = _("appeals against credit files")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="credit_appeal_about", condition=Q(note__isnull=False) | Q(profile__isnull=False)
            ),
            models.CheckConstraint(
                name="credit_appeal_decided",
                condition=Q(state__in=["upheld", "declined"], decided_by__isnull=False, decided_at__isnull=False)
                | Q(state__in=["open", "withdrawn"], decided_by__isnull=True),
            ),
            models.CheckConstraint(
                name="credit_appeal_other_person",
                condition=Q(decided_by__isnull=True) | Q(recorder__isnull=True) | ~Q(decided_by=F("recorder")),
            ),
            models.UniqueConstraint(
                fields=["note"], condition=Q(note__isnull=False, state="open"), name="credit_appeal_once_a_fact"
            ),
            models.UniqueConstraint(
                fields=["profile", "line"], condition=Q(note__isnull=True, state="open"),
                name="credit_appeal_once_a_line",
            ),
        ]  # fmt: skip
        indexes = [models.Index(fields=["area", "state"], name="credit_appeal_waiting")]

    def __str__(self):
        return f"{self.partner} · {self.get_line_display()}"


class CreditPurpose(models.TextChoices):
    OUTSTANDING = "outstanding", _("Outstanding partner of the year")
    POLICY = "policy", _("Policy recommendation")


class CreditList(ListSteps, WorkflowModel):
    """Candidates of an area at a date, with reasons; a person decides on each, then the list is published.

    ``levels``, ``kinds``, ``least_score``, ``least_points``, ``least_activities``: who was looked for; empty: anybody.
    """

    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name=_("area"))
    purpose = models.CharField(_("what for"), max_length=12, choices=CreditPurpose)
    title = models.CharField(_("title"), max_length=80)
    year = models.PositiveSmallIntegerField(_("year"))
    as_of = models.DateField(_("as of"))
    levels = ArrayField(models.CharField(max_length=10), verbose_name=_("levels"), default=list, blank=True)
    kinds = ArrayField(
        models.CharField(max_length=12, choices=PartnerKind), verbose_name=_("kinds"), default=list, blank=True
    )
    least_score = models.DecimalField(
        _("score at least"), max_digits=6, decimal_places=2, default=0, validators=[MinValueValidator(0)]
    )
    least_points = models.PositiveIntegerField(_("points at least"), default=0)
    least_activities = models.PositiveIntegerField(_("activities at least"), default=0)
    drawn_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("drawn up by"))
    drawn_at = models.DateTimeField(_("drawn up at"))
    published_at = models.DateTimeField(_("published at"), null=True, blank=True)
    state = FSMField(_("state"), max_length=10, choices=ListState, default=ListState.DECIDING, protected=True)

    objects = ListQuerySet.as_manager()

    class Meta:
        verbose_name = _("list of candidates")
        verbose_name_plural = _("lists of candidates")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="credit_list_published_at", condition=~Q(state="published") | Q(published_at__isnull=False)
            ),
            models.UniqueConstraint(
                fields=["area", "purpose", "year"], condition=~Q(state="withdrawn"), name="credit_list_once_a_year"
            ),
        ]

    def __str__(self):
        return self.title


class CreditCandidate(CandidateSteps, WorkflowModel):
    """A partner on a list with the file it was taken from; a person decides, with a reason.

    ``reasons``: why it was listed, as figures. ``added``: it did not meet what was looked for, a person put it there.
    """

    LOCK_WITH = ("area", "partner__area", "partner__unit", "partner__person", "of_list", "computation")

    of_list = models.ForeignKey(CreditList, models.PROTECT, related_name="candidates", verbose_name=_("list"))
    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name=_("community"))
    partner = models.ForeignKey(Partner, models.PROTECT, related_name="+", verbose_name=_("partner"))
    computation = models.ForeignKey(
        CreditComputation, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("computation")
    )
    reasons = models.JSONField(_("reasons"), default=list)
    added = models.BooleanField(_("put there by hand"), default=False)
    added_reason = models.CharField(_("why put there"), max_length=500, blank=True)
    decided_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("decided by")
    )
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    decision = models.CharField(_("reason of the decision"), max_length=500, blank=True)
    state = FSMField(_("state"), max_length=10, choices=CandidateState, default=CandidateState.PROPOSED, protected=True)

    objects = CandidateQuerySet.as_manager()

    class Meta:
        verbose_name = _("candidate")
        verbose_name_plural = _("candidates")
        ordering = ["of_list", "id"]
        constraints = [
            models.UniqueConstraint(fields=["of_list", "partner"], name="credit_candidate_once"),
            models.CheckConstraint(
                name="credit_candidate_decided_by_a_person",
                condition=Q(state="proposed", decided_by__isnull=True)
                | (
                    Q(state__in=["chosen", "not_chosen"], decided_by__isnull=False, decided_at__isnull=False)
                    & ~Q(decision="")
                ),
            ),
            models.CheckConstraint(
                name="credit_candidate_added_with_reason", condition=Q(added=False) | ~Q(added_reason="")
            ),
        ]

    def __str__(self):
        return f"{self.partner} · {self.of_list}"
