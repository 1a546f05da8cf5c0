"""Booking, moving and cancelling: what is refused and why, what is recorded."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from django.db import IntegrityError, transaction

from governance.bookings import booking_cancel, booking_make, booking_move
from governance.errors import Conflict, Invalid
from governance.models import Booking, CalendarDay, Event, OpeningHours, User, Venue, VenueClosure
from governance.testing import assert_relation_forms_agree, assert_steps_are_complete, snapshot
from governance.tests.bookings import NOW, _standing_still, at, book, hall_of  # noqa: F401
from governance.workflow import act

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_standing_still")]


def test_a_booking_and_its_event(city):
    # given a hall; when somebody of the community books it
    venue = hall_of(city)
    booking = book(city, venue, attendance=30)
    # then it is kept with the venue's area and the person's unit, and the event tells ids and times only
    assert (booking.area, booking.unit, booking.state) == (city.community, city.committee, "booked")
    event = Event.objects.get(name="booking.made")
    assert (event.subject_type, event.subject_id, event.area_id) == ("governance.booking", booking.pk, venue.area_id)
    assert event.payload == {
        "venue": venue.pk, "from": "2026-11-30T09:00:00+08:00", "to": "2026-11-30T11:00:00+08:00", "series": None,
    }  # fmt: skip


REFUSED = [  # begin, end, field, code
    (at("mon", 7), at("mon", 9), "starts_at", "outside_hours"),
    (at("mon", 11), at("mon", 13), "ends_at", "outside_hours"),
    (at("mon", 11), at("mon", 15), "ends_at", "outside_hours"),  # over the noon break
    (at("mon", 12), at("mon", 13), "starts_at", "outside_hours"),
    (at("sun", 12), at("sun", 13), "starts_at", "outside_hours"),
    (at("mon", 10), at("mon", 10), "ends_at", "order"),
    (at("mon", 10), at("mon", 9), "ends_at", "order"),
    (at("sat", 9), at("sun", 9.5), "ends_at", "too_long"),
    (NOW - timedelta(minutes=1), NOW + timedelta(hours=1), "starts_at", "past"),
    (NOW + timedelta(days=1100), NOW + timedelta(days=1100, hours=1), "starts_at", "too_far"),
    (at("tue", 9, 1), at("tue", 10, 1), "starts_at", "closed"),  # closed for repairs, see below
    (at("thu", 9, 1), at("thu", 10, 1), "starts_at", "closed"),  # local rest day
    (datetime(2026, 12, 4, 9), datetime(2026, 12, 4, 10), "starts_at", "naive"),
]


@pytest.mark.parametrize(("start", "end", "field", "code"), REFUSED)
def test_times_that_are_refused(city, start, end, field, code):
    # given a closure from Tuesday to Wednesday of the second week, and a rest day on its Thursday
    venue = hall_of(city)
    VenueClosure.objects.create(venue=venue, first_day=date(2026, 12, 8), last_day=date(2026, 12, 9), reason="粉刷")
    CalendarDay.objects.create(area=city.street, date=date(2026, 12, 10), is_workday=False, reason="选举日")
    # when it is booked, then the refusal names the field and nothing is kept
    with pytest.raises(Invalid) as refused:
        book(city, venue, start, end)
    assert (refused.value.field, refused.value.code) == (field, code)
    assert not Booking.objects.exists() and not Event.objects.filter(name="booking.made").exists()


def test_why_a_day_is_closed_is_told(city):
    venue = hall_of(city)
    VenueClosure.objects.create(venue=venue, first_day=date(2026, 12, 8), last_day=date(2026, 12, 8), reason="粉刷")
    with pytest.raises(Invalid, match="2026-12-08.*粉刷"):
        book(city, venue, at("tue", 9, 1), at("tue", 10, 1))
    with pytest.raises(Invalid, match="08:00–12:00、14:00–18:00"):
        book(city, venue, at("mon", 12), at("mon", 13))


def test_public_holidays_and_working_weekends(city):
    # given Thursday 1 January 2026 seen from December 2025, a public holiday, and a venue open on holidays
    venue, always = hall_of(city), hall_of(city, code="gym", open_on_holidays=True)
    day = datetime(2026, 1, 1, 9, tzinfo=NOW.tzinfo)
    asked = {"occurred_at": day - timedelta(days=30)}
    with pytest.raises(Invalid, match="2026-01-01"):
        book(city, venue, day, day + timedelta(hours=1), **asked)
    assert book(city, always, day, day + timedelta(hours=1), **asked).pk
    # and an ordinary weekend is no holiday
    assert book(city, venue, at("sat", 9), at("sat", 10)).pk


def test_up_to_midnight_and_beyond_where_both_days_are_open(city):
    venue = hall_of(city)
    assert book(city, venue, at("sat", 22), at("sun", 0)).pk
    assert book(city, venue, at("sun", 0), at("sun", 2)).pk
    with pytest.raises(Conflict):
        book(city, venue, at("sat", 23), at("sun", 1))
    # a span over midnight, as one booking
    assert book(city, venue, at("sat", 23, 1), at("sun", 1, 1)).time_text == "2026-12-12 23:00–2026-12-13 01:00"


def test_neighbours_do_not_overlap_and_a_minute_more_does(city):
    venue = hall_of(city)
    book(city, venue, at("mon", 9), at("mon", 10))
    assert book(city, venue, at("mon", 10), at("mon", 11)).pk
    assert book(city, venue, at("mon", 8), at("mon", 9)).pk
    with pytest.raises(Conflict) as refused:
        book(city, venue, at("mon", 10) + timedelta(minutes=59), at("mon", 12))
    assert (refused.value.field, refused.value.code) == ("starts_at", "overlap")
    assert "2026-11-30 10:00–11:00" in refused.value.detail
    # and another room is free at the same time
    assert book(city, hall_of(city, code="other"), at("mon", 10), at("mon", 11)).pk


@pytest.mark.parametrize("offset", [UTC, timezone(timedelta(hours=-5)), timezone(timedelta(hours=5, minutes=45))])
def test_times_of_other_zones_mean_the_same_moment(city, offset):
    # given a booking told in another offset
    venue = hall_of(city)
    made = book(city, venue, at("mon", 9).astimezone(offset), at("mon", 11).astimezone(offset))
    made.refresh_from_db()
    # then it is the same time, and in the way of a local one
    assert made.time_text == "2026-11-30 09:00–11:00"
    with pytest.raises(Conflict):
        book(city, venue, at("mon", 10), at("mon", 12))
    # and opening hours are judged on the local clock
    with pytest.raises(Invalid):
        book(city, venue, at("tue", 7).astimezone(offset), at("tue", 9).astimezone(offset))


WRONG = [
    ({"attendance": 41}, "attendance", "over_capacity"),
    ({"attendance": 0}, "attendance", "out_of_range"),
    ({"title": "  "}, "title", "required"),
    ({"title": "长" * 121}, "title", "max_length"),
    ({"unit": "water"}, "unit", "not_yours"),
    ({"unit": "inactive"}, "unit", "inactive"),
]


@pytest.mark.parametrize(("given", "field", "code"), WRONG)
def test_statements_that_are_refused(city, given, field, code):
    venue = hall_of(city)
    if "unit" in given:
        given = {"unit": getattr(city, given["unit"])}
    with pytest.raises(Invalid) as refused:
        book(city, venue, **given)
    assert (refused.value.field, refused.value.code) == (field, code)
    assert not Booking.objects.exists()


def test_a_venue_out_of_use_is_not_booked(city):
    with pytest.raises(Invalid) as refused:
        book(city, hall_of(city, is_active=False))
    assert refused.value.field == "venue"


def test_a_process_says_what_it_books_for(city):
    # given the partners' rewards, which let a resident have a room
    venue, actor = hall_of(city), User.objects.system("partners")
    with pytest.raises(Invalid) as refused:
        book(city, venue, actor=actor)
    assert refused.value.field == "purpose"
    # when they name what for, then it is kept; what is in the way is told without its title
    made = book(city, venue, actor=actor, purpose=city.user("resident"))
    assert (made.purpose_type, made.purpose_id) == ("governance.user", city.user("resident").pk)
    with pytest.raises(Conflict) as refused:
        book(city, venue, actor=actor, purpose=city.user("resident"))
    assert "楼栋议事会" not in refused.value.detail
    with pytest.raises(Conflict, match="楼栋议事会"):
        book(city, venue)


def test_moving_onto_its_own_old_time(city):
    # given a booking from 9 to 11
    booking = book(city, hall_of(city))
    # when it is moved by half an hour, then its own time is not in the way
    moved = booking_move(
        booking, actor=booking.booked_by, starts_at=at("mon", 9.5), ends_at=at("mon", 11.5), reason="晚到"
    )
    assert moved.time_text == "2026-11-30 09:30–11:30" and moved.version == 1
    event = Event.objects.get(name="booking.moved")
    assert event.payload["from"] == "2026-11-30T09:30:00+08:00" and event.remark.text == "晚到"
    assert [datetime.fromisoformat(text) for text in event.payload["before"]] == [at("mon", 9), at("mon", 11)]


def test_what_cannot_be_moved(city):
    venue = hall_of(city)
    first, second = book(city, venue), book(city, venue, at("tue", 9), at("tue", 10))
    actor, before = first.booked_by, snapshot(first)

    def move(start, end, **given):
        booking_move(first, **{"actor": actor, "starts_at": start, "ends_at": end, "reason": "改期"} | given)

    for start, end, kind in [
        (at("tue", 9.5), at("tue", 10.5), Conflict),  # onto the other
        (at("mon", 12), at("mon", 13), Invalid),  # closed
        (NOW - timedelta(hours=2), NOW, Invalid),  # past
    ]:
        with pytest.raises(kind):
            move(start, end)
    with pytest.raises(Invalid):
        move(at("wed", 9), at("wed", 10), reason=" ")
    with pytest.raises(Conflict):
        move(at("wed", 9), at("wed", 10), version=7)
    assert snapshot(first) == before
    # one that has begun stays where it is
    with pytest.raises(Conflict) as refused:
        booking_move(
            second, actor=actor, starts_at=at("fri", 9), ends_at=at("fri", 10), reason="晚了",
            occurred_at=at("tue", 9.5),
        )  # fmt: skip
    assert refused.value.code == "begun"


def test_a_cancelled_time_is_free_again(city):
    # given a cancelled booking
    venue = hall_of(city)
    booking = book(city, venue)
    with pytest.raises(Invalid) as refused:
        booking_cancel(booking, actor=booking.booked_by, reason="")
    assert refused.value.field == "reason"
    gone = act(booking, "cancel", actor=booking.booked_by, reason="改线上")
    # then it stays as a record, its time can be booked, and it is not cancelled twice
    assert gone.state == "cancelled" and Event.objects.get(name="booking.cancelled").remark.text == "改线上"
    assert book(city, venue).pk
    with pytest.raises(Conflict):
        booking_cancel(gone, actor=booking.booked_by, reason="再来")
    # and one that is over is history
    over = book(city, venue, at("tue", 9), at("tue", 10))
    with pytest.raises(Conflict) as refused:
        booking_cancel(over, actor=booking.booked_by, reason="晚了", occurred_at=at("tue", 10))
    assert refused.value.code == "over"


def test_hours_of_a_venue_keep_apart(city):
    """The database refuses spans of a weekday that overlap or end before they begin."""
    venue = hall_of(city)
    spans = [("11:00", "13:00"), ("08:00", "12:00"), ("13:00", "13:00"), ("13:30", "13:00"), ("17:00", "00:00")]
    for opens, closes in spans:
        row = OpeningHours(venue=venue, weekday=0, opens=opens, closes=closes)
        with pytest.raises(IntegrityError, match="opening_hours"), transaction.atomic():
            row.save()
    OpeningHours.objects.create(venue=venue, weekday=0, opens="12:00", closes="14:00")
    OpeningHours.objects.create(venue=venue, weekday=0, opens="18:00", closes="00:00")


def test_workflows_and_relations_hold_together(city):
    assert_steps_are_complete(Booking)
    book(city, hall_of(city))
    far = hall_of(city, code="far", area=city.other_community, unit=city.water)
    booking_make(
        venue=far, starts_at=at("mon", 9), ends_at=at("mon", 10), title="座谈", actor=city.outsider("community_staff")
    )
    hall_of(city, code="citywide", area=city.city, unit=city.centre)
    hall_of(city, code="closed", is_active=False)
    for manager in (Venue.objects, Booking.objects):
        assert_relation_forms_agree(manager, [*city.people.values(), User.objects.system("partners")])
