"""REST door of devices for staff: registered and changed, put up on site, their keys, baselines and steps."""

from drf_spectacular.utils import extend_schema
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.response import Response

from devices.api import filters, serializers
from devices.api.device_keys import KEY_ACTIONS, KeysMixin
from devices.api.history import HistoryMixin
from devices.api.inputs import DeviceChangeInput, DeviceInput, given_by
from devices.api.on_site import ON_SITE_ACTIONS, OnSiteMixin
from devices.baselines import baseline_set
from devices.models import Device
from devices.registering import device_change, device_register
from governance.api.idempotency import idempotent
from governance.api.paging import ByCode
from governance.api.transitions import TransitionsMixin
from governance.api.views import ScopedViewSet


@extend_schema(tags=["devices"])
class DeviceViewSet(HistoryMixin, TransitionsMixin, OnSiteMixin, KeysMixin, mixins.ListModelMixin,
                    mixins.RetrieveModelMixin, ScopedViewSet):  # fmt: skip
    """Devices the caller may see, by code, each with its newest values and active alarms."""

    queryset = Device.objects.all()
    serializer_class = serializers.DeviceSerializer
    filterset_class = filters.DeviceFilters
    pagination_class = ByCode
    lookup_field = "code"
    lookup_value_regex = r"[A-Za-z0-9][A-Za-z0-9._-]{0,29}"
    free_actions = ("transition", "baseline", *KEY_ACTIONS, *ON_SITE_ACTIONS)

    def get_queryset(self):
        return super().get_queryset().with_rows()

    @extend_schema(request=DeviceInput, responses={201: serializers.DeviceSerializer})
    @idempotent
    def create(self, request):
        """Register a device: in service at once, or waiting to be put up (`in_place` false)."""
        device = device_register(actor=request.user, **given_by(self, DeviceInput))
        return Response(self.answer_with(device), status=status.HTTP_201_CREATED)

    @extend_schema(request=DeviceChangeInput, responses=serializers.DeviceSerializer)
    @idempotent
    def partial_update(self, request, code):
        """Change what is given; its life goes by transitions. Its profile stays once it was put up (409)."""
        device = device_change(self.get_object(), actor=request.user, **given_by(self, DeviceChangeInput))
        return Response(self.answer_with(device))

    @extend_schema(request=serializers.BaselineInput, responses=serializers.DeviceSerializer)
    @action(detail=True, methods=["post"])
    @idempotent
    def baseline(self, request, code):
        """Set what a relative metric is at the device when all is well; without a value, the newest one reported."""
        device = self.get_object()
        baseline_set(device, actor=request.user, **given_by(self, serializers.BaselineInput))
        return Response(self.answer_with(device))

    def answer_with(self, device: Device) -> dict:
        """Return the JSON of a device just changed, with the rows it shows loaded anew."""
        return self.get_serializer(Device.objects.with_rows().get(pk=device.pk)).data
