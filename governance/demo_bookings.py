"""A few bookings of the fictional city, around the moment of the first start, made by the real services.

What is booked comes from ``fixtures/demo/bookings.json``: single bookings of last week, this week and the next, and
series from this week on. Days on which a venue is closed just have none.
"""

import json
from datetime import date, datetime, time, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from governance.bookings import Rule, booking_cancel, booking_make, series_make
from governance.bookings.hours import local_day
from governance.clock import SHANGHAI
from governance.errors import Refused
from governance.models import Booking, User, Venue

WEEKS = (-1, 0, 1)
MADE_BEFORE = timedelta(days=9)


def load_bookings(*, now: datetime | None = None) -> int:
    """Write the bookings; returns how many there are. Needs the fixtures of the city loaded."""
    now = now or timezone.now()
    told = json.loads((settings.BASE_DIR / "fixtures" / "demo" / "bookings.json").read_text())
    venues = {venue.code: venue for venue in Venue.objects.select_related("area", "unit")}
    people = {user.username: user for user in User.objects.filter(is_system=False)}
    with transaction.atomic():
        for row in told["series"]:
            _series(row, venues[row["venue"]], people[row["who"]], now)
        for week in WEEKS:
            for row in told["once"]:
                _single(row, venues[row["venue"]], people[row["who"]], now, week)
        last = Booking.objects.booked().to_come().select_related("venue").order_by("period").last()
        if last is not None:
            booking_cancel(last, actor=last.booked_by, reason="报名人数不足，改期另行通知")
    return Booking.objects.count()


def _monday(now: datetime) -> date:
    today = local_day(now)
    return today - timedelta(days=today.weekday())


def _series(row: dict, venue: Venue, actor: User, now: datetime) -> None:
    first = max(_monday(now), local_day(now - MADE_BEFORE))
    rule = Rule(row["kind"], tuple(row["weekdays"]), nth=row["nth"], count=row["count"])
    series_make(
        venue=venue, rule=rule, first_day=first, starts=time.fromisoformat(row["starts"]),
        ends=time.fromisoformat(row["ends"]), title=row["title"], actor=actor, attendance=row["attendance"],
        clashes="skip", occurred_at=now - MADE_BEFORE,
    )  # fmt: skip


def _single(row: dict, venue: Venue, actor: User, now: datetime, week: int) -> None:
    day = _monday(now) + timedelta(days=row["weekday"] + 7 * week)
    starts_at, ends_at = (
        datetime.combine(day, time.fromisoformat(row[name]), SHANGHAI) for name in ("starts", "ends")
    )  # fmt: skip
    try:
        with transaction.atomic():
            booking_make(
                venue=venue, starts_at=starts_at, ends_at=ends_at, title=row["title"], actor=actor,
                attendance=row["attendance"], occurred_at=min(starts_at, now) - MADE_BEFORE,
            )  # fmt: skip
    except Refused:
        return  # closed on that day
