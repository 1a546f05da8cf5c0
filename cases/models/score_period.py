"""Score formulas as versioned data, periods frozen with their formula, their lines, and appeals against lines."""

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from cases.models.case import Case, CaseSource
from cases.models.catalogue import CaseCategory
from cases.models.score import CaseFactBase, SpellFactBase
from cases.scoring.indicators import share_choices
from cases.scoring.querysets import AppealQuerySet, FormulaQuerySet, LineQuerySet, PeriodQuerySet
from cases.scoring.workflow import AppealState, AppealSteps, Opinion, PeriodState, PeriodSteps
from governance.errors import Conflict
from governance.models import Area, OrgUnit, User
from governance.workflow import FSMField, WorkflowModel


class ScoreFormula(models.Model):
    """How figures become a score: the weighted mean of its indicators times ``scale``.

    ``minimum_sample``: an indicator over fewer rows shows no value, and a line with such a weighted indicator no score.
    Never edited once a period used it (a database trigger too refuses): a new ``version`` is made instead.
    """

    key = models.SlugField(_("key"), max_length=40)
    version = models.PositiveSmallIntegerField(_("version"), default=1, validators=[MinValueValidator(1)])
    name = models.CharField(_("name"), max_length=60)
    scale = models.DecimalField(
        _("full marks"), max_digits=6, decimal_places=2, default=100, validators=[MinValueValidator(1)]
    )
    minimum_sample = models.PositiveIntegerField(
        _("minimum sample"), default=10, validators=[MinValueValidator(1)],
        help_text=_("An indicator over fewer rows shows no value, and a line with one no score."),
    )  # fmt: skip
    valid_from = models.DateField(_("valid from"), default=timezone.localdate)
    is_active = models.BooleanField(_("in use"), default=True)
    source = models.CharField(_("where it comes from"), max_length=200, blank=True)

    objects = FormulaQuerySet.as_manager()

    class Meta:
        verbose_name = _("score formula")
        verbose_name_plural = _("score formulas")
        ordering = ["key", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["key", "version"], name="score_formula_once"),
            models.CheckConstraint(name="score_formula_sensible", condition=Q(scale__gt=0, minimum_sample__gte=1)),
        ]

    def __str__(self):
        return f"{self.name} v{self.version}"

    def natural_key(self):
        return (self.key, self.version)

    @property
    def used(self) -> bool:
        """Whether a period was opened with it; it can no longer be edited then."""
        return self.pk is not None and self.periods.exists()


class FormulaPart(models.Model):
    """A row of a formula; it stands still once the formula was used."""

    class Meta:
        abstract = True

    def _refuse_if_used(self):
        if self.formula.used:
            raise Conflict(_now("Periods were scored with this formula. Make a new version instead."), code="used")

    def save(self, *args, **kwargs):
        self._refuse_if_used()
        super().save(*args, **kwargs)

    def delete(self, *args, **kwargs):
        self._refuse_if_used()
        return super().delete(*args, **kwargs)


class ScoreWeight(FormulaPart):
    """One indicator of a formula. ``inverse``: 1 − value counts, for what is good when low (返工率)."""

    formula = models.ForeignKey(ScoreFormula, models.CASCADE, related_name="weights", verbose_name=_("score formula"))
    indicator = models.CharField(_("indicator"), max_length=30, choices=share_choices)
    weight = models.DecimalField(_("weight"), max_digits=6, decimal_places=2)
    inverse = models.BooleanField(_("counts as 1 − value"), default=False)
    position = models.PositiveSmallIntegerField(_("order"), default=0)

    class Meta:
        verbose_name = _("weight")
        verbose_name_plural = _("weights")
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["formula", "indicator"], name="score_weight_once"),
            models.CheckConstraint(
                name="score_weight_positive",
                condition=Q(weight__gt=0),
                violation_error_message=_("A weight is above 0."),
            ),
        ]

    def __str__(self):
        return f"{self.weight.normalize():f} · {self.get_indicator_display()}"


