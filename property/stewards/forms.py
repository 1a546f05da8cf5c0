"""What the transitions of stewards ask for, and what members write; used by the admin, the phone and the API alike."""

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases.pages.forms import PhotosOnlyField
from governance.clock import SHANGHAI
from governance.forms import TransitionForm, register_form
from governance.models import Building, Dwelling
from property.models import DisputeKind, DisputeUrgency, OutreachResult, StewardTeam

MOMENT = "%Y-%m-%dT%H:%M"


class PositionForm(TransitionForm):
    """Where the phone is, when it says so."""

    longitude = forms.FloatField(required=False, widget=forms.HiddenInput)
    latitude = forms.FloatField(required=False, widget=forms.HiddenInput)
    coordinate_system = forms.CharField(required=False, initial="wgs84", widget=forms.HiddenInput)
    wants_position = True
    field_order = ["reason", "photos", "version"]

    def arguments(self):
        given = super().arguments()
        return given | {"coordinate_system": given["coordinate_system"] or "wgs84"}


class OpenCaseForm(TransitionForm):
    """What a unit has to put right, in words that everybody at work may read."""

    description = forms.CharField(
        label=_("What has to be put right"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Everybody who handles cases reads this: name no people."),
    )  # fmt: skip
    field_order = ["description", "reason", "photos", "version"]


register_form("property.shiftduty", "start", PositionForm)
register_form("property.shiftduty", "end", PositionForm)
register_form("property.disputesighting", "open_case", OpenCaseForm)


class MomentField(forms.DateTimeField):
    """Date and time as a browser sends them, in Shanghai."""

    def __init__(self, **options):
        widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format=MOMENT)
        super().__init__(widget=widget, input_formats=[MOMENT, "%Y-%m-%dT%H:%M:%S"], **options)


def now_shown() -> str:
    """Return the present minute as a browser shows it."""
    return f"{timezone.now().astimezone(SHANGHAI):{MOMENT}}"


class _OfTeamForm(forms.Form):
    """Something a member writes for one of the own teams; ``teams`` are those."""

    def __init__(self, data=None, files=None, *, teams):
        super().__init__(data, files)
        self.fields["team"].queryset = StewardTeam.objects.filter(pk__in=[team.pk for team in teams]).order_by("code")
        if len(teams) == 1:
            self.fields["team"].initial = teams[0].code
            self.fields["team"].widget = forms.HiddenInput()


class OutreachForm(_OfTeamForm):
    """A visit to explain a policy."""

    team = forms.ModelChoiceField(StewardTeam.objects.none(), label=_("Team"), to_field_name="code")
    topic = forms.CharField(label=_("Which policy?"), max_length=60)
    dwelling = forms.CharField(
        label=_("Code of the dwelling"), max_length=60, required=False, help_text=_("Such as GZY-1-1-301.")
    )
    place = forms.CharField(label=_("Or a place"), max_length=100, required=False)
    at = MomentField(label=_("When"), initial=now_shown)
    minutes = forms.IntegerField(label=_("Minutes it took"), min_value=1, max_value=480, initial=15)
    result = forms.ChoiceField(label=_("How did the visit go?"), choices=OutreachResult.choices)
    questions = forms.CharField(
        label=_("What was asked (if anything)"), max_length=1000, required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip
    photos = PhotosOnlyField()

    def clean_dwelling(self):
        code = self.cleaned_data["dwelling"].strip()
        if not code:
            return None
        found = Dwelling.objects.with_address().select_related("area").filter(code=code).first()
        if found is None:
            raise forms.ValidationError(_("There is no such dwelling."), code="does_not_exist")
        return found


class SightingForm(_OfTeamForm):
    """A dispute that was seen."""

    team = forms.ModelChoiceField(StewardTeam.objects.none(), label=_("Team"), to_field_name="code")
    kind = forms.ChoiceField(label=_("What is it about?"), choices=DisputeKind.choices)
    urgency = forms.ChoiceField(
        label=_("How urgent is it?"), choices=DisputeUrgency.choices, initial=DisputeUrgency.NORMAL
    )
    building = forms.ModelChoiceField(Building.objects.none(), label=_("Building"), required=False)
    place = forms.CharField(label=_("Where exactly (optional)"), max_length=100, required=False)
    words = forms.CharField(
        label=_("What did you see?"), max_length=2000, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Only the community staff who settle it read this."),
    )  # fmt: skip
    photos = PhotosOnlyField()

    def __init__(self, data=None, files=None, *, teams):
        super().__init__(data, files, teams=teams)
        estates = [team.estate_id for team in teams if team.estate_id]
        rows = Building.objects.filter(estate__in=estates, is_active=True).select_related("estate")
        self.fields["building"].queryset = rows.order_by("estate", "number")


class PlanForm(_OfTeamForm):
    """A shift on one day, for a team that the person leads."""

    team = forms.ModelChoiceField(StewardTeam.objects.none(), label=_("Team"), to_field_name="code")
    name = forms.CharField(label=_("What is the shift for?"), max_length=60)
    day = forms.DateField(
        label=_("Day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), initial=timezone.localdate
    )
    starts = forms.TimeField(label=_("Begins"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))
    ends = forms.TimeField(label=_("Ends"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))
    wanted = forms.IntegerField(label=_("How many are wanted?"), min_value=1, max_value=50, initial=1)
    place = forms.CharField(label=_("Place (optional)"), max_length=60, required=False)


class JoinForm(forms.Form):
    """What somebody can help with."""

    words = forms.CharField(
        label=_("What can you help with? (optional)"), max_length=300, required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )  # fmt: skip
