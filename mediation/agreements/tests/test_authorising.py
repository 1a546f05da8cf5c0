"""Who signs or applies for a party by an agent: the paper is recorded first, printed, and asked for in the file."""

from datetime import date, timedelta
from io import BytesIO

import pytest
from docx import Document

from cases.tests.api import client_of
from governance.errors import Conflict, Invalid, NotPermitted
from governance.models import Event
from governance.testing import snapshot
from governance.workflow import act
from mediation.agreements.authorising import authorisation_of, authorisation_record
from mediation.agreements.documents.papers import paper_take
from mediation.agreements.tests.deals import drafted, effective, parties
from mediation.confirmation.tests.test_confirmation import opened
from mediation.disputes.acting import clock
from mediation.disputes.completeness import missing_of
from mediation.disputes.parties import party_amend
from mediation.models import (
    AgentAuthorisation,
    Agreement,
    AgreementSignature,
    ConfirmationConsent,
    Dispute,
    JudicialConfirmation,
    Party,
)
from mediation.tests.county import NOW

pytestmark = pytest.mark.django_db
PAPER = {"number": "授权〔2026〕3号", "signed_on": date(2026, 6, 1), "scope": "special"}
MISSING = "代理人授权文书"


def with_agent(dispute: Dispute, **given) -> Party:
    """The respondent is represented by a son."""
    party = parties(dispute)[1]
    for name, value in ({"agent": "马小军"} | given).items():
        setattr(party, name, value)
    party.save()
    return party


def test_an_agent_signs_only_with_a_paper_that_allows_to_settle(county):
    # given a respondent with an agent
    agreement = drafted(county)
    party = with_agent(agreement.dispute)
    before = AgreementSignature.objects.count()

    # when the agent signs without a paper, with one for attending only, or one of a later day: it is refused
    def signs():
        return act(agreement, "sign_party", actor=county.mediator, party=party, by_agent=True)

    for given in (None, {"scope": "general"}):
        if given:
            authorisation_record(party, actor=county.mediator, **(PAPER | given))
        with pytest.raises(Invalid) as refusal:
            signs()
        assert (refusal.value.field, refusal.value.code) == ("by_agent", "no_authorisation")
    assert AgreementSignature.objects.count() == before

    # when the paper allows to settle, then the signature says by which one
    paper = authorisation_record(party, actor=county.mediator, **PAPER)
    signs()
    assert AgreementSignature.objects.get(party=party).authorisation == paper
    page = client_of(county.mediator).get(f"/admin/mediation/agreement/{agreement.pk}/change/").content.decode()
    assert "授权〔2026〕3号" in page and "特别授权" in page
    told = client_of(county.mediator).get(f"/api/v1/mediation/agreements/{agreement.pk}/").json()
    assert [row["authorisation"] for row in told["signatures"]] == ["授权〔2026〕3号"]
    document = Document(BytesIO(paper_take(agreement.dispute, "agreement", actor=county.mediator)[1]))
    (line,) = [line.text for line in document.paragraphs if line.text.startswith("马国梁（")]
    assert line.startswith("马国梁（委托代理人 马小军 代）：签名（特别授权") and PAPER["number"] in line


def test_a_paper_counts_for_the_agent_it_names_from_its_day_on(county):
    party = with_agent(county.mediating())
    paper = authorisation_record(party, actor=county.mediator, **PAPER)
    assert authorisation_of(party, date(2026, 6, 1)) == paper
    assert authorisation_of(party, date(2026, 5, 31)) is None
    party = with_agent(party.dispute, agent="马大军")
    assert authorisation_of(party, date(2026, 6, 1)) is None


@pytest.mark.parametrize(("given", "party", "field"), [
    ({"number": "  "}, {}, "number"), ({"number": "甲\0"}, {}, "number"), ({"number": "甲" * 61}, {}, "number"),
    ({"scope": "all"}, {}, "scope"), ({"scope": "legal"}, {}, "scope"),
    ({"scope": "special"}, {"without_capacity": True}, "scope"),
    ({"signed_on": NOW.date() + timedelta(days=1)}, {}, "signed_on"), ({"signed_on": date(1, 1, 1)}, {}, "signed_on"),
    ({}, {"agent": ""}, "party"),
])  # fmt: skip
def test_what_is_wrong_with_a_paper_is_named(county, given, party, field):
    found = with_agent(county.mediating(), **party)
    before = Event.objects.count()
    with pytest.raises(Invalid) as refusal:
        authorisation_record(found, actor=county.mediator, **(PAPER | given))
    assert refusal.value.field == field
    assert (AgentAuthorisation.objects.count(), Event.objects.count()) == (0, before)


def test_who_records_a_paper_through_service_admin_and_rest(county):
    # given a party with an agent, and the people who work on the dispute
    dispute = county.mediating()
    party, may = with_agent(dispute), {"village_mediator", "colleague"}
    body = {"party": party.pk, "number": "授1", "signed_on": "2026-06-01", "scope": "special"}
    for key in sorted(county.people):
        user, before = county.user(key), AgentAuthorisation.objects.count()
        rest = client_of(user).post("/api/v1/mediation/authorisations/", body, format="json")
        page = client_of(user).post(f"/admin/mediation/dispute/{dispute.pk}/do/authorisation/", body, "multipart")
        if key in may:
            assert (rest.status_code, page.status_code) == (201, 302), (key, rest.content)
            authorisation_record(party, actor=user, **PAPER)
        else:
            assert rest.status_code in (400, 403) and page.status_code in (302, 403, 404), key
            with pytest.raises(NotPermitted):
                authorisation_record(party, actor=user, **PAPER)
        assert AgentAuthorisation.objects.count() - before == (3 if key in may else 0), key

        # then those read it, masked, and nobody else
        listed = client_of(user).get("/api/v1/mediation/authorisations/")
        rows = listed.json()["results"] if listed.status_code == 200 else []
        assert bool(rows) == (key in may) and "马小军" not in listed.content.decode() + rest.content.decode(), key
    assert "马小军" not in str(list(Event.objects.values_list("payload", flat=True)))
    for wrong in ({"party": 10**30}, {"number": "a\0"}, {"signed_on": "9999-12-31"}, {"scope": "x"}, {"party": 987654}):
        answer = client_of(county.mediator).post("/api/v1/mediation/authorisations/", body | wrong, format="json")
        assert answer.status_code == 400, (wrong, answer.content)


