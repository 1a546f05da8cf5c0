"""Bins are ticked and rounds planned by REST, as on the crew's phone and at the desk, by every role."""

from datetime import timedelta

import pytest
import time_machine

from cases.tests.api import client_of
from devices.bins.rounds import run_plan, stop_empty
from devices.bins.tests.test_rounds import API, NOW, PLANS, codes, crew, due, morning, round_  # noqa: F401
from devices.models import CollectionRound, CollectionRun, CollectionStop, LatestValue
from devices.tests.test_api_alarms import STAFF
from governance.models import Event
from governance.testing import snapshot

pytestmark = pytest.mark.django_db
STOPS = "/api/v1/devices/collection-stops/"


@pytest.fixture
def stop(fleet, due) -> CollectionStop:  # noqa: F811
    return run_plan(due, actor=crew(fleet)).stops.get(device__code="A")


def tick(user, stop, deed="empty", **options):
    return client_of(user).post(f"{STOPS}{stop.pk}/{deed}/", {}, format="json", **options)


def test_the_crew_ticks_a_bin_and_takes_the_tick_back(fleet, stop):
    told = tick(crew(fleet), stop)
    assert told.status_code == 200, told.json()
    assert (told.json()["device"], told.json()["state"]) == ("A", "ticked") and told.json()["emptied_at"]
    assert Event.objects.get(name="device.emptied").actor == crew(fleet)
    assert tick(crew(fleet), stop).status_code == 409
    (route,) = client_of(crew(fleet)).get(API).json()["results"]
    assert {row["id"]: row["state"] for row in route["stops"]}[stop.pk] == "ticked"
    back = tick(crew(fleet), stop, "untick")
    assert (back.status_code, back.json()["state"], back.json()["emptied_at"]) == (200, "open", None)
    assert tick(crew(fleet), stop, "untick").status_code == 409


def test_a_tick_sent_twice_from_a_dead_spot_is_one(fleet, stop):
    answers = [tick(crew(fleet), stop, headers={"Idempotency-Key": "t"}) for _time in "ab"]
    assert answers[0].json() == answers[1].json() and answers[1].status_code == 200
    assert Event.objects.filter(name="device.emptied").count() == 1


@pytest.mark.parametrize("role", [*STAFF, "resident", "outside_dispatcher", "outside_handler", "outside_supervisor"])
def test_each_role_ticks_and_plans_or_is_refused(fleet, due, stop, role):  # noqa: F811
    person, ticked = fleet.city.people[role], run_plan(due, actor=crew(fleet)).stops.get(device__code="B")
    stop = CollectionStop.objects.get(device__code="A")
    stop_empty(ticked, actor=crew(fleet))
    before, events = [snapshot(row) for row in CollectionStop.objects.order_by("pk")], Event.objects.count()
    if role != "handler":
        assert tick(person, stop).status_code in (403, 404)
        assert tick(person, ticked, "untick").status_code in (403, 404)
    if role not in PLANS:
        asked = client_of(person).post(f"{API}plan/", {"round": "CR-1"}, format="json")
        assert asked.status_code in (400, 403), asked.json()  # not to be seen is a round that there is not
    assert [snapshot(row) for row in CollectionStop.objects.order_by("pk")] == before
    assert Event.objects.count() == events
    if role == "handler":
        assert tick(person, stop).status_code == tick(person, ticked, "untick").status_code == 200
    if role in PLANS:
        assert client_of(person).post(f"{API}plan/", {"round": "CR-1"}, format="json").status_code == 200


def test_nobody_unknown_does(fleet, stop):
    before = snapshot(stop)
    assert tick(None, stop).status_code == tick(None, stop, "untick").status_code == 401
    assert client_of().post(f"{API}plan/", {"round": "CR-1"}, format="json").status_code == 401
    assert snapshot(stop) == before


def test_a_round_is_planned_anew_and_what_is_ticked_stays(fleet, stop):
    tick(crew(fleet), stop)
    LatestValue.objects.filter(device__code="E").update(value=0.82)
    told = client_of(crew(fleet)).post(f"{API}plan/", {"round": "CR-1"}, format="json").json()
    assert told["round"] == "CR-1" and [row["device"] for row in told["stops"]] == codes(CollectionRun.objects.get())
    assert {row["device"]: row["state"] for row in told["stops"]} == dict.fromkeys("BCE", "open") | {"A": "ticked"}


def test_what_cannot_be_is_refused_and_changes_nothing(fleet, due, stop):  # noqa: F811
    before = snapshot(stop)
    client = client_of(crew(fleet))
    assert client.post(f"{STOPS}{10**17}/empty/").status_code == 404
    for body in ({}, {"round": "none"}, {"round": None}, {"round": "a\0"}):
        response = client.post(f"{API}plan/", body, format="json")
        assert (response.status_code, response.json()["errors"][0]["attr"]) == (400, "round"), body
    # nor on another day, nor a round out of use
    with time_machine.travel(NOW + timedelta(days=1)):
        assert tick(crew(fleet), stop).status_code == 409
    CollectionRound.objects.update(is_active=False)
    assert client.post(f"{API}plan/", {"round": "CR-1"}, format="json").status_code == 409
    assert snapshot(stop) == before
