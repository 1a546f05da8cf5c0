"""JSON of questionnaires. A key that names a row holds its code or id. ``transitions``: what the caller may do now."""

from rest_framework import serializers

from governance.api.fields import MomentField
from governance.workflow import available
from partners.models import QuestionKind, SheetWay, Survey, SurveyAnswerSheet, SurveyMode, SurveyState, SurveyTemplate
from partners.surveys.branching import OPERATORS
from partners.surveys.content import questions_told


class AtomSerializer(serializers.Serializer):
    """One thing asked of the answer to an earlier question; ``value`` is the key of an option, or a number."""

    question = serializers.CharField()
    op = serializers.ChoiceField(OPERATORS)
    value = serializers.CharField(allow_blank=True)


class ConditionSerializer(serializers.Serializer):
    """``match`` all or any of the atoms."""

    match = serializers.CharField()
    atoms = AtomSerializer(many=True)


class JumpSerializer(serializers.Serializer):
    """On to question ``to``, or to ``end``; ``when`` null: always."""

    to = serializers.CharField()
    when = ConditionSerializer(allow_null=True)


class OptionSerializer(serializers.Serializer):
    key = serializers.CharField()
    text = serializers.CharField()


class SurveyQuestionSerializer(serializers.Serializer):
    """A question. Shown if ``show_if`` holds (null: always); then the first of ``jumps`` whose condition holds is
    taken. Conditions look at answers to questions that were shown."""

    key = serializers.CharField()
    kind = serializers.ChoiceField(QuestionKind.choices)
    text = serializers.CharField()
    help = serializers.CharField(allow_blank=True)
    required = serializers.BooleanField()
    options = OptionSerializer(many=True)
    other = serializers.BooleanField()
    rows = OptionSerializer(many=True)
    least = serializers.CharField(allow_null=True)
    most = serializers.CharField(allow_null=True)
    unit = serializers.CharField(allow_blank=True)
    low_label = serializers.CharField(allow_blank=True)
    high_label = serializers.CharField(allow_blank=True)
    show_if = ConditionSerializer(allow_null=True)
    jumps = JumpSerializer(many=True)


class SurveySerializer(serializers.ModelSerializer):
    """A questionnaire as lists show it; ``answered``: how many sheets there are."""

    state = serializers.ChoiceField(SurveyState.choices)
    state_label = serializers.CharField(source="get_state_display")
    mode = serializers.ChoiceField(SurveyMode.choices)
    mode_label = serializers.CharField(source="get_mode_display")
    area = serializers.CharField(source="area.code")
    area_name = serializers.CharField(source="area.name")
    estate = serializers.CharField(source="estate.code", default=None, allow_null=True)
    unit = serializers.CharField(source="unit.code")
    answered = serializers.IntegerField()
    transitions = serializers.SerializerMethodField()

    class Meta:
        model = Survey
        fields = ["id", "code", "title", "introduction", "state", "state_label", "mode", "mode_label", "area",
                  "area_name", "estate", "unit", "replaceable", "opens_at", "closes_at", "opened_at", "closed_at",
                  "published_at", "copied_from", "edition", "answered", "version", "transitions"]  # fmt: skip
        read_only_fields = fields

    def get_transitions(self, obj) -> list[str]:
        return [step.name for step in available(obj, self.context["request"].user)]


class ProblemSerializer(serializers.Serializer):
    """What keeps a draft from being opened: ``key`` names the question."""

    key = serializers.CharField(allow_blank=True)
    code = serializers.CharField()
    detail = serializers.CharField()


class SurveyDetailSerializer(SurveySerializer):
    """With its questions, and what is wrong with those of a draft."""

    questions = serializers.SerializerMethodField()
    problems = ProblemSerializer(many=True)

    class Meta(SurveySerializer.Meta):
        fields = [*SurveySerializer.Meta.fields, "questions", "problems"]
        read_only_fields = fields

    def get_questions(self, obj) -> SurveyQuestionSerializer(many=True):
        return questions_told(obj.questions.all())


class SurveyInput(serializers.Serializer):
    """``area``, ``estate`` and ``template`` by their codes."""

    area = serializers.CharField(max_length=15)
    title = serializers.CharField(max_length=80)
    introduction = serializers.CharField(max_length=2000, allow_blank=True, required=False)
    estate = serializers.CharField(max_length=30, allow_null=True, default=None)
    template = serializers.CharField(max_length=30, allow_null=True, default=None)
    mode = serializers.ChoiceField(SurveyMode.choices, required=False)
    replaceable = serializers.BooleanField(default=True)
    opens_at = MomentField(allow_null=True, default=None)
    closes_at = MomentField(allow_null=True, default=None)


class QuestionsInput(serializers.Serializer):
    """All questions of a draft, in order, in the shape in which a questionnaire tells them."""

    questions = serializers.ListField(child=serializers.JSONField(), max_length=60)


class AnswersInput(serializers.Serializer):
    """``answers`` by key of question: ``{"choices": [...], "other": ""}``, ``{"number": 3}``, ``{"text": ""}``,
    ``{"date": "2026-01-31"}`` or ``{"cells": {row: column}}``. Those to questions that are not on the way are left out.
    """

    answers = serializers.DictField(child=serializers.JSONField())


