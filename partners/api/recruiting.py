"""REST door of partners, for themselves, for residents and for the staff of the community. Every write is a service."""

import django_filters as filters
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.response import Response

from governance.api.filters import AreaFilter, CodedFilterSet
from governance.api.idempotency import idempotent
from governance.api.transitions import TransitionsMixin
from governance.api.views import ScopedViewSet
from governance.exchange.exports import export_recorded
from governance.models import Area
from governance.scoping import grant_for
from partners.api.recruiting_serializers import (
    AgreementInput,
    ApplyInput,
    OfferChangeInput,
    OfferInput,
    OfferPlaceInput,
    OfferPlaceSerializer,
    OfferSerializer,
    OfferSlotInput,
    OfferSlotSerializer,
    PartnerAgreementSerializer,
    PartnerDetailSerializer,
    PartnerSerializer,
    QualificationDetailSerializer,
    QualificationInput,
    QualificationSerializer,
)
from partners.models import (
    AgreementTerms,
    Offer,
    OfferKind,
    OfferPlace,
    OfferSlot,
    Partner,
    PartnerAgreement,
    PartnerKind,
    Profession,
    Qualification,
    QualificationKind,
)
from partners.recruiting.agreements import agreement_make
from partners.recruiting.documents import WORD, agreement_word
from partners.recruiting.joining import missing_of, partner_apply
from partners.recruiting.offer_workflow import OfferState, PlaceState, SlotState
from partners.recruiting.offering import Plan, offer_change, offer_make
from partners.recruiting.papers_workflow import AgreementState, QualificationState
from partners.recruiting.qualifications import qualification_submit
from partners.recruiting.slots import place_take, slots_make
from partners.recruiting.workflow import APPLICATION, PartnerState

BIG = 2**63 - 1


def one_of(rows, field: str, value, column: str = "code"):
    """Return the row that a field of a request names. Raises ValidationError at that field."""
    found = rows.filter(**{column: value}).first() if "\0" not in str(value) else None
    if found is None:
        raise serializers.ValidationError({field: [_("There is no “%(code)s”.") % {"code": value}]}, "does_not_exist")
    return found


def given_by(request, serializer) -> dict:
    """Return the cleaned body of a request."""
    given = serializer(data=request.data)
    given.is_valid(raise_exception=True)
    return dict(given.validated_data)


