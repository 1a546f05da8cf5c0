"""REST door of joint work: takeovers, tracks, tasks, sittings, notes, respected locals. Every write is a service."""

import django_filters as filters
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response

from governance.api.filters import CodedFilterSet, CodeFilter, YesNoFilter
from governance.api.idempotency import ReadsAgain, idempotent
from governance.api.transitions import TransitionsMixin
from governance.api.views import ApiView, ScopedViewSet
from governance.errors import NotPermitted
from governance.models import OrgUnit
from governance.scoping import grant_for, visible_q
from mediation.access import access_record
from mediation.api import joint_inputs as inputs
from mediation.api import joint_serializers as told
from mediation.api.files import TrackFilesMixin
from mediation.joint.figures import COUNTS, helper_figures
from mediation.joint.invitations import invitation_propose
from mediation.joint.notes import note_keep_back, note_write
from mediation.joint.respected_helpers import helper_register
from mediation.joint.sittings import sitting_plan
from mediation.joint.suggestions import suggested_to
from mediation.joint.tasks import tasks_ask
from mediation.joint.tiers import tier_escalate, tier_hand_down
from mediation.joint.tracks import track_invite
from mediation.models import (
    DepartmentTask,
    EscalationDirection,
    EscalationRequest,
    EscalationState,
    HelperInvitation,
    HelperState,
    InvitationState,
    MediationNote,
    NoteKind,
    RespectedHelper,
    Sitting,
    SittingState,
    TaskState,
    Track,
    TrackState,
)


def filters_for(of_model, choices, field="state"):
    """Return the filters of a list: the dispute by its key, and ``state`` (or ``kind``), several times if need be."""

    class RowFilters(CodedFilterSet):
        dispute = filters.NumberFilter("dispute_id", min_value=1, max_value=2**63 - 1)
        locals()[field] = filters.MultipleChoiceFilter(choices=choices)

        class Meta(CodedFilterSet.Meta):
            model = of_model

    RowFilters.__name__ = f"{of_model.__name__}Filters"
    return RowFilters


class OfDisputeViewSet(ReadsAgain, mixins.ListModelMixin, ScopedViewSet):
    """Rows of disputes that the caller may see, newest first. Reading one is recorded."""

    lookup_value_regex = "[0-9]{1,18}"
    free_actions = ("transition", "create")
    detail_serializer = None
    input_serializer = None

    def row_told(self, pk) -> dict:
        """Return the JSON of one row with its words, loaded anew; that it was read is recorded, also where the row was
        just made or moved on."""
        row = self.queryset.all().get(pk=pk)
        grant = grant_for(type(row).objects.none().VISIBLE, row, self.request.user)
        access_record(row.dispute, actor=self.request.user, what=f"{row._meta.label_lower} {row.pk}",
                      role=grant.role if grant else "")  # fmt: skip
        return self.detail_serializer(row, context=self.get_serializer_context()).data

    def answer_with(self, row) -> dict:
        return self.row_told(row.pk)

    def retrieve(self, request, pk):
        """One of them, with its words; that it was read is recorded."""
        return Response(self.row_told(self.get_object().pk))

    def given(self, request) -> dict:
        """Return the judged body."""
        sent = self.input_serializer(data=request.data, context=self.get_serializer_context())
        sent.is_valid(raise_exception=True)
        return dict(sent.validated_data)

    def made(self, row) -> Response:
        return Response(self.row_told(row.pk), status=status.HTTP_201_CREATED)


@extend_schema(tags=["joint mediation"])
class TakeoverViewSet(TransitionsMixin, OfDisputeViewSet):
    """Requests that another unit take a dispute over, up or down."""

    queryset = EscalationRequest.objects.with_rows()
    serializer_class = told.TakeoverSerializer
    detail_serializer = told.TakeoverDetailSerializer
    input_serializer = inputs.TakeoverInput
    filterset_class = filters_for(EscalationRequest, EscalationState.choices)

    @extend_schema(responses=told.TakeoverDetailSerializer)
    def retrieve(self, request, pk):
        """One request with its reason."""
        return super().retrieve(request, pk)

    @extend_schema(request=inputs.TakeoverInput, responses={201: told.TakeoverDetailSerializer})
    @idempotent
    def create(self, request):
        """Ask the unit of a higher tier, or hand down to a lower one."""
        given = self.given(request)
        ask = tier_escalate if given.pop("direction") == EscalationDirection.UP else tier_hand_down
        return self.made(ask(given.pop("dispute"), actor=request.user, **given))


