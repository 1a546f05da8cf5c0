"""REST door of agents' authorisations: by which paper somebody signs or applies for a party."""

import django_filters as filters
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.response import Response

from governance.api.filters import CodedFilterSet
from governance.api.idempotency import ReadsAgain, idempotent
from governance.api.views import ScopedViewSet
from mediation.agreements.authorising import authorisation_record, authorisation_strike
from mediation.agreements.states import AuthorisationScope
from mediation.models import AgentAuthorisation, Party

BIG = 2**63 - 1


class AuthorisationSerializer(serializers.ModelSerializer):
    """The paper of an agent; party and agent by masked names. `struck_at`: recorded wrongly, it counts no longer; of
    those that stand the newest of party and agent counts."""

    party_name = serializers.CharField(source="party.label")
    agent_name = serializers.CharField(source="masked_agent")
    scope = serializers.ChoiceField(AuthorisationScope.choices)
    scope_label = serializers.CharField(source="get_scope_display")

    class Meta:
        model = AgentAuthorisation
        fields = ["id", "dispute", "party", "party_name", "agent_name", "number", "signed_on", "scope", "scope_label",
                  "at", "struck_at"]  # fmt: skip
        read_only_fields = fields


class AuthorisationInput(serializers.Serializer):
    """Which paper: `party` is the number of a party with an agent."""

    party = serializers.IntegerField(min_value=1, max_value=BIG)
    number = serializers.CharField(max_length=60)
    signed_on = serializers.DateField()
    scope = serializers.ChoiceField(AuthorisationScope.choices)


class StrikeAuthorisationInput(serializers.Serializer):
    """Why it was recorded wrongly."""

    reason = serializers.CharField(max_length=500)


class AuthorisationFilters(CodedFilterSet):
    dispute = filters.NumberFilter("dispute_id", min_value=1, max_value=BIG)
    party = filters.NumberFilter("party_id", min_value=1, max_value=BIG)

    class Meta(CodedFilterSet.Meta):
        model = AgentAuthorisation


@extend_schema(tags=["mediation"])
class AuthorisationViewSet(ReadsAgain, mixins.ListModelMixin, ScopedViewSet):
    """Authorisations of agents in the disputes the caller may read, newest first."""

    queryset = (
        AgentAuthorisation.objects.select_related("party__dispute", "dispute__area")
        .prefetch_related("party__dispute__parties")
        .defer("dispute__area__boundary")
    )
    serializer_class = AuthorisationSerializer
    filterset_class = AuthorisationFilters
    free_actions = ("create", "strike")
    lookup_value_regex = "[0-9]{1,18}"

    @extend_schema(request=AuthorisationInput, responses={201: AuthorisationSerializer})
    @idempotent
    def create(self, request):
        """Record by which paper the agent of a party acts."""
        given = AuthorisationInput(data=request.data)
        given.is_valid(raise_exception=True)
        data = dict(given.validated_data)
        party = Party.objects.visible_to(request.user).filter(pk=data.pop("party")).first()
        if party is None:
            raise serializers.ValidationError({"party": [_("There is no such party.")]}, "does_not_exist")
        made = authorisation_record(party, actor=request.user, **data)
        return Response(self.answer_with(made), status=status.HTTP_201_CREATED)

    @extend_schema(request=StrikeAuthorisationInput, responses=AuthorisationSerializer)
    @action(detail=True, methods=["post"], filterset_class=None, pagination_class=None)
    def strike(self, request, pk):
        """Strike what was recorded wrongly, for a reason; not once somebody has signed, answered or applied by it."""
        given = StrikeAuthorisationInput(data=request.data)
        given.is_valid(raise_exception=True)
        row = self.get_object()
        authorisation_strike(row, actor=request.user, **given.validated_data)
        return Response(self.answer_with(self.queryset.all().get(pk=row.pk)))

    def answer_with(self, row: AgentAuthorisation) -> dict:
        return self.get_serializer(row).data
