"""A community with residents, an estate and kinds of need, for the tests of needs."""

from dataclasses import dataclass, field
from datetime import date, datetime

from django.contrib.auth.hashers import make_password

from conftest import PASSWORD, City
from governance.clock import SHANGHAI
from governance.models import (
    Appointment,
    Building,
    Dwelling,
    Entrance,
    Estate,
    OrgUnit,
    Residency,
    ResidencyKind,
    Role,
    User,
)
from governance.registry.workflow import TieState
from governance.scoping import forget_grants
from governance.workflow import act
from partners.models import Need, NeedCategory, NeedState
from partners.needs.registering import Raiser, need_register, resident_raise

SINCE = date(2020, 1, 1)
NOW = datetime(2026, 6, 2, 10, 0, tzinfo=SHANGHAI)  # a Tuesday
N = NeedState
# How a need comes into each state.
WAYS = {
    N.REGISTERED: [], N.VERIFIED: ["verify"], N.MERGED: ["verify", "merge"], N.TRANSFERRED: ["verify", "transfer"],
    N.ADOPTED: ["verify", "adopt"], N.DECLINED: ["verify", "decline"], N.SOLVED: ["verify", "adopt", "solve"],
    N.CALLED_BACK: ["verify", "adopt", "solve", "call_back"],
}  # fmt: skip


@dataclass
class Hall:
    """``manager`` keeps the needs; ``neighbours[n]`` lives in ``dwellings[n]``; the last is an outsider's community."""

    city: City
    estate: Estate = None
    other_estate: Estate = None
    dwellings: list[Dwelling] = field(default_factory=list)
    neighbours: list[User] = field(default_factory=list)
    unit: OrgUnit = None

    @property
    def manager(self) -> User:
        return self.city.user("partner_manager")

    def neighbour(self, number: int) -> User:
        forget_grants(self.neighbours[number])
        return self.neighbours[number]

    def category(self, code: str = "elders") -> NeedCategory:
        return NeedCategory.objects.get(code=code)

    def need(self, title: str = "教老人用智能手机", **given) -> Need:
        """Register a need by telephone, for a named person."""
        given = {
            "actor": self.manager, "source": "phone", "area": self.city.area("community"), "title": title,
            "category": self.category(), "raisers": [Raiser(name="张奶奶", phone="13900001111")],
        } | given  # fmt: skip
        return need_register(**given)

    def own(self, number: int = 0, title: str = "开办长者食堂", **given) -> Need:
        """Let a neighbour raise a need."""
        return resident_raise(actor=self.neighbour(number), title=title, **given)

    def step(self, need: Need, step_name: str, /, *, by=None, **given) -> Need:
        """Carry a step out as the manager, or whoever ``by`` is, with what its form usually gives."""
        usual = {
            "transfer": {"unit": self.unit}, "decline": {"reason": "本年度没有经费"},
            "solve": {"evidence": "已开课三期"}, "call_back": {"satisfied": True},
        }.get(step_name, {})  # fmt: skip
        if step_name == "merge" and "into" not in given:
            usual = {"into": self.go(self.need("长者手机班"), "verified")}
        return act(need, step_name, actor=by or self.manager, **(usual | given))

    def go(self, need: Need, state: str) -> Need:
        """Bring a fresh need into a state."""
        for name in WAYS[state]:
            need = self.step(need, name)
        return need

    def in_state(self, state: str, **given) -> Need:
        return self.go(self.need(**given), state)


def build_hall(city: City) -> Hall:
    """Add what needs want to the small city."""
    password = make_password(PASSWORD)
    made = Hall(city)
    made.estate = Estate.objects.create(code="GY", name="桂园", area=city.area("community"))
    made.other_estate = Estate.objects.create(code="LY", name="兰园", area=city.area("other_community"))
    for estate, grid in ((made.estate, "grid"), (made.other_estate, "other_grid")):
        building = Building.objects.create(estate=estate, number="1", area=city.area(grid), floors=1)
        entrance = Entrance.objects.create(building=building, number="1")
        made.dwellings += Dwelling.objects.bulk_create(
            Dwelling(code=f"{estate.code}-1-1-{flat}", building=building, entrance=entrance, area=city.area(grid),
                     floor=1, number=str(flat), floor_area="80.00", use="residential")
            for flat in range(101, 104)
        )  # fmt: skip
    users = [User(username=f"n-{n}", name=f"邻居{n}", phone=f"1390000020{n}", password=password) for n in range(6)]
    made.neighbours = User.objects.bulk_create(users)
    Residency.objects.bulk_create(
        Residency(user=user, dwelling=home, area=home.area, kind=ResidencyKind.TENANT, valid_from=SINCE,
                  state=TieState.VERIFIED)
        for user, home in zip(made.neighbours, made.dwellings, strict=True)
    )  # fmt: skip
    _workers(made, password)
    codes = [("elders", "为老服务", ["老人", "长者"]), ("services", "便民", ["充电"]), ("other", "其他", [])]
    NeedCategory.objects.bulk_create(NeedCategory(code=code, name=name, words=words) for code, name, words in codes)
    return made


def _workers(made: Hall, password: str) -> None:
    """People of roles the small city has not: here and, as ``outside_…``, in the other community."""
    city = made.city
    made.unit = OrgUnit.objects.create(code="clinic", name="社区卫生站", kind="department", area=city.area("community"))
    roles = [Role.PARTNER_MANAGER, Role.ORGANISER, Role.PARTY_SECRETARY, Role.STEWARD, Role.PROPERTY_MANAGER]
    rows = []
    for role in roles:
        for key, community, unit in (
            (str(role), "community", city.units["committee"]),
            (f"outside_{role}", "other_community", city.units["other_committee"]),
        ):
            person = User.objects.create(username=f"w-{key}", name=f"{key}", is_staff=True, password=password)
            city.people[key] = person
            rows.append(Appointment(user=person, unit=unit, role=role, area=city.area(community), valid_from=SINCE))
    person = User.objects.create(username="w-doctor", name="站长", is_staff=True, password=password)
    city.people["doctor"] = person
    rows.append(Appointment(user=person, unit=made.unit, role=Role.HANDLER, area=made.unit.area, valid_from=SINCE))
    Appointment.objects.bulk_create(rows)
