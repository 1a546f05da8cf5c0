"""Sweeps beside devices that report, and beside each other, on real connections."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections, transaction

from cases.models import Case
from conftest import build_city
from devices.models import OFFLINE, Alarm, Device, Gateway, ProfileStatus
from devices.offline import offline_sweep
from devices.profile_rules import forget_rules
from devices.tests.fleet import at, build_fleet, message
from devices.tests.test_ingest_concurrent import at_once
from devices.tests.test_steps_concurrent import holding
from governance.models import Event

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def fleet():
    fleet = build_fleet(build_city())
    for profile in {fleet.cover.profile, fleet.bin.profile}:
        ProfileStatus.objects.create(profile=profile, code=OFFLINE, label="离线", severity="low", opens_case=False)
    forget_rules()
    Gateway.objects.update(category=fleet.city.category)
    fleet.ingest(message(0, metrics={"x": 1}), message(0, "TB-001", metrics={"x": 1}))
    return fleet


def test_a_device_that_reports_while_it_is_swept_is_not_missed(fleet):
    # given devices whose messages are being stored just now
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            fleet.ingest(
                message(30, metrics={"x": 2}), message(30, "TB-001", metrics={"x": 2}), received_at=at(30)
            )  # fmt: skip
            # when they are swept meanwhile, by what the sweep still sees of them
            # then it passes them over
            assert pool.submit(_sweep).result(30) == 0
        # and the next finds nothing
        assert pool.submit(_sweep).result(30) == 0
    assert not Alarm.objects.exists() and Gateway.objects.get().silent_since is None


def _sweep(minute: int = 30) -> int:
    try:
        return offline_sweep(at(minute))
    finally:
        connections.close_all()


def test_a_device_that_somebody_holds_holds_up_no_other(fleet):
    # given a silent device without a gateway, and two behind one; one of these is held by a long transaction
    fleet.ingest(message(0, "MC-900", metrics={"x": 1}), owner=fleet.far)
    with ThreadPoolExecutor(1) as pool:
        let_go = holding(Device.objects.filter(pk=fleet.cover.pk))
        try:
            # when they are swept
            # then who is free has an alarm; the gateway cannot be looked at, and nothing is told of what is behind it
            assert pool.submit(_sweep).result(30) == 1
            assert Alarm.objects.get().device == fleet.far and not Gateway.objects.lost().exists()
        finally:
            let_go()
        # and the next sweep finds the gateway lost
        assert pool.submit(_sweep).result(30) == 2
        assert Gateway.objects.lost().get() == fleet.gateway
        # and when it is back, somebody who holds a device of it only puts off that it is found
        fleet.ingest(message(31, metrics={"x": 4}), message(31, "TB-001", metrics={"x": 4}), received_at=at(31))
        let_go = holding(Device.objects.filter(pk=fleet.cover.pk))
        try:
            pool.submit(_sweep, 32).result(30)
            assert Gateway.objects.lost().exists()
        finally:
            let_go()
        pool.submit(_sweep, 32).result(30)
    assert not Gateway.objects.lost().exists()
    assert not Alarm.objects.active().filter(device__gateway=fleet.gateway).exists()


def test_sweeps_at_once_find_a_lost_gateway_once(fleet):
    raised = at_once([lambda: offline_sweep(at(30))] * 20)
    assert sum(raised) == 2
    assert set(Alarm.objects.values_list("inhibited", "count")) == {("suppressed", 1)}
    assert Case.objects.count() == Event.objects.filter(name="gateway.lost").count() == 1


def test_sweeps_and_samples_mixed_neither_hang_nor_leave_two_alarms(fleet):
    lock, minute = threading.Lock(), [30]

    def step(number):
        with lock:
            minute[0] += 20
            now = minute[0]
        if number % 2:
            return offline_sweep(at(now))
        code = "MC-001" if number % 4 else "TB-001"
        return fleet.ingest(message(now, code, status="normal"), received_at=at(now)).accepted

    at_once([lambda number=number: step(number) for number in range(60)])
    open_now = Alarm.objects.active().filter(alarm_type=OFFLINE)
    assert open_now.count() <= Device.objects.filter(gateway=fleet.gateway).count()
    # and all heard at last: nothing is open, the gateway is back
    end = minute[0] + 20
    fleet.ingest(
        message(end, metrics={"x": 3}), message(end, "TB-001", metrics={"x": 3}), received_at=at(end)
    )  # fmt: skip
    offline_sweep(at(end))
    assert not Alarm.objects.active().exists()
    assert Gateway.objects.get().silent_since is None
