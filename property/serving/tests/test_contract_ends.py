"""What the end of a contract means: no more cases for the company, no more occurrences of its list."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from cases.models import Case, Dispatch
from governance.configuration import configuration_save
from governance.models import Timer
from governance.timers import fire_past
from governance.workflow import act
from property.models import CareVisit, PropertyContract, ServiceRecord
from property.serving import care
from property.serving.contracts import handover_settle
from property.serving.occurrences import records_make
from property.serving.repairs import repair_ask
from property.serving.tests.others import a_receiver, in_force, receiver_saved
from property.serving.tests.services import build_services

pytestmark = pytest.mark.django_db


@pytest.fixture
def services(neighbourhood):
    return build_services(neighbourhood)


def asked(services) -> Case:
    place = services.party.place
    return repair_ask(actor=place.owners[0], dwelling=place.dwellings[0], description="门坏了")


def accepted(services, case: Case) -> Case:
    city = services.city
    return act(case, "accept", actor=city.user("registrar"), category=None, standard=city.standard)


def test_cases_of_a_company_that_left_go_the_ordinary_way(services, city):
    # given two repairs asked for while the company served
    in_force(services)
    first, second = asked(services), asked(services)
    case = accepted(services, first)
    assert case.lead_unit == city.units["company"]
    assert Dispatch.objects.get(case=case).method == "origin"
    # when its term is over, and nobody has begun the hand-over
    PropertyContract.objects.update(valid_to=timezone.localdate() - timedelta(days=1))
    # then what is accepted afterwards goes by its standard, and a new repair waits without a company
    assert accepted(services, second).lead_unit == city.units["municipal"]
    assert "company" not in asked(services).origin


def test_occurrences_end_with_the_contract(services, city):
    organiser, today = city.user("organiser"), timezone.localdate()
    contract = in_force(services, valid_to=today + timedelta(days=2))
    ServiceRecord.objects.all().delete()

    def planned() -> list[date]:
        rows = ServiceRecord.objects.filter(item__code="stairs", state="planned")
        return sorted(day for day in rows.values_list("date", flat=True) if day > today)

    # no further than its last day; while it is handed over the company goes on
    records_make(today, today + timedelta(days=4))
    assert planned() == [today + timedelta(days=number) for number in (1, 2)]
    leaving = act(contract, "begin_handover", actor=organiser, reason="期满不续")
    records_make(today, today + timedelta(days=4))
    assert planned() == [today + timedelta(days=number) for number in (1, 2, 3, 4)]
    # ended, nothing is planned any more, neither what was nor what would be
    for item in leaving.handover.all():
        handover_settle(item, actor=city.user("owners_member"), is_complete=True)
    act(leaving, "end", actor=organiser)
    assert planned() == [] and records_make(today, today + timedelta(days=4)) == 0


def test_a_company_that_goes_on_by_a_new_contract_keeps_its_occurrences(services, city):
    # given a contract handed over to the next one of the same company
    organiser, today = city.user("organiser"), timezone.localdate()
    old = act(in_force(services), "begin_handover", actor=organiser, reason="续签")
    names = ("estate", "company", "organisation", "selection", "decision", "price", "service_list")
    new = PropertyContract(
        number="WY-2", decided_on=today, valid_from=today, valid_to=today + timedelta(days=2),
        **{name: getattr(old, name) for name in names},
    )  # fmt: skip
    configuration_save(new, actor=organiser, changed=["number"])
    act(PropertyContract.objects.lock(new.pk), "sign", actor=organiser)
    records_make(today, today + timedelta(days=3))
    rows = ServiceRecord.objects.filter(item__code="stairs", state="planned", date__gt=today).order_by("date")
    assert len(rows) == 3
    # when the old one ends, only what lies past the new one's term is left out
    for item in old.handover.all():
        handover_settle(item, actor=city.user("owners_member"), is_complete=True)
    act(PropertyContract.objects.lock(old.pk), "end", actor=organiser)
    assert [row.date for row in rows.all()] == [today + timedelta(days=number) for number in (1, 2)]


def test_after_an_outage_a_visit_is_missed_once_and_the_next_is_ahead(services):
    # given a visit due 40 days ago, every 7 days, whose timer fires only now
    receiver = receiver_saved(services, a_receiver(services))
    visit, today = receiver.visits.get(), timezone.localdate()
    CareVisit.objects.filter(pk=visit.pk).update(due_on=today - timedelta(days=40))
    alarm = care._alarm_at(today - timedelta(days=40))
    Timer.objects.filter(key=care.timer_key(visit)).update(due_at=alarm)
    assert fire_past(care.timer_key(visit), alarm)
    # then it is missed once, and the next is planned for a day that has not passed
    planned = receiver.visits.get(state="planned")
    assert receiver.visits.filter(state="missed").count() == Case.objects.count() == 1
    assert care._alarm_at(planned.due_on) > timezone.now() and planned.due_on <= today + timedelta(days=1)
