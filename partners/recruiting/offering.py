"""What partners offer: made by a partner and put on view by the community, or entered by the community itself."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time

from django.utils.translation import gettext as _

from governance import events
from governance.errors import Invalid, NotPermitted
from governance.models import Area, AreaKind, User
from governance.scoping import Grant, grant_for
from governance.transactions import atomically
from governance.workflow import carries_out
from partners.models import Offer, OfferAccess, OfferKind, Partner, QualificationKind
from partners.models.offer import MOST_PLACES
from partners.recruiting.acting import (
    OFFER,
    carry,
    clock,
    day_of,
    days_check,
    figures_of,
    lock_partner,
    plain,
    standing_check,
    words,
)
from partners.recruiting.offer_workflow import OfferState
from partners.recruiting.querysets import ACTS, RUNS, THEMSELVES
from partners.recruiting.slots import slots_cancel
from partners.recruiting.workflow import PartnerState

LENGTHS = {"title": 80, "about": 1000, "extent": 80, "target_group": 80, "place": 120}
# What is done by hand and head needs the licence of who does it; a room or a bag of rice does not.
LICENSED = (OfferKind.SERVICE, OfferKind.HOURS)
MOST_COMMUNITIES = 30


@dataclass(frozen=True)
class Plan:
    """What an offer says; the fields of ``Offer``. ``communities``: further ones beside the partner's own."""

    kind: str
    title: str
    about: str = ""
    extent: str = ""
    access: str = OfferAccess.OPEN
    target_group: str = ""
    place: str = ""
    weekdays: Sequence[int] = ()
    starts: time | None = None
    ends: time | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    capacity: int = 0
    needs: QualificationKind | None = None
    communities: Iterable[Area] = field(default=())


def offer_make(partner: Partner, *, actor: User, plan: Plan, occurred_at: datetime | None = None) -> Offer:
    """Offer something, as an active partner: the community reads it first; what its staff enters is on view at once.

    Raises NotPermitted, Conflict (``standing``), Invalid naming a field.
    """
    at, today = day_of(occurred_at)
    with atomically():
        locked = lock_partner(partner)
        grant, runs = _granted(locked, actor, THEMSELVES)
        standing_check(locked, PartnerState.ACTIVE)
        columns = _columns(locked, plan, today)
        areas = _areas(locked, plan.communities)
        made = Offer.objects.create(partner=locked, area=locked.area, made_at=at, **columns)
        made.communities.set(areas)
        payload = figures_of(made) | {"to": made.state}
        events.record("offer.made", made, actor=actor, grant=grant, payload=payload, occurred_at=at)
        if runs:
            made = carry(made, "publish", actor=actor, occurred_at=at)
    return made


def offer_change(offer: Offer, *, actor: User, plan: Plan, version: int | None = None,
                 occurred_at: datetime | None = None) -> Offer:  # fmt: skip
    """Change what an offer says: by the community it stays on view, by the partner it is read again.

    Raises NotPermitted, Conflict, Invalid naming a field.
    """
    at, today = day_of(occurred_at)
    with atomically():
        partner = lock_partner(offer)
        locked = Offer.objects.lock(offer.pk)
        _grant, runs = _granted(locked, actor, ACTS)
        standing_check(partner, PartnerState.ACTIVE)
        columns = _columns(partner, plan, today, of=locked)
        areas = _areas(partner, plan.communities)
        name = "change" if runs else "revise"
        fresh = carry(locked, name, actor=actor, version=version, occurred_at=at, **columns)
        fresh.communities.set(areas)
    return fresh


def _granted(obj, actor: User, own) -> tuple[Grant, bool]:
    """Return the grant, and whether it is the community's. Who keeps partners and is one acts for the community only
    where it is not their own. Raises NotPermitted."""
    mine, runs = grant_for(own, obj, actor), grant_for(RUNS, obj, actor)
    if mine is None and runs is None:
        raise NotPermitted(_("You may not do this for this partner."))
    return mine or runs, mine is None


