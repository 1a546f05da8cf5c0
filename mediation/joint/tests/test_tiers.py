"""Tiers: escalated and handed down with reason, acceptance and the parties' yes; suggestions with their reasons."""

import pytest
from django.utils import timezone

from governance.errors import Conflict, Invalid, NotPermitted
from governance.models import Event
from governance.testing import snapshot
from governance.workflow import act
from mediation.disputes.parties import PartyDraft
from mediation.disputes.states import ConsentTo
from mediation.joint.suggestions import codes_for, suggestions_for
from mediation.joint.tiers import tier_escalate, tier_hand_down
from mediation.models import Dispute, EscalationRequest, Recusal, TierChange

pytestmark = pytest.mark.django_db


def test_a_dispute_is_taken_over_only_with_reason_acceptance_and_every_partys_yes(work):
    # given a dispute in mediation at the village
    dispute = work.general()
    with pytest.raises(Invalid):
        tier_escalate(dispute, actor=work.user("village_mediator"), reason="  ")
    request = tier_escalate(dispute, actor=work.user("village_mediator"), reason="双方各执一词")
    assert request.to_unit.code == "medcentre" and request.to_tier == "complex"
    # a second request waits for the first
    with pytest.raises(Conflict):
        tier_escalate(dispute, actor=work.user("village_mediator"), reason="再申请")
    # when the centre accepts and names its mediator, but nobody asked the parties
    request = work.step(request, "accept")
    with pytest.raises(Conflict) as refused:
        act(request, "take_over", actor=work.user("township_mediator"))
    assert refused.value.code == "consent_missing" and "medcom单位" in str(refused.value.detail)
    # or one party refuses
    work.agree(dispute, ConsentTo.MEDIATOR, request.mediator)
    work.county.consent(dispute.parties.last(), "refused", ConsentTo.MEDIATOR, about=request.mediator)
    before = snapshot(dispute)
    with pytest.raises(Conflict):
        act(request, "take_over", actor=work.user("township_mediator"))
    assert snapshot(dispute) == before
    # then nothing changes, until all agree
    work.agree(dispute, ConsentTo.MEDIATOR, request.mediator)
    act(request, "take_over", actor=work.user("township_mediator"))
    fresh = Dispute.objects.get(pk=dispute.pk)
    assert (fresh.tier, fresh.unit.code, fresh.mediator.username) == ("complex", "medcentre", "township_mediator")
    assert list(TierChange.objects.filter(dispute=dispute).values_list("tier", flat=True)) == ["general", "complex"]
    # and the history holds no words
    for event in Event.objects.filter(name__startswith="escalation."):
        assert "各执" not in str(event.payload)


def test_a_mediator_of_another_unit_is_not_named(work):
    request = work.make_escalationrequest()
    with pytest.raises(Invalid) as refused:
        act(request, "accept", actor=work.user("township_mediator"), mediator=work.user("village_mediator"))
    assert refused.value.field == "mediator"
    assert EscalationRequest.objects.get(pk=request.pk).state == "requested"


def test_who_is_refused_or_was_recused_is_not_named(work):
    # given a request of which the centre names a mediator whom a party refuses
    request = work.step(work.make_escalationrequest(), "accept")
    party = request.dispute.parties.last()
    work.county.consent(party, "refused", ConsentTo.MEDIATOR, about=request.mediator)
    # when the centre names the same person again, then it is told why not
    before = snapshot(request)
    with pytest.raises(Invalid) as refused:
        act(request, "name_mediator", actor=work.user("township_mediator"), mediator=request.mediator)
    assert (refused.value.field, refused.value.code) == ("mediator", "refused") and snapshot(request) == before
    # and the village does not get back who was recused from it
    dispute = work.raised()
    Recusal.objects.create(
        dispute=dispute, mediator=work.user("village_mediator"), ground="relation", state="upheld",
        decided_by=work.user("colleague"), decided_at=timezone.now(),
    )  # fmt: skip
    request = tier_hand_down(dispute, actor=work.user("township_mediator"), reason="可由村里继续")
    with pytest.raises(Invalid) as refused:
        act(request, "accept", actor=work.user("colleague"), mediator=work.user("village_mediator"))
    assert refused.value.code == "recused"
    # nor do they accept it for the village
    with pytest.raises(NotPermitted):
        act(request, "accept", actor=work.user("village_mediator"), mediator=work.user("colleague"))
    accepted = act(request, "accept", actor=work.user("colleague"), mediator=work.user("colleague"))
    assert accepted.mediator == work.user("colleague")


