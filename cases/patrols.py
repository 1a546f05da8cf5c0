"""Every write of rounds. Doors (admin, API, phone pages, timers) call these or ``governance.workflow.act``."""

import math
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from cases.models import Case, CaseCategory, CaseSource
from cases.models.patrol import CheckIn, MissedPoint, Patrol, PatrolFinding, PatrolPoint, PatrolRoute
from cases.patrol_querysets import WALKERS, people_kept
from cases.patrol_workflow import PatrolState
from cases.services import case_report
from governance import events
from governance.attachments import attach
from governance.coordinates import CoordinateError, distance, to_wgs84
from governance.errors import Conflict, Invalid, NotPermitted
from governance.models import Appointment, Area, AttachmentPurpose, OrgUnit, Role, User
from governance.photos import Upload
from governance.scoping import Grant, grant_for
from governance.timers import cancel_timer, set_timer
from governance.transactions import atomically
from governance.workflow import carries_out, perform

WINDOW_ENDED = "patrol.window_ended"
LAPSED = "patrol.lapsed"
# How long before its window a round may be begun [J].
EARLY = timedelta(minutes=30)
# How far a phone's clock may be ahead of ours, and after which time a check-in counts as sent later [J].
CLOCK_SKEW = timedelta(minutes=10)
# How old a check-in may be that a phone without network kept [J]; a round not finished by then is finished for them.
KEPT_OFFLINE = timedelta(hours=24)
# What a phone says of its own accuracy widens the radius by at most this many metres: more is no position at all [J].
MOST_ACCURACY = 50.0
FIELD_OF = {"lon": "longitude", "lat": "latitude", "system": "coordinate_system"}


def team_of(unit: OrgUnit, role: str, area: Area, route: PatrolRoute):
    """Return the people of a team: appointed today to the unit in the role, for ``area`` or one above it, and of the
    team that walks ``route`` where teams of the role are kept (``patrol_querysets.teams_kept``)."""
    posts = Appointment.objects.in_force().filter(unit=unit, role=role, area_id__in=area.lineage)
    people = User.objects.filter(people_kept(role, route), pk__in=posts.values("user_id"), is_active=True)
    return people.order_by("name", "username")


def points_to_see(patrol: Patrol) -> list[PatrolPoint]:
    """Return the points of a round in order."""
    return list(PatrolPoint.objects.filter(route_id=patrol.route_id, is_active=True).order_by("position"))


def points_not_reached(patrol: Patrol) -> list[PatrolPoint]:
    """Return the points at which nobody was within the window, in order."""
    reached = CheckIn.objects.filter(patrol=patrol, at_place=True, at__lte=patrol.ends_at).values("point_id")
    rows = PatrolPoint.objects.filter(route_id=patrol.route_id, is_active=True).exclude(pk__in=reached)
    return list(rows.order_by("position"))


def _perform(patrol: Patrol, name: str, *, actor, photos: Sequence[Upload] = (), payload=None, **given) -> Patrol:
    """``perform`` with the route's code on the event and photos kept beside it."""
    payload = {"number": patrol.number, "route": patrol.route.code} | (payload or {})
    with atomically():
        fresh, event = perform(patrol, name, actor=actor, payload=payload, **given)
        if photos:
            attach(fresh, photos, purpose=AttachmentPurpose.EVIDENCE, actor=actor, event=event)
    return fresh


@carries_out("cases.patrol", "start")
def patrol_start(patrol: Patrol, *, actor: User, version=None, reason="", occurred_at: datetime | None = None,
                 photos: Sequence[Upload] = ()) -> Patrol:  # fmt: skip
    """Set out on a round, from ``EARLY`` before its window to its end. Raises Conflict outside that time."""
    at = occurred_at or timezone.now()
    _refuse_outside_window(patrol, at)
    return _perform(
        patrol, "start", actor=actor, version=version, reason=reason, occurred_at=at, photos=photos, worker=actor,
        started_at=at,
    )  # fmt: skip


