"""Making many bookings by one rule, and cancelling the rest of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db import models
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.utils import timezone
from django.utils.translation import gettext as _

from governance.bookings.hours import DAY, Timetable, local_day, midnight
from governance.bookings.recurrence import Rule, occurrences
from governance.bookings.single import (
    FARTHEST,
    booking_cancel,
    booking_grant,
    booking_insert,
    check_request,
    check_times,
    lock_venue,
    purpose_of,
    unit_for,
)
from governance.clock import SHANGHAI
from governance.errors import REASON_NEEDED, Conflict, Invalid, NotPermitted, Refused
from governance.models import Booking, BookingSeries, OrgUnit, User, Venue
from governance.scoping import grant_for
from governance.transactions import atomically
from governance.venue_querysets import CHANGES_BOOKING

REFUSE, SKIP = "refuse", "skip"
CLASHES = (REFUSE, SKIP)


@dataclass(frozen=True)
class Clash:
    """A date of the rule that cannot be booked, and why in words."""

    day: date
    why: str


@dataclass(frozen=True)
class SeriesMade:
    """What ``series_make`` made: the bookings in order, and the dates it left out."""

    series: BookingSeries
    bookings: list[Booking]
    skipped: list[Clash]


def series_make(*, venue: Venue, rule: Rule, first_day: date, starts: time, ends: time, title: str, actor: User,
                unit: OrgUnit | None = None, attendance: int | None = None, purpose: models.Model | None = None,
                clashes: str = REFUSE, occurred_at: datetime | None = None) -> SeriesMade:  # fmt: skip
    """Book ``venue`` from ``starts`` to ``ends`` (local clock; an end not after the start is on the next day) on each
    date of ``rule`` from ``first_day`` on.

    ``clashes``: where a date cannot be booked (another booking, closed, holiday), ``refuse`` makes nothing and names
    every such date, ``skip`` leaves them out and lists them. At least one date must remain.

    Raises as ``booking_make``; Invalid naming a field of the rule; Conflict (code ``clashes``) naming the dates.
    """
    at = occurred_at or timezone.now()
    if clashes not in CLASHES:
        raise Invalid(_("Say what to do with clashes: refuse or skip."), field="clashes", code="invalid_choice")
    if not local_day(at) <= first_day <= local_day(at + FARTHEST):
        raise Invalid(_("The first day must lie ahead."), field="first_day", code="past")
    days = occurrences(rule, first_day)
    with atomically():
        locked = lock_venue(venue)
        grant = booking_grant(locked, actor)
        check_request(locked, title, attendance, actor, purpose)
        unit = unit_for(unit, grant, actor)
        bookable, refused = _sorted_out(locked, _spans(days, starts, ends), actor, at)
        _refuse(refused, whole=clashes == REFUSE, left=bool(bookable))
        series = BookingSeries.objects.create(
            venue=locked, area=locked.area, title=title.strip(), kind=rule.kind, weekdays=sorted(set(rule.weekdays)),
            nth=rule.nth, interval=rule.interval, first_day=first_day, until=rule.until, count=rule.count,
            starts=starts, ends=ends, skipped=[clash.day for clash in refused], unit=unit, booked_by=actor, made_at=at,
        )  # fmt: skip
        bookings = [
            Booking(
                venue=locked, area=locked.area, period=DateTimeTZRange(*span), title=series.title,
                attendance=attendance, booked_by=actor, unit=unit, made_at=at, changed_at=at, **purpose_of(purpose),
            )
            for span in bookable
        ]  # fmt: skip
        for booking in bookings:
            booking_insert(booking, actor=actor, grant=grant, series=series)
    return SeriesMade(series, bookings, refused)


Span = tuple[datetime, datetime]


def _spans(days: Iterable[date], starts: time, ends: time) -> list[Span]:
    over_night = DAY if ends <= starts else timedelta()
    return [
        (datetime.combine(day, starts, SHANGHAI), datetime.combine(day + over_night, ends, SHANGHAI)) for day in days
    ]


def _sorted_out(venue: Venue, spans: list[Span], actor: User, at: datetime) -> tuple[list[Span], list[Clash]]:
    """Return the spans that can be booked, and the dates of the others with why. Spans must not overlap each other."""
    timetable = Timetable.of(venue, local_day(spans[0][0]), local_day(spans[-1][1]))
    bookable: list[Span] = []
    clashes: list[Clash] = []
    for start, end in spans:
        try:
            if bookable and start < bookable[-1][1]:
                raise Conflict(_("It runs into the one before."))
            check_times(start, end, at)
            timetable.check_open(start, end)
            timetable.check_free(start, end, actor)
        except Refused as refusal:
            clashes.append(Clash(local_day(start), str(refusal.detail)))
        else:
            bookable.append((start, end))
    return bookable, clashes


def _refuse(clashes: list[Clash], *, whole: bool, left: bool) -> None:
    if not clashes or (left and not whole):
        return
    listed = "\n".join(f"{clash.day:%Y-%m-%d}: {clash.why}" for clash in clashes)
    raise Conflict(_("These dates cannot be booked:") + "\n" + listed, field="first_day", code="clashes")


def series_cancel(series: BookingSeries, *, actor: User, from_day: date, reason: str,
                  occurred_at: datetime | None = None) -> list[Booking]:  # fmt: skip
    """Cancel the bookings of a series that begin on ``from_day`` or later and have not begun; returns them.

    Raises Invalid without a reason, Conflict when there is none left, NotPermitted as for one booking.
    """
    at = occurred_at or timezone.now()
    if not reason.strip():
        raise Invalid(REASON_NEEDED, field="reason", code="required")
    with atomically():
        lock_venue(series.venue)
        rows = Booking.objects.filter(series=series, period__startswith__gte=max(midnight(from_day), at)).booked()
        bookings = list(rows.select_related("venue", "area").order_by("period"))
        if not bookings:
            raise Conflict(_("No booking of this series is left from this day on."), code="none_left")
        if any(grant_for(CHANGES_BOOKING, booking, actor) is None for booking in bookings):
            raise NotPermitted(_("You may not cancel these bookings."))
        return [booking_cancel(booking, actor=actor, reason=reason, occurred_at=at) for booking in bookings]
