"""What people answered, and what of it was taken up as a need."""

from uuid import uuid4

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from governance.models import Area, Dwelling, User
from partners.models.survey import Survey, SurveyMode, SurveyQuestion
from partners.surveys.querysets import MarkQuerySet, SheetQuerySet


class SheetWay(models.TextChoices):
    ONLINE = "online", _("Online")
    PAPER = "paper", _("On paper")
    DOOR = "door", _("Asked at the door")


class SurveyAnswerSheet(models.Model):
    """One filled-in questionnaire. Which of ``person`` and ``dwelling`` it names is the questionnaire's ``mode``.

    An anonymous one names neither, knows the day only, and its id is random: the order of ids tells nothing. At most
    one sheet of a questionnaire is there for a person, or a dwelling (unique in the database); ``nonce`` is the form it
    was sent by, once. ``entered_by`` is who typed in a paper or asked at the door.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    survey = models.ForeignKey(Survey, models.PROTECT, related_name="sheets", verbose_name=_("questionnaire"))
    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name=_("community"))
    mode = models.CharField(_("answers are"), max_length=10, choices=SurveyMode)
    way = models.CharField(_("came"), max_length=8, choices=SheetWay, default=SheetWay.ONLINE)
    person = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="survey_sheets", verbose_name=_("person")
    )
    dwelling = models.ForeignKey(
        Dwelling, models.PROTECT, null=True, blank=True, related_name="survey_sheets", verbose_name=_("dwelling")
    )
    entered_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("entered by")
    )
    day = models.DateField(_("day"), default=timezone.localdate)
    revision = models.PositiveSmallIntegerField(_("times filled in"), default=1, editable=False)
    nonce = models.CharField(max_length=40, blank=True, editable=False)

    objects = SheetQuerySet.as_manager()

    class Meta:
        verbose_name = _("answered questionnaire")
        verbose_name_plural = _("answered questionnaires")
        ordering = ["-day", "id"]
        constraints = [
            models.UniqueConstraint(fields=["survey", "dwelling"], name="survey_sheet_once_a_dwelling"),
            models.UniqueConstraint(fields=["survey", "person"], name="survey_sheet_once_a_person"),
            models.UniqueConstraint(
                fields=["survey", "nonce"], condition=~Q(nonce=""), name="survey_sheet_once_a_form"
            ),
            models.CheckConstraint(
                name="survey_sheet_of_whom",
                condition=Q(mode=SurveyMode.ANONYMOUS, person__isnull=True, dwelling__isnull=True)
                | Q(mode=SurveyMode.PERSON, person__isnull=False, dwelling__isnull=True)
                | Q(mode=SurveyMode.DWELLING, person__isnull=True, dwelling__isnull=False),
            ),
            models.CheckConstraint(
                name="survey_sheet_entered",
                condition=Q(way=SheetWay.ONLINE, entered_by__isnull=True)
                | (~Q(way=SheetWay.ONLINE) & Q(entered_by__isnull=False)),
            ),
        ]

    def __str__(self):
        return str(self.dwelling or self.person or self.get_mode_display())

    @property
    def told_entered_by(self) -> User | None:
        """Who entered it; of an anonymous one nobody reads it: a worker's visits of that day would tell whose it is."""
        return None if self.mode == SurveyMode.ANONYMOUS else self.entered_by


class SurveyAnswer(models.Model):
    """One answer: the columns its kind of question fills (see ``branching.Given``)."""

    sheet = models.ForeignKey(
        SurveyAnswerSheet, models.CASCADE, related_name="answers", verbose_name=_("answered questionnaire")
    )
    question = models.ForeignKey(SurveyQuestion, models.PROTECT, related_name="answers", verbose_name=_("question"))
    choices = ArrayField(models.CharField(max_length=20), verbose_name=_("chosen"), default=list, blank=True)
    number = models.DecimalField(_("numeric answer"), max_digits=13, decimal_places=3, null=True, blank=True)
    text = models.TextField(_("said in words"), max_length=2000, blank=True)
    day = models.DateField(_("day"), null=True, blank=True)
    cells = models.JSONField(_("rows"), default=dict, blank=True)

    class Meta:
        verbose_name = _("one answer")
        verbose_name_plural = _("single answers")
        constraints = [models.UniqueConstraint(fields=["sheet", "question"], name="survey_answer_once")]

    def __str__(self):
        return str(self.question)


class SurveyMark(models.Model):
    """That an answer in words (``sheet``), or an option many chose (``option``), was made a need: by whom, and which.

    ``need`` is its id in the registry of needs; ``need_label`` what people call it there.
    """

    survey = models.ForeignKey(Survey, models.PROTECT, related_name="marks", verbose_name=_("questionnaire"))
    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name=_("community"))
    question = models.ForeignKey(SurveyQuestion, models.PROTECT, related_name="marks", verbose_name=_("question"))
    sheet = models.ForeignKey(
        SurveyAnswerSheet, models.PROTECT, null=True, blank=True, related_name="marks",
        verbose_name=_("answered questionnaire"),
    )  # fmt: skip
    option = models.CharField(_("option"), max_length=20, blank=True)
    title = models.CharField(_("title"), max_length=80)
    text = models.TextField(_("said in words"), max_length=2000, blank=True)
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("made by"))
    made_at = models.DateTimeField(_("made at"), default=timezone.now, editable=False)
    need = models.BigIntegerField(_("need"), null=True, blank=True)
    need_label = models.CharField(_("need"), max_length=120, blank=True)

    objects = MarkQuerySet.as_manager()

    class Meta:
        verbose_name = _("need out of an answer")
        verbose_name_plural = _("needs out of answers")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["question", "sheet", "option"], name="survey_mark_once", nulls_distinct=False
            )
        ]

    def __str__(self):
        return self.title
