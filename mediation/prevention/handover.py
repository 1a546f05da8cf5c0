"""Hazards handed over by apps above: a steward's sighting of a dispute (``property`` calls this in its handler)."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Model
from django.utils import timezone

from governance.models import Area, Role, User
from governance.photos import Upload
from governance.scoping import Grant, grants_of
from mediation.models import DisputeType, Hazard, HazardSource, HazardUrgency
from mediation.prevention.reporting import LONGEST, hazard_store


def hazard_from_outside(*, actor: User, area: Area, words: str, origin: Model, source: str = HazardSource.STEWARD,
                        place: str = "", longitude: float | None = None, latitude: float | None = None,
                        urgency: str = HazardUrgency.NORMAL, violence: bool = False, type: DisputeType | None = None,
                        seen_at: datetime | None = None, photos: Sequence[Upload] = (),
                        occurred_at: datetime | None = None) -> Hazard:  # fmt: skip
    """Take what somebody told to another part of the product as a hazard of ``area`` (a community or a grid).

    The caller has judged whether ``actor`` may tell it; call it inside the transaction of that. ``origin`` is the
    caller's row: once is enough, the same one again gives the same hazard. What was seen long ago is taken too: the
    caller took it. Raises Invalid naming the field.
    """
    known = Hazard.objects.made_of(origin).with_rows().first()
    if known is not None:
        return known
    at = occurred_at or timezone.now()
    hazard = Hazard(
        area=area, words=words.strip()[:LONGEST], place=place.strip()[:120], longitude=longitude, latitude=latitude,
        source=source, urgency=urgency, violence=violence, type=type, reporter=actor, seen_at=seen_at or at,
        reported_at=at,
    )  # fmt: skip
    return hazard_store(hazard, actor=actor, grant=_grant(actor, area), photos=photos, origin=origin, at=at)


def _grant(actor: User, area: Area) -> Grant:
    """Return in which role it was told: a post for the place, else that of a resident, which everybody has."""
    grants = grants_of(actor)
    posts = [grant for grant in grants if grant.role != Role.RESIDENT and area.path.startswith(grant.area_path)]
    return next(iter(posts), None) or grants[-1]
