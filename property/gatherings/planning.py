"""The steps of an event before it takes place. Doors call these through ``governance.workflow.act``."""

from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from governance import events
from governance.errors import Conflict, Invalid, NotPermitted
from governance.models import Area, AreaKind, OrgUnit, User, Venue
from governance.scoping import grant_for, grants_of
from governance.transactions import atomically
from governance.workflow import carries_out
from property.gatherings.acting import carry, figures_of
from property.gatherings.deadlines import closing_timer, event_timers, event_timers_stop
from property.gatherings.holding import venue_hold, venue_release
from property.gatherings.line import line_serve, offers_renew
from property.gatherings.querysets import RUNS
from property.models import CountsBy, EventKind, NeighbourEvent

EVENT = "property.neighbourevent"
# A festival of several days is several events; one of them lasts at most so long.
LONGEST = timedelta(hours=24)
# Plans reach so far ahead at most [J].
FURTHEST = timedelta(days=731)


def event_plan(*, actor: User, kind: str, title: str, area: Area, unit: OrgUnit, starts_at: datetime,
               ends_at: datetime, occurred_at: datetime | None = None, **more) -> NeighbourEvent:  # fmt: skip
    """Draft an event and book its venue, if it names one. ``more``: further columns of ``NeighbourEvent`` by name.

    Raises NotPermitted; Invalid naming a field; Conflict when the venue is taken: nothing is made then.
    """
    at = occurred_at or timezone.now()
    made = NeighbourEvent(
        kind=kind, title=title.strip(), area=area, unit=unit, organiser=actor, starts_at=starts_at, ends_at=ends_at,
        made_at=at, **more,
    )  # fmt: skip
    grant = grant_for(RUNS, made, actor)
    if grant is None:
        raise NotPermitted(_("You may not plan events here, or not for this unit."))
    if unit is None or unit.pk not in {held.unit_id for held in grants_of(actor)}:
        raise Invalid(_("Events are planned in the name of one's own unit."), field="unit", code="not_yours")
    plan_check(made, at)
    with atomically():
        made.save(force_insert=True)
        payload = figures_of(made) | {"to": made.state, "parent": made.parent_id}
        events.record("gathering.made", made, actor=actor, grant=grant, payload=payload, occurred_at=at)
        venue_hold(made, actor=actor, at=at)
    return made


def plan_check(event: NeighbourEvent, at: datetime) -> None:
    """Raise Invalid, naming the field, where a plan does not hold together."""
    if not event.title:
        raise Invalid(_("Say what it is called."), field="title", code="required")
    times_check(event.starts_at, event.ends_at, at)
    _place_check(event)
    _sign_up_check(event, at)
    parent_check(event)


def times_check(starts_at: datetime, ends_at: datetime, at: datetime) -> None:
    """Raise Invalid unless it is a time to come that ends after it begins, within a day."""
    reach_check(starts_at, at, "starts_at")
    if ends_at <= starts_at:
        raise Invalid(_("It must end after it begins."), field="ends_at", code="order")
    if ends_at - starts_at > LONGEST:
        raise Invalid(_("At most 24 hours at a time."), field="ends_at", code="too_long")
    if starts_at <= at:
        raise Invalid(_("This time has passed."), field="starts_at", code="past")


def reach_check(moment: datetime, at: datetime, field: str) -> None:
    """Raise Invalid naming ``field`` for a time years away from ``at``, on either side."""
    if abs(moment - at) > FURTHEST:
        raise Invalid(_("A time within two years from now is needed."), field=field, code="too_far")


def _place_check(event: NeighbourEvent) -> None:
    if event.area.kind not in (AreaKind.COMMUNITY, AreaKind.GRID):
        raise Invalid(_("A community or a grid is needed."), field="area", code="too_large")
    if event.estate is not None and not event.area.contains(event.estate.area):
        raise Invalid(_("This estate lies elsewhere."), field="estate", code="outside")


def _sign_up_check(event: NeighbourEvent, at: datetime) -> None:
    if event.places == 0:
        event.sign_up_from = event.sign_up_until = None
        return
    for name in ("sign_up_from", "sign_up_until"):
        if getattr(event, name) is not None:
            reach_check(getattr(event, name), at, name)
    event.sign_up_until = event.sign_up_until or event.starts_at
    if event.sign_up_until > event.starts_at:
        raise Invalid(_("The sign-up closes before it begins."), field="sign_up_until", code="order")
    if event.sign_up_from is not None and event.sign_up_from >= event.sign_up_until:
        raise Invalid(_("The sign-up closes after it opens."), field="sign_up_until", code="order")
    room_check(event.venue, event.counts_by, event.places)


