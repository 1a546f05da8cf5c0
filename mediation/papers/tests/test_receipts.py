"""The own page says what the party said and when; a wrong press is put right the same day, and nothing is deleted."""

from datetime import timedelta

import pytest

from cases.tests.api import client_of
from governance.errors import Conflict
from governance.models import Event
from governance.workflow import act
from mediation.agreements.tests.deals import effective
from mediation.measures.figures import Quarter, measures_of
from mediation.models import Dispute, FollowUpVisit, Obligation, Party, PartyReply
from mediation.papers.own import told
from mediation.papers.saying import Reader, may_say, say

pytestmark = pytest.mark.django_db


def of(dispute, name: str = "何秀英") -> Party:
    return Party.objects.get(dispute=dispute.pk, name=name)


@pytest.fixture
def mine(county, clock) -> Party:
    """A party with an account, whose agreement took effect days ago: its visits are planned."""
    party = of(effective(county).dispute)
    clock.move_to(party.dispute.registered_at + timedelta(days=30))
    return of(party.dispute)


def post(client, party, what, given=None):
    return client.post(f"/r/disputes/{party.pk}/say/{what}/", given or {}, format="multipart")


def test_the_page_shows_what_was_said_and_lets_it_be_put_right_the_same_day(county, mine):
    client, page = client_of(county.user("neighbour")), f"/r/disputes/{mine.pk}/"
    assert "已收到" not in client.get(page).content.decode().split('id="reply"')[1].split("</section>")[0]
    # when the party presses the wrong answer
    assert post(client, mine, "reply", {"performed": "no", "relapse": "on"}).status_code == 302
    # then the page says so, with the day, and offers to put it right
    shown = client.get(page).content.decode().split('id="reply"')[1].split("</section>")[0]
    day = told(Reader(mine))["reply"]["at"].strftime("%Y-%m-%d")
    assert all(text in shown for text in ("您的答复", "未履行", "纠纷又起", day, "已收到", "更正我今天的反馈")), shown
    # when they put it right
    assert post(client, mine, "reply", {"performed": "yes", "satisfaction": "5"}).status_code == 302
    # then both stand, the later one counts, here, for the mediator and in the history
    wrong, right = PartyReply.objects.order_by("pk")
    assert right.corrects == wrong and PartyReply.objects.counting().get() == right
    reply = told(Reader(mine))["reply"]
    assert (reply["performed"], reply["relapse"], reply["may_put_right"]) == ("yes", False, True)
    assert [event.payload["corrects"] for event in Event.objects.filter(name="dispute.party_replied").order_by("id")] \
        == [None, wrong.pk]  # fmt: skip
    desk = client_of(county.mediator)
    assert "当事人当天已更正" in desk.get(f"/admin/mediation/dispute/{mine.dispute_id}/change/").content.decode()
    rest = desk.get(f"/api/v1/mediation/disputes/{mine.dispute_id}/").json()["replies"]
    assert [(row["performed"], row["superseded"]) for row in rest] == [("yes", False), ("no", True)]


def test_what_was_put_right_is_no_relapse_in_the_measures(county, clock, mine):
    say(Reader(mine), "reply", performed="no", relapse=True)
    say(Reader(mine), "reply", performed="yes")
    clock.move_to(mine.dispute.registered_at + timedelta(days=300))
    quarter = Quarter.of(mine.dispute.agreements.get().effective_on)
    tables = {table.measure: table for table in measures_of(Dispute.objects.all(), quarter, suppressed=False)}
    assert tables["relapse"].total == {"count": 1, "value": 0.0}


@pytest.mark.parametrize("acted", ["visit", "obligation", "reopened"])
def test_not_after_somebody_acted_on_it(county, mine, acted):
    say(Reader(mine), "reply", performed="no", relapse=True)
    if acted == "visit":
        visit = FollowUpVisit.objects.filter(dispute=mine.dispute_id, kind="week").get()
        act(visit, "miss", actor=county.mediator)
    elif acted == "obligation":
        owed = Obligation.objects.filter(agreement__dispute=mine.dispute_id).order_by("due_on").first()
        act(owed, "perform_whole", actor=county.mediator)
    else:
        act(mine.dispute, "reopen", actor=county.mediator, reason="当事人反映又起争执")
    # then it is said why, and the page offers no form any more, but still the receipt
    with pytest.raises(Conflict) as refused:
        say(Reader(of(mine.dispute)), "reply", performed="yes")
    assert refused.value.code == "today" and PartyReply.objects.count() == 1
    assert "reply" not in may_say(of(mine.dispute))
    shown = client_of(county.user("neighbour")).get(f"/r/disputes/{mine.pk}/").content.decode()
    assert "say/reply/" not in shown and "未履行" in shown


def test_on_another_day_it_is_a_new_answer(county, clock, mine):
    first = say(Reader(mine), "reply", performed="no")
    clock.move_to(first.at + timedelta(days=1))
    assert told(Reader(mine))["reply"]["may_put_right"] is False and "reply" in may_say(mine)
    second = say(Reader(mine), "reply", performed="yes")
    assert second.corrects is None and PartyReply.objects.counting().count() == 2


def test_the_wish_for_confirmation_is_confirmed(county):
    party = of(effective(county).dispute)
    client = client_of(county.user("neighbour"))
    assert post(client, party, "confirm").status_code == 302
    shown = client.get(f"/r/disputes/{party.pk}/").content.decode().split('id="confirmation"')[1]
    assert "您的答复" in shown.split("</section>")[0] and "已收到" in shown.split("</section>")[0]
    told_of = client.get(f"/api/v1/mediation/own/{party.pk}/").json()["confirmation"]
    assert told_of["answer"] == "agreed" and told_of["answered_on"]
