"""Skill exchange: offers and wants, proposals that both confirm, and how to reach each other once they have."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from governance import events
from governance.errors import Conflict, Invalid, NotPermitted
from governance.models import Area, AreaKind, Estate, Role, User
from governance.scoping import Grant, grant_for
from governance.transactions import atomically
from governance.workflow import carries_out
from property.gatherings.acting import carry, clock, figures_of
from property.gatherings.matching import Fit, Wish, fit, kinds_named, ranked
from property.gatherings.querysets import KEEPS_SKILLS
from property.gatherings.skill_workflow import MatchState
from property.models import SkillCategory, SkillEntry, SkillMatch, SkillSide
from property.residents import estates_of

ENTRY, MATCH = "property.skillentry", "property.skillmatch"
# So many open offers and wants a person has at most, so many proposals wait for others, so many are looked at [J].
MOST_OPEN, MOST_PROPOSED, MOST_LOOKED_AT, MOST_SHOWN = 20, 20, 500, 20
# As many digits as a telephone number has, also with signs between them, an address, or a named account: a reminder for
# who forgets that contact is shown once both have confirmed, no wall against who wants to tell it.
CONTACT = re.compile(
    r"(?:\d[\s\-–—_.·,、()]*){7}|@|(?:微信|vx|wx|qq)\s*号?\s*:?\s*(?=[a-z_-]*\d)[a-z][a-z\d_-]{5}", re.IGNORECASE
)
# So long an offer or a want holds when nobody says how long, and at most [J].
LASTS, LONGEST = timedelta(days=183), timedelta(days=366)


@dataclass(frozen=True)
class Contact:
    """How to reach the other side."""

    name: str
    phone: str


def skill_add(*, actor: User, side: str, category: SkillCategory, title: str, estate: Estate | None = None,
              about: str = "", where: str = "", weekdays: Sequence[int] = (), starts: time = time(8),
              ends: time = time(21), minutes: int = 60, valid_from: date | None = None, valid_to: date | None = None,
              occurred_at: datetime | None = None) -> SkillEntry:  # fmt: skip
    """Offer or want a skill, in ``estate`` (default: the first in which the person lives or owns); for half a year
    unless ``valid_to`` says otherwise.

    Raises NotPermitted for who is no resident there, Conflict (too many), Invalid naming a field.
    """
    at = occurred_at or timezone.now()
    words = {"title": title.strip(), "about": about.strip(), "where": where.strip()}
    today = timezone.localdate(at)
    first = valid_from or today
    _entry_check(words, starts, ends, minutes)
    _days_check(first, valid_to, today)
    with atomically():
        User.objects.select_for_update(no_key=True).get(pk=actor.pk)
        estate = _home(actor, estate)
        if SkillEntry.objects.filter(person=actor).not_over(today).count() >= MOST_OPEN:
            raise Conflict(_("Withdraw some of your offers and wants first."), code="too_many")
        made = SkillEntry.objects.create(
            side=side, person=actor, area=estate.area, estate=estate, category=category, starts=starts, ends=ends,
            weekdays=sorted(set(weekdays)), minutes=minutes, valid_from=first,
            valid_to=valid_to or first + LASTS, made_at=at, **words,
        )  # fmt: skip
        payload = figures_of(made) | {"to": made.state, "estate": estate.code}
        events.record("skill.made", made, actor=actor, grant=Grant(Role.RESIDENT), payload=payload, occurred_at=at)
    return made


def _entry_check(words: dict, starts: time, ends: time, minutes: int) -> None:
    if not words["title"]:
        raise Invalid(_("Say what it is about."), field="title", code="required")
    for field, text in words.items():
        if CONTACT.search(unicodedata.normalize("NFKC", text)):
            why = _("Leave numbers to reach you out: they are shown once both have confirmed.")
            raise Invalid(why, field=field, code="contact")
    if ends <= starts:
        raise Invalid(_("It must end after it begins."), field="ends", code="order")
    if not 10 <= minutes <= 600:
        raise Invalid(_("10 to 600 minutes."), field="minutes", code="out_of_range")


def _days_check(first: date, last: date | None, today: date) -> None:
    if abs(first - today) > LONGEST:
        raise Invalid(_("A day within a year from now is needed."), field="valid_from", code="too_far")
    if last is not None and last < first:
        raise Invalid(_("The last day lies before the first."), field="valid_to", code="order")
    if last is not None and last - first > LONGEST:
        raise Invalid(_("At most a year at a time: you may offer it again then."), field="valid_to", code="too_far")


def _home(actor: User, estate: Estate | None) -> Estate:
    homes = estates_of(actor).select_related("area")
    found = homes.filter(pk=estate.pk).first() if estate is not None else homes.first()
    if found is None:
        raise NotPermitted(_("Only residents and owners exchange skills here."))
    return found


def community_path(area: Area) -> str:
    """Return the path of the community an area lies in: neighbours are whoever lives there."""
    while area.kind == AreaKind.GRID:
        area = area.parent
    return area.path


def words_by_kind() -> dict[str, list[str]]:
    """Return what people call each kind of skill in use; one statement."""
    return dict(SkillCategory.objects.filter(is_active=True).exclude(words=[]).values_list("code", "words"))


def wish_of(entry: SkillEntry, words: dict[str, list[str]]) -> Wish:
    """Return an entry as matching sees it; reads ``category``. ``words``: those of ``words_by_kind``."""
    said = f"{entry.title} {entry.about}"
    return Wish(entry.category.code, said, entry.estate_id, frozenset(entry.weekdays), entry.starts, entry.ends,
                entry.minutes, kinds_named(said, words))  # fmt: skip


def suggestions_of(entry: SkillEntry, day: date) -> list[tuple[SkillEntry, Fit]]:
    """Return what fits an open entry on ``day``, the best first: of other people of the community, not proposed yet."""
    other = SkillSide.WANT if entry.side == SkillSide.OFFER else SkillSide.OFFER
    rows = SkillEntry.objects.open_on(day).filter(side=other, area__path__startswith=community_path(entry.area))
    rows = rows.exclude(person=entry.person_id).exclude(pk__in=_tried(entry))
    if entry.valid_to is not None:
        rows = rows.filter(valid_from__lte=entry.valid_to)
    found = {row.pk: row for row in rows.with_rows().order_by("-id")[:MOST_LOOKED_AT]}
    words = words_by_kind()
    fits = ranked(wish_of(entry, words), ((pk, wish_of(row, words)) for pk, row in sorted(found.items())))
    return [(found[pk], fits_) for pk, fits_ in fits[:MOST_SHOWN]]


def _tried(entry: SkillEntry):
    """Ids of entries this one was proposed to, also those that said no: nobody is asked twice for the same."""
    mine, theirs = ("offer", "want_id") if entry.side == SkillSide.OFFER else ("want", "offer_id")
    return SkillMatch.objects.filter(**{mine: entry}).values(theirs)


def match_propose(*, actor: User, offer: SkillEntry, want: SkillEntry, occurred_at: datetime | None = None):
    """Propose that an offer and a want fit: by one of the two, who has then confirmed, or by who runs the place.

    Raises NotPermitted, Invalid naming ``want``, or Conflict (not open, does not fit, proposed already).
    """
    at = occurred_at or timezone.now()
    with atomically():
        rows = SkillEntry.objects.select_for_update(of=("self",)).select_related(*SkillEntry.LOCK_WITH)
        held = {row.pk: row for row in rows.filter(pk__in=[offer.pk, want.pk]).order_by("pk")}
        offer, want = held[offer.pk], held[want.pk]
        grant = _proposes(actor, offer, want)
        found = _pair_check(offer, want, at)
        made = SkillMatch.objects.create(
            offer=offer, want=want, giver=offer.person, taker=want.person, area=want.area, score=found.score,
            reasons=list(found.reasons), proposed_at=at,
        )  # fmt: skip
        payload = figures_of(made) | {"to": made.state, "reasons": made.reasons}
        events.record("skill_match.proposed", made, actor=actor, grant=grant, payload=payload, occurred_at=at)
        if actor.pk in (made.giver_id, made.taker_id):
            made = match_confirm(made, actor=actor, occurred_at=at)
    return made


def _proposes(actor: User, offer: SkillEntry, want: SkillEntry) -> Grant:
    if actor.pk in (offer.person_id, want.person_id):
        waiting = SkillMatch.objects.filter(Q(giver=actor) | Q(taker=actor), state=MatchState.PROPOSED)
        if waiting.count() >= MOST_PROPOSED:
            raise Conflict(_("Several of your proposals wait for an answer: please wait for it."), code="too_many")
        return Grant(Role.RESIDENT)
    grants = [grant_for(KEEPS_SKILLS, entry, actor) for entry in (offer, want)]
    if None in grants:
        raise NotPermitted(_("You may not propose this."))
    return grants[0]


def _pair_check(offer: SkillEntry, want: SkillEntry, at: datetime) -> Fit:
    if (offer.side, want.side) != (SkillSide.OFFER, SkillSide.WANT) or offer.person_id == want.person_id:
        raise Invalid(_("An offer and a want of two people are needed."), field="want", code="invalid")
    day = timezone.localdate(at)
    if SkillEntry.objects.open_on(day).filter(pk__in=[offer.pk, want.pk]).count() < 2:
        raise Conflict(_("This offer or want does not hold any more."), code="not_open")
    if SkillMatch.objects.filter(offer=offer, want=want).exists():
        raise Conflict(_("This was proposed already."), code="proposed")
    words = words_by_kind()
    found = fit(wish_of(offer, words), wish_of(want, words))
    if found is None or community_path(offer.area) != community_path(want.area):
        raise Conflict(_("These two do not fit."), code="no_fit")
    return found


def side_of(match: SkillMatch, user) -> str | None:
    """Return on which side a person stands: giver, taker, or None."""
    return {match.giver_id: "giver", match.taker_id: "taker"}.get(user.pk)


def _said(match: SkillMatch, name: str, column: str, last: str, *, actor: User, at: datetime, **given) -> SkillMatch:
    """Let one side say something; when both have, the step ``last`` follows by itself."""
    with atomically():
        locked = SkillMatch.objects.lock(match.pk)
        side = side_of(locked, actor)
        if side is not None and getattr(locked, f"{side}_{column}") is not None:
            raise Conflict(_("You have said so already."), code="said")
        fresh = carry(locked, name, actor=actor, occurred_at=at, side=side, at=at, payload={"side": side}, **given)
        if getattr(fresh, f"giver_{column}") is not None and getattr(fresh, f"taker_{column}") is not None:
            fresh = carry(fresh, last, actor=clock(), occurred_at=at)
    return fresh


@carries_out(MATCH, "confirm")
def match_confirm(match: SkillMatch, *, actor: User, occurred_at: datetime | None = None, **given) -> SkillMatch:
    """Say yes for one's own side; the second yes confirms it. Raises Conflict the second time."""
    at = occurred_at or timezone.now()
    return _said(match, "confirm", "confirmed_at", "agree", actor=actor, at=at, **given)


