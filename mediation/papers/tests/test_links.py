"""Links of parties: made, opened with the second factor, locked, revoked, run out; what a party says there."""

from datetime import timedelta
from io import BytesIO
from zipfile import ZipFile

import pytest
from django.db import DatabaseError, transaction
from docx import Document

from cases.tests.api import client_of
from governance.errors import Conflict, Invalid, NotPermitted
from governance.models import Event
from governance.workflow import act
from mediation.agreements.documents.papers import paper_take
from mediation.agreements.tests.deals import drafted, effective
from mediation.disputes.parties import party_amend
from mediation.models import ConfirmationConsent, Consent, DisputeAccess, DisputeState, Party, PartyLink, PartyReply
from mediation.papers.links import MOST_TRIES, link_make, link_of, link_open, link_revoke
from mediation.papers.own import own_paper_take, papers_of_party, told
from mediation.papers.saying import Reader, may_say, say

pytestmark = pytest.mark.django_db
DENIED = ["outside_village_mediator", "township_mediator", "county_centre", "administrator", "operations_centre",
          "joint_department", "judges_clerk", "respected_helper", "neighbour", "grid_worker"]  # fmt: skip


def respondent(dispute):
    """The party without an account; the phone ends with 3002."""
    return Party.objects.get(dispute=dispute.pk, name="马国梁")


@pytest.mark.parametrize("key", DENIED)
def test_only_who_works_on_it_makes_and_revokes_links(county, key):
    party = respondent(county.mediating())
    with pytest.raises(NotPermitted):
        link_make(party, actor=county.user(key))
    link, _token = link_make(party, actor=county.user("colleague"))
    with pytest.raises(NotPermitted):
        link_revoke(link, actor=county.user(key))
    assert PartyLink.objects.get().revoked_at is None


def test_a_link_opens_with_the_second_factor_only(county, clock):
    party = respondent(county.mediating())
    link, token = link_make(party, actor=county.mediator, days=10)
    assert token not in str(PartyLink.objects.values()) and token not in str(Event.objects.values())
    assert link_of(token) == link and link_of(token[:-1] + "-") is None and link_of("x") is None
    with pytest.raises(Invalid) as wrong:
        link_open(link, "0000")
    assert wrong.value.field == "digits" and PartyLink.objects.get().failures == 1
    assert link_open(link, " 3002 ") == party and PartyLink.objects.get().failures == 0
    clock.shift(timedelta(days=10))
    assert link_of(token) is None
    with pytest.raises(Conflict):
        link_open(link, "3002")


def test_wrong_tries_lock_it(county):
    party = respondent(county.mediating())
    link, token = link_make(party, actor=county.mediator)
    for _try in range(MOST_TRIES - 1):
        with pytest.raises(Invalid):
            link_open(link, "1111")
    with pytest.raises(Conflict) as locked:
        link_open(link, "1111")
    assert locked.value.code == "locked" and link_of(token) is None
    assert Event.objects.filter(name="dispute.link_locked").count() == 1
    with pytest.raises(Conflict):
        link_open(link, "3002")


def test_a_new_link_ends_the_old_one_and_revoking_ends_it_at_once(county):
    party = respondent(county.mediating())
    _old, first = link_make(party, actor=county.mediator)
    link, second = link_make(party, actor=county.mediator)
    assert link_of(first) is None and link_of(second) == link
    link_revoke(link, actor=county.user("colleague"))
    assert link_of(second) is None
    with pytest.raises(Conflict):
        link_revoke(link, actor=county.mediator)


def test_without_a_phone_or_with_a_wrong_term_there_is_no_link(county):
    dispute = county.mediating()
    party = party_amend(respondent(dispute), actor=county.mediator, phone="")
    with pytest.raises(Conflict) as found:
        link_make(party, actor=county.mediator)
    assert found.value.code == "no_phone"
    for days in (0, -1, 367):
        with pytest.raises(Invalid):
            link_make(dispute.parties.first(), actor=county.mediator, days=days)
    assert not PartyLink.objects.exists()


