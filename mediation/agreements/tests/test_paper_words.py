"""What the papers say: the day of the act, who signs, what came of it, by which ground it ended, under which name."""

from datetime import date, timedelta
from io import BytesIO
from urllib.parse import unquote
from zipfile import ZipFile

import pytest
from django.utils import timezone
from docx import Document

from cases.tests.api import client_of
from governance.workflow import act
from mediation.agreements.authorising import authorisation_record
from mediation.agreements.documents.papers import PAPERS, confirmation_paper_take, file_take, paper_take, papers_of
from mediation.agreements.tests.deals import drafted, effective, parties, signed
from mediation.confirmation.tests.test_confirmation import applied
from mediation.disputes.parties import PartyDraft, party_add
from mediation.followup.tests.visiting import found, in_state
from mediation.joint.sittings import sitting_plan
from mediation.models import Agreement, Dispute, DisputeType, FollowUpVisit, JudicialConfirmation, Party
from mediation.papers.own import own_paper_take, papers_of_party
from mediation.papers.saying import Reader
from mediation.tests.papers import text_of

pytestmark = pytest.mark.django_db
BY_HAND = "    年    月    日"
LINE = "（签名、盖章或捺印）：____________"


def fresh(dispute) -> Dispute:
    return Dispute.objects.with_rows().get(pk=dispute.pk)


def printed(county, dispute, code: str) -> str:
    return text_of(paper_take(fresh(dispute), code, actor=county.mediator)[1])


def third_in(county, dispute) -> Party:
    """A third person who takes part, whom no agreement of the tests binds."""
    third = party_add(dispute, PartyDraft(side="third", name="孙三"), actor=county.mediator)
    county.consent(third)
    return third


def child_in(county, dispute: Dispute, which: int = 1) -> Party:
    """A party is a child, whose mother is its agent by a recorded paper."""
    party = parties(dispute)[which]
    Party.objects.filter(pk=party.pk).update(name="石小根", without_capacity=True, agent="石妈妈")
    party = Party.objects.select_related("dispute").get(pk=party.pk)
    authorisation_record(party, actor=county.mediator, number="户口簿7", signed_on=date(2026, 6, 1), scope="legal")
    return party


def test_papers_tell_the_day_of_the_act_whenever_they_are_taken(county, clock):
    # given an agreement sealed the day after it was signed
    agreement = signed(county, drafted(county))
    assert f"单位（印章）    {BY_HAND}" in printed(county, agreement.dispute, "agreement")
    clock.shift(timedelta(days=1))
    dispute = act(agreement, "seal", actor=county.mediator).dispute
    codes = [paper.code for paper in papers_of(fresh(dispute))]
    # when every paper is taken that day, and once more a week later
    first = {code: printed(county, dispute, code) for code in codes}
    clock.shift(timedelta(days=6))
    second = {code: printed(county, dispute, code) for code in codes}
    # then it says the same: the day of the seal, of the registration; where none is recorded it is left to the hand
    assert first == second and not any(
        "2026年6月9日" in text for text in second.values() if text != second["follow_up"]
    )
    assert "单位（印章）    2026年6月3日" in second["agreement"]
    assert "登记人（签名）：____________    2026年6月2日" in second["acceptance"]
    assert f"记录人（签名）：____________{BY_HAND}" in second["performance"]
    for code in ("confirmation_notice", "confirmation_certificate"):
        assert f"单位（印章）    {BY_HAND}" in second[code], code
    assert f"告知日期：{BY_HAND}" in second["notice"]
    act(fresh(dispute), "tell_rights", actor=county.mediator, how="oral", on=date(2026, 6, 8))
    assert "告知日期：2026年6月8日" in printed(county, dispute, "notice")


def test_the_notice_of_the_end_has_the_day_of_the_end(county, clock):
    dispute = county.step(county.mediating(), "terminate")
    clock.shift(timedelta(days=7))
    assert "单位（印章）    2026年6月2日" in printed(county, dispute, "termination")


