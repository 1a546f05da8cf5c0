"""The pages of venues: the calendar of a week, booking from it, series, hours and closures, links, today's bookings."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from governance.bookings import series_make
from governance.bookings.recurrence import Rule
from governance.models import Booking, BookingSeries, CalendarFeed, Event, OpeningHours, User, Venue, VenueClosure
from governance.tests.bookings import _standing_still, at, book, hall_of  # noqa: F401

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_standing_still")]


def client_of(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def staff(city) -> Client:
    return client_of(city.user("community_staff"))


def week_of(venue, day="2026-12-01") -> str:
    return f"{reverse('admin:governance_venue_week', args=[venue.pk])}?day={day}"


def test_the_week_shows_what_is_booked_and_offers_what_is_free(city, staff):
    # given a booking on Monday from 9 to 11
    venue = hall_of(city)
    booking = book(city, venue)
    page = staff.get(week_of(venue))
    html, week = page.content.decode(), page.context["week"]
    # then the week begins on its Monday, and its hours hold everything that is open
    assert (str(week.monday), str(week.sunday)) == ("2026-11-30", "2026-12-06")
    assert (week.hours.start, week.hours.stop) == (0, 24)  # Sunday opens at midnight
    assert "楼栋议事会" in html and reverse("admin:governance_booking_change", args=[booking.pk]) in html
    monday = week.days[0]
    assert [(f"{block.start:%H:%M}", f"{block.end:%H:%M}", block.taken) for block in monday.blocks] == [
        ("08:00", "09:00", False), ("09:00", "11:00", True), ("11:00", "12:00", False), ("14:00", "18:00", False),
    ]  # fmt: skip
    assert [f"{hour.start:%H:%M}" for hour in monday.blocks[-1].hours] == ["14:00", "15:00", "16:00", "17:00"]
    # and a free hour leads to the form with venue, day and hours filled in
    form = staff.get(monday.blocks[-1].hours[1].url).content.decode()
    assert 'value="2026-11-30"' in form and 'value="15:00"' in form and 'value="16:00"' in form
    assert re.search(rf'<option value="{venue.pk}" selected', form)


def test_what_has_passed_is_not_offered(city, staff):
    """It is Tuesday 08:00: Monday offers nothing, Tuesday offers from now on."""
    days = staff.get(week_of(hall_of(city), "2026-11-24")).context["week"].days
    assert days[0].blocks == () and f"{days[1].blocks[0].start:%H:%M}" == "08:00" and days[1].is_today


def test_closed_days_say_why(city, staff):
    venue = hall_of(city)
    VenueClosure.objects.create(venue=venue, first_day="2026-12-02", last_day="2026-12-02", reason="粉刷墙面")
    page = staff.get(week_of(venue))
    assert "粉刷墙面" in page.content.decode() and page.context["week"].days[2].blocks == ()


def test_a_booking_over_midnight_is_on_both_days(city, staff):
    venue = hall_of(city)
    book(city, venue, at("sat", 23), at("sun", 1))
    days = staff.get(week_of(venue)).context["week"].days
    taken = [[(block.top, block.height) for block in day.blocks if block.taken] for day in days[5:]]
    assert taken == [[(23 * 60, 60)], [(0, 60)]]


@pytest.mark.parametrize("day", ["", "yesterday", "9999-12-31", "0001-01-01", "2026-13-01"])
def test_a_day_that_is_none_shows_this_week(city, staff, day):
    page = staff.get(week_of(hall_of(city), day))
    assert page.status_code == 200 and str(page.context["week"].monday) == "2026-11-23"


def test_who_only_looks_is_offered_nothing(city):
    # given a handler of the city, who sees the hall but may not book it
    venue = hall_of(city)
    page = client_of(city.user("handler")).get(week_of(venue))
    assert not any(day.blocks for day in page.context["week"].days)
    assert client_of(city.user("handler")).post(week_of(venue)).status_code == 405


def test_staff_without_a_post_learn_nothing_of_bookings(city):
    venue = hall_of(city)
    book(city, venue)
    nobody = User.objects.create_user("newcomer", name="新人", is_staff=True)
    page = client_of(nobody).get(week_of(venue))
    assert page.status_code == 200 and "楼栋议事会" not in page.content.decode()
    assert client_of(nobody).get(reverse("admin:governance_booking_changelist")).status_code == 403


def test_the_week_needs_the_same_statements_for_any_number_of_bookings(city, staff):
    venue = hall_of(city)

    def ask():
        with CaptureQueriesContext(connection) as caught:
            assert staff.get(week_of(venue)).status_code == 200
        return len(caught)

    book(city, venue)
    ask()
    few = ask()
    for day in ("tue", "wed", "thu", "fri"):
        book(city, venue, at(day, 9), at(day, 10))
    assert ask() == few <= 14


def test_booking_from_the_form(city, staff):
    # given a taken hour; when it is asked for, then the form says so at the time, and keeps what was written
    venue, add = hall_of(city), reverse("admin:governance_booking_add")
    book(city, venue)
    fields = {"venue": venue.pk, "day": "2026-11-30", "starts": "10:00", "ends": "12:00", "title": "议事"}
    refused = staff.post(add, fields)
    assert refused.status_code == 400 and "2026-11-30 09:00–11:00" in str(refused.context["form"].errors["starts"])
    assert 'value="议事"' in refused.content.decode()
    # when a free one is, then it is booked and the calendar of its week is shown
    done = staff.post(add, fields | {"starts": "11:00", "attendance": "12"}, follow=True)
    assert done.redirect_chain[0][0] == week_of(venue, "2026-11-30") and "议事" in done.content.decode()
    assert Booking.objects.get(title="议事").attendance == 12
    # an end before the begin is on the next day; nonsense is named
    assert staff.post(add, fields | {"day": "2026-12-05", "starts": "22:00", "ends": "01:00"}).status_code == 302
    for name, value in [("day", "9999-12-31"), ("starts", "x"), ("attendance", "41"), ("venue", "0"), ("title", "")]:
        answer = staff.post(add, fields | {"starts": "11:00", name: value})
        assert answer.status_code == 400 and name in answer.context["form"].errors, name


def test_booking_repeatedly_and_ending_it(city, staff):
    # given a date that is taken
    venue, add = hall_of(city), reverse("admin:governance_bookingseries_add")
    book(city, venue, at("sat", 10), at("sat", 11))
    fields = {
        "venue": venue.pk, "title": "居民说事", "kind": "monthly", "weekdays": ["5"], "nth": "1", "interval": "1",
        "first_day": "2026-12-01", "count": "3", "starts": "09:30", "ends": "11:00", "clashes": "refuse",
    }  # fmt: skip
    refused = staff.post(add, fields)
    assert refused.status_code == 400 and "2026-12-05" in str(refused.context["form"].errors["first_day"])
    # when it is left out, then the page of the series lists the others, and what was left out
    page = staff.post(add, fields | {"clashes": "skip"}, follow=True)
    series, html = BookingSeries.objects.get(), page.content.decode()
    assert "2027-02-06" in html and "2026-12-05" in html
    assert series.bookings.count() == 2 and len(page.context["bookings"]) == 2
    # when it is ended with a reason, then what is left is cancelled
    end = reverse("admin:governance_bookingseries_end", args=[series.pk])
    assert staff.get(end).status_code == 200
    assert staff.post(end, {"from_day": "2026-12-01", "reason": ""}).status_code == 400
    stranger = client_of(city.outsider("community_staff"))
    assert stranger.post(end, {"from_day": "2026-12-01", "reason": "停"}).status_code == 404
    assert client_of(city.user("handler")).post(end, {"from_day": "2026-12-01", "reason": "停"}).status_code == 403
    assert series.bookings.booked().count() == 2
    assert staff.post(end, {"from_day": "2026-12-01", "reason": "停办"}).status_code == 302
    assert not series.bookings.booked().exists()
    assert staff.post(end, {"from_day": "2026-12-01", "reason": "停办"}).status_code == 400


def test_moving_by_the_button(city, staff):
    booking = book(city, hall_of(city))
    address = reverse("admin:governance_booking_transition", args=[booking.pk, "move"])
    form = staff.get(address).content.decode()
    assert 'value="2026-11-30T09:00"' in form and 'type="file"' not in form
    fields = {"starts_at": "2026-12-01T09:00", "ends_at": "2026-12-01T10:30", "reason": "改期", "version": "0"}
    assert staff.post(address, fields | {"starts_at": "2026-12-01T07:00"}).status_code == 400
    assert staff.post(address, fields).status_code == 302
    page = staff.get(reverse("admin:governance_booking_change", args=[booking.pk])).content.decode()
    assert "2026-12-01 09:00–10:30" in page and "改期" in page


def hours_form(venue, rows, closures=(), **change) -> dict:
    """What the page of a venue sends: its fields, and rows of hours and closures."""
    fields = {"name": venue.name, "unit": venue.unit_id, "address": "", "capacity": venue.capacity, "is_active": "on"}
    for prefix, given in (("hours", rows), ("closures", closures)):
        fields |= {f"{prefix}-TOTAL_FORMS": len(given), f"{prefix}-INITIAL_FORMS": 0}
        for place, row in enumerate(given):
            fields |= {f"{prefix}-{place}-{name}": value for name, value in row.items()}
    return fields | change


def hours_row(day, opens, closes) -> dict:
    return {"weekday": day, "opens": opens, "closes": closes}


def test_community_staff_keep_the_hours_of_their_rooms(city, staff):
    # given a venue without hours
    venue = Venue.objects.create(
        code="new", name="新场地", area=city.community, unit=city.committee, capacity=10, open_on_holidays=False
    )
    page = reverse("admin:governance_venue_change", args=[venue.pk])
    # when spans overlap, then nothing is saved and the page says so
    for second in (("11:00", "13:00"), ("08:00", "00:00")):
        wrong = staff.post(page, hours_form(venue, [hours_row(0, "08:00", "12:00"), hours_row(0, *second)]))
        assert wrong.status_code == 200 and not OpeningHours.objects.exists()
    # when they do not, then they are kept, with an event
    good = [hours_row(0, "08:00", "12:00"), hours_row(0, "12:00", "00:00"), hours_row(1, "08:00", "12:00")]
    assert staff.post(page, hours_form(venue, good)).status_code == 302
    assert OpeningHours.objects.count() == 3
    assert Event.objects.filter(name="config.changed", subject_id=venue.pk, payload__fields=["hours"]).exists()
    # and others do not
    for person in ("grid_worker", "handler", "outside_community_staff"):
        answer = client_of(city.people[person]).post(page, hours_form(venue, [hours_row(2, "08:00", "12:00")]))
        assert answer.status_code in (403, 404), person
    assert OpeningHours.objects.count() == 3


def test_a_closure_over_bookings_is_said(city, staff):
    venue = hall_of(city)
    OpeningHours.objects.filter(venue=venue).exclude(weekday=0).delete()
    book(city, venue)
    page = reverse("admin:governance_venue_change", args=[venue.pk])
    closure = {"first_day": "2026-11-30", "last_day": "2026-12-01", "reason": "检修"}
    answer = staff.post(page, hours_form(venue, [], [closure]), follow=True)
    assert VenueClosure.objects.count() == 1
    assert [message.level_tag for message in answer.context["messages"]].count("warning") == 1


def test_a_calendar_link_is_shown_once(city, staff):
    add = reverse("admin:governance_calendarfeed_add")
    page = staff.post(add, {"kind": "person"})
    token = re.search(r"/calendar/([A-Za-z0-9_-]{43})\.ics", page.content.decode())[1]
    assert page.status_code == 200 and "no-store" in page["Cache-Control"]
    assert Client().get(f"/calendar/{token}.ics").status_code == 200
    # then neither list nor page tell it again, nobody else sees the row, and a press revokes it
    feed = CalendarFeed.objects.get()
    place = reverse("admin:governance_calendarfeed_change", args=[feed.pk])
    for address in (place, reverse("admin:governance_calendarfeed_changelist")):
        assert token not in staff.get(address).content.decode()
    assert client_of(city.user("administrator")).get(place).status_code == 404
    revoke = reverse("admin:governance_calendarfeed_transition", args=[feed.pk, "revoke"])
    assert staff.post(revoke, {}).status_code == 302
    assert Client().get(f"/calendar/{token}.ics").status_code == 404
    assert staff.post(add, {"kind": "venue"}).status_code == 400


def test_todays_bookings_are_on_the_first_page(city, staff):
    venue = hall_of(city)
    start = at("tue", 9, -1)
    book(city, venue, start, start.replace(hour=10), title="今天的会", actor=city.user("dispatcher"))
    book(city, venue, title="下周的会")
    first = staff.get(reverse("admin:index")).content.decode()
    assert "今天的会" in first and "下周的会" not in first
    assert "今天的会" not in client_of(city.user("handler")).get(reverse("admin:index")).content.decode()


def test_lists_show_what_the_person_may_see(city, staff):
    # given a hall here and one in the other street, with a booking and a series each
    for venue, actor in [
        (hall_of(city), city.user("community_staff")),
        (
            hall_of(city, code="far", name="远处", area=city.other_community, unit=city.other_committee),
            city.outsider("community_staff"),
        ),
    ]:
        book(city, venue, actor=actor)
        rule = Rule("weekly", (3,), count=2)
        first = at("tue", 0).date()
        series_make(
            venue=venue, rule=rule, first_day=first, starts=at("mon", 9).time(), ends=at("mon", 10).time(),
            title="每周", actor=actor,
        )  # fmt: skip
    for name, count in [("venue", 1), ("booking", 3), ("bookingseries", 1)]:
        page = staff.get(reverse(f"admin:governance_{name}_changelist"))
        assert page.context["cl"].result_count == count and "远处" not in page.content.decode(), name
    lists = reverse("admin:governance_booking_changelist")
    hall = Venue.objects.get(code="hall")
    found = {
        query: staff.get(f"{lists}?{query}").context["cl"].result_count
        for query in (f"venue={hall.pk}", "when=today", "when=coming", "when=past", "venue=x", "state=cancelled")
    }
    assert list(found.values()) == [3, 0, 3, 0, 3, 0]
