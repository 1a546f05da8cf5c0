"""REST door of hours and certificates, adjustments, settlement sheets and reports. Every write is a service."""

from dataclasses import asdict
from datetime import date, datetime

from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response

from governance.api.errors import of_refusal
from governance.api.fields import MomentField
from governance.api.idempotency import idempotent
from governance.api.paging import NewestFirst
from governance.api.views import ApiView, ScopedViewSet
from governance.errors import Invalid, NotPermitted
from governance.models import Area, User
from governance.scoping import grant_for, grants_of
from partners.api.earning import PointsViewSet, judged, one_of, word_answer
from partners.api.earning_serializers import (
    HoursCertificateInput,
    HoursCertificateSerializer,
    LiabilitySerializer,
    PointsAdjustmentInput,
    PointsAdjustmentSerializer,
    PointsReasonInput,
    PointsReportSerializer,
    SettlementSheetInput,
    SettlementSheetSerializer,
    VolunteerHoursSerializer,
)
from partners.earning.hours import certificate_issue
from partners.earning.monthly import kind_report, liability_report, movement_report
from partners.earning.papers import WORD, certificate_paper, sheet_paper
from partners.earning.querysets import LOOKS, RUNS
from partners.earning.settling import sheet_propose
from partners.ledger.adjustments import adjustment_approve, adjustment_decline, adjustment_propose
from partners.models import Account, Adjustment, HoursCertificate, SettlementSheet, VolunteerHours

DOCUMENT = {(200, WORD): OpenApiResponse(OpenApiTypes.BINARY, description="Word")}


@extend_schema(tags=["points bank"])
class VolunteerHoursViewSet(mixins.ListModelMixin, ScopedViewSet):
    """Lines of the book of volunteered hours: the caller's own, for staff those of the community."""

    queryset = VolunteerHours.objects.with_rows()
    serializer_class = VolunteerHoursSerializer
    permission_classes = [IsAuthenticated]
    pagination_class = NewestFirst


def _holder(user, area: Area, name: str) -> User:
    """Return whose hours are to be certified. Who may certify only the own ones learns of no other user name."""
    if name == user.username:
        return user
    if grant_for(RUNS, HoursCertificate(area=area), user) is None:
        raise NotPermitted(_("A certificate is issued to the person, or by the community's staff."))
    return one_of(User.objects.filter(is_active=True), "person", name, "username")


@extend_schema(tags=["points bank"])
class HoursCertificateViewSet(PointsViewSet):
    """Certificates of volunteered hours: the caller's own, for staff those of the community."""

    queryset = HoursCertificate.objects.with_rows()
    serializer_class = HoursCertificateSerializer

    @extend_schema(request=HoursCertificateInput, responses={201: HoursCertificateSerializer})
    @idempotent
    def create(self, request):
        """Issue a certificate from the book: of the own hours, or by staff for somebody."""
        data = judged(HoursCertificateInput, request)
        name = data.pop("person")
        area = one_of(Area.objects.filter(is_active=True), "area", data.pop("area"), "code")
        person = _holder(request.user, area, name) if name else request.user
        return self.created(certificate_issue(actor=request.user, person=person, area=area, **data))

    @extend_schema(responses=DOCUMENT)
    @action(detail=True, pagination_class=None)
    def document(self, request, pk):
        """The certificate as a Word document, with the code to verify it."""
        paper = self.get_object()
        verify = request.build_absolute_uri(reverse("residents_points:verify", args=[paper.code]))
        return word_answer(certificate_paper(paper), verify)


@extend_schema(tags=["points bank"])
class SettlementSheetViewSet(PointsViewSet):
    """Settlement sheets: those of the caller's merchant, for staff those of the community."""

    queryset = SettlementSheet.objects.with_rows()
    serializer_class = SettlementSheetSerializer

    @extend_schema(request=SettlementSheetInput, responses={201: SettlementSheetSerializer})
    @idempotent
    def create(self, request):
        """Propose to settle what a merchant received in days that are over."""
        data = judged(SettlementSheetInput, request)
        data["merchant"] = one_of(Account.objects.visible_to(request.user), "merchant", data["merchant"])
        return self.created(sheet_propose(actor=request.user, **data))

    @extend_schema(responses=DOCUMENT)
    @action(detail=True, pagination_class=None)
    def document(self, request, pk):
        """The sheet as a Word document."""
        return word_answer(sheet_paper(self.get_object()))


