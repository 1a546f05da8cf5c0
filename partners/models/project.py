"""Projects (项目): the project, its tasks, budget and log, and who signed in to it."""

from decimal import Decimal

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from governance.models import Area, Booking, User, Venue
from governance.workflow import FSMField, WorkflowModel
from partners.models.earning import ServiceKind
from partners.models.need import Need, NeedCategory, NeedGroup
from partners.models.partner import PartnerKind, Profession, QualificationKind
from partners.models.project_evaluation import EvaluationForm, EvaluationGrade, Party
from partners.projects.querysets import OfProjectQuerySet, ProjectQuerySet
from partners.projects.workflow import ProjectState, ProjectSteps

# Bounds of a plan [J].
MOST_CLAIMS, MOST_QUANTITY, MOST_HANDS = 50, 1_000, 500
BEFORE_PUBLISHED = ("planned", "terminated")


class Clash(models.TextChoices):
    """What is done when a partner has something else at that time."""

    WARN = "warn", _("tell the manager")
    REFUSE = "refuse", _("refuse the claim")


class Project(ProjectSteps, WorkflowModel):
    """One project of a community, made of ``needs`` it meets, or of none.

    Which partners fit: of ``partner_kinds`` (none: all), with ``qualification`` in force, of ``profession``.
    ``exclusive``: one partner carries it out; otherwise up to ``most_claims``. Points: ``quantity`` by the rule of
    ``kind`` for each partner, times the share that the grade is worth; without ``kind`` none. ``help_kind``: the kind
    of service as which hours of helpers are reported. ``missing``: parties without an answer; the event says why.
    """

    LOCK_WITH = ("area", "kind", "help_kind", "qualification", "profession", "form", "grade")

    area = models.ForeignKey(Area, models.PROTECT, related_name="projects", verbose_name=_("community"))
    title = models.CharField(_("project"), max_length=80)
    about = models.TextField(_("more about it"), max_length=2000, blank=True)
    goals = models.TextField(_("goals"), max_length=1000, blank=True)
    category = models.ForeignKey(
        NeedCategory, models.PROTECT, null=True, blank=True, related_name="projects", verbose_name=_("category")
    )
    group = models.CharField(_("for whom"), max_length=10, choices=NeedGroup, default=NeedGroup.EVERYBODY)
    needs = models.ManyToManyField(Need, blank=True, related_name="projects", verbose_name=_("needs it meets"))
    place = models.CharField(_("place"), max_length=120, blank=True)
    starts_on = models.DateField(_("first day"))
    ends_on = models.DateField(_("last day"))
    partner_kinds = ArrayField(
        models.CharField(max_length=12, choices=PartnerKind), verbose_name=_("kinds of partners"), default=list,
        blank=True,
    )  # fmt: skip
    qualification = models.ForeignKey(
        QualificationKind, models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("qualification needed"),
    )  # fmt: skip
    profession = models.ForeignKey(
        Profession, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("profession")
    )
    clash = models.CharField(_("if a partner is busy then"), max_length=6, choices=Clash, default=Clash.WARN)
    exclusive = models.BooleanField(_("for one partner only"), default=True)
    most_claims = models.PositiveSmallIntegerField(
        _("partners at most"), default=1, validators=[MinValueValidator(1), MaxValueValidator(MOST_CLAIMS)]
    )
    kind = models.ForeignKey(
        ServiceKind, models.PROTECT, null=True, blank=True, related_name="projects", verbose_name=_("points by")
    )
    quantity = models.PositiveIntegerField(
        _("how often that tariff"), default=1, validators=[MinValueValidator(1), MaxValueValidator(MOST_QUANTITY)]
    )
    help_kind = models.ForeignKey(
        ServiceKind, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("hours of helpers as")
    )
    state = FSMField(_("state"), max_length=12, choices=ProjectState, default=ProjectState.PLANNED, protected=True)
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("planned by"))
    made_at = models.DateTimeField(_("made at"), default=timezone.now, editable=False)
    published_at = models.DateTimeField(_("published at"), null=True, blank=True)
    claim_from = models.DateTimeField(_("claims from"), null=True, blank=True)
    claim_until = models.DateTimeField(_("claims until"), null=True, blank=True)
    awarded_at = models.DateTimeField(_("awarded at"), null=True, blank=True)
    begun_at = models.DateTimeField(_("begun at"), null=True, blank=True)
    delivered_at = models.DateTimeField(_("delivered at"), null=True, blank=True)
    evaluated_at = models.DateTimeField(_("evaluated at"), null=True, blank=True)
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)
    form = models.ForeignKey(
        EvaluationForm, models.PROTECT, null=True, blank=True, related_name="projects",
        verbose_name=_("evaluation form"),
    )  # fmt: skip
    score = models.DecimalField(_("result"), max_digits=5, decimal_places=2, null=True, blank=True)
    grade = models.ForeignKey(
        EvaluationGrade, models.PROTECT, null=True, blank=True, related_name="projects", verbose_name=_("grade")
    )
    missing = ArrayField(
        models.CharField(max_length=10, choices=Party), verbose_name=_("parties missing"), default=list, blank=True
    )

    objects = ProjectQuerySet.as_manager()

    class Meta:
        verbose_name = _("project")
        verbose_name_plural = _("projects")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(name="project_days_in_order", condition=Q(ends_on__gte=F("starts_on"))),
            models.CheckConstraint(
                name="project_claims_bounded",
                condition=Q(most_claims__gte=1, most_claims__lte=MOST_CLAIMS)
                & (Q(exclusive=False) | Q(most_claims=1)),
            ),
            models.CheckConstraint(name="project_quantity", condition=Q(quantity__gte=1)),
            models.CheckConstraint(
                name="project_published_whole",
                condition=Q(state__in=BEFORE_PUBLISHED)
                | Q(published_at__isnull=False, claim_from__isnull=False, claim_until__isnull=False),
            ),
            models.CheckConstraint(
                name="project_claims_in_order",
                condition=Q(claim_until__isnull=True) | Q(claim_until__gt=F("claim_from")),
            ),
            models.CheckConstraint(
                name="project_evaluated_whole",
                condition=~Q(state__in=["evaluated", "closed"])
                | Q(score__gte=0, score__lte=100, grade__isnull=False, form__isnull=False, evaluated_at__isnull=False),
            ),
            models.CheckConstraint(
                name="project_closed_at", condition=Q(state="closed", closed_at__isnull=False)
                | (~Q(state="closed") & Q(closed_at__isnull=True)),
            ),
        ]  # fmt: skip
        indexes = [models.Index(fields=["area", "state"], name="project_area_state")]

    def __str__(self):
        return self.title

    @property
    def number(self) -> str:
        """What people call the project."""
        return f"XM{self.pk:06d}"

    @property
    def days_text(self) -> str:
        """From and to."""
        return f"{self.starts_on:%Y-%m-%d} – {self.ends_on:%Y-%m-%d}"


