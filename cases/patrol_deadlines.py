"""What patrols do when a window ends, when a day has passed after it, and when a plan is changed."""

from datetime import timedelta

from django.utils import timezone

from cases.models.patrol import MissedPoint, Patrol, PatrolPlan
from cases.patrol_plans import DAYS_AHEAD, plans_make_rounds
from cases.patrol_workflow import PatrolState
from cases.patrols import (
    LAPSED,
    WINDOW_ENDED,
    lapse_timer,
    patrol_finish,
    points_miss,
    points_not_reached,
    points_to_see,
)
from governance.events import on
from governance.models import Role, User
from governance.scoping import Grant
from governance.timers import fires
from governance.workflow import perform


@fires(WINDOW_ENDED)
def window_ended(timer) -> None:
    """Mark a round that nobody began as missed, and the points that one under way has not reached."""
    patrol, clock = Patrol.objects.lock(timer.subject_id), User.objects.system("timers")
    if patrol.state == PatrolState.PLANNED:
        points = points_to_see(patrol)
        payload = {"number": patrol.number, "route": patrol.route.code, "points_missed": [point.pk for point in points]}
        perform(patrol, "miss", actor=clock, payload=payload, occurred_at=patrol.ends_at)
        MissedPoint.objects.bulk_create(
            MissedPoint(patrol=patrol, point=point, noticed_at=patrol.ends_at) for point in points
        )
    elif patrol.state == PatrolState.UNDER_WAY:
        told = dict.fromkeys(points_not_reached(patrol), "")
        points_miss(patrol, told, actor=clock, grant=Grant(Role.SYSTEM), at=patrol.ends_at)
        lapse_timer(patrol)


@fires(LAPSED)
def lapsed(timer) -> None:
    """Finish a round that its worker has not finished a day after its window."""
    patrol = Patrol.objects.lock(timer.subject_id)
    if patrol.state == PatrolState.UNDER_WAY:
        patrol_finish(patrol, actor=User.objects.system("timers"), occurred_at=timer.due_at)


@on("config.changed")
def plan_changed(_event, subject) -> None:
    """Make the rounds of a new or changed plan at once, so that nobody waits for the hourly job."""
    if isinstance(subject, PatrolPlan):
        today = timezone.localdate()
        plans_make_rounds(today, today + timedelta(days=DAYS_AHEAD), plans=[subject])
