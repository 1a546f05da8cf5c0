"""JSON of decisions. A key that names a row (area, estate, rule set) holds its code; ``<key>_name`` is beside it."""

from rest_framework import serializers

from governance.attachments import attachments_of
from governance.workflow import available
from property.models import Ballot, BallotDecision, Resolution, RollEntry, RuleSet
from property.voting.numbers import numbers_hidden
from property.voting.online import votes_of
from property.voting.secrecy import shown
from property.voting.tally import turnout_of
from property.voting.wording import caveat, in_words, rule_words


class RuleSetSerializer(serializers.ModelSerializer):
    """A rule by which is counted. Shares are [numerator, denominator]; ``*_inclusive``: the number itself is enough."""

    area = serializers.CharField(source="area.code", default=None, allow_null=True)
    kind = serializers.CharField()
    kind_label = serializers.CharField(source="get_kind_display")
    method = serializers.CharField()
    method_label = serializers.CharField(source="get_method_display")
    head_by = serializers.CharField()
    split_heads = serializers.CharField()
    quorum = serializers.SerializerMethodField()
    share = serializers.SerializerMethodField()
    uses = serializers.ListField(child=serializers.CharField())

    class Meta:
        model = RuleSet
        fields = [
            "code", "version", "name", "kind", "kind_label", "area", "method", "method_label", "counts_area", "head_by",
            "quorum", "quorum_inclusive", "share", "share_inclusive", "split_heads", "invalid_takes_part", "uses",
            "allows_online", "online_may_change", "allows_secret", "notice_days", "publicity_days", "valid_from",
            "valid_to", "source", "is_active",
        ]  # fmt: skip
        read_only_fields = fields

    def get_quorum(self, rule) -> list[int]:
        return [rule.quorum_numerator, rule.quorum_denominator]

    def get_share(self, rule) -> list[int]:
        return [rule.share_numerator, rule.share_denominator]


class ResolutionSerializer(serializers.ModelSerializer):
    """A resolution as lists show it; ``caveat`` says that neither it nor its computation has legal force."""

    state = serializers.CharField()
    state_label = serializers.CharField(source="get_state_display")
    kind = serializers.CharField()
    kind_label = serializers.CharField(source="get_kind_display")
    area = serializers.CharField(source="area.code")
    area_name = serializers.CharField(source="area.name")
    estate = serializers.CharField(source="estate.code", default=None, allow_null=True)
    place = serializers.CharField()
    rule_set = serializers.SerializerMethodField()
    rule_set_name = serializers.CharField(source="rule_set.name")
    secrecy = serializers.CharField()
    outcome = serializers.CharField()
    official_outcome = serializers.CharField()
    repeats = serializers.IntegerField(source="repeats_id", allow_null=True)
    caveat = serializers.SerializerMethodField()
    transitions = serializers.SerializerMethodField()

    class Meta:
        model = Resolution
        fields = [
            "id", "number", "title", "text", "kind", "kind_label", "state", "state_label", "area", "area_name",
            "estate", "place", "rule_set", "rule_set_name", "secrecy", "takes_paper", "takes_online", "proposed_at",
            "noticed_at", "voting_from", "voting_until", "closed_at", "counted_at", "outcome", "publicised_at",
            "publicity_until", "effective_from", "official_outcome", "official_on", "official_number",
            "repeats", "caveat",
            "version", "transitions",
        ]  # fmt: skip
        read_only_fields = fields

    def get_rule_set(self, resolution) -> str:
        return f"{resolution.rule_set.code}/{resolution.rule_set.version}"

    def get_caveat(self, resolution) -> str:
        return caveat(resolution.kind)

    def get_transitions(self, resolution) -> list[str]:
        return [step.name for step in available(resolution, self.context["request"].user)]


class VoteCountLineSerializer(serializers.Serializer):
    """How much of the base stands where; ``area`` in m²."""

    standing = serializers.CharField()
    label = serializers.CharField()
    heads = serializers.IntegerField()
    area = serializers.CharField()


class VoteComparisonSerializer(serializers.Serializer):
    """One comparison: ``sides`` is it multiplied out, exactly; ``percent`` is cut off, never rounded up."""

    label = serializers.CharField()
    part = serializers.CharField()
    whole = serializers.CharField()
    demand = serializers.CharField()
    sides = serializers.CharField()
    percent = serializers.CharField()
    met = serializers.BooleanField()


class VoteCountSerializer(serializers.Serializer):
    """The whole count, step by step."""

    lines = VoteCountLineSerializer(many=True)
    comparisons = VoteComparisonSerializer(many=True)
    heads_taking_part = serializers.IntegerField()
    area_taking_part = serializers.CharField()
    left_out = serializers.IntegerField()
    outcome = serializers.CharField()
    outcome_label = serializers.CharField()


class VoteTurnoutSerializer(serializers.Serializer):
    """Who has a ballot in; of how many."""

    dwellings = serializers.IntegerField()
    heads = serializers.IntegerField()
    floor_area = serializers.DecimalField(max_digits=12, decimal_places=2)
    all_dwellings = serializers.IntegerField()
    all_heads = serializers.IntegerField()
    all_floor_area = serializers.DecimalField(max_digits=12, decimal_places=2)


