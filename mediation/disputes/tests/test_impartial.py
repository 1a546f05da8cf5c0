"""Who is a party, or was recused, keeps out; where nobody of the unit is left the unit above appoints."""

from datetime import date

import pytest

from cases.tests.api import client_of
from governance.attachments import read_uploads
from governance.errors import Conflict, Invalid, NotPermitted
from governance.models import Appointment, Event, OrgUnit, User
from governance.scoping import forget_grants, grant_for
from governance.testing import assert_relation_forms_agree, snapshot
from governance.tests.test_attachments import photo
from governance.workflow import act
from mediation.agreements.tests.deals import drafted, signed, signed_by_parties
from mediation.disputes.consents import consent_record
from mediation.disputes.mediators import mediators_of, working_on
from mediation.disputes.parties import PartyDraft, party_add, party_amend, party_unmask
from mediation.disputes.querysets import HANDLES
from mediation.disputes.recusals import recusal_ask
from mediation.files.keeping import file_add, file_remove
from mediation.files.querysets import OPENS
from mediation.glass import breakable, glass_break
from mediation.joint.tiers import tier_escalate
from mediation.models import (
    Consent,
    Dispute,
    DisputeAccess,
    DisputeFile,
    EscalationRequest,
    Party,
    Recusal,
)

pytestmark = pytest.mark.django_db
PHONE = "13900003055"


def as_party(user: User, how: str) -> PartyDraft:
    """The person as a respondent: by the account, or only by the phone of the account."""
    if how == "account":
        return PartyDraft(side="respondent", name="刘娣", user=user)
    User.objects.filter(pk=user.pk).update(phone=PHONE)
    user.phone = PHONE
    return PartyDraft(side="respondent", name="刘娣", phone=PHONE)


def between(county, user: User, how: str = "account", **given) -> Dispute:
    """A dispute of a neighbour with somebody of the committee, registered by the committee's mediator."""
    return county.dispute(parties=[county.parties()[0], as_party(user, how)], **given)


def alone(county) -> None:
    """The village has one mediator only."""
    Appointment.objects.filter(user=county.people["colleague"]).delete()


def recused(county, dispute: Dispute) -> Dispute:
    """The village mediator was recused; the colleague mediates."""
    row = recusal_ask(dispute, actor=county.mediator, ground="relation", party=dispute.parties.last())
    act(row, "uphold", actor=county.user("colleague"), mediator=county.user("colleague"))
    return Dispute.objects.get(pk=dispute.pk)


@pytest.mark.parametrize("how", ["account", "phone"])
def test_who_registers_a_dispute_of_their_own_does_not_mediate_it(county, how):
    # given a village mediator who registers a dispute in which they are a party
    dispute = between(county, county.mediator, how)

    # then it has no mediator yet, and they do not read it by their office
    assert dispute.mediator is None
    assert not Dispute.objects.visible_to(county.mediator).exists()
    assert client_of(county.mediator).get(f"/api/v1/mediation/disputes/{dispute.pk}/").status_code == 404
    assert mediators_of(dispute) == [county.people["colleague"]]
    # and a colleague names somebody else, not them
    before = snapshot(dispute)
    with pytest.raises(Invalid) as refused:
        act(dispute, "assign", actor=county.user("colleague"), mediator=county.mediator)
    assert (refused.value.field, refused.value.code) == ("mediator", "party") and snapshot(dispute) == before
    dispute = act(dispute, "assign", actor=county.user("colleague"), mediator=county.user("colleague"))
    assert dispute.mediator == county.people["colleague"]


def test_nobody_registers_for_a_mediator_who_is_a_party(county):
    with pytest.raises(Invalid) as refused:
        between(county, county.user("colleague"), mediator=county.user("colleague"))
    assert (refused.value.field, refused.value.code) == ("mediator", "party")
    assert not Dispute.objects.exists() and not Party.objects.exists()


def test_registering_ones_own_dispute_answers_through_each_door(county):
    given = {"area": "community", "source": "application", "title": "邻里噪音", "type": "neighbours",
             "parties": [{"side": "applicant", "name": "何秀英"},
                         {"side": "respondent", "name": "刘娣", "phone": as_party(county.mediator, "phone").phone}],
             }  # fmt: skip
    given["area"] = county.area("community").code
    answer = client_of(county.mediator).post("/api/v1/mediation/disputes/", given, format="json")
    assert answer.status_code == 201 and answer.json()["mediator"] is None


def test_a_grid_worker_who_is_a_party_is_not_sent_on_site(county):
    worker = county.user("grid_worker")
    dispute = between(county, worker)
    with pytest.raises(Invalid) as refused:
        act(dispute, "assign", actor=county.mediator, mediator=worker)
    assert refused.value.code == "party" and Dispute.objects.get().mediator == county.mediator


