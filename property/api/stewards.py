"""REST door of stewards: teams and members for who works here; shifts, visits, sightings, hours for every member.

A member needs no role here, only the account that is in the team: those lists hold what the caller may see.
"""

from datetime import date

import django_filters as filters
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response

from governance.api.filters import AreaFilter, CodedFilterSet, CodeFilter, YesNoFilter
from governance.api.idempotency import idempotent
from governance.api.paging import ByCode, OldestFirst
from governance.api.views import ApiView, ScopedViewSet
from governance.errors import Invalid
from property.api.others import MovedViewSet
from property.api.stewards_serializers import (
    NearTeamSerializer,
    OutreachInput,
    OutreachSerializer,
    PassedOnSerializer,
    SightingInput,
    SightingSerializer,
    StewardAssignInput,
    StewardCorrectInput,
    StewardDutySerializer,
    StewardEndInput,
    StewardHoursSerializer,
    StewardJoinInput,
    StewardMemberSerializer,
    StewardMonthSerializer,
    StewardPassOnInput,
    StewardPlanSerializer,
    StewardRequestSerializer,
    StewardShiftInput,
    StewardShiftSerializer,
    StewardTeamSerializer,
)
from property.models import (
    DisputeSighting,
    DisputeUrgency,
    DutyState,
    HoursEntry,
    HoursKind,
    JoinRequest,
    MemberKind,
    OutreachResult,
    OutreachVisit,
    RequestState,
    ShiftDuty,
    ShiftState,
    SightingState,
    StewardMember,
    StewardPlan,
    StewardShift,
    StewardTeam,
)
from property.months import YEARS
from property.stewards.hours import hours_correct, months_of
from property.stewards.members import join_ask, member_end
from property.stewards.near import teams_told
from property.stewards.outreach import outreach_log, outreach_pass_on
from property.stewards.planning import shift_plan
from property.stewards.shifts import duty_assign, duty_take
from property.stewards.sightings import sighting_report


class TeamFilters(CodedFilterSet):
    area = AreaFilter()
    active = YesNoFilter("is_active", label=_("In use."))

    class Meta(CodedFilterSet.Meta):
        model = StewardTeam


@extend_schema(tags=["stewards"])
class TeamViewSet(mixins.ListModelMixin, ScopedViewSet):
    """Teams of the caller's areas, or the own ones, by code."""

    queryset = StewardTeam.objects.all()
    serializer_class = StewardTeamSerializer
    filterset_class = TeamFilters
    pagination_class = ByCode

    def get_queryset(self):
        return super().get_queryset().with_rows()  # for each request: it knows who is a member today


class _OfTeamFilters(CodedFilterSet):
    team = CodeFilter("team__code", model=StewardTeam, label=_("Code of a team."))


class MemberFilters(_OfTeamFilters):
    kind = filters.ChoiceFilter(choices=MemberKind.choices)
    today = YesNoFilter(method="of_today", label=_("In the team today."))

    class Meta(CodedFilterSet.Meta):
        model = StewardMember

    def of_today(self, rows, _name, wanted):
        """Keep those whose term holds today, or the others."""
        held = StewardMember.objects.in_force().values("pk")
        return rows.filter(pk__in=held) if wanted else rows.exclude(pk__in=held)


@extend_schema(tags=["stewards"])
class MemberViewSet(mixins.ListModelMixin, ScopedViewSet):
    """Who is in which team, from when to when. The lead ends memberships and corrects hours."""

    queryset = StewardMember.objects.with_rows()
    serializer_class = StewardMemberSerializer
    filterset_class = MemberFilters
    pagination_class = OldestFirst
    lookup_value_regex = "[0-9]{1,18}"
    permission_classes = [IsAuthenticated]

    @extend_schema(request=StewardEndInput, responses=StewardMemberSerializer)
    @action(detail=True, methods=["post"], filterset_class=None, pagination_class=None)
    @idempotent
    def end(self, request, pk):
        """End a membership with its last day."""
        member, given = self.get_object(), StewardEndInput(data=request.data)
        given.is_valid(raise_exception=True)
        return Response(StewardMemberSerializer(member_end(member, actor=request.user, **given.validated_data)).data)

    @extend_schema(request=StewardCorrectInput, responses={201: StewardHoursSerializer})
    @action(detail=True, methods=["post"], filterset_class=None, pagination_class=None)
    @idempotent
    def correct(self, request, pk):
        """Correct the hours of a day by a line of their own."""
        member, given = self.get_object(), StewardCorrectInput(data=request.data)
        given.is_valid(raise_exception=True)
        line = hours_correct(member, actor=request.user, **given.validated_data)
        return Response(StewardHoursSerializer(line).data, status=status.HTTP_201_CREATED)


