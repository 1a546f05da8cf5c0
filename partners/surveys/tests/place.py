"""A small estate with dwellings and their people, and questionnaires in each state; for tests."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.contrib.auth.hashers import make_password

from conftest import PASSWORD, City
from governance.clock import SHANGHAI
from governance.models import (
    Appointment,
    Building,
    Dwelling,
    Entrance,
    Estate,
    Ownership,
    Residency,
    ResidencyKind,
    Role,
    User,
)
from governance.registry.workflow import TieState
from governance.scoping import forget_grants
from governance.workflow import act
from partners.models import Survey, SurveyState
from partners.surveys.answering import form_token, sheet_submit
from partners.surveys.building import survey_make

SINCE = date(2020, 1, 1)
NOW = datetime(2026, 6, 2, 10, tzinfo=SHANGHAI)
CLOSES = NOW + timedelta(days=10)
S = SurveyState
MORE_PEOPLE = [  # key, role, unit, area
    ("partner_manager", Role.PARTNER_MANAGER, "committee", "community"),
    ("outside_partner_manager", Role.PARTNER_MANAGER, "other_committee", "other_community"),
    ("steward", Role.STEWARD, "committee", "community"),
    ("outside_steward", Role.STEWARD, "other_committee", "other_community"),
    ("organiser", Role.ORGANISER, "committee", "community"),
    ("partner", Role.PARTNER, "committee", "community"),
]
WAYS = {
    S.DRAFT: [], S.SCHEDULED: ["schedule"], S.OPEN: ["open"], S.CLOSED: ["open", "close"],
    S.PUBLISHED: ["open", "close", "publish"], S.WITHDRAWN: ["withdraw"],
}  # fmt: skip
QUESTIONS = [
    {"key": "elders", "kind": "single", "text": "家里有老人吗？", "required": True,
     "options": [{"key": "yes", "text": "有"}, {"key": "no", "text": "没有"}],
     "jumps": [{"to": "often",
                "when": {"match": "all", "atoms": [{"question": "elders", "op": "is", "value": "no"}]}}]},
    {"key": "needs", "kind": "multiple", "text": "老人需要什么？", "other": True, "most": "2",
     "options": [{"key": "meals", "text": "助餐"}, {"key": "care", "text": "日间照料"},
                 {"key": "phone", "text": "手机培训"}]},
    {"key": "often", "kind": "scale5", "text": "对社区服务满意吗？"},
    {"key": "why", "kind": "long", "text": "哪里不满意？",
     "show_if": {"match": "all", "atoms": [{"question": "often", "op": "at_most", "value": "2"}]}},
]  # fmt: skip
YES = {"elders": {"choices": ["yes"]}, "needs": {"choices": ["meals"]}, "often": {"number": 5}}


@dataclass
class Place:
    """``city`` with ``estate`` 桂园 in ``community``: eight dwellings; ``people[n]`` owns and lives in
    ``dwellings[n]``.

    ``stranger`` owns a dwelling in the other community.
    """

    city: City
    estate: Estate
    dwellings: list[Dwelling] = field(default_factory=list)
    people: list[User] = field(default_factory=list)
    stranger: User | None = None

    @property
    def staff(self) -> User:
        return self.city.user("community_staff")

    def neighbour(self, number: int) -> User:
        forget_grants(self.people[number])
        return self.people[number]

    def draft(self, **given) -> Survey:
        """Return a draft with four questions, for the whole community, one answer per dwelling."""
        questions = given.pop("questions", QUESTIONS)
        plan = {"actor": self.staff, "area": self.city.area("community"), "title": "居民需求调查", "mode": "dwelling",
                "opens_at": NOW + timedelta(days=1), "closes_at": CLOSES, "occurred_at": NOW} | given  # fmt: skip
        made = survey_make(**plan)
        return act(made, "set_questions", actor=self.staff, questions=questions)

    def step(self, survey: Survey, name: str, *, by=None, **given) -> Survey:
        return act(survey, name, actor=by or self.staff, **given)

    def in_state(self, state: str, **given) -> Survey:
        """Return a questionnaire in ``state``."""
        survey = self.draft(**given)
        for name in WAYS[state]:
            survey = self.step(survey, name, **({"reason": "重新设计"} if name == "withdraw" else {}))
        return survey

    def open(self, **given) -> Survey:
        return self.in_state(S.OPEN, **given)

    def answer(self, survey: Survey, number: int, answers=None, **given):
        """Let a neighbour answer."""
        form = form_token(survey)
        return sheet_submit(survey, actor=self.neighbour(number), answers=answers or YES, form=form, **given)


def build_place(city: City) -> Place:
    """Add the estate and its people to the small city, and those who work for partners."""
    password = make_password(PASSWORD)
    users = [
        User(username=key, name=f"{key}员", is_staff=key != "partner", password=password) for key, *_ in MORE_PEOPLE
    ]
    city.people |= {user.username: user for user in User.objects.bulk_create(users)}
    Appointment.objects.bulk_create(
        Appointment(user=city.people[key], unit=city.units[unit], role=role, area=city.areas[area], valid_from=SINCE)
        for key, role, unit, area in MORE_PEOPLE
    )
    made = Place(city, Estate.objects.create(code="GY", name="桂园", area=city.area("community")))
    made.dwellings = _dwellings(made.estate, city.area("grid"), 8)
    made.people = [_person(f"owner{number}", home) for number, home in enumerate(made.dwellings)]
    elsewhere = Estate.objects.create(code="LY", name="柳园", area=city.area("other_community"))
    made.stranger = _person("stranger", _dwellings(elsewhere, city.area("other_grid"), 1)[0])
    return made


def _dwellings(estate: Estate, grid, count: int) -> list[Dwelling]:
    building = Building.objects.create(estate=estate, number="1", area=grid, floors=1)
    entrance = Entrance.objects.create(building=building, number="1")
    return Dwelling.objects.bulk_create(
        Dwelling(code=f"{estate.code}-1-1-{101 + number}", building=building, entrance=entrance, area=grid, floor=1,
                 number=str(101 + number), use="residential")
        for number in range(count)
    )  # fmt: skip


def _person(username: str, home: Dwelling) -> User:
    user = User.objects.create_user(username, name=username)
    lives_in(user, home)
    states = {"state": TieState.VERIFIED, "valid_from": SINCE, "area": home.area, "dwelling": home}
    Ownership.objects.create(user=user, owner_name=username, **states)
    return user


def lives_in(user: User, home: Dwelling, kind: str = ResidencyKind.OWNER) -> None:
    """Let somebody live in a dwelling, verified."""
    Residency.objects.create(user=user, dwelling=home, area=home.area, kind=kind, valid_from=SINCE,
                             state=TieState.VERIFIED)  # fmt: skip
