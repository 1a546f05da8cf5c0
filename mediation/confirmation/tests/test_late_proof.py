"""Recorded after the last day as handed in within the term: why, and what proves it; the court decides by both."""

from datetime import timedelta

import pytest

from cases.tests.api import client_of
from governance.attachments import read_uploads
from governance.errors import Conflict, Invalid, NotPermitted
from governance.models import Event
from governance.tests.test_attachments import photo
from governance.workflow import act
from mediation.confirmation.tests.test_confirmation import PROOF, applied, opened, snapshot, wished
from mediation.confirmation.tests.test_wishes import fresh
from mediation.files.keeping import file_add, file_remove
from mediation.models import ConfirmationState, DisputeFile
from mediation.tests.county import NOW

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
LAST = NOW.date() + 30 * DAY  # 2 July
REASON, NUMBER = PROOF["reason"], PROOF["proof"]


@pytest.fixture
def late(county, clock):
    """Both asked for it within the term; it is two days over."""
    row = wished(county, opened(county))
    clock.move_to(NOW + 32 * DAY)
    return row


def paper(county, dispute, **given):
    usual = {"actor": county.handler(dispute), "kind": "evidence", "uploads": read_uploads([photo()])}
    return file_add(dispute, **usual | given)


def apply(county, row, **given):
    usual = {"actor": county.mediator, "court": county.unit("court"), "basis": "mediation", "applied_on": LAST}
    return act(row, "apply", **usual | given)


@pytest.mark.parametrize(("given", "field"), [
    ({}, "reason"), ({"proof": NUMBER}, "reason"), ({"reason": " ", "proof": NUMBER}, "reason"),
    ({"reason": REASON}, "proof"), ({"reason": REASON, "proof": "  "}, "proof"),
    ({"reason": REASON, "proof": "甲" * 121}, "proof"), ({"reason": "甲" * 1001, "proof": NUMBER}, "reason"),
])  # fmt: skip
def test_a_day_typed_in_afterwards_moves_nothing_by_itself(county, late, given, field):
    before = snapshot(late)
    with pytest.raises(Invalid) as refusal:
        apply(county, late, **given)
    assert refusal.value.field == field and snapshot(late) == before


@pytest.mark.parametrize("door", ["api", "admin"])
def test_every_door_names_the_field(county, late, door):
    given = {"court": "court", "basis": "mediation", "applied_on": str(LAST), "reason": REASON}
    client = client_of(county.mediator)
    if door == "api":
        answer = client.post(f"/api/v1/mediation/confirmations/{late.pk}/transitions/apply/", given)
        assert answer.status_code == 400 and answer.json()["errors"][0]["attr"] == "proof"
    else:
        page = f"/admin/mediation/judicialconfirmation/{late.pk}/transition/apply/"
        asked = client.get(page).content.decode()
        assert 'name="proof_file"' in asked and "为何现在才登记" in asked
        answer = client.post(page, given, format="multipart")
        assert answer.status_code == 400 and "邮寄单号" in answer.content.decode()
    assert fresh(late).state == ConfirmationState.ELIGIBLE


def test_no_proof_makes_a_late_day_timely(county, late):
    with pytest.raises(Conflict) as refusal:
        apply(county, late, applied_on=LAST + DAY, **PROOF)
    assert refusal.value.code == "late"


@pytest.mark.parametrize("door", ["service", "api", "admin"])
def test_the_clerk_reads_why_and_what_proves_it(county, late, door):
    # given a receipt in the file, which the court does not read yet
    shown = paper(county, late.dispute, caption="邮政回执")
    client, body = client_of(county.mediator), {"court": "court", "basis": "mediation", "applied_on": str(LAST)}
    body |= PROOF | {"proof_file": str(shown.pk)}
    # when the application is recorded
    if door == "service":
        apply(county, late, **PROOF, proof_file=shown)
    elif door == "api":
        answer = client.post(f"/api/v1/mediation/confirmations/{late.pk}/transitions/apply/", body)
        assert answer.status_code == 200, answer.content
    else:
        page = f"/admin/mediation/judicialconfirmation/{late.pk}/transition/apply/"
        assert client.post(page, body, format="multipart").status_code == 302
    # then row and event hold both, and the file goes to the court
    row = fresh(late)
    assert (row.state, row.late_reason, row.proof, row.proof_file) == ("jointly_applied", REASON, NUMBER, shown)
    event = Event.objects.get(name="confirmation.applied")
    assert (event.payload["proof"], event.payload["proof_file"]) == (NUMBER, shown.pk)
    assert REASON in event.remark.text and NUMBER in event.remark.text
    assert DisputeFile.objects.get(pk=shown.pk).for_court
    # and the clerk reads them on the page, in REST and in the history, and decides by them
    clerk = county.people["judges_clerk"]
    told = client_of(clerk).get(f"/api/v1/mediation/confirmations/{row.pk}/").json()
    assert (told["late_reason"], told["proof"], told["proof_file"]) == (REASON, NUMBER, shown.pk)
    seen = client_of(clerk).get(f"/admin/mediation/judicialconfirmation/{row.pk}/change/").content.decode()
    assert seen.count(REASON) == 2 and seen.count(NUMBER) == 2 and "邮政回执" in seen
    assert DisputeFile.objects.opened_to(clerk).filter(pk=shown.pk).exists()
    with pytest.raises(Conflict):
        file_remove(shown, actor=county.mediator, reason="误传")
    assert act(row, "receive", actor=clerk).state == ConfirmationState.RECEIVED


