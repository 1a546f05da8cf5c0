"""A recusal that is decided after the dispute has ended, or after its reopening was taken back."""

import pytest

from cases.tests.api import client_of
from governance.errors import Conflict, Invalid
from governance.testing import snapshot
from governance.workflow import act
from mediation.agreements.tests.deals import effective, parties
from mediation.disputes.recusals import recusal_ask
from mediation.models import Dispute, Recusal

pytestmark = pytest.mark.django_db


def asked(county, dispute):
    return recusal_ask(dispute, actor=county.mediator, ground="interest", party=parties(dispute)[0])


def reopened(county) -> Dispute:
    """An agreement in effect, whose dispute was reopened."""
    return county.step(Dispute.objects.get(pk=effective(county).dispute_id), "reopen")


@pytest.mark.parametrize("door", ["api", "admin"])
@pytest.mark.parametrize("closed", [False, True])
def test_while_an_agreement_is_followed_up_somebody_else_is_named(county, door, closed):
    # given a recusal asked for in a reopening that was taken back
    dispute = Dispute.objects.get(pk=effective(county).dispute_id)
    if closed:
        dispute = county.step(dispute, "close")
    dispute = county.step(dispute, "reopen")
    row = asked(county, dispute)
    dispute = county.step(dispute, f"take_back_to_{'closed' if closed else 'agreed'}", reason="误操作")
    client = client_of(county.people["colleague"])
    address = {"api": f"/api/v1/mediation/recusals/{row.pk}/transitions/uphold/",
               "admin": f"/admin/mediation/recusal/{row.pk}/transition/uphold/"}[door]  # fmt: skip
    kind = "json" if door == "api" else "multipart"
    # then it is not upheld without saying who follows it up now
    before = snapshot(dispute)
    assert client.post(address, {}, format=kind).status_code == 400
    assert snapshot(dispute) == before and Recusal.objects.get().state == "asked"
    assert client.post(address, {"mediator": "colleague"}, format=kind).status_code in (200, 302)
    assert Dispute.objects.get(pk=dispute.pk).mediator == county.people["colleague"]
    assert Recusal.objects.get().state == "upheld"


@pytest.mark.parametrize("door", ["api", "admin"])
@pytest.mark.parametrize("end", ["terminate", "refer"])
def test_after_another_end_it_is_upheld_alone_and_keeps_them_out(county, door, end):
    # given a recusal that nobody decided before the mediation ended
    dispute = county.mediating()
    row = asked(county, dispute)
    dispute = county.step(dispute, end, by=county.people["colleague"])
    with pytest.raises(Invalid) as refused:
        act(row, "uphold", actor=county.people["colleague"], mediator=county.people["colleague"])
    assert refused.value.field == "mediator" and Recusal.objects.get().state == "asked"
    client = client_of(county.people["colleague"])
    address = {"api": f"/api/v1/mediation/recusals/{row.pk}/transitions/uphold/",
               "admin": f"/admin/mediation/recusal/{row.pk}/transition/uphold/"}[door]  # fmt: skip
    if door == "admin":
        assert 'name="mediator"' not in client.get(address).content.decode()
    assert client.post(address, {}, format="json" if door == "api" else "multipart").status_code in (200, 302)
    # then it is upheld, they read it no longer, and do not mediate it when it is opened again
    assert Recusal.objects.get().state == "upheld"
    assert not Dispute.objects.visible_to(county.user("village_mediator")).exists()
    colleague = county.people["colleague"]
    dispute = county.step(Dispute.objects.get(), "reopen", by=colleague)
    for party in parties(dispute):
        county.consent(party, actor=colleague)
    with pytest.raises(Conflict) as refused:
        act(dispute, "begin", actor=colleague)
    assert refused.value.code == "mediator_recused"
    dispute = act(dispute, "assign", actor=colleague, mediator=colleague)
    assert act(dispute, "begin", actor=colleague).state == "mediating"


def test_a_reopening_is_not_taken_back_to_an_agreement_that_nobody_follows_up(county):
    # given a reopening in which the mediator was recused, and nobody was named instead
    dispute = reopened(county)
    act(asked(county, dispute), "uphold", actor=county.people["colleague"])
    dispute, colleague = Dispute.objects.get(), county.people["colleague"]
    assert dispute.mediator is None
    before = snapshot(dispute)
    address = f"/api/v1/mediation/disputes/{dispute.pk}/transitions/take_back_to_agreed/"
    answer = client_of(colleague).post(address, {"reason": "误操作"})
    assert answer.status_code == 409 and snapshot(dispute) == before, answer.content
    act(dispute, "assign", actor=colleague, mediator=colleague)
    assert client_of(colleague).post(address, {"reason": "误操作"}).json()["state"] == "agreed"


def test_who_mediates_already_is_not_named_again(county):
    # given a mediator who was replaced before the recusal was decided
    dispute = county.mediating()
    row = asked(county, dispute)
    act(dispute, "assign", actor=county.mediator, mediator=county.people["colleague"])
    with pytest.raises(Invalid) as refused:
        act(row, "uphold", actor=county.people["colleague"], mediator=county.people["colleague"])
    assert refused.value.code == "not_needed"
    assert act(row, "uphold", actor=county.people["colleague"]).state == "upheld"
