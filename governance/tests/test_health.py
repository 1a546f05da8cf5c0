import json
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection
from django.test import RequestFactory
from django.utils import timezone

from governance import health, heartbeats
from governance.live.application import LiveApplication
from governance.models import Heartbeat
from governance.tests.live_clients import live

ASK = RequestFactory()


@pytest.fixture
def everything_works(db):
    for process in health.PROCESSES:
        heartbeats.beat(process)


def ready():
    answer = health.readyz(ASK.get("/readyz"))
    return answer.status_code, json.loads(answer.content)


def test_alive_without_a_database():
    """No ``db`` fixture: a query would fail this test."""
    assert health.healthz(ASK.get("/healthz")).status_code == 200


def test_only_reading_is_answered():
    assert health.healthz(ASK.post("/healthz")).status_code == 405
    assert health.readyz(ASK.post("/readyz")).status_code == 405


def test_an_expected_process_must_live_too(everything_works, settings):
    settings.EXPECTED_PROCESSES = ("mqtt",)
    assert ready()[0] == 503
    heartbeats.beat("mqtt")
    assert ready() == (200, dict.fromkeys(["database", "migrations", "worker", "timers", "live", "mqtt"], True))


def test_ready_when_every_part_works(everything_works):
    assert ready() == (200, dict.fromkeys(["database", "migrations", "worker", "timers", "live"], True))


@pytest.mark.parametrize("process", health.PROCESSES)
def test_not_ready_when_a_process_is_silent(everything_works, process):
    Heartbeat.objects.filter(process=process).update(beat_at=timezone.now() - timedelta(seconds=21))
    status, parts = ready()
    assert status == 503
    assert [name for name, works in parts.items() if not works] == [process]


def test_not_ready_when_a_process_never_beat(everything_works):
    Heartbeat.objects.filter(process="timers").delete()
    assert ready()[0] == 503


def test_not_ready_while_a_migration_is_missing(everything_works, monkeypatch):
    # given the newest migration of cases was not applied
    monkeypatch.setattr(health, "_migrated", set())
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM django_migrations WHERE app = 'cases'"
            " AND name = (SELECT max(name) FROM django_migrations WHERE app = 'cases')"
        )
    # then it is not ready, and looks again each time
    status, parts = ready()
    assert (status, parts["database"], parts["migrations"]) == (503, True, False)
    assert not health._migrated


def test_not_ready_without_a_database(everything_works, monkeypatch):
    def unreachable():
        raise DatabaseError("away")

    with monkeypatch.context() as patched:
        patched.setattr(connection, "ensure_connection", unreachable)
        status, parts = ready()
    assert status == 503
    assert not any(parts.values())


async def ask(application, path, method="GET"):
    sent = []

    async def send(message):
        sent.append(message)

    await application({"type": "http", "path": path, "method": method, "headers": []}, None, send)
    return sent[0]["status"], sent[1]["body"]


async def test_the_live_server_says_that_it_lives():
    application = LiveApplication(None, None)
    assert await ask(application, "/healthz") == (200, b"ok\n")
    assert await ask(application, "/healthz", "HEAD") == (200, b"")
    assert (await ask(application, "/healthz", "POST"))[0] == 405
    assert (await ask(application, "/admin/"))[0] == 404


@pytest.mark.django_db(transaction=True)
async def test_the_live_server_answers_readiness_too():
    async with live() as running:
        status, body = await ask(running.application, "/readyz")
    parts = json.loads(body)
    assert (status, parts["database"], parts["migrations"], parts["worker"]) == (503, True, True, False)


@pytest.mark.django_db(transaction=True)
async def test_the_relay_starts_and_stops_with_the_server():
    started = []

    class Noted:
        async def start(self):
            started.append("start")

        async def stop(self):
            started.append("stop")

    incoming = iter([{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}])

    async def receive():
        return next(incoming)

    async def send(message):
        started.append(message["type"])

    await LiveApplication(Noted(), None)({"type": "lifespan"}, receive, send)
    assert started == ["start", "lifespan.startup.complete", "stop", "lifespan.shutdown.complete"]
