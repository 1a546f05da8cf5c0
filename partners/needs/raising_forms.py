"""What is filled in to raise a need or to log a visit; used by the admin, the pages and the API alike."""

from datetime import timedelta

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases.pages.forms import PhoneField, PhotosOnlyField
from governance.errors import Refused
from governance.models import Area, Dwelling, Estate
from partners.models import NeedCategory, NeedGroup, NeedSource, NeedUrgency
from partners.needs.forms import NeedWords, words
from partners.needs.places import communities_of, estates_in
from partners.needs.querysets import KEEPING_ROLES, VISITING_ROLES
from partners.needs.registering import Raiser
from partners.needs.residents import dwellings_of
from partners.needs.visits import Heard

LINES = 3  # needs that the page of a visit takes at once


def moment_input() -> forms.DateTimeInput:
    return forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")


class OwnNeedForm(forms.Form):
    """An own need: one line is enough; the kind is guessed from the words where none is chosen."""

    title = forms.CharField(label=_("What do you need?"), max_length=80)
    description = forms.CharField(label=_("More about it (optional)"), required=False, max_length=2000, widget=words())
    category = forms.ModelChoiceField(
        NeedCategory.objects.none(), label=_("Category (optional)"), required=False, to_field_name="code",
        empty_label=_("Not known"),
    )  # fmt: skip
    group = forms.ChoiceField(label=_("For whom"), choices=NeedGroup.choices, initial=NeedGroup.EVERYBODY)
    dwelling = forms.ModelChoiceField(Dwelling.objects.none(), label=_("My home"), required=False, to_field_name="code")
    anonymous = forms.BooleanField(
        label=_("Without my name"), required=False,
        help_text=_("Nobody at work reads who you are; you still see what becomes of it."),
    )  # fmt: skip
    photos = PhotosOnlyField()

    def __init__(self, data=None, files=None, *, user, title=""):
        super().__init__(data, files, initial={"title": title})
        self.fields["category"].queryset = NeedCategory.objects.filter(is_active=True).order_by("code")
        homes = dwellings_of(user)
        self.fields["dwelling"].queryset = homes
        if data is None and homes.count() < 2:
            del self.fields["dwelling"]


class RegisterForm(NeedWords):
    """A need heard at work, with who raised it where they said so."""

    field_order = ["title", "description", "category", "area", "estate", "source", "group", "people", "urgency", "name",
                   "phone", "anonymous"]  # fmt: skip
    area = forms.ModelChoiceField(Area.objects.none(), label=_("Community"), to_field_name="code")
    estate = forms.ModelChoiceField(Estate.objects.none(), label=_("Estate"), to_field_name="code", required=False)
    source = forms.ChoiceField(label=_("Where it comes from"), choices=NeedSource.choices, initial=NeedSource.PHONE)
    name = forms.CharField(label=_("Name of who raised it (optional)"), required=False, max_length=60)
    phone = PhoneField(label=_("Phone (optional)"), required=False, max_length=30)
    anonymous = forms.BooleanField(label=_("Anonymous"), required=False)

    def __init__(self, data=None, *, user):
        initial = {"group": NeedGroup.EVERYBODY, "urgency": NeedUrgency.NORMAL}
        super().__init__(data, initial=initial)
        self.offer_categories()
        self.fields["category"].required = False
        self.fields["category"].empty_label = _("by the words")
        mine = communities_of(user, KEEPING_ROLES)
        self.fields["area"].queryset = Area.objects.filter(pk__in=[area.pk for area in mine]).order_by("code")
        self.fields["estate"].queryset = estates_in(mine)
        if len(mine) == 1:
            self.initial["area"] = mine[0]

    def values(self) -> dict:
        """Return the cleaned values as arguments of ``need_register``."""
        given = dict(self.cleaned_data)
        name, phone = given.pop("name"), given.pop("phone")
        return given | {"raisers": [Raiser(name=name, phone=phone)] if name or phone else []}

    def blame(self, refusal: Refused) -> None:
        """Put a refusal beside the field it names."""
        self.add_error(refusal.field if refusal.field in self.fields else None, refusal.detail)


class VisitForm(forms.Form):
    """A visit that has just been made, with up to three needs; more can be added by another sending."""

    estate = forms.ModelChoiceField(
        Estate.objects.none(), label=_("Estate"), to_field_name="code", required=False, empty_label=_("By my position")
    )
    dwelling = forms.CharField(
        label=_("Code of the dwelling (optional)"), required=False, max_length=40,
        widget=forms.TextInput(attrs={"autocapitalize": "characters", "placeholder": "GZY-1-1-101"}),
    )  # fmt: skip
    place = forms.CharField(label=_("Where exactly (optional)"), required=False, max_length=120)
    longitude = forms.FloatField(required=False, widget=forms.HiddenInput)
    latitude = forms.FloatField(required=False, widget=forms.HiddenInput)
    at = forms.DateTimeField(label=_("When"), widget=moment_input())
    minutes = forms.IntegerField(label=_("How long (minutes)"), min_value=1, max_value=600, initial=15)
    with_whom = forms.CharField(
        label=_("With whom (no name needed)"), required=False, max_length=80,
        widget=forms.TextInput(attrs={"list": "whom"}),
    )  # fmt: skip
    words = forms.CharField(label=_("What was heard (optional)"), required=False, max_length=2000, widget=words())
    name = forms.CharField(label=_("Name (only if they wish)"), required=False, max_length=60)
    phone = PhoneField(label=_("Phone (only if they wish)"), required=False, max_length=30)
    photos = PhotosOnlyField()

    def __init__(self, data=None, files=None, *, user):
        super().__init__(data, files)
        places = communities_of(user, VISITING_ROLES)
        self.fields["estate"].queryset = estates_in(places)
        self.initial["at"] = timezone.localtime(timezone.now() - timedelta(minutes=15)).strftime("%Y-%m-%dT%H:%M")
        categories = NeedCategory.objects.filter(is_active=True).order_by("code")
        for number in range(1, LINES + 1):
            self.fields[f"title_{number}"] = forms.CharField(
                label=_("What is needed (%(number)s)") % {"number": number}, required=False, max_length=80
            )
            self.fields[f"category_{number}"] = forms.ModelChoiceField(
                categories, label=_("Category (optional)"), required=False, to_field_name="code",
                empty_label=_("by the words"),
            )  # fmt: skip

    @property
    def lines(self) -> list[tuple]:
        """The fields of each need, in pairs."""
        return [(self[f"title_{number}"], self[f"category_{number}"]) for number in range(1, LINES + 1)]

    @property
    def about(self) -> list:
        """The fields of the visit itself that are shown."""
        beside = {"photos", "estate", "place", "words", "name", "phone", "minutes"}
        return [
            field for field in self.visible_fields()
            if field.name not in beside and not field.name.startswith(("title_", "category_"))
        ]  # fmt: skip

    def clean_dwelling(self) -> Dwelling | None:
        code = self.cleaned_data["dwelling"].strip()
        if not code:
            return None
        rows = Dwelling.objects.filter(building__estate__in=self.fields["estate"].queryset)
        found = rows.filter(code=code).select_related("area", "building__estate__area", "building__area").first()
        if found is None:
            raise forms.ValidationError(_("There is no such dwelling here."), code="does_not_exist")
        return found

    def values(self) -> dict:
        """Return the cleaned values as arguments of ``visit_log``."""
        given = dict(self.cleaned_data)
        lines = [(given.pop(f"title_{n}"), given.pop(f"category_{n}")) for n in range(1, LINES + 1)]
        return given | {"needs": [Heard(title=title, category=category) for title, category in lines if title]}
