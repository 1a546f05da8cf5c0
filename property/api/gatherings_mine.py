"""REST door of neighbours' events and skill exchange for residents. Every write is a service."""

from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.response import Response

from governance.api.errors import of_form
from governance.api.idempotency import idempotent
from governance.api.paging import NewestFirst
from property.api.assembly_mine import OfResidents
from property.api.gatherings_serializers import (
    ProposeInput,
    SignUpSerializer,
    SkillCategorySerializer,
    VolunteeringSerializer,
)
from property.api.gatherings_told import OwnGatheringLineSerializer, OwnGatheringSerializer
from property.gatherings.attendance import event_check_in
from property.gatherings.feedback import MOST_WORDS, feedback_give
from property.gatherings.public import entry_told, event_line, event_told, match_told, reasons_text
from property.gatherings.signing import MOST_CHILDREN, NEEDS, sign_up
from property.gatherings.skill_forms import SkillForm
from property.gatherings.skills import match_propose, skill_add, suggestions_of
from property.gatherings.volunteers import volunteer
from property.models import (
    MatchState,
    NeighbourEvent,
    SignUp,
    SkillCategory,
    SkillEntry,
    SkillMatch,
    SkillSide,
    SkillState,
    Volunteering,
    VolunteerTask,
)


class SignUpInput(serializers.Serializer):
    companions = serializers.IntegerField(min_value=0, max_value=20, default=0)
    children = serializers.IntegerField(min_value=0, max_value=MOST_CHILDREN, default=0)
    needs = serializers.CharField(max_length=NEEDS, default="", allow_blank=True)


class FeedbackInput(serializers.Serializer):
    stars = serializers.IntegerField(min_value=1, max_value=5)
    words = serializers.CharField(max_length=MOST_WORDS, default="", allow_blank=True)


class GatheringCheckInInput(serializers.Serializer):
    code = serializers.CharField(max_length=60)


class SkillSerializer(serializers.Serializer):
    """An offer or want as neighbours read it: not whose it is."""

    id = serializers.IntegerField()
    side = serializers.ChoiceField(SkillSide.choices)
    category = serializers.CharField()
    category_name = serializers.CharField()
    title = serializers.CharField()
    about = serializers.CharField()
    where = serializers.CharField()
    estate_name = serializers.CharField()
    time = serializers.CharField()
    minutes = serializers.IntegerField()
    valid_from = serializers.DateField()
    valid_to = serializers.DateField(allow_null=True)
    state = serializers.ChoiceField(SkillState.choices)
    state_label = serializers.CharField()
    version = serializers.IntegerField()


class SkillInput(serializers.Serializer):
    """``weekdays``: 0 is Monday; none means any day."""

    side = serializers.ChoiceField(SkillSide.choices)
    category = serializers.CharField(max_length=30)
    title = serializers.CharField(max_length=60)
    about = serializers.CharField(max_length=500, default="", allow_blank=True)
    where = serializers.CharField(max_length=80, default="", allow_blank=True)
    weekdays = serializers.ListField(child=serializers.IntegerField(min_value=0, max_value=6), default=list,
                                     max_length=7)  # fmt: skip
    starts = serializers.TimeField(default="08:00")
    ends = serializers.TimeField(default="21:00")
    minutes = serializers.IntegerField(min_value=10, max_value=600, default=60)
    valid_from = serializers.DateField(default=None, allow_null=True)
    valid_to = serializers.DateField(default=None, allow_null=True)
    estate = serializers.CharField(max_length=30, default="", allow_blank=True)


class SuggestionSerializer(serializers.Serializer):
    """What fits, how well, and why."""

    entry = SkillSerializer()
    score = serializers.IntegerField()
    reasons = serializers.ListField(child=serializers.CharField())
    why = serializers.CharField()
    words = serializers.ListField(child=serializers.CharField())


