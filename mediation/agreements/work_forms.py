"""The form that drafts an agreement."""

from django import forms
from django.utils.translation import gettext_lazy as _

from governance.booking_forms import date_input
from mediation.agreements.states import UNDER_WAY, AuthorisationScope
from mediation.agreements.terms_form import TermsFields
from mediation.disputes.forms import words
from mediation.disputes.work_forms import BlamedForm, OfDisputeForm
from mediation.models import AgreementForm, Dispute, DisputeState, Party


class DisputeChoice(forms.ModelChoiceField):
    """A dispute by its number, type and place; whose it is stands on its own page."""

    def label_from_instance(self, obj):
        return f"{obj.number} · {obj.type} · {obj.area}"


def with_agents(dispute: Dispute):
    """Return the parties of a dispute who have an agent."""
    return dispute.parties.exclude(agent="").order_by("id")


class ChooseForm(forms.Form):
    """Which dispute in mediation."""

    dispute = DisputeChoice(Dispute.objects.none(), label=_("Dispute in mediation"))

    def __init__(self, *args, user, **options):
        super().__init__(*args, **options)
        rows = Dispute.objects.visible_to(user).with_rows().filter(state=DisputeState.MEDIATING)
        self.fields["dispute"].queryset = rows.exclude(agreements__state__in=UNDER_WAY).order_by("id")

    def blame(self, refusal) -> None:
        """Nothing is refused here."""
        self.add_error(None, str(refusal.detail))


class AuthorisationForm(OfDisputeForm):
    """By which paper the agent of a party acts."""

    party = forms.ModelChoiceField(Party.objects.none(), label=_("Party with an agent"))
    number = forms.CharField(label=_("Number of the paper"), max_length=60)
    signed_on = forms.DateField(label=_("Day of the paper"), widget=date_input())
    # Nothing is chosen for whoever fills it in: how far the agent may go stands on the paper.
    scope = forms.ChoiceField(label=_("What the agent may do"), choices=[("", "—"), *AuthorisationScope.choices])

    def __init__(self, data=None, *, dispute):
        super().__init__(data, dispute=dispute)
        self.fields["party"].queryset = with_agents(dispute).named()


class StrikeAuthorisationForm(BlamedForm):
    """Why what was recorded of an agent's paper is wrong."""

    reason = forms.CharField(label=_("Why this authorisation is struck"), max_length=500, widget=words(2))


class DraftForm(TermsFields):
    """What an agreement says, and whether it is written."""

    form = forms.ChoiceField(label=_("Form of the agreement"), choices=AgreementForm.choices)
    field_order = ["form", "subject", "clauses", "obligations", "performance", "made_on"]

    def __init__(self, *args, dispute: Dispute, **options):
        super().__init__(*args, **options)
        self.use_dispute(dispute)

    def blame(self, refusal) -> None:
        """Show a refusal of the service at the field it names."""
        self.add_error(refusal.field if refusal.field in self.fields else None, str(refusal.detail))
