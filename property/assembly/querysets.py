"""Who sees what of an assembly; every list starts from ``visible_to(user)``, residents' lists from ``of_residents``.

Who runs it sees everything of the area. Who is asked to a session (a unit, a resident's representative) sees that one.
Residents of the place see sessions once topics are collected, topics put forward, and minutes once published: that is
``of_residents``, and the doors of residents show less of each.
"""

from dataclasses import dataclass

from django.apps import apps
from django.db import models
from django.db.models import Q
from django.utils import timezone

from governance.models.organisation import Role
from governance.models.residency import Ownership, Residency
from governance.registry.querysets import SomebodyElses
from governance.scoping import Anywhere, InArea, OfUnit, Own, Relation, ScopedQuerySet
from governance.workflow import WorkflowQuerySet
from property.estates import BOUND_ROLES, InTheirEstate
from property.stewards.scope import InServedPlace

IN_AREA = InArea()
SYSTEM = {Role.SYSTEM: Anywhere()}
RUNNING_ROLES = (Role.ORGANISER, Role.PARTY_SECRETARY, Role.COMMUNITY_STAFF)
UNIT_ROLES = BOUND_ROLES
LOOKING_ROLES = (Role.ADMINISTRATOR, Role.OPERATIONS_CENTRE)
# Roles in which people take on what was decided, for their unit or themselves.
DOING_ROLES = (*RUNNING_ROLES, *UNIT_ROLES, Role.HANDLER, Role.STEWARD, Role.GRID_WORKER)
RUNS = dict.fromkeys(RUNNING_ROLES, IN_AREA)
LOOKS = SYSTEM | dict.fromkeys(LOOKING_ROLES, IN_AREA)


def _model(name: str) -> type[models.Model]:
    return apps.get_model("property", name)


@dataclass(frozen=True)
class UnitAsked(Relation):
    """The grant's unit is asked to the session, and the invitation was not taken back. ``holds`` reads ``invitations``,
    which lists load at once."""

    def q(self, grant, user):
        if grant.unit_id is None:
            return Q(pk__in=[])
        asked = _model("invitation").objects.filter(unit_id=grant.unit_id).exclude(state="withdrawn")
        return Q(pk__in=asked.values("session_id"))

    def holds(self, obj, grant, user):
        asked = (row for row in obj.invitations.all() if row.state != "withdrawn")
        return grant.unit_id is not None and any(row.unit_id == grant.unit_id for row in asked)


@dataclass(frozen=True)
class PersonAsked(Relation):
    """The person is asked to the session: not who came in to listen, nor whose invitation was taken back."""

    def q(self, grant, user):
        rows = _model("invitation").objects.filter(person_id=user.pk)
        return Q(pk__in=rows.exclude(state="withdrawn").exclude(role="listener").values("session_id"))

    def holds(self, obj, grant, user):
        mine = (row for row in obj.invitations.all() if row.person_id == user.pk)
        return any(row.state != "withdrawn" and row.role != "listener" for row in mine)


@dataclass(frozen=True)
class HasSeat(Relation):
    """The grant's unit holds a seat in the assembly today."""

    def q(self, grant, user):
        if grant.unit_id is None:
            return Q(pk__in=[])
        seats = _model("seat").objects.in_force(timezone.localdate())
        return Q(pk__in=seats.filter(unit_id=grant.unit_id).values("assembly_id"))

    def holds(self, obj, grant, user):
        today = timezone.localdate()
        held = (row for row in obj.seats.all() if row.holds_on(today))
        return grant.unit_id is not None and any(row.unit_id == grant.unit_id for row in held)


# Who is asked to one evening is asked by name, and confirms its minutes whatever became of the contract since.
ASKED = dict.fromkeys(UNIT_ROLES, UnitAsked()) | {Role.RESIDENT: PersonAsked()}
ANSWERS = dict.fromkeys(UNIT_ROLES, OfUnit("unit")) | {Role.RESIDENT: Own("person")}
OWNS = (
    dict.fromkeys(DOING_ROLES, OfUnit("owner_unit") | Own("owner"))
    | dict.fromkeys(
        UNIT_ROLES, OfUnit("owner_unit") & InTheirEstate(("assembly__estate",), or_none=True) | Own("owner")
    )
    | {
        Role.STEWARD: OfUnit("owner_unit") & InServedPlace("assembly__estate") | Own("owner"),
        Role.RESIDENT: Own("owner"),
    }
)
# What was done is accepted by who runs the assembly, and never by whoever handed it in.
ACCEPTS_WORK = dict.fromkeys(RUNNING_ROLES, IN_AREA & SomebodyElses("submitted_by"))


