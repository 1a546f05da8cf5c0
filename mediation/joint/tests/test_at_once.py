"""Two people do the same at the same moment: real processes with connections of their own."""

import pytest
import time_machine

from conftest import build_city
from governance.testing import processes_at_once
from mediation.joint.tests.work import Work
from mediation.models import EscalationRequest, Track
from mediation.tests.county import NOW, build_county

# Another process: asks for takeovers of disputes and gives tracks the lead, when told to.
CLERK = """
import json, sys, django
django.setup()
from governance.errors import Refused
from governance.models import User
from mediation.joint.tiers import tier_escalate
from mediation.joint.tracks import track_lead
from mediation.models import Dispute, Track
todo = json.loads(sys.stdin.readline())
print("ready", flush=True)
sys.stdin.readline()
answers = []
for what, pk, who in todo:
    actor = User.objects.get(username=who)
    try:
        if what == "lead":
            track_lead(Track.objects.get(pk=pk), actor=actor)
        else:
            tier_escalate(Dispute.objects.get(pk=pk), actor=actor, reason="x")
        answers.append("done")
    except Refused as error:
        answers.append(error.code)
print(json.dumps(answers), flush=True)
"""


@pytest.mark.processes
@pytest.mark.django_db(transaction=True)
def test_two_ask_for_a_takeover_and_two_give_the_lead_at_the_same_moment():
    with time_machine.travel(NOW, tick=False):
        work = Work(build_county(build_city()))
        rounds = 4
        # given disputes that two mediators escalate, and tracks that both are to lead
        disputes = [work.general() for _round in range(rounds)]
        pairs = []
        for _round in range(rounds):
            dispute = work.raised()
            work.make_track(dispute, kind="people", organ=work.county.unit("medcom"))
            pairs.append([work.make_track(dispute), work.make_track(
                dispute, kind="judicial", organ=work.county.unit("court"))])  # fmt: skip
    # when they do it at once
    answers = processes_at_once(CLERK, *(
        [["ask", dispute.pk, who] for dispute in disputes]
        + [["lead", pair[n].pk, "township_mediator"] for pair in pairs]
        for n, who in enumerate(("village_mediator", "colleague"))
    ))  # fmt: skip
    # then one request stands for each dispute, the other was told so, and each joint mediation has one lead
    for one, other in zip(*(found[:rounds] for found in answers), strict=True):
        assert sorted([one, other]) == ["asked_already", "done"]
    assert EscalationRequest.objects.running().count() == rounds
    assert all(answer == "done" for found in answers for answer in found[rounds:])
    for pair in pairs:
        leads = Track.objects.filter(dispute=pair[0].dispute_id, is_lead=True)
        assert leads.count() == 1 and leads.get().kind in ("administrative", "judicial")
