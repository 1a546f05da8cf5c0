"""JSON of hot spots. Cells are H3 indexes in hexadecimal, coordinates WGS-84 longitude and latitude."""

from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers

from cases.hotspots.asking import Question
from cases.hotspots.places import CellCount, Sums
from cases.models import HotSpotSignal, TallyState
from governance.workflow import available


def question_told(question: Question) -> dict:
    """Return what every answer says of its question, and up to when the counts are complete."""
    window = question.window
    return {
        "first": window.first, "last": window.last, "days": window.days, "before_first": window.before.first,
        "before_last": window.before.last, "areas": [area.code for area in question.scope.tops],
        "category": question.category.code if question.category else None,
        "scene": question.scene.code if question.scene else None,
        "counted_at": TallyState.objects.values_list("counted_at", flat=True).first(),
    }  # fmt: skip


def sums_told(sums: Sums) -> dict:
    """Return the sums of all places of an answer."""
    return {"sums": sums.counted, "places": sums.places}


def cells_told(found: list[CellCount]) -> list[dict]:
    """Return hexagons with their middles and outlines."""
    return [
        {
            "cell": row.cell,
            "longitude": row.centre[0],
            "latitude": row.centre[1],
            "outline": row.outline,
            "area": row.area,
            "counted": row.counted,
        }
        for row in found
    ]


class CountedSerializer(serializers.Serializer):
    """``before``: in as many days before; ``per_day``: cases a day; ``ratio``: of the daily rates, null where there was
    nothing before; ``p_value``: of equal rates; ``changed``: 1 more and -1 fewer than chance explains among all rows
    compared (false-discovery rate 5 %), else 0."""

    cases = serializers.IntegerField()
    reports = serializers.IntegerField()
    before = serializers.IntegerField()
    per_day = serializers.FloatField()
    ratio = serializers.FloatField(allow_null=True)
    p_value = serializers.FloatField()
    changed = serializers.IntegerField()


class AnswerSerializer(serializers.Serializer):
    """``areas``: codes of the largest areas counted. ``counted_at``: up to when the counts are complete."""

    first = serializers.DateField()
    last = serializers.DateField()
    days = serializers.IntegerField()
    before_first = serializers.DateField()
    before_last = serializers.DateField()
    areas = serializers.ListField(child=serializers.CharField())
    category = serializers.CharField(allow_null=True)
    scene = serializers.CharField(allow_null=True)
    counted_at = serializers.DateTimeField(allow_null=True)


class CellCountSerializer(serializers.Serializer):
    """A hexagon; ``area`` is where most of its cases lie, ``outline`` a closed ring."""

    cell = serializers.CharField()
    longitude = serializers.FloatField()
    latitude = serializers.FloatField()
    outline = serializers.ListField(child=serializers.ListField(child=serializers.FloatField()))
    area = serializers.CharField(source="area.code")
    area_name = serializers.CharField(source="area.name")
    counted = CountedSerializer()


@extend_schema_serializer(many=False)
class CellCountsSerializer(AnswerSerializer):
    """``unplaced``: cases without coordinates; ``places``: how many hexagons there are."""

    sums = CountedSerializer()
    places = serializers.IntegerField()
    unplaced = serializers.IntegerField()
    results = CellCountSerializer(many=True)


class AreaCountSerializer(serializers.Serializer):
    """``dwellings`` lived in as the registry knows them; the rate is null where they are too few to say anything."""

    area = serializers.CharField(source="area.code")
    area_name = serializers.CharField(source="area.name")
    kind = serializers.CharField(source="area.kind")
    counted = CountedSerializer()
    dwellings = serializers.IntegerField()
    per_1000_dwellings = serializers.FloatField(allow_null=True)


@extend_schema_serializer(many=False)
class AreaCountsSerializer(AnswerSerializer):
    sums = CountedSerializer()
    places = serializers.IntegerField()
    results = AreaCountSerializer(many=True)


class TypeCountSerializer(serializers.Serializer):
    """``share`` of all cases that are ranked, in percent."""

    category = serializers.CharField(source="category.code")
    category_name = serializers.CharField(source="category.name")
    parent = serializers.CharField(source="category.parent.code", default=None, allow_null=True)
    counted = CountedSerializer()
    share = serializers.FloatField()


@extend_schema_serializer(many=False)
class TypeCountsSerializer(AnswerSerializer):
    results = TypeCountSerializer(many=True)


class RepeatPlaceSerializer(serializers.Serializer):
    """``cells``: hexagons about 50 m across; none, and no coordinates, where an address is all that is known."""

    area = serializers.CharField(source="area.code")
    area_name = serializers.CharField(source="area.name")
    address = serializers.CharField()
    cells = serializers.ListField(child=serializers.CharField())
    longitude = serializers.FloatField(allow_null=True)
    latitude = serializers.FloatField(allow_null=True)
    cases = serializers.IntegerField()
    last_day = serializers.DateField()
    categories = serializers.SerializerMethodField()

    def get_categories(self, place) -> list[str]:
        codes = self.context["codes"]
        return [codes[key] for key in place.categories if key in codes]


@extend_schema_serializer(many=False)
class RepeatPlacesSerializer(AnswerSerializer):
    results = RepeatPlaceSerializer(many=True)


class TrendPointSerializer(serializers.Serializer):
    """Cases of ``days`` days from ``first`` on."""

    first = serializers.DateField()
    days = serializers.IntegerField()
    cases = serializers.IntegerField()


@extend_schema_serializer(many=False)
class TrendSerializer(AnswerSerializer):
    results = TrendPointSerializer(many=True)


class SignalSerializer(serializers.ModelSerializer):
    """``recurrence_days``: by chance alone, one series gives such a cluster once in so many days; ``case``: number of
    the proactive case; ``transitions``: what the caller may do now."""

    state_label = serializers.CharField(source="get_state_display")
    rule = serializers.CharField(source="rule.code")
    rule_name = serializers.CharField(source="rule.name")
    area = serializers.CharField(source="area.code")
    area_name = serializers.CharField(source="area.name")
    category = serializers.CharField(source="category.code", default=None, allow_null=True)
    category_name = serializers.CharField(source="category.name", default="")
    cells = serializers.ListField(child=serializers.CharField())
    case = serializers.CharField(source="case.number", default=None, allow_null=True)
    transitions = serializers.SerializerMethodField()

    class Meta:
        model = HotSpotSignal
        fields = [
            "id", "state", "state_label", "rule", "rule_name", "area", "area_name", "category", "category_name",
            "cells", "longitude", "latitude", "first_day", "last_day", "observed", "expected", "p_value",
            "recurrence_days", "detected_at", "last_seen", "times_seen", "case", "version", "transitions",
        ]  # fmt: skip
        read_only_fields = fields

    def get_transitions(self, signal) -> list[str]:
        return [step.name for step in available(signal, self.context["request"].user)]
