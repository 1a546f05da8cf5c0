"""Reads of patrols; every list starts from ``visible_to(user)``."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.apps import apps
from django.db import models
from django.db.models import Count, F, IntegerField, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from governance.models.organisation import Role
from governance.scoping import Anywhere, InArea, OfUnit, Own, Relation, ScopedQuerySet, visible_q
from governance.workflow import WorkflowQuerySet

# Roles in which people walk rounds, and those that watch over them.
TEAM_ROLES = (Role.GRID_WORKER, Role.COMMUNITY_STAFF, Role.STEWARD)
SUPERVISOR_ROLES = (Role.ADMINISTRATOR, Role.OPERATIONS_CENTRE, Role.COMMUNITY_STAFF)


@dataclass(frozen=True)
class OfRole(Relation):
    """A role field of the object is the role of the grant: with ``OfUnit``, the team."""

    field: str = "role"

    def q(self, grant, user):
        return Q(**{self.field: grant.role})

    def holds(self, obj, grant, user):
        return getattr(obj, self.field) == grant.role


@dataclass(frozen=True)
class Unassigned(Relation):
    """The object is nobody's in particular: anybody of the team may take it."""

    field: str = "worker"

    def q(self, grant, user):
        return Q(**{f"{self.field}__isnull": True})

    def holds(self, obj, grant, user):
        return getattr(obj, f"{self.field}_id") is None


@dataclass(frozen=True)
class KeptTeams:
    """Teams of a role that an app above keeps: the ids of the routes a person's teams walk today, and a filter of the
    people who are of a route's team today."""

    routes_of: Callable[[object], frozenset[int]]
    people_of: Callable[[models.Model], Q]


_kept: dict[str, KeptTeams] = {}


def teams_kept(role: str, kept: KeptTeams) -> None:
    """State that the unit and the role alone do not make somebody of ``role`` one of a route's team."""
    _kept[role] = kept


def people_kept(role: str, route: models.Model) -> Q:
    """Return the filter of people whom the teams of ``role`` leave for a route; all where nobody keeps them."""
    return _kept[role].people_of(route) if role in _kept else Q()


@dataclass(frozen=True)
class OfKeptTeam(Relation):
    """The route (``field`` leads to its id) is walked by a team of the person's, for roles whose teams are kept."""

    field: str = "route_id"

    def q(self, grant, user):
        if grant.role not in _kept:
            return Q(pk__isnull=False)
        return Q(**{f"{self.field}__in": _kept[grant.role].routes_of(user)})

    def holds(self, obj, grant, user):
        return grant.role not in _kept or getattr(obj, self.field) in _kept[grant.role].routes_of(user)


IN_AREA = InArea()
OF_UNIT = IN_AREA & OfUnit("unit") & OfRole()
OF_TEAM = OF_UNIT & OfKeptTeam()
WALKS = OF_TEAM & (Unassigned() | Own("worker"))
WALKERS = dict.fromkeys(TEAM_ROLES, WALKS)
SUPERVISORS = dict.fromkeys(SUPERVISOR_ROLES, IN_AREA)
# A team sees its own routes and rounds; who supervises an area, all in it.
SEES_PATROL = {Role.SYSTEM: Anywhere()} | dict.fromkeys(TEAM_ROLES, OF_TEAM) | SUPERVISORS
SEES_ROUTE = {Role.SYSTEM: Anywhere()} | dict.fromkeys(TEAM_ROLES, OF_UNIT & OfKeptTeam("pk")) | SUPERVISORS


class RouteQuerySet(ScopedQuerySet):
    VISIBLE = SEES_ROUTE

    def get_by_natural_key(self, code):
        return self.get(code=code)


class PointQuerySet(models.QuerySet):
    def get_by_natural_key(self, route_code, position):
        return self.get(route__code=route_code, position=position)


class PlanQuerySet(models.QuerySet):
    def get_by_natural_key(self, code):
        return self.get(code=code)

    def visible_to(self, user):
        """Plans of the routes a person sees."""
        routes = apps.get_model("cases", "PatrolRoute").objects.visible_to(user)
        return self.filter(route__in=routes.values("pk"))

    def in_use(self, first, last):
        """Plans that make rounds on some day from ``first`` to ``last``."""
        return self.filter(
            Q(valid_to__isnull=True) | Q(valid_to__gte=first),
            valid_from__lte=last,
            route__is_active=True,
            route__unit__is_active=True,
        )


def _counted(rows, what: str, *, of: str = "patrol"):
    """Return a count of ``what`` over rows of one patrol, 0 where there are none."""
    counted = rows.filter(**{of: OuterRef("pk")}).order_by().values(of)
    return Coalesce(
        Subquery(counted.annotate(counted=Count(what, distinct=True)).values("counted")), 0, output_field=IntegerField()
    )


class PatrolQuerySet(WorkflowQuerySet):
    VISIBLE = SEES_PATROL

    def with_rows(self):
        """Load what a list row shows in the same statement."""
        return self.select_related("route", "area", "unit", "worker").defer("area__boundary")

    def with_figures(self):
        """Add ``points_reached``, ``points_missed`` and ``findings_made`` to each round."""
        reached = apps.get_model("cases", "CheckIn").objects.filter(at_place=True, at__lte=F("patrol__ends_at"))
        missed = apps.get_model("cases", "MissedPoint").objects.all()
        findings = apps.get_model("cases", "PatrolFinding").objects.all()
        return self.annotate(
            points_reached=_counted(reached, "point"),
            points_missed=_counted(missed, "point"),
            findings_made=_counted(findings, "pk"),
        )

    def under(self, area):
        """Rounds in the area and all under it."""
        return self.filter(area__path__startswith=area.path)

    def to_walk(self, user):
        """Rounds that ``user`` may walk."""
        found = visible_q(WALKERS, user)
        return self.none() if found is None else self.filter(found)

    def of_today(self):
        """Rounds still to be walked today: their window touches today, or they are under way."""
        begins = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
        today = Q(starts_at__lt=begins + timedelta(days=1), ends_at__gte=begins)
        return self.filter(Q(state="planned") & today | Q(state="under_way"))

    def missing_something(self):
        """Rounds that were missed, or points of which were."""
        missed = apps.get_model("cases", "MissedPoint").objects.values("patrol_id")
        return self.filter(Q(state="missed") | Q(pk__in=missed))