def _areas(partner: Partner, others: Iterable[Area]) -> list[Area]:
    found = {area.pk: area for area in [partner.area, *others]}
    if len(found) > MOST_COMMUNITIES:
        text = _("At most %(count)s communities.") % {"count": MOST_COMMUNITIES}
        raise Invalid(text, field="communities", code="too_many")
    if any(area.kind != AreaKind.COMMUNITY or not area.is_active for area in found.values()):
        raise Invalid(_("Offers are made in communities."), field="communities", code="invalid")
    return list(found.values())


def _columns(partner: Partner, plan: Plan, today: date, of: Offer | None = None) -> dict:
    """Return what is stored of a plan. Raises Invalid naming a field."""
    texts = words(title=plan.title, about=plan.about, extent=plan.extent, target_group=plan.target_group,
                  place=plan.place)  # fmt: skip
    for name, most in LENGTHS.items():
        if len(texts[name]) > most:
            raise Invalid(_("At most %(count)s characters.") % {"count": most}, field=name, code="max_length")
    if not texts["title"]:
        raise Invalid(_("Say what it is about."), field="title", code="required")
    if plan.kind not in OfferKind.values or plan.access not in OfferAccess.values:
        raise Invalid(_("Choose one."), field="kind" if plan.kind not in OfferKind.values else "access")
    if not 0 <= plan.capacity <= MOST_PLACES:
        raise Invalid(_("0 to 10,000 places."), field="capacity", code="out_of_range")
    _times_check(plan)
    first = plan.valid_from or (of.valid_from if of else today)
    days_check(first, plan.valid_to, today)
    return texts | {
        "kind": plan.kind, "access": plan.access, "weekdays": sorted(set(plan.weekdays)), "starts": plan.starts,
        "ends": plan.ends, "valid_from": first, "valid_to": plan.valid_to, "capacity": plan.capacity,
        "needs": _needs(partner, plan),
    }  # fmt: skip


def _times_check(plan: Plan) -> None:
    if any(day not in range(7) for day in plan.weekdays):
        raise Invalid(_("Days of the week are 0 to 6."), field="weekdays", code="invalid")
    if (plan.starts is None) != (plan.ends is None) or (plan.weekdays and plan.starts is None):
        raise Invalid(_("From when to when?"), field="starts", code="required")
    if plan.starts is not None and plan.ends <= plan.starts:
        raise Invalid(_("It must end after it begins."), field="ends", code="order")


def _needs(partner: Partner, plan: Plan) -> QualificationKind | None:
    """What may not be given without a licence needs it, whatever was said."""
    return partner.licence if partner.licence is not None and plan.kind in LICENSED else plan.needs


@carries_out(OFFER, "end")
def offer_end(offer: Offer, *, actor: User, occurred_at: datetime | None = None, **given) -> Offer:
    """Take an offer back; its dates to come are cancelled."""
    return _ends(offer, "end", actor=actor, occurred_at=occurred_at, **given)


@carries_out(OFFER, "take_down")
def offer_take_down(offer: Offer, *, actor: User, occurred_at: datetime | None = None, **given) -> Offer:
    """The community takes an offer off view, with a reason; its dates to come are cancelled."""
    return _ends(offer, "take_down", actor=actor, occurred_at=occurred_at, **given)


def _ends(offer: Offer, name: str, *, actor: User, occurred_at: datetime | None, **given) -> Offer:
    at, _today = day_of(occurred_at)
    with atomically():
        fresh = carry(offer, name, actor=actor, occurred_at=at, **given)
        slots_cancel(fresh, at=at, reason=_("The offer has ended."))
    return fresh


def offers_end(partner: Partner, *, at: datetime, reason: str) -> None:
    """End everything a locked partner offers: it left."""
    rows = Offer.objects.filter(partner=partner, state__in=[OfferState.PROPOSED, OfferState.OPEN])
    for row in rows.order_by("pk"):
        _ends(row, "end", actor=clock(), occurred_at=at, reason=reason)


@carries_out(OFFER, "publish")
def offer_publish(offer: Offer, *, actor: User, **given) -> Offer:
    """Put an offer on view. Raises Conflict (``standing``) unless its partner is active; as ``perform``."""
    with atomically():
        standing_check(lock_partner(offer), PartnerState.ACTIVE)
        return carry(offer, "publish", actor=actor, **given)


plain(Offer, "decline")