@extend_schema(tags=["joint mediation"])
class TrackViewSet(TrackFilesMixin, TransitionsMixin, OfDisputeViewSet):
    """Tracks of joint mediation: of the disputes the caller works on, and of the caller's organ."""

    queryset = Track.objects.with_rows()
    serializer_class = told.TrackSerializer
    detail_serializer = told.TrackDetailSerializer
    input_serializer = inputs.TrackInput
    filterset_class = filters_for(Track, TrackState.choices)
    free_actions = ("transition", "create", "add_file")

    @extend_schema(responses=told.TrackDetailSerializer)
    def retrieve(self, request, pk):
        """One track with what its organ is told and its result."""
        return super().retrieve(request, pk)

    @extend_schema(request=inputs.TrackInput, responses={201: told.TrackDetailSerializer})
    @idempotent
    def create(self, request):
        """Invite an organ."""
        given = self.given(request)
        return self.made(track_invite(given.pop("dispute"), actor=request.user, **given))


class DepartmentTaskFilters(filters_for(DepartmentTask, TaskState.choices)):
    """``overdue``: the answer did not come by its day; ``unit``: of one department."""

    overdue = YesNoFilter(method="of_overdue")
    unit = CodeFilter("unit__code", model=OrgUnit, label=gettext_lazy("Code of a unit."))

    class Meta(CodedFilterSet.Meta):
        model = DepartmentTask

    def of_overdue(self, queryset, name, value):
        late = DepartmentTask.objects.late().values("pk")
        return queryset.filter(pk__in=late) if value else queryset.exclude(pk__in=late)


@extend_schema(tags=["joint mediation"])
class DepartmentTaskViewSet(TransitionsMixin, OfDisputeViewSet):
    """Tasks of departments; a department sees its own until they are closed."""

    queryset = DepartmentTask.objects.with_rows()
    serializer_class = told.DepartmentTaskSerializer
    detail_serializer = told.DepartmentTaskDetailSerializer
    input_serializer = inputs.DepartmentTasksInput
    filterset_class = DepartmentTaskFilters

    @extend_schema(responses=told.DepartmentTaskDetailSerializer)
    def retrieve(self, request, pk):
        """One task with the facts given, the question and the answer."""
        return super().retrieve(request, pk)

    @extend_schema(request=inputs.DepartmentTasksInput, responses={201: told.DepartmentTaskDetailSerializer(many=True)})
    @idempotent
    def create(self, request):
        """Ask departments; each gets a task of its own."""
        given = self.given(request)
        rows = tasks_ask(given.pop("dispute"), actor=request.user, **given)
        return Response([self.row_told(row.pk) for row in rows], status=status.HTTP_201_CREATED)


@extend_schema(tags=["joint mediation"])
class SittingViewSet(TransitionsMixin, OfDisputeViewSet):
    """Sittings of the disputes the caller works on."""

    queryset = Sitting.objects.with_rows()
    serializer_class = told.SittingSerializer
    detail_serializer = told.SittingDetailSerializer
    input_serializer = inputs.SittingInput
    filterset_class = filters_for(Sitting, SittingState.choices)

    @extend_schema(responses=told.SittingDetailSerializer)
    def retrieve(self, request, pk):
        """One sitting with its place, its link and who came."""
        return super().retrieve(request, pk)

    @extend_schema(request=inputs.SittingInput, responses={201: told.SittingDetailSerializer})
    @idempotent
    def create(self, request):
        """Plan a sitting; its room is booked at once."""
        given = self.given(request)
        return self.made(sitting_plan(given.pop("dispute"), actor=request.user, **given))


