"""The venue of a session, through the one booking engine: held, given back, held for another time.

Whoever may book the venue books it in their own name. The venue that stands in an assembly's rule was agreed with who
runs it, so for that one the clock books where the organiser could not. A session's own step has been permitted before.
"""

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from governance import events
from governance.bookings import booking_cancel, booking_make
from governance.bookings.single import TITLE_LENGTH
from governance.errors import Refused
from governance.models import Role, User
from governance.scoping import Grant, grant_for
from governance.venue_querysets import BOOKS, CHANGES_BOOKING
from property.models import AssemblySession


def venue_hold(session: AssemblySession, *, actor: User, at: datetime | None = None) -> None:
    """Book the session's venue for its time; nothing where it has none. Raises as ``booking_make``.

    Sets ``session.booking``; the caller saves the session and holds its lock.
    """
    if session.venue is None:
        session.booking = None
        return
    booker = actor
    if grant_for(BOOKS, session.venue, actor) is None and session.venue_id == session.assembly.venue_id:
        booker = User.objects.system("timers")
    session.booking = booking_make(
        venue=session.venue, starts_at=session.starts_at, ends_at=session.ends_at, title=str(session)[:TITLE_LENGTH],
        actor=booker, purpose=session, occurred_at=at,
    )  # fmt: skip


def venue_hold_if_free(session: AssemblySession, *, at: datetime) -> None:
    """Book the venue; where it is taken or closed the session stands without one and the organiser is told."""
    clock = User.objects.system("timers")
    try:
        with transaction.atomic():
            venue_hold(session, actor=clock, at=at)
    except Refused as error:
        session.booking = None
        payload = {"assembly": session.assembly.code, "venue": session.venue_id, "why": error.code}
        events.record("session.venue_taken", session, actor=clock, grant=Grant(Role.SYSTEM), payload=payload,
                      occurred_at=at)  # fmt: skip
    session.save(update_fields=["booking"])


def venue_release(session: AssemblySession, *, actor: User, at: datetime | None = None) -> None:
    """Give the venue back, unless the time is over."""
    booking, at = session.booking, at or timezone.now()
    if booking is None or booking.state != "booked" or booking.ends_at <= at:
        return
    # Given back by ourselves: nobody is told that it was taken.
    AssemblySession.objects.filter(pk=session.pk).update(booking=None)
    canceller = actor if grant_for(CHANGES_BOOKING, booking, actor) else User.objects.system("timers")
    booking_cancel(booking, actor=canceller, reason=_("The session is not held then."), occurred_at=at)
