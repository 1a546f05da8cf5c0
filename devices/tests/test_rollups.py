"""Hourly roll-ups against a plain count; weeks of readings that go, and that stay."""

import threading
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from procrastinate.contrib.django import app

from cases.tests.api import client_of
from devices import tasks
from devices.models import ProfileMetric, Reading, ReadingHour, ReadingRetention, RollUpMark, RollUpProgress
from devices.partitions import partitions_ensure
from devices.profile_rules import forget_rules
from devices.retention import Partition, partition_drop, partitions, readings_drop
from devices.rollups import rollups_make
from devices.tests.fleet import NOW, at, message
from governance.configuration import configuration_save
from governance.errors import Conflict, NotPermitted
from governance.models import Event

HOUR = timedelta(hours=1)


def rolled() -> dict:
    return {
        (row.device_id, row.metric, row.hour): (row.low, pytest.approx(row.mean), row.high, row.count)
        for row in ReadingHour.objects.all()
    }


def counted(until: datetime) -> dict:
    """A plain second opinion: the good figures of all hours before ``until``."""
    hours = defaultdict(list)
    for row in Reading.objects.filter(value__isnull=False, quality=None, at__lt=until):
        hours[row.device_id, row.metric, row.at.replace(minute=0, second=0, microsecond=0)].append(row.value)
    return {key: (min(found), sum(found) / len(found), max(found), len(found)) for key, found in hours.items()}


SENT = st.lists(
    st.tuples(
        st.sampled_from(["MC-001", "TB-001"]),
        st.sampled_from([-3000, -125, -119, -61, -60, -59, -1, 0, 3]),
        st.sampled_from(["tilt", "depth"]),
        st.sampled_from([0.0, 1.5, 7.0, 999.0]),
    ),
    max_size=6,
)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=st.lists(st.tuples(st.sampled_from([1, 20, 61, 300, 3000]), SENT, st.booleans()), min_size=1, max_size=6))
def test_hours_are_what_a_plain_count_says(fleet, steps):
    ProfileMetric.objects.filter(metric="tilt").update(valid_max=180)
    forget_rules()
    now = 0
    with transaction.atomic():
        for minutes, batch, job in steps:
            now += minutes
            messages = [
                message(now + offset, device, metrics={metric: value}) for device, offset, metric, value in batch
            ]
            fleet.ingest(*messages, received_at=at(now))
            if job:
                rollups_make(now=at(now))
        rollups_make(now=at(now + 70))
        until = RollUpProgress.objects.get().covered_until
        assert until > at(now)
        assert rolled() == counted(until)
        assert not RollUpMark.objects.exists()
        # again, it does nothing
        assert rollups_make(now=at(now + 70)) == 0
        transaction.set_rollback(True)
    forget_rules()


def test_an_hour_is_made_when_it_is_over_and_settled(fleet):
    fleet.ingest(message(-1, metrics={"tilt": 2}), message(1, metrics={"tilt": 3}), received_at=at(1))
    rollups_make(now=at(4))
    assert not ReadingHour.objects.filter(hour__gte=at(-60)).exists()
    rollups_make(now=at(6))
    assert [row.hour for row in ReadingHour.objects.all()] == [at(-60)]
    assert RollUpProgress.objects.get().covered_until == at(0)


def test_a_job_that_was_killed_goes_on_where_it_was(fleet, monkeypatch):
    # given readings of three days, and a job that dies after its first piece
    for day in (-3, -2, -1):
        fleet.ingest(message(60 * 24 * day, metrics={"tilt": day + 5}))
    monkeypatch.setattr("devices.rollups._make_marked", lambda: (_ for _ in ()).throw(KeyboardInterrupt))
    monkeypatch.setattr("devices.rollups.PIECE", timedelta(hours=30))
    with pytest.raises(KeyboardInterrupt):
        rollups_make(now=at(10))
    monkeypatch.undo()
    # when it runs again, then all is there once
    rollups_make(now=at(10))
    assert rolled() == counted(at(0))


