"""REST door of devices and alarms for staff and machines. Every list starts from ``visible_to``."""

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.response import Response

from cases.overview.asked import where_asked
from devices.alarm_figures import DAYS, alarm_figures, days_asked
from devices.api import filters, serializers
from devices.api.figures import AlarmFiguresSerializer
from devices.api.history import HistoryMixin
from devices.baselines import baseline_set
from devices.keys import key_rotate
from devices.models import Alarm, Device
from governance.api.idempotency import idempotent
from governance.api.paging import ByCode
from governance.api.transitions import TransitionsMixin
from governance.api.views import ScopedViewSet


@extend_schema(tags=["devices"])
class DeviceViewSet(HistoryMixin, TransitionsMixin, mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """Devices the caller may see, by code, each with its newest values and active alarms."""

    queryset = Device.objects.all()
    serializer_class = serializers.DeviceSerializer
    filterset_class = filters.DeviceFilters
    pagination_class = ByCode
    lookup_field = "code"
    lookup_value_regex = r"[A-Za-z0-9][A-Za-z0-9._-]{0,29}"
    free_actions = ("transition", "baseline", "key")

    def get_queryset(self):
        return super().get_queryset().with_rows()

    @extend_schema(request=serializers.BaselineInput, responses=serializers.DeviceSerializer)
    @action(detail=True, methods=["post"])
    @idempotent
    def baseline(self, request, code):
        """Set what a relative metric is at the device when all is well; without a value, the newest one reported."""
        given = serializers.BaselineInput(data=request.data)
        given.is_valid(raise_exception=True)
        device = self.get_object()
        baseline_set(device, actor=request.user, **given.validated_data)
        return Response(self.answer_with(device))

    @extend_schema(request=serializers.KeyInput, responses={201: serializers.NewKeySerializer})
    @action(detail=True, methods=["post"])
    def key(self, request, code):
        """Make a new key for the device. The secret is in this answer only; older keys end by themselves.

        Older keys hold until `old_keys_end_at`, within 30 days (a day where it is not given).
        """
        given = serializers.KeyInput(data=request.data)
        given.is_valid(raise_exception=True)
        key, secret = key_rotate(self.get_object(), actor=request.user, **given.validated_data)
        answer = {"prefix": key.prefix, "secret": secret, "valid_from": key.valid_from}
        response = Response(serializers.NewKeySerializer(answer).data, status=status.HTTP_201_CREATED)
        response["Cache-Control"] = "no-store"
        return response

    def answer_with(self, device: Device) -> dict:
        """Return the JSON of a device just changed, with the rows it shows loaded anew."""
        return self.get_serializer(Device.objects.with_rows().get(pk=device.pk)).data


@extend_schema(tags=["alarms"])
class AlarmViewSet(TransitionsMixin, mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """Alarms the caller may see, newest first."""

    queryset = Alarm.objects.all()
    serializer_class = serializers.AlarmSerializer
    filterset_class = filters.AlarmFilters
    lookup_value_regex = r"[0-9]{1,18}"
    free_actions = ("transition", "acknowledge")

    def get_queryset(self):
        return super().get_queryset().with_rows()

    def answer_with(self, alarm: Alarm) -> dict:
        """Return the JSON of an alarm just changed, with the rows it shows loaded anew."""
        return self.get_serializer(Alarm.objects.with_rows().get(pk=alarm.pk)).data

    @extend_schema(responses=serializers.AlarmSerializer)
    @action(detail=True, methods=["post"])
    def acknowledge(self, request, pk):
        """Take notice of an alarm; `reason` may hold a remark. Acknowledged already is a conflict (409)."""
        return self.transition(request, "acknowledge", pk=pk)

    acknowledge.idempotent = True  # the transition honours the key

    @extend_schema(
        parameters=[
            OpenApiParameter("area", str, description="Code of an area: it and all areas under it."),
            OpenApiParameter("days", int, enum=DAYS, description="Over how many days, today included."),
        ],
        responses=AlarmFiguresSerializer, filters=False,
    )  # fmt: skip
    @action(detail=False, methods=["get"], pagination_class=None, filterset_class=None)
    def figures(self, request):
        """The figures of EEMUA 191, as the caller may see them; each names the list of the alarms it counts."""
        area = where_asked({"area": request.query_params.get("area", "")}, request.user).area
        found = alarm_figures(request.user, area, days=days_asked(request.query_params))
        return Response(AlarmFiguresSerializer(found).data)
