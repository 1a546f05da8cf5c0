"""Which court transferred a dispute is kept from the registering on: it alone confirms (民事诉讼法 205, item 1)."""

from datetime import timedelta

import pytest

from cases.tests.api import client_of
from governance.errors import Conflict, Invalid
from governance.models import Event, OrgUnit
from governance.workflow import act
from mediation.agreements.documents.papers import paper_take
from mediation.confirmation.courts import courts_for
from mediation.confirmation.tests.test_confirmation import in_state, opened, snapshot, wished
from mediation.models import ConfirmationState, Dispute, JudicialConfirmation
from mediation.tests.county import NOW
from mediation.tests.papers import text_of

pytestmark = pytest.mark.django_db
C = ConfirmationState


@pytest.fixture
def other(county) -> OrgUnit:
    return OrgUnit.objects.create(code="court-other", name="邻县法院", kind="court", area=county.area("other_district"))


def applied_to(county, row, court, name="apply", **given):
    return act(row, name, actor=county.mediator, court=court, basis="invited", **given)


def test_only_the_court_that_invited_confirms(county, other):
    # given a dispute that one court transferred, and an agreement of which both want confirmation
    row = wished(county, opened(county, source="court"))
    before = snapshot(row)
    assert courts_for(row) == [county.unit("court")]
    # when a court of another county is applied to as the one that invited, then it is refused and the right one named
    with pytest.raises(Invalid) as refusal:
        applied_to(county, row, other)
    assert (refusal.value.field, refusal.value.code) == ("court", "not_inviting") and snapshot(row) == before
    assert county.unit("court").name in str(refusal.value.detail) and "第二百零五条" in str(refusal.value.detail)
    row = applied_to(county, row, county.unit("court"))
    # nor is it corrected to that one
    with pytest.raises(Invalid):
        applied_to(county, row, other, "correct", reason="写错")
    assert JudicialConfirmation.objects.get(pk=row.pk).court == county.unit("court")


def form_of(county, **given):
    return {"title": "邻居狗叫", "facts": "狗整夜叫", "source": "court", "area": county.area("community").code,
            "applicant": "张三", "respondent": "李四", "people": "2", "urgency": "normal", "tier": "general",
            "type": "neighbours"} | given  # fmt: skip


@pytest.mark.parametrize("door", ["api", "/admin/mediation/dispute/add/", "/m/disputes/new/"])
def test_registering_asks_which_court_it_was(county, other, door):
    client = client_of(county.mediator)

    def sent(**given):
        body = form_of(county, **given)
        if door == "api":
            return client.post("/api/v1/mediation/disputes/", body, format="json").status_code
        return client.post(door, body, format="multipart").status_code

    # given a transfer by the court, then it is not registered without the court, nor with another unit, nor is a court
    # named where none transferred it
    for wrong in ({}, {"inviting_court": "medcom"}, {"inviting_court": "no-such"},
                  {"source": "police", "inviting_court": "court"}):  # fmt: skip
        assert sent(**wrong) == 400 and not Dispute.objects.exists(), wrong
    # when the court is named, then it is kept and shown
    assert sent(inviting_court="court-other") == (201 if door == "api" else 302)
    made = Dispute.objects.get()
    assert made.inviting_court == other
    assert Event.objects.get(name="dispute.registered").payload["inviting_court"] == other.pk
    assert client.get(f"/api/v1/mediation/disputes/{made.pk}/").json()["inviting_court"] == "court-other"
    assert "邻县法院" in client.get(f"/admin/mediation/dispute/{made.pk}/change/").content.decode()


