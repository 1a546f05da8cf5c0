"""REST door of the figures of mediation, by place and from which day on. A new version is saved as in the
administration; none is changed here."""

from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from governance.api.fields import AreaCodeField
from governance.api.filters import AreaFilter, CodedFilterSet
from governance.api.idempotency import idempotent
from governance.api.views import ScopedViewSet
from mediation.api.kept import IN_FORCE, KeptRows, asked_in_force
from mediation.disputes.rules import rule_for
from mediation.models import MediationRule

FIGURES = ["term_days", "suggest_days", "suggest_people", "visit_days", "visit_months", "visit_grace_days",
           "reminder_days", "intermediate_from", "signal_days", "hazard_days", "contact_years",
           "source"]  # fmt: skip


class MediationRuleSerializer(serializers.ModelSerializer):
    """What holds in an area and all under it from a day on. `id` null: the usual figures, where none were entered."""

    area = serializers.CharField(source="area.code")
    area_name = serializers.CharField(source="area.name")

    class Meta:
        model = MediationRule
        fields = ["id", "area", "area_name", "valid_from", *FIGURES]
        read_only_fields = fields


class MediationRuleInput(serializers.ModelSerializer):
    """A new version; figures that are not given stay as they are in the area on that day."""

    area = AreaCodeField()

    class Meta:
        model = MediationRule
        fields = ["area", "valid_from", *FIGURES]
        validators = []  # the rules of the table are asked by the service


class RuleFilters(CodedFilterSet):
    area = AreaFilter()

    class Meta(CodedFilterSet.Meta):
        model = MediationRule


@extend_schema(tags=["mediation"])
class MediationRuleViewSet(KeptRows, mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """Terms and thresholds of mediation: all versions of all areas, the newest first."""

    queryset = MediationRule.objects.select_related("area").defer("area__boundary")
    serializer_class = MediationRuleSerializer
    filterset_class = RuleFilters
    lookup_value_regex = "[0-9]{1,18}"

    @extend_schema(request=MediationRuleInput, responses={201: MediationRuleSerializer})
    @idempotent
    def create(self, request):
        """Enter a new version for an area, from a day on (administrators, in their area)."""
        given = self.given(MediationRuleInput)
        before = rule_for(given["area"], given["valid_from"])
        return self.saved(MediationRule(**{name: getattr(before, name) for name in FIGURES}), given)

    @extend_schema(parameters=IN_FORCE, responses=MediationRuleSerializer)
    @action(detail=False, url_path="in-force", filterset_class=None, pagination_class=None)
    def in_force(self, request):
        """What holds in an area on a day (default: today): of the nearest area the latest version."""
        return Response(MediationRuleSerializer(rule_for(*asked_in_force(request))).data)
