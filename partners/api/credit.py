"""REST door of credit files: partners read their own, answer and appeal; staff see and do the rest. All services."""

from dataclasses import fields as fields_of

import django_filters as filters
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response

from governance.api.filters import AreaFilter, CodedFilterSet
from governance.api.idempotency import idempotent
from governance.api.paging import NewestFirst
from governance.api.views import ScopedViewSet
from governance.models import Area
from partners.api.credit_serializers import (
    CreditAppealSerializer,
    CreditCandidateInput,
    CreditCandidateSerializer,
    CreditComputeInput,
    CreditFormulaSerializer,
    CreditGroundsInput,
    CreditLineAppealInput,
    CreditListInput,
    CreditListSerializer,
    CreditNoteInput,
    CreditNoteSerializer,
    CreditProfileDetailSerializer,
    CreditProfileSerializer,
)
from partners.api.earning import PointsViewSet, judged, one_of, word_answer
from partners.api.earning_serializers import BIG
from partners.credit.appeals import line_appeal, note_appeal
from partners.credit.computing import profile_compute
from partners.credit.lists import Criteria, candidate_add, list_draw
from partners.credit.notes import note_record
from partners.credit.papers import list_paper
from partners.credit.workflow import CandidateState, CreditAppealState, ListState, NoteState
from partners.earning.papers import WORD
from partners.models import (
    CreditAppeal,
    CreditCandidate,
    CreditFormula,
    CreditList,
    CreditNote,
    CreditProfile,
    Partner,
)


@extend_schema(tags=["credit files"])
class CreditFormulaViewSet(PointsViewSet):
    """Formulas of credit files; drafts are made in the administration."""

    queryset = CreditFormula.objects.with_rows()
    serializer_class = CreditFormulaSerializer


class CreditProfileFilters(CodedFilterSet):
    """``year``, ``level`` (its code), ``area`` (and all under it), ``partner``."""

    area = AreaFilter()
    year = filters.NumberFilter("year", min_value=2020, max_value=9999)
    level = filters.CharFilter("level", max_length=10)
    partner = filters.NumberFilter("partner_id", min_value=1, max_value=BIG)

    class Meta(CodedFilterSet.Meta):
        model = CreditProfile


@extend_schema(tags=["credit files"])
class CreditProfileViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """Credit files: the caller's own, for staff those of the community."""

    queryset = CreditProfile.objects.with_rows()
    serializer_class = CreditProfileSerializer
    filterset_class = CreditProfileFilters
    permission_classes = [IsAuthenticated]
    pagination_class = NewestFirst
    lookup_value_regex = "[0-9]{1,18}"

    def get_serializer_class(self):
        return CreditProfileDetailSerializer if self.action == "retrieve" else CreditProfileSerializer

    @extend_schema(request=CreditComputeInput, responses=CreditProfileDetailSerializer)
    @action(detail=False, methods=["post"], filterset_class=None, pagination_class=None)
    @idempotent
    def compute(self, request):
        """Compute a file; where nothing has changed the answer is the file as it stands."""
        data = judged(CreditComputeInput, request)
        partner = one_of(Partner.objects.visible_to(request.user), "partner", data["partner"])
        row = profile_compute(partner, data["year"], actor=request.user)
        fresh = self.queryset.get(pk=row.pk)
        return Response(CreditProfileDetailSerializer(fresh, context=self.get_serializer_context()).data)

    @extend_schema(request=CreditLineAppealInput, responses={201: CreditAppealSerializer})
    @action(detail=True, methods=["post"], filterset_class=None, pagination_class=None)
    @idempotent
    def appeal(self, request, pk):
        """Appeal a line of the own file."""
        data = judged(CreditLineAppealInput, request)
        made = line_appeal(self.get_object(), data.pop("line"), actor=request.user, **data)
        return appealed(self, made)


def appealed(view, made: CreditAppeal) -> Response:
    """Answer with a new appeal."""
    row = CreditAppeal.objects.with_rows().get(pk=made.pk)
    told = CreditAppealSerializer(row, context=view.get_serializer_context()).data
    return Response(told, status=status.HTTP_201_CREATED)


class CreditNoteFilters(CodedFilterSet):
    state = filters.MultipleChoiceFilter(choices=NoteState.choices)
    area = AreaFilter()
    partner = filters.NumberFilter("partner_id", min_value=1, max_value=BIG)

    class Meta(CodedFilterSet.Meta):
        model = CreditNote


