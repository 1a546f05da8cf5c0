"""Signing up to an event, changing and cancelling it; all under the event's lock."""

from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from governance import events
from governance.errors import Conflict, Invalid, NotPermitted
from governance.models import Role, User
from governance.scoping import Grant, grant_for
from governance.transactions import atomically
from governance.workflow import carries_out
from property.gatherings.acting import carry, figures_of
from property.gatherings.event_workflow import TO_COME, EventState
from property.gatherings.homes import at_home, at_home_check, household_check, household_of
from property.gatherings.line import line_serve, next_turn, place_in_line, places_recount
from property.gatherings.querysets import RUNS
from property.gatherings.sign_up_workflow import ACTIVE, SignUpState
from property.models import NeighbourEvent, SignUp

EVENT, SIGN_UP = "property.neighbourevent", "property.signup"
# More children than so many come with no grown-up [J].
MOST_CHILDREN = 8
NEEDS = 300


def sign_up(event: NeighbourEvent, *, actor: User, companions: int = 0, children: int = 0, needs: str = "",
            occurred_at: datetime | None = None) -> SignUp:  # fmt: skip
    """Sign up to an event: with a place where one is free and nobody waits, else at the end of the line.

    Raises NotPermitted for who is no resident of the place; Conflict outside the sign-up's time, for a second sign-up
    (of the person, or of the household where households are counted); Invalid naming a field.
    """
    at = occurred_at or timezone.now()
    with atomically():
        locked = NeighbourEvent.objects.lock(event.pk)
        at_home_check(actor, locked)
        along = _along(locked, companions, children, needs)
        return _listed(locked, actor, "", along, actor=actor, grant=Grant(Role.RESIDENT), at=at)


@carries_out(EVENT, "sign_up_for")
def event_sign_up_for(event: NeighbourEvent, *, actor: User, guest: str = "", person: User | None = None,
                      companions: int = 0, children: int = 0, needs: str = "", occurred_at: datetime | None = None,
                      **given) -> NeighbourEvent:  # fmt: skip
    """Sign somebody up who asked for it: a neighbour by account, anybody by name. Raises as ``sign_up``; Invalid naming
    ``guest`` or ``person``."""
    at = occurred_at or timezone.now()
    one_of_check(guest, person)
    with atomically():
        locked = NeighbourEvent.objects.lock(event.pk)
        grant = grant_for(RUNS, locked, actor)
        if grant is None:
            raise NotPermitted(_("You do not run this event."))
        if person is not None and not at_home(person, locked):
            raise Invalid(_("This event is for the residents of another place."), field="person", code="elsewhere")
        along = _along(locked, companions, children, needs)
        made = _listed(locked, person, guest.strip(), along, actor=actor, grant=grant, at=at)
        fresh = carry(locked, "sign_up_for", actor=actor, occurred_at=at, payload={"sign_up": made.pk}, **given)
    fresh.refresh_from_db()
    return fresh


def one_of_check(guest: str, person: User | None) -> None:
    """Raise Invalid unless somebody is named by a name or by an account, and not by both."""
    if bool(guest.strip()) == (person is not None):
        raise Invalid(_("A name, or a person with an account: one of them."), field="guest", code="one_of")


def _listed(event: NeighbourEvent, person: User | None, name: str, along: dict, *, actor: User, grant: Grant,
            at: datetime) -> SignUp:  # fmt: skip
    """Put somebody on the list of a locked event and serve the line."""
    _open_check(event, at)
    home = household_of(person, event) if person is not None else None
    mine = SignUp.objects.filter(event=event, person=person).first() if person is not None else None
    if mine is not None and mine.state in ACTIVE:
        own = person == actor
        text = _("You are signed up already.") if own else _("This person is signed up already.")
        raise Conflict(text, code="signed_up")
    household_check(event, home)
    asked = along | {"dwelling": home, "turn": next_turn(event)}
    if mine is None:
        mine = SignUp.objects.create(event=event, area=event.area, person=person, name=name, asked_at=at, **asked)
        payload = figures_of(mine) | {"to": mine.state}
        events.record("sign_up.made", mine, actor=actor, grant=grant, payload=payload, occurred_at=at)
    else:
        mine = carry(mine, "again", actor=actor, occurred_at=at, **asked)
    line_serve(event, at=at, newcomer=mine)
    mine.refresh_from_db()
    return mine


