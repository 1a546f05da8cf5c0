"""Reads of stewards; every list starts from ``visible_to(user)``."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, F, OuterRef, Prefetch, Q, Subquery, Sum, TextField, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from governance.models.event import Remark
from governance.models.organisation import Role
from governance.scoping import Anywhere, InArea, Own, Relation, ScopedQuerySet, visible_q
from governance.workflow import WorkflowQuerySet
from property.party.querysets import TermQuerySet
from property.residents import InOwnEstate
from property.serving.querysets import month_after
from property.stewards.scope import IN_AREA, KEEPER_ROLES, LEADS, OF_TEAM, OfOneself, OfOwnTeam
from property.stewards.workflow import HELD

SYSTEM = {Role.SYSTEM: Anywhere()}
KEEPS = dict.fromkeys(KEEPER_ROLES, IN_AREA)
SEES = SYSTEM | KEEPS | OF_TEAM
# What somebody did is known to who manages the team, and to the person: not to the rest of the team.
SEES_OWN = SYSTEM | KEEPS | {role: relation | OfOneself() for role, relation in LEADS.items()}


@dataclass(frozen=True)
class Held(Relation):
    """The place in a shift is held: nobody gave it up, nor failed to come."""

    def q(self, grant, user):
        return Q(state__in=HELD)

    def holds(self, obj, grant, user):
        return obj.state in HELD


class TeamQuerySet(ScopedQuerySet):
    """Residents know the team of their estate."""

    VISIBLE = SYSTEM | KEEPS | {Role.STEWARD: OfOwnTeam("pk"), Role.RESIDENT: OfOwnTeam("pk") | InOwnEstate()}

    def get_by_natural_key(self, code):
        return self.get(code=code)

    def with_rows(self):
        """Load what a list row shows: place, organisation, the leads in force as ``leads``, ``members_count``."""
        members = self.model.members.rel.related_model.objects.in_force()
        leads = members.filter(is_lead=True).select_related("person")
        return (
            self.select_related("area", "estate", "organisation")
            .defer("area__boundary")
            .annotate(members_count=Count("members", filter=Q(members__in=members), distinct=True))
            .prefetch_related(Prefetch("members", leads, "leads"))
        )


class MemberQuerySet(TermQuerySet):
    VISIBLE = SYSTEM | dict.fromkeys(KEEPER_ROLES, InArea("team__area")) | OF_TEAM

    def with_rows(self):
        """Load what a list row shows in one statement."""
        return self.select_related("team__area", "team__estate", "person").defer("team__area__boundary")


class PlanQuerySet(ScopedQuerySet):
    VISIBLE = SYSTEM | dict.fromkeys(KEEPER_ROLES, InArea("team__area")) | OF_TEAM

    def get_by_natural_key(self, code):
        return self.get(code=code)

    def with_rows(self):
        """Load what a list row shows in one statement."""
        return self.select_related("team__area", "team__estate", "building__estate").defer("team__area__boundary")

    def in_use(self, first: date, last: date):
        """Plans that make shifts on some day from ``first`` to ``last``."""
        return self.filter(
            Q(valid_to__isnull=True) | Q(valid_to__gte=first), valid_from__lte=last, team__is_active=True
        )


class ShiftQuerySet(WorkflowQuerySet):
    VISIBLE = SEES

    def with_rows(self):
        """Load what a list row shows in one statement; ``taken_count``: how many have taken it."""
        held = Q(duties__state__in=HELD)
        return (
            self.select_related("team__estate", "area", "plan")
            .defer("area__boundary")
            .annotate(taken_count=Count("duties", filter=held, distinct=True))
        )

    def to_come(self, now=None):
        """Shifts that are not over and not called off, in order of time."""
        return self.filter(state="planned", ends_at__gt=now or timezone.now()).order_by("starts_at", "pk")


class DutyQuerySet(WorkflowQuerySet):
    """Who stands a shift is known to the team: that is how people swap. Who did not come, gave up, and why, is known to
    who manages the team, and to the person."""

    VISIBLE = SEES_OWN | {role: SEES_OWN[role] | OF_TEAM[role] & Held() for role in OF_TEAM}

    def with_rows(self):
        """Load what a list row shows in one statement."""
        return self.select_related("shift__team", "shift__area", "member__person", "team", "area").defer(
            "area__boundary", "shift__area__boundary"
        )

    def accounted_to(self, user):
        """Duties whose time the person may see: the own ones, and those of teams the person manages."""
        found = visible_q(SEES_OWN, user)
        return self.none() if found is None else self.filter(found)


def _said(label: str, event: str) -> Coalesce:
    """Return what was said at the last ``event`` of each row of a model (``property.joinrequest``)."""
    rows = Remark.objects.filter(event__subject_type=label, event__subject_id=OuterRef("pk"), event__name=event)
    return Coalesce(Subquery(rows.order_by("-event_id").values("text")[:1]), Value("", TextField()))


class RequestQuerySet(WorkflowQuerySet):
    VISIBLE = SYSTEM | KEEPS | {Role.STEWARD: LEADS[Role.STEWARD], Role.RESIDENT: LEADS[Role.RESIDENT] | Own("person")}

    def with_rows(self):
        """Load what a list row shows in one statement; ``answer``: why the team said no."""
        rows = self.select_related("team__estate", "area", "person").defer("area__boundary")
        return rows.annotate(answer=_said("property.joinrequest", "join.declined"))


class OutreachQuerySet(ScopedQuerySet):
    """Where somebody was visited and what was asked: for who manages the team, and who was there."""

    VISIBLE = SEES_OWN

    def with_rows(self):
        """Load what a list row shows in one statement."""
        return self.select_related(
            "team", "area", "member__person", "case", "dwelling__building__estate", "dwelling__entrance"
        ).defer("area__boundary")


class SightingQuerySet(WorkflowQuerySet):
    """Disputes are nobody's business but the community staff's, who answer, and the reporter's."""

    VISIBLE = SYSTEM | {
        Role.COMMUNITY_STAFF: IN_AREA, Role.STEWARD: Own("reporter"), Role.RESIDENT: Own("reporter"),
    }  # fmt: skip

    def with_rows(self):
        """Load what a list row shows in one statement; ``answer``: why there is nothing to settle."""
        rows = self.select_related("team", "area", "reporter", "estate", "building__estate", "case")
        return rows.defer("area__boundary").annotate(answer=_said("property.disputesighting", "sighting.dismissed"))

    def waiting(self):
        """Sightings that nobody has answered, the next due first."""
        return self.filter(state="handed_over").order_by("answer_due_at", "pk")


class HoursQuerySet(ScopedQuerySet):
    """Counted time, line by line. ``visible_to(user).of_month(day)`` is what sheets are made of.

    Issue 7's points read ``HoursEntry.objects.counted(first, last)`` or follow the event ``steward.hours_counted``:
    each line is recorded once and never changed, a correction is a line of its own.
    """

    VISIBLE = SEES_OWN

    def with_rows(self):
        """Load what a list row shows in one statement."""
        return self.select_related("team", "area", "member__person", "by").defer("area__boundary")

    def of_month(self, first: date):
        """Lines of the month that begins with ``first``."""
        return self.filter(date__gte=first, date__lt=month_after(first))

    def counted(self, first: date, last: date):
        """Return ``member_id``, ``person`` (user id) and ``minutes`` of every member with lines from ``first`` to
        ``last``, both included, corrections taken in."""
        rows = self.filter(date__range=(first, last)).order_by().values("member_id", person=F("member__person_id"))
        return rows.annotate(minutes=Sum("minutes")).order_by("member_id")