def _refuse_outside_window(patrol: Patrol, at: datetime) -> None:
    if at < patrol.starts_at - EARLY:
        begins = f"{timezone.localtime(patrol.starts_at):%m-%d %H:%M}"
        raise Conflict(_("This round begins at %(time)s.") % {"time": begins}, code="too_early")
    if at > patrol.ends_at:
        raise Conflict(_("The time of this round is over."), code="too_late")


@carries_out("cases.patrol", "assign")
def patrol_assign(patrol: Patrol, *, actor: User, worker: User | None, version=None, reason="", occurred_at=None,
                  photos: Sequence[Upload] = ()) -> Patrol:  # fmt: skip
    """Give a planned round to one of its team, or with None to the whole team."""
    team = team_of(patrol.unit, patrol.role, patrol.area, patrol.route)
    if worker is not None and not team.filter(pk=worker.pk).exists():
        raise Invalid(_("This person is not of the team."), field="worker", code="not_of_team")
    payload = {"worker": worker.pk if worker else None}
    return _perform(
        patrol, "assign", actor=actor, version=version, reason=reason, occurred_at=occurred_at, photos=photos,
        payload=payload, worker=worker,
    )  # fmt: skip


@carries_out("cases.patrol", "cancel")
def patrol_cancel(patrol: Patrol, *, actor: User, reason: str, **given) -> Patrol:
    """Call a round off; nothing of it counts as missed."""
    with atomically():
        fresh = _perform(patrol, "cancel", actor=actor, reason=reason, **given)
        MissedPoint.objects.filter(patrol=fresh).delete()
        _cancel_timers(fresh)
    return fresh


def _cancel_timers(patrol: Patrol) -> None:
    for kind in (WINDOW_ENDED, LAPSED):
        cancel_timer(f"{kind}:{patrol.pk}")


def window_timer(patrol: Patrol) -> None:
    """Set the timer of the end of a round's window."""
    set_timer(f"{WINDOW_ENDED}:{patrol.pk}", WINDOW_ENDED, subject_id=patrol.pk, due_at=patrol.ends_at)


def lapse_timer(patrol: Patrol) -> None:
    """Set the timer after which an unfinished round is finished for its worker."""
    set_timer(f"{LAPSED}:{patrol.pk}", LAPSED, subject_id=patrol.pk, due_at=patrol.ends_at + KEPT_OFFLINE)


@carries_out("cases.patrol", "finish")
def patrol_finish(patrol: Patrol, *, actor: User, reason: str = "", reasons: Mapping[int, str] | None = None,
                  occurred_at: datetime | None = None, **given) -> Patrol:  # fmt: skip
    """Finish a round. Each point not reached needs a reason: its own in ``reasons`` (point id → text), or ``reason``.

    Raises Invalid naming the points without one. The clock finishes without reasons.
    """
    at, reasons = occurred_at or timezone.now(), reasons or {}
    with atomically():
        locked = Patrol.objects.lock(patrol.pk)
        missed = points_not_reached(locked)
        payload = {"points_missed": [point.pk for point in missed]}
        fresh = _perform(
            locked, "finish", actor=actor, reason=reason, occurred_at=at, payload=payload, finished_at=at, **given
        )
        told = {point: (reasons.get(point.pk) or reason).strip() for point in missed}
        silent = [point.name for point, why in told.items() if not why]
        if silent and not actor.is_system:
            points = "、".join(silent)
            raise Invalid(_("Say why nobody was at: %(points)s") % {"points": points}, field="reason", code="required")
        grant = grant_for(WALKERS, fresh, actor) or Grant("system")
        points_miss(fresh, told, actor=actor, grant=grant, at=at)
        _cancel_timers(fresh)
    return fresh


def points_miss(patrol: Patrol, told: Mapping[PatrolPoint, str], *, actor: User, grant: Grant, at: datetime) -> None:
    """Keep which points were missed and why; an event for each that was not known yet."""
    known = {row.point_id: row for row in MissedPoint.objects.filter(patrol=patrol)}
    for point, why in told.items():
        if point.pk in known:
            known[point.pk].reason = why
            known[point.pk].save(update_fields=["reason"])
            continue
        MissedPoint.objects.create(patrol=patrol, point=point, reason=why, noticed_at=at)
        payload = {"number": patrol.number, "point": point.pk, "position": point.position}
        events.record("patrol.point_missed", patrol, actor=actor, grant=grant, payload=payload, occurred_at=at)


