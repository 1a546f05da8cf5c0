"""What the parties agree anew takes the place of the agreement they had: it binds no longer, and nothing goes on of it.

Its visits and the term for confirmation end by the event (``followup``, ``confirmation``); what was performed stays so.
"""

from datetime import datetime

from mediation.agreements.acting import carry
from mediation.agreements.deadlines import obligation_timer_stop
from mediation.agreements.states import OWED
from mediation.disputes.acting import clock
from mediation.models import Agreement, Obligation


def agreements_replace(newer: Agreement, *, at: datetime) -> None:
    """End the agreement in effect of the dispute, whose row is locked, before ``newer`` takes effect: the database
    keeps one in effect."""
    for row in Agreement.objects.in_effect().filter(dispute=newer.dispute_id).exclude(pk=newer.pk):
        fresh = carry(row, "replace", actor=clock(), occurred_at=at, newer=newer, payload={"newer": newer.pk})
        for owed in Obligation.objects.filter(agreement=fresh, state__in=OWED).order_by("pk"):
            obligation_timer_stop(carry(owed, "replace", actor=clock(), occurred_at=at))
