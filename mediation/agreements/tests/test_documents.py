"""The papers of the whole file as Word documents, and what is missing before it is archived."""

import re
from datetime import date, timedelta
from io import BytesIO
from zipfile import ZipFile

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from docx import Document

from cases.tests.api import client_of
from governance.attachments import attachments_of, read_uploads
from governance.errors import Conflict, Invalid, NotPermitted
from governance.models import Event
from governance.tests.test_attachments import photo
from governance.workflow import act
from mediation.agreements.documents import scans
from mediation.agreements.documents.papers import (
    COURT_PAPERS,
    PAPERS,
    confirmation_paper_take,
    file_take,
    paper_take,
    papers_of,
)
from mediation.agreements.drafting import Owed
from mediation.agreements.tests.deals import CLAUSES, drafted, effective, parties
from mediation.confirmation.tests.test_confirmation import applied
from mediation.disputes.completeness import missing_of
from mediation.disputes.parties import PartyDraft, party_add, party_amend
from mediation.files.keeping import file_add, file_remove
from mediation.glass import glass_break
from mediation.joint.notes import note_write
from mediation.models import AccessKind, Dispute, DisputeAccess, FollowUpVisit, JudicialConfirmation, VisitState
from mediation.papers.own import own_paper_take, papers_of_party
from mediation.papers.saying import Reader

pytestmark = pytest.mark.django_db


def text_of(content: bytes) -> str:
    document = Document(BytesIO(content))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([paragraph.text for paragraph in document.paragraphs] + cells)


def filed(county, agreement, kind="signed_agreement", **given):
    """A scan in the file of an agreement's dispute."""
    return file_add(agreement.dispute, actor=county.mediator, kind=kind, uploads=read_uploads([photo()]), **given)


def test_every_paper_of_an_agreed_dispute(county):
    # given an agreement in effect
    agreement = effective(county)
    dispute = Dispute.objects.with_rows().get(pk=agreement.dispute_id)

    # when each paper that there is is taken
    codes = [paper.code for paper in papers_of(dispute)]
    texts = {code: text_of(paper_take(dispute, code, actor=county.mediator)[1]) for code in codes}

    # then all but the notice of termination are there, filled in, without a left-over brace
    assert set(codes) == set(PAPERS) - {"termination", "joint", "confirmation_application_court"}
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
    event = Event.objects.get(name="export.done")
    assert event.actor == county.mediator and "docx" in event.payload.values()


def test_the_whole_file_in_one(county):
    dispute = Dispute.objects.with_rows().get(pk=effective(county).dispute_id)
    name, content = file_take(dispute, actor=county.mediator)
    with ZipFile(BytesIO(content)) as whole:
        assert len(whole.namelist()) == len(PAPERS) - 3 and whole.testzip() is None
    assert name == f"{dispute.number}-人民调解卷宗.zip"
    assert DisputeAccess.objects.get(kind=AccessKind.EXPORTED).what == "paper:whole_file"


def test_the_whole_file_holds_and_lists_the_files_of_the_dispute(county):
    # given a caucus note, a scan of two pages and evidence that was taken away
    agreement = effective(county)
    dispute = Dispute.objects.with_rows().get(pk=agreement.dispute_id)
    note_write(dispute, actor=county.mediator, kind="caucus", text="底线是两千元")
    kept = filed(county, agreement, caption="双方签字页")
    gone = filed(county, agreement, kind="evidence")
    file_remove(gone, actor=county.mediator, reason="误传")
    # when the whole file is taken
    _name, content = file_take(dispute, actor=county.mediator)
    # then the scan lies in it as it is, behind the papers, and stands in the index; nothing of the other, nor the note
    (picture,) = attachments_of(kept)
    with ZipFile(BytesIO(content)) as whole:
        names = whole.namelist()
        (scan,) = [name for name in names if not name.endswith(".docx")]
        assert whole.read(scan) == picture.file.open().read() and names[-1] == scan
        assert scan.startswith(f"{len(names) - 1:02d}-")  # as in the index, which does not list the cover
        cover = text_of(whole.read(names[0]))
        assert scan[3:-6] in cover and "双方签字页" not in cover
        assert not any("底线是两千元" in text_of(whole.read(name)) for name in names if name.endswith(".docx"))
    # and each is written down as taken
    taken = DisputeAccess.objects.filter(kind=AccessKind.EXPORTED, person=county.mediator)
    assert set(taken.values_list("what", flat=True)) == {"paper:whole_file", f"mediation.disputefile {kept.pk}"}
    assert set(taken.values_list("role", flat=True)) == {"village_mediator"}