@extend_schema(tags=["credit files"])
class CreditNoteViewSet(PointsViewSet):
    """Facts that lower files: the caller's own, for staff those of the community."""

    queryset = CreditNote.objects.with_rows()
    serializer_class = CreditNoteSerializer
    filterset_class = CreditNoteFilters

    @extend_schema(request=CreditNoteInput, responses={201: CreditNoteSerializer})
    @idempotent
    def create(self, request):
        """Record a fact; the partner is told at once."""
        data = judged(CreditNoteInput, request)
        data["partner"] = one_of(Partner.objects.visible_to(request.user), "partner", data["partner"])
        return self.created(note_record(actor=request.user, **data))

    @extend_schema(request=CreditGroundsInput, responses={201: CreditAppealSerializer})
    @action(detail=True, methods=["post"], filterset_class=None, pagination_class=None)
    @idempotent
    def appeal(self, request, pk):
        """Appeal a fact of the own file."""
        made = note_appeal(self.get_object(), actor=request.user, **judged(CreditGroundsInput, request))
        return appealed(self, made)


class CreditAppealFilters(CodedFilterSet):
    state = filters.MultipleChoiceFilter(choices=CreditAppealState.choices)
    area = AreaFilter()

    class Meta(CodedFilterSet.Meta):
        model = CreditAppeal


@extend_schema(tags=["credit files"])
class CreditAppealViewSet(PointsViewSet):
    """Appeals: the caller's own, for staff those of the community."""

    queryset = CreditAppeal.objects.with_rows()
    serializer_class = CreditAppealSerializer
    filterset_class = CreditAppealFilters


class CreditListFilters(CodedFilterSet):
    state = filters.MultipleChoiceFilter(choices=ListState.choices)
    area = AreaFilter()
    year = filters.NumberFilter("year", min_value=2020, max_value=9999)

    class Meta(CodedFilterSet.Meta):
        model = CreditList


@extend_schema(tags=["credit files"])
class CreditListViewSet(PointsViewSet):
    """Lists of candidates of the communities whose partners the caller keeps or looks at."""

    queryset = CreditList.objects.with_rows()
    serializer_class = CreditListSerializer
    filterset_class = CreditListFilters

    @extend_schema(request=CreditListInput, responses={201: CreditListSerializer})
    @idempotent
    def create(self, request):
        """Draw up a list out of the files as they stand on a day."""
        data = judged(CreditListInput, request)
        area = one_of(Area.objects.filter(is_active=True), "area", data.pop("area"), "code")
        wanted = Criteria(**{field.name: data.pop(field.name) for field in fields_of(Criteria)})
        return self.created(list_draw(actor=request.user, area=area, wanted=wanted, **data))

    @extend_schema(request=CreditCandidateInput, responses={201: CreditCandidateSerializer})
    @action(detail=True, methods=["post"], filterset_class=None, pagination_class=None, url_path="add-candidate")
    @idempotent
    def add_candidate(self, request, pk):
        """Put a partner on the list by hand, with a reason."""
        row, data = self.get_object(), judged(CreditCandidateInput, request)
        partner = one_of(Partner.objects.visible_to(request.user), "partner", data["partner"])
        made = candidate_add(row, partner, actor=request.user, reason=data["reason"])
        fresh = CreditCandidate.objects.with_rows().get(pk=made.pk)
        told = CreditCandidateSerializer(fresh, context=self.get_serializer_context()).data
        return Response(told, status=status.HTTP_201_CREATED)

    @extend_schema(responses={(200, WORD): OpenApiResponse(OpenApiTypes.BINARY, description="Word")})
    @action(detail=True, filterset_class=None, pagination_class=None)
    def document(self, request, pk):
        """The list as a Word document."""
        return word_answer(list_paper(self.get_object()))


class CreditCandidateFilters(CodedFilterSet):
    state = filters.MultipleChoiceFilter(choices=CandidateState.choices)
    list = filters.NumberFilter("of_list_id", min_value=1, max_value=BIG)

    class Meta(CodedFilterSet.Meta):
        model = CreditCandidate


@extend_schema(tags=["credit files"])
class CreditCandidateViewSet(PointsViewSet):
    """Candidates, to be decided on by a person."""

    queryset = CreditCandidate.objects.with_rows()
    serializer_class = CreditCandidateSerializer
    filterset_class = CreditCandidateFilters
