"""JSON of disputes. Lists name nobody and hold no words; one dispute does, masked, and that it was read is recorded.

A key that names a row holds its code, number or user name. ``transitions``: what the caller may do now.
"""

from rest_framework import serializers

from governance.api.fields import AreaCodeField, MomentField, RowByCode
from governance.models import OrgUnit, User
from governance.workflow import available
from mediation.disputes.forms import WAYS
from mediation.disputes.inviting import courts
from mediation.disputes.parties import PartyDraft
from mediation.disputes.reading import between
from mediation.disputes.states import (
    ConsentAnswer,
    ConsentTo,
    DisputeSource,
    DisputeState,
    DisputeTier,
    DisputeUrgency,
    PartyKind,
    PartySide,
    RecusalGround,
    ReportGround,
    TellingWay,
)
from mediation.models import (
    Consent,
    Dispute,
    DisputeType,
    Party,
    PartyReply,
    PoliceReport,
    ReplyPerformed,
    RoutesTold,
    TierChange,
)


class DisputeTypeSerializer(serializers.ModelSerializer):
    """A type of dispute."""

    class Meta:
        model = DisputeType
        fields = ["code", "name", "order", "identity_relation", "title_to_property", "arbitration_days",
                  "is_active"]  # fmt: skip
        read_only_fields = fields


class DisputeTypeInput(serializers.ModelSerializer):
    """A type as the administration keeps it."""

    class Meta:
        model = DisputeType
        fields = ["code", "name", "order", "identity_relation", "title_to_property", "arbitration_days",
                  "is_active"]  # fmt: skip


class DisputeTypeAmendInput(DisputeTypeInput):
    """What of a type is changed; its code stays."""

    class Meta(DisputeTypeInput.Meta):
        fields = ["name", "order", "identity_relation", "title_to_property", "arbitration_days",
                  "is_active"]  # fmt: skip


class TypeGuessSerializer(serializers.Serializer):
    """A proposed type with its probability (0-1)."""

    code = serializers.CharField()
    name = serializers.CharField()
    probability = serializers.FloatField()


class MaskedDisputeSerializer(serializers.ModelSerializer):
    """What a centre may know of a dispute that is handled below it: no names, no words."""

    number = serializers.CharField()
    type = serializers.CharField(source="type.code")
    type_name = serializers.CharField(source="type.name")
    tier = serializers.ChoiceField(DisputeTier.choices)
    state = serializers.ChoiceField(DisputeState.choices)
    state_label = serializers.CharField(source="get_state_display")
    area = serializers.CharField(source="area.code")
    area_name = serializers.CharField(source="area.name")
    unit = serializers.CharField(source="unit.code")

    class Meta:
        model = Dispute
        fields = ["id", "number", "type", "type_name", "tier", "state", "state_label", "area", "area_name", "unit",
                  "people", "registered_at", "accepted_at", "term_until", "ended_at"]  # fmt: skip
        read_only_fields = fields


class DisputeSerializer(MaskedDisputeSerializer):
    """A dispute as lists show it to those who may read it: masked, without words. `arbitration_after`: of a labour
    dispute that is not settled, the last of the 15 days; after it a party may go to arbitration."""

    source = serializers.ChoiceField(DisputeSource.choices)
    urgency = serializers.ChoiceField(DisputeUrgency.choices)
    committee = serializers.CharField(source="committee.code")
    mediator = serializers.CharField(source="mediator.username", default=None, allow_null=True)
    between = serializers.SerializerMethodField()
    term_over = serializers.BooleanField()
    arbitration_after = serializers.DateField(allow_null=True)
    transitions = serializers.SerializerMethodField()

    class Meta(MaskedDisputeSerializer.Meta):
        fields = [
            *MaskedDisputeSerializer.Meta.fields, "source", "urgency", "violence", "domestic_violence", "committee",
            "mediator", "between", "ended_ground", "referred_where", "closed_at", "archived_at", "reopened",
            "rights_told_on", "term_over", "arbitration_after", "version", "transitions",
        ]  # fmt: skip
        read_only_fields = fields

    def get_between(self, dispute) -> str:
        return between(dispute)

    def get_transitions(self, dispute) -> list[str]:
        return [step.name for step in available(dispute, self.context["request"].user)]


class PartySerializer(serializers.ModelSerializer):
    """A party, masked. `label`: side, its number where several stand on it, and masked name: to choose by."""

    label = serializers.CharField()
    side = serializers.ChoiceField(PartySide.choices)
    kind = serializers.ChoiceField(PartyKind.choices)
    name = serializers.CharField(source="masked")
    phone = serializers.CharField(source="masked_phone")

    class Meta:
        model = Party
        fields = ["id", "label", "side", "kind", "name", "phone", "without_capacity"]
        read_only_fields = fields


