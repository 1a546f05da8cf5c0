"""REST door of scoring: live figures, the cases behind them, formulas, periods, lines and appeals."""

import django_filters as filters
from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response

from cases.api import score_serializers as shapes
from cases.api.serializers import CaseSerializer
from cases.models import FactCursor, ScoreAppeal, ScoreFormula, ScoreLine, ScorePeriod
from cases.scoring import dimensions
from cases.scoring.appeals import cases_named, line_ground, score_appeal_file
from cases.scoring.dimensions import dimension_named
from cases.scoring.drill import Spot, cases_behind, facts_behind
from cases.scoring.figures import NOTHING, Days, figures_by, left_out_by, whole
from cases.scoring.indicators import ALL
from cases.scoring.periods import as_json, frozen_ground, score_period_open
from cases.scoring.questions import Question, QuestionForm
from cases.scoring.ranking import places_of
from governance.api.errors import of_form
from governance.api.filters import AreaFilter, CodedFilterSet, CodeFilter, YesNoFilter
from governance.api.idempotency import idempotent
from governance.api.paging import NewestFirst, OldestFirst
from governance.api.transitions import TransitionsMixin
from governance.api.views import ApiView, IsStaff, ReferenceViewSet, ScopedViewSet
from governance.models import OrgUnit

QUESTION = [
    OpenApiParameter("by", str, enum=[key for key, _label in dimensions.choices()],
                     description=gettext_lazy("Compared by; units where absent.")),
    OpenApiParameter("first", {"type": "string", "format": "date"}, description=gettext_lazy("First day, included.")),
    OpenApiParameter("last", {"type": "string", "format": "date"}, description=gettext_lazy("Last day, included.")),
    OpenApiParameter("area", str, description=gettext_lazy("Code of an area: it and all areas under it.")),
    OpenApiParameter("formula", str, description=gettext_lazy("Key of a formula (newest version), or key/version.")),
]  # fmt: skip
SPOT = [
    OpenApiParameter("indicator", str, required=True,
                     description=gettext_lazy("An indicator; with part left_out the reason.")),
    OpenApiParameter("part", str, required=True, enum=list(shapes.PARTS)),
    OpenApiParameter("key", str, description=gettext_lazy("Key of a row; none: of that without one; absent: of all.")),
    OpenApiParameter("line", int, description=gettext_lazy("Of a stored line instead of days, area and formula.")),
    OpenApiParameter("period", int, description=gettext_lazy("Of a stored period instead of days, area and formula.")),
]  # fmt: skip


def question_of(request) -> Question:
    """Return the question that the parameters ask. Raises ValidationError by parameter."""
    form = QuestionForm(request.query_params, user=request.user)
    if not form.is_valid():
        raise of_form(form)
    return form.question()


class FiguresView(ApiView):
    """Figures as they stand, all indicators: of the caller's area, or of the caller's own unit."""

    permission_classes = [IsAuthenticated, IsStaff]

    @extend_schema(tags=["scores"], parameters=QUESTION, responses=shapes.LiveSerializer)
    def get(self, request):
        """Rows by rank, or by name without a formula. One row a unit, area or class: not paged."""
        question = question_of(request)
        cursor, ground = FactCursor.objects.first(), question.ground()
        found = figures_by(ground, question.days, question.by)
        left_out = left_out_by(ground, question.days, question.by)
        answer = {
            "as_of": cursor.as_of if cursor else None, "by": question.by.key, "first": question.days.first,
            "last": question.days.last, "area": question.area and question.area.code,
            "formula": question.params().get("formula"), "totals": as_json(whole(ground, question.days)),
            "rows": _rows(question, found, left_out),
        }  # fmt: skip
        return Response(shapes.LiveSerializer(answer).data)


def _rows(question: Question, found: dict, left_out: dict) -> list[dict]:
    own = dict.fromkeys(left_out, NOTHING) | found
    return [
        {"key": place.key, "name": place.name, "rank": place.rank, "score": place.score,
         "figures": as_json(own[place.key]), "left_out": left_out.get(place.key, {})}
        for place in places_of(question.formula, own, question.by.names(own))
    ]  # fmt: skip


class FigureCasesView(ApiView):
    """The cases behind a figure, as far as the caller may see them."""

    permission_classes = [IsAuthenticated, IsStaff]

    @extend_schema(tags=["scores"], operation_id="scores_cases_list", parameters=[*SPOT, *QUESTION],
                   responses=CaseSerializer(many=True))  # fmt: skip
    def get(self, request):
        """Newest first, each case once (a figure may count two turns of one case)."""
        given = shapes.SpotInput(data=request.query_params)
        given.is_valid(raise_exception=True)
        spot = Spot.read(**given.validated_data)
        facts = self._facts(request, spot)
        rows = cases_behind(facts, request.user).with_rows().defer("area__boundary")
        pages = NewestFirst()
        page = pages.paginate_queryset(rows, request, view=self)
        return pages.get_paginated_response(CaseSerializer(page, many=True, context={"request": request}).data)

    def _facts(self, request, spot: Spot):
        if "line" in request.query_params:
            line = _found(ScoreLine.objects.visible_to(request.user).select_related("period__formula"), request, "line")
            period = line.period
            own = Spot(spot.indicator, spot.part, line.subject, False)
            return facts_behind(line_ground(line), _days(period), dimension_named(period.dimension), own)
        if "period" in request.query_params:
            rows = ScorePeriod.objects.visible_to(request.user).select_related("formula")
            period = _found(rows, request, "period")
            return facts_behind(frozen_ground(period), _days(period), dimension_named(period.dimension), spot)
        question = question_of(request)
        return facts_behind(question.ground(), question.days, question.by, spot)


