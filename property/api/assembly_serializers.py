"""JSON of assemblies. A key that names a row holds its code, number or id; ``<key>_name`` stands beside it.

``transitions``: what the caller may do now.
"""

from rest_framework import serializers

from governance.api.fields import MomentField, PhotosField
from governance.scoping import grant_for
from property.assembly.attendance import quorum_of
from property.assembly.minutes import answers_of
from property.assembly.months import MonthState
from property.assembly.offered import offered
from property.assembly.querysets import LOOKS, RUNS
from property.assembly.record import people_of, topics_of
from property.assembly.session_workflow import READ_BY_ALL
from property.models import (
    AgendaItem,
    AgendaState,
    Assembly,
    AssemblySession,
    FollowUpItem,
    FollowUpState,
    Invitation,
    InvitationState,
    Minutes,
    SeatRole,
    SessionState,
    TopicSource,
)


class WithTransitions(serializers.ModelSerializer):
    """What all workflow objects tell."""

    state_label = serializers.CharField(source="get_state_display")
    area = serializers.CharField(source="area.code")
    area_name = serializers.CharField(source="area.name")
    transitions = serializers.SerializerMethodField()

    def get_transitions(self, obj) -> list[str]:
        return [step.name for step in offered(obj, self.context["request"].user)]


class AssemblyMonthSerializer(serializers.Serializer):
    """Whether the assembly met in a month; ``missed`` and ``late`` are shown red."""

    month = serializers.CharField()
    state = serializers.ChoiceField(MonthState.choices)
    session = serializers.IntegerField(allow_null=True)


class AssemblySerializer(serializers.ModelSerializer):
    """``months``: the last six, oldest first."""

    chair = serializers.CharField(source="chair.code")
    chair_name = serializers.CharField(source="chair.name")
    area = serializers.CharField(source="area.code")
    area_name = serializers.CharField(source="area.name")
    estate = serializers.CharField(source="estate.code", default=None, allow_null=True)
    estate_name = serializers.CharField(source="estate.name", default="")
    rule_text = serializers.CharField()
    quorum_text = serializers.CharField()
    venue = serializers.CharField(source="venue.code", default=None, allow_null=True)
    months = serializers.SerializerMethodField()

    class Meta:
        model = Assembly
        fields = [
            "code", "name", "chair", "chair_name", "area", "area_name", "estate", "estate_name", "rule_text", "starts",
            "minutes", "venue", "collect_days", "notice_days", "quorum_text", "valid_from", "is_active", "months",
        ]  # fmt: skip
        read_only_fields = fields

    def get_months(self, assembly) -> AssemblyMonthSerializer(many=True):
        told = self.context["months"][assembly.pk]
        return [
            {"month": f"{one.month:%Y-%m}", "state": one.state, "session": one.session.pk if one.session else None}
            for one in told
        ]


class AssemblySessionSerializer(WithTransitions):
    """A session as lists show it. ``moved_from`` is the day by the rule where it is on another one."""

    assembly = serializers.CharField(source="assembly.code")
    assembly_name = serializers.CharField(source="assembly.name")
    state = serializers.ChoiceField(SessionState.choices)
    moved_from = serializers.DateField(allow_null=True)
    venue = serializers.CharField(source="venue.code", default=None, allow_null=True)
    place = serializers.CharField(source="place_text")
    booking = serializers.IntegerField(source="booking_id", allow_null=True)
    notice_until = serializers.DateTimeField()

    class Meta:
        model = AssemblySession
        fields = [
            "id", "assembly", "assembly_name", "area", "area_name", "state", "state_label", "month", "is_regular",
            "starts_at", "ends_at", "moved_from", "unsuitable_since", "venue", "place", "booking", "notice_until",
            "noticed_at", "opened_at", "closed_at", "confirmed_at", "published_at", "version", "transitions",
        ]  # fmt: skip
        read_only_fields = fields


class QuorumSerializer(serializers.Serializer):
    invited = serializers.IntegerField()
    present = serializers.IntegerField()
    needed = serializers.IntegerField()
    missing_roles = serializers.ListField(child=serializers.CharField())
    reached = serializers.BooleanField()


