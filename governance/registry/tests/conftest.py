"""Two estates in the small city: one in ``community``, one in ``other_community``, with a few dwellings."""

from dataclasses import dataclass

import pytest

from conftest import PASSWORD, build_city
from governance.models import Appointment, Building, Dwelling, Entrance, Estate, Residency, Role, User
from governance.registry.services import ownership_claim, ownership_enter, residency_claim
from governance.workflow import act

OF_ESTATES = (
    Role.PARTY_SECRETARY, Role.ORGANISER, Role.PROPERTY_MANAGER, Role.OWNERS_COMMITTEE_MEMBER, Role.STEWARD,
    Role.PARTNER, Role.MERCHANT, Role.PARTNER_MANAGER, Role.EVALUATOR, Role.VILLAGE_MEDIATOR, Role.TOWNSHIP_MEDIATOR,
    Role.COUNTY_CENTRE, Role.JOINT_DEPARTMENT, Role.JUDGES_CLERK, Role.RESPECTED_HELPER, Role.COUNSELLOR,
)  # fmt: skip


@dataclass
class Registry:
    """``home`` and ``flat`` lie in the grid, ``away`` in the other one. People: those of the city, ``neighbour``."""

    city: object
    estate: Estate
    building: Building
    home: Dwelling
    flat: Dwelling
    away: Dwelling
    neighbour: User

    def user(self, role) -> User:
        return self.neighbour if role == "neighbour" else self.city.user(role)

    def claim(self, model=Residency, *, actor=None, dwelling=None, **given):
        """A claim of the resident."""
        actor, dwelling = actor or self.user("resident"), dwelling or self.home
        if model is Residency:
            return residency_claim(actor=actor, dwelling=dwelling, **({"kind": "owner"} | given))
        return ownership_claim(actor=actor, dwelling=dwelling, **given)

    def in_state(self, model, state: str, **given):
        """A row of the resident brought into ``state`` by those who may."""
        tie = self.claim(model, **given)
        staff, own = self.user("community_staff"), self.user("resident")
        ways = {
            "claimed": [],
            "verified": [("verify", staff, {})],
            "refused": [("refuse", staff, {"reason": "查无此人"})],
            "withdrawn": [("withdraw", own, {})],
            "ended": [("verify", staff, {}), ("end", own, {})],
        }
        for name, actor, data in ways[state]:
            tie = act(tie, name, actor=actor, **data)
        return tie

    def owner(self, name="王明", share=(1, 2), user=None, dwelling=None):
        """An owner entered by the community."""
        return ownership_enter(
            actor=self.user("community_staff"), dwelling=dwelling or self.home, owner_name=name, user=user,
            owner_phone="+99900009999", share_numerator=share[0], share_denominator=share[1], reason="房产证",
        )  # fmt: skip


def build_registry(city, *, people: bool = True) -> Registry:
    """Make the estates in the current database; ``people``: and those who hold the roles of estates."""
    estate = Estate.objects.create(code="gy", name="桂园", area=city.community, address="桂花路1号")
    building = Building.objects.create(estate=estate, number="3", area=city.grid)
    entrance = Entrance.objects.create(building=building, number="2")
    place = {"building": building, "area": city.grid}
    home = Dwelling.objects.create(code="gy-3-2-501", entrance=entrance, number="501", floor_area="88.50", **place)
    flat = Dwelling.objects.create(code="gy-3-2-502", entrance=entrance, number="502", **place)
    other = Estate.objects.create(code="ly", name="柳苑", area=city.other_community)
    there = Building.objects.create(estate=other, number="1", area=city.other_grid)
    away = Dwelling.objects.create(code="ly-1-101", building=there, area=city.other_grid, number="101")
    neighbour = User.objects.create_user("neighbour", "correct horse battery", name="邻居")
    if people:
        _people_of_estates(city)
    return Registry(city, estate, building, home, flat, away, neighbour)


def _people_of_estates(city) -> None:
    """The roles that the small city has nobody for: in the community, and outsiders in the other one."""
    for role in OF_ESTATES:
        for key, unit, area in (
            (role, "committee", "community"),
            (f"outside_{role}", "other_committee", "other_community"),
        ):
            user = User.objects.create_user(str(key), PASSWORD, name=f"{key}员", is_staff=True)
            Appointment.objects.create(user=user, unit=city.unit(unit), role=role, area=city.area(area))
            city.people[str(key)] = user


@pytest.fixture
def registry(city) -> Registry:
    """The estates, for tests that run in a transaction of their own."""
    return build_registry(city)


@pytest.fixture
def committed_registry(transactional_db) -> Registry:
    """The estates committed, for tests with several connections."""
    return build_registry(build_city())