def test_for_a_child_the_legal_agent_signs(county):
    # given a child among the parties
    dispute, through = county.dispute(), "石小根（法定代理人 石妈妈 代）"
    child = child_in(county, dispute)
    for name in ("submit_for_consent", "accept", "begin"):
        dispute = county.step(dispute, name)
    # then notice, record and draft have a line for the agent, and none for the child
    agreement = act(drafted(county, dispute), "sign_party", actor=county.mediator, party=parties(dispute)[0])
    for code in ("notice", "record", "agreement"):
        assert through + LINE in printed(county, dispute, code), code
        assert "石小根" + LINE not in printed(county, dispute, code), code
    # who has signed has no line any more
    told = printed(county, dispute, "agreement")
    assert "何秀英" + LINE not in told and "何秀英：签名    2026年6月2日" in told
    # when the agent has signed, then the paper tells who and by what; to the other side not who the agent is
    act(agreement, "sign_party", actor=county.mediator, party=child, by_agent=True)
    act(act(Agreement.objects.get(), "sign_mediator", actor=county.mediator), "seal", actor=county.mediator)
    assert f"{through}：签名（法定代理人（监护人），户口簿7）    2026年6月2日" in printed(county, dispute, "agreement")
    for code in ("confirmation_notice", "confirmation_application"):
        assert through + LINE in printed(county, dispute, code), code
    other = text_of(own_paper_take(Reader(parties(dispute)[0]), "agreement")[1])
    assert "石小根（法定代理人代）：签名    " in other and "石妈妈" not in other and "户口簿7" not in other


def test_a_child_applies_through_the_agent_who_is_named_or_not(county):
    child = child_in(county, county.dispute(), which=0)
    assert f"申请人 石小根（法定代理人 石妈妈 代）{LINE}" in printed(county, child.dispute, "application")
    Party.objects.update(agent="")
    assert f"申请人 石小根（法定代理人 ____ 代）{LINE}" in printed(county, child.dispute, "application")


def test_whom_an_agreement_does_not_bind_signs_none(county):
    # given a third person who owes nothing and is owed nothing
    dispute = county.mediating()
    third_in(county, dispute)
    agreement = drafted(county, dispute)
    # then neither the draft nor what comes of it names them; notice and record, in which they take part, do
    assert "孙三" not in printed(county, dispute, "agreement")
    for name, party in [("sign_party", party) for party in parties(dispute)[:2]]:
        agreement = act(agreement, name, actor=county.mediator, party=party)
    act(act(agreement, "sign_mediator", actor=county.mediator), "seal", actor=county.mediator)
    row = applied(county, JudicialConfirmation.objects.with_rows().get())
    for code in ("agreement", "confirmation_notice", "confirmation_application", "confirmation_certificate"):
        assert "孙三" not in printed(county, dispute, code) and "何秀英" in printed(county, dispute, code), code
    clerk = text_of(confirmation_paper_take(row, "confirmation_application", actor=county.people["judges_clerk"])[1])
    assert "孙三" not in clerk and "被申请人" not in clerk
    for code in ("notice", "record"):
        assert "孙三" + LINE in printed(county, dispute, code), code


def test_what_is_signed_has_no_line_to_sign(county):
    agreement = drafted(county)
    told = printed(county, agreement.dispute, "agreement")
    assert told.count(LINE) == 2 and "人民调解员（签名）：____" in told
    assert "人民调解员（签名）" in printed(county, signed_all(county, agreement).dispute, "agreement")
    agreement = act(Agreement.objects.get(), "sign_mediator", actor=county.mediator)
    act(agreement, "seal", actor=county.mediator)
    told = printed(county, agreement.dispute, "agreement")
    assert "____" not in told and told.count("（印章）") == 1
    assert f"人民调解员 {county.mediator.get_full_name()}：签名    2026年6月2日" in told


def signed_all(county, agreement):
    for party in parties(agreement.dispute):
        agreement = act(agreement, "sign_party", actor=county.mediator, party=party)
    return agreement


