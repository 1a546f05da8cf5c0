"""Forms about bookings: their transitions (admin and API), and what staff fill in to book."""

from datetime import datetime, time, timedelta

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from governance.bookings import Rule
from governance.bookings.recurrence import LAST, MOST
from governance.bookings.series import REFUSE, SKIP
from governance.bookings.single import FOR_ANY_UNIT, TITLE_LENGTH
from governance.clock import SHANGHAI
from governance.forms import TransitionForm, register_form
from governance.models import OrgUnit, Venue
from governance.models.venue import FeedKind, SeriesKind, Weekday
from governance.scoping import grants_of

NTH = [(1, _("the first")), (2, _("the second")), (3, _("the third")), (4, _("the fourth")), (5, _("the fifth")),
       (LAST, _("the last"))]  # fmt: skip


def date_input() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


def time_input() -> forms.TimeInput:
    return forms.TimeInput(attrs={"type": "time"}, format="%H:%M")


class PlainForm(TransitionForm):
    """A transition without photos."""

    photos = None


class MoveForm(PlainForm):
    """The new time, each with its zone (the local one where none is said)."""

    starts_at = forms.DateTimeField(
        label=_("New begin"), widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    )
    ends_at = forms.DateTimeField(
        label=_("New end"), widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    )
    field_order = ["starts_at", "ends_at", "reason"]

    def starting_values(self):
        return super().starting_values() | {
            "starts_at": timezone.localtime(self.obj.starts_at),
            "ends_at": timezone.localtime(self.obj.ends_at),
        }


register_form("governance.booking", "move", MoveForm)
register_form("governance.booking", "cancel", PlainForm)
register_form("governance.calendarfeed", "revoke", PlainForm)


class WhatForm(forms.Form):
    """Venue, occasion, number of persons and unit: what every booking states."""

    venue = forms.ModelChoiceField(Venue.objects.none(), label=_("Venue"))
    title = forms.CharField(label=_("Occasion"), max_length=TITLE_LENGTH)
    attendance = forms.IntegerField(label=_("Expected persons"), required=False, min_value=1)
    unit = forms.ModelChoiceField(
        OrgUnit.objects.none(), label=_("Booked for unit"), required=False, help_text=_("Empty: your own unit.")
    )

    def __init__(self, data=None, *, user, initial=None):
        super().__init__(data, initial=initial)
        venues = Venue.objects.bookable_by(user).select_related("area").defer("area__boundary")
        self.fields["venue"].queryset = venues
        self.fields["venue"].label_from_instance = lambda venue: f"{venue.name}（{venue.area.name}）"
        units = OrgUnit.objects.visible_to(user).filter(is_active=True)
        held = grants_of(user)
        if not any(grant.role in FOR_ANY_UNIT for grant in held):
            units = units.filter(pk__in=[grant.unit_id for grant in held if grant.unit_id])
        self.fields["unit"].queryset = units

    def blame(self, refusal) -> None:
        """Show a refusal at the field to blame, by the names the services use."""
        name = {"starts_at": "starts", "ends_at": "ends"}.get(refusal.field, refusal.field)
        self.add_error(name if name in self.fields else None, str(refusal.detail).split("\n"))


class BookForm(WhatForm):
    """One booking: a day, from and to; an end not after the start is on the next day."""

    day = forms.DateField(label=_("Day"), widget=date_input())
    starts = forms.TimeField(label=_("Begins at"), widget=time_input())
    ends = forms.TimeField(label=_("Ends at"), widget=time_input())
    field_order = ["venue", "day", "starts", "ends", "title", "attendance", "unit"]

    def arguments(self) -> dict:
        """Return keyword arguments of ``booking_make``."""
        given = dict(self.cleaned_data)
        day, starts, ends = given.pop("day"), given.pop("starts"), given.pop("ends")
        last = day + timedelta(days=1) if ends <= starts else day
        return given | {
            "starts_at": datetime.combine(day, starts, SHANGHAI),
            "ends_at": datetime.combine(last, ends, SHANGHAI),
        }

    def clean_day(self):
        """Years beyond the calendar's own cannot be reckoned with."""
        day = self.cleaned_data["day"]
        if not 2000 <= day.year <= 2999:
            raise forms.ValidationError(_("This date is too far away."))
        return day


class SeriesForm(WhatForm):
    """Many bookings by one rule."""

    kind = forms.ChoiceField(label=_("Repeats"), choices=SeriesKind.choices)
    weekdays = forms.TypedMultipleChoiceField(
        label=_("On"), choices=Weekday.choices, coerce=int, widget=forms.CheckboxSelectMultiple
    )
    nth = forms.TypedChoiceField(
        label=_("Which one of the month"), choices=[("", _("(weekly)")), *NTH], coerce=int, required=False,
        empty_value=None, help_text=_("For a monthly rule, such as the first Saturday."),
    )  # fmt: skip
    interval = forms.IntegerField(label=_("Every … weeks or months"), initial=1, min_value=1, max_value=60)
    first_day = forms.DateField(label=_("First day"), widget=date_input())
    until = forms.DateField(label=_("Last day"), required=False, widget=date_input())
    count = forms.IntegerField(
        label=_("How many times"), required=False, min_value=1, max_value=MOST,
        help_text=_("Say until when, how many times, or both."),
    )  # fmt: skip
    starts = forms.TimeField(label=_("Begins at"), widget=time_input(), initial=time(9))
    ends = forms.TimeField(label=_("Ends at"), widget=time_input(), initial=time(11))
    clashes = forms.ChoiceField(
        label=_("Dates that cannot be booked"),
        choices=[(REFUSE, _("Book nothing and name them")), (SKIP, _("Leave them out and list them"))],
    )
    field_order = [
        "venue", "title", "kind", "weekdays", "nth", "interval", "starts", "ends", "first_day", "until", "count",
        "clashes", "attendance", "unit",
    ]  # fmt: skip

    def arguments(self) -> dict:
        """Return keyword arguments of ``series_make``."""
        given = dict(self.cleaned_data)
        rule = {name: given.pop(name) for name in ("kind", "weekdays", "nth", "interval", "until", "count")}
        return given | {"rule": Rule(**rule | {"weekdays": tuple(rule["weekdays"])})}


class FeedForm(forms.Form):
    """Which calendar a new link shows."""

    kind = forms.ChoiceField(label=_("Calendar of"), choices=FeedKind.choices, initial=FeedKind.PERSON)
    venue = forms.ModelChoiceField(Venue.objects.none(), label=_("Venue"), required=False)
    unit = forms.ModelChoiceField(OrgUnit.objects.none(), label=_("Unit"), required=False)

    def __init__(self, data=None, *, user, initial=None):
        super().__init__(data, initial=initial)
        self.fields["venue"].queryset = Venue.objects.visible_to(user)
        mine = [grant.unit_id for grant in grants_of(user) if grant.unit_id]
        self.fields["unit"].queryset = OrgUnit.objects.visible_to(user).filter(pk__in=mine)

    def arguments(self) -> dict:
        """Return keyword arguments of ``feed_make``: what another kind of calendar asks for is left out."""
        given, kind = self.cleaned_data, self.cleaned_data["kind"]
        return {"kind": kind} | {name: given[name] if kind == name else None for name in ("venue", "unit")}
