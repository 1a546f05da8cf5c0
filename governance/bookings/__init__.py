"""The one booking engine for every room: single bookings, series, and when a venue is free."""

from governance.bookings.hours import Timetable
from governance.bookings.recurrence import Rule, occurrences
from governance.bookings.series import Clash, SeriesMade, series_cancel, series_make
from governance.bookings.single import booking_cancel, booking_make, booking_move

__all__ = [
    "Clash",
    "Rule",
    "SeriesMade",
    "Timetable",
    "booking_cancel",
    "booking_make",
    "booking_move",
    "occurrences",
    "series_cancel",
    "series_make",
]