class ConsentSerializer(serializers.ModelSerializer):
    """One answer of one party; `party` is its id. `recorded_by` null: on the party's own page. `authorisation`: number
    of the legal agent's paper; `void`: given before the party was put right, it counts no longer. `said_on`: the day on
    which it was said; `at`: when it was recorded."""

    what = serializers.ChoiceField(ConsentTo.choices)
    answer = serializers.ChoiceField(ConsentAnswer.choices)
    how = serializers.ChoiceField(TellingWay.choices)
    about = serializers.CharField(source="about.username", default=None, allow_null=True)
    recorded_by = serializers.CharField(source="recorded_by.username", default=None, allow_null=True)
    authorisation = serializers.CharField(source="authorisation.number", default=None, allow_null=True)
    void = serializers.BooleanField()

    class Meta:
        model = Consent
        fields = ["id", "party", "what", "answer", "how", "about", "until", "round", "recorded_by", "authorisation",
                  "void", "said_on", "at"]  # fmt: skip
        read_only_fields = fields


class PoliceReportSerializer(serializers.ModelSerializer):
    """A report to the police."""

    ground = serializers.ChoiceField(ReportGround.choices)
    unit = serializers.CharField(source="unit.code", default=None, allow_null=True)

    class Meta:
        model = PoliceReport
        fields = ["id", "ground", "words", "unit", "reference", "at"]
        read_only_fields = fields


class RoutesToldSerializer(serializers.ModelSerializer):
    """A party was told of the other routes. `ending`: how many ends had been taken back as a mistake before."""

    how = serializers.ChoiceField(TellingWay.choices)

    class Meta:
        model = RoutesTold
        fields = ["party", "how", "round", "ending", "at"]
        read_only_fields = fields


class TierChangeSerializer(serializers.ModelSerializer):
    """A tier of the dispute through time, the oldest first, and the unit that took it."""

    tier = serializers.ChoiceField(DisputeTier.choices)
    unit = serializers.CharField(source="unit.code")

    class Meta:
        model = TierChange
        fields = ["tier", "unit", "changed_at"]
        read_only_fields = fields


class PartyReplySerializer(serializers.ModelSerializer):
    """What a party said of the performance on the own page; `party` is its id. `superseded`: the party put it right on
    the same day by a later one, which counts."""

    performed = serializers.ChoiceField(ReplyPerformed.choices)
    superseded = serializers.BooleanField()

    class Meta:
        model = PartyReply
        fields = ["party", "performed", "satisfaction", "relapse", "at", "superseded"]
        read_only_fields = fields


class DisputeDetailSerializer(DisputeSerializer):
    """A dispute with its words and its parties, masked; reading it is recorded."""

    inviting_court = serializers.CharField(source="inviting_court.code", default=None, allow_null=True)
    parties = PartySerializer(many=True)
    consents = ConsentSerializer(many=True)
    recusals = serializers.SerializerMethodField()
    police_reports = PoliceReportSerializer(many=True)
    routes_told = RoutesToldSerializer(many=True)
    tiers = TierChangeSerializer(many=True)
    replies = PartyReplySerializer(many=True)

    class Meta(DisputeSerializer.Meta):
        fields = [*DisputeSerializer.Meta.fields, "inviting_court", "title", "facts", "claim", "amount", "parties",
                  "consents", "recusals", "police_reports", "routes_told", "tiers", "replies"]  # fmt: skip
        read_only_fields = fields

    def get_recusals(self, dispute) -> list[int]:
        return [row.pk for row in dispute.recusals.all()]


class ClearPartySerializer(serializers.Serializer):
    """A party in the clear; that it was shown is recorded. `former`: how the name was misspelt before, oldest first."""

    name = serializers.CharField()
    phone = serializers.CharField(allow_blank=True)
    identity = serializers.CharField(allow_blank=True)
    address = serializers.CharField(allow_blank=True)
    agent = serializers.CharField(allow_blank=True)
    former = serializers.ListField(child=serializers.CharField())


class SlipInput(serializers.Serializer):
    """The name of a party spelt rightly, and why it was not."""

    name = serializers.CharField(max_length=80)
    reason = serializers.CharField(max_length=500)


class PartyInput(serializers.Serializer):
    """A party. `identity`: resident identity number, or unified social credit code."""

    side = serializers.ChoiceField(PartySide.choices)
    kind = serializers.ChoiceField(PartyKind.choices, default=PartyKind.PERSON)
    name = serializers.CharField(max_length=80)
    phone = serializers.CharField(max_length=20, default="", allow_blank=True)
    identity = serializers.CharField(max_length=20, default="", allow_blank=True)
    agent = serializers.CharField(max_length=80, default="", allow_blank=True)
    address = serializers.CharField(max_length=160, default="", allow_blank=True)
    without_capacity = serializers.BooleanField(default=False)


