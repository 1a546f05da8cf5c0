"""JSON of earning points. A key that names a row holds its code or id; ``<key>_name`` stands beside it.

``transitions``: what the caller may do now. ``reason_text``: how the points were reckoned, in words.
"""

from rest_framework import serializers

from governance.api.fields import MomentField, PhotosField
from partners.earning.deciding import earnings_of
from partners.earning.offered import offered
from partners.earning.tariffs import steps_told
from partners.earning.workflow import CertificateState, DonationState, RecordState, SheetState
from partners.models import (
    Adjustment,
    AdjustmentStage,
    Donation,
    EarningRule,
    GiftSort,
    HoursCertificate,
    KindUse,
    Per,
    ServiceKind,
    ServiceRecord,
    SettlementSheet,
    VolunteerHours,
)
from partners.models.service import MOST_QUANTITY, MOST_SERVED

BIG = 2**63 - 1


class PointsMoving(serializers.ModelSerializer):
    """What all workflow objects of earning points tell."""

    state_label = serializers.CharField(source="get_state_display")
    area = serializers.CharField(source="area.code")
    area_name = serializers.CharField(source="area.name")
    transitions = serializers.SerializerMethodField()

    def get_transitions(self, obj) -> list[str]:
        return [step.name for step in offered(obj, self.context["request"].user)]


class EarnedListSerializer(serializers.ListSerializer):
    """Reads the decisions about all rows of a page in one statement."""

    def to_representation(self, data):
        rows = list(data.all() if hasattr(data, "all") else data)
        self.child.earned = earnings_of(rows)
        return super().to_representation(rows)


class PointsEarnedSerializer(PointsMoving):
    """A piece of evidence, with what it earned: null until it is approved."""

    partner = serializers.IntegerField(source="partner_id")
    partner_name = serializers.CharField(source="partner.name")
    kind = serializers.CharField(source="kind.code")
    kind_name = serializers.CharField(source="kind.name")
    points = serializers.SerializerMethodField()
    reason_text = serializers.SerializerMethodField()

    def earning(self, obj):
        """Return the decision about a row, or None."""
        found = getattr(self, "earned", None)
        if found is None:
            found = earnings_of([obj])
        return found.get(obj.pk)

    def get_points(self, obj) -> int | None:
        found = self.earning(obj)
        return None if found is None or found.reversed_at else found.points

    def get_reason_text(self, obj) -> str:
        found = self.earning(obj)
        return "" if found is None else steps_told(found.steps)


class PointsRecordSerializer(PointsEarnedSerializer):
    """A service that a partner reported. ``hours`` in decimal hours; ``served``: how many people."""

    state = serializers.ChoiceField(RecordState.choices)
    person_name = serializers.CharField(source="person.name", default=None, allow_null=True)

    class Meta:
        model = ServiceRecord
        list_serializer_class = EarnedListSerializer
        fields = ["id", "number", "partner", "partner_name", "kind", "kind_name", "area", "area_name", "performed_at",
                  "hours", "quantity", "served", "place", "note", "person_name", "reported_at", "state", "state_label",
                  "points", "reason_text", "version", "transitions"]  # fmt: skip
        read_only_fields = fields


class PointsDonationSerializer(PointsEarnedSerializer):
    """A gift and its receipt. ``value`` in yuan as the giver states it."""

    state = serializers.ChoiceField(DonationState.choices)
    sort = serializers.ChoiceField(GiftSort.choices)
    sort_label = serializers.CharField(source="get_sort_display")

    class Meta:
        model = Donation
        list_serializer_class = EarnedListSerializer
        fields = ["id", "receipt", "partner", "partner_name", "kind", "kind_name", "area", "area_name", "sort",
                  "sort_label", "description", "quantity", "value", "received_on", "state", "state_label", "points",
                  "reason_text", "version", "transitions"]  # fmt: skip
        read_only_fields = fields


