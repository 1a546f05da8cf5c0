"""Deadlines of needs: to be verified so many working days after they were registered, called back so many days after
they were solved. The figures are dated data (``NeedLimit``); what happens when one is missed is in ``handlers.py``.
"""

from datetime import datetime, timedelta

from django.utils import timezone

from governance.clock import ClockUnit, Span
from governance.models import Area
from governance.timers import cancel_timer, set_timer
from governance.work_calendars import calendar_of
from partners.models import Need, NeedLimit

VERIFY_DUE, CALL_DUE = "need.verify_due", "need.call_back_due"
# Where no limit is entered for a day [J].
VERIFY_DAYS, CALL_DAYS = 5, 7


def _limit_on(at: datetime) -> NeedLimit:
    found = NeedLimit.objects.all().on(timezone.localdate(at))
    return found or NeedLimit(verify_days=VERIFY_DAYS, call_back_days=CALL_DAYS)


def verify_by(area: Area, at: datetime) -> datetime:
    """Return until when a need registered ``at`` in ``area`` is to be verified; working days of the area."""
    return calendar_of(area).deadline(at, Span(_limit_on(at).verify_days, ClockUnit.WORK_DAY))


def call_back_by(at: datetime) -> datetime:
    """Return until when those who raised a need solved ``at`` are to be called; days of the calendar."""
    return at + timedelta(days=_limit_on(at).call_back_days)


def verify_timer(need: Need) -> None:
    """Set the timer that says when nobody has verified a need in time."""
    set_timer(f"{VERIFY_DUE}:{need.pk}", VERIFY_DUE, subject_id=need.pk, due_at=need.verify_by)


def call_timer(need: Need) -> None:
    """Set the timer that says when nobody has called back in time."""
    set_timer(f"{CALL_DUE}:{need.pk}", CALL_DUE, subject_id=need.pk, due_at=need.call_back_by)


def timers_stop(need: Need, kind: str) -> None:
    """Cancel a timer: what it waited for has happened."""
    cancel_timer(f"{kind}:{need.pk}")
