"""An agreement takes effect: its visits are made. Their days come. The dispute ends without one: they end too."""

from governance.events import on
from governance.timers import fires
from mediation.agreements.acting import carry
from mediation.disputes.acting import clock
from mediation.disputes.ends_taken_back import last_end
from mediation.followup.planning import (
    VISIT_DUE,
    VISIT_OVERDUE,
    visits_cancel,
    visits_come_back,
    visits_move,
    visits_plan,
)
from mediation.followup.states import UNTIL_LATE
from mediation.models import Dispute, FollowUpVisit, VisitState


@on("agreement.effective")
def visits_begin(event, agreement) -> None:
    """In the transaction in which the agreement takes effect. A newer agreement takes the place of an older one."""
    visits_cancel(agreement.dispute, at=event.occurred_at, but=agreement)
    visits_plan(agreement, at=event.occurred_at)


@on("mediation_agreement.day_corrected")
def visits_follow(event, agreement) -> None:
    """Its day of effect was put right: the visits still to be made move with it. The dispute is locked already."""
    visits_move(agreement, at=event.occurred_at)


@on("dispute.terminated", "dispute.declined", "dispute.referred")
def visits_end(event, dispute: Dispute) -> None:
    """Nobody is visited about a mediation that ended without an agreement; its row is locked already. Nor about what
    was agreed before it was reopened, though that binds on (人民调解法 31): the customer wants it so."""
    visits_cancel(dispute, at=event.occurred_at)


@on("dispute.end_taken_back")
def visits_back(event, dispute: Dispute) -> None:
    """It was a mistake that it ended: who was to be visited is visited."""
    visits_come_back(dispute, at=event.occurred_at, since=last_end(dispute))


def _held(pk: int) -> FollowUpVisit:
    """Return a visit locked after its dispute, as people do who log it."""
    found = FollowUpVisit.objects.get(pk=pk)
    Dispute.objects.lock(found.dispute_id)
    return FollowUpVisit.objects.lock(pk)


@fires(VISIT_DUE)
def visit_due(timer) -> None:
    """Its day has come."""
    row = _held(timer.subject_id)
    if row.state == VisitState.PLANNED:
        carry(row, "come_due", actor=clock(), occurred_at=timer.due_at, payload={"kind": row.kind})


@fires(VISIT_OVERDUE)
def visit_overdue(timer) -> None:
    """The days of grace are over and it has not been made."""
    row = _held(timer.subject_id)
    if row.state in UNTIL_LATE:
        carry(row, "lapse", actor=clock(), occurred_at=timer.due_at, payload={"kind": row.kind})
