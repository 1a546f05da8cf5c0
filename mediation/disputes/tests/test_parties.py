"""Parties: added, corrected, masked, unmasked with a reason; numbers with their check characters; types by words."""

import json

import pytest
from django.db import connection

from governance.errors import Conflict, Invalid, NotPermitted
from governance.models import Event
from mediation.disputes.identity import credit_check, identity_check, person_check
from mediation.disputes.parties import PartyDraft, party_add, party_amend, party_unmask
from mediation.disputes.typing import EXAMPLES, learn, type_guesses
from mediation.models import DisputeAccess, DisputeState, DisputeType, Party

pytestmark = pytest.mark.django_db


def test_identity_and_phone_are_stored_sealed(county):
    party = county.dispute().parties.first()
    assert (str(party), party.masked_phone[-4:]) == ("何**", "3001")
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
