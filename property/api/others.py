"""REST door of contracts, parcels and care visits for people at work."""

import django_filters as filters
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.response import Response

from governance.api.filters import AreaFilter, CodedFilterSet, CodeFilter, YesNoFilter
from governance.api.idempotency import idempotent
from governance.api.paging import ByCode
from governance.api.registry.inputs import DwellingCodeField
from governance.api.transitions import TransitionsMixin
from governance.api.views import ScopedViewSet
from governance.models import Dwelling, Estate
from governance.workflow import available
from property.models import (
    CareReceiver,
    CareVisit,
    Condition,
    ContractEvaluation,
    ContractState,
    HandOverItem,
    Parcel,
    ParcelState,
    PropertyContract,
    VisitState,
)
from property.serving.contracts import contract_evaluate, handover_settle
from property.serving.parcels import parcel_receive


class MovedSerializer(serializers.ModelSerializer):
    """Base of workflow objects. ``transitions``: what the caller may do now."""

    state_label = serializers.CharField(source="get_state_display")
    transitions = serializers.SerializerMethodField()

    def get_transitions(self, one) -> list[str]:
        return [step.name for step in available(one, self.context["request"].user)]


class ContractSerializer(MovedSerializer):
    estate = serializers.CharField(source="estate.code")
    company = serializers.CharField(source="company.code")
    company_name = serializers.CharField(source="company.name")
    organisation = serializers.CharField(source="organisation.code")
    selection_label = serializers.CharField(source="get_selection_display")

    class Meta:
        model = PropertyContract
        fields = ["id", "number", "estate", "company", "company_name", "organisation", "selection", "selection_label",
                  "decided_on", "decision", "valid_from", "valid_to", "price", "state", "state_label", "ended_on",
                  "version", "transitions"]  # fmt: skip
        read_only_fields = fields


class EvaluationSerializer(serializers.ModelSerializer):
    verdict_label = serializers.CharField(source="get_verdict_display", read_only=True)

    class Meta:
        model = ContractEvaluation
        fields = ["year", "score", "verdict", "verdict_label", "words", "share", "stars"]
        read_only_fields = fields


class HandOverSerializer(serializers.ModelSerializer):
    """``is_complete`` is null until it is settled."""

    class Meta:
        model = HandOverItem
        fields = ["position", "name", "is_complete", "note", "settled_at"]
        read_only_fields = fields


class ContractDetailSerializer(ContractSerializer):
    evaluations = EvaluationSerializer(many=True)
    handover = HandOverSerializer(many=True)

    class Meta(ContractSerializer.Meta):
        fields = [*ContractSerializer.Meta.fields, "evaluations", "handover"]
        read_only_fields = fields


class EvaluationInput(serializers.Serializer):
    year = serializers.IntegerField(min_value=2000, max_value=2999)
    score = serializers.IntegerField(min_value=0, max_value=100)
    verdict = serializers.ChoiceField(ContractEvaluation.Verdict.choices)
    words = serializers.CharField(max_length=500)


class SettleInput(serializers.Serializer):
    position = serializers.IntegerField(min_value=1, max_value=32767)
    is_complete = serializers.BooleanField()
    note = serializers.CharField(max_length=300, required=False, default="", allow_blank=True)


class ContractFilters(CodedFilterSet):
    area = AreaFilter()
    estate = CodeFilter("estate__code", model=Estate, label=_("Code of an estate."))
    state = filters.MultipleChoiceFilter(choices=ContractState.choices)

    class Meta(CodedFilterSet.Meta):
        model = PropertyContract


