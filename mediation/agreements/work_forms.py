"""The form that drafts an agreement."""

from django import forms
from django.utils.translation import gettext_lazy as _

from mediation.agreements.states import UNDER_WAY
from mediation.agreements.terms_form import TermsFields
from mediation.models import AgreementForm, Dispute, DisputeState


class DisputeChoice(forms.ModelChoiceField):
    """A dispute by its number, type and place; whose it is stands on its own page."""

    def label_from_instance(self, obj):
        return f"{obj.number} · {obj.type} · {obj.area}"


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
