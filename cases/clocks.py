"""Stage clocks: each stage of a case has its limit in its own clock; the running one gives ``Case.due_at``.

The clock of handling starts when the unit is given the case, not when it signs or begins (domain/cases.md, "Clocks").
It stands still between submission and rework and while the case is suspended, and then goes on with what was left.
A clock has one timer, which moves on: to the warning, to the end, to each escalation (``cases.handlers``).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import Subquery
from django.db.models.functions import Length

from cases.models import Case, CaseState, Dispatch, Stage, StageClock, StageLimit
from cases.models.catalogue import LimitUnit
from governance.clock import ClockUnit, Span
from governance.models import Appointment, Area, Role
from governance.timers import cancel_timer, set_timer
from governance.work_calendars import NATIONAL, calendar_of

STAGE_OF = {
    CaseState.REPORTED: Stage.VERIFICATION,
    CaseState.VERIFIED: Stage.ACCEPTANCE,
    CaseState.ACCEPTED: Stage.DISPATCH,
    CaseState.RETURNED: Stage.DISPATCH,
    CaseState.REOPENED: Stage.DISPATCH,
    CaseState.ARBITRATION: Stage.ARBITRATION,
    CaseState.DISPATCHED: Stage.HANDLING,
    CaseState.HANDLING: Stage.HANDLING,
    CaseState.REWORKED: Stage.HANDLING,
    CaseState.SUBMITTED: Stage.INSPECTION,
    CaseState.INSPECTED: Stage.CLOSING,
}
STAGE_DUE = "case.stage_due"
# Stages that are tasks of the grid's worker.
ON_SITE_STAGES = (Stage.VERIFICATION, Stage.INSPECTION)
# The least that is left for rework, so that a unit whose limit was all but used up can act at all [J].
LEAST_REWORK = timedelta(minutes=30)


@dataclass(frozen=True)
class Running:
    """A stage that is to run: its limit, its end, and when people are warned (None: not at all)."""

    span: Span
    due_at: datetime
    warn_at: datetime | None = None


def deadline(area: Area, start: datetime, span: Span) -> datetime:
    """Return when ``span`` has run from ``start`` in ``area``; urgent clocks need no calendar and no statement."""
    return _calendar(area, span.unit).deadline(start, span)


def _calendar(area: Area, unit):
    return NATIONAL if ClockUnit(unit).is_urgent else calendar_of(area)


def limit_row(stage: str) -> StageLimit | None:
    """Return what is set for a stage, or None."""
    return StageLimit.objects.filter(stage=stage).first()


def running_stage(area: Area, at: datetime, row: StageLimit, span: Span, due_at: datetime | None = None) -> Running:
    """Return a stage that begins at ``at`` with ``span``, or runs to ``due_at``; ``row`` says when to warn."""
    calendar = _calendar(area, span.unit)
    due_at = due_at or calendar.deadline(at, span)
    if row is None or not row.warn_at or due_at <= at:
        return Running(span, due_at)
    share = calendar.elapsed(at, due_at, span.unit) * float(row.warn_at)
    return Running(span, due_at, calendar.deadline(at, _as_span(share, span.unit)) if share else None)


def first_stage(area: Area, at: datetime) -> Running | None:
    """Return the first stage of a case reported at ``at``; None where nothing limits it."""
    row = limit_row(Stage.VERIFICATION)
    return running_stage(area, at, row, Span(row.limit_amount, row.limit_unit)) if row else None


def start_clock(case: Case, stage: str, running: Running, *, at: datetime) -> None:
    """Let a clock run and set its timer; the case must have none running. Does not touch the case's row."""
    StageClock.objects.create(
        case=case,
        stage=stage,
        unit_id=case.lead_unit_id if stage == Stage.HANDLING else None,
        assignee_id=_worker_of(case.area) if stage in ON_SITE_STAGES else None,
        limit_amount=running.span.amount,
        limit_unit=running.span.unit,
        started_at=at,
        due_at=running.due_at,
    )
    next_alert = ("warning", running.warn_at) if running.warn_at else ("end", running.due_at)
    set_alert(case, stage, *next_alert)