@carries_out(MATCH, "report")
def match_report(match: SkillMatch, *, actor: User, occurred_at: datetime | None = None, **given) -> SkillMatch:
    """Say that it took place; when both say so it is done. Raises Conflict the second time."""
    at = occurred_at or timezone.now()
    return _said(match, "report", "done_at", "complete", actor=actor, at=at, **given)


@carries_out(MATCH, "rate")
def match_rate(match: SkillMatch, *, actor: User, stars: int, words: str = "", **given) -> SkillMatch:
    """Say how it was, once for each side. Raises Conflict the second time."""
    with atomically():
        locked = SkillMatch.objects.lock(match.pk)
        side = side_of(locked, actor)
        if side is not None and getattr(locked, f"{side}_stars") is not None:
            raise Conflict(_("You have said how it was already."), code="given")
        return carry(locked, "rate", actor=actor, side=side, stars=stars, words=words.strip(),
                     payload={"side": side, "stars": stars}, **given)  # fmt: skip


def _ends(name: str) -> None:
    def service(entry: SkillEntry, *, actor: User, occurred_at: datetime | None = None, **given) -> SkillEntry:
        """Close an entry; proposals that wait end with it."""
        at = occurred_at or timezone.now()
        with atomically():
            fresh = carry(entry, name, actor=actor, occurred_at=at, **given)
            waiting = SkillMatch.objects.filter(Q(offer=entry) | Q(want=entry), state=MatchState.PROPOSED)
            for match in waiting.order_by("pk"):
                carry(match, "end", actor=clock(), occurred_at=at)
        return fresh

    carries_out(ENTRY, name)(service)


_ends("withdraw")
_ends("take_down")


def contact_of(match: SkillMatch, user) -> Contact | None:
    """Return how ``user`` reaches the other side; None for anybody else, until both have confirmed, and afterwards."""
    side = side_of(match, user)
    if side is None or match.state != MatchState.CONFIRMED:
        return None
    other = match.taker if side == "giver" else match.giver
    return Contact(other.get_full_name(), other.phone or "")
