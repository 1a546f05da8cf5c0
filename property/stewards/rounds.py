"""Rounds of a team: what they found, and whose they are. The rounds themselves are those of ``cases``."""

from datetime import datetime

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from cases.models import Patrol, PatrolFinding, PatrolPlan
from cases.patrol_plans import plan_hand_back
from cases.patrol_workflow import PatrolState
from cases.patrols import patrol_assign
from governance.events import on
from governance.models import Role, User
from property.models import StewardMember, StewardTeam


def findings_of(team: StewardTeam):
    """Return what was found on a team's rounds, the newest first."""
    rows = PatrolFinding.objects.filter(patrol__role=Role.STEWARD, patrol__route__steward_route__team=team)
    return rows.select_related("case", "point", "patrol").order_by("-id")


def rounds_hand_back(at: datetime | None = None) -> int:
    """Leave plans and planned rounds of who is no longer in the team to the whole team; return how many.

    Rounds by their day, plans by today: whoever leaves next week keeps the rounds of this one.
    """
    at = at or timezone.now()
    rounds = _of_strangers(Patrol.objects.filter(state=PatrolState.PLANNED, starts_at__gt=at), OuterRef("date"))
    plans = _of_strangers(PatrolPlan.objects.all(), timezone.localdate(at))
    for plan in plans:
        plan_hand_back(plan, at=at)
    for patrol in rounds.select_related(*Patrol.LOCK_WITH):
        patrol_assign(patrol, actor=User.objects.system("timers"), worker=None, occurred_at=at)
    return len(plans) + len(rounds)


def _of_strangers(rows, day):
    members = StewardMember.objects.filter(
        Q(valid_to__isnull=True) | Q(valid_to__gte=day), valid_from__lte=day, person=OuterRef("worker"),
        team=OuterRef("route__steward_route__team"), team__is_active=True,
    )  # fmt: skip
    return rows.filter(~Exists(members), worker__isnull=False, route__steward_route__isnull=False).order_by("pk")


@on("steward.ended")
def member_left(event, _member) -> None:
    """Whose membership was ended."""
    rounds_hand_back(event.occurred_at)


@on("config.changed")
def member_changed(event, subject) -> None:
    """The same where the community changed a membership, or put the team out of use."""
    if isinstance(subject, StewardMember | StewardTeam):
        rounds_hand_back(event.occurred_at)
