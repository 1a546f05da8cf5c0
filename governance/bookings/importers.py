"""Imports of what venues need: opening hours, closures, bookings and series of bookings.

Bookings go through the booking services line by line, so each line is judged against what is booked and against the
lines above it.
"""

from datetime import date, datetime, time, timedelta
from functools import partial

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.bookings.recurrence import MOST, Rule
from governance.bookings.series import CLASHES, REFUSE, series_make
from governance.bookings.single import TITLE_LENGTH, booking_make
from governance.clock import SHANGHAI
from governance.exchange.cells import choice, clock, day, text, whole_number
from governance.exchange.importers import Column, Planned, RowError, importer
from governance.exchange.line_by_line import LineByLine
from governance.exchange.model_importer import model_importer
from governance.exchange.weekdays import weekdays_in
from governance.exchange.widgets import ByKey
from governance.models import Booking, BookingSeries, OrgUnit, Venue, VenueClosure
from governance.models.venue import SeriesKind

VENUE = Column("venue", gettext_lazy("venue"), required=True, help=gettext_lazy("Code of the venue."))
TITLE = Column("title", gettext_lazy("occasion"), required=True)
STARTS = Column("starts", gettext_lazy("from"), required=True, help="09:00")
ENDS = Column(
    "ends", gettext_lazy("to"), required=True, help=gettext_lazy("11:00; an end before the begin is on the next day.")
)
ATTENDANCE = Column("attendance", gettext_lazy("expected persons"))
UNIT = Column("unit", gettext_lazy("booked for unit"), help=gettext_lazy("Code of the unit; empty: your own unit."))
# The services call begin and end of a booking otherwise.
SPAN = {"starts_at": "starts", "ends_at": "ends"}

importer(
    model_importer(
        VenueClosure,
        by=("venue", "first_day"),
        fields=("venue", "first_day", "last_day", "reason"),
        foreign={"venue": partial(ByKey, Venue)},
        part_of=("venue", "closures"),
        model="governance.venue",
    )
)


class BookingLines(LineByLine):
    """What both importers of bookings have in common: a line is booked while it is read."""

    most_lines = 1_000

    def prepare(self, actor):
        venues = Venue.objects.visible_to(actor).select_related("area", "unit").defer("area__boundary")
        self.venues = {venue.code: venue for venue in venues}
        self.units = {unit.code: unit for unit in OrgUnit.objects.filter(is_active=True)}

    def request(self, row) -> dict:
        """Return what every booking states, as keyword arguments of the services."""
        venue, unit = self.venues.get(row["venue"]), self.units.get(row["unit"])
        if venue is None:
            raise RowError("venue", _("There is no such venue in your area."))
        if row["unit"] and unit is None:
            raise RowError("unit", _("There is no such unit."))
        return {
            "venue": venue,
            "unit": unit,
            "title": text(row, "title", TITLE_LENGTH),
            "attendance": whole_number(row, "attendance", 1, 1_000_000),
        }


@importer
class BookingImporter(BookingLines):
    """Single bookings; one that holds at the same time for the same occasion is the same booking."""

    key = "governance.booking"
    label = gettext_lazy("bookings")
    permission = "governance.add_booking"
    columns = (
        VENUE, Column("day", gettext_lazy("day"), required=True, help="2026-01-31"), STARTS, ENDS, TITLE, ATTENDANCE,
        UNIT,
    )  # fmt: skip

    def read(self, row):
        asked = self.request(row)
        starts_at, ends_at = span_of(day(row, "day"), clock(row, "starts"), clock(row, "ends"))
        key = (asked["venue"].pk, starts_at, ends_at)
        title = f"{asked['venue']} {timezone.localtime(starts_at):%Y-%m-%d %H:%M} {asked['title']}"
        if self._is_booked(asked, starts_at, ends_at):
            return Planned(key, "same", title=title)
        self.carried_out(booking_make, names=SPAN, starts_at=starts_at, ends_at=ends_at, **asked)
        return Planned(key, "add", title=title)

    def _is_booked(self, asked: dict, starts_at: datetime, ends_at: datetime) -> bool:
        same = {name: asked[name] for name in ("venue", "title", "unit", "attendance") if asked[name] is not None}
        return Booking.objects.booked().filter(period=DateTimeTZRange(starts_at, ends_at), **same).exists()


def span_of(first: date, starts: time, ends: time) -> tuple[datetime, datetime]:
    """Return begin and end on the local clock; an end not after the begin is on the next day."""
    last = first + timedelta(days=1) if ends <= starts else first
    return datetime.combine(first, starts, SHANGHAI), datetime.combine(last, ends, SHANGHAI)


@importer
class SeriesImporter(BookingLines):
    """Series of bookings by rule; one with the same rule, hours and occasion in the venue is the same series."""

    key = "governance.bookingseries"
    label = gettext_lazy("series of bookings")
    permission = "governance.add_bookingseries"
    most_lines = 100
    columns = (
        VENUE, TITLE,
        Column("kind", gettext_lazy("repeats"), required=True, help=gettext_lazy("Weekly or monthly.")),
        Column("weekdays", gettext_lazy("weekdays"), required=True,
               help=gettext_lazy("such as 周一、周三, or 周一至周五")),
        Column("nth", gettext_lazy("which one of the month"), help=gettext_lazy("1 to 5, or -1 for the last")),
        Column("interval", gettext_lazy("every … weeks or months"), help=gettext_lazy("1 when empty")),
        Column("first_day", gettext_lazy("first day"), required=True, help="2026-01-31"),
        Column("until", gettext_lazy("last day")),
        Column("count", gettext_lazy("how many times")),
        STARTS, ENDS,
        Column("clashes", gettext_lazy("dates that cannot be booked"),
               help=gettext_lazy("refuse (nothing is booked) or skip (they are left out)")),
        ATTENDANCE, UNIT,
    )  # fmt: skip

    def read(self, row):
        asked, rule = self.request(row), rule_of(row)
        span = {name: clock(row, name) for name in ("starts", "ends")}
        asked |= span | {"first_day": day(row, "first_day")}
        key = (asked["venue"].pk, asked["title"], rule, asked["first_day"], *span.values())
        title = f"{asked['venue']} {asked['title']}"
        clashes = row["clashes"].casefold() or REFUSE
        if clashes not in CLASHES:
            raise RowError("clashes", _("Say what to do with clashes: refuse or skip."))
        if self._is_made(asked, rule):
            return Planned(key, "same", title=title)
        self.carried_out(series_make, names=SPAN, rule=rule, clashes=clashes, **asked)
        return Planned(key, "add", title=title)

    def _is_made(self, asked: dict, rule: Rule) -> bool:
        same = {name: asked[name] for name in ("venue", "title", "first_day", "starts", "ends")}
        same |= {name: getattr(rule, name) for name in ("kind", "nth", "interval", "until", "count")}
        return BookingSeries.objects.filter(weekdays=sorted(rule.weekdays), **same).exists()


def rule_of(row: dict) -> Rule:
    """Return the rule a line states. Raises RowError; whether its parts fit together is for the service to say."""
    try:
        weekdays = tuple(weekdays_in(row["weekdays"]))
    except ValueError as error:
        raise RowError("weekdays", str(error)) from error
    return Rule(
        kind=choice(row, "kind", SeriesKind),
        weekdays=weekdays,
        nth=whole_number(row, "nth", -1, 5),
        interval=whole_number(row, "interval", 1, 60) or 1,
        until=day(row, "until"),
        count=whole_number(row, "count", 1, MOST),
    )
