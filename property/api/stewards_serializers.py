"""What the API says of stewards, and what it takes."""

from rest_framework import serializers

from cases.models import Case
from governance.api.fields import MomentField, PhotosField
from governance.api.registry.inputs import DwellingCodeField
from governance.api.venue_inputs import CodedField
from governance.models import Building, Dwelling
from property.api.others import MovedSerializer
from property.api.voting_inputs import SeenField
from property.models import (
    DisputeKind,
    DisputeSighting,
    DisputeUrgency,
    HoursEntry,
    JoinRequest,
    OutreachResult,
    OutreachVisit,
    ShiftDuty,
    StewardMember,
    StewardPlan,
    StewardShift,
    StewardTeam,
)
from property.stewards.members import teams_near


class StewardTeamSerializer(serializers.ModelSerializer):
    """``estate`` null: the whole area. ``leads``: who leads it today."""

    estate = serializers.CharField(source="estate.code", default=None, allow_null=True)
    area = serializers.CharField(source="area.code")
    organisation = serializers.CharField(source="organisation.code", default=None, allow_null=True)
    leads = serializers.SerializerMethodField()
    members = serializers.IntegerField(source="members_count")

    class Meta:
        model = StewardTeam
        fields = ["code", "name", "estate", "area", "organisation", "leads", "members", "is_active"]
        read_only_fields = fields

    def get_leads(self, one) -> list[str]:
        return [str(row.person) for row in one.leads]


class StewardMemberSerializer(serializers.ModelSerializer):
    team = serializers.CharField(source="team.code")
    name = serializers.CharField(source="person.get_full_name")
    kind_label = serializers.CharField(source="get_kind_display")

    class Meta:
        model = StewardMember
        fields = ["id", "team", "name", "kind", "kind_label", "is_lead", "valid_from", "valid_to"]
        read_only_fields = fields


class StewardPlanSerializer(serializers.ModelSerializer):
    """``day``: on that one day; otherwise on ``weekdays`` (Monday is 0)."""

    team = serializers.CharField(source="team.code")
    place = serializers.CharField(source="place_text")

    class Meta:
        model = StewardPlan
        fields = ["code", "team", "name", "weekdays", "day", "starts", "ends", "place", "wanted", "valid_from",
                  "valid_to"]  # fmt: skip
        read_only_fields = fields


class StewardShiftSerializer(MovedSerializer):
    """``taken`` of ``wanted`` places are held."""

    team = serializers.CharField(source="team.code")
    name = serializers.CharField(source="plan.name")
    taken = serializers.IntegerField(source="taken_count")

    class Meta:
        model = StewardShift
        fields = ["id", "team", "name", "date", "starts_at", "ends_at", "place", "wanted", "taken", "state",
                  "state_label", "version", "transitions"]  # fmt: skip
        read_only_fields = fields


class StewardDutySerializer(MovedSerializer):
    team = serializers.CharField(source="team.code")
    shift_name = serializers.CharField(source="shift.plan.name")
    name = serializers.CharField(source="member.person.get_full_name")

    class Meta:
        model = ShiftDuty
        fields = ["id", "shift", "shift_name", "team", "member", "name", "state", "state_label", "started_at",
                  "ended_at", "by_clock", "version", "transitions"]  # fmt: skip
        read_only_fields = fields


class StewardRequestSerializer(MovedSerializer):
    """``answer``: why the team said no."""

    team = serializers.CharField(source="team.code")
    name = serializers.CharField(source="person.get_full_name")
    answer = serializers.CharField(default="")

    class Meta:
        model = JoinRequest
        fields = ["id", "team", "name", "words", "state", "state_label", "answer", "asked_at", "version",
                  "transitions"]  # fmt: skip
        read_only_fields = fields


class OutreachSerializer(serializers.ModelSerializer):
    team = serializers.CharField(source="team.code")
    name = serializers.CharField(source="member.person.get_full_name")
    place = serializers.CharField(source="place_text")
    result_label = serializers.CharField(source="get_result_display")
    case = serializers.CharField(source="case.number", default=None, allow_null=True)

    class Meta:
        model = OutreachVisit
        fields = ["id", "team", "name", "topic", "place", "at", "minutes", "result", "result_label", "questions",
                  "case"]  # fmt: skip
        read_only_fields = fields


class SightingSerializer(MovedSerializer):
    """``words``: read by community staff and who reported. ``answer_due_at``: until when somebody answers.
    ``answer``: why there is nothing to settle."""

    team = serializers.CharField(source="team.code")
    place = serializers.CharField(source="place_text")
    kind_label = serializers.CharField(source="get_kind_display")
    reporter = serializers.CharField(source="reporter.get_full_name")
    case = serializers.CharField(source="case.number", default=None, allow_null=True)
    answer = serializers.CharField(default="")

    class Meta:
        model = DisputeSighting
        fields = ["id", "number", "team", "kind", "kind_label", "urgency", "place", "words", "reporter", "seen_at",
                  "answer_due_at", "unanswered_since", "answered_at", "answer", "case", "state", "state_label",
                  "version", "transitions"]  # fmt: skip
        read_only_fields = fields


