"""Rules of repetition, worked by hand and against a plain oracle, and the series made of them."""

from datetime import date, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from governance.bookings import Rule, occurrences, series_cancel, series_make
from governance.bookings.recurrence import MOST
from governance.errors import Conflict, Invalid, NotPermitted
from governance.models import Booking, BookingSeries, Event, VenueClosure
from governance.tests.bookings import _standing_still, at, book, hall_of  # noqa: F401

MON, TUE, WED, THU, FRI, SAT, SUN = range(7)


def days(*texts: str) -> list[date]:
    return [date.fromisoformat(text) for text in texts]


# Worked by hand with a calendar of 2026 to 2028 (1 January 2027 is a Friday, 2028 is a leap year).
BY_HAND = [
    ("every Monday over the end of a year", Rule("weekly", (MON,), count=4), "2026-12-20",
     days("2026-12-21", "2026-12-28", "2027-01-04", "2027-01-11")),
    ("Tuesdays and Thursdays until a Thursday, included", Rule("weekly", (TUE, THU), until=date(2026, 12, 10)),
     "2026-12-01", days("2026-12-01", "2026-12-03", "2026-12-08", "2026-12-10")),
    ("the weekdays may come in any order and twice", Rule("weekly", (THU, TUE, THU), count=3), "2026-12-02",
     days("2026-12-03", "2026-12-08", "2026-12-10")),
    ("every second week counts from the Monday of the first", Rule("weekly", (MON, FRI), interval=2, count=4),
     "2026-12-02", days("2026-12-04", "2026-12-14", "2026-12-18", "2026-12-28")),
    ("every third week on Sunday", Rule("weekly", (SUN,), interval=3, count=3), "2026-11-24",
     days("2026-11-29", "2026-12-20", "2027-01-10")),
    ("the first Saturday", Rule("monthly", (SAT,), nth=1, count=4), "2026-11-24",
     days("2026-12-05", "2027-01-02", "2027-02-06", "2027-03-06")),
    ("the first Saturday, begun on one", Rule("monthly", (SAT,), nth=1, count=2), "2026-12-05",
     days("2026-12-05", "2027-01-02")),
    ("the first Saturday, begun a day after one", Rule("monthly", (SAT,), nth=1, count=1), "2026-12-06",
     days("2027-01-02")),
    ("the fifth Friday, which most months have not", Rule("monthly", (FRI,), nth=5, until=date(2027, 8, 31)),
     "2026-12-01", days("2027-01-29", "2027-04-30", "2027-07-30")),
    ("the fifth Tuesday of February, in a leap year", Rule("monthly", (TUE,), nth=5, until=date(2028, 3, 1)),
     "2028-02-01", days("2028-02-29")),
    ("the last Sunday", Rule("monthly", (SUN,), nth=-1, count=4), "2026-12-01",
     days("2026-12-27", "2027-01-31", "2027-02-28", "2027-03-28")),
    ("the second Wednesday of every third month", Rule("monthly", (WED,), nth=2, interval=3, count=3), "2026-12-10",
     days("2027-03-10", "2027-06-09", "2027-09-08")),
    ("the third Thursday until the day before the second one", Rule("monthly", (THU,), nth=3, until=date(2027, 1, 20)),
     "2026-12-01", days("2026-12-17")),
    ("until comes before count", Rule("weekly", (SAT,), count=10, until=date(2026, 12, 13)), "2026-12-01",
     days("2026-12-05", "2026-12-12")),
    ("count comes before until", Rule("weekly", (SAT,), count=1, until=date(2027, 12, 13)), "2026-12-01",
     days("2026-12-05")),
    ("the fourth Tuesday of every second month", Rule("monthly", (TUE,), nth=4, interval=2, count=3), "2026-11-24",
     days("2026-11-24", "2027-01-26", "2027-03-23")),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "first", "expected"), [row[1:] for row in BY_HAND], ids=[row[0] for row in BY_HAND])
def test_rules_by_hand(rule, first, expected):
    assert occurrences(rule, date.fromisoformat(first)) == expected


DAY = st.dates(date(2020, 1, 1), date(2035, 1, 1))