def patrol_check_in(*, actor: User, patrol: Patrol, point: PatrolPoint, at: datetime | None = None,
                    longitude: float | None = None, latitude: float | None = None, coordinate_system: str = "wgs84",
                    accuracy_m: float | None = None, note: str = "", photos: Sequence[Upload] = (), key: str = "",
                    received_at: datetime | None = None) -> CheckIn:  # fmt: skip
    """Keep that ``actor`` was at ``point``, at the phone's time ``at`` (default now), where the phone says.

    Too far away, or without a position, it is kept and marked as not at the place. The first check-in starts a planned
    round; one made within the window takes up a round that was marked as missed meanwhile. ``key``: the same check-in
    sent again returns the one that is kept.

    Raises NotPermitted, Conflict (round over, cancelled, not begun; key used for another point) or Invalid (``at`` more
    than ``CLOCK_SKEW`` ahead or older than ``KEPT_OFFLINE``; ``point`` of another route; half a position).
    """
    received = received_at or timezone.now()
    at = at or received
    _check_time(at, received)
    place = _place(longitude, latitude, coordinate_system)
    _check_accuracy(accuracy_m)
    with atomically():
        locked = Patrol.objects.lock(patrol.pk)
        grant = grant_for(WALKERS, locked, actor)
        if grant is None:
            raise NotPermitted(_("You may not walk this round."))
        earlier = _sent_before(locked, point, key)
        if earlier is not None:
            return earlier
        if point.route_id != locked.route_id or not point.is_active:
            raise Invalid(_("There is no such point on this route."), field="point", code="does_not_exist")
        locked = _taken_up(locked, actor, at)
        metres = None if place is None else distance(*place, point.longitude, point.latitude)
        check_in = CheckIn.objects.create(
            patrol=locked, point=point, worker=actor, at=at, received_at=received,
            longitude=place and place[0], latitude=place and place[1], accuracy_m=accuracy_m, distance_m=metres,
            at_place=_is_there(point, metres, accuracy_m), is_late=received - at > CLOCK_SKEW, note=note.strip(),
            key=key,
        )  # fmt: skip
        _record_check_in(check_in, locked, grant, photos)
    return check_in


def _check_time(at: datetime, received: datetime) -> None:
    if at - received > CLOCK_SKEW:
        raise Invalid(_("This time lies in the future. Is the phone's clock right?"), field="at", code="in_future")
    if received - at > KEPT_OFFLINE:
        raise Invalid(_("This check-in is more than a day old."), field="at", code="too_old")


def _check_accuracy(accuracy_m: float | None) -> None:
    if accuracy_m is not None and not (math.isfinite(accuracy_m) and 0 <= accuracy_m <= 1_000_000):
        raise Invalid(_("The accuracy is a number of metres."), field="accuracy_m", code="out_of_range")


def _place(longitude, latitude, system: str) -> tuple[float, float] | None:
    """Return the position in WGS-84; None where the phone gave none."""
    if longitude is None and latitude is None:
        return None
    if longitude is None or latitude is None:
        missing = "longitude" if longitude is None else "latitude"
        raise Invalid(_("Give both longitude and latitude."), field=missing, code="required")
    try:
        return to_wgs84(longitude, latitude, system)
    except CoordinateError as error:
        raise Invalid(error.detail, field=FIELD_OF[error.field], code=error.code) from error


def _is_there(point: PatrolPoint, metres: float | None, accuracy_m: float | None) -> bool:
    return metres is not None and metres <= point.radius + min(accuracy_m or 0.0, MOST_ACCURACY)


def _sent_before(patrol: Patrol, point: PatrolPoint, key: str) -> CheckIn | None:
    found = patrol.check_ins.filter(key=key).first() if key else None
    if found is not None and found.point_id != point.pk:
        raise Conflict(_("This key was used with other content."), field="key", code="idempotency_conflict")
    return found


