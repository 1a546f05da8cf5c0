"""What the entries into books, funds and cost periods ask for; the admin and the API validate with the same forms."""

from decimal import Decimal

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from governance.forms import PhotosField, TransitionForm, register_form
from governance.models import OrgUnit, UnitKind
from property.costs.fields import AccountField, DayField, DwellingField, amount_field
from property.costs.fund import BEFORE_THE_VOTE
from property.costs.households import balance_on
from property.models.books import IncomeEntry, IncomeKind, Payment, PaymentMethod
from property.models.costs import CostBasis, CostKind, CostLine, CostSource, SubsidyDirection, SubsidyLine
from property.models.decision import Resolution
from property.models.fund import FundEntry, FundEntryKind, FundUse
from property.models.ruleset import ResolutionKind

BOOKS, FUND, PERIOD = "property.estatebooks", "property.maintenancefund", "property.costperiod"


class EntryForm(TransitionForm):
    """An entry into books that many write at once: judged as they stand, not by the version that was seen."""

    version = None

    def __init__(self, data=None, files=None, *, obj, step, user):
        super().__init__(data, files, obj=obj, step=step, user=user)
        if "photos" in self.fields:
            self.fields["photos"].label = _("Documents (photo or PDF)")
        for field in self.fields.values():
            if isinstance(field, DwellingField | AccountField):
                field.estate_id = obj.estate_id

    def starting_values(self):
        today = timezone.localdate()
        return {"paid_on": today, "booked_on": today}


class PlainForm(EntryForm):
    """A reason or remark only."""

    photos = None


class AccountForm(EntryForm):
    """Money that a household pays or gets.

    ``owed``: what the account owed when the form was shown (below 0: its credit). Without it, and without the number of
    a transfer, nothing would tell a form sent twice from two entries: then it comes back once, saying what is owed.
    """

    photos = None
    field_order = ["dwelling", "account", "amount", "method", "paid_on", "reference", "owed", "reason"]
    dwelling = DwellingField(label=_("Dwelling"), max_length=60, help_text=_("Code, or estate, building and room."))
    account = AccountField()
    amount = amount_field()
    method = forms.ChoiceField(label=_("Way of payment"), choices=PaymentMethod.choices)
    owed = forms.DecimalField(max_digits=12, decimal_places=2, required=False, widget=forms.HiddenInput)

    def clean(self):
        given = super().clean()
        dwelling, day = given.get("dwelling"), given.get("paid_on")
        if None in (dwelling, day) or given.get("owed") is not None or given.get("reference") or "owed" in self.errors:
            return given
        balance = balance_on(self.obj, dwelling, given.get("account"), day)
        self.data = self.data.copy()
        self.data[self.add_prefix("owed")] = str(balance)  # sent along the next time
        told = _("This account owes %(owed)s yuan now (below 0: its credit). If the entry is right, send it again.")
        self.add_error("amount", forms.ValidationError(told % {"owed": balance}, code="unconfirmed"))
        return given


class PayForm(AccountForm):
    """What was paid, for which dwelling, by whom."""

    amount = amount_field(help_text=_("More than what is owed is kept as credit and pays the next bills."))
    paid_on = DayField(label=_("Paid on"))
    reference = forms.CharField(label=_("Number of the transfer"), max_length=60, required=False)


class RefundForm(AccountForm):
    """What was given back, of which account."""

    amount = amount_field(help_text=_("At most the credit of the account."))
    paid_on = DayField(label=_("Given back on"))


class ReversePaymentForm(EntryForm):
    """Which payment, by its receipt."""

    photos = None
    field_order = ["payment", "reason"]
    payment = forms.CharField(label=_("Receipt"), max_length=60, help_text=_("Such as 2026-000012."))

    def clean_payment(self):
        year, _dash, number = self.cleaned_data["payment"].rpartition("-")
        year = year.rpartition("-")[2]
        row = None
        if year.isdecimal() and number.isdecimal() and len(year) == 4 and len(number) < 10:
            row = Payment.objects.filter(books=self.obj, year=int(year), number=int(number)).first()
        if row is None:
            raise forms.ValidationError(_("There is no such receipt in this estate."), code="does_not_exist")
        return row


class IncomeForm(EntryForm):
    """A line of public income with its documents."""

    field_order = ["kind", "amount", "booked_on", "purpose", "photos", "reason"]
    kind = forms.ChoiceField(label=_("Kind of income"), choices=IncomeKind.choices)
    amount = amount_field()
    booked_on = DayField(label=_("Day"))
    purpose = forms.CharField(label=_("Purpose"), max_length=200, help_text=_("Residents read this: no names."))


class LineNumberForm(EntryForm):
    """A line of a ledger by its number."""

    field_order = ["entry", "photos", "reason"]
    entry = forms.IntegerField(label=_("Number of the line"), min_value=1, max_value=2**31 - 1)

    def lines(self):
        """Return the lines of the ledger."""
        return IncomeEntry.objects.filter(books=self.obj)

    def clean_entry(self):
        row = self.lines().filter(ordinal=self.cleaned_data["entry"]).first()
        if row is None:
            raise forms.ValidationError(_("There is no such line."), code="does_not_exist")
        return row


