"""REST door of the figures of mediation, by place and from which day on. A new version is saved as in the
administration; none is changed here."""

from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.response import Response

from governance.api.fields import AreaCodeField
from governance.api.filters import AreaFilter, CodedFilterSet
from governance.api.idempotency import idempotent
from governance.api.views import ScopedViewSet
from governance.configuration import configuration_save
from mediation.api.kept import area_named
from mediation.disputes.rules import rule_for
from mediation.models import MediationRule

FIGURES = ["term_days", "suggest_days", "suggest_people", "visit_days", "visit_months", "visit_grace_days",
           "confirm_days", "reminder_days", "intermediate_from", "signal_days", "source"]  # fmt: skip


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


class AskedInput(serializers.Serializer):
    """Where and when."""

    area = AreaCodeField()
    on = serializers.DateField(default=timezone.localdate)


class RuleFilters(CodedFilterSet):
    area = AreaFilter()

    class Meta(CodedFilterSet.Meta):
        model = MediationRule


@extend_schema(tags=["mediation"])
class MediationRuleViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """Terms and thresholds of mediation: all versions of all areas, the newest first."""

    queryset = MediationRule.objects.select_related("area").defer("area__boundary")
    serializer_class = MediationRuleSerializer
    filterset_class = RuleFilters
    lookup_value_regex = "[0-9]{1,18}"

    @extend_schema(request=MediationRuleInput, responses={201: MediationRuleSerializer})
    @idempotent
    def create(self, request):
        """Enter a new version for an area, from a day on (administrators, in their area)."""
        given = MediationRuleInput(data=request.data)
        given.is_valid(raise_exception=True)
        data = dict(given.validated_data)
        area, day = area_named(data.pop("area")), data.pop("valid_from")
        before = rule_for(area, day)
        row = MediationRule(area=area, valid_from=day, **{name: getattr(before, name) for name in FIGURES} | data)
        configuration_save(row, actor=request.user, changed=["area", "valid_from", *data])
        return Response(MediationRuleSerializer(row).data, status=status.HTTP_201_CREATED)

    @extend_schema(
        parameters=[
            OpenApiParameter("area", OpenApiTypes.STR, required=True),
            OpenApiParameter("on", OpenApiTypes.DATE),
        ],
        responses=MediationRuleSerializer,
    )
    @action(detail=False, url_path="in-force", filterset_class=None, pagination_class=None)
    def in_force(self, request):
        """What holds in an area on a day (default: today): of the nearest area the latest version."""
        asked = AskedInput(data=request.query_params)
        asked.is_valid(raise_exception=True)
        found = rule_for(area_named(asked.validated_data["area"]), asked.validated_data["on"])
        return Response(MediationRuleSerializer(found).data)
