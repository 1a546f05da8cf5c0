"""REST door of what is drawn of devices: the map as GeoJSON, and a metric over a time."""

from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_serializer
from rest_framework import mixins, serializers
from rest_framework.response import Response

from cases.hotspots.cells import name_of, outline_of
from devices.api.filters import DeviceFilters
from devices.chart import SPANS, USUAL_SPAN, Chart, chart_of, metrics_of
from devices.map import LOOKS, Cell, Place, box_of, map_of
from devices.models import Device, Severity
from governance.api.views import ScopedViewSet
from governance.errors import Invalid

LONGEST = max(SPANS)


class MapPropertiesSerializer(serializers.Serializer):
    """``look``: ``high``, ``medium`` or ``low`` (the worst active alarm that is not held back), ``away`` (offline or
    not in service), ``normal``; of a hexagon the worst of its devices. Of a device: ``code``, ``name``, ``profile`` and
    the labels of its ``alarms``. Of a hexagon: its name (``cell``, H3), ``count`` and ``looks`` (count of each look).
    """

    look = serializers.ChoiceField(list(LOOKS))
    code = serializers.CharField(required=False)
    name = serializers.CharField(required=False)
    profile = serializers.CharField(required=False)
    alarms = serializers.ListField(child=serializers.CharField(), required=False)
    cell = serializers.CharField(required=False)
    count = serializers.IntegerField(required=False)
    looks = serializers.DictField(child=serializers.IntegerField(), required=False)


class GeometrySerializer(serializers.Serializer):
    """A ``Point``, or the ``Polygon`` of a hexagon; longitude and latitude in WGS-84."""

    type = serializers.ChoiceField(["Point", "Polygon"])
    coordinates = serializers.ListField()


class MapFeatureSerializer(serializers.Serializer):
    """A device, or the devices of a hexagon."""

    type = serializers.ChoiceField(["Feature"])
    geometry = GeometrySerializer()
    properties = MapPropertiesSerializer()


@extend_schema_serializer(many=False)
class DeviceMapSerializer(serializers.Serializer):
    """GeoJSON (RFC 7946). ``counted``: there are too many devices to show apart, so hexagons count them."""

    type = serializers.ChoiceField(["FeatureCollection"])
    counted = serializers.BooleanField()
    total = serializers.IntegerField()
    features = MapFeatureSerializer(many=True)


@extend_schema(tags=["devices"])
class DeviceMapViewSet(ScopedViewSet):
    """Devices the caller may see, on a map."""

    queryset = Device.objects.all()
    serializer_class = DeviceMapSerializer
    filterset_class = DeviceFilters
    pagination_class = None

    @extend_schema(
        parameters=[
            OpenApiParameter("bbox", str, required=True, description=_("west,south,east,north in WGS-84 degrees."))
        ],
        responses=DeviceMapSerializer,
    )
    def list(self, request):
        """Devices in a rectangle: up to 2,000 as points, more as hexagons with counts. Retired ones are left out."""
        box = box_of(request.query_params.get("bbox", ""))
        found = map_of(box.within(self.filter_queryset(self.get_queryset())))
        body = {
            "type": "FeatureCollection",
            "counted": bool(found.cells),
            "total": found.looks.total(),
            "features": [_of_place(place) for place in found.places] + [_of_cell(cell) for cell in found.cells],
        }
        return Response(DeviceMapSerializer(body).data)


def _of_place(place: Place) -> dict:
    device = place.device
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [device.longitude, device.latitude]},
        "properties": {
            "look": place.look, "code": device.code, "name": device.name, "profile": device.profile.code,
            "alarms": place.words,
        },
    }  # fmt: skip


def _of_cell(cell: Cell) -> dict:
    return {
        "type": "Feature",
        "geometry": {"type": "Polygon", "coordinates": [outline_of(cell.cell)]},
        "properties": {
            "look": cell.look, "cell": name_of(cell.cell), "count": cell.count, "looks": dict(cell.looks),
        },
    }  # fmt: skip


class ChartInput(serializers.Serializer):
    """Which metric, over the last ``days`` days."""

    metric = serializers.CharField(max_length=40, required=False, help_text=_("Without it: the first of the profile."))
    days = serializers.IntegerField(min_value=1, max_value=LONGEST, default=USUAL_SPAN)


class ChartLimitsSerializer(serializers.Serializer):
    """Limits of the profile, in its unit; null where there is none."""

    high = serializers.FloatField(allow_null=True)
    low = serializers.FloatField(allow_null=True)
    clear = serializers.FloatField(allow_null=True)
    critical = serializers.FloatField(allow_null=True)


class ChartPointSerializer(serializers.Serializer):
    """Readings brought together: ``at`` is the time of the first of them."""

    at = serializers.DateTimeField()
    min = serializers.FloatField()
    mean = serializers.FloatField()
    max = serializers.FloatField()
    count = serializers.IntegerField()


class ChartAlarmSerializer(serializers.Serializer):
    """When the alarm of this metric held; ``cleared_at`` null: it holds still."""

    id = serializers.IntegerField()
    label = serializers.CharField()
    severity = serializers.ChoiceField(Severity.choices)
    raised_at = serializers.DateTimeField()
    cleared_at = serializers.DateTimeField(allow_null=True)


class ChartSerializer(serializers.Serializer):
    """A metric from ``since`` to ``until``: at most 240 points, each of ``seconds``."""

    metric = serializers.CharField(source="metric.metric")
    label = serializers.CharField(source="metric.label")
    unit = serializers.CharField(source="metric.unit")
    since = serializers.DateTimeField()
    until = serializers.DateTimeField()
    seconds = serializers.FloatField()
    limits = ChartLimitsSerializer(source="metric")
    baseline = serializers.FloatField(
        allow_null=True, help_text="What it measures when all is well, where the limits are distances from that."
    )
    points = ChartPointSerializer(many=True)
    alarms = ChartAlarmSerializer(many=True)


@extend_schema(tags=["devices"])
class DeviceChartViewSet(mixins.RetrieveModelMixin, ScopedViewSet):
    """A metric of a device over time."""

    queryset = Device.objects.select_related("profile").prefetch_related("profile__metrics", "profile__statuses")
    serializer_class = ChartSerializer
    filter_backends = []
    lookup_field = "code"
    lookup_value_regex = r"[A-Za-z0-9][A-Za-z0-9._-]{0,29}"

    @extend_schema(parameters=[ChartInput], responses=ChartSerializer)
    def retrieve(self, request, code):
        """Values of a metric (least, mean, most of each point), its limits, and when its alarm held."""
        device = self.get_object()
        given = ChartInput(data=request.query_params)
        given.is_valid(raise_exception=True)
        until = timezone.now()
        since = until - timedelta(days=given.validated_data["days"])
        chart: Chart = chart_of(
            device, _metric(device, given.validated_data.get("metric")), since=since, until=until, user=request.user
        )
        return Response(ChartSerializer(chart).data)


def _metric(device: Device, name: str | None):
    metrics = metrics_of(device)
    found = next((row for row in metrics if name is None or row.metric == name), None)
    if found is None:
        raise Invalid(_("This device has no such metric."), field="metric", code="does_not_exist")
    return found
