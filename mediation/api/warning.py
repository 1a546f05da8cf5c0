"""REST door of early warning: warnings with their events and verdicts, the watches, and hot issues."""

import django_filters as filters
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers

from governance.api.fields import AreaCodeField
from governance.api.filters import AreaFilter, CodedFilterSet, CodeFilter
from governance.api.idempotency import idempotent
from governance.api.transitions import TransitionsMixin
from governance.api.views import ScopedViewSet
from governance.workflow import available
from mediation.api.kept import KeptRows
from mediation.models import (
    DisputeType,
    EarlyWarning,
    HotIssue,
    WarningLevel,
    WarningState,
    WarningStream,
    WarningWatch,
)
from mediation.warning.telling import events_told
from mediation.warning.watching import expected_false_alarms


class WarningEventSerializer(serializers.Serializer):
    """An event without words: signal or hazard, its number, day, place and channel."""

    number = serializers.CharField()
    kind = serializers.CharField()
    day = serializers.DateField()
    place = serializers.CharField()
    channel = serializers.CharField()


class EarlyWarningSerializer(serializers.ModelSerializer):
    """``recurrence_days``: by chance alone, this type gives such a warning once in so many days, all its streams
    taken together; ``recurrence_at_least``: or more, nothing that was simulated is so rare; ``stream``: what was
    counted, all reports or those of one way; ``places``: codes of the communities; ``transitions``: what the caller
    may do now."""

    state_label = serializers.CharField(source="get_state_display")
    level_label = serializers.CharField(source="get_level_display")
    stream_label = serializers.CharField(source="get_stream_display")
    watch = serializers.CharField(source="watch.code")
    area = serializers.CharField(source="area.code")
    area_name = serializers.CharField(source="area.name")
    type = serializers.CharField(source="type.code")
    type_name = serializers.CharField(source="type.name")
    places = serializers.ListField(child=serializers.CharField())
    transitions = serializers.SerializerMethodField()

    class Meta:
        model = EarlyWarning
        fields = [
            "id", "number", "state", "state_label", "level", "level_label", "method", "stream", "stream_label",
            "watch", "area", "area_name", "type", "type_name", "places", "first_day", "last_day", "observed",
            "expected", "recurrence_days", "recurrence_at_least", "detected_at", "last_seen", "times_seen", "version",
            "transitions",
        ]  # fmt: skip
        read_only_fields = fields

    def get_transitions(self, warning) -> list[str]:
        return [step.name for step in available(warning, self.context["request"].user)]


class EarlyWarningDetailSerializer(EarlyWarningSerializer):
    """With ``events``, and how many warnings a year chance alone gives in this watch by each method, at most."""

    events = serializers.SerializerMethodField()
    false_alarms_a_year = serializers.SerializerMethodField()

    class Meta(EarlyWarningSerializer.Meta):
        fields = [*EarlyWarningSerializer.Meta.fields, "events", "false_alarms_a_year"]
        read_only_fields = fields

    @extend_schema(responses=WarningEventSerializer(many=True))
    def get_events(self, warning) -> list[dict]:
        return WarningEventSerializer(events_told(warning, self.context["request"].user), many=True).data

    def get_false_alarms_a_year(self, warning) -> float:
        return round(expected_false_alarms(warning.watch), 1)


class EarlyWarningFilters(CodedFilterSet):
    """``state`` (the verdict) may be given several times."""

    state = filters.MultipleChoiceFilter(choices=WarningState.choices)
    level = filters.ChoiceFilter(choices=WarningLevel.choices)
    stream = filters.ChoiceFilter(choices=WarningStream.choices)
    area = AreaFilter()
    type = CodeFilter("type__code", model=DisputeType, label=_("Code of a dispute type."))

    class Meta(CodedFilterSet.Meta):
        model = EarlyWarning


