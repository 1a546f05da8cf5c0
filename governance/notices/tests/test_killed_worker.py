"""A worker killed while it sends, with real processes.

What holds: everything that happened is told, also what happened while no worker ran. A message that the service took
but whose sending was not stored yet is sent once more when its lease is over (at least once); every other goes out
exactly once.
"""

import contextlib
import os
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from conftest import build_city
from governance.models import Delivery, Notice, NoticeCursor
from governance.notices.tests.conftest import channel, load_shipped, rule


@contextlib.contextmanager
def a_worker() -> Iterator[subprocess.Popen]:
    """The worker as the supervisor starts it, on this test's database; killed at the end if it still runs."""
    database = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}").geturl()
    environment = os.environ | {"DATABASE_URL": database, "NOTICE_INTERNAL_HOSTS": "127.0.0.1"}
    process = subprocess.Popen([sys.executable, "manage.py", "worker"], cwd=settings.BASE_DIR, env=environment)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def until(condition, seconds=60) -> None:
    for _ in range(seconds * 50):
        if condition():
            return
        threading.Event().wait(0.02)
    raise AssertionError("it did not happen")


@pytest.mark.processes
@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_while_it_sends_loses_nothing_and_repeats_only_what_was_in_flight(transactional_db, service):
    # given a group that is told of each dispatch, and a service that takes the third message but does not answer
    city = build_city()
    load_shipped()
    rule(recipient="channel", role="", part="", channel=channel(city, service.address))
    service.wait, service.hangs_from = threading.Event(), 3
    with a_worker() as first:
        until(NoticeCursor.objects.exists)
        cases = [city.open() for _ in range(5)]
        until(lambda: len(service.bodies) == 3)
        in_flight = Delivery.objects.get(state="sending")
        # when the worker is killed in the middle, and more happens before the next one starts
        first.kill()
        assert first.wait() == -9
    cases += [city.open() for _ in range(2)]
    service.wait.set()
    with a_worker():
        # then all others are sent, and what was in flight is left alone for as long as its sender might live
        until(lambda: Delivery.objects.filter(state="sent").count() == 6)
        assert Delivery.objects.get(pk=in_flight.pk).state == "sending" and len(service.bodies) == 7
        # and when that time is over it goes out too
        Delivery.objects.filter(pk=in_flight.pk).update(next_try_at=timezone.now())
        until(lambda: Delivery.objects.filter(state="sent").count() == 7)
    told = Counter(case.number for case in cases for body in service.bodies if case.number in str(body))
    repeated = next(case.number for case in cases if case.number in in_flight.title + in_flight.body)
    assert told == {case.number: 1 + (case.number == repeated) for case in cases}
    assert dict(Delivery.objects.values_list("pk", "attempts")) == {
        row.pk: 1 + (row.pk == in_flight.pk) for row in Delivery.objects.all()
    }
    # in the product everybody was told of each once
    told = Counter(Notice.objects.values_list("event", "person"))
    assert told and set(told.values()) == {1}
