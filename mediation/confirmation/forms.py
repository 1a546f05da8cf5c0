"""What the steps of a judicial confirmation ask for; used by the admin and the API alike."""

from datetime import date

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from governance.booking_forms import date_input
from governance.forms import register_form
from governance.models import OrgUnit
from mediation.agreements.forms import AgreementStepForm
from mediation.confirmation.applying import CONFIRMATION, OWN_WAYS
from mediation.confirmation.courts import LONGEST_REASON, closed_court, closed_told, courts_for
from mediation.confirmation.eligibility import applicants_of
from mediation.confirmation.proving import LONGEST_NUMBER, recorded_late
from mediation.confirmation.proving import LONGEST_REASON as LONGEST_LATE_REASON
from mediation.confirmation.states import NOT_ADMITTED, REJECTS
from mediation.disputes.inviting import courts
from mediation.models import CourtBasis, DisputeFile, DisputeSource, Party, WishAnswer, WishHow

DECISIONS = [("", _("Not decided")), ("yes", _("Yes")), ("no", _("No"))]
DECIDED = {"": None, "yes": True, "no": False}


class WishForm(AgreementStepForm):
    """What one party says of applying together, and on which day they said so."""

    party = forms.ModelChoiceField(Party.objects.none(), label=_("Party to a dispute"))
    answer = forms.ChoiceField(label=_("What the party said"), choices=WishAnswer.choices)
    how = forms.ChoiceField(label=_("How it was made sure of"), choices=WishHow.choices)
    said_on = forms.DateField(
        label=_("Said on"), required=False, widget=date_input(),
        help_text=_("The day of the signature or of what was said, not of the recording. Empty: today."),
    )  # fmt: skip

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        rows = Party.objects.filter(pk__in=[party.pk for party in applicants_of(self.obj)]).named()
        mine = rows.filter(user=self.user)
        own = mine.exists()
        self.fields["party"].queryset = mine if own else rows
        self.fields["how"].choices = [(how.value, how.label) for how in WishHow
                                      if (how == WishHow.ACCOUNT if own else how not in OWN_WAYS)]  # fmt: skip
        if own:
            del self.fields["said_on"]

    def starting_values(self):
        return super().starting_values() | {"how": WishHow.RECORDED}


class JudgeForm(AgreementStepForm):
    """Whether it is about what no court confirms."""

    concerns_identity = forms.TypedChoiceField(
        label=_("Is it about marriage, parentage or adoption itself?"), choices=DECISIONS, required=False,
        coerce=DECIDED.get, empty_value=None,
    )  # fmt: skip
    concerns_title = forms.TypedChoiceField(
        label=_("Does it decide who owns property?"), choices=DECISIONS, required=False, coerce=DECIDED.get,
        empty_value=None,
    )  # fmt: skip


class ApplyForm(AgreementStepForm):
    """Which court, why that one, and when."""

    court = forms.ModelChoiceField(OrgUnit.objects.none(), label=_("Court"), to_field_name="code")
    basis = forms.ChoiceField(label=_("Why this court"), choices=CourtBasis.choices)
    court_reason = forms.CharField(
        label=_("Why the intermediate court"), required=False, max_length=LONGEST_REASON,
        help_text=_("Only where it is chosen though the amount does not say so."),
    )  # fmt: skip
    applied_on = forms.DateField(
        label=_("Applied on"), required=False, widget=date_input(),
        help_text=_("The day it was handed in or posted. Empty: today."),
    )  # fmt: skip
    proof = forms.CharField(
        label=_("Number of the receipt or of the posting"), required=False, max_length=LONGEST_NUMBER,
    )  # fmt: skip
    proof_file = forms.ModelChoiceField(
        DisputeFile.objects.none(), label=_("File that shows the day"), required=False,
        help_text=_("The last day to apply is over: a reason is needed, and the number or a file. The court reads both "
                    "and decides."),
    )  # fmt: skip

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.fields["court"].queryset = courts()
        if closed := closed_court(self.obj):
            told = closed_told(closed)
            self.fields["court"].help_text = self.fields["court"].error_messages["invalid_choice"] = told
            self.fields["court_reason"].label = _("By what this court has taken over")
            self.fields["court_reason"].help_text = ""
        if recorded_late(self.obj, self.recorded_on()):
            rows = DisputeFile.objects.opened_to(self.user).kept().filter(dispute=self.obj.dispute_id)
            self.fields["proof_file"].queryset = rows.with_rows().order_by("-id")
            if not self.step.reason:
                self.fields["reason"].label = _("Why it is recorded only now")
        else:
            del self.fields["proof"], self.fields["proof_file"]

    def recorded_on(self) -> date:
        """Return on which day the application is recorded."""
        return timezone.localdate()

    def starting_values(self):
        invited = self.obj.dispute.source == DisputeSource.COURT
        offered = courts_for(self.obj)
        basis = CourtBasis.INVITED if invited else CourtBasis.MEDIATOR
        return super().starting_values() | {"basis": basis, "court": offered[0].code if offered else None}


