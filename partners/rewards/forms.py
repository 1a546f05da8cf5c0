"""What drafts and transitions of rewards and redemptions ask for; used by the admin, the pages and the API alike."""

from django import forms
from django.utils.translation import gettext_lazy as _

from governance.forms import TransitionForm, register_form
from governance.models import Area, AreaKind, Venue
from governance.scoping import grants_of
from partners.models import Account, AccountKind, Audience, LimitPer, RewardKind
from partners.models.reward import DEAREST, LARGEST_STOCK
from partners.rewards.offering import NOT_OF, PLAN
from partners.rewards.querysets import RUN_BY

REWARD, REDEMPTION = "partners.reward", "partners.redemption"


def day_input() -> forms.DateInput:
    """Return a calendar field."""
    return forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})


class PlanFields(forms.Form):
    """Everything of a plan, for all kinds; ``for_kind`` leaves what the kind has."""

    title = forms.CharField(label=_("Name"), max_length=60)
    about = forms.CharField(
        label=_("About the reward"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    cost = forms.IntegerField(label=_("Cost in points"), min_value=1, max_value=DEAREST)
    worth = forms.CharField(
        label=_("Worth"), max_length=80, help_text=_("What the merchant gives for it: 10 yuan off, one coffee.")
    )
    venue = forms.ModelChoiceField(Venue.objects.none(), label=_("Venue"), to_field_name="code")
    minutes = forms.IntegerField(label=_("Length in minutes"), min_value=15, max_value=720, initial=120)
    pickup_place = forms.CharField(label=_("Pick-up place"), max_length=120)
    pickup_hours = forms.CharField(label=_("Pick-up hours"), max_length=120, required=False)
    keep_days = forms.IntegerField(
        label=_("Set aside for (days)"), min_value=1, max_value=366, initial=7,
        help_text=_("Then all comes back. Of a coupon: how long it is good; of a service: after its hours."),
    )  # fmt: skip
    most = forms.IntegerField(
        label=_("At most per member"), min_value=1, max_value=1000, required=False, help_text=_("Empty: no limit.")
    )
    per = forms.ChoiceField(label=_("Period of the limit"), choices=LimitPer.choices, initial=LimitPer.MONTH)
    audience = forms.ChoiceField(label=_("For whom"), choices=Audience.choices, initial=Audience.ALL)
    offered_from = forms.DateField(label=_("Offered from"), required=False, widget=day_input())
    offered_to = forms.DateField(label=_("Offered to"), required=False, widget=day_input())

    def for_kind(self, kind: str, area_paths: list[str]) -> None:
        """Leave the fields of a kind, and offer the venues of the communities."""
        for name in NOT_OF[kind]:
            del self.fields[name]
        if "venue" in self.fields:
            venues = Venue.objects.filter(is_active=True).order_by("code").select_related("area")
            mine = [venue.pk for venue in venues if any(venue.area.path.startswith(path) for path in area_paths)]
            self.fields["venue"].queryset = Venue.objects.filter(pk__in=mine).order_by("code")


class DraftForm(PlanFields):
    """A new reward of one kind, in a community the person runs redemption in."""

    field_order = ["area", "merchant", "code", *PLAN]
    area = forms.ModelChoiceField(Area.objects.none(), label=_("Community"), to_field_name="code")
    code = forms.SlugField(
        label=_("Code"), max_length=40, help_text=_("Letters, digits and dashes; it stays as it is: rice-5kg.")
    )
    merchant = forms.ModelChoiceField(Account.objects.none(), label=_("Merchant"))

    def __init__(self, data=None, *, user, kind: str):
        super().__init__(data)
        self.kind = kind
        paths = [grant.area_path for grant in grants_of(user) if grant.role in RUN_BY]
        areas = Area.objects.filter(kind=AreaKind.COMMUNITY, is_active=True).order_by("code").defer("boundary")
        mine = [area for area in areas if any(area.path.startswith(path) for path in paths)]
        self.fields["area"].queryset = Area.objects.filter(pk__in=[area.pk for area in mine]).order_by("code")
        if len(mine) == 1:
            self.initial["area"] = mine[0].code
        self.for_kind(kind, [area.path for area in mine])
        if kind != RewardKind.COUPON:
            del self.fields["merchant"]
        else:
            rows = Account.objects.filter(kind=AccountKind.MERCHANT, is_active=True, area__in=mine)
            self.fields["merchant"].queryset = rows.with_rows().order_by("pk")

    def blame(self, refusal) -> None:
        self.add_error(refusal.field if refusal.field in self.fields else None, refusal.detail)


class PlanForm(PlanFields, TransitionForm):
    """Starts with the plan as it is."""

    field_order = [*PLAN, "photos", "reason", "version"]

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.for_kind(self.obj.kind, [self.obj.area.path])
        self.fields["photos"].label = _("Picture")

    def starting_values(self):
        return super().starting_values() | {name: getattr(self.obj, name) for name in PLAN}


class ReceiveForm(TransitionForm):
    field_order = ["amount", "note"]
    amount = forms.IntegerField(label=_("Pieces"), min_value=1, max_value=LARGEST_STOCK)
    note = forms.CharField(label=_("Note"), max_length=200, required=False)


class CorrectForm(TransitionForm):
    field_order = ["amount", "reason"]
    amount = forms.IntegerField(
        label=_("By how many pieces"), min_value=-LARGEST_STOCK, max_value=LARGEST_STOCK,
        help_text=_("Below 0: there are fewer."),
    )  # fmt: skip


class FulfilForm(TransitionForm):
    field_order = ["code", "reason"]
    code = forms.CharField(
        label=_("Code the member shows"), max_length=200, required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters"}),
    )  # fmt: skip


class ReturnForm(TransitionForm):
    field_order = ["restock", "reason"]
    restock = forms.BooleanField(label=_("The piece goes back to the stock"), required=False)


for name, form in {"plan": PlanForm, "receive": ReceiveForm, "correct": CorrectForm}.items():
    register_form(REWARD, name, form)
register_form(REDEMPTION, "fulfil", FulfilForm)
register_form(REDEMPTION, "return", ReturnForm)