class InvitationSerializer(WithTransitions):
    """Who is asked. ``unit`` is a code, ``person`` a user name, ``name`` somebody without an account."""

    state = serializers.ChoiceField(InvitationState.choices)
    session = serializers.IntegerField(source="session_id")
    role = serializers.ChoiceField(SeatRole.choices)
    role_label = serializers.CharField(source="get_role_display")
    unit = serializers.CharField(source="unit.code", default=None, allow_null=True)
    person = serializers.CharField(source="person.username", default=None, allow_null=True)
    who = serializers.CharField()
    counts = serializers.BooleanField()
    signed_in_way = serializers.CharField()

    class Meta:
        model = Invitation
        fields = [
            "id", "session", "area", "area_name", "role", "role_label", "title", "unit", "person", "who", "stand_in",
            "counts", "state", "state_label", "signed_in_at", "signed_in_way", "version", "transitions",
        ]  # fmt: skip
        read_only_fields = fields


class FollowUpSerializer(WithTransitions):
    """An item with its chain: ``topic`` it follows from, ``session``, ``case`` and ``need`` (its id) made of it."""

    number = serializers.CharField()
    state = serializers.ChoiceField(FollowUpState.choices)
    assembly = serializers.CharField(source="assembly.code")
    topic = serializers.IntegerField(source="agenda_item_id")
    topic_title = serializers.CharField(source="agenda_item.title")
    session = serializers.IntegerField(source="agenda_item.session_id", allow_null=True)
    resolution = serializers.IntegerField(source="agenda_item.resolution_id", allow_null=True)
    owner_unit = serializers.CharField(source="owner_unit.code", default=None, allow_null=True)
    owner_unit_name = serializers.CharField(source="owner_unit.name", default="")
    owner = serializers.CharField(source="owner.username", default=None, allow_null=True)
    owner_name = serializers.CharField(source="owner.name", default="")
    overdue = serializers.BooleanField()
    case = serializers.CharField(source="case.number", default=None, allow_null=True)
    case_state = serializers.CharField(source="case.state", default=None, allow_null=True)
    need = serializers.IntegerField(source="need_id", allow_null=True)

    class Meta:
        model = FollowUpItem
        fields = [
            "id", "number", "assembly", "area", "area_name", "topic", "topic_title", "session", "resolution", "title",
            "state", "state_label", "owner_unit", "owner_unit_name", "owner", "owner_name", "due_on", "overdue",
            "result", "made_at", "closed_at", "case", "case_state", "need", "version", "transitions",
        ]  # fmt: skip
        read_only_fields = fields


def _said_is_read(topic: AgendaItem, user) -> bool:
    if topic.session is None or topic.session.state in READ_BY_ALL:
        return True
    return grant_for(RUNS | LOOKS, topic, user) is not None


class TopicSerializer(WithTransitions):
    """A topic with its chain: where it comes from (``case``, ``follow_up``, ``carried_from``), what came of it."""

    number = serializers.CharField()
    state = serializers.ChoiceField(AgendaState.choices)
    source = serializers.ChoiceField(TopicSource.choices)
    source_label = serializers.CharField(source="get_source_display")
    assembly = serializers.CharField(source="assembly.code")
    session = serializers.IntegerField(source="session_id", allow_null=True)
    case = serializers.CharField(source="case.number", default=None, allow_null=True)
    follow_up = serializers.CharField(source="follow_up.number", default=None, allow_null=True)
    carried_from = serializers.IntegerField(source="carried_from_id", allow_null=True)
    resolution = serializers.IntegerField(source="resolution_id", allow_null=True)
    resolution_title = serializers.CharField(source="resolution.title", default="")
    resolution_state = serializers.CharField(source="resolution.state", default=None, allow_null=True)
    seconds = serializers.SerializerMethodField()

    class Meta:
        model = AgendaItem
        fields = [
            "id", "number", "assembly", "area", "area_name", "session", "position", "title", "body", "source",
            "source_label", "state", "state_label", "on_notice", "case", "follow_up", "carried_from", "resolution",
            "resolution_title", "resolution_state", "seconds", "answer", "discussion", "outcome", "proposed_at",
            "decided_at", "version", "transitions",
        ]  # fmt: skip
        read_only_fields = fields

    def to_representation(self, topic):
        """Leave out what was said where the caller reads it as the proposer, until it is published."""
        told = super().to_representation(topic)
        if self.context.get("guarded") and not _said_is_read(topic, self.context["request"].user):
            told |= {"discussion": "", "outcome": ""} | ({"follow_ups": []} if "follow_ups" in told else {})
        return told

    def get_seconds(self, topic) -> int:
        return topic.seconds_count if hasattr(topic, "seconds_count") else len(topic.seconds.all())


