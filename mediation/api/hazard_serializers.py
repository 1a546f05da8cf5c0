"""JSON of hazards. A key that names a row holds its code or number; ``<key>_name`` stands beside it.

``transitions``: what the caller may do now.
"""

from rest_framework import serializers

from governance.api.fields import AreaCodeField, DegreesField, MomentField, PhotosField, RowByCode
from governance.coordinates import SYSTEMS
from governance.workflow import available
from mediation.models import DisputeType, Hazard, HazardSource, HazardState, HazardUrgency


class HazardRowSerializer(serializers.ModelSerializer):
    """A hazard as the masked list shows it: no words, no names, no place but the area."""

    number = serializers.CharField()
    state = serializers.ChoiceField(HazardState.choices)
    state_label = serializers.CharField(source="get_state_display")
    type = serializers.CharField(source="type.code", default=None, allow_null=True)
    type_name = serializers.CharField(source="type.name", default=None, allow_null=True)
    area = serializers.CharField(source="area.code")
    area_name = serializers.CharField(source="area.name")
    source = serializers.ChoiceField(HazardSource.choices)
    urgency = serializers.ChoiceField(HazardUrgency.choices)
    overdue = serializers.BooleanField(source="late")

    class Meta:
        model = Hazard
        fields = ["id", "number", "state", "state_label", "type", "type_name", "type_guessed", "area", "area_name",
                  "source", "urgency", "reported_at", "assess_by", "overdue"]  # fmt: skip
        read_only_fields = fields


class TellsTransitions(serializers.Serializer):
    """What the caller may do now."""

    transitions = serializers.SerializerMethodField()

    def get_transitions(self, hazard) -> list[str]:
        return [step.name for step in available(hazard, self.context["request"].user)]


class HazardSerializer(TellsTransitions, HazardRowSerializer):
    """A hazard for who keeps it."""

    patrol = serializers.CharField(source="patrol.number", default=None, allow_null=True)
    point = serializers.CharField(source="point.name", default=None, allow_null=True)
    reporter = serializers.CharField(source="reporter.name")
    dispute = serializers.CharField(source="dispute.number", default=None, allow_null=True)

    class Meta(HazardRowSerializer.Meta):
        fields = [
            *HazardRowSerializer.Meta.fields, "words", "parties", "people", "violence", "place", "longitude",
            "latitude", "patrol", "point", "reporter", "seen_at", "late_since", "assessed_at", "finding", "watch_until",
            "looks", "looked_at", "decided_at", "dispute", "origin_type", "origin_id", "version", "transitions",
        ]  # fmt: skip
        read_only_fields = fields


class WordlessOnceDisputed:
    """Lists write no reading down: in them a hazard that became a dispute has no words."""

    def to_representation(self, hazard) -> dict:
        told = super().to_representation(hazard)
        if hazard.dispute_id is not None:
            told |= {name: "" for name in ("words", "parties", "finding", "place") if name in told}
            told |= {name: None for name in ("longitude", "latitude", "point") if name in told}
        return told


class ListedHazardSerializer(WordlessOnceDisputed, HazardSerializer):
    """A hazard in a list. `words`, `parties`, `finding`, `place` are empty once it became a dispute, position and point
    null."""


class OwnHazardSerializer(TellsTransitions, WordlessOnceDisputed, serializers.ModelSerializer):
    """An own report: the own words, until it became a dispute, and the outcome in a word."""

    number = serializers.CharField()
    state = serializers.ChoiceField(HazardState.choices)
    state_label = serializers.CharField(source="get_state_display")
    area = serializers.CharField(source="area.code")
    area_name = serializers.CharField(source="area.name")

    class Meta:
        model = Hazard
        fields = ["id", "number", "words", "parties", "area", "area_name", "place", "reported_at", "state",
                  "state_label", "version", "transitions"]  # fmt: skip
        read_only_fields = fields


class HazardInput(serializers.Serializer):
    """What was seen or heard, and where: a position, an area, or a round under way (``patrol``: its id, ``point``: of a
    point of its route). A round of more than a community needs a position, a point or an area."""

    words = serializers.CharField(max_length=2000)
    area = AreaCodeField(default=None)
    place = serializers.CharField(max_length=120, default="", allow_blank=True)
    longitude = DegreesField(min_value=-180, max_value=180, default=None, allow_null=True)
    latitude = DegreesField(min_value=-90, max_value=90, default=None, allow_null=True)
    coordinate_system = serializers.ChoiceField(SYSTEMS, default="wgs84")
    source = serializers.ChoiceField(HazardSource.choices, default=None, allow_null=True)
    type = RowByCode(queryset=DisputeType.objects.filter(is_active=True), default=None, allow_null=True)
    parties = serializers.CharField(max_length=200, default="", allow_blank=True)
    people = serializers.IntegerField(min_value=1, max_value=100_000, default=None, allow_null=True)
    violence = serializers.BooleanField(default=False)
    urgency = serializers.ChoiceField(HazardUrgency.choices, default=HazardUrgency.NORMAL)
    patrol = serializers.IntegerField(min_value=1, max_value=2**62, default=None, allow_null=True)
    point = serializers.IntegerField(min_value=1, max_value=2**62, default=None, allow_null=True)
    seen_at = MomentField(default=None, allow_null=True)
    photos = PhotosField()


class HazardCountSerializer(serializers.Serializer):
    """How many hazards; ``key`` is a state, source or type. ``hazards`` is null where fewer than 5 are not told."""

    key = serializers.CharField()
    label = serializers.CharField()
    hazards = serializers.IntegerField(allow_null=True)


class HazardFiguresSerializer(serializers.Serializer):
    """Counts of an area and all under it. ``until``: the last day counted (null: to this moment)."""

    area = serializers.CharField()
    until = serializers.DateField(allow_null=True)
    states = HazardCountSerializer(many=True)
    sources = HazardCountSerializer(many=True)
    types = HazardCountSerializer(many=True)
