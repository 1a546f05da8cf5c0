"""Returns of cases: who gave the case back, judged by the next dispatch, the time charged to who caused it."""

from datetime import datetime, timedelta

from cases.clocks import running_time
from cases.models import Case, CaseReturn, Dispatch, Verdict
from governance.clock import Span
from governance.models import OrgUnit

# 转派 so often without an owner goes to the operations centre (domain/cases.md, "Hotline practice").
ARBITRATION_AT = 3


def note_return(case: Case, *, actor, at: datetime) -> CaseReturn:
    """Keep that the unit of the last dispatch gave the case back; call it inside the transaction of the return."""
    dispatch = Dispatch.objects.filter(case=case).latest("id")
    return CaseReturn.objects.create(
        case=case, dispatch=dispatch, unit_id=dispatch.lead_unit_id, returned_by=actor, returned_at=at
    )


def pending_return(case: Case) -> CaseReturn | None:
    """Return the return that the next dispatch will judge, or None; no statement for a case never returned."""
    if not case.returns:
        return None
    return case.case_returns.filter(verdict=Verdict.PENDING).select_related("dispatch").first()


def time_lost(pending: CaseReturn | None, lead: OrgUnit, at: datetime, span: Span) -> timedelta:
    """Return what comes off the limit of ``lead``: nothing, unless the return was its own and it gets the case back."""
    if pending is None or pending.unit_id != lead.pk:
        return timedelta()
    return running_time(pending.case, pending.dispatch.dispatched_at, at, span.unit)


def judge_return(pending: CaseReturn | None, lead: OrgUnit, *, at: datetime) -> dict:
    """Judge a return by the unit that gets the case now; returns what the event of the dispatch says of it.

    ``lost`` is running time of the returned dispatch's own clock, from that dispatch to this one.
    """
    if pending is None:
        return {}
    own = pending.unit_id == lead.pk
    pending.verdict = Verdict.UNJUSTIFIED if own else Verdict.JUSTIFIED
    pending.judged_at = at
    dispatch = pending.dispatch
    pending.lost = running_time(pending.case, dispatch.dispatched_at, at, dispatch.limit_unit)
    pending.save(update_fields=["verdict", "judged_at", "lost"])
    return {
        "return": {
            "id": pending.pk,
            "verdict": str(pending.verdict),
            "charged_to": "unit" if own else "hub",
            "minutes": int(pending.lost.total_seconds() // 60),
        }
    }
