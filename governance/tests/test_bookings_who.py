"""Every role at every service and door of bookings: who may book, see, move and cancel."""

import pytest
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from governance.bookings import booking_cancel, booking_move
from governance.errors import NotPermitted
from governance.models import Booking, User, Venue
from governance.testing import snapshot
from governance.tests.bookings import _standing_still, at, book, hall_of  # noqa: F401

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_standing_still")]
V1 = "/api/v1/"
STAFF = [
    "administrator", "operations_centre", "registrar", "dispatcher", "handler", "supervisor", "grid_worker",
    "community_staff",
]  # fmt: skip
PEOPLE = [*STAFF, "resident", *(f"outside_{role}" for role in [*STAFF, "resident"])]
# Written by hand. The supervisor "outside" works for the whole city in another unit, and so sees the hall.
SEE = {*STAFF, "outside_supervisor"}
BOOK = {"administrator", "operations_centre", "registrar", "dispatcher", "grid_worker", "community_staff"}
# The booking is the dispatcher's; grid worker and community staff are of the unit that runs the hall.
CHANGE = {"administrator", "dispatcher", "grid_worker", "community_staff"}
BODY = {
    "venue": "hall", "title": "议事", "starts_at": "2026-12-01T09:00:00+08:00", "ends_at": "2026-12-01T10:00:00+08:00",
}  # fmt: skip
SERIES = {
    "venue": "hall", "title": "每周议事", "kind": "weekly", "weekdays": [2], "count": 2, "first_day": "2026-12-02",
    "starts": "09:00", "ends": "10:00",
}  # fmt: skip


def client_of(user) -> APIClient:
    client = APIClient()
    client.force_authenticate(user)
    return client


def person(city, key) -> User:
    return city.people[key]


@pytest.fixture
def booking(city):
    return book(city, hall_of(city), actor=city.user("dispatcher"))


@pytest.mark.parametrize("key", PEOPLE)
def test_who_may_book(city, booking, key):
    user = person(city, key)
    if key in BOOK:
        assert book(city, booking.venue, at("tue", 9), at("tue", 10), actor=user).booked_by == user
    else:
        with pytest.raises(NotPermitted):
            book(city, booking.venue, at("tue", 9), at("tue", 10), actor=user)
        assert Booking.objects.count() == 1
    assert Venue.objects.bookable_by(user).exists() == (key in BOOK)


@pytest.mark.parametrize("key", PEOPLE)
def test_who_may_see_move_and_cancel(city, booking, key):
    user, before = person(city, key), snapshot(booking)
    assert Booking.objects.visible_to(user).exists() == (key in SEE)
    move = {"starts_at": at("wed", 9), "ends_at": at("wed", 10), "reason": "改期"}
    if key in CHANGE:
        assert booking_move(booking, actor=user, **move).version == 1
        assert booking_cancel(booking, actor=user, reason="不开了").state == "cancelled"
        return
    with pytest.raises(NotPermitted):
        booking_move(booking, actor=user, **move)
    with pytest.raises(NotPermitted):
        booking_cancel(booking, actor=user, reason="不开了")
    assert snapshot(booking) == before


@pytest.mark.parametrize("key", PEOPLE)
def test_the_rest_door(city, booking, key):
    client, before = client_of(person(city, key)), snapshot(booking)
    place = f"{V1}bookings/{booking.pk}/"
    sees, staff = key in SEE, "resident" not in key
    # what is listed, and a single one
    answer = client.get(f"{V1}bookings/")
    assert answer.status_code == (200 if staff else 403)
    if staff:
        assert len(answer.json()["results"]) == (1 if sees else 0)
        assert client.get(place).status_code == (200 if sees else 404)
    venues = {row["code"] for row in client.get(f"{V1}venues/").json()["results"]}
    assert venues == ({"hall"} if sees or not staff else set())
    assert client.get(f"{V1}venues/hall/free/").status_code == (200 if sees or not staff else 404)
    # making one, and a series
    made = client.post(f"{V1}bookings/", BODY, format="json").status_code
    series = client.post(f"{V1}booking-series/", SERIES, format="json").status_code
    refused = 400 if staff and not sees else 403  # there is no such venue for them
    assert (made, series) == ((201, 201) if key in BOOK else (refused, refused))
    # moving and cancelling
    move = {"starts_at": "2026-12-03T09:00:00+08:00", "ends_at": "2026-12-03T10:00:00+08:00", "reason": "改期"}
    expected = 200 if key in CHANGE else 403 if sees else 404
    moved = client.post(f"{place}transitions/move/", move, format="json")
    cancelled = client.post(f"{place}transitions/cancel/", {"reason": "不开了"}, format="json")
    assert (moved.status_code, cancelled.status_code) == (expected, expected), moved.json()
    assert client.delete(place).status_code in (403, 405)
    if key not in CHANGE:
        assert snapshot(booking) == before


