"""The papers of the whole file as Word documents, and what is missing before it is archived."""

from datetime import timedelta
from io import BytesIO
from zipfile import ZipFile

import pytest
from docx import Document

from governance.errors import Conflict, NotPermitted
from governance.models import Event
from governance.workflow import act
from mediation.agreements.documents.papers import (
    COURT_PAPERS,
    PAPERS,
    confirmation_paper_take,
    file_take,
    paper_take,
    papers_of,
)
from mediation.agreements.tests.deals import CLAUSES, drafted, effective
from mediation.confirmation.tests.test_confirmation import applied
from mediation.disputes.completeness import missing_of
from mediation.joint.notes import note_write
from mediation.models import AccessKind, Dispute, DisputeAccess, FollowUpVisit, JudicialConfirmation, VisitState

pytestmark = pytest.mark.django_db


def text_of(content: bytes) -> str:
    document = Document(BytesIO(content))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([paragraph.text for paragraph in document.paragraphs] + cells)


def test_every_paper_of_an_agreed_dispute(county):
    # given an agreement in effect
    agreement = effective(county)
    dispute = Dispute.objects.with_rows().get(pk=agreement.dispute_id)

    # when each paper that there is is taken
    codes = [paper.code for paper in papers_of(dispute)]
    texts = {code: text_of(paper_take(dispute, code, actor=county.mediator)[1]) for code in codes}

    # then all but the notice of termination are there, filled in, without a left-over brace
    assert set(codes) == set(PAPERS) - {"termination"}
    assert not any("{{" in text or "{%" in text for text in texts.values())
    for needed in ["何秀英", "马国梁", *CLAUSES, "3,000.00", agreement.number, "2026年6月2日"]:
        assert needed in texts["agreement"], needed
    assert "2026年7月2日" in texts["confirmation_notice"]
    assert "民事诉讼法第二百零五条" in texts["confirmation_notice"]
    assert "权利义务告知书" in texts["cover"] and "司法确认申请书" in texts["cover"]
    assert "990102197001011238" in texts["application"]


def test_taking_a_paper_is_recorded(county):
    agreement = effective(county)
    paper_take(agreement.dispute, "agreement", actor=county.mediator)
    row = DisputeAccess.objects.get(kind=AccessKind.EXPORTED)
    assert row.person == county.mediator and row.what == "paper:agreement"
    assert Event.objects.filter(name="export.made").count() + Event.objects.filter(payload__format="docx").count() >= 1


def test_the_whole_file_in_one(county):
    dispute = Dispute.objects.with_rows().get(pk=effective(county).dispute_id)
    name, content = file_take(dispute, actor=county.mediator)
    with ZipFile(BytesIO(content)) as whole:
        assert len(whole.namelist()) == len(PAPERS) - 1 and whole.testzip() is None
    assert name == f"{dispute.number}.zip"
    assert DisputeAccess.objects.get(kind=AccessKind.EXPORTED).what == "paper:whole_file"


@pytest.mark.parametrize(
    "who", ["outside_village_mediator", "township_mediator", "joint_department", "judges_clerk", "respected_helper",
            "neighbour"],
)  # fmt: skip
def test_nobody_else_takes_papers(county, who):
    agreement = effective(county)
    with pytest.raises(NotPermitted):
        paper_take(agreement.dispute, "agreement", actor=county.people[who])
    with pytest.raises(NotPermitted):
        file_take(agreement.dispute, actor=county.people[who])
    assert not DisputeAccess.objects.filter(kind=AccessKind.EXPORTED).exists()


def test_the_clerk_takes_the_papers_of_a_confirmation_applied_for(county):
    clerk = county.people["judges_clerk"]
    row = JudicialConfirmation.objects.with_rows().get(agreement=effective(county))
    with pytest.raises(NotPermitted):
        confirmation_paper_take(row, "agreement", actor=clerk)
    row = applied(county, row)
    for code in COURT_PAPERS:
        assert text_of(confirmation_paper_take(row, code, actor=clerk)[1])
    assert set(DisputeAccess.objects.values_list("role", flat=True)) == {"judges_clerk"}
    with pytest.raises(Exception, match="."):
        confirmation_paper_take(row, "record", actor=clerk)


def test_domestic_violence_keeps_address_and_phone_out_of_every_paper(county):
    dispute = county.mediating(domestic_violence=True, violence=True)
    dispute.parties.update(address="柳堤路三号楼二单元")
    agreement = effective(county, dispute)
    dispute = Dispute.objects.with_rows().get(pk=agreement.dispute_id)
    for paper in papers_of(dispute):
        text = text_of(paper_take(dispute, paper.code, actor=county.mediator)[1])
        assert "柳堤路" not in text and "13900003001" not in text and "990102197001011238" not in text, paper.code


def test_nothing_to_print_yet(county):
    with pytest.raises(Conflict) as refusal:
        paper_take(county.mediating(), "agreement", actor=county.mediator)
    assert refusal.value.code == "not_yet"


def test_a_draft_says_that_it_is_one(county):
    agreement = drafted(county)
    assert "草稿，尚未生效" in text_of(paper_take(agreement.dispute, "agreement", actor=county.mediator)[1])


def test_the_file_is_archived_only_when_it_is_complete(county, clock):
    # given a closed dispute with an agreement
    agreement = effective(county)
    note_write(agreement.dispute, actor=county.mediator, kind="record", text="双方到场，逐项核对")
    dispute = act(Dispute.objects.get(pk=agreement.dispute_id), "close", actor=county.mediator)

    # then identity, performance and the answer about confirmation are missing
    assert len(missing_of(dispute)) >= 3
    with pytest.raises(Conflict) as refusal:
        act(dispute, "archive", actor=county.mediator)
    assert refusal.value.code == "incomplete"

    # when they are there
    for party in dispute.parties.all():
        party.identity = "990102197001011238"
        party.save()
    for row in agreement.obligations.all():
        act(row, "perform_whole", actor=county.mediator)
    act(JudicialConfirmation.objects.get(agreement=agreement), "not_wanted", actor=county.mediator)
    FollowUpVisit.objects.update(state=VisitState.REFUSED)

    # then nothing of agreements is missing
    assert missing_of(dispute) == []
    assert act(dispute, "archive", actor=county.mediator).state == "archived"


def test_a_pending_confirmation_keeps_the_file_open(county, clock):
    row = applied(county, JudicialConfirmation.objects.with_rows().get(agreement=effective(county)))
    dispute = Dispute.objects.get(pk=row.dispute_id)
    before = missing_of(dispute)
    clock.shift(timedelta(days=90))
    assert len(missing_of(dispute)) == len(before) and any(line for line in before)
