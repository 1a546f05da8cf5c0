"""When a venue can be booked: opening hours, closures, holidays and what is booked already."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from django.utils.translation import gettext as _

from governance.clock import SHANGHAI, WorkCalendar
from governance.errors import Conflict, Invalid
from governance.models import Booking, Venue, VenueClosure
from governance.models.venue import span_text
from governance.permissions import STAFF
from governance.scoping import roles_of
from governance.work_calendars import NATIONAL, calendar_of

DAY = timedelta(days=1)
Span = tuple[datetime, datetime]


def merged(spans: Iterable[Span]) -> list[Span]:
    """Return the spans in order, joined where they touch or overlap."""
    found: list[Span] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        elif start < end:
            found.append((start, end))
    return found


def without(spans: Iterable[Span], taken: Iterable[Span]) -> list[Span]:
    """Return what of ``spans`` (in order, apart) no span of ``taken`` (likewise) covers."""
    left, taken = [], list(taken)
    for start, end in spans:
        for busy_start, busy_end in taken:
            if busy_end <= start or busy_start >= end:
                continue
            if start < busy_start:
                left.append((start, busy_start))
            start = max(start, busy_end)
        if start < end:
            left.append((start, end))
    return left


def midnight(day: date) -> datetime:
    """Return the beginning of a day (Asia/Shanghai)."""
    return datetime.combine(day, time(), SHANGHAI)


def local_day(moment: datetime) -> date:
    return moment.astimezone(SHANGHAI).date()


@dataclass
class Timetable:
    """What is known of a venue from one day to another (both included): hours by weekday, why days are closed, and the
    bookings that hold. Four statements to load, however long; asked any number of times."""

    venue: Venue
    hours: dict[int, list[tuple[time, time]]]
    closures: list[VenueClosure]
    calendar: WorkCalendar
    booked: list[Booking] = field(default_factory=list)

    @classmethod
    def of(cls, venue: Venue, first: date, last: date, *, besides: Booking | None = None) -> "Timetable":
        """Read the timetable; ``besides`` is a booking that does not count (it is being moved)."""
        hours: dict[int, list[tuple[time, time]]] = {}
        for weekday, opens, closes in venue.hours.order_by("opens").values_list("weekday", "opens", "closes"):
            hours.setdefault(weekday, []).append((opens, closes))
        rows = Booking.objects.filter(venue=venue).booked().between(midnight(first), midnight(last + DAY))
        if besides is not None:
            rows = rows.exclude(pk=besides.pk)
        return cls(
            venue=venue,
            hours=hours,
            closures=list(venue.closures.filter(first_day__lte=last, last_day__gte=first)),
            calendar=NATIONAL if venue.open_on_holidays else calendar_of(venue.area),
            booked=list(rows.select_related("venue", "area", "unit", "booked_by").order_by("period")),
        )

    def closed_because(self, day: date) -> str | None:
        """Return why the venue is closed all day in words, or None."""
        for closure in self.closures:
            if closure.first_day <= day <= closure.last_day:
                return _("Closed (%(reason)s).") % {"reason": closure.reason}
        if not self.venue.open_on_holidays and self.calendar.is_holiday(day):
            return _("Closed on public holidays.")
        if not self.hours.get(day.weekday()):
            return _("Not open on this weekday.")
        return None

    def open_spans(self, day: date) -> list[Span]:
        """Return when the venue is open on a day, in order; nothing where it is closed."""
        if self.closed_because(day) is not None:
            return []
        return [
            (datetime.combine(day, opens, SHANGHAI), midnight(day + DAY) if closes == time() else
             datetime.combine(day, closes, SHANGHAI))
            for opens, closes in self.hours[day.weekday()]
        ]  # fmt: skip

    def open_between(self, start: datetime, end: datetime) -> list[Span]:
        """Return the open spans that touch [start, end), joined over midnight, cut at neither end."""
        days = (local_day(end) - local_day(start)).days
        return merged(span for number in range(days + 1) for span in self.open_spans(local_day(start) + number * DAY))

    def free_between(self, start: datetime, end: datetime) -> list[Span]:
        """Return when the venue can be booked within [start, end)."""
        if not self.venue.is_active:
            return []
        cut = [(max(start, begin), min(end, stop)) for begin, stop in self.open_between(start, end)]
        return without(merged(cut), merged(booking_span(booking) for booking in self.booked))

    def check_open(self, start: datetime, end: datetime) -> None:
        """Raise Invalid naming ``starts_at`` or ``ends_at`` unless the venue is open from ``start`` to ``end``."""
        spans = self.open_between(start, end)
        if any(opens <= start and end <= closes for opens, closes in spans):
            return
        inside = any(opens <= start < closes for opens, closes in spans)
        moment, name = (end, "ends_at") if inside else (start, "starts_at")
        why = self.closed_because(local_day(moment))
        if why is not None:
            raise Invalid(f"{local_day(moment)}: {why}", field=name, code="closed")
        hours = "、".join(
            f"{opens:%H:%M}–{closes:%H:%M}" for opens, closes in self.hours[local_day(moment).weekday()]
        )  # fmt: skip
        raise Invalid(
            _("Outside the opening hours: %(date)s is open %(hours)s.") % {"date": local_day(moment), "hours": hours},
            field=name,
            code="outside_hours",
        )

    def check_free(self, start: datetime, end: datetime, reader) -> None:
        """Raise Conflict when another booking overlaps; it tells what for only to staff who may see that booking."""
        for booking in self.booked:
            if booking.starts_at < end and start < booking.ends_at:
                text = _("Booked already: %(time)s.") % {"time": span_text(*booking_span(booking))}
                if STAFF & roles_of(reader) and Booking.objects.all().is_visible(booking, reader):
                    text = _("Booked already: %(time)s, %(title)s.") % {
                        "time": span_text(*booking_span(booking)), "title": booking.title,
                    }  # fmt: skip
                raise Conflict(text, field="starts_at", code="overlap")


def booking_span(booking: Booking) -> Span:
    return booking.starts_at, booking.ends_at
