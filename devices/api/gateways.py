"""REST door of gateways: what speaks for many devices, and whether it is lost."""

from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers

from devices.api.filters import GatewayFilters
from devices.models import Gateway
from governance.api.paging import ByCode
from governance.api.views import ScopedViewSet


class GatewaySerializer(serializers.ModelSerializer):
    """A gateway. It is lost since ``silent_since``; ``case`` is the newest case of a loss, ``held_back`` how many
    active alarms that the caller sees are not presented because of it.
    """

    area = serializers.CharField(source="area.code")
    case = serializers.CharField(source="case.number", default=None, allow_null=True)
    held_back = serializers.IntegerField()

    class Meta:
        model = Gateway
        fields = ["code", "name", "area", "is_active", "silent_since", "back_at", "case", "held_back"]
        read_only_fields = fields


@extend_schema(tags=["devices"])
class GatewayViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """Gateways the caller may see, by code."""

    queryset = Gateway.objects.all()
    serializer_class = GatewaySerializer
    filterset_class = GatewayFilters
    pagination_class = ByCode
    lookup_field = "code"
    lookup_value_regex = r"[A-Za-z0-9][A-Za-z0-9._-]{0,29}"

    def get_queryset(self):
        rows = super().get_queryset()
        return rows if getattr(self, "swagger_fake_view", False) else rows.with_rows(self.request.user)
