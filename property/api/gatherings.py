"""REST door of neighbours' events for people at work. Every write is a service."""

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

from governance.api.filters import AreaFilter, CodedFilterSet, CodeFilter
from governance.api.idempotency import idempotent
from governance.api.transitions import TransitionsMixin
from governance.api.views import ScopedViewSet
from governance.errors import NotPermitted
from governance.exchange.exports import export_recorded
from governance.models import Area, Estate, OrgUnit, Venue
from governance.room_codes import LIVES
from governance.scoping import grant_for
from property.api.assembly_serializers import SignInCodeSerializer
from property.api.gatherings_serializers import (
    EventPhotoSerializer,
    NeighbourEventDetailSerializer,
    NeighbourEventInput,
    NeighbourEventSerializer,
    PhotoConsentSerializer,
    ProposeInput,
    SignUpSerializer,
    SkillEntrySerializer,
    SkillMatchSerializer,
    VolunteeringSerializer,
)
from property.gatherings.attendance import check_in_open
from property.gatherings.check_in import code_of
from property.gatherings.documents import WORD, word_of
from property.gatherings.planning import event_plan
from property.gatherings.querysets import RUNS, NeighbourEventQuerySet
from property.gatherings.skills import match_propose
from property.models import (
    ConsentState,
    EventKind,
    EventPhoto,
    EventState,
    MatchState,
    NeighbourEvent,
    PhotoConsent,
    PhotoState,
    SignUp,
    SignUpState,
    SkillEntry,
    SkillMatch,
    SkillSide,
    SkillState,
    Volunteering,
    VolunteeringState,
)

BIG = 2**63 - 1


