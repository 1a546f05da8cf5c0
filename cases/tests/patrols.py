"""What the tests of patrols share: a route with three points in the small city, its plan, and rounds of it."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from cases.models import CheckIn, MissedPoint, Patrol, PatrolFinding, PatrolPlan, PatrolPoint, PatrolRoute
from cases.patrol_plans import plans_make_rounds
from cases.patrols import patrol_check_in
from governance.models import Appointment, Attachment, Event, Role, User
from governance.workflow import act

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
POINTS = [("菜场门口", 112.902, 28.202), ("小学西侧", 112.905, 28.205), ("码头广场", 112.908, 28.208)]
AWAY = {"longitude": 112.9095, "latitude": 28.2005}  # several hundred metres from every point


@dataclass
class Beat:
    """A route of the grid workers of ``committee`` in ``grid`` and a daily plan around the present hour."""

    route: PatrolRoute
    points: list[PatrolPoint]
    plan: PatrolPlan


def a_route(city, code="R-1", *, area="grid", unit="committee", role=Role.GRID_WORKER, shift=0.0) -> PatrolRoute:
    route = PatrolRoute.objects.create(
        code=code, name=f"{code}巡查线", area=city.area(area), unit=city.unit(unit), role=role
    )
    for position, (name, longitude, latitude) in enumerate(POINTS, start=1):
        PatrolPoint.objects.create(
            route=route, position=position, name=name, longitude=longitude + shift, latitude=latitude
        )
    return route


def a_plan(route, code="P-1", **given) -> PatrolPlan:
    given = {"rule": "daily", "starts": time(0), "ends": time(0), "valid_from": date(2026, 1, 1)} | given
    return PatrolPlan.objects.create(code=code, route=route, **given)


def a_beat(city, **given) -> Beat:
    route = a_route(city, **given)
    return Beat(route, list(route.points.order_by("position")), a_plan(route, f"{route.code}-P"))


def a_round(beat: Beat, *, worker=None, begins=-HOUR, lasts=3 * HOUR) -> Patrol:
    """A planned round whose window begins at now + ``begins`` (default: an hour ago)."""
    beat.plan.worker = worker
    beat.plan.save()
    today = timezone.localdate()
    used = Patrol.objects.filter(plan=beat.plan).count()
    plans_make_rounds(today, today, plans=[beat.plan], now=timezone.now() - timedelta(days=400))
    patrol = Patrol.objects.filter(plan=beat.plan, date=today).latest("id")
    starts = timezone.now() + begins
    day = today - timedelta(days=used + 1)  # leaves the day free for the next one
    Patrol.objects.filter(pk=patrol.pk).update(starts_at=starts, ends_at=starts + lasts, date=day)
    return Patrol.objects.get(pk=patrol.pk)


def in_state(city, beat: Beat, state: str) -> Patrol:
    """A round in ``state``: walked, cancelled or missed by those whose part it is."""
    patrol = a_round(beat)
    walker, clock = city.user("grid_worker"), User.objects.system("timers")
    ways = {
        "planned": [],
        "under_way": [("start", walker, {})],
        "finished": [("start", walker, {}), ("finish", walker, {"reason": "下雨"})],
        "missed": [("miss", clock, {})],
        "cancelled": [("cancel", city.user("operations_centre"), {"reason": "暴雨"})],
    }
    for name, actor, given in ways[state]:
        act(patrol, name, actor=actor, **given)
    return Patrol.objects.get(pk=patrol.pk)


def check_in(user, patrol, point, **given) -> CheckIn:
    """Check in exactly at the point unless said otherwise."""
    given = {"longitude": point.longitude, "latitude": point.latitude} | given
    return patrol_check_in(actor=user, patrol=patrol, point=point, **given)


def a_colleague(city, key="colleague", *, unit="committee", area="grid", role=Role.GRID_WORKER) -> User:
    user = User.objects.create_user(key, name=f"{key}员", is_staff=True)
    Appointment.objects.create(user=user, unit=city.unit(unit), role=role, area=city.area(area))
    return user


def moment(text: str) -> datetime:
    return timezone.make_aware(datetime.fromisoformat(text))


def traces() -> tuple:
    """Everything a refusal must leave alone."""
    rows = (CheckIn, MissedPoint, PatrolFinding, Event, Attachment)
    states = tuple(Patrol.objects.order_by("pk").values_list("state", "worker_id", "version"))
    return tuple(model.objects.count() for model in rows) + states
