"""Hazards come in: from the phone, on a patrol, from a signal or a steward."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db.models import Model
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.models import Patrol, PatrolPoint
from cases.patrol_querysets import WALKERS
from cases.patrol_workflow import PatrolState
from cases.patrols import KEPT_OFFLINE
from cases.places import area_of_place
from governance import events
from governance.attachments import attach
from governance.coordinates import CoordinateError, to_wgs84
from governance.errors import Conflict, Invalid, NotPermitted
from governance.models import Area, AreaKind, AttachmentPurpose, User
from governance.photos import Upload
from governance.scoping import Grant, grant_for
from governance.transactions import atomically
from mediation.models import DisputeType, Hazard, HazardSource, HazardUrgency
from mediation.prevention.deadlines import LIMITS, assess_timer
from mediation.prevention.guessing import type_guessed
from mediation.prevention.querysets import KEEPS, REPORTS

# How far a phone's clock may be ahead of ours, and how long afterwards something seen may still be told [J].
CLOCK_SKEW = timedelta(minutes=10)
OLDEST = timedelta(days=90)
LONGEST = 2000
# Of which kind the area of a hazard is.
SMALL = (AreaKind.COMMUNITY, AreaKind.GRID)
# What each role may state as the source: those on the street what they saw, mediators also what reached them.
SEEN = frozenset([HazardSource.PHONE, HazardSource.PATROL, HazardSource.OTHER])
TOLD = SEEN | {HazardSource.HOTLINE, HazardSource.PETITION, HazardSource.OPINION}
SOURCES = {role: TOLD if role in KEEPS else SEEN for role in REPORTS}


def figures_of(hazard: Hazard) -> dict:
    """Return what every event about a hazard tells: ids and codes, no words and no names of people."""
    return {
        "hazard": hazard.number, "source": hazard.source, "type": hazard.type.code if hazard.type else None,
        "urgency": hazard.urgency, "patrol": hazard.patrol.number if hazard.patrol else None,
    }  # fmt: skip


def hazard_report(*, actor: User, words: str, area: Area | None = None, place: str = "",
                  longitude: float | None = None, latitude: float | None = None, coordinate_system: str = "wgs84",
                  source: str | None = None, parties: str = "", people: int | None = None, violence: bool = False,
                  urgency: str = HazardUrgency.NORMAL, type: DisputeType | None = None, patrol: Patrol | None = None,
                  point: PatrolPoint | None = None, seen_at: datetime | None = None, photos: Sequence[Upload] = (),
                  origin: Model | None = None, occurred_at: datetime | None = None) -> Hazard:  # fmt: skip
    """Report a hazard: its words and where it is (a position, an area, or the point of a round) are enough.

    ``patrol``: the round under way on which it was found. ``type`` None: guessed from the words. Raises NotPermitted
    for who does not work there, Conflict (the round is not under way), Invalid naming the field.
    """
    at = occurred_at or timezone.now()
    _source_check(source, patrol, point)
    if seen_at is not None and seen_at < at - OLDEST:
        raise Invalid(_("At most 90 days ago."), field="seen_at", code="too_far")
    with atomically():
        grant = None
        if patrol is not None:
            patrol, grant = _round(patrol, point, actor, at)
            area, place, longitude, latitude = _on_the_round(patrol, point, area, place, longitude, latitude)
        longitude, latitude = _position(longitude, latitude, coordinate_system)
        hazard = Hazard(
            area=_area(area, longitude, latitude), place=place.strip(), longitude=longitude, latitude=latitude,
            words=words.strip(), parties=parties.strip(), people=people, violence=violence, urgency=urgency,
            source=source or (HazardSource.PATROL if patrol else HazardSource.PHONE), patrol=patrol, point=point,
            reporter=actor, seen_at=seen_at or at, reported_at=at, type=type,
        )  # fmt: skip
        grant = grant or _grant(hazard, actor)
        return hazard_store(hazard, actor=actor, grant=grant, photos=photos, origin=origin, at=at)


def hazard_store(hazard: Hazard, *, actor: User, grant: Grant, photos: Sequence[Upload] = (),
                 origin: Model | None = None, at: datetime) -> Hazard:  # fmt: skip
    """Judge and store a hazard with its event, photos and timer. For services that found out who may."""
    hazard.assess_by = at + LIMITS[_pressing(hazard)]
    if origin is not None:
        hazard.origin_type, hazard.origin_id = origin._meta.label_lower, origin.pk
    if hazard.type is None and hazard.words:
        hazard.type = type_guessed(hazard.words)
    _judge(hazard, at)
    with atomically():
        hazard.save(force_insert=True)
        name = "hazard.reported_urgent" if _pressing(hazard) else "hazard.reported"
        payload = figures_of(hazard) | {"to": hazard.state}
        event = events.record(name, hazard, actor=actor, grant=grant, payload=payload, occurred_at=at)
        if photos:
            attach(hazard, photos, purpose=AttachmentPurpose.REPORT, actor=actor, event=event)
        assess_timer(hazard)
    return hazard


def _pressing(hazard: Hazard) -> bool:
    return hazard.violence or hazard.urgency == HazardUrgency.URGENT


def _source_check(source: str | None, patrol: Patrol | None, point: PatrolPoint | None) -> None:
    """Refuse "found on a patrol", or at a point, without the round, and a round with another source. Raises Invalid."""
    if patrol is None and (source == HazardSource.PATROL or point is not None):
        raise Invalid(_("Say on which round it was found."), field="patrol", code="required")
    if source not in (None, HazardSource.PATROL) and patrol is not None:
        raise Invalid(_("What was found on a round has no other source."), field="source", code="of_a_round")


def _round(patrol: Patrol, point: PatrolPoint | None, actor: User, at: datetime) -> tuple[Patrol, Grant]:
    """Return the round, locked, and the role in which the actor walks it. Raises NotPermitted, Conflict, Invalid."""
    locked = Patrol.objects.lock(patrol.pk)
    grant = grant_for(WALKERS, locked, actor)
    if grant is None:
        raise NotPermitted(_("You may not walk this round."))
    if locked.state not in (PatrolState.UNDER_WAY, PatrolState.FINISHED) or at > locked.ends_at + KEPT_OFFLINE:
        raise Conflict(_("Findings can be reported while the round is under way."))
    if point is not None and point.route_id != locked.route_id:
        raise Invalid(_("There is no such point on this route."), field="point", code="does_not_exist")
    return locked, grant


def _on_the_round(patrol, point, area, place, longitude, latitude):
    """Return where it is: the position given, else the point's, else the round's area.

    Areas without a boundary hold no point by themselves: there the round's area is named too.
    """
    if longitude is None and point is not None:
        longitude, latitude, place = point.longitude, point.latitude, place.strip() or point.name
    if longitude is None or patrol.area.boundary is None:
        area = area or patrol.area
    return area, place, longitude, latitude


def _position(longitude, latitude, system: str):
    if longitude is None or latitude is None:
        return longitude, latitude
    try:
        return to_wgs84(longitude, latitude, system)
    except CoordinateError as error:
        field = {"lon": "longitude", "lat": "latitude", "system": "coordinate_system"}[error.field]
        raise Invalid(str(error.detail), field=field, code="invalid") from error


def point_within(area: Area, longitude: float | None, latitude: float | None):
    """Return a position (WGS-84) where it may lie in ``area``, else none: the area was said on purpose."""
    if longitude is None or latitude is None or area.boundary is None:
        return longitude, latitude
    found = Area.objects.holding(longitude, latitude)
    return (longitude, latitude) if found is not None and area.contains(found) else (None, None)


def _area(area: Area | None, longitude: float | None, latitude: float | None) -> Area:
    found = area_of_place(area, longitude, latitude)
    if found.kind not in SMALL:
        raise Invalid(_("Say in which community or grid it is."), field="area", code="kind")
    return found


def _grant(hazard: Hazard, actor: User) -> Grant:
    mine = {role: relation for role, relation in REPORTS.items() if hazard.source in SOURCES[role]}
    grant = grant_for(mine, hazard, actor)
    if grant is not None:
        return grant
    if grant_for(REPORTS, hazard, actor) is not None:
        raise Invalid(_("You cannot report hazards from this source."), field="source", code="not_yours")
    raise NotPermitted(_("You do not report hazards here."))


def _judge(hazard: Hazard, at: datetime) -> None:
    """Refuse what a field does not hold, naming it. Raises Invalid."""
    if not hazard.words:
        raise Invalid(_("Say what was seen or heard."), field="words", code="required")
    if hazard.seen_at > at + CLOCK_SKEW:
        raise Invalid(_("This time lies in the future."), field="seen_at", code="in_future")
    words_check(words=hazard.words, parties=hazard.parties, place=hazard.place)
    try:
        hazard.clean_fields()
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise Invalid(messages[0], field=field, code="invalid") from error


def words_check(**texts: str) -> None:
    """Refuse what no text of the database holds (a null character), and what is too long. Raises Invalid."""
    for field, text in texts.items():
        if "\0" in text:
            raise Invalid(_("This text holds a character that cannot be stored."), field=field, code="invalid")
        if len(text) > LONGEST:
            raise Invalid(_("At most %(count)s characters.") % {"count": LONGEST}, field=field, code="max_length")
