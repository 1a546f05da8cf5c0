"""What people send in from the phone pages, besides the forms of transitions."""

import hashlib
import json
import uuid

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from cases.models import CaseCategory, CaseSource
from cases.pages.forms import PhotosOnlyField
from cases.permissions import REPORTERS
from cases.services import SOURCES
from governance.models import Area
from governance.scoping import grants_of

# What somebody reporting from the street most likely is; the first that the person's roles may state.
LIKELY = (CaseSource.GRID_WORKER, CaseSource.DEPARTMENT, CaseSource.VIDEO, CaseSource.RESIDENT)
MOST_AREAS = 200


class OnceForm(forms.Form):
    """Base of forms that open something: ``once`` is drawn when the form is shown, so that the same form sent twice
    is known as such."""

    once = forms.UUIDField(
        widget=forms.HiddenInput,
        initial=uuid.uuid4,
        error_messages=dict.fromkeys(("required", "invalid"), _("The page was incomplete. Please send it once more.")),
    )
    longitude = forms.FloatField(required=False, widget=forms.HiddenInput)
    latitude = forms.FloatField(required=False, widget=forms.HiddenInput)

    def fingerprint(self) -> str:
        """Return what tells one sending from another: the form it was, and a SHA-256 of what it says and shows."""
        said = [[name, str(self.cleaned_data[name])] for name in self.fields if name not in ("photos", "once", "again")]
        photos = [hashlib.sha256(upload.data).hexdigest() for upload in self.cleaned_data["photos"]]
        digest = hashlib.sha256(json.dumps([said, photos]).encode()).hexdigest()
        return f"{self.cleaned_data['once']}:{digest}"


class PhoneReportForm(OnceForm):
    """A case reported by somebody at work: what is wrong, photos, and where (a point in WGS-84, or an area)."""

    description = forms.CharField(
        label=_("What is wrong?"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("Please say what is wrong.")},
    )
    photos = PhotosOnlyField()
    address = forms.CharField(label=_("Address or landmark"), required=False, max_length=200)
    area = forms.ModelChoiceField(Area.objects.none(), label=_("Area"), required=False, to_field_name="code")
    category = forms.ModelChoiceField(
        CaseCategory.objects.none(), label=_("Category (optional)"), required=False, to_field_name="code",
        empty_label=_("Not known"),
    )  # fmt: skip

    def __init__(self, data=None, files=None, *, user):
        super().__init__(data, files)
        self.grants = [grant for grant in grants_of(user) if grant.role in REPORTERS]
        paths = tuple({grant.area_path for grant in self.grants})
        rows = Area.objects.visible_to(user).filter(is_active=True).defer("boundary").order_by("path")
        areas = [area for area in rows if area.path.startswith(paths)] if paths else []
        if len(areas) > MOST_AREAS:
            areas = [area for area in areas if area.kind != "grid"]
        self.fields["area"].queryset = rows.filter(pk__in=[area.pk for area in areas])
        self.fields["area"].label_from_instance = lambda area: "　" * max(area.path.count("/") - 2, 0) + area.name
        if len(areas) == 1:
            self.fields["area"].initial = areas[0].code
        categories = CaseCategory.objects.visible_to(user).filter(is_active=True, parent__isnull=False)
        self.fields["category"].queryset = categories.order_by("code")

    @property
    def source(self) -> str:
        """The source that the person's role states."""
        stated = {source for grant in self.grants for source in SOURCES[grant.role]}
        return next(source for source in LIKELY if source in stated)

    def clean(self):
        cleaned = super().clean()
        if not self.errors and cleaned.get("longitude") is None and not cleaned.get("area"):
            self.add_error("area", _("Say where: a place or an area."))
        return cleaned


class FindingForm(OnceForm):
    """What was found on a round."""

    finding = forms.CharField(
        label=_("What did you find?"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("Please say what is wrong.")},
    )
    photos = PhotosOnlyField()
    address = forms.CharField(label=_("Address or landmark"), required=False, max_length=200)
    category = forms.ModelChoiceField(
        CaseCategory.objects.none(), label=_("Category (optional)"), required=False, to_field_name="code",
        empty_label=_("Not known"),
    )  # fmt: skip

    def __init__(self, data=None, files=None, *, user):
        super().__init__(data, files)
        categories = CaseCategory.objects.visible_to(user).filter(is_active=True, parent__isnull=False)
        self.fields["category"].queryset = categories.order_by("code")


class CheckInForm(forms.Form):
    """A check-in as the phone sends it; without the script position and time are left out."""

    longitude = forms.FloatField(required=False, widget=forms.HiddenInput)
    latitude = forms.FloatField(required=False, widget=forms.HiddenInput)
    accuracy_m = forms.FloatField(required=False, min_value=0, max_value=1_000_000, widget=forms.HiddenInput)
    at = forms.DateTimeField(required=False, widget=forms.HiddenInput)
    key = forms.RegexField(r"^[\x21-\x7e]{0,64}$", required=False, widget=forms.HiddenInput)
    note = forms.CharField(label=_("Note (optional)"), required=False, max_length=500)
    photos = PhotosOnlyField()

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.fields["photos"].widget.attrs["capture"] = "environment"


def most_photos() -> int:
    """How many photos one form may bring."""
    return settings.ATTACHMENT_MAX_COUNT