class PartViewSet(TransitionsMixin, mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """Base of what belongs to events: rows the caller may see, newest first; the caller's own among them."""

    lookup_value_regex = "[0-9]{1,18}"
    free_actions = ("transition", "list", "retrieve")

    def answer_with(self, row) -> dict:
        """Return the JSON of a row just moved on, loaded anew."""
        return self.get_serializer(self.queryset.get(pk=row.pk)).data


class EventFilters(CodedFilterSet):
    """``state`` and ``kind`` may be given several times. ``day_from`` and ``day_to`` are both included."""

    state = filters.MultipleChoiceFilter(choices=EventState.choices)
    kind = filters.MultipleChoiceFilter(choices=EventKind.choices)
    area = AreaFilter()
    estate = CodeFilter("estate__code", model=Estate, label=_("Code of an estate."))
    parent = filters.NumberFilter("parent_id", min_value=1, max_value=BIG)
    day_from = filters.DateFilter("starts_at", "date__gte")
    day_to = filters.DateFilter("starts_at", "date__lte")

    class Meta(CodedFilterSet.Meta):
        model = NeighbourEvent


@extend_schema(tags=["gatherings"])
class NeighbourEventViewSet(TransitionsMixin, mixins.ListModelMixin, ScopedViewSet):
    """Neighbours' events the caller may see, newest first; anything else is 404."""

    queryset = NeighbourEvent.objects.with_rows()
    serializer_class = NeighbourEventSerializer
    filterset_class = EventFilters
    lookup_value_regex = "[0-9]{1,18}"
    free_actions = ("transition", "retrieve", "sign_up_list")

    def answer_with(self, event: NeighbourEvent) -> dict:
        """Return the JSON of an event the caller has just moved on, loaded anew."""
        return self.get_serializer(self.queryset.get(pk=event.pk)).data

    @extend_schema(responses=NeighbourEventDetailSerializer)
    def retrieve(self, request, pk):
        """One event with its programme, tasks, cost and what people said of it."""
        event = self.get_object()
        if grant_for(NeighbourEventQuerySet.STAFF, event, request.user) is None:
            raise NotPermitted(_("Residents read events under me/gatherings/."))
        return Response(NeighbourEventDetailSerializer(event, context={"request": request}).data)

    @extend_schema(request=NeighbourEventInput, responses={201: NeighbourEventSerializer})
    @idempotent
    def create(self, request):
        """Draft an event and book its venue."""
        given = NeighbourEventInput(data=request.data)
        given.is_valid(raise_exception=True)
        data = dict(given.validated_data)
        user = request.user
        data["area"] = _one(Area.objects.filter(is_active=True), "area", data["area"])
        data["unit"] = _one(OrgUnit.objects.filter(is_active=True), "unit", data["unit"])
        for name, rows in (("estate", Estate.objects.visible_to(user)), ("venue", Venue.objects.visible_to(user))):
            data[name] = None if data[name] is None else _one(rows, name, data[name])
        if data["parent"] is not None:
            data["parent"] = _one(NeighbourEvent.objects.visible_to(user), "parent", data["parent"], "pk")
        made = event_plan(actor=user, **data)
        return Response(self.answer_with(made), status=status.HTTP_201_CREATED)

    def _run_by(self, request) -> NeighbourEvent:
        event = self.get_object()
        if grant_for(RUNS, event, request.user) is None:
            raise NotPermitted(_("You do not run this event."))
        return event

    @extend_schema(responses=SignInCodeSerializer)
    @action(detail=True, url_path="check-in-code", filterset_class=None, pagination_class=None)
    def check_in_code(self, request, pk):
        """The code to show at the door now; ask for a new one every minute."""
        event, now = self._run_by(request), timezone.now()
        code = code_of(event, now)
        url = request.build_absolute_uri(reverse("residents_gatherings:check-in", args=[code]))
        lives = int(LIVES.total_seconds())
        told = {"code": code, "url": url, "open": check_in_open(event, now), "lives_seconds": lives}
        return Response(SignInCodeSerializer(told).data)

    @extend_schema(
        request=None, responses={(200, WORD): OpenApiResponse(OpenApiTypes.BINARY, description=_("A Word document."))}
    )
    @action(detail=True, methods=["post"], url_path="sign-up-list", filterset_class=None, pagination_class=None)
    def sign_up_list(self, request, pk):
        """The list to tick at the door, as a Word document; who took it is recorded."""
        event = self._run_by(request)
        name, content = word_of(event)
        export_recorded(request.user, grant=grant_for(RUNS, event, request.user), model="property.signup",
                        filters=["event"], rows=event.sign_ups.count(), kind="docx")  # fmt: skip
        headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"}
        return HttpResponse(content, content_type=WORD, headers=headers)


def _one(rows, field: str, value, column: str = "code"):
    found = rows.filter(**{column: value}).first()
    if found is None:
        raise serializers.ValidationError({field: [_("There is no “%(code)s”.") % {"code": value}]}, "does_not_exist")
    return found


class SignUpFilters(CodedFilterSet):
    event = filters.NumberFilter("event_id", min_value=1, max_value=BIG)
    state = filters.MultipleChoiceFilter(choices=SignUpState.choices)

    class Meta(CodedFilterSet.Meta):
        model = SignUp


@extend_schema(tags=["gatherings"])
class SignUpViewSet(PartViewSet):
    """Sign-ups of events the caller runs or looks after, and the caller's own."""

    queryset = SignUp.objects.with_rows()
    serializer_class = SignUpSerializer
    filterset_class = SignUpFilters


class VolunteeringFilters(CodedFilterSet):
    event = filters.NumberFilter("event_id", min_value=1, max_value=BIG)
    state = filters.MultipleChoiceFilter(choices=VolunteeringState.choices)

    class Meta(CodedFilterSet.Meta):
        model = Volunteering


@extend_schema(tags=["gatherings"])
class VolunteeringViewSet(PartViewSet):
    """Voluntary work at events the caller runs or looks after, and the caller's own."""

    queryset = Volunteering.objects.with_rows()
    serializer_class = VolunteeringSerializer
    filterset_class = VolunteeringFilters


class PhotoFilters(CodedFilterSet):
    event = filters.NumberFilter("event_id", min_value=1, max_value=BIG)
    state = filters.MultipleChoiceFilter(choices=PhotoState.choices)

    class Meta(CodedFilterSet.Meta):
        model = EventPhoto


@extend_schema(tags=["gatherings"])
class EventPhotoViewSet(PartViewSet):
    """Photos of events the caller runs or looks after, with who is asked."""

    queryset = EventPhoto.objects.with_rows()
    serializer_class = EventPhotoSerializer
    filterset_class = PhotoFilters


class ConsentFilters(CodedFilterSet):
    photo = filters.NumberFilter("photo_id", min_value=1, max_value=BIG)
    state = filters.MultipleChoiceFilter(choices=ConsentState.choices)

    class Meta(CodedFilterSet.Meta):
        model = PhotoConsent


@extend_schema(tags=["gatherings"])
class PhotoConsentViewSet(PartViewSet):
    """Who is asked about photos of events the caller runs, and what the caller is asked."""

    queryset = PhotoConsent.objects.with_rows()
    serializer_class = PhotoConsentSerializer
    filterset_class = ConsentFilters


class SkillFilters(CodedFilterSet):
    side = filters.ChoiceFilter(choices=SkillSide.choices)
    state = filters.MultipleChoiceFilter(choices=SkillState.choices)

    class Meta(CodedFilterSet.Meta):
        model = SkillEntry


@extend_schema(tags=["gatherings"])
class SkillEntryViewSet(PartViewSet):
    """Offers and wants of the caller's areas, and the caller's own."""

    queryset = SkillEntry.objects.with_rows()
    serializer_class = SkillEntrySerializer
    filterset_class = SkillFilters


class MatchFilters(CodedFilterSet):
    state = filters.MultipleChoiceFilter(choices=MatchState.choices)

    class Meta(CodedFilterSet.Meta):
        model = SkillMatch


@extend_schema(tags=["gatherings"])
class SkillMatchViewSet(PartViewSet):
    """Skill matches of the caller's areas, and the caller's own."""

    queryset = SkillMatch.objects.with_rows()
    serializer_class = SkillMatchSerializer
    filterset_class = MatchFilters
    free_actions = (*PartViewSet.free_actions, "create")

    @extend_schema(request=ProposeInput, responses={201: SkillMatchSerializer})
    @idempotent
    def create(self, request):
        """Propose that an offer and a want of neighbours fit; both are asked."""
        given = ProposeInput(data=request.data)
        given.is_valid(raise_exception=True)
        rows = SkillEntry.objects.visible_to(request.user)
        pair = {name: _one(rows, name, pk, "pk") for name, pk in given.validated_data.items()}
        made = match_propose(actor=request.user, **pair)
        return Response(self.answer_with(made), status=status.HTTP_201_CREATED)
