"""Two mediators report signals of one event at the same moment: real processes with connections of their own."""

import pytest
import time_machine

from conftest import build_city
from governance.testing import processes_at_once
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
    answers = processes_at_once(WORKER,
        ["village_mediator", [row.pk for row in heads]], ["colleague", [row.pk for row in repeats]],
    )  # fmt: skip

    # then each event is one hazard: who came second is told so
    for both in zip(*answers, strict=True):
        assert sorted(answer == "already" for answer in both) == [False, True], answers
    assert Hazard.objects.count() == 6
    for head, again in zip(heads, repeats, strict=True):
        head.refresh_from_db(), again.refresh_from_db()
        assert head.hazard_id == again.hazard_id is not None