class PlanFilters(_OfTeamFilters):
    class Meta(CodedFilterSet.Meta):
        model = StewardPlan


@extend_schema(tags=["stewards"])
class PlanViewSet(mixins.ListModelMixin, ScopedViewSet):
    """Plans of shifts, by code."""

    queryset = StewardPlan.objects.with_rows()
    serializer_class = StewardPlanSerializer
    filterset_class = PlanFilters
    pagination_class = ByCode


class MembersViewSet(MovedViewSet):
    """Base of what members with any account work with."""

    permission_classes = [IsAuthenticated]


class ShiftFilters(_OfTeamFilters):
    state = filters.ChoiceFilter(choices=ShiftState.choices)
    date_from = filters.DateFilter("date", "gte")
    date_to = filters.DateFilter("date", "lte")

    class Meta(CodedFilterSet.Meta):
        model = StewardShift


@extend_schema(tags=["stewards"])
class ShiftViewSet(MembersViewSet):
    """Shifts of the caller's teams or areas, newest first."""

    queryset = StewardShift.objects.with_rows()
    serializer_class = StewardShiftSerializer
    filterset_class = ShiftFilters

    @extend_schema(request=StewardShiftInput, responses={201: StewardShiftSerializer})
    @idempotent
    def create(self, request):
        """Plan a shift on one day, for who leads or manages the team."""
        given = StewardShiftInput(data=request.data, context={"request": request})
        given.is_valid(raise_exception=True)
        made = shift_plan(actor=request.user, **given.validated_data)
        return Response(self.answer_with(made), status=status.HTTP_201_CREATED)

    @extend_schema(request=None, responses={201: StewardDutySerializer})
    @action(detail=True, methods=["post"], filterset_class=None, pagination_class=None)
    @idempotent
    def take(self, request, pk):
        """Take a place in the shift oneself."""
        return self._placed(duty_take(self.get_object(), actor=request.user))

    @extend_schema(request=StewardAssignInput, responses={201: StewardDutySerializer})
    @action(detail=True, methods=["post"], filterset_class=None, pagination_class=None)
    @idempotent
    def assign(self, request, pk):
        """Give a member of the team a place in the shift."""
        shift, given = self.get_object(), StewardAssignInput(data=request.data, context={"request": request})
        given.is_valid(raise_exception=True)
        return self._placed(duty_assign(shift, actor=request.user, **given.validated_data))

    def _placed(self, duty: ShiftDuty) -> Response:
        fresh = ShiftDuty.objects.with_rows().select_related("shift__plan").get(pk=duty.pk)
        told = StewardDutySerializer(fresh, context={"request": self.request}).data
        return Response(told, status=status.HTTP_201_CREATED)


class DutyFilters(_OfTeamFilters):
    state = filters.MultipleChoiceFilter(choices=DutyState.choices)
    mine = YesNoFilter(method="of_caller", label=_("The caller's own."))

    class Meta(CodedFilterSet.Meta):
        model = ShiftDuty

    def of_caller(self, rows, _name, wanted):
        """Keep the caller's own, or the others."""
        own = {"member__person": self.request.user}
        return rows.filter(**own) if wanted else rows.exclude(**own)


@extend_schema(tags=["stewards"])
class DutyViewSet(MembersViewSet):
    """Who stands which shift, newest first; begun and ended by transitions."""

    queryset = ShiftDuty.objects.with_rows().select_related("shift__plan")
    serializer_class = StewardDutySerializer
    filterset_class = DutyFilters


class RequestFilters(_OfTeamFilters):
    state = filters.ChoiceFilter(choices=RequestState.choices)

    class Meta(CodedFilterSet.Meta):
        model = JoinRequest


@extend_schema(tags=["stewards"])
class RequestViewSet(MembersViewSet):
    """Requests to join: the own ones, and those of teams the caller leads or manages."""

    queryset = JoinRequest.objects.with_rows()
    serializer_class = StewardRequestSerializer
    filterset_class = RequestFilters

    @extend_schema(request=StewardJoinInput, responses={201: StewardRequestSerializer})
    @idempotent
    def create(self, request):
        """Ask to join the team of the own estate as a volunteer."""
        given = StewardJoinInput(data=request.data, context={"request": request})
        given.is_valid(raise_exception=True)
        made = join_ask(actor=request.user, **given.validated_data)
        return Response(self.answer_with(made), status=status.HTTP_201_CREATED)


