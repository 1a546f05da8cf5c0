"""REST door of assemblies for people at work: everything of the evening. Every write is a service."""

import django_filters as filters
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.response import Response

from governance.api.filters import AreaFilter, CodedFilterSet, CodeFilter, YesNoFilter
from governance.api.idempotency import idempotent
from governance.api.paging import ByCode
from governance.api.transitions import TransitionsMixin
from governance.api.views import ScopedViewSet
from governance.errors import NotPermitted
from governance.models import Estate, OrgUnit, Venue
from governance.scoping import grant_for
from property.api.assembly_serializers import (
    AssemblySerializer,
    AssemblySessionDetailSerializer,
    AssemblySessionInput,
    AssemblySessionSerializer,
    FollowUpSerializer,
    InvitationSerializer,
    SignInCodeSerializer,
    TopicDetailSerializer,
    TopicSerializer,
)
from property.assembly.attendance import sign_in_open
from property.assembly.documents import WORD, document_of
from property.assembly.making import session_add
from property.assembly.months import months_told
from property.assembly.querysets import RUNS
from property.assembly.sign_in import LIVES, code_of
from property.models import (
    AgendaItem,
    AgendaState,
    Assembly,
    AssemblySession,
    FollowUpItem,
    FollowUpState,
    Invitation,
    InvitationState,
    SessionState,
    TopicSource,
)


class AssemblyFilters(CodedFilterSet):
    area = AreaFilter()
    estate = CodeFilter("estate__code", model=Estate, label=_("Code of an estate."))

    class Meta(CodedFilterSet.Meta):
        model = Assembly


@extend_schema(tags=["assembly"])
class AssemblyViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """Assemblies the caller may see, by code, each with the months in which it met or did not."""

    queryset = Assembly.objects.with_rows().prefetch_related("seats")
    serializer_class = AssemblySerializer
    filterset_class = AssemblyFilters
    pagination_class = ByCode
    lookup_field = "code"
    lookup_value_regex = "[A-Za-z0-9_-]{1,30}"

    def list(self, request):
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(self._told(page, many=True))

    def retrieve(self, request, code):
        found = self.get_object()
        return Response(self._told([found], many=True)[0])

    def _told(self, rows, **options):
        context = self.get_serializer_context() | {"months": months_told(rows)}
        return AssemblySerializer(rows, context=context, **options).data


class SessionFilters(CodedFilterSet):
    """``state`` may be given several times. ``day_from`` and ``day_to`` are both included."""

    state = filters.MultipleChoiceFilter(choices=SessionState.choices)
    assembly = CodeFilter("assembly__code", model=Assembly, label=_("Code of an assembly."))
    area = AreaFilter()
    day_from = filters.DateFilter("starts_at", "date__gte")
    day_to = filters.DateFilter("starts_at", "date__lte")

    class Meta(CodedFilterSet.Meta):
        model = AssemblySession


@extend_schema(tags=["assembly"])
class AssemblySessionViewSet(TransitionsMixin, mixins.ListModelMixin, ScopedViewSet):
    """Sessions the caller may see, newest first; anything else is 404."""

    queryset = AssemblySession.objects.with_rows()
    serializer_class = AssemblySessionSerializer
    filterset_class = SessionFilters
    lookup_value_regex = "[0-9]{1,18}"
    free_actions = ("transition", "retrieve", "notice_document", "minutes_document")

    def answer_with(self, session: AssemblySession) -> dict:
        """Return the JSON of a session the caller has just moved on, loaded anew."""
        return self.get_serializer(self.queryset.get(pk=session.pk)).data

    @extend_schema(responses=AssemblySessionDetailSerializer)
    def retrieve(self, request, pk):
        """One session with its agenda, who is asked, the quorum and the minutes."""
        return Response(AssemblySessionDetailSerializer(self.get_object(), context={"request": request}).data)

    @extend_schema(request=AssemblySessionInput, responses={201: AssemblySessionSerializer})
    @idempotent
    def create(self, request):
        """Make a session by hand and book its venue."""
        given = AssemblySessionInput(data=request.data)
        given.is_valid(raise_exception=True)
        data = dict(given.validated_data)
        assembly = _one(Assembly.objects.visible_to(request.user), "assembly", data.pop("assembly"))
        venue = data.pop("venue")
        if venue is not None:
            venue = _one(Venue.objects.visible_to(request.user), "venue", venue)
        made = session_add(actor=request.user, assembly=assembly, venue=venue, **data)
        return Response(self.answer_with(made), status=status.HTTP_201_CREATED)

    @extend_schema(responses=SignInCodeSerializer)
    @action(detail=True, url_path="sign-in-code", filterset_class=None, pagination_class=None)
    def sign_in_code(self, request, pk):
        """The code to show in the room now; ask for a new one every minute."""
        session, now = self.get_object(), timezone.now()
        if grant_for(RUNS, session, request.user) is None:
            raise NotPermitted(_("You do not run this assembly."))
        code = code_of(session, now)
        url = request.build_absolute_uri(reverse("residents_assembly:sign-in", args=[code]))
        told = {
            "code": code, "url": url, "open": sign_in_open(session, now), "lives_seconds": int(LIVES.total_seconds()),
        }  # fmt: skip
        return Response(SignInCodeSerializer(told).data)

    @extend_schema(responses={(200, WORD): OpenApiResponse(OpenApiTypes.BINARY, description=_("A Word document."))})
    @action(detail=True, url_path="notice", filterset_class=None, pagination_class=None)
    def notice_document(self, request, pk):
        """The notice as a Word document."""
        return _word(self.get_object(), "notice")

    @extend_schema(responses={(200, WORD): OpenApiResponse(OpenApiTypes.BINARY, description=_("A Word document."))})
    @action(detail=True, url_path="minutes", filterset_class=None, pagination_class=None)
    def minutes_document(self, request, pk):
        """The minutes as a Word document; a draft says so."""
        return _word(self.get_object(), "minutes")


