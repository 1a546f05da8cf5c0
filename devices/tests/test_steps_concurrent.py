"""People's steps and timers while devices report: nobody becomes the victim of a deadlock, on real connections."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, connections, transaction
from django.utils import timezone

from conftest import build_city
from devices import services
from devices.alarm_changes import Deadline
from devices.alarm_rows import devices_lock
from devices.alarm_writes import ALARM_DUE, deadlines_set, timer_key
from devices.commands import COMMAND_EXPIRES
from devices.handlers import MERGED
from devices.inhibition import SHELF_ENDS
from devices.life import MAINTENANCE_ENDS
from devices.models import Alarm, Device, DeviceCommand, Inhibition, ProfileStatus, Shelving
from devices.profile_rules import forget_rules
from devices.tests.fleet import at, build_fleet, message
from governance.models import User
from governance.models.timer import Timer
from governance.timers import fire_due, set_timer

pytestmark = pytest.mark.django_db(transaction=True)
# Longer than PostgreSQL waits before it looks for a deadlock (1 s).
LONG = 1.5
HALF = timedelta(seconds=0.5)


@pytest.fixture
def fleet():
    forget_rules()
    yield build_fleet(build_city())
    forget_rules()


def beside(first, second) -> list:
    """Run two functions on connections of their own, at once; return their results. An error of one is raised."""

    def on_its_own(function):
        try:
            return function()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        return [future.result(120) for future in [pool.submit(on_its_own, one) for one in (first, second)]]


def covers(fleet, number: int) -> list[Device]:
    return [
        Device.objects.create(
            code=f"MC-7{n:02}", profile=fleet.cover.profile, gateway=fleet.gateway, area=fleet.cover.area,
            unit=fleet.cover.unit, address="东街", longitude=fleet.cover.longitude, latitude=fleet.cover.latitude,
        )
        for n in range(number)
    ]  # fmt: skip


def stop_after(monkeypatch, number: int) -> tuple[threading.Event, threading.Event]:
    """Let a bulk step wait after so many alarms, for as long as PostgreSQL needs to find a deadlock or until told to
    go on; return what tells that it waits, and what lets it go on."""
    waits, go_on, done, act = threading.Event(), threading.Event(), [], services.act

    def slowly(*args, **given):
        found = act(*args, **given)
        done.append(found)
        if len(done) == number:
            waits.set()
            go_on.wait(LONG)
        return found

    monkeypatch.setattr(services, "act", slowly)
    return waits, go_on


def in_one_transaction(alarms, name: str, actor: str) -> list:
    """Do a bulk step as a request with an Idempotency-Key does."""
    with transaction.atomic():
        return services.alarms_each(alarms, name, actor=User.objects.get(username=actor))


def test_taking_notice_of_many_alarms_at_once_while_their_devices_report(fleet, monkeypatch):
    # given eight covers that are tilted
    codes = [cover.code for cover in covers(fleet, 8)]
    fleet.ingest(*[message(0, code, status="tilted") for code in codes], received_at=at(0))
    waits, go_on = stop_after(monkeypatch, 4)

    def report():
        # in the other order
        waits.wait(30)
        batch = [message(1 + n, code, status="tilted") for n, code in enumerate(reversed(codes))]
        try:
            return fleet.ingest(*batch, received_at=at(9)).accepted
        finally:
            go_on.set()

    # when somebody takes notice of all in one transaction, and all report again meanwhile
    alarms = list(Alarm.objects.all())
    told, accepted = beside(lambda: in_one_transaction(alarms, "acknowledge", "dispatcher"), report)
    # then both are done, whole
    assert [why for _alarm, why in told] == [None] * 8 and accepted == 8
    assert set(Alarm.objects.values_list("state", "count")) == {("acknowledged", 2)}


def test_unshelving_many_alarms_of_a_storm_while_one_more_is_raised(fleet, monkeypatch):
    # given shelved alarms of a type that comes in storms, and a cover after them that is not tilted
    ProfileStatus.objects.filter(code="tilted").update(storm_count=3)
    forget_rules()
    found = covers(fleet, 3)
    actor = User.objects.get(username="dispatcher")
    fleet.ingest(*[message(0, cover.code, status="tilted") for cover in found[:1]], received_at=at(0))
    fleet.ingest(message(0, found[2].code, status="missing"), received_at=at(0))
    for alarm in Alarm.objects.all():
        services.act(alarm, "shelve", actor=actor, until=timezone.now() + timedelta(days=1), reason="施工")
    assert Alarm.objects.filter(inhibited=Inhibition.SHELVED).count() == 2
    Alarm.objects.update(case=None)  # they began while shelved
    waits, go_on = stop_after(monkeypatch, 1)

    def report():
        waits.wait(30)
        try:
            batch = [message(1, cover.code, status="tilted") for cover in found[1:]]
            return fleet.ingest(*batch, received_at=at(1)).accepted
        finally:
            go_on.set()

    # when somebody takes the shelvings back in one transaction, and the last cover is tilted meanwhile
    alarms = list(Alarm.objects.all())
    told, accepted = beside(lambda: in_one_transaction(alarms, "unshelve", "dispatcher"), report)
    # then both are done
    assert [why for _alarm, why in told] == [None] * 2 and accepted == 2
    assert not Shelving.objects.filter(ended_at=None).exists()


def test_a_deadline_that_is_moved_while_it_is_due(fleet):
    # given a deadline that is due
    key = (fleet.cover.pk, "tilted")
    set_timer(timer_key(key), ALARM_DUE, subject_id=key[0], due_at=timezone.now() - timedelta(seconds=1),
              payload={"alarm_type": key[1]})  # fmt: skip
    locked, later = threading.Event(), timezone.now() + timedelta(hours=1)

    def move():
        with transaction.atomic():
            devices_lock([key[0]])
            locked.set()
            fired.wait(0.5)
            deadlines_set([Deadline(key, later)])

    fired = threading.Event()

    def fire():
        locked.wait(30)
        try:
            return fire_due()
        finally:
            fired.set()

    # when a sample moves it while the timers fire it
    beside(move, fire)
    # then it waits for its new time
    timer = Timer.objects.get(key=timer_key(key))
    assert (timer.due_at, timer.fired_at, timer.attempts) == (later, None, 0)


def holding(rows):
    """Begin to hold rows on a connection of its own, as a long transaction would; return what lets them go."""
    held, let_go = threading.Event(), threading.Event()

    def hold():
        try:
            with transaction.atomic():
                list(rows.select_for_update(no_key=True))
                held.set()
                let_go.wait(60)
        finally:
            connections.close_all()

    thread = threading.Thread(target=hold)
    thread.start()
    assert held.wait(30)

    def done():
        let_go.set()
        thread.join()

    return done


def about(fleet, kind: str):
    """Make what a timer of a kind is about; return its key and the rows that are to be locked first."""
    cover, dispatcher, now = fleet.cover, User.objects.get(username="dispatcher"), timezone.now()
    device = Device.objects.filter(pk=cover.pk)
    if kind == SHELF_ENDS:
        return Shelving.objects.create(device=cover, shelved_by=dispatcher, shelved_at=now - HALF, until=now).pk, device
    if kind == COMMAND_EXPIRES:
        given = DeviceCommand.objects.create(device=cover, name="restart", queued_by=dispatcher, expires_at=now)
        return given.pk, DeviceCommand.objects.filter(pk=given.pk)
    if kind == MERGED:
        fleet.ingest(message(0, status="tilted"))
        return Alarm.objects.get().case_id, device
    return cover.pk, device


@pytest.mark.parametrize("kind", [ALARM_DUE, MAINTENANCE_ENDS, SHELF_ENDS, COMMAND_EXPIRES, MERGED])
def test_a_timer_whose_device_somebody_holds_holds_up_no_other(fleet, kind):
    # given a timer about something that somebody holds, due before one about another device
    subject, rows = about(fleet, kind)
    past = timezone.now() - timedelta(seconds=10)
    set_timer("held", kind, subject_id=subject, due_at=past, payload={"alarm_type": "tilted"})
    set_timer("free", ALARM_DUE, subject_id=fleet.bin.pk, due_at=past + HALF, payload={"alarm_type": "full"})
    let_go = holding(rows)
    try:
        # when the timers fire
        with ThreadPoolExecutor(1) as pool:
            assert pool.submit(fired_on_its_own).result(10) >= 2
        # then the other has fired; this one waits for its next turn, which comes in a moment, and nothing failed
        assert Timer.objects.get(key="free").fired_at is not None
        waits = Timer.objects.get(key="held")
        assert (waits.fired_at, waits.attempts, waits.last_error, waits.due_at) == (None, 0, "", past)
        assert waits.next_try_at <= timezone.now() + timedelta(seconds=1)
    finally:
        let_go()
    # and once that is free it fires, once
    Timer.objects.filter(key="held").update(next_try_at=past)
    assert [fire_due(), fire_due()] == [1, 0]
    assert Timer.objects.get(key="held", cancelled_at=None).fired_at is not None


def fired_on_its_own() -> int:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '5s'")
        return fire_due()
    finally:
        connections.close_all()