def homes_of(user) -> tuple[set[int], set[int]]:
    """Return (ids of estates, ids of areas up to the city) in which a person lives or owns; two statements."""
    estates, areas = set(), set()
    for model in (Residency, Ownership):
        rows = model.objects.filter(user=user, state="verified")
        for estate, path in rows.values_list("dwelling__building__estate_id", "dwelling__area__path"):
            estates.add(estate)
            areas.update(int(part) for part in path.strip("/").split("/"))
    return estates, areas


def at_home_q(user, assembly: str = "") -> Q:
    """Return the filter of rows whose assembly is for the place in which ``user`` lives or owns; ``assembly`` is the
    way to it, such as ``assembly__``."""
    estates, areas = homes_of(user)
    own = Q(**{f"{assembly}estate__in": estates})
    return own | Q(**{f"{assembly}estate__isnull": True, f"{assembly}area__in": areas})


class AssemblyQuerySet(ScopedQuerySet):
    VISIBLE = RUNS | LOOKS | dict.fromkeys(UNIT_ROLES, HasSeat() & InTheirEstate(or_none=True))

    def get_by_natural_key(self, code):
        return self.get(code=code)

    def of_residents(self, user):
        """Assemblies in use of the places in which a person lives or owns."""
        return self.filter(at_home_q(user), is_active=True)

    def with_rows(self):
        """Load what a row shows."""
        return self.select_related("chair", "area", "estate", "venue").defer("area__boundary")


class SeatQuerySet(models.QuerySet):
    def in_force(self, day):
        """Seats that hold on a day."""
        return self.filter(Q(valid_to__isnull=True) | Q(valid_to__gte=day), valid_from__lte=day)


class SessionQuerySet(WorkflowQuerySet):
    VISIBLE = RUNS | LOOKS | ASKED

    def with_rows(self):
        """Load what a row shows and what tells who may see it: two statements."""
        rows = self.select_related("assembly__chair", "assembly__estate", "area", "venue").defer("area__boundary")
        return rows.prefetch_related("invitations")

    def of_residents(self, user):
        """Sessions of the places in which a person lives or owns, but drafts."""
        return self.filter(at_home_q(user, "assembly__")).exclude(state="draft")

    def to_hold(self):
        """Sessions that are still to come about."""
        return self.filter(state__in=["draft", "collecting", "noticed"])


class InvitationQuerySet(WorkflowQuerySet):
    VISIBLE = RUNS | LOOKS | ANSWERS

    def with_rows(self):
        return self.select_related("session__assembly__estate", "area", "unit", "person").defer("area__boundary")


class AgendaQuerySet(WorkflowQuerySet):
    VISIBLE = RUNS | LOOKS | {Role.RESIDENT: Own("proposer")}

    def with_rows(self):
        """Load what a row shows: one statement, and the number of seconds."""
        related = (
            "assembly__estate",
            "session__assembly",
            "area",
            "case",
            "follow_up",
            "proposer",
            "carried_from",
            "resolution",
        )
        rows = self.select_related(*related).defer("area__boundary", "case__origin")
        return rows.annotate(seconds_count=models.Count("seconds", distinct=True))

    def of_residents(self, user):
        """Own topics, and those of the place that are put forward, on an agenda or dealt with."""
        open_ = ~Q(state__in=["rejected", "withdrawn"]) & (
            Q(session__isnull=True) | ~Q(session__state="draft") | Q(source="resident")
        )
        return self.filter(Q(proposer=user) | at_home_q(user, "assembly__") & open_)

    def told_of(self, resolution):
        """Topics tied to a resolution, the oldest first, with the items that came of them: two statements."""
        return self.filter(resolution=resolution).order_by("id").prefetch_related("follow_ups__case")

    def waiting(self):
        """Topics that somebody must take on or turn down."""
        return self.filter(state="proposed")


class FollowUpQuerySet(WorkflowQuerySet):
    VISIBLE = OWNS | LOOKS | dict.fromkeys(RUNNING_ROLES, IN_AREA | OfUnit("owner_unit") | Own("owner"))

    def with_rows(self):
        related = ("assembly__estate", "area", "agenda_item__session", "owner_unit", "owner", "case")
        rows = self.select_related(*related).defer("area__boundary", "case__origin")
        needs = apps.get_model("partners", "need").objects.filter(
            origin_type="property.followupitem", origin_id=models.OuterRef("pk")
        )
        return rows.annotate(need_id=models.Subquery(needs.order_by("-pk").values("pk")[:1]))

    def unfinished(self):
        """Items that are not closed."""
        return self.exclude(state="closed")

    def overdue(self, day):
        """Unfinished items whose day has passed."""
        return self.unfinished().filter(due_on__lt=day)

    def overdue_today(self):
        """Unfinished items whose day has passed."""
        return self.overdue(timezone.localdate())

    def of_residents(self, user):
        """What was decided in published sessions of the place in which a person lives or owns."""
        published = Q(agenda_item__session__state__in=["published", "archived"])
        return self.filter(at_home_q(user, "assembly__") & published | Q(owner=user))