def _word(session: AssemblySession, kind: str) -> HttpResponse:
    name, content = document_of(session, kind)
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"}
    return HttpResponse(content, content_type=WORD, headers=headers)


def _one(rows, field: str, code: str):
    found = rows.filter(code=code).first()
    if found is None:
        raise serializers.ValidationError({field: [_("There is no “%(code)s”.") % {"code": code}]}, "does_not_exist")
    return found


class InvitationFilters(CodedFilterSet):
    session = filters.NumberFilter("session_id", min_value=1, max_value=2**63 - 1)
    state = filters.MultipleChoiceFilter(choices=InvitationState.choices)

    class Meta(CodedFilterSet.Meta):
        model = Invitation


@extend_schema(tags=["assembly"])
class InvitationViewSet(TransitionsMixin, mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """Invitations: those of sessions the caller runs, and the caller's own or their unit's. Newest first."""

    queryset = Invitation.objects.with_rows()
    serializer_class = InvitationSerializer
    filterset_class = InvitationFilters
    lookup_value_regex = "[0-9]{1,18}"
    free_actions = ("transition", "list", "retrieve")

    def answer_with(self, row: Invitation) -> dict:
        """Return the JSON of an invitation just moved on, loaded anew."""
        return self.get_serializer(self.queryset.get(pk=row.pk)).data


class TopicFilters(CodedFilterSet):
    state = filters.MultipleChoiceFilter(choices=AgendaState.choices)
    source = filters.MultipleChoiceFilter(choices=TopicSource.choices)
    assembly = CodeFilter("assembly__code", model=Assembly, label=_("Code of an assembly."))
    session = filters.NumberFilter("session_id", min_value=1, max_value=2**63 - 1)
    resolution = filters.NumberFilter("resolution_id", min_value=1, max_value=2**63 - 1)
    case = filters.CharFilter("case__number", label=_("Number of a case."), max_length=20)

    class Meta(CodedFilterSet.Meta):
        model = AgendaItem


@extend_schema(tags=["assembly"])
class AgendaItemViewSet(TransitionsMixin, mixins.ListModelMixin, ScopedViewSet):
    """Topics of the assemblies the caller sees, and the caller's own. Newest first."""

    queryset = AgendaItem.objects.with_rows()
    serializer_class = TopicSerializer
    filterset_class = TopicFilters
    lookup_value_regex = "[0-9]{1,18}"
    free_actions = ("transition", "list", "retrieve")

    def get_serializer_context(self):
        return super().get_serializer_context() | {"guarded": True}

    def answer_with(self, topic: AgendaItem) -> dict:
        """Return the JSON of a topic just moved on, loaded anew."""
        return self.get_serializer(self.queryset.get(pk=topic.pk)).data

    @extend_schema(responses=TopicDetailSerializer)
    def retrieve(self, request, pk):
        """One topic with the follow-up items that came of it."""
        return Response(TopicDetailSerializer(self.get_object(), context=self.get_serializer_context()).data)


class FollowUpFilters(CodedFilterSet):
    state = filters.MultipleChoiceFilter(choices=FollowUpState.choices)
    assembly = CodeFilter("assembly__code", model=Assembly, label=_("Code of an assembly."))
    unit = CodeFilter("owner_unit__code", model=OrgUnit, label=_("Code of the unit that does it."))
    topic = filters.NumberFilter("agenda_item_id", min_value=1, max_value=2**63 - 1)
    case = filters.CharFilter("case__number", label=_("Number of a case."), max_length=20)
    overdue = YesNoFilter(method="that_are_overdue", label=_("Not done, and past its day."))

    class Meta(CodedFilterSet.Meta):
        model = FollowUpItem

    def that_are_overdue(self, queryset, name, value):
        late = FollowUpItem.objects.overdue(timezone.localdate()).values("pk")
        return queryset.filter(pk__in=late) if value else queryset.exclude(pk__in=late)


@extend_schema(tags=["assembly"])
class FollowUpItemViewSet(TransitionsMixin, mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """Follow-up items of the assemblies the caller sees, and those the caller or their unit does. Newest first."""

    queryset = FollowUpItem.objects.with_rows().select_related("submitted_by")
    serializer_class = FollowUpSerializer
    filterset_class = FollowUpFilters
    lookup_value_regex = "[0-9]{1,18}"
    free_actions = ("transition", "list", "retrieve")

    def answer_with(self, item: FollowUpItem) -> dict:
        """Return the JSON of an item just moved on, loaded anew."""
        return self.get_serializer(self.queryset.get(pk=item.pk)).data
