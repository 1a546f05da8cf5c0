"""A party answers an offer of counselling on the own page: by link, by account, by REST; dates only, the own only."""

import pytest
from django.urls import reverse

from cases.tests.api import client_of
from governance.models import Event
from governance.workflow import act
from mediation.agreements.tests.deals import parties
from mediation.followup.tests.visiting import offered, referral_in
from mediation.models import CounsellingReferral, CounsellingState
from mediation.papers.links import link_make
from mediation.tests.county import NOW

pytestmark = pytest.mark.django_db
TODAY = f"{NOW.date():%Y-%m-%d}"
SECTION = 'id="counselling"'


def state_of(row: CounsellingReferral) -> str:
    return CounsellingReferral.objects.get(pk=row.pk).state


def by_link(county, party, digits: str):
    """A browser in which the link of a party is open."""
    _link, token = link_make(party, actor=county.mediator)
    client, page = client_of(), reverse("party_page:one", args=[token])
    assert client.post(page, {"digits": digits}, "multipart").status_code == 302
    return client, page


@pytest.mark.parametrize(("what", "state"), [("accept_counselling", "consented"), ("decline_counselling", "declined")])
def test_by_link_the_party_answers_for_themselves(county, what, state):
    # given an offer to the applicant, and the links of both parties
    row = offered(county)
    applicant, respondent = parties(row.dispute)
    mine, page = by_link(county, applicant, applicant.phone[-4:])
    theirs, other = by_link(county, respondent, respondent.phone[-4:])
    shown = mine.get(page).content.decode()
    assert SECTION in shown and TODAY in shown.partition(SECTION)[2]
    # when the other party looks and tries, nothing is told and nothing changed
    assert SECTION not in theirs.get(other).content.decode()
    assert theirs.post(f"{other}say/{what}/").status_code == 409
    assert client_of().post(f"{page}say/{what}/").status_code == 403  # another browser: the digits are asked first
    assert state_of(row) == "offered"
    # then the party's own answer counts, in the system's name, with days and codes only
    assert mine.post(f"{page}say/{what}/").status_code == 302
    assert state_of(row) == state
    told = Event.objects.get(name=f"counselling.{state}")
    assert told.actor.is_system and told.payload["how"] == "link" and told.payload["party"] == applicant.pk
    assert set(told.payload) <= {"dispute", "party", "on", "how", "from", "to"}


def test_by_account_the_own_referral_only(county):
    # given an offer to the applicant; the respondent has an account too
    row = offered(county)
    applicant, respondent = parties(row.dispute)
    respondent.user = county.people["other_neighbour"]
    respondent.save()
    mine, theirs = client_of(county.user("neighbour")), client_of(county.user("other_neighbour"))
    # when the respondent asks for both pages
    assert SECTION not in theirs.get(f"/r/disputes/{respondent.pk}/").content.decode()
    assert theirs.post(f"/r/disputes/{applicant.pk}/say/accept_counselling/").status_code == 404
    assert theirs.post(f"/r/disputes/{respondent.pk}/say/accept_counselling/").status_code == 409
    assert state_of(row) == "offered"
    # then the applicant consents, and may change their mind without a reason
    assert mine.post(f"/r/disputes/{applicant.pk}/say/accept_counselling/").status_code == 302
    assert state_of(row) == "consented"
    shown = mine.get(f"/r/disputes/{applicant.pk}/").content.decode()
    assert "say/decline_counselling/" in shown and "say/accept_counselling/" not in shown
    assert mine.post(f"/r/disputes/{applicant.pk}/say/accept_counselling/").status_code == 409
    assert mine.post(f"/r/disputes/{applicant.pk}/say/decline_counselling/").status_code == 302
    assert state_of(row) == "declined"
    assert Event.objects.get(name="counselling.consented").actor == county.people["neighbour"]


def test_by_rest(county):
    # given an offer to the applicant
    row = offered(county)
    applicant, respondent = parties(row.dispute)
    respondent.user = county.people["other_neighbour"]
    respondent.save()
    mine, theirs = client_of(county.user("neighbour")), client_of(county.user("other_neighbour"))
    own, other = (f"/api/v1/mediation/own/{party.pk}/" for party in (applicant, respondent))
    told = mine.get(own).json()
    assert told["counselling"] == {
        "state": "offered", "state_label": str(CounsellingState.OFFERED.label), "offered_on": TODAY,
        "consented_on": None, "referred_on": None, "attended_on": None, "declined_on": None,
        "counsellor": "", "station": "",
    }  # fmt: skip
    assert told["may"][-2:] == ["accept_counselling", "decline_counselling"]
    # when others answer for them, they are refused and nothing changed
    refused = theirs.get(other).json()
    assert refused["counselling"] is None and "accept_counselling" not in refused["may"]
    answer = theirs.post(f"{other}say/", {"say": "accept_counselling"}, "json")
    assert answer.status_code == 409, answer.content
    for client in (theirs, client_of(county.user("counsellor")), client_of(county.user("village_mediator"))):
        assert client.post(f"{own}say/", {"say": "accept_counselling"}, "json").status_code == 404
    assert state_of(row) == "offered"
    # then the party's answer counts; no remark is taken with it
    said = mine.post(f"{own}say/", {"say": "accept_counselling", "words": "失眠三个月"}, "json")
    assert said.status_code == 200 and said.json()["counselling"]["consented_on"] == TODAY, said.content
    assert not Event.objects.filter(payload__icontains="失眠").exists()


def test_who_was_not_offered_it_is_told_nothing(county):
    applicant = parties(county.mediating())[0]
    client = client_of(county.user("neighbour"))
    assert SECTION not in client.get(f"/r/disputes/{applicant.pk}/").content.decode()
    assert client.post(f"/r/disputes/{applicant.pk}/say/decline_counselling/").status_code == 409
    assert not CounsellingReferral.objects.exists()


def test_what_is_over_is_shown_with_its_days_and_asks_nothing(county):
    row = referral_in(county, "attended")
    page = f"/r/disputes/{row.party_id}/"
    client = client_of(county.user("neighbour"))
    shown = client.get(page).content.decode()
    assert SECTION in shown and "say/decline_counselling/" not in shown
    assert client.post(f"{page}say/decline_counselling/").status_code == 409
    assert state_of(row) == "attended"


def test_the_mediator_finds_on_the_first_page_whom_to_refer(county):
    # given a consent by the party's own account
    row = offered(county)
    client = client_of(county.mediator)
    page = reverse("admin:mediation_counsellingreferral_change", args=[row.pk])
    assert page not in client.get("/admin/").content.decode()
    act(row, "consent", actor=county.people["neighbour"])
    # then the mediator has it to do, and nobody else
    assert page in client.get("/admin/").content.decode()
    assert page not in client_of(county.people["outside_village_mediator"]).get("/admin/").content.decode()
