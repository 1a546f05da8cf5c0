"""Papers name the body that acted; one sheet of the whole file tells of the joint work."""

from io import BytesIO
from zipfile import ZipFile

import pytest

from cases.tests.api import client_of
from cases.tests.pages import photo
from governance.attachments import read_uploads
from governance.errors import Conflict, Invalid, NotPermitted
from governance.workflow import act
from mediation.access_labels import what_told
from mediation.agreements.documents.papers import COURT_PAPERS, file_take, paper_take, papers_of
from mediation.agreements.tests.deals import drafted, effective, parties
from mediation.disputes.completeness import missing_of
from mediation.files.keeping import file_add
from mediation.joint.notes import note_write
from mediation.joint.tests.work import Work
from mediation.models import DepartmentTask, Dispute, DisputeAccess, Track
from mediation.papers.own import OWN, own_paper_take, papers_of_party
from mediation.papers.saying import Reader
from mediation.tests.papers import text_of

pytestmark = pytest.mark.django_db
MISSING = "既没有文书号"


@pytest.fixture
def work(county):
    return Work(county)


def printed(work, dispute, code: str) -> str:
    fresh = Dispute.objects.get(pk=dispute.pk)
    return text_of(paper_take(fresh, code, actor=work.county.handler(fresh))[1])


def line(text: str, word: str) -> str:
    return next(one for one in text.splitlines() if word in one)


def sealed(work, dispute):
    """An agreement of a dispute that the township has, sealed by its person."""
    actor, row = work.upper(dispute), drafted(work.county, dispute)
    for party in parties(dispute):
        row = act(row, "sign_party", actor=actor, party=party)
    return act(act(row, "sign_mediator", actor=actor), "seal", actor=actor)


def test_the_notice_of_the_end_is_of_the_unit_that_has_the_dispute(work, clock):
    # given one that the village ended, and one that it had accepted, and the township took over
    own = work.county.step(work.general(), "terminate")
    raised = work.general()
    clock.shift(3600)
    request = work.make_escalationrequest(raised)
    work.step(work.step(request, "accept"), "take_over")
    raised = work.county.step(Dispute.objects.get(pk=raised.pk), "terminate")
    text = printed(work, own, "termination")
    assert "本委员会于" in text and "medcom单位" in line(text, "（印章）")
    text = printed(work, raised, "termination")
    assert "本中心于" in text and "medcentre单位" in line(text, "（印章）") and "medcom" not in text
    # then the cover tells who has it, the acceptance form who accepted it
    assert "medcentre单位" in printed(work, raised, "cover") and "medcom单位" in printed(work, raised, "cover")
    assert "medcentre单位" not in printed(work, raised, "acceptance")
    # and the party reads who has it
    told = text_of(own_paper_take(Reader(parties(raised)[0]), "termination")[1])
    assert "medcentre单位" in line(told, "（印章）")


def test_what_the_township_declines_it_declines_itself(work):
    dispute = work.county.dispute(actor=work.user("township_mediator"), tier="complex")
    dispute = act(dispute, "decline", actor=work.user("township_mediator"), ground="exclusive", reason="涉及不动产权属")
    text = printed(work, dispute, "termination")
    assert text.startswith("不予调解告知书") and "本中心于" in text and "medcentre单位" in line(text, "（印章）")
    assert "medcentre单位" in printed(work, dispute, "acceptance")


def test_the_seal_is_of_the_unit_whose_person_sealed(work):
    dispute = work.raised()
    row = sealed(work, dispute)
    assert "medcentre单位" in line(printed(work, dispute, "agreement"), "（印章）")
    # whoever has the dispute later
    Dispute.objects.filter(pk=dispute.pk).update(unit=work.county.unit("medcom"), tier="general")
    dispute = Dispute.objects.get(pk=dispute.pk)
    actor = work.user("village_mediator")
    text = text_of(paper_take(dispute, "agreement", actor=actor)[1])
    assert "medcentre单位" in line(text, "（印章）") and "medcom" not in text
    applied = text_of(paper_take(dispute, "confirmation_application", actor=actor)[1])
    assert "经medcentre单位主持调解" in applied
    shown = text_of(paper_take(dispute, "confirmation_certificate", actor=actor)[1])
    assert "本中心人民调解员" in shown and "medcentre单位" in line(shown, "（印章）")
    assert row.effective_on is not None
    # and of the village where its person sealed
    other = effective(work.county)
    assert "medcom单位" in line(printed(work, other.dispute, "agreement"), "（印章）")


def test_the_own_page_names_who_has_it(work):
    dispute = work.raised()
    client = client_of(work.county.people["neighbour"])
    told = client.get(f"/api/v1/mediation/own/{parties(dispute)[0].pk}/").json()
    assert (told["committee"], told["unit"]) == ("medcom单位", "medcentre单位")


@pytest.fixture
def joint(work):
    """A major dispute: an organ has handed in, a department has answered, one was asked and has not."""
    dispute = work.raised("major")
    track = work.make_track(dispute)
    for name in ("accept", "begin", "hand_in"):
        track = work.step(track, name)
    work.make_track(dispute, kind="judicial", organ=work.county.unit("court"))
    work.step(work.make_departmenttask(dispute), "answer")
    work.make_departmenttask(dispute, units=[work.county.unit("water")], question="水表由谁更换？")
    return Dispute.objects.get(pk=dispute.pk)


