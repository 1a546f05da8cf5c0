"""What transitions of service lists and occurrences ask for; used by the admin, the phone and the API alike."""

from django import forms
from django.utils.translation import gettext_lazy as _

from governance.forms import TransitionForm, register_form
from governance.models import Estate, OrgUnit, UnitKind
from governance.registry.forms import EndForm
from property.models import Condition, PartyLevel, PartyOrganisation


class CompleteForm(TransitionForm):
    """A photo of what was done, where the item asks for one (the service judges that)."""

    field_order = ["photos", "reason"]

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.photos_needed = self.obj.item.needs_photo
        if self.photos_needed:
            self.fields["photos"].label = _("Photos (needed)")
        self.fields["photos"].widget.attrs["capture"] = "environment"


class CollectForm(TransitionForm):
    """The code that the household says."""

    code = forms.CharField(
        label=_("Collection code"), max_length=6, widget=forms.TextInput(attrs={"inputmode": "numeric"})
    )
    field_order = ["code"]


class VisitForm(TransitionForm):
    """How the person is; words where all is not well."""

    condition = forms.ChoiceField(label=_("How is the person?"), choices=Condition.choices)
    field_order = ["condition", "reason", "photos"]


register_form("property.servicerecord", "complete", CompleteForm)
register_form("property.parcel", "collect", CollectForm)
register_form("property.carevisit", "visit", VisitForm)
register_form("property.propertycontract", "end", EndForm)


class DraftForm(forms.Form):
    """For which estate a list is drafted, with whom it is agreed."""

    estate = forms.ModelChoiceField(Estate.objects.none(), label=_("Estate"), to_field_name="code")
    organisation = forms.ModelChoiceField(
        PartyOrganisation.objects.none(), label=_("Party organisation"), to_field_name="code"
    )
    company = forms.ModelChoiceField(OrgUnit.objects.none(), label=_("Property company"), to_field_name="code")

    def __init__(self, data=None, *, user):
        super().__init__(data)
        self.fields["estate"].queryset = Estate.objects.visible_to(user).filter(is_active=True).order_by("code")
        levels = (PartyLevel.COMMITTEE, PartyLevel.BRANCH)
        organisations = PartyOrganisation.objects.visible_to(user).filter(is_active=True, level__in=levels)
        self.fields["organisation"].queryset = organisations.order_by("code")
        companies = OrgUnit.objects.visible_to(user).filter(kind=UnitKind.PROPERTY_COMPANY, is_active=True)
        self.fields["company"].queryset = companies.order_by("code")
