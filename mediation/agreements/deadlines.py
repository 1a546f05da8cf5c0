"""The timers of obligations: the day after its last day somebody is told that it was not performed in time."""

from collections.abc import Iterable
from datetime import datetime, time, timedelta

from governance.clock import SHANGHAI
from governance.timers import cancel_timer, set_timer
from mediation.models import Obligation

OBLIGATION_DUE = "mediation.obligation_due"


def obligation_timers(rows: Iterable[Obligation]) -> None:
    """Set the timer of each obligation."""
    for row in rows:
        due_at = datetime.combine(row.due_on + timedelta(days=1), time.min, SHANGHAI)
        set_timer(f"{OBLIGATION_DUE}:{row.pk}", OBLIGATION_DUE, subject_id=row.pk, due_at=due_at)


def obligation_timer_stop(row: Obligation) -> None:
    """Cancel the timer: it was performed."""
    cancel_timer(f"{OBLIGATION_DUE}:{row.pk}")
