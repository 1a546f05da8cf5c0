"""JSON of shared costs. Yuan are texts with two places."""

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from governance.api.fields import RowByCode
from governance.models import Estate, OrgUnit, UnitKind
from governance.workflow import available
from property.costs.own import OwnAccount
from property.models import (
    Charge,
    CostLine,
    CostPeriod,
    CostShare,
    CostSource,
    Disclosure,
    EstateBooks,
    FundEntry,
    IncomeEntry,
    MaintenanceFund,
    Payment,
)


class YuanField(serializers.DecimalField):
    """Yuan, exact to the fen."""

    def __init__(self, **options):
        super().__init__(max_digits=12, decimal_places=2, **options)


class MadeSerializer(serializers.ModelSerializer):
    """Base of what entries are made in: ``transitions`` the caller may do, ``made`` the key of the row just made."""

    transitions = serializers.SerializerMethodField()
    made = serializers.SerializerMethodField(help_text=_("Key of the row that the transition made."))

    def get_transitions(self, obj) -> list[str]:
        return [step.name for step in available(obj, self.context["request"].user)]

    @extend_schema_field(serializers.IntegerField(allow_null=True))
    def get_made(self, obj):
        made = getattr(obj, "made", None)
        return made.pk if made is not None else None


class BooksSerializer(MadeSerializer):
    """Books of an estate. ``fund_balance`` is null where it has no maintenance fund."""

    estate = serializers.CharField(source="estate.code")
    company = serializers.CharField(source="company.code", default=None, allow_null=True)
    fund = serializers.SerializerMethodField()
    fund_balance = serializers.SerializerMethodField()
    income_balance = serializers.SerializerMethodField()

    class Meta:
        model = EstateBooks
        fields = ["id", "estate", "company", "state", "opened_on", "fund", "fund_balance", "income_balance", "version",
                  "transitions", "made"]  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(serializers.IntegerField(allow_null=True))
    def get_fund(self, books):
        return books.fund.pk if hasattr(books, "fund") else None

    @extend_schema_field(YuanField(allow_null=True))
    def get_fund_balance(self, books):
        return f"{books.fund_balance or 0:.2f}" if hasattr(books, "fund") else None

    @extend_schema_field(YuanField())
    def get_income_balance(self, books):
        return f"{books.income_balance or 0:.2f}"


class BooksInput(serializers.Serializer):
    """Whose books, and the property company that keeps them (none: the community itself)."""

    estate = RowByCode(queryset=Estate.objects.none())
    company = RowByCode(
        queryset=OrgUnit.objects.filter(kind=UnitKind.PROPERTY_COMPANY, is_active=True), required=False,
        allow_null=True, default=None,
    )  # fmt: skip

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        if "request" in self.context:
            self.fields["estate"].queryset = Estate.objects.visible_to(self.context["request"].user)


class ArrearsSerializer(serializers.Serializer):
    """What a household has not paid in time, and since when. ``owners`` is empty in the dwelling's own name."""

    dwelling = serializers.CharField(source="dwelling.code")
    account = serializers.CharField(source="account.code")
    owners = serializers.CharField(source="account.names")
    address = serializers.CharField(source="dwelling.address")
    overdue = YuanField()
    owed = YuanField()
    since = serializers.DateField()


class FundSerializer(MadeSerializer):
    """A maintenance fund."""

    estate = serializers.CharField(source="books.estate.code")
    balance = serializers.SerializerMethodField()

    class Meta:
        model = MaintenanceFund
        fields = ["id", "estate", "bank", "state", "opened_on", "balance", "version", "transitions", "made"]
        read_only_fields = fields

    @extend_schema_field(YuanField())
    def get_balance(self, fund):
        return f"{fund.balance or 0:.2f}"


class FundEntrySerializer(serializers.ModelSerializer):
    """A line of a maintenance fund."""

    estate = serializers.CharField(source="fund.books.estate.code")

    class Meta:
        model = FundEntry
        fields = ["id", "estate", "ordinal", "kind", "amount", "balance", "booked_on", "purpose", "resolution",
                  "reverses"]  # fmt: skip
        read_only_fields = fields


class CostLineSerializer(serializers.ModelSerializer):
    class Meta:
        model = CostLine
        fields = ["id", "kind", "title", "supplier", "amount", "corrects"]
        read_only_fields = fields


class CostShareSerializer(serializers.ModelSerializer):
    class Meta:
        model = CostShare
        fields = ["source", "weight", "fixed"]
        read_only_fields = fields


class PartsField(serializers.DictField):
    """Yuan by who bears them."""

    child = YuanField()


class CostPeriodSerializer(MadeSerializer):
    """A cost period with its lines and shares; ``parts`` are null until it is published."""

    estate = serializers.CharField(source="books.estate.code")
    lines = CostLineSerializer(many=True)
    shares = CostShareSerializer(many=True)
    parts = serializers.SerializerMethodField()

    class Meta:
        model = CostPeriod
        fields = ["id", "estate", "name", "first", "last", "basis", "state", "agreement", "resolution", "published_at",
                  "notice_until", "due_on", "subsidy_received", "disclose_by", "disclosed_at", "lines", "shares",
                  "parts", "version", "transitions", "made"]  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(PartsField(allow_null=True))
    def get_parts(self, period):
        if period.published_at is None:
            return None
        found = dict.fromkeys(CostSource.values, 0)
        for part in period.parts.all():
            found[part.source] += part.amount
        return {source: f"{amount:.2f}" for source, amount in found.items()}


class CorrectionSerializer(serializers.Serializer):
    amount = YuanField()
    day = serializers.DateField()


