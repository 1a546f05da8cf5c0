"""Logging a visit, in a minute, and what follows of it: the obligation's state, the wish for confirmation, a relapse.

What a mediator says here is not asked for anywhere else: "performed" at the visit after a due date records the
obligation, the answer about confirmation records the confirmation, a relapse opens the dispute again.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext as _

from governance.errors import Invalid
from governance.models import User
from governance.scoping import grant_for
from governance.transactions import atomically
from governance.workflow import act, carries_out, steps_of
from mediation.agreements.acting import carry, day_check
from mediation.agreements.performing import owed_still
from mediation.agreements.states import OWED
from mediation.confirmation.eligibility import wished_for
from mediation.disputes.acting import clock
from mediation.disputes.querysets import KEEPS
from mediation.followup.planning import day_of, visit_timers_stop
from mediation.followup.querysets import LOGS
from mediation.models import (
    AgreementState,
    ConfirmationState,
    Dispute,
    DisputeState,
    FollowUpVisit,
    JudicialConfirmation,
    Obligation,
    VisitKind,
    VisitPerformed,
    VisitState,
    VisitWay,
)

VISIT = "mediation.followupvisit"
EARLY = timedelta(days=3)  # how long before its day a visit may be made [J]
REOPENABLE = (DisputeState.AGREED, DisputeState.TERMINATED, DisputeState.CLOSED, DisputeState.ARCHIVED)
ASKED = (ConfirmationState.ELIGIBLE, ConfirmationState.NOT_WANTED)


@dataclass(frozen=True)
class Found:
    """What was found. ``satisfaction``: 1-5, None where they did not say; ``confirmation_wanted``: at the first visit;
    ``paid``: the whole sum so far in yuan, needed where an obligation about money is partly performed;
    ``performed_on``: the day it was performed (None: not known, where its last day was over; it must be said where it
    was urged, or performed in part, after that day). Neither is ever dropped: what does not go with ``performed`` is
    refused."""

    performed: str
    relapse: bool
    satisfaction: int | None = None
    way: str = VisitWay.PHONE
    confirmation_wanted: bool | None = None
    paid: Decimal | None = None
    performed_on: date | None = None


def question_of(visit: FollowUpVisit, on: date | None = None) -> JudicialConfirmation | None:
    """Return the confirmation that the parties are asked about at this visit: at the first one, while there is time and
    nobody has applied. Its ``last_day`` is shown with the question. ``on``: the day of the logging, not of the visit:
    what is logged after the last day asks nothing that could no longer be done."""
    if visit.kind != VisitKind.WEEK:
        return None
    row = JudicialConfirmation.objects.filter(agreement_id=visit.agreement_id, state__in=ASKED).first()
    return row if row is not None and (on or timezone.localdate()) <= row.last_day else None


def visit_held(visit: FollowUpVisit) -> tuple[Dispute, FollowUpVisit]:
    return Dispute.objects.lock(visit.dispute_id), FollowUpVisit.objects.lock(visit.pk)


def may_log(visit: FollowUpVisit, name: str, actor: User) -> bool:
    """Whether what was given is worth judging; else ``perform`` says what is wrong."""
    return visit.state in steps_of(FollowUpVisit)[name].sources and grant_for(LOGS, visit, actor) is not None


def visit_day(visit: FollowUpVisit, on: date | None) -> date:
    """Return the day of a visit: neither ahead, nor before the agreement, nor long before its own day, which for an
    agreement that was recorded late is that of the agreement, not of the books. Raises Invalid naming ``on``."""
    day = day_check(on, "on", earliest=visit.agreement.effective_on)
    first = min(visit.due_on, day_of(visit)) - EARLY
    if day < first:
        raise Invalid(_("This visit is made from %(day)s on.") % {"day": first}, field="on", code="too_early")
    return day


@carries_out(VISIT, "log")
def visit_log(visit: FollowUpVisit, *, actor: User, found: Found, on: date | None = None,
              occurred_at: datetime | None = None, **given) -> FollowUpVisit:  # fmt: skip
    """Log a visit that was made, and carry out what follows. ``on``: the day of the visit (default today).

    Raises Invalid naming ``on``, ``performed``, ``satisfaction``, ``way``, ``confirmation_wanted``, ``paid`` or
    ``performed_on``; as ``perform``, also of what follows.
    """
    at = occurred_at or timezone.now()
    with atomically():
        dispute, locked = visit_held(visit)
        day, question = on or timezone.localdate(at), None
        if may_log(locked, "log", actor):
            day = visit_day(locked, on or timezone.localdate(at))
            question = question_of(locked, timezone.localdate(at))
            found_judge(locked, found, question)
        columns = columns_of(found, found.confirmation_wanted if question else None)
        payload = columns | {"kind": locked.kind, "on": day.isoformat()}
        fresh = carry(locked, "log", actor=actor, occurred_at=at, found=columns, on=day, by=actor, at=at,
                      payload=payload, **given)  # fmt: skip
        visit_timers_stop(fresh)
        obligation_follows(fresh, found, actor=actor, at=at)
        if question is not None:
            confirmation_follows(question, found.confirmation_wanted, actor=actor, at=at)
        if found.relapse:
            relapse_follows(dispute, fresh, actor=actor, at=at)
    return fresh


def columns_of(found: Found, wanted: bool | None) -> dict:
    """Return the columns of a visit that what was found fills; ``wanted``: None where it was not asked."""
    return {"performed": found.performed, "relapse": found.relapse, "satisfaction": found.satisfaction,
            "way": found.way, "confirmation_wanted": wanted}  # fmt: skip


def found_judge(visit: FollowUpVisit, found: Found, question: JudicialConfirmation | None) -> None:
    for field, value, values in (("performed", found.performed, VisitPerformed), ("way", found.way, VisitWay)):
        if value not in values.values:
            raise Invalid(_("Choose one of the values."), field=field, code="invalid_choice")
    if found.relapse is None:
        raise Invalid(_("Say whether it broke out again."), field="relapse", code="required")
    if found.satisfaction is not None and found.satisfaction not in range(1, 6):
        raise Invalid(_("From 1 to 5."), field="satisfaction", code="out_of_range")
    if question is not None and found.confirmation_wanted is None:
        told = {"day": f"{question.last_day:%Y-%m-%d}"}
        text = _("Ask whether they want the agreement confirmed by the court: the last day is %(day)s.") % told
        raise Invalid(text, field="confirmation_wanted", code="required")


def obligation_follows(visit: FollowUpVisit, found: Found, *, actor: User, at: datetime) -> None:
    """Record performance where the visit was about one obligation and more of it was done than is recorded.

    Raises Invalid naming ``paid`` or ``performed_on``: they do not go with the answer; as the obligation's steps.
    """
    owed = visit.obligation
    if owed is None:
        for field, value in (("paid", found.paid), ("performed_on", found.performed_on)):
            if value is not None:
                raise Invalid(_("This visit is about no single obligation."), field=field, code="no_obligation")
        return
    open_still = owed.state in OWED and visit.agreement.state == AgreementState.EFFECTIVE
    sum_judge(owed, found, open_still)
    if found.performed != VisitPerformed.YES and found.performed_on is not None:
        raise Invalid(_("Only what is performed has such a day: leave it empty."), field="performed_on",
                      code="not_performed")  # fmt: skip
    if not open_still:
        return
    if found.performed == VisitPerformed.YES:
        days = _performed_on(owed, found, visit.visited_on)
        act(owed, "perform_whole", actor=actor, occurred_at=at, **days)
    elif found.performed == VisitPerformed.PARTLY and not (found.paid and found.paid == owed.paid):
        act(owed, "perform_part", actor=actor, occurred_at=at, paid=found.paid)


def sum_judge(owed: Obligation, found: Found, open_still: bool) -> None:
    """Raise Invalid naming ``paid`` where the sum that was typed, or its absence, contradicts the answer: neither is a
    sum dropped, nor full payment booked against it. ``open_still``: the obligation may be recorded; where it may not,
    the sum that stands is the only one that says nothing new."""
    paid, told = found.paid, {"amount": owed.amount, "paid": owed.paid}
    if owed.amount is None:
        text, code = _("This obligation is not about money."), "no_money"
        wrong = bool(paid)
    elif not open_still:
        text, code = _("Nothing more is recorded of it; %(paid)s yuan stand there. Put that right on its page."), "over"
        wrong = paid not in (None, owed.paid)
    elif found.performed == VisitPerformed.YES:
        text = _("“Performed” means all %(amount)s yuan: leave it empty, or choose “performed in part”.")
        code, wrong = "not_all", paid not in (None, owed.amount)
    elif found.performed == VisitPerformed.PARTLY:
        text, code = _("Say how much was paid so far; %(paid)s yuan are recorded, %(amount)s are owed."), "required"
        wrong = paid is None
    else:
        text, code = _("“Not performed” and a sum: leave it empty, or choose “performed in part”."), "not_performed"
        wrong = paid not in (None, owed.paid)
    if wrong:
        raise Invalid(text % told, field="paid", code=code)


def _performed_on(owed: Obligation, found: Found, visited_on: date) -> dict:
    """Return on which day it was performed; where nobody says so and the last day was over, only that it was by the
    visit: in time or late is not made up. Raises Invalid naming ``performed_on`` (needed where it was owed still after
    its last day)."""
    on, owed_on = found.performed_on, owed_still(owed)
    if on is None and owed_on is not None:
        told = {"day": f"{owed_on:%Y-%m-%d}"}
        raise Invalid(_("It was still owed on %(day)s, after its last day: say on which day it was performed.") % told,
                      field="performed_on", code="required")  # fmt: skip
    if on is not None and on > visited_on:
        raise Invalid(_("After the day of the visit."), field="performed_on", code="in_future")
    if on is not None and owed.urged_at is not None and on < timezone.localdate(owed.urged_at):
        raise Invalid(_("The debtor was urged after this day; if that was a mistake, correct it first."),
                      field="performed_on", code="too_early")  # fmt: skip
    if on is None and visited_on > owed.due_on:
        return {"found_on": visited_on}
    return {"on": on or visited_on}


def confirmation_follows(row: JudicialConfirmation, wanted: bool, *, actor: User, at: datetime) -> None:
    """A visit's "no" takes nothing from a party who has asked for it."""
    if not wanted and wished_for(row):
        return
    if wanted != (row.state == ConfirmationState.ELIGIBLE):
        act(row, "wanted" if wanted else "not_wanted", actor=actor, occurred_at=at)


