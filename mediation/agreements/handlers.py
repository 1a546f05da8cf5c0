"""What agreements do when a day is over, when a dispute ends without one, and when the day of one is put right."""

from datetime import date

from governance.events import on
from governance.timers import fires
from mediation.agreements.acting import carry
from mediation.agreements.deadlines import OBLIGATION_DUE
from mediation.agreements.performing import obligation_lapse
from mediation.agreements.signing import drafts_go_on, mediator_signatures_void
from mediation.agreements.states import UNDER_WAY
from mediation.disputes.acting import clock
from mediation.disputes.days import round_began_at
from mediation.disputes.ending import dispute_end_move
from mediation.models import Agreement, AgreementState, Obligation, ObligationState


@fires(OBLIGATION_DUE)
def obligation_due(timer) -> None:
    """The last day of an obligation is over."""
    row = Obligation.objects.lock(timer.subject_id)
    if row.state in (ObligationState.DUE, ObligationState.PART) and row.agreement.state == AgreementState.EFFECTIVE:
        obligation_lapse(row, actor=clock(), at=timer.due_at)


@on("dispute.terminated", "dispute.referred")
def drafts_end(event, dispute) -> None:
    """A dispute that ends without an agreement ends the drafts of one; its row is locked already."""
    for row in Agreement.objects.filter(dispute=dispute, state__in=UNDER_WAY).order_by("pk"):
        carry(row, "lapse", actor=clock(), occurred_at=event.occurred_at)


@on("dispute.party_amended")
def signers_change(event, dispute) -> None:
    """Who has become a third person signs no more: those who do may all have signed. The dispute is locked already."""
    if "side" in event.payload["changed"]:
        drafts_go_on(dispute, at=event.occurred_at)


@on("dispute.assigned", "dispute.tier_changed")
def new_mediator_signs(event, dispute) -> None:
    """Somebody else mediates, because the former was recused, or it was handed over: they sign what is not in effect
    yet. The dispute is locked already."""
    mediator_signatures_void(dispute, at=event.occurred_at)


@on("mediation_agreement.day_corrected")
def end_moves(event, agreement) -> None:
    """The dispute ended on the day on which its agreement took effect; its row is locked already."""
    began = round_began_at(agreement.dispute, until=agreement.drafted_at)
    dispute_end_move(agreement.dispute, date.fromisoformat(event.payload["effective_on"]), began=began,
                     at=event.occurred_at)  # fmt: skip