class FundLineForm(LineNumberForm):
    def lines(self):
        return FundEntry.objects.filter(fund=self.obj)


class OpenPeriodForm(EntryForm):
    field_order = ["title", "first", "last", "agreement", "resolution", "photos", "reason"]
    title = forms.CharField(label=_("Name"), max_length=60, help_text=_("Such as 2026年第三季度物业服务."))
    first = DayField(label=_("From"))
    last = DayField(label=_("To"))
    agreement = forms.CharField(
        label=_("Agreed in"), max_length=200, required=False,
        help_text=_("Contract, minutes or notice that says who bears what."),
    )  # fmt: skip
    resolution = forms.ModelChoiceField(Resolution.objects.none(), label=_("Resolution"), required=False)

    def __init__(self, data=None, files=None, *, obj, step, user):
        super().__init__(data, files, obj=obj, step=step, user=user)
        rows = Resolution.objects.visible_to(user).in_effect()
        self.fields["resolution"].queryset = rows.filter(estate=obj.estate_id)


class OpenFundForm(EntryForm):
    field_order = ["bank", "amount", "booked_on", "photos", "reason"]
    bank = forms.CharField(label=_("Kept at"), max_length=80, help_text=_("Bank or authority that holds the money."))
    amount = amount_field(_("Balance now (yuan)"), min_value=Decimal("0"))
    booked_on = DayField(label=_("As of"))


class EntrustForm(PlainForm):
    field_order = ["company", "reason"]
    company = forms.ModelChoiceField(
        OrgUnit.objects.none(), label=_("Property company"), to_field_name="code", required=False,
        empty_label=_("The community itself"),
    )  # fmt: skip

    def __init__(self, data=None, files=None, *, obj, step, user):
        super().__init__(data, files, obj=obj, step=step, user=user)
        rows = OrgUnit.objects.visible_to(user).filter(kind=UnitKind.PROPERTY_COMPANY, is_active=True)
        self.fields["company"].queryset = rows


class DepositForm(EntryForm):
    field_order = ["kind", "amount", "booked_on", "purpose", "photos", "reason"]
    kind = forms.ChoiceField(
        label=_("Kind"), choices=[(one.value, one.label) for one in (FundEntryKind.DEPOSIT, FundEntryKind.INTEREST)]
    )
    amount = amount_field()
    booked_on = DayField(label=_("Day"))
    purpose = forms.CharField(label=_("Purpose"), max_length=200, help_text=_("Residents read this: no names."))


class ProposeUseForm(EntryForm):
    field_order = ["resolution", "amount", "purpose", "photos", "reason"]
    resolution = forms.ModelChoiceField(
        Resolution.objects.none(), label=_("Resolution"),
        help_text=_("A joint decision of the owners that is not yet announced for the vote."),
    )  # fmt: skip
    amount = amount_field(_("At most (yuan)"))
    purpose = forms.CharField(label=_("Purpose"), max_length=200)

    def __init__(self, data=None, files=None, *, obj, step, user):
        super().__init__(data, files, obj=obj, step=step, user=user)
        self.fields["resolution"].queryset = Resolution.objects.visible_to(user).filter(
            estate=obj.books.estate_id, kind=ResolutionKind.STATUTORY, state__in=BEFORE_THE_VOTE, noticed_at=None
        )


class UseForm(EntryForm):
    field_order = ["use", "amount", "booked_on", "purpose", "photos", "reason"]
    use = forms.ModelChoiceField(FundUse.objects.none(), label=_("Under the resolution"))
    amount = amount_field()
    booked_on = DayField(label=_("Day"))
    purpose = forms.CharField(label=_("Purpose"), max_length=200, help_text=_("Residents read this: no names."))

    def __init__(self, data=None, files=None, *, obj, step, user):
        super().__init__(data, files, obj=obj, step=step, user=user)
        self.fields["use"].queryset = FundUse.objects.visible_to(user).filter(fund=obj).select_related("resolution")


class LineForm(TransitionForm):
    """A cost with its documents."""

    field_order = ["kind", "title", "amount", "supplier", "photos", "reason", "version"]
    photos = PhotosField(label=_("Documents (photo or PDF)"))
    kind = forms.ChoiceField(label=_("Kind"), choices=CostKind.choices)
    title = forms.CharField(label=_("Title"), max_length=120)
    amount = amount_field()
    supplier = forms.CharField(label=_("Paid to"), max_length=80, required=False)


class WhichLine(forms.ModelChoiceField):
    """One of the lines of a period."""

    def label_from_instance(self, line):
        return _now("%(title)s: %(amount)s yuan") % {"title": line.title, "amount": line.amount}


class DropLineForm(TransitionForm):
    photos = None
    field_order = ["line", "reason", "version"]
    line = WhichLine(CostLine.objects.none(), label=_("Line"))

    def __init__(self, data=None, files=None, *, obj, step, user):
        super().__init__(data, files, obj=obj, step=step, user=user)
        self.fields["line"].queryset = CostLine.objects.filter(period=obj, corrects=None)


