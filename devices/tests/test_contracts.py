"""What every app must hold: scope in both forms, complete steps, live descriptions, partitions."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from procrastinate.contrib.django import app

from devices.live import live_rows
from devices.models import Alarm, Device, DeviceKey, Gateway, LatestValue, Reading, ReadingHour
from devices.partitions import partitions_ensure
from devices.rollups import rollups_make
from devices.tasks import make_partitions
from devices.tests.fleet import NOW, at, key_of, message
from governance.events import registered
from governance.testing import assert_relation_forms_agree, assert_steps_are_complete
from governance.workflow import steps_of


def test_steps_are_complete():
    assert_steps_are_complete(Alarm)
    assert {step.event for step in steps_of(Alarm).values()} <= set(registered())


@pytest.mark.parametrize("model", [Alarm, Device, DeviceKey, Gateway, LatestValue, Reading, ReadingHour])
def test_lists_and_single_objects_agree_on_who_sees_what(fleet, model):
    # given alarms in both streets, with and without cases, of devices of two units
    Device.objects.filter(pk=fleet.bin.pk).update(unit=fleet.city.urban)
    fleet.ingest(message(status="tilted"), message(device="TB-001", metrics={"fill": 0.9, "battery": 5}))
    fleet.ingest(message(1, status="missing"), received_at=at(1))
    fleet.ingest(message(device="MC-900", status="tilted"), owner=fleet.far)
    for owner in (fleet.cover, fleet.far, fleet.gateway):
        key_of(owner)
    rollups_make(now=at(120))
    assert model.objects.exists()
    assert_relation_forms_agree(model.objects, fleet.city.people.values())


def test_a_live_description_takes_one_statement_for_any_number(fleet):
    fleet.ingest(message(status="tilted"), message(device="TB-001", metrics={"fill": 0.9, "battery": 5}))
    alarms = list(Alarm.objects.select_related("device__profile", "area", "case"))
    with CaptureQueriesContext(connection) as captured:
        shown = live_rows(alarms)
    assert len(captured) == 1
    tilted = shown[Alarm.objects.get(alarm_type="tilted").pk]
    assert (tilted["number"], tilted["category"], tilted["severity"], tilted["active"]) == (
        "MC-001", "井盖倾斜", "high", True
    )  # fmt: skip
    assert tilted["case"] == Alarm.objects.get(alarm_type="tilted").case.number


def partition_of(reading) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tableoid::regclass::text FROM devices_reading WHERE at = %s", [reading.at])
        return cursor.fetchone()[0]


@pytest.mark.django_db
def test_readings_go_to_the_partition_of_their_week(fleet):
    fleet.ingest(message(status="normal"))
    assert partition_of(Reading.objects.get()) == f"devices_reading_{NOW:%Gw%V}"


@pytest.mark.django_db
def test_partitions_are_made_ahead_and_take_over_what_waits(fleet):
    # given a reading of a year nobody made partitions for
    later = NOW + timedelta(days=365)
    fleet.ingest(message(365 * 24 * 60, status="normal"), received_at=later)
    reading = Reading.objects.get()
    assert partition_of(reading) == "devices_reading_default"
    # when the job runs that week
    made = partitions_ensure(now=later)
    # then this and the next four weeks are there, the reading has moved, and it is still known
    assert made == 5
    assert partition_of(reading) == f"devices_reading_{later:%Gw%V}"
    assert partitions_ensure(now=later) == 0
    assert fleet.ingest(message(365 * 24 * 60, status="normal"), received_at=later).duplicate == 1


@pytest.mark.django_db
def test_the_job_makes_partitions():
    # given that the weeks of now are there already
    partitions_ensure()
    # then the job finds nothing to do, and is known to run every hour
    assert make_partitions(0) == 0
    periodic = [task.cron for task in app.periodic_registry.periodic_tasks.values() if task.task is make_partitions]
    assert periodic == ["17 * * * *"]


@pytest.mark.django_db
@pytest.mark.parametrize("table, filled", [("latestvalue", 45), ("device", 45), ("alarm", 50)])
def test_what_is_written_with_every_message_has_room_beside_itself(table, filled):
    with connection.cursor() as cursor:
        cursor.execute("SELECT reloptions FROM pg_class WHERE relname = %s", [f"devices_{table}"])
        assert cursor.fetchone()[0] == [f"fillfactor={filled}"]
