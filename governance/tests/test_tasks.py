import contextlib
import os
import subprocess
import sys
import time
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.contrib.sessions.models import Session
from django.core.management.base import CommandError
from django.db import connection
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from governance import heartbeats, tasks
from governance.management.commands import worker
from governance.models import IdempotencyRecord


@pytest.mark.django_db
def test_old_answers_are_forgotten_and_younger_ones_kept(monkeypatch):
    # given five old answers and a young one, deleted two at a time
    monkeypatch.setattr(tasks, "PURGE_AT_ONCE", 2)
    for number in range(6):
        IdempotencyRecord.objects.create(scope="user:1", key=str(number), digest="x")
    IdempotencyRecord.objects.exclude(key="0").update(created_at=timezone.now() - timedelta(hours=49))
    # when the job runs twice
    assert [tasks.purge_idempotency(0), tasks.purge_idempotency(0)] == [5, 0]
    # then the young one is left
    assert list(IdempotencyRecord.objects.values_list("key", flat=True)) == ["0"]


@pytest.mark.django_db
def test_expired_sessions_are_deleted():
    for key, hours in (("old", -1), ("young", 1)):
        Session.objects.create(session_key=key, session_data="", expire_date=timezone.now() + timedelta(hours=hours))
    tasks.purge_sessions(0)
    assert list(Session.objects.values_list("session_key", flat=True)) == ["young"]


def run_jobs():
    with app.replace_connector(app.connector.get_worker_connector()):
        app.run_worker(wait=False, install_signal_handlers=False, listen_notify=False, delete_jobs="never")


@pytest.mark.django_db(transaction=True)
def test_a_job_of_a_killed_worker_runs_again():
    # given a job that a worker took, which then died: it has not beaten for a minute
    killed = tasks.purge_sessions.defer(timestamp=0)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '1 minute') RETURNING id"
        )
        cursor.execute(
            "UPDATE procrastinate_jobs SET status = 'doing', worker_id = %s WHERE id = %s",
            [cursor.fetchone()[0], killed],
        )
    # when a new worker looks for stalled jobs and works on
    tasks.retry_stalled.defer(timestamp=0)
    run_jobs()
    # then it was done
    assert ProcrastinateJob.objects.get(pk=killed).status == "succeeded"


@pytest.mark.django_db(transaction=True)
def test_finished_jobs_are_let_go_after_some_days():
    # given a job that ended well four days ago and one that did so now
    old = tasks.purge_sessions.defer(timestamp=0)
    run_jobs()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_events SET at = now() - interval '4 days' WHERE job_id = %s", [old])
    young = tasks.purge_sessions.defer(timestamp=1)
    run_jobs()
    # when the job of cleaning up runs
    tasks.purge_jobs.defer(timestamp=0)
    run_jobs()
    # then only the younger is left (jobs of other tests may stand beside it: the tables are procrastinate's own)
    assert list(ProcrastinateJob.objects.filter(pk__in=[old, young]).values_list("pk", flat=True)) == [young]


def test_every_job_that_comes_by_itself_has_its_times():
    # given the jobs that are queued once at most, which are those that the clock brings
    ours = {name for name, task in app.tasks.items() if task.queueing_lock and not name.startswith("builtin")}
    # then each of them has its times: one that lost them in a merge would never run, and nobody would be told
    periodic = {name for name, _id in app.periodic_registry.periodic_tasks}
    assert len(ours) > 20
    assert ours == periodic


@pytest.mark.processes
@pytest.mark.django_db(transaction=True)
def test_the_worker_works_says_so_and_stops_in_order():
    # given a worker process on this database
    database = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}").geturl()
    process = subprocess.Popen([sys.executable, "manage.py", "worker"], env=os.environ | {"DATABASE_URL": database})
    try:
        # when a job is deferred
        job = tasks.purge_sessions.defer(timestamp=0)
        # then it is done, and the worker is known to be alive
        wait_until(lambda: ProcrastinateJob.objects.get(pk=job).status == "succeeded")
        wait_until(lambda: heartbeats.is_alive("worker"))
        # and a signal ends it in order
        process.terminate()
        assert process.wait(timeout=30) == 0
    finally:
        process.kill()
        process.wait()


class EndedByItself:
    """A procrastinate app whose worker gives up, as it does when the database stays away."""

    @contextlib.asynccontextmanager
    async def open_async(self):
        yield

    async def run_worker_async(self, **options):
        return None


async def test_a_worker_that_gave_up_says_so_for_the_supervisor_to_start_it_again(monkeypatch):
    monkeypatch.setattr(worker, "app", EndedByItself())
    monkeypatch.setattr(worker, "_beat", lambda: None)
    with pytest.raises(CommandError):
        await worker.work(1)


def wait_until(condition, seconds=90):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)