class CorrectForm(DropLineForm):
    field_order = ["line", "amount", "reason", "photos", "version"]
    photos = PhotosField(label=_("Documents (photo or PDF)"))
    amount = amount_field(_("Should be (yuan)"), min_value=Decimal("0"))


class TermsForm(TransitionForm):
    """Who bears what: shares are parts of what the fixed amounts leave (1 : 1 : 2, or 25, 25, 50)."""

    photos = None
    field_order = [
        "subsidy_fixed", "subsidy_weight", "public_income_fixed", "public_income_weight", "household_weight", "basis",
        "reason", "version",
    ]  # fmt: skip
    subsidy_fixed = amount_field(_("Government subsidy: fixed amount (yuan)"), required=False, min_value=Decimal("0"))
    subsidy_weight = forms.DecimalField(
        label=_("Government subsidy: or a share"), max_digits=9, decimal_places=4, min_value=0, required=False,
        help_text=_("Shares are parts of what the fixed amounts leave: 1, 1 and 2, or 25, 25 and 50."),
    )  # fmt: skip
    public_income_fixed = amount_field(_("Public income: fixed amount (yuan)"), required=False, min_value=Decimal("0"))
    public_income_weight = forms.DecimalField(
        label=_("Public income: or a share"), max_digits=9, decimal_places=4, min_value=0, required=False
    )
    household_weight = forms.DecimalField(
        label=_("Households: share"), max_digits=9, decimal_places=4, min_value=0
    )  # fmt: skip
    basis = forms.ChoiceField(label=_("Household part goes"), choices=CostBasis.choices)

    def starting_values(self):
        found = {"basis": self.obj.basis}
        for share in self.obj.shares.all():
            found |= {f"{share.source}_weight": share.weight, f"{share.source}_fixed": share.fixed}
        return super().starting_values() | found

    def arguments(self):
        given = super().arguments()
        terms = {}
        for source in CostSource.values:
            pair = given.pop(f"{source}_weight"), given.pop(f"{source}_fixed", None)
            if pair != (None, None):
                terms[source] = pair
        return given | {"terms": terms}


class CollectForm(TransitionForm):
    photos = None
    field_order = ["due_on", "reason", "version"]
    due_on = DayField(label=_("To be paid by"))


class SettleForm(TransitionForm):
    photos = None
    field_order = ["subsidy_received", "reason", "version"]
    subsidy_received = amount_field(_("Subsidy received (yuan)"), min_value=Decimal("0"))


class SubsidyForm(TransitionForm):
    """Subsidy that came or went after settlement, with its document."""

    field_order = ["direction", "amount", "booked_on", "photos", "reason", "version"]
    photos = PhotosField(label=_("Documents (photo or PDF)"))
    direction = forms.ChoiceField(label=_("Direction"), choices=SubsidyDirection.choices)
    amount = amount_field()
    booked_on = DayField(label=_("Day"))

    def starting_values(self):
        return super().starting_values() | {"booked_on": timezone.localdate()}


class WhichSubsidy(forms.ModelChoiceField):
    """One of the lines of subsidy after settlement."""

    def label_from_instance(self, line):
        return _now("%(title)s: %(amount)s yuan") % {"title": f"{line.booked_on:%Y-%m-%d}", "amount": line.amount}


class ReverseSubsidyForm(TransitionForm):
    photos = None
    field_order = ["line", "reason", "version"]
    line = WhichSubsidy(SubsidyLine.objects.none(), label=_("Line"))

    def __init__(self, data=None, files=None, *, obj, step, user):
        super().__init__(data, files, obj=obj, step=step, user=user)
        self.fields["line"].queryset = SubsidyLine.objects.filter(period=obj, reverses=None, reversal=None)


class RemarkForm(TransitionForm):
    photos = None


for _label, _forms in {
    BOOKS: {
        "pay": PayForm, "refund": RefundForm, "reverse_payment": ReversePaymentForm, "earn": IncomeForm,
        "spend": IncomeForm, "reverse_income": LineNumberForm, "open_period": OpenPeriodForm,
        "open_fund": OpenFundForm, "entrust": EntrustForm, "close": PlainForm, "reopen": PlainForm,
    },
    FUND: {
        "deposit": DepositForm, "propose_use": ProposeUseForm, "use": UseForm, "reverse_entry": FundLineForm,
    },
    PERIOD: {
        "add_line": LineForm, "drop_line": DropLineForm, "set_terms": TermsForm, "publish": RemarkForm,
        "collect": CollectForm, "settle": SettleForm, "disclose": RemarkForm, "correct": CorrectForm,
        "discard": RemarkForm, "record_subsidy": SubsidyForm, "reverse_subsidy": ReverseSubsidyForm,
    },
    "property.disclosure": {"publish": RemarkForm},
}.items():  # fmt: skip
    for _name, _form in _forms.items():
        register_form(_label, _name, _form)
