"""What happened on a round, point by point and in order of time."""

from collections import defaultdict

from django.utils.translation import gettext as _

from cases.models import CheckIn, Patrol
from cases.patrols import points_to_see
from governance.attachments import attachments_of
from governance.events import label_of
from governance.models import Event, Role


def photos_by_event(patrol: Patrol) -> dict[int, list[dict]]:
    """Return the files of a round by the event they came with; one statement."""
    photos = defaultdict(list)
    for row in attachments_of(patrol):
        photos[row.event_id].append({"id": str(row.pk), "url": f"/files/{row.pk}/", "content_type": row.content_type})
    return photos


def check_ins_of(patrol: Patrol) -> list[CheckIn]:
    """Return the check-ins of a round in the order they were made; one statement."""
    return list(patrol.check_ins.select_related("point", "worker").order_by("at", "id"))


def stops_of(patrol: Patrol, check_ins: list[CheckIn]) -> list[dict]:
    """Return each point of a round in order: point, its check-ins, whether it was reached, why not; two statements.

    Points that were seen on this round and are out of use since are shown too.
    """
    points = {point.pk: point for point in points_to_see(patrol)}
    points |= {made.point_id: made.point for made in check_ins}
    missed = {row.point_id: row for row in patrol.missed_points.all()}
    stops = []
    for point in sorted(points.values(), key=lambda point: point.position):
        here = [made for made in check_ins if made.point_id == point.pk]
        reached = any(made.at_place and made.at <= patrol.ends_at for made in here)
        lost = missed.get(point.pk)
        stops.append(
            {"point": point, "check_ins": here, "reached": reached, "missed": lost, "why": lost.reason if lost else ""}
        )
    return stops


def verdict_of(made: CheckIn) -> str:
    """Say in words how near a check-in was, and whether it came in later."""
    if made.at_place:
        near = _("At the place")
    elif made.distance_m is None:
        near = _("No position")
    else:
        near = _("Not at the place: %(metres)s m away") % {"metres": round(made.distance_m)}
    return f"{near} · {_('sent later')}" if made.is_late else near


def trail_of(patrol: Patrol, check_ins: list[CheckIn]) -> list[dict]:
    """Return everything that happened on a round, oldest first, with photos; two statements."""
    photos, by_event = photos_by_event(patrol), {made.event_id: made for made in check_ins}
    rows = Event.objects.filter(subject_type="cases.patrol", subject_id=patrol.pk)
    rows = rows.select_related("actor", "unit", "remark").order_by("id")
    points = {point.pk: point.name for point in points_to_see(patrol)}
    return [_entry(event, by_event.get(event.pk), photos[event.pk], points) for event in rows]


def _entry(event: Event, made: CheckIn | None, photos: list[dict], points: dict[int, str]) -> dict:
    remark = getattr(event, "remark", None)
    point = points.get(event.payload.get("point"), "")
    return {
        "id": event.pk,
        "name": event.name,
        "label": str(label_of(event.name)),
        "at": event.occurred_at,
        "actor": event.actor.get_full_name(),
        "role_label": Role(event.role).label,
        "unit": event.unit.name if event.unit else "",
        "point": made.point.name if made else point,
        "verdict": verdict_of(made) if made else "",
        "at_place": made.at_place if made else None,
        "text": made.note if made else remark.text if remark else "",
        "case": event.payload.get("case", "") if event.name == "patrol.finding" else "",
        "photos": photos,
    }