def room_check(venue: Venue | None, counts_by: str, places: int) -> None:
    """Raise Invalid naming ``places`` where the venue does not hold so many."""
    if venue is not None and counts_by == CountsBy.HEADS and places > venue.capacity:
        text = _("The venue holds %(capacity)s persons.") % {"capacity": venue.capacity}
        raise Invalid(text, field="places", code="over_capacity")


def parent_check(event: NeighbourEvent) -> None:
    """Raise Invalid for a whole that is no festival, lies elsewhere, or is a part itself."""
    whole = event.parent
    if whole is None:
        return
    if whole.kind != EventKind.FESTIVAL or whole.parent_id is not None or event.kind == EventKind.FESTIVAL:
        raise Invalid(_("Only a festival has events as its parts."), field="parent", code="no_festival")
    if whole.area_id != event.area_id:
        raise Invalid(_("This festival is held elsewhere."), field="parent", code="elsewhere")


@carries_out(EVENT, "plan")
def event_change_plan(event: NeighbourEvent, *, actor: User, occurred_at: datetime | None = None,
                      version: int | None = None, reason: str = "", photos=(), **plan) -> NeighbourEvent:  # fmt: skip
    """Change the plan of a draft and book anew. ``plan``: columns of ``NeighbourEvent``. Raises as ``event_plan``."""
    at = occurred_at or timezone.now()
    for name in ("unit", "area"):  # where an event is and whose it is says who may change it
        plan.pop(name, None)
    with atomically():
        before = NeighbourEvent.objects.lock(event.pk)
        wanted = NeighbourEvent.objects.lock(event.pk)
        for name, value in plan.items():
            setattr(wanted, name, value)
        plan_check(wanted, at)
        plan |= {"sign_up_from": wanted.sign_up_from, "sign_up_until": wanted.sign_up_until}
        given = {"version": version, "reason": reason, "photos": photos, "occurred_at": at}
        moved = _moved(before, wanted)
        if moved:
            venue_release(before, actor=actor, at=at)
        fresh = carry(before, "plan", actor=actor, payload={"moved": moved}, **given, **plan)
        if moved:
            venue_hold(fresh, actor=actor, at=at)
    return fresh


def _moved(before: NeighbourEvent, after: NeighbourEvent) -> bool:
    spans = [(one.venue_id, one.starts_at, one.ends_at) for one in (before, after)]
    return spans[0] != spans[1] or before.venue_missing


@carries_out(EVENT, "publish")
def event_publish(event: NeighbourEvent, *, actor: User, occurred_at: datetime | None = None, **given):
    """Show it to the residents. Raises Conflict without a place, a booked venue or time left."""
    at = occurred_at or timezone.now()
    with atomically():
        locked = NeighbourEvent.objects.lock(event.pk)
        if not locked.place_text:
            raise Conflict(_("Nobody has said where it is held."), code="no_place")
        if locked.venue_missing:
            raise Conflict(_("The venue is not booked for this time: change the plan."), code="no_venue")
        if at >= (locked.sign_up_until or locked.starts_at):
            raise Conflict(_("Its time has come: change the plan first."), code="too_late")
        fresh = carry(locked, "publish", actor=actor, occurred_at=at, published_at=at, **given)
        event_timers(fresh)
    return fresh


@carries_out(EVENT, "resize")
def event_resize(event: NeighbourEvent, *, actor: User, places: int, occurred_at: datetime | None = None, **given):
    """Change the number of places; new ones go to who waits, in order. Raises Conflict when too many are taken, Invalid
    naming ``places`` where nobody signs up or the venue is too small."""
    at = occurred_at or timezone.now()
    with atomically():
        locked = NeighbourEvent.objects.lock(event.pk)
        if locked.places == 0 or places < 1:
            raise Invalid(_("At least one place, of an event people sign up to."), field="places", code="invalid")
        if places < locked.taken:
            text = _("%(taken)s places are taken already.") % {"taken": locked.taken}
            raise Conflict(text, field="places", code="taken")
        room_check(locked.venue, locked.counts_by, places)
        if locked.sign_ups.in_line().filter(size__gt=places).exists():
            text = _("Somebody on the waiting list needs more places than that.")
            raise Conflict(text, field="places", code="waited_for")
        before = {"from_places": locked.places, "to_places": places}
        fresh = carry(locked, "resize", actor=actor, occurred_at=at, places=places, payload=before, **given)
        line_serve(fresh, at=at)
    fresh.refresh_from_db()
    return fresh


