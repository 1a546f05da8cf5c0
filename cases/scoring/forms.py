"""What the transitions of appeals ask for; used by the admin and the API alike."""

from django import forms
from django.utils.translation import gettext_lazy as _

from cases.scoring.workflow import Opinion
from governance.forms import TransitionForm, register_form


class OpinionForm(TransitionForm):
    """Whether the first reviewer would uphold it."""

    field_order = ["opinion", "reason", "photos", "version"]
    opinion = forms.ChoiceField(label=_("first opinion"), choices=Opinion.choices, widget=forms.RadioSelect)


register_form("cases.scoreappeal", "review", OpinionForm)
