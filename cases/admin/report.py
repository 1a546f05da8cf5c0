"""The staff form to report a case."""

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cases.forms import StandardField
from cases.models import CaseCategory, CaseSource
from cases.services import SOURCES
from governance.coordinates import CoordinateError, to_wgs84
from governance.forms import PhotosField
from governance.models import Area, Role
from governance.models.person import phone_validator
from governance.scoping import grants_of

SYSTEMS = [
    ("wgs84", _("WGS-84 / CGCS2000 (this map)")),
    ("gcj02", _("GCJ-02 (Amap, Tencent)")),
    ("bd09", _("BD-09 (Baidu)")),
]
FIELD_OF = {"lon": "longitude", "lat": "latitude", "system": "system"}


class ReportForm(forms.Form):
    """What staff state when they report a case: what, where, who told them.

    Only sources that the person's roles may state are offered, and only areas they work in. The place is a point or an
    area; ``arguments()`` gives the keyword arguments of ``case_report``.
    """

    source = forms.ChoiceField(label=_("Source"))
    area = forms.ModelChoiceField(
        Area.objects.none(), label=_("Area"), required=False, help_text=_("When the exact point is not known.")
    )
    description = forms.CharField(
        label=_("What is wrong"), max_length=4000, widget=forms.Textarea(attrs={"rows": 4, "autofocus": True})
    )
    longitude = forms.FloatField(label=_("Longitude"), required=False, min_value=-180, max_value=180)
    latitude = forms.FloatField(label=_("Latitude"), required=False, min_value=-90, max_value=90)
    system = forms.ChoiceField(label=_("Coordinate system"), choices=SYSTEMS, initial="wgs84", required=False)
    address = forms.CharField(label=_("Address"), max_length=200, required=False)
    standard = StandardField(label=_("Filing standard"), required=False)
    category = forms.ModelChoiceField(CaseCategory.objects.filter(is_active=True), label=_("Category"), required=False)
    reporter_name = forms.CharField(label=_("Name of who reported"), max_length=60, required=False)
    reporter_phone = forms.CharField(
        label=_("Phone of who reported"), max_length=16, required=False, validators=[phone_validator]
    )
    photos = PhotosField()

    def __init__(self, data=None, files=None, *, user):
        super().__init__(data, files)
        grants = [grant for grant in grants_of(user) if grant.role not in (Role.RESIDENT, Role.SYSTEM)]
        stated = {source for grant in grants for source in SOURCES.get(grant.role, ())}
        self.fields["source"].choices = [choice for choice in CaseSource.choices if choice[0] in stated]
        reach = Q(pk__in=[])
        for grant in grants:
            if grant.role in SOURCES:
                reach |= Q(path__startswith=grant.area_path)
        self.fields["area"].queryset = (
            Area.objects.visible_to(user).filter(reach, is_active=True).defer("boundary").order_by("path")
        )
        self.fields["area"].label_from_instance = lambda area: "　" * max(area.path.count("/") - 2, 0) + area.name

    def clean(self):
        cleaned = super().clean()
        point = cleaned.get("longitude"), cleaned.get("latitude")
        if self.errors:
            return cleaned
        if point == (None, None) and cleaned.get("area") is None:
            self.add_error("area", _("Say where: a place or an area."))
        elif None not in point:
            system = cleaned.get("system") or "wgs84"
            try:
                cleaned["longitude"], cleaned["latitude"] = to_wgs84(*point, system)
            except CoordinateError as error:
                self.add_error(FIELD_OF[error.field], error.detail)
        return cleaned

    def arguments(self) -> dict:
        """Return the cleaned values as keyword arguments of ``cases.services.case_report``."""
        return {name: value for name, value in self.cleaned_data.items() if name != "system"}
