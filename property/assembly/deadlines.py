"""Deadlines of assemblies: their keys and when each is due. What happens then is in ``handlers.py``."""

from datetime import date, datetime, time, timedelta

from governance.clock import SHANGHAI
from governance.timers import set_timer
from property.assembly.dates import months_after
from property.models import Assembly, AssemblySession, FollowUpItem

COLLECT, NOTICE_DUE, REMINDER, NOT_HELD = (
    "assembly.collect", "assembly.notice_due", "assembly.reminder", "assembly.not_held",
)  # fmt: skip
MONTH_ENDED = "assembly.month_ended"
FOLLOW_UP_WARNING, FOLLOW_UP_OVERDUE = "assembly.follow_up_warning", "assembly.follow_up_overdue"
# How long before the last day of notice the organiser is told, before the session everybody asked is reminded, after
# its end it counts as not held, and how many days before its day a follow-up item is called to mind [J].
NOTICE_WARNING = timedelta(days=2)
REMINDED_BEFORE = timedelta(days=1)
NOT_HELD_AFTER = timedelta(hours=1)
FOLLOW_UP_DAYS = 3
IN_THE_MORNING = time(9)


def _moment(day: date, at: time = IN_THE_MORNING) -> datetime:
    return datetime.combine(day, at, SHANGHAI)


def session_timers(session: AssemblySession) -> None:
    """Set or move the timers of a session to what its time says."""
    due = {
        COLLECT: session.starts_at - timedelta(days=session.assembly.collect_days),
        NOTICE_DUE: session.notice_until - NOTICE_WARNING,
        REMINDER: session.starts_at - REMINDED_BEFORE,
        NOT_HELD: session.ends_at + NOT_HELD_AFTER,
    }
    for kind, at in due.items():
        set_timer(f"{kind}:{session.pk}", kind, subject_id=session.pk, due_at=at)


def month_timer(assembly: Assembly, month: date, *, after: AssemblySession | None = None) -> None:
    """Set the timer that asks, on the morning after a month, whether the assembly met for it.

    ``after``: asked again once this session of the month, put off beyond its end, is over.
    """
    key = f"{MONTH_ENDED}:{assembly.pk}:{month:%Y-%m}"
    payload = {"month": month.isoformat()}
    due_at = _moment(months_after(month, 1))
    if after is not None:
        due_at = after.ends_at + NOT_HELD_AFTER
        key = f"{key}:{after.pk}:{due_at.timestamp():.0f}"
    set_timer(key, MONTH_ENDED, subject_id=assembly.pk, due_at=due_at, payload=payload)


def follow_up_timers(item: FollowUpItem) -> None:
    """Set or move the timers of a follow-up item to what its day says."""
    due = {
        FOLLOW_UP_WARNING: _moment(item.due_on - timedelta(days=FOLLOW_UP_DAYS)),
        FOLLOW_UP_OVERDUE: _moment(item.due_on + timedelta(days=1)),
    }
    for kind, at in due.items():
        set_timer(f"{kind}:{item.pk}", kind, subject_id=item.pk, due_at=at)
