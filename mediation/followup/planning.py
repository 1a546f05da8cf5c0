"""Visits made by themselves: one week and one month after an agreement took effect, and after each due date."""

from datetime import date, datetime, time, timedelta

from dateutil.relativedelta import relativedelta
from django.utils import timezone

from governance import events
from governance.clock import SHANGHAI
from governance.timers import cancel_timer, set_timers
from mediation.agreements.acting import carry
from mediation.disputes.acting import SYSTEM_GRANT, clock
from mediation.disputes.rules import rule_for
from mediation.models import Agreement, Dispute, FollowUpVisit, Obligation, VisitKind

VISIT_DUE, VISIT_OVERDUE = "mediation.visit_due", "mediation.visit_overdue"
HOUR = time(8)  # of the day on which a visit comes due [J]


def visits_plan(agreement: Agreement, *, at: datetime) -> list[FollowUpVisit]:
    """Make the visits of an agreement that takes effect, with their timers; call it inside that transaction.

    An agreement that was recorded late has no visit before the day of the recording. A month after the
    31st is the last day of the next month.
    """
    begins, today = agreement.effective_on, timezone.localdate(at)
    rule = rule_for(agreement.dispute.area, begins)
    days: list[tuple[str, date, Obligation | None]] = [
        (VisitKind.WEEK, begins + timedelta(days=rule.visit_days), None),
        (VisitKind.MONTH, begins + relativedelta(months=rule.visit_months), None),
    ]
    owed = Obligation.objects.filter(agreement=agreement).order_by("due_on", "pk")
    days += [(VisitKind.OBLIGATION, row.due_on + timedelta(days=1), row) for row in owed]
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