class ProjectTask(models.Model):
    """What is to be done in a project: what, when, where, by how many hands; ``booking`` holds its venue."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="tasks", verbose_name=_("project"))
    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name=_("community"))
    title = models.CharField(_("task"), max_length=80)
    starts_at = models.DateTimeField(_("begins"), null=True, blank=True)
    ends_at = models.DateTimeField(_("ends"), null=True, blank=True)
    place = models.CharField(_("where"), max_length=120, blank=True)
    venue = models.ForeignKey(
        Venue, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("venue")
    )  # fmt: skip
    booking = models.OneToOneField(
        Booking, models.PROTECT, null=True, blank=True, related_name="project_task", verbose_name=_("booking")
    )
    hands = models.PositiveSmallIntegerField(
        _("hands needed"), default=1, validators=[MinValueValidator(1), MaxValueValidator(MOST_HANDS)]
    )
    claim = models.ForeignKey(
        "partners.Claim", models.PROTECT, null=True, blank=True, related_name="tasks", verbose_name=_("done by")
    )
    done_at = models.DateTimeField(_("done at"), null=True, blank=True)

    objects = OfProjectQuerySet.as_manager()

    class Meta:
        verbose_name = _("task of a project")
        verbose_name_plural = _("tasks of projects")
        ordering = ["project", F("starts_at").asc(nulls_last=True), "id"]
        constraints = [
            models.CheckConstraint(
                name="project_task_times",
                condition=Q(starts_at__isnull=True, ends_at__isnull=True)
                | Q(starts_at__isnull=False, ends_at__gt=F("starts_at")),
            ),
            models.CheckConstraint(
                name="project_task_venue_has_times", condition=Q(venue__isnull=True) | Q(starts_at__isnull=False)
            ),
        ]

    def __str__(self):
        return self.title

    @property
    def place_text(self) -> str:
        """Where it is, in words; empty while nobody has said."""
        return self.venue.name if self.venue is not None else self.place


class BudgetSort(models.TextChoices):
    PLANNED = "planned", _("planned")
    ACTUAL = "actual", _("actual cost")


class BudgetLine(models.Model):
    """One line of the budget (yuan), or one actual cost with its documents as attachments. No money is moved here."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="lines", verbose_name=_("project"))
    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name=_("community"))
    sort = models.CharField(_("planned or actual"), max_length=8, choices=BudgetSort)
    title = models.CharField(_("what for"), max_length=80)
    amount = models.DecimalField(
        _("amount (yuan)"), max_digits=10, decimal_places=2, validators=[MinValueValidator(Decimal("0.01"))]
    )
    day = models.DateField(_("day"), default=timezone.localdate)
    written_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("written down by"))

    objects = OfProjectQuerySet.as_manager()

    class Meta:
        verbose_name = _("budget line")
        verbose_name_plural = _("budget lines")
        ordering = ["project", "sort", "id"]
        constraints = [models.CheckConstraint(name="budget_line_amount", condition=Q(amount__gt=0))]

    def __str__(self):
        return f"{self.title} {self.amount}"