def test_a_file_of_another_dispute_or_taken_away_proves_nothing(county, late):
    other = paper(county, county.mediating())
    gone = file_remove(paper(county, late.dispute), actor=county.mediator, reason="误传")
    before = snapshot(late)
    for row in (other, gone):
        with pytest.raises(Invalid) as refusal:
            apply(county, late, reason=REASON, proof_file=row)
        assert refusal.value.field == "proof_file" and snapshot(late) == before
    given = {"court": "court", "basis": "mediation", "applied_on": str(LAST), "reason": REASON}
    address = f"/api/v1/mediation/confirmations/{late.pk}/transitions/apply/"
    answer = client_of(county.mediator).post(address, given | {"proof_file": str(other.pk)})
    assert answer.status_code == 400 and answer.json()["errors"][0]["attr"] == "proof_file"


def test_recorded_in_time_it_needs_no_proof_and_keeps_none(county, clock):
    row = wished(county, opened(county))
    clock.move_to(NOW + 30 * DAY)
    page = client_of(county.mediator).get(f"/admin/mediation/judicialconfirmation/{row.pk}/transition/apply/")
    assert 'name="proof"' not in page.content.decode()
    row = apply(county, row, **PROOF)
    assert (row.late_reason, row.proof, row.proof_file) == ("", "", None)
    assert "proof" not in Event.objects.get(name="confirmation.applied").payload


def test_corrected_it_keeps_its_proof(county, late):
    row = apply(county, late, **PROOF)
    act(row, "correct", actor=county.mediator, court=county.unit("court"), basis="domicile", reason="选错依据")
    row = fresh(row)
    assert (row.court_basis, row.late_reason, row.proof) == ("domicile", REASON, NUMBER)
    act(row, "correct", actor=county.mediator, court=county.unit("court"), basis="domicile", reason="单号有误",
        proof="EMS2")  # fmt: skip
    assert (fresh(row).late_reason, fresh(row).proof) == (REASON, "EMS2")


def test_what_proves_it_is_put_right(county, late):
    # given the wrong file chosen, which the court read nothing of before, and another that it reads anyhow
    wrong, right, anyhow = (paper(county, late.dispute, for_court=laid) for laid in (False, False, True))
    row = apply(county, late, **PROOF, proof_file=wrong)
    given = {"actor": county.mediator, "court": county.unit("court"), "basis": "mediation", "reason": "选错材料"}
    # when another basis alone is put right, all of it stays
    act(row, "correct", **given | {"basis": "domicile"})
    assert (fresh(row).proof, fresh(row).proof_file) == (NUMBER, wrong)
    # when the file is put right, then the wrong one is the court's no more, nor is the number that is not given again
    act(row, "correct", **given, proof_file=right, late_reason="快递当日未登记")
    row = fresh(row)
    assert (row.late_reason, row.proof, row.proof_file) == ("快递当日未登记", "", right)
    read = DisputeFile.objects.opened_to(county.people["judges_clerk"])
    assert set(read) == {right, anyhow}
    # and what the court reads for another reason stays with it
    act(row, "correct", **given, proof_file=anyhow)
    act(row, "correct", **given, proof="EMS9")
    assert (fresh(row).proof, fresh(row).proof_file) == ("EMS9", None) and set(read.all()) == {anyhow}
    # once the court has received it nothing is put right
    act(row, "receive", actor=county.people["judges_clerk"])
    with pytest.raises(Conflict):
        act(row, "correct", **given, proof="EMS1")


def test_the_page_shows_what_stands_and_may_replace_it(county, late):
    row = apply(county, late, **PROOF)
    page = f"/admin/mediation/judicialconfirmation/{row.pk}/transition/correct/"
    client = client_of(county.mediator)
    shown = client.get(page).content.decode()
    assert REASON in shown and NUMBER in shown
    given = {"court": "court", "basis": "mediation", "applied_on": str(LAST), "proof": "EMS3", "reason": "单号有误",
             "late_reason": "另一个原因"}  # fmt: skip
    assert client.post(page, given, format="multipart").status_code == 302
    assert (fresh(row).late_reason, fresh(row).proof) == ("另一个原因", "EMS3")


def test_recorded_in_time_and_corrected_after_the_last_day_it_needs_none(county, clock):
    row = applied(county)
    clock.move_to(NOW + 32 * DAY)
    act(row, "correct", actor=county.mediator, court=county.unit("court"), basis="domicile", reason="选错依据")
    assert (fresh(row).court_basis, fresh(row).late_reason) == ("domicile", "")


def test_nobody_else_records_it(county, late):
    before = snapshot(late)
    for key in ("judges_clerk", "outside_village_mediator", "neighbour", "counsellor"):
        with pytest.raises(NotPermitted):
            apply(county, late, actor=county.people[key], **PROOF)
    assert snapshot(late) == before


def test_on_the_own_page_a_party_asks_for_nothing_after_the_last_day(county, late):
    party = late.dispute.parties.get(user=county.people["neighbour"])
    client = client_of(county.people["neighbour"])
    assert not {"confirm", "not_confirm"} & set(client.get(f"/api/v1/mediation/own/{party.pk}/").json()["may"])
    answer = client.post(f"/api/v1/mediation/own/{party.pk}/say/", {"say": "confirm"})
    assert answer.status_code in (400, 409) and fresh(late).state == ConfirmationState.ELIGIBLE
