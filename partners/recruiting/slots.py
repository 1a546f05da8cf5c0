"""Dates of offers, and the places residents take on them.

A date's row is locked for each place, so none is given twice.
"""

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from governance import events
from governance.errors import Conflict, Invalid, NotPermitted
from governance.models import Role, User
from governance.scoping import Grant
from governance.transactions import atomically
from governance.workflow import carries_out
from partners.models import Offer, OfferAccess, OfferPlace, OfferSlot
from partners.models.offer import MOST_PLACES
from partners.recruiting.acting import (
    PLACE,
    SLOT,
    carry,
    clock,
    day_of,
    figures_of,
    granted,
    lock_partner,
    standing_check,
    words,
)
from partners.recruiting.offer_workflow import OfferState, PlaceState, SlotState
from partners.recruiting.querysets import ACTS, RUNS
from partners.recruiting.workflow import PartnerState

# A date lies within so much from now, lasts so long at most, and is repeated weekly so often at most [J].
AHEAD, LONGEST, MOST_REPEATED = timedelta(days=366), timedelta(hours=24), 26
WEEK = timedelta(days=7)


def slots_make(offer: Offer, *, actor: User, starts_at: datetime, ends_at: datetime, capacity: int | None = None,
               place: str = "", repeat: int = 1, occurred_at: datetime | None = None) -> list[OfferSlot]:  # fmt: skip
    """Add a date to an offer, and the same in the following weeks, ``repeat`` in all; ``capacity`` None: the offer's.

    Raises NotPermitted, Conflict (``standing``; ``ended``; ``same``: there is one then), Invalid naming a field.
    """
    at, _today = day_of(occurred_at)
    place = words(place=place)["place"]
    with atomically():
        partner = lock_partner(offer)
        locked = Offer.objects.lock(offer.pk)
        grant = granted({role: RUNS.get(role) or ACTS[role] for role in {*RUNS, *ACTS}}, locked, actor)
        standing_check(partner, PartnerState.ACTIVE)
        if locked.state not in (OfferState.PROPOSED, OfferState.OPEN):
            raise Conflict(_("This offer has ended."), code="ended")
        capacity = locked.capacity if capacity is None else capacity
        _date_check(starts_at, ends_at, capacity, place, repeat, at)
        rows = [
            OfferSlot(offer=locked, partner=partner, area=locked.area, starts_at=starts_at + week * WEEK,
                      ends_at=ends_at + week * WEEK, capacity=capacity, place=place)
            for week in range(repeat)
        ]  # fmt: skip
        for row in rows:
            _stored(row)
            payload = figures_of(row) | {"to": row.state, "capacity": capacity}
            events.record("offer_slot.made", row, actor=actor, grant=grant, payload=payload, occurred_at=at)
    return rows


def _stored(row: OfferSlot) -> None:
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        raise Conflict(_("There is a date at this time already."), code="same") from error


def _date_check(starts_at: datetime, ends_at: datetime, capacity: int, place: str, repeat: int, at: datetime) -> None:
    if not at - timedelta(days=1) <= starts_at <= at + AHEAD:
        raise Invalid(_("A time within a year from now is needed."), field="starts_at", code="too_far")
    if not starts_at < ends_at <= starts_at + LONGEST:
        raise Invalid(_("It must end after it begins, within a day."), field="ends_at", code="order")
    if not 0 <= capacity <= MOST_PLACES:
        raise Invalid(_("0 to 10,000 places."), field="capacity", code="out_of_range")
    if not 1 <= repeat <= MOST_REPEATED:
        text = _("1 to %(count)s weeks.") % {"count": MOST_REPEATED}
        raise Invalid(text, field="repeat", code="out_of_range")
    if len(place) > 120:
        raise Invalid(_("At most %(count)s characters.") % {"count": 120}, field="place", code="max_length")


