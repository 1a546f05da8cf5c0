"""Raising a need: by a resident, or by somebody at work who heard it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db.models import Model
from django.utils import timezone
from django.utils.translation import gettext as _

from governance import events
from governance.attachments import attach
from governance.errors import Conflict, Invalid, NotPermitted
from governance.models import Area, AreaKind, AttachmentPurpose, Building, Dwelling, Estate, Role, User
from governance.scoping import Anywhere, Grant, InArea, grant_for
from governance.transactions import atomically
from partners.models import Need, NeedCategory, NeedGroup, NeedRaiser, NeedSource, NeedUrgency
from partners.needs.acting import clock, figures_of
from partners.needs.deadlines import verify_by, verify_timer
from partners.needs.residents import community_of, dwellings_of
from partners.needs.sorting import category_guessed
from partners.needs.wording import words_check

S = NeedSource
ON_SITE = frozenset([S.VISIT, S.PHONE])
# Who registers needs in their area, and as coming from where. Residents have their own rule: ``resident_raise``.
SOURCES = {
    Role.PARTNER_MANAGER: frozenset(S),
    Role.COMMUNITY_STAFF: frozenset(S),
    Role.GRID_WORKER: ON_SITE,
    Role.STEWARD: frozenset([S.VISIT]),
    Role.ORGANISER: ON_SITE | {S.ASSEMBLY},
    Role.PARTY_SECRETARY: ON_SITE | {S.ASSEMBLY},
    Role.OPERATIONS_CENTRE: frozenset([S.ANALYSIS, S.PHONE]),
    Role.DISPATCHER: frozenset([S.ANALYSIS]),
    Role.SYSTEM: frozenset(S),
}
RAISES = {role: Anywhere() if role == Role.SYSTEM else InArea() for role in SOURCES}
# A resident raises so many needs in a day at most [J].
MOST_A_DAY = 10
# So long ago a need collected elsewhere may have been raised [J].
OLDEST = timedelta(days=366)


@dataclass(frozen=True)
class Raiser:
    """Somebody who raised a need, as far as known: an account, a name and phone, the dwelling they were asked in."""

    user: User | None = None
    name: str = ""
    phone: str = ""
    dwelling: Dwelling | None = None


@dataclass(frozen=True)
class Spot:
    """Where a need is: a dwelling or a building says its estate, an estate its community."""

    area: Area | None = None
    estate: Estate | None = None
    building: Building | None = None

    def settled(self) -> "Spot":
        """Return it with what follows from its parts. Raises Invalid naming the part that does not fit."""
        estate = self.estate or (self.building.estate if self.building else None)
        if self.building is not None and self.building.estate_id != estate.pk:
            raise Invalid(_("This building is not of this estate."), field="building", code="outside")
        area = self.area or (self.building.area if self.building else estate.area if estate else None)
        if area is None:
            raise Invalid(_("Say in which community."), field="area", code="required")
        if area.kind not in (AreaKind.COMMUNITY, AreaKind.GRID):
            raise Invalid(_("Needs belong to a community or one of its grids."), field="area", code="kind")
        if estate is not None and community_of(estate.area).pk != community_of(area).pk:
            raise Invalid(_("This estate is not in this community."), field="estate", code="outside")
        return Spot(area, estate, self.building)


def need_register(*, actor: User, source: str, title: str, area: Area | None = None, estate: Estate | None = None,
                  building: Building | None = None, category: NeedCategory | None = None, description: str = "",
                  group: str = NeedGroup.EVERYBODY, people: int | None = None, urgency: str = NeedUrgency.NORMAL,
                  raisers=(), anonymous: bool = False, origin: Model | None = None, photos=(),
                  occurred_at: datetime | None = None) -> Need:  # fmt: skip
    """Register a need heard at work. ``category`` None: guessed from the words. ``raisers``: ``Raiser`` rows.

    Raises NotPermitted for who does not work there, Invalid naming the field (a source that is not this role's to
    state, a place that does not fit, no title, a time ahead or more than a year ago).
    """
    at = _moment(occurred_at)
    spot = Spot(area, estate, building).settled()
    need = Need(
        area=spot.area, estate=spot.estate, building=spot.building, title=title.strip(), source=source,
        description=description.strip(), group=group, people=people, urgency=urgency, anonymous=anonymous,
        registered_by=actor, raised_at=at, **_origin(origin),
    )  # fmt: skip
    grant = _grant(need, actor)
    need.category = category or category_guessed(f"{need.title} {need.description}")
    return _stored(need, raisers, actor=actor, grant=grant, at=at, photos=photos)


def resident_raise(*, actor: User, title: str, category: NeedCategory | None = None, dwelling: Dwelling | None = None,
                   description: str = "", group: str = NeedGroup.EVERYBODY, people: int | None = None,
                   urgency: str = NeedUrgency.NORMAL, anonymous: bool = False, photos=(),
                   occurred_at: datetime | None = None) -> Need:  # fmt: skip
    """Raise an own need, in the community of the own dwelling (default: the first).

    Anonymous: nobody at work reads who it is, also not in the history; the person still follows it. Raises NotPermitted
    for who has no confirmed home there, Conflict (too many in a day), Invalid naming the field.
    """
    at = _moment(occurred_at)
    with atomically():
        User.objects.select_for_update(no_key=True).get(pk=actor.pk)
        homes = dwellings_of(actor)
        home = homes.filter(pk=dwelling.pk).first() if dwelling is not None else homes.first()
        if home is None:
            raise NotPermitted(_("Only residents and owners raise needs here."))
        mine = Need.objects.raised_by(actor).filter(raised_at__gt=at - timedelta(days=1), source=S.RESIDENT)
        if mine.count() >= MOST_A_DAY:
            raise Conflict(_("You have raised many needs today: please go on tomorrow."), code="too_many")
        teller = clock() if anonymous else actor
        need = Need(
            area=home.area, estate=home.building.estate, building=None if anonymous else home.building,
            title=title.strip(), description=description.strip(), source=S.RESIDENT, group=group, people=people,
            urgency=urgency, anonymous=anonymous, registered_by=teller, raised_at=at,
            category=category or category_guessed(f"{title} {description}"),
        )  # fmt: skip
        grant = Grant(Role.SYSTEM) if anonymous else Grant(Role.RESIDENT)
        raiser = Raiser(user=actor, dwelling=home)
        return _stored(need, [raiser], actor=teller, grant=grant, at=at, photos=photos)


def _moment(given: datetime | None) -> datetime:
    now = timezone.now()
    at = given or now
    if at > now + timedelta(minutes=10):
        raise Invalid(_("This time lies in the future."), field="raised_at", code="in_future")
    if at < now - OLDEST:
        raise Invalid(_("At most a year ago."), field="raised_at", code="too_far")
    return at


def _origin(row: Model | None) -> dict:
    return {} if row is None else {"origin_type": row._meta.label_lower, "origin_id": row.pk}


def _grant(need: Need, actor: User) -> Grant:
    """Return the role in which somebody registers a need: the first that covers the place and may state the source."""
    mine = {role: relation for role, relation in RAISES.items() if need.source in SOURCES[role]}
    grant = grant_for(mine, need, actor)
    if grant is not None:
        return grant
    if grant_for(RAISES, need, actor) is not None:
        raise Invalid(_("You cannot register needs from this source."), field="source", code="not_yours")
    raise NotPermitted(_("You may not register needs here."))


def _stored(need: Need, raisers, *, actor: User, grant: Grant, at: datetime, photos) -> Need:
    with atomically():
        need.verify_by = verify_by(need.area, at)
        rows = [NeedRaiser(**vars(raiser)) for raiser in raisers]
        _judge(need, rows)
        need.save(force_insert=True)
        for row in rows:
            row.need = need
        NeedRaiser.objects.bulk_create(rows)
        payload = figures_of(need) | {"to": need.state}
        event = events.record("need.registered", need, actor=actor, grant=grant, payload=payload, occurred_at=at)
        if photos:
            attach(need, photos, purpose=AttachmentPurpose.REPORT, actor=actor, event=event)
        verify_timer(need)
    return need


def _judge(need: Need, raisers: list[NeedRaiser]) -> None:
    """Refuse what a field does not hold, naming it. Raises Invalid."""
    if not need.title:
        raise Invalid(_("Say what is needed."), field="title", code="required")
    if need.people is not None and not 1 <= need.people <= 100_000:
        raise Invalid(_("1 to 100000 people."), field="people", code="out_of_range")
    words_check(title=need.title, description=need.description, name="".join(row.name for row in raisers))
    try:
        need.clean_fields()
        for row in raisers:
            row.clean_fields(exclude=["need"])
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise Invalid(messages[0], field=field, code="invalid") from error
