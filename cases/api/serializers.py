"""JSON of cases. A key that names a row (category, area, unit) holds its code; ``<key>_name`` stands beside it."""

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from cases.closing import photo_checks
from cases.dispatch import REVIEW_REASONS
from cases.models import (
    AppealState,
    Case,
    CaseCategory,
    CaseEvidence,
    CaseRequest,
    Dispatch,
    FilingStandard,
    RequestKind,
    StandardUnit,
)
from cases.reporters import reporters_for
from governance.attachments import attachments_of
from governance.models import Attachment, OrgUnit, Role
from governance.workflow import available


class CaseSerializer(serializers.ModelSerializer):
    """A case as lists show it. ``transitions``: names of what the caller may do now; ``due_at``: end of the stage it is
    in; ``promised_at``: end of handling as told to residents; coordinates in WGS-84; ``version`` counts the changes.
    """

    state_label = serializers.CharField(source="get_state_display")
    source_label = serializers.CharField(source="get_source_display")
    category = serializers.CharField(source="category.code", default=None, allow_null=True)
    category_name = serializers.CharField(source="category.name", default="")
    condition_code = serializers.CharField(source="standard.condition_code", default=None, allow_null=True)
    condition = serializers.CharField(source="standard.condition", default="")
    area = serializers.CharField(source="area.code")
    area_name = serializers.CharField(source="area.name")
    lead_unit = serializers.CharField(source="lead_unit.code", default=None, allow_null=True)
    lead_unit_name = serializers.CharField(source="lead_unit.name", default="")
    assisting_units = serializers.SerializerMethodField()
    assisting_unit_names = serializers.SerializerMethodField()
    supervising_unit = serializers.SerializerMethodField()
    supervising_unit_name = serializers.SerializerMethodField()
    overdue = serializers.BooleanField()
    origin = serializers.SerializerMethodField()
    review_reason_label = serializers.SerializerMethodField()
    transitions = serializers.SerializerMethodField()
    open_request = serializers.ChoiceField(RequestKind.choices, allow_blank=True)
    appeal_state = serializers.ChoiceField(AppealState.choices, allow_blank=True)

    class Meta:
        model = Case
        fields = [
            "number", "state", "state_label", "source", "source_label", "category", "category_name", "condition_code",
            "condition", "description", "area", "area_name", "address", "longitude", "latitude", "lead_unit",
            "lead_unit_name", "assisting_units", "assisting_unit_names", "supervising_unit", "supervising_unit_name",
            "due_at", "overdue", "promised_at", "reported_at", "accepted_at", "dispatched_at", "submitted_at",
            "signed_at", "contacted_at", "suspended_until", "closed_at", "extensions", "returns", "reworks",
            "open_request", "appeal_state", "arbitrated", "origin",
            "review_reason", "review_reason_label", "version", "transitions",
        ]  # fmt: skip
        read_only_fields = fields

    def get_assisting_units(self, case) -> list[str]:
        return [unit.code for unit in case.units_as("assisting")]

    def get_assisting_unit_names(self, case) -> list[str]:
        return [unit.name for unit in case.units_as("assisting")]

    def get_supervising_unit(self, case) -> str | None:
        unit = _supervising(case)
        return unit.code if unit else None

    def get_supervising_unit_name(self, case) -> str:
        unit = _supervising(case)
        return unit.name if unit else ""

    @extend_schema_field({"type": "object", "additionalProperties": {}, "example": {"device": "MC-001", "alarm": 12}})
    def get_origin(self, case):
        return case.origin

    def get_review_reason_label(self, case) -> str:
        return str(REVIEW_REASONS.get(case.review_reason, case.review_reason))

    def get_transitions(self, case) -> list[str]:
        return [step.name for step in available(case, self.context["request"].user)]


def _supervising(case: Case) -> OrgUnit | None:
    return next(iter(case.units_as("supervising")), None)


class ReporterSerializer(serializers.Serializer):
    """Somebody who reported the case; ``masked`` for callers whose work does not need it."""

    name = serializers.CharField()
    phone = serializers.CharField()
    masked = serializers.BooleanField()


class PhotoSerializer(serializers.ModelSerializer):
    url = serializers.SerializerMethodField()

    class Meta:
        model = Attachment
        fields = ["id", "url", "purpose", "content_type", "size", "width", "height", "uploaded_at"]
        read_only_fields = fields

    def get_url(self, attachment) -> str:
        return f"/files/{attachment.pk}/"


class EvidenceSerializer(serializers.ModelSerializer):
    @extend_schema_field({"type": "object", "additionalProperties": {}})
    class DataField(serializers.JSONField):
        pass

    data = DataField()

    class Meta:
        model = CaseEvidence
        fields = ["kind", "data", "happened_at"]
        read_only_fields = fields


class DispatchSerializer(serializers.ModelSerializer):
    """One dispatch with the reason it was made for. ``confidence`` (0 to 1) is the text model's; ``rule`` the code of
    the dispatch rule that decided; ``runner_up`` who else came into question (empty: nobody).
    """

    lead_unit = serializers.CharField(source="lead_unit.code")
    lead_unit_name = serializers.CharField(source="lead_unit.name")
    rule = serializers.CharField(source="rule.code", default=None, allow_null=True)
    confidence = serializers.FloatField(allow_null=True)
    runner_up = serializers.SerializerMethodField()

    class Meta:
        model = Dispatch
        fields = [
            "method",
            "rule",
            "lead_unit",
            "lead_unit_name",
            "reason",
            "confidence",
            "runner_up",
            "limit_amount",
            "limit_unit",
            "due_at",
            "dispatched_at",
        ]
        read_only_fields = fields

    @extend_schema_field(
        {"type": "object", "additionalProperties": {}, "example": {"unit": "water", "label": "", "confidence": 0.2}}
    )
    def get_runner_up(self, dispatch):
        return dispatch.runner_up


