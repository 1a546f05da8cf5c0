"""REST door of patrols. Every list starts from ``visible_to``; every write is a service."""

import django_filters as filters
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.response import Response

from cases.api.patrol_serializers import (
    CheckInInput,
    CheckInSerializer,
    FindingInput,
    FindingSerializer,
    PatrolDetailSerializer,
    PatrolSerializer,
    PlanSerializer,
    RouteSerializer,
)
from cases.models import Patrol, PatrolPlan, PatrolPoint, PatrolRoute, PatrolState
from cases.patrols import patrol_check_in, patrol_report
from governance.api.filters import AreaFilter, CodedFilterSet, CodeFilter, YesNoFilter
from governance.api.idempotency import idempotent
from governance.api.paging import ByCode
from governance.api.transitions import TransitionsMixin
from governance.api.views import ScopedViewSet
from governance.models import OrgUnit


class PatrolFilters(CodedFilterSet):
    """``state`` may be given several times. ``day_from`` and ``day_to`` are both included."""

    state = filters.MultipleChoiceFilter(choices=PatrolState.choices)
    area = AreaFilter()
    unit = CodeFilter("unit__code", model=OrgUnit, label=_("Code of the team's unit."))
    route = CodeFilter("route__code", model=PatrolRoute, label=_("Code of a route."))
    worker = filters.CharFilter("worker__username", label=_("User name of who goes round."), max_length=60)
    mine = YesNoFilter(method="that_are_mine", label=_("Rounds the caller may walk."))
    missing = YesNoFilter(method="that_miss_something", label=_("Missed, or with missed points."))
    day_from = filters.DateFilter("date", "gte")
    day_to = filters.DateFilter("date", "lte")

    class Meta(CodedFilterSet.Meta):
        model = Patrol

    def that_are_mine(self, queryset, name, value):
        mine = Patrol.objects.to_walk(self.request.user).values("pk")
        return queryset.filter(pk__in=mine) if value else queryset.exclude(pk__in=mine)

    def that_miss_something(self, queryset, name, value):
        missing = Patrol.objects.missing_something().values("pk")
        return queryset.filter(pk__in=missing) if value else queryset.exclude(pk__in=missing)


@extend_schema(tags=["patrols"])
class PatrolViewSet(TransitionsMixin, mixins.ListModelMixin, ScopedViewSet):
    """Rounds the caller may see, newest first; anything else is 404."""

    queryset = Patrol.objects.with_rows().with_figures()
    serializer_class = PatrolSerializer
    filterset_class = PatrolFilters
    lookup_value_regex = "[0-9]{1,18}"
    free_actions = ("transition", "check_ins", "findings")

    def answer_with(self, patrol: Patrol) -> dict:
        """Return the JSON of a round the caller has just moved on, loaded anew."""
        return self.get_serializer(self.queryset.get(pk=patrol.pk)).data

    @extend_schema(responses=PatrolDetailSerializer)
    def retrieve(self, request, pk):
        """One round with its points in order, check-ins, missed points and findings."""
        return Response(PatrolDetailSerializer(self.get_object(), context={"request": request}).data)

    @extend_schema(request=CheckInInput, responses={201: CheckInSerializer})
    @action(detail=True, methods=["post"], url_path="check-ins", filterset_class=None, pagination_class=None)
    @idempotent
    def check_ins(self, request, pk):
        """Check in at a point. `key` makes resending safe for phones that were without network: the same key again
        answers with the check-in that is kept.
        """
        patrol, given = self.get_object(), CheckInInput(data=request.data)
        given.is_valid(raise_exception=True)
        data = dict(given.validated_data)
        point = _point_of(patrol, data.pop("point"))
        made = patrol_check_in(actor=request.user, patrol=patrol, point=point, **data)
        return Response(CheckInSerializer(made).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=FindingInput, responses={201: FindingSerializer})
    @action(detail=True, methods=["post"], filterset_class=None, pagination_class=None)
    @idempotent
    def findings(self, request, pk):
        """Report a finding: opens a case with source `patrol`."""
        patrol, given = self.get_object(), FindingInput(data=request.data)
        given.is_valid(raise_exception=True)
        data = dict(given.validated_data)
        number = data.pop("point")
        point = None if number is None else _point_of(patrol, number)
        case = patrol_report(actor=request.user, patrol=patrol, point=point, **data)
        return Response(FindingSerializer(case.patrol_finding).data, status=status.HTTP_201_CREATED)


def _point_of(patrol: Patrol, pk: int) -> PatrolPoint:
    point = PatrolPoint.objects.filter(route_id=patrol.route_id, pk=pk).first()
    if point is None:
        raise serializers.ValidationError({"point": [_("There is no such point on this route.")]}, "does_not_exist")
    return point


@extend_schema(tags=["patrols"])
class PatrolRouteViewSet(mixins.ListModelMixin, ScopedViewSet):
    """Routes the caller may see, by code, each with its points in order."""

    queryset = PatrolRoute.objects.select_related("area", "unit").defer("area__boundary").prefetch_related("points")
    serializer_class = RouteSerializer
    pagination_class = ByCode


class PlanFilters(CodedFilterSet):
    """``on``: plans that hold on a day."""

    route = CodeFilter("route__code", model=PatrolRoute, label=_("Code of a route."))
    worker = filters.CharFilter("worker__username", label=_("User name of who goes round."), max_length=60)
    on = filters.DateFilter(method="that_hold_on", label=_("Plans that hold on this day."))

    class Meta(CodedFilterSet.Meta):
        model = PatrolPlan

    def that_hold_on(self, queryset, name, value):
        return queryset.in_use(value, value)


@extend_schema(tags=["patrols"])
class PatrolPlanViewSet(mixins.ListModelMixin, ScopedViewSet):
    """Plans of the routes the caller may see, by code."""

    queryset = PatrolPlan.objects.select_related("route", "worker")
    serializer_class = PlanSerializer
    filterset_class = PlanFilters
    pagination_class = ByCode
