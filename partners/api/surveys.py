"""REST door of questionnaires for people at work. Every write is a service."""

import django_filters as filters
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.response import Response

from governance.api.filters import AreaFilter, CodedFilterSet
from governance.api.idempotency import idempotent
from governance.api.paging import Keyset
from governance.api.transitions import TransitionsMixin
from governance.api.views import ReferenceViewSet, ScopedViewSet
from governance.errors import NotPermitted
from governance.models import Area, Estate, User
from governance.scoping import grant_for
from partners.api.surveys_serializers import (
    CrossTableSerializer,
    EnterInput,
    QuestionsInput,
    SheetSerializer,
    SurveyDetailSerializer,
    SurveyInput,
    SurveyResultsSerializer,
    SurveySerializer,
    SurveyTemplateSerializer,
)
from partners.models import SheetWay, Survey, SurveyAnswerSheet, SurveyMode, SurveyState, SurveyTemplate
from partners.surveys.answering import sheet_enter
from partners.surveys.building import questions_set, survey_copy, survey_make
from partners.surveys.checking import problems
from partners.surveys.cross_table import cross_table
from partners.surveys.homes import dwellings_asked, people_of
from partners.surveys.public import figures_told
from partners.surveys.querysets import ASKS, READS, RUNS
from partners.surveys.results import results_of

BIG = 2**63 - 1


class SurveyFilters(CodedFilterSet):
    """``state`` and ``mode`` may be given several times."""

    state = filters.MultipleChoiceFilter(choices=SurveyState.choices)
    mode = filters.MultipleChoiceFilter(choices=SurveyMode.choices)
    area = AreaFilter()

    class Meta(CodedFilterSet.Meta):
        model = Survey


def _one(rows, field: str, value, column: str = "code"):
    if value is None:
        return None
    found = rows.filter(**{column: value}).first() if "\0" not in value else None
    if found is None:
        raise serializers.ValidationError({field: [_("There is no “%(code)s”.") % {"code": value}]}, "does_not_exist")
    return found


