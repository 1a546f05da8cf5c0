"""Two people work on the same agreement at the same moment: real processes with connections of their own."""

import pytest
import time_machine

from conftest import build_city
from governance.models import Event
from governance.testing import processes_at_once
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
    answers = processes_at_once(WORKER, *steps)

    # then nobody waited in a ring; whoever signed last completed it, once; each dispute was agreed or ended, not both
    assert "error" not in str(answers)
    assert {Agreement.objects.get(pk=row.pk).state for row in drafts} == {"signed_by_parties"}
    assert Event.objects.filter(name="mediation_agreement.signed_by_parties").count() == len(drafts) + len(sealed)
    for row in sealed:
        states = Agreement.objects.get(pk=row.pk).state, Dispute.objects.get(pk=row.dispute_id).state
        assert states in [("effective", "agreed"), ("discarded", "terminated")]
        assert JudicialConfirmation.objects.filter(agreement=row).exists() == (states[0] == "effective")
