"""Who has not full capacity agrees, withdraws and asks for confirmation only through the legal agent with a paper."""

from datetime import date

import pytest

from cases.tests.api import client_of
from governance.errors import Conflict, Invalid
from governance.testing import snapshot
from governance.workflow import act
from mediation.agreements.authorising import authorisation_record
from mediation.agreements.documents.papers import paper_take
from mediation.agreements.tests.deals import parties
from mediation.confirmation.eligibility import reasons_of
from mediation.confirmation.tests.test_confirmation import opened
from mediation.disputes.parties import party_amend
from mediation.models import ConfirmationConsent, Consent, Dispute, JudicialConfirmation, Party
from mediation.papers.saying import OF_AGENT, Reader, may_say, say
from mediation.tests.papers import text_of

pytestmark = pytest.mark.django_db
PAPER = {"number": "户口簿2026-7", "signed_on": date(2026, 6, 1), "scope": "legal"}


def child_of(dispute: Dispute, *, which: int = 1, agent: str = "马大军") -> Party:
    """One of the parties is a minor; ``agent``: the parent who is named."""
    party = parties(dispute)[which]
    Party.objects.filter(pk=party.pk).update(without_capacity=True, agent=agent)
    return Party.objects.select_related("dispute").get(pk=party.pk)


def paper(county, party: Party):
    return authorisation_record(party, actor=county.mediator, **PAPER)


def refused(county, party: Party, answer: str, code: str) -> None:
    before = snapshot(party.dispute), Consent.objects.count()
    with pytest.raises(Invalid) as error:
        county.consent(party, answer)
    assert (error.value.field, error.value.code) == ("party", code)
    assert (snapshot(party.dispute), Consent.objects.count()) == before


def test_consent_needs_the_named_legal_agent_and_the_paper(county):
    # given a dispute of a minor whose parent is not named: a consent is refused, a "no" is taken
    party = child_of(county.dispute(), agent="")
    refused(county, party, "agreed", "agent_needed")
    assert county.consent(party, "refused").authorisation is None
    # nor with a name alone, nor with a paper that is none of a legal agent
    party = party_amend(party, actor=county.mediator, agent="马大军")
    refused(county, party, "agreed", "no_authorisation")
    # when the paper is recorded, then the row tells by which
    recorded = paper(county, party)
    row = county.consent(party)
    assert row.authorisation == recorded
    page = client_of(county.mediator).get(f"/admin/mediation/dispute/{party.dispute_id}/change/").content.decode()
    assert PAPER["number"] in page
    told = client_of(county.mediator).get(f"/api/v1/mediation/disputes/{party.dispute_id}/").json()["consents"]
    assert PAPER["number"] in [one["authorisation"] for one in told]
    notice = text_of(paper_take(party.dispute, "notice", actor=county.mediator)[1])
    assert PAPER["number"] in notice and "法定代理人" in notice
    # and of a party of full capacity nothing is asked
    assert county.consent(parties(party.dispute)[0]).authorisation is None


def test_a_minor_does_not_end_the_mediation_for_all(county):
    party = child_of(county.mediating())
    refused(county, party, "withdrawn", "no_authorisation")
    assert Dispute.objects.get().state == "mediating"
    paper(county, party)
    county.consent(party, "withdrawn")
    assert Dispute.objects.get().state == "terminated"


def test_by_rest_the_field_is_named(county):
    party = child_of(county.dispute())
    body = {"party": party.pk, "what": "mediation", "answer": "agreed", "how": "oral"}
    answer = client_of(county.mediator).post(f"/api/v1/mediation/disputes/{party.dispute_id}/consents/", body,
                                             format="json")  # fmt: skip
    assert answer.status_code == 400 and "party" in str(answer.json()) and not Consent.objects.exists()


def test_on_the_own_page_the_guardian_answers(county):
    # given a minor with an account, of whom no paper is recorded
    party = child_of(county.mediating(), which=0)
    for reader in (Reader(party), Reader(party, county.people["neighbour"])):
        assert not set(OF_AGENT) & set(may_say(party, by_account=reader.user is not None))
        for word in ("withdraw", "agree", "refuse", "confirm"):
            with pytest.raises(Conflict) as error:
                say(reader, word)
            assert error.value.code == "agent_needed"
    page = client_of(county.people["neighbour"]).get(f"/r/disputes/{party.pk}/").content.decode()
    assert "法定代理人" in page and "say/withdraw/" not in page
    own = client_of(county.people["neighbour"]).get(f"/api/v1/mediation/own/{party.pk}/").json()
    assert own["through_agent"] is True and "withdraw" not in own["may"]
    # when the paper is recorded, then the page behind the link is the agent's; the minor's own account never is
    paper(county, party)
    assert "withdraw" in may_say(party) and "withdraw" not in may_say(party, by_account=True)
    with pytest.raises(Conflict):
        say(Reader(party, county.people["neighbour"]), "withdraw")
    assert Dispute.objects.get().state == "mediating"
    assert say(Reader(party), "withdraw").authorisation.number == PAPER["number"]
    assert Dispute.objects.get().state == "terminated"


def test_asking_for_confirmation_too(county):
    # given an agreement in effect that binds a minor with an account
    row = opened(county)
    party = child_of(row.dispute, which=0)
    row = JudicialConfirmation.objects.with_rows().get(pk=row.pk)
    given = {"party": party, "answer": "agreed"}
    for actor, how in ((county.mediator, "recorded"), (county.people["neighbour"], "account")):
        with pytest.raises(Invalid) as error:
            act(row, "consent", actor=actor, how=how, **given)
        assert error.value.field == "party"
    assert "no_agent" in [reason.code for reason in reasons_of(row)]
    assert not ConfirmationConsent.objects.exists()
    # when the paper is recorded: through the mediator, not by the account
    recorded = paper(county, party)
    with pytest.raises(Invalid):
        act(row, "consent", actor=county.people["neighbour"], how="account", **given)
    act(row, "consent", actor=county.mediator, how="recorded", **given)
    assert ConfirmationConsent.objects.get().authorisation == recorded
    assert "no_agent" not in [reason.code for reason in reasons_of(row)]
    application = text_of(paper_take(row.dispute, "confirmation_application", actor=county.mediator)[1])
    assert PAPER["number"] in application
