"""REST door of redemption: rewards, redemptions, and the merchants' till. Every write is a service."""

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response

from governance.api.filters import AreaFilter, CodedFilterSet, YesNoFilter
from governance.api.idempotency import HEADER, idempotent
from governance.api.paging import NewestFirst
from governance.api.transitions import TransitionsMixin
from governance.api.views import ApiView, ScopedViewSet
from governance.errors import Conflict, NotPermitted
from governance.models import Area, Venue
from governance.scoping import grant_for
from governance.workflow import act
from partners.api.rewards_serializers import (
    CodeInput,
    MerchantMonthSerializer,
    RedeemInput,
    RedemptionCodeSerializer,
    RedemptionSerializer,
    RewardInput,
    RewardSerializer,
    ShownCodeSerializer,
    StockEntrySerializer,
)
from partners.models import Account, Redemption, RedemptionState, Reward, RewardKind, RewardState, StockEntry
from partners.rewards.codes import code_of, grouped
from partners.rewards.members import Shown, code_shown, merchants_of, month_of
from partners.rewards.offering import reward_draft
from partners.rewards.querysets import MEMBERS
from partners.rewards.redeeming import redeem

BIG = 2**63 - 1


def _one(rows, field: str, value, column: str = "code"):
    found = rows.filter(**{column: value}).first()
    if found is None:
        raise serializers.ValidationError({field: [_("There is no “%(code)s”.") % {"code": value}]}, "does_not_exist")
    return found


class RewardFilters(CodedFilterSet):
    """``state`` and ``kind`` may be given several times."""

    state = filters.MultipleChoiceFilter(choices=RewardState.choices)
    kind = filters.MultipleChoiceFilter(choices=RewardKind.choices)
    area = AreaFilter()

    class Meta(CodedFilterSet.Meta):
        model = Reward