@pytest.mark.parametrize("door", ["api", "admin"])
def test_the_wrong_court_is_put_right_until_a_court_has_received_the_application(county, other, door):
    # given a dispute with an agreement, of which the wrong court was entered
    row = wished(county, opened(county, source="court", inviting_court=other))
    client = client_of(county.mediator)
    address = f"/api/v1/mediation/disputes/{row.dispute_id}/transitions/amend/" if door == "api" else (
        f"/admin/mediation/dispute/{row.dispute_id}/transition/amend/")  # fmt: skip
    given = {"title": "改", "people": "3", "urgency": "urgent", "type": "neighbours"}
    format = "json" if door == "api" else "multipart"
    assert client.post(address, given, format=format).status_code == (200 if door == "api" else 302)
    assert Dispute.objects.get().inviting_court == other
    # when it is put right
    client.post(address, given | {"inviting_court": "court"}, format=format)
    # then that is on record, and that court is applied to
    assert Dispute.objects.get().inviting_court == county.unit("court")
    payload = Event.objects.filter(name="dispute.amended").order_by("-id").first().payload
    assert (payload["inviting_court_before"], payload["inviting_court"]) == (other.pk, county.unit("court").pk)
    row = JudicialConfirmation.objects.with_rows().get(pk=row.pk)
    row = act(applied_to(county, row, county.unit("court")), "receive", actor=county.people["judges_clerk"])
    with pytest.raises(Conflict) as refusal:
        act(row.dispute, "amend", actor=county.mediator, inviting_court=other)
    assert refusal.value.code == "at_court" and Dispute.objects.get().inviting_court == county.unit("court")


def test_no_court_is_added_where_none_transferred_it(county, other):
    dispute = county.dispute()
    with pytest.raises(Invalid) as refusal:
        act(dispute, "amend", actor=county.mediator, inviting_court=other)
    assert refusal.value.field == "inviting_court"
    assert Dispute.objects.get().inviting_court is None


@pytest.mark.parametrize("door", ["api", "admin"])
def test_how_it_came_is_put_right_with_the_court_until_one_has_received_the_application(county, other, door):
    # given a dispute of the court, registered as an application, with an agreement
    row = wished(county, opened(county))
    dispute, client = row.dispute, client_of(county.mediator)
    address = f"/api/v1/mediation/disputes/{dispute.pk}/transitions/amend/" if door == "api" else (
        f"/admin/mediation/dispute/{dispute.pk}/transition/amend/")  # fmt: skip
    kind, done = ("json", 200) if door == "api" else ("multipart", 302)
    given = {"title": "改", "people": "3", "urgency": "urgent", "type": "neighbours"}
    if door == "admin":
        page = client.get(address).content.decode()
        assert 'name="source"' in page and 'name="inviting_court"' in page

    def amended(code, **more):
        answer = client.post(address, given | more, format=kind)
        assert answer.status_code == code, answer.content.decode()[:500]
        found = Dispute.objects.get(pk=dispute.pk)
        return found.source, found.inviting_court

    # then which court it was is asked with it, and nothing else is taken for one
    assert amended(400, source="court") == amended(400, inviting_court="court") == ("application", None)
    assert amended(400, source="nowhere") == ("application", None)
    assert amended(done, source="court", inviting_court="court-other") == ("court", other)
    payload = Event.objects.filter(name="dispute.amended").order_by("-id").first().payload
    assert (payload["source_before"], payload["source"]) == ("application", "court")
    assert (payload["inviting_court_before"], payload["inviting_court"]) == (None, other.pk)
    # and the other way round: another source has no such court; the form still showed it
    assert amended(done) == ("court", other)
    assert amended(done, source="police", inviting_court="court-other") == ("police", None)
    assert amended(done, source="court", inviting_court="court") == ("court", county.unit("court"))
    # then that court is applied to; what it has received rests on it
    row = JudicialConfirmation.objects.with_rows().get(pk=row.pk)
    act(applied_to(county, row, county.unit("court")), "receive", actor=county.people["judges_clerk"])
    assert amended(409, source="application") == ("court", county.unit("court"))
    with pytest.raises(Conflict) as refusal:
        act(dispute, "amend", actor=county.mediator, source="application")
    assert refusal.value.code == "at_court"


