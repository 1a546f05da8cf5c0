"""Signing up to an event, changing and cancelling it; all under the event's lock."""

from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from governance import events
from governance.errors import Conflict, Invalid
from governance.models import Dwelling, Role, User
from governance.scoping import Grant
from governance.transactions import atomically
from governance.workflow import carries_out
from property.gatherings.acting import carry, figures_of
from property.gatherings.event_workflow import TO_COME, EventState
from property.gatherings.homes import at_home_check, household_check, household_of
from property.gatherings.line import line_serve, next_turn, place_in_line, places_recount
from property.gatherings.sign_up_workflow import ACTIVE, SignUpState
from property.models import NeighbourEvent, SignUp

SIGN_UP = "property.signup"
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
        _open_check(locked, at)
        _along_check(locked, companions, children, needs)
        home = household_of(actor, locked)
        mine = SignUp.objects.filter(event=locked, person=actor).first()
        _twice_check(locked, mine, home)
        asked = {"companions": companions, "children": children, "needs": needs.strip(), "dwelling": home,
                 "size": locked.size_of(companions, children), "turn": next_turn(locked)}  # fmt: skip
        if mine is None:
            mine = _made(locked, actor, asked, at)
        else:
            mine = carry(mine, "again", actor=actor, occurred_at=at, **asked)
        line_serve(locked, at=at, newcomer=mine)
    mine.refresh_from_db()
    return mine


def _made(event: NeighbourEvent, actor: User, asked: dict, at: datetime) -> SignUp:
    made = SignUp.objects.create(event=event, area=event.area, person=actor, asked_at=at, **asked)
    payload = figures_of(made) | {"to": made.state}
    events.record("sign_up.made", made, actor=actor, grant=Grant(Role.RESIDENT), payload=payload, occurred_at=at)
    return made


def _open_check(event: NeighbourEvent, at: datetime) -> None:
    if event.places == 0:
        raise Conflict(_("Nobody signs up to this: just come."), code="open_to_all")
    if event.state != EventState.PUBLISHED or at >= event.sign_up_until:
        raise Conflict(_("The sign-up is closed."), code="closed")
    if event.sign_up_from is not None and at < event.sign_up_from:
        raise Conflict(_("The sign-up is not open yet."), code="not_yet")


def _along_check(event: NeighbourEvent, companions: int, children: int, needs: str) -> None:
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


def _twice_check(event: NeighbourEvent, mine: SignUp | None, home: Dwelling | None) -> None:
    if mine is not None and mine.state in ACTIVE:
        raise Conflict(_("You are signed up already."), code="signed_up")
    household_check(event, home)


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
        _along_check(event, companions, children, needs)
        fresh = SignUp.objects.lock(row.pk)
        size = event.size_of(companions, children)
        more = size - fresh.size
        if fresh.state == SignUpState.SIGNED_UP and more > 0:
            waited = SignUp.objects.filter(event=event).in_line().exists()
            if waited or more > event.free:
                raise Conflict(_("There are no places left for more."), field="companions", code="full")
        fresh = carry(row, "change", actor=actor, occurred_at=at, companions=companions, children=children,
                      needs=needs.strip(), size=size, **given)  # fmt: skip
        places_recount(event)
        line_serve(event, at=at)
    fresh.refresh_from_db()
    return fresh


__all__ = ["place_in_line", "sign_up", "sign_up_cancel", "sign_up_change", "sign_up_take"]