class StatementLineSerializer(serializers.Serializer):
    """A cost as published, its corrections, and what it stands for now."""

    kind = serializers.CharField()
    title = serializers.CharField()
    supplier = serializers.CharField()
    amount = YuanField()
    corrections = CorrectionSerializer(many=True)
    stands = YuanField()


class SubsidyCorrectionSerializer(CorrectionSerializer):
    """What a correction lets be claimed (above 0) or given back (below 0)."""

    title = serializers.CharField()


class SubsidyMovementSerializer(CorrectionSerializer):
    """What came in (above 0) or went back (below 0) after settlement, or the reversal of such a line."""

    is_reversal = serializers.BooleanField(default=False)


class SubsidySerializer(serializers.Serializer):
    """How the subsidy stands after settlement: one of ``to_claim`` and ``to_return`` is nought."""

    published = YuanField()
    corrections = SubsidyCorrectionSerializer(many=True)
    borne = YuanField()
    lines = SubsidyMovementSerializer(many=True)
    received = YuanField()
    to_claim = YuanField()
    to_return = YuanField()


class StatementSerializer(serializers.Serializer):
    """The statement of a cost period; no household in it. ``paid`` and ``arrears`` are of all together."""

    lines = StatementLineSerializer(many=True)
    total = YuanField()
    parts = PartsField()
    dwellings = serializers.IntegerField()
    paid = YuanField()
    arrears = YuanField()
    subsidy_received = YuanField(allow_null=True)
    subsidy = SubsidySerializer(allow_null=True, default=None)


class OwnPeriodSerializer(serializers.ModelSerializer):
    """What residents read of a published cost period."""

    estate = serializers.CharField(source="books.estate.code")

    class Meta:
        model = CostPeriod
        fields = ["id", "estate", "name", "first", "last", "basis", "state", "agreement", "published_at",
                  "notice_until", "due_on", "disclosed_at"]  # fmt: skip
        read_only_fields = fields


class PaymentSerializer(serializers.ModelSerializer):
    """Money of a household; refunds are below 0, ``reverses`` names the receipt that a line undoes."""

    estate = serializers.CharField(source="books.estate.code")
    dwelling = serializers.CharField(source="dwelling.code")
    account = serializers.CharField(source="account.code")
    reverses = serializers.CharField(source="reverses.receipt", default=None, allow_null=True)

    class Meta:
        model = Payment
        fields = ["id", "estate", "dwelling", "account", "receipt", "kind", "amount", "method", "paid_on", "reference",
                  "reverses"]  # fmt: skip
        read_only_fields = fields


class ChargeSerializer(serializers.ModelSerializer):
    """What a dwelling is charged for a period; ``correction`` is the line whose difference it carries."""

    estate = serializers.CharField(source="period.books.estate.code")
    dwelling = serializers.CharField(source="dwelling.code")

    class Meta:
        model = Charge
        fields = ["id", "estate", "period", "dwelling", "weight", "amount", "correction"]
        read_only_fields = fields


class IncomeSerializer(serializers.ModelSerializer):
    """A line of public income."""

    estate = serializers.CharField(source="books.estate.code")

    class Meta:
        model = IncomeEntry
        fields = ["id", "estate", "ordinal", "direction", "kind", "amount", "balance", "booked_on", "purpose",
                  "period", "reverses"]  # fmt: skip
        read_only_fields = fields


class DisclosureSerializer(MadeSerializer):
    """What must be published; ``figures`` are null until it is."""

    estate = serializers.CharField(source="books.estate.code")
    overdue = serializers.BooleanField(source="is_overdue")

    class Meta:
        model = Disclosure
        fields = ["id", "estate", "kind", "first", "last", "due_on", "state", "overdue", "published_at", "figures",
                  "version", "transitions", "made"]  # fmt: skip
        read_only_fields = fields


class OwnDisclosureSerializer(serializers.ModelSerializer):
    """What residents read of a disclosure."""

    estate = serializers.CharField(source="books.estate.code")

    class Meta:
        model = Disclosure
        fields = ["id", "estate", "kind", "first", "last", "published_at", "figures"]
        read_only_fields = fields


class BillSerializer(serializers.Serializer):
    """What the caller's home was charged for a period; ``additional``: what a correction added later."""

    period = serializers.IntegerField()
    name = serializers.CharField()
    due_on = serializers.DateField(allow_null=True)
    amount = YuanField()
    paid = YuanField()
    open = YuanField()
    additional = serializers.BooleanField()


class OwnAccountSerializer(serializers.Serializer):
    """An account of the caller's household. A bill without ``due_on`` hangs out and is not to be paid yet.

    ``account`` is null while nothing was charged for the home; ``former``: the home changed hands since.
    """

    dwelling = serializers.CharField()
    account = serializers.CharField(allow_null=True)
    former = serializers.BooleanField()
    address = serializers.CharField()
    estate = serializers.CharField()
    owed = YuanField()
    credit = YuanField()
    bills = BillSerializer(many=True)
    payments = PaymentSerializer(many=True)


def own_account_json(own: OwnAccount) -> dict:
    """Return an account as ``OwnAccountSerializer`` shows it."""
    bills = [
        {"period": period.pk, "name": period.name, "due_on": bill.due_on, "amount": bill.amount, "paid": bill.covered,
         "open": bill.open, "additional": bill.additional}
        for bill, period in own.bills
    ] + [
        {"period": period.pk, "name": period.name, "due_on": None, "amount": amount, "paid": 0, "open": amount,
         "additional": False}
        for period, amount in own.coming
    ]  # fmt: skip
    told = {
        "dwelling": own.dwelling.code, "account": own.row and own.row.code, "former": own.is_former,
        "address": own.dwelling.address, "estate": own.books.estate.code,
        "owed": own.owed, "credit": own.account.credit, "bills": bills, "payments": own.payments,
    }  # fmt: skip
    return OwnAccountSerializer(told).data