class PointsRecordInput(serializers.Serializer):
    """``partner``: the id of a partner the caller is, acts for or keeps; ``person``: user name of whose hours these are
    (default: the partner, or the caller who acts for it)."""

    partner = serializers.IntegerField(min_value=1, max_value=BIG)
    kind = serializers.CharField(max_length=30)
    performed_at = MomentField()
    hours = serializers.DecimalField(max_digits=4, decimal_places=2, min_value=0, default=None, allow_null=True)
    quantity = serializers.IntegerField(min_value=1, max_value=MOST_QUANTITY, default=1)
    served = serializers.IntegerField(min_value=0, max_value=MOST_SERVED, default=0)
    place = serializers.CharField(max_length=120, default="", allow_blank=True)
    note = serializers.CharField(max_length=500, default="", allow_blank=True)
    person = serializers.CharField(max_length=150, default="", allow_blank=True)
    photos = PhotosField()


class PointsDonationInput(serializers.Serializer):
    partner = serializers.IntegerField(min_value=1, max_value=BIG)
    kind = serializers.CharField(max_length=30)
    sort = serializers.ChoiceField(GiftSort.choices, default=GiftSort.GOODS)
    description = serializers.CharField(max_length=200)
    quantity = serializers.IntegerField(min_value=1, max_value=MOST_QUANTITY, default=1)
    value = serializers.DecimalField(max_digits=10, decimal_places=2, min_value=0, default=None, allow_null=True)
    received_on = serializers.DateField()
    photos = PhotosField()


class PointsApproveInput(serializers.Serializer):
    """Which records to approve; each for itself."""

    ids = serializers.ListField(child=serializers.IntegerField(min_value=1, max_value=BIG), min_length=1,
                                max_length=200)  # fmt: skip


class PointsNotApprovedSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    why = serializers.CharField()


class PointsApprovedSerializer(serializers.Serializer):
    """``approved``: ids of those done (or given their first approval); ``refused``: the others, and why."""

    approved = serializers.ListField(child=serializers.IntegerField())
    refused = PointsNotApprovedSerializer(many=True)


class PointsKindSerializer(serializers.ModelSerializer):
    use = serializers.ChoiceField(KindUse.choices)

    class Meta:
        model = ServiceKind
        fields = ["code", "name", "use", "counts_hours", "is_active"]
        read_only_fields = fields


class PointsRuleSerializer(serializers.ModelSerializer):
    """What a kind earns in an area and all under it. ``months``: how long the points stay good (null: always)."""

    kind = serializers.CharField(source="kind.code")
    kind_name = serializers.CharField(source="kind.name")
    area = serializers.CharField(source="area.code")
    area_name = serializers.CharField(source="area.name")
    per = serializers.ChoiceField(Per.choices)
    per_label = serializers.CharField(source="get_per_display")

    class Meta:
        model = EarningRule
        fields = ["id", "kind", "kind_name", "area", "area_name", "points", "per", "per_label", "day_cap", "month_cap",
                  "approve_above", "months", "valid_from", "valid_to", "source"]  # fmt: skip
        read_only_fields = fields


class VolunteerHoursSerializer(serializers.ModelSerializer):
    """A line of the book of volunteered hours; negative minutes take a reversed line back."""

    person_name = serializers.CharField(source="person.name")
    area = serializers.CharField(source="area.code")
    area_name = serializers.CharField(source="area.name")
    kind_name = serializers.CharField(source="record.kind.name")
    record_number = serializers.CharField(source="record.number")

    class Meta:
        model = VolunteerHours
        fields = ["id", "person_name", "area", "area_name", "kind_name", "record", "record_number", "day", "minutes",
                  "reverses"]  # fmt: skip
        read_only_fields = fields


class HoursCertificateSerializer(PointsMoving):
    """A certificate as it was issued. ``verify_path``: the public page about it."""

    state = serializers.ChoiceField(CertificateState.choices)
    verify_path = serializers.SerializerMethodField()

    class Meta:
        model = HoursCertificate
        fields = ["id", "number", "holder", "issuer", "area", "area_name", "first", "last", "minutes", "issued_at",
                  "state", "state_label", "verify_path", "version", "transitions"]  # fmt: skip
        read_only_fields = fields

    def get_verify_path(self, obj) -> str:
        return f"/r/verify/{obj.code}/"


class HoursCertificateInput(serializers.Serializer):
    """For whom (user name; default: the caller), in which community (code), for which days."""

    person = serializers.CharField(max_length=150, default="", allow_blank=True)
    area = serializers.CharField(max_length=15)
    first = serializers.DateField()
    last = serializers.DateField()


