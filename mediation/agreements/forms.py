"""What the steps of agreements and obligations ask for; used by the admin and the API alike."""

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from governance.booking_forms import date_input
from governance.forms import TransitionForm, register_form
from mediation.agreements.acting import AGREEMENT, OBLIGATION
from mediation.agreements.signing import unsigned_of
from mediation.agreements.terms_form import TermsFields
from mediation.models import AgreementSignature, Party, SignatureHow, SignatureOf


class AgreementStepForm(TransitionForm):
    """A step without files: they belong to the dispute."""

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        del self.fields["photos"]


class SignedForm(AgreementStepForm):
    """On which day it was signed or sealed."""

    on = forms.DateField(
        label=_("On which day"), required=False, widget=date_input(),
        help_text=_("The day on the paper: the terms of the law are counted from it. Empty: today."),
    )  # fmt: skip


class CorrectDayForm(AgreementStepForm):
    """On which day it was sealed, or agreed orally, in truth."""

    on = forms.DateField(
        label=_("In effect from"), widget=date_input(),
        help_text=_("The day of the seal on the paper, or on which it was agreed orally. The last day to apply to the "
                    "court, the reminders and the visits still to be made follow it."),
    )  # fmt: skip

    def starting_values(self):
        return super().starting_values() | {"on": self.obj.effective_on}


class SignatureChoice(forms.ModelChoiceField):
    """A signature of the agreement: who signed, and the day that stands there."""

    def label_from_instance(self, obj):
        return f"{obj.party or obj.get_of_display()} · {obj.day:%Y-%m-%d}"


class CorrectSignatureForm(AgreementStepForm):
    """Whose signature, and on which day it was made in truth."""

    field_order = ["signature", "on", "reason"]
    signature = SignatureChoice(AgreementSignature.objects.none(), label=_("Whose signature"))
    on = forms.DateField(
        label=_("Signed on"), widget=date_input(),
        help_text=_("The day on the paper. What was recorded first is kept; the seal's day is corrected as the day of "
                    "the effect."),
    )  # fmt: skip

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        void = Q(of=SignatureOf.MEDIATOR, turn__lt=self.obj.mediator_turn)
        rows = self.obj.signatures.exclude(of=SignatureOf.COMMITTEE).exclude(how=SignatureHow.ELECTRONIC).exclude(void)
        self.fields["signature"].queryset = rows.select_related("party__dispute", "agreement").prefetch_related(
            "days", "party__dispute__parties"
        )


class SignPartyForm(SignedForm):
    """Which party signed, how, and on which day."""

    field_order = ["party", "how", "by_agent", "on", "reason"]

    party = forms.ModelChoiceField(Party.objects.none(), label=_("Who signed"))
    how = forms.ChoiceField(label=_("How it was signed"), choices=SignatureHow.choices)
    by_agent = forms.BooleanField(label=_("Signed by the agent"), required=False)

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        open_ids = [party.pk for party in unsigned_of(self.obj)]
        rows = Party.objects.filter(dispute_id=self.obj.dispute_id, pk__in=open_ids).named()
        mine = rows.filter(user=self.user)
        own = mine.exists()
        self.fields["party"].queryset = mine if own else rows
        self.fields["how"].choices = [(how.value, how.label) for how in SignatureHow
                                      if (how == SignatureHow.ELECTRONIC) == own]  # fmt: skip
        if own:
            del self.fields["on"]

    def starting_values(self):
        return super().starting_values() | {"how": SignatureHow.SIGNATURE}


class AmendForm(TermsFields, AgreementStepForm):
    """The text written anew."""

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.use_dispute(self.obj.dispute)

    def starting_values(self):
        return super().starting_values() | self.values_of(self.obj)

    def arguments(self):
        given = {name: self.cleaned_data[name] for name in ("reason", "version") if name in self.cleaned_data}
        return given | {"terms": self.terms()}


class PerformedForm(AgreementStepForm):
    """On which day."""

    on = forms.DateField(label=_("Performed on"), required=False, widget=date_input(), help_text=_("Empty: today."))


class PartForm(AgreementStepForm):
    """How much so far."""

    paid = forms.DecimalField(
        label=_("Paid so far (yuan)"), required=False, min_value=0, max_digits=14, decimal_places=2,
        help_text=_("Where it is about money: the whole sum paid so far."),
    )  # fmt: skip


for name in ("sign_mediator", "seal"):
    register_form(AGREEMENT, name, SignedForm)
for name in ("record_oral", "discard"):
    register_form(AGREEMENT, name, AgreementStepForm)
register_form(AGREEMENT, "sign_party", SignPartyForm)
register_form(AGREEMENT, "amend", AmendForm)
register_form(AGREEMENT, "correct_day", CorrectDayForm)
register_form(AGREEMENT, "correct_signature", CorrectSignatureForm)
for name in ("urge", "tell_of_litigation", "correct"):
    register_form(OBLIGATION, name, AgreementStepForm)
register_form(OBLIGATION, "perform_whole", PerformedForm)
register_form(OBLIGATION, "perform_part", PartForm)
