"""Visits made by themselves: one week and one month after an agreement took effect, and after each due date."""

from datetime import date, datetime, time, timedelta

from dateutil.relativedelta import relativedelta
from django.utils import timezone

from governance import events
from governance.clock import SHANGHAI
from governance.models import Event
from governance.timers import cancel_timer, set_timers
from mediation.agreements.acting import carry
from mediation.disputes.acting import SYSTEM_GRANT, clock
from mediation.disputes.rules import rule_for
from mediation.models import Agreement, Dispute, FollowUpVisit, Obligation, VisitKind, VisitState

VISIT_DUE, VISIT_OVERDUE = "mediation.visit_due", "mediation.visit_overdue"
AFTER_DUE = timedelta(days=1)  # an obligation is asked after on the day after its last
HOUR = time(8)  # of the day on which a visit comes due [J]


def visits_plan(agreement: Agreement, *, at: datetime) -> list[FollowUpVisit]:
    """Make the visits of an agreement that takes effect, with their timers; call it inside that transaction.

    An agreement that was recorded late has no visit before the day of the recording. A month after the
    31st is the last day of the next month.
    """
    today, rule = timezone.localdate(at), rule_for(agreement.dispute.area, agreement.effective_on)
    days: list[tuple[str, date, Obligation | None]] = [(kind, day, None) for kind, day in days_of(agreement).items()]
    owed = Obligation.objects.filter(agreement=agreement).order_by("due_on", "pk")
    days += [(VisitKind.OBLIGATION, row.due_on + AFTER_DUE, row) for row in owed]
    grace = timedelta(days=rule.visit_grace_days)
    made = FollowUpVisit.objects.bulk_create(
        FollowUpVisit(
            dispute=agreement.dispute, agreement=agreement, obligation=row, kind=kind, due_on=max(day, today),
            grace_until=max(day, today) + grace,
        )
        for kind, day, row in days
    )  # fmt: skip
    for visit in made:
        payload = {"dispute": visit.dispute_id, "agreement": agreement.pk, "kind": visit.kind,
                   "due_on": visit.due_on.isoformat(), "to": visit.state}  # fmt: skip
        events.record("followup.planned", visit, actor=clock(), grant=SYSTEM_GRANT, payload=payload, occurred_at=at)
    _timers(made)
    return made


def days_of(agreement: Agreement) -> dict[str, date]:
    """Return on which days the parties are visited after an agreement took effect (the rule's figures)."""
    begins = agreement.effective_on
    rule = rule_for(agreement.dispute.area, begins)
    return {VisitKind.WEEK: begins + timedelta(days=rule.visit_days),
            VisitKind.MONTH: begins + relativedelta(months=rule.visit_months)}  # fmt: skip


def day_of(visit: FollowUpVisit) -> date:
    """Return the day of a visit as it follows from the agreement, whenever that was recorded."""
    return visit.obligation.due_on + AFTER_DUE if visit.obligation else days_of(visit.agreement)[visit.kind]


def visits_move(agreement: Agreement, *, at: datetime) -> None:
    """Move the visits still to be made of an agreement whose day of effect was put right; the dispute is locked by the
    caller. None moves to a day before today, unless its own was; none that is late by its new day too stops being
    late."""
    today, days = timezone.localdate(at), days_of(agreement)
    grace = timedelta(days=rule_for(agreement.dispute.area, agreement.effective_on).visit_grace_days)
    moved = []
    for row in FollowUpVisit.objects.open().filter(agreement=agreement, obligation=None).order_by("pk"):
        due_on = max(days[row.kind], min(row.due_on, today))
        if due_on != row.due_on:
            payload = {"kind": row.kind, "due_on": due_on.isoformat(), "before": row.due_on.isoformat()}
            name = "move" if _goes_on(row, due_on, due_on + grace, today) else "plan_again"
            moved.append(carry(row, name, actor=clock(), occurred_at=at, due_on=due_on, grace_until=due_on + grace,
                               payload=payload))  # fmt: skip
    if moved:
        _timers(moved)


def _goes_on(visit: FollowUpVisit, due_on: date, grace_until: date, today: date) -> bool:
    """Whether the state it is in is that of its new days too."""
    late = grace_until < today
    return visit.state == VisitState.PLANNED or (late if visit.state == VisitState.OVERDUE else due_on <= today)


def _timers(made: list[FollowUpVisit]) -> None:
    set_timers(VISIT_DUE, [
        (f"{VISIT_DUE}:{row.pk}", row.pk, datetime.combine(row.due_on, HOUR, SHANGHAI), {}) for row in made
    ])  # fmt: skip
    set_timers(VISIT_OVERDUE, [
        (f"{VISIT_OVERDUE}:{row.pk}", row.pk,
         datetime.combine(row.grace_until + timedelta(days=1), time.min, SHANGHAI), {})
        for row in made
    ])  # fmt: skip


def visit_timers_stop(visit: FollowUpVisit) -> None:
    """Nothing comes due any more."""
    cancel_timer(f"{VISIT_DUE}:{visit.pk}")
    cancel_timer(f"{VISIT_OVERDUE}:{visit.pk}")


def visits_cancel(dispute: Dispute, *, at: datetime, but: Agreement | None = None) -> None:
    """Cancel all visits that are still to be made, but those of one agreement; the dispute is locked by the caller."""
    rows = FollowUpVisit.objects.open().filter(dispute=dispute).order_by("pk")
    for row in rows.exclude(agreement=but) if but is not None else rows:
        visit_timers_stop(carry(row, "cancel", actor=clock(), occurred_at=at))


def visits_come_back(dispute: Dispute, *, at: datetime, since: int) -> None:
    """Let the visits that were cancelled after the event ``since`` be made after all, on their days: its end was a
    mistake. The dispute is locked by the caller."""
    told = Event.objects.filter(subject_type="mediation.followupvisit", name="followup.cancelled", id__gt=since)
    rows = FollowUpVisit.objects.filter(dispute=dispute, state=VisitState.CANCELLED, pk__in=told.values("subject_id"))
    back = [carry(row, "come_back", actor=clock(), occurred_at=at, payload={"kind": row.kind})
            for row in rows.order_by("pk")]  # fmt: skip
    if back:
        _timers(back)