class ScoreExclusion(FormulaPart):
    """What a formula leaves out: a source, or a category (a class with all its sub-classes)."""

    formula = models.ForeignKey(
        ScoreFormula, models.CASCADE, related_name="exclusions", verbose_name=_("score formula")
    )
    source = models.CharField(_("source"), max_length=12, choices=CaseSource, blank=True)
    category = models.ForeignKey(
        CaseCategory, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("category")
    )

    class Meta:
        verbose_name = _("left out")
        verbose_name_plural = _("left out")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                name="score_exclusion_one_thing",
                condition=Q(source="", category__isnull=False) | ~Q(source="") & Q(category__isnull=True),
                violation_error_message=_("Name either a source or a category."),
            ),
        ]

    def __str__(self):
        return str(self.category or self.get_source_display())


class ScorePeriod(PeriodSteps, WorkflowModel):
    """Days from ``first`` to ``last`` (both included, Asia/Shanghai) of an area, scored with a formula and frozen.

    ``dimension`` is a key of ``cases.scoring.dimensions``. ``as_of``: when it was computed; ``position`` (a snapshot)
    and ``last_event``: which events were known then, so that it can be read again from them alone. ``totals`` are the
    figures of the whole area. Published, it and its rows never change (database triggers).
    """

    LOCK_WITH = ("area", "formula")

    area = models.ForeignKey(Area, models.PROTECT, related_name="score_periods", verbose_name=_("area"))
    dimension = models.CharField(_("compared by"), max_length=20)
    formula = models.ForeignKey(ScoreFormula, models.PROTECT, related_name="periods", verbose_name=_("score formula"))
    first = models.DateField(_("from"))
    last = models.DateField(_("to"))
    state = FSMField(_("state"), max_length=10, choices=PeriodState, default=PeriodState.OPEN, protected=True)
    as_of = models.DateTimeField(_("as of"), null=True, editable=False)
    position = models.TextField(default="", editable=False)
    last_event = models.BigIntegerField(null=True, editable=False)
    totals = models.JSONField(_("figures of the whole"), default=dict, editable=False)
    published_at = models.DateTimeField(_("published at"), null=True, editable=False)

    objects = PeriodQuerySet.as_manager()

    class Meta:
        verbose_name = _("score period")
        verbose_name_plural = _("score periods")
        ordering = ["-last", "-id"]
        constraints = [
            models.CheckConstraint(
                name="score_period_days_in_order",
                condition=Q(last__gte=F("first")),
                violation_error_message=_("The last day lies before the first."),
            ),
            models.UniqueConstraint(
                fields=["area", "dimension", "formula", "first", "last"],
                condition=~Q(state="discarded"),
                name="score_period_once",
            ),
        ]

    def __str__(self):
        return f"{self.first:%Y-%m-%d} – {self.last:%Y-%m-%d} · {self.formula}"


def _kept_scenes() -> ArrayField:
    """Return the field of the scenes (keys) that a kept fact counted for when its period was computed.

    A fact as it stands counts for the scenes that group its category now; regrouping must not reach what was frozen.
    """
    return ArrayField(models.BigIntegerField(), default=list, verbose_name=_("scenes"))


class FrozenCaseFact(CaseFactBase):
    """A copy of ``CaseFact`` that a period keeps."""

    period = models.ForeignKey(ScorePeriod, models.CASCADE, related_name="case_facts", verbose_name=_("score period"))
    scenes = _kept_scenes()
    case = models.ForeignKey(Case, models.PROTECT, related_name="+", verbose_name=_("case"), db_index=False)

    class Meta:
        verbose_name = _("frozen facts of a case")
        verbose_name_plural = _("frozen facts of cases")
        constraints = [models.UniqueConstraint(fields=["period", "case"], name="frozen_case_fact_once")]