class StewardHoursSerializer(serializers.ModelSerializer):
    """Lines are never changed; ``minutes`` of a correction may be negative."""

    team = serializers.CharField(source="team.code")
    name = serializers.CharField(source="member.person.get_full_name")
    kind_label = serializers.CharField(source="get_kind_display")

    class Meta:
        model = HoursEntry
        fields = ["id", "team", "member", "name", "kind", "kind_label", "date", "minutes", "reason", "counted_at"]
        read_only_fields = fields


class StewardMonthSerializer(serializers.Serializer):
    """A member's month in minutes."""

    team = serializers.CharField(source="member.team.code")
    member = serializers.IntegerField(source="member.pk")
    name = serializers.CharField(source="member.person.get_full_name")
    by_kind = serializers.DictField(child=serializers.IntegerField())
    minutes = serializers.IntegerField()
    no_shows = serializers.IntegerField()


class NearShiftSerializer(serializers.Serializer):
    """A shift of today as residents read it."""

    name = serializers.CharField()
    hours = serializers.CharField()
    place = serializers.CharField()
    stewards = serializers.ListField(child=serializers.CharField())


class NearTeamSerializer(serializers.Serializer):
    """A team as residents of its place know it: surnames only."""

    code = serializers.CharField(source="team.code")
    name = serializers.CharField(source="team.name")
    place = serializers.CharField(source="team.place_text")
    stewards = serializers.ListField(child=serializers.CharField())
    shifts = NearShiftSerializer(many=True)
    is_member = serializers.BooleanField()
    asked = serializers.BooleanField()


class StewardShiftInput(serializers.Serializer):
    """A shift on one day; ``building`` by its id."""

    team = CodedField(queryset=StewardTeam.objects.filter(is_active=True))
    name = serializers.CharField(max_length=60)
    day = serializers.DateField()
    starts = serializers.TimeField()
    ends = serializers.TimeField()
    wanted = serializers.IntegerField(min_value=1, max_value=50, default=1)
    building = serializers.PrimaryKeyRelatedField(
        queryset=Building.objects.select_related("estate", "area"), required=False
    )
    place = serializers.CharField(max_length=60, default="", allow_blank=True)


class StewardAssignInput(serializers.Serializer):
    """``member``: by id."""

    member = SeenField(queryset=StewardMember.objects.select_related("team", "person"))


class StewardEndInput(serializers.Serializer):
    last_day = serializers.DateField()
    reason = serializers.CharField(max_length=300)


class StewardCorrectInput(serializers.Serializer):
    """``minutes`` to add, or negative to take away."""

    date = serializers.DateField()
    minutes = serializers.IntegerField(min_value=-1440, max_value=1440)
    reason = serializers.CharField(max_length=300)


class NearTeamField(CodedField):
    """The code of a team that serves a home of the caller's."""

    def get_queryset(self):
        return teams_near(self.context["request"].user)


class StewardJoinInput(serializers.Serializer):
    team = NearTeamField(queryset=StewardTeam.objects.filter(is_active=True))
    words = serializers.CharField(max_length=300, default="", allow_blank=True)


class OutreachInput(serializers.Serializer):
    """Where: ``dwelling`` by its code, or ``place`` in words. ``at``: when it began; by default it has just ended."""

    team = CodedField(queryset=StewardTeam.objects.filter(is_active=True))
    topic = serializers.CharField(max_length=60)
    dwelling = DwellingCodeField(
        rows=lambda user: Dwelling.objects.with_address().select_related("area"), required=False
    )
    place = serializers.CharField(max_length=100, default="", allow_blank=True)
    at = MomentField(required=False, allow_null=True)
    minutes = serializers.IntegerField(min_value=1, max_value=480, default=15)
    result = serializers.ChoiceField(OutreachResult.choices)
    questions = serializers.CharField(max_length=1000, default="", allow_blank=True)
    photos = PhotosField()


class StewardPassOnInput(serializers.Serializer):
    """What the case says, in words that everybody who handles cases may read."""

    description = serializers.CharField(max_length=2000)


class PassedOnSerializer(serializers.ModelSerializer):
    state_label = serializers.CharField(source="get_state_display")

    class Meta:
        model = Case
        fields = ["number", "state", "state_label"]
        read_only_fields = fields


class SightingInput(serializers.Serializer):
    """``building`` by its id."""

    team = CodedField(queryset=StewardTeam.objects.filter(is_active=True))
    kind = serializers.ChoiceField(DisputeKind.choices)
    urgency = serializers.ChoiceField(DisputeUrgency.choices, default=DisputeUrgency.NORMAL)
    building = serializers.PrimaryKeyRelatedField(
        queryset=Building.objects.select_related("estate", "area"), required=False, allow_null=True
    )
    place = serializers.CharField(max_length=100, default="", allow_blank=True)
    words = serializers.CharField(max_length=2000)
    seen_at = MomentField(required=False, allow_null=True)
    photos = PhotosField()