class EnterInput(AnswersInput):
    """Of somebody: ``dwelling`` by its code, or ``person`` by user name, as the questionnaire's mode needs."""

    way = serializers.ChoiceField([choice for choice in SheetWay.choices if choice[0] != "online"])
    dwelling = serializers.CharField(max_length=60, allow_null=True, default=None)
    person = serializers.CharField(max_length=150, allow_null=True, default=None)


class SheetSerializer(serializers.ModelSerializer):
    """A sheet; an anonymous one names nobody."""

    survey = serializers.IntegerField(source="survey_id")
    mode = serializers.ChoiceField(SurveyMode.choices)
    way = serializers.ChoiceField(SheetWay.choices)
    way_label = serializers.CharField(source="get_way_display")
    dwelling = serializers.CharField(source="dwelling.code", default=None, allow_null=True)
    person = serializers.CharField(source="person.username", default=None, allow_null=True)
    entered_by = serializers.CharField(source="told_entered_by.username", default=None, allow_null=True)
    answers = serializers.SerializerMethodField()

    class Meta:
        model = SurveyAnswerSheet
        fields = ["id", "survey", "mode", "way", "way_label", "day", "revision", "dwelling", "person", "entered_by",
                  "answers"]  # fmt: skip
        read_only_fields = fields

    def get_answers(self, obj) -> dict:
        return {answer.question.key: _told(answer) for answer in obj.answers.all()}


def _told(answer) -> dict:
    told = {"choices": answer.choices, "number": answer.number, "text": answer.text, "date": answer.day,
            "cells": answer.cells}  # fmt: skip
    return {name: value for name, value in told.items() if value not in (None, "", [], {})}


class CellSerializer(serializers.Serializer):
    """``count`` null: too few to be shown; ``place``: the mean place in a ranking."""

    key = serializers.CharField()
    label = serializers.CharField()
    count = serializers.IntegerField(allow_null=True)
    share = serializers.DecimalField(max_digits=5, decimal_places=1, allow_null=True)
    place = serializers.DecimalField(max_digits=5, decimal_places=2, allow_null=True)


class ResultRowSerializer(serializers.Serializer):
    label = serializers.CharField()
    cells = CellSerializer(many=True)


class QuestionResultSerializer(serializers.Serializer):
    """Figures of a question; ``answered`` null: too few to be shown."""

    key = serializers.CharField()
    kind = serializers.ChoiceField(QuestionKind.choices)
    text = serializers.CharField()
    unit = serializers.CharField()
    answered = serializers.IntegerField(allow_null=True)
    cells = CellSerializer(many=True)
    rows = ResultRowSerializer(many=True)
    mean = serializers.DecimalField(max_digits=14, decimal_places=2, allow_null=True)
    least = serializers.CharField(allow_null=True)
    most = serializers.CharField(allow_null=True)


class SurveyResultsSerializer(serializers.Serializer):
    """``asked``: dwellings in the place, where one answer per dwelling is taken; ``share`` of them in percent."""

    sheets = serializers.IntegerField()
    asked = serializers.IntegerField(allow_null=True)
    share = serializers.DecimalField(max_digits=6, decimal_places=1, allow_null=True)
    ways = serializers.DictField(child=serializers.IntegerField())
    questions = QuestionResultSerializer(many=True)


class CrossTableSerializer(serializers.Serializer):
    """``counts[row][column]``."""

    rows = serializers.ListField(child=serializers.CharField())
    columns = serializers.ListField(child=serializers.CharField())
    counts = serializers.ListField(child=serializers.ListField(child=serializers.IntegerField()))


class SurveyTemplateSerializer(serializers.ModelSerializer):
    mode = serializers.ChoiceField(SurveyMode.choices)
    questions = SurveyQuestionSerializer(many=True)

    class Meta:
        model = SurveyTemplate
        fields = ["code", "title", "introduction", "mode", "questions"]
        read_only_fields = fields


class OwnSurveyLineSerializer(serializers.Serializer):
    """A questionnaire as residents' lists show it."""

    code = serializers.CharField()
    title = serializers.CharField()
    state = serializers.ChoiceField(SurveyState.choices)
    state_label = serializers.CharField()
    for_whom = serializers.CharField()
    unit = serializers.CharField()
    mode = serializers.ChoiceField(SurveyMode.choices)
    mode_label = serializers.CharField()
    closes_at = serializers.DateTimeField()
    open = serializers.BooleanField()


class OwnHomeSerializer(serializers.Serializer):
    """A dwelling for which the caller may answer."""

    code = serializers.CharField()
    address = serializers.CharField()
    answered = serializers.BooleanField()


class OwnSurveySerializer(OwnSurveyLineSerializer):
    """With its questions. ``form``: send it back with anonymous answers; it is taken once. ``answered``: null where it
    is anonymous."""

    introduction = serializers.CharField()
    replaceable = serializers.BooleanField()
    questions = SurveyQuestionSerializer(many=True)
    homes = OwnHomeSerializer(many=True)
    answered = serializers.BooleanField(allow_null=True)
    form = serializers.CharField()


class OwnAnswersInput(AnswersInput):
    """``dwelling``: its code, needed where the caller has several; ``form``: as it was told, where it is anonymous."""

    dwelling = serializers.CharField(max_length=60, allow_null=True, default=None)
    form = serializers.CharField(max_length=200, allow_blank=True, default="")


class TakenSerializer(serializers.Serializer):
    """It has arrived. Nothing here names the answer: of an anonymous one nobody is to know it again."""

    taken = serializers.BooleanField()