@extend_schema(tags=["redemption"])
class RewardViewSet(TransitionsMixin, mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """Rewards the caller may see: members what is offered in their communities, staff all of their area."""

    queryset = Reward.objects.with_rows()
    serializer_class = RewardSerializer
    filterset_class = RewardFilters
    pagination_class = NewestFirst
    lookup_value_regex = "[0-9]{1,18}"
    free_actions = ("transition", "list", "retrieve", "redeem")

    def answer_with(self, row) -> dict:
        """Return the JSON of a row just moved on, loaded anew."""
        return self.get_serializer(self.queryset.get(pk=row.pk)).data

    @extend_schema(request=RewardInput, responses={201: RewardSerializer})
    @idempotent
    def create(self, request):
        """Draft a reward."""
        given = RewardInput(data=request.data)
        given.is_valid(raise_exception=True)
        data = dict(given.validated_data)
        data["area"] = _one(Area.objects.filter(is_active=True), "area", data["area"])
        if data["venue"] is not None:
            data["venue"] = _one(Venue.objects.visible_to(request.user), "venue", data["venue"])
        if data["merchant"] is not None:
            rows = Account.objects.with_rows().filter(kind="merchant", area=data["area"])
            data["merchant"] = _one(rows, "merchant", data["merchant"], "unit__code")
        made = reward_draft(actor=request.user, **data)
        return Response(self.answer_with(made), status=status.HTTP_201_CREATED)

    @extend_schema(request=RedeemInput, responses={201: RedemptionSerializer})
    @action(detail=True, methods=["post"], filterset_class=None, pagination_class=None)
    def redeem(self, request, pk):
        """Redeem points of an account for it. `key` (or the header `Idempotency-Key`) names the wish: sent again it
        has one effect and the same answer."""
        given = RedeemInput(data=request.data)
        given.is_valid(raise_exception=True)
        data = dict(given.validated_data)
        data["key"] = data["key"] or request.headers.get(HEADER, "")
        if not data["key"]:
            raise serializers.ValidationError({"key": [_("A key of 1 to 120 characters is needed.")]}, "required")
        accounts = Account.objects.visible_to(request.user).with_rows().filter(kind="member")
        data["account"] = _one(accounts, "account", data["account"], "pk")
        made = redeem(self.get_object(), actor=request.user, **data)
        row = Redemption.objects.with_rows().get(pk=made.pk)
        told = RedemptionSerializer(row, context=self.get_serializer_context())
        return Response(told.data, status=status.HTTP_201_CREATED)


class RedemptionFilters(CodedFilterSet):
    """``mine``: only those of the caller's own accounts."""

    state = filters.MultipleChoiceFilter(choices=RedemptionState.choices)
    kind = filters.MultipleChoiceFilter(choices=RewardKind.choices)
    reward = filters.NumberFilter("reward_id", min_value=1, max_value=BIG)
    area = AreaFilter()
    mine = YesNoFilter(method="of_mine", label=_("Only of the own accounts."))

    class Meta(CodedFilterSet.Meta):
        model = Redemption

    def of_mine(self, rows, name, value):
        """Leave the caller's own."""
        return rows.of_members(self.request.user) if value else rows


@extend_schema(tags=["redemption"])
class RedemptionViewSet(TransitionsMixin, mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """Redemptions the caller may see: the own ones, those of the own merchant, for staff those of the area."""

    queryset = Redemption.objects.with_rows()
    serializer_class = RedemptionSerializer
    filterset_class = RedemptionFilters
    pagination_class = NewestFirst
    lookup_value_regex = "[0-9]{1,18}"
    free_actions = ("transition", "list", "retrieve", "code")

    def answer_with(self, row) -> dict:
        """Return the JSON of a row just moved on, loaded anew."""
        return self.get_serializer(self.queryset.get(pk=row.pk)).data

    @extend_schema(responses=RedemptionCodeSerializer)
    @action(detail=True, filterset_class=None, pagination_class=None)
    def code(self, request, pk):
        """The code to show, for its owner alone and while it is good; `url` is what the QR code leads to."""
        row = self.get_object()
        if grant_for(MEMBERS, row, request.user) is None:
            raise NotPermitted(_("Only who redeemed it is told the code."))
        code = code_of(row) if row.state == RedemptionState.HELD and row.until > timezone.now() else None
        if code is None:
            raise Conflict(_("There is no code any more."), code="over")
        url = request.build_absolute_uri(reverse("residents_rewards:code", args=[code]))
        told = RedemptionCodeSerializer({"code": grouped(code), "url": url, "until": row.until})
        return Response(told.data, headers={"Cache-Control": "private, no-store"})


@extend_schema(tags=["redemption"])
class StockEntryViewSet(mixins.ListModelMixin, ScopedViewSet):
    """The stock book of the caller's communities, newest first."""

    queryset = StockEntry.objects.select_related("reward", "area", "entered_by").defer("area__boundary")
    serializer_class = StockEntrySerializer
    pagination_class = NewestFirst


def _shown(request) -> Shown:
    """Return what a posted code is for. Raises NotPermitted for a foreign one."""
    given = CodeInput(data=request.data)
    given.is_valid(raise_exception=True)
    found = code_shown(given.validated_data["code"], actor=request.user)
    if found is None:
        raise NotPermitted(_("This code is of another merchant or place: it cannot be taken here."))
    return found


@extend_schema(tags=["redemption"], request=CodeInput)
class CodeLookUpView(ApiView):
    """What a code is for, to who may hand over for it: merchants their coupons, the community its own."""

    permission_classes = [IsAuthenticated]

    @extend_schema(responses=ShownCodeSerializer)
    def post(self, request):
        """Look a code up; nothing is used. A used, expired or cancelled one says so in `text`."""
        return Response(ShownCodeSerializer(_shown(request), context={"request": request}).data)


@extend_schema(tags=["redemption"], request=CodeInput)
class CodeTakeView(ApiView):
    """Taking a code: once."""

    permission_classes = [IsAuthenticated]

    @extend_schema(responses=RedemptionSerializer)
    def post(self, request):
        """Hand over what the code is for; the points are the merchant's, or spent in the community."""
        found = _shown(request)
        done = act(found.redemption, "fulfil", actor=request.user, code=request.data["code"])
        row = Redemption.objects.with_rows().get(pk=done.pk)
        return Response(RedemptionSerializer(row, context={"request": request}).data)


class MonthInput(serializers.Serializer):
    month = serializers.DateField(input_formats=["%Y-%m"], required=False, default=None, allow_null=True)


@extend_schema(tags=["redemption"], parameters=[MonthInput])
class MerchantMonthView(ApiView):
    """The totals of the caller's merchants."""

    permission_classes = [IsAuthenticated]

    @extend_schema(responses=MerchantMonthSerializer(many=True))
    def get(self, request):
        """Coupons taken in a month (`2026-11`, default this one), their points, and what is to be settled."""
        given = MonthInput(data=request.query_params)
        given.is_valid(raise_exception=True)
        month = given.validated_data["month"] or timezone.localdate().replace(day=1)
        if not 2000 <= month.year <= 2200:
            raise serializers.ValidationError({"month": [_("This is too far ahead.")]}, "out_of_range")
        rows = [
            {
                "merchant": row.unit.code,
                "merchant_name": row.unit.name,
                "account": row.pk,
                "total": month_of(row, month),
            }
            for row in merchants_of(request.user)
        ]
        return Response(MerchantMonthSerializer(rows, many=True).data)
