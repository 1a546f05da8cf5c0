"""Parties known by their account, the mediator asked to stand aside, replies that reach the mediator, sittings told."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from cases.tests.api import client_of
from governance.errors import Conflict, Invalid
from governance.models import Event, Notice
from governance.workflow import act
from mediation.agreements.tests.deals import drafted, effective, signed
from mediation.disputes.parties import PartyDraft, party_add
from mediation.followup.tests.visiting import in_state
from mediation.joint.sittings import sitting_plan
from mediation.models import Agreement, Dispute, Party, Recusal, VisitState
from mediation.papers.links import link_make, party_claim
from mediation.papers.own import own_paper_take, papers_of_party, told
from mediation.papers.saying import Reader, may_say, say

pytestmark = pytest.mark.django_db


@pytest.fixture
def templates(county):
    call_command("loaddata", str(settings.BASE_DIR / "fixtures" / "0012_mediation_notices.json"), verbosity=0)


def of(dispute, name: str = "马国梁") -> Party:
    return Party.objects.get(dispute=dispute.pk, name=name)


def post(client, url, given=None):
    return client.post(url, given or {}, format="multipart")


def test_who_opens_the_link_while_signed_in_finds_it_under_the_own_account(county):
    # given the link of a party without an account, opened by a resident who is signed in
    party = of(county.mediating())
    _link, token = link_make(party, actor=county.mediator)
    page = reverse("party_page:one", args=[token])
    resident = client_of(county.user("other_neighbour"))
    assert post(resident, page, {"digits": "0000"}).status_code == 400
    assert Party.objects.get(pk=party.pk).user is None
    assert post(resident, page, {"digits": "3002"}).status_code == 302
    # then the dispute stands under the account
    assert Party.objects.get(pk=party.pk).user == county.user("other_neighbour")
    assert party.dispute.number in resident.get("/r/disputes/").content.decode()
    assert Event.objects.filter(name="dispute.party_claimed", payload__party=party.pk).count() == 1
    # and nobody takes it over later
    assert not party_claim(party, user=county.user("counsellor"))


def test_an_account_is_not_kept_where_it_is_not_the_partys(county):
    dispute = county.mediating()
    party = of(dispute)
    # who works on it, the other party, somebody with another phone
    for key in ("village_mediator", "colleague", "neighbour"):
        assert not party_claim(party, user=county.user(key)), key
    stranger = county.user("other_neighbour")
    stranger.phone = "13900009999"
    stranger.save()
    assert not party_claim(party, user=stranger)
    firm = party_add(dispute, PartyDraft(side="third", kind="organisation", name="某公司"), actor=county.mediator)
    assert not party_claim(firm, user=county.user("counsellor"))
    assert not Party.objects.filter(dispute=dispute).exclude(name="何秀英").exclude(user=None).exists()
    stranger.phone = party.phone
    stranger.save()
    assert party_claim(party, user=stranger)


def test_a_party_asks_on_the_own_page_that_the_mediator_stands_aside(county, templates):
    # given a mediation that goes on
    dispute = county.mediating()
    party = of(dispute)
    _link, token = link_make(party, actor=county.mediator)
    page, client = reverse("party_page:one", args=[token]), client_of()
    assert post(client, f"{page}say/recuse/", {"ground": "relation"}).status_code == 403
    assert not Recusal.objects.exists()  # before the digits nothing is said
    post(client, page, {"digits": "3002"})
    assert 'id="recuse"' in client.get(page).content.decode()
    assert post(client, f"{page}say/recuse/", {"ground": ""}).status_code == 400
    assert not Recusal.objects.exists()
    # when the party asks
    assert post(client, f"{page}say/recuse/", {"ground": "relation", "words": "是对方表亲"}).status_code == 302
    row = Recusal.objects.get()
    assert (row.party, row.ground, row.words, row.recorded_by) == (party, "relation", "是对方表亲", None)
    # then whoever works on it hears of it, without the reasons, and finds it on the first page
    notices = Notice.objects.filter(url=f"/admin/mediation/recusal/{row.pk}/change/")
    assert {notice.person.username for notice in notices} == {"village_mediator", "colleague"}
    assert not any("表亲" in notice.body for notice in notices)
    assert f"recusal/{row.pk}/" in client_of(county.user("colleague")).get("/admin/").content.decode()
    assert f"recusal/{row.pk}/" not in client_of(county.mediator).get("/admin/").content.decode()
    # and nothing goes on before it is decided
    assert "recuse" not in may_say(party) and told(Reader(party))["recusal_asked"] is True
    assert post(client, f"{page}say/recuse/", {"ground": "other"}).status_code == 409
    with pytest.raises(Conflict) as refused:
        effective(county, dispute)
    assert refused.value.code == "recusal" and Dispute.objects.get().state == "mediating"
    assert Agreement.objects.get().state == "signed_by_parties"
    act(row, "reject", actor=county.user("colleague"), reason="没有亲属关系")
    agreement = act(Agreement.objects.get(), "sign_mediator", actor=county.mediator)
    assert act(agreement, "seal", actor=county.mediator).state == "effective"


@pytest.mark.parametrize("state", ["awaiting_consent", "mediating"])
def test_the_mediator_hears_of_a_no_on_the_own_page(county, templates, state):
    # given parties who agreed
    dispute = county.all_agree(county.in_state(state))
    party = of(dispute)
    # when the mediator writes an answer down, nobody has to be told
    county.consent(party, "refused", "mediator", about=county.people["colleague"])
    assert not Notice.objects.filter(title__contains="不同意调解").exists()
    # when a party withdraws on the own page
    say(Reader(party), "withdraw")
    # then the mediator is told how it stands, and not who withdrew
    notice = Notice.objects.get(title__contains="不同意调解")
    dispute.refresh_from_db()
    assert notice.person == county.mediator and dispute.number in notice.title
    assert "撤回" in notice.body and "马国梁" not in notice.title + notice.body


def test_recusal_by_rest(county):
    party = of(county.mediating(), "何秀英")
    client, address = client_of(county.user("neighbour")), f"/api/v1/mediation/own/{party.pk}/say/"
    for wrong in ({}, {"ground": "face"}, {"ground": "other", "words": "x" * 501}):
        assert client.post(address, {"say": "recuse"} | wrong, format="json").status_code == 400, wrong
    said = client.post(address, {"say": "recuse", "ground": "interest", "words": "收了礼"}, format="json")
    assert said.status_code == 200 and said.json()["recusal_asked"] is True, said.content
    assert client.post(address, {"say": "recuse", "ground": "other"}, format="json").status_code == 409
    assert Recusal.objects.get().party == party


def test_a_party_who_came_later_agrees_before_an_agreement_takes_effect(county):
    # given an agreement that is signed, and a party added meanwhile
    agreement = signed(county, drafted(county))
    third = party_add(agreement.dispute, PartyDraft(side="third", name="王五"), actor=county.mediator)
    # when it is sealed before that party said yes to being mediated
    with pytest.raises(Conflict) as refused:
        act(agreement, "seal", actor=county.mediator)
    # then it is refused, and takes effect once they did
    assert refused.value.code == "consents" and Dispute.objects.get().state == "mediating"
    county.consent(third)
    act(agreement, "seal", actor=county.mediator)
    assert Dispute.objects.get().state == "agreed"
    # and whom it does not bind reads no word of it, and is not asked how it is performed
    third = of(agreement.dispute, "王五")
    assert may_say(third) == [] and told(Reader(third))["agreement"] is None
    assert [paper.code for paper in papers_of_party(third)] == ["notice"]
    for paper in ("agreement", "confirmation_application"):
        with pytest.raises(Invalid):
            own_paper_take(Reader(third), paper)
    with pytest.raises(Conflict):
        say(Reader(third), "reply", performed="no")


@pytest.mark.parametrize(("given", "heard"), [
    ({"performed": "no"}, True), ({"performed": "partly", "relapse": True}, True), ({"performed": "partly"}, False),
    ({"performed": "yes", "satisfaction": 1}, False),
])  # fmt: skip
def test_a_no_or_a_relapse_reaches_the_mediator_at_once(county, templates, given, heard):
    dispute = effective(county).dispute
    say(Reader(of(dispute)), "reply", **given)
    notices = list(Notice.objects.filter(title__contains=dispute.number))
    assert [notice.person for notice in notices] == ([county.mediator] if heard else [])
    assert all("马" not in notice.title + notice.body for notice in notices)


def test_replies_are_read_before_a_visit(county, clock):
    # given a visit to make, and what a party said on the own page
    visit = in_state(county, clock, VisitState.OVERDUE)
    say(Reader(of(visit.dispute)), "reply", performed="partly", satisfaction=2, relapse=True)
    pages = [f"/admin/mediation/followupvisit/{visit.pk}/change/", f"/m/visits/{visit.pk}/"]
    # then who makes it reads that, masked
    for page in pages:
        shown = client_of(county.mediator).get(page).content.decode()
        assert 'id="replies"' in shown and "马国梁" not in shown, page
    # and the superior who sees that it is overdue does not
    shown = client_of(county.user("township_mediator")).get(pages[0])
    assert shown.status_code == 200 and 'id="replies"' not in shown.content.decode()


def test_parties_are_told_of_sittings_on_the_own_page_and_by_their_account(county, templates):
    # given a sitting to come
    dispute, start = county.mediating(), timezone.now() + timedelta(days=2)
    party = of(dispute, "何秀英")
    given = {"actor": county.mediator, "kind": "on_site", "place": "居委会调解室"}
    sitting = sitting_plan(dispute, starts_at=start, ends_at=start + timedelta(hours=1), **given)
    # then every party reads when and where, those with an account are told
    for row in dispute.parties.all():
        assert told(Reader(row))["sittings"][0]["place"] == "居委会调解室"
    notice = Notice.objects.get()
    assert (notice.person.username, notice.url) == ("neighbour", f"/r/disputes/{party.pk}/")
    assert "居委会调解室" in notice.body and "06-04" in notice.body
    page = client_of(county.user("neighbour")).get(notice.url).content.decode()
    assert "居委会调解室" in page and "2026-06-04 10:00" in page
    # moved, and cancelled
    later = start + timedelta(days=1)
    sitting = act(sitting, "move", actor=county.mediator, starts_at=later, ends_at=later + timedelta(hours=1),
                  reason="对方有事")  # fmt: skip
    act(sitting, "cancel", actor=county.mediator, reason="双方已和好")
    assert [notice.title.partition("：")[0] for notice in Notice.objects.order_by("pk")] == [
        "调解会通知", "调解会改期", "调解会取消"]  # fmt: skip
    assert told(Reader(party))["sittings"] == []


def test_who_sits_apart_is_told_nothing_of_when_the_other_side_comes(county, templates):
    dispute, start = county.mediating(domestic_violence=True, violence=True), timezone.now() + timedelta(days=2)
    sitting_plan(dispute, actor=county.mediator, kind="on_site", place="妇联接待室", starts_at=start,
                 ends_at=start + timedelta(hours=1))  # fmt: skip
    assert not Notice.objects.exists() and told(Reader(of(dispute)))["sittings"] == []
    # nor of one that is over and only written down
    past = timezone.now() - timedelta(hours=3)
    sitting_plan(county.mediating(), actor=county.mediator, kind="on_site", place="何家楼下", starts_at=past,
                 ends_at=past + timedelta(hours=1))  # fmt: skip
    assert not Notice.objects.exists()


def test_a_party_sees_the_own_row_and_no_other(county):
    party = of(county.mediating(), "何秀英")
    assert list(Party.objects.visible_to(county.user("neighbour"))) == [party]
    assert not Party.objects.visible_to(county.user("other_neighbour")).exists()
