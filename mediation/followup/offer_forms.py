"""Offering counselling: of which dispute, to which party; on the page of a dispute to which of its parties."""

from django import forms
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from governance.booking_forms import date_input
from governance.errors import Refused
from governance.scoping import visible_q
from mediation.disputes.querysets import HANDLES
from mediation.disputes.states import OPEN, DisputeState
from mediation.disputes.work_forms import OfDisputeForm
from mediation.followup.states import REFERRAL_UNDER_WAY
from mediation.models import CounsellingReferral, Dispute, Party, PartyKind

OFFER_LEAD = _("Nobody is referred without consent. Only dates are kept, never why or what was said.")
# Disputes that somebody works on, or follows up.
OFFERED_IN = (*OPEN, DisputeState.AGREED, DisputeState.CLOSED)


def offerable(dispute: Dispute) -> QuerySet[Party]:
    """Return the parties of a dispute to whom counselling may be offered now: persons who were not offered it yet."""
    if dispute.state not in OFFERED_IN:
        return Party.objects.none()
    return _to_be_asked(Party.objects.filter(dispute=dispute)).named().order_by("id")


def offer_address(dispute: Dispute) -> str:
    """Return where counselling is offered to a party of a dispute; empty where it is not possible now."""
    possible = offerable(dispute).exists()
    return reverse("admin:mediation_dispute_do", args=[dispute.pk, "counselling"]) if possible else ""


def _to_be_asked(rows: QuerySet[Party]) -> QuerySet[Party]:
    asked = CounsellingReferral.objects.filter(state__in=REFERRAL_UNDER_WAY)
    return rows.filter(kind=PartyKind.PERSON).exclude(pk__in=asked.values("party_id"))


class PartyOfDispute(forms.ModelChoiceField):
    """A party, masked, with the number of the dispute."""

    def label_from_instance(self, obj):
        return f"{obj.dispute.number} {obj}"


class OfferForm(forms.Form):
    """To whom, and when it was offered."""

    party = PartyOfDispute(Party.objects.none(), label=_("Party to a dispute"))
    on = forms.DateField(label=_("Offered on"), required=False, widget=date_input(), help_text=_("Empty: today."))

    def __init__(self, data=None, *, user):
        super().__init__(data)
        found = visible_q(HANDLES, user)
        mine = Dispute.objects.none() if found is None else Dispute.objects.filter(found)
        rows = _to_be_asked(Party.objects.filter(dispute__in=mine.filter(state__in=OFFERED_IN)))
        self.fields["party"].queryset = rows.named().order_by("-dispute_id", "id")

    def blame(self, refusal: Refused) -> None:
        """Put a refusal beside the field it names."""
        self.add_error(refusal.field if refusal.field in self.fields else None, refusal.detail)


class OfferInDisputeForm(OfDisputeForm):
    """To which party of this dispute, and when it was offered."""

    party = forms.ModelChoiceField(Party.objects.none(), label=_("Party to a dispute"))
    on = forms.DateField(label=_("Offered on"), required=False, widget=date_input(), help_text=_("Empty: today."))

    def __init__(self, data=None, *, dispute):
        super().__init__(data, dispute=dispute)
        rows = self.fields["party"].queryset = offerable(dispute)
        if len(rows) == 1:
            self.initial["party"] = rows[0].pk

    def prefill(self, asked) -> None:
        """Start with the party that a link to the form names."""
        if "party" in asked:
            self.initial["party"] = asked["party"]
