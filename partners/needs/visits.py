"""Visits on site: logged in a minute by who was there, with the needs they heard."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.places import area_of_place
from governance import events
from governance.attachments import attach
from governance.errors import Invalid, NotPermitted
from governance.models import Area, AreaKind, AttachmentPurpose, Dwelling, Estate, User
from governance.scoping import grant_for, roles_of
from governance.transactions import atomically
from partners.models import NeedCategory, NeedGroup, NeedSource, NeedUrgency, NeedVisit
from partners.needs.querysets import VISITING_ROLES, VISITS
from partners.needs.registering import Raiser, need_register
from partners.needs.residents import community_of
from partners.needs.wording import words_check

# How long afterwards a visit may still be logged, and how many needs at once [J].
LATEST = timedelta(days=30)
CLOCK_SKEW = timedelta(minutes=10)
MOST_NEEDS = 10


def may_visit(user) -> bool:
    """Tell whether somebody logs visits anywhere."""
    return bool(roles_of(user) & set(VISITING_ROLES))


@dataclass(frozen=True)
class Heard:
    """A need heard on a visit."""

    title: str
    category: NeedCategory | None = None
    description: str = ""
    group: str = NeedGroup.EVERYBODY
    people: int | None = None
    urgency: str = NeedUrgency.NORMAL


def visit_log(*, actor: User, at: datetime | None = None, minutes: int = 15, area: Area | None = None,
              estate: Estate | None = None, dwelling: Dwelling | None = None, place: str = "",
              longitude: float | None = None, latitude: float | None = None, with_whom: str = "", words: str = "",
              name: str = "", phone: str = "", needs=(), photos=(), now: datetime | None = None):  # fmt: skip
    """Log a visit and register the needs heard there (``Heard``), all or nothing; return the visit.

    The place is a dwelling, an estate, an area, or the position. ``name`` and ``phone`` of who was asked are optional
    and kept with the needs only. Raises NotPermitted, Invalid naming the field.
    """
    now = now or timezone.now()
    at = at or now
    _check_time(at, now)
    if len(needs) > MOST_NEEDS:
        raise Invalid(_("At most ten needs at once."), field="needs", code="too_many")
    if not needs and not words.strip():
        raise Invalid(_("Say what was heard, or which need."), field="words", code="required")
    with atomically():
        visit = NeedVisit(
            area=_area(area, estate, dwelling, longitude, latitude), dwelling=dwelling, place=place.strip(),
            estate=estate or (dwelling.building.estate if dwelling else None), visitor=actor, at=at, minutes=minutes,
            longitude=longitude, latitude=latitude, with_whom=with_whom.strip(), words=words.strip(),
        )  # fmt: skip
        grant = grant_for(VISITS, visit, actor)
        if grant is None:
            raise NotPermitted(_("You do not log visits here."))
        _judge(visit)
        visit.save(force_insert=True)
        payload = {"visit": visit.pk, "needs": len(needs), "minutes": minutes}
        event = events.record("need_visit.logged", visit, actor=actor, grant=grant, payload=payload, occurred_at=at)
        if photos:
            attach(visit, photos, purpose=AttachmentPurpose.EVIDENCE, actor=actor, event=event)
        told = [Raiser(name=name.strip(), phone=phone.strip(), dwelling=dwelling)] if name or phone or dwelling else []
        for heard in needs:
            _register(visit, heard, actor, told, at)
    return visit


def _check_time(at: datetime, now: datetime) -> None:
    if at > now + CLOCK_SKEW:
        raise Invalid(_("This time lies in the future."), field="at", code="in_future")
    if at < now - LATEST:
        raise Invalid(_("A visit is logged within 30 days."), field="at", code="too_far")


def _area(area, estate, dwelling, longitude, latitude) -> Area:
    """Return the community or grid of a visit. Raises Invalid."""
    found = area or (dwelling.area if dwelling else estate.area if estate else None)
    if found is None:
        if longitude is None:
            raise Invalid(_("Say where: a dwelling, an estate or your position."), field="estate", code="required")
        found = area_of_place(None, longitude, latitude)
    if found.kind not in (AreaKind.COMMUNITY, AreaKind.GRID):
        raise Invalid(_("Needs belong to a community or one of its grids."), field="area", code="kind")
    return found


def _judge(visit: NeedVisit) -> None:
    if visit.dwelling is not None and visit.estate_id != visit.dwelling.building.estate_id:
        raise Invalid(_("This dwelling is not of this estate."), field="dwelling", code="outside")
    if visit.estate is not None and community_of(visit.estate.area).pk != community_of(visit.area).pk:
        raise Invalid(_("This estate is not in this community."), field="estate", code="outside")
    if (visit.longitude is None) != (visit.latitude is None):
        raise Invalid(_("Give both longitude and latitude."), field="longitude", code="required")
    words_check(place=visit.place, with_whom=visit.with_whom, words=visit.words)
    try:
        visit.full_clean(validate_constraints=False)
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise Invalid(messages[0], field=field, code="invalid") from error


def _register(visit: NeedVisit, heard: Heard, actor: User, raisers, at: datetime) -> None:
    building = visit.dwelling.building if visit.dwelling else None
    need_register(actor=actor, source=NeedSource.VISIT, area=visit.area, estate=visit.estate, building=building,
                  raisers=raisers, origin=visit, occurred_at=at, **vars(heard))  # fmt: skip
