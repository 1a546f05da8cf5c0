"""Refusals counted by many at once, on real connections: none is lost, none stands in another's way."""

import pytest

from conftest import build_city
from devices.listening import listening_note
from devices.models import DeviceRefusal, Listening
from devices.tests.fleet import at, build_fleet, message
from devices.tests.test_ingest_concurrent import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def test_counts_of_many_at_once_add_up():
    fleet = build_fleet(build_city())
    # when gateways and devices send the same kinds of refused messages at once, each in an order of its own
    wrong = [message(device="XX-1", status="normal"), message(device="MC-900", status="normal"), message(),
             message(device="TB-001")]  # fmt: skip
    orders = [wrong[turn:] + wrong[:turn] for turn in range(4)]
    sent = [(*orders[n % 4], message(n / 100, status="normal")) for n in range(16)]
    at_once([lambda messages=messages: fleet.ingest(*messages) for messages in sent])
    # then each is counted, in one row for a reason
    counted = {(row.device and row.device.code, row.code): row.count for row in DeviceRefusal.objects.all()}
    assert counted == {
        (None, "unknown_device"): 16,
        (None, "foreign_device"): 16,
        ("MC-001", "nothing_reported"): 16,
        ("TB-001", "nothing_reported"): 16,
    }


def test_two_timers_processes_listen_as_one():
    at_once([lambda: listening_note(at(0))] * 4)
    at_once([lambda: listening_note(at(0.1))] * 4)
    assert Listening.objects.filter(until=at(0.1)).exists()
