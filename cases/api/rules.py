"""REST door of dispatch rules: reading them, trying one on past cases, switching it on and off."""

import django_filters as filters
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.response import Response

from cases.models import DispatchRule, RuleState, RuleTrial, RuleUnit
from cases.rules.services import MOST_DAYS, USUAL_DAYS, is_tried, newest_trial, rule_try
from governance.api.filters import AreaFilter, CodedFilterSet
from governance.api.idempotency import idempotent
from governance.api.paging import ByCode
from governance.api.transitions import TransitionsMixin
from governance.api.views import ScopedViewSet
from governance.workflow import available


class RuleUnitSerializer(serializers.ModelSerializer):
    """``unit`` is a code; where the rule names a role instead, ``role_name`` is filled."""

    unit = serializers.CharField(source="unit.code", default=None, allow_null=True)

    class Meta:
        model = RuleUnit
        fields = ["part", "unit", "role_name"]
        read_only_fields = fields


class TrialSerializer(serializers.ModelSerializer):
    """A dry run. ``matched`` = ``same`` + ``other`` + ``unled`` + ``unresolved``; ``earlier`` of them would have been
    decided by another rule first; ``cut``: there were more cases than were looked at.
    """

    class Meta:
        model = RuleTrial
        fields = ["days", "considered", "cut", "matched", "same", "other", "unled", "unresolved", "earlier", "run_at"]
        read_only_fields = fields


class DispatchRuleSerializer(serializers.ModelSerializer):
    """A rule: all conditions that are stated must hold. Times are Asia/Shanghai; ``standard`` is
    ``<category>/<condition code>``; without a limit that of the filing standard holds.
    """

    state_label = serializers.CharField(source="get_state_display")
    area = serializers.CharField(source="area.code")
    area_name = serializers.CharField(source="area.name")
    categories = serializers.SerializerMethodField()
    standard = serializers.SerializerMethodField()
    units = RuleUnitSerializer(many=True)
    transitions = serializers.SerializerMethodField()

    class Meta:
        model = DispatchRule
        fields = [
            "code", "name", "priority", "state", "state_label", "area", "area_name", "categories", "standard",
            "sources", "words", "device_profile", "weekdays", "from_time", "to_time", "valid_from", "valid_to",
            "units", "limit_amount", "limit_unit", "switched_at", "version", "transitions",
        ]  # fmt: skip
        read_only_fields = fields

    def get_categories(self, rule) -> list[str]:
        return [row.category.code for row in rule.categories.all()]

    def get_standard(self, rule) -> str | None:
        return f"{rule.standard.category.code}/{rule.standard.condition_code}" if rule.standard else None

    def get_transitions(self, rule) -> list[str]:
        return [step.name for step in available(rule, self.context["request"].user)]


class RuleDetailSerializer(DispatchRuleSerializer):
    """A rule with its newest dry run; ``tried``: that was of its present content."""

    tried = serializers.SerializerMethodField()
    trial = serializers.SerializerMethodField()

    class Meta(DispatchRuleSerializer.Meta):
        fields = [*DispatchRuleSerializer.Meta.fields, "tried", "trial"]
        read_only_fields = fields

    def get_tried(self, rule) -> bool:
        return is_tried(rule)

    def get_trial(self, rule) -> TrialSerializer(allow_null=True):
        trial = newest_trial(rule)
        return TrialSerializer(trial).data if trial else None


class TryInput(serializers.Serializer):
    """Over how many past days."""

    days = serializers.IntegerField(required=False, default=USUAL_DAYS, min_value=1, max_value=MOST_DAYS)


class RuleFilters(CodedFilterSet):
    state = filters.MultipleChoiceFilter(choices=RuleState.choices)
    area = AreaFilter()

    class Meta(CodedFilterSet.Meta):
        model = DispatchRule


@extend_schema(tags=["dispatch rules"])
class DispatchRuleViewSet(TransitionsMixin, mixins.ListModelMixin, ScopedViewSet):
    """Dispatch rules by code."""

    queryset = DispatchRule.objects.with_rows()
    serializer_class = DispatchRuleSerializer
    filterset_class = RuleFilters
    pagination_class = ByCode
    lookup_field = "code"
    lookup_value_regex = "[A-Za-z0-9_-]{1,40}"
    free_actions = ("transition", "try_out")

    def answer_with(self, rule: DispatchRule) -> dict:
        """Return the JSON of a rule that was just switched."""
        return self.get_serializer(self.queryset.get(pk=rule.pk)).data

    @extend_schema(responses=RuleDetailSerializer)
    def retrieve(self, request, code):
        """One rule with its newest dry run."""
        return Response(RuleDetailSerializer(self.get_object(), context={"request": request}).data)

    @extend_schema(request=TryInput, responses={201: TrialSerializer})
    @action(detail=True, methods=["post"], url_path="try", filterset_class=None, pagination_class=None)
    @idempotent
    def try_out(self, request, code):
        """Run the rule over the cases of the last days. Nothing changes but that the trial is kept; a rule can be
        switched on only after a trial of its present content.
        """
        rule, given = self.get_object(), TryInput(data=request.data)
        given.is_valid(raise_exception=True)
        trial = rule_try(rule, actor=request.user, **given.validated_data)
        return Response(TrialSerializer(trial).data, status=status.HTTP_201_CREATED)