def test_where_the_violence_is_domestic_a_link_takes_a_reason(county):
    # given a dispute of domestic violence: the other side knows the digits
    dispute = county.mediating(domestic_violence=True)
    party, before = respondent(dispute), Event.objects.count()
    base, desk = f"/admin/mediation/dispute/{dispute.pk}/party/{party.pk}/link/", client_of(county.mediator)
    rest = f"/api/v1/mediation/disputes/{dispute.pk}/parties/{party.pk}/links/"
    # when no reason is given, then no door makes one, and the page warns
    for reason in ("", "  "):
        with pytest.raises(Invalid) as refused:
            link_make(party, actor=county.mediator, reason=reason)
        assert (refused.value.field, refused.value.code) == ("reason", "violence")
        assert desk.post(base, {"days": "5", "reason": reason}, format="multipart").status_code == 400
        answer = desk.post(rest, {"days": 5, "reason": reason}, format="json")
        assert answer.status_code == 400 and "家庭暴力" in answer.content.decode()
    page = desk.get(base).content.decode()
    assert "data-warning" in page and 'name="reason"' in page
    assert not PartyLink.objects.exists() and Event.objects.count() == before
    # when one is, then it is kept beside the event, not in it
    link_make(party, actor=county.mediator, reason="本人要求，另有手机")
    event = Event.objects.get(name="dispute.link_made")
    assert event.remark.text == "本人要求，另有手机" and "本人" not in str(event.payload)
    assert event.payload["domestic_violence"] is True
    assert desk.post(base, {"days": "5", "reason": "本人要求"}, format="multipart").status_code == 200
    assert desk.post(rest, {"days": 5, "reason": "本人要求"}, format="json").status_code == 201
    # and other disputes ask for none
    other = county.mediating()
    page = desk.get(f"/admin/mediation/dispute/{other.pk}/party/{respondent(other).pk}/link/").content.decode()
    assert "data-warning" not in page and 'name="reason"' not in page


def test_marking_domestic_violence_ends_the_open_links_of_the_dispute(county):
    dispute, other = county.mediating(), county.mediating()
    tokens = [link_make(party, actor=county.mediator)[1] for party in dispute.parties.all()]
    _link, elsewhere = link_make(respondent(other), actor=county.mediator)
    # signs of violence alone end none
    county.step(dispute, "mark_violence")
    assert all(link_of(token) for token in tokens)
    # when it is domestic, then all of this dispute end, each with its event, and none of another
    county.step(dispute, "mark_violence", domestic_violence=True)
    assert not any(link_of(token) for token in tokens) and link_of(elsewhere)
    told_of = Event.objects.filter(name="dispute.link_revoked")
    assert {event.payload["party"] for event in told_of} == {party.pk for party in dispute.parties.all()}
    assert all(event.actor.is_system for event in told_of)


def test_agreeing_refusing_and_withdrawing(county):
    dispute = county.in_state(DisputeState.AWAITING_CONSENT)
    party = respondent(dispute)
    assert may_say(party) == ["agree", "refuse", "recuse"]
    say(Reader(party), "refuse")
    assert may_say(party) == ["agree", "recuse"]
    say(Reader(party), "agree")
    row = Consent.objects.first()
    assert (row.answer, row.how, row.recorded_by, row.party) == ("agreed", "link", None, party)
    assert may_say(party) == ["withdraw", "recuse"]
    running = county.mediating()
    say(Reader(respondent(running)), "withdraw")
    running.refresh_from_db()
    assert (running.state, running.ended_ground) == ("terminated", "withdrawn")
    assert running.routes_told.get().how == "link"
    assert may_say(respondent(running)) == []
    with pytest.raises(Conflict):
        say(Reader(respondent(running)), "agree")
    with pytest.raises(Invalid):
        say(Reader(party), "win")