def set_alert(case: Case, stage: str, alert: str, at: datetime, level: int = 0) -> None:
    """Let the clock's timer go off next at ``at``: for the ``warning``, the ``end``, or an ``escalation``."""
    payload = {"stage": str(stage), "alert": alert} | ({"level": level} if level else {})
    set_timer(timer_key(case), STAGE_DUE, subject_id=case.pk, due_at=at, payload=payload)


def _worker_of(area: Area) -> Subquery:
    """The grid worker whose area holds ``area`` most narrowly, longest in office; read while the row is stored."""
    held = Appointment.objects.in_force().filter(role=Role.GRID_WORKER, area_id__in=area.lineage, user__is_active=True)
    return Subquery(held.order_by(Length("area__path").desc(), "valid_from", "id").values("user_id")[:1])


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
    running = _on_entry(case, stage, at)
    if running is None:
        cancel_timer(timer_key(case))
    else:
        start_clock(case, stage, running, at=at)
    _keep_due(case, running)


def replace_clock(case: Case, *, at: datetime, due_at: datetime) -> None:
    """The stage goes on with another unit or to another end: the running clock ends, one to ``due_at`` begins."""
    clock = StageClock.objects.get(case=case, ended_at=None)
    clock.ended_at = at
    clock.save(update_fields=["ended_at"])
    span = Span(clock.limit_amount, clock.limit_unit)
    running = running_stage(case.area, at, limit_row(clock.stage), span, due_at)
    start_clock(case, clock.stage, running, at=at)
    _keep_due(case, running)


def _keep_due(case: Case, running: Running | None) -> None:
    due_at = running.due_at if running else None
    if case.due_at != due_at:
        case.due_at = due_at
        case.save(update_fields=["due_at"])


def _on_entry(case: Case, stage: str | None, at: datetime) -> Running | None:
    if stage is None:
        return None
    row = limit_row(stage)
    if stage == Stage.HANDLING:
        dispatch = Dispatch.objects.filter(case=case).latest("id")
        span = Span(dispatch.limit_amount, dispatch.limit_unit)
        due_at = case.promised_at if case.state != CaseState.REWORKED else rest_of_handling(case, at)
        return running_stage(case.area, at, row, span, due_at)
    return running_stage(case.area, at, row, Span(row.limit_amount, row.limit_unit)) if row else None


def rest_of_handling(case: Case, at: datetime) -> datetime:
    """Return when the unit's time ends if it goes on at ``at`` with what was left when its clock last stopped."""
    last = case.clocks.filter(stage=Stage.HANDLING, ended_at__isnull=False).latest("started_at", "id")
    calendar = _calendar(case.area, last.limit_unit)
    left = max(calendar.elapsed(last.ended_at, last.due_at, last.limit_unit), LEAST_REWORK)
    return calendar.deadline(at, _as_span(left, last.limit_unit))


def less_lost(case: Case, at: datetime, span: Span, lost: timedelta) -> datetime:
    """Return the end of ``span`` from ``at`` when ``lost`` running time of it is charged to the unit already."""
    calendar = _calendar(case.area, span.unit)
    left = max(calendar.length(span) - lost, LEAST_REWORK)
    return calendar.deadline(at, _as_span(left, span.unit))


def running_time(case: Case, start: datetime, end: datetime, unit: str) -> timedelta:
    """Return how long a clock of ``unit`` ran in the case's area."""
    return _calendar(case.area, unit).elapsed(start, end, unit)


def _as_span(running: timedelta, unit: str) -> Span:
    """Return running time as hours of the same kind of clock."""
    hours = ClockUnit.URGENT_HOUR if ClockUnit(unit).is_urgent else ClockUnit.WORK_HOUR
    return Span(Decimal(running // timedelta(microseconds=1)) / 3_600_000_000, hours)


def unit_label(unit: str) -> str:
    """Return the translated name of a clock unit."""
    return LimitUnit(unit).label
