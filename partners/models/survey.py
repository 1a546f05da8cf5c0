"""A questionnaire and its questions; and ready-made ones to begin with."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.crypto import get_random_string
from django.utils.translation import gettext_lazy as _

from governance.models import Area, Estate, OrgUnit, User
from governance.workflow import FSMField, WorkflowModel
from partners.surveys.branching import Asked, plain
from partners.surveys.conditions import condition_of, jumps_of
from partners.surveys.querysets import SurveyQuerySet, SurveyTemplateQuerySet
from partners.surveys.workflow import SurveyState, SurveySteps

LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"  # none that look alike, for addresses on paper


class SurveyMode(models.TextChoices):
    ANONYMOUS = "anonymous", _("Anonymous")
    PERSON = "person", _("One answer per person signed in")
    DWELLING = "dwelling", _("One answer per dwelling")


class QuestionKind(models.TextChoices):
    SINGLE = "single", _("One of several")
    MULTIPLE = "multiple", _("Several of them")
    SCALE5 = "scale5", _("Scale from 1 to 5")
    SCALE10 = "scale10", _("Scale from 0 to 10")
    NUMBER = "number", _("A number")
    SHORT = "short", _("Short text")
    LONG = "long", _("Long text")
    DATE = "date", _("A date")
    RANKING = "ranking", _("Put in order")
    MATRIX = "matrix", _("Table: one of several per row")


def new_code() -> str:
    """Return a code for the address of a questionnaire: nobody guesses it."""
    return get_random_string(10, LETTERS)


class Survey(SurveySteps, WorkflowModel):
    """A questionnaire for the residents of ``estate``, or, without one, of the whole community ``area``.

    ``mode`` says what an answer is tied to: nobody, a person, or a dwelling of the registry; ``replaceable``: a later
    answer of the same takes the place of the earlier one until it closes, else it is refused. ``code`` is in the
    address on the poster. An open questionnaire is never edited: it is copied (``copied_from``, ``edition``).
    """

    LOCK_WITH = ("area", "estate", "unit")

    area = models.ForeignKey(Area, models.PROTECT, related_name="surveys", verbose_name=_("community"))
    estate = models.ForeignKey(
        Estate, models.PROTECT, null=True, blank=True, related_name="surveys", verbose_name=_("estate"),
        help_text=_("Empty: for the whole community."),
    )  # fmt: skip
    unit = models.ForeignKey(OrgUnit, models.PROTECT, related_name="surveys", verbose_name=_("survey asked by"))
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("made by"))
    made_at = models.DateTimeField(_("made at"), default=timezone.now, editable=False)
    code = models.CharField(_("code"), max_length=12, unique=True, default=new_code, editable=False)
    title = models.CharField(_("title"), max_length=80)
    introduction = models.TextField(_("introduction"), max_length=2000, blank=True)
    mode = models.CharField(_("answers are"), max_length=10, choices=SurveyMode, default=SurveyMode.DWELLING)
    replaceable = models.BooleanField(_("a later answer replaces the earlier one"), default=True)
    opens_at = models.DateTimeField(_("opens"), null=True, blank=True)
    closes_at = models.DateTimeField(_("closes"), null=True, blank=True)
    copied_from = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="copies", verbose_name=_("copy of")
    )
    edition = models.PositiveSmallIntegerField(_("edition"), default=1, editable=False)
    state = FSMField(_("state"), max_length=10, choices=SurveyState, default=SurveyState.DRAFT, protected=True)
    opened_at = models.DateTimeField(_("survey opened at"), null=True, blank=True)
    closed_at = models.DateTimeField(_("survey closed at"), null=True, blank=True)
    published_at = models.DateTimeField(_("results published at"), null=True, blank=True)

    objects = SurveyQuerySet.as_manager()

    class Meta:
        verbose_name = _("questionnaire")
        verbose_name_plural = _("questionnaires")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="survey_in_order",
                condition=Q(opens_at__isnull=True) | Q(closes_at__isnull=True) | Q(closes_at__gt=F("opens_at")),
            ),
            models.CheckConstraint(
                name="survey_open_until",
                condition=Q(state__in=["draft", "withdrawn"]) | Q(closes_at__isnull=False),
            ),
            models.CheckConstraint(name="survey_mode", condition=Q(mode__in=SurveyMode.values)),
        ]
        indexes = [
            models.Index(fields=["area", "state"], name="survey_area_state"),
            models.Index(fields=["estate"], name="survey_estate"),
        ]

    def __str__(self):
        return self.title

    @property
    def for_text(self) -> str:
        """Who is asked: the residents of which place."""
        return (self.estate or self.area).name

    @property
    def place_kwargs(self) -> dict:
        """The filter of dwellings that lie in its place."""
        if self.estate_id is not None:
            return {"building__estate": self.estate_id}
        return {"area__path__startswith": self.area.path}

    def asked(self) -> list[Asked]:
        """Return the questions in order, as the way through them needs them; one statement."""
        return [question.asked for question in self.questions.all()]


class SurveyQuestion(models.Model):
    """A question. ``key`` names it in conditions and stays the same in copies.

    ``options`` and ``rows`` are lists of ``{"key", "text"}``. ``least`` and ``most``: of a number in ``unit``, or of
    how many may be chosen. ``low_label`` and ``high_label`` stand at the ends of a scale. ``show_if`` and ``jumps``:
    see ``partners.surveys.conditions``.
    """

    survey = models.ForeignKey(Survey, models.CASCADE, related_name="questions", verbose_name=_("questionnaire"))
    key = models.CharField(_("key"), max_length=20)
    position = models.PositiveSmallIntegerField(_("order"), validators=[MinValueValidator(1), MaxValueValidator(200)])
    kind = models.CharField(_("kind of question"), max_length=10, choices=QuestionKind)
    text = models.CharField(_("question"), max_length=200)
    help = models.CharField(_("explanation"), max_length=300, blank=True)
    required = models.BooleanField(_("must be answered"), default=False)
    options = models.JSONField(_("options"), default=list, blank=True)
    other = models.BooleanField(_("with “other” and room for words"), default=False)
    rows = models.JSONField(_("rows"), default=list, blank=True)
    least = models.DecimalField(_("least"), max_digits=12, decimal_places=3, null=True, blank=True)
    most = models.DecimalField(_("most"), max_digits=12, decimal_places=3, null=True, blank=True)
    unit = models.CharField(_("unit of measure"), max_length=12, blank=True)
    low_label = models.CharField(_("lowest means"), max_length=20, blank=True)
    high_label = models.CharField(_("highest means"), max_length=20, blank=True)
    show_if = models.JSONField(_("shown if"), null=True, blank=True)
    jumps = models.JSONField(_("jumps"), default=list, blank=True)

    class Meta:
        verbose_name = _("question")
        verbose_name_plural = _("questions")
        ordering = ["survey", "position"]
        constraints = [
            models.UniqueConstraint(fields=["survey", "key"], name="survey_question_key"),
            models.UniqueConstraint(
                fields=["survey", "position"], name="survey_question_order", deferrable=models.Deferrable.DEFERRED
            ),
            models.CheckConstraint(name="survey_question_kind", condition=Q(kind__in=QuestionKind.values)),
        ]

    def __str__(self):
        return f"{self.position}. {self.text}"

    @property
    def asked(self) -> Asked:
        """The question as the way and the judging need it."""
        return Asked(
            key=self.key, kind=self.kind, options=tuple(one["key"] for one in self.options), other=self.other,
            required=self.required, rows=tuple(one["key"] for one in self.rows), least=self.least, most=self.most,
            show_if=condition_of(self.show_if), jumps=jumps_of(self.jumps),
        )  # fmt: skip

    @property
    def least_text(self) -> str:
        """The least as people write it; empty for none."""
        return "" if self.least is None else plain(self.least)

    @property
    def most_text(self) -> str:
        """The most as people write it; empty for none."""
        return "" if self.most is None else plain(self.most)

    def text_of(self, key: str) -> str:
        """Return the words of an option."""
        if key == "other":
            return str(_("Other"))
        return next((one["text"] for one in self.options if one["key"] == key), key)


class SurveyTemplate(models.Model):
    """A questionnaire to begin with: ``questions`` as ``partners.surveys.content`` writes them."""

    code = models.CharField(_("code"), max_length=30, unique=True)
    title = models.CharField(_("title"), max_length=80)
    introduction = models.TextField(_("introduction"), max_length=2000, blank=True)
    mode = models.CharField(_("answers are"), max_length=10, choices=SurveyMode, default=SurveyMode.DWELLING)
    questions = models.JSONField(_("questions"), default=list)
    is_active = models.BooleanField(_("in use"), default=True)

    objects = SurveyTemplateQuerySet.as_manager()

    class Meta:
        verbose_name = _("template of a questionnaire")
        verbose_name_plural = _("templates of questionnaires")
        ordering = ["code"]

    def __str__(self):
        return self.title

    def natural_key(self):
        return (self.code,)
