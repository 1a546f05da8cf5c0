"""REST door of disputes. Every write is a service; every reading of one dispute is recorded."""

import django_filters as filters
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response

from governance.api.filters import AreaFilter, CodedFilterSet, CodeFilter, YesNoFilter
from governance.api.idempotency import ReadsAgain, idempotent
from governance.api.paging import ByCode
from governance.api.transitions import TransitionsMixin
from governance.api.views import IsStaff, RolePermission, ScopedViewSet
from mediation.access import access_record
from mediation.agreements.documents.answers import paper_answer
from mediation.api.agreements_serializers import PAPER, PaperInput
from mediation.api.disputes_serializers import (
    ClearPartySerializer,
    ConsentInput,
    ConsentSerializer,
    DisputeDetailSerializer,
    DisputeInput,
    DisputeSerializer,
    DisputeTypeAmendInput,
    DisputeTypeInput,
    DisputeTypeSerializer,
    MaskedDisputeSerializer,
    PartyInput,
    PartySerializer,
    PoliceReportInput,
    PoliceReportSerializer,
    RecusalInput,
    RoutesInput,
    RoutesToldSerializer,
    SetAsideInput,
    SlipInput,
    TypeGuessSerializer,
    TypeTextInput,
    UnmaskInput,
)
from mediation.api.files import DisputeFilesMixin
from mediation.api.kept import KeptRows, area_named
from mediation.api.numbers import NumberFilter
from mediation.api.papers import ReadingMixin
from mediation.api.recusal_serializers import RecusalDetailSerializer, RecusalSerializer
from mediation.disputes.consents import consent_record
from mediation.disputes.parties import PartyDraft, party_add, party_amend, party_strike, party_unmask
from mediation.disputes.police import police_report
from mediation.disputes.reading import masked_rows
from mediation.disputes.recusals import recusal_ask
from mediation.disputes.registering import dispute_register
from mediation.disputes.routes import dispute_tell_routes
from mediation.disputes.slips import party_slip_correct
from mediation.disputes.states import DisputeState, DisputeTier
from mediation.disputes.typing import type_guesses
from mediation.joint.setting_aside import suggestions_set_aside
from mediation.models import Dispute, DisputeType, Recusal


class DisputeFilters(CodedFilterSet):
    """``state`` and ``tier`` may be given several times. ``term_over``: still mediated after the term's last day."""

    state = filters.MultipleChoiceFilter(choices=DisputeState.choices)
    tier = filters.MultipleChoiceFilter(choices=DisputeTier.choices)
    type = CodeFilter("type__code", model=DisputeType, label=_("Code of a type of dispute."))
    number = NumberFilter("mediation.dispute")
    area = AreaFilter()
    term_over = YesNoFilter(method="of_term_over")

    class Meta(CodedFilterSet.Meta):
        model = Dispute

    def of_term_over(self, queryset, name, value):
        late = Dispute.objects.term_over().values("pk")
        return queryset.filter(pk__in=late) if value else queryset.exclude(pk__in=late)


