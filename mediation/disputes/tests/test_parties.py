"""Parties: added, corrected, masked, unmasked with a reason; numbers with their check characters; types by words."""

import json
from datetime import date

import pytest
from django.db import connection

from cases.tests.api import client_of
from governance.errors import Conflict, Invalid, NotPermitted
from governance.models import Event
from governance.testing import snapshot
from mediation.agreements.authorising import authorisation_record
from mediation.disputes.identity import credit_check, identity_check, person_check
from mediation.disputes.parties import PartyDraft, party_add, party_amend, party_unmask
from mediation.disputes.typing import EXAMPLES, learn, type_guesses
from mediation.models import Dispute, DisputeAccess, DisputeState, DisputeType, Party
from mediation.papers.links import link_make, link_of

pytestmark = pytest.mark.django_db


def test_identity_and_phone_are_stored_sealed(county):
    party = county.dispute().parties.first()
    assert (party.masked, str(party), party.masked_phone[-4:]) == ("何**", "申请人 何**", "3001")
    assert (party.phone, party.identity) == ("13900003001", "990102197001011238")
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(p)::text FROM mediation_party p WHERE id = %s", [party.pk])
        stored = cursor.fetchone()[0]
    assert "13900003001" not in stored and "990102197001011238" not in stored


def test_a_party_is_added_and_corrected(county):
    dispute = county.dispute()
    draft = PartyDraft(side="third", name="桂园超市", kind="organisation", phone="0990-6600123", agent="周经理")
    party = party_add(dispute, draft, actor=county.mediator)
    assert party.masked == "桂园超市"
    party = party_amend(party, actor=county.mediator, address="桂园路 5 号")
    assert (party.address, party.phone) == ("桂园路 5 号", "0990-6600123")
    assert Event.objects.get(name="dispute.party_amended").payload["changed"] == ["address"]
    for key in ("township_mediator", "grid_worker", "neighbour", "outside_village_mediator"):
        with pytest.raises(NotPermitted):
            party_add(dispute, draft, actor=county.user(key))
        with pytest.raises(NotPermitted):
            party_amend(party, actor=county.user(key), name="别人")
    ended = county.in_state(DisputeState.TERMINATED)
    with pytest.raises(Conflict):
        party_add(ended, draft, actor=county.mediator)
    with pytest.raises(Conflict):
        party_amend(ended.parties.first(), actor=county.mediator, name="别人")
    assert Party.objects.filter(dispute=dispute).count() == 3


@pytest.mark.parametrize("state", ["agreed", "terminated", "closed"])
def test_after_the_end_a_party_can_still_be_reached_and_represented(county, state):
    # given a dispute that has ended, and a party without a phone
    dispute = county.in_state(state)
    party = dispute.parties.last()
    party_amend(party, actor=county.mediator, phone="", address="")
    # when somebody who does not work on it, or another field than how to reach them: refused
    with pytest.raises(NotPermitted):
        party_amend(party, actor=county.user("township_mediator"), phone="13900003077")
    for given in ({"name": "别人"}, {"side": "third"}, {"kind": "organisation"}, {"without_capacity": True},
                  {"phone": "13900003077", "name": "别人"}, {"user": county.people["other_neighbour"]}):  # fmt: skip
        before = Party.objects.filter(pk=party.pk).values().get()
        with pytest.raises(Conflict) as refused:
            party_amend(party, actor=county.mediator, **given)
        assert refused.value.code == "ended" and Party.objects.filter(pk=party.pk).values().get() == before
    # then the phone is recorded, and with it the own page is made; an agent's paper follows
    party = party_amend(party, actor=county.mediator, phone="13900003077", address="柳堤路 9 号", agent="秦律师")
    _link, token = link_make(party, actor=county.mediator)
    assert link_of(token).party == party
    paper = authorisation_record(
        party, actor=county.mediator, number="授3", signed_on=date(2026, 6, 1), scope="special"
    )
    assert paper.agent == "秦律师"
    # until the file is archived
    Dispute.objects.filter(pk=dispute.pk).update(state="archived")
    with pytest.raises(Conflict):
        party_amend(party, actor=county.mediator, phone="13900003078")


def test_after_the_end_the_doors_ask_for_what_may_be_changed(county):
    dispute = county.in_state("agreed")
    party, client = dispute.parties.last(), client_of(county.mediator)
    pages = (f"/admin/mediation/dispute/{dispute.pk}/party/{party.pk}/",
             f"/m/disputes/{dispute.pk}/parties/{party.pk}/correct/")  # fmt: skip
    for number, page in enumerate(pages):
        shown = client.get(page).content.decode()
        assert 'name="phone"' in shown and 'name="agent"' in shown
        assert 'name="side"' not in shown and 'name="without_capacity"' not in shown and 'name="name"' not in shown
        sent = {"phone": f"1390000308{number}", "side": "third"}
        assert client.post(page, sent, format="multipart").status_code == 302
        assert Party.objects.get(pk=party.pk).phone == f"1390000308{number}"
        assert Party.objects.get(pk=party.pk).side == "respondent"
        for key in ("township_mediator", "outside_village_mediator", "grid_worker", "neighbour"):
            assert client_of(county.user(key)).post(page, sent, format="multipart").status_code in (302, 403, 404), key
        assert Party.objects.get(pk=party.pk).phone == f"1390000308{number}"
    assert pages[1] in client.get(f"/m/disputes/{dispute.pk}/").content.decode()
    answer = client.patch(f"/api/v1/mediation/disputes/{dispute.pk}/parties/{party.pk}/", {"address": "新址"},
                          format="json")  # fmt: skip
    assert answer.status_code == 200 and Party.objects.get(pk=party.pk).address == "新址"


