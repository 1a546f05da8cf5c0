"""The own page of a party: by link with the second factor, by account, by REST; the mediator's QR code."""

import re

import pytest
from django.urls import reverse

from cases.tests.api import client_of
from governance.models import Event
from mediation.agreements.tests.deals import effective
from mediation.models import Consent, DisputeAccess, Party, PartyLink, PartyReply
from mediation.papers.links import link_make

pytestmark = pytest.mark.django_db
DENIED = ["outside_village_mediator", "township_mediator", "administrator", "neighbour", "grid_worker", "judges_clerk"]


def of(dispute, name: str) -> Party:
    return Party.objects.get(dispute=dispute.pk, name=name)


def test_by_link_nothing_is_told_before_the_digits(county):
    dispute = county.in_state("awaiting_consent")
    link, token = link_make(of(dispute, "马国梁"), actor=county.mediator)
    client, page = client_of(), reverse("party_page:one", args=[token])
    first = client.get(page)
    assert first.status_code == 200 and dispute.number not in first.content.decode()
    assert client.post(f"{page}say/agree/").status_code == 403 and not Consent.objects.exists()
    assert client.get(f"{page}papers/notice/")["Location"] == page
    assert client.post(page, {"digits": "abcd"}, "multipart").status_code == 400
    wrong = client.post(page, {"digits": "1234"}, "multipart")
    assert wrong.status_code == 400 and dispute.number not in wrong.content.decode()
    assert not DisputeAccess.objects.exists()
    assert client.post(page, {"digits": "3002"}, "multipart").status_code == 302
    told = client.get(page)
    assert dispute.number in told.content.decode() and "何" not in told.content.decode()
    assert told["Cache-Control"] == "private, no-store" and told["Referrer-Policy"] == "same-origin"
    assert client.post(f"{page}say/agree/").status_code == 302
    assert Consent.objects.get().recorded_by is None
    assert client.post(f"{page}say/confirm/").status_code == 409
    assert client.post(f"{page}say/win/").status_code == 404
    paper = client.get(f"{page}papers/notice/")
    assert paper.status_code == 200 and paper.content[:2] == b"PK"
    assert client.get(f"{page}papers/record/").status_code == 404
    assert client_of().get(page).content.decode().count(dispute.number) == 0  # another browser asks again
    assert client.post(f"{page}leave/").status_code == 302
    assert dispute.number not in client.get(page).content.decode()
    PartyLink.objects.filter(pk=link.pk).update(revoked_at=link.made_at)
    assert client.get(page).status_code == 404


def test_by_account_own_disputes_only(county):
    agreement = effective(county)
    mine, other = of(agreement.dispute, "何秀英"), of(agreement.dispute, "马国梁")
    client = client_of(county.user("neighbour"))
    assert reverse("residents_disputes:home") in client.get("/r/mine/").content.decode()
    assert agreement.dispute.number in client.get("/r/disputes/").content.decode()
    page = client.get(f"/r/disputes/{mine.pk}/").content.decode()
    assert "赔偿装修损失" in page and "13900003002" not in page and "吵了三次" not in page
    assert client.get(f"/r/disputes/{other.pk}/").status_code == 404
    assert client.post(f"/r/disputes/{other.pk}/say/reply/", {"performed": "no"}, "multipart").status_code == 404
    assert client.post(f"/r/disputes/{mine.pk}/say/reply/", {"performed": "?"}, "multipart").status_code == 400
    given = {"performed": "partly", "satisfaction": "4", "relapse": "on"}
    assert client.post(f"/r/disputes/{mine.pk}/say/reply/", given, "multipart").status_code == 302
    assert client.post(f"/r/disputes/{mine.pk}/say/reply/", given, "multipart").status_code == 302  # pressed twice
    assert (PartyReply.objects.get().satisfaction, PartyReply.objects.get().relapse) == (4, True)
    stranger = client_of(county.user("other_neighbour"))
    assert stranger.get(f"/r/disputes/{mine.pk}/").status_code == 404
    assert "/r/disputes/" not in stranger.get("/r/mine/").content.decode()
    assert client_of().get("/r/disputes/").status_code == 302


