"""A party withdraws at the moment in which the agreement is recorded: real processes with connections of their own."""

import json
import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import pytest
from django.db import connection

from conftest import build_city
from mediation.models import Dispute, RoutesTold
from mediation.tests.county import build_county

# Another process: reads what to do with which dispute, does it when told to, and says the state or the refusal of each.
CLERK = """
import json, sys, django
django.setup()
from governance.errors import Refused
from governance.models import User
from governance.workflow import act
from mediation.disputes.consents import party_answer
from mediation.models import Dispute
todo = json.loads(sys.stdin.readline())
actor = User.objects.get(username="village_mediator")
print("ready", flush=True)
sys.stdin.readline()
answers = []
for pk, name in todo:
    dispute = Dispute.objects.get(pk=pk)
    try:
        if name == "withdraw":
            party_answer(dispute.parties.first(), answer="withdrawn")
            answers.append("terminated")
        else:
            answers.append(act(dispute, name, actor=actor).state)
    except Refused as error:
        answers.append(error.code)
print(json.dumps(answers), flush=True)
"""


def at_once(*lists) -> list[list[str]]:
    """Let a process of its own carry out each list, all beginning at once; return what each was answered."""
    where = connection.get_connection_params()
    host = quote(where.get("host") or "", safe="")
    address = f"postgresql://{where.get('user', '')}@:{where.get('port') or 5432}/{where['dbname']}?host={host}"
    surroundings = {
        **os.environ, "DATABASE_URL": address, "PGPASSWORD": where.get("password") or "",
        "DJANGO_SETTINGS_MODULE": "governance.config.settings",
    }  # fmt: skip
    clerks = [
        subprocess.Popen([sys.executable, "-c", CLERK], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                         env=surroundings, cwd=Path(__file__).parents[3])
        for _todo in lists
    ]  # fmt: skip
    for clerk, todo in zip(clerks, lists, strict=True):
        clerk.stdin.write(json.dumps(todo) + "\n")
        clerk.stdin.flush()
    assert [clerk.stdout.readline() for clerk in clerks] == ["ready\n"] * len(lists)
    for clerk in clerks:
        clerk.stdin.write("\n")
        clerk.stdin.flush()
    return [json.loads(clerk.communicate(timeout=120)[0]) for clerk in clerks]


@pytest.mark.processes
@pytest.mark.django_db(transaction=True)
def test_a_dispute_is_either_withdrawn_from_or_agreed():
    county = build_county(build_city())
    keys = [county.mediating().pk for _ in range(8)]
    # when a party withdraws from each while the mediator records each agreement, from both ends of the list
    answers = at_once([[pk, "withdraw"] for pk in keys], [[pk, "agree"] for pk in reversed(keys)])
    # then each went one way, and who withdrew was told of the other routes
    withdrew, agreed = answers[0], answers[1][::-1]
    for pk, one, other in zip(keys, withdrew, agreed, strict=True):
        state = Dispute.objects.get(pk=pk).state
        assert (one, other, state) in {("terminated", "conflict", "terminated"), ("ended", "agreed", "agreed")}
        assert RoutesTold.objects.filter(dispute=pk).count() == (state == "terminated")