def test_an_oral_agreement_is_signed_by_who_records_it_alone_and_not_sealed(county):
    # given what was agreed by word of mouth
    agreement = drafted(county, form="oral")
    told = printed(county, agreement.dispute, "agreement")
    assert LINE not in told and "（印章）" not in told and "人民调解员（签名）：____" in told
    # when it is recorded
    dispute = fresh(act(agreement, "record_oral", actor=county.mediator).dispute)
    told = printed(county, dispute, "agreement")
    # then the record tells what was agreed and by whom it was recorded, under its own name
    assert "____" not in told and "（印章）" not in told and "口头协议，由人民调解员记录" in told
    assert f"人民调解员 {county.mediator.get_full_name()}：签名    2026年6月2日" in told and "三千元" in told
    assert told.startswith("人民调解口头协议登记表") and "人民调解口头协议登记表" in printed(county, dispute, "cover")
    page = client_of(county.mediator).get(f"/admin/mediation/dispute/{dispute.pk}/change/").content.decode()
    assert "人民调解口头协议登记表" in page


def test_who_signed_the_application_together_signs_it_once(county):
    row = JudicialConfirmation.objects.with_rows().get(agreement=effective(county))
    first, second = parties(row.dispute)
    row = act(row, "consent", actor=county.mediator, party=first, answer="agreed", how="together")
    row = act(row, "consent", actor=county.mediator, party=second, answer="agreed", how="recorded")
    assert printed(county, row.dispute, "confirmation_application").count(LINE) == 2
    act(row, "apply", actor=county.mediator, court=county.unit("court"), basis="mediation")
    told = printed(county, row.dispute, "confirmation_application")
    assert "何秀英" + LINE not in told and "马国梁" + LINE in told


@pytest.mark.parametrize("form", ["written", "oral"])
def test_a_closed_file_tells_what_was_agreed(county, form):
    agreement = effective(county) if form == "written" else act(
        drafted(county, form="oral"), "record_oral", actor=county.mediator)  # fmt: skip
    dispute, word = agreement.dispute, {"written": "达成协议（书面）", "oral": "达成协议（口头）"}[form]
    for name in ("close", "archive"):
        dispute = county.step(fresh(dispute), name)
        assert word in printed(county, dispute, "cover"), name
        assert f"调解结果：{word}" in printed(county, dispute, "record"), name


@pytest.mark.parametrize(("ground", "word", "told", "article"), [
    ("no_agreement", "未能达成协议", "经调解未能达成协议", "第二十六条"),
    ("withdrawn", "未能达成协议（当事人要求终止调解）", "当事人要求终止调解", "第二十三条"),
    ("term_over", "未能达成协议（调解期限届满）", "在调解期限内未能达成协议", "第二十六条"),
    ("absent", "未能达成协议（当事人不再到场）", "因当事人不再到场", "第二十六条"),
    ("unlawful_aim", "未能达成协议（利用调解达到非法目的）", "利用调解达到非法目的", ""),
])  # fmt: skip
def test_a_mediation_that_failed_tells_its_ground_also_once_it_is_closed(county, ground, word, told, article):
    dispute = county.mediating()
    if ground == "term_over":
        Dispute.objects.filter(pk=dispute.pk).update(term_until=timezone.localdate() - timedelta(days=1))
    if ground == "withdrawn":
        county.consent(parties(dispute)[0], "withdrawn")
        dispute = fresh(dispute)
    else:
        dispute = county.step(dispute, "terminate", ground=ground)
    for name in ("", "close", "archive"):
        dispute = county.step(dispute, name) if name else dispute
        assert f"调解结果：{word}" in printed(county, dispute, "record").splitlines(), name
        assert word in printed(county, dispute, "cover").splitlines(), name
    text = printed(county, dispute, "termination")
    assert text.startswith("终止调解告知书") and told in text and "2026年6月2日终止" in text
    named = {one for one in ("第十七条", "第二十三条", "第二十六条") if one in text}
    assert named == ({article} if article else set()) and "或一方" not in text and "仲裁" in text
    own = text_of(own_paper_take(Reader(parties(dispute)[1]), "termination")[1])
    assert told in own and "何秀英" not in own


