"""JSON of joint work. ``dispute`` is the number of a dispute (D000012); units, venues and people stand by their codes.

Lists show no words; one object does, and that it was read is recorded.
"""

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from governance.workflow import available
from mediation.access_labels import what_told, who_told
from mediation.joint.notes import takers_of
from mediation.models import (
    AccessKind,
    DepartmentTask,
    DisputeAccess,
    EscalationDirection,
    EscalationRequest,
    EscalationState,
    FormerAnswer,
    FormerResult,
    HelperInvitation,
    HelperStanding,
    HelperState,
    InvitationState,
    MediationNote,
    NoteKind,
    RespectedHelper,
    Sitting,
    SittingKind,
    SittingState,
    TaskState,
    Track,
    TrackKind,
    TrackState,
)


class StepsSerializer(serializers.ModelSerializer):
    """Adds what the caller may do now."""

    state_label = serializers.CharField(source="get_state_display")
    transitions = serializers.SerializerMethodField()

    def get_transitions(self, row) -> list[str]:
        return [step.name for step in available(row, self.context["request"].user)]


class OfDisputeSerializer(StepsSerializer):
    """A row of a dispute: its number and type."""

    dispute = serializers.CharField(source="dispute.number")
    dispute_type = serializers.CharField(source="dispute.type.code")


OF_DISPUTE = ["id", "dispute", "dispute_type", "state", "state_label", "version", "transitions"]


class TakeoverSerializer(OfDisputeSerializer):
    """That another unit takes a dispute over."""

    state = serializers.ChoiceField(EscalationState.choices)
    direction = serializers.ChoiceField(EscalationDirection.choices)
    from_unit = serializers.CharField(source="from_unit.code")
    to_unit = serializers.CharField(source="to_unit.code")
    mediator = serializers.CharField(source="mediator.username", default=None, allow_null=True)

    class Meta:
        model = EscalationRequest
        fields = [*OF_DISPUTE, "direction", "from_tier", "to_tier", "from_unit", "to_unit", "mediator", "requested_at",
                  "accepted_at", "ended_at"]  # fmt: skip
        read_only_fields = fields


class TakeoverDetailSerializer(TakeoverSerializer):
    """With the reason, and the codes of what had suggested it."""

    class Meta(TakeoverSerializer.Meta):
        fields = [*TakeoverSerializer.Meta.fields, "reason", "suggested_by"]
        read_only_fields = fields


class TrackSerializer(OfDisputeSerializer):
    """One of the three tracks."""

    state = serializers.ChoiceField(TrackState.choices)
    kind = serializers.ChoiceField(TrackKind.choices)
    organ = serializers.CharField(source="organ.code")

    class Meta:
        model = Track
        fields = [*OF_DISPUTE, "round", "kind", "organ", "is_lead", "legal_basis", "invited_at", "accepted_at",
                  "hand_in_by", "ended_at"]  # fmt: skip
        read_only_fields = fields


class FormerResultSerializer(serializers.ModelSerializer):
    """What stood as the result before it was put right."""

    given_by = serializers.CharField(source="given_by.username")

    class Meta:
        model = FormerResult
        fields = ["result", "document", "given_by", "given_at"]
        read_only_fields = fields


class TrackDetailSerializer(TrackSerializer):
    """With what the organ is told, what came of it, and what stood there before it was put right, the newest first."""

    former_results = serializers.SerializerMethodField()

    class Meta(TrackSerializer.Meta):
        fields = [*TrackSerializer.Meta.fields, "briefing", "document", "result", "former_results"]
        read_only_fields = fields

    @extend_schema_field(FormerResultSerializer(many=True))
    def get_former_results(self, track) -> list[dict]:
        return FormerResultSerializer(track.former_results.with_rows().order_by("-id"), many=True).data


class FormerAnswerSerializer(serializers.ModelSerializer):
    """What the department had answered before it was asked again; `text` empty: nothing by that day."""

    answered_by = serializers.CharField(source="answered_by.username", default=None, allow_null=True)

    class Meta:
        model = FormerAnswer
        fields = ["text", "answer_by", "answered_by", "answered_at"]
        read_only_fields = fields


class DepartmentTaskSerializer(OfDisputeSerializer):
    """A task of a department. ``days_overdue``: how many days ago the answer that is waited for was due, else 0."""

    days_overdue = serializers.IntegerField()
    state = serializers.ChoiceField(TaskState.choices)
    unit = serializers.CharField(source="unit.code")

    class Meta:
        model = DepartmentTask
        fields = [*OF_DISPUTE, "unit", "answer_by", "days_overdue", "asked_at", "answered_at", "closed_at"]
        read_only_fields = fields


class DepartmentTaskDetailSerializer(DepartmentTaskSerializer):
    """With the facts given, the question, the answer, and the former answers, the newest first."""

    former_answers = serializers.SerializerMethodField()

    class Meta(DepartmentTaskSerializer.Meta):
        fields = [*DepartmentTaskSerializer.Meta.fields, "facts", "question", "answer_text", "former_answers"]
        read_only_fields = fields

    @extend_schema_field(FormerAnswerSerializer(many=True))
    def get_former_answers(self, task) -> list[dict]:
        return FormerAnswerSerializer(task.former_answers.with_rows().order_by("-id"), many=True).data


