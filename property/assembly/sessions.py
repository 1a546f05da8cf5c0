"""The steps of a session, from its date to the archive. Doors call these through ``governance.workflow.act``."""

from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from governance.errors import Conflict, Invalid
from governance.models import User, Venue
from governance.transactions import atomically
from governance.workflow import carries_out
from property.assembly.acting import carry, plain
from property.assembly.agenda import agenda_freeze, agenda_gather, agenda_release, agenda_wind_up
from property.assembly.attendance import absent_mark, invitations_renew, quorum_of, seats_invite
from property.assembly.deadlines import session_timers
from property.assembly.holding import venue_hold, venue_release
from property.assembly.making import check_span
from property.models import AssemblySession

LABEL = "property.assemblysession"
plain(AssemblySession, "archive")


def _locked(session: AssemblySession) -> AssemblySession:
    return AssemblySession.objects.lock(session.pk)


def _place_again(session: AssemblySession, name: str, *, actor, at: datetime, starts_at: datetime, ends_at: datetime,
                 venue: Venue | None, place: str, **given) -> AssemblySession:  # fmt: skip
    """Give the old booking back, carry out ``name`` with the new time, book anew."""
    check_span(starts_at, ends_at, at)
    if venue is None and not place.strip():
        raise Invalid(_("Say where: a venue or another place."), field="venue", code="required")
    before = _locked(session)
    venue_release(before, actor=actor, at=at)
    fresh = carry(
        before, name, actor=actor, occurred_at=at, starts_at=starts_at, ends_at=ends_at, venue=venue,
        place=place.strip(), payload={"from_time": before.starts_at.isoformat(), "to_time": starts_at.isoformat()},
        **given,
    )  # fmt: skip
    venue_hold(fresh, actor=actor, at=at)
    fresh.save(update_fields=["booking"])
    session_timers(fresh)
    return fresh


@carries_out(LABEL, "plan")
def session_plan(session: AssemblySession, *, actor: User, occurred_at: datetime | None = None, **given):
    """Another time or venue, before the notice. Raises as ``booking_make``: nothing has changed then."""
    with atomically():
        return _place_again(session, "plan", actor=actor, at=occurred_at or timezone.now(), **given)


@carries_out(LABEL, "reschedule")
def session_reschedule(session: AssemblySession, *, actor: User, occurred_at: datetime | None = None, **given):
    """A new date for a postponed or inquorate session; it is noticed anew and everybody asked again."""
    at = occurred_at or timezone.now()
    with atomically():
        fresh = _place_again(session, "reschedule", actor=actor, at=at, **given)
        invitations_renew(fresh, at=at)
        agenda_gather(fresh, at=at)
    return fresh


@carries_out(LABEL, "collect")
def session_collect(session: AssemblySession, *, actor: User, occurred_at: datetime | None = None, **given):
    """Open the session for topics; what waits goes on its agenda at once."""
    at = occurred_at or timezone.now()
    with atomically():
        fresh = carry(session, "collect", actor=actor, occurred_at=at, **given)
        agenda_gather(fresh, at=at)
    return fresh


@carries_out(LABEL, "notice")
def session_notice(session: AssemblySession, *, actor: User, reason: str = "", occurred_at: datetime | None = None,
                   **given):  # fmt: skip
    """Freeze the agenda and invite the seats. Later than the rule allows it needs a reason.

    Raises Conflict without a topic, a place or anybody to ask; Invalid naming ``reason``.
    """
    at = occurred_at or timezone.now()
    with atomically():
        locked = _locked(session)
        if at >= locked.starts_at:
            raise Conflict(_("The time of this session has come: postpone it."), code="too_late")
        if at > locked.notice_until and not reason.strip():
            days = locked.assembly.notice_days
            text = _("Less than %(days)s days before the session: say why the notice is so late.") % {"days": days}
            raise Invalid(text, field="reason", code="required")
        if not locked.place_text:
            raise Conflict(_("Nobody has said where the session is held."), code="no_place")
        agenda_gather(locked, at=at)
        topics = agenda_freeze(locked, at=at)
        if not topics:
            raise Conflict(_("There is no topic on the agenda."), code="no_topics")
        if not seats_invite(locked):
            raise Conflict(_("The assembly has no seats: nobody could be asked."), code="no_seats")
        payload = {"topics": topics}
        return carry(locked, "notice", actor=actor, reason=reason, occurred_at=at, payload=payload, noticed_at=at,
                     **given)  # fmt: skip


