"""Correcting the day from which an agreement in effect binds, where it was typed in wrongly.

The terms of the law count from the day of the seal, or on which an oral agreement was reached (人民调解法 29, 30, 33).
What follows of it is reckoned anew in the same transaction by the event: the last day to apply and the reminders
(``confirmation``), the visits still to be made (``followup``). The signature of the committee stays as it was recorded,
the event tells both days.
"""

from datetime import date, datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from governance.errors import Conflict, Invalid
from governance.models import User
from governance.transactions import atomically
from governance.workflow import carries_out
from mediation.agreements.acting import AGREEMENT, UNARCHIVED, carry, day_check, hold_dispute
from mediation.agreements.signing import agents_check, last_signed_on
from mediation.confirmation.eligibility import last_day_from
from mediation.confirmation.states import NOT_APPLIED, ConfirmationState
from mediation.disputes.days import round_began
from mediation.models import Agreement, AgreementForm, FollowUpVisit, JudicialConfirmation, VisitState


@carries_out(AGREEMENT, "correct_day")
def agreement_correct_day(agreement: Agreement, *, actor: User, on: date, occurred_at: datetime | None = None,
                          **given) -> Agreement:  # fmt: skip
    """Correct the day of the seal, or of an oral agreement; a reason is needed.

    Raises Conflict (``at_court``: an application lies at the court, or it has decided), Invalid naming ``on`` (ahead;
    before the last signature, or before the mediation; the day that stands there; after a day on which a visit was
    made, or something of it was due or done); as ``perform``.
    """
    at = occurred_at or timezone.now()
    with atomically():
        hold_dispute(agreement, "correct_day", actor, *UNARCHIVED)
        locked = Agreement.objects.lock(agreement.pk)
        oral = locked.form == AgreementForm.ORAL
        before, made_before = locked.effective_on, locked.made_on
        if before is not None:
            _judge(locked, on, oral)
        payload = {"effective_on": on.isoformat(), "before": before and before.isoformat(), "form": locked.form}
        made_on = on if oral else made_before
        return carry(locked, "correct_day", actor=actor, occurred_at=at, effective_on=on, made_on=made_on,
                     payload=payload, **given)  # fmt: skip


def _judge(agreement: Agreement, on: date, oral: bool) -> None:
    at_court = _court_check(agreement)
    day_check(on, "on", earliest=_earliest(agreement, oral))
    if on == agreement.effective_on:
        raise Invalid(_("This day stands there already."), field="on", code="same")
    _made_visits_check(agreement, on)
    if oral:
        _owed_check(agreement, on)
        agents_check(agreement, on)
    if at_court is not None:
        _withdrawn_check(agreement, at_court.applied_on, on)


def _earliest(agreement: Agreement, oral: bool) -> date:
    """Return the first day it may have been: as it is for the seal, or for an oral agreement."""
    replaced = agreement.replaces.order_by("-effective_on").values_list("effective_on", flat=True).first()
    of_round = round_began(agreement.dispute, until=agreement.drafted_at)
    begun = of_round if oral else last_signed_on(agreement)
    return max(begun, replaced or begun)


def _made_visits_check(agreement: Agreement, on: date) -> None:
    made = FollowUpVisit.objects.filter(agreement=agreement, state=VisitState.DONE).order_by("visited_on")
    if (first := made.first()) is not None and on > first.visited_on:
        raise Invalid(_("A visit after the agreement was made before this day."), field="on", code="visited")


def _owed_check(agreement: Agreement, on: date) -> None:
    """An oral agreement is made on the day from which it binds: nothing of it was due or done before."""
    rows = agreement.obligations.all()
    if any(row.due_on < on or (row.performed_on or on) < on for row in rows):
        raise Invalid(_("Something of this agreement was due or done before this day."), field="on", code="owed")


def _court_check(agreement: Agreement) -> JudicialConfirmation | None:
    """Refuse once a court has it, or has decided: it judged by the day that stood there; return what the parties took
    back (None: nothing was applied for). Raises Conflict."""
    row = JudicialConfirmation.objects.exclude(state__in=NOT_APPLIED).filter(agreement=agreement).first()
    if row is not None and (row.state != ConfirmationState.WITHDRAWN or row.ground):
        raise Conflict(_("The agreement was brought before the court with this day."), code="at_court")
    return row


def _withdrawn_check(agreement: Agreement, applied_on: date, on: date) -> None:
    """What was applied for and taken back stays within the term. Raises Invalid naming ``on``."""
    if not on <= applied_on <= last_day_from(agreement, on).day:
        told = {"day": f"{applied_on:%Y-%m-%d}"}
        raise Invalid(_("The application of %(day)s, which was taken back, would not be in the term.") % told,
                      field="on", code="applied")  # fmt: skip