class PartViewSet(TransitionsMixin, mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """Base: rows the caller may see, newest first; the caller's own among them."""

    lookup_value_regex = "[0-9]{1,18}"
    free_actions = ("transition", "list", "retrieve", "create", "change", "document")

    def answer_with(self, row) -> dict:
        """Return the JSON of a row just made or moved on, loaded anew."""
        return self.get_serializer(self.queryset.get(pk=row.pk)).data

    def made(self, row) -> Response:
        """Answer 201 with a row just made."""
        return Response(self.answer_with(row), status=status.HTTP_201_CREATED)


class PartnerFilters(CodedFilterSet):
    state = filters.MultipleChoiceFilter(choices=PartnerState.choices)
    kind = filters.MultipleChoiceFilter(choices=PartnerKind.choices)
    area = AreaFilter()

    class Meta(CodedFilterSet.Meta):
        model = Partner


@extend_schema(tags=["partners"])
class PartnerViewSet(PartViewSet):
    """Partners and applications of the caller's areas, and what the caller is, applied for or acts for."""

    queryset = Partner.objects.with_rows()
    serializer_class = PartnerSerializer
    filterset_class = PartnerFilters

    @extend_schema(responses=PartnerDetailSerializer)
    def retrieve(self, request, pk):
        """One partner, with what is missing before it can become active."""
        partner = self.get_object()
        partner.missing = missing_of(partner, timezone.localdate()) if partner.state in APPLICATION else []
        return Response(PartnerDetailSerializer(partner, context={"request": request}).data)

    @extend_schema(request=ApplyInput, responses={201: PartnerSerializer})
    @idempotent
    def create(self, request):
        """Apply to be a partner of a community, for oneself or for an organisation."""
        data = given_by(request, ApplyInput)
        data["area"] = one_of(Area.objects.filter(is_active=True), "area", data["area"])
        rows = Profession.objects.filter(is_active=True)
        data["profession"] = one_of(rows, "profession", data["profession"]) if data["profession"] else None
        return self.made(partner_apply(actor=request.user, **data))


class QualificationFilters(CodedFilterSet):
    partner = filters.NumberFilter("partner_id", min_value=1, max_value=BIG)
    state = filters.MultipleChoiceFilter(choices=QualificationState.choices)
    area = AreaFilter()

    class Meta(CodedFilterSet.Meta):
        model = Qualification


@extend_schema(tags=["partners"])
class QualificationViewSet(PartViewSet):
    """Qualifications: the caller's own, and those of the partners the caller keeps or looks after."""

    queryset = Qualification.objects.with_rows()
    serializer_class = QualificationSerializer
    filterset_class = QualificationFilters

    @extend_schema(responses=QualificationDetailSerializer)
    def retrieve(self, request, pk):
        """One qualification with its documents."""
        return Response(QualificationDetailSerializer(self.get_object(), context={"request": request}).data)

    @extend_schema(request={"multipart/form-data": QualificationInput}, responses={201: QualificationSerializer})
    def create(self, request):
        """Hand a document in; `multipart/form-data`."""
        data = given_by(request, QualificationInput)
        partner = one_of(Partner.objects.visible_to(request.user).with_rows(), "partner", data.pop("partner"), "pk")
        data["kind"] = one_of(QualificationKind.objects.filter(is_active=True), "kind", data["kind"])
        return self.made(qualification_submit(partner, actor=request.user, **data))


class AgreementFilters(CodedFilterSet):
    partner = filters.NumberFilter("partner_id", min_value=1, max_value=BIG)
    state = filters.MultipleChoiceFilter(choices=AgreementState.choices)

    class Meta(CodedFilterSet.Meta):
        model = PartnerAgreement


@extend_schema(tags=["partners"])
class PartnerAgreementViewSet(PartViewSet):
    """Agreements: the caller's own, and those of the partners the caller keeps or looks after."""

    queryset = PartnerAgreement.objects.with_rows()
    serializer_class = PartnerAgreementSerializer
    filterset_class = AgreementFilters

    @extend_schema(request=AgreementInput, responses={201: PartnerAgreementSerializer})
    @idempotent
    def create(self, request):
        """Make out an agreement, as the community."""
        data = given_by(request, AgreementInput)
        partner = one_of(Partner.objects.visible_to(request.user).with_rows(), "partner", data.pop("partner"), "pk")
        data["terms"] = one_of(AgreementTerms.objects.filter(is_active=True), "terms", data["terms"])
        return self.made(agreement_make(partner, actor=request.user, **data))

    @extend_schema(
        request=None, responses={(200, WORD): OpenApiResponse(OpenApiTypes.BINARY, description="A Word document.")}
    )
    @action(detail=True, methods=["post"], filterset_class=None, pagination_class=None)
    def document(self, request, pk):
        """The agreement as a Word document; who took it is recorded."""
        row = self.get_object()
        name, content = agreement_word(row)
        grant = grant_for(type(self.queryset).VISIBLE, row, request.user)
        export_recorded(request.user, grant=grant, model="partners.partneragreement", filters=["pk"], rows=1,
                        kind="docx")  # fmt: skip
        headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"}
        return HttpResponse(content, content_type=WORD, headers=headers)


class OfferFilters(CodedFilterSet):
    partner = filters.NumberFilter("partner_id", min_value=1, max_value=BIG)
    state = filters.MultipleChoiceFilter(choices=OfferState.choices)
    kind = filters.MultipleChoiceFilter(choices=OfferKind.choices)
    area = AreaFilter()

    class Meta(CodedFilterSet.Meta):
        model = Offer


def _plan(data: dict) -> Plan:
    """Return the plan that a body says."""
    needs, codes = data.pop("needs"), data.pop("communities")
    data["needs"] = one_of(QualificationKind.objects.filter(is_active=True), "needs", needs) if needs else None
    areas = Area.objects.filter(is_active=True).defer("boundary")
    return Plan(**data, communities=[one_of(areas, "communities", code) for code in sorted(set(codes))])


@extend_schema(tags=["partners"])
class OfferViewSet(PartViewSet):
    """Offers of the partners the caller is, acts for, keeps or looks after; the directory shows what is on view."""

    queryset = Offer.objects.with_rows()
    serializer_class = OfferSerializer
    filterset_class = OfferFilters

    @extend_schema(request=OfferInput, responses={201: OfferSerializer})
    @idempotent
    def create(self, request):
        """Offer something: by the partner, to be read by the community; by the community, on view at once."""
        data = given_by(request, OfferInput)
        partner = one_of(Partner.objects.visible_to(request.user).with_rows(), "partner", data.pop("partner"), "pk")
        return self.made(offer_make(partner, actor=request.user, plan=_plan(data)))

    @extend_schema(request=OfferChangeInput, responses=OfferSerializer)
    @action(detail=True, methods=["post"], filterset_class=None, pagination_class=None)
    def change(self, request, pk):
        """Say anew what is offered; by the partner it is read again."""
        data = given_by(request, OfferChangeInput)
        version = data.pop("version")
        fresh = offer_change(self.get_object(), actor=request.user, plan=_plan(data), version=version)
        return Response(self.answer_with(fresh))


class OfferSlotFilters(CodedFilterSet):
    partner = filters.NumberFilter("partner_id", min_value=1, max_value=BIG)
    offer = filters.NumberFilter("offer_id", min_value=1, max_value=BIG)
    state = filters.MultipleChoiceFilter(choices=SlotState.choices)

    class Meta(CodedFilterSet.Meta):
        model = OfferSlot


@extend_schema(tags=["partners"])
class OfferSlotViewSet(PartViewSet):
    """Dates of offers."""

    queryset = OfferSlot.objects.with_rows()
    serializer_class = OfferSlotSerializer
    filterset_class = OfferSlotFilters

    @extend_schema(request=OfferSlotInput, responses={201: OfferSlotSerializer(many=True)})
    @idempotent
    def create(self, request):
        """Add a date to an offer, or one a week."""
        data = given_by(request, OfferSlotInput)
        offer = one_of(Offer.objects.visible_to(request.user), "offer", data.pop("offer"), "pk")
        made = slots_make(offer, actor=request.user, **data)
        rows = self.queryset.filter(pk__in=[row.pk for row in made]).order_by("starts_at")
        return Response(self.get_serializer(rows, many=True).data, status=status.HTTP_201_CREATED)


class OfferPlaceFilters(CodedFilterSet):
    slot = filters.NumberFilter("slot_id", min_value=1, max_value=BIG)
    state = filters.MultipleChoiceFilter(choices=PlaceState.choices)

    class Meta(CodedFilterSet.Meta):
        model = OfferPlace


@extend_schema(tags=["partners"])
class OfferPlaceViewSet(PartViewSet):
    """Places on dates: the caller's own, and those on the dates of partners the caller is, acts for or keeps."""

    queryset = OfferPlace.objects.with_rows()
    serializer_class = OfferPlaceSerializer
    filterset_class = OfferPlaceFilters

    @extend_schema(request=OfferPlaceInput, responses={201: OfferPlaceSerializer})
    @idempotent
    def create(self, request):
        """Take a place on a date of an open offer."""
        slot = one_of(OfferSlot.objects.on_view(), "slot", given_by(request, OfferPlaceInput)["slot"], "pk")
        return self.made(place_take(slot, actor=request.user))
