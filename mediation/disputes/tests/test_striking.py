"""A party entered by mistake is struck; a party put right speaks for nobody else any more."""

import pytest

from cases.tests.api import client_of
from governance.errors import Conflict, Invalid, NotPermitted
from governance.models import Event, User
from governance.testing import snapshot
from governance.workflow import act
from mediation.agreements.tests.deals import drafted, parties
from mediation.disputes.consents import all_agreed
from mediation.disputes.parties import PartyDraft, party_add, party_amend, party_strike
from mediation.disputes.recusals import recusal_ask
from mediation.followup.counselling import counselling_offer
from mediation.joint.notes import note_write
from mediation.models import Dispute, Party
from mediation.papers.links import link_make, link_of
from mediation.papers.own import papers_of_party
from mediation.tests.county import County

pytestmark = pytest.mark.django_db
WHY = "登记重复"


def third(county: County, dispute: Dispute, **given) -> Party:
    """Somebody entered twice, or wrongly."""
    draft = PartyDraft(**({"side": "third", "name": "何小妹", "phone": "13900003044"} | given))
    return party_add(dispute, draft, actor=county.mediator)


def test_who_was_entered_by_mistake_blocks_nothing_any_more(county):
    # given a mediation into which a third person was entered by mistake, with an account and a link
    dispute = county.mediating()
    party = third(county, dispute, user=county.people["other_neighbour"])
    _link, token = link_make(party, actor=county.mediator)
    assert not all_agreed(dispute, "mediation")
    # when others, or without a reason: refused
    held = snapshot(dispute)
    for key in ("outside_village_mediator", "township_mediator", "grid_worker", "administrator", "neighbour"):
        with pytest.raises(NotPermitted):
            party_strike(party, actor=county.user(key), reason=WHY)
    with pytest.raises(Invalid) as refused:
        party_strike(party, actor=county.mediator, reason=" ")
    assert refused.value.field == "reason" and snapshot(dispute) == held
    # then it is kept with the reason, counts nowhere, and neither link nor account opens a page
    party_strike(party, actor=county.mediator, reason=WHY)
    assert Party.everyone.get(pk=party.pk).name == "何小妹" and dispute.parties.count() == 2
    assert all_agreed(dispute, "mediation") and link_of(token) is None
    event = Event.objects.get(name="dispute.party_struck")
    assert event.remark.text == WHY and "何" not in str(event.payload)
    client = client_of(county.people["other_neighbour"])
    assert client.get(f"/r/disputes/{party.pk}/").status_code == 404
    assert not Party.objects.of_person(county.people["other_neighbour"]).exists()
    assert client.get("/api/v1/mediation/own/").json()["results"] == []
    with pytest.raises(Conflict) as refused:
        party_strike(party, actor=county.mediator, reason=WHY)
    assert refused.value.code == "struck"
    with pytest.raises(Conflict) as refused:  # a page that was open meanwhile
        county.consent(party)
    assert refused.value.code == "struck"
    # and the account may be entered again, where it belongs
    third(county, dispute, user=county.people["other_neighbour"])


def test_not_once_something_rests_on_them(county):
    dispute = county.mediating()
    applicant, respondent = parties(dispute)

    def refuses(party, code):
        before = snapshot(dispute)
        with pytest.raises(Conflict) as refused:
            party_strike(party, actor=county.mediator, reason=WHY)
        assert refused.value.code == code and snapshot(dispute) == before
        assert Party.objects.filter(pk=party.pk).exists()

    # who answered takes part, and the page offers nothing else
    refuses(applicant, "answered")
    late = third(county, dispute)
    shown = client_of(county.mediator).get(f"/admin/mediation/dispute/{dispute.pk}/change/").content.decode()
    assert f"/party/{late.pk}/strike/" in shown and f"/party/{applicant.pk}/strike/" not in shown
    # of whom something is kept: a note, a recusal, counselling
    noted, asked, offered = (third(county, dispute) for _ in range(3))
    note_write(dispute, actor=county.mediator, kind="caucus", text="单独谈过", party=noted)
    recusal_ask(dispute, actor=county.mediator, ground="interest", party=asked)
    counselling_offer(dispute, actor=county.mediator, party=offered)
    for party in (noted, asked, offered):
        refuses(party, "rests")
    # while a draft names the parties
    other = county.mediating()
    late = third(county, other, side="respondent")
    draft = drafted(county, other)
    with pytest.raises(Conflict) as refused:
        party_strike(late, actor=county.mediator, reason=WHY)
    assert refused.value.code == "draft"
    act(draft, "discard", actor=county.mediator, reason="文字有误")
    party_strike(late, actor=county.mediator, reason=WHY)
    # nor after the end
    ended = county.in_state("terminated")
    with pytest.raises(Conflict) as refused:
        party_strike(parties(ended)[0], actor=county.mediator, reason=WHY)
    assert refused.value.code == "ended"


