"""What the transitions of periods and appeals ask for; used by the admin and the API alike."""

from django import forms
from django.utils.translation import gettext_lazy as _

from cases.models import ScoreAppeal, ScorePeriod
from cases.scoring.workflow import Opinion
from governance.forms import TransitionForm, register_form
from governance.workflow import steps_of


class PlainForm(TransitionForm):
    """A reason or remark; no photos, which nobody would look for at figures."""

    photos = None


class OpinionForm(PlainForm):
    """Whether the first reviewer would uphold it."""

    field_order = ["opinion", "reason", "version"]
    opinion = forms.ChoiceField(label=_("first opinion"), choices=Opinion.choices, widget=forms.RadioSelect)


for _model in (ScorePeriod, ScoreAppeal):
    for _name in steps_of(_model):
        form = OpinionForm if _name == "review" else PlainForm
        register_form(_model._meta.label_lower, _name, form)
