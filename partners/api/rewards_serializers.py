"""JSON of redemption. A key that names a row holds its code or id; ``transitions``: what the caller may do now."""

from rest_framework import serializers

from governance.api.fields import MomentField
from governance.scoping import grant_for
from governance.workflow import available
from partners.models import (
    Audience,
    LimitPer,
    Redemption,
    RedemptionState,
    Reward,
    RewardKind,
    RewardState,
    StockEntry,
    StockKind,
)
from partners.models.reward import DEAREST
from partners.rewards.notices import place_of
from partners.rewards.querysets import LOOKS, MEMBERS


class MovingSerializer(serializers.ModelSerializer):
    """What rewards and redemptions tell alike."""

    state_label = serializers.CharField(source="get_state_display")
    kind = serializers.ChoiceField(RewardKind.choices)
    kind_label = serializers.CharField(source="get_kind_display")
    area = serializers.CharField(source="area.code")
    area_name = serializers.CharField(source="area.name")
    merchant = serializers.CharField(source="merchant.unit.code", default=None, allow_null=True)
    merchant_name = serializers.CharField(source="merchant.unit.name", default=None, allow_null=True)
    transitions = serializers.SerializerMethodField()

    def get_transitions(self, obj) -> list[str]:
        return [step.name for step in available(obj, self.context["request"].user)]


class RewardSerializer(MovingSerializer):
    """A reward. `free`: pieces left; null for services, which have hours in `venue` instead."""

    state = serializers.ChoiceField(RewardState.choices)
    audience = serializers.ChoiceField(Audience.choices)
    per = serializers.ChoiceField(LimitPer.choices)
    venue = serializers.CharField(source="venue.code", default=None, allow_null=True)
    free = serializers.IntegerField(allow_null=True)

    class Meta:
        model = Reward
        fields = [
            "id", "code", "kind", "kind_label", "title", "about", "area", "area_name", "cost", "audience", "state",
            "state_label", "stocked", "taken", "free", "most", "per", "offered_from", "offered_to", "keep_days",
            "venue", "minutes", "pickup_place", "pickup_hours", "merchant", "merchant_name", "worth", "version",
            "transitions",
        ]  # fmt: skip
        read_only_fields = fields


class RewardInput(serializers.Serializer):
    """A draft. Services name `venue` and `minutes`, goods a `pickup_place`, coupons a `merchant` (its unit's code) and
    what they are `worth`."""

    area = serializers.CharField(max_length=15)
    kind = serializers.ChoiceField(RewardKind.choices)
    code = serializers.SlugField(max_length=40)
    title = serializers.CharField(max_length=60)
    cost = serializers.IntegerField(min_value=1, max_value=DEAREST)
    about = serializers.CharField(max_length=1000, default="", allow_blank=True)
    audience = serializers.ChoiceField(Audience.choices, default=Audience.ALL)
    most = serializers.IntegerField(min_value=1, max_value=1000, default=None, allow_null=True)
    per = serializers.ChoiceField(LimitPer.choices, default=LimitPer.MONTH)
    offered_from = serializers.DateField(default=None, allow_null=True)
    offered_to = serializers.DateField(default=None, allow_null=True)
    keep_days = serializers.IntegerField(min_value=1, max_value=366, default=7)
    venue = serializers.CharField(max_length=30, default=None, allow_null=True)
    minutes = serializers.IntegerField(min_value=15, max_value=720, default=None, allow_null=True)
    pickup_place = serializers.CharField(max_length=120, default="", allow_blank=True)
    pickup_hours = serializers.CharField(max_length=120, default="", allow_blank=True)
    merchant = serializers.CharField(max_length=30, default=None, allow_null=True)
    worth = serializers.CharField(max_length=80, default="", allow_blank=True)


class RedeemInput(serializers.Serializer):
    """`account`: whose points; `cost`: the price shown (another one now is a conflict); `starts_at`: of a service."""

    account = serializers.IntegerField(min_value=1, max_value=2**63 - 1)
    key = serializers.CharField(max_length=120, default="", allow_blank=True)
    cost = serializers.IntegerField(min_value=1, max_value=DEAREST, default=None, allow_null=True)
    starts_at = MomentField(default=None, allow_null=True)


class RedemptionSerializer(MovingSerializer):
    """A redemption at the price of its day; never its code. Whose it is is told to its owner and to staff: to a
    merchant `account` and `member_name` are null."""

    state = serializers.ChoiceField(RedemptionState.choices)
    reward = serializers.IntegerField(source="reward_id")
    account = serializers.SerializerMethodField()
    member_name = serializers.SerializerMethodField()
    booking = serializers.IntegerField(source="booking_id", allow_null=True)
    time = serializers.CharField(source="time_text")
    place = serializers.SerializerMethodField()
    reason = serializers.SerializerMethodField()

    class Meta:
        model = Redemption
        fields = [
            "id", "reward", "kind", "kind_label", "title", "worth", "cost", "area", "area_name", "account",
            "member_name", "merchant", "merchant_name", "booking", "time", "place", "state", "state_label",
            "redeemed_at", "until", "ready_at", "ended_at", "returned_at", "reason", "version", "transitions",
        ]  # fmt: skip
        read_only_fields = fields

    def _knows_whose(self, row) -> bool:
        user = self.context["request"].user
        return grant_for(LOOKS, row, user) is not None or grant_for(MEMBERS, row, user) is not None

    def get_account(self, row) -> int | None:
        return row.account_id if self._knows_whose(row) else None

    def get_member_name(self, row) -> str | None:
        return row.who if self._knows_whose(row) else None

    def get_place(self, row) -> str:
        return place_of(row)

    def get_reason(self, row) -> str:
        return row.words if self._knows_whose(row) else ""


class RedemptionCodeSerializer(serializers.Serializer):
    """The code to show."""

    code = serializers.CharField()
    url = serializers.CharField()
    until = serializers.DateTimeField()


class CodeInput(serializers.Serializer):
    """A code as it was typed or scanned: spaces and dashes do not matter, the link of the QR code will do."""

    code = serializers.CharField(max_length=300)


class ShownCodeSerializer(serializers.Serializer):
    """What a code is for. `usable`: it can be taken now; else `why` is used, expired, cancelled or returned, and `text`
    says it in words."""

    usable = serializers.BooleanField()
    why = serializers.CharField(source="code")
    text = serializers.CharField()
    redemption = RedemptionSerializer()


class StockEntrySerializer(serializers.ModelSerializer):
    """A line of the stock book."""

    reward = serializers.CharField(source="reward.code")
    kind = serializers.ChoiceField(StockKind.choices)
    entered_by_name = serializers.CharField(source="entered_by.name")

    class Meta:
        model = StockEntry
        fields = ["id", "reward", "kind", "amount", "note", "entered_by_name", "entered_at"]
        read_only_fields = fields


class MonthTotalSerializer(serializers.Serializer):
    """`unsettled`: points given to the merchant altogether and not settled with yet."""

    month = serializers.DateField()
    coupons = serializers.IntegerField()
    points = serializers.IntegerField()
    returned = serializers.IntegerField()
    unsettled = serializers.IntegerField()


class MerchantMonthSerializer(serializers.Serializer):
    """A merchant's month."""

    merchant = serializers.CharField()
    merchant_name = serializers.CharField()
    account = serializers.IntegerField()
    total = MonthTotalSerializer()
