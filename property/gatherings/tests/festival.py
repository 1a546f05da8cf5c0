"""A small neighbours' event, and events brought into each state by the people who may; for tests."""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from governance.clock import SHANGHAI
from governance.models import OpeningHours, Residency, ResidencyKind, User, Venue
from governance.registry.workflow import TieState
from governance.workflow import act
from property.gatherings.planning import event_plan
from property.gatherings.signing import sign_up
from property.models import EventState, NeighbourEvent, SignUp, SkillCategory
from property.tests.neighbourhood import Neighbourhood

# A Tuesday; the events of the tests are on Saturday the 13th at 14:00.
NOW = datetime(2026, 6, 2, 10, tzinfo=SHANGHAI)
BEGINS = datetime(2026, 6, 13, 14, tzinfo=SHANGHAI)
ENDS = BEGINS + timedelta(hours=2)
S = EventState
WAYS = {
    S.DRAFT: [],
    S.PUBLISHED: ["publish"],
    S.CLOSED: ["publish", "close"],
    S.UNDER_WAY: ["publish", "begin"],
    S.HELD: ["publish", "begin", "finish"],
    S.SETTLED: ["publish", "begin", "finish", "settle"],
    S.POSTPONED: ["publish", "postpone"],
    S.CANCELLED: ["publish", "cancel"],
}
TIMES = {"begin": BEGINS, "finish": ENDS, "settle": ENDS + timedelta(days=1)}
GIVEN = {"postpone": {"reason": "暴雨"}, "cancel": {"reason": "场地维修"}}


@dataclass
class Square:
    """The estate with a hall for 40 and its neighbours: ``neighbours[n]`` is an owner who lives in ``dwellings[n]``."""

    place: Neighbourhood
    hall: Venue
    neighbours: list[User] = field(default_factory=list)

    @property
    def city(self):
        return self.place.city

    @property
    def organiser(self):
        return self.city.user("organiser")

    def event(self, **given) -> NeighbourEvent:
        """Return a draft: cooking together for the estate, 3 places for heads, one companion, in the hall."""
        given = {
            "kind": "cooking", "title": "端午包粽子", "area": self.city.area("community"), "estate": self.place.estate,
            "unit": self.city.committee, "starts_at": BEGINS, "ends_at": ENDS, "venue": self.hall, "places": 3,
            "companions_most": 2,
        } | given  # fmt: skip
        return event_plan(actor=given.pop("actor", self.organiser), **given)

    def step(self, obj, step_name: str, /, *, by=None, at: datetime | None = None, **given):
        """Carry a step out as the organiser, or whoever ``by`` is."""
        return act(obj, step_name, actor=by or self.organiser, occurred_at=at, **given)

    def in_state(self, state: str, **given) -> NeighbourEvent:
        """Return an event in ``state``; nobody has signed up."""
        event = self.event(**given)
        for name in WAYS[state]:
            event = self.go(event, name)
        return event

    def go(self, event: NeighbourEvent, name: str) -> NeighbourEvent:
        """Carry one step out at its usual time."""
        return self.step(event, name, at=TIMES.get(name), **GIVEN.get(name, {}))

    def open(self, **given) -> NeighbourEvent:
        """Return an event people can sign up to."""
        return self.in_state(S.PUBLISHED, **given)

    def sign_up(self, event: NeighbourEvent, number: int, **given) -> SignUp:
        """Let a neighbour sign up."""
        return sign_up(event, actor=self.neighbours[number], **given)

    def states(self, event: NeighbourEvent) -> list[str]:
        """Return the states of all sign-ups in the order in which they asked first."""
        return list(SignUp.objects.filter(event=event).order_by("id").values_list("state", flat=True))


def build_square(place: Neighbourhood) -> Square:
    """Add the hall and two kinds of skill; of the last dwelling somebody lives there too, as a tenant."""
    city = place.city
    hall = Venue.objects.create(
        code="square", name="居民之家", area=city.area("community"), unit=city.committee, capacity=40
    )
    OpeningHours.objects.bulk_create(
        OpeningHours(venue=hall, weekday=day, opens=time(8), closes=time(22)) for day in range(7)
    )
    tenant = User.objects.create_user("tenant", name="租户", phone="13900000077")
    Residency.objects.create(
        user=tenant, dwelling=place.dwellings[-1], area=place.dwellings[-1].area, kind=ResidencyKind.TENANT,
        valid_from=date(2020, 1, 1), state=TieState.VERIFIED,
    )  # fmt: skip
    SkillCategory.objects.bulk_create(
        [SkillCategory(code="music", name="乐器"), SkillCategory(code="repair", name="小修小补")]
    )
    return Square(place, hall, [*[one for one in place.owners if one], tenant])