class MovedViewSet(TransitionsMixin, mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """Base: list, one, transitions."""

    lookup_value_regex = "[0-9]{1,18}"
    detail_class = None

    def answer_with(self, one) -> dict:
        """Return the JSON of an object the caller has just moved on, loaded anew."""
        kind = self.detail_class or self.serializer_class
        return kind(self.queryset.get(pk=one.pk), context={"request": self.request}).data


@extend_schema(tags=["services"])
class ContractViewSet(MovedViewSet):
    """Contracts of property companies, newest first."""

    queryset = PropertyContract.objects.with_rows().prefetch_related("evaluations", "handover")
    serializer_class = ContractSerializer
    detail_class = ContractDetailSerializer
    filterset_class = ContractFilters
    free_actions = ("transition", "evaluations", "hand_over")

    @extend_schema(responses=ContractDetailSerializer)
    def retrieve(self, request, pk):
        """One contract with its evaluations and hand-over list."""
        return Response(self.answer_with(self.get_object()))

    @extend_schema(request=EvaluationInput, responses={201: EvaluationSerializer})
    @action(detail=True, methods=["post"], filterset_class=None, pagination_class=None)
    @idempotent
    def evaluations(self, request, pk):
        """Evaluate the company for a year of its term."""
        contract, given = self.get_object(), EvaluationInput(data=request.data)
        given.is_valid(raise_exception=True)
        made = contract_evaluate(contract, actor=request.user, **given.validated_data)
        return Response(EvaluationSerializer(made).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=SettleInput, responses=HandOverSerializer)
    @action(detail=True, methods=["post"], url_path="hand-over", filterset_class=None, pagination_class=None)
    @idempotent
    def hand_over(self, request, pk):
        """Settle one item of the hand-over list."""
        contract, given = self.get_object(), SettleInput(data=request.data)
        given.is_valid(raise_exception=True)
        data = dict(given.validated_data)
        item = contract.handover.filter(position=data.pop("position")).first()
        if item is None:
            raise serializers.ValidationError({"position": [_("There is no such item.")]}, "does_not_exist")
        return Response(HandOverSerializer(handover_settle(item, actor=request.user, **data)).data)


class ParcelSerializer(MovedSerializer):
    """A parcel as the company sees it, without its code."""

    estate = serializers.CharField(source="estate.code")
    dwelling = serializers.CharField(source="dwelling.code")
    address = serializers.CharField(source="dwelling.address")

    class Meta:
        model = Parcel
        fields = ["id", "estate", "dwelling", "address", "carrier", "tracking", "shelf", "state", "state_label",
                  "received_at", "notified_at", "collected_at", "version", "transitions"]  # fmt: skip
        read_only_fields = fields


class ParcelInput(serializers.Serializer):
    """``tracking``: the number, of which the last 8 characters are kept."""

    dwelling = DwellingCodeField(rows=lambda user: Dwelling.objects.visible_to(user).with_address())
    carrier = serializers.CharField(max_length=30)
    tracking = serializers.CharField(max_length=40)
    shelf = serializers.CharField(max_length=20, required=False, default="", allow_blank=True)


class ParcelFilters(CodedFilterSet):
    area = AreaFilter()
    estate = CodeFilter("estate__code", model=Estate, label=_("Code of an estate."))
    state = filters.MultipleChoiceFilter(choices=ParcelState.choices)
    dwelling = filters.CharFilter("dwelling__code", label=_("Code of a dwelling."))

    class Meta(CodedFilterSet.Meta):
        model = Parcel


@extend_schema(tags=["services"])
class ParcelViewSet(MovedViewSet):
    """Parcels of the estates that the caller's company looks after, newest first."""

    queryset = Parcel.objects.with_rows()
    serializer_class = ParcelSerializer
    filterset_class = ParcelFilters

    @extend_schema(request=ParcelInput, responses={201: ParcelSerializer})
    @idempotent
    def create(self, request):
        """Take a parcel in for a dwelling; a household with an account knows at once."""
        given = ParcelInput(data=request.data, context={"request": request})
        given.is_valid(raise_exception=True)
        made = parcel_receive(actor=request.user, **given.validated_data)
        return Response(self.answer_with(made), status=status.HTTP_201_CREATED)


class ReceiverSerializer(serializers.ModelSerializer):
    """``last_seen``: when somebody last met the person."""

    dwelling = serializers.CharField(source="dwelling.code")
    address = serializers.CharField(source="dwelling.address")
    visitor = serializers.CharField(source="visitor.username", default=None, allow_null=True)
    last_seen = serializers.DateTimeField(source="seen_at", allow_null=True)

    class Meta:
        model = CareReceiver
        fields = ["code", "name", "phone", "dwelling", "address", "lives_alone", "needs", "every_days", "visitor",
                  "last_seen", "valid_from", "valid_to"]  # fmt: skip
        read_only_fields = fields


class ReceiverFilters(CodedFilterSet):
    area = AreaFilter()
    alone = YesNoFilter("lives_alone", label=_("Lives alone."))

    class Meta(CodedFilterSet.Meta):
        model = CareReceiver


@extend_schema(tags=["care"])
class ReceiverViewSet(mixins.ListModelMixin, ScopedViewSet):
    """People who are looked in on, by code."""

    queryset = CareReceiver.objects.with_rows().with_last_seen()
    serializer_class = ReceiverSerializer
    filterset_class = ReceiverFilters
    pagination_class = ByCode


class VisitSerializer(MovedSerializer):
    receiver = serializers.CharField(source="receiver.code")
    name = serializers.CharField(source="receiver.name")
    address = serializers.CharField(source="receiver.dwelling.address")
    case = serializers.CharField(source="case.number", default=None, allow_null=True)

    class Meta:
        model = CareVisit
        fields = ["id", "receiver", "name", "address", "due_on", "state", "state_label", "condition", "visited_at",
                  "case", "version", "transitions"]  # fmt: skip
        read_only_fields = fields


class VisitFilters(CodedFilterSet):
    area = AreaFilter()
    state = filters.MultipleChoiceFilter(choices=VisitState.choices)
    condition = filters.ChoiceFilter(choices=Condition.choices)
    receiver = CodeFilter("receiver__code", model=CareReceiver, label=_("Code of a person."))
    due_from = filters.DateFilter("due_on", "gte")
    due_to = filters.DateFilter("due_on", "lte")

    class Meta(CodedFilterSet.Meta):
        model = CareVisit


@extend_schema(tags=["care"])
class VisitViewSet(MovedViewSet):
    """Care visits, newest first."""

    queryset = CareVisit.objects.with_rows()
    serializer_class = VisitSerializer
    filterset_class = VisitFilters
