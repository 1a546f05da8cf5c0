"""Some days of rounds in the fictional city: walked, partly walked and missed, told through the services."""

from datetime import datetime, timedelta
from random import Random

from django.utils import timezone

from cases.models import Patrol
from cases.patrol_deadlines import window_ended
from cases.patrol_plans import DAYS_AHEAD, plans_make_rounds
from cases.patrols import (
    WINDOW_ENDED,
    patrol_check_in,
    patrol_finish,
    patrol_report,
    patrol_start,
    points_not_reached,
    points_to_see,
    team_of,
)
from governance.clock import SHANGHAI
from governance.models import Timer, User

DAYS_BACK = 9
MISSED_SHARE = 0.2  # of the rounds [J]
POINT_LEFT_OUT = 0.08
REASONS = ("道路施工，绕行未到", "临时处置群众来访，未能前往", "暴雨积水，无法通行")
NOTES = ("", "", "", "正常", "已劝导一户占道经营", "垃圾已通知清运")
FINDING = "巡查发现：{at}旁的路灯灯罩脱落，悬在半空"


def load_patrols(*, now: datetime | None = None, seed: int = 9901) -> int:
    """Write the rounds of the last days and of those to come; returns how many there are."""
    now = now or timezone.now()
    rng = Random(seed)
    today = now.astimezone(SHANGHAI).date()
    first = today - timedelta(days=DAYS_BACK)
    plans_make_rounds(first, today + timedelta(days=DAYS_AHEAD), now=now - timedelta(days=DAYS_BACK + 1))
    past = Patrol.objects.filter(ends_at__lt=now).select_related("route", "area", "unit", "worker")
    rounds = list(past.order_by("ends_at", "pk"))
    for number, patrol in enumerate(rounds):
        if rng.random() < MISSED_SHARE:
            _miss(patrol)
        else:
            _walk(patrol, rng, finds=number == len(rounds) - 1)
    return Patrol.objects.count()


def _miss(patrol: Patrol) -> None:
    timer = Timer.objects.get(kind=WINDOW_ENDED, subject_id=patrol.pk)
    window_ended(timer)
    timer.fired_at = timer.due_at
    timer.save(update_fields=["fired_at"])


def _walk(patrol: Patrol, rng: Random, *, finds: bool) -> None:
    """Let one of the team go round by day, from point to point; the last one walked has something to report."""
    worker = patrol.worker or _member(patrol, rng)
    long = patrol.ends_at - patrol.starts_at > timedelta(hours=12)
    at = patrol.starts_at + timedelta(hours=8 if long else 0, minutes=rng.randint(3, 40))
    patrol = patrol_start(patrol, actor=worker, occurred_at=at)
    for point in points_to_see(patrol):
        at += timedelta(minutes=rng.randint(4, 14))
        if rng.random() < POINT_LEFT_OUT:
            continue
        patrol_check_in(
            actor=worker, patrol=patrol, point=point, at=at, received_at=at, note=rng.choice(NOTES),
            longitude=point.longitude + rng.uniform(-2e-4, 2e-4), latitude=point.latitude + rng.uniform(-2e-4, 2e-4),
            accuracy_m=rng.randint(5, 30),
        )  # fmt: skip
    if finds:
        point = points_to_see(patrol)[0]
        text = FINDING.format(at=point.name)
        patrol_report(actor=worker, patrol=patrol, point=point, finding=text, occurred_at=at)
    why = rng.choice(REASONS) if points_not_reached(patrol) else ""
    patrol_finish(patrol, actor=worker, reason=why, occurred_at=min(at + timedelta(minutes=3), patrol.ends_at))


def _member(patrol: Patrol, rng: Random) -> User:
    return rng.choice(list(team_of(patrol.unit, patrol.role, patrol.area, patrol.route)))
