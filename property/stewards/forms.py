"""What the transitions of stewards ask for, and what members write; used by the admin, the phone and the API alike."""

from datetime import timedelta

from django import forms
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases.pages.forms import PhotosOnlyField
from governance.forms import TransitionForm, register_form
from governance.models import Building, Dwelling
from governance.repeats import AskedOnceForm
from property.models import DisputeKind, DisputeUrgency, OutreachResult, StewardMember, StewardTeam
from property.voting.forms import MomentField

USUAL = 15  # minutes of a visit [J]


class OpenCaseForm(TransitionForm):
    """What a unit has to put right, in words that everybody at work may read."""

    description = forms.CharField(
        label=_("What has to be put right"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Everybody who handles cases reads this: name no people."),
    )  # fmt: skip
    field_order = ["description", "reason", "photos", "version"]


register_form("property.disputesighting", "open_case", OpenCaseForm)


class PassOnForm(forms.Form):
    """What the case says that is made of a visit's questions."""

    description = forms.CharField(
        label=_("What is to be passed on"), max_length=2000, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Everybody who handles cases reads this: name no people."),
    )  # fmt: skip


class AssignForm(forms.Form):
    """Which member stands the shift."""

    member = forms.ModelChoiceField(StewardMember.objects.none(), label=_("Steward"))

    def __init__(self, data=None, *, shift):
        super().__init__(data)
        rows = StewardMember.objects.in_force(shift.date).filter(team=shift.team_id).select_related("person")
        self.fields["member"].queryset = rows.order_by("person__name")
        self.fields["member"].label_from_instance = lambda row: f"{row.person} · {row.get_kind_display()}"


class EndForm(forms.Form):
    """The last day of a membership, and why."""

    last_day = forms.DateField(
        label=_("last day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        initial=timezone.localdate,
    )  # fmt: skip
    reason = forms.CharField(label=_("Reason"), max_length=300)


class CorrectForm(forms.Form):
    """Minutes more or less on a day, and why."""

    date = forms.DateField(
        label=_("day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), initial=timezone.localdate
    )
    minutes = forms.IntegerField(label=_("Minutes (negative to take away)"), min_value=-1440, max_value=1440)
    reason = forms.CharField(label=_("Reason"), max_length=300)


def just_over():
    """Return when a visit of the usual length began that has just ended."""
    return timezone.now() - timedelta(minutes=USUAL)


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
    at = MomentField(label=_("When did it begin?"), initial=just_over)
    minutes = forms.IntegerField(label=_("Minutes it took"), min_value=1, max_value=480, initial=USUAL)
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


class SightingForm(AskedOnceForm, _OfTeamForm):
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
        found = Q(estate__in=[team.estate_id for team in teams if team.estate_id])
        for team in teams:
            if not team.estate_id:
                found |= Q(area__path__startswith=team.area.path)
        rows = Building.objects.filter(found, is_active=True).select_related("estate", "area")
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
