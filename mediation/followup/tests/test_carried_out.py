"""A referral can be carried out: each knows where to go or that somebody comes; slips are put right; dates only."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.core.management import call_command

from cases.tests.api import client_of
from governance.errors import Conflict, Invalid
from governance.models import Event, Notice, OrgUnit
from governance.notices.planning import tell_past
from governance.testing import snapshot
from governance.workflow import act
from mediation.agreements.tests.deals import parties
from mediation.followup.counselling import counselling_offer
from mediation.followup.tests.visiting import another_counsellor, offered, referral_in
from mediation.models import CounsellingReferral
from mediation.papers.own import told
from mediation.papers.saying import Reader, may_say
from mediation.tests.county import NOW

pytestmark = pytest.mark.django_db
SINCE = NOW - timedelta(days=1)


def fresh(row):
    return CounsellingReferral.objects.with_rows().get(pk=row.pk)


def refer(county, row):
    return act(fresh(row), "refer", actor=county.mediator, counsellor=county.people["counsellor"])


def test_the_party_reads_to_whom_and_where_once_it_is_referred(county):
    # given a party who consented
    OrgUnit.objects.filter(pk=county.unit("counsel").pk).update(phone="0731-1234567")
    row = referral_in(county, "consented")
    party, other = parties(row.dispute)
    page, rest = f"/r/disputes/{party.pk}/", f"/api/v1/mediation/own/{party.pk}/"
    client, whom = client_of(county.people["neighbour"]), county.people["counsellor"].name
    assert 'id="counsellor"' not in client.get(page).content.decode()
    assert client.get(rest).json()["counselling"]["counsellor"] == ""
    # when it is referred, then the own page names the counsellor and the station
    refer(county, row)
    shown = client.get(page).content.decode()
    assert whom in shown.partition('id="counsellor"')[2] and county.unit("counsel").name in shown
    assert "0731-1234567" in shown and "报上姓名" in shown
    said = client.get(rest).json()["counselling"]
    assert (said["counsellor"], said["station"]) == (whom, f"{county.unit('counsel').name} 0731-1234567")
    # and the other party's page names nothing of it
    assert told(Reader(other))["counselling"] is None


def test_the_counsellor_is_told_a_number_and_a_day(county):
    call_command("loaddata", str(settings.BASE_DIR / "fixtures" / "0014_answer_notices.json"), verbosity=0)
    row = referral_in(county, "consented")
    tell_past(SINCE, unread_since=SINCE)
    assert not Notice.objects.exists()
    # when somebody is referred, and passed on
    row = refer(county, row)
    second = another_counsellor(county)
    tell_past(SINCE, unread_since=SINCE)
    first = Notice.objects.get()
    act(row, "pass_on", actor=county.mediator, counsellor=second)
    tell_past(SINCE, unread_since=SINCE)
    # then each counsellor hears of it, and neither who comes, nor of which dispute, nor why
    assert {notice.person for notice in Notice.objects.all()} == {county.people["counsellor"], second}
    assert first.url == f"/r/counselling/{row.pk}/" and row.number in first.title and "2026-06-02" in first.body
    for notice in Notice.objects.all():
        text = notice.title + notice.body
        assert not any(word in text for word in ("何", "马", "漏水", row.dispute.number))


@pytest.mark.parametrize("door", ["api", "admin"])
def test_an_offer_to_the_wrong_party_is_taken_back_until_it_is_answered(county, door):
    # given an offer to the wrong one
    row = offered(county)
    party, client = parties(row.dispute)[0], client_of(county.mediator)
    address = {"api": f"/api/v1/mediation/counselling/{row.pk}/transitions/take_back/",
               "admin": f"/admin/mediation/counsellingreferral/{row.pk}/transition/take_back/"}[door]  # fmt: skip
    # when it is taken back
    assert client.post(address, {}, format="multipart").status_code == (200 if door == "api" else 302)
    # then the party's page shows nothing of it, and it may be offered again
    row = fresh(row)
    assert (row.state, row.withdrawn_on) == ("withdrawn", NOW.date())
    assert told(Reader(party))["counselling"] is None and "accept_counselling" not in may_say(party)
    assert set(Event.objects.get(name="counselling.withdrawn").payload) <= {"dispute", "party", "on", "from", "to"}
    assert counselling_offer(row.dispute, actor=county.mediator, party=party).state == "offered"


@pytest.mark.parametrize("state", ["consented", "referred", "attended", "declined"])
def test_what_was_answered_is_not_taken_back(county, state):
    row = referral_in(county, state)
    before = snapshot(row)
    with pytest.raises(Conflict):
        act(row, "take_back", actor=county.mediator)
    assert snapshot(row) == before


@pytest.mark.parametrize("who", ["counsellor", "mediator"])
def test_attended_pressed_at_the_wrong_one_of_two_is_put_right_for_seven_days(county, clock, who):
    # given a referral of which it was recorded by a slip that the party came
    row = referral_in(county, "attended")
    if who == "counsellor":
        client, page = client_of(county.people["counsellor"]), f"/r/counselling/{row.pk}/"
        assert "更正" in client.get(page).content.decode()
        assert client.post(page, {}, format="multipart").status_code == 409  # pressed on the page as it stood before
        assert client.post(page, {"step": "correct"}, format="multipart").status_code == 302
    else:
        act(row, "correct", actor=county.mediator)
    # then it waits for the party as before, and the record says what stood there
    row = fresh(row)
    assert (row.state, row.attended_on, row.counsellor) == ("referred", None, county.people["counsellor"])
    event = Event.objects.get(name="counselling.attendance_corrected")
    assert event.payload["attended_on_before"] == NOW.date().isoformat()
    # and recorded anew, it stands after seven days
    row = act(row, "attend", actor=county.people["counsellor"])
    clock.shift(timedelta(days=8))
    before = snapshot(row)
    with pytest.raises(Conflict):
        act(row, "correct", actor=county.mediator)
    assert snapshot(row) == before


def test_no_words_are_kept_and_no_second_referral_is_under_way(county):
    row = referral_in(county, "attended")
    for name in ("correct", "take_back"):
        with pytest.raises(Invalid) as refusal:
            act(row if name == "correct" else offered(county), name, actor=county.mediator, reason="来错了人")
        assert refusal.value.field == "reason"
    counselling_offer(row.dispute, actor=county.mediator, party=row.party)
    with pytest.raises(Conflict) as refusal:
        act(fresh(row), "correct", actor=county.mediator)
    assert refusal.value.code == "under_way" and fresh(row).state == "attended"
