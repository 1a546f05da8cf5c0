"""The form that drafts an agreement."""

from django import forms
from django.utils.translation import gettext_lazy as _

from mediation.agreements.terms_form import TermsFields
from mediation.models import AgreementForm, Dispute


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