def test_confirmation_by_link_and_by_account(county, clock):
    agreement = effective(county)
    parties = list(Party.objects.filter(dispute=agreement.dispute_id).order_by("id"))
    say(Reader(parties[0], county.people["neighbour"]), "confirm")
    say(Reader(parties[1]), "not_confirm")
    said = {row.party.name: (row.answer, row.how) for row in ConfirmationConsent.objects.all()}
    assert said == {"何秀英": ("agreed", "account"), "马国梁": ("refused", "link")}
    assert may_say(parties[1]) == ["confirm", "reply"]
    say(Reader(parties[1]), "confirm")
    clock.shift(timedelta(days=45))
    assert may_say(parties[1]) == ["reply"]
    with pytest.raises(Conflict) as late:
        say(Reader(parties[1]), "confirm")
    assert late.value.code == "late" and "第二百零五条" in late.value.detail
    with pytest.raises(Conflict):
        say(Reader(respondent(county.mediating())), "confirm")


def test_a_reply_counts_once_a_day(county, clock):
    # given what a party said in the morning: later that day they put it right, and it counts once
    party = respondent(effective(county).dispute)
    say(Reader(party), "reply", performed="partly", satisfaction=4, relapse=True)
    say(Reader(party), "reply", performed="partly", satisfaction=4, relapse=False)
    assert PartyReply.objects.count() == 2 and PartyReply.objects.counting().get().relapse is False
    # when a day has passed it is another one
    clock.shift(timedelta(days=1))
    say(Reader(party), "reply", performed="yes")
    for wrong in ({"performed": "?"}, {"performed": "no", "satisfaction": 6}):
        with pytest.raises(Invalid):
            say(Reader(party), "reply", **wrong)
    with pytest.raises(Conflict):
        say(Reader(respondent(county.mediating())), "reply", performed="yes")
    assert PartyReply.objects.count() == 3 and PartyReply.objects.counting().count() == 2
    with pytest.raises(DatabaseError), transaction.atomic():
        PartyReply.objects.update(relapse=False)


def test_the_own_page_names_nobody_else_and_is_recorded(county):
    agreement = effective(county)
    party = respondent(agreement.dispute)
    text = str(told(Reader(party)))
    for word in ("何秀英", "13900003001", "990102197001011238", "吵了三次", "何**"):
        assert word not in text.replace("马国梁赔偿何秀英三千元，六月三十日前付清。", ""), word
    assert "马国梁赔偿" in text  # their own agreement, word for word
    row = DisputeAccess.objects.get()
    assert (row.party, row.person, row.kind) == (party, None, "read")


def test_own_papers(county):
    early = respondent(county.dispute())
    assert [paper.code for paper in papers_of_party(early)] == ["notice"]
    with pytest.raises(Invalid):
        own_paper_take(Reader(early), "agreement")
    party = respondent(effective(county).dispute)
    assert [paper.code for paper in papers_of_party(party)] == ["notice", "agreement", "confirmation_application"]
    name, content = own_paper_take(Reader(party), "agreement")
    assert name == f"{party.dispute.number}-人民调解协议书.docx"
    for other in ("record", "cover", "acceptance", "no-such"):
        with pytest.raises(Invalid):
            own_paper_take(Reader(party), other)
    told_text = text_of(content)
    assert "马国梁" in told_text and "13900003002" in told_text
    assert "990102197001011238" not in told_text and "13900003001" not in told_text
    assert DisputeAccess.objects.filter(party=party, kind="exported", what="paper:agreement").count() == 1


def answers_in(content: bytes, heading: str) -> list[tuple[str, str]]:
    """Return whose answers a paper tells, of the table with a heading, each with what it says there."""
    for table in Document(BytesIO(content)).tables:
        heads, *rows = [[cell.text for cell in row.cells] for row in table.rows]
        if heading in heads:
            return [(row[0], row[heads.index(heading)]) for row in rows]
    raise AssertionError(heading)