def test_of_an_old_dispute_the_court_first_applied_to_is_kept(county, other, clock):
    # given a dispute registered before it was asked which court transferred it
    row = wished(county, opened(county, source="court"))
    Dispute.objects.update(inviting_court=None)
    row = JudicialConfirmation.objects.with_rows().get(pk=row.pk)
    row = applied_to(county, row, county.unit("court"))
    assert Dispute.objects.get().inviting_court == county.unit("court")
    # then no other one is taken for it afterwards
    clock.move_to(NOW + timedelta(days=1))
    row = act(row, "withdraw", actor=county.mediator, reason="再考虑")
    clock.move_to(NOW + timedelta(days=2))
    row = wished(county, act(row, "wanted", actor=county.mediator))
    with pytest.raises(Invalid) as refusal:
        applied_to(county, row, other)
    assert refusal.value.code == "not_inviting"


def test_without_a_transfer_any_competent_court_goes(county):
    row = in_state(county, C.JOINTLY_APPLIED)
    assert row.dispute.inviting_court is None and row.court_basis == "mediation"


@pytest.mark.parametrize("door", ["api", "admin"])
def test_where_the_inviting_court_is_closed_the_one_that_took_over_confirms(county, other, door):
    # given a dispute of a court that was closed as a unit before it was applied to
    row = wished(county, opened(county, source="court"))
    closed = county.unit("court")
    OrgUnit.objects.filter(pk=closed.pk).update(is_active=False)
    client = client_of(county.mediator)
    address = f"/api/v1/mediation/confirmations/{row.pk}/transitions/apply/" if door == "api" else (
        f"/admin/mediation/judicialconfirmation/{row.pk}/transition/apply/")  # fmt: skip
    kind, done = ("json", 200) if door == "api" else ("multipart", 302)
    told = f"{closed.name}已停用"
    if door == "admin":
        assert told in client.get(address).content.decode()
    # and the application the parties sign leaves the court open
    words = text_of(paper_take(row.dispute, "confirmation_application", actor=county.mediator)[1])
    assert closed.name not in words and "________人民法院" in words
    before = snapshot(row)
    # when it is applied to, or another one without a word why, then what to do is said beside the field
    for wrong, field in (({"court": "court"}, "court"), ({"court": "court-other"}, "court_reason")):
        answer = client.post(address, {"basis": "invited"} | wrong, format=kind)
        assert answer.status_code == 400 and told in answer.content.decode(), wrong
        if door == "api":
            assert [error["attr"] for error in answer.json()["errors"]] == [field]
    assert snapshot(row) == before
    # when it is said by what the other one took over, then that one has it, and who transferred the dispute stays said
    given = {"court": "court-other", "basis": "invited", "court_reason": "本院受理范围已划归邻县法院"}
    assert client.post(address, given, format=kind).status_code == done
    row = JudicialConfirmation.objects.with_rows().get(pk=row.pk)
    assert (row.state, row.court, row.court_reason) == (C.JOINTLY_APPLIED, other, given["court_reason"])
    assert Dispute.objects.get(pk=row.dispute_id).inviting_court == closed
    # and corrected it is as it was applied for
    with pytest.raises(Invalid) as refusal:
        applied_to(county, row, other, "correct", reason="日期写错")
    assert refusal.value.field == "court_reason"
    row = applied_to(county, row, other, "correct", reason="日期写错", court_reason=given["court_reason"])
    assert row.court == other


@pytest.mark.parametrize("door", ["api", "admin"])
def test_a_dispute_of_a_closed_court_is_corrected_as_it_stands(county, door):
    row = opened(county, source="court")
    OrgUnit.objects.filter(code="court").update(is_active=False)
    address = f"/api/v1/mediation/disputes/{row.dispute_id}/transitions/amend/" if door == "api" else (
        f"/admin/mediation/dispute/{row.dispute_id}/transition/amend/")  # fmt: skip
    kind, done = ("json", 200) if door == "api" else ("multipart", 302)
    given = {"title": "改", "people": "3", "urgency": "urgent", "type": "neighbours", "inviting_court": "court"}
    assert client_of(county.mediator).post(address, given, format=kind).status_code == done
    dispute = Dispute.objects.get(pk=row.dispute_id)
    assert (dispute.title, dispute.inviting_court) == ("改", county.unit("court"))
