"""Two mediators report signals of one event at the same moment: real processes with connections of their own."""

import json
import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import pytest
import time_machine
from django.db import connection

from conftest import build_city
from mediation.models import Hazard, Signal
from mediation.tests.county import NOW, build_county

# Another process: reads which signals to report, does it when told to, and says the hazard or the refusal of each.
WORKER = """
import json, sys, django
django.setup()
from governance.errors import Refused
from governance.models import User
from mediation.models import Signal
from mediation.prevention.signals import signal_report
who, todo = json.loads(sys.stdin.readline())
actor = User.objects.get(username=who)
print("ready", flush=True)
sys.stdin.readline()
answers = []
for pk in todo:
    try:
        answers.append(signal_report(Signal.objects.get(pk=pk), actor=actor).number)
    except Refused as error:
        answers.append(error.code)
print(json.dumps(answers), flush=True)
"""


def at_once(*tasks) -> list[list[str]]:
    """Let a process of its own report each list of signals, all beginning at once; return what each was answered."""
    where = connection.get_connection_params()
    host = quote(where.get("host") or "", safe="")
    address = f"postgresql://{where.get('user', '')}@:{where.get('port') or 5432}/{where['dbname']}?host={host}"
    surroundings = {
        **os.environ, "DATABASE_URL": address, "PGPASSWORD": where.get("password") or "",
        "DJANGO_SETTINGS_MODULE": "governance.config.settings",
    }  # fmt: skip
    workers = [
        subprocess.Popen([sys.executable, "-c", WORKER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                         env=surroundings, cwd=Path(__file__).parents[3])
        for _task in tasks
    ]  # fmt: skip
    for worker, task in zip(workers, tasks, strict=True):
        worker.stdin.write(json.dumps(task) + "\n")
        worker.stdin.flush()
    assert [worker.stdout.readline() for worker in workers] == ["ready\n"] * len(tasks)
    for worker in workers:
        worker.stdin.write("\n")
        worker.stdin.flush()
    return [json.loads(worker.communicate(timeout=120)[0]) for worker in workers]


@pytest.mark.processes
@pytest.mark.django_db(transaction=True)
def test_one_event_becomes_one_hazard_whoever_reports_it():
    with time_machine.travel(NOW, tick=False):
        county = build_county(build_city())
        # given six events, each of two signals
        given = {"channel": "hotline", "area": county.area("community"), "event_date": "2026-05-01",
                 "received_at": "2026-05-01T08:00+08:00", "text": "两家为漏水吵了三次",
                 "type": county.type()}  # fmt: skip
        heads = [Signal.objects.create(**given) for _ in range(6)]
        repeats = [Signal.objects.create(**given, duplicate_of=head) for head in heads]

    # when one mediator reports the first of each and another what repeats it, at the same moment
    answers = at_once(
        ["village_mediator", [row.pk for row in heads]], ["colleague", [row.pk for row in repeats]],
    )  # fmt: skip

    # then each event is one hazard: who came second is told so
    for both in zip(*answers, strict=True):
        assert sorted(answer == "already" for answer in both) == [False, True], answers
    assert Hazard.objects.count() == 6
    for head, again in zip(heads, repeats, strict=True):
        head.refresh_from_db(), again.refresh_from_db()
        assert head.hazard_id == again.hazard_id is not None
