"""Making, moving and cancelling one booking.

Whoever books locks the venue's row first, so that two who want the same hour come one after the other and the second
is told what is in the way. The exclusion constraint of the table stands behind that: no code can make two bookings
overlap.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.db import IntegrityError, models
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance import events
from governance.bookings.hours import Timetable, local_day
from governance.errors import Conflict, Invalid, NotPermitted
from governance.models import Booking, BookingSeries, OrgUnit, Role, User, Venue
from governance.models.venue import NO_OVERLAP
from governance.scoping import Grant, grant_for, grants_of
from governance.transactions import atomically
from governance.venue_querysets import BOOKS
from governance.workflow import carries_out, perform

MADE = events.register("booking.made", gettext_lazy("Booked"))
MOVED = events.register("booking.moved", gettext_lazy("Booking moved"))
CANCELLED = events.register("booking.cancelled", gettext_lazy("Booking cancelled"))
LONGEST = timedelta(hours=24)
# Nobody plans rooms further ahead [J].
FARTHEST = timedelta(days=3 * 366)
TITLE_LENGTH = 120
# These may book in the name of any unit, others for one of their own.
FOR_ANY_UNIT = frozenset([Role.ADMINISTRATOR, Role.OPERATIONS_CENTRE, Role.SYSTEM])


def booking_make(*, venue: Venue, starts_at: datetime, ends_at: datetime, title: str, actor: User,
                 unit: OrgUnit | None = None, attendance: int | None = None, purpose: models.Model | None = None,
                 occurred_at: datetime | None = None) -> Booking:  # fmt: skip
    """Book ``venue`` from ``starts_at`` to ``ends_at`` (aware, at most 24 hours).

    ``unit``: in whose name (default: the unit the actor acts for). ``purpose``: what an app books it for; compulsory
    for system actors. ``occurred_at`` is for history (default now): nothing before it can be booked.

    Raises NotPermitted; Invalid naming ``venue``, ``starts_at``, ``ends_at``, ``title``, ``attendance``, ``unit`` or
    ``purpose``; Conflict when another booking is in the way.
    """
    at = occurred_at or timezone.now()
    check_times(starts_at, ends_at, at)
    with atomically():
        locked = lock_venue(venue)
        grant = booking_grant(locked, actor)
        check_request(locked, title, attendance, actor, purpose)
        unit = unit_for(unit, grant, actor)
        timetable = Timetable.of(locked, local_day(starts_at), local_day(ends_at))
        timetable.check_open(starts_at, ends_at)
        timetable.check_free(starts_at, ends_at, actor)
        booking = Booking(
            venue=locked, area=locked.area, period=DateTimeTZRange(starts_at, ends_at), title=title.strip(),
            attendance=attendance, booked_by=actor, unit=unit, made_at=at, changed_at=at, **purpose_of(purpose),
        )  # fmt: skip
        booking_insert(booking, actor=actor, grant=grant)
    return booking


def lock_venue(venue: Venue) -> Venue:
    """Return the venue as it is now, locked: one booking at a time."""
    rows = Venue.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("area", "unit").defer("area__boundary").get(pk=venue.pk)


def booking_grant(venue: Venue, actor: User) -> Grant:
    """Return the role in which ``actor`` may book ``venue``; raises NotPermitted."""
    grant = grant_for(BOOKS, venue, actor)
    if grant is None:
        raise NotPermitted(_("You may not book this venue."))
    return grant


def check_times(starts_at: datetime, ends_at: datetime, now: datetime) -> None:
    """Raise Invalid unless it is a time in the future of at most ``LONGEST``."""
    for name, moment in (("starts_at", starts_at), ("ends_at", ends_at)):
        if timezone.is_naive(moment):
            raise Invalid(_("State the time zone."), field=name, code="naive")
    if starts_at >= ends_at:
        raise Invalid(_("It must end after it begins."), field="ends_at", code="order")
    if ends_at - starts_at > LONGEST:
        raise Invalid(_("At most 24 hours at a time."), field="ends_at", code="too_long")
    if starts_at < now:
        raise Invalid(_("This time has passed."), field="starts_at", code="past")
    if starts_at > now + FARTHEST:
        raise Invalid(_("This is too far ahead."), field="starts_at", code="too_far")


def check_request(venue: Venue, title: str, attendance: int | None, actor: User, purpose) -> None:
    """Raise Invalid where venue, title, attendance or purpose will not do."""
    if not venue.is_active:
        raise Invalid(_("This venue is no longer in use."), field="venue", code="inactive")
    if not title.strip():
        raise Invalid(_("Say what for."), field="title", code="required")
    if len(title.strip()) > TITLE_LENGTH:
        raise Invalid(_("At most 120 characters."), field="title", code="max_length")
    if attendance is not None and attendance < 1:
        raise Invalid(_("At least one person."), field="attendance", code="out_of_range")
    if attendance is not None and attendance > venue.capacity:
        text = _("The venue holds %(capacity)s persons.") % {"capacity": venue.capacity}
        raise Invalid(text, field="attendance", code="over_capacity")
    if actor.is_system and purpose is None:
        raise Invalid(_("A process states what it books for."), field="purpose", code="required")


def unit_for(unit: OrgUnit | None, grant: Grant, actor: User) -> OrgUnit | None:
    """Return in whose name the booking is made; raises Invalid for a unit that is not the actor's."""
    if unit is None:
        return OrgUnit.objects.filter(pk=grant.unit_id).first() if grant.unit_id else None
    if not unit.is_active:
        raise Invalid(_("This unit is no longer in use."), field="unit", code="inactive")
    if grant.role not in FOR_ANY_UNIT and unit.pk not in {held.unit_id for held in grants_of(actor)}:
        raise Invalid(_("You may book for your own unit only."), field="unit", code="not_yours")
    return unit


