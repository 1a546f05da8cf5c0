"""Many senders at once, on real connections."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, connections

from cases.models import Case, CaseEvidence
from conftest import build_city
from devices.models import Alarm, Device, Reading
from devices.services import alarm_acknowledge
from devices.tests.fleet import at, build_fleet, message
from governance.errors import Conflict
from governance.models import Event, User

pytestmark = pytest.mark.django_db(transaction=True)
THREADS = 10


@pytest.fixture
def fleet():
    return build_fleet(build_city())


def at_once(tasks) -> list:
    """Run callables on THREADS connections, the first ones at the same moment; return their results."""
    start = threading.Barrier(THREADS)

    def worker(mine):
        try:
            connection.ensure_connection()
            start.wait(30)
            return [task() for task in mine]
        finally:
            connections.close_all()

    with ThreadPoolExecutor(THREADS) as pool:
        return [one for found in pool.map(worker, [tasks[n::THREADS] for n in range(THREADS)]) for one in found]


def test_a_thousand_duplicates_make_one_alarm_and_one_case(fleet):
    # when the same message comes a thousand times, at once
    tilted = message(status="tilted", metrics={"tilt": 32.5})
    results = at_once([lambda: fleet.ingest(tilted)] * 1000)
    # then one was taken
    assert sum(result.accepted for result in results) == 1
    assert sum(result.duplicate for result in results) == 999
    assert (Alarm.objects.count(), Case.objects.count(), Reading.objects.count()) == (1, 1, 2)
    assert Alarm.objects.get().count == 1
    assert CaseEvidence.objects.count() == 1
    assert Event.objects.filter(name="alarm.raised").count() == Event.objects.filter(name="case.reported").count() == 1


def test_simultaneous_different_messages_make_one_alarm(fleet):
    # when batches of two devices come at once, the devices named in either order
    def send(number):
        batch = [message(-number / 60, status="tilted"), message(-number / 60, "TB-001", metrics={"fill": 0.9})]
        return fleet.ingest(*batch[:: 1 if number % 2 else -1])

    results = at_once([lambda number=number: send(number) for number in range(100)])
    # then no batch failed, every reading is stored, each device has one active alarm with one case
    assert [(result.accepted, result.rejected) for result in results] == [(2, [])] * 100
    assert Reading.objects.count() == 200
    assert Alarm.objects.active().count() == 2
    assert Case.objects.count() == 2


def test_of_two_who_acknowledge_at_once_one_wins(fleet):
    fleet.ingest(message(status="tilted"))
    alarm = Alarm.objects.get()

    def press():
        try:
            return alarm_acknowledge(alarm, actor=User.objects.get(username="dispatcher")).state
        except Conflict as refusal:
            return refusal.code

    # when ten people press the button at once, while the device goes on reporting
    reports = [
        lambda number=number: fleet.ingest(message(number, status="tilted"), received_at=at(9)) for number in (1, 2)
    ]
    results = at_once([*[press] * THREADS, *reports])
    # then one wins, the others are told so, and neither side overwrites the other
    assert sorted(result for result in results if isinstance(result, str)) == [
        "acknowledged", *["conflict"] * (THREADS - 1)
    ]  # fmt: skip
    assert Event.objects.filter(name="alarm.acknowledged").count() == 1
    fresh = Alarm.objects.get()
    assert fresh.state == "acknowledged"
    assert fresh.count in (2, 3)
    assert Device.objects.get(code="MC-001").last_seen_at == at(9)
