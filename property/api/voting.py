"""REST door of decisions: for residents their estate's and their own votes, for organisers everything else."""

import django_filters as filters
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound, PermissionDenied
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response

from governance.api.filters import AreaFilter, CodedFilterSet, CodeFilter
from governance.api.idempotency import idempotent
from governance.api.paging import NewestFirst, OldestFirst
from governance.api.transitions import TransitionsMixin
from governance.api.views import ScopedViewSet
from governance.models import Estate
from property.api import voting_inputs as inputs
from property.api import voting_serializers as shapes
from property.models import Ballot, Resolution, ResolutionKind, ResolutionState, RollEntry, RuleSet
from property.voting.ballots import conflict_decide
from property.voting.online import ballots_cast
from property.voting.papers import ballot_read, ballot_settle
from property.voting.resolutions import resolution_propose
from property.voting.rolls import roll_draw, roll_entry_change


class RuleSetFilters(CodedFilterSet):
    kind = filters.ChoiceFilter(choices=ResolutionKind.choices)

    class Meta(CodedFilterSet.Meta):
        model = RuleSet


@extend_schema(tags=["decisions"])
class RuleSetViewSet(mixins.ListModelMixin, ScopedViewSet):
    """Rule sets, all versions: by which rule is counted, and where it comes from. Anybody signed in may read them."""

    queryset = RuleSet.objects.select_related("area").defer("area__boundary")
    serializer_class = shapes.RuleSetSerializer
    filterset_class = RuleSetFilters
    permission_classes = [IsAuthenticated]
    pagination_class = NewestFirst


class ResolutionFilters(CodedFilterSet):
    """``state`` may be given several times."""

    state = filters.MultipleChoiceFilter(choices=ResolutionState.choices)
    kind = filters.ChoiceFilter(choices=ResolutionKind.choices)
    area = AreaFilter()
    estate = CodeFilter("estate__code", model=Estate, label=_("Code of an estate."))

    class Meta(CodedFilterSet.Meta):
        model = Resolution


def checked(input_class, request, **context) -> dict:
    """Return the body as ``input_class`` reads it. Raises ValidationError."""
    given = input_class(data=request.data, context={"request": request, **context})
    given.is_valid(raise_exception=True)
    return given.validated_data


def one_thing(**options):
    """An action on one resolution that takes no filters and answers with no list."""
    return action(detail=True, methods=["post"], filterset_class=None, pagination_class=None, **options)


