"""Forms of what is entered: records, donations, certificates, sheets, adjustments. Services judge what they hold."""

import uuid
from datetime import timedelta

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from governance.forms import PhotosField
from governance.models import Area, User
from governance.scoping import visible_q
from partners.earning.querysets import RUNS
from partners.ledger.posting import LARGEST
from partners.models import (
    Account,
    AccountKind,
    GiftSort,
    KindUse,
    Partner,
    ServiceKind,
    VolunteerHours,
)
from partners.models.service import MOST_HOURS, MOST_QUANTITY, MOST_SERVED
from partners.recruiting.standing import partners_of

# Years that a report is asked for [J]; as in the API.
FIRST_YEAR, LAST_YEAR = 2000, 2200
DAY = {"type": "date"}
MOMENT = {"type": "datetime-local"}


def day_input() -> forms.DateInput:
    """Return a date input that shows its first value: browsers read no other format."""
    return forms.DateInput(format="%Y-%m-%d", attrs=DAY)


def _kinds(use: str):
    return ServiceKind.objects.filter(is_active=True, use=use).order_by("code")


def partners_run_by(user):
    """Return the active partners whose points a person keeps."""
    found = visible_q(RUNS, user)
    if found is None:
        return Partner.objects.none()
    return Partner.objects.active().filter(found).with_rows().order_by("name", "pk")


class RecordForm(forms.Form):
    """A service that was rendered, by the partner's people."""

    partner = forms.ModelChoiceField(Partner.objects.none(), label=_("partner"))
    kind = forms.ModelChoiceField(ServiceKind.objects.none(), label=_("kind of service"), to_field_name="code")
    performed_at = forms.DateTimeField(
        label=_("began at"), widget=forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs=MOMENT)
    )
    hours = forms.DecimalField(label=_("hours"), min_value=0, max_value=MOST_HOURS, decimal_places=2, required=False,
                               help_text=_("needed where the kind earns by the hour"))  # fmt: skip
    quantity = forms.IntegerField(label=_("how many"), min_value=1, max_value=MOST_QUANTITY, initial=1)
    served = forms.IntegerField(label=_("people served"), min_value=0, max_value=MOST_SERVED, initial=0,
                                help_text=_("a number, no names"))  # fmt: skip
    place = forms.CharField(label=_("place"), max_length=120, required=False)
    note = forms.CharField(
        label=_("service in words"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    photos = PhotosField()

    def __init__(self, *args, partners, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["partner"].queryset = partners
        self.fields["kind"].queryset = _kinds(KindUse.SERVICE)


class DonationForm(forms.Form):
    """A gift as staff receive it."""

    partner = forms.ModelChoiceField(Partner.objects.none(), label=_("partner"))
    kind = forms.ModelChoiceField(ServiceKind.objects.none(), label=_("kind of service"), to_field_name="code")
    sort = forms.ChoiceField(label=_("goods or money"), choices=GiftSort.choices)
    description = forms.CharField(label=_("what was given"), max_length=200)
    quantity = forms.IntegerField(label=_("how many"), min_value=1, max_value=MOST_QUANTITY, initial=1)
    value = forms.DecimalField(label=_("stated value (yuan)"), min_value=0, max_digits=10, decimal_places=2,
                               required=False)  # fmt: skip
    received_on = forms.DateField(label=_("received on"), widget=day_input(), initial=timezone.localdate)
    photos = PhotosField()

    def __init__(self, *args, partners, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["partner"].queryset = partners
        self.fields["kind"].queryset = _kinds(KindUse.DONATION)


class DaysForm(forms.Form):
    """From one day to another."""

    first = forms.DateField(label=_("from"), widget=day_input())
    last = forms.DateField(label=_("to"), widget=day_input())


class ReportDaysForm(DaysForm):
    """The days of a report: any that points can have moved on."""

    def clean(self):
        given = super().clean()
        days = [given.get(name) for name in ("first", "last")]
        if None not in days and not FIRST_YEAR <= min(days).year <= max(days).year <= LAST_YEAR:
            raise forms.ValidationError(_("This day is too far away."), code="too_far")
        if None not in days and days[1] < days[0]:
            self.add_error("last", _("The last day lies before the first."))
        return given


class CertificateForm(DaysForm):
    """The days whose hours a person wants certified, in which community."""

    area = forms.ModelChoiceField(Area.objects.none(), label=_("community"), to_field_name="code")

    def __init__(self, *args, person: User, **kwargs):
        super().__init__(*args, **kwargs)
        worked = VolunteerHours.objects.filter(person=person).values("area")
        self.fields["area"].queryset = Area.objects.filter(pk__in=worked).order_by("code")


class CertificateForForm(DaysForm):
    """Whose hours staff certify; of the communities whose hours they keep."""

    person = forms.ModelChoiceField(User.objects.none(), label=_("person"))
    area = forms.ModelChoiceField(Area.objects.none(), label=_("community"), to_field_name="code")
    field_order = ("person", "area", "first", "last")

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        lines = VolunteerHours.objects.visible_to(user)
        self.fields["person"].queryset = User.objects.filter(pk__in=lines.values("person")).order_by("name")
        self.fields["area"].queryset = Area.objects.filter(pk__in=lines.values("area")).order_by("code")
        today = timezone.localdate()
        self.fields["first"].initial, self.fields["last"].initial = today.replace(month=1, day=1), today


class SheetForm(DaysForm):
    """Which merchant is settled with, for which days."""

    merchant = forms.ModelChoiceField(Account.objects.none(), label=_("Merchant"))
    field_order = ("merchant", "first", "last")

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        rows = Account.objects.visible_to(user).filter(kind=AccountKind.MERCHANT, is_active=True)
        self.fields["merchant"].queryset = rows.select_related("unit", "area").order_by("pk")
        last = timezone.localdate().replace(day=1) - timedelta(days=1)
        self.fields["first"].initial, self.fields["last"].initial = last.replace(day=1), last


class AdjustmentForm(forms.Form):
    """A correction without evidence, that another person decides."""

    account = forms.ModelChoiceField(Account.objects.none(), label=_("account"))
    amount = forms.IntegerField(label=_("number of points"), help_text=_("negative takes points away"))
    expires_on = forms.DateField(label=_("good until"), widget=day_input(), required=False)
    reason = forms.CharField(label=_("reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        rows = Account.objects.visible_to(user).filter(kind=AccountKind.MEMBER, is_active=True)
        self.fields["account"].queryset = rows.select_related("user", "unit", "area").order_by("pk")


class GiftForm(forms.Form):
    """Points for another member: number and name of the account say whose it is; ``key`` makes a double press one."""

    to = forms.IntegerField(label=_("Account number of the other member"), min_value=1, max_value=2**63 - 1)
    name = forms.CharField(label=_("Name of the other member"), max_length=120,
                           help_text=_("in full, as the other member tells you"))  # fmt: skip
    amount = forms.IntegerField(label=_("number of points"), min_value=1, max_value=LARGEST)
    key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.initial["key"] = uuid.uuid4()


def own_partners(user):
    """Return the active partners a person is or acts for."""
    return partners_of(user).with_rows()