@extend_schema(tags=["early warning"])
class EarlyWarningViewSet(TransitionsMixin, mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """Warnings of the caller's areas, newest first; anything else is 404. Verdicts: `confirm`, `known`, `dismiss`."""

    queryset = EarlyWarning.objects.with_rows()
    serializer_class = EarlyWarningSerializer
    filterset_class = EarlyWarningFilters
    lookup_value_regex = "[0-9]{1,18}"

    def get_serializer_class(self):
        return EarlyWarningSerializer if self.action == "list" else EarlyWarningDetailSerializer

    def answer_with(self, warning: EarlyWarning) -> dict:
        """Return the JSON of a warning the caller has just judged, loaded anew."""
        return self.get_serializer(self.queryset.get(pk=warning.pk)).data


class WarningWatchSerializer(serializers.ModelSerializer):
    """``false_alarms_a_year``: what chance alone gives, at most, by each method in all streams; ``failed_on``,
    ``failure``: the night that could not be looked at, null and empty once one succeeded; ``unplaced``: events of the
    last year that count for no place, as no community of them is known."""

    area = serializers.CharField(source="area.code")
    unplaced = serializers.IntegerField()
    false_alarms_a_year = serializers.SerializerMethodField()

    class Meta:
        model = WarningWatch
        fields = ["code", "name", "area", "yellow_days", "orange_days", "is_active", "watched_to",
                  "failed_on", "failure", "false_alarms_a_year", "unplaced"]  # fmt: skip
        read_only_fields = fields

    def get_false_alarms_a_year(self, watch) -> float:
        return round(expected_false_alarms(watch), 1)


class WarningWatchInput(serializers.ModelSerializer):
    """A watch; orange must be rarer than yellow."""

    area = AreaCodeField()

    class Meta:
        model = WarningWatch
        fields = ["code", "name", "area", "yellow_days", "orange_days", "is_active"]


class WarningWatchAmendInput(WarningWatchInput):
    """What of a watch is changed; its code stays."""

    class Meta(WarningWatchInput.Meta):
        fields = ["name", "area", "yellow_days", "orange_days", "is_active"]


@extend_schema(tags=["early warning"])
class WarningWatchViewSet(KeptRows, mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """What is watched every night."""

    queryset = WarningWatch.objects.with_rows()
    serializer_class = WarningWatchSerializer
    lookup_field = "code"
    lookup_value_regex = "[A-Za-z0-9_-]{1,30}"

    @extend_schema(request=WarningWatchInput, responses={201: WarningWatchSerializer})
    @idempotent
    def create(self, request):
        """Begin to watch an area (administrators, in their area)."""
        return self.enter(WarningWatchInput)

    @extend_schema(request=WarningWatchAmendInput, responses=WarningWatchSerializer)
    def partial_update(self, request, code):
        """Change a watch or stop it; its code stays (administrators, in their area)."""
        return self.amend(WarningWatchAmendInput)


class HotIssueSerializer(serializers.ModelSerializer):
    """``people``: distinct complainants; ``heat`` ranks: more people, and lately."""

    area = serializers.CharField(source="area.code")
    area_name = serializers.CharField(source="area.name")
    type = serializers.CharField(source="type.code")
    type_name = serializers.CharField(source="type.name")

    class Meta:
        model = HotIssue
        fields = ["id", "label", "area", "area_name", "type", "type_name", "people", "records", "first_day", "last_day",
                  "heat", "made_on"]  # fmt: skip
        read_only_fields = fields


class HotIssueFilters(CodedFilterSet):
    area = AreaFilter()
    type = CodeFilter("type__code", model=DisputeType, label=_("Code of a dispute type."))

    class Meta(CodedFilterSet.Meta):
        model = HotIssue


@extend_schema(tags=["early warning"])
class HotIssueViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """What many people speak of at one place."""

    queryset = HotIssue.objects.with_rows()
    serializer_class = HotIssueSerializer
    filterset_class = HotIssueFilters
    lookup_value_regex = "[0-9]{1,18}"