@carries_out(LABEL, "open")
def session_open(session: AssemblySession, *, actor: User, occurred_at: datetime | None = None, **given):
    """Open the session. Raises Conflict before its day, or without a quorum."""
    at = occurred_at or timezone.now()
    with atomically():
        locked = _locked(session)
        if timezone.localtime(at).date() < timezone.localtime(locked.starts_at).date():
            raise Conflict(_("This session is on a later day."), code="too_early")
        found = quorum_of(locked)
        if not found.reached:
            raise Conflict(_("There is no quorum yet: %(present)s of %(needed)s needed are there.") % {
                "present": found.present, "needed": found.needed}, code="no_quorum")  # fmt: skip
        payload = {"present": found.present, "invited": found.invited, "needed": found.needed}
        return carry(locked, "open", actor=actor, occurred_at=at, payload=payload, opened_at=at, **given)


@carries_out(LABEL, "close")
def session_close(session: AssemblySession, *, actor: User, occurred_at: datetime | None = None, **given):
    """End the session: what was not dealt with goes to the next one, who never came was absent."""
    at = occurred_at or timezone.now()
    with atomically():
        locked = _locked(session)
        carried = agenda_wind_up(locked, actor=actor, at=at)
        fresh = carry(locked, "close", actor=actor, occurred_at=at, payload={"carried": carried}, closed_at=at, **given)
        absent_mark(fresh, at=at)
    return fresh


@carries_out(LABEL, "fall_short")
def session_fall_short(session: AssemblySession, *, actor: User, occurred_at: datetime | None = None, **given):
    """Break off for want of a quorum. Raises Conflict where there is one, or before the session's time."""
    at = occurred_at or timezone.now()
    with atomically():
        locked = _locked(session)
        found = quorum_of(locked)
        if at < locked.starts_at:
            raise Conflict(_("The session has not begun: people may still come."), code="too_early")
        if found.reached:
            raise Conflict(_("There is a quorum."), code="quorum")
        payload = {"present": found.present, "invited": found.invited, "needed": found.needed}
        return carry(locked, "fall_short", actor=actor, occurred_at=at, payload=payload, **given)


@carries_out(LABEL, "postpone")
def session_postpone(session: AssemblySession, *, actor: User, occurred_at: datetime | None = None, **given):
    """Put a session off: the venue is free again; its topics wait with it, unfinished items go with the next one."""
    at = occurred_at or timezone.now()
    with atomically():
        locked = _locked(session)
        venue_release(locked, actor=actor, at=at)
        return carry(locked, "postpone", actor=actor, occurred_at=at, **given)


@carries_out(LABEL, "cancel")
def session_cancel(session: AssemblySession, *, actor: User, occurred_at: datetime | None = None, **given):
    """Call a session off: the venue is free, its topics wait for the next one."""
    at = occurred_at or timezone.now()
    with atomically():
        locked = _locked(session)
        venue_release(locked, actor=actor, at=at)
        fresh = carry(locked, "cancel", actor=actor, occurred_at=at, **given)
        agenda_release(fresh, at=at)
    return fresh


@carries_out(LABEL, "publish")
def session_publish(session: AssemblySession, *, actor: User, occurred_at: datetime | None = None, **given):
    """Let the residents of the place read the minutes."""
    at = occurred_at or timezone.now()
    return carry(session, "publish", actor=actor, occurred_at=at, published_at=at, **given)