class TopicDetailSerializer(TopicSerializer):
    """A topic with the follow-up items that came of it."""

    follow_ups = serializers.SerializerMethodField()

    class Meta(TopicSerializer.Meta):
        fields = [*TopicSerializer.Meta.fields, "follow_ups"]
        read_only_fields = fields

    def get_follow_ups(self, topic) -> FollowUpSerializer(many=True):
        rows = FollowUpItem.objects.filter(agenda_item=topic).with_rows().order_by("id")
        return FollowUpSerializer(rows, many=True, context=self.context).data


class MinutesPartySerializer(serializers.Serializer):
    """What a party said to the minutes as they stand; ``agrees`` null: not answered."""

    party = serializers.CharField()
    agrees = serializers.BooleanField(allow_null=True)
    reason = serializers.CharField()
    at = serializers.DateTimeField(allow_null=True)


class MinutesSerializer(serializers.Serializer):
    text = serializers.CharField()
    text_version = serializers.IntegerField()
    written_at = serializers.DateTimeField()
    parties = MinutesPartySerializer(many=True)


class AssemblySessionDetailSerializer(AssemblySessionSerializer):
    """A session with its agenda, who is asked, the quorum, and the minutes."""

    quorum = serializers.SerializerMethodField()
    agenda = serializers.SerializerMethodField()
    invitations = serializers.SerializerMethodField()
    minutes = serializers.SerializerMethodField()

    class Meta(AssemblySessionSerializer.Meta):
        fields = [*AssemblySessionSerializer.Meta.fields, "quorum", "agenda", "invitations", "minutes"]
        read_only_fields = fields

    def get_quorum(self, session) -> QuorumSerializer:
        return QuorumSerializer(quorum_of(session)).data

    def get_agenda(self, session) -> TopicSerializer(many=True):
        return TopicSerializer(topics_of(session), many=True, context=self.context).data

    def get_invitations(self, session) -> InvitationSerializer(many=True):
        return InvitationSerializer(people_of(session), many=True, context=self.context).data

    def get_minutes(self, session) -> MinutesSerializer(allow_null=True):
        minutes = Minutes.objects.filter(session=session).first()
        if minutes is None:
            return None
        parties = [
            {"party": party.label, "agrees": answer.agrees if answer else None,
             "reason": answer.reason if answer else "", "at": answer.at if answer else None}
            for party, answer in answers_of(session)
        ]  # fmt: skip
        told = {"text": minutes.text, "text_version": minutes.text_version, "written_at": minutes.written_at}
        return MinutesSerializer(told | {"parties": parties}).data


class AssemblySessionInput(serializers.Serializer):
    """A session made by hand; ``venue`` is a code, ``place`` says where else. Times carry their zone.

    ``month``: a day of the earlier month it is held for, where that was missed.
    """

    assembly = serializers.CharField(max_length=30)
    starts_at = MomentField()
    ends_at = MomentField()
    venue = serializers.CharField(max_length=30, required=False, allow_null=True, default=None)
    place = serializers.CharField(max_length=120, required=False, allow_blank=True, default="")
    month = serializers.DateField(required=False, allow_null=True, default=None)


class TopicInput(serializers.Serializer):
    """What a resident puts forward; ``assembly`` is a code."""

    assembly = serializers.CharField(max_length=30)
    title = serializers.CharField(max_length=120)
    body = serializers.CharField(max_length=4000, required=False, allow_blank=True, default="")
    photos = PhotosField()


class SignInCodeInput(serializers.Serializer):
    """The code shown in the room."""

    code = serializers.CharField(max_length=60)


class SignInCodeSerializer(serializers.Serializer):
    """The code to show now, the address it stands for, and until when a new one is due."""

    code = serializers.CharField()
    url = serializers.URLField()
    open = serializers.BooleanField()
    lives_seconds = serializers.IntegerField()
