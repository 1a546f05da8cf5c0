"""Offering counselling: of which dispute, to which party."""

from django import forms
from django.utils.translation import gettext_lazy as _

from governance.booking_forms import date_input
from governance.errors import Refused
from governance.scoping import visible_q
from mediation.disputes.querysets import HANDLES
from mediation.disputes.states import OPEN, DisputeState
from mediation.followup.states import REFERRAL_UNDER_WAY
from mediation.models import CounsellingReferral, Dispute, Party, PartyKind

# Disputes that somebody works on, or follows up.
OFFERED_IN = (*OPEN, DisputeState.AGREED, DisputeState.CLOSED)


class PartyOfDispute(forms.ModelChoiceField):
    """A party, masked, with the number of the dispute."""

    def label_from_instance(self, obj):
        return f"{obj.dispute.number} {obj.get_side_display()} {obj.masked}"


class OfferForm(forms.Form):
    """To whom, and when it was offered."""

    party = PartyOfDispute(Party.objects.none(), label=_("Party to a dispute"))
    on = forms.DateField(label=_("Offered on"), required=False, widget=date_input(), help_text=_("Empty: today."))

    def __init__(self, data=None, *, user):
        super().__init__(data)
        found = visible_q(HANDLES, user)
        mine = Dispute.objects.none() if found is None else Dispute.objects.filter(found)
        asked = CounsellingReferral.objects.filter(state__in=REFERRAL_UNDER_WAY)
        rows = Party.objects.filter(dispute__in=mine.filter(state__in=OFFERED_IN), kind=PartyKind.PERSON)
        rows = rows.exclude(pk__in=asked.values("party_id"))
        self.fields["party"].queryset = rows.select_related("dispute").order_by("-dispute_id", "id")

    def blame(self, refusal: Refused) -> None:
        """Put a refusal beside the field it names."""
        self.add_error(refusal.field if refusal.field in self.fields else None, refusal.detail)
