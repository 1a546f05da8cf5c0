"""What opening a proactive case, or making a need, asks for; used by the admin and the API alike."""

from django import forms
from django.utils.translation import gettext_lazy as _

from cases.hotspots.services import told
from governance.forms import TransitionForm, register_form


class OpenCaseForm(TransitionForm):
    """The words of the case; left empty, the figures speak for themselves."""

    field_order = ["description", "photos", "reason"]
    description = forms.CharField(
        label=_("Description"), required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 4})
    )

    def starting_values(self):
        return super().starting_values() | {"description": told(self.obj)}


class MakeNeedForm(TransitionForm):
    """The words of the need; left empty, the figures speak for themselves."""

    field_order = ["title", "description", "photos", "reason"]
    title = forms.CharField(label=_("What is needed"), required=False, max_length=80)
    description = forms.CharField(
        label=_("Description"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 4})
    )

    def starting_values(self):
        return super().starting_values() | {"description": told(self.obj)}


register_form("cases.hotspotsignal", "make_need", MakeNeedForm)
register_form("cases.hotspotsignal", "open_case", OpenCaseForm)
