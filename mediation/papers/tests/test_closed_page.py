"""What a party sends after the own page has closed by itself, or from a second page: never dropped, never overwritten
without a word."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from cases.tests.api import client_of
from governance.errors import Conflict
from mediation.agreements.tests.deals import effective
from mediation.models import ConfirmationConsent, Consent, Party, PartyReply, Recusal
from mediation.papers.links import link_make
from mediation.papers.saying import Reader, say

pytestmark = pytest.mark.django_db
CLOSED = "页面已自动关闭，刚才的内容没有提交。请输入后四位后重新提交。"


def opened(county, dispute, *, name: str = "马国梁"):
    """A browser in which the own page of the respondent is open, and its address."""
    party = Party.objects.get(dispute=dispute.pk, name=name)
    _link, token = link_make(party, actor=county.mediator)
    client, page = client_of(), reverse("party_page:one", args=[token])
    assert client.post(page, {"digits": party.phone[-4:]}, "multipart").status_code == 302
    return client, page


def hidden(html: str) -> dict:
    """Return what the door carries along, as a browser would send it."""
    found = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', html)
    return {name: value for name, value in found if name != "csrfmiddlewaretoken"}


def test_who_withdraws_after_the_page_closed_is_told_and_presses_once_more(county, clock):
    # given a party who left the own page open for longer than it stays open
    dispute = county.mediating()
    client, page = opened(county, dispute)
    clock.shift(timedelta(minutes=31))
    answers = Consent.objects.count()
    # when they withdraw, then the door says that nothing was submitted, and tells nothing of the dispute
    answer = client.post(f"{page}say/withdraw/")
    door = answer.content.decode()
    assert answer.status_code == 403 and CLOSED in door and dispute.number not in door
    assert f'action="{page}"' in door and hidden(door) == {"carried": "withdraw"}
    # when the digits are wrong, then it is carried on; nothing is said yet
    wrong = client.post(page, {"digits": "1111"} | hidden(door), "multipart")
    assert wrong.status_code == 400 and hidden(wrong.content.decode()) == {"carried": "withdraw"}
    # when they are right, then it is shown with what it means, and still not done
    shown = client.post(page, {"digits": "3002"} | hidden(door), "multipart").content.decode()
    notice = shown.partition('id="carried"')[2].partition("</div>")[0]
    assert "尚未提交" in notice and f'action="{page}say/withdraw/"' in notice and "退出后调解即终止" in notice
    dispute.refresh_from_db()
    assert Consent.objects.count() == answers and dispute.state == "mediating"
    # when it is pressed once more, then it is
    assert client.post(f"{page}say/withdraw/").status_code == 302
    dispute.refresh_from_db()
    assert Consent.objects.count() == answers + 1 and dispute.state == "terminated"
    assert 'id="carried"' not in client.get(page).content.decode()


def test_what_was_filled_in_is_filled_in_again(county, clock):
    # given reasons for another mediator, and a reply on the performance, both sent too late
    asked, held = county.mediating(), effective(county).dispute
    reasons = {"ground": "interest", "words": "调解员与对方是“亲戚” <b>"}
    reply = {"performed": "partly", "satisfaction": "3", "relapse": "on"}
    for dispute, what, sent in ((asked, "recuse", reasons), (held, "reply", reply)):
        client, page = opened(county, dispute)
        clock.shift(timedelta(minutes=31))
        door = client.post(f"{page}say/{what}/", sent | {"more": "x"}, "multipart").content.decode()
        assert CLOSED in door and set(hidden(door)) == {"carried", *sent} and "<b>" not in door
        # when the page is opened again, then all of it stands in the form; nothing was stored
        shown = client.post(page, {"digits": "3002", "carried": what} | sent, "multipart").content.decode()
        part = shown.partition(f'<section class="card" id="{what}">')[2].partition("</section>")[0]
        assert "尚未提交" in shown and not Recusal.objects.filter(dispute=dispute).exists()
        if what == "recuse":
            assert "<details open>" in part and "亲戚” &lt;b&gt;" in part and 'value="interest" selected' in part
        else:
            assert 'value="partly" selected' in part and 'value="3" selected' in part and "checked" in part
        assert not PartyReply.objects.exists()
    assert client.post(f"{page}say/reply/", reply, "multipart").status_code == 302 and PartyReply.objects.exists()


def test_what_is_not_possible_any_more_is_said_so(county, clock):
    # given a refusal sent too late, the party having agreed face to face by then
    dispute = county.in_state("awaiting_consent")
    client, page = opened(county, dispute)
    clock.shift(timedelta(minutes=31))
    door = client.post(f"{page}say/refuse/").content.decode()
    county.all_agree(dispute)
    shown = client.post(page, {"digits": "3002"} | hidden(door), "multipart").content.decode()
    assert "现在已不能提交" in shown and "say/refuse/" not in shown
    # and what is no saying at all is carried nowhere
    clock.shift(timedelta(minutes=31))
    assert client.post(f"{page}say/win/").status_code == 404
    made = client.post(page, {"digits": "3002", "carried": "win"}, "multipart")
    assert made.status_code == 302


def test_of_two_pages_neither_overwrites_the_other_unread(county):
    # given two phones with the own page open, on neither of which anything was answered yet
    dispute = effective(county).dispute
    party = Party.objects.get(dispute=dispute, name="马国梁")
    client, page = opened(county, dispute)
    first = client.get(page).content.decode().partition('id="confirmation"')[2]
    assert hidden(first.partition("</section>")[0]) == {"shown": ""}
    assert client.post(f"{page}say/confirm/", {"shown": ""}, "multipart").status_code == 302
    # when the other still shows no answer, and says the contrary
    other = client.post(f"{page}say/not_confirm/", {"shown": ""}, "multipart")
    # then nothing is overwritten: it says what stands, and asks once more
    text = other.content.decode()
    assert other.status_code == 409 and "已答复" in text
    assert ConfirmationConsent.objects.get().answer == "agreed"
    again = hidden(text.partition('id="confirmation"')[2].partition("</section>")[0])
    assert again == {"shown": "agreed"}
    # when it is pressed once more, knowing that, then it is said
    assert client.post(f"{page}say/not_confirm/", again, "multipart").status_code == 302
    assert ConfirmationConsent.objects.order_by("-id").first().answer == "refused"
    # and the same at REST and in the service; who says what stands already, or shows nothing, is not held up
    with pytest.raises(Conflict) as refused:
        say(Reader(party), "confirm", shown="agreed")
    assert refused.value.code == "changed"
    say(Reader(party), "confirm")
    mine = Party.objects.get(dispute=dispute, name="何秀英")
    rest, url = client_of(county.user("neighbour")), f"/api/v1/mediation/own/{mine.pk}/say/"
    assert rest.post(url, {"say": "confirm", "shown": ""}, "json").status_code == 200
    assert rest.post(url, {"say": "not_confirm", "shown": ""}, "json").status_code == 409
    assert rest.post(url, {"say": "not_confirm", "shown": "agreed"}, "json").status_code == 200