@pytest.mark.parametrize(("ground", "told"), [
    ("party_refused", "因当事人明确拒绝调解"), ("already_decided", "已由人民法院或者行政机关受理或者处理"),
    ("exclusive", "只能由人民法院或者行政机关处理"), ("no_dispute", "不属于可以调解的纠纷"),
])  # fmt: skip
def test_what_was_never_accepted_is_not_terminated(county, ground, told):
    dispute = county.dispute()
    if ground == "party_refused":
        county.consent(parties(dispute)[1], "refused")
    dispute = county.step(dispute, "decline", ground=ground)
    name, content = paper_take(fresh(dispute), "termination", actor=county.mediator)
    text = text_of(content)
    assert text.startswith("不予调解告知书") and told in text and "终止" not in text and "未能达成" not in text
    assert ("第十七条" in text) == (ground == "party_refused") and name == f"{dispute.number}-不予调解告知书.docx"
    cover = printed(county, dispute, "cover")
    assert "不予调解（" in cover and "不予调解告知书" in cover
    page = client_of(county.mediator).get(f"/admin/mediation/dispute/{dispute.pk}/change/").content.decode()
    assert "不予调解告知书" in page and "终止调解告知书" not in page


def test_what_was_referred_says_where(county):
    early = county.step(county.dispute(), "refer", where="court", unit=county.unit("court"))
    assert "转介court单位，不予调解" in printed(county, early, "termination")
    assert "转介其他途径（court单位）" in printed(county, early, "cover")
    later = county.step(county.mediating(), "refer", where="police")
    assert "转介公安派出所，终止调解" in printed(county, later, "termination")
    assert "终止调解。" in printed(county, county.step(county.mediating(), "refer", where="other"), "termination")


def test_an_agreement_that_binds_on_is_told_to_whom_it_binds(county):
    # given a mediation that failed after an agreement of before, and a third person whom that does not bind
    dispute = county.mediating()
    third = third_in(county, dispute)
    agreement = drafted(county, dispute)
    for party in parties(dispute)[:2]:
        agreement = act(agreement, "sign_party", actor=county.mediator, party=party)
    agreement = act(act(agreement, "sign_mediator", actor=county.mediator), "seal", actor=county.mediator)
    dispute = county.step(county.step(fresh(dispute), "reopen"), "begin")
    assert "调解结果：____" in printed(county, dispute, "record") and "尚未结束" in printed(county, dispute, "cover")
    dispute = county.step(dispute, "terminate")
    # then cover and notice tell of both, the third person reads of no agreement
    assert f"未能达成新的协议；此前达成的协议（编号 {agreement.number}）继续有效" in printed(county, dispute, "cover")
    assert "继续有效，当事人应当按照约定履行" in printed(county, dispute, "termination")
    bound, other = (text_of(own_paper_take(Reader(Party.objects.get(pk=pk)), "termination")[1])
                    for pk in (parties(dispute)[0].pk, third.pk))  # fmt: skip
    assert agreement.number in bound and agreement.number not in other and "新的协议" not in other


def test_the_certificate_calls_the_dispute_by_its_type_once(county):
    dispute = effective(county).dispute
    assert "之间的邻里纠纷，由" in printed(county, dispute, "confirmation_certificate")
    DisputeType.objects.filter(code="neighbours").update(name="其他")
    assert "之间的其他纠纷，由" in printed(county, dispute, "confirmation_certificate")


def test_who_mediated_is_told_whoever_follows_it_up(county):
    dispute = effective(county).dispute
    was, now = county.mediator.get_full_name(), county.people["colleague"].get_full_name()
    county.step(fresh(dispute), "assign")  # the colleague
    for code in ("confirmation_certificate", "agreement", "record"):
        told = printed(county, dispute, code)
        assert was in told and now not in told, code


def test_what_to_mind_stands_only_over_something(county, clock):
    dispute = effective(county).dispute
    assert "需要注意" not in printed(county, dispute, "confirmation_notice")
    assert "共同申请" not in printed(county, dispute, "confirmation_application").replace("共同申请司法", "")
    clock.shift(timedelta(days=31))
    told = printed(county, dispute, "confirmation_notice")
    assert "需要注意" in told and "已逾期" in told