def test_before_it_is_accepted_also_who_answered_but_each_side_keeps_somebody(county):
    dispute = county.in_state("awaiting_consent")
    respondent = parties(dispute)[1]
    county.consent(respondent)
    with pytest.raises(Conflict) as refused:
        party_strike(respondent, actor=county.mediator, reason=WHY)
    assert refused.value.code == "side"
    right = third(county, dispute, side="respondent", name="马国良")
    party_strike(respondent, actor=county.mediator, reason=WHY)
    for party in (parties(dispute)[0], right):
        county.consent(party)
    assert act(dispute, "accept", actor=county.mediator).state == "accepted"


@pytest.mark.parametrize("door", ["admin", "api", "phone"])
def test_through_the_doors(county, door):
    dispute = county.dispute()
    party = third(county, dispute)
    page = {"admin": f"/admin/mediation/dispute/{dispute.pk}/party/{party.pk}/strike/",
            "api": f"/api/v1/mediation/disputes/{dispute.pk}/parties/{party.pk}/strike/",
            "phone": f"/m/disputes/{dispute.pk}/parties/{party.pk}/strike/"}[door]  # fmt: skip
    kind = "json" if door == "api" else "multipart"
    for key in ("outside_village_mediator", "township_mediator", "grid_worker", "neighbour", "judges_clerk"):
        answer = client_of(county.user(key)).post(page, {"reason": WHY}, format=kind)
        assert answer.status_code in (302, 403, 404), key
    assert Party.objects.filter(pk=party.pk).exists()
    client = client_of(county.mediator)
    assert client.post(page, {"reason": ""}, format=kind).status_code == 400
    if door != "api":
        leads = {"admin": f"/admin/mediation/dispute/{dispute.pk}/change/", "phone": f"/m/disputes/{dispute.pk}/"}[door]
        assert page in client.get(leads).content.decode()
        assert client.get(page).status_code == 200
    assert client.post(page, {"reason": WHY}, format=kind).status_code == (204 if door == "api" else 302)
    assert not Party.objects.filter(pk=party.pk).exists()
    assert client.post(page, {"reason": WHY}, format=kind).status_code == 404


@pytest.mark.parametrize("given", [{"name": "何秀云"}, {"phone": "13900003066"}, {"without_capacity": True}])
def test_who_was_put_right_is_asked_anew(county, given):
    # given a mediation to which the applicant agreed, with an account and a link
    dispute = county.mediating()
    party, other = parties(dispute)
    _link, token = link_make(party, actor=county.mediator)
    _link, theirs = link_make(other, actor=county.mediator)
    # when the row turns out to be somebody else's
    party = party_amend(party, actor=county.mediator, **given)
    # then consent, link and account are gone, and the other party's stay
    assert party.user is None and link_of(token) is None and link_of(theirs) is not None
    assert not all_agreed(dispute, "mediation")
    page = client_of(county.mediator).get(f"/admin/mediation/dispute/{dispute.pk}/change/").content.decode()
    assert "不再有效" in page
    with pytest.raises(Invalid):
        county.consent(party, "withdrawn")  # there is none to withdraw
    if "without_capacity" not in given:
        county.consent(party)
        assert all_agreed(dispute, "mediation")
    assert "notice" in [paper.code for paper in papers_of_party(party)]


def test_what_changes_nobody_voids_nothing(county):
    # given a party without a phone, who agreed, and one with an account of the same phone
    dispute = county.mediating()
    applicant, respondent = parties(dispute)
    Party.objects.filter(pk=respondent.pk).update(phone_sealed=None, phone_digest="")
    User.objects.filter(username="neighbour").update(phone="13900003001")
    # when a first phone, an address, an agent are written down
    party_amend(respondent, actor=county.mediator, phone="13900003002")
    party_amend(applicant, actor=county.mediator, address="柳堤路 1 号", agent="秦律师")
    assert all_agreed(dispute, "mediation")
    # and the account stays whose phone is the party's
    assert party_amend(applicant, actor=county.mediator, name="何秀瑛").user == county.people["neighbour"]


def test_after_the_end_a_new_phone_ends_links_and_account_but_no_answer(county):
    dispute = county.in_state("agreed")
    party = parties(dispute)[0]
    _link, token = link_make(party, actor=county.mediator)
    party = party_amend(party, actor=county.mediator, phone="13900003066")
    assert link_of(token) is None and party.user is None and party.answers_after == 0


def test_on_the_phone_only_where_it_may_be_and_a_refusal_is_shown(county):
    # given a mediation with a latecomer who never agreed, beside who did
    dispute = county.mediating()
    late, agreed = third(county, dispute), parties(dispute)[0]
    client, page = client_of(county.mediator), f"/m/disputes/{dispute.pk}/parties/%s/strike/"
    shown = client.get(f"/m/disputes/{dispute.pk}/").content.decode()
    assert page % late.pk in shown and page % agreed.pk not in shown
    # when who agreed is to be struck all the same: refused, in words
    answer = client.post(page % agreed.pk, {"reason": WHY}, format="multipart")
    assert answer.status_code == 409 and "同意" in answer.content.decode()
    assert Party.objects.filter(pk=agreed.pk).exists()
    # then the latecomer is struck, and the page shows them no longer
    assert client.post(page % late.pk, {"reason": WHY}, format="multipart").status_code == 302
    assert f'data-party="{late.pk}"' not in client.get(f"/m/disputes/{dispute.pk}/").content.decode()
