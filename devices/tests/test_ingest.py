"""Taking in readings: stored once, refused by name, nothing half-stored."""

from datetime import timedelta
from unittest import mock

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.models import Case, CaseEvidence
from devices import alarm_writes
from devices.models import Alarm, Device, LatestValue, Reading
from devices.tests.fleet import NOW, at, message
from governance.models import Event

INSIDE = message(status="normal")


def stored():
    """Everything ingest may write, to see that a refusal leaves it alone."""
    tables = (Reading, LatestValue, Alarm, Case, CaseEvidence, Event)
    return [table.objects.count() for table in tables] + list(Device.objects.order_by("pk").values())


def test_a_tilted_cover_becomes_one_dispatched_case(fleet):
    # when a cover reports that it is tilted
    result = fleet.ingest(message(status="tilted", metrics={"tilt": 32.5}), owner=fleet.cover)
    # then one reading of each is stored, one alarm raised, one case dispatched as the standard says
    assert (result.accepted, result.duplicate, result.rejected) == (1, 0, [])
    alarm, case = Alarm.objects.get(), Case.objects.get()
    assert (alarm.alarm_type, alarm.severity, alarm.value, alarm.active) == ("tilted", "high", 32.5, True)
    assert (alarm.device_at, alarm.received_at, alarm.raised_at) == (NOW, NOW, NOW)
    assert alarm.case == case
    assert case.state == "dispatched"
    assert case.lead_unit == fleet.city.municipal
    assert case.origin == {"device": "MC-001", "alarm": alarm.pk, "profile": "manhole_cover"}
    assert case.source == "sensor"
    assert case.address == "中山路100号"
    assert "MC-001" in case.description
    assert "井盖倾斜" in case.description
    assert "倾角 32.5°" in case.description
    raised = Event.objects.get(name="alarm.raised")
    assert (raised.area, raised.payload["case"], raised.actor.username) == (
        fleet.city.grid, case.number, "system:devices"
    )  # fmt: skip
    assert CaseEvidence.objects.get().data["tilt"] == 32.5
    device = Device.objects.get(code="MC-001")
    assert (device.status, device.last_seen_at, device.clock_skewed) == ("tilted", NOW, False)
    assert list(LatestValue.objects.values_list("metric", "value", "text")) == [
        ("status", None, "tilted"), ("tilt", 32.5, "")
    ]  # fmt: skip


def test_sent_twice_is_stored_once(fleet):
    # given a message that was taken
    tilted = message(status="tilted", metrics={"tilt": 32.5})
    fleet.ingest(tilted)
    before = stored()
    # when it comes again, alone and several times in one batch
    again = fleet.ingest(tilted, received_at=at(1))
    batch = fleet.ingest(tilted, tilted, tilted, received_at=at(2))
    # then nothing changes
    assert (again.accepted, again.duplicate) == (0, 1)
    assert (batch.accepted, batch.duplicate) == (0, 3)
    assert stored() == before


def test_repeated_in_the_same_batch_counts_once(fleet):
    # when one batch holds the same message three times
    result = fleet.ingest(*[message(status="tilted")] * 3)
    # then it was stored once and is no repetition of the alarm
    assert (result.accepted, result.duplicate) == (1, 2)
    assert Alarm.objects.get().count == 1


def test_a_message_that_adds_a_metric_is_no_duplicate(fleet):
    # given a status at some time
    fleet.ingest(message(status="normal"))
    # when the same time comes again with a figure, and a different status that came too late to count
    result = fleet.ingest(message(status="tilted", metrics={"tilt": 3}))
    # then the figure is stored, the first status stands, nothing is raised
    assert (result.accepted, result.duplicate) == (1, 0)
    assert Reading.objects.get(metric="status").text == "normal"
    assert Reading.objects.get(metric="tilt").value == 3
    assert not Alarm.objects.exists()


