"""JSON and filters of named sources and dead letters."""

import django_filters as filters
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from cases.intake.health import Health
from cases.intake.workflow import LetterState
from cases.models import CaseSource, DeadLetter, IntakeSource
from governance.api.filters import AreaFilter, CodedFilterSet, CodeFilter, MomentFilter, YesNoFilter
from governance.workflow import available


class MessageErrorSerializer(serializers.Serializer):
    """One thing that is wrong with a message; ``field`` is one of ours, or `message`."""

    field = serializers.CharField()
    code = serializers.CharField()
    detail = serializers.CharField()


class MessageResultSerializer(serializers.Serializer):
    """What became of one message."""

    status = serializers.ChoiceField(["created", "updated", "repeated", "rejected"])
    external_id = serializers.CharField()
    case = serializers.CharField(allow_null=True)
    errors = MessageErrorSerializer(many=True)


class MessagesResultSerializer(serializers.Serializer):
    """What became of the messages, in their order."""

    results = MessageResultSerializer(many=True)


class ReplayedSerializer(serializers.Serializer):
    """How many letters became cases, how many are still wrong, and whether there are more to replay."""

    replayed = serializers.IntegerField()
    rejected = serializers.IntegerField()
    left = serializers.BooleanField()


class HealthSerializer(serializers.Serializer):
    """How a source is: messages since the full hour and in 24 hours by the clock, and the share that was rejected."""

    last_at = serializers.DateTimeField(allow_null=True)
    hour = serializers.IntegerField()
    day = serializers.IntegerField()
    rejected_share = serializers.FloatField(allow_null=True)
    waiting = serializers.IntegerField(help_text=_("dead letters"))
    silent = serializers.BooleanField()


class SourceSerializer(serializers.ModelSerializer):
    kind_label = serializers.CharField(source="get_kind_display")
    unit = serializers.CharField(source="unit.code")
    unit_name = serializers.CharField(source="unit.name")
    area = serializers.CharField(source="area.code")
    area_name = serializers.CharField(source="area.name")
    health = serializers.SerializerMethodField()

    class Meta:
        model = IntakeSource
        fields = [
            "code", "name", "kind", "kind_label", "unit", "unit_name", "area", "area_name", "files_at_once",
            "silent_after", "silent_since", "is_active", "health",
        ]  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(HealthSerializer)
    def get_health(self, source):
        return HealthSerializer(self.context["health"].get(source.pk, Health())).data


class DeadLetterSerializer(serializers.ModelSerializer):
    """``message`` as it came; ``corrections`` are texts by field of ours; ``transitions`` what the caller may do."""

    source = serializers.CharField(source="source.code")
    source_name = serializers.CharField(source="source.name")
    state_label = serializers.CharField(source="get_state_display")
    message = serializers.SerializerMethodField()
    errors = MessageErrorSerializer(many=True)
    corrections = serializers.DictField(child=serializers.CharField())
    case = serializers.CharField(source="case.number", default=None, allow_null=True)
    transitions = serializers.SerializerMethodField()

    class Meta:
        model = DeadLetter
        fields = [
            "id", "source", "source_name", "external_id", "state", "state_label", "message", "errors", "corrections",
            "received_at", "times", "last_at", "case", "settled_at", "version", "transitions",
        ]  # fmt: skip
        read_only_fields = fields

    @extend_schema_field({"type": "object", "additionalProperties": {}})
    def get_message(self, letter):
        return letter.payload

    def get_transitions(self, letter) -> list[str]:
        return [step.name for step in available(letter, self.context["request"].user)]


class SourceFilters(CodedFilterSet):
    kind = filters.MultipleChoiceFilter(choices=CaseSource.choices)
    area = AreaFilter()
    in_use = YesNoFilter("is_active")
    silent = YesNoFilter("silent_since", "isnull", exclude=True)

    class Meta(CodedFilterSet.Meta):
        model = IntakeSource


class LetterFilters(CodedFilterSet):
    source = CodeFilter("source__code", model=IntakeSource, label=_("Code of a named source."))
    state = filters.MultipleChoiceFilter(choices=LetterState.choices)
    external_id = filters.CharFilter("external_id", label=_("Number there."))
    received_after = MomentFilter("received_at", "gte")
    received_before = MomentFilter("received_at", "lt")

    class Meta(CodedFilterSet.Meta):
        model = DeadLetter
