"""Evaluation by three parties: forms with items, weights and grades as dated data; who was asked and what they said."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from governance.models import Area, OrgUnit, User
from governance.workflow import FSMField, WorkflowModel
from partners.projects.querysets import (
    EvaluationFormQuerySet,
    EvaluationQuerySet,
    OfFormQuerySet,
    OfProjectQuerySet,
)
from partners.projects.workflow import EvaluationState, EvaluationSteps


class Party(models.TextChoices):
    RESIDENTS = "residents", _("Residents' representatives")
    STAFF = "staff", _("Staff of the community")
    THIRD = "third", _("Third party")


class Scale(models.TextChoices):
    FIVE = "five", _("1 to 5")
    HUNDRED = "hundred", _("0 to 100")


class EvaluationForm(models.Model):
    """A version of the form: what each party is asked, how much it weighs (%), from which day. The weights sum to 100.

    A form that somebody was asked by is never changed: a new version begins later.
    """

    code = models.SlugField(_("version"), max_length=30, unique=True)
    title = models.CharField(_("title"), max_length=80)
    valid_from = models.DateField(_("valid from"), default=timezone.localdate)
    residents = models.PositiveSmallIntegerField(_("weight of residents (%)"), validators=[MaxValueValidator(100)])
    staff = models.PositiveSmallIntegerField(_("weight of staff (%)"), validators=[MaxValueValidator(100)])
    third = models.PositiveSmallIntegerField(_("weight of the third party (%)"), validators=[MaxValueValidator(100)])
    is_active = models.BooleanField(_("in use"), default=True)

    objects = EvaluationFormQuerySet.as_manager()

    class Meta:
        verbose_name = _("evaluation form")
        verbose_name_plural = _("evaluation forms")
        ordering = ["-valid_from", "-id"]
        constraints = [
            models.CheckConstraint(
                name="evaluation_form_weights", condition=Q(residents=100 - F("staff") - F("third")),
                violation_error_message=_("The three weights sum to 100."), violation_error_code="weights",
            )
        ]  # fmt: skip

    def __str__(self):
        return f"{self.title} {self.code}"

    def natural_key(self):
        return (self.code,)

    def weight_of(self, party: str) -> int:
        """Return the weight of a party in percent."""
        return {Party.RESIDENTS: self.residents, Party.STAFF: self.staff, Party.THIRD: self.third}[Party(party)]


class EvaluationItem(models.Model):
    """One thing a party is asked. ``weight`` counts within the party's items."""

    form = models.ForeignKey(EvaluationForm, models.CASCADE, related_name="items", verbose_name=_("evaluation form"))
    party = models.CharField(_("party"), max_length=10, choices=Party)
    position = models.PositiveSmallIntegerField(_("order"), validators=[MinValueValidator(1)])
    text = models.CharField(_("what is asked"), max_length=120)
    scale = models.CharField(_("scale"), max_length=8, choices=Scale, default=Scale.FIVE)
    weight = models.PositiveSmallIntegerField(
        _("weight"), default=1, validators=[MinValueValidator(1), MaxValueValidator(100)]
    )

    objects = OfFormQuerySet.as_manager()

    class Meta:
        verbose_name = _("item of an evaluation form")
        verbose_name_plural = _("items of evaluation forms")
        ordering = ["form", "party", "position"]
        constraints = [
            models.UniqueConstraint(fields=["form", "party", "position"], name="evaluation_item_order"),
            models.CheckConstraint(name="evaluation_item_weight", condition=Q(weight__gte=1, weight__lte=100)),
        ]

    def __str__(self):
        return self.text

    @property
    def bounds(self) -> tuple[int, int]:
        """The least and the most mark."""
        return (1, 5) if self.scale == Scale.FIVE else (0, 100)


class EvaluationGrade(models.Model):
    """From which result on a project has this grade, and which share of the tariff (%) it is worth."""

    form = models.ForeignKey(EvaluationForm, models.CASCADE, related_name="grades", verbose_name=_("evaluation form"))
    name = models.CharField(_("grade"), max_length=20)
    from_score = models.PositiveSmallIntegerField(_("from (result)"), validators=[MaxValueValidator(100)])
    share = models.PositiveSmallIntegerField(_("share of the tariff (%)"), validators=[MaxValueValidator(100)])

    objects = OfFormQuerySet.as_manager()

    class Meta:
        verbose_name = _("grade")
        verbose_name_plural = _("grades")
        ordering = ["form", "-from_score"]
        constraints = [
            models.UniqueConstraint(fields=["form", "from_score"], name="evaluation_grade_once"),
            models.CheckConstraint(
                name="evaluation_grade_bounds", condition=Q(from_score__lte=100, share__lte=100)
            ),
        ]  # fmt: skip

    def __str__(self):
        return self.name


class Evaluation(EvaluationSteps, WorkflowModel):
    """One person asked to evaluate a project for one of the parties; ``unit``: the third party's. Answered once."""

    LOCK_WITH = ("area", "project__area", "person", "unit", "form")

    project = models.ForeignKey(
        "partners.Project", models.PROTECT, related_name="evaluations", verbose_name=_("project")
    )  # fmt: skip
    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name=_("community"))
    form = models.ForeignKey(
        EvaluationForm, models.PROTECT, related_name="evaluations", verbose_name=_("evaluation form")
    )
    party = models.CharField(_("party"), max_length=10, choices=Party)
    person = models.ForeignKey(User, models.PROTECT, related_name="project_evaluations", verbose_name=_("person"))
    unit = models.ForeignKey(
        OrgUnit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("unit")
    )  # fmt: skip
    words = models.CharField(_("remarks"), max_length=1000, blank=True)
    state = FSMField(_("state"), max_length=12, choices=EvaluationState, default=EvaluationState.INVITED,
                     protected=True)  # fmt: skip
    asked_at = models.DateTimeField(_("asked at"), default=timezone.now)
    answered_at = models.DateTimeField(_("answered at"), null=True, blank=True)

    objects = EvaluationQuerySet.as_manager()

    class Meta:
        verbose_name = _("evaluation of a project")
        verbose_name_plural = _("evaluations of projects")
        ordering = ["project", "party", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "person"], condition=~Q(state="revoked"), name="evaluation_once_a_person"
            ),
            models.CheckConstraint(
                name="evaluation_answered", condition=Q(state="answered", answered_at__isnull=False)
                | (~Q(state="answered") & Q(answered_at__isnull=True)),
            ),
            models.CheckConstraint(
                name="evaluation_third_has_unit",
                condition=Q(party="third", unit__isnull=False) | (~Q(party="third") & Q(unit__isnull=True)),
            ),
        ]  # fmt: skip

    def __str__(self):
        return f"{self.get_party_display()} {self.pk}"


class EvaluationMark(models.Model):
    """The mark somebody gave for one item."""

    evaluation = models.ForeignKey(Evaluation, models.CASCADE, related_name="marks", verbose_name=_("evaluation"))
    item = models.ForeignKey(EvaluationItem, models.PROTECT, related_name="+", verbose_name=_("item"))
    mark = models.PositiveSmallIntegerField(_("mark"), validators=[MaxValueValidator(100)])

    objects = OfProjectQuerySet.as_manager()

    class Meta:
        verbose_name = _("mark")
        verbose_name_plural = _("marks")
        constraints = [
            models.UniqueConstraint(fields=["evaluation", "item"], name="evaluation_mark_once"),
            models.CheckConstraint(name="evaluation_mark_bounds", condition=Q(mark__lte=100)),
        ]

    def __str__(self):
        return str(self.mark)