class CaseRequestSerializer(serializers.ModelSerializer):
    """What the unit asked for: more time (``amount`` of ``counted_in``) or to suspend the case ``until``."""

    unit = serializers.CharField(source="unit.code")

    class Meta:
        model = CaseRequest
        fields = ["kind", "status", "unit", "amount", "counted_in", "until", "asked_at", "decided_at"]
        read_only_fields = fields


class PhotoCheckSerializer(serializers.Serializer):
    """What a photo after the work says of itself: metres from the case, whether far, whether before the dispatch."""

    photo = serializers.UUIDField(source="photo.pk")
    metres = serializers.FloatField(allow_null=True)
    far = serializers.BooleanField(allow_null=True)
    early = serializers.BooleanField(allow_null=True)
    text = serializers.CharField()


class LikenessSerializer(serializers.Serializer):
    """An open case that another likely repeats. ``score``: 1 = the same; ``words``: share of the words in common."""

    number = serializers.CharField(source="case.number")
    description = serializers.CharField(source="case.description")
    state = serializers.CharField(source="case.state")
    metres = serializers.FloatField(allow_null=True)
    hours = serializers.FloatField()
    words = serializers.FloatField()
    same_category = serializers.BooleanField(allow_null=True)
    score = serializers.FloatField()


class CaseDetailSerializer(CaseSerializer):
    """A case with what gathers around it."""

    reporters = serializers.SerializerMethodField()
    photos = serializers.SerializerMethodField()
    evidence = EvidenceSerializer(many=True)
    dispatches = serializers.SerializerMethodField()
    parent = serializers.CharField(source="parent.number", default=None, allow_null=True)
    merged_into = serializers.CharField(source="merged_into.number", default=None, allow_null=True)
    children = serializers.SerializerMethodField()
    merged = serializers.SerializerMethodField()
    requests = CaseRequestSerializer(many=True)
    photo_checks = serializers.SerializerMethodField()

    class Meta(CaseSerializer.Meta):
        fields = [
            *CaseSerializer.Meta.fields, "result", "reporters", "photos", "evidence", "dispatches", "parent",
            "merged_into", "children", "merged", "requests", "photo_checks",
        ]  # fmt: skip
        read_only_fields = fields

    def get_reporters(self, case) -> ReporterSerializer(many=True):
        return reporters_for(case, self.context["request"].user)

    def to_representation(self, case):
        # Read once for the fields that show them.
        self.files = list(attachments_of(case).order_by("uploaded_at", "id"))
        self.belonging = list(case.belonging())
        return super().to_representation(case)

    def get_children(self, case) -> list[str]:
        return [row.number for row in self.belonging if row.parent_id == case.pk]

    def get_merged(self, case) -> list[str]:
        return [row.number for row in self.belonging if row.merged_into_id == case.pk]

    def get_photos(self, case) -> PhotoSerializer(many=True):
        return PhotoSerializer(self.files, many=True).data

    def get_photo_checks(self, case) -> PhotoCheckSerializer(many=True):
        return PhotoCheckSerializer(photo_checks(case, self.files), many=True).data

    def get_dispatches(self, case) -> DispatchSerializer(many=True):
        return DispatchSerializer(case.dispatches.select_related("lead_unit", "rule"), many=True).data


class TimelineEntrySerializer(serializers.Serializer):
    """One event of the trail; ``payload`` holds codes and figures, ``text`` the reason or note."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    label = serializers.CharField()
    at = serializers.DateTimeField()
    recorded_at = serializers.DateTimeField()
    actor = serializers.CharField()
    role = serializers.ChoiceField(Role.choices)
    role_label = serializers.CharField()
    unit = serializers.CharField()
    text = serializers.CharField()
    photos = serializers.ListField(child=serializers.DictField(child=serializers.CharField()))
    payload = serializers.DictField()


class CategorySerializer(serializers.ModelSerializer):
    parent = serializers.CharField(source="parent.code", default=None, allow_null=True)

    class Meta:
        model = CaseCategory
        fields = ["scheme", "scheme_version", "code", "name", "kind", "parent", "is_active"]
        read_only_fields = fields


class StandardUnitSerializer(serializers.ModelSerializer):
    """``unit`` is a code; where the standard names a role instead, ``role_name`` is filled."""

    unit = serializers.CharField(source="unit.code", default=None, allow_null=True)

    class Meta:
        model = StandardUnit
        fields = ["part", "unit", "role_name"]
        read_only_fields = fields


class StandardSerializer(serializers.ModelSerializer):
    """``code`` is what transitions take as ``standard``: ``<category>/<condition code>``."""

    code = serializers.SerializerMethodField()
    category = serializers.CharField(source="category.code")
    category_name = serializers.CharField(source="category.name")
    units = StandardUnitSerializer(many=True)

    class Meta:
        model = FilingStandard
        fields = [
            "code", "category", "category_name", "condition_code", "condition", "closing_condition", "limit_amount",
            "limit_unit", "limit_note", "units", "is_active",
        ]  # fmt: skip
        read_only_fields = fields

    def get_code(self, standard) -> str:
        return f"{standard.category.code}/{standard.condition_code}"
