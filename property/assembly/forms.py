"""What the transitions of sessions and invitations ask for; used by the admin, the phone pages and the API alike."""

from datetime import timedelta

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases.models import Case
from governance.forms import TransitionForm, register_form
from governance.models import OrgUnit, User, Venue
from property.assembly.record import draft_of
from property.models import SeatRole
from property.models.assembly import SEAT_CHOICES

SESSION, INVITATION = "property.assemblysession", "property.invitation"


def moment_input() -> forms.DateTimeInput:
    return forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")


class TimeAndPlace(forms.Form):
    """When a session is held, for how long, and where: a venue by its code, or another place."""

    starts_at = forms.DateTimeField(label=_("Begins"), widget=moment_input())
    minutes = forms.IntegerField(label=_("Length in minutes"), min_value=15, max_value=600)
    venue = forms.ModelChoiceField(
        Venue.objects.none(), label=_("Venue"), to_field_name="code", required=False, empty_label=_("Another place")
    )
    place = forms.CharField(label=_("Another place"), max_length=120, required=False)

    def venues_for(self, user, *, besides=None) -> None:
        """Offer the venues that ``user`` may book, and the one agreed for the assembly."""
        rows = Venue.objects.bookable_by(user)
        if besides is not None:
            rows = rows | Venue.objects.filter(pk=besides, is_active=True)
        self.fields["venue"].queryset = rows.distinct().order_by("code")

    def span(self) -> dict:
        """Return the cleaned values as arguments of the services."""
        given = dict(self.cleaned_data)
        minutes = given.pop("minutes")
        return given | {"ends_at": given["starts_at"] + timedelta(minutes=minutes)}


class PlanForm(TimeAndPlace, TransitionForm):
    """Starts with the time and place as they are."""

    field_order = ["starts_at", "minutes", "venue", "place", "reason", "photos", "version"]

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.venues_for(self.user, besides=self.obj.assembly.venue_id)

    def starting_values(self):
        session = self.obj
        return super().starting_values() | {
            "starts_at": timezone.localtime(session.starts_at).strftime("%Y-%m-%dT%H:%M"),
            "minutes": round((session.ends_at - session.starts_at).total_seconds() / 60),
            "venue": session.venue,
            "place": session.place,
        }

    def arguments(self):
        return self.span()


class AddItemForm(TransitionForm):
    """A topic in words, and the case it comes from, if any."""

    field_order = ["title", "body", "case"]
    title = forms.CharField(label=_("Topic"), max_length=120)
    body = forms.CharField(
        label=_("What it is about"), max_length=4000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    case = forms.CharField(label=_("Number of the case it comes from"), max_length=20, required=False)

    def clean_case(self):
        number = self.cleaned_data["case"].strip().upper()
        if not number:
            return None
        found = Case.objects.visible_to(self.user).filter(number=number).first()
        if found is None:
            raise forms.ValidationError(_("There is no such case here."), code="does_not_exist")
        return found


class InviteForm(TransitionForm):
    """A unit by its code, a person by user name, or somebody by name."""

    field_order = ["role", "guest", "unit", "person", "title"]
    role = forms.ChoiceField(label=_("Sits there as"), choices=SEAT_CHOICES, initial=SeatRole.GUEST)
    guest = forms.CharField(label=_("Name"), max_length=60, required=False)
    unit = forms.ModelChoiceField(
        OrgUnit.objects.filter(is_active=True), label=_("Unit"), to_field_name="code", required=False
    )
    person = forms.ModelChoiceField(
        User.objects.filter(is_active=True, is_system=False), label=_("User name of a person with an account"),
        to_field_name="username", required=False, widget=forms.TextInput,
    )  # fmt: skip
    title = forms.CharField(label=_("What it is called"), max_length=60, required=False)

    def starting_values(self):
        return super().starting_values() | {"role": SeatRole.GUEST}


class MinutesForm(TransitionForm):
    """The whole text, beginning with the last one."""

    field_order = ["text"]
    text = forms.CharField(label=_("Minutes"), max_length=20_000, widget=forms.Textarea(attrs={"rows": 14}))

    def starting_values(self):
        return super().starting_values() | {"text": draft_of(self.obj)}


class ComingForm(TransitionForm):
    """Who comes, where a unit sends somebody."""

    field_order = ["stand_in"]
    stand_in = forms.CharField(label=_("Who comes (for a unit)"), max_length=60, required=False)

    def starting_values(self):
        return super().starting_values() | {"stand_in": self.obj.stand_in}


for name, form in {
    "plan": PlanForm, "reschedule": PlanForm, "add_item": AddItemForm, "invite": InviteForm, "write": MinutesForm,
}.items():  # fmt: skip
    register_form(SESSION, name, form)
for name in ("come", "sign_in"):
    register_form(INVITATION, name, ComingForm)
