"""REST door of hazards. Every write is a service."""

import django_filters as filters
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response

from cases.models import Patrol, PatrolPoint
from governance.api.filters import AreaFilter, CodedFilterSet, CodeFilter, YesNoFilter
from governance.api.idempotency import ReadsAgain, idempotent
from governance.api.transitions import TransitionsMixin
from governance.api.views import IsStaff, ScopedViewSet
from governance.errors import NotPermitted
from governance.models import Area
from governance.scoping import grant_for
from mediation.api.hazard_serializers import (
    HazardFiguresSerializer,
    HazardInput,
    HazardRowSerializer,
    HazardSerializer,
    ListedHazardSerializer,
    OwnHazardSerializer,
)
from mediation.api.numbers import NumberFilter
from mediation.models import DisputeType, Hazard, HazardSource, HazardState, HazardUrgency
from mediation.prevention.figures import hazard_figures
from mediation.prevention.querysets import READS
from mediation.prevention.reading import hazard_read
from mediation.prevention.reporting import hazard_report

AREA = OpenApiParameter("area", OpenApiTypes.STR, required=True, description=_("Code of an area of the caller's."))


def area_named(code: str | None) -> Area | None:
    """Return the area of a code in use, None without one. Raises ValidationError naming ``area``."""
    if code is None:
        return None
    found = Area.objects.filter(code=code, is_active=True).first()
    if found is None:
        raise serializers.ValidationError({"area": [_("There is no such area.")]}, "does_not_exist")
    return found


class HazardFilters(CodedFilterSet):
    """``state``, ``source`` and ``urgency`` may be given several times. ``overdue``: to be assessed before now."""

    state = filters.MultipleChoiceFilter(choices=HazardState.choices)
    source = filters.MultipleChoiceFilter(choices=HazardSource.choices)
    urgency = filters.MultipleChoiceFilter(choices=HazardUrgency.choices)
    type = CodeFilter("type__code", model=DisputeType, label=_("Code of a dispute type."))
    number = NumberFilter("mediation.hazard")
    area = AreaFilter()
    overdue = YesNoFilter(method="of_overdue")

    class Meta(CodedFilterSet.Meta):
        model = Hazard

    def of_overdue(self, queryset, name, value):
        late = Hazard.objects.late().values("pk")
        return queryset.filter(pk__in=late) if value else queryset.exclude(pk__in=late)


@extend_schema(tags=["mediation"])
class HazardViewSet(ReadsAgain, TransitionsMixin, mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """Hazards the caller keeps, newest first; anything else is 404. The own reports are under `mine/`.

    Lists show no words of one that became a dispute; reading it is recorded as a reading of the dispute. Who only
    reported one may `reword` it until it is assessed, and is answered as in `mine/`.
    """

    queryset = Hazard.objects.with_rows()
    serializer_class = ListedHazardSerializer
    filterset_class = HazardFilters
    lookup_value_regex = "[0-9]{1,18}"
    free_actions = ("transition", "create", "mine", "figures")

    def get_queryset(self):
        rows = super().get_queryset()
        own = self.action == "mine" or self.kwargs.get("name") == "reword"
        return rows if getattr(self, "swagger_fake_view", False) or own else rows.read_by(self.request.user)

    def answer_with(self, hazard: Hazard) -> dict:
        """Return the JSON of a hazard the caller has just moved on, loaded anew; of an own report what they read."""
        fresh = self.queryset.all().get(pk=hazard.pk)
        if grant_for(READS, fresh, self.request.user) is None:
            return self._own(fresh)
        hazard_read(fresh, user=self.request.user)
        return HazardSerializer(fresh, context=self.get_serializer_context()).data

    @extend_schema(responses=HazardSerializer)
    def retrieve(self, request, pk):
        """One hazard with its words. Where it became a dispute, that it was read is recorded."""
        hazard = self.get_object()
        hazard_read(hazard, user=request.user)
        return Response(HazardSerializer(hazard, context=self.get_serializer_context()).data)

    @extend_schema(request=HazardInput, responses={201: OwnHazardSerializer})
    @idempotent
    def create(self, request):
        """Report a hazard."""
        given = HazardInput(data=request.data)
        given.is_valid(raise_exception=True)
        data = dict(given.validated_data)
        data["area"], data["patrol"] = area_named(data["area"]), self._patrol(data["patrol"])
        data["point"] = self._point(data["patrol"], data["point"])
        hazard = hazard_report(actor=request.user, **data)
        return Response(self._own(self.queryset.all().get(pk=hazard.pk)), status=status.HTTP_201_CREATED)

    def _own(self, hazard: Hazard) -> dict:
        return OwnHazardSerializer(hazard, context=self.get_serializer_context()).data

    def row_again(self, pk):
        if self.action != "create":
            return super().row_again(pk)
        return self._own(get_object_or_404(self.queryset.all().reported_by(self.request.user), pk=pk))

    def _patrol(self, pk: int | None) -> Patrol | None:
        if pk is None:
            return None
        found = Patrol.objects.visible_to(self.request.user).filter(pk=pk).first()
        if found is None:
            raise serializers.ValidationError({"patrol": [_("There is no such round here.")]}, "does_not_exist")
        return found

    def _point(self, patrol: Patrol | None, pk: int | None) -> PatrolPoint | None:
        if pk is None:
            return None
        if patrol is None:
            raise serializers.ValidationError({"patrol": [_("Say on which round it was found.")]}, "required")
        found = PatrolPoint.objects.filter(route_id=patrol.route_id, pk=pk).first()
        if found is None:
            raise serializers.ValidationError({"point": [_("There is no such point on this route.")]}, "does_not_exist")
        return found

    @extend_schema(responses=OwnHazardSerializer(many=True))
    @action(detail=False, permission_classes=[IsAuthenticated], filterset_class=None,
            serializer_class=OwnHazardSerializer)  # fmt: skip
    def mine(self, request):
        """The caller's own reports, newest first, each with its outcome."""
        page = self.paginate_queryset(self.get_queryset().reported_by(request.user))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    @extend_schema(responses=HazardRowSerializer(many=True))
    @action(detail=False)
    def listed(self, request):
        """The masked list: also hazards that the caller may not open. No words, no names."""
        rows = self.filter_queryset(self.queryset.all().listed_to(request.user))
        return self.get_paginated_response(HazardRowSerializer(self.paginate_queryset(rows), many=True).data)

    @extend_schema(parameters=[AREA], responses=HazardFiguresSerializer)
    @action(detail=False, filterset_class=None, pagination_class=None, permission_classes=[IsAuthenticated, IsStaff])
    def figures(self, request):
        """How many by state, source and type. Who does not read the hazards counts the own area as a whole, and cells
        under 5 are null."""
        code = request.query_params.get("area", "")
        area = Area.objects.filter(code=code, is_active=True).first() if code.isascii() and code.isdigit() else None
        if area is None:
            raise NotPermitted(_("You do not count hazards in this area."), field="area")
        return Response(HazardFiguresSerializer(hazard_figures(request.user, area)).data)