@extend_schema(tags=["surveys"])
class SurveyViewSet(TransitionsMixin, mixins.ListModelMixin, ScopedViewSet):
    """Questionnaires the caller works with, newest first; anything else is 404."""

    queryset = Survey.objects.with_rows().with_counts()
    serializer_class = SurveySerializer
    filterset_class = SurveyFilters
    lookup_value_regex = "[0-9]{1,18}"
    free_actions = ("transition", "copy", "questions", "sheets")

    def get_queryset(self):
        rows = super().get_queryset()
        return rows if getattr(self, "swagger_fake_view", False) else rows.for_staff(self.request.user)

    def answer_with(self, survey: Survey) -> dict:
        """Return the JSON of a questionnaire just moved on, loaded anew."""
        return self.get_serializer(self.queryset.get(pk=survey.pk)).data

    def _detail(self, survey: Survey) -> dict:
        survey = self.queryset.get(pk=survey.pk)
        survey.problems = problems(survey.asked()) if survey.state == SurveyState.DRAFT else []
        return SurveyDetailSerializer(survey, context={"request": self.request}).data

    @extend_schema(responses=SurveyDetailSerializer)
    def retrieve(self, request, pk):
        """One questionnaire with its questions."""
        return Response(self._detail(self.get_object()))

    @extend_schema(request=SurveyInput, responses={201: SurveyDetailSerializer})
    @idempotent
    def create(self, request):
        """Draft a questionnaire, empty or with the questions of a template."""
        given = SurveyInput(data=request.data)
        given.is_valid(raise_exception=True)
        data = dict(given.validated_data)
        data["area"] = _one(Area.objects.filter(is_active=True), "area", data["area"])
        data["estate"] = _one(Estate.objects.visible_to(request.user), "estate", data["estate"])
        templates = SurveyTemplate.objects.visible_to(request.user).filter(is_active=True)
        data["template"] = _one(templates, "template", data["template"])
        made = survey_make(actor=request.user, **data)
        return Response(self._detail(made), status=status.HTTP_201_CREATED)

    @extend_schema(request=None, responses={201: SurveyDetailSerializer})
    @action(detail=True, methods=["post"], filterset_class=None, pagination_class=None)
    @idempotent
    def copy(self, request, pk):
        """Draft a new edition of a questionnaire; what is open is never edited."""
        made = survey_copy(self.get_object(), actor=request.user)
        return Response(self._detail(made), status=status.HTTP_201_CREATED)

    @extend_schema(request=QuestionsInput, responses=SurveyDetailSerializer)
    @action(detail=True, methods=["put"], filterset_class=None, pagination_class=None)
    def questions(self, request, pk):
        """Replace all questions of a draft."""
        survey = self.get_object()
        given = QuestionsInput(data=request.data)
        given.is_valid(raise_exception=True)
        return Response(self._detail(questions_set(survey, actor=request.user, **given.validated_data)))

    def _read_by(self, request) -> Survey:
        survey = self.get_object()
        if grant_for(READS, survey, request.user) is None:
            raise NotPermitted(_("The answers are for who keeps this questionnaire."))
        return survey

    @extend_schema(responses=SurveyResultsSerializer)
    @action(detail=True, filterset_class=None, pagination_class=None)
    def results(self, request, pk):
        """All figures; residents read theirs under `me/surveys/`."""
        return Response(SurveyResultsSerializer(figures_told(results_of(self._read_by(request)))).data)

    @extend_schema(
        parameters=[OpenApiParameter("rows", str, required=True), OpenApiParameter("columns", str, required=True)],
        responses=CrossTableSerializer,
    )
    @action(detail=True, url_path="cross-table", filterset_class=None, pagination_class=None)
    def cross_table(self, request, pk):
        """Two questions, by their keys, counted against each other."""
        survey = self._read_by(request)
        asked = {name: request.query_params.get(name, "") for name in ("rows", "columns")}
        return Response(CrossTableSerializer(vars(cross_table(survey, **asked))).data)

    @extend_schema(request=EnterInput, responses={201: SheetSerializer})
    @action(detail=True, methods=["post"], filterset_class=None, pagination_class=None)
    @idempotent
    def sheets(self, request, pk):
        """Enter the answers of somebody, from paper or asked at the door."""
        survey = self.get_object()
        if grant_for(RUNS | ASKS, survey, request.user) is None:
            raise NotPermitted(_("You may not do this here."))
        given = EnterInput(data=request.data)
        given.is_valid(raise_exception=True)
        data = dict(given.validated_data)
        data["dwelling"] = _one(dwellings_asked(survey), "dwelling", data["dwelling"])
        people = User.objects.filter(pk__in=people_of(survey).order_by().values("pk"))
        data["person"] = _one(people, "person", data["person"], "username")
        made = sheet_enter(survey, actor=request.user, **data)
        return Response(SheetSerializer(SheetViewSet.queryset.get(pk=made.pk)).data, status=status.HTTP_201_CREATED)


class ByRandomId(Keyset):
    """Sheets by their ids, which are random: the order tells nothing."""

    ordering = "id"
    position = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"


class SheetFilters(CodedFilterSet):
    survey = filters.NumberFilter("survey_id", min_value=1, max_value=BIG)
    way = filters.MultipleChoiceFilter(choices=SheetWay.choices)

    class Meta(CodedFilterSet.Meta):
        model = SurveyAnswerSheet


@extend_schema(tags=["surveys"])
class SheetViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """Sheets of questionnaires the caller reads, in no telling order; who asks at the door sees the own ones."""

    queryset = SurveyAnswerSheet.objects.with_rows().prefetch_related("answers__question")
    serializer_class = SheetSerializer
    filterset_class = SheetFilters
    pagination_class = ByRandomId
    lookup_value_regex = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"


@extend_schema(tags=["surveys"])
class SurveyTemplateViewSet(ReferenceViewSet):
    """Questionnaires to begin with, by code."""

    queryset = SurveyTemplate.objects.filter(is_active=True)
    serializer_class = SurveyTemplateSerializer
