"""Counselling: with consent, dates only, one at a time."""

from datetime import timedelta

import pytest

from cases.tests.api import client_of
from governance.errors import Conflict, Invalid, NotPermitted
from governance.models import Appointment, Event, Remark
from governance.workflow import act
from mediation.agreements.tests.deals import parties
from mediation.followup.counselling import counselling_offer
from mediation.followup.offer_forms import OfferForm
from mediation.followup.tests.visiting import another_counsellor, offered, referral_in
from mediation.models import CounsellingReferral, Dispute
from mediation.tests.county import NOW

pytestmark = pytest.mark.django_db


def test_offered_consented_referred_attended(county):
    row = referral_in(county, "attended")
    today = NOW.date()
    assert (row.offered_on, row.consented_on, row.referred_on, row.attended_on) == (today, today, today, today)
    for event in Event.objects.filter(name__startswith="counselling."):
        assert set(event.payload) <= {"dispute", "party", "on", "from", "to"}, event.payload


def test_nobody_is_referred_without_consent(county):
    row = offered(county)
    with pytest.raises(Conflict):
        act(row, "refer", actor=county.mediator, counsellor=county.people["counsellor"])


@pytest.mark.parametrize("step", ["consent", "decline"])
def test_a_party_answers_for_themselves_only(county, step):
    row = offered(county)
    Dispute.objects.get(pk=row.dispute_id).parties.filter(side="respondent").update(
        user=county.people["other_neighbour"]
    )
    with pytest.raises(NotPermitted):
        act(row, step, actor=county.people["other_neighbour"])
    assert act(row, step, actor=county.people["neighbour"]).state != "offered"


def test_no_remark_is_kept(county):
    row = offered(county)
    with pytest.raises(Invalid) as refusal:
        act(row, "consent", actor=county.mediator, reason="失眠三个月")
    assert refusal.value.code == "dates_only" and not Remark.objects.filter(text__contains="失眠").exists()


@pytest.mark.parametrize("form", ["json", "multipart"])
def test_a_remark_sent_through_the_api_is_refused_by_its_name_and_nothing_is_done(county, form):
    # given steps that keep days and nothing else
    row = offered(county)
    url = f"/api/v1/mediation/counselling/{row.pk}/transitions/consent/"
    # when a remark comes with one, then it is not lost without a word
    answer = client_of(county.mediator).post(url, {"reason": "失眠三个月"}, format=form)
    assert (answer.status_code, answer.json()["errors"][0]["attr"]) == (400, "reason")
    assert (
        answer.json()["errors"][0]["code"] == "unknown_field"
        and CounsellingReferral.objects.get(pk=row.pk).state == "offered"
    )
    # and an empty one is no remark
    assert client_of(county.mediator).post(url, {"reason": ""}, format=form).status_code == 200
    assert CounsellingReferral.objects.get(pk=row.pk).state == "consented"


def test_the_counsellor_sees_it_once_referred(county):
    row, counsellor = referral_in(county, "consented"), county.people["counsellor"]
    assert not CounsellingReferral.objects.visible_to(counsellor).exists()
    act(row, "refer", actor=county.mediator, counsellor=counsellor)
    assert CounsellingReferral.objects.visible_to(counsellor).get() == row
    assert not Dispute.objects.visible_to(counsellor).exists()
    act(row, "decline", actor=county.people["neighbour"])
    assert not CounsellingReferral.objects.visible_to(counsellor).exists()


def test_only_a_counsellor_of_the_place(county):
    row = referral_in(county, "consented")
    with pytest.raises(Invalid) as refusal:
        act(row, "refer", actor=county.mediator, counsellor=county.people["respected_helper"])
    assert refusal.value.field == "counsellor"


def test_one_at_a_time_for_a_person_of_the_dispute(county):
    row = offered(county)
    with pytest.raises(Conflict) as refusal:
        counselling_offer(row.dispute, actor=county.mediator, party=row.party)
    assert refusal.value.code == "under_way"
    act(row, "decline", actor=county.mediator)
    assert counselling_offer(row.dispute, actor=county.mediator, party=row.party).pk != row.pk
    other = county.mediating()
    with pytest.raises(Invalid):
        counselling_offer(other, actor=county.mediator, party=row.party)
    organisation = parties(other)[1]
    organisation.kind = "organisation"
    organisation.save()
    with pytest.raises(Invalid):
        counselling_offer(other, actor=county.mediator, party=organisation)
    with pytest.raises(NotPermitted):
        counselling_offer(other, actor=county.people["outside_village_mediator"], party=parties(other)[0])


