"""JSON of patrols. A key that names a row (area, unit, route) holds its code; ``<key>_name`` stands beside it."""

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from cases.models import (
    CaseCategory,
    CheckIn,
    MissedPoint,
    Patrol,
    PatrolFinding,
    PatrolPlan,
    PatrolPoint,
    PatrolRoute,
    PatrolRule,
)
from cases.patrol_trail import check_ins_of, photos_by_event
from cases.patrols import points_to_see
from governance.api.fields import DegreesField, MomentField, PhotosField
from governance.coordinates import SYSTEMS
from governance.workflow import available


class PointSerializer(serializers.ModelSerializer):
    """A point; ``radius`` in metres is what counts as being there, coordinates in WGS-84."""

    class Meta:
        model = PatrolPoint
        fields = ["id", "position", "name", "longitude", "latitude", "radius", "note", "is_active"]
        read_only_fields = fields


class RouteSerializer(serializers.ModelSerializer):
    area = serializers.CharField(source="area.code")
    area_name = serializers.CharField(source="area.name")
    unit = serializers.CharField(source="unit.code")
    unit_name = serializers.CharField(source="unit.name")
    role = serializers.CharField()
    points = PointSerializer(many=True)

    class Meta:
        model = PatrolRoute
        fields = ["code", "name", "area", "area_name", "unit", "unit_name", "role", "is_active", "points"]
        read_only_fields = fields


class PlanSerializer(serializers.ModelSerializer):
    """When a route is walked; ``weekdays`` count from 0 = Monday, ``starts`` and ``ends`` are Asia/Shanghai.

    ``worker`` is a user name, null where anybody of the team may go.
    """

    route = serializers.CharField(source="route.code")
    route_name = serializers.CharField(source="route.name")
    rule = serializers.ChoiceField(PatrolRule.choices)
    rule_label = serializers.CharField(source="get_rule_display")
    worker = serializers.CharField(source="worker.username", default=None, allow_null=True)
    worker_name = serializers.CharField(source="worker.name", default="")

    class Meta:
        model = PatrolPlan
        fields = [
            "code", "route", "route_name", "rule", "rule_label", "weekdays", "month_day", "starts", "ends", "worker",
            "worker_name", "valid_from", "valid_to",
        ]  # fmt: skip
        read_only_fields = fields


class PatrolSerializer(serializers.ModelSerializer):
    """A round as lists show it. ``worker`` is a user name, null while anybody of the team may take it."""

    state_label = serializers.CharField(source="get_state_display")
    route = serializers.CharField(source="route.code")
    route_name = serializers.CharField(source="route.name")
    area = serializers.CharField(source="area.code")
    area_name = serializers.CharField(source="area.name")
    unit = serializers.CharField(source="unit.code")
    unit_name = serializers.CharField(source="unit.name")
    role = serializers.CharField()
    worker = serializers.CharField(source="worker.username", default=None, allow_null=True)
    worker_name = serializers.CharField(source="worker.name", default="")
    points_reached = serializers.IntegerField()
    points_missed = serializers.IntegerField()
    findings_made = serializers.IntegerField()
    transitions = serializers.SerializerMethodField()

    class Meta:
        model = Patrol
        fields = [
            "id", "number", "state", "state_label", "route", "route_name", "date", "area", "area_name", "unit",
            "unit_name", "role", "worker", "worker_name", "starts_at", "ends_at", "started_at", "finished_at",
            "points_reached", "points_missed", "findings_made", "version", "transitions",
        ]  # fmt: skip
        read_only_fields = fields

    def get_transitions(self, patrol) -> list[str]:
        return [step.name for step in available(patrol, self.context["request"].user)]


class CheckInSerializer(serializers.ModelSerializer):
    """``at_place`` false: too far from the point, or no position. ``is_late``: sent much later than made."""

    class Meta:
        model = CheckIn
        fields = [
            "id", "point", "at", "received_at", "longitude", "latitude", "accuracy_m", "distance_m", "at_place",
            "is_late", "note", "key",
        ]  # fmt: skip
        read_only_fields = fields


class CheckInWithPhotosSerializer(CheckInSerializer):
    photos = serializers.SerializerMethodField()

    class Meta(CheckInSerializer.Meta):
        fields = [*CheckInSerializer.Meta.fields, "photos"]
        read_only_fields = fields

    def get_photos(self, check_in) -> list[str]:
        return [photo["url"] for photo in self.context["photos"].get(check_in.event_id, ())]


class MissedPointSerializer(serializers.ModelSerializer):
    class Meta:
        model = MissedPoint
        fields = ["point", "reason", "noticed_at"]
        read_only_fields = fields


class FindingSerializer(serializers.ModelSerializer):
    """A case opened from the round; ``case`` is its number."""

    case = serializers.CharField(source="case.number")
    case_state = serializers.CharField(source="case.state")

    class Meta:
        model = PatrolFinding
        fields = ["case", "case_state", "point", "found_at"]
        read_only_fields = fields


class PatrolDetailSerializer(PatrolSerializer):
    """A round with what gathers around it."""

    points = serializers.SerializerMethodField()
    check_ins = serializers.SerializerMethodField()
    missed_points = MissedPointSerializer(many=True)
    findings = serializers.SerializerMethodField()

    class Meta(PatrolSerializer.Meta):
        fields = [*PatrolSerializer.Meta.fields, "points", "check_ins", "missed_points", "findings"]
        read_only_fields = fields

    def get_points(self, patrol) -> PointSerializer(many=True):
        return PointSerializer(points_to_see(patrol), many=True).data

    def get_check_ins(self, patrol) -> CheckInWithPhotosSerializer(many=True):
        context = {"photos": photos_by_event(patrol)}
        return CheckInWithPhotosSerializer(check_ins_of(patrol), many=True, context=context).data

    def get_findings(self, patrol) -> FindingSerializer(many=True):
        return FindingSerializer(patrol.findings.select_related("case"), many=True).data


class PositionInput(serializers.Serializer):
    """Where the phone is, in the system it says; may be left out."""

    longitude = DegreesField(required=False, allow_null=True, default=None)
    latitude = DegreesField(required=False, allow_null=True, default=None)
    coordinate_system = serializers.ChoiceField(SYSTEMS, default="wgs84")


class CheckInInput(PositionInput):
    """``at`` is the phone's time: at most 10 minutes ahead, at most 24 hours old; now when left out."""

    point = serializers.IntegerField(min_value=1, max_value=2**63 - 1)
    at = MomentField(required=False, allow_null=True, default=None)
    accuracy_m = serializers.FloatField(required=False, allow_null=True, default=None, min_value=0, max_value=1_000_000)
    note = serializers.CharField(required=False, allow_blank=True, default="", max_length=500)
    key = serializers.RegexField(r"^[\x21-\x7e]*$", required=False, allow_blank=True, default="", max_length=64)
    photos = PhotosField(images_only=True)


class FindingInput(PositionInput):
    """What was found. Without a position the point's is taken, without a point the round's area."""

    finding = serializers.CharField(max_length=4000)
    point = serializers.IntegerField(required=False, allow_null=True, default=None, min_value=1, max_value=2**63 - 1)
    address = serializers.CharField(required=False, allow_blank=True, default="", max_length=200)
    category = serializers.CharField(required=False, allow_blank=True, default="", max_length=20)
    photos = PhotosField()

    def validate_category(self, code):
        if not code:
            return None
        found = list(CaseCategory.objects.filter(code=code, is_active=True)[:2])
        if len(found) != 1:
            raise serializers.ValidationError(_("There is no one such category."), "does_not_exist")
        return found[0]
