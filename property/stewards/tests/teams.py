"""The team of the small estate at work, for tests: who is in it, a shift that is on, a route of its own."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from cases.models import Patrol, PatrolPlan, PatrolPoint, PatrolRoute
from cases.patrol_plans import plans_make_rounds
from conftest import City
from governance.models import User
from governance.scoping import forget_grants
from property.models import StewardMember, StewardPlan, StewardRoute, StewardShift, StewardTeam
from property.stewards.shifts import shifts_make
from property.tests.neighbourhood import Neighbourhood

NOON = timezone.make_aware(datetime(2026, 11, 25, 12))


@dataclass
class Stewards:
    """``lead``: in the role steward, leads the team; ``volunteer``: a resident with an account only.

    It is noon of Wednesday, 2026-11-25 for them: pass ``at=NOON`` to services.
    """

    place: Neighbourhood
    lead: User
    volunteer: User
    member: StewardMember  # the volunteer's

    @property
    def city(self) -> City:
        return self.place.city

    @property
    def team(self) -> StewardTeam:
        return self.place.team

    def shift(self, *, wanted: int = 2, at: datetime | None = None) -> StewardShift:
        """Return a stored shift of one hour around ``at`` (NOON), which began half an hour ago."""
        at = timezone.localtime(at or NOON)
        starts, ends = at - timedelta(minutes=30), at + timedelta(minutes=30)
        plan = StewardPlan.objects.create(
            code=f"plan{StewardPlan.objects.count()}", team=self.team, name="门岗值守", day=at.date(), wanted=wanted,
            starts=starts.time(), ends=ends.time(), building=self.place.buildings[0], valid_from=at.date(),
        )  # fmt: skip
        shifts_make(at.date(), at.date(), now=at, plans=[plan])
        return plan.shifts.select_related(*StewardShift.LOCK_WITH).get()

    def patrol(self, at: datetime) -> Patrol:
        """Return a round of the team's own route whose window holds ``at``."""
        city, local = self.city, timezone.localtime(at)
        route = PatrolRoute.objects.create(
            code="GY-R", name="桂园巡查", area=city.area("grid"), unit=city.units["committee"], role="steward"
        )
        PatrolPoint.objects.create(route=route, position=1, name="北门", longitude=city.point[0],
                                   latitude=city.point[1])  # fmt: skip
        StewardRoute.objects.create(team=self.team, route=route)
        plan = PatrolPlan.objects.create(code="GY-R-1", route=route, rule="daily", starts="00:00", ends="00:00",
                                         valid_from=local.date())  # fmt: skip
        plans_make_rounds(local.date(), local.date(), now=at, plans=[plan])
        return plan.patrols.select_related(*Patrol.LOCK_WITH).get()

    def retire(self, person: User, last_day) -> None:
        """End a membership as if it had been entered so, and forget what is remembered of the person."""
        StewardMember.objects.filter(person=person).update(valid_to=last_day)
        self.again(person)

    @staticmethod
    def again(*people: User) -> None:
        """As in the next request: what is remembered of roles and teams is read anew."""
        for person in people:
            forget_grants(person)


def build_stewards(place: Neighbourhood) -> Stewards:
    """Put the owner of the first flat into the team of the estate."""
    volunteer = place.owners[0]
    member = StewardMember.objects.create(team=place.team, person=volunteer, kind="volunteer", valid_from="2020-01-05")
    return Stewards(place, place.city.user("steward"), volunteer, member)