def plainly(rule: Rule, first: date) -> list[date]:
    """Look at one day after the other, and say of each whether the rule means it."""
    found, day = [], first
    while len(found) < rule.count:
        if day.weekday() in rule.weekdays and (_week if rule.kind == "weekly" else _month)(rule, first, day):
            found.append(day)
        day += timedelta(days=1)
    return found


def _week(rule: Rule, first: date, day: date) -> bool:
    monday, start = (one - timedelta(days=one.weekday()) for one in (day, first))
    return (monday - start).days // 7 % rule.interval == 0


def _month(rule: Rule, first: date, day: date) -> bool:
    months = (day.year - first.year) * 12 + day.month - first.month
    wanted = (day + timedelta(days=7)).month != day.month if rule.nth == -1 else (day.day - 1) // 7 + 1 == rule.nth
    return months % rule.interval == 0 and wanted


@settings(max_examples=150, deadline=None, database=None, derandomize=True)
@given(st.sets(st.integers(0, 6), min_size=1), st.integers(1, 12), st.integers(1, MOST), DAY)
def test_weekly_rules_agree_with_the_oracle(weekdays, interval, count, first):
    rule = Rule("weekly", tuple(weekdays), interval=interval, count=count)
    assert occurrences(rule, first) == plainly(rule, first)


@settings(max_examples=150, deadline=None, database=None, derandomize=True)
@given(st.integers(0, 6), st.sampled_from([1, 2, 3, 4, 5, -1]), st.integers(1, 12), st.integers(1, 10), DAY)
def test_monthly_rules_agree_with_the_oracle(weekday, nth, interval, count, first):
    rule = Rule("monthly", (weekday,), interval=interval, nth=nth, count=count)
    assert occurrences(rule, first) == plainly(rule, first)


NO_RULES = [
    (Rule("daily", (MON,), count=1), "kind"),
    (Rule("weekly", (), count=1), "weekdays"),
    (Rule("weekly", (7,), count=1), "weekdays"),
    (Rule("weekly", (MON,), interval=0, count=1), "interval"),
    (Rule("monthly", (MON,), interval=13, nth=1, count=1), "interval"),
    (Rule("weekly", (MON,), nth=1, count=1), "nth"),
    (Rule("monthly", (MON,), count=1), "nth"),
    (Rule("monthly", (MON,), nth=6, count=1), "nth"),
    (Rule("monthly", (MON, TUE), nth=1, count=1), "weekdays"),
    (Rule("weekly", (MON,)), "until"),
    (Rule("weekly", (MON,), count=0), "count"),
    (Rule("weekly", (MON,), count=MOST + 1), "count"),
    (Rule("weekly", (MON, TUE), until=date(2028, 12, 31)), "until"),  # more than 104
    (Rule("weekly", (MON,), until=date(2026, 11, 29)), "until"),  # none
]


@pytest.mark.parametrize(("rule", "field"), NO_RULES)
def test_what_is_no_rule(rule, field):
    with pytest.raises(Invalid) as refused:
        occurrences(rule, date(2026, 11, 24))
    assert refused.value.field == field


pytestmark = pytest.mark.usefixtures("_standing_still")


def make(city, venue, **given):
    """A series on Wednesdays, 9 to 10, four times, unless said otherwise."""
    values = {
        "rule": Rule("weekly", (WED,), count=4), "first_day": date(2026, 11, 25), "starts": time(9), "ends": time(10),
        "title": "每周议事", "actor": city.user("community_staff"),
    }  # fmt: skip
    return series_make(venue=venue, **values | given)


@pytest.mark.django_db
def test_a_series_and_its_bookings(city):
    # given a rule; when a series is made of it
    made = make(city, hall_of(city), attendance=12)
    # then there is a booking and an event for each date
    assert [row.time_text for row in made.bookings] == [
        f"2026-{day} 09:00–10:00" for day in ("11-25", "12-02", "12-09", "12-16")
    ]
    assert not made.skipped and {row.series_id for row in Booking.objects.all()} == {made.series.pk}
    events = Event.objects.filter(name="booking.made")
    assert events.count() == 4 and {event.payload["series"] for event in events} == {made.series.pk}


