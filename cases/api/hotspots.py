"""REST door of hot spots: where, of what, again and again, how it went; and the signals of the nightly watch."""

from datetime import timedelta

import django_filters as filters
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response

from cases.api.hotspot_serializers import (
    AreaCountsSerializer,
    CellCountsSerializer,
    RepeatPlacesSerializer,
    SignalSerializer,
    TrendSerializer,
    TypeCountsSerializer,
    cells_told,
    question_told,
    sums_told,
)
from cases.hotspots.asking import Question
from cases.hotspots.cells import FINEST, RESOLUTIONS
from cases.hotspots.places import MOST_CELLS, by_area, by_cell, level_below
from cases.hotspots.repeats import LONGEST, repeat_places
from cases.hotspots.scope import scope_of, shared
from cases.hotspots.spans import LONGEST as LONGEST_WINDOW
from cases.hotspots.spans import Window
from cases.hotspots.trend import trend
from cases.hotspots.types import frequent_types
from cases.models import CaseCategory, DayTally, HotSpotRule, HotSpotSignal, Scene, SignalState
from cases.scenes.querysets import in_scene_coded
from governance.api.fields import AreaCodeField
from governance.api.filters import AreaFilter, CodedFilterSet, CodeFilter
from governance.api.transitions import TransitionsMixin
from governance.api.views import ApiMixin, RolePermission, ScopedViewSet
from governance.models import Area, AreaKind


class QuestionInput(serializers.Serializer):
    """Which cases: ``days`` days that end with ``last`` (default yesterday), compared with as many before."""

    days = serializers.IntegerField(min_value=1, max_value=LONGEST_WINDOW, default=28)
    last = serializers.DateField(required=False, default=None, allow_null=True)
    category = serializers.CharField(
        required=False, default="", max_length=20, help_text=_("Code of a category: it and its sub-classes.")
    )
    scene = serializers.CharField(
        required=False, default="", max_length=30, help_text=_("Code of a scene: its categories, in its area.")
    )
    area = AreaCodeField(required=False, allow_null=True, default=None, help_text=_("Code of an area."))

    def validate_last(self, day):
        if day is not None and not timezone.localdate() >= day >= day.replace(year=2000, month=1, day=1):
            raise serializers.ValidationError(_("From 2000-01-01 to today."), "out_of_range")
        return day

    def validate_category(self, code):
        if not code:
            return None
        found = list(CaseCategory.objects.filter(code=code, is_active=True)[:2])
        if len(found) != 1:
            raise serializers.ValidationError(_("There is no one such category."), "does_not_exist")
        return found[0]

    def validate_scene(self, code):
        scenes = Scene.objects.in_use().select_related("area").defer("area__boundary")
        scene = scenes.filter(code=code).first() if code else None
        if code and scene is None:
            raise serializers.ValidationError(_("There is no such scene."), "does_not_exist")
        return scene

    def validate_area(self, code):
        area = Area.objects.filter(code=code).defer("boundary").first() if code else None
        if code and area is None:
            raise serializers.ValidationError(_("There is no such area."), "does_not_exist")
        return area

    def question(self, user) -> Question:
        """Return what is asked, for what ``user`` may be told. Raises Invalid for an area outside the scene."""
        given = self.validated_data
        last = given["last"] or timezone.localdate() - timedelta(days=1)
        within = shared(given["area"], given["scene"])
        return Question(Window.ending(last, given["days"]), scope_of(user, within), given["category"], given["scene"])


class CellsInput(QuestionInput):
    resolution = serializers.ChoiceField(RESOLUTIONS, default=FINEST, help_text=_("H3: 7, 8 or 9 (200 m)."))
    limit = serializers.IntegerField(min_value=1, max_value=MOST_CELLS, default=100)


class AreasInput(QuestionInput):
    kind = serializers.ChoiceField(AreaKind.choices, required=False, default="", allow_blank=True)


class TypesInput(QuestionInput):
    classes = serializers.BooleanField(default=False, help_text=_("Classes instead of sub-classes."))


class RepeatsInput(QuestionInput):
    days = serializers.IntegerField(min_value=1, max_value=LONGEST, default=28)
    least = serializers.IntegerField(min_value=2, max_value=1000, default=3, help_text=_("Fewest cases of a place."))
    limit = serializers.IntegerField(min_value=1, max_value=100, default=50)


