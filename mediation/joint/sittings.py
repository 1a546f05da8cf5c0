"""Sittings of a mediation: planned, moved, held, cancelled, with a room through the kernel's bookings."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from governance.bookings import booking_cancel, booking_make, booking_move
from governance.errors import Invalid
from governance.models import Booking, User, Venue
from governance.scoping import grant_for
from governance.transactions import atomically
from governance.venue_querysets import CHANGES_BOOKING
from governance.workflow import carries_out
from mediation.disputes.acting import clock, words_check
from mediation.disputes.querysets import HANDLES
from mediation.joint.acting import carry, dispute_held, may, stored
from mediation.models import Dispute, Party, Sitting, SittingKind, SittingState

SITTING = "mediation.sitting"
SITS = ("accepted", "mediating")
LONGEST = timedelta(hours=12)
# How far back a sitting on the spot is still written down, and how far ahead one is planned [J].
OLDEST, FARTHEST = timedelta(days=30), timedelta(days=366)


def sitting_plan(dispute: Dispute, *, actor: User, kind: str, starts_at: datetime, ends_at: datetime,
                 venue: Venue | None = None, place: str = "", link: str = "", together: bool | None = None,
                 together_reason: str = "", occurred_at: datetime | None = None) -> Sitting:  # fmt: skip
    """Plan a sitting, and book its room; one on the spot may be written down afterwards (without a room).

    ``together`` None: the parties sit together, except where there was domestic violence; there a reason is needed.
    Raises NotPermitted; Conflict (the dispute is not in mediation; the room is taken); Invalid naming the field.
    """
    at = occurred_at or timezone.now()
    words_check(place=place, longest=160)
    words_check(together_reason=together_reason, longest=500)
    if kind not in SittingKind.values:
        raise Invalid(_("Choose one of the values."), field="kind", code="invalid_choice")
    _times_check(starts_at, ends_at, at)
    _place_check(kind, venue, place, link)
    with atomically():
        held, grant = dispute_held(dispute, HANDLES, actor, states=SITS)
        together = not held.domestic_violence if together is None else together
        if together and held.domestic_violence and not together_reason.strip():
            text = _("There was domestic violence: the parties do not sit together, unless you say why.")
            raise Invalid(text, field="together_reason", code="violence")
        _overlap_check(held, starts_at, ends_at)
        row = Sitting(
            dispute=held, kind=kind, starts_at=starts_at, ends_at=ends_at, venue=venue, place=place.strip(),
            link=link.strip(), together=together, together_reason=together_reason.strip(), planned_by=actor,
            planned_at=at,
        )  # fmt: skip
        stored(row, "sitting.planned", actor=actor, grant=grant, at=at, kind=kind, together=together,
               starts_at=starts_at.isoformat(), venue=venue.pk if venue else None)  # fmt: skip
        if venue is not None:
            _keep_booking(row, _booked(row, actor, at))
    return row


def _times_check(starts_at: datetime, ends_at: datetime, at: datetime) -> None:
    for name, moment in (("starts_at", starts_at), ("ends_at", ends_at)):
        if timezone.is_naive(moment):
            raise Invalid(_("State the time zone."), field=name, code="naive")
    if starts_at >= ends_at:
        raise Invalid(_("It must end after it begins."), field="ends_at", code="order")
    if ends_at - starts_at > LONGEST:
        raise Invalid(_("At most 12 hours at a time."), field="ends_at", code="too_long")
    if starts_at < at - OLDEST:
        raise Invalid(_("At most 30 days ago."), field="starts_at", code="past")
    if starts_at > at + FARTHEST:
        raise Invalid(_("At most a year ahead."), field="starts_at", code="too_far")


def _overlap_check(dispute: Dispute, starts_at: datetime, ends_at: datetime, but: Sitting | None = None) -> None:
    """Refuse two sittings of one dispute at a time: it is one mediation, mostly the same form sent twice."""
    rows = Sitting.objects.filter(dispute=dispute, starts_at__lt=ends_at, ends_at__gt=starts_at)
    other = rows.exclude(state=SittingState.CANCELLED).exclude(pk=but and but.pk).order_by("starts_at").first()
    if other is not None:
        told = {"starts": timezone.localtime(other.starts_at), "ends": timezone.localtime(other.ends_at)}
        text = _("Another sitting of this dispute is then: %(when)s.")
        raise Invalid(text % {"when": f"{told['starts']:%m-%d %H:%M}–{told['ends']:%H:%M}"}, field="starts_at",
                      code="overlap")  # fmt: skip


def _place_check(kind: str, venue: Venue | None, place: str, link: str) -> None:
    if kind == SittingKind.VIDEO and not link.strip():
        raise Invalid(_("Give the link of the video meeting."), field="link", code="required")
    if kind != SittingKind.VIDEO and link.strip():
        raise Invalid(_("Only a sitting by video has a link."), field="link", code="not_wanted")
    if kind != SittingKind.VIDEO and venue is None and not place.strip():
        raise Invalid(_("Say where: a venue or a place in words."), field="place", code="required")


def _booked(sitting: Sitting, actor: User, at: datetime) -> Booking:
    """Book the room; what is booked for is not said beyond that it is a mediation: rooms are seen by many."""
    return booking_make(
        venue=sitting.venue, starts_at=sitting.starts_at, ends_at=sitting.ends_at, title=_("Mediation sitting"),
        actor=actor, purpose=sitting, occurred_at=at,
    )  # fmt: skip


def _keep_booking(sitting: Sitting, booking: Booking | None) -> None:
    Sitting.objects.filter(pk=sitting.pk).update(booking=booking)
    sitting.booking = booking


@carries_out(SITTING, "move")
def sitting_move(sitting: Sitting, *, actor: User, starts_at: datetime, ends_at: datetime, reason: str = "",
                 occurred_at: datetime | None = None, **given) -> Sitting:  # fmt: skip
    """Move a sitting, and its room with it. Raises as ``sitting_plan``; the reason is compulsory."""
    at = occurred_at or timezone.now()
    if may(sitting, "move", actor):
        _times_check(starts_at, ends_at, at)
    with atomically():
        if may(sitting, "move", actor):
            held = Dispute.objects.lock(sitting.dispute_id)
            _overlap_check(held, starts_at, ends_at, but=sitting)
        fresh = carry(sitting, "move", actor=actor, occurred_at=at, starts_at=starts_at, ends_at=ends_at,
                      reason=reason, payload={"starts_at": starts_at.isoformat()}, **given)  # fmt: skip
        booking = fresh.booking
        if booking is not None and booking.state == "booked" and booking.starts_at > at:
            booking_move(booking, actor=_booker(booking, actor), starts_at=starts_at, ends_at=ends_at,
                         reason=_("The sitting was moved."), occurred_at=at)  # fmt: skip
        elif fresh.venue is not None:
            _keep_booking(fresh, _booked(fresh, actor, at))
    return fresh


@carries_out(SITTING, "amend")
def sitting_amend(sitting: Sitting, *, actor: User, kind: str, place: str = "", link: str = "", **given) -> Sitting:
    """Put right how and where it is to be: a new link, another place in words; a room stays booked with its time, and
    another one is taken by another sitting. The reason is compulsory.

    Raises Invalid naming ``kind``, ``place``, ``link``; as ``perform``.
    """
    words_check(place=place, longest=160)
    place, link = place.strip(), link.strip()
    if may(sitting, "amend", actor):
        if kind not in SittingKind.values:
            raise Invalid(_("Choose one of the values."), field="kind", code="invalid_choice")
        _place_check(kind, sitting.venue, place, link)
        _link_check(link)
    with atomically():
        Dispute.objects.lock(sitting.dispute_id)
        return carry(sitting, "amend", actor=actor, kind=kind, place=place, link=link, payload={"kind": kind}, **given)


def _link_check(link: str) -> None:
    try:
        if link:
            Sitting._meta.get_field("link").run_validators(link)
    except ValidationError as error:
        raise Invalid(error.messages[0], field="link", code="invalid") from error


def _booker(booking: Booking, actor: User) -> User:
    """Who changes the booking: the actor where they may, else the clock; the sitting's own step was permitted."""
    return actor if grant_for(CHANGES_BOOKING, booking, actor) else clock()