def test_own_papers_tell_no_answer_of_the_other_and_name_them_only_where_both_sign(county):
    # given an agreement of two parties who both agreed to be mediated; one has an agent and wants no confirmation
    agreement = effective(county)
    other, party = Party.objects.filter(dispute=agreement.dispute_id).order_by("id")
    Party.objects.filter(pk=other.pk).update(agent="秦律师")
    say(Reader(other), "not_confirm")
    say(Reader(party), "confirm")
    # when one takes the own papers
    papers = {
        code: own_paper_take(Reader(party), code)[1] for code in ("notice", "agreement", "confirmation_application")
    }
    # then the notice tells the own answer alone, and names nobody else
    assert {name for name, _said in answers_in(papers["notice"], "意见")} == {"马国梁"}
    assert "马国梁" in text_of(papers["notice"]) and "何秀英" not in text_of(papers["notice"])
    # and what both sign names both, but tells no wish and no agent of the other
    wishes = answers_in(papers["confirmation_application"], "意思表示")
    assert [name for name, _said in wishes] == ["马国梁"]
    for code in ("agreement", "confirmation_application"):
        told_text = text_of(papers[code])
        assert "何秀英" in told_text and "秦律师" not in told_text and "（保密）" in told_text, code
    # while the file of the mediator holds all of it
    whole = paper_take(agreement.dispute, "notice", actor=county.mediator)[1]
    assert {name for name, _said in answers_in(whole, "意见")} == {"何秀英", "马国梁"}
    whole = text_of(paper_take(agreement.dispute, "confirmation_application", actor=county.mediator)[1])
    assert "秦律师" in whole and "13900003001" in whole


@pytest.mark.parametrize("steps", [["close"], ["close", "archive"]])
def test_the_notice_of_termination_stays_when_the_dispute_is_closed_and_archived(county, steps):
    # given a mediation that ended without an agreement
    dispute = county.in_state(DisputeState.TERMINATED)
    party = respondent(dispute)
    assert [paper.code for paper in papers_of_party(party)] == ["notice", "termination"]
    # when it is closed, and its file archived
    for name in steps:
        dispute = county.step(dispute, name)
    # then the party has the notice still, and is told which routes stay open
    party = respondent(dispute)
    assert [paper.code for paper in papers_of_party(party)] == ["notice", "termination"]
    assert "终止调解告知书" in text_of(own_paper_take(Reader(party), "termination")[1])
    assert "法院" in told(Reader(party))["progress"] and "仲裁" in told(Reader(party))["progress"]


def test_papers_of_the_agreement_in_effect_stay_beside_a_new_draft(county):
    # given an agreement in effect, and a dispute that broke out again
    agreement = effective(county)
    before = [paper.code for paper in papers_of_party(respondent(agreement.dispute))]
    assert before == ["notice", "agreement", "confirmation_application"]
    dispute = act(agreement.dispute, "reopen", actor=county.mediator, reason="又起争执")
    dispute = county.step(dispute, "begin")
    # when another agreement is drafted
    other = drafted(county, dispute, clauses=["新的约定，尚未签字。"])
    # then the papers are those of the one in effect
    party = respondent(dispute)
    assert [paper.code for paper in papers_of_party(party)] == before
    paper = text_of(own_paper_take(Reader(party), "agreement")[1])
    assert agreement.number in paper and other.number not in paper and "新的约定" not in paper
    # and where the new round ends without one, they stay beside the notice of termination
    act(other, "discard", actor=county.mediator, reason="未谈成")
    party = respondent(county.step(dispute, "terminate"))
    assert {paper.code for paper in papers_of_party(party)} == {*before, "termination"}
    assert "仍" in told(Reader(party))["progress"]


def test_the_notice_of_termination_names_the_reader_alone(county):
    party = respondent(county.mediating())
    say(Reader(party), "withdraw")
    told_text = text_of(own_paper_take(Reader(respondent(party.dispute)), "termination")[1])
    assert "马国梁" in told_text and "何秀英" not in told_text


def text_of(content: bytes) -> str:
    """All words of a Word document."""
    with ZipFile(BytesIO(content)) as found:
        return "".join(found.read(name).decode() for name in found.namelist() if name.endswith(".xml"))
