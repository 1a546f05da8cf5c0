"""The event itself: begin, check in by code or by hand, who came without sign-up, end."""

from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from governance.errors import Conflict, Invalid
from governance.models import Event, User
from governance.transactions import atomically
from governance.workflow import carries_out
from property.gatherings.acting import carry, clock
from property.gatherings.check_in import event_of
from property.gatherings.event_workflow import TO_COME, EventState
from property.gatherings.homes import at_home_check, household_check, household_of
from property.gatherings.line import line_serve, next_turn, offers_end, places_recount
from property.gatherings.sign_up_workflow import HOLDING, SignUpState, VolunteeringState
from property.gatherings.signing import one_of_check
from property.gatherings.volunteers import minutes_counted
from property.models import NeighbourEvent, SignUp, Volunteering

EVENT, SIGN_UP = "property.neighbourevent", "property.signup"
# People may check in, and the event may be begun, from so long before its time [J].
CHECK_IN_BEFORE = timedelta(minutes=60)
# The step that undoes a check-in, by the state before; ``undo`` itself for who had signed up.
BACK_TO = {
    SignUpState.WAITING: "back_to_line", SignUpState.OFFERED: "back_to_offer",
    SignUpState.CANCELLED: "back_to_cancelled", SignUpState.LAPSED: "back_to_lapsed",
}  # fmt: skip


def check_in_open(event: NeighbourEvent, at: datetime) -> bool:
    """Tell whether people can check in at ``at``."""
    return event.state == EventState.UNDER_WAY or (event.state in TO_COME and at >= event.starts_at - CHECK_IN_BEFORE)


def _open_check(event: NeighbourEvent, at: datetime) -> None:
    if not check_in_open(event, at):
        raise Conflict(_("Nobody can check in to this event now."), code="closed")


def _room_check(event: NeighbourEvent, row: SignUp) -> None:
    """Who holds no place needs a free one, and to be a neighbour whose household has none."""
    if row.state in HOLDING:
        return
    if row.person is not None:
        at_home_check(row.person, event)
    if row.size > event.free:
        raise Conflict(_("There is no free place."), code="full")
    if row.person is not None:
        household_check(event, household_of(row.person, event), besides=row)


@carries_out(EVENT, "begin")
def event_begin(event: NeighbourEvent, *, actor: User, occurred_at: datetime | None = None, **given) -> NeighbourEvent:
    """Begin. Raises Conflict earlier than an hour before its time."""
    at = occurred_at or timezone.now()
    with atomically():
        locked = NeighbourEvent.objects.lock(event.pk)
        _open_check(locked, at)
        fresh = carry(locked, "begin", actor=actor, occurred_at=at, begun_at=at, **given)
        offers_end(fresh, at=at)
    return fresh


def _there(row: SignUp, name: str, *, actor: User, at: datetime, **given) -> SignUp:
    """Carry a check-in out under the event's lock."""
    with atomically():
        event = NeighbourEvent.objects.lock(row.event_id)
        _open_check(event, at)
        places_recount(event)
        _room_check(event, SignUp.objects.lock(row.pk))
        fresh = carry(row, name, actor=actor, occurred_at=at, checked_in_at=at, **given)
        places_recount(event)
    return fresh


@carries_out(SIGN_UP, "check_in")
def sign_up_check_in(row: SignUp, *, actor: User, occurred_at: datetime | None = None, **given) -> SignUp:
    """Check somebody in by hand; who holds no place needs a free one. Raises Conflict."""
    at = occurred_at or timezone.now()
    return _there(row, "check_in", actor=actor, at=at, payload={"way": "hand"}, **given)


@carries_out(SIGN_UP, "scan")
def sign_up_scan(row: SignUp, **given) -> SignUp:
    """Nobody checks in as by a code without one: ``event_check_in`` is the only way."""
    raise Invalid(_("This is no code for checking in."), field="code", code="required")


@carries_out(SIGN_UP, "undo")
def sign_up_undo(row: SignUp, *, actor: User, occurred_at: datetime | None = None, **given) -> SignUp:
    """Take a check-in back while people check in: everything is as before. Who came by had no sign-up; a place that was
    only offered is offered until it begins, and not any more once it has."""
    at = occurred_at or timezone.now()
    with atomically():
        event = NeighbourEvent.objects.lock(row.event_id)
        _open_check(event, at)
        before = _state_before(SignUp.objects.lock(row.pk))
        if before == SignUpState.OFFERED:
            to_come = event.state in TO_COME and at < event.starts_at
            before, until = (before, {"offered_until": event.starts_at}) if to_come else (SignUpState.LAPSED, {})
            given |= until
        fresh = carry(row, BACK_TO.get(before, "undo"), actor=actor, occurred_at=at, **given)
        places_recount(event)
        line_serve(event, at=at)
    fresh.refresh_from_db()
    return fresh