@carries_out(SITTING, "hold")
def sitting_hold(sitting: Sitting, *, actor: User, present: Sequence[Party] = (), occurred_at: datetime | None = None,
                 **given) -> Sitting:  # fmt: skip
    """Write down that a sitting was held, and which parties came. Raises Invalid naming ``present``."""
    at = occurred_at or timezone.now()
    _present_check(sitting, present)
    with atomically():
        fresh = carry(sitting, "hold", actor=actor, occurred_at=at, at=at, payload={"present": len(present)}, **given)
        fresh.present.set(present)
    return fresh


def _present_check(sitting: Sitting, present: Sequence[Party]) -> None:
    if any(party.dispute_id != sitting.dispute_id for party in present):
        raise Invalid(_("This party is of another dispute."), field="present", code="elsewhere")


@carries_out(SITTING, "correct")
def sitting_correct(sitting: Sitting, *, actor: User, present: Sequence[Party] = (), **given) -> Sitting:
    """Write down anew which parties came to a sitting that was held, some days after it was recorded at most; the
    reason is compulsory. Raises Invalid naming ``present``; as ``perform``."""
    _present_check(sitting, present)
    with atomically():
        Dispute.objects.lock(sitting.dispute_id)
        before = list(sitting.present.order_by("pk").values_list("pk", flat=True))
        payload = {"present_before": before, "present": sorted(party.pk for party in present)}
        fresh = carry(sitting, "correct", actor=actor, payload=payload, **given)
        fresh.present.set(present)
    return fresh


@carries_out(SITTING, "cancel")
def sitting_cancel(sitting: Sitting, *, actor: User, occurred_at: datetime | None = None, **given) -> Sitting:
    """Cancel a sitting and give its room back."""
    at = occurred_at or timezone.now()
    with atomically():
        fresh = carry(sitting, "cancel", actor=actor, occurred_at=at, **given)
        booking = fresh.booking
        if booking is not None and booking.state == "booked" and booking.ends_at > at:
            booking_cancel(booking, actor=_booker(booking, actor), reason=_("The sitting is not held then."),
                           occurred_at=at)  # fmt: skip
    return fresh


def sittings_stop(dispute: Dispute, *, actor: User, at: datetime, reason: str, together_only: bool = False) -> None:
    """Cancel the sittings to come: the dispute has ended; or those at one table, because violence became known."""
    rows = Sitting.objects.filter(dispute=dispute, state="planned", starts_at__gt=at)
    if together_only:
        rows = rows.filter(together=True, together_reason="")
    for row in rows.order_by("pk"):
        sitting_cancel(row, actor=actor, occurred_at=at, reason=reason)
