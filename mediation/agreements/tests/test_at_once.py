"""Two people work on the same agreement at the same moment: real processes with connections of their own."""

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
from governance.models import Event
from mediation.agreements.tests.deals import drafted, parties, signed
from mediation.models import Agreement, Dispute, JudicialConfirmation
from mediation.tests.county import NOW, build_county

# Another process: reads which steps to carry out, does them when told to, and says the state or the refusal of each.
WORKER = """
import json, sys, django
django.setup()
from governance.errors import Refused
from governance.models import User
from governance.workflow import act
from mediation.models import Agreement, Dispute, Party
todo = json.loads(sys.stdin.readline())
actor = User.objects.get(username="village_mediator")
print("ready", flush=True)
sys.stdin.readline()
answers = []
for kind, pk, name, given in todo:
    model = Dispute if kind == "dispute" else Agreement
    if "party" in given:
        given["party"] = Party.objects.get(pk=given["party"])
    try:
        answers.append(act(model.objects.get(pk=pk), name, actor=actor, **given).state)
    except Refused as error:
        answers.append(error.code)
print(json.dumps(answers), flush=True)
"""


def at_once(*lists) -> list[list[str]]:
    """Let a process of its own carry out each list of steps, all beginning at once; return what each was answered."""
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
        for _todo in lists
    ]  # fmt: skip
    for worker, todo in zip(workers, lists, strict=True):
        worker.stdin.write(json.dumps(todo) + "\n")
        worker.stdin.flush()
    assert [worker.stdout.readline() for worker in workers] == ["ready\n"] * len(lists)
    for worker in workers:
        worker.stdin.write("\n")
        worker.stdin.flush()
    return [json.loads(worker.communicate(timeout=120)[0]) for worker in workers]


@pytest.mark.processes
@pytest.mark.django_db(transaction=True)
def test_signing_sealing_and_ending_at_the_same_moment():
    with time_machine.travel(NOW, tick=False):
        county = build_county(build_city())
        # given drafts whose two parties sign at once, and agreements sealed by one while another ends the mediation
        drafts = [drafted(county) for _ in range(4)]
        sealed = [signed(county, drafted(county)) for _ in range(4)]
    end = {"ground": "no_agreement", "how": "oral"}
    steps = [
        [["agreement", row.pk, "sign_party", {"party": parties(row.dispute)[n].pk}] for row in drafts] for n in (0, 1)
    ]
    steps[0] += [["agreement", row.pk, "seal", {}] for row in sealed]
    steps[1] += [["dispute", row.dispute_id, "terminate", end] for row in sealed]

    # when both work at once
    answers = at_once(*steps)

    # then nobody waited in a ring; whoever signed last completed it, once; each dispute was agreed or ended, not both
    assert "error" not in str(answers)
    assert {Agreement.objects.get(pk=row.pk).state for row in drafts} == {"signed_by_parties"}
    assert Event.objects.filter(name="mediation_agreement.signed_by_parties").count() == len(drafts) + len(sealed)
    for row in sealed:
        states = Agreement.objects.get(pk=row.pk).state, Dispute.objects.get(pk=row.dispute_id).state
        assert states in [("effective", "agreed"), ("discarded", "terminated")]
        assert JudicialConfirmation.objects.filter(agreement=row).exists() == (states[0] == "effective")