def _state_before(row: SignUp) -> str:
    """Return the state from which somebody was checked in last."""
    if row.walk_in:
        return SignUpState.CANCELLED
    told = Event.objects.filter(name="sign_up.checked_in", subject_type=SIGN_UP, subject_id=row.pk).order_by("id")
    last = told.last()
    return last.payload["from"] if last is not None else SignUpState.SIGNED_UP


def event_check_in(*, actor: User, code: str, occurred_at: datetime | None = None) -> SignUp:
    """Check in by the code shown there; a resident who did not sign in does so where a place is free.

    Raises Invalid naming ``code`` (none of ours, or too old), Conflict (not open, full, there already), NotPermitted.
    """
    at = occurred_at or timezone.now()
    with atomically():
        event = NeighbourEvent.objects.lock(event_of(code, at).pk)
        _open_check(event, at)
        row = SignUp.objects.filter(event=event, person=actor).first()
        if row is not None and row.state == SignUpState.CHECKED_IN:
            raise Conflict(_("You are checked in already."), code="checked_in")
        if row is None:
            row = _came_by(event, person=actor, at=at)
        return _there(row, "scan", actor=actor, at=at, payload={"way": "code", "walk_in": row.walk_in})


def _came_by(event: NeighbourEvent, *, at: datetime, person: User | None = None, name: str = "") -> SignUp:
    """Write down somebody who comes without a sign-up; the check-in follows in the same transaction."""
    home = household_of(person, event) if person is not None else None
    return SignUp.objects.create(
        event=event, area=event.area, person=person, name=name, dwelling=home, size=event.size_of(0, 0),
        turn=next_turn(event), walk_in=True, asked_at=at,
    )  # fmt: skip


@carries_out(EVENT, "walk_in")
def event_walk_in(event: NeighbourEvent, *, actor: User, guest: str = "", person: User | None = None,
                  occurred_at: datetime | None = None, **given) -> NeighbourEvent:  # fmt: skip
    """Check somebody in who did not sign up: by account, or by name. Raises Invalid naming ``guest``, Conflict (full,
    signed up already)."""
    at = occurred_at or timezone.now()
    one_of_check(guest, person)
    with atomically():
        locked = NeighbourEvent.objects.lock(event.pk)
        if person is not None and SignUp.objects.filter(event=locked, person=person).exists():
            raise Conflict(_("This person is on the list: check them in there."), field="person", code="signed_up")
        row = _came_by(locked, at=at, person=person, name=guest.strip())
        fresh = carry(locked, "walk_in", actor=actor, occurred_at=at, payload={"sign_up": row.pk}, **given)
        _there(row, "check_in", actor=actor, at=at, payload={"way": "hand", "walk_in": True})
    fresh.refresh_from_db()
    return fresh


@carries_out(EVENT, "finish")
def event_finish(event: NeighbourEvent, *, actor: User, occurred_at: datetime | None = None, **given) -> NeighbourEvent:
    """End: who never came is counted, whoever still waits has no place, volunteers still there are checked out."""
    at = occurred_at or timezone.now()
    with atomically():
        locked = NeighbourEvent.objects.lock(event.pk)
        figures = _wound_up(locked, at)
        return carry(locked, "finish", actor=actor, occurred_at=at, held_at=at, payload=figures, **given)


def _wound_up(event: NeighbourEvent, at: datetime) -> dict:
    ends = {SignUpState.SIGNED_UP: "miss", SignUpState.OFFERED: "lapse", SignUpState.WAITING: "lapse"}
    rows = SignUp.objects.filter(event=event)
    for row in rows.filter(state__in=list(ends)).order_by("turn"):
        carry(row, ends[row.state], actor=clock(), occurred_at=at)
    for hand in Volunteering.objects.filter(event=event).select_related("event").order_by("id"):
        if hand.state == VolunteeringState.HERE:
            minutes = minutes_counted(event, hand.checked_in_at, at)
            carry(hand, "check_out", actor=clock(), occurred_at=at, checked_out_at=at, minutes=minutes,
                  payload={"minutes": minutes})  # fmt: skip
        elif hand.state == VolunteeringState.SIGNED_UP:
            carry(hand, "miss", actor=clock(), occurred_at=at)
    places_recount(event)
    states = list(rows.values_list("state", flat=True))
    return {"came": states.count(SignUpState.CHECKED_IN), "missed": states.count(SignUpState.NO_SHOW)}
