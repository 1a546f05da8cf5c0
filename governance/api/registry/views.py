"""REST door for staff: places, residencies and ownerships inside their areas."""

from drf_spectacular.utils import extend_schema
from rest_framework import mixins, status
from rest_framework.response import Response

from governance.api.idempotency import idempotent
from governance.api.paging import ByCode, OldestFirst
from governance.api.registry import filters, inputs, serializers
from governance.api.transitions import TransitionsMixin
from governance.api.views import ScopedViewSet
from governance.models import Building, Dwelling, Estate, Ownership, Residency
from governance.registry.services import ownership_enter, residency_enter


@extend_schema(tags=["registry"])
class EstateViewSet(mixins.ListModelMixin, ScopedViewSet):
    """Estates of the areas the caller works in, by code."""

    queryset = Estate.objects.select_related("area").defer("area__boundary")
    serializer_class = serializers.EstateSerializer
    filterset_class = filters.EstateFilters
    pagination_class = ByCode


@extend_schema(tags=["registry"])
class BuildingViewSet(mixins.ListModelMixin, ScopedViewSet):
    """Buildings of the areas the caller works in."""

    queryset = Building.objects.select_related("estate", "area").defer("area__boundary")
    serializer_class = serializers.BuildingSerializer
    filterset_class = filters.BuildingFilters
    pagination_class = OldestFirst


@extend_schema(tags=["registry"])
class DwellingViewSet(mixins.ListModelMixin, ScopedViewSet):
    """Dwellings of the areas the caller works in."""

    queryset = Dwelling.objects.with_address().select_related("area").defer("area__boundary")
    serializer_class = serializers.DwellingSerializer
    filterset_class = filters.DwellingFilters
    pagination_class = OldestFirst


class TieViewSet(TransitionsMixin, mixins.ListModelMixin, ScopedViewSet):
    """Base of both. ``enter`` is the service of an entry by staff, ``input_class`` its body."""

    lookup_value_regex = "[0-9]{1,18}"
    detail_class = None
    input_class = None
    enter = None

    def answer_with(self, tie) -> dict:
        """Return the JSON of a row the caller has just moved on, loaded anew."""
        fresh = self.queryset.get(pk=tie.pk)
        return self.detail_class(fresh, context=self.get_serializer_context()).data

    def retrieve(self, request, pk):
        """One row with its evidence, where the caller may open it, and its history."""
        return Response(self.detail_class(self.get_object(), context=self.get_serializer_context()).data)

    def enter_from(self, request):
        """Enter somebody, confirmed at once."""
        given = self.input_class(data=request.data, context=self.get_serializer_context())
        given.is_valid(raise_exception=True)
        entered = type(self).enter(actor=request.user, **given.validated_data)
        return Response(self.answer_with(entered), status=status.HTTP_201_CREATED)


@extend_schema(tags=["registry"])
class ResidencyViewSet(TieViewSet):
    """Who lives where, newest first; names and phones are masked for grid workers."""

    queryset = Residency.objects.with_rows()
    serializer_class = serializers.ResidencySerializer
    detail_class = serializers.ResidencyDetailSerializer
    filterset_class = filters.ResidencyFilters
    input_class = inputs.ResidencyInput
    enter = staticmethod(residency_enter)

    @extend_schema(responses=serializers.ResidencyDetailSerializer)
    def retrieve(self, request, pk):
        """One residency with its evidence, where the caller may open it, and its history."""
        return super().retrieve(request, pk)

    @extend_schema(request=inputs.ResidencyInput, responses={201: serializers.ResidencyDetailSerializer})
    @idempotent
    def create(self, request):
        """Enter who lives in a dwelling, confirmed at once; `reason` says how it is known."""
        return self.enter_from(request)


@extend_schema(tags=["registry"])
class OwnershipViewSet(TieViewSet):
    """Who owns what, newest first; names and phones are masked for grid workers."""

    queryset = Ownership.objects.with_rows()
    serializer_class = serializers.OwnershipSerializer
    detail_class = serializers.OwnershipDetailSerializer
    filterset_class = filters.OwnershipFilters
    input_class = inputs.OwnershipInput
    enter = staticmethod(ownership_enter)

    @extend_schema(responses=serializers.OwnershipDetailSerializer)
    def retrieve(self, request, pk):
        """One ownership with its evidence, where the caller may open it, and its history."""
        return super().retrieve(request, pk)

    @extend_schema(request=inputs.OwnershipInput, responses={201: serializers.OwnershipDetailSerializer})
    @idempotent
    def create(self, request):
        """Enter an owner, confirmed at once; `reason` says how it is known. Shares above the whole are a conflict."""
        return self.enter_from(request)