class OutreachFilters(_OfTeamFilters):
    result = filters.ChoiceFilter(choices=OutreachResult.choices)

    class Meta(CodedFilterSet.Meta):
        model = OutreachVisit


@extend_schema(tags=["stewards"])
class OutreachViewSet(mixins.ListModelMixin, ScopedViewSet):
    """Outreach visits: the own ones, and those of teams the caller manages, newest first."""

    queryset = OutreachVisit.objects.with_rows()
    serializer_class = OutreachSerializer
    filterset_class = OutreachFilters
    permission_classes = [IsAuthenticated]
    lookup_value_regex = "[0-9]{1,18}"

    @extend_schema(request=OutreachInput, responses={201: OutreachSerializer})
    @idempotent
    def create(self, request):
        """Log a visit; its minutes are counted."""
        given = OutreachInput(data=request.data, context={"request": request})
        given.is_valid(raise_exception=True)
        made = outreach_log(actor=request.user, **given.validated_data)
        fresh = self.queryset.get(pk=made.pk)
        return Response(OutreachSerializer(fresh).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=StewardPassOnInput, responses={201: PassedOnSerializer})
    @action(detail=True, methods=["post"], url_path="case", filterset_class=None, pagination_class=None)
    @idempotent
    def pass_on(self, request, pk):
        """Make a case of what was asked."""
        visit, given = self.get_object(), StewardPassOnInput(data=request.data)
        given.is_valid(raise_exception=True)
        case = outreach_pass_on(visit, actor=request.user, **given.validated_data)
        return Response(PassedOnSerializer(case).data, status=status.HTTP_201_CREATED)


class SightingFilters(_OfTeamFilters):
    area = AreaFilter()
    state = filters.MultipleChoiceFilter(choices=SightingState.choices)
    urgency = filters.ChoiceFilter(choices=DisputeUrgency.choices)

    class Meta(CodedFilterSet.Meta):
        model = DisputeSighting


@extend_schema(tags=["stewards"])
class SightingViewSet(MembersViewSet):
    """Disputes seen: those the caller reported, and for community staff those of their area, newest first."""

    queryset = DisputeSighting.objects.with_rows()
    serializer_class = SightingSerializer
    filterset_class = SightingFilters

    @extend_schema(request=SightingInput, responses={201: SightingSerializer})
    @idempotent
    def create(self, request):
        """Hand a dispute over to the community staff."""
        given = SightingInput(data=request.data, context={"request": request})
        given.is_valid(raise_exception=True)
        made = sighting_report(actor=request.user, **given.validated_data)
        return Response(self.answer_with(made), status=status.HTTP_201_CREATED)


class HoursFilters(_OfTeamFilters):
    kind = filters.ChoiceFilter(choices=HoursKind.choices)
    member = filters.NumberFilter("member_id", label=_("Id of a member."))
    date_from = filters.DateFilter("date", "gte")
    date_to = filters.DateFilter("date", "lte")

    class Meta(CodedFilterSet.Meta):
        model = HoursEntry


MONTH = OpenApiParameter("month", OpenApiTypes.DATE, description="Any day of the month; by default today.")


@extend_schema(tags=["stewards"])
class HoursViewSet(mixins.ListModelMixin, ScopedViewSet):
    """Counted time line by line: the own, and that of teams the caller manages, newest first."""

    queryset = HoursEntry.objects.with_rows()
    serializer_class = StewardHoursSerializer
    filterset_class = HoursFilters
    permission_classes = [IsAuthenticated]

    @extend_schema(parameters=[MONTH], responses=StewardMonthSerializer(many=True))
    @action(detail=False, methods=["get"], filterset_class=None, pagination_class=None)
    def month(self, request):
        """The month of each member, minutes by kind."""
        asked: date = filters.DateFilter().field.clean(request.query_params.get("month") or timezone.localdate())
        if asked.year not in YEARS:
            raise Invalid(_("There is no such month."), field="month", code="out_of_range")
        return Response(StewardMonthSerializer(months_of(request.user, asked.replace(day=1)), many=True).data)


@extend_schema(tags=["stewards"], responses=NearTeamSerializer(many=True))
class NearTeamsView(ApiView):
    """The teams of the caller's home: surname of each steward, and the shifts of today."""

    permission_classes = [IsAuthenticated]

    def get(self, request):
        return Response(NearTeamSerializer(teams_told(request.user), many=True).data)