@extend_schema(tags=["decisions"])
class ResolutionViewSet(TransitionsMixin, mixins.ListModelMixin, ScopedViewSet):
    """Resolutions the caller may see, newest first: at work those of the area, at home those of the own estate once
    they are open to residents; anything else is 404.
    """

    queryset = Resolution.objects.with_rows()
    serializer_class = shapes.ResolutionSerializer
    filterset_class = ResolutionFilters
    lookup_value_regex = "[0-9]{1,18}"
    permission_classes = [IsAuthenticated]

    def answer_with(self, resolution: Resolution) -> dict:
        """Return the JSON of a resolution the caller has just moved on, loaded anew."""
        return self.get_serializer(self.queryset.get(pk=resolution.pk)).data

    @extend_schema(request=inputs.ResolutionInput, responses={201: shapes.ResolutionSerializer})
    @idempotent
    def create(self, request):
        """Propose a resolution, of an estate or of an area."""
        made = resolution_propose(actor=request.user, **checked(inputs.ResolutionInput, request))
        return Response(self.answer_with(made), status=status.HTTP_201_CREATED)

    @extend_schema(responses=shapes.ResolutionDetailSerializer)
    def retrieve(self, request, pk):
        """One resolution: rule in words, turnout, the computation step by step once counted, the caller's votes."""
        return Response(self._detail(self.get_object()))

    def _detail(self, resolution: Resolution) -> dict:
        return shapes.ResolutionDetailSerializer(resolution, context={"request": self.request}).data

    @extend_schema(request=inputs.BallotVoteInput, responses=shapes.ResolutionDetailSerializer)
    @one_thing()
    def votes(self, request, pk):
        """Vote for the dwellings the caller is the voter of (`own_votes`): all that are sent, or none.

        No `Idempotency-Key` here: what it keeps of a body would tell how somebody voted.
        """
        resolution = self.get_object()
        choices = {vote["entry"]: vote["choice"] for vote in checked(inputs.BallotVoteInput, request)["votes"]}
        ballots_cast(resolution, actor=request.user, choices=choices)
        return Response(self._detail(self.queryset.get(pk=resolution.pk)))

    @extend_schema(request=inputs.RollDrawInput, responses=shapes.ResolutionDetailSerializer)
    @one_thing()
    def draw(self, request, pk):
        """Draw the owners' roll anew, until the announcement freezes it."""
        resolution = self.get_object()
        roll_draw(resolution, actor=request.user, **checked(inputs.RollDrawInput, request))
        return Response(self._detail(self.queryset.get(pk=resolution.pk)))

    @extend_schema(operation_id="resolutions_roll_list", responses=shapes.RollEntrySerializer(many=True))
    @action(detail=True, filterset_class=None)
    def roll(self, request, pk):
        """The owners' roll, for who carries decisions through."""
        rows = self._entries(request, self.get_object())
        voted = Exists(Ballot.objects.filter(entry=OuterRef("pk")))
        rows = rows.select_related("dwelling__building__estate", "dwelling__entrance", "roll__resolution").annotate(
            has_ballot=voted
        )
        pages = OldestFirst()
        page = pages.paginate_queryset(rows, request, view=self)
        return pages.get_paginated_response(shapes.RollEntrySerializer(page, many=True).data)

    def _entries(self, request, resolution: Resolution):
        """Return the entries of the roll for who may read them. Raises PermissionDenied."""
        if not request.user.has_perm("property.view_rollentry"):
            raise PermissionDenied
        return RollEntry.objects.visible_to(request.user).filter(roll=resolution.roll_id)

    def _entry(self, request, resolution: Resolution, number: str) -> RollEntry:
        entry = self._entries(request, resolution).filter(number=int(number)).first()
        if entry is None:
            raise NotFound
        return entry

    @extend_schema(request=inputs.RollEntryInput, responses=shapes.RollEntrySerializer)
    @one_thing(url_path=r"roll/(?P<number>[0-9]{1,9})")
    def mend(self, request, pk, number):
        """Mend an entry of a roll that is not frozen: its area, or whose head it is."""
        entry = self._entry(request, self.get_object(), number)
        fresh = roll_entry_change(entry, actor=request.user, **checked(inputs.RollEntryInput, request))
        fresh.has_ballot = False
        return Response(shapes.RollEntrySerializer(fresh).data)

    @extend_schema(request=inputs.BallotDecideInput, responses=shapes.BallotDecisionSerializer)
    @one_thing(url_path=r"roll/(?P<number>[0-9]{1,9})/decision")
    def decide(self, request, pk, number):
        """Decide which of the contradicting ballots of a dwelling counts."""
        resolution = self.get_object()
        entry, given = self._entry(request, resolution, number), checked(inputs.BallotDecideInput, request)
        ballot = None if given["ballot"] is None else self._ballot(request, resolution, given["ballot"])
        decision = conflict_decide(resolution, entry, actor=request.user, ballot=ballot, reason=given["reason"])
        return Response(shapes.BallotDecisionSerializer(decision).data)

    def _ballots(self, request, resolution: Resolution):
        """Return the ballots of a vote for who may see them. Raises PermissionDenied."""
        if not request.user.has_perm("property.view_ballot"):
            raise PermissionDenied
        rows = Ballot.objects.visible_to(request.user).filter(entry__roll=resolution.roll_id)
        return rows.select_related("entry")

    def _ballot(self, request, resolution: Resolution, pk: int) -> Ballot:
        ballot = self._ballots(request, resolution).filter(pk=pk).first()
        if ballot is None:
            raise NotFound
        return ballot

    @extend_schema(operation_id="resolutions_ballots_list", responses=shapes.BallotSerializer(many=True))
    @action(detail=True, filterset_class=None)
    def ballots(self, request, pk):
        """Ballots, newest first, for who carries decisions through; of a secret vote never what they say."""
        resolution = self.get_object()
        pages = NewestFirst()
        page = pages.paginate_queryset(self._ballots(request, resolution), request, view=self)
        shown = shapes.BallotSerializer(page, many=True, context={"resolution": resolution})
        return pages.get_paginated_response(shown.data)

    @extend_schema(request=inputs.PaperReadingInput, responses={201: shapes.BallotSerializer})
    @one_thing()
    def readings(self, request, pk):
        """Enter what the caller reads on a paper: the first reading, or the second of somebody else's."""
        resolution = self.get_object()
        ballot = ballot_read(resolution, actor=request.user, **checked(inputs.PaperReadingInput, request))
        shown = shapes.BallotSerializer(ballot, context={"resolution": resolution})
        return Response(shown.data, status=status.HTTP_201_CREATED)

    @extend_schema(request=inputs.BallotSettleInput, responses=shapes.BallotSerializer)
    @one_thing(url_path=r"ballots/(?P<ballot_id>[0-9]{1,18})/settle")
    def settle(self, request, pk, ballot_id):
        """Settle what a paper says that two people read differently."""
        resolution = self.get_object()
        ballot = self._ballot(request, resolution, int(ballot_id))
        fresh = ballot_settle(resolution, ballot, actor=request.user, **checked(inputs.BallotSettleInput, request))
        return Response(shapes.BallotSerializer(fresh, context={"resolution": resolution}).data)
