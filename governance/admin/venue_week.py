"""A venue's week as the calendar page shows it: per day what is free and what is booked, placed by the minute."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone

from governance.bookings.hours import DAY, Timetable, local_day, midnight
from governance.clock import SHANGHAI
from governance.models import Booking, Venue

HOUR = timedelta(hours=1)
# Hours shown where nothing says otherwise.
USUAL = (8, 20)
# Shorter pieces of free time are not offered as hours to press on.
SHORTEST = timedelta(minutes=15)


@dataclass(frozen=True)
class Block:
    """A piece of a day: ``top`` and ``height`` in minutes from the first hour shown; ``booking`` where it is taken and
    the reader may see by what; ``url`` is where a press leads."""

    start: datetime
    end: datetime
    top: int
    height: int
    url: str = ""
    booking: Booking | None = None
    taken: bool = False
    hours: tuple["Block", ...] = ()


@dataclass(frozen=True)
class Day:
    """``closed`` is why the venue is closed all day, or None; ``open`` are the spans it is open."""

    date: date
    is_today: bool
    closed: str | None
    open: tuple[Block, ...]
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Week:
    """Seven days from a Monday; ``hours`` are the full hours shown at the side."""

    monday: date
    sunday: date
    hours: range
    days: tuple[Day, ...]

    @property
    def before(self) -> date:
        return self.monday - 7 * DAY

    @property
    def after(self) -> date:
        return self.monday + 7 * DAY

    @property
    def minutes(self) -> int:
        return len(self.hours) * 60


def week_of(venue: Venue, day: date, reader, *, may_book: bool) -> Week:
    """Return the week that holds ``day``; free time is pressable where ``may_book`` and it has not passed."""
    monday = day - timedelta(days=day.weekday())
    table = Timetable.of(venue, monday, monday + 6 * DAY)
    hours = _hours(table, monday)
    drawer = _Drawer(table, hours.start, reader, may_book and venue.is_active, timezone.now())
    days = tuple(drawer.day(monday + number * DAY) for number in range(7))
    return Week(monday, monday + 6 * DAY, hours, days)


def _hours(table: Timetable, monday: date) -> range:
    """Return the full hours that hold everything of the week."""
    first, last = [], []
    for number in range(7):
        day = monday + number * DAY
        begin, end = midnight(day), midnight(day + DAY)
        taken = [(max(row.starts_at, begin), min(row.ends_at, end)) for row in table.booked if _on(row, begin, end)]
        for start, stop in [*table.open_spans(day), *taken]:
            first.append((start - begin) // HOUR)
            last.append(-((begin - stop) // HOUR))
    return range(min(first, default=USUAL[0]), max(last, default=USUAL[1]))


def _on(booking: Booking, begin: datetime, end: datetime) -> bool:
    return booking.starts_at < end and begin < booking.ends_at


@dataclass(frozen=True)
class _Drawer:
    table: Timetable
    first_hour: int
    reader: object
    may_book: bool
    now: datetime

    def day(self, day: date) -> Day:
        begin, end = midnight(day), midnight(day + DAY)
        taken = [self._taken(row, begin, end) for row in self.table.booked if _on(row, begin, end)]
        free = [block for span in self.table.free_between(begin, end) for block in self._free(span)]
        blocks = tuple(sorted([*taken, *free], key=lambda block: block.start))
        spans = tuple(self._block(*span) for span in self.table.open_spans(day))
        return Day(day, day == local_day(self.now), self.table.closed_because(day), spans, blocks)

    def _block(self, start: datetime, end: datetime, **more) -> Block:
        start, end = start.astimezone(SHANGHAI), end.astimezone(SHANGHAI)
        day_start = midnight(start.date())
        top = (start - day_start) // timedelta(minutes=1) - self.first_hour * 60
        return Block(start, end, top, (end - start) // timedelta(minutes=1), **more)

    def _taken(self, booking: Booking, begin: datetime, end: datetime) -> Block:
        seen = Booking.objects.get_queryset().is_visible(booking, self.reader)
        url = reverse("admin:governance_booking_change", args=[booking.pk]) if seen else ""
        span = max(booking.starts_at, begin), min(booking.ends_at, end)
        return self._block(*span, taken=True, booking=booking if seen else None, url=url)

    def _free(self, span: tuple[datetime, datetime]) -> Iterator[Block]:
        start, end = span
        if end <= self.now:
            return
        start = max(start, _next_quarter(self.now))
        if not self.may_book or end - start < SHORTEST:
            return
        hours = tuple(self._offer(*piece) for piece in _pieces(start, end))
        yield self._block(start, end, url=self._url(start, min(end, start + HOUR)), hours=hours)

    def _offer(self, start: datetime, end: datetime) -> Block:
        return self._block(start, end, url=self._url(start, end))

    def _url(self, start: datetime, end: datetime) -> str:
        start, end = start.astimezone(SHANGHAI), end.astimezone(SHANGHAI)
        query = {"venue": self.table.venue.pk, "day": start.date(), "starts": f"{start:%H:%M}", "ends": f"{end:%H:%M}"}
        return f"{reverse('admin:governance_booking_add')}?{urlencode(query)}"


def _next_quarter(moment: datetime) -> datetime:
    quarter = timedelta(minutes=15)
    past = (moment - midnight(local_day(moment))) % quarter
    return moment if not past else moment - past + quarter


def _pieces(start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Cut a span at the full hours."""
    while start < end:
        stop = min(end, start - (start - midnight(local_day(start))) % HOUR + HOUR)
        yield start, stop
        start = stop
