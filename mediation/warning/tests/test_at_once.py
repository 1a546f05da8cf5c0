"""Two runs of the nightly work at the same moment: real processes with connections of their own."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, connections, transaction

from conftest import build_city
from governance.models import Event
from governance.testing import processes_at_once
from mediation.models import EarlyWarning, HotIssue
from mediation.warning.issues import issues_work_out
from mediation.warning.tests.test_issues import PARKING, STATION
from mediation.warning.tests.test_watching import TODAY, a_watch, kind, signals

TYPES = [f"type-{number}" for number in range(30)]
# Another process: does what it is told when it is told to begin, and says what came of it.
RUNNER = """
import json, sys, django
django.setup()
from datetime import date
from governance.models import Area, User
from mediation.models import DisputeType, WarningWatch
from mediation.warning.issues import issues_work_out
from mediation.warning.keeping import Found, warning_found
told = json.loads(sys.stdin.readline())
day, actor = date.fromisoformat(told["day"]), User.objects.system("early-warning")
watch, place = WarningWatch.objects.first(), Area.objects.get(code="990102001001")
types = list(DisputeType.objects.filter(code__startswith="type-").order_by("code").values_list("pk", flat=True))
print("ready", flush=True)
sys.stdin.readline()
if told["what"] == "warn":
    for pk in types:
        warning_found(watch, Found("scan", "reports", pk, [place], day, 9, 0.5, 400.0, []), day=day, actor=actor)
else:
    issues_work_out(day)
print(json.dumps("done"), flush=True)
"""


def at_once_elsewhere(told: dict) -> list:
    """Let two processes do the same, from a thread of its own."""
    try:
        return processes_at_once(RUNNER, told, told)
    finally:
        connections.close_all()


def until_both_wait() -> None:
    """Return once two others wait for a lock of this database."""
    for _try in range(1200):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_stat_clear_snapshot()")  # else a transaction sees what it saw first
            cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                           " AND wait_event_type = 'Lock'")  # fmt: skip
            if cursor.fetchone()[0] == 2:
                return
        time.sleep(0.05)
    raise AssertionError("nobody waits")


@pytest.mark.processes
@pytest.mark.django_db(transaction=True)
def test_two_runs_of_a_night_raise_each_warning_once():
    a_watch(build_city())
    for code in TYPES:
        kind(code)
    told = {"what": "warn", "day": TODAY.isoformat()}
    assert processes_at_once(RUNNER, told, told) == ["done", "done"]
    assert EarlyWarning.objects.count() == len(TYPES)
    assert Event.objects.filter(name="warning.raised").count() == len(TYPES)


@pytest.mark.processes
@pytest.mark.django_db(transaction=True)
def test_two_runs_over_hot_issues_leave_each_once():
    city = build_city()
    for text in [*STATION, *PARKING]:
        signals(city.area("community"), [TODAY], text=text)
    # given the issues of the night before, and two runs that both find them and wait: somebody reads them for an update
    assert issues_work_out(TODAY) == 2
    told = {"what": "group", "day": TODAY.isoformat()}
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            list(HotIssue.objects.select_for_update())
            runs = pool.submit(at_once_elsewhere, told)
            until_both_wait()
        # when both may go on, then what one made the other replaces
        assert runs.result(120) == ["done", "done"]
    assert HotIssue.objects.count() == 2
