"""What transitions of partners ask for, and what makes a new one; used by the admin, the pages and the API alike."""

from datetime import datetime, timedelta

from django import forms
from django.utils.translation import gettext_lazy as _

from governance.booking_forms import date_input, time_input
from governance.clock import SHANGHAI
from governance.forms import PhotosField, TransitionForm, register_form
from governance.models import Area, AreaKind, OrgUnit, User
from governance.models.organisation import UnitKind
from governance.models.venue import Weekday
from partners.models import (
    AgreementTerms,
    OfferAccess,
    OfferKind,
    PartnerKind,
    Profession,
    QualificationKind,
)
from partners.models.offer import MOST_PLACES
from partners.recruiting.acting import PARTNER
from partners.recruiting.offering import Plan
from partners.recruiting.slots import MOST_REPEATED


class Blaming(forms.Form):
    """A form that shows a refusal of a service at the field it names."""

    def blame(self, refusal) -> None:
        self.add_error(refusal.field if refusal.field in self.fields else None, str(refusal.detail))


def communities():
    """Return the communities in use, without their boundaries."""
    return Area.objects.filter(kind=AreaKind.COMMUNITY, is_active=True).defer("boundary").order_by("code")


class ApplyForm(Blaming):
    """An application; ``kind`` is chosen first and says which fields are asked."""

    kind = forms.ChoiceField(label=_("Kind of partner"), choices=PartnerKind.choices)
    name = forms.CharField(label=_("Name of the organisation, or yours"), max_length=80, required=False)
    credit_code = forms.CharField(
        label=_("Unified social credit code"), max_length=40, required=False,
        help_text=_("18 characters, on the business licence. Organisations only."),
    )  # fmt: skip
    profession = forms.ModelChoiceField(
        Profession.objects.none(), label=_("What you work as"), to_field_name="code", required=False,
        help_text=_("Professional partners only."),
    )  # fmt: skip
    about = forms.CharField(
        label=_("What you would like to offer"), max_length=500, required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip
    contact_name = forms.CharField(label=_("Whom to ask for"), max_length=60, required=False)
    contact_phone = forms.CharField(
        label=_("Phone of the contact"), max_length=16, required=False, help_text=_("Only the community reads it.")
    )

    def __init__(self, *args, kind: str = "", **options):
        super().__init__(*args, **options)
        self.fields["profession"].queryset = Profession.objects.filter(is_active=True).order_by("code")
        if kind == PartnerKind.RESOURCE:
            self._ask("profession", name=_("Name of the organisation"))
        elif kind == PartnerKind.PROFESSIONAL:
            self._ask("credit_code", name=_("Your name"))
        elif kind == PartnerKind.VOLUNTEER:
            self._ask("credit_code", "profession", name=_("Your name"))
        if kind:
            self.fields["kind"].widget = forms.HiddenInput()
            self.initial["kind"] = kind

    def _ask(self, *dropped: str, name) -> None:
        self.fields["name"].label = name
        for field in dropped:
            del self.fields[field]
        for field in ("credit_code", "profession"):
            if field in self.fields:
                self.fields[field].required = True


class QualificationForm(Blaming):
    """A document that shows what somebody may do."""

    kind = forms.ModelChoiceField(QualificationKind.objects.none(), label=_("Kind of document"), to_field_name="code")
    number = forms.CharField(label=_("Number of the document"), max_length=40)
    valid_from = forms.DateField(label=_("Valid from"), required=False, widget=date_input())
    valid_to = forms.DateField(
        label=_("Valid until"), required=False, widget=date_input(), help_text=_("Empty: it does not expire.")
    )
    documents = PhotosField(label=_("Photo or PDF of it"), help_text=_("Only you and the community's staff see it."))

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.fields["kind"].queryset = QualificationKind.objects.filter(is_active=True).order_by("code")


class OfferForm(Blaming):
    """An offer: what, how much, when, where, for whom."""

    kind = forms.ChoiceField(label=_("Kind"), choices=OfferKind.choices)
    title = forms.CharField(label=_("Name of the offer"), max_length=80)
    about = forms.CharField(
        label=_("More about it"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    extent = forms.CharField(
        label=_("How much"), max_length=80, required=False,
        help_text=_("As people say it: 20,000 yuan a year, 4 hours a month."),
    )  # fmt: skip
    target_group = forms.CharField(label=_("For whom"), max_length=80, required=False)
    place = forms.CharField(label=_("Where it is"), max_length=120, required=False)
    access = forms.ChoiceField(label=_("Who may use it"), choices=OfferAccess.choices, initial=OfferAccess.OPEN)
    capacity = forms.IntegerField(
        label=_("Places of a date"), min_value=0, max_value=MOST_PLACES, initial=0, required=False,
        help_text=_("0: nobody signs up, everybody may come."),
    )  # fmt: skip
    weekdays = forms.TypedMultipleChoiceField(
        label=_("Every week on"), choices=Weekday.choices, coerce=int, required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("For what is there every week. Single dates are added afterwards."),
    )  # fmt: skip
    starts = forms.TimeField(label=_("from (time)"), required=False, widget=time_input())
    ends = forms.TimeField(label=_("to (time)"), required=False, widget=time_input())
    valid_from = forms.DateField(label=_("Offered from"), required=False, widget=date_input())
    valid_to = forms.DateField(label=_("Offered until"), required=False, widget=date_input())
    communities = forms.ModelMultipleChoiceField(
        Area.objects.none(), label=_("Also in these communities"), to_field_name="code", required=False,
        widget=forms.SelectMultiple(attrs={"size": 5}),
    )  # fmt: skip
    needs = forms.ModelChoiceField(
        QualificationKind.objects.none(), label=_("Qualification needed"), to_field_name="code", required=False
    )

    def __init__(self, *args, partner, **options):
        super().__init__(*args, **options)
        self.fields["communities"].queryset = communities().exclude(pk=partner.area_id)
        self.fields["needs"].queryset = QualificationKind.objects.filter(is_active=True).order_by("code")

    def plan(self) -> Plan:
        """Return what was filled in, for the services."""
        given = dict(self.cleaned_data)
        return Plan(**given | {"capacity": given["capacity"] or 0})


def offer_values(offer) -> dict:
    """Return an offer as its form shows it first."""
    names = ("kind", "title", "about", "extent", "target_group", "place", "access", "capacity", "weekdays", "starts",
             "ends", "valid_from", "valid_to")  # fmt: skip
    others = [area.code for area in offer.communities.all() if area.pk != offer.area_id]
    return {name: getattr(offer, name) for name in names} | {
        "communities": others, "needs": offer.needs.code if offer.needs else None,
    }  # fmt: skip


class SlotForm(Blaming):
    """A date of an offer, once or every week for some weeks."""

    day = forms.DateField(label=_("Day"), widget=date_input())
    starts = forms.TimeField(label=_("from (time)"), widget=time_input())
    ends = forms.TimeField(label=_("to (time)"), widget=time_input())
    place = forms.CharField(label=_("Where, if elsewhere than the offer says"), max_length=120, required=False)
    capacity = forms.IntegerField(
        label=_("Places"), min_value=0, max_value=MOST_PLACES, required=False, help_text=_("Empty: as the offer says.")
    )
    repeat = forms.IntegerField(
        label=_("For how many weeks"), min_value=1, max_value=MOST_REPEATED, initial=1, required=False
    )

    def values(self) -> dict:
        """Return what was filled in as arguments of ``slots_make``; ends the next day where it ends earlier."""
        given = self.cleaned_data
        try:
            starts, ends = (datetime.combine(given["day"], given[name], SHANGHAI) for name in ("starts", "ends"))
            ends = ends if ends > starts else ends + timedelta(days=1)
        except OverflowError:
            starts = ends = datetime.max.replace(tzinfo=SHANGHAI)
        return {"starts_at": starts, "ends_at": ends, "place": given["place"], "capacity": given["capacity"],
                "repeat": given["repeat"] or 1}  # fmt: skip


class AgreementForm(Blaming):
    """An agreement to be signed."""

    terms = forms.ModelChoiceField(
        AgreementTerms.objects.none(), label=_("Text of the agreement"), to_field_name="code"
    )
    valid_from = forms.DateField(label=_("Valid from"), widget=date_input())
    valid_to = forms.DateField(label=_("Valid until"), required=False, widget=date_input())

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.fields["terms"].queryset = AgreementTerms.objects.filter(is_active=True).order_by("-valid_from", "code")


class ApproveForm(TransitionForm):
    """An organisation may be tied to a unit that is known already."""

    field_order = ["unit"]
    unit = forms.ModelChoiceField(
        OrgUnit.objects.none(), label=_("Unit, if it is known already"), to_field_name="code", required=False,
        empty_label=_("a new one, or the one with this credit code"),
    )  # fmt: skip

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        if not self.obj.is_organisation:
            del self.fields["unit"]
            return
        units = OrgUnit.objects.filter(kind__in=[UnitKind.OTHER, UnitKind.MERCHANT], is_active=True)
        self.fields["unit"].queryset = units.order_by("code")


class SuspendForm(TransitionForm):
    field_order = ["until", "reason"]
    until = forms.DateField(
        label=_("Until the end of"), required=False, widget=date_input(),
        help_text=_("Empty: until somebody resumes it."),
    )  # fmt: skip


class PersonForm(TransitionForm):
    field_order = ["person", "reason"]
    person = forms.ModelChoiceField(
        User.objects.filter(is_active=True, is_system=False), label=_("User name of a person with an account"),
        to_field_name="username", widget=forms.TextInput,
    )  # fmt: skip


for name, form in {
    "approve": ApproveForm, "suspend": SuspendForm, "add_person": PersonForm, "drop_person": PersonForm,
}.items():  # fmt: skip
    register_form(PARTNER, name, form)