@extend_schema(tags=["hotspots"])
class HotSpotViewSet(ApiMixin, viewsets.GenericViewSet):
    """Counts of cases, for the areas the caller works in; anything else is 403. Rejected and cancelled cases are left
    out, those merged into another count as `reports` only."""

    queryset = DayTally.objects.none()
    permission_classes = [IsAuthenticated, RolePermission]
    free_actions: tuple[str, ...] = ()
    pagination_class = None
    filter_backends = []

    def _asked(self, request, kind: type[QuestionInput]) -> tuple[Question, dict]:
        given = kind(data=request.query_params)
        given.is_valid(raise_exception=True)
        return given.question(request.user), given.validated_data

    @extend_schema(parameters=[CellsInput], responses=CellCountsSerializer)
    def list(self, request):
        """Hexagons, those with most cases first."""
        question, given = self._asked(request, CellsInput)
        found, sums = by_cell(question, given["resolution"], most=given["limit"])
        body = question_told(question) | sums_told(sums) | {"unplaced": sums.unplaced, "results": cells_told(found)}
        return Response(CellCountsSerializer(body).data)

    @extend_schema(parameters=[AreasInput], responses=AreaCountsSerializer)
    @action(detail=False)
    def areas(self, request):
        """Areas of one kind (default: just below the largest of the caller's), those with most cases first."""
        question, given = self._asked(request, AreasInput)
        found, sums = by_area(question, given["kind"] or level_below(question))
        return Response(
            AreaCountsSerializer(question_told(question) | sums_told(sums) | {"results": found}).data
        )  # fmt: skip

    @extend_schema(parameters=[TypesInput], responses=TypeCountsSerializer)
    @action(detail=False)
    def types(self, request):
        """Frequent types, most cases first."""
        question, given = self._asked(request, TypesInput)
        found = frequent_types(question, classes=given["classes"])
        return Response(TypeCountsSerializer(question_told(question) | {"results": found}).data)

    @extend_schema(parameters=[RepeatsInput], responses=RepeatPlacesSerializer)
    @action(detail=False)
    def repeats(self, request):
        """Places within 50 m, or addresses, that were reported again and again."""
        question, given = self._asked(request, RepeatsInput)
        found = repeat_places(question, least=given["least"], most=given["limit"])
        codes = dict(CaseCategory.objects.values_list("pk", "code"))
        serializer = RepeatPlacesSerializer(question_told(question) | {"results": found}, context={"codes": codes})
        return Response(serializer.data)

    @extend_schema(parameters=[QuestionInput], responses=TrendSerializer)
    @action(detail=False)
    def trend(self, request):
        """Cases day by day, or week by week where the window is longer than 92 days."""
        question, _given = self._asked(request, QuestionInput)
        return Response(TrendSerializer(question_told(question) | {"results": trend(question)}).data)


class SignalFilters(CodedFilterSet):
    """``state`` may be given several times."""

    state = filters.MultipleChoiceFilter(choices=SignalState.choices)
    area = AreaFilter()
    rule = CodeFilter("rule__code", model=HotSpotRule, label=_("Code of a watch."))
    category = CodeFilter("category__code", model=CaseCategory, label=_("Code of a category."))
    scene = CodeFilter(model=Scene, method="of_scene", label=_("Code of a scene."))

    class Meta(CodedFilterSet.Meta):
        model = HotSpotSignal

    def of_scene(self, queryset, name, value):
        return in_scene_coded(queryset, value)


@extend_schema(tags=["hotspots"])
class HotSpotSignalViewSet(TransitionsMixin, mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """Clusters the nightly watch found in the caller's areas, newest first; anything else is 404."""

    queryset = HotSpotSignal.objects.with_rows()
    serializer_class = SignalSerializer
    filterset_class = SignalFilters
    lookup_value_regex = "[0-9]{1,18}"

    def answer_with(self, signal: HotSpotSignal) -> dict:
        """Return the JSON of a signal the caller has just decided about, loaded anew."""
        return self.get_serializer(self.queryset.get(pk=signal.pk)).data