class DisputeInput(serializers.Serializer):
    """A dispute to be registered; without `type` the likeliest by the words. `inviting_court`: code of the court that
    transferred it, where the source is the court. `on`: the day on which it was brought, where it is entered later
    (`occurred_at`: the same with the hour)."""

    area = AreaCodeField()
    type = RowByCode(queryset=DisputeType.objects.filter(is_active=True), default=None, allow_null=True)
    source = serializers.ChoiceField(DisputeSource.choices)
    inviting_court = RowByCode(queryset=courts(), default=None, allow_null=True)
    title = serializers.CharField(max_length=80)
    facts = serializers.CharField(max_length=5000, default="", allow_blank=True)
    claim = serializers.CharField(max_length=2000, default="", allow_blank=True)
    amount = serializers.DecimalField(max_digits=14, decimal_places=2, min_value=0, default=None, allow_null=True)
    people = serializers.IntegerField(min_value=1, max_value=100_000, default=None, allow_null=True)
    urgency = serializers.ChoiceField(DisputeUrgency.choices, default=DisputeUrgency.NORMAL)
    tier = serializers.ChoiceField(DisputeTier.choices, default=DisputeTier.GENERAL)
    violence = serializers.BooleanField(default=False)
    domestic_violence = serializers.BooleanField(default=False)
    on = serializers.DateField(default=None, allow_null=True)
    occurred_at = MomentField(default=None, allow_null=True)
    parties = PartyInput(many=True, default=list, max_length=200)

    def validate_parties(self, rows) -> list[PartyDraft]:
        return [PartyDraft(**row) for row in rows]


class TypeTextInput(serializers.Serializer):
    """What a dispute is about, in words."""

    text = serializers.CharField(max_length=6000)


class OwnPartyField(serializers.IntegerField):
    """Id of a party of the dispute in hand; cleaned to the row."""

    def __init__(self, **options):
        super().__init__(min_value=1, max_value=2**63 - 1, **options)


class PartyOfDisputeInput(serializers.Serializer):
    """Finds ``party`` among the parties of the dispute in the context."""

    def validate(self, attrs):
        if attrs.get("party") is not None:
            found = self.context["dispute"].parties.filter(pk=attrs["party"]).first()
            if found is None:
                field = serializers.PrimaryKeyRelatedField.default_error_messages["does_not_exist"]
                raise serializers.ValidationError(
                    {"party": [field.format(pk_value=attrs["party"])]}, "does_not_exist"
                )  # fmt: skip
            attrs["party"] = found
        return attrs


class ConsentInput(PartyOfDisputeInput):
    """What a party answered. `about`: user name of the mediator or helper; `until`: of a longer term, by who
    agrees to it; `said_on`: the day on which they said so (default today; `at`: the same with the hour)."""

    party = OwnPartyField()
    what = serializers.ChoiceField(ConsentTo.choices)
    answer = serializers.ChoiceField(ConsentAnswer.choices)
    how = serializers.ChoiceField(WAYS)
    about = RowByCode(
        "username", queryset=User.objects.filter(is_active=True, is_system=False), default=None, allow_null=True
    )
    until = serializers.DateField(default=None, allow_null=True)
    said_on = serializers.DateField(default=None, allow_null=True)
    at = MomentField(default=None, allow_null=True)


class RecusalInput(PartyOfDisputeInput):
    """Why the mediator should not mediate; without `party` the mediator steps aside."""

    party = OwnPartyField(default=None, allow_null=True)
    ground = serializers.ChoiceField(RecusalGround.choices)
    words = serializers.CharField(max_length=500, default="", allow_blank=True)


class PoliceReportInput(serializers.Serializer):
    """What the police were told."""

    ground = serializers.ChoiceField(ReportGround.choices)
    words = serializers.CharField(max_length=1000, default="", allow_blank=True)
    unit = RowByCode(queryset=OrgUnit.objects.filter(is_active=True), default=None, allow_null=True)
    reference = serializers.CharField(max_length=40, default="", allow_blank=True)


class RoutesInput(serializers.Serializer):
    """How the parties were told of the other routes."""

    how = serializers.ChoiceField(WAYS)


class SetAsideInput(serializers.Serializer):
    """Why a higher tier need not take the dispute over."""

    reason = serializers.CharField(max_length=500)


class UnmaskInput(serializers.Serializer):
    """Why somebody needs a party in the clear."""

    reason = serializers.CharField(max_length=500)