class SittingSerializer(OfDisputeSerializer):
    """A sitting; ``booking`` is the id of the room's booking."""

    state = serializers.ChoiceField(SittingState.choices)
    kind = serializers.ChoiceField(SittingKind.choices)
    venue = serializers.CharField(source="venue.code", default=None, allow_null=True)
    booking = serializers.IntegerField(source="booking_id", allow_null=True)

    class Meta:
        model = Sitting
        fields = [*OF_DISPUTE, "kind", "starts_at", "ends_at", "venue", "booking", "together", "held_at"]
        read_only_fields = fields


class SittingDetailSerializer(SittingSerializer):
    """With place, link, and the ids of the parties who came."""

    present = serializers.SerializerMethodField()

    class Meta(SittingSerializer.Meta):
        fields = [*SittingSerializer.Meta.fields, "place", "link", "together_reason", "present"]
        read_only_fields = fields

    def get_present(self, sitting) -> list[int]:
        return [party.pk for party in sitting.present.order_by("pk")]


class NoteSerializer(serializers.ModelSerializer):
    """A note, without its text."""

    dispute = serializers.CharField(source="dispute.number")
    kind = serializers.ChoiceField(NoteKind.choices)
    sitting = serializers.IntegerField(source="sitting_id", allow_null=True)
    party = serializers.IntegerField(source="party_id", allow_null=True)
    written_by = serializers.CharField(source="written_by.username")

    class Meta:
        model = MediationNote
        fields = ["id", "dispute", "kind", "sitting", "party", "written_by", "written_at"]
        read_only_fields = fields


class RecordTakenSerializer(serializers.ModelSerializer):
    """One reading, or taking, of what was a record then."""

    kind = serializers.ChoiceField(AccessKind.choices)
    who = serializers.SerializerMethodField()
    what = serializers.SerializerMethodField()

    class Meta:
        model = DisputeAccess
        fields = ["at", "who", "kind", "what"]
        read_only_fields = fields

    def get_who(self, access) -> str:
        """A person by name, a party by the side."""
        return who_told(access)

    def get_what(self, access) -> str:
        """What was read, in words."""
        return what_told(access)


class NoteDetailSerializer(NoteSerializer):
    """A note with its text. ``taken``: who read or took it while it was a record, where it was made a caucus note."""

    taken = serializers.SerializerMethodField()

    class Meta(NoteSerializer.Meta):
        fields = [*NoteSerializer.Meta.fields, "text", "taken"]
        read_only_fields = fields

    @extend_schema_field(RecordTakenSerializer(many=True))
    def get_taken(self, note):
        return RecordTakenSerializer(takers_of(note), many=True).data


class RespectedHelperSerializer(StepsSerializer):
    """An entry of the register; ``types``: codes of the types of dispute they help with."""

    state = serializers.ChoiceField(HelperState.choices)
    standing = serializers.ChoiceField(HelperStanding.choices)
    name = serializers.CharField(source="user.name")
    user = serializers.CharField(source="user.username")
    area = serializers.CharField(source="area.code")
    types = serializers.SerializerMethodField()
    invitations = serializers.IntegerField()

    class Meta:
        model = RespectedHelper
        fields = ["id", "user", "name", "area", "standing", "about", "types", "languages", "interests", "state",
                  "state_label", "registered_at", "left_on", "invitations", "version", "transitions"]  # fmt: skip
        read_only_fields = fields

    def get_types(self, helper) -> list[str]:
        return [row.code for row in helper.fields.all()]


class HelperInvitationSerializer(OfDisputeSerializer):
    """An invitation; ``helper`` is the id of the entry in the register."""

    state = serializers.ChoiceField(InvitationState.choices)
    helper = serializers.IntegerField(source="helper_id")

    class Meta:
        model = HelperInvitation
        fields = [*OF_DISPUTE, "helper", "until", "proposed_at", "invited_at", "no_conflict_at", "ended_at", "hours"]
        read_only_fields = fields


class HelperInvitationDetailSerializer(HelperInvitationSerializer):
    """With all that the helper is told."""

    class Meta(HelperInvitationSerializer.Meta):
        fields = [*HelperInvitationSerializer.Meta.fields, "summary", "thanks"]
        read_only_fields = fields


class EscalationSuggestionSerializer(serializers.Serializer):
    """Why a higher tier should take a dispute over: days, people, violence, earlier_failure, reopened."""

    code = serializers.CharField()
    text = serializers.CharField()


class DisputeSuggestionsSerializer(serializers.Serializer):
    """A dispute with its suggestions."""

    dispute = serializers.CharField()
    tier = serializers.CharField()
    suggestions = EscalationSuggestionSerializer(many=True)


class HelperFiguresSerializer(serializers.Serializer):
    """Of one type: disputes ended with the help of respected locals, with an agreement, and the share in per cent; null
    where there are too few to tell. `until`: the last day counted, for who only counts (null: to this moment)."""

    code = serializers.CharField()
    name = serializers.CharField()
    ended = serializers.IntegerField(allow_null=True)
    agreed = serializers.IntegerField(allow_null=True)
    share = serializers.IntegerField(allow_null=True)
    until = serializers.DateField(allow_null=True)