def _taken_up(patrol: Patrol, actor: User, at: datetime) -> Patrol:
    """Return the round as one in which a check-in made at ``at`` has its place."""
    if patrol.state == PatrolState.PLANNED:
        return patrol_start(patrol, actor=actor, occurred_at=at)
    if patrol.state == PatrolState.MISSED:
        _refuse_outside_window(patrol, at)
        clock = User.objects.system("timers")
        fresh = _perform(patrol, "resume", actor=clock, occurred_at=at, worker=actor, started_at=at)
        lapse_timer(fresh)
        return fresh
    if patrol.state == PatrolState.CANCELLED:
        raise Conflict(_("This round was cancelled."))
    if patrol.state == PatrolState.FINISHED and at > patrol.finished_at:
        raise Conflict(_("This round is finished."))
    if at < patrol.starts_at - EARLY:
        raise Invalid(_("At this time the round had not begun."), field="at", code="too_early")
    return patrol


def _record_check_in(check_in: CheckIn, patrol: Patrol, grant: Grant, photos: Sequence[Upload]) -> None:
    payload = {
        "number": patrol.number, "check_in": check_in.pk, "point": check_in.point_id,
        "position": check_in.point.position, "at_place": check_in.at_place, "late": check_in.is_late,
        "distance_m": None if check_in.distance_m is None else round(check_in.distance_m),
    }  # fmt: skip
    worker = check_in.worker
    event = events.record(
        "patrol.checked_in", patrol, actor=worker, grant=grant, payload=payload, occurred_at=check_in.at
    )
    if photos:
        attach(patrol, photos, purpose=AttachmentPurpose.EVIDENCE, actor=worker, event=event)
    check_in.event = event
    check_in.save(update_fields=["event"])
    if check_in.at_place and check_in.at <= patrol.ends_at:
        MissedPoint.objects.filter(patrol=patrol, point=check_in.point).delete()


def patrol_report(*, actor: User, patrol: Patrol, finding: str, point: PatrolPoint | None = None,
                  longitude: float | None = None, latitude: float | None = None, coordinate_system: str = "wgs84",
                  address: str = "", category: CaseCategory | None = None, photos: Sequence[Upload] = (),
                  occurred_at: datetime | None = None) -> Case:  # fmt: skip
    """Open a case for what was found on a round, with its photos, and link the two.

    Where: the position given, else the point's, else the round's area. Raises as ``case_report``; Conflict unless the
    round is under way, or finished and its window ended less than ``KEPT_OFFLINE`` ago.
    """
    at = occurred_at or timezone.now()
    place = _place(longitude, latitude, coordinate_system)
    with atomically():
        locked = Patrol.objects.lock(patrol.pk)
        grant = grant_for(WALKERS, locked, actor)
        if grant is None:
            raise NotPermitted(_("You may not walk this round."))
        if locked.state not in (PatrolState.UNDER_WAY, PatrolState.FINISHED) or at > locked.ends_at + KEPT_OFFLINE:
            raise Conflict(_("Findings can be reported while the round is under way."))
        if point is not None:
            if point.route_id != locked.route_id:
                raise Invalid(_("There is no such point on this route."), field="point", code="does_not_exist")
            place = place or (point.longitude, point.latitude)
            address = address.strip() or point.name
        source = CaseSource.STEWARD if grant.role == Role.STEWARD else CaseSource.PATROL
        case = case_report(
            actor=actor, source=source, description=finding, category=category, address=address,
            photos=photos, occurred_at=at, origin=_origin(locked, point), **_where(locked, place),
        )  # fmt: skip
        PatrolFinding.objects.create(patrol=locked, point=point, case=case, found_at=at)
        payload = {"number": locked.number, "case": case.number, "point": point and point.pk}
        events.record("patrol.finding", locked, actor=actor, grant=grant, payload=payload, occurred_at=at)
    return case


def _origin(patrol: Patrol, point: PatrolPoint | None) -> dict:
    return {"patrol": patrol.pk, "point": point and point.pk, "route": patrol.route.code}


def _where(patrol: Patrol, place: tuple[float, float] | None) -> dict:
    """Areas without a boundary hold no point by themselves: there the round's area is named too."""
    if place is None:
        return {"area": patrol.area}
    area = None if patrol.area.boundary is not None else patrol.area
    return {"area": area, "longitude": place[0], "latitude": place[1]}
