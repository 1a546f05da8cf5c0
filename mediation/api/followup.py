"""REST door of follow-up visits, referrals to counselling, and measures. Every write is a service."""

from datetime import date

import django_filters as filters
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response
from rest_framework.views import APIView

from governance.api.filters import CodedFilterSet
from governance.api.idempotency import idempotent
from mediation.api.agreements import OfDisputeViewSet
from mediation.api.agreements_serializers import BIG, MOVING, OfDisputeMoving
from mediation.followup.counselling import counselling_offer
from mediation.followup.visits import question_of
from mediation.measures.figures import GROUPS, MEASURES, Quarter
from mediation.measures.viewing import measures_for
from mediation.models import (
    CounsellingReferral,
    CounsellingState,
    Dispute,
    FollowUpVisit,
    VisitKind,
    VisitPerformed,
    VisitState,
    VisitWay,
)


class FollowUpVisitSerializer(OfDisputeMoving):
    """A visit. ``unit``: whose it is. What was found is empty until it was made. ``urged_at``: when a superior last
    urged it."""

    number = serializers.CharField()
    state = serializers.ChoiceField(VisitState.choices)
    kind = serializers.ChoiceField(VisitKind.choices)
    way = serializers.ChoiceField(VisitWay.choices, allow_blank=True)
    performed = serializers.ChoiceField(VisitPerformed.choices, allow_blank=True)
    unit = serializers.CharField(source="dispute.unit.code")

    class Meta:
        model = FollowUpVisit
        fields = [
            *MOVING, "number", "agreement", "obligation", "kind", "due_on", "grace_until", "unit", "visited_on", "way",
            "performed", "satisfaction", "relapse", "confirmation_wanted", "attempts", "urged_at",
        ]  # fmt: skip
        read_only_fields = fields


class FollowUpVisitDetailSerializer(FollowUpVisitSerializer):
    """``confirmation_last_day``: where the parties are asked about confirmation at this visit, until when."""

    confirmation_last_day = serializers.SerializerMethodField()

    class Meta(FollowUpVisitSerializer.Meta):
        fields = [*FollowUpVisitSerializer.Meta.fields, "confirmation_last_day"]
        read_only_fields = fields

    def get_confirmation_last_day(self, obj) -> date | None:
        question = question_of(obj)
        return question.last_day if question else None


class VisitFilters(CodedFilterSet):
    """``state`` and ``kind`` may be given several times."""

    state = filters.MultipleChoiceFilter(choices=VisitState.choices)
    kind = filters.MultipleChoiceFilter(choices=VisitKind.choices)
    agreement = filters.NumberFilter("agreement_id", min_value=1, max_value=BIG)
    dispute = filters.NumberFilter("dispute_id", min_value=1, max_value=BIG)

    class Meta(CodedFilterSet.Meta):
        model = FollowUpVisit


@extend_schema(tags=["mediation"])
class VisitViewSet(OfDisputeViewSet):
    """Follow-up visits of the disputes the caller may read, and the overdue ones of the units below."""

    queryset = FollowUpVisit.objects.with_rows()
    serializer_class = FollowUpVisitSerializer
    detail_class = FollowUpVisitDetailSerializer
    filterset_class = VisitFilters

    @extend_schema(responses=FollowUpVisitDetailSerializer)
    def retrieve(self, request, pk):
        """One visit; reading it is recorded."""
        return Response(self.answer_with(self.get_object()))


class CounsellingSerializer(OfDisputeMoving):
    """A referral: dates only."""

    number = serializers.CharField()
    state = serializers.ChoiceField(CounsellingState.choices)
    counsellor = serializers.CharField(source="counsellor.username", default=None, allow_null=True)

    class Meta:
        model = CounsellingReferral
        fields = [*MOVING, "number", "party", "counsellor", "offered_on", "consented_on", "referred_on", "attended_on",
                  "declined_on", "withdrawn_on"]  # fmt: skip
        read_only_fields = fields


class CounsellingDetailSerializer(CounsellingSerializer):
    party_name = serializers.CharField(source="party.masked")

    class Meta(CounsellingSerializer.Meta):
        fields = [*CounsellingSerializer.Meta.fields, "party_name"]
        read_only_fields = fields