@pytest.mark.django_db
def test_clashes_refuse_the_whole_and_are_all_named(city):
    # given one date taken and another closed
    venue = hall_of(city)
    book(city, venue, at("wed", 9.5), at("wed", 11))
    VenueClosure.objects.create(venue=venue, first_day=date(2026, 12, 16), last_day=date(2026, 12, 16), reason="消杀")
    # when a series runs into both
    with pytest.raises(Conflict) as refused:
        make(city, venue)
    # then nothing is made, and both dates are named with their reasons
    assert refused.value.code == "clashes"
    lines = refused.value.detail.split("\n")[1:]
    assert [line[:10] for line in lines] == ["2026-12-02", "2026-12-16"]
    assert "09:30–11:00" in lines[0] and "消杀" in lines[1]
    assert Booking.objects.count() == 1 and not BookingSeries.objects.exists()
    # when they are to be left out, then the others are booked and these listed
    made = make(city, venue, clashes="skip")
    assert [clash.day for clash in made.skipped] == made.series.skipped == days("2026-12-02", "2026-12-16")
    assert len(made.bookings) == 2


@pytest.mark.django_db
def test_a_series_of_clashes_only_is_none(city):
    venue = hall_of(city)
    with pytest.raises(Conflict):
        make(city, venue, starts=time(12), ends=time(13), clashes="skip")
    assert not BookingSeries.objects.exists()


@pytest.mark.django_db
def test_a_series_over_midnight_does_not_run_into_itself(city):
    # given a hall open from Saturday to Sunday noon
    venue = hall_of(city)
    rule = Rule("weekly", (SAT,), count=2)
    made = make(city, venue, rule=rule, starts=time(22), ends=time(1))
    assert made.bookings[0].time_text == "2026-11-28 22:00–2026-11-29 01:00"
    # and from one day's 10 to the next day's 10, on both days: the second begins where the first ends
    rule = Rule("weekly", (SAT, SUN), until=date(2026, 12, 13))
    with pytest.raises(Conflict, match="2026-12-13"):
        make(city, venue, rule=rule, starts=time(10), ends=time(10), first_day=date(2026, 12, 7))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("given_", "field"),
    [
        ({"first_day": date(2026, 11, 23)}, "first_day"),
        ({"first_day": date(2999, 1, 1)}, "first_day"),
        ({"clashes": "overbook"}, "clashes"),
        ({"attendance": 41}, "attendance"),
        ({"title": ""}, "title"),
    ],
)
def test_statements_that_make_no_series(city, given_, field):
    with pytest.raises(Invalid) as refused:
        make(city, hall_of(city), **given_)
    assert refused.value.field == field and not Booking.objects.exists()


@pytest.mark.django_db
def test_the_rest_of_a_series_is_cancelled_from_a_day_on(city):
    # given a series of four, the second moved to another week's day
    venue, staff = hall_of(city), city.user("community_staff")
    made = make(city, venue)
    # when somebody else tries, or without a reason, nothing happens
    for actor, reason, kind in [(city.user("registrar"), "停办", NotPermitted), (staff, " ", Invalid)]:
        with pytest.raises(kind):
            series_cancel(made.series, actor=actor, from_day=date(2026, 12, 3), reason=reason)
    assert Booking.objects.booked().count() == 4
    # when it is ended from the third on, then two are left and two free again
    ended = series_cancel(made.series, actor=staff, from_day=date(2026, 12, 3), reason="停办")
    assert [row.starts_at.date() for row in ended] == days("2026-12-09", "2026-12-16")
    assert {row.state for row in ended} == {"cancelled"} and Booking.objects.booked().count() == 2
    assert {event.remark.text for event in Event.objects.filter(name="booking.cancelled")} == {"停办"}
    with pytest.raises(Conflict):
        series_cancel(made.series, actor=staff, from_day=date(2026, 12, 3), reason="再来")


@pytest.mark.django_db
def test_a_long_series_asks_little(city, django_assert_max_num_queries):
    # given a year of Wednesdays: two statements for each booking and some for all
    venue = hall_of(city)
    with django_assert_max_num_queries(52 * 2 + 14):
        made = make(city, venue, rule=Rule("weekly", (WED,), count=52), clashes="skip")
    assert len(made.bookings) + len(made.skipped) == 52


def test_a_rule_in_words():
    series = BookingSeries(kind="monthly", nth=1, interval=2, weekdays=[5])
    assert "2" in series.rule_text and "1" in series.rule_text
    assert BookingSeries(kind="weekly", interval=1, weekdays=[0, 3]).rule_text
