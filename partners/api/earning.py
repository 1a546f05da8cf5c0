"""REST door of what earns points: kinds, rules, records, donations. Every write is a service."""

import django_filters as filters
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response

from governance.api.filters import AreaFilter, CodedFilterSet, CodeFilter
from governance.api.idempotency import idempotent
from governance.api.paging import ByCode, NewestFirst
from governance.api.transitions import TransitionsMixin
from governance.api.views import ScopedViewSet
from governance.errors import Invalid
from governance.models import User
from partners.api.earning_serializers import (
    BIG,
    PointsApprovedSerializer,
    PointsApproveInput,
    PointsDonationInput,
    PointsDonationSerializer,
    PointsKindSerializer,
    PointsRecordInput,
    PointsRecordSerializer,
    PointsRuleSerializer,
)
from partners.earning.deciding import earning_of
from partners.earning.donations import donation_receive
from partners.earning.papers import WORD, receipt_paper, word_of
from partners.earning.records import record_submit, records_approve
from partners.earning.workflow import DonationState, RecordState
from partners.models import Donation, EarningRule, Partner, ServiceKind, ServiceRecord


class PointsViewSet(TransitionsMixin, mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """Base of workflow objects: rows the caller may see, newest first; the caller's own among them."""

    permission_classes = [IsAuthenticated]
    pagination_class = NewestFirst
    lookup_value_regex = "[0-9]{1,18}"

    def answer_with(self, row) -> dict:
        """Return the JSON of a row just moved on, loaded anew."""
        return self.get_serializer(self.queryset.get(pk=row.pk)).data

    def created(self, row) -> Response:
        """Answer with a new row."""
        return Response(self.answer_with(row), status=status.HTTP_201_CREATED)


def one_of(rows, field: str, value, by: str = "pk"):
    """Return the row that an input names. Raises Invalid naming ``field``."""
    found = rows.filter(**{by: value}).first()
    if found is None:
        raise Invalid(_("There is no “%(code)s”.") % {"code": value}, field=field, code="does_not_exist")
    return found


def judged(serializer_class, request) -> dict:
    """Return the body of a request, judged."""
    given = serializer_class(data=request.data)
    given.is_valid(raise_exception=True)
    return dict(given.validated_data)


def _person(partner: Partner, name: str) -> User:
    """Return whom a user name is of; who does not exist is refused as who does not act for the partner is."""
    found = User.objects.filter(is_active=True, username=name).first()
    if found is None or partner.person_id not in (None, found.pk):
        raise Invalid(_("This person does not act for the partner."), field="person", code="invalid")
    return found


class PointsRecordFilters(CodedFilterSet):
    """``state`` may be given several times; ``day_from`` and ``day_to`` are both included."""

    state = filters.MultipleChoiceFilter(choices=RecordState.choices)
    area = AreaFilter()
    kind = CodeFilter("kind__code", model=ServiceKind)
    partner = filters.NumberFilter("partner_id", min_value=1, max_value=BIG)
    day_from = filters.DateFilter("performed_at", "date__gte")
    day_to = filters.DateFilter("performed_at", "date__lte")

    class Meta(CodedFilterSet.Meta):
        model = ServiceRecord


@extend_schema(tags=["points bank"])
class PointsRecordViewSet(PointsViewSet):
    """Services rendered: of the caller's partner, or of the communities whose points the caller keeps."""

    queryset = ServiceRecord.objects.with_rows()
    serializer_class = PointsRecordSerializer
    filterset_class = PointsRecordFilters

    @extend_schema(request=PointsRecordInput, responses={201: PointsRecordSerializer})
    @idempotent
    def create(self, request):
        """Report a service."""
        data = judged(PointsRecordInput, request)
        data["partner"] = one_of(Partner.objects.visible_to(request.user), "partner", data["partner"])
        data["kind"] = one_of(ServiceKind.objects.visible_to(request.user), "kind", data["kind"], "code")
        name = data.pop("person")
        person = _person(data["partner"], name) if name else None
        return self.created(record_submit(actor=request.user, person=person, **data))

    @extend_schema(request=PointsApproveInput, responses=PointsApprovedSerializer)
    @action(detail=False, methods=["post"], filterset_class=None, pagination_class=None)
    @idempotent
    def approve(self, request):
        """Approve many records, each for itself; those refused stay as they were."""
        ids = judged(PointsApproveInput, request)["ids"]
        done, refused = records_approve(self.get_queryset().filter(pk__in=ids), actor=request.user)
        told = {"approved": [row.pk for row in done], "refused": [{"id": pk, "why": why} for pk, why in refused]}
        return Response(PointsApprovedSerializer(told).data)


class PointsDonationFilters(CodedFilterSet):
    """``state`` may be given several times."""

    state = filters.MultipleChoiceFilter(choices=DonationState.choices)
    area = AreaFilter()
    partner = filters.NumberFilter("partner_id", min_value=1, max_value=BIG)

    class Meta(CodedFilterSet.Meta):
        model = Donation


@extend_schema(tags=["points bank"])
class PointsDonationViewSet(PointsViewSet):
    """Donations: of the caller's partner, or of the communities whose points the caller keeps."""

    queryset = Donation.objects.with_rows()
    serializer_class = PointsDonationSerializer
    filterset_class = PointsDonationFilters

    @extend_schema(request=PointsDonationInput, responses={201: PointsDonationSerializer})
    @idempotent
    def create(self, request):
        """Receive a donation and number its receipt."""
        data = judged(PointsDonationInput, request)
        data["partner"] = one_of(Partner.objects.visible_to(request.user), "partner", data["partner"])
        data["kind"] = one_of(ServiceKind.objects.visible_to(request.user), "kind", data["kind"], "code")
        return self.created(donation_receive(actor=request.user, **data))

    @extend_schema(responses={(200, WORD): OpenApiResponse(OpenApiTypes.BINARY, description="Word")})
    @action(detail=True, filterset_class=None, pagination_class=None)
    def receipt(self, request, pk):
        """The receipt as a Word document."""
        gift = self.get_object()
        verify = request.build_absolute_uri(reverse("residents_points:verify", args=[gift.code]))
        return word_answer(receipt_paper(gift, earning_of(gift)), verify)


def word_answer(paper, verify: str = "") -> HttpResponse:
    """Answer with a paper as Word."""
    response = HttpResponse(word_of(paper, verify), content_type=WORD)
    response["Content-Disposition"] = f'attachment; filename="{paper.name}.docx"'
    return response


@extend_schema(tags=["points bank"])
class PointsKindViewSet(mixins.ListModelMixin, ScopedViewSet):
    """Kinds of service that points are given for."""

    queryset = ServiceKind.objects.order_by("code")
    serializer_class = PointsKindSerializer
    permission_classes = [IsAuthenticated]
    pagination_class = ByCode


class PointsRuleFilters(CodedFilterSet):
    """``on``: rules in force on a day. ``area``: an area and all under it."""

    on = filters.DateFilter(method="on_day")
    area = AreaFilter()
    kind = CodeFilter("kind__code", model=ServiceKind)

    class Meta(CodedFilterSet.Meta):
        model = EarningRule

    def on_day(self, queryset, name, value):
        return queryset.in_force(value)


@extend_schema(tags=["points bank"])
class PointsRuleViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """Earning rules that hold in the caller's areas, newest first; they are set in the administration."""

    queryset = EarningRule.objects.with_rows()
    serializer_class = PointsRuleSerializer
    filterset_class = PointsRuleFilters
    pagination_class = NewestFirst
    lookup_value_regex = "[0-9]{1,18}"