def test_ingest_marks_each_late_hour_of_a_batch_once_and_no_other(fleet):
    for minute, marks in [(1, []), (3, []), (-70, [("TB-001", at(-120))])]:
        messages = [message(minute + n / 60, "TB-001", metrics={"fill": 0.1}) for n in range(30)]
        fleet.ingest(*messages, received_at=at(max(minute, 3)))
        assert list(RollUpMark.objects.values_list("device__code", "hour")) == marks
    # status words are no part of the hours
    fleet.ingest(message(-300, "TB-001", status="normal"))
    assert RollUpMark.objects.count() == 1


@pytest.fixture
def week(fleet) -> Partition:
    """A week with readings that are past their time, rolled up."""
    monday = datetime(2026, 7, 27, tzinfo=UTC)
    Reading.objects.bulk_create(
        Reading(device=fleet.cover, metric=metric, at=monday + n * HOUR / 2, value=n, text=text, received_at=monday)
        for n in range(8)
        for metric, text in (("tilt", ""), ("depth", ""))
    )
    Reading.objects.create(device=fleet.cover, metric="status", at=monday, text="normal", received_at=monday)
    partitions_ensure(now=NOW)
    rollups_make(now=NOW)
    return next(one for one in partitions() if one.since == monday)


def names() -> list[str]:
    return [one.name for one in partitions()]


def test_weeks_past_their_time_go_whole_and_their_hours_stay(fleet, week):
    rule = ReadingRetention.objects.create(starts_on=date(2026, 1, 1), raw_days=90)
    hours, others = rolled(), [name for name in names() if name != week.name]
    fleet.ingest(message(metrics={"tilt": 1}))

    assert readings_drop(now=NOW) == [week.name]

    assert names() == others
    assert Reading.objects.count() == 1
    assert len(hours) == 8 and rolled() == hours
    event = Event.objects.get(name="readings.dropped")
    assert (event.subject_id, event.payload["partition"], event.payload["readings"]) == (rule.pk, week.name, 17)
    assert readings_drop(now=NOW) == []


@pytest.mark.parametrize(("raw_days", "goes"), [(None, True), (90, True), (3660, False)])
def test_how_long_is_data(fleet, week, raw_days, goes):
    if raw_days:
        ReadingRetention.objects.create(starts_on=date(2026, 1, 1), raw_days=raw_days)
    ReadingRetention.objects.create(starts_on=date(2027, 1, 1), raw_days=90)
    assert (readings_drop(now=NOW) == [week.name]) is goes


def test_a_week_waits_until_the_last_late_message_can_have_come(fleet, week):
    over = week.until + timedelta(days=91)
    assert readings_drop(now=over - timedelta(seconds=1)) == []
    assert readings_drop(now=over) == [week.name]


def test_what_the_hours_lack_is_made_before_the_week_goes(fleet, week):
    kept = rolled()
    ReadingHour.objects.filter(metric="depth").delete()
    assert readings_drop(now=NOW) == [week.name]
    assert rolled() == kept


def test_a_week_that_cannot_be_rolled_up_stays(fleet, week, monkeypatch):
    ReadingHour.objects.all().delete()
    monkeypatch.setattr("devices.retention.rollups_make", lambda: 0)
    with pytest.raises(Conflict) as refused, transaction.atomic():
        partition_drop(week)
    assert refused.value.code == "not_rolled_up"
    assert readings_drop(now=NOW) == []
    assert week.name in names() and Reading.objects.count() == 17
    assert not Event.objects.filter(name="readings.dropped").exists()


@pytest.mark.django_db(transaction=True)
def test_a_week_is_not_dropped_over_somebody_who_reads(fleet, week):
    holding, done = threading.Event(), threading.Event()

    def read():
        with transaction.atomic():
            Reading.objects.count()
            holding.set()
            done.wait(30)
        connection.close()

    reader = threading.Thread(target=read)
    reader.start()
    assert holding.wait(30)
    try:
        with pytest.raises(Conflict) as refused:
            partition_drop(week)
    finally:
        done.set()
        reader.join()
    assert refused.value.code == "busy"
    assert week.name in names()
    partition_drop(week)
    assert week.name not in names()