def test_it_is_handed_down_when_nothing_of_the_upper_tier_is_left(work):
    dispute = work.raised("major")
    task = work.make_departmenttask(dispute)
    request = tier_hand_down(dispute, actor=work.user("county_centre"), reason="已无重大情形")
    assert request.to_unit.code == "medcentre" and request.direction == "down"
    request = work.step(request, "accept")
    with pytest.raises(Conflict) as refused:
        work.step(request, "take_over")
    # who takes it cannot do that: the text names who hands it down
    assert refused.value.code == "tasks_open" and "govcentre单位" in str(refused.value.detail)
    work.step(task, "close")
    work.step(request, "take_over")
    dispute.refresh_from_db()
    assert dispute.tier == "complex"
    track = work.make_track(dispute)
    request = work.step(tier_hand_down(dispute, actor=work.user("township_mediator"), reason="可由村里继续"), "accept")
    with pytest.raises(Conflict) as refused:
        work.step(request, "take_over")
    assert refused.value.code == "tracks_running" and "medcentre单位" in str(refused.value.detail)
    work.step(track, "decline")
    work.step(request, "take_over")
    dispute.refresh_from_db()
    assert (dispute.tier, dispute.unit.code) == ("general", "medcom")
    with pytest.raises(Conflict):
        tier_hand_down(dispute, actor=work.user("village_mediator"), reason="没有更低的")


@pytest.mark.parametrize("who", ["township_mediator", "outside_village_mediator", "joint_department", "grid_worker",
                                 "respected_helper", "administrator", "neighbour"])  # fmt: skip
def test_who_does_not_work_on_it_does_not_escalate(work, who):
    dispute = work.general()
    before = snapshot(dispute)
    with pytest.raises(NotPermitted):
        tier_escalate(dispute, actor=work.user(who), reason="不是我的")
    assert snapshot(dispute) == before and not EscalationRequest.objects.exists()


def test_the_village_that_handed_a_dispute_up_does_not_escalate_it_further(work):
    dispute = work.raised()
    with pytest.raises(NotPermitted):
        tier_escalate(dispute, actor=work.user("village_mediator"), reason="再往上")
    assert tier_escalate(dispute, actor=work.user("township_mediator"), reason="再往上").to_tier == "major"
    dispute = work.raised("major")
    with pytest.raises(Conflict):
        tier_escalate(dispute, actor=work.user("county_centre"), reason="到顶了")


def test_escalation_is_suggested_with_its_reasons(work, clock):
    # given nothing special
    dispute = work.general()
    assert suggestions_for(dispute) == []
    # when it concerns five persons, there is violence, and 20 days pass
    Dispute.objects.filter(pk=dispute.pk).update(people=5, violence=True)
    dispute.refresh_from_db()
    assert codes_for(dispute) == ["people", "violence"]
    clock.shift(19 * 86400)
    assert "days" not in codes_for(dispute)
    clock.shift(86400)
    assert codes_for(dispute) == ["days", "people", "violence"]
    assert "20" in suggestions_for(dispute)[0].text and "5" in suggestions_for(dispute)[1].text
    # then the request keeps what suggested it
    request = tier_escalate(dispute, actor=work.user("village_mediator"), reason="已满二十日")
    assert request.suggested_by == "days,people,violence"


def test_the_days_of_a_reopened_dispute_count_from_its_reopening(work, clock):
    # given a mediation that ended long after it was accepted
    dispute = work.general()
    clock.shift(25 * 86400)
    dispute = work.county.step(dispute, "terminate")
    # when it breaks out again
    dispute = work.county.step(dispute, "reopen")
    assert codes_for(dispute) == ["reopened"]
    dispute = work.county.step(dispute, "begin")
    clock.shift(19 * 86400)
    assert codes_for(dispute) == ["reopened"]
    # then twenty days count from then
    clock.shift(86400)
    assert codes_for(dispute) == ["days", "reopened"]
    assert "20" in suggestions_for(dispute)[0].text


def test_an_earlier_failure_between_the_same_people_is_a_reason(work):
    work.county.in_state("terminated")
    assert "earlier_failure" in codes_for(work.general())
    # but not that one of them quarrelled with somebody else, or about something else
    stranger = PartyDraft(side="respondent", name="陆大有", phone="13900003009")
    other = work.general(parties=[work.county.parties()[0], stranger])
    assert "earlier_failure" not in codes_for(other)
    assert "earlier_failure" not in codes_for(work.general(type=work.county.type("contracts")))


def test_nothing_is_suggested_for_the_highest_tier_or_the_ended(work):
    Dispute.objects.filter(pk=(major := work.raised("major")).pk).update(people=50)
    assert codes_for(Dispute.objects.get(pk=major.pk)) == []
    ended = work.county.in_state("terminated", people=50)
    assert codes_for(ended) == []


def test_what_was_asked_ends_with_the_dispute(work):
    dispute = work.general()
    request = work.make_escalationrequest(dispute)
    work.county.step(dispute, "terminate")
    assert EscalationRequest.objects.get(pk=request.pk).state == "withdrawn"
