"""The day of a signature, typed in wrongly, is put right; the signature stays as it was recorded."""

from datetime import date, timedelta

import pytest
from django.db import DatabaseError, transaction

from cases.tests.api import client_of
from governance.errors import Conflict, Invalid, NotPermitted
from governance.models import Event
from governance.workflow import act
from mediation.agreements.authorising import authorisation_record
from mediation.agreements.documents.papers import paper_take
from mediation.agreements.tests.deals import drafted, effective, parties, replaced, signed
from mediation.confirmation.tests.test_confirmation import applied
from mediation.disputes.parties import party_amend
from mediation.models import Agreement, AgreementSignature, Dispute, JudicialConfirmation, SignatureDay
from mediation.tests.county import NOW
from mediation.tests.papers import text_of

pytestmark = pytest.mark.django_db
DAY, FIRST = timedelta(days=1), NOW.date()
WHY = "签名日期录错"


def typed_in(county, clock, *, seal=True) -> Agreement:
    """Made on 2 June; of both parties 6 June was typed in, the mediator signed on 6 June; sealed on 8 June."""
    row = drafted(county)
    clock.move_to(NOW + 6 * DAY)
    for party in parties(row.dispute):
        row = act(row, "sign_party", actor=county.mediator, party=party, on=FIRST + 4 * DAY)
    row = act(row, "sign_mediator", actor=county.mediator, on=FIRST + 4 * DAY)
    return act(row, "seal", actor=county.mediator) if seal else row


def of(row, who, number=0) -> AgreementSignature:
    return row.signatures.filter(of=who).order_by("pk")[number]


def correct(county, row, signature, on, **given):
    asked = {"actor": county.mediator, "signature": signature, "on": on, "reason": WHY} | given
    return act(row, "correct_signature", **asked)


def kept(row):
    told = Agreement.objects.filter(pk=row.pk).values().get()
    return told, Event.objects.count(), SignatureDay.objects.count()


def refused(county, row, signature, on, code, error=Invalid, **given):
    before = kept(row)
    with pytest.raises(error) as refusal:
        correct(county, row, signature, on, **given)
    assert refusal.value.code == code and kept(row) == before
    return refusal.value


@pytest.mark.parametrize("door", ["api", "admin"])
def test_through_the_doors_page_paper_and_rest_tell_the_true_day(county, clock, door):
    row, client = typed_in(county, clock), client_of(county.mediator)
    party = of(row, "party")
    given = {"signature": str(party.pk), "on": str(FIRST + DAY), "reason": WHY}
    if door == "api":
        address = f"/api/v1/mediation/agreements/{row.pk}/transitions/correct_signature/"
        for missing in given:
            sent = {name: value for name, value in given.items() if name != missing}
            assert client.post(address, sent).status_code == 400, missing
        answer = client.post(address, given)
        assert answer.status_code == 200, answer.content
        told = next(one for one in answer.json()["signatures"] if one["id"] == party.pk)
        assert (told["signed_on"], told["recorded_on"]) == ("2026-06-03", "2026-06-06")
    else:
        page = f"/admin/mediation/agreement/{row.pk}/transition/correct_signature/"
        shown = client.get(page).content.decode()
        assert "申请人 何** · 2026-06-06" in shown and "何秀英" not in shown
        # the seal is corrected as the day of the effect
        assert f'value="{of(row, "committee").pk}"' not in shown
        assert client.post(page, given, format="multipart").status_code == 302
        shown = client.get(f"/admin/mediation/agreement/{row.pk}/change/").content.decode()
        assert "2026-06-03" in shown and "原录入为2026-06-06" in shown
    # then the event tells both days, who and why, and no name; the first record stays
    event = Event.objects.get(name="mediation_agreement.signature_corrected")
    assert (event.payload["before"], event.payload["on"], event.payload["signature"]) == (
        "2026-06-06", "2026-06-03", party.pk,
    )  # fmt: skip
    assert (event.actor, event.remark.text) == (county.mediator, WHY) and "何" not in str(event.payload)
    fresh = AgreementSignature.objects.get(pk=party.pk)
    assert (fresh.signed_on, fresh.day) == (FIRST + 4 * DAY, FIRST + DAY)
    paper = text_of(paper_take(row.dispute, "agreement", actor=county.mediator)[1])
    assert "2026年6月3日" in paper


def test_with_the_bounds_of_the_signing(county, clock):
    # given signatures of 6 June, the seal of 8 June
    row = typed_in(county, clock)
    party, mediator, seal = of(row, "party"), of(row, "mediator"), of(row, "committee")
    # nobody signs ahead, before the agreement was made, nor after who signs after them
    refused(county, row, party, FIRST + 7 * DAY, "in_future")
    refused(county, row, party, date.max, "in_future")
    assert str(FIRST) in str(refused(county, row, party, FIRST - DAY, "too_early").detail)
    assert str(FIRST + 4 * DAY) in str(refused(county, row, party, FIRST + 5 * DAY, "too_late").detail)
    refused(county, row, mediator, FIRST + 3 * DAY, "too_early")
    refused(county, row, mediator, date.min, "too_early")
    refused(county, row, party, FIRST + 4 * DAY, "same")
    assert refused(county, row, seal, FIRST + 5 * DAY, "seal").field == "signature"
    assert refused(county, row, party, FIRST, "required", reason=" ").field == "reason"
    other = effective(county)
    assert refused(county, row, of(other, "party"), FIRST, "elsewhere").field == "signature"
    # then, the mediator's put right first, both fit; the last correction counts
    correct(county, row, mediator, FIRST + 6 * DAY)
    correct(county, row, party, FIRST + 5 * DAY)
    correct(county, row, party, FIRST + 2 * DAY)
    assert of(row, "party").day == FIRST + 2 * DAY and SignatureDay.objects.count() == 3


