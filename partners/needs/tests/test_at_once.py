"""Two people decide about the same needs at the same moment: real processes with connections of their own."""

import pytest

from conftest import build_city
from governance.testing import processes_at_once
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
    answers = processes_at_once(CLERK, first, second, third)
    # then nobody waited in a ring, nothing is merged into what is merged or closed, and each need went one way
    assert {answer for row in answers for answer in row} <= {"merged", "declined", "adopted", "conflict", "not_open"}
    for merged in Need.objects.filter(state="merged").select_related("merged_into"):
        assert merged.merged_into.state in ("verified", "transferred", "adopted", "declined")
        assert merged.merged_into.merged_into_id is None
    for a, b in crossed:
        assert sorted(Need.objects.filter(pk__in=[a, b]).values_list("state", flat=True)) == ["merged", "verified"]
    for a, _b in decided:
        assert Need.objects.get(pk=a).state in ("merged", "adopted")
