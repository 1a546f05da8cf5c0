"""Contracts with hand-over and evaluation, repairs to the company, parcels, care visits."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone

from cases.evidence import told
from cases.models import Case
from cases.tests.api import client_of
from governance.clock import SHANGHAI
from governance.configuration import configuration_save
from governance.errors import Conflict, Invalid, NotPermitted
from governance.events import registered
from governance.models import Dwelling, Event, Notice, Residency, Timer
from governance.scoping import forget_grants
from governance.testing import assert_relation_forms_agree, assert_steps_are_complete, snapshot
from governance.timers import fire_past
from governance.workflow import act, steps_of
from property.models import (
    CareReceiver,
    CareVisit,
    ContractEvaluation,
    HandOverItem,
    Parcel,
    PropertyContract,
)
from property.party.tests.organisations import a_photo
from property.party.tests.test_doors import signed_in
from property.serving import care, parcels
from property.serving.contracts import contract_evaluate, contract_of, handover_settle
from property.serving.parcels import parcel_receive
from property.serving.repairs import repair_ask
from property.serving.tests.others import a_contract, a_receiver, in_force, receiver_saved, unserved
from property.serving.tests.services import build_services

pytestmark = pytest.mark.django_db
COMMUNITY = {"party_secretary", "organiser", "community_staff"}
KEEPS = COMMUNITY | {"administrator"}
VISITS = COMMUNITY | {"steward", "grid_worker"}
COMPANY = {"property_manager"}


@pytest.fixture
def services(neighbourhood):
    return build_services(neighbourhood)


def every_role(city, obj, name, allowed, **given):
    """Try a step as everybody: who may does it (and it is taken back), the others change nothing."""
    for who, person in city.people.items():
        before = snapshot(obj)
        with transaction.atomic():
            if who in allowed:
                act(obj, name, actor=person, reason="按规定", **given)
                transaction.set_rollback(True)
                continue
            with pytest.raises(NotPermitted):
                act(obj, name, actor=person, reason="按规定", **given)
        assert snapshot(obj) == before, who


def test_steps_are_complete():
    for model in (PropertyContract, Parcel, CareVisit):
        assert_steps_are_complete(model)
        assert {step.event for step in steps_of(model).values()} <= set(registered())


@pytest.mark.parametrize("name", ["sign", "begin_handover", "end"])
def test_every_step_of_a_contract_by_every_role(services, city, name):
    contract = a_contract(services)
    if name != "sign":
        contract = act(contract, "sign", actor=city.user("organiser"))
    if name == "end":
        contract = act(contract, "begin_handover", actor=city.user("organiser"), reason="期满不续")
        for item in contract.handover.all():
            handover_settle(item, actor=city.user("owners_member"), is_complete=True)
    every_role(city, contract, name, KEEPS)


def test_a_company_is_changed_with_a_hand_over_list(services, city):
    # given a contract in force: a second one waits until the first is handed over
    organiser, first = city.user("organiser"), in_force(services)
    second = a_contract(services, number="WY-2", company=city.units["other_company"], service_list=None)
    with pytest.raises(Conflict):
        act(second, "sign", actor=organiser)
    leaving = act(first, "begin_handover", actor=organiser, reason="业主评价不合格")
    assert leaving.handover.count() == 8 and contract_of(first.estate) == first
    act(second, "sign", actor=organiser)
    assert contract_of(first.estate).company == city.units["other_company"]
    # when one thing is missing it is said, and until all is settled the first does not end
    with pytest.raises(Conflict):
        act(leaving, "end", actor=organiser)
    owners, items = city.user("owners_member"), list(leaving.handover.all())
    with pytest.raises(Invalid):
        handover_settle(items[0], actor=owners, is_complete=False)
    with pytest.raises(NotPermitted):
        handover_settle(items[0], actor=city.user("property_manager"), is_complete=True)
    handover_settle(items[0], actor=owners, is_complete=False, note="缺地下管网竣工图")
    with pytest.raises(Conflict):
        handover_settle(items[0], actor=owners, is_complete=True)
    for item in items[1:]:
        handover_settle(item, actor=owners, is_complete=True)
    ended = act(leaving, "end", actor=organiser, ended_on=date(2026, 12, 31))
    assert (ended.state, ended.ended_on) == ("ended", date(2026, 12, 31))
    assert HandOverItem.objects.filter(is_complete=False).get().note == "缺地下管网竣工图"


def test_what_is_signed_is_not_edited(services, city):
    contract = in_force(services)
    contract.price = Decimal("9.99")
    with pytest.raises(Conflict):
        configuration_save(contract, actor=city.user("organiser"), changed=["price"])
    assert PropertyContract.objects.get(pk=contract.pk).price == Decimal("1.35")
    # and a list of another company does not fit a draft
    with pytest.raises(Invalid) as refusal:
        a_contract(services, number="WY-3", company=city.units["other_company"])
    assert refusal.value.field == "service_list"


def test_a_company_is_evaluated_once_a_year(services, city):
    contract, organiser = in_force(services), city.user("organiser")
    year = timezone.localdate().year
    given = {"year": year, "score": 86, "verdict": "continue", "words": "整改及时"}
    for who, person in city.people.items():
        if who not in KEEPS:
            with pytest.raises(NotPermitted):
                contract_evaluate(contract, actor=person, **given)
    for wrong, blamed in (({"year": year + 1}, "year"), ({"score": 101}, "score"), ({"verdict": "x"}, "verdict"),
                          ({"words": " "}, "words")):  # fmt: skip
        with pytest.raises(Invalid) as refusal:
            contract_evaluate(contract, actor=organiser, **(given | wrong))
        assert refusal.value.field == blamed
    assert not ContractEvaluation.objects.exists()
    made = contract_evaluate(contract, actor=organiser, **given)
    assert (made.share, made.stars, Event.objects.get(name="contract.evaluated").payload["score"]) == (None, None, 86)
    with pytest.raises(Conflict):
        contract_evaluate(contract, actor=organiser, **given)


def test_a_repair_goes_to_the_company_of_the_estate(services, city):
    owner, dwelling = services.party.place.owners[0], services.party.place.dwellings[0]
    # without a contract it waits for a registrar
    unserved()
    assert repair_ask(actor=owner, dwelling=dwelling, description="厨房下水堵了").state == "reported"
    in_force(services, repair_standard=city.standard)
    case = repair_ask(actor=owner, dwelling=dwelling, description="单元门坏了", photos=[a_photo()])
    assert (case.state, case.lead_unit, case.reporter) == ("dispatched", city.units["company"], owner)
    assert str(dwelling) == case.address and case.origin["estate"] == "GY"
    assert case in Case.objects.visible_to(owner)
    # and nobody asks for one at a neighbour's
    for person in (services.party.place.owners[1], city.user("resident"), city.user("property_manager")):
        with pytest.raises(NotPermitted):
            repair_ask(actor=person, dwelling=dwelling, description="x")
    assert Case.objects.count() == 2


def test_a_case_accepted_later_goes_to_the_company_too(services, city):
    in_force(services)
    case = repair_ask(
        actor=services.party.place.owners[0], dwelling=services.party.place.dwellings[0], description="门坏"
    )
    assert case.state == "reported"
    case = act(case, "accept", actor=city.user("registrar"), category=None, standard=city.standard)
    assert case.lead_unit == city.units["company"]


def received(services, number=0, **given) -> Parcel:
    return parcel_receive(actor=services.person("property_manager"), dwelling=services.party.place.dwellings[number],
                          carrier="顺丰", tracking="SF12345678901234", **given)  # fmt: skip


@pytest.mark.parametrize(("name", "state"), [("notify", "received"), ("collect", "received"), ("send_back", "overdue"),
                                             ("lapse", "received")])  # fmt: skip
def test_every_step_of_a_parcel_by_every_role(services, city, name, state):
    parcel = received(services, 7)  # of somebody without an account
    assert parcel.state == "received"
    if state == "overdue":
        fire_past(parcels.timer_key(parcel), parcel.received_at + parcels.KEPT_FOR)
        parcel = Parcel.objects.lock(parcel.pk)
    given = {"code": parcel.code} if name == "collect" else {}
    every_role(city, parcel, name, set() if name == "lapse" else COMPANY, **given)


def test_what_lies_there_when_no_company_serves_is_handed_out_by_the_community(services, city):
    parcel, staff = received(services, 7), city.user("community_staff")
    assert not Parcel.objects.visible_to(staff).exists()
    unserved()
    forget_grants(city.user("property_manager"))
    assert set(Parcel.objects.visible_to(staff)) == {parcel}
    assert not Parcel.objects.visible_to(city.outsider("community_staff")).exists()
    assert_relation_forms_agree(Parcel.objects, [*city.people.values(), city.outsider("community_staff")])
    page = signed_in(staff).get(f"/admin/property/parcel/{parcel.pk}/change/").content.decode()
    assert "transition/collect/" in page and parcel.code not in page
    every_role(city, parcel, "collect", {"community_staff"}, code=parcel.code)
    fire_past(parcels.timer_key(parcel), parcel.received_at + parcels.KEPT_FOR)
    every_role(city, Parcel.objects.lock(parcel.pk), "send_back", {"community_staff"})


def test_a_parcel_is_told_collected_with_its_code_or_overdue(services, city):
    parcel = received(services)
    assert (parcel.state, parcel.tracking) == ("notified", "78901234")
    manager = city.user("property_manager")
    with pytest.raises(Invalid) as refusal:
        act(parcel, "collect", actor=manager, code="x" + parcel.code[1:])
    assert refusal.value.field == "code" and Parcel.objects.get(pk=parcel.pk).state == "notified"
    assert act(parcel, "collect", actor=manager, code=f" {parcel.code} ").state == "collected"
    assert not fire_past(parcels.timer_key(parcel), timezone.now() + timedelta(days=9))
    late = received(services)
    assert not fire_past(parcels.timer_key(late), late.received_at + parcels.KEPT_FOR - timedelta(seconds=1))
    assert fire_past(parcels.timer_key(late), late.received_at + parcels.KEPT_FOR)
    assert Parcel.objects.get(pk=late.pk).state == "overdue"


def test_only_the_company_of_the_estate_takes_parcels_in(services, city):
    dwelling = services.party.place.dwellings[0]
    for who, person in city.people.items():
        if who != "property_manager":
            with pytest.raises(NotPermitted):
                parcel_receive(actor=person, dwelling=dwelling, carrier="顺丰", tracking="1234")
    for given, blamed in (
        ({"carrier": " "}, "carrier"),
        ({"tracking": ""}, "tracking"),
        ({"shelf": "长" * 21}, "shelf"),
    ):
        with pytest.raises(Invalid) as refusal:
            parcel_receive(actor=city.user("property_manager"), dwelling=dwelling,
                           **({"carrier": "顺丰", "tracking": "1234"} | given))  # fmt: skip
        assert refusal.value.field == blamed
    assert not Parcel.objects.exists() and not Timer.objects.filter(kind=parcels.OVERDUE).exists()


def test_who_sees_contracts_parcels_and_care(services, city):
    people = [*city.people.values(), *[owner for owner in services.party.place.owners if owner]]
    in_force(services)
    a_contract(services, number="WY-9")
    parcel = received(services)
    receiver_saved(services, a_receiver(services))
    for model in (PropertyContract, Parcel, CareReceiver, CareVisit):
        assert_relation_forms_agree(model.objects, people)
    first, second = services.party.place.owners[:2]
    assert set(Parcel.objects.visible_to(first)) == {parcel} and not Parcel.objects.visible_to(second).exists()
    assert PropertyContract.objects.visible_to(first).count() == 1
    for nobody in (first, city.user("property_manager"), city.user("owners_member"), city.outsider("organiser")):
        assert not CareReceiver.objects.visible_to(nobody).exists()
        assert not CareVisit.objects.visible_to(nobody).exists()


@pytest.mark.parametrize("name", ["visit", "cancel", "miss", "stop"])
def test_every_step_of_a_care_visit_by_every_role(services, city, name):
    visit = receiver_saved(services, a_receiver(services)).visits.get()
    allowed = {"visit": VISITS, "cancel": COMMUNITY}.get(name, set())
    every_role(city, visit, name, allowed, **({"condition": "well"} if name == "visit" else {}))


def test_visits_follow_each_other_and_a_missed_one_is_an_alarm(services, city):
    today = timezone.localdate()
    receiver = receiver_saved(services, a_receiver(services, alarm_standard=city.standard))
    visit = receiver.visits.get()
    assert visit.due_on == today + timedelta(days=7)
    # when nobody goes, then at six in the evening a case says where, and the next visit is planned
    due = care._alarm_at(visit.due_on)
    assert not fire_past(care.timer_key(visit), due - timedelta(seconds=1))
    assert fire_past(care.timer_key(visit), due)
    missed = CareVisit.objects.lock(visit.pk)
    case = Case.objects.get()
    assert (missed.state, missed.case, case.standard) == ("missed", case, city.standard)
    assert receiver.name not in case.description and case.address == str(receiver.dwelling)
    assert receiver.visits.get(state="planned").due_on == today + timedelta(days=14)
    # and it is made up for: with help needed, the words say which
    steward = city.user("steward")
    with pytest.raises(Invalid):
        act(missed, "visit", actor=steward, condition="needs_help")
    made = act(missed, "visit", actor=steward, condition="needs_help", reason="需要送医", photos=[a_photo()])
    assert (made.state, made.visited_by, made.case) == ("visited", steward, case)
    assert Case.objects.count() == 1 and receiver.visits.filter(state="planned").count() == 1
    # whoever has the open case reads that it is more than a missed visit, and what that is called
    assert told(case.evidence.get())["label"] != "care_needs_help"
    # a visit at which nobody opens opens a case of its own
    act(receiver.visits.get(state="planned"), "visit", actor=steward, condition="not_met", reason="多次敲门无人应")
    assert Case.objects.count() == 2 and receiver.visits.filter(state="planned").count() == 1


def test_a_missed_visit_is_made_up_for_by_a_later_one_at_which_somebody_was_met(services, city):
    receiver, steward = receiver_saved(services, a_receiver(services)), city.user("steward")
    missed = receiver.visits.get()
    fire_past(care.timer_key(missed), care._alarm_at(missed.due_on))
    later = missed.due_on + timedelta(days=1)

    def on_the_list():
        return [row.pk for row in CareVisit.objects.visible_to(steward).not_made_up()]

    assert on_the_list() == [missed.pk]
    at = datetime.combine(later, time(10), SHANGHAI)
    act(receiver.visits.get(state="planned"), "visit", actor=steward, condition="not_met", reason="无人应门",
        occurred_at=at)  # fmt: skip
    assert on_the_list() == [missed.pk]
    act(receiver.visits.get(state="planned"), "visit", actor=steward, condition="well", occurred_at=at)
    assert on_the_list() == []


def test_help_needed_after_the_alarm_was_closed_opens_a_case_again(services, city):
    receiver = receiver_saved(services, a_receiver(services))
    visit = receiver.visits.get()
    fire_past(care.timer_key(visit), care._alarm_at(visit.due_on))
    act(Case.objects.get(), "reject", actor=city.user("registrar"), reason="电话已联系上")
    made = act(CareVisit.objects.lock(visit.pk), "visit", actor=city.user("steward"), condition="needs_help",
               reason="需要送医")  # fmt: skip
    assert Case.objects.count() == 2 and made.case.state == "reported"


def test_somebody_who_moves_is_visited_by_the_people_of_the_new_place(services, city):
    receiver = receiver_saved(services, a_receiver(services))
    elsewhere = city.area("other_community")
    home = Dwelling.objects.get(pk=services.party.place.dwellings[1].pk)
    Dwelling.objects.filter(pk=home.pk).update(area=elsewhere)
    home.refresh_from_db()
    receiver.dwelling = home
    configuration_save(receiver, actor=city.user("administrator"), changed=["dwelling"])
    visit = receiver.visits.get(state="planned")
    assert visit.area == elsewhere
    assert not CareVisit.objects.visible_to(city.user("steward")).exists()


def test_who_is_off_the_list_is_visited_no_more(services, city):
    receiver = receiver_saved(services, a_receiver(services))
    receiver.valid_to = timezone.localdate()
    receiver_saved(services, receiver)
    assert receiver.visits.get().state == "cancelled"
    assert not Timer.objects.filter(kind=care.DAY_OVER, cancelled_at=None).exists()
    receiver.valid_to = None
    receiver_saved(services, receiver)
    assert receiver.visits.filter(state="planned").count() == 1
    # and nobody is sent who does not visit
    receiver.visitor = services.party.place.owners[0]
    with pytest.raises(Invalid):
        receiver_saved(services, receiver)


def test_the_household_hears_of_an_overdue_parcel_and_a_landlord_never_of_its_code(services, city):
    call_command("loaddata", str(settings.BASE_DIR / "fixtures" / "0006_parcel_templates.json"), verbosity=0)
    place, late = services.party.place, received(services)
    landlord, tenant = place.owners[0], city.user("resident")
    # given a dwelling that is let: its owner has moved out, the tenant is confirmed
    home = Residency.objects.filter(dwelling=late.dwelling)
    home.update(valid_to=timezone.localdate() - timedelta(days=1), state="ended")
    Residency.objects.create(dwelling=late.dwelling, area=late.area, user=tenant, kind="tenant", state="verified",
                             valid_from=timezone.localdate())  # fmt: skip
    # then every door of residents shows the code to the tenant alone
    for person, shown in ((tenant, True), (landlord, False)):
        page = signed_in(person).get("/r/estate/GY/").content.decode()
        rows = client_of(person).get("/api/v1/me/parcels/").json()
        assert ((late.code in page), bool(rows)) == (shown, shown), person
        assert Parcel.objects.visible_to(person).exists() is shown
    assert_relation_forms_agree(Parcel.objects, [landlord, tenant])
    # and when it lies too long the tenant hears of it
    fire_past(parcels.timer_key(late), late.received_at + parcels.KEPT_FOR)
    (notice,) = Notice.objects.filter(title__startswith="快递逾期")
    assert notice.person == tenant and late.code in notice.body
