"""An agent's paper that was recorded wrongly is put right: the newest that stands counts, a wrong one is struck."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from cases.tests.api import client_of
from governance.errors import Conflict, Invalid, NotPermitted
from governance.models import Event
from governance.workflow import act
from mediation.agreements.authorising import authorisation_of, authorisation_record, authorisation_strike
from mediation.agreements.tests.deals import drafted, parties
from mediation.agreements.tests.test_authorising import PAPER, with_agent
from mediation.agreements.work_forms import AuthorisationForm
from mediation.disputes.capacity import legal_paper_of
from mediation.models import AgentAuthorisation, AgreementSignature, Party

pytestmark = pytest.mark.django_db
DAY, WHY = date(2026, 6, 1), "权限登记错误"


def recorded(county, party, **given) -> AgentAuthorisation:
    return authorisation_record(party, actor=county.mediator, **(PAPER | given))


def address(door: str, row: AgentAuthorisation) -> str:
    if door == "api":
        return f"/api/v1/mediation/authorisations/{row.pk}/strike/"
    return reverse("admin:mediation_dispute_strike_authorisation", args=[row.dispute_id, row.pk])


def test_nothing_is_chosen_for_how_far_the_agent_may_go(county):
    # given the form of a dispute with an agent
    party = with_agent(county.mediating())
    page = client_of(county.mediator).get(f"/admin/mediation/dispute/{party.dispute_id}/do/authorisation/")
    # then no scope is preselected, and without one nothing is recorded by any door
    assert AuthorisationForm(dispute=party.dispute).fields["scope"].choices[0][0] == ""
    chosen = page.content.decode().split('name="scope"')[1].split("</select>")[0]
    assert 'value="special"' in chosen and 'value="special" selected' not in chosen
    body = {"party": party.pk, "number": "授1", "signed_on": "2026-06-01"}
    client = client_of(county.mediator)
    page = client.post(f"/admin/mediation/dispute/{party.dispute_id}/do/authorisation/", body, "multipart")
    assert page.status_code == 400
    assert client.post("/api/v1/mediation/authorisations/", body, format="json").status_code == 400
    assert not AgentAuthorisation.objects.exists()


def test_the_newest_that_stands_counts_whatever_its_scope(county):
    # given a paper of which a special authorisation was recorded, and then the general one that it is
    agreement = drafted(county)
    party = with_agent(agreement.dispute)
    recorded(county, party)
    general = recorded(county, party, scope="general")
    # then the agent settles for nobody
    assert authorisation_of(party, DAY) is None
    with pytest.raises(Invalid) as refusal:
        act(agreement, "sign_party", actor=county.mediator, party=party, by_agent=True)
    assert refusal.value.code == "no_authorisation" and not AgreementSignature.objects.exists()
    # until a later paper says more, from its day on; struck, it is as before
    later = recorded(county, party, number="授2", signed_on=DAY - timedelta(days=1))
    assert authorisation_of(party, DAY) is None and authorisation_of(party, DAY - timedelta(days=1)) == later
    authorisation_strike(general, actor=county.mediator, reason=WHY)
    assert authorisation_of(party, DAY).scope == "special"


def test_a_legal_agent_counts_beside_papers_of_before(county):
    # given a party who lost full capacity after a special authorisation was recorded
    party = with_agent(county.mediating())
    recorded(county, party)
    party = with_agent(party.dispute, without_capacity=True)
    assert authorisation_of(party, DAY) is None
    legal = recorded(county, party, scope="legal", number="监护1", signed_on=date(2020, 1, 2))
    assert authorisation_of(party, DAY) == legal == legal_paper_of(party, DAY)
    authorisation_strike(legal, actor=county.mediator, reason=WHY)
    assert legal_paper_of(party, DAY) is None is authorisation_of(party, DAY)


@pytest.mark.parametrize("door", ["service", "api", "admin"])
def test_who_strikes_through_service_admin_and_rest(county, door):
    # given the people of the county, and a paper of a dispute of the village
    party = with_agent(county.mediating())
    row, may = recorded(county, party), {"village_mediator", "colleague"}
    before = Event.objects.count()

    def strikes(key, reason=WHY):
        if door == "service":
            return authorisation_strike(row, actor=county.user(key), reason=reason)
        kind = "json" if door == "api" else "multipart"
        return client_of(county.user(key)).post(address(door, row), {"reason": reason}, format=kind).status_code

    for key in sorted(set(county.people) - may):
        if door == "service":
            with pytest.raises(NotPermitted):
                strikes(key)
        else:
            assert strikes(key) in (302, 403, 404), key
        row.refresh_from_db()
        assert row.struck_at is None and Event.objects.count() == before, key
    # when somebody who works on it gives no reason: refused; with one it is struck, kept, and told with the reason
    if door == "service":
        with pytest.raises(Invalid) as refusal:
            strikes("colleague", " ")
        assert refusal.value.field == "reason"
    else:
        assert strikes("colleague", " ") == 400
    assert strikes("colleague") in (200, 302, row)
    row.refresh_from_db()
    assert row.struck_at is not None and authorisation_of(party, DAY) is None
    event = Event.objects.get(name="dispute.authorisation_struck")
    assert event.remark.text == WHY and event.payload["authorisation"] == row.pk and "马" not in str(event.payload)
    listed = client_of(county.mediator).get("/api/v1/mediation/authorisations/").json()["results"]
    assert [bool(one["struck_at"]) for one in listed] == [True]
    with pytest.raises(Conflict) as refusal:
        authorisation_strike(row, actor=county.mediator, reason=WHY)
    assert refusal.value.code == "struck"


def test_not_once_somebody_signed_or_answered_by_it(county):
    # given an agent who signed
    agreement = drafted(county)
    party = with_agent(agreement.dispute)
    row = recorded(county, party)
    act(agreement, "sign_party", actor=county.mediator, party=party, by_agent=True)
    client = client_of(county.mediator)
    with pytest.raises(Conflict) as refusal:
        authorisation_strike(row, actor=county.mediator, reason=WHY)
    assert refusal.value.code == "rests"
    for door, kind in (("api", "json"), ("admin", "multipart")):
        assert client.post(address(door, row), {"reason": WHY}, format=kind).status_code in (400, 409)
    row.refresh_from_db()
    assert row.struck_at is None
    # when the draft is discarded, its signature stands for nothing any more
    act(agreement, "discard", actor=county.mediator, reason="权限有误")
    assert authorisation_strike(row, actor=county.mediator, reason=WHY).struck_at is not None
    # nor is one struck by which a legal agent answered
    with_agent(agreement.dispute, without_capacity=True)
    legal = recorded(county, Party.objects.get(pk=party.pk), scope="legal")
    county.consent(Party.objects.get(pk=party.pk))
    with pytest.raises(Conflict) as refusal:
        authorisation_strike(legal, actor=county.mediator, reason=WHY)
    assert refusal.value.code == "rests"


@pytest.mark.parametrize("page", ["/admin/mediation/dispute/{}/change/", "/m/disputes/{}/"])
def test_papers_stand_beside_the_party_on_the_desk_and_on_the_phone(county, page):
    party = with_agent(county.mediating())
    wrong = recorded(county, party, number="授错1")
    right = recorded(county, party, number="授对2", scope="general")
    signed = parties(party.dispute)[0]
    client, shown = client_of(county.mediator), page.format(party.dispute_id)
    text = client.get(shown).content.decode()
    for told in (
        "授错1",
        "授对2",
        "2026-06-01",
        "特别授权",
        "一般授权",
        address("admin", wrong),
        address("admin", right),
    ):
        assert told in text, told
    assert "马小军" not in text and signed.pk != party.pk
    # when one is struck, it stands there as such and is not struck again
    authorisation_strike(wrong, actor=county.mediator, reason=WHY)
    text = client.get(shown).content.decode()
    assert "授错1" in text and "作废" in text and address("admin", wrong) not in text
