"""A mediation that is typed in a day later bears its own days: brought, agreed to, accepted, begun, settled."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from cases.tests.api import client_of
from governance.errors import Invalid, NotPermitted
from governance.models import Event
from governance.testing import snapshot
from governance.workflow import act
from mediation.agreements.documents.papers import paper_take
from mediation.agreements.tests import deals
from mediation.disputes.consents import consent_record
from mediation.models import Agreement, Consent, Dispute, JudicialConfirmation
from mediation.prevention.tests.village import in_state
from mediation.tests.county import NOW, County
from mediation.tests.papers import text_of

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
MONDAY, TUESDAY = date(2026, 6, 1), date(2026, 6, 2)


def posted(client, address: str, given: dict) -> None:
    answer = client.post(address, given)
    assert answer.status_code in (200, 201, 302), answer.content.decode()[:800]


def typed_in(county: County, door: str) -> Dispute:
    """Register, record the answers, accept and begin on Tuesday what was done on Monday."""
    client, day = client_of(county.mediator), str(MONDAY)
    told = {"title": "院墙占道", "facts": "两家为院墙争吵", "type": "neighbours", "source": "application",
            "area": county.area("community").code, "people": 2, "urgency": "normal", "tier": "general",
            "on": day}  # fmt: skip
    sides = {"applicant": "何秀英", "respondent": "马国梁"}
    if door == "api":
        drafts = [{"side": side, "name": name} for side, name in sides.items()]
        posted(client, "/api/v1/mediation/disputes/", told | {"parties": drafts})
    else:
        page = {"admin": "/admin/mediation/dispute/add/", "phone": "/m/disputes/new/"}[door]
        assert 'name="on"' in client.get(page).content.decode()
        answer = client.post(page, told | sides, format="multipart")
        assert answer.status_code == 302, answer.content.decode()[:3000]
    dispute = Dispute.objects.get(title="院墙占道")
    step_at = {"api": f"/api/v1/mediation/disputes/{dispute.pk}/transitions/%s/",
               "admin": f"/admin/mediation/dispute/{dispute.pk}/transition/%s/",
               "phone": f"/m/disputes/{dispute.pk}/steps/%s/"}[door]  # fmt: skip
    form = {} if door == "api" else {"format": "multipart"}
    assert client.post(step_at % "submit_for_consent", {}, **form).status_code in (200, 302)
    said = {"what": "mediation", "answer": "agreed", "how": "oral", "said_on": day}
    if door == "api":
        for party in deals.parties(dispute):
            posted(client, f"/api/v1/mediation/disputes/{dispute.pk}/consents/", said | {"party": party.pk})
    else:
        page = {"admin": f"/admin/mediation/dispute/{dispute.pk}/do/consent/",
                "phone": f"/m/disputes/{dispute.pk}/answers/"}[door]  # fmt: skip
        assert 'name="said_on"' in client.get(page).content.decode()
        keys = [party.pk for party in deals.parties(dispute)]
        assert client.post(page, said | {"parties": keys}, format="multipart").status_code == 302
    for name in ("accept", "begin"):
        if door != "api":
            assert 'name="on"' in client.get(step_at % name).content.decode()
        assert client.post(step_at % name, {"on": day}, **form).status_code in (200, 302)
    return Dispute.objects.get(pk=dispute.pk)


@pytest.mark.parametrize("door", ["api", "admin", "phone"])
def test_settled_by_word_of_mouth_on_monday_it_holds_from_monday(county, door):
    # given a dispute that was brought, agreed to and settled on Monday, and is typed in on Tuesday
    dispute = typed_in(county, door)
    assert dispute.state == "mediating" and timezone.localdate() == TUESDAY
    assert timezone.localdate(dispute.registered_at) == timezone.localdate(dispute.accepted_at) == MONDAY
    assert dispute.term_until == MONDAY + 30 * DAY
    assert {row.said_on for row in Consent.objects.filter(dispute=dispute)} == {MONDAY}
    # when the oral agreement is recorded
    row = act(deals.drafted(county, dispute, form="oral", made_on=MONDAY), "record_oral", actor=county.mediator)
    # then it holds from Monday, and so count the terms
    assert row.effective_on == MONDAY
    assert JudicialConfirmation.objects.get(agreement=row).last_day == date(2026, 7, 1)
    # and that it was typed in later stands beside it (in the time of the database)
    events = Event.objects.filter(subject_type="mediation.dispute", subject_id=dispute.pk)
    for name in ("dispute.registered", "dispute.accepted", "dispute.begun"):
        event = events.get(name=name)
        assert timezone.localdate(event.occurred_at) == MONDAY and event.recorded_at > timezone.now()
    assert {event.payload["on"] for event in events.filter(name="dispute.consent_recorded")} == {str(MONDAY)}
    # and the page and the papers tell those days
    assert "06-01" in client_of(county.mediator).get(f"/admin/mediation/dispute/{dispute.pk}/change/").content.decode()
    rest = client_of(county.mediator).get(f"/api/v1/mediation/disputes/{dispute.pk}/").json()
    assert {one["said_on"] for one in rest["consents"]} == {str(MONDAY)}
    paper = text_of(paper_take(dispute, "application", actor=county.mediator)[1])
    assert "2026年6月1日" in paper


def test_no_day_ahead_nor_before_what_comes_first_and_the_refusal_names_it(county, clock):
    dispute = county.in_state("awaiting_consent")
    first, second = deals.parties(dispute)
    clock.move_to(NOW + 6 * DAY)
    today, ahead = (NOW + 6 * DAY).date(), (NOW + 7 * DAY).date()

    def refused(field, code, service, named=None):
        before, rows = snapshot(dispute), Consent.objects.count()
        with pytest.raises(Invalid) as refusal:
            service()
        assert (refusal.value.field, refusal.value.code) == (field, code), refusal.value.detail
        assert snapshot(dispute) == before and Consent.objects.count() == rows
        if named:
            assert str(named) in str(refusal.value.detail)

    def answered(party, day, answer="agreed"):
        return consent_record(actor=county.mediator, party=party, what="mediation", answer=answer, how="oral",
                              said_on=day)  # fmt: skip

    # nobody answers tomorrow, nor before it was registered
    refused("said_on", "in_future", lambda: answered(first, ahead))
    refused("said_on", "too_early", lambda: answered(first, TUESDAY - DAY), named=TUESDAY)
    refused("said_on", "too_early", lambda: answered(first, date.min), named=TUESDAY)
    # what was said before the last answer does not change it; the same answer may be given its true day
    answered(first, TUESDAY + 3 * DAY, "refused")
    refused("said_on", "too_early", lambda: answered(first, TUESDAY + DAY), named=TUESDAY + 3 * DAY)
    answered(first, TUESDAY + DAY, "refused")
    answered(first, TUESDAY + DAY)
    answered(second, TUESDAY + 2 * DAY)
    # it is not accepted before all have agreed, nor begun before it was accepted
    for day, code, named in ((ahead, "in_future", None), (TUESDAY + DAY, "too_early", TUESDAY + 2 * DAY)):
        refused("on", code, lambda day=day: act(dispute, "accept", actor=county.mediator, on=day), named=named)
    dispute = act(dispute, "accept", actor=county.mediator, on=TUESDAY + 3 * DAY)
    assert timezone.localdate(dispute.accepted_at) == TUESDAY + 3 * DAY
    early = TUESDAY + 2 * DAY
    refused("on", "too_early", lambda: act(dispute, "begin", actor=county.mediator, on=early), named=TUESDAY + 3 * DAY)
    dispute = act(dispute, "begin", actor=county.mediator, on=today)
    # and who does not work on it is told that first
    with pytest.raises(NotPermitted):
        act(county.in_state("awaiting_consent"), "accept", actor=county.outsider("village_mediator"), on=date.min)


@pytest.mark.parametrize(("day", "code"), [("2026-06-03", "in_future"), ("2025-05-31", "too_early")])
def test_no_dispute_is_registered_ahead_or_more_than_a_year_ago(county, day, code):
    with pytest.raises(Invalid) as refusal:
        county.dispute(on=date.fromisoformat(day))
    assert (refusal.value.field, refusal.value.code) == ("on", code) and not Dispute.objects.exists()


@pytest.mark.parametrize("door", ["api", "admin"])
def test_a_hazard_became_a_dispute_on_a_day_not_before_it_was_reported(county, clock, door):
    # given a hazard of Tuesday that was settled on Wednesday, which is typed in on Friday
    found = in_state(county, "assessed")
    clock.move_to(NOW + 3 * DAY)
    client, given = client_of(county.mediator), {"type": "neighbours", "title": "院墙占道", "facts": "两家争吵"}
    address = {"api": f"/api/v1/mediation/hazards/{found.pk}/transitions/convert/",
               "admin": f"/admin/mediation/hazard/{found.pk}/transition/convert/"}[door]  # fmt: skip
    form = {} if door == "api" else {"format": "multipart"}
    answer = client.post(address, given | {"on": str(MONDAY)}, **form)
    assert str(TUESDAY) in answer.content.decode() and not Dispute.objects.exists()
    answer = client.post(address, given | {"on": str(TUESDAY + DAY)}, **form)
    assert answer.status_code in (200, 302), answer.content.decode()[:800]
    assert timezone.localdate(Dispute.objects.get().registered_at) == TUESDAY + DAY


def test_a_second_agreement_is_not_older_than_the_reopening(county, clock):
    # given an agreement of 2 June, and its dispute reopened on 2 July
    first = deals.effective(county)
    clock.move_to(NOW + 30 * DAY)
    dispute = county.step(Dispute.objects.get(pk=first.dispute_id), "reopen")
    clock.move_to(NOW + 32 * DAY)
    reopened = (NOW + 30 * DAY).date()
    # then nobody agreed in this round before, and it was not begun before
    with pytest.raises(Invalid) as refusal:
        county.all_agree(dispute, said_on=reopened - DAY)
    assert refusal.value.field == "said_on" and str(reopened) in str(refusal.value.detail)
    county.all_agree(dispute, said_on=reopened)
    with pytest.raises(Invalid) as refusal:
        act(dispute, "begin", actor=county.mediator, on=reopened - DAY)
    assert refusal.value.field == "on" and str(reopened) in str(refusal.value.detail)
    dispute = act(dispute, "begin", actor=county.mediator, on=reopened)
    assert dispute.term_until == reopened + 30 * DAY
    # nor is its agreement of a day before
    for day in (TUESDAY, reopened - DAY):
        with pytest.raises(Invalid) as refusal:
            deals.drafted(county, dispute, form="oral", made_on=day)
        assert refusal.value.field == "made_on" and str(reopened) in str(refusal.value.detail)
    assert Agreement.objects.count() == 1
    later = [deals.Owed(deals.parties(dispute)[1], "修好", date(2026, 8, 1))]
    assert deals.drafted(county, dispute, form="oral", made_on=reopened, obligations=later).made_on == reopened
