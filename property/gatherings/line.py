"""The places of an event and the line for them: one order, kept under the event's lock.

Whoever asked first is served first. Somebody whose sign-up takes more places than are free is waited for, nobody behind
goes past them; so a family of five is not passed over for ever by singles.
"""

from datetime import datetime, timedelta

from django.db.models import Max, Sum

from property.gatherings.acting import carry, clock
from property.gatherings.deadlines import offer_timer
from property.gatherings.event_workflow import TO_COME
from property.gatherings.homes import at_home
from property.gatherings.sign_up_workflow import SignUpState
from property.models import NeighbourEvent, SignUp


def places_recount(event: NeighbourEvent) -> None:
    """Write down how many places are held; the database refuses more than there are. The caller holds the lock."""
    taken = SignUp.objects.filter(event=event).holding().aggregate(total=Sum("size"))["total"] or 0
    NeighbourEvent.objects.filter(pk=event.pk).update(taken=taken)
    event.taken = taken


def next_turn(event: NeighbourEvent) -> int:
    """Return the place at the end of the line."""
    return (SignUp.objects.filter(event=event).aggregate(last=Max("turn"))["last"] or 0) + 1


def line_serve(event: NeighbourEvent, *, at: datetime, newcomer: SignUp | None = None) -> None:
    """Give free places to who waits, in order: the newcomer at once, others by an offer that lapses. Who has moved away
    since is left out.

    The caller holds the event's lock.
    """
    if event.state not in TO_COME or at >= event.starts_at:
        return
    places_recount(event)
    for row in SignUp.objects.filter(event=event).in_line():
        if row.size > event.free:
            return
        if row.person is not None and not at_home(row.person, event):
            carry(row, "lapse", actor=clock(), occurred_at=at)
            continue
        if event.offer_hours == 0 or (newcomer is not None and row.pk == newcomer.pk):
            carry(row, "give", actor=clock(), occurred_at=at, payload={"moved_up": newcomer is None})
        else:
            _offer(row, event, at)
        places_recount(event)


def _offer(row: SignUp, event: NeighbourEvent, at: datetime) -> None:
    until = min(at + timedelta(hours=event.offer_hours), event.starts_at)
    payload = {"until": until.isoformat()}
    offer_timer(carry(row, "offer", actor=clock(), occurred_at=at, offered_until=until, payload=payload))


def offers_renew(event: NeighbourEvent, *, at: datetime) -> None:
    """Hold offered places for as long again: the event has a new date."""
    until = min(at + timedelta(hours=max(1, event.offer_hours)), event.starts_at)
    for row in SignUp.objects.filter(event=event, state=SignUpState.OFFERED).order_by("turn"):
        payload = {"until": until.isoformat()}
        offer_timer(carry(row, "hold_longer", actor=clock(), occurred_at=at, offered_until=until, payload=payload))


def offers_end(event: NeighbourEvent, *, at: datetime) -> None:
    """End the offers that nobody took: the event begins, and their places are for who is there."""
    for row in SignUp.objects.filter(event=event, state=SignUpState.OFFERED).order_by("turn"):
        carry(row, "lapse", actor=clock(), occurred_at=at)
    places_recount(event)


def place_in_line(row: SignUp) -> int:
    """Return how many wait up to and with this one."""
    return SignUp.objects.filter(event_id=row.event_id, state=SignUpState.WAITING, turn__lte=row.turn).count()


def offer_lapse(row: SignUp, *, at: datetime) -> None:
    """End an offer that nobody took by ``at``, and serve the next; nothing for any other row or a later offer."""
    event = NeighbourEvent.objects.lock(row.event_id)
    fresh = SignUp.objects.lock(row.pk)
    if event.state not in TO_COME or fresh.state != SignUpState.OFFERED or fresh.offered_until > at:
        return
    carry(fresh, "lapse", actor=clock(), occurred_at=at)
    places_recount(event)
    line_serve(event, at=at)