class OwnVoteSerializer(serializers.Serializer):
    """A dwelling the caller votes for; ``choice`` is empty in a secret vote, also once voted."""

    entry = serializers.IntegerField(source="pk")
    number = serializers.IntegerField()
    dwelling = serializers.CharField(source="dwelling.code")
    address = serializers.CharField(source="dwelling.address")
    floor_area = serializers.DecimalField(max_digits=8, decimal_places=2, allow_null=True)
    voted_at = serializers.SerializerMethodField()
    choice = serializers.SerializerMethodField()

    def _ballot(self, entry) -> Ballot | None:
        return next((row for row in entry.ballots.all() if row.sheet == 0), None)

    def get_voted_at(self, entry) -> serializers.DateTimeField(allow_null=True):
        ballot = self._ballot(entry)
        return ballot and serializers.DateTimeField().to_representation(ballot.cast_at)

    def get_choice(self, entry) -> str:
        ballot = self._ballot(entry)
        return shown(ballot, self.context["resolution"]) if ballot else ""


class ResolutionDetailSerializer(ResolutionSerializer):
    """A resolution with its rule in words, the turnout, the computation once it was counted, and the caller's votes."""

    rule_words = serializers.SerializerMethodField()
    turnout = serializers.SerializerMethodField()
    computation = serializers.SerializerMethodField()
    documents = serializers.SerializerMethodField()
    own_votes = serializers.SerializerMethodField()

    class Meta(ResolutionSerializer.Meta):
        fields = [
            *ResolutionSerializer.Meta.fields, "rule_words", "turnout", "computation", "documents", "own_votes",
        ]  # fmt: skip
        read_only_fields = fields

    def get_rule_words(self, resolution) -> list[str]:
        return rule_words(resolution)

    def get_turnout(self, resolution) -> VoteTurnoutSerializer(allow_null=True):
        frozen = resolution.roll is not None and resolution.roll.frozen_at is not None
        return VoteTurnoutSerializer(turnout_of(resolution)).data if frozen else None

    def get_computation(self, resolution) -> VoteCountSerializer(allow_null=True):
        return VoteCountSerializer(in_words(resolution.tally)).data if resolution.tally else None

    def get_documents(self, resolution) -> list[str]:
        return [f"/files/{row.pk}/" for row in attachments_of(resolution)]

    def get_own_votes(self, resolution) -> OwnVoteSerializer(many=True):
        rows = votes_of(resolution, self.context["request"].user).prefetch_related("ballots")
        return OwnVoteSerializer(rows, many=True, context={"resolution": resolution}).data


class RollEntrySerializer(serializers.ModelSerializer):
    """An entry of the roll; whether there is a ballot, never what it says.

    Once the roll of a secret vote is frozen, ``number`` and ``has_ballot`` are null: readers would learn whose papers
    they read.
    """

    dwelling = serializers.CharField(source="dwelling.code")
    address = serializers.CharField(source="dwelling.address")
    use = serializers.CharField()
    area_source = serializers.CharField()
    holder = serializers.CharField()
    holder_label = serializers.CharField(source="get_holder_display")
    votes_online = serializers.SerializerMethodField()
    number = serializers.SerializerMethodField()
    has_ballot = serializers.SerializerMethodField()

    class Meta:
        model = RollEntry
        fields = [
            "id", "number", "dwelling", "address", "use", "floor_area", "area_source", "holder", "holder_label", "head",
            "owner_name", "counts", "votes_online", "has_ballot",
        ]  # fmt: skip
        read_only_fields = fields

    def get_number(self, entry) -> int | None:
        return None if numbers_hidden(entry.roll) else entry.number

    def get_has_ballot(self, entry) -> bool | None:
        return None if numbers_hidden(entry.roll) else entry.has_ballot

    def get_votes_online(self, entry) -> bool:
        return entry.voter_id is not None


class BallotSerializer(serializers.ModelSerializer):
    """A ballot; ``choice`` is empty in a secret vote, and while a paper is not read completely."""

    number = serializers.IntegerField(source="entry.number")
    channel = serializers.CharField()
    stage = serializers.CharField()
    stage_label = serializers.CharField(source="get_stage_display")
    choice = serializers.SerializerMethodField()

    class Meta:
        model = Ballot
        fields = ["id", "number", "channel", "sheet", "stage", "stage_label", "choice", "cast_at"]
        read_only_fields = fields

    def get_choice(self, ballot) -> str:
        return shown(ballot, self.context["resolution"])


class BallotDecisionSerializer(serializers.ModelSerializer):
    """Which of the contradicting ballots counts; ``ballot`` null: none."""

    number = serializers.IntegerField(source="entry.number")
    ballot = serializers.IntegerField(source="ballot_id", allow_null=True)

    class Meta:
        model = BallotDecision
        fields = ["number", "ballot", "reason", "decided_at"]
        read_only_fields = fields