@pytest.mark.parametrize("how", ["account", "phone"])
def test_the_mediator_is_not_made_a_party(county, how):
    # given a dispute under way
    dispute = county.dispute()
    draft = as_party(county.mediator, how)
    # when its mediator is entered as a party, newly or in place of somebody: it is refused
    before = Party.objects.count()
    with pytest.raises(Invalid) as refused:
        party_add(dispute, draft, actor=county.user("colleague"))
    assert (refused.value.field, refused.value.code) == ("user" if how == "account" else "phone", "mediates")
    fields = {"user": draft.user} if how == "account" else {"phone": draft.phone}
    with pytest.raises(Invalid):
        party_amend(dispute.parties.last(), actor=county.user("colleague"), **fields)
    assert Party.objects.count() == before and dispute.parties.last().phone == "13900003002"
    # and once somebody else mediates it is possible
    act(dispute, "assign", actor=county.user("colleague"), mediator=county.user("colleague"))
    party_add(dispute, draft, actor=county.user("colleague"))
    assert grant_for(HANDLES, Dispute.objects.get(), county.mediator) is None


def test_a_mediator_whose_phone_becomes_a_partys_does_not_begin(county):
    dispute = county.accepted()
    User.objects.filter(pk=county.mediator.pk).update(phone="13900003002")
    with pytest.raises(Conflict) as refused:
        act(Dispute.objects.get(), "begin", actor=county.user("colleague"))
    assert refused.value.code == "mediator_party" and Dispute.objects.get(pk=dispute.pk).state == "accepted"


@pytest.mark.parametrize("why", ["party", "recused"])
def test_who_keeps_out_works_on_nothing_of_it_and_opens_no_scan(county, why):
    # given a dispute out of which the village mediator keeps, with a scan
    dispute = county.mediating() if why == "recused" else county.dispute()
    scan = file_add(dispute, actor=county.mediator, kind="evidence", uploads=read_uploads([photo()]))
    if why == "recused":
        dispute = recused(county, dispute)
    else:
        dispute = act(dispute, "assign", actor=county.user("colleague"), mediator=county.user("colleague"))
        party_add(dispute, as_party(county.mediator, "account"), actor=county.user("colleague"))
    party, before = dispute.parties.first(), snapshot(dispute)
    counts = [model.objects.count() for model in (Consent, DisputeAccess, DisputeFile, EscalationRequest)]

    # when they try what the unit does, then each is refused and nothing has changed
    tries = [
        lambda actor: party_unmask(party, actor=actor, reason="核对"),
        lambda actor: consent_record(actor=actor, party=party, what="mediation", answer="withdrawn", how="oral"),
        lambda actor: file_remove(scan, actor=actor, reason="误传"),
        lambda actor: party_amend(party, actor=actor, address="别处"),
        lambda actor: tier_escalate(dispute, actor=actor, reason="我来转走"),
        lambda actor: act(dispute, "terminate", actor=actor, ground="no_agreement", how="oral"),
        lambda actor: act(dispute, "assign", actor=actor, mediator=county.people["colleague"]),
    ]
    for attempt in tries:
        with pytest.raises(NotPermitted):
            attempt(county.mediator)
    assert snapshot(dispute) == before
    assert counts == [model.objects.count() for model in (Consent, DisputeAccess, DisputeFile, EscalationRequest)]
    # neither by REST nor by the doors of pages is it theirs
    client = client_of(county.mediator)
    for url in (f"/api/v1/mediation/disputes/{dispute.pk}/", f"/m/disputes/{dispute.pk}/"):
        assert client.get(url).status_code == 404
    assert not DisputeFile.objects.opened_to(county.mediator).exists()
    # nor do they read what others looked at, and why
    party_unmask(party, actor=county.user("colleague"), reason="送达")
    assert not DisputeAccess.objects.visible_to(county.mediator).exists()
    assert DisputeAccess.objects.visible_to(county.user("colleague")).exists()
    assert grant_for(OPENS, DisputeFile.objects.with_rows().get(), county.mediator) is None
    assert grant_for(OPENS, DisputeFile.objects.with_rows().get(), county.user("colleague")) is not None
    assert working_on(dispute) == [county.people["colleague"]]


def test_who_was_recused_does_not_seal(county):
    dispute = recused(county, county.mediating())
    agreement = signed(county, drafted(county, dispute))
    with pytest.raises(NotPermitted):
        act(agreement, "seal", actor=county.mediator)
    agreement.refresh_from_db()
    assert agreement.state == "signed_by_mediator"
    assert act(agreement, "seal", actor=county.user("colleague")).state == "effective"


def test_a_mediator_who_is_a_party_meanwhile_does_not_sign_as_the_mediator(county):
    agreement = signed_by_parties(county, drafted(county))
    User.objects.filter(pk=county.mediator.pk).update(phone="13900003002")
    county.mediator.refresh_from_db()
    with pytest.raises(NotPermitted):
        act(agreement, "sign_mediator", actor=county.mediator)
    agreement.refresh_from_db()
    assert agreement.state == "signed_by_parties"