@pytest.mark.parametrize("given", [{"reason": "失眠三个月"}, {"on": NOW.date() + timedelta(days=3)}])
@pytest.mark.parametrize("step", ["consent", "decline"])
def test_who_may_not_is_told_so_before_anything_else(county, step, given):
    row = offered(county)
    with pytest.raises(NotPermitted):
        act(row, step, actor=county.people["outside_village_mediator"], **given)


def test_who_may_not_refer_is_not_told_who_counsels_where(county):
    row = referral_in(county, "consented")
    with pytest.raises(NotPermitted):
        act(row, "refer", actor=county.people["outside_village_mediator"], counsellor=county.people["counsellor"])
    with pytest.raises(NotPermitted):
        act(row, "refer", actor=county.people["outside_village_mediator"], counsellor=county.people["neighbour"])


def test_the_form_lists_parties_who_may_still_be_offered_it(county):
    # given a party who was offered it, and a dispute that was declined
    row = offered(county)
    county.in_state("declined")
    listed = OfferForm(user=county.mediator).fields["party"].queryset
    # then only the other party of the first dispute is listed, until the offer is at an end
    assert set(listed) == {parties(row.dispute)[1]}
    act(row, "decline", actor=county.mediator)
    assert set(listed.all()) == set(parties(row.dispute))


@pytest.mark.parametrize("days", [-1, 1])
def test_the_days_are_in_order(county, days):
    row = offered(county)
    with pytest.raises(Invalid) as refusal:
        act(row, "consent", actor=county.mediator, on=NOW.date() + timedelta(days=days))
    assert refusal.value.field == "on"


@pytest.mark.parametrize("door", ["api", "admin"])
def test_a_counsellor_who_left_passes_it_on_and_the_party_has_declined_nothing(county, clock, door):
    # given a referral to a counsellor who has left, and another one of the place
    row, other = referral_in(county, "referred"), another_counsellor(county)
    left = county.people["counsellor"]
    clock.move_to(NOW + timedelta(days=3))
    Appointment.objects.filter(user=left).update(valid_to=NOW.date())
    client = client_of(county.mediator)
    address = {"api": f"/api/v1/mediation/counselling/{row.pk}/transitions/pass_on/",
               "admin": f"/admin/mediation/counsellingreferral/{row.pk}/transition/pass_on/"}[door]  # fmt: skip
    kind, done = ("json", 200) if door == "api" else ("multipart", 302)
    # nobody else but a counsellor of the place, and not before the first referral
    early = str(NOW.date() - timedelta(days=1))
    for wrong in ({"counsellor": "respected_helper"}, {"counsellor": "counsellor"},
                  {"counsellor": "other_counsellor", "on": early}):  # fmt: skip
        assert client.post(address, wrong, format=kind).status_code == 400, wrong
    with pytest.raises(Invalid) as refusal:
        act(row, "pass_on", actor=county.mediator, counsellor=left)
    assert refusal.value.field == "counsellor"
    # when it is passed on
    assert client.post(address, {"counsellor": "other_counsellor"}, format=kind).status_code == done
    # then the new one reads it and the old one no longer; the consent stands, and only days are kept
    row = CounsellingReferral.objects.get(pk=row.pk)
    assert (row.state, row.counsellor, row.declined_on) == ("referred", other, None)
    assert (row.consented_on, row.referred_on) == (NOW.date(), (NOW + timedelta(days=3)).date())
    assert CounsellingReferral.objects.visible_to(other).get() == row
    assert not CounsellingReferral.objects.visible_to(left).exists()
    event = Event.objects.get(name="counselling.passed_on")
    assert set(event.payload) <= {"dispute", "party", "on", "from", "to"}
    with pytest.raises(Invalid) as refusal:
        act(row, "pass_on", actor=county.mediator, counsellor=other)
    assert refusal.value.code == "same"
    assert act(row, "attend", actor=other).state == "attended"