def _open_check(event: NeighbourEvent, at: datetime) -> None:
    if event.places == 0:
        raise Conflict(_("Nobody signs up to this: just come."), code="open_to_all")
    if event.state != EventState.PUBLISHED or at >= event.sign_up_until:
        raise Conflict(_("The sign-up is closed."), code="closed")
    if event.sign_up_from is not None and at < event.sign_up_from:
        raise Conflict(_("The sign-up is not open yet."), code="not_yet")


def _along(event: NeighbourEvent, companions: int, children: int, needs: str) -> dict:
    """Return who comes along as columns. Raises Invalid naming a field."""
    if not 0 <= companions <= event.companions_most:
        text = _("At most %(number)s companions.") % {"number": event.companions_most}
        raise Invalid(text, field="companions", code="too_many")
    if not 0 <= children <= MOST_CHILDREN:
        text = _("At most %(number)s children.") % {"number": MOST_CHILDREN}
        raise Invalid(text, field="children", code="too_many")
    if len(needs.strip()) > NEEDS:
        raise Invalid(_("At most 300 characters."), field="needs", code="max_length")
    if event.size_of(companions, children) > event.places:
        raise Invalid(_("There are not so many places at all."), field="companions", code="too_many")
    size = event.size_of(companions, children)
    return {"companions": companions, "children": children, "needs": needs.strip(), "size": size}


def _still_to_come(row: SignUp, at: datetime) -> NeighbourEvent:
    """Lock the event of a sign-up. Raises Conflict once it has begun."""
    event = NeighbourEvent.objects.lock(row.event_id)
    begun = event.state != EventState.POSTPONED and at >= event.starts_at
    if event.state not in (*TO_COME, EventState.POSTPONED) or begun:
        raise Conflict(_("This event is not to come any more."), code="not_now")
    return event


@carries_out(SIGN_UP, "take")
def sign_up_take(row: SignUp, *, actor: User, occurred_at: datetime | None = None, **given) -> SignUp:
    """Take an offered place. Raises Conflict when the offer is over, or another of the household has a place by now;
    NotPermitted for who has moved away."""
    at = occurred_at or timezone.now()
    with atomically():
        event = _still_to_come(row, at)
        locked = SignUp.objects.lock(row.pk)
        if locked.offered_until is not None and at >= locked.offered_until:
            raise Conflict(_("This offer is over: the place goes to the next."), code="lapsed")
        if locked.person is not None:
            at_home_check(locked.person, event)
            household_check(event, household_of(locked.person, event), besides=locked)
        return carry(row, "take", actor=actor, occurred_at=at, **given)


@carries_out(SIGN_UP, "cancel")
def sign_up_cancel(row: SignUp, *, actor: User, occurred_at: datetime | None = None, **given) -> SignUp:
    """Cancel a sign-up; who waits first is offered the place. Raises Conflict once the event has begun."""
    at = occurred_at or timezone.now()
    with atomically():
        event = _still_to_come(row, at)
        fresh = carry(row, "cancel", actor=actor, occurred_at=at, **given)
        places_recount(event)
        line_serve(event, at=at)
    return fresh


@carries_out(SIGN_UP, "change")
def sign_up_change(row: SignUp, *, actor: User, companions: int, children: int, needs: str = "",
                   occurred_at: datetime | None = None, **given) -> SignUp:  # fmt: skip
    """Change who comes along. Raises Conflict when so many places are not free, or somebody waits for them."""
    at = occurred_at or timezone.now()
    with atomically():
        event = _still_to_come(row, at)
        along = _along(event, companions, children, needs)
        fresh = SignUp.objects.lock(row.pk)
        more = along["size"] - fresh.size
        if fresh.state == SignUpState.SIGNED_UP and more > 0:
            waited = SignUp.objects.filter(event=event).in_line().exists()
            if waited or more > event.free:
                raise Conflict(_("There are no places left for more."), field="companions", code="full")
        fresh = carry(row, "change", actor=actor, occurred_at=at, **along, **given)
        places_recount(event)
        line_serve(event, at=at)
    fresh.refresh_from_db()
    return fresh


__all__ = ["place_in_line", "sign_up", "sign_up_cancel", "sign_up_change", "sign_up_take"]