@carries_out(EVENT, "close")
def event_close(event: NeighbourEvent, *, actor: User, occurred_at: datetime | None = None, **given):
    """Nobody signs up any more; places that are freed still go to who waits."""
    return carry(event, "close", actor=actor, occurred_at=occurred_at, **given)


@carries_out(EVENT, "reopen")
def event_reopen(event: NeighbourEvent, *, actor: User, sign_up_until: datetime, occurred_at: datetime | None = None,
                 **given):  # fmt: skip
    """Take sign-ups again until another time. Raises Invalid naming ``sign_up_until``."""
    at = occurred_at or timezone.now()
    with atomically():
        locked = NeighbourEvent.objects.lock(event.pk)
        _until_check(sign_up_until, locked.starts_at, at)
        fresh = carry(locked, "reopen", actor=actor, occurred_at=at, sign_up_until=sign_up_until, **given)
        closing_timer(fresh)
    return fresh


def _until_check(until: datetime, starts_at: datetime, at: datetime) -> None:
    if not at < until <= starts_at:
        text = _("A time from now on, and not after it begins, is needed.")
        raise Invalid(text, field="sign_up_until", code="order")


@carries_out(EVENT, "postpone")
def event_postpone(event: NeighbourEvent, *, actor: User, occurred_at: datetime | None = None, **given):
    """Not now: the venue is free again; sign-ups and the waiting list stay."""
    return _called_off(event, "postpone", actor=actor, at=occurred_at or timezone.now(), **given)


@carries_out(EVENT, "cancel")
def event_cancel(event: NeighbourEvent, *, actor: User, occurred_at: datetime | None = None, **given):
    """It is not held; what people signed up to stays on record, nobody counts as having stayed away."""
    return _called_off(event, "cancel", actor=actor, at=occurred_at or timezone.now(), **given)


def _called_off(event: NeighbourEvent, name: str, *, actor: User, at: datetime, **given) -> NeighbourEvent:
    with atomically():
        locked = NeighbourEvent.objects.lock(event.pk)
        venue_release(locked, actor=actor, at=at)
        fresh = carry(locked, name, actor=actor, occurred_at=at, **given)
        event_timers_stop(fresh)
    return fresh


@carries_out(EVENT, "reschedule")
def event_reschedule(event: NeighbourEvent, *, actor: User, starts_at: datetime, ends_at: datetime,
                     venue: Venue | None = None, place: str = "", sign_up_until: datetime | None = None,
                     occurred_at: datetime | None = None, **given):  # fmt: skip
    """A new date or place; the sign-up is open again, at once where it was to open later than it closes now. Raises as
    ``event_plan``."""
    at = occurred_at or timezone.now()
    times_check(starts_at, ends_at, at)
    if venue is None and not place.strip():
        raise Invalid(_("Say where: a venue or another place."), field="venue", code="required")
    with atomically():
        locked = NeighbourEvent.objects.lock(event.pk)
        until = (sign_up_until or starts_at) if locked.places else None
        if until is not None:
            _until_check(until, starts_at, at)
        opens = locked.sign_up_from
        if opens is not None and (until is None or opens >= until):
            opens = None
        venue_release(locked, actor=actor, at=at)
        payload = {"from_time": locked.starts_at.isoformat(), "to_time": starts_at.isoformat()}
        fresh = carry(locked, "reschedule", actor=actor, occurred_at=at, payload=payload, starts_at=starts_at,
                      ends_at=ends_at, venue=venue, place=place.strip(), sign_up_from=opens, sign_up_until=until,
                      **given)  # fmt: skip
        venue_hold(fresh, actor=actor, at=at)
        event_timers(fresh)
        offers_renew(fresh, at=at)
        line_serve(fresh, at=at)
    return fresh


def unit_for(actor: User, area: Area) -> OrgUnit | None:
    """Return the own unit in whose name somebody plans in ``area``: the one whose part of the city is the smallest
    around it; None for who plans nothing there."""
    held = [
        grant for grant in grants_of(actor)
        if grant.role in RUNS and grant.unit_id is not None and area.path.startswith(grant.area_path)
    ]  # fmt: skip
    if not held:
        return None
    return OrgUnit.objects.get(pk=max(held, key=lambda grant: (len(grant.area_path), -grant.unit_id)).unit_id)
