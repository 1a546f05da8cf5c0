"""A small estate with owners, a property company and an owners' committee, for the tests of red property."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

import pytest
from django.contrib.auth.hashers import make_password

from conftest import PASSWORD, City
from governance.models import (
    Appointment,
    Building,
    Dwelling,
    Entrance,
    Estate,
    OrgUnit,
    Ownership,
    Residency,
    ResidencyKind,
    Role,
    User,
)
from governance.registry.workflow import TieState
from property.models import PartyOrganisation, PropertyContract, StewardMember, StewardTeam

SINCE = date(2020, 1, 1)
UNITS = [  # code, kind, area
    ("company", "property_company", "city"),
    ("other_company", "property_company", "city"),
    ("owners", "owners_committee", "community"),
    ("other_owners", "owners_committee", "other_community"),
]
PEOPLE = [  # key, role, unit, area
    ("party_secretary", Role.PARTY_SECRETARY, "committee", "community"),
    ("organiser", Role.ORGANISER, "committee", "community"),
    ("property_manager", Role.PROPERTY_MANAGER, "company", "community"),
    ("owners_member", Role.OWNERS_COMMITTEE_MEMBER, "owners", "community"),
    ("steward", Role.STEWARD, "committee", "community"),
    ("outside_party_secretary", Role.PARTY_SECRETARY, "other_committee", "other_community"),
    ("outside_organiser", Role.ORGANISER, "other_committee", "other_community"),
    ("outside_property_manager", Role.PROPERTY_MANAGER, "other_company", "other_community"),
    ("outside_owners_member", Role.OWNERS_COMMITTEE_MEMBER, "other_owners", "other_community"),
    ("outside_steward", Role.STEWARD, "other_committee", "other_community"),
]


@dataclass
class Neighbourhood:
    """``city`` with ``estate`` 桂园 in ``community``: buildings 1 and 2, each flats 101-104 (80 m²) at entrance 1.

    ``owners`` is the estate's committee; ``company`` looks after it once ``company_serves`` was called.

    ``city.user(role)`` and ``city.outsider(role)`` also know the five roles of red property. ``owners[n]`` owns
    ``dwellings[n]`` alone and votes for it; all but the last (None) have an account and live there.
    """

    city: City
    estate: Estate
    buildings: list[Building] = field(default_factory=list)
    dwellings: list[Dwelling] = field(default_factory=list)
    owners: list[User | None] = field(default_factory=list)
    team: StewardTeam | None = None  # of the estate, led by ``city.user("steward")``
    other_team: StewardTeam | None = None  # of the whole other community, led by the outsider


def build_neighbourhood(city: City) -> Neighbourhood:
    """Add the estate and its people to the small city."""
    _people(city)
    estate = Estate.objects.create(code="GY", name="桂园", area=city.area("community"))
    made = Neighbourhood(city, estate)
    for number in ("1", "2"):
        building = Building.objects.create(estate=estate, number=number, area=city.area("grid"), floors=1)
        entrance = Entrance.objects.create(building=building, number="1")
        made.buildings.append(building)
        made.dwellings += Dwelling.objects.bulk_create(
            Dwelling(
                code=f"GY-{number}-1-{flat}", building=building, entrance=entrance, area=city.area("grid"), floor=1,
                number=str(flat), floor_area=Decimal("80.00"), use="residential",
            )
            for flat in range(101, 105)
        )  # fmt: skip
    _owners(made)
    OrgUnit.objects.filter(code="owners").update(estate=estate)
    city.units["owners"].refresh_from_db()
    _stewards(made)
    return made


def _stewards(made: Neighbourhood) -> None:
    """The team of the estate, led by the steward, and one of the other community."""
    city = made.city
    teams = [
        StewardTeam(code="gy", name="桂园红色管家", estate=made.estate, area=made.estate.area),
        StewardTeam(code="other", name="邻社区红色管家", area=city.area("other_community")),
    ]
    made.team, made.other_team = StewardTeam.objects.bulk_create(teams)
    StewardMember.objects.bulk_create(
        StewardMember(team=team, person=city.people[key], kind="party_member", is_lead=True, valid_from=SINCE)
        for team, key in ((made.team, "steward"), (made.other_team, "outside_steward"))
    )


def company_serves(place: Neighbourhood, code: str = "company", **given) -> PropertyContract:
    """Let a company look after an estate (``place.estate``) by a contract in force for many years."""
    organisation = (
        given.pop("organisation", None)
        or PartyOrganisation.objects.get_or_create(
            code="signs", defaults={"name": "社区党委", "level": "committee", "area": place.city.area("community")}
        )[0]
    )
    given = {
        "number": f"WY-{code}", "estate": place.estate, "company": place.city.units[code], "organisation": organisation,
        "selection": "introduced", "decided_on": SINCE, "decision": "柳堤社区〔2020〕2号", "valid_from": SINCE,
        "valid_to": SINCE.replace(year=2040), "price": Decimal("1.35"), "state": "in_force",
    } | given  # fmt: skip
    return PropertyContract.objects.create(area=given["estate"].area, **given)


def _people(city: City) -> None:
    units = [OrgUnit(code=code, name=f"{code}单位", kind=kind, area=city.area(area)) for code, kind, area in UNITS]
    city.units |= {unit.code: unit for unit in OrgUnit.objects.bulk_create(units)}
    password = make_password(PASSWORD)
    users = [User(username=key, name=f"{key}员", is_staff=True, password=password) for key, *_rest in PEOPLE]
    city.people |= {user.username: user for user in User.objects.bulk_create(users)}
    Appointment.objects.bulk_create(
        Appointment(user=city.people[key], unit=city.units[unit], role=role, area=city.areas[area], valid_from=SINCE)
        for key, role, unit, area in PEOPLE
    )


def _owners(made: Neighbourhood) -> None:
    accounts = User.objects.bulk_create(
        User(username=f"owner{number}", name=f"业主{number}") for number in range(1, len(made.dwellings))
    )
    made.owners = [*accounts, None]
    states = {"state": TieState.VERIFIED, "valid_from": SINCE}
    Ownership.objects.bulk_create(
        Ownership(dwelling=dwelling, area=dwelling.area, user=user, owner_name=f"业主{number}", is_voter=True, **states)
        for number, (dwelling, user) in enumerate(zip(made.dwellings, made.owners, strict=True), 1)
    )
    Residency.objects.bulk_create(
        Residency(dwelling=dwelling, area=dwelling.area, user=user, kind=ResidencyKind.OWNER, **states)
        for dwelling, user in zip(made.dwellings, made.owners, strict=True)
        if user is not None
    )


@pytest.fixture
def neighbourhood(city) -> Neighbourhood:
    """The small city with an estate."""
    return build_neighbourhood(city)
