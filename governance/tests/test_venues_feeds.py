"""Calendar links: what they show, to whom, for how long; read back with icalendar."""

from datetime import date, timedelta

import pytest
import time_machine
from django.test import Client
from icalendar import Calendar

from governance import calendar_feeds
from governance.bookings import booking_cancel, booking_move
from governance.calendar_feeds import MOST_LINKS, Entry, calendar_source, feed_make, hash_of
from governance.errors import Conflict, Invalid, NotPermitted
from governance.models import Booking, CalendarFeed, Event, User
from governance.tests.bookings import NOW, _standing_still, at, book, hall_of  # noqa: F401
from governance.workflow import act

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_standing_still")]


def fetch(token, **headers):
    return Client().get(f"/calendar/{token}.ics", headers=headers)


def events_of(token) -> dict:
    response = fetch(token)
    assert response.status_code == 200, response.content
    return {str(event["uid"]): event for event in Calendar.from_ical(response.content).walk("VEVENT")}


def test_a_venue_read_back(city):
    # given a booking and a link to the hall
    venue = hall_of(city, address="渡口里12号")
    booking = book(city, venue)
    _feed, token = feed_make(actor=city.user("grid_worker"), kind="venue", venue=venue)
    response = fetch(token)
    # then it is a calendar with its zone, private and not to be kept
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    assert response["Cache-Control"] == "private, no-store" and "noindex" in response["X-Robots-Tag"]
    calendar = Calendar.from_ical(response.content)
    assert [str(zone["tzid"]) for zone in calendar.walk("VTIMEZONE")] == ["Asia/Shanghai"]
    offsets = {part["tzoffsetto"].td for zone in calendar.walk("VTIMEZONE") for part in zone.subcomponents}
    assert offsets == {timedelta(hours=8)}
    # and the booking with its moment, name and place
    (event,) = calendar.walk("VEVENT")
    assert (event.decoded("dtstart"), event.decoded("dtend")) == (booking.starts_at, booking.ends_at)
    assert event["dtstart"].params["TZID"] == "Asia/Shanghai"
    assert str(event["summary"]) == "楼栋议事会" and str(event["location"]) == "居民议事厅 渡口里12号"
    assert (str(event["status"]), event["sequence"]) == ("CONFIRMED", 0)
    assert city.user("community_staff").name not in response.content.decode()


def test_moved_and_cancelled_bookings_keep_their_uid(city):
    booking = book(city, hall_of(city))
    _feed, token = feed_make(actor=booking.booked_by, kind="person")
    ((uid, _event),) = events_of(token).items()
    # when it is moved, then the same event comes later with a higher number
    moved = booking_move(booking, actor=booking.booked_by, starts_at=at("fri", 9), ends_at=at("fri", 10), reason="改")
    event = events_of(token)[uid]
    assert (event["sequence"], event.decoded("dtstart")) == (1, at("fri", 9))
    # when it is cancelled, then it says so
    booking_cancel(moved, actor=booking.booked_by, reason="不开")
    event = events_of(token)[uid]
    assert (str(event["status"]), event["sequence"]) == ("CANCELLED", 2)


def test_only_sixty_days_back_and_a_year_ahead(city):
    venue = hall_of(city, open_on_holidays=True)
    first = at("mon", 9)
    for days in (-70, -49, 357, 371):
        start = first + timedelta(days=days)
        book(city, venue, start, start + timedelta(hours=1), occurred_at=start - timedelta(days=1))
    _feed, token = feed_make(actor=city.user("community_staff"), kind="venue", venue=venue)
    shown = {event.decoded("dtstart") - first for event in events_of(token).values()}
    assert shown == {timedelta(days=-49), timedelta(days=357)}


def test_kinds_of_calendars(city):
    # given bookings of two people for two units in two rooms
    hall, gym = hall_of(city), hall_of(city, code="gym", unit=city.street_office)
    staff, worker = city.user("community_staff"), city.user("grid_worker")
    book(city, hall, title="甲")
    book(city, gym, title="乙", actor=worker)
    book(city, gym, at("tue", 9), at("tue", 10), title="丙", actor=city.user("dispatcher"))

    def titles(**given):
        _feed, token = feed_make(**given)
        return {str(event["summary"])[0] for event in events_of(token).values()}

    assert titles(actor=staff, kind="venue", venue=gym) == {"乙", "丙"}
    assert titles(actor=staff, kind="person") == {"甲"}
    assert titles(actor=staff, kind="unit", unit=city.committee) == {"甲", "乙"}  # in its name, and in its room
    assert titles(actor=city.user("dispatcher"), kind="unit", unit=city.centre) == {"丙"}


