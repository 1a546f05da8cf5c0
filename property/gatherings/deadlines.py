"""Deadlines of neighbours' events: their keys and when each is due. What happens then is in ``handlers.py``."""

from datetime import timedelta

from governance.timers import cancel_timer, set_timer
from property.models import NeighbourEvent, SignUp

CLOSES, REMINDER, OFFER_ENDS = "gathering.closes", "gathering.reminder", "sign_up.offer_ends"
# So long before it begins everybody signed up is reminded [J].
REMINDED_BEFORE = timedelta(days=1)


def event_timers(event: NeighbourEvent) -> None:
    """Set or move the timers of a published event to what its times say."""
    due_at = event.starts_at - REMINDED_BEFORE
    set_timer(f"{REMINDER}:{event.pk}", REMINDER, subject_id=event.pk, due_at=due_at)
    closing_timer(event)


def closing_timer(event: NeighbourEvent) -> None:
    """Set or move the timer that closes the sign-up, where people sign up."""
    if event.sign_up_until is not None:
        set_timer(f"{CLOSES}:{event.pk}", CLOSES, subject_id=event.pk, due_at=event.sign_up_until)


def event_timers_stop(event: NeighbourEvent) -> None:
    """Cancel the timers of an event that is not held then."""
    for kind in (REMINDER, CLOSES):
        cancel_timer(f"{kind}:{event.pk}")


def offer_timer(row: SignUp) -> None:
    """Set the timer at which an offered place lapses."""
    set_timer(f"{OFFER_ENDS}:{row.pk}", OFFER_ENDS, subject_id=row.pk, due_at=row.offered_until)
