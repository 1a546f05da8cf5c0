"""What people send in from a device's page on the phone."""

from django import forms
from django.utils.translation import gettext_lazy as _

from cases.pages.forms import PhotosOnlyField


class ClaimForm(forms.Form):
    """Where somebody stands (WGS-84 degrees, found by the phone or typed), and photos of the device in its place."""

    photos = PhotosOnlyField()
    longitude = forms.FloatField(
        label=_("longitude"), min_value=-180, max_value=180,
        widget=forms.NumberInput(attrs={"step": "any", "inputmode": "decimal"}),
        error_messages={"required": _("The position is needed: let the phone find it, or type it.")},
    )  # fmt: skip
    latitude = forms.FloatField(
        label=_("latitude"), min_value=-90, max_value=90,
        widget=forms.NumberInput(attrs={"step": "any", "inputmode": "decimal"}),
        error_messages={"required": _("The position is needed: let the phone find it, or type it.")},
    )  # fmt: skip
    accuracy = forms.FloatField(required=False, min_value=0, max_value=1_000_000, widget=forms.HiddenInput)
    correct_place = forms.BooleanField(
        label=_("The registered place is wrong: the device stands where I am"), required=False
    )

    def __init__(self, data=None, files=None, *, may_correct: bool):
        super().__init__(data, files)
        self.fields["photos"].widget.attrs["capture"] = "environment"
        if not may_correct:
            del self.fields["correct_place"]
