"""What the transitions of residencies and ownerships ask for; used by the admin and the API alike."""

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from governance.forms import TransitionForm, register_form

DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class EndForm(TransitionForm):
    """The last day; today when left out."""

    ended_on = forms.DateField(label=_("Last day"), required=False, widget=DAY)
    field_order = ["ended_on"]

    def starting_values(self):
        return super().starting_values() | {"ended_on": timezone.localdate()}


for _label in ("governance.residency", "governance.ownership"):
    register_form(_label, "end", EndForm)
