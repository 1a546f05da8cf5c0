"""Two people decide about the same needs at the same moment: real processes with connections of their own."""

import json
import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import pytest
from django.db import connection

from conftest import build_city
from partners.models import Need
from partners.needs.tests.hall import build_hall

# Another process: reads which steps to carry out, does them when told to, and says the state or the refusal of each.
CLERK = """
import json, sys, django
django.setup()
from governance.errors import Refused
from governance.models import User
from governance.workflow import act
from partners.models import Need
todo = json.loads(sys.stdin.readline())
actor = User.objects.get(username="w-partner_manager")
print("ready", flush=True)
sys.stdin.readline()
answers = []
for pk, name, given in todo:
    if "into" in given:
        given["into"] = Need.objects.get(pk=given["into"])
    try:
        answers.append(act(Need.objects.get(pk=pk), name, actor=actor, **given).state)
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
def test_merging_is_safe_against_any_other_step_at_the_same_moment():
    hall = build_hall(build_city())
    rounds = 8
    # given pairs that two people merge into each other, and needs that one merges while the other decides about both
    crossed = [(hall.in_state("verified").pk, hall.in_state("verified").pk) for _ in range(rounds)]
    decided = [(hall.in_state("verified").pk, hall.in_state("verified").pk) for _ in range(rounds)]
    why = {"reason": "没有经费"}
    first = [[a, "merge", {"into": b}] for a, b in crossed] + [[a, "merge", {"into": b}] for a, b in decided]
    second = [[b, "merge", {"into": a}] for a, b in crossed] + [[b, "decline", why] for a, b in decided]
    third = [[a, "adopt", {}] for a, _b in decided]
    # when all three work at once
    answers = at_once(first, second, third)
    # then nobody waited in a ring, nothing is merged into what is merged or closed, and each need went one way
    assert {answer for row in answers for answer in row} <= {"merged", "declined", "adopted", "conflict", "not_open"}
    for merged in Need.objects.filter(state="merged").select_related("merged_into"):
        assert merged.merged_into.state in ("verified", "transferred", "adopted", "declined")
        assert merged.merged_into.merged_into_id is None
    for a, b in crossed:
        assert sorted(Need.objects.filter(pk__in=[a, b]).values_list("state", flat=True)) == ["merged", "verified"]
    for a, _b in decided:
        assert Need.objects.get(pk=a).state in ("merged", "adopted")