@carries_out(SLOT, "cancel")
def slot_cancel(slot: OfferSlot, *, actor: User, occurred_at: datetime | None = None, **given) -> OfferSlot:
    """Cancel a date that is not over; who has a place is told. Raises Conflict (``over``); as ``perform``."""
    at, _today = day_of(occurred_at)
    with atomically():
        lock_partner(slot)
        locked = OfferSlot.objects.lock(slot.pk)
        if locked.ends_at <= at:
            raise Conflict(_("This date is over."), code="over")
        fresh = carry(locked, "cancel", actor=actor, occurred_at=at, **given)
        for row in OfferPlace.objects.filter(slot=fresh, state=PlaceState.TAKEN).order_by("pk"):
            carry(row, "drop", actor=clock(), occurred_at=at)
        _recount(fresh)
    return fresh


def slots_cancel(offer: Offer, *, at: datetime, reason: str) -> None:
    """Cancel the dates of an offer that are still to come."""
    rows = OfferSlot.objects.filter(offer=offer, state=SlotState.PLANNED, ends_at__gt=at)
    for row in rows.order_by("pk"):
        slot_cancel(row, actor=clock(), occurred_at=at, reason=reason)


def _recount(slot: OfferSlot) -> None:
    """Count the places of a locked date anew."""
    slot.taken = OfferPlace.objects.filter(slot=slot, state=PlaceState.TAKEN).count()
    OfferSlot.objects.filter(pk=slot.pk).update(taken=slot.taken)


def place_take(slot: OfferSlot, *, actor: User, occurred_at: datetime | None = None) -> OfferPlace:
    """Take a place on a date of an open offer, as anybody signed in.

    Raises NotPermitted (a process), Conflict (``not_open``: not on view, on request only, begun, or cancelled;
    ``open_to_all``: nobody signs up; ``taken``: has one already; ``full``).
    """
    at, today = day_of(occurred_at)
    if actor.is_system or not actor.is_active:
        raise NotPermitted(_("Only people take places."))
    with atomically():
        lock_partner(slot)
        locked = OfferSlot.objects.lock(slot.pk)
        _open_check(locked, at, today)
        mine = OfferPlace.objects.filter(slot=locked, person=actor).first()
        if mine is not None and mine.state == PlaceState.TAKEN:
            raise Conflict(_("You have a place already."), code="taken")
        if locked.taken >= locked.capacity:
            raise Conflict(_("All places are taken."), code="full")
        if mine is not None:
            mine = carry(mine, "again", actor=actor, occurred_at=at)
        else:
            mine = OfferPlace.objects.create(
                slot=locked, partner=locked.partner, area=locked.area, person=actor, asked_at=at
            )
            payload = figures_of(mine) | {"to": mine.state}
            grant = Grant(Role.RESIDENT)
            events.record("offer_place.taken", mine, actor=actor, grant=grant, payload=payload, occurred_at=at)
        _recount(locked)
    return mine


def _open_check(slot: OfferSlot, at: datetime, today) -> None:
    on_view = OfferSlot.objects.on_view(today).filter(pk=slot.pk, offer__access=OfferAccess.OPEN)
    if slot.starts_at <= at or not on_view.exists():
        raise Conflict(_("No places are given here now."), code="not_open")
    if slot.capacity == 0:
        raise Conflict(_("Nobody signs up to this: just come."), code="open_to_all")


@carries_out(PLACE, "cancel")
def place_cancel(place: OfferPlace, *, actor: User, occurred_at: datetime | None = None, **given) -> OfferPlace:
    """Give a place back before it begins. Raises Conflict (``begun``); as ``perform``."""
    at = occurred_at or timezone.now()
    with atomically():
        lock_partner(place)
        slot = OfferSlot.objects.lock(place.slot_id)
        if slot.starts_at <= at:
            raise Conflict(_("It has begun already."), code="begun")
        fresh = carry(place, "cancel", actor=actor, occurred_at=at, **given)
        _recount(slot)
    return fresh