REFUSED = [
    ("text", "invalid_message"),
    (None, "invalid_message"),
    ([], "invalid_message"),
    ({}, "invalid_device"),
    (INSIDE | {"device": 7}, "invalid_device"),
    (INSIDE | {"device": "MC\x00001"}, "invalid_device"),
    (INSIDE | {"device": "井盖"}, "invalid_device"),
    (INSIDE | {"device": "MC-001\n"}, "invalid_device"),
    (INSIDE | {"device": "MC-404"}, "unknown_device"),
    (INSIDE | {"device": "MC-900"}, "foreign_device"),
    (INSIDE | {"at": None}, "invalid_time"),
    (INSIDE | {"at": 1_700_000_000}, "invalid_time"),
    (INSIDE | {"at": "yesterday"}, "invalid_time"),
    (INSIDE | {"at": "2026-11-23T08:00:00"}, "invalid_time"),
    (INSIDE | {"at": "0001-01-01T00:00:00+23:59"}, "time_out_of_range"),
    (INSIDE | {"at": "9999-12-31T23:59:59-23:59"}, "time_out_of_range"),
    (INSIDE | {"at": (NOW - timedelta(days=90, seconds=1)).isoformat()}, "time_out_of_range"),
    (INSIDE | {"status": 1}, "invalid_status"),
    (INSIDE | {"status": "Tilted!"}, "invalid_status"),
    (INSIDE | {"status": "offline"}, "status_not_reported"),
    (INSIDE | {"status": "Lid open"}, "invalid_status"),
    (INSIDE | {"metrics": [1]}, "invalid_metrics"),
    (INSIDE | {"metrics": {f"m{n}": n for n in range(33)}}, "invalid_metrics"),
    (INSIDE | {"metrics": {"status": 1}}, "invalid_metric"),
    (INSIDE | {"metrics": {"Tilt angle": 1}}, "invalid_metric"),
    (INSIDE | {"metrics": {"tilt": "32.5"}}, "invalid_value"),
    (INSIDE | {"metrics": {"tilt": True}}, "invalid_value"),
    (INSIDE | {"metrics": {"tilt": None}}, "invalid_value"),
    (INSIDE | {"metrics": {"tilt": float("nan")}}, "invalid_value"),
    (INSIDE | {"metrics": {"tilt": float("inf")}}, "invalid_value"),
    (INSIDE | {"metrics": {"tilt": 10**400}}, "invalid_value"),
    (message(), "nothing_reported"),
    (message(metrics={}), "nothing_reported"),
]


@pytest.mark.parametrize(("wrong", "code"), REFUSED)
def test_a_wrong_message_is_refused_by_name_and_the_rest_is_stored(fleet, wrong, code):
    # when a batch holds a message that cannot be taken between two that can
    result = fleet.ingest(message(-2, status="normal"), wrong, message(-1, status="normal"))
    # then exactly that one is refused, and nothing of it is stored
    assert [(item.index, item.code) for item in result.rejected] == [(1, code)]
    assert result.rejected[0].detail
    assert (result.accepted, result.duplicate) == (2, 0)
    assert set(Reading.objects.values_list("at", "device__code")) == {(at(-2), "MC-001"), (at(-1), "MC-001")}


def test_a_batch_of_nothing_but_wrong_messages_changes_nothing(fleet):
    before = stored()
    result = fleet.ingest(*[wrong for wrong, _code in REFUSED])
    assert [(item.index, item.code) for item in result.rejected] == [
        (index, code) for index, (_wrong, code) in enumerate(REFUSED)
    ]
    assert stored() == before


def test_a_retired_device_is_refused(fleet):
    Device.objects.filter(pk=fleet.cover.pk).update(state="retired")
    before = stored()
    result = fleet.ingest(message(status="tilted"), owner=fleet.cover)
    assert [item.code for item in result.rejected] == ["retired_device"]
    assert stored() == before


@pytest.mark.parametrize(
    "limit", [-timedelta(days=90), timedelta(minutes=5), timedelta(hours=24), timedelta(days=20_000)]
)
def test_times_at_the_limits_are_taken(fleet, limit):
    result = fleet.ingest(INSIDE | {"at": (NOW + limit).isoformat()})
    assert (result.accepted, result.rejected) == (1, [])


def test_metrics_the_profile_does_not_know_are_kept_and_never_judged(fleet):
    result = fleet.ingest(message(metrics={"humidity": 1e30}))
    assert result.accepted == 1
    assert LatestValue.objects.get().value == 1e30
    assert not Alarm.objects.exists()


