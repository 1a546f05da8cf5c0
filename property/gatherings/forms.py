"""What the transitions of events, sign-ups and photos ask for; used by the admin, the phone pages and the API alike."""

from datetime import timedelta

from django import forms
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from governance.errors import Invalid
from governance.forms import TransitionForm, register_form
from governance.models import Dwelling, Estate, User, Venue
from property.assembly.forms import moment_input
from property.gatherings.event_workflow import EventState
from property.gatherings.planning import reach_check
from property.gatherings.signing import MOST_CHILDREN, NEEDS
from property.models import CostStage, CountsBy, EventKind, EventMoney, NeighbourEvent, PartyOrganisation

EVENT, SIGN_UP, PHOTO = "property.neighbourevent", "property.signup", "property.eventphoto"


def _local(moment) -> str | None:
    return timezone.localtime(moment).strftime("%Y-%m-%dT%H:%M") if moment else None


class MomentField(forms.DateTimeField):
    """A time within reach of a plan: with others nobody can reckon."""

    def __init__(self, **options):
        super().__init__(widget=moment_input(), **options)

    def validate(self, value):
        super().validate(value)
        if value is not None:
            try:
                reach_check(value, timezone.now(), "")
            except Invalid as error:
                raise forms.ValidationError(error.detail, code=error.code) from error


class TimeAndPlace(forms.Form):
    """When an event is, for how long, and where: a venue by its code, or another place."""

    starts_at = MomentField(label=_("Begins"))
    minutes = forms.IntegerField(label=_("Length in minutes"), min_value=15, max_value=1440)
    venue = forms.ModelChoiceField(
        Venue.objects.none(), label=_("Venue"), to_field_name="code", required=False, empty_label=_("Another place")
    )
    place = forms.CharField(label=_("Another place"), max_length=120, required=False)
    sign_up_until = MomentField(
        label=_("Sign-up closes"), required=False, help_text=_("Empty: when it begins."),
    )  # fmt: skip

    def offer_venues(self, user, held: NeighbourEvent | None = None) -> None:
        """Offer the venues that ``user`` may book, and the one that an event is held in."""
        self._offer("venue", Venue.objects.bookable_by(user), held)
        self.fields["venue"].queryset = self.fields["venue"].queryset.order_by("code")

    def _offer(self, name: str, rows, held: NeighbourEvent | None) -> None:
        """Offer ``rows`` and what the plan names already: who changes something else keeps it."""
        present = getattr(held, f"{name}_id", None)
        if present is not None:
            rows = rows.model.objects.filter(Q(pk__in=rows.order_by().values("pk")) | Q(pk=present))
        self.fields[name].queryset = rows

    def values(self) -> dict:
        """Return the cleaned values as arguments of the services."""
        given = dict(self.cleaned_data)
        return given | {"ends_at": given["starts_at"] + timedelta(minutes=given.pop("minutes"))}


class EventPlanForm(TimeAndPlace):
    """Everything of a plan."""

    field_order = [
        "kind", "title", "about", "estate", "starts_at", "minutes", "venue", "place", "counts_by", "places",
        "companions_most", "children_count", "sign_up_from", "sign_up_until", "offer_hours", "parent", "organisation",
    ]  # fmt: skip
    kind = forms.ChoiceField(label=_("Kind"), choices=EventKind.choices)
    title = forms.CharField(label=_("Title"), max_length=80)
    about = forms.CharField(
        label=_("What it is"), max_length=4000, required=False, widget=forms.Textarea(attrs={"rows": 4})
    )
    estate = forms.ModelChoiceField(
        Estate.objects.none(), label=_("For the residents of"), to_field_name="code", required=False,
        empty_label=_("the whole community"),
    )  # fmt: skip
    counts_by = forms.ChoiceField(label=_("Places are"), choices=CountsBy.choices, initial=CountsBy.HEADS)
    places = forms.IntegerField(
        label=_("Places"), min_value=0, max_value=10_000, help_text=_("0: nobody signs up, everybody may come.")
    )
    companions_most = forms.IntegerField(label=_("Companions at most"), min_value=0, max_value=20, initial=0)
    children_count = forms.BooleanField(label=_("Children take a place"), required=False, initial=True)
    sign_up_from = MomentField(
        label=_("Sign-up opens"), required=False, help_text=_("Empty: when it is published."),
    )  # fmt: skip
    offer_hours = forms.IntegerField(
        label=_("A freed place is held for (hours)"), min_value=0, max_value=240, initial=24,
        help_text=_("0: whoever waits first has it at once."),
    )  # fmt: skip
    parent = forms.ModelChoiceField(NeighbourEvent.objects.none(), label=_("Part of the festival"), required=False)
    organisation = forms.ModelChoiceField(
        PartyOrganisation.objects.none(), label=_("Party organisation behind it"), to_field_name="code", required=False
    )

    def offer_places(self, user, held: NeighbourEvent | None = None) -> None:
        """Offer estates, festivals and party organisations of the person's areas, or of the area of one event."""
        estates = Estate.objects.visible_to(user).filter(is_active=True)
        festivals = NeighbourEvent.objects.visible_to(user).filter(kind=EventKind.FESTIVAL, parent=None)
        festivals = festivals.exclude(state__in=["settled", "cancelled"])
        organisations = PartyOrganisation.objects.visible_to(user)
        if held is not None:
            estates = estates.filter(area__path__startswith=held.area.path)
            festivals = festivals.filter(area=held.area).exclude(pk=held.pk)
        for name, rows, order in (
            ("estate", estates, "code"), ("parent", festivals, "-starts_at"), ("organisation", organisations, "code"),
        ):  # fmt: skip
            self._offer(name, rows, held)
            self.fields[name].queryset = self.fields[name].queryset.order_by(order)


