"""A reopening by mistake is taken back; what was referred elsewhere comes back."""

from datetime import timedelta

import pytest

from governance.errors import Conflict, Invalid, NotPermitted
from governance.models import Event
from governance.testing import snapshot
from governance.workflow import act, available
from mediation.agreements.tests.deals import effective
from mediation.disputes.dispute_workflow import REOPENABLE, take_back_name
from mediation.joint.tests.work import Work
from mediation.measures.figures import Quarter, measures_of
from mediation.models import Dispute, DisputeState, EscalationRequest
from mediation.tests.county import NOW

pytestmark = pytest.mark.django_db
S = DisputeState
WHY = "点错了"
LEFT = {"version", "_events"}


def columns(dispute) -> dict:
    return {name: value for name, value in snapshot(dispute).items() if name not in LEFT}


def shares() -> dict:
    tables = measures_of(Dispute.objects.all(), Quarter(2026, 2), suppressed=False)
    return {table.measure: table.total["value"] for table in tables}


@pytest.mark.parametrize("state", REOPENABLE)
def test_a_reopening_by_mistake_is_taken_back_as_if_it_had_not_been(county, clock, state):
    # given a dispute that has ended, opened again by a slip
    before = columns(county.in_state(state))
    clock.shift(timedelta(hours=3))
    dispute = act(Dispute.objects.get(), "reopen", actor=county.mediator, reason=WHY)
    assert dispute.state == S.REOPENED and dispute.referred_where == "" and dispute.ended_at is None
    # then one way leads back, of which only the unit disposes, and with a reason
    ways = [step.name for step in available(dispute, county.mediator) if step.name.startswith("take_back")]
    assert ways == [take_back_name(state)]
    held = snapshot(dispute)
    for key in ("outside_village_mediator", "township_mediator", "administrator", "grid_worker", "neighbour"):
        with pytest.raises(NotPermitted):
            act(dispute, ways[0], actor=county.user(key), reason=WHY)
    with pytest.raises(Invalid):
        act(dispute, ways[0], actor=county.mediator)
    other = next(one for one in REOPENABLE if one != state)
    with pytest.raises(Conflict):
        act(dispute, take_back_name(other), actor=county.mediator, reason=WHY)
    assert snapshot(dispute) == held
    dispute = act(dispute, ways[0], actor=county.mediator, reason=WHY)
    # then everything is as it was, and the history tells both
    assert columns(dispute) == before
    told = Event.objects.filter(name__startswith="dispute.reopen").order_by("id").values_list("name", flat=True)
    assert list(told) == ["dispute.reopened", "dispute.reopening_taken_back"]
    # and it may be opened again
    assert act(dispute, "reopen", actor=county.mediator, reason="又起争执").reopened == 1


def test_once_a_party_has_answered_it_goes_on_as_any_other(county):
    dispute = county.step(county.in_state(S.AGREED), "reopen")
    county.consent(dispute.parties.first(), "refused")
    held = snapshot(dispute)
    with pytest.raises(Conflict) as refused:
        act(dispute, "take_back_to_agreed", actor=county.mediator, reason=WHY)
    assert refused.value.code == "answered" and snapshot(dispute) == held
    # nor once it has begun anew
    county.all_agree(dispute)
    dispute = act(dispute, "begin", actor=county.mediator)
    with pytest.raises(Conflict):
        act(dispute, "take_back_to_agreed", actor=county.mediator, reason=WHY)


def test_what_was_taken_back_is_in_no_measure(county, clock):
    # given four agreements: one reopened for good, one by a slip, one by a slip and then for good
    disputes = [effective(county).dispute for _ in range(4)]
    for number, dispute in enumerate(disputes[:3]):
        clock.shift(timedelta(hours=1))
        dispute = act(dispute, "reopen", actor=county.mediator, reason="又起争执")
        if number:
            dispute = act(dispute, "take_back_to_agreed", actor=county.mediator, reason=WHY)
        if number == 2:
            clock.shift(timedelta(hours=1))
            act(dispute, "reopen", actor=county.mediator, reason="又起争执")
    # then two of four broke out again
    clock.move_to(NOW + timedelta(days=130))
    assert (shares()["reopened"], shares()["relapse"]) == (50, 50)


def test_what_was_asked_for_meanwhile_ends_with_the_taking_back(county):
    dispute = county.step(county.in_state(S.AGREED), "reopen")
    Work(county).make_escalationrequest(dispute)
    act(dispute, "take_back_to_agreed", actor=county.mediator, reason=WHY)
    assert not EscalationRequest.objects.running().exists()


def test_what_was_referred_elsewhere_comes_back(county):
    # given a dispute that was referred to the court, which hands it back
    dispute = county.in_state(S.REFERRED)
    assert (dispute.state, dispute.referred_where) == (S.REFERRED, "court")
    dispute = act(dispute, "reopen", actor=county.mediator, reason="法院退回")
    # then it goes on with the parties' consent, as any other
    assert dispute.referred_where == "" and dispute.reopened == 1
    dispute = county.step(dispute, "begin")
    assert dispute.state == S.MEDIATING and dispute.before_reopening is None
    assert effective(county, dispute).dispute.pk == dispute.pk
    assert Dispute.objects.get().state == S.AGREED
