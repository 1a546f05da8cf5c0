"""What the tests of venues share: a hall of the community, and times of one week on the local clock.

The tests stand at Tuesday 24 November 2026, 08:00 (Asia/Shanghai); ``at("mon", 9)`` is in the week after.
"""

from datetime import datetime, time, timedelta

import pytest
import time_machine

from governance.bookings import booking_make
from governance.clock import SHANGHAI
from governance.models import Booking, OpeningHours, Venue

NOW = datetime(2026, 11, 24, 8, tzinfo=SHANGHAI)
MONDAY = datetime(2026, 11, 30, tzinfo=SHANGHAI)
DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


@pytest.fixture
def _standing_still():
    with time_machine.travel(NOW, tick=False):
        yield


def at(day: str, hour: float, week: int = 0) -> datetime:
    """Return a moment of the week after now: ``at("sat", 9.5)`` is Saturday 5 December, 09:30."""
    return MONDAY + timedelta(days=DAYS.index(day) + 7 * week, hours=hour)


def hall_of(city, **given) -> Venue:
    """Make a venue of the community, run by its committee: Monday to Friday 8-12 and 14-18, Saturday 9 to midnight."""
    values = {"code": "hall", "name": "居民议事厅", "area": city.community, "unit": city.committee, "capacity": 40}
    venue = Venue.objects.create(**values | given)
    spans = [(day, opens, closes) for day in range(5) for opens, closes in ((8, 12), (14, 18))]
    rows = [OpeningHours(venue=venue, weekday=day, opens=time(a), closes=time(b)) for day, a, b in spans]
    rows.append(OpeningHours(venue=venue, weekday=5, opens=time(9), closes=time(0)))
    rows.append(OpeningHours(venue=venue, weekday=6, opens=time(0), closes=time(12)))
    OpeningHours.objects.bulk_create(rows)
    return venue


def book(city, venue, start=None, end=None, **given) -> Booking:
    """Book as community staff, Monday 9 to 11 unless said otherwise."""
    values = {"title": "楼栋议事会", "actor": city.user("community_staff")} | given
    return booking_make(venue=venue, starts_at=start or at("mon", 9), ends_at=end or at("mon", 11), **values)