class CorrectForm(ApplyForm):
    """Starts with what stands there."""

    def recorded_on(self):
        return timezone.localdate(self.obj.applied_at) if self.obj.applied_at else super().recorded_on()

    late_reason = forms.CharField(
        label=_("Why it is recorded only now"), required=False, max_length=LONGEST_LATE_REASON, widget=forms.Textarea
    )  # fmt: skip

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.fields["applied_on"].help_text = _("The day it was handed in or posted. Empty: as it stands.")
        if "proof" not in self.fields:
            del self.fields["late_reason"]

    def starting_values(self):
        court = {"court": self.obj.court.code} if self.obj.court else {}
        names = ("court_reason", "applied_on", "proof", "proof_file", "late_reason")
        stands = {"basis": self.obj.court_basis} | {name: getattr(self.obj, name) for name in names}
        return super().starting_values() | court | stands


class CourtDayForm(AgreementStepForm):
    """On which day."""

    on = forms.DateField(label=_("On which day"), required=False, widget=date_input(), help_text=_("Empty: today."))


class WantedForm(AgreementStepForm):
    """On which day they said so."""

    on = forms.DateField(
        label=_("Said on"), required=False, widget=date_input(),
        help_text=_("The day on which the parties said so, within the term. Empty: today."),
    )  # fmt: skip


class WithdrawForm(AgreementStepForm):
    """On which day they took it back."""

    on = forms.DateField(
        label=_("Withdrawn on"), required=False, widget=date_input(),
        help_text=_("The day on which it was taken back, not of the recording. Empty: today."),
    )  # fmt: skip


class CourtNumberForm(CourtDayForm):
    """On which day, under which number."""

    number = forms.CharField(label=_("Number of the court"), max_length=60)


class EnforcementForm(CourtDayForm):
    """When enforcement was asked for, and its number where it has one."""

    number = forms.CharField(label=_("Number of the enforcement"), max_length=60, required=False)


class RejectForm(CourtDayForm):
    """On which day, on which ground."""

    ground = forms.ChoiceField(
        label=_("Ground of the court"), choices=[(ground.value, ground.label) for ground in REJECTS]
    )


class NotAdmittedForm(CourtDayForm):
    """On which day, on which ground of Article 355."""

    ground = forms.ChoiceField(
        label=_("Ground of the court"), choices=[(ground.value, ground.label) for ground in NOT_ADMITTED]
    )


for name, form in {
    "consent": WishForm, "judge": JudgeForm, "apply": ApplyForm, "receive": CourtDayForm, "admit": CourtNumberForm,
    "confirm": CourtNumberForm, "not_admit": NotAdmittedForm, "reject": RejectForm, "hand_back": CourtDayForm,
    "again": CourtDayForm, "note_enforcement": EnforcementForm,
    "not_wanted": AgreementStepForm, "wanted": WantedForm, "correct": CorrectForm, "extend": AgreementStepForm,
    "withdraw": WithdrawForm, "back_to_applied": AgreementStepForm, "back_to_received": AgreementStepForm,
    "back_to_admitted": AgreementStepForm,
}.items():  # fmt: skip
    register_form(CONFIRMATION, name, form)