def test_the_record_of_visits_tells_when_by_whom_and_that_nothing_broke_out(county, clock):
    visit = in_state(county, clock, "due")
    act(visit, "log", actor=county.mediator, found=found(relapse=False))
    (line,) = [row for row in rows_of(county, visit.dispute, "follow_up") if "已回访" in row]
    assert line[-1] == "否" and county.mediator.get_full_name() in line and "2026年6月9日" in line[3]
    # and of a newer agreement only its own
    dispute = county.step(county.step(fresh(visit.dispute), "reopen"), "begin")
    newer = effective(county, dispute)
    assert len(rows_of(county, dispute, "follow_up")) == FollowUpVisit.objects.filter(agreement=newer).count()


def rows_of(county, dispute, code: str) -> list[list[str]]:
    content = paper_take(fresh(dispute), code, actor=county.mediator)[1]
    table = Document(BytesIO(content)).tables[-1]
    return [[cell.text for cell in row.cells] for row in table.rows[1:]]


def test_the_record_lists_no_sitting_that_did_not_take_place(county, clock):
    dispute, now = county.mediating(), timezone.now()

    def planned(place: str, **after):
        start = now + timedelta(**after)
        return sitting_plan(dispute, actor=county.mediator, kind="on_site", place=place, starts_at=start,
                            ends_at=start + timedelta(hours=1))  # fmt: skip

    planned("何家楼下", hours=1)
    planned("居委会", days=2)
    act(planned("马家", hours=3), "cancel", actor=county.mediator, reason="对方有事")
    told = printed(county, dispute, "record")
    assert "何家楼下" in told and "居委会" not in told and "马家" not in told


def test_an_answer_tells_about_whom(county):
    dispute = county.mediating()
    county.consent(parties(dispute)[0], "agreed", "mediator", about=county.people["colleague"])
    name = county.people["colleague"].get_full_name()
    assert f"是否接受该调解员（{name}）" in printed(county, dispute, "notice")


@pytest.mark.parametrize("door", ["admin", "rest", "own", "clerk", "file"])
def test_files_have_chinese_names_and_an_ascii_one_beside_it(county, door):
    row = applied(county, JudicialConfirmation.objects.with_rows().get(agreement=effective(county)))
    dispute, party = row.dispute, parties(row.dispute)[0]
    mediator, clerk, own = (client_of(user) for user in (county.mediator, county.people["judges_clerk"], party.user))
    address = f"/admin/mediation/dispute/{dispute.pk}/paper/"
    answer, name, plain = {
        "admin": lambda: (mediator.post(f"{address}agreement/"), "人民调解协议书.docx", "agreement.docx"),
        "rest": lambda: (mediator.post(f"/api/v1/mediation/disputes/{dispute.pk}/paper/", {"paper": "cover"},
                                       format="json"), "卷宗封面.docx", "cover.docx"),
        "own": lambda: (own.get(f"/r/disputes/{party.pk}/papers/notice/"), "权利义务告知书.docx", "notice.docx"),
        "clerk": lambda: (clerk.post(f"/admin/mediation/judicialconfirmation/{row.pk}/paper/agreement/"),
                          "人民调解协议书.docx", "agreement.docx"),
        "file": lambda: (mediator.post(f"{address}file/"), "人民调解卷宗.zip", "file.zip"),
    }[door]()  # fmt: skip
    assert answer.status_code == 200, answer.content[:300]
    disposition = answer["Content-Disposition"]
    assert disposition.isascii() and f'filename="{dispute.number}-{plain}"' in disposition
    assert unquote(disposition.partition("filename*=UTF-8''")[2]) == f"{dispute.number}-{name}"


def test_the_zip_numbers_its_papers_as_its_index_does(county):
    dispute = fresh(effective(county).dispute)
    with ZipFile(BytesIO(file_take(dispute, actor=county.mediator)[1])) as whole:
        names = whole.namelist()
    assert names[0] == f"00-{dispute.number}-卷宗封面.docx"
    index = [(int(row[0]), row[1]) for row in rows_of(county, dispute, "cover")]
    assert [f"{order:02d}-{dispute.number}-{title}.docx" for order, title in index] == names[1:]


def test_the_own_page_names_papers_as_they_are(county):
    dispute = act(drafted(county, form="oral"), "record_oral", actor=county.mediator).dispute
    labels = {paper.code: str(paper.label) for paper in papers_of_party(parties(dispute)[0])}
    assert labels["agreement"] != str(PAPERS["agreement"].label)