@extend_schema(tags=["joint mediation"])
class NoteViewSet(OfDisputeViewSet):
    """Notes: the record, and the caller's own notes of caucuses."""

    queryset = MediationNote.objects.with_rows()
    serializer_class = told.NoteSerializer
    detail_serializer = told.NoteDetailSerializer
    input_serializer = inputs.NoteInput
    filterset_class = filters_for(MediationNote, NoteKind.choices, field="kind")
    free_actions = ("create", "keep_back")

    @extend_schema(responses=told.NoteDetailSerializer)
    def retrieve(self, request, pk):
        """One note with its text."""
        return super().retrieve(request, pk)

    @extend_schema(request=inputs.NoteInput, responses={201: told.NoteDetailSerializer})
    @idempotent
    def create(self, request):
        """Write a note; its words are never changed."""
        given = self.given(request)
        return self.made(note_write(given.pop("dispute"), actor=request.user, **given))

    @extend_schema(request=inputs.KeepBackInput, responses=told.NoteDetailSerializer)
    @action(detail=True, methods=["post"], url_path="keep-back", filterset_class=None)
    def keep_back(self, request, pk):
        """Make a record a caucus note: its writer alone, with a reason, until the file is archived."""
        note = self.get_object()
        given = inputs.KeepBackInput(data=request.data)
        given.is_valid(raise_exception=True)
        return Response(self.row_told(note_keep_back(note, actor=request.user, **given.validated_data).pk))


@extend_schema(tags=["joint mediation"])
class HelperInvitationViewSet(TransitionsMixin, OfDisputeViewSet):
    """Invitations of respected locals; a helper reads the own ones until the last day."""

    queryset = HelperInvitation.objects.with_rows()
    serializer_class = told.HelperInvitationSerializer
    detail_serializer = told.HelperInvitationDetailSerializer
    input_serializer = inputs.HelperInvitationInput
    filterset_class = filters_for(HelperInvitation, InvitationState.choices)

    @extend_schema(responses=told.HelperInvitationDetailSerializer)
    def retrieve(self, request, pk):
        """One invitation with the summary."""
        return super().retrieve(request, pk)

    @extend_schema(request=inputs.HelperInvitationInput, responses={201: told.HelperInvitationDetailSerializer})
    @idempotent
    def create(self, request):
        """Propose a respected local to the parties."""
        given = self.given(request)
        return self.made(invitation_propose(given.pop("dispute"), actor=request.user, **given))


class HelperFilters(CodedFilterSet):
    """By state."""

    state = filters.MultipleChoiceFilter(choices=HelperState.choices)

    class Meta(CodedFilterSet.Meta):
        model = RespectedHelper


@extend_schema(tags=["joint mediation"])
class RespectedHelperViewSet(ReadsAgain, TransitionsMixin, mixins.ListModelMixin, mixins.RetrieveModelMixin,
                             ScopedViewSet):  # fmt: skip
    """The register of respected locals of the caller's areas."""

    queryset = RespectedHelper.objects.with_rows().with_invitations()
    serializer_class = told.RespectedHelperSerializer
    filterset_class = HelperFilters
    lookup_value_regex = "[0-9]{1,18}"
    free_actions = ("transition", "create")

    def answer_with(self, helper) -> dict:
        return self.get_serializer(self.queryset.all().get(pk=helper.pk)).data

    @extend_schema(request=inputs.RespectedHelperInput, responses={201: told.RespectedHelperSerializer})
    @idempotent
    def create(self, request):
        """Register a respected local."""
        sent = inputs.RespectedHelperInput(data=request.data, context=self.get_serializer_context())
        sent.is_valid(raise_exception=True)
        given = dict(sent.validated_data)
        given["fields"] = given.pop("types")
        helper = helper_register(actor=request.user, **given)
        return Response(self.answer_with(helper), status=status.HTTP_201_CREATED)

    @extend_schema(responses=told.HelperFiguresSerializer(many=True))
    @action(detail=False, filterset_class=None, pagination_class=None)
    def figures(self, request):
        """How disputes ended in which respected locals helped, by type; cells under five are null."""
        if visible_q(COUNTS, request.user) is None:
            raise NotPermitted(_("You do not count disputes."))
        return Response(told.HelperFiguresSerializer(helper_figures(request.user), many=True).data)


class SuggestionsView(ApiView):
    """Disputes of the caller for which a higher tier is suggested."""

    permission_classes = [IsAuthenticated]

    @extend_schema(tags=["joint mediation"], responses=told.DisputeSuggestionsSerializer(many=True))
    def get(self, request):
        """The caller's open disputes for which a higher tier is suggested, with the reasons; the oldest 200 at most."""
        told_rows = [
            {"dispute": dispute.number, "tier": dispute.tier, "suggestions": reasons}
            for dispute, reasons in suggested_to(request.user)
        ]
        return Response(told.DisputeSuggestionsSerializer(told_rows, many=True).data)