def test_scans_that_are_too_large_or_lost_are_said_so_and_nothing_is_taken(county, monkeypatch):
    agreement = effective(county)
    dispute, kept = Dispute.objects.with_rows().get(pk=agreement.dispute_id), filed(county, agreement)
    monkeypatch.setattr(scans, "MOST_BYTES", 10)
    with pytest.raises(Conflict) as refusal:
        file_take(dispute, actor=county.mediator)
    assert refusal.value.code == "too_large"
    monkeypatch.undo()
    (picture,) = attachments_of(kept)
    picture.file.storage.delete(picture.file.name)
    with pytest.raises(Conflict) as refusal:
        file_take(dispute, actor=county.mediator)
    assert refusal.value.code == "gone" and not DisputeAccess.objects.filter(kind=AccessKind.EXPORTED).exists()


def test_who_broke_the_glass_takes_no_whole_file(county):
    agreement = effective(county)
    filed(county, agreement)
    reader = county.user("administrator")
    glass_break(agreement.dispute, actor=reader, reason="信访核查此件")
    with pytest.raises(NotPermitted):
        file_take(agreement.dispute, actor=reader)
    assert not DisputeAccess.objects.filter(kind=AccessKind.EXPORTED).exists()


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


@pytest.mark.parametrize("state", ["registered", "mediating", "terminated"])
@pytest.mark.parametrize("door", ["admin", "api"])
def test_papers_are_taken_on_the_page_of_a_dispute_without_an_agreement(county, state, door):
    # given a dispute without an agreement
    dispute, client = county.in_state(state), client_of(county.mediator)

    def taken(client, code):
        if door == "api":
            return client.post(f"/api/v1/mediation/disputes/{dispute.pk}/paper/", {"paper": code}, format="json")
        return client.post(f"/admin/mediation/dispute/{dispute.pk}/paper/{code}/")

    # when whoever works on it takes the papers that there are, and the whole file
    there = {"cover", "application", "acceptance", "notice"}
    there |= {"mediating": {"record"}, "terminated": {"record", "termination"}}.get(state, set())
    shown = client.get(f"/admin/mediation/dispute/{dispute.pk}/change/").content.decode()
    assert set(re.findall(r'/paper/(\w+)/"', shown)) == there | {"file"}
    for code in there:
        answer = taken(client, code)
        assert answer.status_code == 200 and text_of(answer.content), code
    with ZipFile(BytesIO(taken(client, "file").content)) as whole:
        assert len(whole.namelist()) == len(there)
    # then each taking is recorded
    exported = DisputeAccess.objects.filter(kind=AccessKind.EXPORTED, person=county.mediator)
    assert set(exported.values_list("what", flat=True)) == {f"paper:{code}" for code in there | {"whole_file"}}
    # and what there is not yet is refused, as are those who do not work on it
    assert taken(client, "agreement").status_code == 409
    assert taken(client, "secrets").status_code == 400
    for who in ("outside_village_mediator", "township_mediator", "joint_department", "respected_helper", "neighbour"):
        assert taken(client_of(county.user(who)), "notice").status_code in (302, 403, 404), who
    assert exported.count() == DisputeAccess.objects.filter(kind=AccessKind.EXPORTED).count() == len(there) + 1


def test_the_clerk_takes_the_papers_of_a_confirmation_applied_for(county):
    clerk = county.people["judges_clerk"]
    row = JudicialConfirmation.objects.with_rows().get(agreement=effective(county))
    with pytest.raises(NotPermitted):
        confirmation_paper_take(row, "agreement", actor=clerk)
    row = applied(county, row)
    for code in COURT_PAPERS:
        assert text_of(confirmation_paper_take(row, code, actor=clerk)[1])
    assert set(DisputeAccess.objects.values_list("role", flat=True)) == {"judges_clerk"}
    with pytest.raises(Invalid) as refusal:
        confirmation_paper_take(row, "record", actor=clerk)
    assert refusal.value.field == "paper"


