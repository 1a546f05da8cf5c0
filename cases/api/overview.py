"""REST door of the operations centre: data for its screens. Everything is what the caller may see."""

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response

from cases.api.serializers import CaseSerializer
from cases.overview.asked import where_asked
from cases.overview.marks import marks_of
from cases.overview.overview import overview_of, pressing_cases, recent_cases
from governance.api.views import ApiView, IsStaff


class FigureSerializer(serializers.Serializer):
    """A count; ``of`` and ``share`` (per cent) where it is a share. ``cases`` lists exactly what is counted, ``page``
    is that list for people.
    """

    key = serializers.CharField()
    label = serializers.CharField()
    count = serializers.IntegerField()
    of = serializers.IntegerField(allow_null=True)
    share = serializers.IntegerField(allow_null=True)
    urgent = serializers.BooleanField()
    cases = serializers.CharField(source="api")
    page = serializers.CharField()


class SceneFiguresSerializer(serializers.Serializer):
    """A scene with its figures, those of devices among them."""

    code = serializers.CharField(source="scene.code")
    name = serializers.CharField(source="scene.name")
    area = serializers.CharField(source="scene.area.code")
    figures = FigureSerializer(many=True)


class AreaFiguresSerializer(serializers.Serializer):
    """A part of the area that is looked at."""

    code = serializers.CharField(source="area.code")
    name = serializers.CharField(source="area.name")
    kind = serializers.CharField(source="area.kind")
    figures = FigureSerializer(many=True)


class HourSerializer(serializers.Serializer):
    """What happened in the hour that begins at ``at``."""

    at = serializers.DateTimeField()
    reported = serializers.IntegerField()
    closed = serializers.IntegerField()


class MarkSerializer(serializers.Serializer):
    """An open case on the map: ``at`` is longitude and latitude (WGS-84); ``tone``: red late, amber less than two
    hours left, blue in time, grey nothing runs.
    """

    number = serializers.CharField()
    at = serializers.ListField(child=serializers.FloatField(), min_length=2, max_length=2)
    tone = serializers.ChoiceField(["red", "amber", "blue", "grey"])
    text = serializers.CharField()
    page = serializers.CharField(source="url")


class OverviewSerializer(serializers.Serializer):
    """``focus`` is the code of the area whose parts are listed in ``areas``. Promises count closed cases of the last
    seven days; ``hours`` are the last 24, oldest first; ``map`` holds the most pressing open cases, at most 400.
    """

    at = serializers.DateTimeField()
    focus = serializers.CharField(source="focus.code", default=None, allow_null=True)
    figures = FigureSerializer(many=True)
    scenes = SceneFiguresSerializer(many=True)
    areas = AreaFiguresSerializer(many=True)
    states = FigureSerializer(many=True)
    hours = HourSerializer(many=True)
    recent = serializers.ListField(child=CaseSerializer())
    map = serializers.ListField(child=MarkSerializer())


@extend_schema(tags=["overview"])
class OverviewView(ApiView):
    """Figures, scenes, areas, states, the trend of a day, the newest and the most pressing cases."""

    permission_classes = [IsAuthenticated, IsStaff]
    serializer_class = OverviewSerializer

    @extend_schema(
        parameters=[
            OpenApiParameter("scene", str, description="Code of a scene."),
            OpenApiParameter("area", str, description="Code of an area: it and all areas under it."),
        ],
        responses=OverviewSerializer,
    )
    def get(self, request):
        """What is under way, as the caller may see it; figures name the lists of the cases they count."""
        where = where_asked(request.query_params, request.user)
        overview = overview_of(request.user, where)
        told = {name: getattr(overview, name) for name in ("at", "focus", "figures", "scenes", "areas", "states")}
        told |= {
            "hours": overview.hours,
            "recent": recent_cases(request.user, where),
            "map": marks_of(pressing_cases(request.user, where), overview.at),
        }
        return Response(OverviewSerializer(told, context={"request": request}).data)
