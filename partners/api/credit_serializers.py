"""JSON of credit files. A key that names a row holds its code or id; ``<key>_name`` or ``_label`` stands beside it."""

from decimal import Decimal

from rest_framework import serializers

from governance.api.fields import PhotosField
from partners.api.earning_serializers import BIG
from partners.credit.lists import reason_told
from partners.credit.offered import offered
from partners.credit.telling import lines_told, sum_told
from partners.credit.workflow import CandidateState, CreditAppealState, FormulaState, ListState, NoteState
from partners.models import (
    CreditAppeal,
    CreditCandidate,
    CreditFormula,
    CreditKey,
    CreditLevel,
    CreditList,
    CreditNote,
    CreditProfile,
    CreditPurpose,
    CreditWeight,
    PartnerKind,
)
from partners.models.credit import FIRST_YEAR, LOWERING_CHOICES, MOST_FIGURE


class CreditMoving(serializers.ModelSerializer):
    """What all workflow objects of credit files tell."""

    state_label = serializers.CharField(source="get_state_display")
    area = serializers.CharField(source="area.code")
    area_name = serializers.CharField(source="area.name")
    transitions = serializers.SerializerMethodField()

    def get_transitions(self, obj) -> list[str]:
        return [step.name for step in offered(obj, self.context["request"].user)]


class CreditWeightSerializer(serializers.ModelSerializer):
    line = serializers.ChoiceField(CreditKey.choices)
    line_label = serializers.CharField(source="get_line_display")

    class Meta:
        model = CreditWeight
        fields = ["line", "line_label", "weight", "cap"]
        read_only_fields = fields


class CreditLevelSerializer(serializers.ModelSerializer):
    class Meta:
        model = CreditLevel
        fields = ["code", "name", "least", "meaning"]
        read_only_fields = fields


class CreditFormulaSerializer(CreditMoving):
    """A formula with its lines and levels."""

    state = serializers.ChoiceField(FormulaState.choices)
    weights = CreditWeightSerializer(many=True)
    levels = CreditLevelSerializer(many=True)

    class Meta:
        model = CreditFormula
        fields = ["id", "code", "name", "area", "area_name", "base", "floor", "ceiling", "notice_hours", "appeal_days",
                  "review_days", "valid_from", "valid_to", "source", "weights", "levels", "state", "state_label",
                  "version", "transitions"]  # fmt: skip
        read_only_fields = fields


class CreditFactSerializer(serializers.Serializer):
    """A fact of a line. ``note``: the id of the note that lowers, null for what raises."""

    what = serializers.CharField()
    when = serializers.DateField()
    figure = serializers.CharField()
    source = serializers.CharField()
    note = serializers.IntegerField(allow_null=True)


class CreditLineSerializer(serializers.Serializer):
    """A line explained: ``how`` says in words how ``value`` came about."""

    line = serializers.ChoiceField(CreditKey.choices)
    label = serializers.CharField()
    how = serializers.CharField()
    value = serializers.DecimalField(max_digits=6, decimal_places=2)
    lowers = serializers.BooleanField()
    facts = CreditFactSerializer(many=True)


class CreditProfileSerializer(serializers.ModelSerializer):
    """A credit file of a year: the computation that holds."""

    partner = serializers.IntegerField(source="partner_id")
    partner_name = serializers.CharField(source="partner.name")
    area = serializers.CharField(source="area.code")
    area_name = serializers.CharField(source="area.name")
    computed_at = serializers.DateTimeField(source="current.computed_at", default=None, allow_null=True)

    class Meta:
        model = CreditProfile
        fields = ["id", "partner", "partner_name", "area", "area_name", "year", "score", "level", "level_name",
                  "computed_at", "closed_at"]  # fmt: skip
        read_only_fields = fields


class CreditComputationSerializer(serializers.Serializer):
    """One computation, kept as it was."""

    number = serializers.IntegerField()
    formula = serializers.CharField(source="formula.code")
    until = serializers.DateField()
    score = serializers.DecimalField(max_digits=6, decimal_places=2)
    level = serializers.CharField()
    level_name = serializers.CharField()
    meaning = serializers.CharField()
    computed_at = serializers.DateTimeField()
    sum = serializers.SerializerMethodField()
    lines = serializers.SerializerMethodField()

    def get_sum(self, obj) -> str:
        return sum_told(obj)

    def get_lines(self, obj) -> CreditLineSerializer(many=True):
        return CreditLineSerializer(lines_told(obj), many=True).data


class CreditProfileDetailSerializer(CreditProfileSerializer):
    """With every line explained; ``history``: earlier computations, newest first."""

    explained = serializers.SerializerMethodField()
    history = serializers.SerializerMethodField()

    class Meta(CreditProfileSerializer.Meta):
        fields = [*CreditProfileSerializer.Meta.fields, "explained", "history"]
        read_only_fields = fields

    def _rows(self, obj):
        if not hasattr(obj, "_told"):
            obj._told = list(obj.computations.with_rows().order_by("-number")[:50])
        return obj._told

    def get_explained(self, obj) -> CreditComputationSerializer(allow_null=True):
        rows = self._rows(obj)
        return CreditComputationSerializer(rows[0]).data if rows else None

    def get_history(self, obj) -> CreditComputationSerializer(many=True):
        return CreditComputationSerializer(self._rows(obj)[1:], many=True).data


class CreditComputeInput(serializers.Serializer):
    """``partner``: the id of a partner the caller is, acts for or keeps."""

    partner = serializers.IntegerField(min_value=1, max_value=BIG)
    year = serializers.IntegerField(min_value=FIRST_YEAR, max_value=9999)


