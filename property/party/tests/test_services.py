"""Who may change what of the party organisations, and what is refused; the tree and what it finds missing."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from governance.configuration import configuration_rows_save, configuration_save
from governance.errors import Conflict, Invalid, NotPermitted
from governance.models import Building, Event, OrgUnit
from governance.testing import assert_relation_forms_agree
from property.models import CrossAppointment, HouseholdCare, PartyMembership, PartyOrganisation
from property.party.gaps import gaps_of, seats_of
from property.party.services import cross_appointment_save
from property.party.tests.organisations import a_photo, a_seat, build_organisations
from property.party.tree import tree_of
from property.tests.neighbourhood import company_serves

pytestmark = pytest.mark.django_db
KEEPERS = {"administrator", "party_secretary"}
READERS = KEEPERS | {"organiser", "community_staff", "property_manager", "owners_member", "steward"}
OF_MEMBERS = KEEPERS | {"organiser", "community_staff"}


@pytest.fixture
def party(neighbourhood):
    made = build_organisations(neighbourhood)
    company_serves(neighbourhood, organisation=made.by_level["branch"])
    return made


def joined(party, level, person, **given) -> PartyMembership:
    row = PartyMembership(organisation=party.by_level[level], person=person, **given)
    configuration_save(row, actor=party.place.city.user("party_secretary"), changed=["person"])
    return row


def test_only_the_secretary_and_administrators_of_the_area_keep_them(party, city):
    for name, person in city.people.items():
        one = PartyOrganisation(code="second", name="二组", level="group", parent=party.by_level["branch"],
                                building=party.place.buildings[1])  # fmt: skip
        if name in KEEPERS:
            configuration_save(one, actor=person, changed=["code"])
            assert Event.objects.filter(name="config.changed", actor=person).count() == 1
            one.delete()
            continue
        with pytest.raises(NotPermitted):
            configuration_save(one, actor=person, changed=["code"])
        assert not PartyOrganisation.objects.filter(code="second").exists(), name


def test_who_sees_what(party, city):
    joined(party, "branch", party.people[0], post="secretary")
    cross_appointment_save(a_seat(party), actor=city.user("party_secretary"), changed=[], documents=[a_photo()])
    everybody = list(city.people.values())
    for model, readers in ((PartyOrganisation, READERS), (CrossAppointment, READERS), (PartyMembership, OF_MEMBERS)):
        assert_relation_forms_agree(model.objects, everybody)
        seen = {name for name, person in city.people.items() if model.objects.visible_to(person).exists()}
        assert seen == readers


def test_an_organisation_in_use_by_others_stays_in_use(party, city):
    secretary = city.user("party_secretary")
    branch = PartyOrganisation.objects.get(pk=party.by_level["branch"].pk)
    branch.is_active = False
    with pytest.raises(Conflict):
        configuration_save(branch, actor=secretary, changed=["is_active"])
    household = PartyOrganisation.objects.get(pk=party.by_level["household"].pk)
    joined(party, "household", party.people[0])
    household.is_active = False
    with pytest.raises(Conflict):
        configuration_save(household, actor=secretary, changed=["is_active"])
    assert PartyOrganisation.objects.filter(is_active=True).count() == 4


def test_a_household_that_looks_after_dwellings_stays_in_use(party, city):
    secretary = city.user("party_secretary")
    household = PartyOrganisation.objects.get(pk=party.by_level["household"].pk)
    care = HouseholdCare.objects.create(household=household, dwelling=party.place.dwellings[1])
    household.is_active = False
    with pytest.raises(Conflict):
        configuration_save(household, actor=secretary, changed=["is_active"])
    assert PartyOrganisation.objects.get(pk=household.pk).is_active
    care.delete()
    configuration_save(household, actor=secretary, changed=["is_active"])


def test_a_term_is_ended_and_never_rewritten(party, city):
    secretary = city.user("party_secretary")
    row = joined(party, "branch", party.people[0], post="secretary", valid_from=date(2026, 1, 1))
    row.post = "deputy"
    with pytest.raises(Invalid) as refusal:
        configuration_save(row, actor=secretary, changed=["post"])
    assert refusal.value.field == "post"
    row.refresh_from_db()
    row.valid_to = date(2026, 6, 30)
    configuration_save(row, actor=secretary, changed=["valid_to"])
    joined(party, "branch", party.people[1], post="secretary", valid_from=date(2026, 7, 1))
    # two secretaries at a time are refused with a reason, by the form and by the database
    with pytest.raises(Invalid):
        joined(party, "branch", party.people[2], post="secretary", valid_from=date(2026, 8, 1))
    assert party.by_level["branch"].memberships.count() == 2


def test_a_cross_appointment_comes_with_its_document_and_is_only_shortened(party, city):
    secretary = city.user("party_secretary")
    with pytest.raises(Invalid) as refusal:
        cross_appointment_save(a_seat(party), actor=secretary, changed=[])
    assert refusal.value.field == "documents"
    assert not CrossAppointment.objects.exists()
    row = a_seat(party)
    event = cross_appointment_save(row, actor=secretary, changed=["person"], documents=[a_photo()])
    assert event.attachments.count() == 1
    for field, value in (("valid_to", row.valid_to + timedelta(days=1)), ("seat", "主任委员")):
        row.refresh_from_db()
        setattr(row, field, value)
        with pytest.raises(Invalid) as refusal:
            cross_appointment_save(row, actor=secretary, changed=[field])
        assert refusal.value.field == field
    row.refresh_from_db()
    row.valid_to -= timedelta(days=1)
    cross_appointment_save(row, actor=secretary, changed=["valid_to"])


@pytest.mark.parametrize(("field", "value", "blamed"), [
    ("procedure", "party_election", "procedure"), ("unit", "urban", "unit"), ("decided_on", date(2030, 1, 1), None),
])  # fmt: skip
def test_a_seat_nobody_can_get_this_way_is_refused(party, city, field, value, blamed):
    row = a_seat(party)
    setattr(row, field, city.units[value] if field == "unit" else value)
    with pytest.raises(Invalid) as refusal:
        cross_appointment_save(row, actor=city.user("party_secretary"), changed=[], documents=[a_photo()])
    assert refusal.value.field == blamed
    assert not CrossAppointment.objects.exists()


def test_the_tree_says_who_looks_after_which_home_and_which_have_nobody(party, city, django_assert_num_queries):
    # given a centre household that also looks after the flat next door
    secretary, household = city.user("party_secretary"), party.by_level["household"]
    joined(party, "group", party.people[0], post="secretary")
    care = HouseholdCare(household=household, dwelling=party.place.dwellings[1])
    configuration_rows_save(household, actor=secretary, name="care", saved=[care], removed=[])
    # then building 1 has its group, a household with two homes, and two without; building 2 has nobody
    tree = tree_of(party.by_level["committee"], user=secretary)
    first, second = tree.rows
    assert first.group.secretary.person == party.people[0]
    assert [row.code for row in first.households[0].dwellings] == ["GY-1-1-101", "GY-1-1-102"]
    assert [row.code for row in first.uncovered] == ["GY-1-1-103", "GY-1-1-104"]
    assert second.group is None and len(second.uncovered) == 4 and tree.uncovered == 6
    assert [(row.estate.code, row.buildings, row.groups, row.households) for row in tree.estates] == [("GY", 2, 1, 1)]
    # and its statements do not grow with buildings
    Building.objects.create(estate=party.place.estate, number="9", area=party.place.estate.area)
    with django_assert_num_queries(6):
        tree_of(party.by_level["committee"], user=secretary)


def test_what_is_missing_is_told(party, city):
    secretary, committee = city.user("party_secretary"), party.by_level["committee"]

    def kinds() -> list[str]:
        return sorted(gap.kind for gap in gaps_of(committee, user=secretary))

    # given nobody anywhere: three posts vacant and the household empty, a branch too small, two bodies without a seat
    assert kinds() == ["seat_missing", "seat_missing", "too_small", "vacant", "vacant", "vacant", "vacant"]
    # when the posts are filled, one for a short time, and both seats taken
    soon = timezone.localdate() + timedelta(days=30)
    joined(party, "committee", party.people[0], post="secretary")
    joined(party, "branch", party.people[0], post="secretary")
    for person in party.people[1:3]:
        joined(party, "branch", person)
    joined(party, "group", party.people[1], post="secretary", valid_to=soon)
    joined(party, "household", party.people[2])
    for row in (a_seat(party), a_seat(party, into_party=True)):
        cross_appointment_save(row, actor=secretary, changed=[], documents=[a_photo()])
    # then only the term that ends is left
    assert kinds() == ["runs_out"]
    # a committee that names no estate is told as one
    OrgUnit.objects.create(code="astray", name="无名业委会", kind="owners_committee", area=committee.area)
    told = {gap.kind: gap.text for gap in gaps_of(committee, user=secretary)}
    assert set(told) == {"runs_out", "seat_missing"} and told["seat_missing"].startswith("无名业委会")
    OrgUnit.objects.get(code="astray").delete()
    seats = {str(row.body): len(row.seats) for row in seats_of(committee, user=secretary)}
    assert seats == {"committee组织": 1, "owners单位": 1, "company单位": 0}


def test_seven_full_members_need_a_committee(party, city):
    people = [*party.people, *(city.user(name) for name in ("organiser", "steward", "community_staff"))]
    for number, person in enumerate(people):
        joined(party, "branch", person, post="secretary" if number == 0 else "member")
    told = [gap.kind for gap in gaps_of(party.by_level["committee"], user=city.user("party_secretary"))]
    assert "no_committee" in told and "too_small" not in told
