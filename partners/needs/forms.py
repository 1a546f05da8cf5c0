"""What the transitions of needs ask for; used by the admin and the API alike."""

import re

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from governance.forms import TransitionForm, register_form
from governance.models import OrgUnit
from partners.models import Need, NeedCategory, NeedGroup, NeedUrgency
from partners.needs.acting import NEED

NUMBER = re.compile(r"[Nn]?0*([1-9][0-9]{0,17})")


def words(rows: int = 3) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


class NeedWords(forms.Form):
    """What is needed, of which kind, for whom, how urgent."""

    title = forms.CharField(label=_("What is needed"), max_length=80)
    description = forms.CharField(label=_("More about it"), required=False, max_length=2000, widget=words())
    category = forms.ModelChoiceField(NeedCategory.objects.none(), label=_("Kind of need"), to_field_name="code")
    group = forms.ChoiceField(label=_("For whom"), choices=NeedGroup.choices)
    people = forms.IntegerField(
        label=_("For how many people, about"), required=False, min_value=1, max_value=100_000
    )  # fmt: skip
    urgency = forms.ChoiceField(label=_("Urgency"), choices=NeedUrgency.choices)

    def offer_categories(self) -> None:
        """Offer the categories in use."""
        self.fields["category"].queryset = NeedCategory.objects.filter(is_active=True).order_by("code")


class AmendForm(NeedWords, TransitionForm):
    """Starts with what stands there."""

    field_order = ["title", "description", "category", "group", "people", "urgency", "reason", "photos", "version"]

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.offer_categories()
        if self.obj is not None:
            kept = NeedCategory.objects.filter(Q(is_active=True) | Q(pk=self.obj.category_id))
            self.fields["category"].queryset = kept.order_by("code")

    def starting_values(self):
        names = ("title", "description", "category", "group", "people", "urgency")
        return super().starting_values() | {name: getattr(self.obj, name) for name in names}


class MergeForm(TransitionForm):
    """The other need by its number, such as N000012."""

    field_order = ["into", "reason"]
    into = forms.CharField(label=_("Number of the other need"), max_length=20, help_text="N000012")

    def clean_into(self) -> Need:
        found = NUMBER.fullmatch(self.cleaned_data["into"].strip())
        rows = Need.objects.visible_to(self.user).select_related("area")
        need = rows.filter(pk=int(found[1])).first() if found else None
        if need is None:
            raise forms.ValidationError(_("There is no such need here."), code="does_not_exist")
        return need


class CaseForm(TransitionForm):
    """The words of the case."""

    field_order = ["description", "photos", "reason"]
    description = forms.CharField(
        label=_("What has to be put right"), max_length=4000, widget=words(4),
        help_text=_("Everybody who handles cases reads this: name no people."),
    )  # fmt: skip

    def starting_values(self):
        told = "\n".join(part for part in (self.obj.title, self.obj.description) if part)
        return super().starting_values() | {"description": told}


class TransferForm(TransitionForm):
    """A unit of the place or above it."""

    field_order = ["unit", "reason"]
    unit = forms.ModelChoiceField(OrgUnit.objects.none(), label=_("Unit that does it"), to_field_name="code")

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        above = self.obj.area.lineage
        near = Q(area_id__in=above) | Q(area__path__startswith=self.obj.area.path)
        self.fields["unit"].queryset = OrgUnit.objects.filter(near, is_active=True).order_by("code")


class SolveForm(TransitionForm):
    """What was done, for those who raised it."""

    field_order = ["evidence", "photos", "reason"]
    evidence = forms.CharField(
        label=_("What was done"), max_length=2000, widget=words(), help_text=_("Whoever raised it reads this.")
    )


class CallBackForm(TransitionForm):
    """Whether it is solved, as they see it."""

    field_order = ["satisfied", "call_words", "reason"]
    satisfied = forms.ChoiceField(
        label=_("Is it solved, as they see it?"), choices=[("yes", _("yes")), ("no", _("no"))]
    )  # fmt: skip
    call_words = forms.CharField(label=_("What they said"), required=False, max_length=1000, widget=words())

    def arguments(self):
        given = super().arguments()
        return given | {"satisfied": given["satisfied"] == "yes"}


for name, form in {
    "amend": AmendForm, "merge": MergeForm, "open_case": CaseForm, "transfer": TransferForm, "solve": SolveForm,
    "call_back": CallBackForm,
}.items():  # fmt: skip
    register_form(NEED, name, form)