def test_a_clock_in_another_year_loses_no_alarm_and_what_it_sends_again_is_known(fleet):
    # when a device whose clock is in 2050 reports that it is tilted, twice, and then that it is normal
    tilted = INSIDE | {"at": "2050-01-01T00:00:00+08:00", "status": "tilted", "metrics": {"tilt": 20}}
    first, again = fleet.ingest(tilted), fleet.ingest(tilted, received_at=at(1))
    # then the alarm is raised at our time, the repetition is known, and the device is flagged
    assert (first.accepted, again.accepted, again.duplicate) == (1, 0, 1)
    alarm = Alarm.objects.get()
    assert (alarm.raised_at, alarm.count) == (NOW, 1)
    assert Reading.objects.filter(metric="tilt").count() == 1
    assert Device.objects.get(code="MC-001").clock_skewed


def test_a_clock_ahead_is_not_believed(fleet):
    # when a device claims a time 6 minutes ahead
    ahead = message(6, status="tilted", metrics={"tilt": 20})
    fleet.ingest(ahead)
    # then our time counts, what it claimed is kept, the device is flagged
    reading = Reading.objects.get(metric="tilt")
    assert (reading.at, reading.claimed_at) == (NOW, at(6))
    alarm = Alarm.objects.get()
    assert (alarm.raised_at, alarm.device_at) == (NOW, at(6))
    assert Device.objects.get(code="MC-001").clock_skewed
    # and sent again it is known, also when by then its time is no longer ahead
    before = stored()
    assert fleet.ingest(ahead, received_at=at(0.5)).duplicate == 1
    assert fleet.ingest(ahead, ahead, received_at=at(4)).duplicate == 2
    assert stored() == before
    # and the next message with a right time takes the flag away
    fleet.ingest(message(10, status="tilted"), received_at=at(10))
    assert not Device.objects.get(code="MC-001").clock_skewed


def test_several_messages_with_a_clock_ahead_keep_their_order(fleet):
    # given a message whose time lies a little ahead, within reason
    fleet.ingest(message(4, status="normal"))
    # when the clock runs further ahead and three messages come in one batch, the newest first
    result = fleet.ingest(
        message(32, metrics={"tilt": 3}), message(31, metrics={"tilt": 2}), message(30, status="tilted")
    )
    # then none is lost, none counts as history, the newest is the latest
    assert result.accepted == 3
    assert LatestValue.objects.get(metric="tilt").value == 3
    assert Alarm.objects.get().active
    assert Device.objects.get(code="MC-001").status == "tilted"


def test_a_late_sample_does_not_overwrite_the_latest(fleet):
    fleet.ingest(message(0, status="normal", metrics={"tilt": 2}))
    fleet.ingest(message(-10, status="normal", metrics={"tilt": 1}), received_at=at(1))
    assert LatestValue.objects.get(metric="tilt").value == 2
    assert Reading.objects.filter(metric="tilt").count() == 2
    assert Device.objects.get(code="MC-001").last_seen_at == NOW


def test_a_batch_counts_in_the_order_of_its_times(fleet):
    # when the newer message stands first
    fleet.ingest(message(-1, status="normal"), message(-5, status="tilted"))
    # then the alarm was raised and is over
    alarm = Alarm.objects.get()
    assert (alarm.raised_at, alarm.cleared_at, alarm.late) == (at(-5), at(-1), False)


def test_one_failure_takes_everything_back(fleet):
    # given that the evidence of the alarms cannot be stored
    before = stored()
    with (
        mock.patch.object(alarm_writes, "evidence_add_many", side_effect=RuntimeError("disk full")),
        pytest.raises(RuntimeError),
    ):
        # when two alarms come in one batch
        fleet.ingest(message(status="tilted"), message(device="TB-001", metrics={"fill": 0.9}))
    # then nothing at all is stored
    assert stored() == before


def statements(fleet, count):
    batch = [message(-minute, device=code, status="normal", metrics={"battery": 90, "x": minute})
             for minute in range(count) for code in ("MC-001", "TB-001")]  # fmt: skip
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert fleet.ingest(*batch).accepted == 2 * count
    return len(captured)


def test_the_statements_of_a_batch_do_not_grow_with_it(fleet):
    statements(fleet, 1)  # the first one reads the profiles
    Reading.objects.all().delete()
    LatestValue.objects.all().delete()
    small = statements(fleet, 1)
    Reading.objects.all().delete()
    LatestValue.objects.all().delete()
    assert statements(fleet, 400) == small <= 12
