"""What the steps of visits and referrals ask for; used by the admin, the API and the phone alike."""

from django import forms
from django.utils.translation import gettext_lazy as _

from governance.booking_forms import date_input
from governance.forms import register_form
from governance.models import User
from mediation.agreements.forms import AgreementStepForm
from mediation.agreements.performing import owed_still
from mediation.followup.counselling import REFERRAL, counsellors_for
from mediation.followup.visits import REOPENABLE, VISIT, Found, question_of
from mediation.models import VisitKind, VisitPerformed, VisitWay

YES_NO = [("yes", _("Yes")), ("no", _("No"))]
ANSWERS = {"yes": True, "no": False}
ASKED = ("relapse", "confirmation_wanted")
STARS = [(str(number), str(number)) for number in range(1, 6)]


def yes_no(label, required: bool = True) -> forms.TypedChoiceField:
    """A question that is answered on purpose: no answer is taken for "no"."""
    return forms.TypedChoiceField(
        label=label, choices=YES_NO, coerce=ANSWERS.get, empty_value=None, required=required, widget=forms.RadioSelect
    )


class VisitDayForm(AgreementStepForm):
    """On which day."""

    on = forms.DateField(label=_("Visited on"), required=False, widget=date_input(), help_text=_("Empty: today."))


class LogForm(VisitDayForm):
    """What was found."""

    field_order = ["performed", "relapse", "satisfaction", "confirmation_wanted", "way", "paid", "performed_on", "on"]
    performed = forms.ChoiceField(label=_("Is it performed?"), choices=VisitPerformed.choices, widget=forms.RadioSelect)
    relapse = yes_no(_("Has it broken out again?"))
    satisfaction = forms.TypedChoiceField(
        label=_("How satisfied are they? (1-5)"), choices=STARS, coerce=int, empty_value=None, required=False,
        widget=forms.RadioSelect,
    )  # fmt: skip
    confirmation_wanted = yes_no(_("Do they want the court to confirm the agreement?"))
    way = forms.ChoiceField(
        label=_("How they were visited"), choices=VisitWay.choices, required=False, widget=forms.RadioSelect
    )
    paid = forms.DecimalField(
        label=_("Paid so far (yuan)"), required=False, min_value=0, max_digits=14, decimal_places=2,
        help_text=_("Where it is performed in part: the whole sum paid so far. Else leave it empty."),
    )  # fmt: skip
    performed_on = forms.DateField(
        label=_("Performed on"), required=False, widget=date_input(),
        help_text=_("Ask for the day. Empty: not known; the day of the visit, where the last day is not over."),
    )  # fmt: skip

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        question = question_of(self.obj)
        if question is None:
            del self.fields["confirmation_wanted"]
        else:
            told = {"day": f"{question.last_day:%Y-%m-%d}"}
            self.fields["confirmation_wanted"].help_text = _("Both apply together, on %(day)s at the latest.") % told
        if self.obj.dispute.state in REOPENABLE and not self.obj.relapse:
            self.fields["relapse"].help_text = _("“Yes” opens the dispute again.")
        owed = self.obj.obligation if self.obj.kind == VisitKind.OBLIGATION else None
        if owed is None or owed.amount is None:
            del self.fields["paid"]
        if owed is None:
            del self.fields["performed_on"]
        elif (owed_on := owed_still(owed)) is not None:
            told = {"day": f"{owed_on:%Y-%m-%d}"}
            self.fields["performed_on"].help_text = _("Where it is performed: it was still owed on %(day)s.") % told

    def starting_values(self):
        return super().starting_values() | {"way": VisitWay.PHONE}

    def arguments(self):
        given = dict(self.cleaned_data)
        kept = {name: given.pop(name) for name in ("reason", "version", "on") if name in given}
        return kept | {"found": Found(**given | {"way": given["way"] or VisitWay.PHONE})}


class CorrectLogForm(LogForm):
    """The answers anew; it starts with what stands there."""

    field_order = ["reason", *LogForm.field_order]

    def starting_values(self):
        kept = {name: getattr(self.obj, name) for name in ("performed", "satisfaction", "way")}
        kept["on"] = self.obj.visited_on
        owed = self.obj.obligation
        if owed is not None:  # what stands there of it: given again as it is, nothing of it is lost
            kept["paid"] = owed.paid if self.obj.performed == VisitPerformed.PARTLY else None
            kept["performed_on"] = owed.performed_on if self.obj.performed == VisitPerformed.YES else None
        said = {name: {True: "yes", False: "no"}.get(getattr(self.obj, name)) for name in ASKED}
        return super().starting_values() | {name: value for name, value in (kept | said).items() if value}


class UrgeForm(AgreementStepForm):
    """What the superior asks of the unit."""

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.fields["reason"].label = _("What you ask of the unit")
        self.fields["reason"].help_text = _("Who carries the dispute on reads it; it stands in the history.")


class CounsellingDayForm(AgreementStepForm):
    """A day and nothing else."""

    on = forms.DateField(label=_("On which day"), required=False, widget=date_input(), help_text=_("Empty: today."))

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        del self.fields["reason"]


class WordlessForm(AgreementStepForm):
    """Nothing is asked: no reason is kept."""

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        del self.fields["reason"]


class ReferForm(CounsellingDayForm):
    """To whom."""

    counsellor = forms.ModelChoiceField(User.objects.none(), label=_("Counsellor"), to_field_name="username")

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.fields["counsellor"].queryset = counsellors_for(self.obj.dispute).exclude(pk=self.obj.counsellor_id)


register_form(VISIT, "log", LogForm)
register_form(VISIT, "correct", CorrectLogForm)
register_form(VISIT, "urge", UrgeForm)
for name in ("miss", "miss_late", "refuse"):
    register_form(VISIT, name, VisitDayForm)
for name in ("consent", "attend", "decline"):
    register_form(REFERRAL, name, CounsellingDayForm)
for name in ("correct", "take_back"):
    register_form(REFERRAL, name, WordlessForm)
for name in ("refer", "pass_on"):
    register_form(REFERRAL, name, ReferForm)