def test_what_holds_already_does_not_change(fleet):
    admin = fleet.city.user("administrator")
    begun = ReadingRetention.objects.create(starts_on=date(2026, 1, 1), raw_days=90)
    begun.raw_days = 120
    with pytest.raises(Conflict):
        configuration_save(begun, actor=admin, changed=["raw_days"])
    with pytest.raises(Conflict):
        configuration_save(ReadingRetention(starts_on=date(2026, 2, 1), raw_days=90), actor=admin, changed=[])
    for role in ("operations_centre", "dispatcher", "grid_worker", "resident"):
        with pytest.raises(NotPermitted):
            configuration_save(
                ReadingRetention(starts_on=date(2099, 1, 1), raw_days=120), actor=fleet.city.user(role), changed=[]
            )
    assert ReadingRetention.objects.get().raw_days == 120 - 30
    configuration_save(ReadingRetention(starts_on=date(2099, 1, 1), raw_days=120), actor=admin, changed=[])
    new = ReadingRetention.objects.get(starts_on=date(2099, 1, 1))
    new.raw_days = 200
    configuration_save(new, actor=admin, changed=["raw_days"])
    assert ReadingRetention.objects.in_force(date(2099, 1, 2)).raw_days == 200


def test_the_jobs_are_periodic(fleet, week):
    assert tasks.roll_up(0) >= 0 and tasks.drop_readings(0) == 1
    crons = {task.task.name: task.cron for task in app.periodic_registry.periodic_tasks.values()}
    assert crons["devices.roll_up"] == "*/10 * * * *" and crons["devices.drop_readings"] == "37 18 * * *"


STAFF = [
    "administrator", "operations_centre", "registrar", "dispatcher", "handler", "supervisor", "grid_worker",
    "community_staff",
]  # fmt: skip
HISTORY = "/api/v1/devices/MC-001/history/"


@pytest.mark.parametrize("role", [role for role in STAFF if role != "supervisor"])
def test_who_sees_a_device_sees_its_past(fleet, role):
    fleet.ingest(message(-30, metrics={"tilt": 3}), message(-20, metrics={"tilt": 4}))
    client = client_of(fleet.city.user(role))
    asked = {"metric": "tilt", "from": at(-60).isoformat(), "to": at(0).isoformat()}
    body = client.get(HISTORY, asked).json()
    assert (body["metric"], body["label"], body["unit"]) == ("tilt", "倾角", "°")
    assert [(point["min"], point["mean"], point["max"], point["count"]) for point in body["points"]] == [
        (3, 3, 3, 1), (4, 4, 4, 1)
    ]  # fmt: skip
    far = client.get(HISTORY.replace("MC-001", "MC-900"), asked)
    assert far.status_code == (404 if role in ("grid_worker", "community_staff") else 200)


@pytest.mark.parametrize("who", ["resident", "supervisor", None])  # it is not the supervisor's unit's
def test_nobody_else_does(fleet, who):
    client = client_of(who and fleet.city.user(who))
    assert client.get(HISTORY, {"metric": "tilt"}).status_code in (401, 403, 404)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({}, "metric"),
        ({"metric": "Tilt!"}, "metric"),
        ({"metric": "tilt", "from": "yesterday"}, "from"),
        ({"metric": "tilt", "from": "2026-11-23T00:00:00Z", "to": "2026-11-22T00:00:00Z"}, "to"),
        ({"metric": "tilt", "from": "2001-11-23T00:00:00Z"}, "from"),
    ],
)
def test_bad_questions_name_their_field(fleet, query, field):
    response = client_of(fleet.city.user("dispatcher")).get(HISTORY, query)
    assert response.status_code == 400
    assert response.json()["errors"][0]["attr"] == field
