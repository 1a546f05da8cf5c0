"""REST door of what is set for devices as a whole: collection rounds, and how long raw readings are kept."""

from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.response import Response

from devices.api.filters import RoundFilters
from devices.api.inputs import RetentionChangeInput, RetentionInput, RoundChangeInput, RoundInput, given_by
from devices.models import CollectionRound, ReadingRetention
from devices.registering import retention_change, retention_register, round_change, round_register
from governance.api.idempotency import idempotent
from governance.api.paging import ByCode
from governance.api.views import IsStaff, ScopedViewSet


class CollectionRoundSerializer(serializers.ModelSerializer):
    """A round: every ``days_between`` days a vehicle starts at ``starts_at`` from the depot (WGS-84) and takes what
    ``capacity`` full bins hold; streets are ``detour`` times as long as straight lines.
    """

    unit = serializers.CharField(source="unit.code")
    area = serializers.CharField(source="area.code")

    class Meta:
        model = CollectionRound
        fields = ["code", "name", "unit", "area", "depot", "longitude", "latitude", "starts_at", "days_between",
                  "capacity", "detour", "margin_hours", "is_active"]  # fmt: skip
        read_only_fields = fields


@extend_schema(tags=["devices"])
class CollectionRoundViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """Collection rounds the caller may see, by code."""

    queryset = CollectionRound.objects.select_related("unit", "area").defer("area__boundary")
    serializer_class = CollectionRoundSerializer
    filterset_class = RoundFilters
    pagination_class = ByCode
    lookup_field = "code"
    lookup_value_regex = r"[A-Za-z0-9][A-Za-z0-9._-]{0,29}"

    @extend_schema(request=RoundInput, responses={201: CollectionRoundSerializer})
    @idempotent
    def create(self, request):
        """Enter a round."""
        made = round_register(actor=request.user, **given_by(self, RoundInput))
        return Response(self.get_serializer(made).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=RoundChangeInput, responses=CollectionRoundSerializer)
    @idempotent
    def partial_update(self, request, code):
        """Change what is given; what was planned already stays."""
        changed = round_change(self.get_object(), actor=request.user, **given_by(self, RoundChangeInput))
        return Response(self.get_serializer(changed).data)


class ReadingRetentionSerializer(serializers.ModelSerializer):
    """From ``starts_on`` raw readings are kept for ``raw_days``; hourly figures stay for good."""

    class Meta:
        model = ReadingRetention
        fields = ["id", "starts_on", "raw_days"]
        read_only_fields = fields


@extend_schema(tags=["devices"])
class ReadingRetentionViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """How long raw readings are kept, the rule entered last first."""

    queryset = ReadingRetention.objects.all()
    serializer_class = ReadingRetentionSerializer
    permission_classes = [*ScopedViewSet.permission_classes, IsStaff]
    lookup_value_regex = r"[0-9]{1,18}"

    @extend_schema(request=RetentionInput, responses={201: ReadingRetentionSerializer})
    @idempotent
    def create(self, request):
        """Add a rule that begins today or later; what holds already does not change (409)."""
        made = retention_register(actor=request.user, **given_by(self, RetentionInput))
        return Response(self.get_serializer(made).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=RetentionChangeInput, responses=ReadingRetentionSerializer)
    @idempotent
    def partial_update(self, request, pk):
        """Change a rule that does not hold yet; one that does, or did, is a conflict (409)."""
        changed = retention_change(self.get_object(), actor=request.user, **given_by(self, RetentionChangeInput))
        return Response(self.get_serializer(changed).data)