def test_what_is_no_link(city):
    venue, staff = hall_of(city), city.user("community_staff")
    wrong = [
        ({"kind": "venue", "venue": venue, "actor": city.user("resident")}, NotPermitted),
        ({"kind": "venue", "venue": venue, "actor": city.outsider("community_staff")}, NotPermitted),
        ({"kind": "unit", "unit": city.water, "actor": staff}, NotPermitted),
        ({"kind": "person", "actor": User.objects.system("timers")}, NotPermitted),
        ({"kind": "venue", "actor": staff}, Invalid),
        ({"kind": "person", "venue": venue, "actor": staff}, Invalid),
        ({"kind": "moon", "actor": staff}, Invalid),
    ]
    for given, kind in wrong:
        with pytest.raises(kind):
            feed_make(**given)
    assert not CalendarFeed.objects.exists()
    # and there is an end to them
    for _number in range(MOST_LINKS):
        feed, _token = feed_make(actor=staff, kind="person")
    with pytest.raises(Conflict):
        feed_make(actor=staff, kind="person")
    act(feed, "revoke", actor=staff)
    assert feed_make(actor=staff, kind="person")


def test_the_token_is_long_random_and_not_kept(city):
    feed, token = feed_make(actor=city.user("resident"), kind="person")
    _other, second = feed_make(actor=city.user("resident"), kind="person")
    assert len(token) == 43 and token != second
    assert feed.token_hash == hash_of(token) and token not in str(CalendarFeed.objects.values())
    assert token not in str(list(Event.objects.values_list("payload", flat=True)))


def test_unknown_and_revoked_links_are_not_there(city):
    owner = city.user("community_staff")
    feed, token = feed_make(actor=owner, kind="person")
    with pytest.raises(NotPermitted):
        act(feed, "revoke", actor=city.user("administrator"))
    assert fetch(token).status_code == 200
    act(feed, "revoke", actor=owner)
    assert [fetch(text).status_code for text in (token, "A" * 43, "x", "a b")] == [404] * 4
    assert Client().post(f"/calendar/{token}.ics").status_code == 405


def test_who_left_sees_nothing(city):
    # given links of somebody to the venue, the unit and the own calendar, with a booking in each
    venue, staff = hall_of(city), city.user("community_staff")
    book(city, venue)
    tokens = [
        feed_make(actor=staff, **given)[1]
        for given in ({"kind": "venue", "venue": venue}, {"kind": "unit", "unit": city.committee}, {"kind": "person"})
    ]
    assert [len(events_of(token)) for token in tokens] == [1, 1, 1]
    # when the post ends, then every link is an empty calendar
    staff.appointments.update(valid_from=date(2020, 1, 1), valid_to=date(2026, 11, 23))
    assert [len(events_of(token)) for token in tokens] == [0, 0, 0]
    # and while the account is closed, also with a post
    staff.appointments.update(valid_to=None)
    User.objects.filter(pk=staff.pk).update(is_active=False)
    assert [len(events_of(token)) for token in tokens] == [0, 0, 0]
    assert Booking.objects.count() == 1


def test_the_owner_of_a_link_counts_not_who_fetches(city):
    # given a link of the dispatcher to a hall; when a resident's browser fetches it
    venue = hall_of(city)
    book(city, venue)
    _feed, token = feed_make(actor=city.user("dispatcher"), kind="venue", venue=venue)
    client = Client()
    client.force_login(city.user("resident"))
    assert client.get(f"/calendar/{token}.ics").content.count(b"BEGIN:VEVENT") == 1


def test_an_app_adds_its_own_dated_things(city, monkeypatch):
    # given an app above with assemblies
    monkeypatch.setattr(calendar_feeds, "_sources", list(calendar_feeds._sources))
    asked = []

    @calendar_source
    def assemblies(wanted):
        asked.append(wanted)
        return [Entry("assembly-1", "业主大会", at("sun", 9), at("sun", 11), changed_at=NOW)]

    _feed, token = feed_make(actor=city.user("resident"), kind="person")
    assert {str(event["summary"]) for event in events_of(token).values()} == {"业主大会"}
    assert (asked[0].kind, asked[0].subject, asked[0].reader) == ("person", *[city.user("resident")] * 2)
    assert asked[0].start == NOW - timedelta(days=60) and asked[0].end == NOW + timedelta(days=365)


def test_words_with_signs_and_long_ones_survive(city):
    title = "换届；讨论,表决\\通过:" + "很长" * 40
    book(city, hall_of(city), title=title)
    _feed, token = feed_make(actor=city.user("community_staff"), kind="person")
    (event,) = events_of(token).values()
    assert str(event["summary"]).startswith(title)
    assert all(len(line) <= 75 for line in fetch(token).content.split(b"\r\n"))


def test_fetching_is_limited(city, monkeypatch):
    monkeypatch.setattr("rest_framework.throttling.SimpleRateThrottle.THROTTLE_RATES", {"calendar-feed": "3/hour"})
    _feed, token = feed_make(actor=city.user("resident"), kind="person")
    with time_machine.travel(NOW + timedelta(days=3), tick=False):
        answers = [Client().get(f"/calendar/{token}.ics", REMOTE_ADDR="10.77.0.1") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert int(answers[-1]["Retry-After"]) > 0


def test_a_calendar_asks_the_same_number_of_statements_for_any_number_of_bookings(city, django_assert_num_queries):
    venue = hall_of(city)
    _feed, token = feed_make(actor=city.user("community_staff"), kind="venue", venue=venue)
    for number in range(8):
        book(city, venue, at("sat", 9 + number), at("sat", 10 + number))
    fetch(token)
    with django_assert_num_queries(3):  # link, roles, bookings
        assert len(events_of(token)) == 8