def test_the_day_of_the_effect_follows_as_it_is_corrected(county, clock):
    # given the seal was put on 3 June: signatures of 6 June stand in the way
    row = typed_in(county, clock)
    with pytest.raises(Invalid) as refusal:
        act(row, "correct_day", actor=county.mediator, on=FIRST + DAY, reason=WHY)
    assert refusal.value.code == "too_early"
    # when those are put right, then it is of 3 June too, with the last day to apply
    for signature in (of(row, "party", 0), of(row, "party", 1), of(row, "mediator")):
        correct(county, row, signature, FIRST + DAY)
    row = act(row, "correct_day", actor=county.mediator, on=FIRST + DAY, reason=WHY)
    assert JudicialConfirmation.objects.get(agreement=row).last_day == date(2026, 7, 3)
    # and nobody signed after it now
    refused(county, row, of(row, "mediator"), FIRST + 2 * DAY, "too_late")


def test_before_the_seal_it_is_sealed_by_the_true_days(county, clock):
    # given all have signed, as of 6 June; in truth on 2 June
    row = typed_in(county, clock, seal=False)
    with pytest.raises(Invalid):
        act(row, "seal", actor=county.mediator, on=FIRST + DAY)
    for signature in (of(row, "party", 0), of(row, "party", 1), of(row, "mediator")):
        row = correct(county, row, signature, FIRST)
    # then the seal may be of 3 June
    assert act(row, "seal", actor=county.mediator, on=FIRST + DAY).effective_on == FIRST + DAY


@pytest.mark.parametrize("who", ["township_mediator", "outside_village_mediator", "grid_worker", "judges_clerk",
                                 "neighbour", "administrator"])  # fmt: skip
def test_who_does_not_work_on_it_is_told_that_first(county, clock, who):
    row = typed_in(county, clock)
    with pytest.raises(NotPermitted):
        correct(county, row, of(row, "committee"), date.max, actor=county.people[who])


def test_once_a_court_has_it_or_it_is_archived_or_replaced_the_day_stands(county, clock):
    row = typed_in(county, clock)
    confirmation = applied(county, JudicialConfirmation.objects.with_rows().get(agreement=row))
    refused(county, row, of(row, "party"), FIRST, "at_court", error=Conflict)
    # taken back by the parties, it may be put right again
    act(confirmation, "withdraw", actor=county.mediator, reason="再考虑")
    assert correct(county, row, of(row, "party"), FIRST)
    Dispute.objects.filter(pk=row.dispute_id).update(state="archived")
    refused(county, row, of(row, "party"), FIRST + DAY, "dispute_state", error=Conflict)
    older = replaced(county)
    with pytest.raises(Conflict):
        correct(county, older, of(older, "party"), FIRST)


def test_an_agent_did_not_sign_before_the_paper_nor_a_party_by_account_on_another_day(county, clock):
    # given an agent who signed by a paper of 4 June, and a party who signed by the own account
    dispute = county.mediating()
    own, other = parties(dispute)
    other = party_amend(other, actor=county.mediator, agent="马大军")
    clock.move_to(NOW + 4 * DAY)
    paper = {"number": "授1", "signed_on": FIRST + 2 * DAY, "scope": "special"}
    authorisation_record(other, actor=county.mediator, **paper)
    row = drafted(county, dispute, made_on=FIRST)
    act(row, "sign_party", actor=county.mediator, party=other, by_agent=True, on=FIRST + 4 * DAY)
    row = act(row, "sign_party", actor=county.people["neighbour"], party=own, how="electronic")
    assert str(FIRST + 2 * DAY) in str(refused(county, row, of(row, "party", 0), FIRST + DAY, "authorisation").detail)
    assert correct(county, row, of(row, "party", 0), FIRST + 2 * DAY)
    assert refused(county, row, of(row, "party", 1), FIRST + 3 * DAY, "own").field == "signature"


def test_an_oral_agreement_has_no_signature_to_correct_and_the_rows_are_kept(county, clock):
    oral = act(drafted(county, form="oral"), "record_oral", actor=county.mediator)
    clock.move_to(NOW + 2 * DAY)
    with pytest.raises(Conflict):
        correct(county, oral, of(oral, "mediator"), FIRST)
    row = signed(county, drafted(county))
    clock.move_to(NOW + 8 * DAY)
    correct(county, row, of(row, "mediator"), FIRST + 5 * DAY)
    for change in (lambda: SignatureDay.objects.update(on=FIRST), lambda: SignatureDay.objects.all().delete()):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
