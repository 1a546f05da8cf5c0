"""Correcting a visit that was logged by a slip: the answers anew, and what followed of the wrong ones taken back.

An obligation recorded at the visit is put right, the wish for confirmation follows while the parties may still be
asked, and a reopening that came of a relapse nobody spoke of is taken back while no party has answered since.
"""

from datetime import date, datetime

from django.db.models import Model, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from governance.models import Event, User
from governance.scoping import grant_for
from governance.transactions import atomically
from governance.workflow import act, carries_out
from mediation.agreements.acting import carry
from mediation.agreements.states import ObligationState
from mediation.disputes.acting import clock
from mediation.disputes.dispute_workflow import take_back_name
from mediation.disputes.ending import answered_anew
from mediation.disputes.querysets import KEEPS
from mediation.followup.visits import (
    VISIT,
    Found,
    columns_of,
    confirmation_follows,
    found_judge,
    may_log,
    obligation_follows,
    question_of,
    relapse_follows,
    visit_day,
    visit_held,
)
from mediation.models import Dispute, DisputeState, FollowUpVisit

RECORDED = (ObligationState.PERFORMED, ObligationState.PART)


@carries_out(VISIT, "correct")
def visit_correct(visit: FollowUpVisit, *, actor: User, found: Found, on: date | None = None,
                  occurred_at: datetime | None = None, reason: str = "", **given) -> FollowUpVisit:  # fmt: skip
    """Put right what was logged, within ``CORRECTED_FOR``; a reason is needed. ``on``: default the day that stands.

    Raises as ``visit_log``; Conflict when it is too late.
    """
    at = occurred_at or timezone.now()
    with atomically():
        dispute, locked = visit_held(visit)
        day, question = on or locked.visited_on or timezone.localdate(at), None
        if may_log(locked, "correct", actor):
            day = visit_day(locked, day)
            question = question_of(locked, timezone.localdate(at))
            found_judge(locked, found, question)
        columns = columns_of(found, found.confirmation_wanted if question else locked.confirmation_wanted)
        payload = columns | {"kind": locked.kind, "on": day.isoformat()}
        broke_out = bool(locked.relapse)
        fresh = carry(locked, "correct", actor=actor, occurred_at=at, found=columns, on=day, by=actor, reason=reason,
                      payload=payload, **given)  # fmt: skip
        _obligation_again(fresh, found, actor=actor, at=at, reason=reason)
        if question is not None:
            confirmation_follows(question, found.confirmation_wanted, actor=actor, at=at)
        if found.relapse and not broke_out:
            relapse_follows(dispute, fresh, actor=actor, at=at)
        elif broke_out and not found.relapse:
            _reopening_goes(fresh, actor=actor, at=at)
    return fresh


def _obligation_again(visit: FollowUpVisit, found: Found, *, actor: User, at: datetime, reason: str) -> None:
    """Take off what this visit recorded of its obligation, and record it anew; what others recorded stays."""
    owed = visit.obligation
    if owed is not None and owed.state in RECORDED:
        last = _told(owed, "obligation.performed", "obligation.part").order_by("-id").first()
        mine = _told(visit, "followup.done", "followup.corrected")
        if last is not None and mine.filter(occurred_at=last.occurred_at).exists():
            visit.obligation = act(owed, "correct", actor=actor, occurred_at=at, reason=reason)
    obligation_follows(visit, found, actor=actor, at=at)


def _told(row: Model, *names: str) -> QuerySet[Event]:
    return Event.objects.filter(subject_type=row._meta.label_lower, subject_id=row.pk, name__in=names)


def _reopening_goes(visit: FollowUpVisit, *, actor: User, at: datetime) -> None:
    dispute = Dispute.objects.lock(visit.dispute_id)
    before = dispute.before_reopening or {}
    if dispute.state != DisputeState.REOPENED or before.get("visit") != visit.pk or answered_anew(dispute):
        return
    by = actor if grant_for(KEEPS, dispute, actor) is not None else clock()
    act(dispute, take_back_name(before["state"]), actor=by, occurred_at=at,
        reason=_("The follow-up visit was logged by mistake."))  # fmt: skip