class CreditNoteSerializer(CreditMoving):
    """A fact that lowers a file. It counts from ``told_at`` on."""

    state = serializers.ChoiceField(NoteState.choices)
    partner = serializers.IntegerField(source="partner_id")
    partner_name = serializers.CharField(source="partner.name")
    line = serializers.ChoiceField(LOWERING_CHOICES)
    line_label = serializers.CharField(source="get_line_display")

    class Meta:
        model = CreditNote
        fields = ["id", "partner", "partner_name", "area", "area_name", "line", "line_label", "happened_on", "what",
                  "figure", "evidence_type", "evidence_id", "recorded_at", "told_at", "reply", "state", "state_label",
                  "version", "transitions"]  # fmt: skip
        read_only_fields = fields


class CreditNoteInput(serializers.Serializer):
    partner = serializers.IntegerField(min_value=1, max_value=BIG)
    line = serializers.ChoiceField(LOWERING_CHOICES)
    happened_on = serializers.DateField()
    what = serializers.CharField(max_length=300)
    figure = serializers.DecimalField(
        max_digits=5, decimal_places=2, min_value=0, max_value=MOST_FIGURE, default=Decimal(1)
    )
    photos = PhotosField()


class CreditAppealSerializer(CreditMoving):
    """An appeal against a fact (``note``) or a line of a file (``profile``); ``answer``: the reason of the decision."""

    state = serializers.ChoiceField(CreditAppealState.choices)
    answer = serializers.CharField(source="answered", default=None, allow_null=True)
    partner = serializers.IntegerField(source="partner_id")
    partner_name = serializers.CharField(source="partner.name")
    line = serializers.ChoiceField(CreditKey.choices)
    line_label = serializers.CharField(source="get_line_display")

    class Meta:
        model = CreditAppeal
        fields = ["id", "partner", "partner_name", "area", "area_name", "profile", "note", "line", "line_label",
                  "grounds", "filed_at", "due_at", "decided_at", "answer", "state", "state_label", "version",
                  "transitions"]  # fmt: skip
        read_only_fields = fields


class CreditGroundsInput(serializers.Serializer):
    grounds = serializers.CharField(max_length=1000)
    photos = PhotosField()


class CreditLineAppealInput(CreditGroundsInput):
    line = serializers.ChoiceField(CreditKey.choices)


class CreditListSerializer(CreditMoving):
    """A list of candidates and who was looked for."""

    state = serializers.ChoiceField(ListState.choices)
    purpose = serializers.ChoiceField(CreditPurpose.choices)
    purpose_label = serializers.CharField(source="get_purpose_display")
    kinds = serializers.ListField(child=serializers.ChoiceField(PartnerKind.choices))

    class Meta:
        model = CreditList
        fields = ["id", "title", "purpose", "purpose_label", "area", "area_name", "year", "as_of", "levels", "kinds",
                  "least_score", "least_points", "least_activities", "drawn_at", "published_at", "state",
                  "state_label", "version", "transitions"]  # fmt: skip
        read_only_fields = fields


class CreditListInput(serializers.Serializer):
    """``levels``: codes of levels; empty lists and zeros look for anybody."""

    area = serializers.CharField(max_length=12)
    purpose = serializers.ChoiceField(CreditPurpose.choices)
    title = serializers.CharField(max_length=80, default="", allow_blank=True)
    year = serializers.IntegerField(min_value=FIRST_YEAR, max_value=9999)
    as_of = serializers.DateField(default=None, allow_null=True)
    levels = serializers.ListField(child=serializers.CharField(max_length=10), max_length=20, default=list)
    kinds = serializers.ListField(child=serializers.ChoiceField(PartnerKind.choices), max_length=3, default=list)
    least_score = serializers.DecimalField(
        max_digits=6, decimal_places=2, min_value=0, max_value=1000, default=Decimal(0)
    )
    least_points = serializers.IntegerField(min_value=0, max_value=1_000_000, default=0)
    least_activities = serializers.IntegerField(min_value=0, max_value=1_000_000, default=0)


class CreditCandidateSerializer(CreditMoving):
    """A candidate; ``reasons``: why it is listed, in words; ``added``: put there by hand."""

    state = serializers.ChoiceField(CandidateState.choices)
    of_list = serializers.IntegerField(source="of_list_id")
    partner = serializers.IntegerField(source="partner_id")
    partner_name = serializers.CharField(source="partner.name")
    level = serializers.CharField(source="computation.level", default=None, allow_null=True)
    score = serializers.DecimalField(source="computation.score", max_digits=6, decimal_places=2, default=None,
                                     allow_null=True)  # fmt: skip
    reasons = serializers.SerializerMethodField()
    decided_by_name = serializers.CharField(source="decided_by.name", default=None, allow_null=True)

    class Meta:
        model = CreditCandidate
        fields = ["id", "of_list", "partner", "partner_name", "area", "area_name", "level", "score", "reasons", "added",
                  "added_reason", "decision", "decided_by_name", "decided_at", "state", "state_label", "version",
                  "transitions"]  # fmt: skip
        read_only_fields = fields

    def get_reasons(self, obj) -> list[str]:
        return [reason_told(reason) for reason in obj.reasons]


class CreditCandidateInput(serializers.Serializer):
    partner = serializers.IntegerField(min_value=1, max_value=BIG)
    reason = serializers.CharField(max_length=500)
