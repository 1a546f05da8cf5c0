"""Credit files: the dated formula, what lowers a score and was told, and the file of a partner with its history."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from governance.models import Area, AreaKind, User
from governance.workflow import FSMField, WorkflowModel
from partners.credit.querysets import ComputationQuerySet, FormulaQuerySet, NoteQuerySet, ProfileQuerySet
from partners.credit.workflow import FormulaState, FormulaSteps, NoteState, NoteSteps
from partners.models.earning import _days
from partners.models.partner import Partner

# A score or weight beyond these is a slip of the hand [J].
MOST_SCORE, MOST_DAYS, MOST_HOURS, MOST_FIGURE = 1_000, 90, 720, 100
FIRST_YEAR, LAST_YEAR = 2020, 2199


class CreditKey(models.TextChoices):
    """What a line of a file counts. The last four lower the score, and only by facts the partner was told of."""

    POINTS = "points", _("Points earned in the year")
    ACTIVITIES = "activities", _("Activities")
    EVALUATIONS = "evaluations", _("Evaluations")
    PUNCTUALITY = "punctuality", _("Dates kept")
    CANCELLED = "cancelled", _("Cancelled late")
    ABSENT = "absent", _("Did not turn up")
    UNPUNCTUAL = "unpunctual", _("Came late")
    STANDING = "standing", _("Suspended, or records reversed")


LOWERING = ("cancelled", "absent", "unpunctual", "standing")
RAISING = ("points", "activities", "evaluations", "punctuality")
LOWERING_CHOICES = [choice for choice in CreditKey.choices if choice[0] in LOWERING]


def _score(label, **options) -> models.DecimalField:
    return models.DecimalField(label, max_digits=6, decimal_places=2, **options)


class CreditFormula(FormulaSteps, WorkflowModel):
    """How facts of a year become a score, for an area and all under it, from one day to another (both included).

    ``base``: where everybody begins; ``floor`` and ``ceiling`` bound the score. ``notice_hours``: a date cancelled by
    the partner less than so long before it begins was cancelled late. ``appeal_days``, ``review_days``: working days to
    appeal after being told, and to decide. Never edited once in force (database trigger).
    """

    code = models.SlugField(_("code"), max_length=30, unique=True)
    name = models.CharField(_("name"), max_length=60)
    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name=_("area"))
    base = _score(_("base score"), default=50, validators=[MinValueValidator(0), MaxValueValidator(MOST_SCORE)])
    floor = _score(_("lowest score"), default=0, validators=[MinValueValidator(0), MaxValueValidator(MOST_SCORE)])
    ceiling = _score(_("highest score"), default=100, validators=[MinValueValidator(0), MaxValueValidator(MOST_SCORE)])
    notice_hours = models.PositiveSmallIntegerField(
        _("cancelled late: hours before"), default=48, validators=[MaxValueValidator(MOST_HOURS)]
    )
    appeal_days = models.PositiveSmallIntegerField(
        _("working days to appeal"), default=10, validators=[MinValueValidator(1), MaxValueValidator(MOST_DAYS)]
    )
    review_days = models.PositiveSmallIntegerField(
        _("working days to decide an appeal"), default=5,
        validators=[MinValueValidator(1), MaxValueValidator(MOST_DAYS)],
    )  # fmt: skip
    valid_from = models.DateField(_("from"), default=timezone.localdate)
    valid_to = models.DateField(_("to"), null=True, blank=True, editable=False)
    source = models.CharField(_("where it comes from"), max_length=200, blank=True)
    state = FSMField(_("state"), max_length=10, choices=FormulaState, default=FormulaState.DRAFT, protected=True)

    objects = FormulaQuerySet.as_manager()

    class Meta:
        verbose_name = _("credit formula")
        verbose_name_plural = _("credit formulas")
        ordering = ["-valid_from", "code"]
        constraints = [
            models.CheckConstraint(
                name="credit_formula_bounds",
                condition=Q(floor__gte=0, base__gte=F("floor"), ceiling__gte=F("base"), ceiling__lte=MOST_SCORE),
                violation_error_message=_("The base score lies between the lowest and the highest."),
            ),
            models.CheckConstraint(
                name="credit_formula_dates_in_order",
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
            ),
            models.CheckConstraint(
                name="credit_formula_replaced_ends", condition=~Q(state="replaced") | Q(valid_to__isnull=False)
            ),
            models.CheckConstraint(
                name="credit_formula_days", condition=Q(appeal_days__gte=1, review_days__gte=1)
            ),
            ExclusionConstraint(
                name="credit_formula_no_overlap",
                expressions=[
                    ("area", RangeOperators.EQUAL),
                    (_days("valid_from", "valid_to"), RangeOperators.OVERLAPS),
                ],
                condition=Q(state__in=["in_force", "replaced"]),
                violation_error_message=_("Another formula of this area is in force in this time."),
            ),
        ]  # fmt: skip

    def __str__(self):
        return f"{self.name} ({self.code})"

    def natural_key(self):
        return (self.code,)

    def clean(self):
        """Refuse formulas of a grid: partners belong to communities."""
        if self.area_id and self.area.kind == AreaKind.GRID:
            raise ValidationError({"area": _("Formulas are set for a community, or what lies above it.")})


class CreditWeight(models.Model):
    """One line of a formula: each unit of its figure counts ``weight``, all together at most ``cap`` (up or down)."""

    formula = models.ForeignKey(CreditFormula, models.CASCADE, related_name="weights", verbose_name=_("credit formula"))
    line = models.CharField(_("credit item"), max_length=12, choices=CreditKey)
    weight = models.DecimalField(
        _("weight"), max_digits=7, decimal_places=3,
        validators=[MinValueValidator(-MOST_FIGURE), MaxValueValidator(MOST_FIGURE)],
    )  # fmt: skip
    cap = _score(_("at most"), validators=[MinValueValidator(0), MaxValueValidator(MOST_SCORE)])

    class Meta:
        verbose_name = _("line of a credit formula")
        verbose_name_plural = _("lines of a credit formula")
        ordering = ["formula", "id"]
        constraints = [
            models.UniqueConstraint(fields=["formula", "line"], name="credit_weight_once"),
            models.CheckConstraint(
                name="credit_weight_sign",
                condition=Q(line__in=LOWERING, weight__lte=0) | Q(line__in=RAISING, weight__gte=0),
                violation_error_message=_("Lines that lower have a weight below 0, the others one above."),
            ),
            models.CheckConstraint(name="credit_weight_cap", condition=Q(cap__gte=0)),
        ]

    def __str__(self):
        return f"{self.get_line_display()} × {self.weight.normalize():f}"


class CreditLevel(models.Model):
    """A level from a score on, and what it means."""

    formula = models.ForeignKey(CreditFormula, models.CASCADE, related_name="levels", verbose_name=_("credit formula"))
    code = models.SlugField(_("code"), max_length=10)
    name = models.CharField(_("name"), max_length=20)
    least = _score(_("from score"), validators=[MinValueValidator(0), MaxValueValidator(MOST_SCORE)])
    meaning = models.CharField(_("what it means"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("credit level")
        verbose_name_plural = _("credit levels")
        ordering = ["formula", "-least"]
        constraints = [
            models.UniqueConstraint(fields=["formula", "code"], name="credit_level_code_once"),
            models.UniqueConstraint(fields=["formula", "least"], name="credit_level_score_once"),
            models.CheckConstraint(name="credit_level_from_zero", condition=Q(least__gte=0)),
        ]

    def __str__(self):
        return self.name


class CreditNote(NoteSteps, WorkflowModel):
    """A dated fact that lowers a line, recorded by a person or found by a process, and told to the partner.

    It counts from ``told_at`` on, never before: the moment of the notice in the partner's list. ``evidence_type`` and
    ``evidence_id`` name what it is about, if anything in the product; ``source``: who found it (empty: a person).
    ``reply``: what the partner has to say about it. Its facts never change (database trigger).
    """

    LOCK_WITH = ("area", "partner__area", "partner__unit", "partner__person", "recorded_by")

    partner = models.ForeignKey(Partner, models.PROTECT, related_name="credit_notes", verbose_name=_("partner"))
    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name=_("community"))
    line = models.CharField(_("credit item"), max_length=12, choices=LOWERING_CHOICES)
    happened_on = models.DateField(_("on"))
    what = models.CharField(_("what happened"), max_length=300)
    figure = models.DecimalField(
        _("counts as"), max_digits=5, decimal_places=2, default=1,
        validators=[MinValueValidator(0), MaxValueValidator(MOST_FIGURE)],
    )  # fmt: skip
    source = models.CharField(_("found by"), max_length=40, blank=True)
    evidence_type = models.CharField(_("evidence"), max_length=60, blank=True)
    evidence_id = models.BigIntegerField(_("number of the evidence"), null=True, blank=True)
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("recorded by"))
    recorded_at = models.DateTimeField(_("recorded at"))
    told_at = models.DateTimeField(_("told at"), null=True, blank=True)
    reply = models.CharField(_("answer of the partner"), max_length=1000, blank=True)
    state = FSMField(_("state"), max_length=10, choices=NoteState, default=NoteState.RECORDED, protected=True)

    objects = NoteQuerySet.as_manager()

    class Meta:
        verbose_name = _("fact that lowers a credit file")
        verbose_name_plural = _("facts that lower credit files")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="credit_note_told_at",
                condition=Q(state="recorded", told_at__isnull=True)
                | Q(state="told", told_at__isnull=False)
                | Q(state="annulled"),
            ),
            models.CheckConstraint(name="credit_note_lowers", condition=Q(line__in=LOWERING, figure__gt=0)),
            models.CheckConstraint(
                name="credit_note_evidence_whole",
                condition=Q(evidence_type="", evidence_id__isnull=True)
                | (~Q(evidence_type="") & Q(evidence_id__isnull=False)),
            ),
            models.UniqueConstraint(
                fields=["partner", "line", "evidence_type", "evidence_id"], condition=~Q(evidence_type=""),
                name="credit_note_once_an_evidence",
            ),
        ]  # fmt: skip
        indexes = [models.Index(fields=["partner", "happened_on"], name="credit_note_year")]

    def __str__(self):
        return f"{self.get_line_display()} {self.happened_on:%Y-%m-%d}"


class CreditProfile(models.Model):
    """A partner's credit file of a year; ``current`` is the computation that holds, earlier ones stay.

    ``score`` and ``level`` are those of ``current``. ``closed_at``: when the year was over and the partner was told.
    """

    partner = models.ForeignKey(Partner, models.PROTECT, related_name="credit_profiles", verbose_name=_("partner"))
    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name=_("community"))
    year = models.PositiveSmallIntegerField(_("year"))
    current = models.OneToOneField(
        "partners.CreditComputation", models.PROTECT, null=True, related_name="+", verbose_name=_("computation")
    )
    score = _score(_("score"), null=True)
    level = models.CharField(_("credit level"), max_length=10, blank=True)
    level_name = models.CharField(_("credit level"), max_length=20, blank=True)
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)

    objects = ProfileQuerySet.as_manager()

    class Meta:
        verbose_name = _("credit file")
        verbose_name_plural = _("credit files")
        ordering = ["-year", "-score", "id"]
        constraints = [
            models.UniqueConstraint(fields=["partner", "year"], name="credit_profile_once_a_year"),
            models.CheckConstraint(
                name="credit_profile_year", condition=Q(year__gte=FIRST_YEAR, year__lte=LAST_YEAR)
            ),
            models.CheckConstraint(
                name="credit_profile_computed",
                condition=Q(current__isnull=True, score__isnull=True, level="")
                | (Q(current__isnull=False, score__isnull=False) & ~Q(level="")),
            ),
        ]  # fmt: skip
        indexes = [models.Index(fields=["area", "year", "level"], name="credit_profile_listed")]

    def __str__(self):
        return f"{self.partner} {self.year}"


class CreditComputation(models.Model):
    """One computation of a file, append-only (database trigger): formula, lines and what came of them.

    ``raw``: base and lines added up, before the bounds. ``digest`` tells whether anything differs from the one before.
    """

    profile = models.ForeignKey(CreditProfile, models.PROTECT, related_name="computations", verbose_name=_("file"))
    partner = models.ForeignKey(Partner, models.PROTECT, related_name="+", verbose_name=_("partner"))
    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name=_("community"))
    number = models.PositiveIntegerField(_("number"))
    formula = models.ForeignKey(CreditFormula, models.PROTECT, related_name="+", verbose_name=_("credit formula"))
    until = models.DateField(_("facts up to"))
    raw = models.DecimalField(_("before the bounds"), max_digits=8, decimal_places=2)
    score = _score(_("score"))
    level = models.CharField(_("credit level"), max_length=10)
    level_name = models.CharField(_("credit level"), max_length=20)
    meaning = models.CharField(_("what it means"), max_length=200, blank=True)
    digest = models.CharField(max_length=64)
    computed_at = models.DateTimeField(_("computed at"))

    objects = ComputationQuerySet.as_manager()

    class Meta:
        verbose_name = _("computation of a credit file")
        verbose_name_plural = _("computations of credit files")
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["profile", "number"], name="credit_computation_number_once")]
        indexes = [models.Index(fields=["profile", "computed_at"], name="credit_computation_at")]

    def __str__(self):
        return f"{self.partner} · {self.score}"


class CreditLine(models.Model):
    """A line of a computation: its figure out of ``facts``, what each unit counted, and what it came to; append-only.

    ``facts``: what, when, evidence and figure of each. What a lowering line counts is tied to its notes (``notes``,
    checked by the database when the transaction ends).
    """

    computation = models.ForeignKey(CreditComputation, models.PROTECT, related_name="lines", verbose_name=_("file"))
    line = models.CharField(_("credit item"), max_length=12, choices=CreditKey)
    figure = models.DecimalField(_("figure"), max_digits=12, decimal_places=2)
    weight = models.DecimalField(_("weight"), max_digits=7, decimal_places=3)
    cap = _score(_("at most"))
    value = _score(_("counts"))
    facts = models.JSONField(_("facts"), default=list)
    notes = models.ManyToManyField(CreditNote, related_name="lines", verbose_name=_("facts that lower"))

    class Meta:
        verbose_name = _("line of a credit file")
        verbose_name_plural = _("lines of credit files")
        ordering = ["computation", "id"]
        constraints = [
            models.UniqueConstraint(fields=["computation", "line"], name="credit_line_once"),
            models.CheckConstraint(
                name="credit_line_sign",
                condition=Q(line__in=LOWERING, value__lte=0) | Q(line__in=RAISING, value__gte=0),
            ),
        ]

    def __str__(self):
        return f"{self.get_line_display()} {self.value}"
