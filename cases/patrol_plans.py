"""Rounds out of plans: which days a plan falls on, and each round made once."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.utils import timezone

from cases.models.patrol import Patrol, PatrolPlan
from cases.patrols import window_timer
from governance import events
from governance.clock import WorkCalendar
from governance.configuration import CHANGED
from governance.models import Area, Role, User
from governance.scoping import Grant
from governance.transactions import atomically
from governance.work_calendars import calendar_of

# How many days after today rounds are made for: long enough to be seen, short enough for changes of plans to reach.
DAYS_AHEAD = 3


def plans_make_rounds(first: date, last: date, *, now: datetime | None = None,
                      plans: Iterable[PatrolPlan] | None = None) -> int:  # fmt: skip
    """Make the rounds that plans in use ask for from ``first`` to ``last``, but those whose window has ended.

    May run twice, and at the same time in two processes: a plan has one round a day. Returns how many were made.
    """
    now = now or timezone.now()
    rows = PatrolPlan.objects.in_use(first, last).select_related("route__area", "route__unit", "worker")
    if plans is not None:
        rows = rows.filter(pk__in=[plan.pk for plan in plans])
    made = set(Patrol.objects.filter(date__range=(first, last)).values_list("plan_id", "date"))
    calendars: dict[int, WorkCalendar] = {}
    actor, number = User.objects.system("timers"), 0
    for plan in rows.order_by("pk"):
        wanted = [
            day
            for day in _days(first, last)
            if (plan.pk, day) not in made
            and plan.falls_on(day, _calendar(calendars, plan.route.area))
            and plan.window(day)[1] > now
        ]
        if wanted:
            number += _make(plan, wanted, actor, now)
    return number


def plan_hand_back(plan: PatrolPlan, *, at: datetime | None = None) -> None:
    """Leave a plan to the whole team: whoever its rounds were for walks them no more."""
    with atomically():
        locked = PatrolPlan.objects.select_for_update(of=("self",)).get(pk=plan.pk)
        locked.worker = None
        locked.save(update_fields=["worker"])
        payload = {"model": locked._meta.label_lower, "pk": locked.pk, "fields": ["worker"], "added": False}
        events.record(CHANGED, locked, actor=User.objects.system("timers"), grant=Grant(Role.SYSTEM), payload=payload,
                      occurred_at=at)  # fmt: skip


def _days(first: date, last: date) -> Iterable[date]:
    return (first + timedelta(days=number) for number in range((last - first).days + 1))


def _calendar(known: dict[int, WorkCalendar], area: Area) -> WorkCalendar:
    if area.pk not in known:
        known[area.pk] = calendar_of(area)
    return known[area.pk]


def _make(plan: PatrolPlan, days: list[date], actor: User, now: datetime) -> int:
    """Make rounds under the plan's lock: whoever waited for it sees what the other has made."""
    with atomically():
        PatrolPlan.objects.select_for_update(of=("self",)).get(pk=plan.pk)
        made = set(Patrol.objects.filter(plan=plan, date__in=days).values_list("date", flat=True))
        fresh = [_round(plan, day) for day in days if day not in made]
        for patrol in fresh:
            patrol.save(force_insert=True)
            window_timer(patrol)
            payload = {"number": patrol.number, "route": plan.route.code, "to": patrol.state}
            events.record(
                "patrol.planned", patrol, actor=actor, grant=Grant(Role.SYSTEM), payload=payload, occurred_at=now
            )
    return len(fresh)


def _round(plan: PatrolPlan, day: date) -> Patrol:
    starts_at, ends_at = plan.window(day)
    route = plan.route
    return Patrol(
        plan=plan, route=route, date=day, area=route.area, unit=route.unit, role=route.role, worker=plan.worker,
        starts_at=starts_at, ends_at=ends_at,
    )  # fmt: skip
