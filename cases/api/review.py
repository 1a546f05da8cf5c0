"""REST door of the review queue: what is proposed about a case, and accepting it."""

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound
from rest_framework.response import Response

from cases.api.serializers import CaseSerializer
from cases.models import DispatchProposal
from cases.review.services import proposal_accept, proposal_ranked, proposals_for
from governance.api.idempotency import idempotent


class ProposalSerializer(serializers.ModelSerializer):
    """One proposal, best first. Before a report is filed only a category is proposed; afterwards ``unit`` with its
    limit is what accepting does. ``confidence`` is 0 to 1, null where no figure stands for it.
    """

    method_label = serializers.CharField(source="get_method_display")
    unit = serializers.CharField(source="unit.code", default=None, allow_null=True)
    unit_name = serializers.CharField(source="unit.name", default="")
    category = serializers.CharField(source="category.code", default=None, allow_null=True)
    category_name = serializers.CharField(source="category.name", default="")
    standard = serializers.SerializerMethodField()
    assisting_units = serializers.SerializerMethodField()
    supervising_units = serializers.SerializerMethodField()
    confidence = serializers.FloatField(allow_null=True)

    class Meta:
        model = DispatchProposal
        fields = [
            "rank", "method", "method_label", "unit", "unit_name", "category", "category_name", "standard",
            "assisting_units", "supervising_units", "limit_amount", "limit_unit", "confidence", "reason",
            "model_version", "made_at",
        ]  # fmt: skip
        read_only_fields = fields

    def get_standard(self, proposal) -> str | None:
        standard = proposal.standard
        return f"{standard.category.code}/{standard.condition_code}" if standard else None

    def get_assisting_units(self, proposal) -> list[str]:
        return proposal.parts.get("assisting", [])

    def get_supervising_units(self, proposal) -> list[str]:
        return proposal.parts.get("supervising", [])


class AcceptInput(serializers.Serializer):
    """``version`` of the case as it was read: a change by somebody else in the meantime is a conflict (409)."""

    version = serializers.IntegerField(required=False, allow_null=True, default=None, min_value=0, max_value=2**31 - 1)


class ProposalsMixin:
    """Gives the viewset of cases its proposals."""

    @extend_schema(responses=ProposalSerializer(many=True))
    @action(detail=True, filterset_class=None, pagination_class=None)
    def proposals(self, request, number):
        """What the hub proposes to whoever must decide about the case now; empty once it is decided."""
        return Response(ProposalSerializer(proposals_for(self.get_object()), many=True).data)

    @extend_schema(request=AcceptInput, responses={200: CaseSerializer})
    @action(detail=True, methods=["post"], url_path=r"proposals/(?P<rank>[1-9])/accept", filterset_class=None,
            pagination_class=None)  # fmt: skip
    @idempotent
    def accept_proposal(self, request, number, rank):
        """Dispatch the case as proposed; refused like the transition `dispatch`."""
        case, given = self.get_object(), AcceptInput(data=request.data)
        given.is_valid(raise_exception=True)
        proposal = proposal_ranked(case, int(rank))
        if proposal is None:
            raise NotFound(_("There is no such proposal."))
        return Response(self.answer_with(proposal_accept(proposal, actor=request.user, **given.validated_data)))
