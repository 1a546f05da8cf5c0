"""Deadlines of joint work: an answer of a department, the end of a helper's access, the last day to hand in the result
of a track whose dispute has ended; each when its day is over."""

from datetime import date, datetime, time, timedelta

from governance.clock import SHANGHAI
from governance.timers import cancel_timer, set_timer
from mediation.models import DepartmentTask, HelperInvitation, Track

TASK_DUE, ACCESS_ENDS, TRACK_ENDS = "department_task.due", "helper_invitation.ends", "track.ends"


def end_of(day: date) -> datetime:
    """Return the first moment after a day (Asia/Shanghai)."""
    return datetime.combine(day + timedelta(days=1), time(), SHANGHAI)


def task_timer(task: DepartmentTask) -> None:
    """Set or move the timer that says when an answer is overdue."""
    set_timer(f"{TASK_DUE}:{task.pk}", TASK_DUE, subject_id=task.pk, due_at=end_of(task.answer_by))


def task_timer_stop(task: DepartmentTask) -> None:
    """Cancel it: the answer came, or is not waited for."""
    cancel_timer(f"{TASK_DUE}:{task.pk}")


def access_timer(invitation: HelperInvitation) -> None:
    """Set the timer that ends a helper's access."""
    due_at = end_of(invitation.until)
    set_timer(f"{ACCESS_ENDS}:{invitation.pk}", ACCESS_ENDS, subject_id=invitation.pk, due_at=due_at)


def access_timer_stop(invitation: HelperInvitation) -> None:
    """Cancel it: the access has ended."""
    cancel_timer(f"{ACCESS_ENDS}:{invitation.pk}")


def track_timer(track: Track) -> None:
    """Set the timer that ends a track which did not hand in."""
    set_timer(f"{TRACK_ENDS}:{track.pk}", TRACK_ENDS, subject_id=track.pk, due_at=end_of(track.hand_in_by))


def track_timer_stop(track: Track) -> None:
    """Cancel it: the result came, or is not waited for."""
    cancel_timer(f"{TRACK_ENDS}:{track.pk}")
