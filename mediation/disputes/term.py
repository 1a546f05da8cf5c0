"""The mediation term: when it is over without an agreement, that is recorded and those who handle it see it."""

from datetime import datetime, time, timedelta

from django.utils import timezone

from governance.clock import SHANGHAI
from governance.timers import cancel_timer, fires, set_timer
from mediation.disputes.acting import SYSTEM_GRANT, clock, tell
from mediation.disputes.states import DisputeState
from mediation.models import Dispute

TERM_OVER = "dispute.term_over"
RUNNING = (DisputeState.ACCEPTED, DisputeState.MEDIATING)


def term_timer(dispute: Dispute) -> None:
    """Set, or move, the timer that fires when the term's last day is over."""
    due = datetime.combine(dispute.term_until + timedelta(days=1), time(), SHANGHAI)
    set_timer(f"{TERM_OVER}:{dispute.pk}", TERM_OVER, subject_id=dispute.pk, due_at=due)


def term_stop(dispute: Dispute) -> None:
    """The mediation has ended: nothing is due any more."""
    cancel_timer(f"{TERM_OVER}:{dispute.pk}")


@fires(TERM_OVER)
def term_over(timer) -> None:
    """Record that the term is over, unless the mediation ended or the term was extended meanwhile."""
    dispute = Dispute.objects.lock(timer.subject_id)
    if dispute.state in RUNNING and dispute.term_until < timezone.localdate():
        tell(TERM_OVER, dispute, actor=clock(), grant=SYSTEM_GRANT, at=timer.due_at,
             term_until=dispute.term_until.isoformat(), mediator=dispute.mediator_id)  # fmt: skip