class ProjectLog(models.Model):
    """What was done, by the partner or the staff; photos are its attachments. ``open``: stands on the public page."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="log", verbose_name=_("project"))
    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name=_("community"))
    claim = models.ForeignKey(
        "partners.Claim", models.PROTECT, null=True, blank=True, related_name="log", verbose_name=_("claim")
    )
    text = models.CharField(_("what was done"), max_length=1000)
    open = models.BooleanField(
        _("on the public page"), default=False, help_text=_("Nobody may be recognised on the photos.")
    )
    written_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("written down by"))
    at = models.DateTimeField(_("when"), default=timezone.now)

    objects = OfProjectQuerySet.as_manager()

    class Meta:
        verbose_name = _("entry in the log of a project")
        verbose_name_plural = _("log of projects")
        ordering = ["-at", "-id"]

    def __str__(self):
        return f"{timezone.localtime(self.at):%Y-%m-%d %H:%M}"


class ProjectAttendance(models.Model):
    """Somebody signed in to a project on a day: a helper of ``claim``, or a participant. Read by staff and itself."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="attendance", verbose_name=_("project"))
    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name=_("community"))
    person = models.ForeignKey(User, models.PROTECT, related_name="project_attendance", verbose_name=_("person"))
    claim = models.ForeignKey(
        "partners.Claim", models.PROTECT, null=True, blank=True, related_name="helpers", verbose_name=_("helps")
    )
    day = models.DateField(_("day"))
    signed_in_at = models.DateTimeField(_("signed in at"))
    signed_out_at = models.DateTimeField(_("signed out at"), null=True, blank=True)
    record = models.OneToOneField(
        "partners.ServiceRecord", models.PROTECT, null=True, blank=True, related_name="project_attendance",
        verbose_name=_("record of a service"),
    )  # fmt: skip

    objects = OfProjectQuerySet.as_manager()

    class Meta:
        verbose_name = _("attendance at a project")
        verbose_name_plural = _("attendance at projects")
        ordering = ["-signed_in_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["project", "person", "day"], name="project_attendance_once_a_day"),
            models.CheckConstraint(
                name="project_attendance_times",
                condition=Q(signed_out_at__isnull=True) | Q(signed_out_at__gt=F("signed_in_at")),
            ),
        ]

    def __str__(self):
        return str(self.pk)
