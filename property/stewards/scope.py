"""Who is a steward where: the teams a person is in today, what they serve, and who leads them. The one place of it.

A person is in a team from the first to the last day of a membership, while the team is in use. Any account may be:

- a *member* with an account only (a resident who helps) stands shifts, logs visits and reports what was seen;
- a member who is also appointed in the role ``steward`` walks rounds, makes care visits and looks whether services
  were done as well, in the places of the own teams and nowhere else.

Where a permission names ``Role.STEWARD``, it adds one of the relations here. What they read is loaded once for the
request, in one statement, and lives as long as the roles ``grants_of`` remembers.
"""

from dataclasses import dataclass
from functools import cached_property

from django.apps import apps
from django.db import models
from django.db.models import Q
from django.utils import timezone

from governance.models.organisation import Role
from governance.scoping import InArea, Relation, grants_of, remembered


class Standing:
    """Where a person is a steward today. Ids of memberships, teams and estates; paths of areas served as a whole."""

    def __init__(self, rows):
        self.memberships = frozenset(row["pk"] for row in rows)
        self.teams = frozenset(row["team_id"] for row in rows)
        self.led = frozenset(row["team_id"] for row in rows if row["is_lead"])
        self.estates = frozenset(row["team__estate_id"] for row in rows if row["team__estate_id"])
        self.areas = tuple({row["team__area__path"] for row in rows if not row["team__estate_id"]})

    @cached_property
    def routes(self) -> frozenset[int]:
        """Ids of the patrol routes the teams walk."""
        if not self.teams:
            return frozenset()
        rows = apps.get_model("property", "stewardroute").objects.filter(team__in=self.teams)
        return frozenset(rows.values_list("route_id", flat=True))


def standing_of(user) -> Standing:
    """Return where ``user`` is a steward today; one statement, remembered with the person's roles."""
    grants = grants_of(user)
    return remembered(user, "steward", lambda: Standing(_memberships(user) if grants else ()))


def _memberships(user) -> list[dict]:
    rows = apps.get_model("property", "stewardmember").objects.in_force(timezone.localdate())
    rows = rows.filter(person_id=user.pk, team__is_active=True).order_by("pk")
    return list(rows.values("pk", "team_id", "is_lead", "team__estate_id", "team__area__path"))


def _value(obj: models.Model, field: str):
    """Return what a path such as ``shift__team_id`` leads to; None where it ends early."""
    for part in field.split("__"):
        if obj is None:
            return None
        obj = getattr(obj, part)
    return obj


@dataclass(frozen=True)
class IsSteward(Relation):
    """The person is in a team today; says nothing of the object."""

    def q(self, grant, user):
        return Q(pk__isnull=False) if standing_of(user).teams else Q(pk__in=[])

    def holds(self, obj, grant, user):
        return bool(standing_of(user).teams)


@dataclass(frozen=True)
class InServedPlace(Relation):
    """A team of the person serves the object's estate (``estate`` leads to it), or the whole area it lies in."""

    estate: str = "estate"
    area: str = "area"

    def q(self, grant, user):
        standing = standing_of(user)
        found = Q(**{f"{self.estate}__in": standing.estates})
        for path in standing.areas:
            found |= Q(**{f"{self.area}__path__startswith": path})
        return found

    def holds(self, obj, grant, user):
        standing = standing_of(user)
        if _value(obj, f"{self.estate}_id") in standing.estates:
            return True
        area = _value(obj, self.area)
        return area is not None and area.path.startswith(standing.areas)


@dataclass(frozen=True)
class OfOwnTeam(Relation):
    """The object belongs to a team (``field`` leads to its id) in which the person is today."""

    field: str = "team_id"

    def q(self, grant, user):
        return Q(**{f"{self.field}__in": standing_of(user).teams})

    def holds(self, obj, grant, user):
        return _value(obj, self.field) in standing_of(user).teams


@dataclass(frozen=True)
class OfLedTeam(Relation):
    """The object belongs to a team that the person leads today."""

    field: str = "team_id"

    def q(self, grant, user):
        return Q(**{f"{self.field}__in": standing_of(user).led})

    def holds(self, obj, grant, user):
        return _value(obj, self.field) in standing_of(user).led


@dataclass(frozen=True)
class OfOwnMembership(Relation):
    """The object belongs to a membership of the person's that holds today."""

    field: str = "member_id"

    def q(self, grant, user):
        return Q(**{f"{self.field}__in": standing_of(user).memberships})

    def holds(self, obj, grant, user):
        return _value(obj, self.field) in standing_of(user).memberships


@dataclass(frozen=True)
class OfOneself(Relation):
    """The object belongs to any membership of the person's, past ones too: what one did stays known to oneself."""

    def q(self, grant, user):
        return Q(member__person=user.pk)

    def holds(self, obj, grant, user):
        return obj.member.person_id == user.pk


@dataclass(frozen=True)
class OfAnother(Relation):
    """The object belongs to a membership of somebody else."""

    def q(self, grant, user):
        return ~Q(member__person=user.pk)

    def holds(self, obj, grant, user):
        return obj.member.person_id != user.pk


def stewarding(estate: str = "estate", area: str = "area") -> Relation:
    """Return where somebody in the role ``steward`` works: in the appointment's area, and there in the places that the
    person's teams serve today."""
    return InArea(area) & InServedPlace(estate, area)


# A member acts by the membership, with or without an appointment; the appointment comes first on the event.
OF_TEAM = dict.fromkeys((Role.STEWARD, Role.RESIDENT), OfOwnTeam())
LEADS = dict.fromkeys((Role.STEWARD, Role.RESIDENT), OfLedTeam())
OWN = dict.fromkeys((Role.STEWARD, Role.RESIDENT), OfOwnMembership())
COMMUNITY_ROLES = (Role.COMMUNITY_STAFF, Role.ORGANISER, Role.PARTY_SECRETARY)
IN_AREA = InArea()
MANAGES = dict.fromkeys(COMMUNITY_ROLES, IN_AREA) | LEADS
KEEPER_ROLES = frozenset([*COMMUNITY_ROLES, Role.ADMINISTRATOR])
# The lists of the admin; members with an account only have their own pages.
LIST_ROLES = KEEPER_ROLES | {Role.STEWARD}
