"""Who may view and change routes, plans and rounds. Transitions and check-ins carry their own rule."""

from django.utils.translation import gettext as _

from cases.models.patrol import PatrolPlan, PatrolPoint
from cases.patrol_querysets import SUPERVISOR_ROLES, TEAM_ROLES
from cases.patrols import team_of
from governance.configuration import guards, lies_in
from governance.errors import Invalid
from governance.permissions import permit

KEEPERS = frozenset(SUPERVISOR_ROLES)
CONCERNED = KEEPERS | frozenset(TEAM_ROLES)

permit("cases.patrol", view=CONCERNED)
permit("cases.patrolroute", view=CONCERNED, add=KEEPERS, change=KEEPERS)
permit("cases.patrolpoint", view=CONCERNED, add=KEEPERS, change=KEEPERS)
permit("cases.patrolplan", view=CONCERNED, add=KEEPERS, change=KEEPERS)


def places_of_plan(plan: PatrolPlan) -> list:
    """A plan lies where its route lies."""
    return [plan.route.area]


def places_of_point(point: PatrolPoint) -> list:
    """A point lies where its route lies."""
    return [point.route.area]


lies_in("cases.patrolplan", places_of_plan)
lies_in("cases.patrolpoint", places_of_point)


def guard_plan(plan: PatrolPlan, _stored: PatrolPlan | None, _actor) -> None:
    """Whom a plan is assigned to must be of the route's team."""
    route = plan.route
    if plan.worker_id and not team_of(route.unit, route.role, route.area, route).filter(pk=plan.worker_id).exists():
        raise Invalid(_("This person is not of the team."), field="worker", code="not_of_team")


guards("cases.patrolplan", guard_plan)
