"""Who stands how to a venue and its bookings, and the reads of both; every list starts from ``visible_to(user)``."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import reduce

from django.db import models
from django.db.models import Q
from django.utils import timezone

from governance.clock import SHANGHAI
from governance.models.organisation import Role
from governance.scoping import Anywhere, InArea, Own, Relation, ScopedQuerySet, grants_of
from governance.workflow import WorkflowQuerySet

STAFF_ROLES = tuple(role for role in Role if role not in (Role.RESIDENT, Role.SYSTEM))
# Roles that book whatever room serves the place they work in. Others book only the rooms their own unit runs.
AT_THE_PLACE = (
    Role.COMMUNITY_STAFF,
    Role.OPERATIONS_CENTRE,
    Role.ADMINISTRATOR,
    Role.REGISTRAR,
    Role.DISPATCHER,
    Role.GRID_WORKER,
    Role.VILLAGE_MEDIATOR,
    Role.TOWNSHIP_MEDIATOR,
    Role.COUNTY_CENTRE,
)


def paths_above(path: str) -> list[str]:
    """Return the path and those of the areas above it: ``/1/2/`` gives ``/1/`` and ``/1/2/``."""
    parts = path.strip("/").split("/") if path.strip("/") else []
    return ["/" + "/".join(parts[: depth + 1]) + "/" for depth in range(len(parts))]


@dataclass(frozen=True)
class ServesArea(Relation):
    """The object's area lies under the grant's area, or holds it: a room of the community serves each of its grids."""

    field: str = "area"

    def q(self, grant, user):
        return InArea(self.field).q(grant, user) | Q(**{f"{self.field}__path__in": paths_above(grant.area_path)})

    def holds(self, obj, grant, user):
        area = getattr(obj, self.field)
        return area.path.startswith(grant.area_path) or grant.area_path.startswith(area.path)


@dataclass(frozen=True)
class RunBy(Relation):
    """The grant's unit runs the venue; ``venue`` is the way to it from the object ("" = it is one)."""

    venue: str = ""

    def q(self, grant, user):
        if grant.unit_id is None:
            return Q(pk__in=[])
        return Q(**{f"{self.venue}__unit_id" if self.venue else "unit_id": grant.unit_id})

    def holds(self, obj, grant, user):
        found = getattr(obj, self.venue) if self.venue else obj
        return grant.unit_id is not None and found.unit_id == grant.unit_id


@dataclass(frozen=True)
class OpenToResidents(Relation):
    """A venue in use, for people without a post: they look up when it is free."""

    def q(self, grant, user):
        return Q(is_active=True) if _only_resident(user) else Q(pk__in=[])

    def holds(self, obj, grant, user):
        return obj.is_active and _only_resident(user)


def _only_resident(user) -> bool:
    return all(grant.role == Role.RESIDENT for grant in grants_of(user))


SERVES = ServesArea()
RUNS = RunBy()
RUNS_ITS_VENUE = RunBy("venue")
SEES_VENUE = dict.fromkeys(STAFF_ROLES, SERVES | RUNS) | {Role.SYSTEM: Anywhere(), Role.RESIDENT: OpenToResidents()}
SEES_BOOKINGS = dict.fromkeys(STAFF_ROLES, SERVES | RUNS_ITS_VENUE) | {Role.SYSTEM: Anywhere()}
# Who may book a venue. A system actor books what an app lets a person have, and names it as the purpose.
BOOKS = (
    dict.fromkeys(STAFF_ROLES, RUNS)
    | dict.fromkeys(AT_THE_PLACE, SERVES | RUNS)
    | {
        Role.SYSTEM: Anywhere(),
    }
)
# Who may move or cancel a booking: the unit that runs the venue, who booked it, administrators of the area.
CHANGES_BOOKING = (
    dict.fromkeys(STAFF_ROLES, RUNS_ITS_VENUE)
    | dict.fromkeys(AT_THE_PLACE, RUNS_ITS_VENUE | (Own("booked_by") & SERVES))
    | {
        Role.ADMINISTRATOR: InArea() | RUNS_ITS_VENUE | (Own("booked_by") & SERVES),
        Role.SYSTEM: Anywhere(),
    }
)


class VenueQuerySet(ScopedQuerySet):
    VISIBLE = SEES_VENUE

    def get_by_natural_key(self, code):
        return self.get(code=code)

    def bookable_by(self, user):
        """Venues in use that ``user`` may book."""
        parts = [BOOKS[grant.role].q(grant, user) for grant in grants_of(user) if grant.role in BOOKS]
        return self.filter(reduce(Q.__or__, parts), is_active=True) if parts else self.none()

    def with_times(self):
        """Load what a list shows: names, and opening hours in one statement more, closures to come in another."""
        coming = self.model._meta.get_field("closures").related_model.objects.filter(last_day__gte=timezone.localdate())
        return self.select_related("area", "unit").defer("area__boundary").prefetch_related(
            "hours", models.Prefetch("closures", queryset=coming)
        )  # fmt: skip


class BookingQuerySet(WorkflowQuerySet):
    VISIBLE = SEES_BOOKINGS

    def with_rows(self):
        """Load what a row shows in one statement."""
        return self.select_related("venue", "area", "unit", "booked_by", "series").defer("area__boundary")

    def booked(self):
        """Bookings that hold."""
        return self.filter(state="booked")

    def between(self, start: datetime, end: datetime):
        """Bookings any part of which lies in [start, end)."""
        return self.filter(period__overlap=(start, end))

    def on_day(self, day: date):
        """Bookings any part of which lies on a day (Asia/Shanghai)."""
        start = datetime.combine(day, time(), SHANGHAI)
        return self.between(start, start + timedelta(days=1))

    def of_interest_to(self, user, units):
        """Bookings made by the person, in the name of one of ``units`` (keys), or in a room one of them runs."""
        return self.filter(Q(booked_by=user) | Q(unit__in=units) | Q(venue__unit__in=units))

    def to_come(self):
        """Bookings that have not begun."""
        return self.filter(period__startswith__gt=timezone.now())


class SeriesQuerySet(ScopedQuerySet):
    VISIBLE = SEES_BOOKINGS


class FeedQuerySet(WorkflowQuerySet):
    """Calendar links are their owner's alone."""

    VISIBLE = {Role.RESIDENT: Own("owner")}

    def in_use(self):
        return self.filter(state="active")
