"""A party withdraws at the moment in which the agreement is recorded: real processes with connections of their own."""

import pytest

from conftest import build_city
from governance.testing import processes_at_once
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


@pytest.mark.processes
@pytest.mark.django_db(transaction=True)
def test_a_dispute_is_either_withdrawn_from_or_agreed():
    county = build_county(build_city())
    keys = [county.mediating().pk for _ in range(8)]
    # when a party withdraws from each while the mediator records each agreement, from both ends of the list
    answers = processes_at_once(CLERK, [[pk, "withdraw"] for pk in keys], [[pk, "agree"] for pk in reversed(keys)])
    # then each went one way, and who withdrew was told of the other routes
    withdrew, agreed = answers[0], answers[1][::-1]
    for pk, one, other in zip(keys, withdrew, agreed, strict=True):
        state = Dispute.objects.get(pk=pk).state
        assert (one, other, state) in {("terminated", "conflict", "terminated"), ("ended", "agreed", "agreed")}
        assert RoutesTold.objects.filter(dispute=pk).count() == (state == "terminated")
