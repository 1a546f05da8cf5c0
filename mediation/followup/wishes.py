"""What the first visit heard of judicial confirmation, and where what is still missing for it is recorded."""

from django.urls import reverse

from governance.models import User
from governance.scoping import grant_for
from mediation.confirmation.querysets import HELPS
from mediation.models import ConfirmationState, FollowUpVisit, JudicialConfirmation


def visit_word_of(confirmation: JudicialConfirmation) -> FollowUpVisit | None:
    """Return the visit at which it was asked whether the parties want the agreement confirmed; None: nobody was. What
    each party wants is recorded for itself: this is the answer of the visit only."""
    rows = FollowUpVisit.objects.filter(agreement=confirmation.agreement_id, confirmation_wanted__isnull=False)
    return rows.order_by("-visited_on", "-id").first()


def wish_address(visit: FollowUpVisit, user: User) -> str:
    """Return where ``user`` records each party's wish, which a joint application needs; empty unless the visit heard
    that they want it, and it may still be applied for."""
    if not visit.confirmation_wanted:
        return ""
    rows = JudicialConfirmation.objects.with_rows()
    row = rows.filter(agreement=visit.agreement_id, state=ConfirmationState.ELIGIBLE).first()
    if row is None or row.late or grant_for(HELPS, row, user) is None:
        return ""
    return reverse("admin:mediation_judicialconfirmation_transition", args=[row.pk, "consent"])
