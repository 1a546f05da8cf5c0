"""What a unit may ask for: more time (延期), or to let the case rest (挂账).

At most two extensions are granted; a case is suspended once, with an end within a year (domain/cases.md, "Stages").
"""

from datetime import datetime, timedelta
from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext as _

from cases import clocks
from cases.models import Case, CaseRequest, CaseState, RequestKind, RequestState
from cases.models.catalogue import LimitUnit
from cases.services import case_move
from governance.clock import Span
from governance.errors import Conflict, Invalid
from governance.timers import cancel_timer, set_timer
from governance.transactions import atomically
from governance.workflow import carries_out

SUSPENSION_ENDS = "case.suspension_ends"
LONGEST_SUSPENSION = timedelta(days=366)
LONGEST_EXTENSION = 999  # of whatever it is counted in


def suspension_key(case: Case) -> str:
    return f"case:{case.pk}:suspension"


@carries_out("cases.case", "ask_extension")
def case_ask_extension(case: Case, *, actor, amount: Decimal, counted_in: str,
                       occurred_at: datetime | None = None, **given) -> Case:  # fmt: skip
    """The lead unit asks for ``amount`` more of the clock ``counted_in``; ``reason`` says why. Raises Invalid."""
    if counted_in not in LimitUnit.values:
        raise Invalid(_("Say what the limit is counted in."), field="counted_in", code="invalid_choice")
    _check_extension(amount)
    asked = {"kind": RequestKind.EXTENSION, "amount": amount, "counted_in": counted_in}
    return _ask(case, "ask_extension", actor, asked, occurred_at, given, amount=str(amount), counted_in=counted_in)


@carries_out("cases.case", "ask_suspension")
def case_ask_suspension(case: Case, *, actor, until: datetime, occurred_at: datetime | None = None, **given) -> Case:
    """The lead unit asks to let the case rest ``until`` a moment within a year. Raises Invalid."""
    at = occurred_at or timezone.now()
    _check_end(until, at)
    asked = {"kind": RequestKind.SUSPENSION, "until": until}
    return _ask(case, "ask_suspension", actor, asked, at, given, until=until.isoformat())


def _check_extension(amount: Decimal) -> None:
    if not 0 < amount <= LONGEST_EXTENSION:
        raise Invalid(_("Give an amount above 0 and at most %(most)s.") % {"most": LONGEST_EXTENSION},
                      field="amount", code="out_of_range")  # fmt: skip


def _check_end(until: datetime, at: datetime) -> None:
    if not at < until <= at + LONGEST_SUSPENSION:
        raise Invalid(_("The end must lie ahead, within a year."), field="until", code="out_of_range")


def _ask(case: Case, name: str, actor, asked: dict, at: datetime | None, given: dict, **payload) -> Case:
    at = at or timezone.now()
    with atomically():
        fresh = case_move(case, name, actor=actor, occurred_at=at, payload=payload, **given)
        CaseRequest.objects.create(case=fresh, unit=fresh.lead_unit, asked_by=actor, asked_at=at, **asked)
        return fresh


def _open_request(case: Case, kind: str | None = None) -> CaseRequest:
    """Return what the unit asks for; ``case`` is locked before, so that two who decide never wait crosswise."""
    found = case.requests.select_for_update().filter(status=RequestState.ASKED).first()
    if found is None or kind not in (None, found.kind):
        raise Conflict(_("The unit asks for nothing (any more)."))
    return found


def _decide(request: CaseRequest, status: str, *, actor, at: datetime) -> None:
    request.status, request.decided_by, request.decided_at = status, actor, at
    request.save(update_fields=["status", "decided_by", "decided_at", "amount", "counted_in", "until"])


@carries_out("cases.case", "extend")
def case_extend(case: Case, *, actor, amount: Decimal | None = None, counted_in: str | None = None,
                occurred_at: datetime | None = None, **given) -> Case:  # fmt: skip
    """Grant the extension asked for, or ``amount`` of ``counted_in`` instead, from the end of handling on.

    Raises Invalid when that end would still lie in the past.
    """
    at = occurred_at or timezone.now()
    with atomically():
        locked = Case.objects.lock(case.pk)
        request = _open_request(locked, RequestKind.EXTENSION)
        if amount is not None:
            _check_extension(amount)
            request.amount, request.counted_in = amount, counted_in or request.counted_in
        due_at = clocks.deadline(locked.area, locked.promised_at, Span(request.amount, request.counted_in))
        if due_at <= at:
            raise Invalid(_("Even so it would end in the past: grant more."), field="amount", code="too_short")
        payload = {"amount": str(request.amount), "counted_in": request.counted_in, "due_at": due_at.isoformat()}
        fresh = case_move(case, "extend", actor=actor, promised_at=due_at, occurred_at=at, payload=payload, **given)
        _decide(request, RequestState.GRANTED, actor=actor, at=at)
        clocks.replace_clock(fresh, at=at, due_at=due_at)
        return fresh


@carries_out("cases.case", "suspend")
def case_suspend(case: Case, *, actor, until: datetime | None = None, occurred_at: datetime | None = None,
                 **given) -> Case:  # fmt: skip
    """Let the case rest until the end asked for, or ``until`` instead; then it is taken up by itself."""
    at = occurred_at or timezone.now()
    with atomically():
        request = _open_request(Case.objects.lock(case.pk), RequestKind.SUSPENSION)
        request.until = until or request.until
        _check_end(request.until, at)
        payload = {"until": request.until.isoformat()}
        fresh = case_move(case, "suspend", actor=actor, suspended_at=at, until=request.until, occurred_at=at,
                          payload=payload, **given)  # fmt: skip
        _decide(request, RequestState.GRANTED, actor=actor, at=at)
        set_timer(suspension_key(fresh), SUSPENSION_ENDS, subject_id=fresh.pk, due_at=request.until)
        return fresh


@carries_out("cases.case", "resume")
def case_resume(case: Case, *, actor, occurred_at: datetime | None = None, **given) -> Case:
    """Take a suspended case up again: the unit has what was left of its limit when the case was suspended."""
    at = occurred_at or timezone.now()
    with atomically():
        locked = Case.objects.lock(case.pk)
        if locked.state != CaseState.SUSPENDED:
            raise Conflict(_("It is not suspended."))
        due_at = clocks.rest_of_handling(locked, at)
        payload = {"due_at": due_at.isoformat()}
        fresh = case_move(case, "resume", actor=actor, promised_at=due_at, occurred_at=at, payload=payload, **given)
        cancel_timer(suspension_key(fresh))
        return fresh


@carries_out("cases.case", "refuse_request")
def case_refuse_request(case: Case, *, actor, occurred_at: datetime | None = None, **given) -> Case:
    """Say no to what the unit asked for; its clock runs on as before."""
    at = occurred_at or timezone.now()
    with atomically():
        request = _open_request(Case.objects.lock(case.pk))
        fresh = case_move(case, "refuse_request", actor=actor, occurred_at=at, payload={"kind": request.kind}, **given)
        _decide(request, RequestState.REFUSED, actor=actor, at=at)
        return fresh


def lapse_requests(case: Case, *, at: datetime) -> None:
    """A case that leaves its unit takes the unit's open request with it; call it with the case locked."""
    case.requests.filter(status=RequestState.ASKED).update(status=RequestState.LAPSED, decided_at=at)