class OwnMatchSerializer(serializers.Serializer):
    """A match of the caller; ``contact_name`` and ``contact_phone`` once both have confirmed."""

    id = serializers.IntegerField()
    state = serializers.ChoiceField(MatchState.choices)
    state_label = serializers.CharField()
    side = serializers.CharField()
    mine = SkillSerializer()
    theirs = SkillSerializer()
    why = serializers.CharField()
    i_confirmed = serializers.BooleanField()
    i_reported = serializers.BooleanField()
    i_rated = serializers.BooleanField()
    contact_name = serializers.CharField()
    contact_phone = serializers.CharField()
    version = serializers.IntegerField()


def _paged(view, rows, told, serializer, request):
    paginator = NewestFirst()
    page = paginator.paginate_queryset(rows, request, view=view)
    return paginator.get_paginated_response(serializer([told(row) for row in page], many=True).data)


def _event(request, pk: int) -> NeighbourEvent:
    found = NeighbourEvent.objects.of_residents(request.user).with_rows().filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


@extend_schema(tags=["me"])
class OwnGatheringsView(OfResidents):
    pagination_class = NewestFirst
    serializer_class = OwnGatheringLineSerializer

    @extend_schema(responses=OwnGatheringLineSerializer(many=True))
    def get(self, request):
        """Events of the own place, newest first; drafts are left out."""
        rows = NeighbourEvent.objects.of_residents(request.user).with_rows()
        return _paged(self, rows, event_line, OwnGatheringLineSerializer, request)


@extend_schema(tags=["me"])
class OwnGatheringView(OfResidents):
    @extend_schema(responses=OwnGatheringSerializer)
    def get(self, request, pk):
        """One event of the own place, with the own sign-up."""
        return Response(OwnGatheringSerializer(event_told(_event(request, pk), request.user)).data)


@extend_schema(tags=["me"])
class OwnSignUpView(OfResidents):
    @extend_schema(request=SignUpInput, responses={201: SignUpSerializer})
    @idempotent
    def post(self, request, pk):
        """Sign up to an event, or onto its waiting list."""
        given = SignUpInput(data=request.data)
        given.is_valid(raise_exception=True)
        made = sign_up(_event(request, pk), actor=request.user, **given.validated_data)
        row = SignUp.objects.with_rows().get(pk=made.pk)
        return Response(SignUpSerializer(row, context={"request": request}).data, status=status.HTTP_201_CREATED)


@extend_schema(tags=["me"])
class OwnFeedbackView(OfResidents):
    @extend_schema(request=FeedbackInput, responses=OwnGatheringSerializer)
    def post(self, request, pk):
        """Say how an event was, once."""
        given = FeedbackInput(data=request.data)
        given.is_valid(raise_exception=True)
        event = _event(request, pk)
        feedback_give(event, actor=request.user, **given.validated_data)
        return Response(OwnGatheringSerializer(event_told(event, request.user)).data)


@extend_schema(tags=["me"])
class OwnVolunteeringView(OfResidents):
    @extend_schema(request=None, responses={201: VolunteeringSerializer})
    def post(self, request, pk):
        """Help with a task of an event."""
        mine = NeighbourEvent.objects.of_residents(request.user)
        task = VolunteerTask.objects.filter(pk=pk, event__in=mine).first()
        if task is None:
            raise Http404
        made = volunteer(task, actor=request.user)
        row = Volunteering.objects.with_rows().get(pk=made.pk)
        return Response(VolunteeringSerializer(row, context={"request": request}).data, status=status.HTTP_201_CREATED)


@extend_schema(tags=["me"])
class CheckInView(OfResidents):
    @extend_schema(request=GatheringCheckInInput, responses=SignUpSerializer)
    def post(self, request):
        """Check in by the code shown at the door."""
        given = GatheringCheckInInput(data=request.data)
        given.is_valid(raise_exception=True)
        made = event_check_in(actor=request.user, **given.validated_data)
        row = SignUp.objects.with_rows().get(pk=made.pk)
        return Response(SignUpSerializer(row, context={"request": request}).data)