def relapse_follows(dispute: Dispute, visit: FollowUpVisit, *, actor: User, at: datetime) -> None:
    """Open the dispute again, unless somebody has. A grid worker who mediates on site may say so, not decide it."""
    fresh = Dispute.objects.lock(dispute.pk)
    if fresh.state in REOPENABLE:
        by = actor if grant_for(KEEPS, fresh, actor) is not None else clock()
        act(fresh, "reopen", actor=by, occurred_at=at, visit=visit.pk,
            reason=_("A follow-up visit found that it broke out again."))  # fmt: skip


@carries_out(VISIT, "miss")
def visit_miss(visit: FollowUpVisit, *, actor: User, on: date | None = None, occurred_at: datetime | None = None,
               **given) -> FollowUpVisit:  # fmt: skip
    """Record that nobody was reached; it may be tried again, and is late after its days of grace all the same. What is
    late already stays so (``miss_late``). Raises Invalid naming ``on``; as ``perform``."""
    return _tried(visit, "miss", actor=actor, on=on, at=occurred_at or timezone.now(), **given)


@carries_out(VISIT, "miss_late")
def visit_miss_late(visit: FollowUpVisit, *, actor: User, on: date | None = None, occurred_at: datetime | None = None,
                    **given) -> FollowUpVisit:  # fmt: skip
    """Record that nobody was reached though the visit is late: the superior goes on seeing it. As ``visit_miss``."""
    return _tried(visit, "miss_late", actor=actor, on=on, at=occurred_at or timezone.now(), **given)


@carries_out(VISIT, "refuse")
def visit_refuse(visit: FollowUpVisit, *, actor: User, on: date | None = None, occurred_at: datetime | None = None,
                 **given) -> FollowUpVisit:  # fmt: skip
    """Record that the parties do not want to be visited. Raises Invalid naming ``on``; as ``perform``."""
    at = occurred_at or timezone.now()
    with atomically():
        fresh = _tried(visit, "refuse", actor=actor, on=on, at=at, data={"at": at}, **given)
        visit_timers_stop(fresh)
    return fresh


def _tried(visit: FollowUpVisit, name: str, *, actor: User, on: date | None, at: datetime, data: dict | None = None,
           **given) -> FollowUpVisit:  # fmt: skip
    with atomically():
        _dispute, locked = visit_held(visit)
        if name == "miss" and locked.state == VisitState.OVERDUE:
            name = "miss_late"
        day = on or timezone.localdate(at)
        if may_log(locked, name, actor):
            day = visit_day(locked, day)
        payload = {"kind": locked.kind, "on": day.isoformat()}
        more = (data or {}) | given
        return carry(locked, name, actor=actor, occurred_at=at, on=day, by=actor, payload=payload, **more)