class CounsellingOfferInput(serializers.Serializer):
    """To which party of which dispute."""

    dispute = serializers.IntegerField(min_value=1, max_value=BIG)
    party = serializers.IntegerField(min_value=1, max_value=BIG)
    on = serializers.DateField(default=None, allow_null=True)


class CounsellingFilters(CodedFilterSet):
    """``state`` may be given several times."""

    state = filters.MultipleChoiceFilter(choices=CounsellingState.choices)

    class Meta(CodedFilterSet.Meta):
        model = CounsellingReferral


@extend_schema(tags=["mediation"])
class CounsellingViewSet(OfDisputeViewSet):
    """Referrals of the disputes the caller may read; for a counsellor, those to them."""

    queryset = CounsellingReferral.objects.with_rows()
    serializer_class = CounsellingSerializer
    detail_class = CounsellingDetailSerializer
    filterset_class = CounsellingFilters

    @extend_schema(responses=CounsellingDetailSerializer)
    def retrieve(self, request, pk):
        """One referral; reading it is recorded."""
        return Response(self.answer_with(self.get_object()))

    @extend_schema(request=CounsellingOfferInput, responses={201: CounsellingDetailSerializer})
    @idempotent
    def create(self, request):
        """Offer counselling to a party who is a person."""
        given = CounsellingOfferInput(data=request.data)
        given.is_valid(raise_exception=True)
        data = given.validated_data
        dispute = Dispute.objects.visible_to(request.user).filter(pk=data["dispute"]).first()
        party = dispute.parties.filter(pk=data["party"]).first() if dispute else None
        if party is None:
            field = "party" if dispute else "dispute"
            raise serializers.ValidationError({field: [_("There is no such row.")]}, "does_not_exist")
        made = counselling_offer(dispute, actor=request.user, party=party, on=data["on"])
        return Response(self.answer_with(made), status=status.HTTP_201_CREATED)


class MeasureFigureSerializer(serializers.Serializer):
    """``count``: how many; ``value``: percent, or the median of days."""

    count = serializers.IntegerField()
    value = serializers.FloatField(allow_null=True)


class MeasureGroupSerializer(serializers.Serializer):
    """``figure`` null: kept back. ``key``: code of the tier or type, number of the unit."""

    group = serializers.ChoiceField([(name, name) for name in GROUPS])
    key = serializers.CharField()
    figure = MeasureFigureSerializer(allow_null=True)


class MeasureSerializer(serializers.Serializer):
    """``ready`` false: too early, from ``ready_on`` on."""

    measure = serializers.ChoiceField([(name, name) for name in MEASURES])
    ready = serializers.BooleanField()
    ready_on = serializers.DateField()
    total = MeasureFigureSerializer(allow_null=True)
    groups = MeasureGroupSerializer(many=True)


class QuarterInput(serializers.Serializer):
    quarter = serializers.RegexField(r"^20[0-9]{2}Q[1-4]$")


class MeasuresView(APIView):
    """Measures of a quarter: performance, relapse, confirmation, reopened share, days."""

    permission_classes = [IsAuthenticated]

    @extend_schema(
        tags=["mediation"], responses=MeasureSerializer(many=True),
        parameters=[OpenApiParameter("quarter", str, required=True, description="Such as 2026Q2.")],
    )  # fmt: skip
    def get(self, request):
        """Analysts see no cell under five, nor two that tell of one; null stands in its place."""
        given = QuarterInput(data=request.query_params)
        given.is_valid(raise_exception=True)
        year, number = given.validated_data["quarter"].split("Q")
        tables = measures_for(request.user, Quarter(int(year), int(number)))
        return Response([
            {
                "measure": table.measure, "ready": table.ready, "ready_on": table.ready_on, "total": table.total,
                "groups": [
                    {"group": group, "key": str(key), "figure": figure}
                    for group, rows in table.groups.items() for key, figure in rows.items()
                ],
            }
            for table in tables
        ])  # fmt: skip
