"""REST door of needs and visits for people at work. Every write is a service."""

import django_filters as filters
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response

from governance.api.filters import AreaFilter, CodedFilterSet, CodeFilter, YesNoFilter
from governance.api.idempotency import idempotent
from governance.api.paging import ByCode
from governance.api.transitions import TransitionsMixin
from governance.api.views import ScopedViewSet
from governance.errors import NotPermitted
from governance.models import Area
from partners.api.needs_serializers import (
    NeedCategorySerializer,
    NeedDetailSerializer,
    NeedFiguresSerializer,
    NeedGroupSerializer,
    NeedInput,
    NeedLikeSerializer,
    NeedSerializer,
    NeedVisitInput,
    NeedVisitSerializer,
)
from partners.models import Need, NeedCategory, NeedSource, NeedState, NeedUrgency, NeedVisit
from partners.needs.figures import need_figures, visit_figures
from partners.needs.grouping import groups_of, similar_to
from partners.needs.permissions import CONCERNED
from partners.needs.places import communities_of
from partners.needs.registering import Raiser, need_register
from partners.needs.visits import Heard, visit_log

COMMUNITY = OpenApiParameter("community", OpenApiTypes.STR, required=True,
                             description=_("Code of a community the caller works in or looks after."))  # fmt: skip


def area_named(code: str | None) -> Area | None:
    """Return the area of a code in use, None without one. Raises ValidationError naming ``area``."""
    if code is None:
        return None
    found = Area.objects.filter(code=code, is_active=True).first()
    if found is None:
        raise serializers.ValidationError({"area": [_("There is no such area.")]}, "does_not_exist")
    return found


class NeedFilters(CodedFilterSet):
    """``state``, ``source`` and ``urgency`` may be given several times. ``overdue``: what was to be done before now."""

    state = filters.MultipleChoiceFilter(choices=NeedState.choices)
    source = filters.MultipleChoiceFilter(choices=NeedSource.choices)
    urgency = filters.MultipleChoiceFilter(choices=NeedUrgency.choices)
    category = CodeFilter("category__code", model=NeedCategory, label=_("Code of a category."))
    area = AreaFilter()
    overdue = YesNoFilter(method="of_overdue")

    class Meta(CodedFilterSet.Meta):
        model = Need

    def of_overdue(self, queryset, name, value):
        late = Need.objects.overdue().values("pk")
        return queryset.filter(pk__in=late) if value else queryset.exclude(pk__in=late)


@extend_schema(tags=["needs"])
class NeedViewSet(TransitionsMixin, mixins.ListModelMixin, ScopedViewSet):
    """Needs the caller sees at work, newest first; anything else is 404. The own ones are under `me/needs/`."""

    queryset = Need.objects.with_rows()
    serializer_class = NeedSerializer
    filterset_class = NeedFilters
    lookup_value_regex = "[0-9]{1,18}"
    free_actions = ("transition", "create")

    def get_queryset(self):
        rows = super().get_queryset()
        return rows if getattr(self, "swagger_fake_view", False) else rows.of_staff(self.request.user)

    def answer_with(self, need: Need) -> dict:
        """Return the JSON of a need the caller has just moved on, loaded anew."""
        return self.get_serializer(self.queryset.all().get(pk=need.pk)).data

    @extend_schema(responses=NeedDetailSerializer)
    def retrieve(self, request, pk):
        """One need with who raised it."""
        return Response(NeedDetailSerializer(self.get_object(), context=self.get_serializer_context()).data)

    @extend_schema(request=NeedInput, responses={201: NeedSerializer})
    @idempotent
    def create(self, request):
        """Register a need heard at work."""
        given = NeedInput(data=request.data)
        given.is_valid(raise_exception=True)
        data = dict(given.validated_data)
        name, phone, at = data.pop("name"), data.pop("phone"), data.pop("raised_at")
        data["area"] = area_named(data["area"])
        raisers = [Raiser(name=name, phone=phone)] if name or phone else []
        need = need_register(actor=request.user, raisers=raisers, occurred_at=at, **data)
        return Response(self.answer_with(need), status=status.HTTP_201_CREATED)

    @extend_schema(responses=NeedLikeSerializer(many=True))
    @action(detail=True, filterset_class=None, pagination_class=None)
    def similar(self, request, pk):
        """The open needs of the same community and category most like this one, and why."""
        found = similar_to(self.get_object(), request.user)
        return Response(NeedLikeSerializer(found, many=True, context=self.get_serializer_context()).data)

    @extend_schema(parameters=[COMMUNITY], responses=NeedGroupSerializer(many=True))
    @action(detail=False, filterset_class=None, pagination_class=None)
    def groups(self, request):
        """Groups of similar open needs of a community, those most people raised first."""
        found = groups_of(self._community(request), request.user)
        return Response(NeedGroupSerializer(found, many=True, context=self.get_serializer_context()).data)

    @extend_schema(parameters=[COMMUNITY], responses=NeedFiguresSerializer)
    @action(detail=False, filterset_class=None, pagination_class=None)
    def figures(self, request):
        """How many needs by state, source and category, and the visits of the last 30 days."""
        community = self._community(request)
        told = need_figures(request.user, community)
        told = told | {"area": community.code, "visits": visit_figures(request.user, community)}
        return Response(NeedFiguresSerializer(told).data)

    def _community(self, request) -> Area:
        code = request.query_params.get("community", "")
        found = next((area for area in communities_of(request.user, CONCERNED) if area.code == code), None)
        if found is None:
            raise NotPermitted(_("You do not work in this community."), field="community")
        return found


@extend_schema(tags=["needs"])
class NeedCategoryViewSet(mixins.ListModelMixin, ScopedViewSet):
    """The kinds of need in use."""

    queryset = NeedCategory.objects.filter(is_active=True)
    serializer_class = NeedCategorySerializer
    permission_classes = [IsAuthenticated]
    pagination_class = ByCode


class NeedVisitFilters(CodedFilterSet):
    """``day_from`` and ``day_to`` are both included."""

    area = AreaFilter()
    day_from = filters.DateFilter("at", "date__gte")
    day_to = filters.DateFilter("at", "date__lte")

    class Meta(CodedFilterSet.Meta):
        model = NeedVisit


@extend_schema(tags=["needs"])
class NeedVisitViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """Visits on site the caller may see, newest first."""

    queryset = NeedVisit.objects.with_rows().with_heard()
    serializer_class = NeedVisitSerializer
    filterset_class = NeedVisitFilters
    lookup_value_regex = "[0-9]{1,18}"
    free_actions = ("create",)

    @extend_schema(request=NeedVisitInput, responses={201: NeedVisitSerializer})
    @idempotent
    def create(self, request):
        """Log a visit with the needs heard there, all or nothing."""
        given = NeedVisitInput(data=request.data)
        given.is_valid(raise_exception=True)
        data = dict(given.validated_data)
        data["area"] = area_named(data["area"])
        data["needs"] = [Heard(**row) for row in data["needs"]]
        visit = visit_log(actor=request.user, **data)
        return Response(self.get_serializer(self.queryset.all().get(pk=visit.pk)).data, status=status.HTTP_201_CREATED)
