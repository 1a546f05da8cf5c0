"""Rows in every list of red property that can be had as a sheet to change."""

from conftest import City
from governance.models import User
from property.models import HouseholdCare, PartyMembership, StewardPlan
from property.party.tests.organisations import Party, build_organisations
from property.serving.lists import service_list_draft
from property.serving.tests.others import a_contract, a_receiver, receiver_saved
from property.serving.tests.services import build_services_in
from property.tests.neighbourhood import build_neighbourhood


def furnish_party(city: City) -> Party:
    """Add an estate with party organisations, a dwelling looked after, a secretary, a published service list
    and a draft, a contract, somebody cared for, and shifts of stewards."""
    party = build_organisations(build_neighbourhood(city))
    HouseholdCare.objects.create(household=party.by_level["household"], dwelling=party.place.dwellings[1])
    person = User.objects.get(username="comrade1")
    PartyMembership.objects.create(organisation=party.by_level["branch"], person=person, post="secretary")
    services = build_services_in(party)
    service_list_draft(
        actor=city.user("organiser"), estate=party.place.estate, organisation=party.by_level["branch"],
        company=city.units["company"],
    )  # fmt: skip
    a_contract(services, repair_standard=city.standard)
    receiver_saved(services, a_receiver(services))
    StewardPlan.objects.create(
        code="gy-1", team=party.place.team, name="晨检", weekdays=[0, 2], starts="08:00", ends="09:00",
        building=party.place.buildings[0], valid_from="2026-01-05",
    )  # fmt: skip
    return party
