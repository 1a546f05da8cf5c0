"""Who has signed, or is bound by an agreement, is not made somebody else of: their signature stands on the paper."""

import pytest

from cases.tests.api import client_of
from governance.errors import Conflict
from governance.models import Event
from governance.workflow import act
from mediation.agreements.signing import unsigned_of
from mediation.agreements.tests.deals import drafted, effective, parties, replaced, signed
from mediation.confirmation.tests.test_confirmation import wished
from mediation.disputes.parties import PartyDraft, party_add, party_amend
from mediation.models import Agreement, Consent, Dispute, JudicialConfirmation, Party
from mediation.papers.links import link_make, link_of

pytestmark = pytest.mark.django_db
OTHER = {"name": "马国柱", "phone": "13900003055"}


def held(party):
    return Party.everyone.filter(pk=party.pk).values().get(), Event.objects.count()


def refused(county, party, **given) -> Conflict:
    before = held(party)
    with pytest.raises(Conflict) as refusal:
        party_amend(party, actor=county.mediator, **given)
    assert held(party) == before
    return refusal.value


@pytest.mark.parametrize("given", [OTHER, {"name": "马国柱"}, {"without_capacity": True}])
def test_whose_signature_stands_on_a_draft(county, given):
    # given both parties and the mediator have signed
    draft = signed(county, drafted(county))
    party = parties(draft.dispute)[1]
    # when the row is to stand for somebody else: refused, the draft comes first
    error = refused(county, party, **given)
    assert (error.field, error.code) == (next(iter(given)), "draft")
    # then, once it is discarded, the party is put right and asked anew
    act(draft, "discard", actor=county.mediator, reason="当事人姓名有误")
    party_amend(party, actor=county.mediator, **given)
    assert Consent.objects.filter(party=party).first().void


@pytest.mark.parametrize("form", ["written", "oral"])
def test_whom_an_agreement_binds_also_after_it_was_reopened(county, form):
    # given an agreement in effect whose parties asked for confirmation, reopened by mistake
    if form == "oral":
        agreement = act(drafted(county, form="oral"), "record_oral", actor=county.mediator)
    else:
        agreement = effective(county)
    wished(county, JudicialConfirmation.objects.with_rows().get(agreement=agreement))
    dispute = county.step(Dispute.objects.get(pk=agreement.dispute_id), "reopen")
    party = parties(dispute)[1]
    # when the respondent is to become another person: refused
    error = refused(county, party, **OTHER)
    assert (error.field, error.code) == ("name", "rests")
    # then, taken back, it binds whom it bound
    county.step(dispute, "take_back_to_agreed", reason="误操作")
    assert Party.objects.get(pk=party.pk).name == "马国梁"


def test_whom_an_agreement_bound_that_a_newer_one_replaced(county):
    older = replaced(county)
    dispute = county.step(Dispute.objects.get(pk=older.dispute_id), "reopen")
    assert refused(county, parties(dispute)[0], name="别人").code == "rests"


def test_another_phone_of_the_same_person_takes_nothing_they_said(county):
    # given a party who has signed, and one who is bound, each with a link sent to the old phone
    draft = drafted(county)
    act(draft, "sign_party", actor=county.mediator, party=parties(draft.dispute)[1])
    bound = county.step(Dispute.objects.get(pk=effective(county).dispute_id), "reopen")
    for party in (parties(draft.dispute)[1], parties(bound)[1]):
        county.consent(party)
        _link, token = link_make(party, actor=county.mediator)
        # when the phone is put right
        party = party_amend(party, actor=county.mediator, phone="13900003077")
        # then their answers count, and the link of the old phone ends
        assert not Consent.objects.filter(party=party).order_by("-id").first().void and link_of(token) is None
    # and of who has signed nothing, another phone may mean another person, as before
    free = parties(draft.dispute)[0]
    party_amend(free, actor=county.mediator, phone="13900003078")
    assert Consent.objects.filter(party=free).order_by("-id").first().void


def test_who_lacks_capacity_since_is_asked_through_the_agent_in_the_next_round(county):
    dispute = county.step(Dispute.objects.get(pk=effective(county).dispute_id), "reopen")
    party = parties(dispute)[1]
    answer = county.consent(party)
    party = party_amend(party, actor=county.mediator, without_capacity=True, agent="马父")
    assert party.without_capacity and Consent.objects.get(pk=answer.pk).void


@pytest.mark.parametrize("door", ["api", "admin", "phone"])
def test_the_doors_say_at_which_field(county, door):
    draft = drafted(county)
    party, client = parties(draft.dispute)[1], client_of(county.mediator)
    act(draft, "sign_party", actor=county.mediator, party=party)
    page = {"admin": f"/admin/mediation/dispute/{draft.dispute_id}/party/{party.pk}/",
            "phone": f"/m/disputes/{draft.dispute_id}/parties/{party.pk}/correct/"}.get(door)  # fmt: skip
    if door == "api":
        address = f"/api/v1/mediation/disputes/{draft.dispute_id}/parties/{party.pk}/"
        answer = client.patch(address, {"name": "马国柱"}, format="json")
        error = answer.json()["errors"][0]
        assert (answer.status_code, error["code"], error["attr"]) == (409, "draft", "name"), answer.content
    else:
        sent = {"side": "respondent", "kind": "person", "name": "马国柱"}
        shown = client.post(page, sent, format="multipart")
        assert shown.status_code in (400, 409) and "先作废" in shown.content.decode()
    assert Party.objects.get(pk=party.pk).name == "马国梁"


def test_who_becomes_a_third_person_is_not_waited_for(county):
    # given two respondents, of whom one has not signed; nothing is owed by them
    dispute = county.mediating()
    draft = PartyDraft(side="respondent", name="孙三", phone="13900003009")
    late = party_add(dispute, draft, actor=county.mediator)
    county.consent(late)
    agreement = drafted(county, dispute)
    for party in parties(dispute)[:2]:
        act(agreement, "sign_party", actor=county.mediator, party=party)
    assert unsigned_of(Agreement.objects.get()) == [late]
    # when they are put right to a third person
    party_amend(late, actor=county.mediator, side="third")
    # then all have signed, and it goes on to its effect
    agreement = Agreement.objects.with_rows().get()
    assert agreement.state == "signed_by_parties"
    agreement = act(agreement, "sign_mediator", actor=county.mediator)
    assert act(agreement, "seal", actor=county.mediator).state == "effective"


def test_a_side_is_not_left_without_anybody_by_a_correction(county):
    # given only one respondent
    dispute = county.mediating()
    party = parties(dispute)[1]
    error = refused(county, party, side="third")
    assert (error.field, error.code) == ("side", "side")
    # before the parties are asked it may be: nobody is asked until both are there
    early = county.dispute()
    assert party_amend(parties(early)[1], actor=county.mediator, side="third").side == "third"
