"""REST door of the points bank: accounts, and the statement of one, for their owners and for staff of the area."""

import uuid
from datetime import date

from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response

from governance.api.idempotency import idempotent
from governance.api.paging import NewestFirst
from governance.api.views import ScopedViewSet
from partners.api.earning_serializers import BIG, PointsBalanceSerializer, PointsMonthSerializer
from partners.earning.deciding import month_of
from partners.earning.monthly import month_statement
from partners.ledger.accounts import balance_of
from partners.ledger.giving import count_try, gift_make
from partners.ledger.posting import LARGEST
from partners.ledger.reasons import lines_told
from partners.ledger.statement import statement_lines
from partners.models import SIDES, Account, AccountKind, Entry, Part, TransferKind


class PointsAccountSerializer(serializers.ModelSerializer):
    """An account in whole points. `available` of a member can be spent but for points whose last day is over. The
    points of merchants and of a community's own sides are the sum of their statements: null here."""

    kind = serializers.ChoiceField(AccountKind.choices)
    kind_label = serializers.CharField(source="get_kind_display")
    area = serializers.CharField(source="area.code")
    area_name = serializers.CharField(source="area.name")
    unit = serializers.CharField(source="unit.code", default=None, allow_null=True)
    owner_name = serializers.CharField()
    available = serializers.SerializerMethodField()
    held = serializers.SerializerMethodField()
    owed = serializers.SerializerMethodField()

    class Meta:
        model = Account
        fields = ["id", "kind", "kind_label", "area", "area_name", "unit", "owner_name", "available", "held", "owed",
                  "is_active"]  # fmt: skip
        read_only_fields = fields

    def get_available(self, account) -> int | None:
        return account.available if account.kind == AccountKind.MEMBER else None

    def get_held(self, account) -> int | None:
        return account.held if account.kind == AccountKind.MEMBER else None

    def get_owed(self, account) -> int | None:
        return account.owed if account.kind == AccountKind.MEMBER else None


class ToldListSerializer(serializers.ListSerializer):
    """Says what all lines of a page are for, in few statements."""

    def to_representation(self, data):
        lines = list(data)
        self.child.told = lines_told(lines)
        return super().to_representation(lines)


class PointsLineSerializer(serializers.ModelSerializer):
    """One line: so many points into a part of the account, or out of it (negative), and what for, in words too."""

    balance_part = serializers.ChoiceField(Part.choices, source="part")
    balance_part_label = serializers.CharField(source="get_part_display")
    transfer = serializers.IntegerField(source="transfer_id")
    kind = serializers.ChoiceField(TransferKind.choices, source="transfer.kind")
    kind_label = serializers.CharField(source="transfer.get_kind_display")
    reason = serializers.CharField(source="transfer.reason")
    reason_text = serializers.SerializerMethodField()
    evidence_text = serializers.SerializerMethodField()
    evidence_type = serializers.CharField(source="transfer.evidence_type")
    evidence_id = serializers.IntegerField(source="transfer.evidence_id", allow_null=True)
    reverses = serializers.IntegerField(source="transfer.reverses_id", allow_null=True)
    occurred_at = serializers.DateTimeField(source="transfer.occurred_at")

    class Meta:
        model = Entry
        list_serializer_class = ToldListSerializer
        fields = ["id", "balance_part", "balance_part_label", "amount", "transfer", "kind", "kind_label",
                  "reason", "reason_text", "evidence_text", "evidence_type", "evidence_id", "reverses",
                  "occurred_at"]  # fmt: skip
        read_only_fields = fields

    def get_reason_text(self, line) -> str:
        return self.told[line.pk].title

    def get_evidence_text(self, line) -> str:
        return self.told[line.pk].detail


class PointsGiftInput(serializers.Serializer):
    """``to``: the number of the other member's account; ``name``: whose it is, in full. Both must fit."""

    to = serializers.IntegerField(min_value=1, max_value=BIG)
    name = serializers.CharField(max_length=120)
    amount = serializers.IntegerField(min_value=1, max_value=LARGEST)


class PointsGiftSerializer(serializers.Serializer):
    """What was given, and what the giver has then."""

    transfer = serializers.IntegerField(source="pk")
    amount = serializers.IntegerField()
    to = serializers.IntegerField(source="counterpart_id")
    balance = PointsBalanceSerializer()


@extend_schema(tags=["points bank"])
class AccountViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """Points accounts the caller may see: the own ones, those of the own unit, for staff those of the area."""

    queryset = Account.objects.with_rows()
    serializer_class = PointsAccountSerializer
    permission_classes = [IsAuthenticated]
    pagination_class = NewestFirst

    @extend_schema(responses=PointsLineSerializer(many=True))
    @action(detail=True, serializer_class=PointsLineSerializer)
    def statement(self, request, pk=None):
        """What happened on an account, newest first; every line names its reason."""
        page = self.paginate_queryset(statement_lines(self.get_object()))
        return self.get_paginated_response(PointsLineSerializer(page, many=True).data)

    @extend_schema(responses=PointsBalanceSerializer)
    @action(detail=True, pagination_class=None)
    def balance(self, request, pk=None):
        """What a member has, what of it may be spent, and what ends within 30 days."""
        found = balance_of(self._of_member())
        return Response(PointsBalanceSerializer(found).data)

    @extend_schema(responses=PointsMonthSerializer)
    @action(detail=True, url_path=r"months/(?P<month>20[0-9]{2}-(?:0[1-9]|1[0-2]))", pagination_class=None)
    def month(self, request, month, pk=None):
        """The statement of a month (`2026-10`): opening, in, out, expired, closing, by category."""
        first, last = month_of(date.fromisoformat(f"{month}-01"))
        account = self.get_object()
        if account.kind in SIDES:
            raise NotFound
        return Response(PointsMonthSerializer(month_statement(account, first, last)).data)

    @extend_schema(request=PointsGiftInput, responses={201: PointsGiftSerializer})
    @action(detail=True, methods=["post"], pagination_class=None)
    def give(self, request, pk=None):
        """Give points of the own account to another member of the community; they stay good as long as they were."""
        count_try(request.user)
        return self._give(request)

    give.idempotent = True  # ``_give`` honours the key; the count of tries stays where that is undone

    @idempotent
    def _give(self, request):
        given = PointsGiftInput(data=request.data)
        given.is_valid(raise_exception=True)
        account = self._of_member()
        told = given.validated_data
        made = gift_make(account, actor=request.user, number=told["to"], name=told["name"], amount=told["amount"],
                         key=str(uuid.uuid4()))  # fmt: skip
        made.balance = balance_of(account)
        return Response(PointsGiftSerializer(made).data, status=status.HTTP_201_CREATED)

    def _of_member(self) -> Account:
        account = self.get_object()
        if account.kind != AccountKind.MEMBER:
            raise NotFound
        return account
