"""Stage clocks: each stage of a case has its limit in its own clock; the running one gives ``Case.due_at``.

The clock of handling starts when the unit is given the case, not when it begins (domain/cases.md, "Clocks").
"""

from datetime import datetime, timedelta
from decimal import Decimal

from cases.models import Case, CaseState, Dispatch, Stage, StageClock, StageLimit
from cases.models.catalogue import LimitUnit
from governance.clock import ClockUnit, Span
from governance.models import Area
from governance.timers import cancel_timer, set_timer
from governance.work_calendars import NATIONAL, calendar_of

STAGE_OF = {
    CaseState.REPORTED: Stage.VERIFICATION,
    CaseState.VERIFIED: Stage.ACCEPTANCE,
    CaseState.ACCEPTED: Stage.DISPATCH,
    CaseState.RETURNED: Stage.DISPATCH,
    CaseState.REOPENED: Stage.DISPATCH,
    CaseState.DISPATCHED: Stage.HANDLING,
    CaseState.HANDLING: Stage.HANDLING,
    CaseState.REWORKED: Stage.HANDLING,
    CaseState.SUBMITTED: Stage.INSPECTION,
    CaseState.INSPECTED: Stage.CLOSING,
}
STAGE_DUE = "case.stage_due"
# The least that is left for rework, so that a unit whose limit was all but used up can act at all [J].
LEAST_REWORK = timedelta(minutes=30)


def deadline(area: Area, start: datetime, span: Span) -> datetime:
    """Return when ``span`` has run from ``start`` in ``area``; urgent clocks need no calendar and no statement."""
    calendar = NATIONAL if span.unit.is_urgent else calendar_of(area)
    return calendar.deadline(start, span)


def limit_of(stage: str) -> Span | None:
    """Return the limit of a stage other than handling, or None where none is set."""
    row = StageLimit.objects.filter(stage=stage).first()
    return Span(row.limit_amount, row.limit_unit) if row else None


def first_due(area: Area, at: datetime) -> tuple[Span | None, datetime | None]:
    """Return limit and end of the first stage of a case reported at ``at``."""
    span = limit_of(Stage.VERIFICATION)
    return span, deadline(area, at, span) if span else None


def start_clock(case: Case, stage: str, *, at: datetime, span: Span, due_at: datetime) -> None:
    """Let a clock run and set its timer; the case must have none running. Does not touch the case's row."""
    StageClock.objects.create(
        case=case,
        stage=stage,
        unit_id=case.lead_unit_id if stage == Stage.HANDLING else None,
        limit_amount=span.amount,
        limit_unit=span.unit,
        started_at=at,
        due_at=due_at,
    )
    set_timer(timer_key(case), STAGE_DUE, subject_id=case.pk, due_at=due_at, payload={"stage": str(stage)})


def timer_key(case: Case) -> str:
    return f"case:{case.pk}:stage"


def change_clock(case: Case, before: str, *, at: datetime) -> None:
    """End the clock of the stage that a transition left and start the one it entered; keeps ``Case.due_at`` with it.

    Call it after ``perform``, in the same transaction.
    """
    stage = STAGE_OF.get(case.state)
    if STAGE_OF.get(before) == stage and case.state != CaseState.REWORKED:
        return
    StageClock.objects.filter(case=case, ended_at=None).update(ended_at=at)
    limit = _limit_on_entry(case, stage, at)
    if limit is None:
        cancel_timer(timer_key(case))
        due_at = None
    else:
        span, due_at = limit
        start_clock(case, stage, at=at, span=span, due_at=due_at)
    if case.due_at != due_at:
        case.due_at = due_at
        case.save(update_fields=["due_at"])


def _limit_on_entry(case: Case, stage: str | None, at: datetime) -> tuple[Span, datetime] | None:
    if stage is None:
        return None
    if stage == Stage.HANDLING:
        return _handling_limit(case, at)
    span = limit_of(stage)
    return (span, deadline(case.area, at, span)) if span else None


def _handling_limit(case: Case, at: datetime) -> tuple[Span, datetime]:
    """A fresh dispatch runs to what was promised; rework goes on with what the unit had left when it submitted."""
    dispatch = Dispatch.objects.filter(case=case).latest("id")
    span = Span(dispatch.limit_amount, dispatch.limit_unit)
    if case.state != CaseState.REWORKED:
        return span, dispatch.due_at
    calendar = NATIONAL if span.unit.is_urgent else calendar_of(case.area)
    used = sum(
        (
            calendar.elapsed(clock.started_at, clock.ended_at, span.unit)
            for clock in case.clocks.filter(stage=Stage.HANDLING, started_at__gte=dispatch.dispatched_at)
        ),
        timedelta(),
    )
    left = max(calendar.length(span) - used, LEAST_REWORK)
    rest = Span(Decimal(left // timedelta(seconds=1)) / 3600, _hours(span.unit))
    return span, calendar.deadline(at, rest)


def _hours(unit: ClockUnit) -> ClockUnit:
    return ClockUnit.URGENT_HOUR if unit.is_urgent else ClockUnit.WORK_HOUR


def unit_label(unit: str) -> str:
    """Return the translated name of a clock unit."""
    return LimitUnit(unit).label
