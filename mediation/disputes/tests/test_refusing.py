"""Who refuses once the mediation runs: a party it rests on ends it for all; who came later is struck."""

from datetime import timedelta

import pytest

from cases.tests.api import client_of
from governance.errors import Conflict, Invalid
from governance.models import Event, User
from governance.testing import snapshot
from governance.workflow import act
from mediation.agreements.tests.deals import drafted, parties
from mediation.disputes.parties import PartyDraft, party_add, party_amend, party_strike
from mediation.models import Consent, Dispute, Party, RoutesTold
from mediation.papers.own import told
from mediation.papers.saying import Reader, may_say, say
from mediation.tests.county import County

pytestmark = pytest.mark.django_db


def late(county: County, dispute: Dispute, **given) -> Party:
    """Somebody who comes to a mediation that runs already."""
    draft = PartyDraft(**({"side": "third", "name": "孙三", "phone": "13900003009"} | given))
    return party_add(dispute, draft, actor=county.mediator)


@pytest.mark.parametrize("state", ["accepted", "mediating"])
@pytest.mark.parametrize("teller", ["party", "mediator"])
def test_a_party_put_right_who_refuses_ends_it(county, state, teller):
    # given a mediation whose respondent has a new phone: asked anew
    dispute = county.in_state(state)
    first, party = parties(dispute)
    party = party_amend(party, actor=county.mediator, phone="13900003077")
    own = told(Reader(party))
    assert {"agree", "refuse"} <= set(own["may"]) and own["refusal_ends"] and "随时" not in own["progress"]
    # when they refuse
    if teller == "party":
        say(Reader(party), "refuse")
    else:
        county.consent(party, "refused", how="phone")
    # then it has ended as by a withdrawal, and they were told of the other routes
    dispute = Dispute.objects.get(pk=dispute.pk)
    assert (dispute.state, dispute.ended_ground) == ("terminated", "withdrawn")
    assert [row.party for row in RoutesTold.objects.filter(dispute=dispute)] == [party]
    actor = Event.objects.get(name="dispute.terminated").actor
    assert actor.is_system if teller == "party" else actor == county.mediator
    assert may_say(Party.objects.get(pk=party.pk)) == []
    with pytest.raises(Conflict):
        county.consent(first, "withdrawn")


def test_the_page_warns_whose_refusal_ends_it_and_of_nothing_else(county):
    # given the applicant's account, put right, and another's who came later
    User.objects.filter(username="neighbour").update(phone="13900003001")
    dispute = county.mediating()
    own = parties(dispute)[0]
    party_amend(own, actor=county.mediator, name="何秀瑛")
    other = late(county, dispute, user=county.people["other_neighbour"])
    page = client_of(county.people["neighbour"]).get(f"/r/disputes/{own.pk}/").content.decode()
    assert "say/refuse/" in page and "您不同意的，调解对各方均告终止。" in page
    rest = client_of(county.people["neighbour"]).get(f"/api/v1/mediation/own/{own.pk}/").json()
    assert rest["refusal_ends"] is True
    client = client_of(county.people["other_neighbour"])
    rest = client.get(f"/api/v1/mediation/own/{other.pk}/").json()
    assert rest["refusal_ends"] is False and "是否参加" in rest["progress"]
    assert client.post(f"/r/disputes/{other.pk}/say/refuse/").status_code == 302
    rest = client.get(f"/api/v1/mediation/own/{other.pk}/").json()
    assert "没有参加" in rest["progress"] and rest["may"][0] == "agree"
    assert Dispute.objects.get(pk=dispute.pk).state == "mediating"


@pytest.mark.parametrize("side", ["third", "respondent"])
def test_who_came_later_and_refuses_is_struck_and_the_others_go_on(county, side):
    # given a third person, or another respondent, who came later and refuses
    dispute = county.mediating()
    party = late(county, dispute, side=side)
    county.consent(party, "refused")
    assert Dispute.objects.get(pk=dispute.pk).state == "mediating"
    draft = drafted(county, dispute)
    if side == "respondent":  # named by the draft, which they would have to sign
        with pytest.raises(Conflict) as refused:
            party_strike(party, actor=county.mediator, reason="不愿参加")
        assert refused.value.code == "draft"
        act(draft, "discard", actor=county.mediator, reason="少一名当事人")
        party_strike(party, actor=county.mediator, reason="不愿参加")
        draft = drafted(county, dispute)
    for one in parties(dispute)[:2]:
        draft = act(draft, "sign_party", actor=county.mediator, party=one)
    if side == "third":
        # it is not sealed without them; the mediator strikes them, and the signatures stand
        signed = act(draft, "sign_mediator", actor=county.mediator)
        with pytest.raises(Conflict):
            act(signed, "seal", actor=county.mediator)
        page = client_of(county.mediator).get(f"/admin/mediation/dispute/{dispute.pk}/change/").content.decode()
        assert f"/party/{party.pk}/strike/" in page
        party_strike(party, actor=county.mediator, reason="不愿参加")
        assert act(signed, "seal", actor=county.mediator).state == "effective"


def test_who_agreed_is_not_struck_though_it_counts_no_longer(county):
    dispute = county.mediating()
    party = late(county, dispute)
    county.consent(party)
    party_amend(party, actor=county.mediator, name="孙四")
    before = snapshot(dispute)
    with pytest.raises(Conflict) as refused:
        party_strike(party, actor=county.mediator, reason="不愿参加")
    assert refused.value.code == "answered" and snapshot(dispute) == before
    # nor is a refusal written down of who agrees still
    with pytest.raises(Invalid) as refused:
        county.consent(parties(dispute)[0], "refused")
    assert refused.value.code == "withdraw"


def test_a_refusal_before_it_runs_and_of_who_cannot_weigh_it_ends_nothing(county):
    # before it was accepted, and in a reopened one, a refusal may be thought over
    for state in ("awaiting_consent", "reopened"):
        dispute = county.in_state(state)
        county.consent(parties(dispute)[0], "refused")
        assert Dispute.objects.get(pk=dispute.pk).state == state
    # a party without full capacity says no alone: it is kept, and ends nothing for the others
    dispute = county.mediating()
    party = party_amend(parties(dispute)[1], actor=county.mediator, without_capacity=True)
    county.consent(party, "refused")
    assert Consent.objects.filter(party=party, answer="refused").exists()
    assert Dispute.objects.get(pk=dispute.pk).state == "mediating"


@pytest.mark.parametrize("door", ["admin", "api"])
def test_who_refuses_a_longer_term_names_no_day(county, door):
    dispute = county.mediating()
    first, second = dispute.parties.all()
    client, given = client_of(county.mediator), {"what": "extension", "answer": "refused", "how": "oral"}
    address, key, kind = {
        "admin": (f"/admin/mediation/dispute/{dispute.pk}/do/consent/", "parties", "multipart"),
        "api": (f"/api/v1/mediation/disputes/{dispute.pk}/consents/", "party", "json"),
    }[door]  # fmt: skip
    # when one refuses, then it is recorded without a day; who agrees still says until when
    answer = client.post(address, given | {key: first.pk}, format=kind)
    assert answer.status_code in (200, 201, 302), answer.content
    assert client.post(address, given | {key: second.pk, "answer": "agreed"}, format=kind).status_code == 400
    row = Consent.objects.get(what="extension")
    assert (row.party, row.answer, row.until) == (first, "refused", None)
    # and the term stays as it is
    until = dispute.term_until + timedelta(days=9)
    county.consent(second, what="extension", until=until)
    with pytest.raises(Conflict):
        county.step(dispute, "extend", until=until)