def test_domestic_violence_keeps_address_and_phone_out_of_every_paper(county):
    dispute = county.mediating(domestic_violence=True, violence=True)
    dispute.parties.update(address="柳堤路三号楼二单元")
    agreement = effective(county, dispute)
    dispute = Dispute.objects.with_rows().get(pk=agreement.dispute_id)
    for paper in papers_of(dispute):
        text = text_of(paper_take(dispute, paper.code, actor=county.mediator)[1])
        assert "柳堤路" not in text and "13900003001" not in text, paper.code
        assert ("990102197001011238" in text) == (paper.code == "confirmation_application_court"), paper.code


def test_the_court_alone_reads_identity_numbers_in_domestic_violence(county):
    # given an application for confirmation in a case of domestic violence
    dispute = county.mediating(domestic_violence=True, violence=True)
    row = applied(county, JudicialConfirmation.objects.with_rows().get(agreement=effective(county, dispute)))
    dispute = Dispute.objects.with_rows().get(pk=row.dispute_id)
    known = "990102197001011238"
    # then the clerk's copy of the application tells who the parties are, the other papers do not
    told = {
        code: text_of(confirmation_paper_take(row, code, actor=county.people["judges_clerk"])[1])
        for code in COURT_PAPERS
    }
    assert [code for code in COURT_PAPERS if known in told[code]] == ["confirmation_application"]
    assert "13900003001" not in "".join(told.values())
    # nor does any that a party takes, nor the whole file; the desk's copy for the court is written down as such
    for party in dispute.parties.all():
        for paper in papers_of_party(party):
            assert known not in text_of(own_paper_take(Reader(party), paper.code)[1])
        with pytest.raises(Invalid):
            own_paper_take(Reader(party), "confirmation_application_court")
    with ZipFile(BytesIO(file_take(dispute, actor=county.mediator)[1])) as whole:
        assert not any("仅交法院" in name or known in text_of(whole.read(name)) for name in whole.namelist())
    assert known in text_of(paper_take(dispute, "confirmation_application_court", actor=county.mediator)[1])
    assert DisputeAccess.objects.filter(person=county.mediator, what="paper:confirmation_application_court").exists()
    with pytest.raises(NotPermitted):
        paper_take(dispute, "confirmation_application_court", actor=county.people["neighbour"])


def test_elsewhere_there_is_no_second_copy_of_the_application(county):
    with pytest.raises(Conflict):
        paper_take(effective(county).dispute, "confirmation_application_court", actor=county.mediator)


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
    assert len(missing_of(dispute)) >= 5
    assert any("扫描件" in line for line in missing_of(dispute))
    with pytest.raises(Conflict) as refusal:
        act(dispute, "archive", actor=county.mediator)
    assert refusal.value.code == "incomplete"

    # when they are there
    dispute = act(dispute, "tell_rights", actor=county.mediator, how="written")
    filed(county, agreement)
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
    # given an application that the court has not decided about for ninety days
    row = applied(county, JudicialConfirmation.objects.with_rows().get(agreement=effective(county)))
    dispute = Dispute.objects.get(pk=row.dispute_id)
    clock.shift(timedelta(days=90))
    waits = "法院尚未就司法确认作出裁定"
    assert any(waits in line for line in missing_of(dispute))

    # when it does not admit it, then the file waits for the court no more
    clerk = county.people["judges_clerk"]
    row = act(row, "receive", actor=clerk)
    act(row, "not_admit", actor=clerk, ground="355_1", reason="不属于法院受理范围")
    assert not any(waits in line for line in missing_of(dispute))


def test_a_file_that_ended_without_an_agreement_needs_its_record_and_who_applied_too(county):
    # given a mediation that was terminated and closed since the respondent never came; of nobody the identity is known
    dispute = county.mediating()
    applicant, absent = parties(dispute)
    party_amend(applicant, actor=county.mediator, identity="")
    dispute = county.step(county.step(dispute, "terminate", ground="absent"), "close")
    told = missing_of(dispute)
    assert any("身份证件号码" in line for line in told) and any("调解记录" in line for line in told)
    assert any("权利义务" in line for line in told)

    # when they are there, then nothing of papers is missing
    note_write(dispute, actor=county.mediator, kind="record", text="双方意见差距过大")
    dispute = act(dispute, "tell_rights", actor=county.mediator, how="oral")
    with pytest.raises(Conflict):
        party_amend(applicant, actor=county.mediator, name="何小英")
    party_amend(applicant, actor=county.mediator, identity="990102197001011238")
    assert missing_of(dispute) == []  # nobody makes up a number for who never came
    dispute = act(dispute, "archive", actor=county.mediator)
    with pytest.raises(Conflict):
        party_amend(applicant, actor=county.mediator, identity="")