def test_a_party_neither_takes_over_nor_breaks_the_glass(county):
    # given a dispute with the township's mediator, which the township is asked to take
    township = county.user("township_mediator")
    dispute = between(county, township)
    request = tier_escalate(dispute, actor=county.mediator, reason="双方各执一词")
    before = snapshot(request)
    with pytest.raises(NotPermitted):
        act(request, "accept", actor=county.user("township_mediator"), mediator=township)
    assert snapshot(request) == before
    # another of the centre accepts, but does not name them
    other = User.objects.create(username="centre2", name="中心二", is_staff=True)
    post = Appointment.objects.get(user=township)
    Appointment.objects.create(user=other, unit=post.unit, role=post.role, area=post.area, valid_from=post.valid_from)
    with pytest.raises(Invalid) as refused:
        act(request, "accept", actor=other, mediator=township)
    assert refused.value.code == "party" and snapshot(request) == before
    assert act(request, "accept", actor=other, mediator=other).mediator == other
    # nor do they read it by breaking the glass
    assert dispute not in breakable(county.user("township_mediator"))
    with pytest.raises(NotPermitted):
        glass_break(dispute, actor=county.user("township_mediator"), reason="想看看对方说了什么")
    assert dispute in breakable(other)


def test_who_was_named_and_became_a_party_does_not_take_over(county):
    # given a request that the township has accepted, and all parties with it
    dispute = county.dispute()
    request = tier_escalate(dispute, actor=county.mediator, reason="双方各执一词")
    request = act(request, "accept", actor=county.user("township_mediator"), mediator=county.user("township_mediator"))
    county.all_agree(dispute, "mediator", about=request.mediator)
    # when the one named has the phone of a party, then the dispute stays where it is
    User.objects.filter(username="township_mediator").update(phone="13900003002")
    other = User.objects.create(username="centre2", name="中心二", is_staff=True)
    post = Appointment.objects.get(user=request.mediator)
    Appointment.objects.create(user=other, unit=post.unit, role=post.role, area=post.area, valid_from=post.valid_from)
    with pytest.raises(Invalid) as refused:
        act(EscalationRequest.objects.get(), "take_over", actor=other)
    assert refused.value.code == "party" and Dispute.objects.get().tier == "general"


def test_the_unit_above_decides_the_recusal_of_a_villages_only_mediator(county):
    # given a village with one mediator, whose recusal a party asks for in a running mediation
    alone(county)
    dispute = county.mediating()
    row = recusal_ask(dispute, actor=None, ground="relation", party=dispute.parties.last())
    assert county.people["township_mediator"] in working_on(dispute)
    # when the mediator, a stranger or the county decides: refused
    before = snapshot(row)
    for key in ("village_mediator", "outside_village_mediator", "outside_township_mediator", "county_centre"):
        with pytest.raises(NotPermitted):
            act(row, "uphold", actor=county.user(key), mediator=county.people["township_mediator"])
        assert snapshot(row) == before
    # when the township's centre decides by REST, it names one of its own, who carries the dispute on
    told = client_of(county.user("township_mediator")).post(
        f"/api/v1/mediation/recusals/{row.pk}/transitions/uphold/", {"mediator": "township_mediator"}, format="json"
    )
    assert told.status_code == 200, told.content
    dispute = Dispute.objects.get()
    assert (Recusal.objects.get().state, dispute.mediator.username) == ("upheld", "township_mediator")
    assert grant_for(HANDLES, dispute, county.user("township_mediator")) is not None
    assert grant_for(HANDLES, dispute, county.mediator) is None
    assert dispute.tier == "general" and dispute.unit == county.unit("medcom")


def test_the_unit_above_may_reject_it_too_and_then_reads_nothing_more(county):
    alone(county)
    dispute = county.mediating()
    row = recusal_ask(dispute, actor=None, ground="relation", party=dispute.parties.last())
    township = county.user("township_mediator")
    page = f"/admin/mediation/recusal/{row.pk}/transition/reject/"
    assert client_of(township).post(page, {"reason": "没有亲属关系"}, format="multipart").status_code == 302
    assert Recusal.objects.get().state == "rejected" and Dispute.objects.get().mediator == county.mediator
    assert not Dispute.objects.visible_to(county.user("township_mediator")).exists()


def test_a_villages_only_mediator_steps_aside_for_somebody_of_the_township(county):
    alone(county)
    dispute = county.mediating()
    row = recusal_ask(dispute, actor=county.mediator, ground="party")
    act(row, "uphold", actor=county.mediator, mediator=county.user("township_mediator"))
    assert Dispute.objects.get().mediator.username == "township_mediator"
    assigned = Event.objects.filter(name="dispute.assigned").latest("id")
    assert assigned.actor.is_system  # who stepped aside appoints nobody any more


