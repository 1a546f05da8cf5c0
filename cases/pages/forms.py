"""What residents send in from the phone pages."""

import hashlib
import json
import uuid

from django import forms
from django.utils.translation import gettext_lazy as _

from cases.models import CaseRating, Solved
from governance.errors import REASON_NEEDED
from governance.forms import PhotosField
from governance.identity.phones import normalised
from governance.models import Area, AreaKind
from governance.models.person import phone_validator


class PhotosOnlyField(PhotosField):
    """Several photos; no documents."""

    def __init__(self, **options):
        super().__init__(**options)
        self.widget.attrs["accept"] = "image/*"

    def clean(self, data, initial=None):
        uploads = super().clean(data, initial)
        if any(upload.kind != "image" for upload in uploads):
            raise forms.ValidationError(_("Only photos can be sent here."), code="not_allowed_type")
        return uploads


class PhoneField(forms.CharField):
    """A phone number as people write it: spaces, dashes and brackets are left out, +86 before a mobile number too."""

    widget = forms.TextInput(attrs={"type": "tel", "inputmode": "tel", "autocomplete": "tel"})
    default_validators = [phone_validator]

    def to_python(self, value):
        return normalised(super().to_python(value))


class AreaField(forms.ModelChoiceField):
    """An area in use, by its code; only code, name and parent are read (boundaries are large)."""

    def __init__(self, kind: str, **options):
        areas = Area.objects.filter(kind=kind, is_active=True).select_related("parent")
        areas = areas.only("code", "name", "path", "parent__code", "parent__name").order_by("code")
        super().__init__(queryset=areas, to_field_name="code", required=False, **options)


PLACE = {"longitude", "latitude", "street", "community", "address"}


class ReportForm(forms.Form):
    """A report: what is wrong, photos, and where: a point (WGS-84), a street or community, or an address.

    ``once`` is drawn when the form is shown, so that the same form sent twice is known as such.
    """

    description = forms.CharField(
        label=_("What is wrong?"),
        min_length=5,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={
            "required": _("Please say what is wrong."),
            "min_length": _("Please write at least %(limit_value)d characters."),
        },
        help_text=_("For example: a manhole cover in the middle of the pavement is tilted."),
    )
    photos = PhotosOnlyField()
    longitude = forms.FloatField(required=False, widget=forms.HiddenInput)
    latitude = forms.FloatField(required=False, widget=forms.HiddenInput)
    street = AreaField(AreaKind.STREET, label=_("Street"), empty_label=_("Choose a street"))
    community = AreaField(AreaKind.COMMUNITY, label=_("Community"), empty_label=_("Choose a community"))
    address = forms.CharField(
        label=_("Address or landmark"),
        required=False,
        max_length=200,
        help_text=_("For example: opposite the south gate of the primary school."),
        widget=forms.TextInput(attrs={"autocomplete": "street-address"}),
    )
    name = forms.CharField(
        label=_("Your name (optional)"),
        required=False,
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    phone = PhoneField(
        label=_("Your phone (optional)"),
        required=False,
        max_length=30,
        help_text=_("So that we can ask you when we do not find the place."),
    )
    once = forms.UUIDField(
        widget=forms.HiddenInput,
        initial=uuid.uuid4,
        error_messages=dict.fromkeys(("required", "invalid"), _("The page was incomplete. Please send it once more.")),
    )

    def clean(self):
        cleaned = super().clean()
        street, community = cleaned.get("street"), cleaned.get("community")
        if street and community and community.parent_id != street.pk:
            self.add_error("community", forms.ValidationError(_("This community is in another street."), "mismatch"))
        placed = street or community or cleaned.get("address") or cleaned.get("longitude") is not None
        if not placed and not self.errors.keys() & {"street", "community", "address", "longitude", "latitude"}:
            self.add_error(
                "address", forms.ValidationError(_("Say where: a place, an area or an address."), "required")
            )
        return cleaned

    @property
    def area(self) -> Area | None:
        """The smallest area chosen."""
        return self.cleaned_data["community"] or self.cleaned_data["street"]

    def fingerprint(self) -> str:
        """Return what tells one sending from another: the form it was, and a SHA-256 of what it says and shows."""
        said = [[name, str(self.cleaned_data[name])] for name in self.fields if name not in ("photos", "once")]
        photos = [hashlib.sha256(upload.data).hexdigest() for upload in self.cleaned_data["photos"]]
        digest = hashlib.sha256(json.dumps([said, photos]).encode()).hexdigest()
        return f"{self.cleaned_data['once']}:{digest}"


SCORES = [(5, _("Very good")), (4, _("Good")), (3, _("Fair")), (2, _("Poor")), (1, _("Very poor"))]


class RatingForm(forms.Form):
    """How it went, and whether it is solved."""

    score = forms.TypedChoiceField(
        label=_("How satisfied are you?"), choices=SCORES, coerce=int, widget=forms.RadioSelect
    )
    solved = forms.ChoiceField(label=_("Is it solved?"), choices=Solved, widget=forms.RadioSelect)
    comment = forms.CharField(
        label=_("Anything else? (optional)"),
        required=False,
        max_length=CaseRating._meta.get_field("comment").max_length,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class ReopenForm(forms.Form):
    """Why it is not solved, with photos of how it looks now."""

    reason = forms.CharField(
        label=_("What is not solved?"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": REASON_NEEDED},
    )
    photos = PhotosOnlyField()
