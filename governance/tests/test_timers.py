import multiprocessing
from datetime import timedelta

import pytest
from django.db import OperationalError, connection, connections
from django.utils import timezone

from governance import timers
from governance.models import Heartbeat, Timer

FIRED = []
HOUR = timedelta(hours=1)


@timers.fires("test.note")
def note(timer):
    FIRED.append(timer.key)


@timers.fires("test.fail")
def fail(timer):
    Heartbeat.objects.create(process="half done", beat_at=timezone.now())
    raise RuntimeError("no luck")


@timers.fires("test.beat")
def beat(timer):
    Heartbeat.objects.create(process=timer.key, beat_at=timezone.now())


@timers.fires("test.again")
def again(timer):
    """Set its own key again, as what finds that its time was moved; once."""
    FIRED.append(timer.key)
    if not timer.payload:
        timers.set_timer(timer.key, "test.again", subject_id=1, due_at=timer.due_at + HOUR, payload={"again": True})


@timers.fires("test.again_and_fail")
def again_and_fail(timer):
    again(timer)
    raise RuntimeError("no luck")


@pytest.fixture(autouse=True)
def _nothing_fired():
    FIRED.clear()


def past(seconds=1):
    return timezone.now() - timedelta(seconds=seconds)


@pytest.mark.django_db
def test_a_due_timer_fires_once_and_a_later_one_waits():
    # given one timer due and one in an hour
    timers.set_timer("now", "test.note", subject_id=1, due_at=past())
    timers.set_timer("later", "test.note", subject_id=1, due_at=timezone.now() + timedelta(hours=1))
    # when the loop looks twice
    assert [timers.fire_due(), timers.fire_due()] == [1, 0]
    # then only the first fired, once
    assert FIRED == ["now"]
    assert Timer.objects.get(key="later").fired_at is None


@pytest.mark.django_db
def test_setting_a_key_again_moves_the_open_timer():
    timers.set_timer("k", "test.note", subject_id=1, due_at=past())
    timers.set_timer("k", "test.note", subject_id=1, due_at=timezone.now() + timedelta(hours=1), payload={"a": 1})
    assert timers.fire_due() == 0
    assert Timer.objects.get(key="k").payload == {"a": 1}


@pytest.mark.django_db
def test_a_cancelled_timer_never_fires_and_its_key_can_be_set_again():
    timers.set_timer("k", "test.note", subject_id=1, due_at=past())
    timers.cancel_timer("k")
    assert timers.fire_due() == 0
    timers.set_timer("k", "test.note", subject_id=1, due_at=past())
    assert timers.fire_due() == 1
    assert Timer.objects.filter(key="k").count() == 2


@pytest.mark.django_db
@pytest.mark.parametrize("past_one", [False, True])
def test_what_a_handler_sets_under_its_own_key_is_another_timer_and_fires_too(past_one):
    # given a timer whose handler sets the same key again, an hour later
    due_at = past(2 * 3600 + 1)
    timers.set_timer("k", "test.again", subject_id=1, due_at=due_at)
    # when it fires, now or played back
    assert timers.fire_past("k", due_at) if past_one else timers.fire_due(1) == 1
    # then the new one is open, has its own time and fires once
    assert FIRED == ["k"]
    fresh = Timer.objects.get(key="k", fired_at=None)
    assert (fresh.due_at, fresh.next_try_at, fresh.payload) == (due_at + HOUR, due_at + HOUR, {"again": True})
    assert [timers.fire_due(), timers.fire_due()] == [1, 0]
    assert FIRED == ["k", "k"] and not Timer.objects.filter(fired_at=None).exists()


@pytest.mark.django_db
def test_a_handler_that_sets_its_key_again_and_fails_leaves_one_timer():
    timers.set_timer("k", "test.again_and_fail", subject_id=1, due_at=past())
    assert timers.fire_due() == 1
    only = Timer.objects.get(key="k")
    assert (only.attempts, only.fired_at, only.payload) == (1, None, {})
    assert only.next_try_at > timezone.now()


@pytest.mark.django_db
def test_a_failing_handler_leaves_nothing_waits_longer_each_time_and_stops_nobody():
    # given a timer whose handler writes and then fails, and a good one
    timers.set_timer("bad", "test.fail", subject_id=1, due_at=past(10))
    timers.set_timer("good", "test.note", subject_id=1, due_at=past(5))
    # when the loop looks
    assert timers.fire_due() == 2
    # then the good one fired, the bad one left nothing behind and tries again in a minute
    assert FIRED == ["good"]
    assert not Heartbeat.objects.exists()
    bad = Timer.objects.get(key="bad")
    assert (bad.attempts, bad.fired_at) == (1, None)
    assert "no luck" in bad.last_error
    assert timedelta(seconds=50) < bad.next_try_at - timezone.now() <= timedelta(seconds=60)
    # and the second time waits longer
    Timer.objects.filter(key="bad").update(next_try_at=past())
    timers.fire_due()
    assert Timer.objects.get(key="bad").next_try_at - timezone.now() > timedelta(seconds=100)


def test_an_unknown_kind_is_refused():
    with pytest.raises(ValueError, match="no handler"):
        timers.set_timer("k", "test.unknown", subject_id=1, due_at=timezone.now())


def _fire_all(barrier, results):
    connections.close_all()
    connection.ensure_connection()
    barrier.wait()
    results.put(timers.fire_due(limit=100))
    connections.close_all()


@pytest.mark.django_db(transaction=True)
@pytest.mark.processes
def test_two_workers_never_fire_the_same_timer():
    # given forty due timers
    for number in range(40):
        timers.set_timer(f"t{number}", "test.beat", subject_id=number, due_at=past())
    connections.close_all()
    # when two real processes fire at once
    context = multiprocessing.get_context("fork")
    barrier, results = context.Barrier(2), context.Queue()
    workers = [context.Process(target=_fire_all, args=(barrier, results)) for _ in range(2)]
    for worker in workers:
        worker.start()
    counts = [results.get(timeout=60) for _ in workers]
    for worker in workers:
        worker.join(60)
    # then each fired exactly once (a second time would break the heartbeat's primary key and leave an error)
    assert sum(counts) == 40
    assert Heartbeat.objects.count() == 40
    assert not Timer.objects.exclude(last_error="").exists()


@pytest.fixture
def rounds(monkeypatch):
    """The rounds of a process that has none registered yet."""
    monkeypatch.setattr(timers, "_rounds", {})
    return timers.Rounds()


def test_a_round_comes_when_its_time_has_come(rounds, monkeypatch):
    # given something to look at every five seconds
    now, seen = [100.0], []
    monkeypatch.setattr(timers.time, "monotonic", lambda: now[0])
    timers.every(5)(seen.append)
    # when the loop comes by after 0, 3 and 5 seconds
    for moment in (100.0, 103.0, 105.0):
        now[0] = moment
        rounds.run_due()
    # then it ran twice, and was told since when this process looks
    assert seen == [rounds.since] * 2


def test_a_failing_round_stops_nothing(rounds):
    seen = []

    @timers.every(5)
    def bad(since):
        raise RuntimeError("no luck")

    timers.every(5)(seen.append)
    rounds.run_due()
    assert seen == [rounds.since]


def test_a_lost_database_is_told_to_the_loop(rounds):
    @timers.every(5)
    def lost(since):
        raise OperationalError("gone")

    with pytest.raises(OperationalError):
        rounds.run_due()
    # and after it the rounds count from anew
    before = rounds.since
    rounds.begin()
    assert rounds.since >= before
