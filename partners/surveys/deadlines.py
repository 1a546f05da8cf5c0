"""Deadlines of questionnaires: their keys and when each is due. What happens then is in ``handlers.py``."""

from datetime import datetime, timedelta

from governance.timers import cancel_timer, set_timer
from partners.models import Survey, SurveyMode

OPENS, CLOSES, REMINDER = "survey.opens", "survey.closes", "survey.reminder"
# Who has not answered is reminded so long before it closes, where it was open for twice as long [J].
REMINDED_BEFORE = timedelta(days=2)


def opening_timer(survey: Survey) -> None:
    """Set or move the timer that opens it."""
    set_timer(f"{OPENS}:{survey.pk}", OPENS, subject_id=survey.pk, due_at=survey.opens_at)


def closing_timers(survey: Survey, at: datetime) -> None:
    """Set or move the timers that remind and close. Of an anonymous one nobody knows who has not answered."""
    set_timer(f"{CLOSES}:{survey.pk}", CLOSES, subject_id=survey.pk, due_at=survey.closes_at)
    due_at = survey.closes_at - REMINDED_BEFORE
    if survey.mode != SurveyMode.ANONYMOUS and due_at - at >= REMINDED_BEFORE:
        set_timer(f"{REMINDER}:{survey.pk}", REMINDER, subject_id=survey.pk, due_at=due_at)
    else:
        cancel_timer(f"{REMINDER}:{survey.pk}")


def timers_stop(survey: Survey) -> None:
    """Cancel all timers of it."""
    for kind in (OPENS, CLOSES, REMINDER):
        cancel_timer(f"{kind}:{survey.pk}")
