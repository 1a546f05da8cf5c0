"""Filters of the list of rounds. An unknown value shows nothing rather than everything."""

from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter, MultipleDropdownFilter

from cases.admin.filters import KeyFilter
from cases.models import PatrolRoute, PatrolState
from cases.patrol_querysets import TEAM_ROLES
from governance.models import OrgUnit, User


class PatrolStateFilter(MultipleDropdownFilter):
    """One or several states."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request, model_admin):
        return PatrolState.choices

    def queryset(self, request, queryset):
        chosen = [value for value in self.value() or [] if value]
        return queryset.filter(state__in=chosen) if chosen else queryset


class MissingFilter(DropdownFilter):
    """Rounds that were missed, or points of which were."""

    title = _("missed")
    parameter_name = "missing"

    def lookups(self, request, model_admin):
        return [("yes", _("Round or points missed"))]

    def queryset(self, request, queryset):
        if not self.value():
            return queryset
        return queryset.missing_something() if self.value() == "yes" else queryset.none()


class RouteFilter(KeyFilter):
    title = _("patrol route")
    parameter_name = "route"

    def choose(self, request):
        return PatrolRoute.objects.visible_to(request.user)

    def narrow(self, queryset, row):
        return queryset.filter(route=row)


class TeamUnitFilter(KeyFilter):
    """The unit whose team goes round."""

    title = _("team's unit")
    parameter_name = "unit"

    def choose(self, request):
        routes = PatrolRoute.objects.visible_to(request.user)
        return OrgUnit.objects.visible_to(request.user).filter(pk__in=routes.values("unit_id"))

    def narrow(self, queryset, row):
        return queryset.filter(unit=row)


class WorkerFilter(KeyFilter):
    """Who went round: people who are or were in a team of a route the reader sees."""

    title = _("patrolled by")
    parameter_name = "worker"

    def choose(self, request):
        units = PatrolRoute.objects.visible_to(request.user).values("unit_id")
        people = User.objects.filter(appointments__unit__in=units, appointments__role__in=TEAM_ROLES)
        return people.distinct().order_by("name", "username")

    def narrow(self, queryset, row):
        return queryset.filter(worker=row)