class SettlementSheetSerializer(PointsMoving):
    """What a merchant received in a period; ``amount`` in yuan at ``yuan_a_point``."""

    state = serializers.ChoiceField(SheetState.choices)
    merchant_name = serializers.CharField(source="merchant.unit.name")
    yuan_a_point = serializers.DecimalField(source="rate.yuan", max_digits=7, decimal_places=4)

    class Meta:
        model = SettlementSheet
        fields = ["id", "number", "merchant", "merchant_name", "area", "area_name", "first", "last", "points",
                  "yuan_a_point", "amount", "paid_by", "proposed_at", "state", "state_label", "version",
                  "transitions"]  # fmt: skip
        read_only_fields = fields


class SettlementSheetInput(serializers.Serializer):
    """``merchant``: the id of the merchant's points account."""

    merchant = serializers.IntegerField(min_value=1, max_value=BIG)
    first = serializers.DateField()
    last = serializers.DateField()


class PointsAdjustmentSerializer(serializers.ModelSerializer):
    """A correction: proposed by one person, decided by another."""

    stage = serializers.ChoiceField(AdjustmentStage.choices)
    stage_label = serializers.CharField(source="get_stage_display")
    proposed_by_name = serializers.CharField(source="proposed_by.name")
    decided_by_name = serializers.CharField(source="decided_by.name", default=None, allow_null=True)

    class Meta:
        model = Adjustment
        fields = ["id", "account", "amount", "expires_on", "reason", "stage", "stage_label", "proposed_by_name",
                  "proposed_at", "decided_by_name", "decided_at"]  # fmt: skip
        read_only_fields = fields


class PointsAdjustmentInput(serializers.Serializer):
    """``amount``: points to add, or to take away (negative)."""

    account = serializers.IntegerField(min_value=1, max_value=BIG)
    amount = serializers.IntegerField(min_value=-1_000_000, max_value=1_000_000)
    reason = serializers.CharField(max_length=500)
    expires_on = serializers.DateField(default=None, allow_null=True)


class PointsReasonInput(serializers.Serializer):
    reason = serializers.CharField(max_length=500)


class LiabilitySerializer(serializers.Serializer):
    """What a community owed its members in points; ``issued`` is less what was reversed."""

    area = serializers.CharField()
    area_name = serializers.CharField()
    outstanding = serializers.IntegerField()
    owed = serializers.IntegerField()
    issued = serializers.IntegerField()
    redeemed = serializers.IntegerField()
    expired = serializers.IntegerField()


class PointsByKindSerializer(serializers.Serializer):
    kind = serializers.CharField()
    decisions = serializers.IntegerField()
    points = serializers.IntegerField()
    reversed_points = serializers.IntegerField()


class PointsMovedSerializer(serializers.Serializer):
    movement = serializers.CharField()
    what_for = serializers.CharField()
    transfers = serializers.IntegerField()
    points = serializers.IntegerField()


class PointsReportSerializer(serializers.Serializer):
    earned = PointsByKindSerializer(many=True)
    moved = PointsMovedSerializer(many=True)


class PointsBalanceSerializer(serializers.Serializer):
    """``spendable`` = available − those whose last day is over; ``ending``: within 30 days."""

    available = serializers.IntegerField()
    held = serializers.IntegerField()
    owed = serializers.IntegerField()
    spendable = serializers.IntegerField()
    ending = serializers.IntegerField()


class PointsCategorySerializer(serializers.Serializer):
    title = serializers.CharField()
    came_in = serializers.IntegerField()
    went_out = serializers.IntegerField()


class PointsMonthSerializer(serializers.Serializer):
    """An account's month: ``closing`` = ``opening`` + ``came_in`` − ``went_out`` − ``expired``."""

    first = serializers.DateField()
    last = serializers.DateField()
    opening = serializers.IntegerField()
    came_in = serializers.IntegerField()
    went_out = serializers.IntegerField()
    expired = serializers.IntegerField()
    closing = serializers.IntegerField()
    categories = PointsCategorySerializer(many=True)
