"""Calendars by private link: who gets a link, what a calendar holds, and where apps add their dated things.

A link is shown once; only the hash of its token is kept. What a calendar shows is asked anew at every fetch, as its
owner may see it then: somebody who left sees nothing, whatever link they kept.
"""

import hashlib
import re
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance import events
from governance.errors import Conflict, Invalid, NotPermitted
from governance.models import Booking, CalendarFeed, OrgUnit, Role, User, Venue
from governance.models.venue import FeedKind
from governance.permissions import STAFF
from governance.scoping import Grant, grants_of, roles_of
from governance.transactions import atomically

MADE = events.register("calendar_feed.made", gettext_lazy("Calendar link made"))
REVOKED = events.register("calendar_feed.revoked", gettext_lazy("Calendar link revoked"))
TOKEN_BYTES = 32
TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
MOST_LINKS = 20
PAST, AHEAD = timedelta(days=60), timedelta(days=365)


@dataclass(frozen=True)
class Wanted:
    """What a calendar asks its sources for: dated things of ``subject`` (a Venue, an OrgUnit or a User, as ``kind``
    says) that ``reader`` may see now and that touch [start, end)."""

    kind: str
    subject: models.Model
    reader: User
    start: datetime
    end: datetime


@dataclass(frozen=True)
class Entry:
    """One dated thing. ``uid`` never changes, ``sequence`` grows with each change; ``summary`` is what people read."""

    uid: str
    summary: str
    starts_at: datetime
    ends_at: datetime
    changed_at: datetime
    sequence: int = 0
    location: str = ""
    cancelled: bool = False
    stands_for: str = ""  # the ``uid`` of another entry that this one tells of already, such as the booking of its room


Source = Callable[[Wanted], Iterable[Entry]]
_sources: list[Source] = []


def calendar_source(source: Source) -> Source:
    """Ask the decorated ``source(wanted) -> entries`` for every calendar. It gives what ``wanted.reader`` may see."""
    if source not in _sources:
        _sources.append(source)
    return source


def entries_of(feed: CalendarFeed, at: datetime | None = None) -> list[Entry]:
    """Return what the calendar shows at ``at`` (default now), in order of time."""
    at = at or timezone.now()
    subject = _subject(feed)
    if subject is None:
        return []
    wanted = Wanted(feed.kind, subject, feed.owner, at - PAST, at + AHEAD)
    found = [entry for source in _sources for entry in source(wanted)]
    told = {entry.stands_for for entry in found if entry.stands_for}
    found = [entry for entry in found if entry.uid not in told]
    return sorted(found, key=lambda entry: (entry.starts_at, entry.uid))


def _subject(feed: CalendarFeed) -> models.Model | None:
    """Return what the calendar is about, or None where its owner has no business with it any more."""
    if not feed.owner.is_active:
        return None
    if feed.kind == FeedKind.PERSON:
        return feed.owner
    if feed.kind == FeedKind.VENUE:
        return feed.venue if may_follow_venue(feed.venue, feed.owner) else None
    return feed.unit if feed.unit_id in units_of(feed.owner) else None


def may_follow_venue(venue: Venue, user: User) -> bool:
    """Tell whether a person sees what a venue is booked for; residents see only when it is free."""
    return bool(STAFF & roles_of(user)) and Venue.objects.get_queryset().is_visible(venue, user)


def units_of(user: User) -> set[int]:
    """Return the keys of the units a person holds a post in today."""
    return {grant.unit_id for grant in grants_of(user) if grant.unit_id is not None}


@calendar_source
def booking_entries(wanted: Wanted) -> Iterable[Entry]:
    """Bookings of the venue, of the unit (in its name or in its rooms), or made by the person; cancelled ones too."""
    rows = Booking.objects.visible_to(wanted.reader).between(wanted.start, wanted.end)
    if wanted.kind == FeedKind.VENUE:
        rows = rows.filter(venue=wanted.subject)
    elif wanted.kind == FeedKind.UNIT:
        rows = rows.filter(models.Q(unit=wanted.subject) | models.Q(venue__unit=wanted.subject))
    else:
        rows = rows.filter(booked_by=wanted.subject)
    return [_entry(booking, with_venue=wanted.kind != FeedKind.VENUE) for booking in rows.select_related("venue")]


def _entry(booking: Booking, *, with_venue: bool) -> Entry:
    venue = booking.venue
    return Entry(
        uid=f"booking-{booking.uid}",
        summary=f"{booking.title} · {venue.name}" if with_venue else booking.title,
        starts_at=booking.starts_at,
        ends_at=booking.ends_at,
        changed_at=booking.changed_at,
        sequence=booking.version,
        location=" ".join(part for part in (venue.name, venue.address) if part),
        cancelled=booking.state == "cancelled",
    )


def feed_make(
    *, actor: User, kind: str, venue: Venue | None = None, unit: OrgUnit | None = None
) -> tuple[CalendarFeed, str]:
    """Make a link to the calendar of a venue, of one's own unit, or of oneself; returns it and the token, told once.

    Raises Invalid naming ``kind``, ``venue`` or ``unit``; NotPermitted for what the person may not follow; Conflict
    when there are ``MOST_LINKS`` already.
    """
    _check_subject(actor, kind, venue, unit)
    with atomically():
        User.objects.select_for_update(no_key=True).get(pk=actor.pk)
        if CalendarFeed.objects.filter(owner=actor).in_use().count() >= MOST_LINKS:
            raise Conflict(_("There are too many links already: revoke one first."), code="too_many")
        token = secrets.token_urlsafe(TOKEN_BYTES)
        feed = CalendarFeed.objects.create(owner=actor, kind=kind, venue=venue, unit=unit, token_hash=hash_of(token))
        payload = {"kind": kind, "venue": feed.venue_id, "unit": feed.unit_id}
        events.record(MADE, feed, actor=actor, grant=Grant(Role.RESIDENT), payload=payload)
    return feed, token


def _check_subject(actor: User, kind: str, venue: Venue | None, unit: OrgUnit | None) -> None:
    if actor.is_system or not actor.is_active:
        raise NotPermitted(_("Only people have calendars."))
    if kind not in FeedKind.values:
        raise Invalid(_("Choose what the calendar shows."), field="kind", code="invalid_choice")
    for name, given in (("venue", venue), ("unit", unit)):
        if kind == name and given is None:
            raise Invalid(_("Choose one."), field=name, code="required")
        if kind != name and given is not None:
            raise Invalid(_("This does not belong to this kind of calendar."), field=name, code="not_wanted")
    if venue is not None and not may_follow_venue(venue, actor):
        raise NotPermitted(_("You may not follow this venue."))
    if unit is not None and unit.pk not in units_of(actor):
        raise NotPermitted(_("You may follow your own unit only."))


def hash_of(token: str) -> str:
    """Return what is kept of a token: SHA-256, enough for 256 random bits."""
    return hashlib.sha256(token.encode()).hexdigest()


def feed_of(token: str) -> CalendarFeed | None:
    """Return the calendar of a token that holds, or None."""
    if not TOKEN.fullmatch(token):
        return None
    rows = CalendarFeed.objects.in_use().select_related("owner", "venue__area", "unit")
    return rows.defer("venue__area__boundary").filter(token_hash=hash_of(token)).first()
