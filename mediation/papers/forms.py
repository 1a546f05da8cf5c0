"""Forms about the own pages of parties, and about breaking the glass."""

import uuid

from django import forms
from django.utils.translation import gettext_lazy as _

from mediation.disputes.states import RecusalGround
from mediation.disputes.work_forms import BlamedForm
from mediation.models import ReplyPerformed
from mediation.papers.links import LONGEST_DAYS, LONGEST_REASON, USUAL_DAYS

SCORES = [("", "—"), *((str(score), str(score)) for score in (5, 4, 3, 2, 1))]


class GlassForm(BlamedForm):
    """Which dispute, and why."""

    number = forms.RegexField(
        r"^\s*[Dd]?0*[1-9][0-9]{0,17}\s*$", label=_("Number of the dispute to be read"), max_length=24,
        error_messages={"invalid": _("A number such as D000123.")},
    )  # fmt: skip
    reason = forms.CharField(
        label=_("Why you must read it"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Those who work on it are told, and your superior reads this. No names."),
    )  # fmt: skip

    def key(self) -> int:
        """Return the key of the dispute named."""
        return int(self.cleaned_data["number"].strip().lstrip("Dd"))


class LinkForm(BlamedForm):
    """How long the link of a party is valid; why it is made, where the violence is domestic. ``once``: see
    ``link_make``."""

    days = forms.IntegerField(label=_("Link valid for (days)"), min_value=1, max_value=LONGEST_DAYS, initial=USUAL_DAYS)
    reason = forms.CharField(
        label=_("Why a link is made although it is domestic violence"), max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip

    once = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4, required=False)

    def __init__(self, data=None, *, violent: bool, initial=None):
        super().__init__(data, initial=initial)
        if not violent:
            del self.fields["reason"]


class DigitsForm(BlamedForm):
    """The second factor at a party's link."""

    digits = forms.RegexField(
        r"^\s*[0-9]{4}\s*$", label=_("Last four digits of your phone"), max_length=8,
        error_messages={"invalid": _("Four digits, please.")},
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "maxlength": "4"}),
    )  # fmt: skip


class ReplyForm(BlamedForm):
    """How the agreement is performed, as the party says."""

    performed = forms.ChoiceField(label=_("Is the agreement performed?"), choices=[("", "—"), *ReplyPerformed.choices])
    satisfaction = forms.TypedChoiceField(
        label=_("How satisfied are you (5: very)?"), choices=SCORES, coerce=int, empty_value=None, required=False
    )
    relapse = forms.BooleanField(label=_("It broke out again"), required=False)


class RecuseForm(BlamedForm):
    """Why the party wants the mediator to stand aside."""

    ground = forms.ChoiceField(label=_("Ground of the recusal"), choices=[("", "—"), *RecusalGround.choices])
    words = forms.CharField(
        label=_("Reasons given"), required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 3})
    )  # fmt: skip
