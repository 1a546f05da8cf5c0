"""What was reported or noted of a hazard stays there: it reaches no paper that the parties or the court read."""

from io import BytesIO

import pytest
from docx import Document

from cases.tests.api import client_of
from governance.errors import Invalid
from governance.models import Event
from governance.workflow import act
from mediation.agreements.documents.papers import party_paper
from mediation.agreements.drafting import agreement_draft
from mediation.agreements.tests.deals import CLAUSES, drafted, parties, signed, terms
from mediation.disputes.parties import party_add
from mediation.models import Agreement, Dispute, Hazard
from mediation.prevention.tests.village import WORDS, hazard, step

pytestmark = pytest.mark.django_db
NAMES, NOTE = "老李、老王", "已上门走访，老李承认喝了酒，情况属实"
AGREED = "双方因宅基地边界上的一棵树发生争执。"


def mediated(county, words: str = WORDS) -> Dispute:
    """A dispute in mediation that came of a hazard, its facts left as they are offered."""
    found = step(county, hazard(county, words=words, parties=NAMES), "assess", finding=NOTE)
    dispute = step(county, found, "convert", facts=words).dispute
    for draft in county.parties():
        party_add(dispute, draft, actor=county.mediator)
    for name in ("submit_for_consent", "accept", "begin"):
        dispute = county.step(dispute, name)
    return dispute


def test_neither_note_nor_names_go_into_the_dispute(county):
    found = step(county, hazard(county, parties=NAMES), "assess", finding=NOTE)
    # when it is registered by form, or by a client that leaves the facts out
    page = client_of(county.mediator).get(f"/admin/mediation/hazard/{found.pk}/transition/convert/").content.decode()
    facts = page.partition('name="facts"')[2].partition("</textarea>")[0]
    assert WORDS in facts and NAMES not in facts and NOTE not in facts
    made = step(county, found, "convert").dispute
    # then they stay with the hazard
    assert made.facts == WORDS
    found.refresh_from_db()
    assert (found.parties, found.finding) == (NAMES, NOTE)


@pytest.mark.parametrize("form", ["written", "oral"])
@pytest.mark.parametrize("subject", [WORDS, f"经查，{WORDS}。", WORDS.replace("，", " ") + "\n", f"{AGREED}{NOTE}"])
def test_no_agreement_tells_it_word_for_word(county, form, subject):
    dispute = mediated(county)
    before = Event.objects.count()
    with pytest.raises(Invalid) as refused:
        agreement_draft(dispute, actor=county.mediator, terms=terms(dispute, subject=subject), form=form)
    assert (refused.value.field, refused.value.code) == ("subject", "as_reported")
    assert not Agreement.objects.exists() and Event.objects.count() == before
    # nor does a draft, once written, come to tell it
    made = agreement_draft(dispute, actor=county.mediator, terms=terms(dispute, subject=AGREED), form=form)
    with pytest.raises(Invalid) as refused:
        act(made, "amend", actor=county.mediator, terms=terms(dispute, subject=subject))
    assert refused.value.field == "subject"
    made.refresh_from_db()
    assert made.subject == AGREED


def test_the_page_offers_no_facts_and_the_party_reads_what_was_agreed(county):
    # given a dispute of a hazard, at the desk
    dispute = mediated(county)
    desk, page = client_of(county.mediator), f"/admin/mediation/agreement/draft/{dispute.pk}/"
    shown = desk.get(page).content.decode()
    assert WORDS not in shown and "双方都认可" in shown
    # when the words of the report are typed in, at the page or by REST, then the field says why not
    body = {"form": "oral", "subject": WORDS, "clauses": "\n".join(CLAUSES)}
    rest = {"dispute": dispute.pk, "subject": WORDS, "clauses": CLAUSES, "form": "oral"}
    for answer in (desk.post(page, body, format="multipart"), desk.post("/api/v1/mediation/agreements/", rest)):
        assert answer.status_code == 400 and "一字不差" in answer.content.decode()
    assert not Agreement.objects.exists()
    # when it is written in words of both sides, then these are what the parties' papers tell
    assert desk.post(page, body | {"subject": AGREED, "form": "written"}, format="multipart").status_code == 302
    made = act(signed(county, Agreement.objects.get()), "seal", actor=county.handler(dispute))
    for code in ("agreement", "confirmation_application"):
        text = "\n".join(
            one.text for one in Document(BytesIO(party_paper(parties(dispute)[0], code, made)[1])).paragraphs
        )
        assert AGREED in text and WORDS not in text and NOTE not in text and "老李" not in text


def test_short_words_may_stand_in_what_was_agreed(county):
    """Who reported no more than what it is about has told nothing that the parties would not say themselves."""
    dispute = mediated(county, words="邻里争树")
    assert drafted(county, dispute, subject="双方因邻里争树发生口角。").subject
    # but not as the whole of it
    other = mediated(county, words="邻里争墙")
    with pytest.raises(Invalid):
        drafted(county, other, subject="邻里争墙。")


def test_what_the_mediator_reported_may_be_said_by_the_mediator(county):
    dispute = mediated(county)
    Hazard.objects.update(reporter=dispute.mediator)
    assert drafted(county, dispute, subject=f"经查，{WORDS}。").subject
    # but not what was noted on a visit
    other = mediated(county)
    Hazard.objects.update(reporter=other.mediator)
    with pytest.raises(Invalid):
        drafted(county, other, subject=f"{AGREED}{NOTE}")


def test_other_disputes_say_their_facts_as_they_like(county):
    dispute = county.mediating()
    assert drafted(county, dispute, subject=dispute.facts).subject == dispute.facts