@pytest.mark.parametrize("bound", [False, True])
def test_of_an_agreement_who_is_bound_is_identified(county, bound):
    # given a third person without a number, whom the agreement binds or not
    dispute = county.mediating()
    third = party_add(dispute, PartyDraft(side="third", name="孙三"), actor=county.mediator)
    county.consent(third)
    for party in parties(dispute)[:2]:
        party_amend(party, actor=county.mediator, identity="990102197001011238")
    owed = [Owed(third, "让出楼道", date(2026, 6, 20))] if bound else []
    agreement = drafted(county, dispute, obligations=owed)
    for party in parties(dispute)[: 3 if bound else 2]:
        agreement = act(agreement, "sign_party", actor=county.mediator, party=party)
    act(act(agreement, "sign_mediator", actor=county.mediator), "seal", actor=county.mediator)
    told = missing_of(county.step(Dispute.objects.get(pk=dispute.pk), "close"))
    missing = [line for line in told if "身份证件号码" in line]
    # then it says whose, masked
    assert bool(missing) == bound
    assert not bound or (third.label in missing[0] and parties(dispute)[0].label not in missing[0])
    assert "孙三" not in "".join(missing)


def test_an_application_is_printed_for_who_applied_only(county):
    applied_for, transferred = county.mediating(), county.mediating(source="police")
    assert "application" in [paper.code for paper in papers_of(applied_for)]
    codes = [paper.code for paper in papers_of(transferred)]
    assert "application" not in codes and "acceptance" in codes
    with pytest.raises(Conflict):
        paper_take(transferred, "application", actor=county.mediator)


def test_the_papers_are_those_of_the_agreement_that_was_opened(county):
    # given an agreement that was broken, and a second one after the dispute was reopened
    first = effective(county, clauses=["六月十日前清理楼道。"])
    dispute = act(Dispute.objects.get(pk=first.dispute_id), "reopen", actor=county.mediator, reason="又堆满杂物")
    dispute = county.step(dispute, "begin")
    second = effective(county, dispute, clauses=["每周五共同清理楼道。"])

    # when a paper is taken from the page of the first
    client = client_of(county.mediator)
    page = client.post(f"/admin/mediation/agreement/{first.pk}/paper/agreement/", format="multipart")
    rest = client.post(f"/api/v1/mediation/agreements/{first.pk}/paper/", {"paper": "agreement"})
    whole = client.post(f"/api/v1/mediation/agreements/{first.pk}/paper/", {"paper": "file"})
    with ZipFile(BytesIO(whole.content)) as zipped:
        name = next(name for name in zipped.namelist() if "人民调解协议书" in name)
        filed = zipped.read(name)

    # then it is that one's
    for content in (page.content, rest.content, filed):
        text = text_of(content)
        assert "六月十日前清理楼道" in text and "每周五" not in text and first.number in text
    assert "每周五" in text_of(paper_take(dispute, "agreement", actor=county.mediator)[1]) and second.pk > first.pk


def test_what_to_mind_before_applying_stands_in_no_paper_once_it_is_applied_for(county, clock):
    row = JudicialConfirmation.objects.with_rows().get(agreement=effective(county))
    dispute, mediator = Dispute.objects.with_rows().get(pk=row.dispute_id), county.mediator
    clock.shift(timedelta(days=31))
    assert "已逾期" in text_of(paper_take(dispute, "confirmation_notice", actor=mediator)[1])
    clock.shift(timedelta(days=-31))
    applied(county, row)
    clock.shift(timedelta(days=31))
    assert "已逾期" not in text_of(paper_take(dispute, "confirmation_notice", actor=mediator)[1])


def test_the_words_of_a_file_are_read_once(county):
    dispute = Dispute.objects.with_rows().get(pk=effective(county).dispute_id)
    with CaptureQueriesContext(connection) as found:
        file_take(dispute, actor=county.mediator)
    asked = [query["sql"] for query in found if 'FROM "mediation_consent" ' in query["sql"]]
    assert len(asked) == 1
