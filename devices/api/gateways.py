"""REST door of gateways: what speaks for many devices, and whether it is lost; entered, changed, their keys."""

from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.response import Response

from devices.api.device_keys import KEY_ACTIONS, KeysMixin
from devices.api.filters import GatewayFilters
from devices.api.inputs import GatewayChangeInput, GatewayInput, given_by
from devices.models import Gateway
from devices.registering import gateway_change, gateway_register
from governance.api.idempotency import idempotent
from governance.api.paging import ByCode
from governance.api.views import ScopedViewSet


class GatewaySerializer(serializers.ModelSerializer):
    """A gateway. It is lost since ``silent_since``, while it is in use; ``case`` is the newest case of a loss,
    ``held_back`` how many active alarms that the caller sees are not presented because of it. ``category``: of the case
    that a loss opens.
    """

    area = serializers.CharField(source="area.code")
    category = serializers.CharField(source="category.code", default=None, allow_null=True)
    case = serializers.CharField(source="case.number", default=None, allow_null=True)
    held_back = serializers.IntegerField()

    class Meta:
        model = Gateway
        fields = ["code", "name", "area", "is_active", "category", "silent_since", "back_at", "case", "held_back"]
        read_only_fields = fields


@extend_schema(tags=["devices"])
class GatewayViewSet(KeysMixin, mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """Gateways the caller may see, by code."""

    queryset = Gateway.objects.all()
    serializer_class = GatewaySerializer
    filterset_class = GatewayFilters
    pagination_class = ByCode
    lookup_field = "code"
    lookup_value_regex = r"[A-Za-z0-9][A-Za-z0-9._-]{0,29}"
    free_actions = KEY_ACTIONS

    def get_queryset(self):
        rows = super().get_queryset()
        if getattr(self, "swagger_fake_view", False):
            return rows
        return rows.with_rows(self.request.user).select_related("category")

    @extend_schema(request=GatewayInput, responses={201: GatewaySerializer})
    @idempotent
    def create(self, request):
        """Enter a gateway."""
        made = gateway_register(actor=request.user, **given_by(self, GatewayInput))
        return Response(self._told(made), status=status.HTTP_201_CREATED)

    @extend_schema(request=GatewayChangeInput, responses=GatewaySerializer)
    @idempotent
    def partial_update(self, request, code):
        """Change what is given. The keys of a gateway not in use let nobody in."""
        changed = gateway_change(self.get_object(), actor=request.user, **given_by(self, GatewayChangeInput))
        return Response(self._told(changed))

    def _told(self, gateway: Gateway) -> dict:
        rows = Gateway.objects.with_rows(self.request.user).select_related("category")
        return self.get_serializer(rows.get(pk=gateway.pk)).data