def purpose_of(purpose: models.Model | None) -> dict:
    """Return the columns that name what an app books for."""
    if purpose is None:
        return {}
    return {"purpose_type": purpose._meta.label_lower, "purpose_id": purpose.pk}


def booking_insert(booking: Booking, *, actor: User, grant: Grant, series: BookingSeries | None = None) -> None:
    """Write a checked booking and its event, inside the caller's transaction."""
    booking.series = series
    with overlap_is_conflict():
        booking.save(force_insert=True)
    payload = {
        "venue": booking.venue_id,
        "from": booking.starts_at.isoformat(),
        "to": booking.ends_at.isoformat(),
        "series": booking.series_id,
    }
    events.record(MADE, booking, actor=actor, grant=grant, payload=payload, occurred_at=booking.made_at)


@contextmanager
def overlap_is_conflict() -> Iterator[None]:
    """Turn the database's refusal of an overlap into a Conflict; other faults stay what they are."""
    try:
        yield
    except IntegrityError as error:
        if error.__cause__.diag.constraint_name != NO_OVERLAP:
            raise
        raise Conflict(_("The venue is booked already at this time."), field="starts_at", code="overlap") from error


@carries_out("governance.booking", "move")
def booking_move(booking: Booking, *, actor: User, starts_at: datetime, ends_at: datetime, reason: str = "",
                 version: int | None = None, occurred_at: datetime | None = None) -> Booking:  # fmt: skip
    """Move a booking that has not begun to another time in the same venue; its own old time is not in the way.

    Raises as ``booking_make``, and as ``perform``.
    """
    at = occurred_at or timezone.now()
    check_times(starts_at, ends_at, at)
    with atomically():
        locked = lock_venue(booking.venue)
        before = Booking.objects.get(pk=booking.pk).period
        if before.lower <= at:
            raise Conflict(_("It has begun already."), code="begun")
        if not locked.is_active:
            raise Invalid(_("This venue is no longer in use."), field="starts_at", code="inactive")
        timetable = Timetable.of(locked, local_day(starts_at), local_day(ends_at), besides=booking)
        timetable.check_open(starts_at, ends_at)
        timetable.check_free(starts_at, ends_at, actor)
        payload = {
            "venue": locked.pk,
            "from": starts_at.isoformat(),
            "to": ends_at.isoformat(),
            "before": [before.lower.isoformat(), before.upper.isoformat()],
        }
        with overlap_is_conflict():
            fresh, _event = perform(
                booking, "move", actor=actor, version=version, reason=reason, payload=payload, occurred_at=at,
                period=DateTimeTZRange(starts_at, ends_at),
            )  # fmt: skip
    return fresh


@carries_out("governance.booking", "cancel")
def booking_cancel(booking: Booking, *, actor: User, reason: str, version: int | None = None,
                   occurred_at: datetime | None = None) -> Booking:  # fmt: skip
    """Cancel a booking that is not over; the time is free again. Raises as ``perform``."""
    at = occurred_at or timezone.now()
    with atomically():
        lock_venue(booking.venue)
        period = Booking.objects.get(pk=booking.pk).period
        if period.upper <= at:
            raise Conflict(_("It is over already."), code="over")
        payload = {"venue": booking.venue_id, "from": period.lower.isoformat(), "to": period.upper.isoformat()}
        fresh, _event = perform(
            booking, "cancel", actor=actor, version=version, reason=reason, payload=payload, occurred_at=at
        )
    return fresh
