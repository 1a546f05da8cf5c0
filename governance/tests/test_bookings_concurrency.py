"""Many at once: real threads with connections of their own, and the database behind the service."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import time_machine
from django.db import IntegrityError, OperationalError, connections, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from conftest import build_city
from governance.bookings import booking_make, booking_move
from governance.bookings.hours import Timetable
from governance.errors import Conflict
from governance.models import Booking, Event
from governance.tests.bookings import NOW, _standing_still, at, book, hall_of  # noqa: F401

CROWD = 20


def together(work, number=CROWD) -> list[str]:
    """Let ``number`` threads do ``work(place)`` at the same moment; returns what each came to."""
    barrier = threading.Barrier(number)

    def one(place):
        barrier.wait()
        try:
            work(place)
        except (Conflict, IntegrityError, OperationalError) as error:
            return type(error).__name__
        finally:
            connections.close_all()
        return "done"

    with ThreadPoolExecutor(number) as pool:
        return list(pool.map(one, range(number)))


@pytest.mark.django_db(transaction=True)
def test_of_twenty_who_want_the_same_hour_one_gets_it():
    # given a hall and twenty people at once
    with time_machine.travel(NOW, tick=False):
        city = build_city()
        venue, actor = hall_of(city), city.user("community_staff")
        ended = together(
            lambda place: booking_make(
                venue=venue, starts_at=at("mon", 9), ends_at=at("mon", 11), title=f"会{place}", actor=actor
            )
        )
    # then one has it, each other is told that it is taken, and there is one event
    assert sorted(ended) == ["Conflict"] * (CROWD - 1) + ["done"]
    assert Booking.objects.count() == 1 and Event.objects.filter(name="booking.made").count() == 1


@pytest.mark.django_db(transaction=True)
def test_twenty_with_hours_side_by_side_all_get_them():
    with time_machine.travel(NOW, tick=False):
        city = build_city()
        venue, actor = hall_of(city), city.user("community_staff")
        ended = together(
            lambda place: booking_make(
                venue=venue, starts_at=at("sat", 9 + place / 2), ends_at=at("sat", 9.5 + place / 2), title="会",
                actor=actor,
            )
        )  # fmt: skip
    assert ended == ["done"] * CROWD and Booking.objects.count() == CROWD


@pytest.mark.django_db(transaction=True)
def test_two_moved_onto_one_hour():
    with time_machine.travel(NOW, tick=False):
        city = build_city()
        venue = hall_of(city)
        rows = [book(city, venue, at(day, 9), at(day, 10)) for day in ("tue", "wed")]
        actor = city.user("community_staff")
        ended = together(
            lambda place: booking_move(
                rows[place], actor=actor, starts_at=at("fri", 9), ends_at=at("fri", 10), reason="改期"
            ),
            number=2,
        )
    assert sorted(ended) == ["Conflict", "done"]


@pytest.mark.django_db(transaction=True)
def test_the_database_keeps_one_even_past_the_service():
    """Rows written directly, without the lock of the service: the exclusion constraint is what holds."""
    with time_machine.travel(NOW, tick=False):
        city = build_city()
        venue, actor = hall_of(city), city.user("community_staff")

        def write(place):
            period = DateTimeTZRange(at("mon", 9), at("mon", 11))
            Booking.objects.create(venue=venue, area=venue.area, period=period, title="会", booked_by=actor)

        ended = together(write)
    assert ended.count("done") == 1 and Booking.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.usefixtures("_standing_still")
def test_what_the_database_refuses_is_a_conflict(city, monkeypatch):
    # given a service that does not look whether the time is free
    venue = hall_of(city)
    first, second = book(city, venue), book(city, venue, at("tue", 9), at("tue", 10))
    monkeypatch.setattr(Timetable, "check_free", lambda *given: None)
    # when it books or moves onto a taken hour, then the constraint's refusal reaches people as a conflict
    with pytest.raises(Conflict) as refused, transaction.atomic():
        book(city, venue)
    assert (refused.value.code, refused.value.field) == ("overlap", "starts_at")
    with pytest.raises(Conflict), transaction.atomic():
        booking_move(second, actor=first.booked_by, starts_at=at("mon", 9), ends_at=at("mon", 10), reason="改期")
    assert Booking.objects.count() == 2
