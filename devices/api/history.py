"""REST door of a figure's past: ``GET devices/<code>/history/``."""

from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from devices.history import MOST_POINTS, series
from devices.messages import WORD
from governance.api.fields import MomentField

USUAL_SPAN = timedelta(days=1)


class HistoryInput(serializers.Serializer):
    """What is asked: a metric, and a span."""

    metric = serializers.RegexField(rf"^{WORD.pattern}$")

    def get_fields(self):
        moments = {name: MomentField(required=False) for name in ("from", "to")}
        return super().get_fields() | moments


class HistoryPointSerializer(serializers.Serializer):
    """A point: when its first reading was, the least, mean and greatest figure, how many readings it stands for."""

    at = serializers.DateTimeField()
    min = serializers.FloatField()
    mean = serializers.FloatField()
    max = serializers.FloatField()
    count = serializers.IntegerField()


class HistorySerializer(serializers.Serializer):
    """A metric's past, oldest first."""

    metric = serializers.CharField()
    label = serializers.CharField()
    unit = serializers.CharField()
    points = HistoryPointSerializer(many=True)


class HistoryMixin:
    """Adds the past of its figures to the devices."""

    @extend_schema(
        responses=HistorySerializer,
        parameters=[
            OpenApiParameter("metric", str, required=True, description=_("A word for a figure of the device.")),
            OpenApiParameter("from", OpenApiTypes.DATETIME, description=_("Without it: a day before the end.")),
            OpenApiParameter("to", OpenApiTypes.DATETIME, description=_("Without it: now. Not included itself.")),
        ],
        filters=False,
    )
    @action(detail=True, pagination_class=None)
    def history(self, request, code):
        """The good figures of one metric: up to 600 points.

        Up to two days they are readings, beyond that hours; brought together where they are more. Bad readings and
        status words are no part of it.
        """
        device = self.get_object()
        given = HistoryInput(data=request.query_params)
        given.is_valid(raise_exception=True)
        name, until = given.validated_data["metric"], given.validated_data.get("to") or timezone.now()
        since = given.validated_data.get("from") or until - USUAL_SPAN
        metric = device.profile.metric_named(name)
        told = {
            "metric": name,
            "label": metric.label if metric else name,
            "unit": metric.unit if metric else "",
            "points": [point._asdict() for point in series(device, name, since, until, most=MOST_POINTS)],
        }
        return Response(HistorySerializer(told).data)
