"""Forms by which staff enter who lives in or owns a dwelling; the admin shows them."""

from django import forms
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from governance.errors import REASON_NEEDED
from governance.forms import PhotosField
from governance.models import Dwelling, ResidencyKind, User
from governance.models.person import phone_validator
from governance.registry.forms import DAY


class EntryForm(forms.Form):
    """What both entries ask: the dwelling by its code, since when, how it is known, and proof."""

    dwelling = forms.CharField(label=_("Code of the dwelling"), max_length=60)
    valid_from = forms.DateField(label=_("From"), widget=DAY, initial=timezone.localdate)
    reason = forms.CharField(
        label=_("How it is known"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": REASON_NEEDED},
        help_text=_("Number of the title deed or lease, visit, register ..."),
    )  # fmt: skip
    photos = PhotosField()

    def __init__(self, data=None, files=None, *, user):
        self.user = user
        super().__init__(data, files)

    def clean_dwelling(self):
        found = Dwelling.objects.visible_to(self.user).filter(code=self.cleaned_data["dwelling"]).first()
        if found is None:
            raise forms.ValidationError(_("There is no such dwelling in your area."), code="does_not_exist")
        return found

    def arguments(self) -> dict:
        """Return the cleaned values as keyword arguments of the service."""
        given = dict(self.cleaned_data)
        return given | {"evidence": given.pop("photos")}


class AccountField(forms.CharField):
    """A person's account by phone or user name."""

    def clean(self, value):
        value = super().clean(value)
        if not value:
            return None
        people = User.objects.filter(Q(phone=value) | Q(username=value), is_system=False, is_active=True)
        found = people.first()
        if found is None:
            raise forms.ValidationError(_("Nobody has an account with this phone or name."), code="does_not_exist")
        return found


class ResidencyEntryForm(EntryForm):
    user = AccountField(label=_("Phone or user name of the resident"), max_length=60)
    kind = forms.ChoiceField(label=_("Lives there as"), choices=ResidencyKind.choices)
    field_order = ["dwelling", "user", "kind", "valid_from", "reason", "photos"]


class OwnershipEntryForm(EntryForm):
    owner_name = forms.CharField(label=_("Owner's name"), max_length=60)
    owner_phone = forms.CharField(label=_("Owner's phone"), max_length=16, required=False, validators=[phone_validator])
    user = AccountField(label=_("Phone or user name of the owner's account"), max_length=60, required=False)
    share_numerator = forms.IntegerField(label=_("Share, numerator"), min_value=1, initial=1)
    share_denominator = forms.IntegerField(label=_("Share, denominator"), min_value=1, initial=1)
    field_order = [
        "dwelling", "owner_name", "owner_phone", "user", "share_numerator", "share_denominator", "valid_from",
        "reason", "photos",
    ]  # fmt: skip
