"""REST door of agreements, obligations and confirmations. Every write is a service; reading one row is recorded."""

import django_filters as filters
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.response import Response

from governance.api.filters import CodedFilterSet, YesNoFilter
from governance.api.idempotency import ReadsAgain, idempotent
from governance.api.transitions import TransitionsMixin
from governance.api.views import ScopedViewSet
from governance.scoping import grant_for
from mediation.access import access_record
from mediation.agreements.documents.answers import file_answer, paper_answer
from mediation.agreements.documents.papers import WORD, confirmation_paper_take
from mediation.agreements.drafting import Owed, Terms, agreement_draft
from mediation.api.agreements_serializers import (
    BIG,
    PAPER,
    AgreementDetailSerializer,
    AgreementDraftInput,
    AgreementSerializer,
    ConfirmationDetailSerializer,
    ConfirmationSerializer,
    CourtPaperInput,
    ObligationDetailSerializer,
    ObligationSerializer,
    PaperInput,
)
from mediation.models import (
    Agreement,
    AgreementForm,
    AgreementState,
    ConfirmationState,
    Dispute,
    JudicialConfirmation,
    Obligation,
    ObligationState,
    Party,
)


def _given(request, serializer) -> dict:
    """Return the cleaned body of a request. Raises ValidationError."""
    given = serializer(data=request.data)
    given.is_valid(raise_exception=True)
    return dict(given.validated_data)


class OfDisputeViewSet(ReadsAgain, TransitionsMixin, mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """Base: rows of the disputes the caller may read, newest first."""

    lookup_value_regex = "[0-9]{1,18}"
    free_actions = ("transition", "create", "paper")
    detail_class: type[serializers.ModelSerializer]

    def answer_with(self, row) -> dict:
        """Return the JSON of a row just made or moved on, loaded anew; reading it is recorded."""
        fresh = self.detail_rows().get(pk=row.pk)
        grant = grant_for(type(self.queryset).VISIBLE, fresh, self.request.user)
        what = f"{fresh._meta.label_lower}:{fresh.pk}"
        access_record(fresh.dispute, actor=self.request.user, what=what, role=grant.role if grant else "")
        return self.detail_class(fresh, context={"request": self.request}).data

    def detail_rows(self):
        """Return the rows with what one of them tells."""
        return self.queryset.all()


class AgreementFilters(CodedFilterSet):
    """``state`` may be given several times."""

    state = filters.MultipleChoiceFilter(choices=AgreementState.choices)
    form = filters.ChoiceFilter(choices=AgreementForm.choices)
    dispute = filters.NumberFilter("dispute_id", min_value=1, max_value=BIG)

    class Meta(CodedFilterSet.Meta):
        model = Agreement


@extend_schema(tags=["mediation"])
class AgreementViewSet(OfDisputeViewSet):
    """Mediation agreements of the disputes the caller may read."""

    queryset = Agreement.objects.with_rows()
    serializer_class = AgreementSerializer
    detail_class = AgreementDetailSerializer
    filterset_class = AgreementFilters

    def detail_rows(self):
        return Agreement.objects.with_parts()

    @extend_schema(responses=AgreementDetailSerializer)
    def retrieve(self, request, pk):
        """One agreement with clauses, obligations and signatures; reading it is recorded."""
        return Response(self.answer_with(self.get_object()))

    @extend_schema(request=AgreementDraftInput, responses={201: AgreementDetailSerializer})
    @idempotent
    def create(self, request):
        """Draft an agreement of a dispute in mediation."""
        data = _given(request, AgreementDraftInput)
        dispute = Dispute.objects.visible_to(request.user).filter(pk=data.pop("dispute")).first()
        if dispute is None:
            raise serializers.ValidationError({"dispute": [_("There is no such dispute.")]}, "does_not_exist")
        parties = {party.pk: party for party in dispute.parties.all()}
        data["obligations"] = [_owed(parties, dict(row)) for row in data["obligations"]]
        form = data.pop("form")
        made = agreement_draft(dispute, actor=request.user, terms=Terms(**data), form=form)
        return Response(self.answer_with(made), status=status.HTTP_201_CREATED)

    @extend_schema(request=PaperInput, responses=PAPER)
    @action(detail=True, methods=["post"], filterset_class=None, pagination_class=None)
    def paper(self, request, pk):
        """A paper of the file as a Word document; who took it is recorded."""
        code, row = _given(request, PaperInput)["paper"], self.get_object()
        return paper_answer(row.dispute, code, actor=request.user, agreement=row)


def _owed(parties: dict[int, Party], row: dict) -> Owed:
    """Return an obligation whose parties are those of the dispute. Raises ValidationError."""
    for field in ("debtor", "creditor"):
        if row[field] is not None and row[field] not in parties:
            raise serializers.ValidationError({field: [_("This party is not of this dispute.")]}, "does_not_exist")
        row[field] = parties.get(row[field])
    return Owed(**row)


class ObligationFilters(CodedFilterSet):
    """``late``: not wholly performed though the last day is over."""

    state = filters.MultipleChoiceFilter(choices=ObligationState.choices)
    agreement = filters.NumberFilter("agreement_id", min_value=1, max_value=BIG)
    late = YesNoFilter(method="of_late")

    class Meta(CodedFilterSet.Meta):
        model = Obligation

    def of_late(self, rows, name, value):
        return rows.late(timezone.localdate()) if value else rows


@extend_schema(tags=["mediation"])
class ObligationViewSet(OfDisputeViewSet):
    """Obligations of agreements of the disputes the caller may read."""

    queryset = Obligation.objects.with_rows()
    serializer_class = ObligationSerializer
    detail_class = ObligationDetailSerializer
    filterset_class = ObligationFilters

    @extend_schema(responses=ObligationDetailSerializer)
    def retrieve(self, request, pk):
        """One obligation; reading it is recorded."""
        return Response(self.answer_with(self.get_object()))


class ConfirmationFilters(CodedFilterSet):
    """``state`` may be given several times."""

    state = filters.MultipleChoiceFilter(choices=ConfirmationState.choices)
    agreement = filters.NumberFilter("agreement_id", min_value=1, max_value=BIG)

    class Meta(CodedFilterSet.Meta):
        model = JudicialConfirmation


@extend_schema(tags=["mediation"])
class ConfirmationViewSet(OfDisputeViewSet):
    """Judicial confirmations: of the disputes the caller may read; for a clerk, those applied for at the own court."""

    queryset = JudicialConfirmation.objects.with_rows()
    serializer_class = ConfirmationSerializer
    detail_class = ConfirmationDetailSerializer
    filterset_class = ConfirmationFilters

    @extend_schema(responses=ConfirmationDetailSerializer)
    def retrieve(self, request, pk):
        """One confirmation with the reasons against applying; reading it is recorded."""
        return Response(self.answer_with(self.get_object()))

    @extend_schema(request=CourtPaperInput, responses=PAPER)
    @action(detail=True, methods=["post"], filterset_class=None, pagination_class=None)
    def paper(self, request, pk):
        """A paper of the confirmation, for the clerk of its court; who took it is recorded."""
        code = _given(request, CourtPaperInput)["paper"]
        return file_answer(*confirmation_paper_take(self.get_object(), code, actor=request.user), WORD, code)