def test_a_party_applies_to_the_court_through_an_agent_with_a_paper_only(county):
    row = opened(county)
    party = with_agent(row.dispute)
    given = {"actor": county.mediator, "party": party, "answer": "agreed", "how": "agent"}
    with pytest.raises(Invalid) as refusal:
        act(row, "consent", **given)
    assert (refusal.value.field, refusal.value.code) == ("how", "no_authorisation")
    authorisation_record(party, actor=county.mediator, **PAPER)
    assert act(row, "consent", **given).version > row.version


def test_the_file_asks_for_the_paper_of_every_agent(county):
    # given an agreement signed by hand, and one by an agent whose paper an older release had not kept with it
    agreement = effective(county)
    assert not any(MISSING in line for line in missing_of(agreement.dispute))
    second = drafted(county)
    party = with_agent(second.dispute)
    second = act(second, "sign_party", actor=county.mediator, party=parties(second.dispute)[0])
    AgreementSignature.objects.create(agreement=second, dispute=second.dispute, of="party", party=party, by_agent=True,
                                      how="signature", signed_on=NOW.date(), recorded_by=county.mediator)  # fmt: skip
    second = act(second, "all_signed", actor=clock())
    second = act(act(second, "sign_mediator", actor=county.mediator), "seal", actor=county.mediator)
    assert any(MISSING in line for line in missing_of(second.dispute))
    authorisation_record(party, actor=county.mediator, **PAPER)
    assert not any(MISSING in line for line in missing_of(second.dispute))


def test_an_archived_file_takes_no_more_papers(county):
    dispute = county.in_state("archived")
    with pytest.raises(Conflict) as refusal:
        authorisation_record(with_agent(dispute), actor=county.mediator, **PAPER)
    assert refusal.value.code == "archived" and not AgentAuthorisation.objects.exists()


@pytest.mark.parametrize("agent", ["", "秦律师"])
def test_by_which_paper_an_agent_signed_is_known_whoever_represents_the_party_later(county, agent):
    # given an agent who signed and applied by a recorded paper
    agreement = drafted(county)
    party = with_agent(agreement.dispute)
    authorisation_record(party, actor=county.mediator, **PAPER)
    act(agreement, "sign_party", actor=county.mediator, party=parties(agreement.dispute)[0])
    agreement = act(agreement, "sign_party", actor=county.mediator, party=party, by_agent=True)
    agreement = act(act(agreement, "sign_mediator", actor=county.mediator), "seal", actor=county.mediator)
    row = JudicialConfirmation.objects.get(agreement=agreement)
    act(row, "consent", actor=county.mediator, party=party, answer="agreed", how="agent")
    # when nobody represents the party any more, or somebody else does
    party_amend(Party.objects.get(pk=party.pk), actor=county.mediator, agent=agent)
    # then nothing is missing; of a wish said before the paper it is
    assert not any(MISSING in line for line in missing_of(Dispute.objects.get()))
    ConfirmationConsent.objects.create(
        confirmation=row, dispute_id=row.dispute_id, party=party, answer="agreed", how="agent",
        said_on=date(2026, 5, 31), recorded_by=county.mediator,
    )  # fmt: skip
    assert any(MISSING in line for line in missing_of(Dispute.objects.get()))


def test_by_word_of_mouth_nobody_without_capacity_is_bound_without_a_legal_agent(county):
    # given what was agreed orally with a party without full capacity
    agreement = drafted(county, form="oral")
    party = with_agent(agreement.dispute, agent="", without_capacity=True)
    before = snapshot(agreement)

    def refused() -> str:
        with pytest.raises(Invalid) as refusal:
            act(agreement, "record_oral", actor=county.mediator)
        assert refusal.value.field == "party" and snapshot(agreement) == before
        assert Dispute.objects.get().state == "mediating" and not AgreementSignature.objects.exists()
        return refusal.value.code

    # when it is recorded without an agent, or with one of whom no paper shows it: nothing takes effect
    assert refused() == "agent_needed"
    page = f"/admin/mediation/agreement/{agreement.pk}/transition/record_oral/"
    told = client_of(county.mediator).post(page, {}, format="multipart")
    assert told.status_code == 400 and "法定代理人" in told.content.decode()
    party = with_agent(agreement.dispute)
    assert refused() == "no_authorisation"
    # a paper of a day after the agreement does not cover it either
    Agreement.objects.filter(pk=agreement.pk).update(made_on=date(2026, 6, 1))
    before = snapshot(agreement)
    authorisation_record(party, actor=county.mediator, **(PAPER | {"scope": "legal", "signed_on": date(2026, 6, 2)}))
    assert refused() == "no_authorisation"

    # when it is recorded, then the agreement holds
    authorisation_record(party, actor=county.mediator, **(PAPER | {"scope": "legal"}))
    assert act(agreement, "record_oral", actor=county.mediator).state == "effective"