def test_unmasking_asks_why_and_is_written_down(county):
    party = county.dispute().parties.first()
    for key in ("township_mediator", "county_centre", "grid_worker", "administrator", "neighbour"):
        with pytest.raises(NotPermitted):
            party_unmask(party, actor=county.user(key), reason="看看")
    for reason in ("", "x" * 501, "a\0"):
        with pytest.raises(Invalid):
            party_unmask(party, actor=county.mediator, reason=reason)
    assert not DisputeAccess.objects.exists()
    assert party_unmask(party, actor=county.mediator, reason="送达通知")["phone"] == "13900003001"
    row = DisputeAccess.objects.get()
    assert (row.kind, row.person, row.role, row.reason) == ("unmasked", county.mediator, "village_mediator", "送达通知")
    assert "139" not in row.what


def test_check_characters():
    # the worked example of GB 11643-1999, and two real organisations' published form of GB 32100-2015
    assert person_check("11010519491231002") == "X" and person_check("44052418800101001") == "4"
    assert identity_check("person", " 11010519491231002x ") == "11010519491231002X"
    assert credit_check("91350100M000100Y4") == "3"
    assert identity_check("person", "E12345678") == "E12345678"
    for kind, wrong in (("person", "110105194912310021"), ("person", "12"), ("organisation", "91350100M000100Y44"),
                        ("person", "1234567890123456789012"), ("organisation", "E12345678")):  # fmt: skip
        with pytest.raises(Invalid):
            identity_check(kind, wrong)


@pytest.mark.parametrize("wrong", ["1101051949123100", "11010519491231002", "1101051949123100X", "1101051949123100212",
                                   "110105194912310021X", "11010519491231002123"])  # fmt: skip
def test_a_resident_number_with_a_digit_too_few_or_too_many_is_no_passport(county, wrong):
    # given a number of 16 to 20 characters of which all but the last are digits
    dispute = county.dispute()
    party = dispute.parties.last()
    before = snapshot(party)
    # when it is typed as the identity of a person, then it is refused with how many characters there are
    with pytest.raises(Invalid) as refusal:
        party_amend(party, actor=county.mediator, identity=wrong)
    assert (refusal.value.field, refusal.value.code) == ("identity", "wrong_length")
    assert str(len(wrong)) in str(refusal.value.detail) and snapshot(Party.objects.get(pk=party.pk)) == before
    answer = client_of(county.mediator).post(
        f"/api/v1/mediation/disputes/{dispute.pk}/parties/",
        {"side": "third", "kind": "person", "name": "孙三", "identity": wrong}, format="json",
    )  # fmt: skip
    assert answer.status_code == 400 and answer.json()["errors"][0]["attr"] == "identity"


def test_other_papers_stand_as_they_are():
    for number in ("110105491231002", "E12345678", "12345678", "H1234567890", "CHN110194912310", "P1234567890123456"):
        assert identity_check("person", number) == number


def test_the_phone_shows_the_identity_that_the_record_says_was_read(county):
    dispute = county.dispute()
    party = dispute.parties.first()
    page, client = f"/m/disputes/{dispute.pk}/", client_of(county.mediator)
    assert "990102197001011238" not in client.get(page).content.decode()
    shown = client.post(f"{page}parties/{party.pk}/", {"reason": "送达"}, format="multipart").content.decode()
    assert "990102197001011238" in shown and "identity" in DisputeAccess.objects.get(kind="unmasked").what
    assert "990102197001011238" not in client.get(page).content.decode()


def test_three_likeliest_types_of_texts_not_learnt_from(county):
    rows = [(code, text) for code, texts in json.loads(EXAMPLES.read_text()).items() for text in texts]
    assert {code for code, _text in rows} == set(DisputeType.objects.values_list("code", flat=True))
    first = three = 0
    for fold in range(6):
        model = learn([row for place, row in enumerate(rows) if place % 6 != fold])
        for code, text in rows[fold::6]:
            best = sorted(zip(model.probabilities(text), model.labels, strict=True), reverse=True)[:3]
            first += best[0][1] == code
            three += code in [label for _share, label in best]
    assert first / len(rows) > 0.55 and three / len(rows) > 0.8
    found = type_guesses("楼上卫生间漏水,把楼下天花板泡坏了")
    assert len(found) == 3 and found[0][0].code == "neighbours" and found[0][1] > found[1][1] > found[2][1] > 0
    assert type_guesses(" ") == [] and len(type_guesses("!!!")) == 3
    DisputeType.objects.filter(code="neighbours").update(is_active=False)
    assert "neighbours" not in [row.code for row, _share in type_guesses("楼上卫生间漏水")]