def test_by_rest(county):
    agreement = effective(county)
    mine, other = of(agreement.dispute, "何秀英"), of(agreement.dispute, "马国梁")
    client = client_of(county.user("neighbour"))
    assert [row["id"] for row in client.get("/api/v1/mediation/own/").json()["results"]] == [mine.pk]
    told = client.get(f"/api/v1/mediation/own/{mine.pk}/").json()
    assert told["may"] == ["confirm", "not_confirm", "reply"] and told["agreement"]["obligations"][0]["mine"] is False
    said = client.post(f"/api/v1/mediation/own/{mine.pk}/say/", {"say": "confirm"}, "json")
    assert said.status_code == 200 and "confirm" not in said.json()["may"], said.content
    for wrong in ({"say": "win"}, {"say": "reply"}, {"say": "reply", "performed": "yes", "satisfaction": 9}, {}):
        assert client.post(f"/api/v1/mediation/own/{mine.pk}/say/", wrong, "json").status_code == 400, wrong
    assert client.get(f"/api/v1/mediation/own/{mine.pk}/papers/agreement/").content[:2] == b"PK"
    assert client.get(f"/api/v1/mediation/own/{mine.pk}/papers/record/").status_code == 400
    for key in (*DENIED[:3], "other_neighbour", "village_mediator"):
        assert client_of(county.user(key)).get(f"/api/v1/mediation/own/{mine.pk}/").status_code == 404, key
    assert client.get(f"/api/v1/mediation/own/{other.pk}/").status_code == 404


@pytest.mark.parametrize("key", DENIED)
def test_who_does_not_work_on_it_makes_no_link(county, key):
    party = of(county.mediating(), "马国梁")
    client, base = client_of(county.user(key)), f"/mediation/dispute/{party.dispute_id}"
    answer = client.post(f"/admin{base}/party/{party.pk}/link/", {"days": "5"}, "multipart")
    assert answer.status_code in (302, 403, 404)
    url = f"/api/v1/mediation/disputes/{party.dispute_id}/parties/{party.pk}/links/"
    assert client.post(url, {}, "json").status_code in (403, 404)
    assert not PartyLink.objects.exists()


def test_the_mediator_shows_a_code_and_revokes_it(county):
    party = of(county.mediating(), "马国梁")
    client = client_of(county.user("colleague"))
    page = f"/admin/mediation/dispute/{party.dispute_id}/party/{party.pk}/link/"
    assert "<svg" not in client.get(page).content.decode().partition('id="link"')[2]
    shown = client.post(page, {"days": "30"}, "multipart").content.decode()
    token = re.search(r"/r/p/([A-Za-z0-9_-]{43})/", shown)[1]
    assert 'class="qr"' in shown and client_of().get(f"/r/p/{token}/").status_code == 200
    link = PartyLink.objects.get()
    assert token not in client.get(page).content.decode()
    revoke = f"/admin/mediation/dispute/{party.dispute_id}/link/{link.pk}/revoke/"
    assert client_of(county.user("neighbour")).post(revoke).status_code in (302, 403)
    assert client.post(revoke).status_code == 302 and client_of().get(f"/r/p/{token}/").status_code == 404
    url = f"/api/v1/mediation/disputes/{party.dispute_id}"
    made = client.post(f"{url}/parties/{party.pk}/links/", {"days": 5}, "json")
    assert made.status_code == 201 and "/r/p/" in made.json()["url"], made.content
    assert client.post(f"{url}/links/{made.json()['id']}/revoke/").status_code == 200
    assert client.post(f"{url}/links/{made.json()['id']}/revoke/").status_code == 409
    assert client.post(f"{url}/parties/{party.pk}/links/", {"days": 0}, "json").status_code == 400


def test_loading_the_page_with_the_code_anew_makes_no_second_link(county):
    # given a code on the screen, scanned a moment ago
    party = of(county.mediating(), "马国梁")
    client = client_of(county.user("colleague"))
    page = f"/admin/mediation/dispute/{party.dispute_id}/party/{party.pk}/link/"
    form = {"days": "30", "once": once_of(client.get(page).content.decode())}
    shown = client.post(page, form, "multipart").content.decode()
    token, events = re.search(r"/r/p/([A-Za-z0-9_-]{43})/", shown)[1], Event.objects.count()
    # when the browser sends the same form again, then the link that was scanned holds, and it says why no code is shown
    for _time in range(2):
        again = client.post(page, form, "multipart")
        text = again.content.decode()
        assert again.status_code == 409 and "二维码只显示一次" in text and "/r/p/" not in text
    assert PartyLink.objects.get().holds() and client_of().get(f"/r/p/{token}/").status_code == 200
    assert Event.objects.count() == events
    # when it is wanted anew, from the page with the code or from this one, then it is made and the old one ends
    for html in (shown, text):
        assert once_of(html) != form["once"] and 'value="30"' in html
        made = client.post(page, {"days": "5", "once": once_of(html)}, "multipart")
        assert made.status_code == 200 and "/r/p/" in made.content.decode()
    assert PartyLink.objects.count() == 3 and PartyLink.objects.filter(revoked_at=None).count() == 1
    assert client_of().get(f"/r/p/{token}/").status_code == 404
    # and what was refused may be sent again as it is
    refused = {"days": "0", "once": once_of(client.get(page).content.decode())}
    assert client.post(page, refused, "multipart").status_code == 400
    assert client.post(page, refused | {"days": "5"}, "multipart").status_code == 200


def once_of(html: str) -> str:
    return re.search(r'name="once" value="([0-9a-f-]{36})"', html)[1]