def in_centre(county, name: str, unit: OrgUnit, area: str) -> User:
    """Somebody more in a county's or city's centre."""
    person = county.people[name] = User.objects.create(username=name, name=name, is_staff=True)
    Appointment.objects.create(user=person, unit=unit, role="county_centre", area=county.area(area),
                               valid_from=date(2020, 1, 1))  # fmt: skip
    return person


def of_the_county(county):
    """A major dispute that the county's centre mediates itself, and the recusal of who does that a party asks for."""
    dispute = county.dispute(actor=county.user("county_centre"), tier="major")
    return dispute, recusal_ask(dispute, actor=None, ground="relation", party=dispute.parties.last())


def test_somebody_else_of_the_countys_centre_decides_the_recusal_of_its_own_mediator(county):
    # given a county with two people in its centre, and the city's centre
    second = in_centre(county, "second", county.unit("govcentre"), "district")
    city = OrgUnit.objects.create(code="citycentre", name="市中心", kind="governance_centre", area=county.area("city"))
    above = in_centre(county, "above", city, "city")
    dispute, row = of_the_county(county)
    before = snapshot(row)
    # then neither the one concerned, nor the city's, nor another county's decides
    for person in (county.user("county_centre"), above, county.user("outside_county_centre"),
                   county.user("township_mediator"), county.user("administrator")):  # fmt: skip
        with pytest.raises(NotPermitted):
            act(row, "uphold", actor=person, mediator=second)
        assert snapshot(row) == before
    # but the second
    act(row, "uphold", actor=second, mediator=second)
    assert Dispute.objects.get().mediator == second


def test_of_a_county_with_one_person_another_centre_for_the_place_decides(county):
    # given a county with one person in its centre, and the city's centre
    city = OrgUnit.objects.create(code="citycentre", name="市中心", kind="governance_centre", area=county.area("city"))
    above = in_centre(county, "above", city, "city")
    dispute, row = of_the_county(county)
    before = snapshot(row)
    assert above in working_on(dispute)
    for key in ("county_centre", "outside_county_centre", "township_mediator", "administrator", "operations_centre"):
        with pytest.raises(NotPermitted):
            act(row, "uphold", actor=county.user(key), mediator=above)
        assert snapshot(row) == before
    # then the city's decides, and may name one of its own, who carries the dispute on at the county's unit
    told = client_of(above).post(
        f"/api/v1/mediation/recusals/{row.pk}/transitions/uphold/", {"mediator": "above"}, format="json"
    )
    assert told.status_code == 200, told.content
    dispute = Dispute.objects.get()
    assert (dispute.mediator, dispute.unit, dispute.tier) == (above, county.unit("govcentre"), "major")
    assert grant_for(HANDLES, dispute, above) is not None
    assert grant_for(HANDLES, dispute, county.user("county_centre")) is None
    for person in county.people.values():
        forget_grants(person)
    for model in (Dispute, Recusal):
        assert_relation_forms_agree(model.objects.all(), list(county.people.values()))


def test_without_another_centre_the_administrator_gives_the_county_a_second_person(county):
    # given a county with one person and nobody above: nobody decides
    dispute, row = of_the_county(county)
    for key in ("county_centre", "outside_county_centre", "township_mediator", "administrator"):
        with pytest.raises(NotPermitted):
            act(row, "reject", actor=county.user(key), reason="没有亲属关系")
    # when somebody more is appointed to the centre, then they decide
    second = in_centre(county, "second", county.unit("govcentre"), "district")
    assert act(row, "reject", actor=second, reason="没有亲属关系").state == "rejected"


@pytest.mark.parametrize("how", ["account", "phone"])
def test_the_unit_above_appoints_where_the_only_mediator_is_a_party(county, how):
    # given a village whose only mediator registers a dispute of their own; another one is ordinary
    alone(county)
    dispute, other = between(county, county.mediator, how), county.dispute()
    township = county.user("township_mediator")
    assert list(Dispute.objects.visible_to(township)) == [dispute]
    assert mediators_of(dispute) == [county.people["township_mediator"]]
    # when the township appoints: one of its own here, nobody there
    with pytest.raises(NotPermitted):
        act(other, "assign", actor=township, mediator=township)
    assert act(dispute, "assign", actor=township, mediator=township).mediator == township
    # and lists and single rows agree about who sees what
    people = [county.user(key) for key in ("village_mediator", "township_mediator", "county_centre", "grid_worker",
                                           "outside_township_mediator", "administrator")]  # fmt: skip
    for model in (Dispute, Recusal, Party, EscalationRequest):
        for user in people:
            forget_grants(user)
        assert_relation_forms_agree(model.objects.all(), people)
