"""Two organisers at once: real connections, one of them wins."""

import contextlib
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine
from django.db import connections

from conftest import build_city
from governance.errors import Conflict
from governance.models import Booking
from governance.workflow import act
from property.assembly import agenda
from property.assembly.making import session_add, sessions_make_ahead
from property.assembly.tests.assemblies import BEGINS, ENDS, NOW, build_house
from property.models import AgendaItem, AssemblySession
from property.tests.neighbourhood import build_neighbourhood


def together(work, number: int) -> list[str]:
    """Let ``number`` threads with connections of their own do ``work(place)`` at the same moment."""
    barrier = threading.Barrier(number)

    def one(place):
        barrier.wait()
        try:
            work(place)
        except Conflict as error:
            return error.code
        finally:
            connections.close_all()
        return "done"

    with ThreadPoolExecutor(number) as pool:
        return sorted(pool.map(one, range(number)))


@pytest.mark.django_db(transaction=True)
def test_of_two_organisers_who_want_the_same_hall_one_gets_it_and_a_rule_is_run_once():
    with time_machine.travel(NOW, tick=False):
        house = build_house(build_neighbourhood(build_city()))
        people = [house.user("organiser"), house.user("party_secretary")]
        ended = together(
            lambda place: session_add(
                actor=people[place], assembly=house.assembly, starts_at=BEGINS, ends_at=ENDS, venue=house.hall
            ),
            number=2,
        )
        # then one session stands with the hall, of the other nothing is left
        assert ended == ["done", "overlap"]
        assert AssemblySession.objects.count() == Booking.objects.booked().count() == 1
        # and two workers that make the sessions of the months make each once
        together(lambda place: sessions_make_ahead(NOW.date()), number=2)
        assert AssemblySession.objects.filter(is_regular=True).count() == 3


@pytest.mark.django_db(transaction=True)
def test_two_sessions_that_collect_at_once_have_an_unfinished_item_once(monkeypatch):
    met = threading.Barrier(2, timeout=3)

    def slowly(session):
        with contextlib.suppress(threading.BrokenBarrierError):
            met.wait()
        return agenda.agenda_of(session).count() + 1

    with time_machine.travel(NOW, tick=False):
        house = build_house(build_neighbourhood(build_city()))
        house.follow_up()
        sessions = [house.session(), house.session(BEGINS + timedelta(days=14))]
        organiser = house.organiser
        monkeypatch.setattr(agenda, "next_position", slowly)
        assert together(lambda place: act(sessions[place], "collect", actor=organiser), number=2) == ["done"] * 2
    assert AgendaItem.objects.filter(source="follow_up").count() == 1