class PlanForm(EventPlanForm, TransitionForm):
    """Starts with the plan as it is."""

    field_order = [*EventPlanForm.field_order, "reason", "photos", "version"]

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.offer_venues(self.user, self.obj)
        self.offer_places(self.user, self.obj)

    def starting_values(self):
        event = self.obj
        names = (
            "kind", "title", "about", "estate", "venue", "place", "counts_by", "places", "companions_most",
            "children_count", "offer_hours", "parent", "organisation",
        )  # fmt: skip
        times = {name: _local(getattr(event, name)) for name in ("starts_at", "sign_up_from", "sign_up_until")}
        minutes = round((event.ends_at - event.starts_at).total_seconds() / 60)
        held = {name: getattr(event, name) for name in names}
        return super().starting_values() | held | times | {"minutes": minutes}

    def arguments(self):
        return self.values()


class RescheduleForm(TimeAndPlace, TransitionForm):
    field_order = ["starts_at", "minutes", "venue", "place", "sign_up_until", "reason", "photos", "version"]

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.offer_venues(self.user, self.obj)

    def starting_values(self):
        event = self.obj
        minutes = round((event.ends_at - event.starts_at).total_seconds() / 60)
        # Of a postponed event the date is the question; another one may only move elsewhere.
        names = () if event.state == EventState.POSTPONED else ("starts_at", "sign_up_until")
        times = {name: _local(getattr(event, name)) for name in names}
        return super().starting_values() | times | {"minutes": minutes, "venue": event.venue, "place": event.place}

    def arguments(self):
        return self.values()


class ResizeForm(TransitionForm):
    field_order = ["places"]
    places = forms.IntegerField(label=_("Places"), min_value=1, max_value=10_000)

    def starting_values(self):
        return super().starting_values() | {"places": self.obj.places}


class ReopenForm(TransitionForm):
    field_order = ["sign_up_until"]
    sign_up_until = MomentField(label=_("Sign-up closes"))


class ItemForm(TransitionForm):
    field_order = ["title", "performers", "minutes", "position"]
    title = forms.CharField(label=_("Title"), max_length=80)
    performers = forms.CharField(label=_("Performers"), max_length=120, required=False)
    minutes = forms.IntegerField(label=_("Length (minutes)"), min_value=1, max_value=600, initial=5)
    position = forms.IntegerField(
        label=_("Place in the programme"), min_value=1, max_value=200, required=False, help_text=_("Empty: the end.")
    )


class DropItemForm(TransitionForm):
    field_order = ["position"]
    position = forms.IntegerField(label=_("Place in the programme"), min_value=1, max_value=200)


class TaskForm(TransitionForm):
    field_order = ["title", "about", "wanted"]
    title = forms.CharField(label=_("Task"), max_length=60)
    about = forms.CharField(label=_("More about it"), max_length=300, required=False)
    wanted = forms.IntegerField(label=_("Hands wanted"), min_value=1, max_value=200)


class WalkInForm(TransitionForm):
    """Somebody by name, or by the user name of an account."""

    photos = None
    field_order = ["guest", "person"]
    guest = forms.CharField(label=_("full name"), max_length=60, required=False)
    person = forms.ModelChoiceField(
        User.objects.filter(is_active=True, is_system=False), label=_("User name of a person with an account"),
        to_field_name="username", required=False, widget=forms.TextInput,
    )  # fmt: skip


ALONG = ("companions", "children")


class AlongForm(TransitionForm):
    """Who comes along."""

    field_order = ["companions", "children", "needs"]
    companions = forms.IntegerField(label=_("Companions"), min_value=0, max_value=20)
    children = forms.IntegerField(label=_("Children"), min_value=0, max_value=MOST_CHILDREN)
    needs = forms.CharField(
        label=_("Wishes and needs"), max_length=NEEDS, required=False, help_text=_("Only the organisers read it.")
    )


