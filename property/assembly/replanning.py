"""Sessions made before a calendar of holidays was known: moved by the rule once it is, or shown to the organiser.

The holidays of a year are announced late in the one before, local exceptions whenever they come. A session that nobody
was told of yet and nobody set by hand is moved within its month; any other one is only marked: people know its day. An
assembly whose rule is not to move meets on holidays too: nothing of it is moved or marked.
"""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Exists, OuterRef
from django.utils import timezone

from governance import events
from governance.clock import WorkCalendar
from governance.events import on
from governance.models import CalendarDay, Event, Role, User
from governance.scoping import Grant
from governance.transactions import atomically
from governance.work_calendars import calendar_of
from governance.workflow import perform
from property.assembly.acting import figures_of
from property.assembly.dates import STAY, suits
from property.assembly.deadlines import session_timers
from property.assembly.holding import venue_hold_if_free, venue_release
from property.assembly.session_workflow import BEFORE_NOTICE, TO_COME
from property.models import Assembly, AssemblySession

BY_HAND = ("session.planned", "session.rescheduled")


def sessions_replan(*, now: datetime | None = None, assemblies: Iterable[Assembly] | None = None) -> int:
    """Move or mark the sessions to come whose day the calendar asks to change; return how many. May run twice."""
    now = now or timezone.now()
    label = AssemblySession._meta.label_lower
    set_by_hand = Event.objects.filter(subject_type=label, subject_id=OuterRef("pk"), name__in=BY_HAND)
    rows = AssemblySession.objects.filter(state__in=TO_COME, starts_at__gt=now).select_related("assembly", "area")
    if assemblies is not None:
        rows = rows.filter(assembly__in=assemblies)
    calendars: dict[int, WorkCalendar] = {}
    changed = 0
    for session in rows.annotate(by_hand=Exists(set_by_hand)).order_by("pk"):
        if session.area_id not in calendars:
            calendars[session.area_id] = calendar_of(session.area)
        changed += _replan(session, calendars[session.area_id], now)
    return changed


def _replan(session: AssemblySession, calendar: WorkCalendar, now: datetime) -> bool:
    """Move or mark one session; ``by_hand`` was read with it and can only become true, which the lock's state tells."""
    rule, day = session.assembly.session_rule, timezone.localdate(session.starts_at)
    by_rule = session.rule_day is not None and session.rule_day == rule.planned(session.month) and not session.by_hand
    wanted = rule.day_in(session.month, calendar) if by_rule else day
    if wanted != day and session.state in BEFORE_NOTICE:
        starts_at, ends_at = session.assembly.span(wanted)
        if starts_at > now:
            return _moved(session, starts_at, ends_at, now)
    return _marked(session, suitable=rule.holiday_move == STAY or suits(day, calendar), now=now)


def _moved(session: AssemblySession, starts_at: datetime, ends_at: datetime, now: datetime) -> bool:
    clock = User.objects.system("timers")
    with atomically():
        locked = AssemblySession.objects.lock(session.pk)
        if locked.version != session.version or locked.state not in BEFORE_NOTICE:
            return False
        venue_release(locked, actor=clock, at=now)
        payload = {"from_time": locked.starts_at.isoformat(), "to_time": starts_at.isoformat()}
        fresh, _event = perform(
            locked, "replan", actor=clock, starts_at=starts_at, ends_at=ends_at, occurred_at=now,
            payload=figures_of(locked) | payload,
        )  # fmt: skip
        venue_hold_if_free(fresh, at=now)
        session_timers(fresh)
    return True


def _marked(session: AssemblySession, *, suitable: bool, now: datetime) -> bool:
    """Mark a session whose day will not do, once, or take the mark away."""
    if suitable == (session.unsuitable_since is None):
        return False
    with atomically():
        locked = AssemblySession.objects.lock(session.pk)
        if locked.version != session.version or suitable == (locked.unsuitable_since is None):
            return False
        locked.unsuitable_since = None if suitable else now
        locked.save(update_fields=["unsuitable_since"])
        name = "session.day_suits" if suitable else "session.day_unsuitable"
        events.record(name, locked, actor=User.objects.system("timers"), grant=Grant(Role.SYSTEM),
                      payload=figures_of(locked), occurred_at=now)  # fmt: skip
    return True


@on("config.changed")
def calendar_changed(_event, subject) -> None:
    """Replan at once when an exception was entered, for the assemblies of its area and of those under it."""
    if isinstance(subject, CalendarDay):
        under = Assembly.objects.filter(area__path__startswith=subject.area.path)
        sessions_replan(assemblies=list(under))
