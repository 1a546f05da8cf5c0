"""Nobody is said to have refused who has not: neither by a form's first choice, nor by whoever declines."""

import re

import pytest

from cases.tests.api import client_of
from governance.errors import Invalid, NotPermitted
from governance.testing import snapshot
from governance.workflow import act
from mediation.agreements.tests.deals import parties
from mediation.disputes.parties import party_amend
from mediation.models import Dispute

pytestmark = pytest.mark.django_db
REFUSED = {"ground": "party_refused", "reason": "不愿调解"}


def fresh(dispute):
    return Dispute.objects.get(pk=dispute.pk)


def brought(county, given: str):
    """A dispute nobody has accepted; ``given``: what its parties have said."""
    dispute = county.in_state("awaiting_consent")
    first, second = parties(dispute)
    if given in ("agreed", "one agreed"):
        for party in (first, second) if given == "agreed" else (first,):
            county.consent(party)
    if given == "refused, then agreed":
        county.consent(second, "refused")
        county.consent(second)
    if given == "refused, then put right":
        county.consent(second, "refused")
        party_amend(second, actor=county.mediator, phone="13900003077")
    if given == "refused":
        county.consent(first)
        county.consent(second, "refused")
    return fresh(dispute)


@pytest.mark.parametrize(
    "given", ["nothing", "one agreed", "agreed", "refused, then agreed", "refused, then put right"]
)
def test_who_did_not_refuse_is_not_said_to_have(county, given):
    # given parties of whom none refuses by what counts now
    dispute = brought(county, given)
    before = snapshot(dispute)
    # when it is declined because a party refuses, then the ground is named and nothing changes
    with pytest.raises(Invalid) as refusal:
        act(dispute, "decline", actor=county.mediator, **REFUSED)
    assert (refusal.value.field, refusal.value.code) == ("ground", "nobody_refused")
    assert snapshot(fresh(dispute)) == before
    # but for another reason it may be
    assert county.step(dispute, "decline", ground="no_dispute").state == "declined"


def test_who_refused_is(county):
    dispute = county.step(brought(county, "refused"), "decline", **REFUSED)
    assert (dispute.state, dispute.ended_ground) == ("declined", "party_refused")


def test_who_may_not_decline_learns_nothing_of_the_answers(county):
    dispute = brought(county, "agreed")
    for key in ("outside_village_mediator", "neighbour", "counsellor", "grid_worker"):
        with pytest.raises(NotPermitted):
            act(dispute, "decline", actor=county.people[key], **REFUSED)


@pytest.mark.parametrize("door", ["api", "admin"])
def test_the_doors_name_the_ground(county, door):
    dispute, client = brought(county, "one agreed"), client_of(county.mediator)
    if door == "api":
        answer = client.post(f"/api/v1/mediation/disputes/{dispute.pk}/transitions/decline/", REFUSED)
        assert answer.json()["errors"][0]["attr"] == "ground"
    else:
        page = f"/admin/mediation/dispute/{dispute.pk}/transition/decline/"
        answer = client.post(page, REFUSED, format="multipart")
        assert "没有当事人拒绝调解的记录" in answer.content.decode()
    assert answer.status_code == 400 and fresh(dispute).state == "awaiting_consent"


@pytest.mark.parametrize(
    ("name", "state", "fields"),
    [
        ("decline", "awaiting_consent", ["ground"]), ("terminate", "mediating", ["ground", "how"]),
        ("refer", "registered", ["where"]), ("tell_rights", "awaiting_consent", ["how"]),
    ],
)  # fmt: skip
def test_what_is_said_to_parties_is_chosen_on_purpose(county, name, state, fields):
    # given the form at the desk, of which nothing but the reason is filled in
    dispute, client = county.in_state(state), client_of(county.mediator)
    page = f"/admin/mediation/dispute/{dispute.pk}/transition/{name}/"
    shown = client.get(page).content.decode()
    for field in fields:
        select = re.search(rf'<select name="{field}".*?</select>', shown, re.DOTALL).group()
        assert re.findall(r'<option value="([^"]*)"( selected)?', select)[0] == ("", " selected")
        assert select.count(" selected") == 1
    # when it is sent as a browser sends it, then nothing is done
    answer = client.post(page, dict.fromkeys(fields, "") | {"reason": "双方谈不拢"}, format="multipart")
    assert answer.status_code == 400 and fresh(dispute).state == state
