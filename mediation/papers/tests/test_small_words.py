"""Small words on the pages of parties and of who mediates: a receipt, who said it, what still runs, line breaks."""

import pytest

from cases.tests.api import client_of
from governance.errors import Conflict
from mediation.agreements.tests.deals import drafted, effective
from mediation.disputes.forms import DisputeWords
from mediation.models import Consent, Dispute, JudicialConfirmation, Party
from mediation.papers.saying import Reader, say

pytestmark = pytest.mark.django_db


def own(dispute) -> Party:
    return Party.objects.get(dispute=dispute.pk, name="何秀英")


def test_who_withdrew_reads_that_it_was_received(county):
    # given a party with an account whose dispute is mediated
    party, client = own(county.mediating()), client_of(county.user("neighbour"))
    page = f"/r/disputes/{party.pk}/"
    # when they withdraw
    assert client.post(f"{page}say/withdraw/").status_code == 302
    assert Consent.objects.filter(party=party).latest("pk").answer == "withdrawn"
    # then the page says so with the day, and offers no button
    shown = client.get(page).content.decode().split('id="answer"')[1].split("</section>")[0]
    assert "您的答复" in shown and "已收到" in shown and "2026-06-02" in shown and "<button" not in shown


def test_a_press_after_the_joint_application_says_how_to_withdraw(county):
    # given a confirmation that was applied for while the party's page stood open
    party = own(effective(county).dispute)
    JudicialConfirmation.objects.update(state="jointly_applied", court=county.unit("court"), applied_on="2026-06-02")
    # then the press is refused in words for a party, and nothing is written
    for word in ("not_confirm", "confirm"):
        with pytest.raises(Conflict) as refused:
            say(Reader(party), word)
        assert refused.value.code == "applied" and "告知调解员" in str(refused.value.detail)
    answer = client_of(county.user("neighbour")).post(f"/r/disputes/{party.pk}/say/not_confirm/")
    assert answer.status_code == 409 and "当前状态" not in answer.content.decode()
    assert not JudicialConfirmation.objects.get().consents.exists()


def test_the_history_tells_that_a_party_said_it_on_the_own_page(county):
    party = own(county.in_state("awaiting_consent"))
    say(Reader(party), "agree")  # by the link: no account
    page = client_of(county.mediator).get(f"/admin/mediation/dispute/{party.dispute_id}/change/").content.decode()
    told = page.split('id="jc-timeline"')[1]
    assert "当事人（本人页面）" in told and "时限管理" not in told.split("当事人（本人页面）")[0]
    # what was told to the mediator stands in the mediator's name
    other = Party.objects.get(dispute=party.dispute_id, name="马国梁")
    county.consent(other)
    page = client_of(county.mediator).get(f"/admin/mediation/dispute/{party.dispute_id}/change/").content.decode()
    assert page.split('id="jc-timeline"')[1].count("当事人（本人页面）") == 1


def test_an_oral_draft_waits_for_no_signature(county):
    client = client_of(county.mediator)
    written, oral = drafted(county), drafted(county, form="oral")
    pages = [client.get(f"/admin/mediation/agreement/{row.pk}/change/").content.decode() for row in (written, oral)]
    assert "尚未签署" in pages[0] and "尚未签署" not in pages[1]
    form = client.get(f"/admin/mediation/agreement/draft/{county.mediating().pk}/").content.decode()
    assert "口头协议无需签字" in form
    # the button is called as the messages call it
    assert "作废草稿" in pages[0] and "放弃草稿" not in pages[0]


def test_no_term_runs_once_it_has_ended(county):
    running, ended = county.mediating(), Dispute.objects.get(pk=effective(county).dispute_id)
    assert running.term_runs_until == running.term_until and ended.term_until and ended.term_runs_until is None
    client = client_of(county.mediator)
    for row, there in ((running, True), (ended, False)):
        for page in (f"/m/disputes/{row.pk}/", f"/admin/mediation/dispute/{row.pk}/change/"):
            assert ("调解期限至" in client.get(page).content.decode()) is there, page


def test_a_line_break_counts_once(county):
    # given a text as long as it may be, with a line break, which browsers send as two characters
    facts = "漏" * 2499 + "\r\n" + "水" * 2500
    form = DisputeWords({"title": "漏水", "facts": facts, "people": "2", "urgency": "normal"})
    assert form.is_valid(), form.errors
    assert form.cleaned_data["facts"] == facts.replace("\r\n", "\n")
    # one more is too long, in words that say how much
    longer = DisputeWords({"title": "漏水", "facts": facts + "了", "people": "2", "urgency": "normal"})
    assert not longer.is_valid() and longer.errors["facts"] == ["最多 5000 个字，现有 5001 个字。"]