def test_one_sheet_tells_tiers_takeovers_tracks_and_tasks(work, joint):
    note_write(joint, actor=work.upper(joint), kind="caucus", text="申请人私下愿意只收一千元")
    text = printed(work, joint, "joint")
    # then tiers with days and reasons
    assert text.startswith("联合调解情况表") and "登记时确定" in text and "双方各执一词" in text
    assert {"一般纠纷", "重大纠纷", "medcom单位", "govcentre单位"} <= set(text.splitlines())
    # tracks with organ, legal basis, days, result and document
    for word in ("行政调解", "police单位（牵头）", "治安管理处罚法第九条", "双方同意分担", "行政调解书〔2026〕1号",
                 "2026年6月2日邀请；2026年6月2日参加；2026年6月2日结束", "司法调解", "court单位"):  # fmt: skip
        assert word in text, word
    # tasks with question, day and answer
    for word in ("管道由谁维修?", "由业主共同维修", "水表由谁更换？", "2026年6月7日"):
        assert word in text, word
    # and neither a note nor what they were told of the matter
    assert "一千元" not in text and "请就漏水责任组织行政调解" not in text and "排水管在公共部位" not in text


def test_the_sheet_keeps_what_was_answered_and_handed_in_first(work, joint):
    # given an answer that did not do, and a result that was put right
    task = DepartmentTask.objects.filter(dispute=joint, state="answered").get()
    first = task.answer_text
    task = work.step(work.step(task, "ask_again"), "answer", answer="已按合同由物业更换")
    track = Track.objects.filter(dispute=joint, state="result").get()
    work.step(track, "correct", result="双方同意各担一半", document="行政调解书〔2026〕2号", reason="文号抄错")
    # then the sheet tells both, the later first
    text = printed(work, joint, "joint")
    assert text.index("已按合同由物业更换") < text.index(f"曾答复：{first}）")
    assert text.index("双方同意各担一半") < text.index("原为：双方同意分担，行政调解书〔2026〕1号）")


def test_it_is_in_the_whole_file_and_its_index(work, joint):
    with ZipFile(BytesIO(file_take(joint, actor=work.upper(joint))[1])) as zipped:
        names = zipped.namelist()
        order = next(name for name in names if "联合调解情况表" in name).partition("-")[0]
        cover = text_of(zipped.read(next(name for name in names if name.startswith("00-"))))
    lines = cover.splitlines()
    assert lines[lines.index("联合调解情况表") - 1] == str(int(order))
    assert DisputeAccess.objects.filter(what="paper:whole_file").exists()


def test_without_joint_work_there_is_no_sheet(work):
    dispute = work.general()
    assert "joint" not in [paper.code for paper in papers_of(dispute)]
    with pytest.raises(Conflict):
        paper_take(dispute, "joint", actor=work.user("village_mediator"))
    # a takeover that was asked for is enough
    work.make_escalationrequest(dispute)
    assert "接手办理申请" in printed(work, dispute, "joint")


def test_who_does_not_work_on_it_takes_no_sheet(work, joint):
    for key in ("joint_department", "police_department", "judges_clerk", "grid_worker", "administrator",
                "outside_county_centre", "respected_helper"):  # fmt: skip
        with pytest.raises(NotPermitted):
            paper_take(joint, "joint", actor=work.user(key))
    party = parties(joint)[0]
    assert "joint" not in OWN and "joint" not in [paper.code for paper in papers_of_party(party)]
    with pytest.raises(Invalid):
        own_paper_take(Reader(party), "joint")
    assert "joint" not in COURT_PAPERS
    assert not DisputeAccess.objects.filter(what="paper:joint").exists()


def test_its_taking_is_written_down_and_told_in_words(work, joint):
    client = client_of(work.upper(joint))
    answer = client.post(f"/api/v1/mediation/disputes/{joint.pk}/paper/", {"paper": "joint"})
    assert answer.status_code == 200 and "联合调解情况表" in text_of(answer.content)
    access = DisputeAccess.objects.get(what="paper:joint")
    assert what_told(access) == "联合调解情况表"


@pytest.mark.parametrize("mend", ["number", "scan"])
def test_a_result_without_its_document_keeps_the_file_open(work, mend):
    # given a result without the number of a document
    dispute = work.raised()
    track = work.step(work.step(work.make_track(dispute), "accept"), "begin")
    track = act(track, "hand_in", actor=work.user("police_department"), result="双方同意分担", document="")
    dispute = work.county.step(Dispute.objects.get(pk=dispute.pk), "terminate")
    assert any("police单位" in one and MISSING in one for one in missing_of(dispute))
    # when it is there, then nothing of it is missing
    if mend == "number":
        type(track).objects.filter(pk=track.pk).update(document="〔2026〕7号")
    else:
        dispute = work.county.step(dispute, "close")
        file_add(dispute, actor=work.upper(dispute), kind="track_document", track=track,
                 uploads=read_uploads([photo()]))  # fmt: skip
    assert not any(MISSING in one for one in missing_of(dispute))