class SignUpForForm(AlongForm, WalkInForm):
    """Somebody who asked in person or by telephone; nobody comes along where it is left empty."""

    photos = None
    field_order = [*WalkInForm.field_order, *AlongForm.field_order]

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        for name in ALONG:
            self.fields[name].required = False

    def starting_values(self):
        return super().starting_values() | dict.fromkeys(ALONG, 0)

    def clean(self):
        given = super().clean()
        return given | {name: given.get(name) or 0 for name in ALONG}


def people_at(event: NeighbourEvent):
    """People with an account who signed up to an event, or help there."""
    there = event.sign_ups.exclude(person=None).exclude(state__in=["cancelled", "lapsed"])
    helping = event.volunteering.exclude(state="cancelled")
    found = User.objects.filter(pk__in=there.values("person_id")) | User.objects.filter(
        pk__in=helping.values("person_id")
    )
    return found.filter(is_active=True).order_by("username")


class PhotosForm(TransitionForm):
    """Photos with who is on all of them; somebody on one alone is asked on that photo's page."""

    field_order = ["photos", "caption", "people", "nobody"]
    caption = forms.CharField(label=_("Caption"), max_length=80, required=False)
    people = forms.ModelMultipleChoiceField(
        User.objects.none(), label=_("Who can be recognised on them"), to_field_name="username", required=False,
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip
    nobody = forms.BooleanField(label=_("Nobody can be recognised; I answer for it"), required=False)

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.fields["people"].queryset = people_at(self.obj)


class AskForm(TransitionForm):
    """A person, a child by its guardian, or a household."""

    field_order = ["person", "child", "dwelling"]
    person = forms.ModelChoiceField(
        User.objects.none(), label=_("Person, or guardian of a child"), to_field_name="username", required=False
    )
    child = forms.CharField(label=_("Child, if it is one"), max_length=40, required=False)
    dwelling = forms.ModelChoiceField(
        Dwelling.objects.none(), label=_("Household: code of the dwelling"), to_field_name="code", required=False,
        widget=forms.TextInput,
    )  # fmt: skip

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.fields["person"].queryset = people_at(self.obj.event)
        within = Dwelling.objects.filter(area__path__startswith=self.obj.area.path, is_active=True)
        self.fields["dwelling"].queryset = within


class CostForm(TransitionForm):
    field_order = ["stage", "title", "amount", "source", "source_text"]
    stage = forms.ChoiceField(label=_("Planned or actual"), choices=CostStage.choices)
    title = forms.CharField(label=_("What for"), max_length=80)
    amount = forms.DecimalField(label=_("Amount (yuan)"), max_digits=9, decimal_places=2, min_value=0)
    source = forms.ChoiceField(label=_("Paid from"), choices=EventMoney.choices)
    source_text = forms.CharField(
        label=_("Paid from, exactly"), max_length=120,
        help_text=_("Public income is booked in the books of the estate; this line only names it."),
    )  # fmt: skip


class CorrectCostForm(TransitionForm):
    field_order = ["line", "amount", "reason"]
    line = forms.IntegerField(label=_("Number of the line"), min_value=1, max_value=9999)
    amount = forms.DecimalField(
        label=_("By how much (yuan)"), max_digits=9, decimal_places=2, help_text=_("Below 0: it was less.")
    )


class ChangeForm(AlongForm):
    def starting_values(self):
        names = ("companions", "children", "needs")
        return super().starting_values() | {name: getattr(self.obj, name) for name in names}


class MinutesForm(TransitionForm):
    field_order = ["minutes", "reason"]
    minutes = forms.IntegerField(label=_("Length in minutes"), min_value=0, max_value=9999)

    def starting_values(self):
        return super().starting_values() | {"minutes": self.obj.minutes}


class RateForm(TransitionForm):
    field_order = ["stars", "words"]
    stars = forms.IntegerField(label=_("Stars"), min_value=1, max_value=5)
    words = forms.CharField(label=_("Words"), max_length=300, required=False)


for name, form in {
    "plan": PlanForm, "reschedule": RescheduleForm, "resize": ResizeForm, "reopen": ReopenForm, "add_item": ItemForm,
    "drop_item": DropItemForm, "add_task": TaskForm, "walk_in": WalkInForm, "add_photos": PhotosForm,
    "sign_up_for": SignUpForForm,
    "add_cost": CostForm, "correct_cost": CorrectCostForm,
}.items():  # fmt: skip
    register_form(EVENT, name, form)
register_form(SIGN_UP, "change", ChangeForm)
register_form(PHOTO, "ask", AskForm)
register_form("property.volunteering", "correct", MinutesForm)
register_form("property.skillmatch", "rate", RateForm)