@extend_schema(tags=["mediation"])
class DisputeTypeViewSet(KeptRows, mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """The types of disputes: the list has those in use, one taken out of use is found by its code."""

    queryset = DisputeType.objects.all()
    serializer_class = DisputeTypeSerializer
    permission_classes = [IsAuthenticated]
    pagination_class = ByCode
    lookup_field = "code"
    lookup_value_regex = "[A-Za-z0-9_-]{1,30}"

    def get_permissions(self):
        kept = self.action in ("create", "partial_update")
        return [IsAuthenticated(), RolePermission()] if kept else super().get_permissions()

    def get_queryset(self):
        rows = super().get_queryset()
        return rows.in_use() if self.action == "list" else rows

    @extend_schema(request=DisputeTypeInput, responses={201: DisputeTypeSerializer})
    @idempotent
    def create(self, request):
        """Enter a type (administrators of the whole city)."""
        return self.enter(DisputeTypeInput)

    @extend_schema(request=DisputeTypeAmendInput, responses=DisputeTypeSerializer)
    def partial_update(self, request, code):
        """Change a type or take it out of use; its code stays (administrators of the whole city)."""
        return self.amend(DisputeTypeAmendInput)

    @extend_schema(request=TypeTextInput, responses=TypeGuessSerializer(many=True))
    @action(detail=False, methods=["post"], pagination_class=None,
            permission_classes=[IsAuthenticated, IsStaff])  # fmt: skip
    def guess(self, request):
        """The three likeliest types by the words; nothing is stored."""
        given = TypeTextInput(data=request.data)
        given.is_valid(raise_exception=True)
        rows = [
            {"code": row.code, "name": row.name, "probability": share}
            for row, share in type_guesses(given.validated_data["text"])
        ]
        return Response(TypeGuessSerializer(rows, many=True).data)


@extend_schema(tags=["mediation"])
class DisputeViewSet(DisputeFilesMixin, ReadingMixin, TransitionsMixin, mixins.ListModelMixin, ScopedViewSet):
    """Disputes the caller may read, newest first; anything else is 404. `masked/`: what a centre may know of others."""

    queryset = Dispute.objects.with_parties()
    serializer_class = DisputeSerializer
    filterset_class = DisputeFilters
    lookup_value_regex = "[0-9]{1,18}"
    free_actions = ("transition", "create", "parties", "party", "unmask", "strike", "slip", "consents", "recusals",
                    "police_reports", "routes", "paper", "glass", "links", "revoke_link", "add_file")  # fmt: skip

    def answer_with(self, dispute: Dispute) -> dict:
        """Return the JSON of a dispute the caller has just moved on, loaded anew, without its words."""
        return self.get_serializer(self.queryset.all().get(pk=dispute.pk)).data

    # What is added under a dispute: the actions are called like its rows.
    ADDED = {
        "parties": PartySerializer, "consents": ConsentSerializer, "recusals": RecusalDetailSerializer,
        "police_reports": PoliceReportSerializer,
    }  # fmt: skip

    def read_again(self, kept):
        """Routes that were told have no ids: those of the dispute are read."""
        return self._routes(self.get_object()) if self.action == "routes" else super().read_again(kept)

    def row_again(self, pk):
        if self.action not in self.ADDED:
            return super().row_again(pk)
        dispute = self.get_object()
        row = get_object_or_404(getattr(dispute, self.action).all(), pk=pk)
        access_record(dispute, actor=self.request.user, what=f"{row._meta.label_lower} {row.pk}")
        return self.ADDED[self.action](row, context=self.get_serializer_context()).data

    @extend_schema(responses=DisputeDetailSerializer)
    def retrieve(self, request, pk):
        """One dispute with its words and its parties, masked. That it was read is recorded."""
        dispute = self.get_object()
        access_record(dispute, actor=request.user)
        dispute = Dispute.objects.with_said().get(pk=dispute.pk)
        return Response(DisputeDetailSerializer(dispute, context=self.get_serializer_context()).data)

    @extend_schema(request=DisputeInput, responses={201: DisputeSerializer})
    @idempotent
    def create(self, request):
        """Register a dispute; it goes to the unit that handles its tier there."""
        given = self._given(DisputeInput)
        given["area"] = area_named(given["area"])
        dispute = dispute_register(actor=request.user, **given)
        return Response(self.answer_with(dispute), status=status.HTTP_201_CREATED)

    @extend_schema(responses=MaskedDisputeSerializer(many=True))
    @action(detail=False)
    def masked(self, request):
        """Disputes that the caller may know of but not open: place, type, tier, state, dates."""
        rows = self.filter_queryset(masked_rows(request.user))
        page = self.paginate_queryset(rows)
        return self.get_paginated_response(MaskedDisputeSerializer(page, many=True).data)

    def _given(self, serializer, *, partial: bool = False, **context) -> dict:
        given = serializer(data=self.request.data, context=context, partial=partial)
        given.is_valid(raise_exception=True)
        return dict(given.validated_data)

    def _made(self, serializer, row) -> Response:
        return Response(serializer(row, context=self.get_serializer_context()).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=PartyInput, responses={201: PartySerializer})
    @action(detail=True, methods=["post"], filterset_class=None, pagination_class=None)
    @idempotent
    def parties(self, request, pk):
        """Add a party."""
        dispute = self.get_object()
        return self._made(PartySerializer, party_add(dispute, PartyDraft(**self._given(PartyInput)),
                                                     actor=request.user))  # fmt: skip

    @extend_schema(request=PartyInput, responses=PartySerializer)
    @action(detail=True, methods=["patch"], url_path=r"parties/(?P<party>[0-9]{1,18})", filterset_class=None,
            pagination_class=None)  # fmt: skip
    def party(self, request, pk, party):
        """Correct a party: only what is given is changed; once the dispute has ended, phone,
        address, agent and identity, until the file is archived."""
        found = self.get_object().parties.filter(pk=party).first()
        if found is None:
            raise Http404
        amended = party_amend(found, actor=request.user, **self._given(PartyInput, partial=True))
        return Response(PartySerializer(amended, context=self.get_serializer_context()).data)

    @extend_schema(request=UnmaskInput, responses=ClearPartySerializer)
    @action(detail=True, methods=["post"], url_path=r"parties/(?P<party>[0-9]{1,18})/unmask", filterset_class=None,
            pagination_class=None)  # fmt: skip
    def unmask(self, request, pk, party):
        """A party in the clear, for a reason; both are recorded."""
        found = self.get_object().parties.filter(pk=party).first()
        if found is None:
            raise Http404
        shown = party_unmask(found, actor=request.user, reason=self._given(UnmaskInput)["reason"])
        return Response(ClearPartySerializer(shown).data)

    @extend_schema(request=UnmaskInput, responses={204: None})
    @action(detail=True, methods=["post"], url_path=r"parties/(?P<party>[0-9]{1,18})/strike", filterset_class=None,
            pagination_class=None)  # fmt: skip
    def strike(self, request, pk, party):
        """Strike a party entered by mistake, for a reason, while nothing rests on it; it counts nowhere any more."""
        found = self.get_object().parties.filter(pk=party).first()
        if found is None:
            raise Http404
        party_strike(found, actor=request.user, reason=self._given(UnmaskInput)["reason"])
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=SlipInput, responses=PartySerializer)
    @action(detail=True, methods=["post"], url_path=r"parties/(?P<party>[0-9]{1,18})/slip", filterset_class=None,
            pagination_class=None)  # fmt: skip
    def slip(self, request, pk, party):
        """Put right a slip of writing in the name of a party who has signed or is bound, for a reason, until a court
        has the agreement; the former spelling is kept. Another name is refused: nobody takes the place of who signed.
        """
        found = self.get_object().parties.filter(pk=party).first()
        if found is None:
            raise Http404
        corrected = party_slip_correct(found, actor=request.user, **self._given(SlipInput))
        return Response(PartySerializer(corrected, context=self.get_serializer_context()).data)

    @extend_schema(request=ConsentInput, responses={201: ConsentSerializer})
    @action(detail=True, methods=["post"], filterset_class=None, pagination_class=None)
    @idempotent
    def consents(self, request, pk):
        """Record what a party answered; a withdrawn consent of a running mediation ends it."""
        given = self._given(ConsentInput, dispute=self.get_object())
        return self._made(ConsentSerializer, consent_record(actor=request.user, **given))

    @extend_schema(request=RecusalInput, responses={201: RecusalDetailSerializer})
    @action(detail=True, methods=["post"], filterset_class=None, pagination_class=None)
    @idempotent
    def recusals(self, request, pk):
        """Ask that the mediator is recused."""
        dispute = self.get_object()
        given = self._given(RecusalInput, dispute=dispute)
        row = recusal_ask(dispute, actor=request.user, **given)
        return self._made(RecusalDetailSerializer, Recusal.objects.with_rows().get(pk=row.pk))

    @extend_schema(request=PoliceReportInput, responses={201: PoliceReportSerializer})
    @action(detail=True, methods=["post"], url_path="police-reports", filterset_class=None, pagination_class=None)
    @idempotent
    def police_reports(self, request, pk):
        """Record that the police were told; nobody's consent is needed."""
        dispute = self.get_object()
        row = police_report(dispute, actor=request.user, **self._given(PoliceReportInput))
        return self._made(PoliceReportSerializer, row)

    @extend_schema(request=RoutesInput, responses=RoutesToldSerializer(many=True))
    @action(detail=True, methods=["post"], filterset_class=None, pagination_class=None)
    @idempotent
    def routes(self, request, pk):
        """Record that the parties who were not told yet were told of the other routes."""
        dispute = self.get_object()
        dispute_tell_routes(dispute, actor=request.user, at=timezone.now(), **self._given(RoutesInput))
        return Response(self._routes(dispute))

    @extend_schema(request=SetAsideInput, responses={204: None})
    @action(detail=True, methods=["post"], url_path="set-aside", filterset_class=None, pagination_class=None)
    @idempotent
    def set_aside(self, request, pk):
        """Do not take the suggestion of a higher tier: for the reasons that stand there now it is made no more."""
        dispute = self.get_object()
        suggestions_set_aside(dispute, actor=request.user, **self._given(SetAsideInput))
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _routes(self, dispute: Dispute) -> list:
        return RoutesToldSerializer(dispute.routes_told.all(), many=True).data

    @extend_schema(request=PaperInput, responses=PAPER)
    @action(detail=True, methods=["post"], filterset_class=None, pagination_class=None)
    def paper(self, request, pk):
        """A paper of the file as a Word document, with an agreement or before one; who took it is recorded."""
        code, dispute = self._given(PaperInput)["paper"], self.get_object()
        return paper_answer(dispute, code, actor=request.user)


@extend_schema(tags=["mediation"])
class RecusalViewSet(ReadsAgain, TransitionsMixin, mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """Recusals of the disputes the caller may read, newest first; decided by transitions."""

    queryset = Recusal.objects.with_rows()
    serializer_class = RecusalDetailSerializer
    lookup_value_regex = "[0-9]{1,18}"

    def get_serializer_class(self):
        return RecusalSerializer if self.action == "list" else RecusalDetailSerializer

    def retrieve(self, request, pk):
        """One recusal; reading it is recorded."""
        recusal = self.get_object()
        access_record(recusal.dispute, actor=request.user, what=f"mediation.recusal {recusal.pk}")
        return Response(self.get_serializer(recusal).data)

    def answer_with(self, recusal: Recusal) -> dict:
        """Return the JSON of a recusal that was just decided."""
        return self.get_serializer(self.queryset.all().get(pk=recusal.pk)).data
