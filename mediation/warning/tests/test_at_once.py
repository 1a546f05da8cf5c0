"""Two runs of the nightly work at the same moment: real processes with connections of their own."""

import json
import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import pytest
from django.db import connection

from conftest import build_city
from governance.models import Event
from mediation.models import EarlyWarning, HotIssue
from mediation.warning.tests.test_issues import PARKING, STATION
from mediation.warning.tests.test_watching import TODAY, a_watch, kind, signals

TYPES = [f"type-{number}" for number in range(30)]
# Another process: does what it is told when it is told to begin, and says what came of it.
RUNNER = """
import json, sys, django
django.setup()
from datetime import date, timedelta
from governance.models import Area, User
from mediation.models import DisputeType, WarningWatch
from mediation.warning.issues import issues_work_out
from mediation.warning.keeping import Found, warning_found
told = json.loads(sys.stdin.readline())
day, actor = date.fromisoformat(told["day"]), User.objects.system("early-warning")
watch, place = WarningWatch.objects.first(), Area.objects.get(code="990102001001")
types = list(DisputeType.objects.filter(code__startswith="type-").order_by("code").values_list("pk", flat=True))
issues_work_out(day - timedelta(days=1000))
print("ready", flush=True)
sys.stdin.readline()
if told["what"] == "warn":
    for pk in types:
        warning_found(watch, Found("scan", "reports", pk, [place], day, 9, 0.5, 400.0, []), day=day, actor=actor)
else:
    for _number in range(10):
        issues_work_out(day)
print("done", flush=True)
"""


def at_once(what: str) -> None:
    """Let two processes do the same, both beginning at once."""
    where = connection.get_connection_params()
    host = quote(where.get("host") or "", safe="")
    address = f"postgresql://{where.get('user', '')}@:{where.get('port') or 5432}/{where['dbname']}?host={host}"
    surroundings = {
        **os.environ, "DATABASE_URL": address, "PGPASSWORD": where.get("password") or "",
        "DJANGO_SETTINGS_MODULE": "governance.config.settings",
    }  # fmt: skip
    runners = [
        subprocess.Popen([sys.executable, "-c", RUNNER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                         env=surroundings, cwd=Path(__file__).parents[3])
        for _number in range(2)
    ]  # fmt: skip
    for line in (json.dumps({"what": what, "day": TODAY.isoformat()}) + "\n", "\n"):
        for runner in runners:
            runner.stdin.write(line)
            runner.stdin.flush()
        if line != "\n":
            assert [runner.stdout.readline() for runner in runners] == ["ready\n"] * 2
    assert [runner.communicate(timeout=120)[0] for runner in runners] == ["done\n"] * 2


@pytest.mark.processes
@pytest.mark.django_db(transaction=True)
def test_two_runs_of_a_night_raise_each_warning_once():
    a_watch(build_city())
    for code in TYPES:
        kind(code)
    at_once("warn")
    assert EarlyWarning.objects.count() == len(TYPES)
    assert Event.objects.filter(name="warning.raised").count() == len(TYPES)


@pytest.mark.processes
@pytest.mark.django_db(transaction=True)
def test_two_runs_over_hot_issues_leave_each_once():
    city = build_city()
    for text in [*STATION, *PARKING]:
        signals(city.area("community"), [TODAY], text=text)
    at_once("group")
    assert HotIssue.objects.count() == 2
