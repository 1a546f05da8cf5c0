"""What somebody fills in to offer or want a skill; used by the resident's page and by the API."""

from datetime import time

from django import forms
from django.utils.translation import gettext_lazy as _

from governance.models import Estate
from governance.models.venue import Weekday
from property.models import SkillCategory, SkillSide
from property.residents import estates_of


def _clock_input() -> forms.TimeInput:
    return forms.TimeInput(attrs={"type": "time"}, format="%H:%M")


def _day_input() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class SkillForm(forms.Form):
    """What, when, where, how long, from when to when."""

    side = forms.ChoiceField(label=_("I …"), choices=[(SkillSide.OFFER, _("offer")), (SkillSide.WANT, _("want"))])
    category = forms.ModelChoiceField(SkillCategory.objects.none(), label=_("Kind of skill"), to_field_name="code")
    title = forms.CharField(label=_("What"), max_length=60)
    about = forms.CharField(
        label=_("More about it (optional)"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("No phone numbers: they are shown once both have confirmed."),
    )  # fmt: skip
    where = forms.CharField(label=_("Where (optional)"), max_length=80, required=False)
    weekdays = forms.TypedMultipleChoiceField(
        label=_("Days of the week (none: any day)"), choices=Weekday.choices, coerce=int, required=False,
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip
    starts = forms.TimeField(label=_("From (time)"), widget=_clock_input(), initial=time(8))
    ends = forms.TimeField(label=_("To (time)"), widget=_clock_input(), initial=time(21))
    minutes = forms.IntegerField(label=_("How long (minutes)"), min_value=10, max_value=600, initial=60)
    valid_from = forms.DateField(label=_("From (day)"), widget=_day_input(), required=False)
    valid_to = forms.DateField(label=_("To (day)"), widget=_day_input(), required=False)
    estate = forms.ModelChoiceField(Estate.objects.none(), label=_("My estate"), to_field_name="code", required=False)

    def __init__(self, data=None, *, user):
        super().__init__(data)
        categories = SkillCategory.objects.visible_to(user).filter(is_active=True)
        self.fields["category"].queryset = categories.order_by("code")
        self.fields["estate"].queryset = estates_of(user)