@pytest.mark.parametrize("key", PEOPLE)
def test_the_admin_door(city, booking, key):
    client, before = Client(), snapshot(booking)
    client.force_login(person(city, key))
    sees, staff = key in SEE, "resident" not in key
    page = reverse("admin:governance_booking_change", args=[booking.pk])
    week = reverse("admin:governance_venue_week", args=[booking.venue_id])
    cancel = reverse("admin:governance_booking_transition", args=[booking.pk, "cancel"])
    seen = 302 if not staff else 200 if sees else 404
    for address in (page, week, reverse("admin:governance_venue_change", args=[booking.venue_id])):
        assert client.get(address).status_code == seen, address
    add = reverse("admin:governance_booking_add")
    fields = {"venue": booking.venue_id, "day": "2026-12-01", "starts": "09:00", "ends": "10:00", "title": "议事"}
    assert client.post(add, fields).status_code == (302 if key in BOOK or not staff else 400)
    assert Booking.objects.filter(title="议事").exists() == (key in BOOK)
    series = {
        "venue": booking.venue_id, "title": "每周议事", "kind": "weekly", "weekdays": ["2"], "interval": 1, "count": 2,
        "first_day": "2026-12-02", "starts": "09:00", "ends": "10:00", "clashes": "refuse",
    }  # fmt: skip
    answer = client.post(reverse("admin:governance_bookingseries_add"), series)
    assert answer.status_code == (302 if key in BOOK or not staff else 400)
    assert Booking.objects.filter(title="每周议事").count() == (2 if key in BOOK else 0)
    expected = 302 if not staff or key in CHANGE else 403 if sees else 404
    assert client.post(cancel, {"reason": "不开了"}).status_code == expected
    if key not in CHANGE:
        assert snapshot(booking) == before


def test_nobody_signed_in_gets_anything(city, booking):
    client = APIClient()
    for place in ("venues/", "venues/hall/free/", "bookings/", "booking-series/", "me/calendar-feeds/"):
        assert client.get(V1 + place).status_code == 401
    assert client.post(f"{V1}bookings/", BODY, format="json").status_code == 401


def test_a_unit_books_the_rooms_it_runs_wherever_they_are(city):
    # given a hall in the other street that the water company runs
    venue = hall_of(city, code="far", area=city.other_community, unit=city.water)
    # then its handler books there, and other people of the first street do not even see it
    worker = city.outsider("handler")
    made = book(city, venue, actor=worker)
    assert made.unit == city.water and Booking.objects.visible_to(worker).get() == made
    with pytest.raises(NotPermitted):
        book(city, venue, at("tue", 9), at("tue", 10), actor=city.user("community_staff"))
    assert not Venue.objects.visible_to(city.user("community_staff")).exists()


def test_who_left_the_post_changes_nothing(city, booking):
    # given a dispatcher who booked, and whose post then ended
    user = city.user("dispatcher")
    user.appointments.update(valid_from="2020-01-01", valid_to="2026-11-23")
    user = User.objects.get(pk=user.pk)
    with pytest.raises(NotPermitted):
        booking_cancel(booking, actor=user, reason="走之前")
    assert not Booking.objects.visible_to(user).exists()