@extend_schema(tags=["me"])
class SkillCategoriesView(OfResidents):
    @extend_schema(responses=SkillCategorySerializer(many=True))
    def get(self, request):
        """The kinds of skill in use, by code."""
        rows = SkillCategory.objects.visible_to(request.user).filter(is_active=True).order_by("code")
        return Response(SkillCategorySerializer(rows, many=True).data)


@extend_schema(tags=["me"])
class OwnSkillsView(OfResidents):
    pagination_class = NewestFirst
    serializer_class = SkillSerializer

    @extend_schema(responses=SkillSerializer(many=True))
    def get(self, request):
        """The own offers and wants, newest first."""
        rows = SkillEntry.objects.visible_to(request.user).filter(person=request.user).with_rows()
        return _paged(self, rows, entry_told, SkillSerializer, request)

    @extend_schema(request=SkillInput, responses={201: SkillSerializer})
    @idempotent
    def post(self, request):
        """Offer or want something."""
        given = SkillInput(data=request.data)
        given.is_valid(raise_exception=True)
        form = SkillForm(given.validated_data, user=request.user)
        if not form.is_valid():
            raise of_form(form)
        made = skill_add(actor=request.user, **form.cleaned_data)
        row = SkillEntry.objects.with_rows().get(pk=made.pk)
        return Response(SkillSerializer(entry_told(row)).data, status=status.HTTP_201_CREATED)


@extend_schema(tags=["me"])
class OwnSuggestionsView(OfResidents):
    @extend_schema(responses=SuggestionSerializer(many=True))
    def get(self, request, pk):
        """What fits an own offer or want, the best first, and why."""
        rows = SkillEntry.objects.visible_to(request.user).filter(person=request.user).with_rows()
        entry = rows.filter(pk=pk).first()
        if entry is None:
            raise Http404
        found = suggestions_of(entry, timezone.localdate()) if entry.state == SkillState.OPEN else []
        told = [
            {"entry": entry_told(row), "score": fits.score, "reasons": fits.reasons, "why": reasons_text(fits.reasons),
             "words": fits.words}
            for row, fits in found
        ]  # fmt: skip
        return Response(SuggestionSerializer(told, many=True).data)


@extend_schema(tags=["me"])
class OwnMatchesView(OfResidents):
    pagination_class = NewestFirst
    serializer_class = OwnMatchSerializer

    @extend_schema(responses=OwnMatchSerializer(many=True))
    def get(self, request):
        """The own matches, newest first."""
        rows = SkillMatch.objects.of_person(request.user).with_rows()
        return _paged(self, rows, lambda row: match_told(row, request.user), OwnMatchSerializer, request)

    @extend_schema(request=ProposeInput, responses={201: OwnMatchSerializer})
    def post(self, request):
        """Propose that an own entry and a neighbour's fit; one's own side is confirmed by it."""
        given = ProposeInput(data=request.data)
        given.is_valid(raise_exception=True)
        pair = given.validated_data
        mine, theirs = _pair(request.user, pair["offer"], pair["want"])
        offer, want = (mine, theirs) if mine.side == SkillSide.OFFER else (theirs, mine)
        made = match_propose(actor=request.user, offer=offer, want=want)
        row = SkillMatch.objects.with_rows().get(pk=made.pk)
        return Response(OwnMatchSerializer(match_told(row, request.user)).data, status=status.HTTP_201_CREATED)


def _pair(user, offer: int, want: int) -> tuple[SkillEntry, SkillEntry]:
    """Return (own entry, the one suggested for it). Raises Http404 for any other pair."""
    mine = SkillEntry.objects.visible_to(user).filter(person=user, pk__in=[offer, want]).with_rows().first()
    if mine is None or mine.state != SkillState.OPEN:
        raise Http404
    other = want if mine.pk == offer else offer
    theirs = next((row for row, _fit in suggestions_of(mine, timezone.localdate()) if row.pk == other), None)
    if theirs is None:
        raise Http404
    return mine, theirs