def _days(period: ScorePeriod) -> Days:
    return Days(period.first, period.last)


def _found(rows, request, name: str):
    key = request.query_params[name]
    if not (key.isascii() and key.isdecimal() and len(key) <= 18):
        raise ValidationError({name: [_("A whole number is needed.")]}, "invalid")
    row = rows.filter(pk=key).first()
    if row is None:
        raise NotFound
    return row


class IndicatorsView(ApiView):
    """All indicators: what each counts."""

    permission_classes = [IsAuthenticated, IsStaff]

    @extend_schema(tags=["scores"], responses=shapes.IndicatorSerializer(many=True))
    def get(self, request):
        """In the order of tables; not paged."""
        return Response(shapes.IndicatorSerializer(ALL, many=True).data)


@extend_schema(tags=["scores"])
class FormulaViewSet(ReferenceViewSet):
    """Score formulas, all versions."""

    queryset = ScoreFormula.objects.prefetch_related("weights", "exclusions__category")
    serializer_class = shapes.FormulaSerializer
    pagination_class = OldestFirst


class PeriodFilters(CodedFilterSet):
    area = AreaFilter()
    by = filters.ChoiceFilter("dimension", choices=dimensions.choices)
    state = filters.ChoiceFilter(choices=ScorePeriod._meta.get_field("state").choices)

    class Meta(CodedFilterSet.Meta):
        model = ScorePeriod


@extend_schema(tags=["scores"])
class PeriodViewSet(TransitionsMixin, mixins.ListModelMixin, ScopedViewSet):
    """Score periods: all of their area for who watches it, the published ones for everybody else at work."""

    queryset = ScorePeriod.objects.select_related("area", "formula").defer("area__boundary")
    serializer_class = shapes.PeriodSerializer
    filterset_class = PeriodFilters
    lookup_value_regex = "[0-9]{1,18}"

    def answer_with(self, period: ScorePeriod) -> dict:
        """Return the JSON of a period just moved on, loaded anew."""
        return self.get_serializer(self.queryset.get(pk=period.pk)).data

    def retrieve(self, request, pk):
        """One period with the figures of its whole; its rows are `scores/lines/?period=`."""
        return Response(self.get_serializer(self.get_object()).data)

    @extend_schema(request=shapes.PeriodInput, responses={201: shapes.PeriodSerializer})
    @idempotent
    def create(self, request):
        """Open a period."""
        given = shapes.PeriodInput(data=request.data)
        given.is_valid(raise_exception=True)
        period = score_period_open(actor=request.user, **given.validated_data)
        return Response(self.answer_with(period), status=status.HTTP_201_CREATED)


class WholeNumberFilter(filters.Filter):
    """A key."""

    field_class = forms.IntegerField

    def __init__(self, *args, **options):
        super().__init__(*args, min_value=1, max_value=2**63 - 1, **options)


class LineFilters(CodedFilterSet):
    period = WholeNumberFilter("period_id", label=gettext_lazy("Id of a period."))
    unit = CodeFilter("unit__code", model=OrgUnit, label=gettext_lazy("Code of a unit."))
    current = YesNoFilter(method="that_stand", label=gettext_lazy("No correction has taken their place."))

    class Meta(CodedFilterSet.Meta):
        model = ScoreLine

    def that_stand(self, queryset, name, value):
        return queryset.filter(correction__isnull=value)


@extend_schema(tags=["scores"])
class LineViewSet(mixins.ListModelMixin, ScopedViewSet):
    """Lines of periods, corrections included."""

    queryset = ScoreLine.objects.select_related("unit", "correction")
    serializer_class = shapes.LineSerializer
    filterset_class = LineFilters
    pagination_class = OldestFirst


@extend_schema(tags=["scores"])
class ScoreAppealViewSet(TransitionsMixin, mixins.ListModelMixin, ScopedViewSet):
    """Appeals against lines: of the caller's unit, or of the area the caller watches."""

    queryset = ScoreAppeal.objects.select_related("unit", "area", "line__correction").prefetch_related("disputed__case")
    serializer_class = shapes.AppealSerializer
    lookup_value_regex = "[0-9]{1,18}"

    def answer_with(self, appeal: ScoreAppeal) -> dict:
        """Return the JSON of an appeal just moved on, loaded anew."""
        return self.get_serializer(self.queryset.get(pk=appeal.pk)).data

    def retrieve(self, request, pk):
        """One appeal."""
        return Response(self.get_serializer(self.get_object()).data)

    @extend_schema(request=shapes.AppealInput, responses={201: shapes.AppealSerializer})
    @idempotent
    def create(self, request):
        """Appeal against a published line of the caller's unit."""
        given = shapes.AppealInput(data=request.data)
        given.is_valid(raise_exception=True)
        told = given.validated_data
        lines = ScoreLine.objects.visible_to(request.user).select_related("unit", "period__area", "period__formula")
        line = lines.filter(pk=told["line"]).first()
        if line is None:
            raise serializers.ValidationError({"line": [_("There is no such line.")]}, "does_not_exist")
        appeal = score_appeal_file(
            actor=request.user, line=line, cases=cases_named(line, told["cases"]), reason=told["reason"]
        )
        return Response(self.answer_with(appeal), status=status.HTTP_201_CREATED)
