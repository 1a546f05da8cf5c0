"""A small assembly, and sessions brought into each state by the people who may; for tests."""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

import time_machine

from governance.clock import SHANGHAI
from governance.models import OpeningHours, Venue
from governance.workflow import act
from partners.models import NeedCategory
from property.assembly.making import session_add
from property.assembly.topics import topic_propose
from property.models import (
    AgendaItem,
    Assembly,
    AssemblySession,
    FollowUpItem,
    Invitation,
    PartyOrganisation,
    Seat,
    SessionState,
)
from property.tests.neighbourhood import Neighbourhood, company_serves

# A Tuesday without a holiday near it; sessions of the tests are on Saturday the 13th at 09:30.
NOW = datetime(2026, 6, 2, 10, tzinfo=SHANGHAI)
BEGINS = datetime(2026, 6, 13, 9, 30, tzinfo=SHANGHAI)
ENDS = BEGINS + timedelta(hours=2)
S = SessionState
# By which steps a session gets into a state, from draft.
WAYS = {
    S.DRAFT: [],
    S.COLLECTING: ["collect"],
    S.NOTICED: ["collect", "notice"],
    S.IN_SESSION: ["collect", "notice", "open"],
    S.MINUTING: ["collect", "notice", "open", "close"],
    S.CONFIRMED: ["collect", "notice", "open", "close", "write", "approve"],
    S.PUBLISHED: ["collect", "notice", "open", "close", "write", "approve", "publish"],
    S.ARCHIVED: ["collect", "notice", "open", "close", "write", "approve", "publish", "archive"],
    S.POSTPONED: ["postpone"],
    S.INQUORATE: ["collect", "notice", "fall_short"],
    S.CANCELLED: ["cancel"],
}


@dataclass
class House:
    """``assembly`` of the estate, chaired by ``committee``; seats: the party organisation (the secretary), the property
    company, the owners' committee, two residents (owners 1 and 2), a guest by name. The quorum is more than half, at
    least three, with the party organisation.
    """

    place: Neighbourhood
    committee: PartyOrganisation
    hall: Venue
    assembly: Assembly
    seats: dict[str, Seat] = field(default_factory=dict)

    @property
    def city(self):
        return self.place.city

    def user(self, role):
        return self.city.user(role)

    @property
    def organiser(self):
        return self.user("organiser")

    @property
    def resident(self):
        return self.place.owners[2]

    def session(self, starts_at: datetime = BEGINS, **given) -> AssemblySession:
        """Return a draft made by hand, in the hall."""
        given = {"venue": self.hall, "ends_at": starts_at + timedelta(hours=2)} | given
        return session_add(actor=self.organiser, assembly=self.assembly, starts_at=starts_at, **given)

    def step(self, obj, step_name: str, /, *, by=None, at: datetime | None = None, **given):
        """Carry a step out as the organiser, or whoever ``by`` is."""
        return act(obj, step_name, actor=by or self.organiser, occurred_at=at, **given)

    def topic(self, title: str = "停车位怎么分", *, by=None) -> AgendaItem:
        """Return a topic that a resident put forward."""
        return topic_propose(actor=by or self.resident, assembly=self.assembly, title=title)

    def on_agenda(self, session: AssemblySession, title: str = "停车位怎么分") -> AgendaItem:
        """Put a topic of the chair on the agenda."""
        self.step(session, "add_item", title=title)
        return AgendaItem.objects.get(session=session, title=title)

    def sign_in(self, session: AssemblySession, *keys: str, at: datetime = BEGINS) -> None:
        """Sign seats in by hand."""
        for key in keys:
            row = Invitation.objects.get(session=session, seat=self.seats[key])
            self.step(row, "sign_in", at=at)

    def in_state(self, state: str, starts_at: datetime = BEGINS) -> AssemblySession:
        """Return a session in ``state``, with one topic; in CONFIRMED and later only the chair was asked."""
        session = self.session(starts_at)
        self.on_agenda(session)
        for name in WAYS[state]:
            session = self.go(session, name, starts_at)
        return session

    def go(self, session: AssemblySession, name: str, starts_at: datetime = BEGINS) -> AssemblySession:
        """Carry one step of the usual way out at its usual time."""
        if name == "open":
            self.sign_in(session, "party", "first", "second", "owners", at=starts_at)
        given = {"write": {"text": "会议认为……"}, "postpone": {"reason": "暴雨"}, "cancel": {"reason": "无议题"},
                 "fall_short": {"reason": "人数不足"}}.get(name, {})  # fmt: skip
        times = {"open": starts_at, "close": starts_at + timedelta(hours=2), "fall_short": starts_at}
        at = times.get(name) or (starts_at + timedelta(days=1) if name in AFTER else None)
        if name == "approve":
            return self.approve_all(session, at)
        return self.step(session, name, at=at, **given)

    def approve_all(self, session: AssemblySession, at=None) -> AssemblySession:
        """Let each party that was there confirm."""
        for person in (self.user("party_secretary"), self.user("owners_member"), self.place.owners[0]):
            session = self.step(session, "approve", by=person, at=at)
        return session

    def follow_up(self, *, due_on: date = date(2026, 6, 30), title: str = "划出十个车位") -> FollowUpItem:
        """Return an item for the property company out of a topic decided in a session of last week."""
        starts_at = datetime(2026, 6, 6, 9, 30, tzinfo=SHANGHAI)
        with time_machine.travel(NOW, tick=False):
            session = self.session(starts_at)
            topic = self.on_agenda(session)
            for name in ("collect", "notice", "open"):
                session = self.go(session, name, starts_at)
            self.step(topic, "decide", outcome="同意", at=starts_at)
            topic.refresh_from_db()
            self.step(topic, "follow_up_with", title=title, owner_unit=self.city.company, due_on=due_on)
            self.go(session, "close", starts_at)
        return FollowUpItem.objects.get(title=title)


AFTER = ("write", "approve", "publish", "archive")


def build_house(place: Neighbourhood) -> House:
    """Add the assembly to the estate."""
    city = place.city
    committee = PartyOrganisation.objects.create(
        code="committee", name="社区党委", level="committee", area=city.area("community")
    )
    hall = Venue.objects.create(
        code="hall", name="议事厅", area=city.area("community"), unit=city.committee, capacity=40
    )
    OpeningHours.objects.bulk_create(
        OpeningHours(venue=hall, weekday=day, opens=time(8), closes=time(22)) for day in range(7)
    )
    assembly = Assembly.objects.create(
        code="gy", name="桂园红色议事厅", chair=committee, area=city.area("community"), estate=place.estate,
        starts=time(9, 30), venue=hall, quorum_roles=["party"], valid_from=date(2026, 3, 1),
    )  # fmt: skip
    company_serves(place, organisation=committee)
    made = House(place, committee, hall, assembly)
    NeedCategory.objects.create(code="other", name="其他")
    held = {
        "party": {"role": "party", "person": city.user("party_secretary")},
        "company": {"role": "property_company", "unit": city.company},
        "owners": {"role": "owners_committee", "unit": city.owners},
        "first": {"role": "residents", "person": place.owners[0]},
        "second": {"role": "residents", "person": place.owners[1]},
        "guest": {"role": "guest", "name": "街道干部"},
    }
    for position, (key, given) in enumerate(held.items(), start=1):
        made.seats[key] = Seat.objects.create(
            assembly=assembly, position=position, title=key, valid_from=date(2026, 1, 1), **given
        )
    return made