@extend_schema(tags=["points bank"])
class PointsAdjustmentViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """Corrections of points by two persons, newest first."""

    queryset = Adjustment.objects.with_rows()
    serializer_class = PointsAdjustmentSerializer
    permission_classes = [IsAuthenticated]
    pagination_class = NewestFirst
    lookup_value_regex = "[0-9]{1,18}"

    def _answer(self, pk: int, code: int = status.HTTP_200_OK) -> Response:
        return Response(self.get_serializer(self.queryset.get(pk=pk)).data, status=code)

    @extend_schema(request=PointsAdjustmentInput, responses={201: PointsAdjustmentSerializer})
    @idempotent
    def create(self, request):
        """Propose a correction."""
        data = judged(PointsAdjustmentInput, request)
        account = one_of(Account.objects.visible_to(request.user), "account", data.pop("account"))
        made = adjustment_propose(account, actor=request.user, **data)
        return self._answer(made.pk, status.HTTP_201_CREATED)

    @extend_schema(request=None, responses=PointsAdjustmentSerializer)
    @action(detail=True, methods=["post"], pagination_class=None)
    @idempotent
    def approve(self, request, pk):
        """Approve what another person proposed."""
        row = self.get_object()
        adjustment_approve(row, actor=request.user)
        return self._answer(row.pk)

    @extend_schema(request=PointsReasonInput, responses=PointsAdjustmentSerializer)
    @action(detail=True, methods=["post"], pagination_class=None)
    @idempotent
    def decline(self, request, pk):
        """Decline what another person proposed."""
        row = self.get_object()
        adjustment_decline(row, actor=request.user, **judged(PointsReasonInput, request))
        return self._answer(row.pk)


def _area_asked(request) -> Area:
    """Return the area of a report. Raises NotPermitted where the caller does not look, Invalid."""
    code = request.query_params.get("area", "")
    if "\0" in code:
        raise of_refusal(Invalid(_("There is no such area."), field="area", code="does_not_exist"))
    area = one_of(Area.objects.defer("boundary"), "area", code, "code")
    if not any(grant.role in LOOKS and area.path.startswith(grant.area_path) for grant in grants_of(request.user)):
        raise NotPermitted(_("You may not look at the points of this area."))
    return area


def _day_asked(request, name: str) -> date:
    try:
        found = parse_date(request.query_params.get(name, ""))
    except ValueError:
        found = None
    if found is None or not 2000 <= found.year <= 2200:
        raise Invalid(_("A day such as 2026-11-23 is needed."), field=name, code="invalid")
    return found


AREA = OpenApiParameter("area", str, required=True, description="Code of an area: it and all areas under it.")


class LiabilityView(ApiView):
    """What each community under an area owes its members in points."""

    permission_classes = [IsAuthenticated]

    @extend_schema(
        tags=["points bank"], parameters=[AREA, OpenApiParameter("at", datetime)],
        responses=LiabilitySerializer(many=True),
    )  # fmt: skip
    def get(self, request):
        """Figures just before a moment (default: now), one row a community."""
        area, at = _area_asked(request), request.query_params.get("at")
        moment = MomentField().run_validation(at) if at else timezone.now()
        rows = [
            {"area": one.code, "area_name": one.name} | asdict(found) for one, found in liability_report(area, moment)
        ]
        return Response(LiabilitySerializer(rows, many=True).data)


class CategoriesView(ApiView):
    """Points of a period by kind of service and by movement."""

    permission_classes = [IsAuthenticated]

    @extend_schema(
        tags=["points bank"],
        parameters=[AREA, OpenApiParameter("first", date, required=True),
                    OpenApiParameter("last", date, required=True)],
        responses=PointsReportSerializer,
    )  # fmt: skip
    def get(self, request):
        """Both days included."""
        area, first, last = _area_asked(request), _day_asked(request, "first"), _day_asked(request, "last")
        moved = [
            {"movement": movement, "what_for": what_for, "transfers": count, "points": points}
            for movement, what_for, count, points in movement_report(area, first, last)
        ]
        earned = [asdict(row) for row in kind_report(area, first, last)]
        return Response(PointsReportSerializer({"earned": earned, "moved": moved}).data)