class FrozenSpellFact(SpellFactBase):
    """A copy of ``SpellFact`` that a period keeps."""

    period = models.ForeignKey(ScorePeriod, models.CASCADE, related_name="spell_facts", verbose_name=_("score period"))
    scenes = _kept_scenes()
    case = models.ForeignKey(Case, models.PROTECT, related_name="+", verbose_name=_("case"), db_index=False)

    class Meta:
        verbose_name = _("frozen facts of a unit's turn")
        verbose_name_plural = _("frozen facts of units' turns")
        constraints = [models.UniqueConstraint(fields=["period", "case", "ordinal"], name="frozen_spell_fact_once")]


class ScoreLine(models.Model):
    """One unit, area or scene in a period.

    ``subject`` is the key of what ``dimension`` compares (empty: rows without one), ``name`` what it was called then.
    ``figures``: {indicator: {"numerator", "denominator", "value"}}; a duration has no numerator, its value is seconds.
    ``left_out``: {reason: how many turns due in the period did not count}. ``score`` is empty where a weighted
    indicator has too small a sample. A line is never edited: an upheld appeal adds one that ``corrects`` it; the ranks
    of the others stay as published.
    """

    period = models.ForeignKey(ScorePeriod, models.CASCADE, related_name="lines", verbose_name=_("score period"))
    subject = models.BigIntegerField(_("compared"), null=True)
    unit = models.ForeignKey(OrgUnit, models.PROTECT, null=True, related_name="+", verbose_name=_("unit"))
    name = models.CharField(_("name"), max_length=120, blank=True)
    figures = models.JSONField(_("figures"))
    left_out = models.JSONField(_("left out"), default=dict)
    score = models.DecimalField(_("score"), max_digits=8, decimal_places=2, null=True)
    rank = models.PositiveIntegerField(_("place in the ranking"), null=True)
    corrects = models.OneToOneField(
        "self", models.PROTECT, null=True, related_name="correction", verbose_name=_("corrects")
    )
    made_at = models.DateTimeField(_("made at"), default=timezone.now)

    objects = LineQuerySet.as_manager()

    class Meta:
        verbose_name = _("score line")
        verbose_name_plural = _("score lines")
        ordering = ["period", "rank", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["period", "subject"], condition=Q(corrects=None), nulls_distinct=False, name="score_line_once"
            ),
        ]

    def __str__(self):
        return self.name or _now("without one")


class ScoreAppeal(AppealSteps, WorkflowModel):
    """A unit says that cases must not count in its line; two different people of the operations centre decide.

    Its cases are ``ScoreAppealCase`` rows, the words stand with the events. Upheld, it leads to a line that corrects.
    """

    LOCK_WITH = ("area", "unit", "line__period")

    line = models.OneToOneField(ScoreLine, models.PROTECT, related_name="appeal", verbose_name=_("score line"))
    unit = models.ForeignKey(OrgUnit, models.PROTECT, related_name="score_appeals", verbose_name=_("unit"))
    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name=_("area"))
    state = FSMField(_("state"), max_length=10, choices=AppealState, default=AppealState.FILED, protected=True)
    filed_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("filed by"))
    filed_at = models.DateTimeField(_("filed at"), default=timezone.now)
    opinion = models.CharField(_("first opinion"), max_length=6, choices=Opinion, blank=True)
    reviewer = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name=_("first reviewer"), editable=False
    )
    settled_at = models.DateTimeField(_("settled at"), null=True, editable=False)

    objects = AppealQuerySet.as_manager()

    class Meta:
        verbose_name = _("score appeal")
        verbose_name_plural = _("score appeals")
        ordering = ["-id"]

    def __str__(self):
        return f"{self.line} · {self.line.period}"


class ScoreAppealCase(models.Model):
    """A case that an appeal is about."""

    appeal = models.ForeignKey(ScoreAppeal, models.CASCADE, related_name="disputed", verbose_name=_("score appeal"))
    case = models.ForeignKey(Case, models.PROTECT, related_name="+", verbose_name=_("case"))

    class Meta:
        verbose_name = _("case of an appeal")
        verbose_name_plural = _("cases of an appeal")
        constraints = [models.UniqueConstraint(fields=["appeal", "case"], name="score_appeal_case_once")]

    def __str__(self):
        return str(self.case)
