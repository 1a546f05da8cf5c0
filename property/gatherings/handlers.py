"""What neighbours' events do when a deadline is due, or their venue is taken back."""

from governance import events
from governance.events import on
from governance.models import Role
from governance.scoping import Grant
from governance.timers import fires
from property.gatherings.acting import clock, figures_of
from property.gatherings.deadlines import CLOSES, OFFER_ENDS, REMINDER
from property.gatherings.event_workflow import TO_COME, EventState
from property.gatherings.line import offer_lapse
from property.gatherings.planning import event_close
from property.models import NeighbourEvent, SignUp


def _tell(name: str, event: NeighbourEvent, at, **more) -> None:
    events.record(name, event, actor=clock(), grant=Grant(Role.SYSTEM), payload=figures_of(event) | more,
                  occurred_at=at)  # fmt: skip


@fires(CLOSES)
def closes(timer) -> None:
    """The time of the sign-up is over."""
    event = NeighbourEvent.objects.lock(timer.subject_id)
    if event.state == EventState.PUBLISHED:
        event_close(event, actor=clock(), occurred_at=timer.due_at)


@fires(REMINDER)
def reminder_due(timer) -> None:
    """Call the event to the mind of everybody signed up."""
    event = NeighbourEvent.objects.lock(timer.subject_id)
    if event.state in TO_COME:
        _tell("gathering.reminded", event, timer.due_at)


@fires(OFFER_ENDS)
def offer_over(timer) -> None:
    """Nobody took the place: it goes to the next."""
    offer_lapse(SignUp.objects.get(pk=timer.subject_id), at=timer.due_at)


@on("booking.cancelled", "booking.moved")
def venue_taken_back(event, booking) -> None:
    """Tell the organiser that the venue of an event to come was taken back, or given to it for another time."""
    found = NeighbourEvent.objects.to_hold().filter(booking=booking).select_related("area").first()
    if found is not None:
        _tell("gathering.venue_taken", found, event.occurred_at, venue=booking.venue_id, why=event.name)
